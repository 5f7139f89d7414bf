"""Advice as lines for people."""

from ip_commands.host_sim.lte.advice import Advice, Settings
from ip_commands.host_sim.lte.time_base import duration


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
        f"                     50 % within {_seconds(advice.p50_s)}, 95 %"
        f" {_seconds(advice.p95_s)}, 99 % {_seconds(advice.p99_s)}",
        f"  it arrives         {_share(advice.delivered_share)}",
        f"  charge             {advice.mah_per_day:.3g} mAh a day ({advice.joules_per_day:.3g} J)"
        f" with {advice.commands_per_day:g} commands a day; {advice.currents}",
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
    precision = 1 if share < 0.9995 else 3
    return f"{share:.{precision}%} of the time: the rest is lost in the visited network"
