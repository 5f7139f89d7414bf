"""How long a command will take, whether it can be lost, and what the settings cost in charge.

A pure function from what the network granted; the same model as the simulation without a network:
``waits`` in closed form over all identities that a device can have; where commands come, what they
change for each other, and ``charge``, by a walk through ``idle_rounds``. Commands are taken to
arrive at any time with the same chance, and pages to be heard; a lost page is mentioned, not
averaged in.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ip_commands.host_sim.lte import edrx, edrx_codes, psm
from ip_commands.host_sim.lte.buffering import missed_window_rule
from ip_commands.host_sim.lte.charge import mah_per_day
from ip_commands.host_sim.lte.datagram import octets_on_air
from ip_commands.host_sim.lte.energy import CurrentProfile, Currents
from ip_commands.host_sim.lte.idle_rounds import DAY_S, Routine, Wait, Windows, waits, walk
from ip_commands.host_sim.lte.paging import CYCLES_FRAMES
from ip_commands.host_sim.lte.profiles import PROFILES, Profile
from ip_commands.host_sim.lte.reference_currents import REFERENCE
from ip_commands.host_sim.lte.time_base import FRAME_MS
from ip_commands.host_sim.lte.waits import (
    Delays,
    DelaysUnderLoad,
    Gaps,
    IdleLife,
    drx_gaps,
    edrx_gaps,
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to expect; times in seconds from the S-GW to the modem."""

    best_s: float
    mean_s: float
    """Of the commands that come to an idle device and arrive, as the percentiles."""
    p50_s: float
    p95_s: float
    p99_s: float
    worst_s: float
    """With every page heard, and a device that is where it should be."""
    delivered_share: float
    """Of commands to an idle device; below 1 the network loses the others."""
    losses: tuple[str, ...]
    """Ways in which a command can be lost or late although all is well."""
    mah_per_day: float
    joules_per_day: float
    commands_per_day: float
    currents: str
    """Whose currents these are."""

    @property
    def can_be_lost(self) -> bool:
        """True when the network itself throws commands away."""
        return self.delivered_share < 1

    def battery_days(self, capacity_mah: float) -> float:
        """Return how long a battery lasts, without self-discharge. Raises ValueError below 0."""
        if not 0 <= capacity_mah < math.inf:
            raise ValueError(f"a battery of {capacity_mah} mAh: give its capacity, e.g. 1000")
        return capacity_mah / self.mah_per_day


@dataclass(frozen=True, slots=True)
class Settings:
    """What the network granted; times in seconds, None where the feature is not used.

    ``profile`` gives the rest (set-up time, inactivity, T3413, T), ``module`` what it draws.
    """

    edrx_s: float | None = None
    ptw_s: float | None = None
    """None: the profile's."""
    drx_s: float | None = None
    """T; None: the profile's."""
    psm_active_s: int | None = None
    psm_period_s: int | None = None
    hlcom: bool = False
    payload_bytes: int = 100
    commands_per_day: float = 0
    profile: Profile = PROFILES["cat-m1"]
    module: Currents = REFERENCE

    @property
    def currents(self) -> CurrentProfile:
        """The module's table for the profile's access."""
        return self.module.in_access(self.profile.access)


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Granted lengths, checked, in milliseconds; ``edrx_ms`` None: DRX."""

    edrx_ms: int | None
    ptw_ms: int
    drx_ms: int


def advise(settings: Settings) -> Advice:
    """Return what to expect of the settings.

    Raises ValueError, naming what can be had instead, for lengths that no code stands for, a
    window longer than its cycle, or one PSM timer without the other.
    """
    lengths = _checked(settings)
    profile = settings.profile
    slower = profile.ce_factor
    least_ms, likely_ms, most_ms = (ms * slower for ms in profile.connect_ms)
    octets = octets_on_air(settings.payload_bytes, 1)
    one_way_ms = profile.rtt_ms // 2 * slower + octets * 8 * slower // profile.downlink_kbps
    release_ms = profile.as_rai_ms if profile.as_rai else profile.rrc_inactivity_ms
    life = _life(settings, lengths)
    alone = Delays(
        life,
        (least_ms, likely_ms, most_ms),
        profile.page_ms,
        profile.tau_ms * slower,
        one_way_ms,
        profile.connected_drx_ms,
    )
    routine = Routine(
        period_s=life.period_ms / 1000,
        active_s=life.active_ms / 1000,
        keeps=life.keeps,
        keeps_asleep=life.keeps_asleep,
        connect_s=(least_ms + likely_ms + most_ms) / 3000,
        tau_s=profile.tau_ms * slower / 1000,
        release_s=(one_way_ms + profile.connected_drx_ms / 2 + release_ms) / 1000,
    )
    delays: Delays | DelaysUnderLoad = alone
    mah = 0.0
    rate = settings.commands_per_day / DAY_S
    found: list[Wait] = []
    for share, windows, idle_ua in _listening(settings, lengths):
        rounds = walk(routine, windows, rate) if rate else []
        mah += share * mah_per_day(routine, rounds, rate, idle_ua, settings.currents)
        if rounds:
            found += waits(rounds, routine, windows, rate, _capacity(settings, lengths), share)
    if rate:
        delays = DelaysUnderLoad(alone, found)
    p50_s, p95_s, p99_s = (round(delays.percentile_s(percent), 3) for percent in (50, 95, 99))
    return Advice(
        best_s=round(alone.best_s, 3),
        mean_s=round(delays.mean_s, 3),
        p50_s=p50_s,
        p95_s=p95_s,
        p99_s=p99_s,
        worst_s=round(alone.worst_s, 3),
        delivered_share=delays.delivered_share,
        losses=_losses(settings, lengths),
        mah_per_day=mah,
        joules_per_day=mah * 3.6 * settings.currents.volts,
        commands_per_day=settings.commands_per_day,
        currents=settings.currents.name,
    )


def _checked(settings: Settings) -> _Lengths:
    paging = settings.profile.paging
    mode = edrx.mode_of(paging.channel)
    for name in ("edrx_s", "ptw_s", "drx_s", "psm_period_s"):
        length_s = getattr(settings, name)
        if length_s is not None and not 0 < length_s < math.inf:
            raise ValueError(f"{name} of {length_s}: seconds, more than 0, are needed")
    if not 0 <= settings.commands_per_day < math.inf:
        raise ValueError(f"{settings.commands_per_day} commands a day: 0 or more are needed")
    drx_s = settings.drx_s or paging.default_cycle_frames * FRAME_MS / 1000
    cycles = CYCLES_FRAMES[paging.channel]
    if round(drx_s * 100) not in cycles:
        known = ", ".join(f"{frames * FRAME_MS / 1000:g}" for frames in cycles)
        access = settings.profile.access
        raise ValueError(f"there is no DRX cycle of {drx_s:g} s: {access} has {known} s")
    drx_ms = round(drx_s * 1000)
    for name in ("psm_active_s", "psm_period_s"):
        if (getattr(settings, name) is None) != (settings.psm_period_s is None):
            raise ValueError("PSM needs both timers: the active time and the period")
    if settings.psm_active_s is not None:
        psm.encode_t3324(settings.psm_active_s, "exact")
        psm.encode_t3412(settings.psm_period_s, "exact")
    if settings.edrx_s is None:
        return _Lengths(None, 0, drx_ms)
    cycle_ms = round(settings.edrx_s * 1000)
    edrx_codes.encode_edrx(cycle_ms, mode)
    if cycle_ms == edrx.CYCLE_5120_MS:
        return _Lengths(None, 0, cycle_ms)
    if settings.ptw_s is None:
        ptw_ms = min(edrx_codes.decode_ptw(settings.profile.ptw, mode), cycle_ms)
    else:
        ptw_ms = round(settings.ptw_s * 1000)
    edrx.plan(0, paging.channel, cycle_ms, ptw_ms)
    if ptw_ms == cycle_ms:  # windows that adjoin: as ``Listening.plan``
        return _Lengths(None, 0, drx_ms)
    return _Lengths(cycle_ms, ptw_ms, drx_ms)


def _life(settings: Settings, lengths: _Lengths) -> IdleLife:
    """Return what an idle device does."""
    profile = settings.profile
    in_windows = lengths.edrx_ms is not None
    buffers = settings.hlcom or profile.page_at_next_ptw_without_hlcom
    gaps: Gaps = drx_gaps(lengths.drx_ms)
    if lengths.edrx_ms is not None:
        gaps = edrx_gaps(lengths.edrx_ms, lengths.ptw_ms, lengths.drx_ms, buffers)
    active_s, period_s = settings.psm_active_s, settings.psm_period_s
    if active_s is None or period_s is None or active_s >= period_s:
        period_ms = (period_s or profile.t3412_s) * 1000
        return IdleLife(gaps, period_ms, period_ms, keeps=True, keeps_asleep=False)
    # who waits for an occasion in DRX, or at once in a window, is lost when PSM begins before it
    keeps = settings.hlcom and in_windows
    return IdleLife(gaps, period_s * 1000, active_s * 1000, keeps, settings.hlcom)


def _listening(settings: Settings, lengths: _Lengths) -> Iterator[tuple[float, Windows, float]]:
    """Yield shares of all devices, when those can be paged, and what listening costs them, uA."""
    currents, page_ms = settings.currents, settings.profile.page_ms
    drx_s = lengths.drx_ms / 1000
    if lengths.edrx_ms is None:
        yield 1.0, Windows(drx_s, 1, drx_s, True), currents.drx_ua(lengths.drx_ms, page_ms)
        return
    buffers = settings.hlcom or settings.profile.page_at_next_ptw_without_hlcom
    fewer, rest = divmod(lengths.ptw_ms, lengths.drx_ms)
    more = rest / lengths.drx_ms  # the share of devices with one occasion more in a window
    for occasions, share in ((fewer, 1 - more), (fewer + 1, more)):
        if share:
            idle_ua = currents.edrx_ua(lengths.edrx_ms, occasions, page_ms)
            yield share, Windows(lengths.edrx_ms / 1000, occasions, drx_s, buffers), idle_ua


def _capacity(settings: Settings, lengths: _Lengths) -> int:
    """Return how many datagrams the S-GW keeps for a device that is paged, or asleep."""
    asleep = lengths.edrx_ms is not None or settings.psm_active_s is not None
    profile = settings.profile
    return profile.hlcom_packets if settings.hlcom and asleep else profile.sgw_packets


def _losses(settings: Settings, lengths: _Lengths) -> tuple[str, ...]:
    profile, found = settings.profile, []
    cycle_s = None if lengths.edrx_ms is None else lengths.edrx_ms / 1000
    ptw_s, drx_s = lengths.ptw_ms / 1000, lengths.drx_ms / 1000
    asleep = cycle_s is not None or settings.psm_active_s is not None
    if asleep and not settings.hlcom:
        found.append(
            "without HLCOM the visited network drops what comes while the device sleeps,"
            " and the command's status still says sent"
        )
    if asleep and settings.hlcom:
        found.append(
            f"HLCOM buffers about {profile.hlcom_packets} datagrams: more in one sleep are dropped"
        )
    if cycle_s is not None and ptw_s < drx_s:
        found.append(
            f"the window ({ptw_s:g} s) is shorter than T ({drx_s:g} s): it may hold no paging"
            " occasion at all"
        )
    active_s = settings.psm_active_s
    if cycle_s is not None and active_s is not None and active_s < cycle_s:
        found.append(
            f"the active time ({active_s} s) is shorter than the eDRX cycle ({cycle_s:g} s): often"
            " no window opens in it"
        )
    if cycle_s is None:
        t3413_s = profile.t3413(lengths.drx_ms) / 1000
        found.append(
            f"a page is repeated {profile.pages - 1} times after {t3413_s:g} s (T3413),"
            " then the datagram is dropped"
        )
    else:
        found.append(
            f"a missed page is repeated after {drx_s:g} s while the window is open; "
            + missed_window_rule(settings.hlcom, profile.hlcom_windows)
        )
    return tuple(found)
