"""A run in simulated time that waits for ever: the errors that end it, and what tells it.

Time that jumps has no patient user who presses Ctrl-C in the end: a wait for something that never
comes either stops every clock (``NothingCanHappen``) or lets months fly past.
"""

import asyncio
import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

DAY_S = 86400

ROUNDS = 3
"""How often all that was due must have happened before it counts as the same again."""

QUIET_SHARE = 15
"""The guard bites after this fraction of the limit: two days of thirty."""

LOOKS = 24
"""How often the guard looks within the time after which it bites."""

TURNS_AT_ONE_MOMENT = 300_000
"""Turns of a loop, none with bytes from outside, before a moment counts as endless: some 3 s."""

LONGEST_JUMP_S = DAY_S

GRACE_S = DAY_S
"""What ``finally`` blocks get beyond the limit, simulated."""

TASKS_NAMED = 20

_OURS = str(Path(__file__).parents[2]) + os.sep
_LIBRARY = os.path.dirname(os.__file__) + os.sep


class WaitsForEver(RuntimeError):
    """What waits will never get on. The message names every waiting task and where it waits."""


class NothingCanHappen(WaitsForEver):
    """No timer is set and nothing came from outside: a deadlock in the program under test."""


class NothingNewHappens(WaitsForEver):
    """All that is left are timers that set themselves again."""


class TimeIsUp(WaitsForEver):
    """The limit in simulated time is reached."""


class TimeCannotPass(WaitsForEver):
    """Something is always ready to run, so the clock never moves."""


class QueuedTimer(Protocol):
    """An event of a queue that a loop's timers do not show."""

    @property
    def is_over(self) -> bool:
        """Whether it happened or was cancelled."""

    @property
    def callback(self) -> Callable[..., Any] | None:
        """What it calls."""


Timer = asyncio.TimerHandle | QueuedTimer


def describe_wait(task: "asyncio.Task[Any]") -> str:
    """Return one line that names a task and the innermost line of its code where it waits."""
    places = [f"{file}:{line} in {name}" for file, line, name in _awaited(task)]
    where = ", called from ".join(reversed(places)) or "where it starts"
    return f"task {task.get_name()!r} waits at {where}"


def explain(what: str, loop: asyncio.AbstractEventLoop, advice: str = "") -> str:
    """Return a message: what is wrong, what to do, who waits where (the caller's own first)."""
    tasks = sorted((not of_the_caller(task), describe_wait(task)) for task in _tasks(loop))
    lines = [what, *([advice] if advice else []), *(text for _, text in tasks[:TASKS_NAMED])]
    if len(tasks) > TASKS_NAMED:
        lines.append(f"and {len(tasks) - TASKS_NAMED} more tasks")
    return "\n  ".join(lines)


def of_the_caller(task: "asyncio.Task[Any]") -> bool:
    """Tell whether a task is in code that belongs neither to this package nor to Python."""
    return any(_is_callers(file) for file, _, _ in _awaited(task))


def cut_after_caller(traceback: TracebackType | None) -> None:
    """Let a traceback end at the caller's own last line, not in the library below it."""
    last = None
    while traceback is not None:
        if _is_callers(traceback.tb_frame.f_code.co_filename):
            last = traceback
        traceback = traceback.tb_next
    if last is not None:
        last.tb_next = None


class EndlessWaitGuard:
    """Watches one loop; ``look()`` at ``next_look_us``, and end the run with what it returns.

    limit_s: simulated seconds from now that the run may take.
    queued: returns the timers of queues that the loop does not know.
    advice: what the error tells the caller to do.

    "Nothing new" is: for a fifteenth of the limit no task with code of the caller's own has taken
    a step, no timer calls such code, and whatever was due in that time has happened three rounds
    over (a round ends when everything that was set at its beginning is over). A wait with a
    time-out of its own, or for one far timer, is therefore not taken for endless too early.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        limit_s: float,
        queued: Callable[[], Iterable[QueuedTimer]] = tuple,
        advice: str = "",
    ) -> None:
        self._loop = loop
        self._queued = queued
        self._advice = advice
        self._limit_s = limit_s
        self._ends_s = loop.time() + limit_s
        self._quiet_s = limit_s / QUIET_SHARE
        self._turns = 0
        self._rounds = 0
        self._round: list[Timer] = []
        self._begin()
        self.next_look_us = 0
        """When to look next, in whole microseconds of the loop's time: no jump may go beyond."""

    def look(self) -> WaitsForEver | None:
        """Return the error that should end the run now, None to go on."""
        now_s = self._loop.time()
        self._look_again_at(now_s + self._quiet_s / LOOKS)
        if now_s >= self._ends_s:
            self._ends_s = now_s + GRACE_S
            return self._error(TimeIsUp, f"{_days(self._limit_s)} simulated days are over")
        if self._moved():
            self._begin()
        elif all(_is_over(timer, now_s) for timer in self._round):
            self._rounds += 1
            self._round = self._timers()
        if self._rounds < ROUNDS or now_s < self._since_s + self._quiet_s:
            return None
        if any(_calls_caller(timer) for timer in self._timers()):
            return None
        quiet_days = _days(now_s - self._since_s)
        self._begin()
        return self._error(
            NothingNewHappens,
            f"nothing new happens: for {quiet_days} simulated days only timers that set "
            "themselves again, and no task of yours moved",
        )

    def turned(self, was_busy_outside: bool) -> WaitsForEver | None:
        """Count a turn of the loop in which no time passes; return the error for too many."""
        self._turns = 0 if was_busy_outside else self._turns + 1
        if self._turns < TURNS_AT_ONE_MOMENT:
            return None
        self._turns = 0
        what = f"time cannot pass: {TURNS_AT_ONE_MOMENT} turns of the loop at the same moment"
        advice = "where something waits in steps of `asyncio.sleep(0)`, let it sleep milliseconds"
        return TimeCannotPass(explain(what, self._loop, advice))

    def jumped(self) -> None:
        """Note that time passed."""
        self._turns = 0

    def _look_again_at(self, look_s: float) -> None:
        look_s = min(look_s, self._ends_s, self._loop.time() + LONGEST_JUMP_S)
        self.next_look_us = math.ceil(look_s * 1e6)

    def _error(self, kind: type[WaitsForEver], what: str) -> WaitsForEver:
        return kind(explain(what, self._loop, self._advice))

    def _begin(self) -> None:
        self._since_s = self._loop.time()
        self._rounds = 0
        self._round = self._timers()
        self._steps = self._last_steps()

    def _timers(self) -> list[Timer]:
        scheduled: list[asyncio.TimerHandle] = self._loop._scheduled  # type: ignore[attr-defined]
        return [*scheduled, *self._queued()]

    def _last_steps(self) -> "dict[asyncio.Task[Any], object]":
        # the future that ended a task's last step; a Python without it: every look sees a step
        return {
            task: getattr(task, "_fut_waiter", object())
            for task in _tasks(self._loop)
            if of_the_caller(task)
        }

    def _moved(self) -> bool:
        steps = self._last_steps()
        return steps.keys() != self._steps.keys() or any(
            steps[task] is not last for task, last in self._steps.items()
        )


def _tasks(loop: asyncio.AbstractEventLoop) -> "set[asyncio.Task[Any]]":
    return asyncio.all_tasks(loop)


def _awaited(task: "asyncio.Task[Any]") -> list[tuple[str, int, str]]:
    """Return file, line and name of every frame of a task, the outermost first."""
    places: list[tuple[str, int, str]] = []
    awaited: Any = task.get_coro()
    while awaited is not None:
        for prefix in ("cr", "gi", "ag"):
            frame = getattr(awaited, f"{prefix}_frame", None)
            if frame is not None:
                code = frame.f_code
                places.append((code.co_filename, frame.f_lineno, code.co_qualname))
                inner = "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await"
                awaited = getattr(awaited, inner)
                break
        else:
            break
    return places


def _is_callers(file: str) -> bool:
    if file.startswith((_OURS, "<frozen ")):
        return False
    return not file.startswith(_LIBRARY) or "-packages" in file[len(_LIBRARY) :]


def _is_over(timer: Timer, now_s: float) -> bool:
    if isinstance(timer, asyncio.TimerHandle):
        return timer.cancelled() or timer.when() <= now_s
    return timer.is_over


def _calls_caller(timer: Timer) -> bool:
    if isinstance(timer, asyncio.TimerHandle):
        callback: Any = getattr(timer, "_callback", None)
    else:
        callback = timer.callback
    code = getattr(getattr(callback, "__func__", callback), "__code__", None)
    return code is not None and _is_callers(code.co_filename)


def _days(seconds: float) -> str:
    return f"{round(seconds / DAY_S, 3):g}"
