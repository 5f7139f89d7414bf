"""Hold a virtual clock while a socket answers, but not for ever.

A ``VirtualTimeLoop`` jumps to its next timer when nothing is ready. While a webhook is on its way
that would be wrong: the receiver's answer comes in real time. So the clock is asked to stand
still, and a thread with a real clock lets it go again after a while; then the usual time-outs do
their work.
"""

import asyncio
import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator


class RealTimeAlarm:
    """Call something back on a loop after real seconds; one daemon thread, made on first use."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def call_after(self, real_s: float, callback: Callable[[], None]) -> None:
        """Have ``callback`` called in the loop's thread ``real_s`` seconds from now."""
        with self._changed:
            entry = (time.monotonic() + real_s, next(self._order), callback)
            heapq.heappush(self._waiting, entry)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="webhook patience", daemon=True
                )
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """End the thread; what still waits is not called."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                if not self._waiting:
                    self._changed.wait()
                    continue
                left_s = self._waiting[0][0] - time.monotonic()
                if left_s > 0:
                    self._changed.wait(left_s)
                    continue
                callback = heapq.heappop(self._waiting)[2]
                with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                    self._loop.call_soon_threadsafe(callback)


class ClockHold:
    """Keep the loop's clock still during requests; does nothing on loops whose clock is real."""

    def __init__(self, loop: asyncio.AbstractEventLoop, patience_s: float) -> None:
        self._stand_still = getattr(loop, "time_stands_still", None)
        self._patience_s = patience_s
        self._alarm = RealTimeAlarm(loop) if self._stand_still is not None else None

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the clock inside the ``with`` block, for ``patience_s`` real seconds at most."""
        if self._stand_still is None or self._alarm is None:
            yield
            return
        with contextlib.ExitStack() as held:
            held.enter_context(self._stand_still())
            self._alarm.call_after(self._patience_s, held.close)
            yield

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.close()
