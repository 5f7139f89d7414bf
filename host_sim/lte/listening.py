"""When one UE listens for pages: what follows from its cell, its grants and its M-TMSI."""

from ip_commands.host_sim.lte import edrx, paging
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.negotiation import EdrxGrant
from ip_commands.host_sim.lte.time_base import FRAME_MS
from ip_commands.host_sim.time.event_queue import EventQueue


class Listening:
    """The UE's paging occasions and windows, kept up to date."""

    __slots__ = (
        "_camping",
        "_ledger",
        "_queue",
        "_terms",
        "imsi",
        "m_tmsi",
        "where",
        "windows",
    )

    def __init__(self, queue: EventQueue, imsi: str, camping: Camping, ledger: Ledger) -> None:
        self._queue = queue
        self.imsi = imsi
        self._camping = camping
        self._ledger = ledger
        profile = camping.profile
        self.m_tmsi = 0
        self.windows: WindowPlan | None = None
        """When the UE listens in eDRX; None: at every DRX occasion."""
        self._terms = (profile.paging, profile.ue_cycle_frames, False)
        self.where = paging.occasion(imsi, *self._terms)
        """When it listens in DRX, or inside a window."""

    def plan(self, grant: EdrxGrant | None) -> WindowPlan | None:
        """Return the windows of a grant under the current M-TMSI; None where there are none.

        Windows as long as the cycle adjoin: the UE listens always, and counts as one in DRX.
        """
        if grant is None or grant.cycle_ms in (edrx.CYCLE_5120_MS, grant.ptw_ms):
            return None
        channel = self._camping.profile.paging.channel
        return edrx.plan(self.m_tmsi, channel, grant.cycle_ms, grant.ptw_ms)

    def follow(self, granted: EdrxGrant | None, granted_windows: WindowPlan | None) -> None:
        """Work out anew when the UE listens, from grant and cell, and what that costs.

        In a cell without eDRX neither the grant nor its windows count.
        """
        camping = self._camping
        grant = granted if camping.edrx_allowed else None
        self.windows = granted_windows if grant is not None else None
        short = grant is not None and grant.cycle_ms == edrx.CYCLE_5120_MS
        profile = camping.profile
        terms = (profile.paging, profile.ue_cycle_frames, short)
        if terms != self._terms:
            self._terms = terms
            self.where = paging.occasion(self.imsi, *terms)
        ledger = self._ledger
        ledger.follow_access(self._queue.now_ms, profile.access)
        currents = ledger.currents
        cycle_ms = self.where.cycle_frames * FRAME_MS
        edrx_ua = 0.0
        if self.windows is not None and grant is not None:
            count = edrx.occasions_per_window(self.windows, self.where)
            edrx_ua = currents.edrx_ua(grant.cycle_ms, count, profile.page_ms)
        drx_ua = currents.drx_ua(cycle_ms, profile.page_ms)
        ledger.set_idle_currents(self._queue.now_ms, drx_ua, edrx_ua)

    def next_drx_occasion(self, at_ms: int) -> int:
        """Return the first DRX paging occasion at or after ``at_ms``."""
        offset = self._camping.profile.cell_offset_ms
        return paging.next_occasion(self.where, at_ms + offset) - offset

    def next_window_occasion(self, plan: WindowPlan | None, at_ms: int) -> int | None:
        """Return the first paging occasion in a window at or after ``at_ms``; None: never.

        ``plan`` are the MME's windows, None without any: then every DRX occasion counts. A UE in
        a cell without eDRX listens in the MME's windows too.
        """
        if plan is None:
            return self.next_drx_occasion(at_ms)
        offset = self._camping.profile.cell_offset_ms
        found = edrx.next_occasion(plan, self.where, at_ms + offset)
        return None if found is None else found - offset
