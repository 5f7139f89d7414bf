"""What the core network does with downlink data for a UE: the S-GW and MME decision, in one table.

TS 23.401 5.3.4.3 (network triggered service request, extended buffering), TS 23.682 4.5.7 (high
latency communication) and 4.5.13.3 (eDRX). Pure: the one place to read or to change the rules.
"""

from typing import NamedTuple

from ip_commands.host_sim.lte import edrx
from ip_commands.host_sim.lte.edrx import WindowPlan

# How the MME sees a UE that has a session.
CONNECTED = "connected"
IN_DRX = "idle in DRX"
IN_PTW = "idle, inside its paging time window"
OUTSIDE_PTW = "idle in eDRX, outside its paging time window"
IN_PSM = "in PSM"
NOT_REACHABLE = "not heard of since the mobile reachable timer"
_VIEWS = (CONNECTED, IN_DRX, IN_PTW, OUTSIDE_PTW, IN_PSM, NOT_REACHABLE)

# What follows.
FORWARD = "forward"
PAGE_DRX = "page_drx"
PAGE_IN_PTW = "page_in_ptw"
BUFFER = "buffer"
BUFFER_UNTIL_CONTACT = "buffer_until_contact"
DROP = "drop"

# GTPv2-C cause values (TS 29.274 table 8.4-1).
UE_NOT_RESPONDING = 87
UNABLE_TO_PAGE_UE = 90
POWER_SAVING = 123
"""UE is temporarily not reachable due to power saving."""


class Decision(NamedTuple):
    """One row: what happens to the datagram, the GTPv2-C cause of a refusal, the rule in words."""

    action: str
    cause: int | None
    rule: str


_ANY_HLCOM = {
    CONNECTED: Decision(FORWARD, None, "the UE has a radio connection: sent on at once"),
    IN_DRX: Decision(
        PAGE_DRX, None, "Downlink Data Notification: UE idle in DRX, paged at its next occasion"
    ),
    IN_PTW: Decision(
        PAGE_IN_PTW, None, "Downlink Data Notification: inside the paging time window, paged now"
    ),
    NOT_REACHABLE: Decision(
        DROP,
        UE_NOT_RESPONDING,
        "no sign of the UE since T3412 and the mobile reachable timer: not paged any more",
    ),
}
_WITH_HLCOM = {
    OUTSIDE_PTW: Decision(
        BUFFER, None, "outside the paging time window: HLCOM, the S-GW buffers until the next one"
    ),
    IN_PSM: Decision(
        BUFFER_UNTIL_CONTACT, None, "UE in PSM: HLCOM, the S-GW buffers until its next contact"
    ),
}
_WITHOUT_HLCOM = {
    OUTSIDE_PTW: Decision(
        DROP,
        POWER_SAVING,
        "outside the paging time window and no HLCOM: the MME refuses, the S-GW drops",
    ),
    IN_PSM: Decision(
        DROP, POWER_SAVING, "UE in PSM and no HLCOM: the MME refuses, the S-GW drops"
    ),
}
_PAGE_AT_NEXT_PTW = Decision(
    BUFFER,
    None,
    "outside the paging time window: no HLCOM, but this MME pages at the next one"
    " (TS 23.682 4.5.13.3.3), the S-GW keeps what fits its ordinary buffer",
)

DECISIONS: dict[tuple[str, bool], Decision] = {
    **{(view, hlcom): row for view, row in _ANY_HLCOM.items() for hlcom in (False, True)},
    **{(view, True): row for view, row in _WITH_HLCOM.items()},
    **{(view, False): row for view, row in _WITHOUT_HLCOM.items()},
}
"""(how the MME sees the UE, HLCOM on) -> what happens."""


def decide(view: str, hlcom: bool, page_at_next_ptw_without_hlcom: bool = False) -> Decision:
    """Return what the core network does with a datagram for a UE that it sees as ``view``.

    Raises ValueError for a view that is none of this file's.
    """
    if page_at_next_ptw_without_hlcom and view == OUTSIDE_PTW and not hlcom:
        return _PAGE_AT_NEXT_PTW
    try:
        return DECISIONS[view, hlcom]
    except KeyError:
        known = ", ".join(map(repr, _VIEWS))
        raise ValueError(f"view {view!r}: one of {known} is needed") from None


def view_of_idle(
    windows: WindowPlan | None, asf: int, psm_from_asf: int | None, unreachable_from_asf: int
) -> str:
    """Return how the MME sees an idle UE at ``asf``.

    ``windows`` None: plain DRX (also an eDRX cycle of 5.12 s); ``psm_from_asf``: when T3324 ends,
    None without PSM. A UE whose next window opens only after T3324 counts as being in PSM.
    """
    if asf >= unreachable_from_asf:
        return NOT_REACHABLE
    if psm_from_asf is not None and asf >= psm_from_asf:
        return IN_PSM
    if windows is None:
        return IN_DRX
    if edrx.window_at(windows, asf) is not None:
        return IN_PTW
    if psm_from_asf is not None and edrx.next_window(windows, asf).start_asf >= psm_from_asf:
        return IN_PSM
    return OUTSIDE_PTW
