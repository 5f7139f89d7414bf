"""Simulated time in plain Python: what happens next, in order, in whole milliseconds.

The LTE network and the cloud's truth run on one of these. Nothing here knows asyncio: a benchmark
drains it directly, ``SuperSim`` drains it from an event loop.
"""

import heapq
from collections.abc import Callable
from typing import Any


class Event:
    """One thing due at ``at_ms``; ``cancel()`` it when it should not happen after all."""

    __slots__ = ("arguments", "at_ms", "callback")

    def __init__(
        self, at_ms: int, callback: Callable[..., Any], arguments: tuple[Any, ...]
    ) -> None:
        self.at_ms = at_ms
        self.callback: Callable[..., Any] | None = callback
        self.arguments = arguments

    def cancel(self) -> None:
        """Make it not happen. Harmless after it happened."""
        self.callback = None
        self.arguments = ()


class EventQueue:
    """A clock in absolute milliseconds and the events that wait for it.

    Events due at the same millisecond happen in the order in which they were asked for.
    """

    def __init__(self, start_ms: int = 0) -> None:
        self.now_ms = start_ms
        self.on_earlier: Callable[[], None] | None = None
        """Called when a new event became the earliest: whoever sleeps until the next must wake."""
        self._heap: list[tuple[int, int, Event]] = []
        self._asked = 0

    def at(self, at_ms: int, callback: Callable[..., Any], *arguments: Any) -> Event:
        """Have ``callback(*arguments)`` called at ``at_ms`` (now, if that is past)."""
        at_ms = max(at_ms, self.now_ms)
        event = Event(at_ms, callback, arguments)
        self._asked += 1
        heapq.heappush(self._heap, (at_ms, self._asked, event))
        if self._heap[0][2] is event and self.on_earlier is not None:
            self.on_earlier()
        return event

    def after(self, delay_ms: int, callback: Callable[..., Any], *arguments: Any) -> Event:
        """Have ``callback(*arguments)`` called ``delay_ms`` from now."""
        return self.at(self.now_ms + delay_ms, callback, *arguments)

    def next_at_ms(self) -> int | None:
        """Return when the next event is due, None if nothing waits."""
        heap = self._heap
        while heap and heap[0][2].callback is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def run_until(self, until_ms: int) -> None:
        """Let everything due up to and including ``until_ms`` happen; then it is ``until_ms``."""
        heap = self._heap
        while heap and heap[0][0] <= until_ms:
            at_ms, _, event = heapq.heappop(heap)
            callback = event.callback
            if callback is None:
                continue
            if at_ms > self.now_ms:
                self.now_ms = at_ms
            event.callback = None
            callback(*event.arguments)
        if until_ms > self.now_ms:
            self.now_ms = until_ms
