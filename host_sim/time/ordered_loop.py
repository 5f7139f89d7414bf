"""The ground that the loops with a clock of their own stand on.

A selector loop that lets its heirs decide how long to wait, whose timers due together fire in the
order they were asked for, and out of which nothing that should end the program gets lost.
"""

import asyncio
import math
import selectors
from asyncio import SelectorEventLoop
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, TypeGuard, TypeVar, TypeVarTuple

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

Ready = list[tuple[selectors.SelectorKey, int]]
"""What a selector found."""


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

    wait: "Callable[[float | None], Ready]"

    def select(self, timeout: float | None = None) -> Ready:
        """Return what is ready (the loop decides for how many real seconds to wait)."""
        return self.wait(timeout)

    def poll(self, timeout_s: float | None) -> Ready:
        """Return what is ready within so many real seconds."""
        return super().select(timeout_s)


class OrderedTimersLoop(SelectorEventLoop):
    """A selector loop with timers in order.

    A task or callback that ends with neither a result nor an ``Exception`` (a test runner's
    time-out strikes in whatever code runs at that moment) ends the run, unless somebody awaits
    the task: asyncio would log it at best, and run on.
    """

    def __init__(self) -> None:
        self._asking_selector = _AskingSelector()
        self._asking_selector.wait = self._wait
        self._timers_asked = 0
        self._main: asyncio.Task[Any] | None = None
        """What ``run_until_complete`` runs; None: nothing, or no task."""
        self.on_failed_task: Callable[[asyncio.Task[Any]], None] | None = None
        """Called with each task that ended with an ``Exception``, read or not."""
        super().__init__(self._asking_selector)

    def _wait(self, timeout: float | None) -> Ready:
        return self._poll(timeout)

    def _poll(self, timeout_s: float | None) -> Ready:
        return self._asking_selector.poll(timeout_s)

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

    def create_task(
        self, coro: Generator[Any, None, _T] | Coroutine[Any, Any, _T], **options: Any
    ) -> asyncio.Task[_T]:
        """Run a coroutine in the background, like every loop; its end is looked at."""
        task = super().create_task(coro, **options)
        task.add_done_callback(self._look_at_end)
        return task

    def run_until_complete(self, future: Generator[Any, None, _T] | Awaitable[_T]) -> _T:
        """Run until the future is done; return its result or raise its exception.

        When something else ends the run, a task that was to be done is cancelled: its ``finally``
        blocks then come first in the next run.
        """
        main = future if isinstance(future, asyncio.Task) else None
        if main is None or self.is_running():
            return super().run_until_complete(future)
        self._main = main
        try:
            return super().run_until_complete(future)
        finally:
            self._main = None
            if not main.done():
                main.cancel()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Handle what code run by the loop raised; raise what is meant to end the program."""
        error = context.get("exception")
        if _ends_the_program(error):
            if not {"task", "future"} & context.keys():
                raise error
            if self.is_running():  # a task that was not made by this loop's create_task is buried
                self.call_soon(_raise, error)
                return
        super().call_exception_handler(context)

    def close(self) -> None:
        """Close the loop; timers still set are forgotten."""
        super().close()
        # the bound method would keep loop and selector alive until the garbage collector comes
        self._asking_selector.wait = self._asking_selector.poll

    def _look_at_end(self, task: "asyncio.Task[Any]") -> None:
        error = task._exception  # exception() would mark it as read
        if isinstance(error, Exception):
            if self.on_failed_task is not None:
                self.on_failed_task(task)
        elif _ends_the_program(error):
            self.call_soon(_raise_unread, task)  # after those who await the task


def _ends_the_program(error: object) -> TypeGuard[BaseException]:
    # asyncio itself lets KeyboardInterrupt and SystemExit through
    return isinstance(error, BaseException) and not isinstance(
        error,
        Exception | asyncio.CancelledError | GeneratorExit | KeyboardInterrupt | SystemExit,
    )


def is_unread(task: "asyncio.Task[Any]") -> bool:
    """Tell whether a task failed and nobody has awaited it or asked for its exception."""
    return bool(getattr(task, "_log_traceback", True))


def _raise_unread(task: "asyncio.Task[Any]") -> None:
    error = task.exception() if is_unread(task) else None
    if error is not None:
        raise error


def _raise(error: BaseException) -> None:
    raise error
