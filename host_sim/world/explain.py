"""Why a datagram arrived, waits or was lost: one sentence from its trail.

Absolute times of day, the paging occasion as the air interface names it, the rule that decided.
What happened several times for the same reason is told once, with its times.
"""

from collections.abc import Iterable, Sequence

from ip_commands.host_sim.lte.datagram import DELIVERED, DOWN, WAITING, Datagram, TrailEntry
from ip_commands.host_sim.lte.time_base import air_time, clock, duration

_TOLD_BY_THE_OUTCOME = ("created", "sent", "delivered")
_LISTED = 3
"""So many times are told one by one."""


def explain(datagram: Datagram) -> str:
    """Return one sentence: outcome, when, how long it took, and the reasons in order."""
    reasons = "; ".join(_reasons(datagram))
    if datagram.outcome == WAITING or datagram.closed_at_ms is None:
        return f"waiting since {clock(datagram.created_at_ms)}: {reasons}"
    took_ms = datagram.closed_at_ms - datagram.created_at_ms
    at = clock(datagram.closed_at_ms)
    if datagram.outcome == DELIVERED:
        whom = "the device" if datagram.direction == DOWN else "the core network's exit"
        return f"delivered to {whom} at {at} after {duration(took_ms)}: {reasons}"
    after = f"{duration(took_ms)} after its creation" if took_ms else "as soon as it came"
    return f"lost at {at}, {after}: {reasons}"


def _reasons(datagram: Datagram) -> list[str]:
    trail = [entry for entry in datagram.trail if entry.event not in _TOLD_BY_THE_OUTCOME]
    last = trail.pop() if trail and datagram.outcome not in (WAITING, DELIVERED) else None
    told = _told(trail, "" if last is None else last.rule)
    clauses = [_clause(event, rule, times) for (event, rule), times in told.items()]
    if last is not None:
        clauses.append(last.rule)  # when it was is in the outcome
    elif datagram.outcome == DELIVERED and not any(
        entry.event in ("ddn", "buffered", "connecting", "held") for entry in trail
    ):
        clauses.append("the radio connection was up")
    return clauses or ["on its way through the core network"]


def _told(trail: Iterable[TrailEntry], last_rule: str) -> dict[tuple[str, str], list[int]]:
    """Return what is told together: event and rule, and when it was; in order of the first times.

    A page goes with the reason why it was not heard, "" when it was. What the last step says too
    is left to it.
    """
    told: dict[tuple[str, str], list[int]] = {}
    for entry in trail:
        heard = told.get(("paged", ""), [])
        if entry.event == "paged":
            told.setdefault(("paged", ""), []).append(entry.at_ms)
        elif entry.event == "missed" and entry.at_ms in heard:
            heard.remove(entry.at_ms)
            if not heard:
                del told["paged", ""]
            told.setdefault(("paged", entry.rule), []).append(entry.at_ms)
        elif entry.rule not in last_rule:
            told.setdefault((entry.event, entry.rule), []).append(entry.at_ms)
    return told


def _clause(event: str, rule: str, times: Sequence[int]) -> str:
    if event == "paged":
        air = air_time(times[0])
        where = f" (H-SFN {air.hsfn}, SFN {air.sfn}, sub-frame {air.subframe})"
        return f"paged {_at(times, where)}" + (f", but {rule}" if rule else "")
    if event == "ddn":
        return rule if len(times) == 1 else f"{rule}, and again {_at(times[1:])}"
    if event == "missed":
        return f"but {rule}" if len(times) == 1 else f"but, {_at(times)}, {rule}"
    if event == "transmitted":
        return f"on the air {_at(times)}"
    return f"{event} {_at(times)}: {rule}"


def _at(times: Sequence[int], first: str = "") -> str:
    """Return "at" and times of day; ``first``: more about the first of them."""
    said = [clock(at_ms) for at_ms in times]
    said[0] += first
    if len(said) > _LISTED:
        return f"{len(said)} times from {said[0]} to {said[-1]}"
    return "at " + " and ".join((", ".join(said[:-1]), said[-1]) if said[1:] else said)
