"""The core network's side of one UE: its session, its downlink buffer, and paging.

MME and S-GW in one object, because what they say to each other (Downlink Data Notification, its
Ack, Modify Bearer) decides the fate of a datagram: TS 23.401 5.3.4.3. What they decide is in
``core``; this file carries it out in time. Registration, grants and timers are in
``mobility_context``.
"""

from typing import TYPE_CHECKING

from ip_commands.host_sim.lte import core, edrx, epc_timer
from ip_commands.host_sim.lte.buffering import DownlinkBuffer, buffering_duration_s
from ip_commands.host_sim.lte.core import Decision
from ip_commands.host_sim.lte.datagram import DROPPED, Datagram
from ip_commands.host_sim.lte.mobility_context import MobilityContext
from ip_commands.host_sim.lte.paging_procedure import PagingProcedure
from ip_commands.host_sim.time.event_queue import Event

if TYPE_CHECKING:
    from ip_commands.host_sim.lte.ue import Ue

_NEVER_MS = 1 << 62


class UeContext(MobilityContext):
    """What MME and S-GW keep about one UE, from attach to detach."""

    __slots__ = (
        "_drop_until_ms",
        "_expiry_event",
        "_stale",
        "buffer",
        "in_core",
        "ip_address",
        "paging",
        "user_plane",
    )

    def __init__(self, ue: "Ue") -> None:
        super().__init__(ue)
        self.buffer = DownlinkBuffer()
        self.paging = PagingProcedure(self, ue)
        self.in_core: set[Datagram] = set()
        """On their way to the S-GW, with a core delay."""
        self.ip_address: str | None = None
        """The session's address; None without a data connection."""
        self.user_plane = False
        """True while the S-GW has an S1 bearer to the eNB: datagrams go straight on."""
        self._expiry_event: Event | None = None
        self._drop_until_ms = 0
        self._stale = False

    # -- registration -----------------------------------------------------------------------------
    def register(self) -> None:
        """Attach accept."""
        super().register()
        self._stale = False
        self._drop_until_ms = 0

    def open_session(self, ip_address: str) -> None:
        """Activate the data connection: from now on datagrams are taken."""
        self.ip_address = ip_address

    def close_session(self, reason: str) -> None:
        """End the data connection: what waits in the S-GW is lost."""
        self.ip_address = None
        self.detach_reason = reason
        self._stop_paging()
        self._drop_all("dropped", "the S-GW deleted the session: {0}", reason)

    def detach(self, reason: str) -> None:
        """Forget the UE, and with it its session."""
        self.close_session(reason)
        self.user_plane = False
        super().detach(reason)

    # -- downlink ---------------------------------------------------------------------------------
    def arrive_after(self, datagram: Datagram, delay_ms: int) -> None:
        """Take a downlink datagram at the S-GW, later."""
        self.in_core.add(datagram)
        self._queue.after(delay_ms, self._arrive_delayed, datagram)

    def _arrive_delayed(self, datagram: Datagram) -> None:
        self.in_core.discard(datagram)
        self.arrive(datagram)

    def arrive(self, datagram: Datagram) -> None:
        """Take a downlink datagram at the S-GW."""
        now = self._queue.now_ms
        datagram.notes.append((now, "sent", "reached the S-GW of the visited network", ()))
        self._admit(datagram, now)

    def _admit(self, datagram: Datagram, now: int) -> None:
        if self.ip_address is None:
            datagram.close(now, DROPPED, "dropped", "no session any more: {0}", self.detach_reason)
        elif self.user_plane:
            self._ue.rrc.send_down(datagram)
        elif now < self._drop_until_ms:
            datagram.close(
                now,
                DROPPED,
                "dropped",
                "the S-GW drops everything for this UE until {0:at} (pkt-drop-time)",
                self._drop_until_ms,
            )
        elif self._ue.is_in_contact:
            self._keep(datagram, now, "the UE is setting up its radio connection")
        elif self.paging.is_running or self.buffer.expires_at_ms is not None or self._stale:
            self._keep(datagram, now, "behind those that wait: no second notification")
        elif self.buffer.packets:
            self._keep(datagram, now, "behind those that wait for the UE's next contact")
        else:
            self._notify_mme(datagram, now)

    def _keep(self, datagram: Datagram, now: int, rule: str) -> None:
        buffer = self.buffer
        if buffer.capacity == 0:
            buffer.open(self._capacity())
        if buffer.offer(datagram):
            datagram.notes.append((now, "buffered", rule, ()))
        else:
            datagram.close(
                now,
                DROPPED,
                "dropped",
                "the S-GW's buffer is full ({0} datagrams): tail drop",
                buffer.capacity,
            )

    def _capacity(self) -> int:
        profile = self.profile
        extended = profile.hlcom and (self.windows is not None or self.psm is not None)
        return profile.hlcom_packets if extended else profile.sgw_packets

    def _notify_mme(self, datagram: Datagram, now: int) -> None:
        profile = self.profile
        mme_now = now + profile.mme_clock_error_ms
        view = self.view_of_idle(now, self.unreachable_from_ms())
        decision = core.decide(view, profile.hlcom, profile.page_at_next_ptw_without_hlcom)
        action = decision.action
        datagram.notes.append((now, "ddn", decision.rule, ()))
        if action is core.DROP:
            self._refuse(datagram, now, decision)
            return
        self.buffer.open(self._capacity())
        if action is core.PAGE_DRX:
            self._keep(datagram, now, "in the S-GW while the UE is paged")
            self.paging.start_in_drx(now)
        elif action is core.PAGE_IN_PTW:
            window = edrx.window_at(self.windows, mme_now) if self.windows else None
            self._page_in_window(datagram, now, window)
        elif action is core.BUFFER:
            self._buffer_until_window(datagram, now)
        else:
            self._buffer_until_contact(datagram, now)

    def _refuse(self, datagram: Datagram, now: int, decision: Decision) -> None:
        if self.profile.keep_after_failed_page:
            self._stale = True
            self.buffer.open(self._capacity())
            self._keep(datagram, now, "this S-GW ignores the refusal and keeps it (Open5GS)")
            return
        self._drop_until_ms = now + self.profile.sgw_drop_s * 1000
        datagram.close(
            now,
            DROPPED,
            "dropped",
            "refused by the MME with cause {0}: {1}",
            decision.cause,
            decision.rule,
        )

    # -- extended buffering -----------------------------------------------------------------------
    def _buffer_until_window(self, datagram: Datagram, now: int) -> None:
        plan = self.windows
        if plan is None:
            raise RuntimeError("no windows to wait for")
        ahead = self.profile.mme_clock_error_ms
        window = edrx.next_window(plan, now + ahead)
        if self.profile.hlcom:
            self._buffer_extended(datagram, now, window.end_asf - ahead - now)
        else:
            self._keep(datagram, now, "in the S-GW's ordinary buffer until the next window")
        self.paging.start_in_window(window.start_asf - ahead, window.end_asf - ahead)

    def _buffer_until_contact(self, datagram: Datagram, now: int) -> None:
        self._buffer_extended(datagram, now, self.idle_since_ms + self.t3412_ms - now)
        self._arm_expiry()

    def _buffer_asleep(self, datagram: Datagram, now: int) -> None:
        """Buffer for the next window, or for the next contact when PSM begins before that."""
        if self.view_of_idle(now, _NEVER_MS) is core.IN_PSM:
            self._buffer_until_contact(datagram, now)
        else:
            self._buffer_until_window(datagram, now)

    def _buffer_extended(self, datagram: Datagram, now: int, wait_ms: int) -> None:
        length_s = buffering_duration_s(wait_ms, self.profile.hlcom_margin_s)
        if length_s == epc_timer.INFINITE:
            rule = "DL Buffering Duration infinite, up to {1} datagrams"
            self.buffer.open(self._capacity(), _NEVER_MS)
            values: tuple[object, ...] = (0, self.buffer.capacity)
        else:
            expires_ms = now + int(length_s) * 1000
            rule = "DL Buffering Duration {2} s, until {0:at}, up to {1} datagrams"
            self.buffer.open(self._capacity(), expires_ms)
            values = (expires_ms, self.buffer.capacity, int(length_s))
        self.buffer.packets.append(datagram)
        datagram.notes.append((now, "buffered", rule, values))

    def _arm_expiry(self) -> None:
        """Wait for the expiry: only once no page can come before it, which spares most timers."""
        expires_ms = self.buffer.expires_at_ms
        if self._expiry_event is None and expires_ms is not None and expires_ms != _NEVER_MS:
            self._expiry_event = self._queue.at(expires_ms, self._expire)

    def _expire(self) -> None:
        self._expiry_event = None
        self._stop_paging()
        self._drop_all(
            "expired", "DL Buffering Duration over without contact: the S-GW discarded it"
        )

    # -- paging -----------------------------------------------------------------------------------
    def _page_in_window(self, datagram: Datagram, now: int, window: edrx.Window | None) -> None:
        """Page at once; with HLCOM, wait for the next window when this one has no occasion."""
        end = (window.end_asf if window else now) - self.profile.mme_clock_error_ms
        at = self._ue.listening.next_window_occasion(now)
        if self.profile.hlcom and (at is None or at >= end):
            datagram.notes.append(
                (now, "missed", "no paging occasion left in this window: until the next one", ())
            )
            self._buffer_asleep(datagram, now)
            return
        self._keep(datagram, now, "in the S-GW while the UE is paged")
        self.paging.start_in_window(now, end)

    def page_answered(self) -> None:
        """The UE heard the page; it may still come too late for the buffer."""
        expires_ms = self.buffer.expires_at_ms
        if expires_ms is not None and self._ue.rrc.connects_after(expires_ms - 1):
            self._arm_expiry()

    def paging_failed(self, pages: int) -> None:
        """No answer to any page: what waits is kept or dropped."""
        now = self._queue.now_ms
        if self.buffer.expires_at_ms is not None:
            self._arm_expiry()
            for datagram in self.buffer.packets:
                datagram.notes.append(
                    (now, "unanswered", "no answer in the whole window: kept until its expiry", ())
                )
        elif self.profile.hlcom and self.windows is not None:
            self._keep_for_next_window(now)
        elif self.profile.keep_after_failed_page:
            self._stale = True
        else:
            self._drop_until_ms = now + self.profile.sgw_drop_s * 1000
            cause = core.UNABLE_TO_PAGE_UE
            self._drop_all("dropped", "no answer to {0} pages: cause {1}", pages, cause)

    def _keep_for_next_window(self, now: int) -> None:
        """The window closed on an unanswered page: now the UE sleeps, and HLCOM applies."""
        waiting = self.buffer.take_all()
        rule = "no answer before the window closed: HLCOM keeps it for the next one"
        for datagram in waiting:
            datagram.notes.append((now, "unanswered", rule, ()))
        self._buffer_asleep(waiting[0], now)
        for datagram in waiting[1:]:
            self._keep(datagram, now, "behind those that wait: no second notification")

    def _stop_paging(self) -> None:
        self.paging.stop()
        if self._expiry_event is not None:
            self._expiry_event.cancel()
            self._expiry_event = None

    def _drop_all(self, event: str, template: str, *values: object) -> None:
        now = self._queue.now_ms
        self._stale = False
        for datagram in self.buffer.take_all():
            datagram.close(now, DROPPED, event, template, *values)

    def contact_lost(self) -> None:
        """Go on paging: the UE had begun to answer and did not get through."""
        if not self.buffer.packets or self.paging.is_running:
            return
        now = self._queue.now_ms
        if now < self.paging.until_ms:
            self.paging.go_on(now)
        elif self.buffer.expires_at_ms is not None:
            self._arm_expiry()
        else:
            self.buffer.capacity = 0
            for datagram in self.buffer.take_all():
                self._admit(datagram, now)

    # -- contact ----------------------------------------------------------------------------------
    @property
    def has_waiting(self) -> bool:
        """True when datagrams wait in the S-GW."""
        return bool(self.buffer.packets)

    def connected(self) -> None:
        """Modify Bearer: the UE is there, flush in order."""
        self.user_plane = True
        self._stop_paging()
        self._stale = False
        self._drop_until_ms = 0
        buffer = self.buffer
        buffer.capacity = 0
        if buffer.packets:
            for datagram in buffer.take_all():
                self._ue.rrc.send_down(datagram)

    def released(self) -> None:
        """S1 release: the UE is idle (or gone) from now on."""
        self.user_plane = False
        self.idle_since_ms = self._queue.now_ms
