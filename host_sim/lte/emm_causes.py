"""EMM causes as data: number, name, and what a refusal with it makes the UE do.

Numbers and names: TS 24.301 9.9.3.9 and annex A. Reactions: TS 24.301 5.5.1.2.5 (attach) and
5.5.2.3.2 (detach by the network). Read in public text: 3, 6 and 9 (TS 36.523-1 22.5.7a, 22.5.9),
and the timers; the other rows are from knowledge of the standard.
"""

from typing import NamedTuple

from ip_commands.host_sim.lte.value_kinds import is_whole

# What a UE does.
GO_ON = "goes on: only its non-EPS services were refused"
USIM_INVALID = "takes the SIM as invalid until it is switched off"
ATTACH_AGAIN = "forgets its GUTI and attaches again at once"
FORBID_PLMN = "puts the network into the SIM's list of forbidden ones and searches another"
FORBID_PLMN_FOR_DATA = "takes the network as forbidden for packet data until it is switched off"
FORBID_AREA = "takes the tracking area as forbidden, until it is switched off or for half a day"
RETRY = "tries again after T3411, after five tries after T3402"
WAIT_T3346 = "waits for T3346 where the network sent it, else tries again as after a failure"

REACTIONS = (
    GO_ON,
    USIM_INVALID,
    ATTACH_AGAIN,
    FORBID_PLMN,
    FORBID_PLMN_FOR_DATA,
    FORBID_AREA,
    RETRY,
    WAIT_T3346,
)
FOR_GOOD = (USIM_INVALID, FORBID_PLMN, FORBID_PLMN_FOR_DATA, FORBID_AREA)
"""Reactions after which the UE does not try again here by itself: <stat> 3 of +CEREG."""


class EmmCause(NamedTuple):
    """One row."""

    number: int
    name: str
    reaction: str

    def __str__(self) -> str:
        return f"EMM cause {self.number}: {self.name}"


_ROWS = (
    EmmCause(2, "IMSI unknown in HSS", GO_ON),
    EmmCause(3, "illegal UE", USIM_INVALID),
    EmmCause(5, "IMEI not accepted", USIM_INVALID),
    EmmCause(6, "illegal ME", USIM_INVALID),
    EmmCause(7, "EPS services not allowed", USIM_INVALID),
    EmmCause(8, "EPS services and non-EPS services not allowed", USIM_INVALID),
    EmmCause(9, "UE identity cannot be derived by the network", ATTACH_AGAIN),
    EmmCause(10, "implicitly detached", ATTACH_AGAIN),
    EmmCause(11, "PLMN not allowed", FORBID_PLMN),
    EmmCause(12, "tracking area not allowed", FORBID_AREA),
    EmmCause(13, "roaming not allowed in this tracking area", FORBID_AREA),
    EmmCause(14, "EPS services not allowed in this PLMN", FORBID_PLMN_FOR_DATA),
    EmmCause(15, "no suitable cells in tracking area", FORBID_AREA),
    EmmCause(16, "MSC temporarily not reachable", RETRY),
    EmmCause(17, "network failure", RETRY),
    EmmCause(18, "CS domain not available", GO_ON),
    EmmCause(19, "ESM failure", RETRY),
    EmmCause(20, "MAC failure", RETRY),
    EmmCause(21, "synch failure", RETRY),
    EmmCause(22, "congestion", WAIT_T3346),
    EmmCause(23, "UE security capabilities mismatch", RETRY),
    EmmCause(24, "security mode rejected, unspecified", RETRY),
    EmmCause(25, "not authorized for this CSG", FORBID_AREA),
    EmmCause(26, "non-EPS authentication unacceptable", RETRY),
    EmmCause(35, "requested service option not authorized in this PLMN", FORBID_PLMN),
    EmmCause(38, "CS fallback call establishment not allowed", GO_ON),
    EmmCause(39, "CS service temporarily not available", GO_ON),
    EmmCause(40, "no EPS bearer context activated", ATTACH_AGAIN),
    EmmCause(42, "severe network failure", RETRY),
    EmmCause(95, "semantically incorrect message", RETRY),
    EmmCause(96, "invalid mandatory information", RETRY),
    EmmCause(97, "message type non-existent or not implemented", RETRY),
    EmmCause(98, "message type not compatible with the protocol state", RETRY),
    EmmCause(99, "information element non-existent or not implemented", RETRY),
    EmmCause(100, "conditional IE error", RETRY),
    EmmCause(101, "message not compatible with the protocol state", RETRY),
    EmmCause(111, "protocol error, unspecified", RETRY),
)

EMM_CAUSES = {row.number: row for row in _ROWS}
"""By number."""


def emm_cause(number: int) -> EmmCause:
    """Return the row of a cause; TS 24.301 9.9.3.9: any other value counts as 111.

    Raises ValueError outside one octet.
    """
    if not is_whole(number) or not 0 <= number <= 255:
        raise ValueError(f"EMM cause {number!r}: one octet, 0 to 255, is needed")
    return EMM_CAUSES.get(number) or EmmCause(number, "protocol error, unspecified", RETRY)
