"""What idling and commands cost in charge a day: the ledger of the simulation, without a network.

A device's life is a round: it falls idle, stays so until a command reaches it or T3412 ends, is
connected, and falls idle again. Commands come independently of each other, so several may share
one wait and one connection, and one that comes while it is connected prolongs that.
"""

import math
from dataclasses import dataclass
from random import Random

from ip_commands.host_sim.lte.energy import CurrentProfile

DAY_S = 86_400

ROUNDS = 6000
"""Walked through where commands come; with the same random numbers for every question."""

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


@dataclass(slots=True)
class _Spent:
    """Seconds by what they cost."""

    listening_s: float = 0.0
    asleep_s: float = 0.0
    tau_s: float = 0.0
    connected_s: float = 0.0


def mah_per_day(
    routine: Routine,
    windows: Windows,
    idle_ua: float,
    commands_per_day: float,
    currents: CurrentProfile,
) -> float:
    """Return the charge of a day in mAh; ``idle_ua`` is what listening costs."""
    if commands_per_day:
        spent = _walk(routine, windows, commands_per_day / DAY_S)
    else:
        spent = _Spent(
            routine.active_s,
            routine.period_s - routine.active_s,
            routine.connect_s + routine.tau_s,
        )
    whole_s = spent.listening_s + spent.asleep_s + spent.tau_s + spent.connected_s
    ma_s = (
        spent.listening_s * idle_ua / 1000
        + spent.asleep_s * currents.psm_ua / 1000
        + spent.tau_s * currents.tau_ma
        + spent.connected_s * currents.connected_ma
    )
    return ma_s / whole_s * DAY_S / 3600


def _walk(routine: Routine, windows: Windows, rate: float) -> _Spent:
    """Go through many rounds of a device that commands come to at a rate per second."""
    spent = _Spent()
    random = Random(0)
    connection_s = _connection_s(routine.release_s, rate)
    now_s = 0.0
    for _ in range(ROUNDS):
        idle_s, by_tau, with_data = _idle(routine, windows, now_s, rate, random)
        listening_s = min(idle_s, routine.active_s)
        spent.listening_s += listening_s
        spent.asleep_s += idle_s - listening_s
        contact_s = routine.connect_s + (routine.tau_s if by_tau else 0.0)
        if by_tau:
            spent.tau_s += contact_s
        else:
            spent.connected_s += contact_s
        if with_data:
            spent.connected_s += connection_s
            contact_s += connection_s
        now_s += idle_s + contact_s
    return spent


def _idle(
    routine: Routine, windows: Windows, now_s: float, rate: float, random: Random
) -> tuple[float, bool, bool]:
    """Return how long it is idle, whether a TAU ends that, and whether data waited for it."""
    came_s = random.expovariate(rate)
    while came_s < routine.active_s:
        open_s = windows.open_s(now_s + came_s)
        if open_s > now_s + came_s:  # that one is lost, and all others until then
            came_s = open_s - now_s + random.expovariate(rate)
            continue
        page_s = windows.next_page_s(now_s + came_s) - now_s
        if page_s < routine.active_s:
            return page_s, False, True
        if routine.keeps:
            return routine.period_s, True, True
        break
    asleep_s = routine.period_s - routine.active_s
    waits = routine.keeps_asleep and (
        came_s < routine.period_s
        if came_s >= routine.active_s
        else random.expovariate(rate) < asleep_s
    )
    return routine.period_s, True, waits


def _connection_s(release_s: float, rate: float) -> float:
    """Return the mean length of a connection that each further command prolongs."""
    return min(math.expm1(min(rate * release_s, 100.0)) / rate, LONGEST_CONNECTION_S)
