"""When one UE listens for pages: what follows from its cell, its grants and its M-TMSI."""

from typing import TYPE_CHECKING

from ip_commands.host_sim.lte import edrx, paging
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.negotiation import EdrxGrant
from ip_commands.host_sim.lte.time_base import FRAME_MS

if TYPE_CHECKING:
    from ip_commands.host_sim.lte.ue import Ue


class Listening:
    """The UE's paging occasions and windows, kept up to date."""

    __slots__ = ("_ue", "m_tmsi", "where", "windows")

    def __init__(self, ue: "Ue") -> None:
        self._ue = ue
        profile = ue.profile
        self.m_tmsi = 0
        self.windows: WindowPlan | None = None
        """When the UE listens in eDRX; None: at every DRX occasion."""
        self.where = paging.occasion(ue.imsi, profile.paging, profile.ue_cycle_frames)
        """When it listens in DRX, or inside a window."""

    def plan(self, grant: EdrxGrant | None) -> WindowPlan | None:
        """Return the windows of a grant under the current M-TMSI; None where there are none."""
        if grant is None or grant.cycle_ms == edrx.CYCLE_5120_MS:
            return None
        channel = self._ue.profile.paging.channel
        return edrx.plan(self.m_tmsi, channel, grant.cycle_ms, grant.ptw_ms)

    def follow(self) -> None:
        """Work out anew when the UE listens, from grant and cell, and what that costs."""
        ue = self._ue
        grant = ue.context.edrx if ue.edrx_allowed else None
        self.windows = ue.context.windows if grant is not None else None
        short = grant is not None and grant.cycle_ms == edrx.CYCLE_5120_MS
        profile = ue.profile
        self.where = paging.occasion(ue.imsi, profile.paging, profile.ue_cycle_frames, short)
        currents = ue.ledger.currents
        cycle_ms = self.where.cycle_frames * FRAME_MS
        edrx_ua = 0.0
        if self.windows is not None and grant is not None:
            count = edrx.occasions_per_window(self.windows, self.where)
            edrx_ua = currents.edrx_ua(grant.cycle_ms, count)
        ue.ledger.set_idle_currents(ue.queue.now_ms, currents.drx_ua(cycle_ms), edrx_ua)

    def next_drx_occasion(self, at_ms: int) -> int:
        """Return the first DRX paging occasion at or after ``at_ms``."""
        offset = self._ue.profile.cell_offset_ms
        return paging.next_occasion(self.where, at_ms + offset) - offset

    def next_window_occasion(self, at_ms: int) -> int | None:
        """Return the first paging occasion in a window at or after ``at_ms``; None: never.

        The windows are the MME's: a UE in a cell without eDRX listens at them too.
        """
        plan = self._ue.context.windows
        if plan is None:
            return self.next_drx_occasion(at_ms)
        offset = self._ue.profile.cell_offset_ms
        found = edrx.next_occasion(plan, self.where, at_ms + offset)
        return None if found is None else found - offset
