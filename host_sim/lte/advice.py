"""How long a command will take, whether it can be lost, and what the settings cost in charge.

A pure function from what the network granted; the same model as the simulation, in closed form.
Commands are taken to arrive at any time with the same chance, and pages to be heard; a lost page
is mentioned, not averaged in.
"""

import math
from dataclasses import dataclass

from ip_commands.host_sim.lte import edrx, edrx_codes, psm
from ip_commands.host_sim.lte.buffering import missed_window_rule
from ip_commands.host_sim.lte.energy import NRF9160, CurrentProfile
from ip_commands.host_sim.lte.profiles import PROFILES, Profile
from ip_commands.host_sim.lte.time_base import FRAME_MS, duration

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Advice:
    """What to expect; times in seconds from the S-GW to the modem."""

    best_s: float
    mean_s: float
    """Of the commands that arrive."""
    worst_s: float
    """With every page heard, and a device that is where it should be."""
    delivered_share: float
    """Of commands to an idle device; below 1 the network loses the others."""
    losses: tuple[str, ...]
    """Ways in which a command can be lost or late although all is well."""
    mah_per_day: float
    joules_per_day: float
    commands_per_day: float

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

    ``profile`` gives the rest (set-up time, inactivity, T3413, T), ``currents`` the module.
    """

    edrx_s: float | None = None
    ptw_s: float | None = None
    """None: the profile's."""
    drx_s: float | None = None
    """T; None: the profile's."""
    psm_active_s: int | None = None
    psm_period_s: int | None = None
    hlcom: bool = False
    commands_per_day: float = 0
    profile: Profile = PROFILES["cat-m1"]
    currents: CurrentProfile = NRF9160


def advise(settings: Settings) -> Advice:
    """Return what to expect of the settings.

    Raises ValueError, naming what can be had instead, for lengths that no code stands for, a
    window longer than its cycle, or one PSM timer without the other.
    """
    cycle_s, ptw_s, drx_s = _idle_lengths(settings)
    least_ms, likely_ms, most_ms = settings.profile.connect_ms
    mean_ms = (least_ms + likely_ms + most_ms) / 3
    one_way_ms = settings.profile.rtt_ms // 2
    waits = _awake_waits(cycle_s, ptw_s, drx_s, settings.hlcom)
    losses = _losses(settings, cycle_s, ptw_s, drx_s)
    if settings.psm_active_s is not None and settings.psm_period_s is not None:
        waits = _with_psm(settings, waits)
    mah = _mah_per_day(settings, cycle_s, ptw_s, drx_s)
    return Advice(
        best_s=round((least_ms + one_way_ms) / 1000, 3),
        mean_s=round(waits.mean_s + (mean_ms + one_way_ms) / 1000, 3),
        worst_s=round(waits.worst_s + (most_ms + one_way_ms) / 1000, 3),
        delivered_share=waits.share,
        losses=losses,
        mah_per_day=mah,
        joules_per_day=mah * 3.6 * settings.currents.volts,
        commands_per_day=settings.commands_per_day,
    )


@dataclass(frozen=True, slots=True)
class _Waits:
    mean_s: float
    worst_s: float
    share: float


def _idle_lengths(settings: Settings) -> tuple[float | None, float, float]:
    """Return the eDRX cycle (None: DRX), the window and T, checked."""
    paging = settings.profile.paging
    mode = edrx.mode_of(paging.channel)
    for name in ("edrx_s", "ptw_s", "drx_s", "psm_period_s"):
        length_s = getattr(settings, name)
        if length_s is not None and not 0 < length_s < math.inf:
            raise ValueError(f"{name} of {length_s}: seconds, more than 0, are needed")
    if not 0 <= settings.commands_per_day < math.inf:
        raise ValueError(f"{settings.commands_per_day} commands a day: 0 or more are needed")
    drx_s = settings.drx_s or paging.default_cycle_frames * FRAME_MS / 1000
    if round(drx_s * 100) not in (32, 64, 128, 256, 512, 1024):
        raise ValueError(f"there is no DRX cycle of {drx_s:g} s: 0.32, 0.64, 1.28, 2.56 s")
    for name in ("psm_active_s", "psm_period_s"):
        if (getattr(settings, name) is None) != (settings.psm_period_s is None):
            raise ValueError("PSM needs both timers: the active time and the period")
    if settings.psm_active_s is not None:
        psm.encode_t3324(settings.psm_active_s, "exact")
        psm.encode_t3412(settings.psm_period_s, "exact")
    if settings.edrx_s is None:
        return None, 0, drx_s
    cycle_ms = round(settings.edrx_s * 1000)
    edrx_codes.encode_edrx(cycle_ms, mode)
    if cycle_ms == edrx.CYCLE_5120_MS:
        return None, 0, 5.12
    if settings.ptw_s is None:
        ptw_ms = min(edrx_codes.decode_ptw(settings.profile.ptw, mode), cycle_ms)
    else:
        ptw_ms = round(settings.ptw_s * 1000)
    edrx.plan(0, paging.channel, cycle_ms, ptw_ms)
    return cycle_ms / 1000, ptw_ms / 1000, drx_s


def _awake_waits(cycle_s: float | None, ptw_s: float, drx_s: float, hlcom: bool) -> _Waits:
    """Return the waits for a page of an idle device that is not in PSM."""
    if cycle_s is None:
        return _Waits(drx_s / 2, drx_s, 1)
    occasions = max(1, round(ptw_s / drx_s))
    gap_s = cycle_s - (occasions - 1) * drx_s
    if hlcom:
        mean_s = ((occasions - 1) * drx_s**2 + gap_s**2) / (2 * cycle_s)
        return _Waits(mean_s, gap_s, 1)
    # heard are those that arrive after the window opened and before its last occasion: the first
    # occasion comes anywhere in the first T
    heard_s = (occasions - 1) * drx_s + drx_s / 2
    mean_s = ((occasions - 1) * drx_s**2 / 2 + drx_s**2 / 6) / heard_s
    return _Waits(mean_s, drx_s, min(1, heard_s / cycle_s))


def _with_psm(settings: Settings, awake: _Waits) -> _Waits:
    """Mix the waits of the active time with those in PSM."""
    active_s, period_s = settings.psm_active_s or 0, settings.psm_period_s or 1
    asleep_s = max(0, period_s - active_s)
    share_awake = min(1, active_s / period_s)
    tau_s = settings.profile.tau_ms / 1000
    if not settings.hlcom:
        return _Waits(awake.mean_s, awake.worst_s, awake.share * share_awake)
    mean_s = awake.mean_s * share_awake + (asleep_s / 2 + tau_s) * (1 - share_awake)
    return _Waits(mean_s, max(awake.worst_s, asleep_s + tau_s), 1)


def _losses(
    settings: Settings, cycle_s: float | None, ptw_s: float, drx_s: float
) -> tuple[str, ...]:
    profile, found = settings.profile, []
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
            " no window opens in it, and the times above are too good"
        )
    if cycle_s is None:
        t3413_s = profile.t3413(round(drx_s * 1000)) / 1000
        found.append(
            f"a page is repeated {profile.pages - 1} times after {t3413_s:g} s (T3413),"
            " then the datagram is dropped"
        )
    else:
        found.append(
            f"a missed page is repeated after {drx_s:g} s while the window is open; "
            + missed_window_rule(settings.hlcom, profile.hlcom_windows, profile.hlcom_margin_s)
        )
    return tuple(found)


def _mah_per_day(settings: Settings, cycle_s: float | None, ptw_s: float, drx_s: float) -> float:
    profile, currents = settings.profile, settings.currents
    if cycle_s is None:
        idle_ua = currents.drx_ua(round(drx_s * 1000))
    else:
        idle_ua = currents.edrx_ua(round(cycle_s * 1000), max(1, round(ptw_s / drx_s)))
    period_s = settings.psm_period_s or profile.t3412_s
    connect_s = sum(profile.connect_ms) / 3000
    release_ms = profile.as_rai_ms if profile.as_rai else profile.rrc_inactivity_ms
    commands = settings.commands_per_day
    connected_s = min(_DAY_S, commands * (connect_s + release_ms / 1000))
    gap_s = _DAY_S / commands if commands else _DAY_S
    taus = (commands or 1) * (gap_s // period_s if commands else _DAY_S / period_s)
    tau_s = taus * (connect_s + profile.tau_ms / 1000)
    idle_s = max(0.0, _DAY_S - connected_s - tau_s)
    psm_s = 0.0
    if settings.psm_active_s is not None:
        active_s = min(idle_s, settings.psm_active_s * (commands + taus))
        psm_s, idle_s = idle_s - active_s, active_s
    ma_s = (
        connected_s * currents.connected_ma
        + tau_s * currents.tau_ma
        + idle_s * idle_ua / 1000
        + psm_s * currents.psm_ua / 1000
    )
    return ma_s / 3600


def format_advice(settings: Settings, advice: Advice, battery_mah: float | None = None) -> str:
    """Return the advice as lines for people."""
    asked = [settings.profile.access]
    if settings.edrx_s is not None:
        window = "" if settings.ptw_s is None else f", window {settings.ptw_s:g} s"
        asked.append(f"eDRX {settings.edrx_s:g} s{window}")
    if settings.psm_active_s is not None:
        asked.append(f"PSM {settings.psm_active_s} s active every {settings.psm_period_s} s")
    if settings.edrx_s is not None or settings.psm_active_s is not None:
        asked.append("with HLCOM" if settings.hlcom else "no HLCOM")
    lines = [
        "; ".join(asked),
        f"  a command takes    {_seconds(advice.best_s)} at best, {_seconds(advice.mean_s)} on"
        f" average, {_seconds(advice.worst_s)} at worst",
        f"  it arrives         {_share(advice.delivered_share)}",
        f"  charge             {advice.mah_per_day:.3g} mAh a day ({advice.joules_per_day:.3g} J)"
        f" with {advice.commands_per_day:g} commands a day, {settings.currents.name}",
    ]
    if battery_mah is not None:
        lines.append(
            f"  {battery_mah:g} mAh last      {advice.battery_days(battery_mah):.0f} days"
            " (no self-discharge)"
        )
    lines += [f"  note               {loss}" for loss in advice.losses]
    return "\n".join(lines)


def _seconds(seconds: float) -> str:
    return duration(round(seconds * 1000))


def _share(share: float) -> str:
    if share >= 1:
        return "always, unless pages or datagrams are missed on the air"
    return f"{share:.1%} of the time: the rest is lost in the visited network"
