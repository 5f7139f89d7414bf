"""How long a command waits for its device, as a distribution: the simulation in closed form.

Commands come at any time of the device's idle life with the same chance, and every page is heard.
The idle life repeats: from the release of a connection to the next periodic TAU, with paging
occasions in it until PSM begins. All times in milliseconds.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import accumulate

from ip_commands.host_sim.lte import edrx
from ip_commands.host_sim.lte.idle_rounds import Wait
from ip_commands.host_sim.lte.time_base import HSFN_CYCLE, HYPERFRAME_MS

_STEPS = 1000
"""Of numeric integration."""

_CYCLE_PARTS = 8
"""Of a connected device's DRX cycle."""


class Gaps:
    """Times between two paging occasions of an idle device, and how often each is met.

    A command that comes at any time falls into a gap with the chance of the gap's share of all
    time, and anywhere in it. ``heard``: the share of commands that are paged at all; what comes in
    the rest of the time, ``unheard_ms``, is not.
    """

    def __init__(self, counts: dict[float, float], unheard_ms: float = 0.0) -> None:
        pairs = sorted(counts.items())
        total = sum(gap * count for gap, count in pairs)
        self.heard = total / (total + unheard_ms) if total else 0.0
        self.longest_ms = pairs[-1][0] if total else 0.0
        self._ends = [gap for gap, _ in pairs]
        # of the gaps that are longer: their number and their length, both per time
        self._number = _from_the_end([count / total for _, count in pairs]) if total else []
        self._length = _from_the_end([g * c / total for g, c in pairs]) if total else []
        self._squares = list(accumulate((g * g * c / total for g, c in pairs), initial=0.0))

    def longer(self, wait_ms: float) -> float:
        """Return the chance that a command that is heard waits longer than that."""
        if wait_ms <= 0:
            return 1.0
        at = bisect_left(self._ends, wait_ms)
        if at == len(self._ends):
            return 0.0
        return self._length[at] - wait_ms * self._number[at]

    def mean_up_to(self, wait_ms: float) -> float:
        """Return the integral of ``longer`` from 0 to that: the mean of waits cut there."""
        if wait_ms <= 0 or not self._ends:
            return 0.0
        at = bisect_left(self._ends, wait_ms)
        short = self._squares[at] / 2
        if at == len(self._ends):
            return short
        return short + wait_ms * self._length[at] - wait_ms**2 / 2 * self._number[at]


def _from_the_end(values: list[float]) -> list[float]:
    return list(accumulate(reversed(values)))[::-1]


def drx_gaps(cycle_ms: float) -> Gaps:
    """Return the gaps in DRX."""
    return Gaps({cycle_ms: 1})


def edrx_gaps(cycle_ms: int, ptw_ms: int, drx_ms: int, buffers: bool) -> Gaps:
    """Return the gaps in eDRX, over all devices: of each hashed ID and each paging frame alike.

    buffers: what comes outside the windows is kept for the next one; else it is not heard. Cycles
    that do not divide 1024 hyperframes have an irregular gap where H-SFN wraps.
    """
    hyperframes = cycle_ms // HYPERFRAME_MS
    counts: dict[float, float] = {}
    unheard_ms = 0.0
    # the first occasion of a window comes anywhere in the first T
    for first_ms in _middles(drx_ms):
        occasions = max(0, -int((first_ms - ptw_ms) // drx_ms))
        for residue in range(hyperframes):
            windows = (HSFN_CYCLE - 1 - residue) // hyperframes + 1
            at_wrap_ms = edrx.gap_at_wrap_hyperframes(hyperframes, residue) * HYPERFRAME_MS
            for gap_ms, times in ((cycle_ms, windows - 1), (at_wrap_ms, 1)):
                if occasions == 0:
                    unheard_ms += gap_ms * times
                    continue
                within_ms = (occasions - 1) * drx_ms
                _count(counts, drx_ms, (occasions - 1) * times)
                if buffers:
                    _count(counts, gap_ms - within_ms, times)
                else:
                    _count(counts, first_ms, times)
                    unheard_ms += (gap_ms - within_ms - first_ms) * times
    return Gaps(counts, unheard_ms)


def _middles(drx_ms: int, parts: int = 16) -> list[float]:
    return [(part + 0.5) * drx_ms / parts for part in range(parts)]


def _count(counts: dict[float, float], gap_ms: float, times: float) -> None:
    if times and gap_ms > 0:
        counts[gap_ms] = counts.get(gap_ms, 0) + times


@dataclass(frozen=True, slots=True)
class IdleLife:
    """What a device does from the release of its connection to its next periodic TAU.

    active_ms: how long it listens; all of ``period_ms`` without PSM.
    keeps: what comes while it listens, too late for a page, waits for the TAU.
    keeps_asleep: so does what comes in PSM.
    """

    gaps: Gaps
    period_ms: float
    active_ms: float
    keeps: bool
    keeps_asleep: bool

    @property
    def asleep_ms(self) -> float:
        """How long it is in PSM."""
        return self.period_ms - self.active_ms

    def paged_after(self, wait_ms: float) -> float:
        """Return the chance that a command is delivered by a page after more than that."""
        wait_ms, gaps = max(wait_ms, 0.0), self.gaps
        if wait_ms >= self.active_ms:
            return 0.0
        too_late = gaps.mean_up_to(self.active_ms) - gaps.mean_up_to(wait_ms)
        in_time = gaps.longer(wait_ms) * (self.active_ms - wait_ms) - too_late
        return gaps.heard * in_time / self.period_ms

    def updated_after(self, wait_ms: float) -> float:
        """Return the chance that a command is delivered by the TAU after more than that."""
        wait_ms, gaps = max(wait_ms, 0.0), self.gaps
        chance = max(0.0, self.asleep_ms - wait_ms) if self.keeps_asleep else 0.0
        if self.keeps:
            left_ms = min(self.active_ms, max(0.0, wait_ms - self.asleep_ms))
            late = gaps.mean_up_to(self.active_ms) - gaps.mean_up_to(left_ms)
            chance += gaps.heard * late
        return chance / self.period_ms

    @property
    def longest_page_ms(self) -> float:
        """The longest wait that ends with a page."""
        return min(self.gaps.longest_ms, self.active_ms)

    @property
    def longest_update_ms(self) -> float:
        """The longest wait that ends with the TAU."""
        return self.asleep_ms + (self.longest_page_ms if self.keeps else 0.0)


class Delays:
    """From the S-GW to the modem: the wait, and then the connection. Chances and seconds."""

    def __init__(
        self,
        life: IdleLife,
        connect_ms: tuple[float, float, float],
        page_ms: float,
        tau_ms: float,
        one_way_ms: float,
        connected_drx_ms: float = 0,
    ) -> None:
        """Take the rest: a connection's least, likeliest and longest set-up, what a page, a TAU
        and the way of the datagram itself take, and a cycle that the latter may wait for.
        """
        self._life = life
        least_ms, _, most_ms = connect_ms
        most_ms += connected_drx_ms
        parts = _CYCLE_PARTS if connected_drx_ms else 1
        rests = [
            set_up + one_way_ms + connected_drx_ms * (part + 0.5) / parts
            for part in range(parts)
            for set_up in triangular_middles(*connect_ms)
        ]
        self._after_page = [page_ms + rest for rest in rests]
        self._after_tau = [tau_ms + rest for rest in rests]
        self.after_ms = self._after_page, self._after_tau
        """What comes after the wait for a page, and for a TAU: each as likely as the others."""
        paged, updated = life.paged_after(0), life.updated_after(0)
        self.delivered_share = paged + updated
        best = [page_ms] * (paged > 0) + [tau_ms] * (updated > 0)
        self.best_s = (min(best, default=0.0) + least_ms + one_way_ms) / 1000
        longest = [0.0]
        if paged > 0:
            longest.append(life.longest_page_ms + page_ms)
        if updated > 0:
            longest.append(life.longest_update_ms + tau_ms)
        self.worst_s = (max(longest) + most_ms + one_way_ms) / 1000
        self.mean_wait_ms = 0.0
        """Of those delivered, before the connection."""
        if self.delivered_share:
            waits = _integral(life.paged_after, life.longest_page_ms)
            waits += _integral(life.updated_after, life.longest_update_ms)
            self.mean_wait_ms = waits / self.delivered_share
            rest = paged * _mean(self._after_page) + updated * _mean(self._after_tau)
            self.mean_s = (self.mean_wait_ms + rest / self.delivered_share) / 1000
        else:
            self.mean_s = self.worst_s

    def longer(self, delay_ms: float) -> float:
        """Return the chance that a delivered command takes longer than that."""
        life = self._life
        chance = sum(life.paged_after(delay_ms - after) for after in self._after_page)
        chance += sum(life.updated_after(delay_ms - after) for after in self._after_tau)
        return chance / len(self._after_page) / self.delivered_share

    def percentile_s(self, percent: float) -> float:
        """Return within which time so many of a hundred delivered commands are there."""
        if not self.delivered_share:
            return self.worst_s
        low, high = 0.0, self.worst_s * 1000
        while high - low > 0.5:
            middle = (low + high) / 2
            if self.longer(middle) > 1 - percent / 100:
                low = middle
            else:
                high = middle
        return high / 1000


class DelaysUnderLoad:
    """The same of a device that other commands come to: by what each of many would wait."""

    def __init__(self, alone: Delays, waits: Iterable[Wait]) -> None:
        pages, updates = alone.after_ms
        found = []
        for number, (wait_s, by_tau, weight) in enumerate(waits):
            after_ms = updates if by_tau else pages
            found.append((wait_s + after_ms[number * 7 % len(after_ms)] / 1000, weight))
        self._found = sorted(found)
        self._worst_s = alone.worst_s
        self.delivered_share = min(1.0, math.fsum(weight for _, weight in found))
        total = math.fsum(delay_s * weight for delay_s, weight in found)
        share = self.delivered_share
        self.mean_s = total / share if share else self._worst_s

    def percentile_s(self, percent: float) -> float:
        """Return within which time so many of a hundred delivered commands are there."""
        left = self.delivered_share * percent / 100
        for delay_s, weight in self._found:
            left -= weight
            if left <= 0:
                return delay_s
        return self._worst_s


def triangular_middles(least: float, likely: float, most: float, parts: int = 16) -> list[float]:
    """Return the middles of equally likely parts of a triangular distribution."""
    width = most - least
    if not width:
        return [least]
    turn = (likely - least) / width
    found = []
    for part in range(parts):
        chance = (part + 0.5) / parts
        if chance < turn:
            found.append(least + (chance * width * (likely - least)) ** 0.5)
        else:
            found.append(most - ((1 - chance) * width * (most - likely)) ** 0.5)
    return found


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _integral(chance: Callable[[float], float], end_ms: float) -> float:
    """Integrate from 0 to ``end_ms`` by Simpson's rule."""
    if end_ms <= 0:
        return 0.0
    step = end_ms / _STEPS
    inner = sum((4 if k % 2 else 2) * chance(k * step) for k in range(1, _STEPS))
    return (chance(0) + inner + chance(end_ms)) * step / 3
