"""The radio connection of one UE: pages heard, set-up, release for inactivity, loss.

RRC (TS 36.331) as seen in time: how long a set-up takes, when the eNB lets an idle connection go.
The datagrams that travel over it are the ``bearer``'s. It serves two sides that know it, and calls
back only by what ``Nas`` and ``S1`` name.
"""

from collections import deque
from random import Random
from typing import Protocol

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.bearer import RadioBearer
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.datagram import DROPPED, Datagram
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.states import (
    CONNECTED,
    CONNECTING,
    IDLE_DRX,
    IDLE_EDRX,
    PSM,
    UNREACHABLE,
)
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class Nas(Protocol):
    """The UE's layer above (TS 24.301): what a radio connection asks and tells it."""

    @property
    def is_busy(self) -> bool:
        """True while a procedure needs the connection."""
        ...

    @property
    def tau_due(self) -> bool: ...

    def service_is_rejected(self) -> bool:
        """Return True when the network does not know the UE: no connection comes of it."""
        ...

    def radio_connected(self) -> None: ...
    def became_idle(self) -> None: ...
    def update(self) -> None: ...


class S1(Protocol):
    """The core network behind the eNB: what it learns of the connection."""

    def signalling(self) -> None:
        """Take the UE as connected, without user plane."""
        ...

    def connected(self) -> None:
        """Take the UE as connected, with user plane."""
        ...

    def released(self) -> None: ...

    def contact_lost(self) -> None:
        """Give up a contact that was being set up."""
        ...


class RadioConnection:
    """One UE's RRC connection. ``nas`` and ``core`` are joined once those exist."""

    __slots__ = (
        "_activity",
        "_camping",
        "_connect_event",
        "_inactivity_event",
        "_ledger",
        "_queue",
        "_random",
        "bearer",
        "connected",
        "core",
        "nas",
        "signalling_only",
        "waiting_uplink",
    )

    nas: Nas
    core: S1

    def __init__(
        self,
        queue: EventQueue,
        random: Random,
        camping: Camping,
        activity: Activity,
        ledger: Ledger,
        bearer: RadioBearer,
    ) -> None:
        self._queue = queue
        self._random = random
        self._camping = camping
        self._activity = activity
        self._ledger = ledger
        self.bearer = bearer
        self.connected = False
        self.signalling_only = False
        """True while only a TAU keeps the connection: no user plane yet."""
        self._connect_event: Event | None = None
        self._inactivity_event: Event | None = None
        self.waiting_uplink: deque[Datagram] = deque()
        """Uplink datagrams that wait for the connection."""

    @property
    def is_connecting(self) -> bool:
        """True from the first preamble to the end of the set-up."""
        return self._connect_event is not None

    @property
    def is_in_contact(self) -> bool:
        """True from the first preamble of a connection to its release."""
        return self.connected or self._connect_event is not None

    def connects_after(self, at_ms: int) -> bool:
        """True when a set-up under way will end only after ``at_ms``."""
        return self._connect_event is not None and self._connect_event.at_ms > at_ms

    def in_flight(self) -> list[Datagram]:
        """Every datagram on the air or waiting for it, both directions."""
        return self.bearer.in_flight() + list(self.waiting_uplink)

    # -- set-up -----------------------------------------------------------------------------------
    def hear_page(self) -> str | None:
        """Take a page sent now; answer it and return None, or return why it was not heard."""
        state = self._activity.state
        if state is IDLE_EDRX or state is IDLE_DRX:
            profile = self._camping.profile
            if self._random.random() < profile.page_miss:
                return f"the UE did not hear it (chance {profile.page_miss:g})"
            self.connect(profile.page_ms)
            return None
        if state is PSM:
            return "the UE is in PSM and does not listen"
        if state is UNREACHABLE:
            return "the UE is out of coverage"
        return f"the UE is {state} and does not listen"

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
        profile = self._camping.profile
        least, likely, most = profile.connect_ms
        set_up_ms = int(self._random.triangular(least, most, likely)) * profile.ce_factor
        self._connect_event = self._queue.at(
            self._queue.now_ms + after_ms + set_up_ms, self._connected
        )
        self._activity.enter(CONNECTING, energy.TAU if self.signalling_only else None)

    def attached(self) -> None:
        """Be connected, with user plane, as an attach leaves the UE."""
        self.signalling_only = False
        self._be_connected()

    def _connected(self) -> None:
        self._connect_event = None
        if not self.nas.service_is_rejected():
            self._be_connected()

    def _be_connected(self) -> None:
        activity = self._activity
        self.connected = True
        self.bearer.last_activity_ms = self._queue.now_ms
        activity.enter(CONNECTED, energy.TAU if self.signalling_only else None)
        if activity.listener is not None:
            activity.listener.rrc_changed(True)
        if not self.connected:
            return  # the modem switched off in answer
        if self.signalling_only:
            self.core.signalling()
        else:
            self.open_user_plane()
        self.nas.radio_connected()

    def open_user_plane(self) -> None:
        """Service request or TAU with data: flush both directions."""
        if self.signalling_only:
            self.signalling_only = False
            self._ledger.switch(self._queue.now_ms, energy.CONNECTED)
        self.core.connected()
        while self.waiting_uplink:
            self.bearer.send_up(self.waiting_uplink.popleft())
        self.expect_inactivity()

    def send_up(self, datagram: Datagram) -> None:
        """Send an uplink datagram, setting up the connection first when there is none."""
        if self.connected and not self.signalling_only:
            self.bearer.send_up(datagram)
        elif len(self.waiting_uplink) >= self._camping.profile.uplink_packets:
            datagram.close(
                self._queue.now_ms,
                DROPPED,
                "dropped",
                "the modem's queue is full ({0} datagrams)",
                len(self.waiting_uplink),
            )
        else:
            datagram.note(
                self._queue.now_ms, "connecting", "service request: {0}", self._activity.state
            )
            self.waiting_uplink.append(datagram)
            self.connect()

    # -- release and loss -------------------------------------------------------------------------
    def expect_inactivity(self) -> None:
        """(Re)arm the release; while it is armed, activity only moves its due time."""
        if self._inactivity_event is None:
            self._inactivity_event = self._queue.at(self._release_at_ms(), self._inactive)

    def _release_at_ms(self) -> int:
        profile = self._camping.profile
        return self.bearer.last_activity_ms + (
            profile.as_rai_ms if profile.as_rai else profile.rrc_inactivity_ms
        )

    def _inactive(self) -> None:
        self._inactivity_event = None
        if not self.connected:
            return
        if self.nas.is_busy:
            self.bearer.touch(self._queue.now_ms)
        if self._queue.now_ms < self._release_at_ms():
            self.expect_inactivity()
        else:
            self.release()

    def release(self) -> None:
        """RRC Connection Release: the UE is idle."""
        self._end()
        self.core.released()
        self.nas.became_idle()
        if self._activity.listener is not None:
            self._activity.listener.rrc_changed(False)
        if self.nas.tau_due:
            self.nas.update()

    def fail(self, reason: str) -> None:
        """Lose the connection, or the set-up, with everything on the air."""
        was_connected, was_connecting = self.connected, self.is_connecting
        if self._connect_event is not None:
            self._connect_event.cancel()
            self._connect_event = None
        self._end()
        self.lose_in_flight(reason)
        if was_connected:
            self.core.released()
            if self._activity.listener is not None:
                self._activity.listener.rrc_changed(False)
        if was_connecting:
            self.core.contact_lost()

    def lose_in_flight(self, reason: str) -> None:
        """Drop what is on the air and what waits for it."""
        self.bearer.lose_in_flight(reason)
        now = self._queue.now_ms
        while self.waiting_uplink:
            self.waiting_uplink.popleft().close(now, DROPPED, "dropped", "{0}", reason)

    def _end(self) -> None:
        self.connected = False
        self.signalling_only = False
        if self._inactivity_event is not None:
            self._inactivity_event.cancel()
            self._inactivity_event = None
