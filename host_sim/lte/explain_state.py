"""Say in a sentence where a UE is and when it can next be reached."""

from ip_commands.host_sim.lte import edrx, states
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.time_base import clock, duration


def explain_state(
    name: str,
    state: str,
    context: UeContext,
    listening: Listening,
    now_ms: int,
    refusal: Refusal | None,
    search_at_ms: int | None,
) -> str:
    """Return the sentence; times are simulated UTC.

    refusal: the last that the UE heard of; search_at_ms: when it looks for the network again.
    """
    text = f"{name} at {clock(now_ms)}: {state}"
    if state in states.IDLE:
        reachability = _reachability(context, listening, now_ms)
        text += f" since {clock(context.idle_since_ms)}, {reachability}"
        psm_from = context.psm_from_ms()
        if psm_from is not None:
            text += f"; PSM from {clock(psm_from)}"
    elif state == states.PSM:
        due = context.idle_since_ms + context.t3412_ms
        text += f", not reachable before its next uplink or its periodic TAU at {clock(due)}"
    elif state == states.LIMITED:
        text += f": {refusal.text}" if refusal is not None else ""
        if search_at_ms is None:
            text += ", does not try again here before it is switched off"
        else:
            text += f", tries again at {clock(search_at_ms)}"
    elif state == states.UNREACHABLE:
        if search_at_ms is None:
            text += ", searches for a cell"
        else:
            text += f", rests and searches again at {clock(search_at_ms)}"
    elif state == states.DETACHED:
        text += f": {context.detach_reason}" if not context.registered else " without a word"
    buffer = context.sgw.buffer
    waiting = len(buffer.packets)
    if waiting:
        text += f"; {waiting} datagram{'s' * (waiting > 1)} buffered in the S-GW"
        expires = buffer.expires_at_ms
        if expires is not None and expires - now_ms < 10**12:
            text += f" until {clock(expires)}"
    return text


def _reachability(context: UeContext, listening: Listening, now_ms: int) -> str:
    windows = listening.windows
    if windows is None:
        return f"next paging occasion {clock(listening.next_drx_occasion(now_ms))}"
    window = edrx.window_at(windows, now_ms)
    if window is None:
        window = edrx.next_window(windows, now_ms)
        text = (
            f"next paging time window {clock(window.start_asf)}"
            f" (in {duration(window.start_asf - now_ms)})"
        )
    else:
        text = f"paging time window open until {clock(window.end_asf)}"
    at = listening.next_window_occasion(context.windows, now_ms)
    return text + (
        f", next paging occasion {clock(at)}" if at is not None else ", which holds no occasion"
    )
