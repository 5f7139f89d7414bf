"""Simulated time in plain Python: what happens next, in order, in whole milliseconds.

The LTE network and the cloud's truth run on one of these. Nothing here knows asyncio: a benchmark
drains it directly, ``SuperSim`` drains it from an event loop.
"""

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Any

_SPAN_BITS = 13
"""Later events are kept by spans of 2**13 ms."""


class Event(list[Any]):
    """One thing due at ``at_ms``; ``cancel()`` it when it should not happen after all.

    A list [at_ms, order, callback, arguments]: the heap compares those without Python code.
    """

    __slots__ = ()

    @property
    def at_ms(self) -> int:
        """When it is (or was) due."""
        at_ms: int = self[0]
        return at_ms

    @property
    def callback(self) -> Callable[..., Any] | None:
        """What it calls; None once it is over."""
        callback: Callable[..., Any] | None = self[2]
        return callback

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the callback is called with."""
        arguments: tuple[Any, ...] = self[3]
        return arguments

    @property
    def is_over(self) -> bool:
        """Whether it happened or was cancelled."""
        return self[2] is None

    def cancel(self) -> None:
        """Make it not happen. Harmless after it happened."""
        self[2] = None
        self[3] = ()


class EventQueue:
    """A clock in absolute milliseconds and the events that wait for it.

    Events due at the same millisecond happen in the order in which they were asked for.
    Only the next seconds are kept in order, in a heap; later events lie unsorted in one list for
    every 8 s until their time is near. With ten thousand devices that heap stays small enough for
    a processor's cache, and timers that are cancelled in time are never sorted.
    """

    def __init__(self, start_ms: int = 0) -> None:
        self.now_ms = start_ms
        self.on_earlier: Callable[[], None] | None = None
        """Called when a new event became the earliest: whoever sleeps until the next must wake."""
        self.happened = 0
        """Events that happened so far; those of a run in progress are added at its end."""
        self._asked = 0
        self._near: list[Event] = []
        self._near_end_ms = start_ms
        self._later: dict[int, list[Event]] = {}
        self._later_numbers: list[int] = []
        """The keys of ``_later``, as a heap."""

    def at(self, at_ms: int, callback: Callable[..., Any], *arguments: Any) -> Event:
        """Have ``callback(*arguments)`` called at ``at_ms`` (now, if that is past)."""
        now_ms = self.now_ms
        if at_ms < now_ms:
            at_ms = now_ms
        self._asked += 1
        event = Event((at_ms, self._asked, callback, arguments))
        if at_ms < self._near_end_ms:
            heappush(self._near, event)
        else:
            number = at_ms >> _SPAN_BITS
            events = self._later.get(number)
            if events is None:
                self._later[number] = [event]
                heappush(self._later_numbers, number)
            else:
                events.append(event)
        if self.on_earlier is not None and (not self._near or self._near[0] is event):
            self.on_earlier()
        return event

    def after(self, delay_ms: int, callback: Callable[..., Any], *arguments: Any) -> Event:
        """Have ``callback(*arguments)`` called ``delay_ms`` from now."""
        return self.at(self.now_ms + delay_ms, callback, *arguments)

    def next_at_ms(self) -> int | None:
        """Return when the next event is due, None if nothing waits."""
        while True:
            near = self._near
            while near and near[0][2] is None:
                heappop(near)
            if near:
                return near[0].at_ms
            if not self._fetch_later():
                return None

    def waiting(self) -> Iterator[Event]:
        """Yield, in no order, every event that is still to happen."""
        for events in (self._near, *self._later.values()):
            yield from (event for event in events if not event.is_over)

    def _fetch_later(self) -> bool:
        """Sort the next list of later events into the empty heap; False when there is none."""
        if not self._later_numbers:
            return False
        number = heappop(self._later_numbers)
        self._near.extend(event for event in self._later.pop(number) if event[2] is not None)
        heapify(self._near)
        self._near_end_ms = (number + 1) << _SPAN_BITS
        return True

    def run_until(self, until_ms: int) -> None:
        """Let everything due up to and including ``until_ms`` happen; then it is ``until_ms``."""
        near = self._near
        happened = 0
        try:
            while True:
                while near and near[0][0] <= until_ms:
                    event = heappop(near)
                    at_ms, _, callback, arguments = event
                    if callback is None:
                        continue
                    if at_ms > self.now_ms:
                        self.now_ms = at_ms
                    event[2] = None
                    happened += 1
                    callback(*arguments)
                numbers = self._later_numbers
                if near or not numbers or numbers[0] << _SPAN_BITS > until_ms:
                    break
                self._fetch_later()
        finally:
            self.happened += happened
        if until_ms > self.now_ms:
            self.now_ms = until_ms
