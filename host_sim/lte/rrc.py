"""The radio connection of one UE: set-up, datagrams in both directions, release for inactivity.

RRC (TS 36.331) as seen in time: how long a set-up takes, what a datagram costs on the air, when
the eNB lets an idle connection go. Datagrams of one direction never overtake each other.
"""

from collections import deque
from typing import TYPE_CHECKING

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.datagram import DELIVERED, DROPPED, Datagram, octets_on_air
from ip_commands.host_sim.lte.states import CONNECTED, CONNECTING
from ip_commands.host_sim.time.event_queue import Event

if TYPE_CHECKING:
    from ip_commands.host_sim.lte.ue import Ue


class RadioConnection:
    """One UE's RRC connection and what is in flight over it."""

    __slots__ = (
        "_connect_event",
        "_down",
        "_inactivity_event",
        "_last_activity_ms",
        "_last_down_ms",
        "_last_up_ms",
        "_queue",
        "_ue",
        "_up",
        "connected",
        "signalling_only",
        "waiting_uplink",
    )

    def __init__(self, ue: "Ue") -> None:
        self._ue = ue
        self._queue = ue.queue
        self.connected = False
        self.signalling_only = False
        """True while only a TAU keeps the connection: no user plane yet."""
        self._connect_event: Event | None = None
        self._inactivity_event: Event | None = None
        self._last_activity_ms = 0
        self._last_down_ms = 0
        self._last_up_ms = 0
        self._down: deque[tuple[Datagram, Event]] = deque()
        self._up: deque[tuple[Datagram, Event]] = deque()
        self.waiting_uplink: deque[Datagram] = deque()
        """Uplink datagrams that wait for the connection."""

    @property
    def is_connecting(self) -> bool:
        """True from the first preamble to the end of the set-up."""
        return self._connect_event is not None

    def connects_after(self, at_ms: int) -> bool:
        """True when a set-up under way will end only after ``at_ms``."""
        return self._connect_event is not None and self._connect_event.at_ms > at_ms

    def in_flight(self) -> list[Datagram]:
        """Every datagram on the air or waiting for it, both directions."""
        return [d for d, _ in self._down] + [d for d, _ in self._up] + list(self.waiting_uplink)

    # -- set-up and release -----------------------------------------------------------------------
    def connect(self, after_ms: int = 0, signalling_only: bool = False) -> None:
        """Set the connection up, unless that is done or under way: needs join."""
        if self.connected:
            if self.signalling_only and not signalling_only:
                self.open_user_plane()
            return
        self.signalling_only = signalling_only and (
            self.signalling_only or self._connect_event is None
        )
        if self._connect_event is not None:
            return
        ue = self._ue
        profile = ue.profile
        least, likely, most = profile.connect_ms
        set_up_ms = int(ue.random.triangular(least, most, likely)) * profile.ce_factor
        self._connect_event = self._queue.at(
            self._queue.now_ms + after_ms + set_up_ms, self._connected
        )
        ue.enter(CONNECTING, energy.TAU if self.signalling_only else None)

    def attached(self) -> None:
        """Be connected, with user plane, as an attach leaves the UE."""
        self.signalling_only = False
        self._be_connected()

    def _connected(self) -> None:
        self._connect_event = None
        ue = self._ue
        if not ue.emm.service_is_rejected():
            self._be_connected()

    def _be_connected(self) -> None:
        ue = self._ue
        self.connected = True
        self._last_activity_ms = self._queue.now_ms
        ue.enter(CONNECTED, energy.TAU if self.signalling_only else None)
        if ue.listener is not None:
            ue.listener.rrc_changed(True)
        if not self.connected:
            return  # the modem switched off in answer
        if not self.signalling_only:
            self.open_user_plane()
        ue.emm.radio_connected()

    def open_user_plane(self) -> None:
        """Service request or TAU with data: flush both directions."""
        if self.signalling_only:
            self.signalling_only = False
            self._ue.ledger.switch(self._queue.now_ms, energy.CONNECTED)
        self._ue.context.connected()
        while self.waiting_uplink:
            self._transmit(self.waiting_uplink.popleft())
        self.expect_inactivity()

    def expect_inactivity(self) -> None:
        """(Re)arm the release; while it is armed, activity only moves its due time."""
        if self._inactivity_event is None:
            self._inactivity_event = self._queue.at(self._release_at_ms(), self._inactive)

    def _release_at_ms(self) -> int:
        profile = self._ue.profile
        return self._last_activity_ms + (
            profile.as_rai_ms if profile.as_rai else profile.rrc_inactivity_ms
        )

    def _inactive(self) -> None:
        self._inactivity_event = None
        if not self.connected:
            return
        if self._ue.emm.is_busy:
            self._touch(self._queue.now_ms)
        if self._queue.now_ms < self._release_at_ms():
            self.expect_inactivity()
        else:
            self.release()

    def release(self) -> None:
        """RRC Connection Release: the UE is idle."""
        self._end()
        ue = self._ue
        ue.context.released()
        ue.emm.became_idle()
        if ue.listener is not None:
            ue.listener.rrc_changed(False)
        if ue.emm.tau_due:
            ue.emm.update()

    def fail(self, reason: str) -> None:
        """Lose the connection, or the set-up, with everything on the air."""
        was_connected, was_connecting = self.connected, self.is_connecting
        if self._connect_event is not None:
            self._connect_event.cancel()
            self._connect_event = None
        self._end()
        self.lose_in_flight(reason)
        if was_connected:
            self._ue.context.released()
            if self._ue.listener is not None:
                self._ue.listener.rrc_changed(False)
        if was_connecting:
            self._ue.context.contact_lost()

    def lose_in_flight(self, reason: str) -> None:
        """Drop what is on the air and what waits for it."""
        now = self._queue.now_ms
        for flying in (self._down, self._up):
            for datagram, event in flying:
                event.cancel()
                datagram.close(now, DROPPED, "dropped", "{0}", reason)
            flying.clear()
        while self.waiting_uplink:
            self.waiting_uplink.popleft().close(now, DROPPED, "dropped", "{0}", reason)

    def _end(self) -> None:
        self.connected = False
        self.signalling_only = False
        if self._inactivity_event is not None:
            self._inactivity_event.cancel()
            self._inactivity_event = None

    # -- downlink ---------------------------------------------------------------------------------
    def send_down(self, datagram: Datagram) -> None:
        """Put a downlink datagram on the air."""
        ue = self._ue
        profile = ue.profile
        now = self._queue.now_ms
        latency_ms = profile.rtt_ms // 2 * profile.ce_factor
        if profile.connected_drx_ms:
            latency_ms += int(ue.random.random() * profile.connected_drx_ms)
        octets = octets_on_air(len(datagram.payload), datagram.fragments)
        air_ms = octets * 8 * profile.ce_factor // profile.downlink_kbps
        at = max(now + latency_ms, self._last_down_ms) + air_ms
        self._last_down_ms = at
        self._touch(at)
        ue.ledger.add_downlink(now, len(datagram.payload), octets)
        self._down.append((datagram, self._queue.at(at, self._arrive_down)))

    def _arrive_down(self) -> None:
        datagram, _ = self._down.popleft()
        ue = self._ue
        now = self._queue.now_ms
        if self._is_lost(datagram):
            datagram.close(now, DROPPED, "dropped", "lost on the air (residual loss)")
        else:
            datagram.close(now, DELIVERED, "delivered", "handed to the modem")
            if ue.listener is not None:
                ue.listener.datagram_arrived(
                    datagram.payload,
                    datagram.source_host,
                    datagram.source_port,
                    datagram.destination_port,
                )

    def _is_lost(self, datagram: Datagram) -> bool:
        # any lost fragment loses the datagram
        loss = self._ue.profile.datagram_loss
        draw = self._ue.random.random()
        return draw < (loss if datagram.fragments == 1 else 1 - (1 - loss) ** datagram.fragments)

    # -- uplink -----------------------------------------------------------------------------------
    def send_up(self, datagram: Datagram) -> None:
        """Send an uplink datagram, setting up the connection first when there is none."""
        if self.connected and not self.signalling_only:
            self._transmit(datagram)
        elif len(self.waiting_uplink) >= self._ue.profile.uplink_packets:
            datagram.close(
                self._queue.now_ms,
                DROPPED,
                "dropped",
                "the modem's queue is full ({0} datagrams)",
                len(self.waiting_uplink),
            )
        else:
            datagram.note(self._queue.now_ms, "connecting", "service request: {0}", self._ue.state)
            self.waiting_uplink.append(datagram)
            self.connect()

    def _transmit(self, datagram: Datagram) -> None:
        ue = self._ue
        profile = ue.profile
        now = self._queue.now_ms
        octets = octets_on_air(len(datagram.payload), datagram.fragments)
        air_ms = octets * 8 * profile.ce_factor // profile.uplink_kbps
        at = max(now + profile.rtt_ms // 2 * profile.ce_factor, self._last_up_ms) + air_ms
        self._last_up_ms = at
        self._touch(at)
        ue.ledger.add_uplink(now, len(datagram.payload), octets, air_ms)
        datagram.notes.append((now, "transmitted", "on the air", ()))
        self._up.append((datagram, self._queue.at(at, self._arrive_up)))

    def _arrive_up(self) -> None:
        datagram, _ = self._up.popleft()
        ue = self._ue
        now = self._queue.now_ms
        if self._is_lost(datagram):
            datagram.close(now, DROPPED, "dropped", "lost on the air (residual loss)")
        else:
            datagram.close(now, DELIVERED, "delivered", "left the core network")
            if ue.network.on_uplink is not None:
                ue.network.on_uplink(
                    ue, datagram, datagram.destination_host, datagram.destination_port
                )

    def _touch(self, at_ms: int) -> None:
        if at_ms > self._last_activity_ms:
            self._last_activity_ms = at_ms
