"""What a fault did: how often, when, and what exactly."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

KEPT = 1000
"""Happenings kept; older ones are only counted."""


class Happening(NamedTuple):
    """One time that a fault struck."""

    at_ms: float
    """On the running loop's clock."""
    to: str
    """The command or URC that it struck; "" when it struck none."""
    what: str
    """What was done, for people and logs."""


class Happened:
    """The history of one fault: ``count``, and the newest happenings, oldest first."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: deque[Happening] = deque(maxlen=KEPT)

    def note(self, happening: Happening) -> None:
        """Remember one."""
        self.count += 1
        self._kept.append(happening)

    @property
    def at_ms(self) -> tuple[float, ...]:
        """When, of those that are kept."""
        return tuple(happening.at_ms for happening in self._kept)

    @property
    def last(self) -> Happening | None:
        """The newest one."""
        return self._kept[-1] if self._kept else None

    def __iter__(self) -> Iterator[Happening]:
        return iter(tuple(self._kept))

    def __len__(self) -> int:
        return self.count

    def __bool__(self) -> bool:
        return self.count > 0

    def __repr__(self) -> str:
        return f"<Happened {self.count} times>"
