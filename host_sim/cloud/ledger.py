"""The ledger of a store: numbers what is new, gathers what changes, makes it permanent at once.

Every table enters its changes here and ends them with ``commit``; no table writes to storage, and
nothing leaves the store before the change behind it is permanent. Below all tables: it knows none.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from ip_commands.host_sim.cloud.records import Record
from ip_commands.host_sim.cloud.sids import SidMaker
from ip_commands.host_sim.time.event_queue import EventQueue

R = TypeVar("R", bound=Record)


class Persistence(Protocol):
    """Where records survive; ``commit`` makes everything since the last one permanent at once."""

    def load(self) -> Iterable[Record]: ...
    def save(self, record: Record) -> None: ...
    def delete(self, record: Record) -> None: ...
    def commit(self) -> None: ...
    @property
    def starts(self) -> int:
        """How often this storage had been opened before."""
        ...


class Ledger:
    """What all tables of a store share: time, identifiers, and the changes not yet permanent.

    queue: simulated time; dates come from it.
    seed: decides SIDs, tokens and delays.
    persistence: None keeps records in memory only.
    """

    def __init__(
        self, queue: EventQueue, seed: int | str = 0, persistence: Persistence | None = None
    ) -> None:
        self.queue = queue
        self.sids = SidMaker(seed, persistence.starts if persistence is not None else 0)
        self._persistence = persistence
        self._sequence = 0
        # by identity: records compare by value; a dict keeps the order and names each once
        self._changed: dict[int, Record] = {}
        self._removed: list[Record] = []
        self._after_commit: list[tuple[Callable[..., object], tuple[Any, ...]]] = []

    def stored(self) -> Iterator[Record]:
        """Iterate over what storage holds, oldest first; what is new is numbered after it."""
        if self._persistence is not None:
            for record in sorted(self._persistence.load(), key=lambda record: record.sequence):
                self._sequence = record.sequence
                yield record

    def next_sequence(self) -> int:
        """Return the number of a new record: its place in time among all of them."""
        self._sequence += 1
        return self._sequence

    def add(self, record: R, show: Callable[[R], None]) -> None:
        """Enter a new record; ``show`` puts it where its table finds it."""
        show(record)
        self.change(record)

    def change(self, record: Record) -> None:
        """Enter a record that is about to change: call before the first assignment.

        What it holds at the commit becomes permanent. Nothing may commit in between: ask the
        network first, then enter, then assign.
        """
        if self._persistence is not None:
            self._changed[id(record)] = record

    def remove(self, record: Record) -> None:
        """Enter that a record, which its table shows no longer, is to be forgotten."""
        if self._persistence is not None:
            self._removed.append(record)

    def after_commit(self, step: Callable[..., object], *arguments: Any) -> None:
        """Have ``step(*arguments)`` called once everything entered so far is permanent."""
        self._after_commit.append((step, arguments))

    def commit(self) -> None:
        """Make all changes permanent, then take the steps that wait for it, in their order.

        When storage raises, the changes stay entered: the next commit tries them again.
        """
        if self._persistence is not None:
            for record in self._changed.values():
                self._persistence.save(record)
            for record in self._removed:
                self._persistence.delete(record)
            self._persistence.commit()
            self._changed.clear()
            self._removed.clear()
        if self._after_commit:
            steps, self._after_commit = self._after_commit, []  # a step may commit in its turn
            for step, arguments in steps:
                step(*arguments)
