"""Why a datagram arrived, waits or was lost: one sentence from its trail.

Absolute times of day, the paging occasion as the air interface names it, the rule that decided.
"""

from ip_commands.host_sim.lte.datagram import DELIVERED, DOWN, WAITING, Datagram, TrailEntry
from ip_commands.host_sim.lte.time_base import air_time, clock, duration


def explain(datagram: Datagram) -> str:
    """Return one sentence: outcome, when, how long it took, and the reasons in order."""
    trail = datagram.trail
    reasons = "; ".join(_reasons(datagram, trail))
    if datagram.outcome == WAITING or datagram.closed_at_ms is None:
        return f"waiting since {clock(datagram.created_at_ms)}: {reasons}"
    took = duration(datagram.closed_at_ms - datagram.created_at_ms)
    at = clock(datagram.closed_at_ms)
    if datagram.outcome == DELIVERED:
        whom = "the device" if datagram.direction == DOWN else "the core network's exit"
        return f"delivered to {whom} at {at} after {took}: {reasons}"
    return f"lost at {at}, {took} after its creation: {reasons}"


def _reasons(datagram: Datagram, trail: list[TrailEntry]) -> list[str]:
    parts = [
        _words(entry) for entry in trail if entry.event not in ("created", "sent", "delivered")
    ]
    if datagram.outcome == DELIVERED and not any(
        entry.event in ("ddn", "buffered", "connecting") for entry in trail
    ):
        parts.append("the radio connection was up")
    return parts or ["on its way through the core network"]


def _words(entry: TrailEntry) -> str:
    at = clock(entry.at_ms)
    if entry.event == "ddn":
        return entry.rule
    if entry.event == "paged":
        air = air_time(entry.at_ms)
        return (
            f"paged at {at} (H-SFN {air.hsfn}, SFN {air.sfn}, sub-frame {air.subframe}:"
            f" {entry.rule})"
        )
    if entry.event == "missed":
        return f"but {entry.rule}"
    if entry.event in ("dropped", "expired", "unanswered"):
        return f"{entry.event} at {at}: {entry.rule}"
    if entry.event == "transmitted":
        return f"on the air at {at}"
    return f"{entry.event} at {at}: {entry.rule}"
