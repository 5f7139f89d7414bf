"""A run in simulated time that waits for ever: the errors that end it, and what tells it.

Time that jumps has no patient user who presses Ctrl-C in the end: a wait for something that never
comes either stops every clock (``NothingCanHappen``) or lets months fly past.
"""

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ip_commands.host_sim.time.who_waits import calls_the_caller, explain, of_the_caller, place

DAY_S = 86400

ROUNDS = 3
"""How often all that was due must have happened before it counts as the same again."""

QUIET_SHARE = 15
"""The guard bites after this fraction of the limit: two days of thirty."""

LONGEST_QUIET_S = 30 * DAY_S / QUIET_SHARE
"""A longer limit, or none, does not make it wait longer where no task takes a step. One that polls
may really wait for the clock: for it a longer limit counts."""

LOOKS = 24
"""How often the guard looks within the time after which it bites."""

ENDLESS_STEPS = 100_000
"""Steps at one place, no variable changed, that count as none: two days in steps of 1.7 s."""

WALKERS_COUNTED = 8
"""Of so many tasks every step is counted; of more, only that they moved between two looks."""

TURNS_AT_ONE_MOMENT = 300_000
"""Turns of a loop, none with bytes from outside, before a moment counts as endless: some 3 s."""

LONGEST_JUMP_S = DAY_S

GRACE_S = DAY_S
"""What ``finally`` blocks get beyond the limit, simulated."""


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

    @property
    def arguments(self) -> tuple[Any, ...]:
        """With these."""


Timer = asyncio.TimerHandle | QueuedTimer


@dataclass(slots=True)
class _Walker:
    """A task of the caller's: where it is, and its steps there."""

    task: "asyncio.Task[Any]"
    place: tuple[Any, ...]
    steps: int = 0
    steps_before: int = 0
    """Its steps at the last look."""
    waits_for: object = None
    """The future that its last step ended at."""

    def count(self) -> None:
        """Count a step if it took one. (A Python without that attribute: it always did.)"""
        waits_for = getattr(self.task, "_fut_waiter", object())
        if waits_for is not self.waits_for:
            self.waits_for = waits_for
            self.steps += 1


class EndlessWaitGuard:
    """Watches one loop; ``look()`` at ``next_look_us``, and end the run with what it returns.

    limit_s: simulated seconds from now that the run may take.
    queued: returns the timers of queues that the loop does not know.
    advice: what the error tells the caller to do.

    "Nothing new" is: for a fifteenth of the limit, two days at most, no task with code of the
    caller's own has taken a step, no timer calls such code, and whatever was due in that time has
    happened three rounds over (a round ends when everything that was set at its beginning is
    over). A wait with a time-out of its own, or for one far timer, is therefore not taken for
    endless too early. Steps at one place do not count any more after very many with no variable
    changed: somebody polls; then it is a fifteenth of the limit, however long that is.
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
        self._polling_quiet_s = limit_s / QUIET_SHARE
        self._quiet_s = min(self._polling_quiet_s, LONGEST_QUIET_S)
        self._turns = 0
        self._rounds = 0
        self._round: list[Timer] = []
        self._walkers: list[_Walker] = []
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
        if self._came_further():
            self._begin()
        elif self._stepped():
            self._begin_rounds()
        elif all(_is_over(timer, now_s) for timer in self._round):
            self._rounds += 1
            self._round = self._timers()
        polls = any(walker.steps >= ENDLESS_STEPS for walker in self._walkers)
        quiet_s = self._polling_quiet_s if polls else self._quiet_s
        if self._rounds < ROUNDS or now_s < self._since_s + quiet_s:
            return None
        if any(calls_the_caller(*_call(timer)) for timer in self._timers()):
            return None
        what = (
            f"nothing new happens: for {_days(now_s - self._since_s)} simulated days only timers "
            "that set themselves again, and no task of yours "
        )
        if polls:
            what += f"came further than one line in {ENDLESS_STEPS} steps, no variable changed"
        else:
            what += "took a step"
        self._begin()
        return self._error(NothingNewHappens, what)

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
        """Note that time passes, and who took a step before."""
        self._turns = 0
        for walker in self._walkers[:WALKERS_COUNTED]:
            walker.count()

    def _look_again_at(self, look_s: float) -> None:
        look_s = min(look_s, self._ends_s, self._loop.time() + LONGEST_JUMP_S)
        self.next_look_us = math.ceil(look_s * 1e6)

    def _error(self, kind: type[WaitsForEver], what: str) -> WaitsForEver:
        return kind(explain(what, self._loop, self._advice))

    def _begin(self) -> None:
        self._walkers = [_Walker(task, place(task)) for task in self._callers_tasks()]
        for walker in self._walkers:
            walker.count()
            walker.steps = 0  # that was the one that brought it here
        self._begin_rounds()

    def _begin_rounds(self) -> None:
        self._since_s = self._loop.time()
        self._rounds = 0
        self._round = self._timers()

    def _timers(self) -> list[Timer]:
        scheduled: list[asyncio.TimerHandle] = self._loop._scheduled  # type: ignore[attr-defined]
        return [*scheduled, *self._queued()]

    def _callers_tasks(self) -> "list[asyncio.Task[Any]]":
        return [task for task in asyncio.all_tasks(self._loop) if of_the_caller(task)]

    def _came_further(self) -> bool:
        places = {walker.task: walker.place for walker in self._walkers}
        tasks = self._callers_tasks()
        return set(tasks) != places.keys() or any(place(task) != places[task] for task in tasks)

    def _stepped(self) -> bool:
        stepped = False
        for walker in self._walkers:
            walker.count()
            if walker.steps > walker.steps_before and walker.steps < ENDLESS_STEPS:
                stepped = True
            walker.steps_before = walker.steps
        return stepped


def _is_over(timer: Timer, now_s: float) -> bool:
    if isinstance(timer, asyncio.TimerHandle):
        return timer.cancelled() or timer.when() <= now_s
    return timer.is_over


def _call(timer: Timer) -> tuple[Any, tuple[Any, ...]]:
    if isinstance(timer, asyncio.TimerHandle):  # asyncio tells it nobody
        return getattr(timer, "_callback", None), getattr(timer, "_args", None) or ()
    return timer.callback, timer.arguments


def _days(seconds: float) -> str:
    return f"{round(seconds / DAY_S, 3):g}"
