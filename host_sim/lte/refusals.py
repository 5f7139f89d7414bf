"""A network's no: to an attach (EMM) or a data connection (ESM), with its cause and its reason."""

from typing import NamedTuple

from ip_commands.host_sim.lte.emm_causes import EmmCause, emm_cause
from ip_commands.host_sim.lte.esm_causes import EsmCause, esm_cause

EMM = "EMM"
ESM = "ESM"

# Who said no.
HOME = "home"
VISITED = "visited"


class Refusal(NamedTuple):
    """What a reject message says, and what stands behind it."""

    layer: str
    """``EMM`` or ``ESM``."""
    cause: int
    reason: str
    """Why, for people."""
    by: str = VISITED
    """``home``: the SIM's own core, which then knows of it; ``visited``: the network alone."""
    back_off_s: int | None = None
    """T3346 (EMM) or T3396 (ESM) as sent; None: none."""
    service_code: int | None = None
    """The service's own error code for its customer (83700 to 83705); None: it has none."""

    @property
    def row(self) -> EmmCause | EsmCause:
        """The cause's row in its table."""
        return emm_cause(self.cause) if self.layer == EMM else esm_cause(self.cause)

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        return f"{self.row} ({self.reason})"


def attach_refusal(
    cause: int,
    reason: str,
    by: str = VISITED,
    back_off_s: int | None = None,
    service_code: int | None = None,
) -> Refusal:
    """Return an Attach Reject. Raises ValueError for a cause outside one octet."""
    emm_cause(cause)
    return Refusal(EMM, cause, reason, by, back_off_s, service_code)


def session_refusal(
    cause: int,
    reason: str,
    by: str = VISITED,
    back_off_s: int | None = None,
    service_code: int | None = None,
) -> Refusal:
    """Return a PDN Connectivity Reject. Raises ValueError for a cause outside one octet."""
    esm_cause(cause)
    return Refusal(ESM, cause, reason, by, back_off_s, service_code)
