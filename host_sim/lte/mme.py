"""The MME's side of one UE: what it answers to the S-GW's notifications, and how it pages.

What MME and S-GW say to each other (Downlink Data Notification, its Ack, Modify Bearer) decides
the fate of a datagram: TS 23.401 5.3.4.3. What they decide is in ``core``; this file carries it
out in time. Registration, grants and timers are in ``mobility_context``, the S-GW is in ``sgw``.
"""

from collections.abc import Callable
from typing import Protocol

from ip_commands.host_sim.lte import core, edrx
from ip_commands.host_sim.lte.buffering import buffering_duration_s, missed_window_rule
from ip_commands.host_sim.lte.coverage import REPETITIONS
from ip_commands.host_sim.lte.datagram import Datagram
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mobility_context import MobilityContext
from ip_commands.host_sim.lte.nat import Nat
from ip_commands.host_sim.lte.paging_procedure import PagingProcedure
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.session_record import (
    SESSION_ENDED,
    SESSION_STARTED,
    SessionRecord,
)
from ip_commands.host_sim.lte.sgw import ServingGateway
from ip_commands.host_sim.time.event_queue import EventQueue

_NEVER_MS = 1 << 62


class SessionLog(Protocol):
    """Who takes what the core tells of one UE's sessions."""

    def session_told(self, event: str, session: SessionRecord, reason: str) -> None: ...


class UeContext(MobilityContext):
    """What the core network keeps about one UE, from attach to detach.

    It owns the paging procedure and the S-GW's side; both call back by their own small protocols.
    """

    __slots__ = (
        "_home",
        "_listening",
        "_nat",
        "_radio",
        "_windows_missed",
        "address_turn",
        "paging",
        "sgw",
    )

    def __init__(
        self,
        queue: EventQueue,
        profile: Profile,
        radio: RadioConnection,
        listening: Listening,
        keeps_in_touch: Callable[[], bool],
        home: SessionLog,
    ) -> None:
        super().__init__(queue, profile, keeps_in_touch)
        self._radio = radio
        self._listening = listening
        self.sgw = ServingGateway(queue, radio, self)
        self.paging = PagingProcedure(queue, radio, listening, self.sgw.buffer, self)
        self._nat: Nat | None = None
        self._home = home
        self.address_turn = 0
        """Grows when the network ends a session: the next one has another address."""
        self._windows_missed = 0
        """By the datagrams that wait: paged in so many windows, and nobody answered."""

    # -- registration -----------------------------------------------------------------------------
    def register(self) -> None:
        """Attach accept."""
        super().register()
        self.sgw.forget_failures()

    @property
    def ip_address(self) -> str | None:
        """The session's address; None without a data connection."""
        return self.sgw.ip_address

    @property
    def nat(self) -> Nat:
        """The mappings of its address; made when first asked for."""
        if self._nat is None:
            self._nat = Nat()
        return self._nat

    @property
    def session(self) -> SessionRecord | None:
        """What the core counts of the data connection."""
        return self.sgw.session

    def open_session(self, ip_address: str, apn: str, limit_bytes: int | None = None) -> None:
        """Activate the data connection: from now on datagrams are taken."""
        session = self.sgw.open_session(ip_address, apn, limit_bytes)
        self._home.session_told(SESSION_STARTED, session, "")

    def close_session(self, reason: str) -> None:
        """End the data connection: what waits in the S-GW is lost."""
        self.detach_reason = reason
        self.paging.stop()
        if self._nat is not None:
            self._nat.forget_all()
        session = self.sgw.session
        self.sgw.delete_session(reason)
        if session is not None:
            self._home.session_told(SESSION_ENDED, session, reason)

    def detach(self, reason: str) -> None:
        """Forget the UE, and with it its session."""
        self.close_session(reason)
        self.sgw.user_plane = False
        self._radio.enb.drop_context(reason)
        super().detach(reason)

    # -- asked by the S-GW ------------------------------------------------------------------------
    def notify(self, datagram: Datagram, now_ms: int) -> None:
        """Downlink Data Notification: decide by what is known of the idle UE."""
        profile = self.profile
        self._windows_missed = 0
        view = self.view_of_idle(now_ms, self.unreachable_from_ms())
        decision = core.decide(view, profile.hlcom, profile.page_at_next_ptw_without_hlcom)
        action = decision.action
        datagram.notes.append((now_ms, "ddn", decision.rule, ()))
        if action is core.DROP:
            self.sgw.refuse(datagram, now_ms, decision.cause, decision.rule)
        elif action is core.PAGE_DRX:
            self.sgw.begin_to_keep(datagram, now_ms, "in the S-GW while the UE is paged")
            self.paging.start_in_drx(now_ms)
        elif action is core.PAGE_IN_PTW:
            self._page_in_window(datagram, now_ms)
        elif action is core.BUFFER:
            self._buffer_until_window(datagram, now_ms)
        else:
            self._buffer_until_contact(datagram, now_ms)

    # -- extended buffering -----------------------------------------------------------------------
    def _buffer_until_window(self, datagram: Datagram, now: int) -> None:
        plan = self.windows
        if plan is None:
            raise RuntimeError("no windows to wait for")
        ahead = self.profile.mme_clock_error_ms
        window = edrx.next_window(plan, now + ahead)
        if self.profile.hlcom:
            self.sgw.keep_for(datagram, now, self._duration_s(window.end_asf - ahead - now))
        else:
            rule = "in the S-GW's ordinary buffer until the next window"
            self.sgw.begin_to_keep(datagram, now, rule)
        self.paging.start_in_window(window.start_asf - ahead, window.end_asf - ahead)

    def _buffer_until_contact(self, datagram: Datagram, now: int) -> None:
        wait_ms = self.idle_since_ms + self.t3412_ms - now
        self.sgw.keep_for(datagram, now, self._duration_s(wait_ms, self.profile.tau_ms))
        self.sgw.arm_expiry()

    def _duration_s(self, wait_ms: int, nas_ms: int = 0) -> float:
        """Return the DL Buffering Duration: the wait, and the longest set-up where the UE is."""
        profile = self.profile
        repetitions = REPETITIONS[self._radio.enb.heard_level]
        set_up_ms = (profile.mpdcch_repetitions + profile.connect_ms[2] + nas_ms) * repetitions
        return buffering_duration_s(wait_ms, profile.hlcom_margin_s, set_up_ms)

    def _buffer_asleep(self, datagram: Datagram, now: int) -> None:
        """Buffer for the next window, or for the next contact when PSM begins before that."""
        if self.view_of_idle(now, _NEVER_MS) is core.IN_PSM:
            self._buffer_until_contact(datagram, now)
        else:
            self._buffer_until_window(datagram, now)

    # -- paging -----------------------------------------------------------------------------------
    def _page_in_window(self, datagram: Datagram, now: int) -> None:
        """Page at once; or in the next window, where the MME does so, if this has no occasion."""
        plan = self.windows
        ahead = self.profile.mme_clock_error_ms
        window = edrx.window_at(plan, now + ahead) if plan else None
        end = (window.end_asf if window else now) - ahead
        at = self._listening.next_window_occasion(plan, now)
        if (at is None or at >= end) and self._may_wait(now):
            datagram.notes.append(
                (now, "missed", "no paging occasion left in this window: until the next one", ())
            )
            self._buffer_asleep(datagram, now)
            return
        self.sgw.begin_to_keep(datagram, now, "in the S-GW while the UE is paged")
        self.paging.start_in_window(now, end)

    def _may_wait(self, now: int) -> bool:
        """Return whether what cannot be paged now is kept for the next window, or contact."""
        if self.profile.hlcom:
            return True
        waits = self.profile.page_at_next_ptw_without_hlcom
        return waits and self.view_of_idle(now, _NEVER_MS) is not core.IN_PSM

    def page_answered(self) -> None:
        """The UE heard the page; it may still come too late for the buffer."""
        expires_ms = self.sgw.buffer.expires_at_ms
        if expires_ms is not None and self._radio.connects_after(expires_ms - 1):
            self.sgw.arm_expiry()

    def paging_failed(self, pages: int) -> None:
        """No answer to any page: the S-GW deletes what waits (TS 23.401 5.3.4.3, step 5).

        With ``hlcom_windows`` above 1 only after so many windows.
        """
        profile = self.profile
        if profile.hlcom and self.windows is not None:
            self._note_unanswered()
            self._windows_missed += 1
            if self._windows_missed < profile.hlcom_windows:
                self._keep_for_next_window()
                return
        self.sgw.fail(self._queue.now_ms, core.UNABLE_TO_PAGE_UE, pages)

    def _note_unanswered(self) -> None:
        rule, now = missed_window_rule(True, self.profile.hlcom_windows), self._queue.now_ms
        for datagram in self.sgw.buffer.packets:
            datagram.notes.append((now, "unanswered", rule, ()))

    def _keep_for_next_window(self) -> None:
        """Ask for buffering anew: now the UE sleeps."""
        now = self._queue.now_ms
        waiting = self.sgw.buffer.take_all()
        self._buffer_asleep(waiting[0], now)
        for datagram in waiting[1:]:
            self.sgw.keep(datagram, now, "behind those that wait: no second notification")

    @property
    def is_connected(self) -> bool:
        """ECM-CONNECTED, as the MME sees it."""
        return self._radio.enb.has_context

    # -- contact: S1, as the radio connection reports it ------------------------------------------
    @property
    def has_waiting(self) -> bool:
        """True when datagrams wait in the S-GW."""
        return bool(self.sgw.buffer.packets)

    def signalling(self) -> None:
        """Take the UE as there, for a TAU alone: it is not paged while the MME talks to it."""
        self.sgw.user_plane = False
        self.paging.stop()

    def connected(self) -> None:
        """Initial context set-up: the UE is there."""
        self.paging.stop()
        self.sgw.modify_bearer()

    def released(self, unheard: bool = False) -> None:
        """S1 release: the UE is idle (or gone) from now on.

        What came during a TAU that failed gets a new notification (TS 23.401 5.3.4.3).
        """
        self.sgw.user_plane = False
        self.idle_since_ms = self._queue.now_ms
        if self.sgw.buffer.packets:
            self.sgw.admit_again(self.idle_since_ms)
        if unheard and not self._keeps_in_touch():
            self.watch_for_silence()

    def contact_lost(self) -> None:
        """Go on paging: the UE had begun to answer and did not get through."""
        if not self.sgw.buffer.packets or self.paging.is_running:
            return
        now = self._queue.now_ms
        if now < self.paging.until_ms:
            self.paging.go_on(now)
        elif self.paging.until_ms and self.profile.hlcom and self.windows is not None:
            self.paging.stop()  # the window has closed: that was no answer
            self.paging_failed(self.paging.pages)
        elif self.sgw.buffer.expires_at_ms is not None:
            self.sgw.arm_expiry()
        else:
            self.sgw.admit_again(now)
