"""The S-GW's side of one UE: its session, its downlink buffer, and what it drops unasked.

TS 23.401 5.3.4.3. The S-GW does not know why a UE cannot be reached: it notifies the MME, and does
as the MME's answer says. The buffer's own rules are in ``buffering``.
"""

from typing import Protocol

from ip_commands.host_sim.lte import epc_timer
from ip_commands.host_sim.lte.buffering import DownlinkBuffer
from ip_commands.host_sim.lte.datagram import DROPPED, Datagram
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.negotiation import PsmGrant
from ip_commands.host_sim.lte.paging_procedure import PagingProcedure
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.session_record import SessionRecord
from ip_commands.host_sim.time.event_queue import Event, EventQueue

_NEVER_MS = 1 << 62


class SgwMme(Protocol):
    """The MME that the S-GW notifies."""

    @property
    def profile(self) -> Profile: ...

    @property
    def detach_reason(self) -> str:
        """Why there is no session."""
        ...

    @property
    def windows(self) -> WindowPlan | None: ...

    @property
    def psm(self) -> PsmGrant | None: ...

    @property
    def paging(self) -> PagingProcedure: ...

    def notify(self, datagram: Datagram, now_ms: int) -> None:
        """Downlink Data Notification: decide what becomes of the first datagram that waits."""
        ...


class ServingGateway:
    """What the S-GW keeps for one UE."""

    __slots__ = (
        "_drop_until_ms",
        "_expiry_event",
        "_mme",
        "_queue",
        "_radio",
        "_stale",
        "buffer",
        "session",
        "sessions",
        "user_plane",
    )

    def __init__(self, queue: EventQueue, radio: RadioConnection, mme: SgwMme) -> None:
        self._queue = queue
        self._radio = radio
        self._mme = mme
        self.buffer = DownlinkBuffer()
        self.session: SessionRecord | None = None
        """The data connection; what is on its way for one never reaches the next."""
        self.sessions = 0
        """So many there have been."""
        self.user_plane = False
        """True while there is an S1 bearer to the eNB: datagrams go straight on."""
        self._expiry_event: Event | None = None
        self._drop_until_ms = 0
        self._stale = False
        """Packets of a failed page stay, and stop further notifications."""

    # -- session ----------------------------------------------------------------------------------
    @property
    def ip_address(self) -> str | None:
        """The session's address; None without a data connection."""
        session = self.session
        return None if session is None else session.ip_address

    def open_session(self, ip_address: str, apn: str, limit_bytes: int | None) -> SessionRecord:
        """Begin a data connection."""
        self.sessions += 1
        now = self._queue.now_ms
        self.session = SessionRecord(self.sessions, apn, ip_address, now, limit_bytes)
        return self.session

    def delete_session(self, reason: str) -> None:
        """End the data connection: what waits, and what is on its way to the UE, is lost."""
        self.session = None
        self._cancel_expiry()
        self._radio.enb.lose_downlink(f"the data connection ended: {reason}")
        self.drop_all("dropped", "the S-GW deleted the session: {0}", reason)

    def forget_failures(self) -> None:
        """Notify again, whatever failed before: the UE is there."""
        self._stale = False
        self._drop_until_ms = 0

    def modify_bearer(self) -> None:
        """Modify Bearer: the UE is there, flush in order."""
        self.user_plane = True
        if self._expiry_event is not None:
            self._cancel_expiry()
        self._stale = False
        self._drop_until_ms = 0
        buffer = self.buffer
        buffer.capacity = 0
        if buffer.packets:
            send_down = self._radio.bearer.send_down  # there is a link: the UE has just come
            for datagram in buffer.take_all():
                send_down(datagram)

    # -- downlink ---------------------------------------------------------------------------------
    def arrive(self, datagram: Datagram, session: SessionRecord) -> None:
        """Take a downlink datagram that was sent to that session."""
        now = self._queue.now_ms
        if session is not self.session:
            reason = "the one that it was sent to ended before"
            datagram.close(now, DROPPED, "dropped", "no session any more: {0}", reason)
            return
        session.down_bytes += datagram.octets
        datagram.notes.append((now, "sent", "reached the S-GW of the visited network", ()))
        self._admit(datagram, now)

    def _admit(self, datagram: Datagram, now: int) -> None:
        if self.session is None:
            reason = self._mme.detach_reason
            datagram.close(now, DROPPED, "dropped", "no session any more: {0}", reason)
        elif self.user_plane:
            radio = self._radio
            if radio.bearer.link_is_up:
                radio.bearer.send_down(datagram)
            else:
                radio.enb.hold(datagram)
        elif now < self._drop_until_ms:
            datagram.close(
                now,
                DROPPED,
                "dropped",
                "the S-GW drops everything for this UE until {0:at} (pkt-drop-time)",
                self._drop_until_ms,
            )
        elif self._radio.is_in_contact_with_core:
            self.keep(datagram, now, "the UE is setting up its radio connection")
        elif self._mme.paging.is_running or self.buffer.expires_at_ms is not None or self._stale:
            self.keep(datagram, now, "behind those that wait: no second notification")
        else:
            self._mme.notify(datagram, now)

    def admit_again(self, now: int) -> None:
        """Take what waits as if it came now: the contact that it waited for did not come about."""
        self._cancel_expiry()
        self.buffer.capacity = 0
        for datagram in self.buffer.take_all():
            self._admit(datagram, now)

    def drop_all(self, event: str, template: str, *values: object) -> None:
        """Empty the buffer; the trail's ``event`` and text say why."""
        now = self._queue.now_ms
        self._stale = False
        for datagram in self.buffer.take_all():
            datagram.close(now, DROPPED, event, template, *values)

    # -- as the MME says --------------------------------------------------------------------------
    def begin_to_keep(self, datagram: Datagram, now: int, rule: str) -> None:
        """Buffer the datagram whose notification the MME accepted."""
        self.buffer.open(self._capacity())
        self.keep(datagram, now, rule)

    def keep(self, datagram: Datagram, now: int, rule: str) -> None:
        """Buffer a datagram, or drop it where there is no room."""
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
                "the S-GW's buffer is full ({0:datagrams}): tail drop",
                buffer.capacity,
            )

    def keep_for(self, datagram: Datagram, now: int, length_s: float) -> None:
        """Extended buffering: begin to buffer, for the DL Buffering Duration."""
        if length_s == epc_timer.INFINITE:
            rule = "DL Buffering Duration infinite, up to {1:datagrams}"
            self.buffer.open(self._capacity(), _NEVER_MS)
            values: tuple[object, ...] = (0, self.buffer.capacity)
        else:
            expires_ms = now + int(length_s) * 1000
            rule = "DL Buffering Duration {2} s, until {0:at}, up to {1:datagrams}"
            self.buffer.open(self._capacity(), expires_ms)
            values = (expires_ms, self.buffer.capacity, int(length_s))
        self.buffer.packets.append(datagram)
        datagram.notes.append((now, "buffered", rule, values))

    def _capacity(self) -> int:
        mme = self._mme
        profile = mme.profile
        extended = profile.hlcom and (mme.windows is not None or mme.psm is not None)
        return profile.hlcom_packets if extended else profile.sgw_packets

    def refuse(self, datagram: Datagram, now: int, cause: int | None, rule: str) -> None:
        """Downlink Data Notification Ack with a cause: drop it, unless this S-GW ignores that."""
        profile = self._mme.profile
        if profile.keep_after_failed_page:
            self._stale = True
            rule = "this S-GW ignores the refusal and keeps it (Open5GS)"
            self.begin_to_keep(datagram, now, rule)
            return
        self._drop_until_ms = now + profile.sgw_drop_s * 1000
        datagram.close(
            now, DROPPED, "dropped", "refused by the MME with cause {0}: {1}", cause, rule
        )

    def fail(self, now: int, cause: int, pages: int) -> None:
        """Downlink Data Notification Failure Indication, after so many pages."""
        profile = self._mme.profile
        if profile.keep_after_failed_page:
            self._stale = True
            self.arm_expiry()
        else:
            self._drop_until_ms = now + profile.sgw_drop_s * 1000
            if pages == 0:
                self.drop_all("dropped", "no paging occasion before the window closed")
            elif pages == 1:
                self.drop_all("dropped", "no answer to the page: cause {0}", cause)
            else:
                self.drop_all("dropped", "no answer to {0} pages: cause {1}", pages, cause)

    # -- expiry -----------------------------------------------------------------------------------
    def arm_expiry(self) -> None:
        """Wait for the expiry: only once no page can come before it, which spares most timers."""
        expires_ms = self.buffer.expires_at_ms
        if self._expiry_event is None and expires_ms is not None and expires_ms != _NEVER_MS:
            self._expiry_event = self._queue.at(expires_ms, self._expire)

    def _cancel_expiry(self) -> None:
        if self._expiry_event is not None:
            self._expiry_event.cancel()
            self._expiry_event = None

    def _expire(self) -> None:
        self._expiry_event = None
        self._mme.paging.stop()
        self.drop_all(
            "expired", "DL Buffering Duration over without contact: the S-GW discarded it"
        )
