"""The life of a device that commands come to, round by round, and what each command waits.

A round: the device falls idle, stays so until a command reaches it or T3412 ends, is connected,
and falls idle again. Commands come independently of each other, so several may share one wait and
one connection, and one that comes while it is connected prolongs that. What comes changes what
the next one meets: a device that has just been paged has its T3412 before it, and its next window
a whole cycle away.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

DAY_S = 86_400

ROUNDS = 6000
"""Walked through; with the same random numbers for every question."""

PROBES = 8
"""Times in each idle time at which it is asked what a command that comes then would wait."""

LONGEST_CONNECTION_S = DAY_S


@dataclass(frozen=True, slots=True)
class Windows:
    """When an idle device can be paged, as a period; ``cycle_s`` is T itself in DRX."""

    cycle_s: float
    occasions: int
    """In each cycle; 0: it is never paged."""
    drx_s: float
    buffers: bool
    """What comes outside of the windows is paged in the next one."""

    def next_page_s(self, at_s: float) -> float:
        """Return when a command that comes then is paged; infinity: never.

        An occasion at 0.
        """
        if not self.occasions:
            return math.inf
        cycle, phase = divmod(at_s, self.cycle_s)
        number = math.ceil(phase / self.drx_s)
        if number < self.occasions:
            return cycle * self.cycle_s + number * self.drx_s
        return (cycle + 1) * self.cycle_s

    def open_s(self, at_s: float) -> float:
        """Return from when on, at or after that, a command is paged rather than dropped.

        Without buffering a window is open from half a T before its first occasion.
        """
        if self.buffers or at_s % self.cycle_s <= (self.occasions - 1) * self.drx_s:
            return at_s
        return max(at_s, self.next_page_s(at_s) - self.drx_s / 2)


@dataclass(frozen=True, slots=True)
class Routine:
    """What a device does beside listening, in seconds."""

    period_s: float
    """T3412."""
    active_s: float
    """How long it listens after each connection; ``period_s`` without PSM."""
    keeps: bool
    """What comes too late for a page waits for the TAU."""
    keeps_asleep: bool
    """So does what comes in PSM."""
    connect_s: float
    tau_s: float
    release_s: float
    """A datagram's way to the device, and then RRC inactivity."""


class Round(NamedTuple):
    """One idle time: it begins at ``start_s`` and lasts ``idle_s``."""

    start_s: float
    idle_s: float
    by_tau: bool
    """The periodic TAU ends it, no page."""
    came_s: float | None
    """When in it the first command came that is delivered at its end; None: none did."""


class Wait(NamedTuple):
    """What a command waits that comes at some time of the idle life."""

    wait_s: float
    by_tau: bool
    weight: float
    """Its share of all idle time, times the chance that it is delivered."""


def walk(routine: Routine, windows: Windows, rate: float) -> list[Round]:
    """Return many rounds of a device that commands come to at a rate per second."""
    random = Random(0)
    connection_s = mean_connection_s(routine.release_s, rate)
    now_s = 0.0
    rounds = []
    for _ in range(ROUNDS):
        found = _round(routine, windows, now_s, rate, random)
        rounds.append(found)
        now_s += found.idle_s + routine.connect_s + (routine.tau_s if found.by_tau else 0.0)
        if found.came_s is not None:
            now_s += connection_s
    return rounds


def mean_connection_s(release_s: float, rate: float) -> float:
    """Return the mean length of a connection that each further command prolongs."""
    return min(math.expm1(min(rate * release_s, 100.0)) / rate, LONGEST_CONNECTION_S)


def _round(routine: Routine, windows: Windows, now_s: float, rate: float, random: Random) -> Round:
    came_s = random.expovariate(rate)
    while came_s < routine.active_s:
        open_s = windows.open_s(now_s + came_s)
        if open_s > now_s + came_s:  # that one is lost, and all others until then
            came_s = open_s - now_s + random.expovariate(rate)
            continue
        page_s = windows.next_page_s(now_s + came_s) - now_s
        if page_s < routine.active_s:
            return Round(now_s, page_s, False, came_s)
        if routine.keeps:
            return Round(now_s, routine.period_s, True, came_s)
        came_s = routine.active_s + random.expovariate(rate)
    waits = routine.keeps_asleep and came_s < routine.period_s
    return Round(now_s, routine.period_s, True, came_s if waits else None)


def waits(
    rounds: Sequence[Round],
    routine: Routine,
    windows: Windows,
    rate: float,
    capacity: int,
    share: float,
) -> Iterator[Wait]:
    """Yield what commands wait that come to an idle device.

    One that independent others come beside meets what any time of the idle life meets: so such
    times are asked. capacity: datagrams that the network keeps meanwhile; share: what the weights
    of all idle time make together.
    """
    random = Random(1)
    step = share / PROBES / (sum(one.idle_s for one in rounds) or 1.0)
    for one in rounds:
        for number in range(PROBES):
            at_s = (number + random.random()) / PROBES * one.idle_s
            if one.came_s is not None and at_s >= one.came_s:
                chance = _room(rate * (at_s - one.came_s), capacity)
                yield Wait(one.idle_s - at_s, one.by_tau, one.idle_s * step * chance)
                continue
            alone = _alone(routine, windows, one.start_s, at_s)
            if alone is not None:
                yield Wait(alone[0], alone[1], one.idle_s * step)


def _alone(
    routine: Routine, windows: Windows, start_s: float, at_s: float
) -> tuple[float, bool] | None:
    """Return what a command waits that is the first, and whether for the TAU; None: it is lost."""
    if at_s < routine.active_s:
        if windows.open_s(start_s + at_s) > start_s + at_s:
            return None
        page_s = windows.next_page_s(start_s + at_s) - start_s
        if page_s < routine.active_s:
            return page_s - at_s, False
        return (routine.period_s - at_s, True) if routine.keeps else None
    return (routine.period_s - at_s, True) if routine.keeps_asleep else None


def _room(mean: float, capacity: int) -> float:
    """Return the chance that there is room behind the first and so many others on average."""
    if capacity < 2:
        return 0.0
    if mean < capacity / 8:
        return 1.0
    chance = term = math.exp(-mean)
    for number in range(1, capacity - 1):
        term *= mean / number
        chance += term
    return min(chance, 1.0)
