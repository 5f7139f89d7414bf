"""ESM causes as data: number, name, and what they make the UE do.

Numbers and names: TS 24.301 9.9.4.4 and annex B. Reactions: TS 24.301 6.5.1.4 (activation
rejected) and 6.4.4 (deactivation by the network); from knowledge of the standard, like the 12
minutes of those causes that come without a back-off time.
"""

from typing import NamedTuple

from ip_commands.host_sim.lte.value_kinds import is_whole

# What a UE does.
BACK_OFF = "waits for T3396 with this APN, where the network sent it"
BACK_OFF_12_MIN = "waits for T3396 with this APN, or for 12 minutes"
FREE = "may ask again"
REACTIVATE = "asks for the same connection again at once"

REACTIONS = (BACK_OFF, BACK_OFF_12_MIN, FREE, REACTIVATE)

DEFAULT_BACK_OFF_S = 720


class EsmCause(NamedTuple):
    """One row."""

    number: int
    name: str
    reaction: str

    def __str__(self) -> str:
        return f"ESM cause {self.number}: {self.name}"


_ROWS = (
    EsmCause(8, "operator determined barring", BACK_OFF_12_MIN),
    EsmCause(26, "insufficient resources", BACK_OFF),
    EsmCause(27, "missing or unknown APN", BACK_OFF_12_MIN),
    EsmCause(28, "unknown PDN type", FREE),
    EsmCause(29, "user authentication or authorization failed", BACK_OFF),
    EsmCause(30, "request rejected by serving GW or PDN GW", BACK_OFF),
    EsmCause(31, "request rejected, unspecified", BACK_OFF),
    EsmCause(32, "service option not supported", BACK_OFF_12_MIN),
    EsmCause(33, "requested service option not subscribed", BACK_OFF_12_MIN),
    EsmCause(34, "service option temporarily out of order", BACK_OFF),
    EsmCause(35, "PTI already in use", FREE),
    EsmCause(36, "regular deactivation", FREE),
    EsmCause(37, "EPS QoS not accepted", FREE),
    EsmCause(38, "network failure", BACK_OFF),
    EsmCause(39, "reactivation requested", REACTIVATE),
    EsmCause(41, "semantic error in the TFT operation", FREE),
    EsmCause(42, "syntactical error in the TFT operation", FREE),
    EsmCause(43, "invalid EPS bearer identity", FREE),
    EsmCause(44, "semantic errors in packet filters", FREE),
    EsmCause(45, "syntactical errors in packet filters", FREE),
    EsmCause(47, "PTI mismatch", FREE),
    EsmCause(49, "last PDN disconnection not allowed", FREE),
    EsmCause(50, "PDN type IPv4 only allowed", FREE),
    EsmCause(51, "PDN type IPv6 only allowed", FREE),
    EsmCause(52, "single address bearers only allowed", FREE),
    EsmCause(53, "ESM information not received", FREE),
    EsmCause(54, "PDN connection does not exist", FREE),
    EsmCause(55, "multiple PDN connections for a given APN not allowed", FREE),
    EsmCause(56, "collision with network initiated request", FREE),
    EsmCause(57, "PDN type IPv4v6 only allowed", FREE),
    EsmCause(58, "PDN type non IP only allowed", FREE),
    EsmCause(59, "unsupported QCI value", FREE),
    EsmCause(60, "bearer handling not supported", FREE),
    EsmCause(65, "maximum number of EPS bearers reached", FREE),
    EsmCause(66, "requested APN not supported in current RAT and PLMN combination", BACK_OFF),
    EsmCause(81, "invalid PTI value", FREE),
    EsmCause(95, "semantically incorrect message", FREE),
    EsmCause(96, "invalid mandatory information", FREE),
    EsmCause(97, "message type non-existent or not implemented", FREE),
    EsmCause(98, "message type not compatible with the protocol state", FREE),
    EsmCause(99, "information element non-existent or not implemented", FREE),
    EsmCause(100, "conditional IE error", FREE),
    EsmCause(101, "message not compatible with the protocol state", FREE),
    EsmCause(111, "protocol error, unspecified", FREE),
    EsmCause(112, "APN restriction value incompatible with active EPS bearer context", FREE),
    EsmCause(113, "multiple accesses to a PDN connection not allowed", FREE),
)

ESM_CAUSES = {row.number: row for row in _ROWS}
"""By number."""


def esm_cause(number: int) -> EsmCause:
    """Return the row of a cause; TS 24.301 9.9.4.4: any other value counts as 111.

    Raises ValueError outside one octet.
    """
    if not is_whole(number) or not 0 <= number <= 255:
        raise ValueError(f"ESM cause {number!r}: one octet, 0 to 255, is needed")
    return ESM_CAUSES.get(number) or EsmCause(number, "protocol error, unspecified", FREE)
