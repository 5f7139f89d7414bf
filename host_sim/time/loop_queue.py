"""An EventQueue that an asyncio loop drains: network and cloud follow the loop's clock.

On a ``VirtualTimeLoop`` every event happens exactly at its millisecond. In real or scaled time a
timer may fire late; the event still carries its own time, so paging occasions stay exact.
"""

import asyncio
from collections.abc import Callable, Iterator

from ip_commands.host_sim.time.event_queue import Event, EventQueue


class LoopQueue(EventQueue):
    """Follow ``loop`` from ``start_ms`` on; call ``close()`` when the run is over.

    ``now_ms`` is the loop's time for callers from outside and the event's own time inside events.
    Must be made and used in the loop's thread.
    """

    def __init__(self, start_ms: int, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._start_ms = start_ms
        self._loop_start_s = loop.time()
        self._event_ms = start_ms
        self._draining = False
        self._timer: asyncio.TimerHandle | None = None
        self.on_drained: Callable[[], None] | None = None
        """Called after each batch of events, for those who look on."""
        super().__init__(start_ms)
        self.on_earlier = self._arm
        # a loop that jumps wants to know who else sets timers
        self._queues: list[Callable[[], Iterator[Event]]] = getattr(loop, "queues", [])
        self._queues.append(self.waiting)

    @property
    def now_ms(self) -> int:
        """Milliseconds since the queue's epoch."""
        if self._draining:
            return self._event_ms
        # float seconds of whole microseconds: the small addend undoes 0.9999999
        passed_ms = int((self._loop.time() - self._loop_start_s) * 1000 + 1e-3)
        return max(self._event_ms, self._start_ms + passed_ms)

    @now_ms.setter
    def now_ms(self, value: int) -> None:
        self._event_ms = value

    def loop_time_of(self, at_ms: int) -> float:
        """Return the loop's time (seconds) of a queue time."""
        return self._loop_start_s + (at_ms - self._start_ms) / 1000

    def close(self) -> None:
        """Let nothing happen any more."""
        self.on_earlier = None
        if self.waiting in self._queues:
            self._queues.remove(self.waiting)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        if self._draining:
            return  # armed once, after the batch
        if asyncio._get_running_loop() not in (self._loop, None):
            raise RuntimeError(
                "this simulation runs on another event loop than the code that uses it: make and "
                "use it on one loop (with pytest-asyncio: one loop_scope for test and fixtures)"
            )
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        next_ms = self.next_at_ms()
        if next_ms is not None:
            self._timer = self._loop.call_at(self.loop_time_of(next_ms), self._drain)

    def _drain(self) -> None:
        self._timer = None
        until_ms = self.now_ms
        self._draining = True
        try:
            self.run_until(until_ms)
        finally:
            self._draining = False
            if self.on_earlier is not None:
                self._arm()
        if self.on_drained is not None:
            self.on_drained()
