"""Every byte position of a recorded conversation, for tests that try all of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ip_commands.host_sim.faults.blocks import first_line

LONGEST_RECORDING = 10_000
"""Answers and URCs; a conversation to be tried at every byte is far shorter."""


@dataclass(slots=True)
class Exchange:
    """One answer as the modem gave it, or one URC (``command`` is "")."""

    command: str
    said: bytes

    @property
    def aim(self) -> str:
        """What ``to`` must be to hit it: the command line, or the URC's first line."""
        return self.command or first_line(self.said)


@dataclass(frozen=True)
class Position:
    """One byte of a conversation: the arguments that aim a fault at it."""

    to: str
    nth: int
    position: int
    byte: int
    of: int
    """Length of the answer or URC."""

    def arguments(self, behind: bool = False) -> dict[str, Any]:
        """Return ``to``, ``nth`` and ``position`` for ``inject``.

        behind: the place behind the byte, for what is cut off, inserted or restarted there.
        """
        return {"to": self.to, "nth": self.nth, "position": self.position + behind}


class Recording:
    """A conversation while it is heard; ``stop()`` it before it is gone through."""

    def __init__(self, on_stop: Callable[[], None]) -> None:
        self.exchanges: list[Exchange] = []
        self._answer: Exchange | None = None
        self._on_stop = on_stop

    def stop(self) -> None:
        """Take no more."""
        self._on_stop()

    def hear(self, command: str, data: bytes, begins: bool) -> None:
        """Take what the modem said; called by the wire. Raises ValueError when it is too long."""
        if not begins and self._answer is not None and command:
            self._answer.said += data
            return
        if len(self.exchanges) >= LONGEST_RECORDING:
            raise ValueError(f"a recording takes {LONGEST_RECORDING} answers: stop() it earlier")
        exchange = Exchange(command, data)
        self.exchanges.append(exchange)
        if command:
            self._answer = exchange

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.exchanges)


def positions(conversation: Iterable[Exchange]) -> Iterator[Position]:
    """Yield every byte of every answer and URC, in order, with what aims a fault at it.

    ``for place in positions(recording): faults.inject("byte_lost", **place.arguments())``, each in
    a conversation of its own that begins where the recorded one began.
    """
    aims: list[str] = []
    for exchange in conversation:
        aim = exchange.aim
        if not aim:
            continue  # line ends alone: nothing to aim at
        aims.append(aim)
        is_urc = not exchange.command
        nth = sum(1 for other in aims if (other.startswith(aim) if is_urc else _same(other, aim)))
        for position, byte in enumerate(exchange.said):
            yield Position(aim, nth, position, byte, len(exchange.said))


def _same(line: str, aim: str) -> bool:
    return line.upper().startswith(aim.upper())
