"""What idling and commands cost in charge a day: the simulation's ledger without a network."""

from collections.abc import Sequence

from ip_commands.host_sim.lte.energy import CurrentProfile
from ip_commands.host_sim.lte.idle_rounds import DAY_S, Round, Routine, mean_connection_s


def mah_per_day(
    routine: Routine,
    rounds: Sequence[Round],
    rate: float,
    idle_ua: float,
    currents: CurrentProfile,
) -> float:
    """Return the charge of a day in mAh.

    rounds: of a device that commands come to at a rate per second; (): none come. ``idle_ua``:
    what listening costs.
    """
    if not rounds:
        rounds = [Round(0.0, routine.period_s, True, None)]
    connection_s = mean_connection_s(routine.release_s, rate) if rate else 0.0
    listening_s = asleep_s = tau_s = connected_s = 0.0
    for one in rounds:
        heard_s = min(one.idle_s, routine.active_s)
        listening_s += heard_s
        asleep_s += one.idle_s - heard_s
        if one.by_tau:
            tau_s += routine.connect_s + routine.tau_s
        else:
            connected_s += routine.connect_s
        if one.came_s is not None:
            connected_s += connection_s
    ma_s = (
        listening_s * idle_ua / 1000
        + asleep_s * currents.psm_ua / 1000
        + tau_s * currents.tau_ma
        + connected_s * currents.connected_ma
    )
    return ma_s / (listening_s + asleep_s + tau_s + connected_s) * DAY_S / 3600
