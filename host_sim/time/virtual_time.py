"""Event loops with a clock of their own: one that jumps, one that runs faster than the wall.

``VirtualTimeLoop`` jumps to the next timer whenever nothing is ready, so a simulated day costs
only the work done in it. ``ScaledTimeLoop`` runs real time times a speed, for people who watch.
Both are ordinary selector loops: sockets, threads, signals and child processes work as usual. The
idea of a clock that jumps when every task waits is trio's (``trio.testing.MockClock``,
``autojump_threshold``).
"""

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

from ip_commands.host_sim.time.endless_wait import (
    EndlessWaitGuard,
    QueuedTimer,
    WaitsForEver,
)
from ip_commands.host_sim.time.endless_wait import NothingCanHappen as NothingCanHappen
from ip_commands.host_sim.time.ordered_loop import OrderedTimersLoop, Ready
from ip_commands.host_sim.time.who_waits import cut_after_caller, explain

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

# asyncio fires what is due before time() + resolution. Half a microsecond never reaches the next
# whole microsecond, and is not rounded away before 2**31 s (68 years): the usual nanosecond would
# be from 194 days on (spacing of float64), and the loop would then spin without firing anything.
_RESOLUTION_S = 0.5e-6
_MICROSECONDS = 1_000_000

OUTSIDE_ADVICE = (
    "what works outside the loop (a thread, a process, a slow server) is waited for within "
    "`with asyncio.get_running_loop().time_stands_still('its name'):`"
)


class VirtualTimeLoop(OrderedTimersLoop):
    """An asyncio loop whose clock jumps to the next timer whenever nothing is ready.

    Time starts at 0 and counts whole microseconds: months of it do not drift. Sockets are real and
    are polled before each jump, so a conversation between two sockets of this loop takes no time.
    Work that the loop cannot see (another thread, another process) must be marked with
    ``time_stands_still``; ``run_in_executor`` (and so ``asyncio.to_thread``) marks itself.

    io_grace_s: real seconds to wait for bytes in flight before each jump. 0 suits in-memory
        streams, loopback and Unix sockets (Linux makes what is sent readable before ``send``
        returns); a pty, whose bytes pass through a kernel thread, needs 0.001.
    deadlock_after_s: real seconds without any sign of life, while no timer is set, after which
        ``run_until_complete`` raises ``NothingCanHappen``.
    outside_limit_s: the same while time stands still for something outside.
    """

    def __init__(
        self,
        io_grace_s: float = 0.0,
        deadlock_after_s: float = 5.0,
        outside_limit_s: float = 60.0,
    ) -> None:
        self._now_us = 0
        self._io_grace_s = io_grace_s
        self._deadlock_after_s = deadlock_after_s
        self._outside_limit_s = outside_limit_s
        self._awaited_outside: list[str] = []
        self._let_pass = 0
        self._guard: EndlessWaitGuard | None = None
        self._ended_by: WaitsForEver | None = None
        self.queues: list[Callable[[], Iterable[QueuedTimer]]] = []
        """Functions that return the timers of queues that follow this loop."""
        super().__init__()
        self._clock_resolution = _RESOLUTION_S

    def time(self) -> float:
        """Return the virtual time in seconds since the loop was made."""
        return self._now_us / _MICROSECONDS

    @contextlib.contextmanager
    def time_stands_still(self, reason: str = "something outside the loop") -> Iterator[None]:
        """Wait really, and do not jump, while something outside the loop works.

        May be nested and used by several tasks at once: time goes on when the last has left.
        For the loop's own thread. ``reason`` is shown when the outside never answers.
        """
        self._awaited_outside.append(reason)
        try:
            yield
        finally:
            self._awaited_outside.remove(reason)

    @contextlib.contextmanager
    def time_may_pass(self) -> Iterator[None]:
        """Let time jump even though it stands still for something outside.

        For a step that the outside itself asked for and waits for: a thread that has the loop run
        ``simulate one hour`` for it would otherwise wait for a clock that waits for the thread.
        """
        self._let_pass += 1
        try:
            yield
        finally:
            self._let_pass -= 1

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Ts], _T], *args: *_Ts
    ) -> asyncio.Future[_T]:
        """Run ``func(*args)`` in a thread; time stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        reason = f"{getattr(func, '__qualname__', func)} in a thread"
        self._awaited_outside.append(reason)
        future.add_done_callback(lambda _: self._awaited_outside.remove(reason))
        return future

    async def shutdown_default_executor(self, *args: Any, **kwargs: Any) -> None:
        """Wait, really, for the threads of ``run_in_executor`` to end."""
        with self.time_stands_still("the end of run_in_executor's threads"):
            await super().shutdown_default_executor(*args, **kwargs)

    def _round_due_time(self, when_s: float) -> float:
        due_us = round(when_s * _MICROSECONDS)
        if due_us <= self._now_us and when_s > self.time():
            due_us = self._now_us + 1  # "sleep until t" in a loop must get there
        return due_us / _MICROSECONDS

    def limit_time(self, limit_s: float, advice: str = "") -> None:
        """End runs that go beyond ``limit_s`` simulated seconds from now, or wait for ever.

        Infinity: no limit. What waits is cancelled, and ``run_until_complete`` raises a
        ``WaitsForEver`` with the traceback of the line that waited; ``advice`` stands in its
        message. ``EndlessWaitGuard`` says when a wait counts as endless.
        """
        self._guard = EndlessWaitGuard(self, limit_s, self._queued_timers, advice)

    def run_until_complete(self, future: Generator[Any, None, _T] | Awaitable[_T]) -> _T:
        """Run until the future is done; return its result or raise its exception.

        Raises WaitsForEver when it never will be.
        """
        self._ended_by = None
        try:
            result = super().run_until_complete(future)
        except asyncio.CancelledError as cancelled:
            if self._ended_by is None:
                raise
            cut_after_caller(cancelled.__traceback__)
            raise self._ended_by.with_traceback(cancelled.__traceback__) from None
        except BaseException as error:
            if self._ended_by is not None and not isinstance(error, WaitsForEver):
                error.add_note(f"after: {self._ended_by}")
            raise
        if self._ended_by is not None:  # who waited went on in spite of it
            raise self._ended_by
        return result

    def _wait(self, timeout: float | None) -> Ready:
        poll = self._poll
        guard = self._guard
        if timeout == 0:
            ready = poll(0)
            if guard is not None and (endless := guard.turned(bool(ready))) is not None:
                self._end(endless)
            return ready
        if self._awaited_outside and not self._let_pass:
            return poll(self._outside_limit_s) or self._give_up()
        if timeout is None:
            return poll(self._deadlock_after_s) or self._give_up()
        ready = poll(self._io_grace_s)
        if not ready:
            # asyncio caps the wait at a day, so this is the next timer or a step towards it
            due_us = self._now_us + max(1, round(timeout * _MICROSECONDS))
            self._now_us = due_us if guard is None else self._jump_guarded(guard, due_us)
        return ready

    def _jump_guarded(self, guard: EndlessWaitGuard, due_us: int) -> int:
        """Return how far time may jump."""
        guard.jumped()
        if self._now_us >= guard.next_look_us:
            endless = guard.look()
            if endless is not None:
                self._end(endless)
                return self._now_us
        return min(due_us, guard.next_look_us)

    def _queued_timers(self) -> Iterator[QueuedTimer]:
        for queue in self.queues:
            yield from queue()

    def _give_up(self) -> Ready:
        if self._awaited_outside and not self._let_pass:
            why = (
                f"for {self._outside_limit_s:g} real seconds time has stood still for "
                + ", ".join(self._awaited_outside)
            )
        else:
            why = (
                f"no timer is set, and nothing came from outside for {self._deadlock_after_s:g} "
                "real seconds"
            )
        self._end(NothingCanHappen(explain(f"nothing can happen: {why}", self, OUTSIDE_ADVICE)))
        return []

    def _end(self, endless: WaitsForEver) -> None:
        """Have the task that is to be done raise this; a second time leave the loop at once."""
        main = self._main
        if main is None or self._ended_by is not None:
            raise endless
        self._ended_by = endless
        main.cancel()


class ScaledTimeLoop(OrderedTimersLoop):
    """An asyncio loop whose clock runs ``speed`` times as fast as the wall's; 1 is real time.

    Unlike ``VirtualTimeLoop`` it never jumps: what comes from outside (people, a browser, a real
    board) meets it at the pace they see. Time starts at 0.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._started_s = time.monotonic()
        super().__init__()
        if not 0 < speed < math.inf:
            self.close()
            raise ValueError(f"speed must be a positive number, not {speed!r}")
        self.slow_callback_duration *= speed  # debug mode measures callbacks with time()

    def time(self) -> float:
        """Return the loop's time in (scaled) seconds since it was made."""
        return (time.monotonic() - self._started_s) * self.speed

    def _wait(self, timeout: float | None) -> Ready:
        return self._poll(timeout and timeout / self.speed)


def run(main: Coroutine[Any, Any, _T], speed: float | None = None) -> _T:
    """Run a coroutine to its end in virtual time, or at ``speed`` times real time (1: real)."""
    factory = VirtualTimeLoop if speed is None else lambda: ScaledTimeLoop(speed)
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
