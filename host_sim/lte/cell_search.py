"""A UE without a network looks for one: searches and pauses, until it camps somewhere.

A known cell is found soon after it is there and the UE searches; other networks only by a whole
search, at its end (TS 23.122 4.4.3.1, TS 36.304 5.2.3). Between searches the modem sleeps.
"""

from random import Random
from typing import Protocol

from ip_commands.host_sim.lte.search_patterns import SearchPattern
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class Seeker(Protocol):
    """The UE's layer that wants a cell."""

    def knows_this_cell(self) -> bool:
        """Return whether the cell of its network is there."""
        ...

    def search_begins(self) -> None: ...

    def round_ends(self) -> None:
        """Let the next search try again what this one left out."""
        ...

    def search_pauses(self) -> None: ...

    def known_cell_found(self) -> None:
        """Camp on it; the search is over."""
        ...

    def all_searched(self) -> bool:
        """Take whatever else a whole search finds; return whether the search is over."""
        ...


class CellSearch:
    """One UE's; it runs from ``begin`` to a cell, or to ``stop``."""

    __slots__ = (
        "_ends_ms",
        "_event",
        "_finding",
        "_number",
        "_pattern",
        "_queue",
        "_random",
        "_seeker",
        "is_asleep",
    )

    def __init__(
        self, queue: EventQueue, random: Random, pattern: SearchPattern, seeker: Seeker
    ) -> None:
        self._queue = queue
        self._random = random
        self._pattern = pattern
        self._seeker = seeker
        self._event: Event | None = None
        self._finding = False
        """The event is the end of camping on the known cell."""
        self._ends_ms = 0
        self._number = 0
        self.is_asleep = False

    @property
    def is_running(self) -> bool:
        return self._event is not None

    @property
    def wakes_at_ms(self) -> int | None:
        """When a pause ends; None: it does not rest."""
        return self._event.at_ms if self._event is not None and self.is_asleep else None

    def begin(self) -> None:
        """Search from now on, unless that is done: first without a pause."""
        if self._event is None:
            self._number = 0
            self._look()

    def rest(self) -> None:
        """Begin with a pause: what there is has just been searched."""
        self.stop()
        self._number = 0
        self._pause()

    def stop(self) -> None:
        """Be done."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
        self.is_asleep = self._finding = False

    def search_now(self) -> None:
        """End a pause, as a host can."""
        if self._event is not None and self.is_asleep:
            self._event.cancel()
            self._look()

    def cell_appeared(self) -> None:
        """Take that the known cell is there: found soon, or after the pause."""
        if self._event is not None and not self.is_asleep and not self._finding:
            self._event.cancel()
            self._find()

    def cell_vanished(self) -> None:
        """Take that the known cell is gone again: search on."""
        if self._event is not None and self._finding:
            self._event.cancel()
            self._finding = False
            self._event = self._queue.at(max(self._queue.now_ms, self._ends_ms), self._looked)

    def _look(self) -> None:
        self.is_asleep = False
        length_ms = self._pattern.search_ms(self._number, self._random)
        self._ends_ms = self._queue.now_ms + length_ms
        if self._seeker.knows_this_cell():
            self._find()
        else:
            self._event = self._queue.at(self._ends_ms, self._looked)
        self._seeker.search_begins()

    def _find(self) -> None:
        self._finding = True
        self._event = self._queue.after(self._pattern.return_ms(self._random), self._found)

    def _found(self) -> None:
        self.stop()
        self._seeker.known_cell_found()

    def _looked(self) -> None:
        self._event = None
        if not self._seeker.all_searched():
            self._pause()

    def _pause(self) -> None:
        pause_ms = self._pattern.pause_ms(self._number)
        self._number += 1
        self._event = self._queue.after(pause_ms, self._look)
        self._seeker.round_ends()
        if pause_ms:
            self.is_asleep = True
            self._seeker.search_pauses()
