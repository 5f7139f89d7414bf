"""The power saving of one UE: what it asks for, what it was granted, and what follows from that.

eDRX and PSM are negotiated anew with every attach and TAU (TS 24.301 5.5.1.2, 5.5.3.2); what a
network grants is in ``negotiation``.
"""

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mobility_context import MobilityContext
from ip_commands.host_sim.lte.negotiation import PsmGrant, grant_edrx, grant_psm

_DEACTIVATED = "11100000"


class PowerSaving:
    """What the UE believes of eDRX and PSM; the network's side is its ``MobilityContext``."""

    __slots__ = (
        "_activity",
        "_asked_edrx",
        "_asked_psm",
        "_camping",
        "_context",
        "_listening",
        "_negotiated",
        "psm",
    )

    def __init__(
        self,
        camping: Camping,
        activity: Activity,
        listening: Listening,
        context: MobilityContext,
    ) -> None:
        self._camping = camping
        self._activity = activity
        self._listening = listening
        self._context = context
        self._asked_edrx = camping.profile.requested_edrx
        self._asked_psm = camping.profile.requested_psm
        self.psm: PsmGrant | None = None
        """What was granted; None: PSM is not used."""
        self._negotiated: tuple[object, ...] = ()
        """What the last negotiation depended on: a TAU that changes nothing costs nothing."""

    @property
    def edrx_bits(self) -> tuple[str, str, str] | None:
        """(requested cycle, granted cycle, PTW) as last granted; None: no eDRX."""
        grant = self._context.edrx
        return grant.bits if grant is not None else None

    @property
    def psm_bits(self) -> tuple[str, str] | None:
        """(T3412 extended, T3324) as last granted; None: no PSM."""
        return self.psm.bits if self.psm is not None else None

    # -- asking: the next attach or TAU carries it ------------------------------------------------
    def ask_edrx(self, cycle_bits: str | None) -> None:
        """Ask for an eDRX cycle; None: none. Raises ValueError unless four bits."""
        if cycle_bits is not None and (len(cycle_bits) != 4 or set(cycle_bits) - {"0", "1"}):
            raise ValueError(f"eDRX cycle {cycle_bits!r} is not four bits")
        self._asked_edrx = cycle_bits

    def ask_psm(self, t3412_bits: str | None, t3324_bits: str | None) -> None:
        """Ask for PSM; None: none (of both), or the network's own T3412.

        Raises ValueError unless each is eight bits.
        """
        if t3324_bits is None:
            self._asked_psm = None
            return
        for bits in (t3412_bits or _DEACTIVATED, t3324_bits):
            if len(bits) != 8 or set(bits) - {"0", "1"}:
                raise ValueError(f"timer {bits!r} is not eight bits")
        self._asked_psm = (t3412_bits or _DEACTIVATED, t3324_bits)

    def ask_as_profile(self) -> None:
        """Ask for what the profile of the present network names."""
        self._asked_edrx = self._camping.profile.requested_edrx
        self._asked_psm = self._camping.profile.requested_psm

    # -- being granted ----------------------------------------------------------------------------
    def negotiate(self) -> None:
        """Take over what an accept message carries; the modem hears of a change."""
        camping = self._camping
        m_tmsi = self._listening.m_tmsi
        asked_edrx, asked_psm = self._asked_edrx, self._asked_psm
        terms = (camping.profile, m_tmsi, camping.edrx_allowed, asked_edrx, asked_psm)
        if terms == self._negotiated:
            return
        self._negotiated = terms
        before = self.edrx_bits, self.psm_bits
        edrx_grant = None
        if camping.edrx_allowed:
            edrx_grant = grant_edrx(camping.profile, asked_edrx, camping.mode)
        self.psm = grant_psm(camping.profile, asked_psm)
        self._context.accept(edrx_grant, self.psm, self._listening.plan(edrx_grant))
        self.follow_cell()
        listener = self._activity.listener
        if (self.edrx_bits, self.psm_bits) != before and listener is not None:
            listener.power_saving_granted()

    def follow_cell(self) -> None:
        """Listen as the grants and the present cell say."""
        self._listening.follow(self._context.edrx, self._context.windows)
