"""Say in a sentence where a UE is and when it can next be reached."""

from typing import TYPE_CHECKING

from ip_commands.host_sim.lte import edrx, states
from ip_commands.host_sim.lte.time_base import clock, duration

if TYPE_CHECKING:
    from ip_commands.host_sim.lte.ue import Ue


def explain_state(ue: "Ue") -> str:
    """Return the sentence; times are simulated UTC."""
    now = ue.queue.now_ms
    text = f"{ue.name} at {clock(now)}: {ue.state}"
    if ue.state in states.IDLE:
        text += f" since {clock(ue.context.idle_since_ms)}, {_reachability(ue, now)}"
        psm_from = ue.context.psm_from_ms()
        if psm_from is not None:
            text += f"; PSM from {clock(psm_from)}"
    elif ue.state == states.PSM:
        due = ue.context.idle_since_ms + ue.context.t3412_ms
        text += f", not reachable before its next uplink or its periodic TAU at {clock(due)}"
    elif ue.state == states.DETACHED:
        text += f" ({ue.context.detach_reason})" if not ue.context.registered else " (silently)"
    waiting = len(ue.context.buffer.packets)
    if waiting:
        text += f"; {waiting} datagram{'s' * (waiting > 1)} buffered in the S-GW"
        expires = ue.context.buffer.expires_at_ms
        if expires is not None and expires - now < 10**12:
            text += f" until {clock(expires)}"
    return text


def _reachability(ue: "Ue", now: int) -> str:
    windows = ue.windows
    if windows is None:
        return f"next paging occasion {clock(ue.listening.next_drx_occasion(now))}"
    window = edrx.window_at(windows, now)
    if window is None:
        window = edrx.next_window(windows, now)
        text = (
            f"next paging time window {clock(window.start_asf)}"
            f" (in {duration(window.start_asf - now)})"
        )
    else:
        text = f"paging time window open until {clock(window.end_asf)}"
    at = ue.listening.next_window_occasion(now)
    return text + (
        f", next paging occasion {clock(at)}" if at is not None else ", which holds no occasion"
    )
