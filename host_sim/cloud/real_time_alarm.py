"""Hold a virtual clock while a socket answers, but not for ever.

A ``VirtualTimeLoop`` jumps to its next timer when nothing is ready. While a webhook is on its way
that would be wrong: the receiver's answer comes in real time. So the clock is asked to stand
still, and a thread with a real clock lets it go again after a while; then the usual time-outs do
their work.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator


class RealTimeAlarm:
    """Call things back on a loop, each the same real time after it was asked for.

    One daemon thread, made on first use; an alarm that was called off leaves nothing behind.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, after_s: float) -> None:
        self._loop = loop
        self._after_s = after_s
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()  # earliest first
        self._called_off: set[Callable[[], None]] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def set(self, callback: Callable[[], None]) -> None:
        """Have ``callback`` called in the loop's thread, unless it is called off before."""
        with self._changed:
            self._waiting.append((time.monotonic() + self._after_s, callback))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="webhook patience", daemon=True
                )
                self._thread.start()
            elif len(self._waiting) == 1:
                self._changed.notify()

    def call_off(self, callback: Callable[[], None]) -> None:
        """Forget one that was set; harmless when it has been called."""
        with self._changed:
            self._called_off.add(callback)
            while self._waiting and self._waiting[0][1] in self._called_off:
                self._called_off.discard(self._waiting.popleft()[1])
            if not self._waiting:
                self._called_off.clear()

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
                due_s, callback = self._waiting[0]
                left_s = due_s - time.monotonic()
                if left_s > 0:
                    self._changed.wait(left_s)
                    continue
                self._waiting.popleft()
                if callback in self._called_off:
                    self._called_off.discard(callback)
                    continue
                with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                    self._loop.call_soon_threadsafe(callback)


class ClockHold:
    """Keep the loop's clock still during requests; does nothing on loops whose clock is real."""

    def __init__(self, loop: asyncio.AbstractEventLoop, patience_s: float) -> None:
        self._stand_still = getattr(loop, "time_stands_still", None)
        self._alarm = RealTimeAlarm(loop, patience_s) if self._stand_still is not None else None

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the clock inside the ``with`` block, for ``patience_s`` real seconds at most."""
        if self._stand_still is None or self._alarm is None:
            yield
            return
        with contextlib.ExitStack() as held:
            held.enter_context(self._stand_still("a webhook's receiver"))
            let_go = held.close
            self._alarm.set(let_go)
            try:
                yield
            finally:
                self._alarm.call_off(let_go)

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.close()
