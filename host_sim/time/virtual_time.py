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
import selectors
import time
from asyncio import SelectorEventLoop
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

# asyncio fires what is due before time() + resolution. Half a microsecond never reaches the next
# whole microsecond, and is not rounded away before 2**31 s (68 years): the usual nanosecond would
# be from 194 days on (spacing of float64), and the loop would then spin without firing anything.
_RESOLUTION_S = 0.5e-6
_MICROSECONDS = 1_000_000


class NothingCanHappen(RuntimeError):
    """Nothing can ever happen again: a deadlock in the program under test.

    The message names every waiting task and the line where it waits.
    """


class _DueTime(float):
    """When a timer is due; equal times keep the order in which they were asked for.

    asyncio's heap does not promise that: twelve timers due together fire as 0 2 6 5 11 ...
    """

    __slots__ = ("order",)
    order: int

    def __lt__(self, other: float) -> bool:
        if type(other) is _DueTime and float.__eq__(self, other):
            return self.order < other.order
        return float.__lt__(self, other)


class _AskingSelector(selectors.DefaultSelector):
    """A selector that leaves it to its loop how long to wait."""

    wait: "Callable[[float | None], list[tuple[selectors.SelectorKey, int]]]"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready (the loop decides for how many real seconds to wait)."""
        return self.wait(timeout)

    def poll(self, timeout_s: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready within so many real seconds."""
        return super().select(timeout_s)


class _OrderedTimersLoop(SelectorEventLoop):
    """A selector loop whose timers due together fire in the order they were asked for."""

    def __init__(self) -> None:
        self._asking_selector = _AskingSelector()
        self._asking_selector.wait = self._wait
        self._timers_asked = 0
        super().__init__(self._asking_selector)

    def _wait(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        return self._asking_selector.poll(timeout)

    def _round_due_time(self, when_s: float) -> float:
        return when_s

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call ``callback(*args)`` at the loop's time ``when`` (seconds); infinity means never."""
        if math.isinf(when) and when > 0:
            return asyncio.TimerHandle(when, callback, args, self, context)  # in no heap
        due = _DueTime(self._round_due_time(when))
        self._timers_asked += 1
        due.order = self._timers_asked
        return super().call_at(due, callback, *args, context=context)

    def close(self) -> None:
        """Close the loop; timers still set are forgotten."""
        super().close()
        # the bound method would keep loop and selector alive until the garbage collector comes
        self._asking_selector.wait = self._asking_selector.poll


class VirtualTimeLoop(_OrderedTimersLoop):
    """An asyncio loop whose clock jumps to the next timer whenever nothing is ready.

    Time starts at 0 and counts whole microseconds: months of it do not drift. Sockets are real and
    are polled before each jump, so a conversation between two sockets of this loop takes no time.
    Work that the loop cannot see (another thread, another process) must be marked with
    ``time_stands_still``; ``run_in_executor`` (and so ``asyncio.to_thread``) marks itself.

    io_grace_s: real seconds to wait for bytes in flight before each jump. 0 suits in-memory
        streams, loopback and Unix sockets (Linux makes what is sent readable before ``send``
        returns); a pty, whose bytes pass through a kernel thread, needs 0.001.
    deadlock_after_s: real seconds without any sign of life, while no timer is set, after which
        ``NothingCanHappen`` leaves ``run_until_complete``.
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

    def _wait(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        poll = self._asking_selector.poll
        if timeout == 0:
            return poll(0)
        if self._awaited_outside and not self._let_pass:
            return poll(self._outside_limit_s) or self._give_up()
        if timeout is None:
            return poll(self._deadlock_after_s) or self._give_up()
        ready = poll(self._io_grace_s)
        if not ready:
            # asyncio caps the wait at a day, so this is the next timer or a step towards it
            self._now_us += max(1, round(timeout * _MICROSECONDS))
        return ready

    def _give_up(self) -> list[tuple[selectors.SelectorKey, int]]:
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
        tasks = sorted(describe_wait(task) for task in asyncio.all_tasks(self))
        raise NothingCanHappen("\n  ".join([f"nothing can happen: {why}", *tasks]))


class ScaledTimeLoop(_OrderedTimersLoop):
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

    def _wait(self, timeout: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        return self._asking_selector.poll(timeout and timeout / self.speed)


def describe_wait(task: "asyncio.Task[Any]") -> str:
    """Return one line that names a task and the innermost line of its code where it waits."""
    places: list[str] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        for prefix in ("cr", "gi", "ag"):
            frame = getattr(awaited, f"{prefix}_frame", None)
            if frame is not None:
                name = frame.f_code.co_qualname
                places.append(f"{frame.f_code.co_filename}:{frame.f_lineno} in {name}")
                inner = "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await"
                awaited = getattr(awaited, inner)
                break
        else:
            break
    where = ", called from ".join(reversed(places)) or "where it starts"
    return f"task {task.get_name()!r} waits at {where}"


def run(main: Coroutine[Any, Any, _T], speed: float | None = None) -> _T:
    """Run a coroutine to its end in virtual time, or at ``speed`` times real time (1: real)."""
    factory = VirtualTimeLoop if speed is None else lambda: ScaledTimeLoop(speed)
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main)
