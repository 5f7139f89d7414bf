"""The radio connection of one UE as the UE sees it: pages heard, set-up, release, loss.

RRC (TS 36.331) in time: how long a set-up takes; when a cell lets the UE in is in
``access_barring``, how long a lost link may stay lost in ``link_recovery``. The other end is the
``enb``, which may believe otherwise; the datagrams on the air are the ``bearer``'s. It calls back
only by what ``Nas`` and ``enb.S1`` name.
"""

from collections import deque
from random import Random
from typing import Protocol

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.access_barring import AccessBarring
from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.bearer import MODEM_FULL, RadioBearer
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.datagram import DROPPED, NO_MORE_DATA, Datagram
from ip_commands.host_sim.lte.enb import BaseStation
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.link_recovery import LinkRecovery
from ip_commands.host_sim.lte.states import (
    CONNECTED,
    CONNECTING,
    IDLE_DRX,
    IDLE_EDRX,
    PSM,
    UNREACHABLE,
)
from ip_commands.host_sim.time.event_queue import Event, EventQueue

IN_CONTACT = "the UE is in contact: not paged"


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

    def follow_network(self) -> None:
        """Learn what the network ended meanwhile."""
        ...

    def stall(self) -> None:
        """Stop what is under way: the link is lost, and may come back."""
        ...

    def connection_lost(self) -> None:
        """Be idle without having been released: recover with a TAU as soon as there is a cell."""
        ...


class RadioConnection:
    """One UE's RRC connection. ``nas`` and ``enb.core`` are joined once those exist."""

    __slots__ = (
        "_activity",
        "_barring",
        "_camping",
        "_connect_event",
        "_ledger",
        "_queue",
        "_random",
        "_recovery",
        "bearer",
        "connected",
        "enb",
        "nas",
        "signalling_only",
        "waiting_uplink",
    )

    nas: Nas

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
        self.enb = BaseStation(queue, camping, bearer, self)
        self._barring = AccessBarring(queue, random, camping, self._let_in)
        self._recovery = LinkRecovery(queue, camping, self)
        self.connected = False
        """As the UE believes; see ``enb.has_context``."""
        self.signalling_only = False
        """True while only a TAU keeps the connection: no user plane yet."""
        self._connect_event: Event | None = None
        self.waiting_uplink: deque[Datagram] = deque()
        """Uplink datagrams that wait for the connection."""

    @property
    def is_connecting(self) -> bool:
        """True from the first preamble to the end of the set-up."""
        return self._connect_event is not None

    @property
    def is_in_contact(self) -> bool:
        """True from the first preamble of a connection to its release, as the UE sees it."""
        return self.connected or self._connect_event is not None

    @property
    def is_in_contact_with_core(self) -> bool:
        """The same as the core sees it."""
        return self.enb.has_context or self._connect_event is not None

    def connects_after(self, at_ms: int) -> bool:
        """True when a set-up under way will end only after ``at_ms``."""
        return self._connect_event is not None and self._connect_event.at_ms > at_ms

    def in_flight(self) -> list[Datagram]:
        """Every datagram on the air or waiting for it, both directions."""
        return [*self.bearer.in_flight(), *self.enb.held, *self.waiting_uplink]

    # -- set-up -----------------------------------------------------------------------------------
    def hear_page(self, pages_before: int = 0) -> str | None:
        """Take a page; answer it and return None, or return why it was not heard.

        ``IN_CONTACT``: it is not even sent. It is repeated for the CE level in which the UE
        was last heard, and for one level more with each page before it (TS 36.413, Paging Attempt
        Information; the rule is an engineering default).
        """
        state = self._activity.state
        if state is IDLE_EDRX or state is IDLE_DRX:
            profile = self._camping.profile
            paged_level = self.enb.heard_level + pages_before
            if profile.coverage_level > paged_level:
                return (
                    f"the UE is in CE level {profile.coverage_level} by now, and the page"
                    f" was repeated for level {paged_level}"
                )
            if self._random.random() < profile.page_miss:
                return f"the UE did not hear it (chance {profile.page_miss:g})"
            self.connect(profile.page_ms)
            return None
        if self.is_in_contact_with_core:
            return IN_CONTACT
        if state is PSM:
            return "the UE is in PSM and does not listen"
        if state is UNREACHABLE:
            return "the UE is out of coverage"
        return f"the UE is {state} and does not listen"

    def connect(
        self, after_ms: int = 0, signalling_only: bool = False, let_in: bool = False
    ) -> None:
        """Set the connection up, unless that is done or under way: needs join.

        after_ms: how long the page takes that is answered; let_in: access barring is over.
        """
        if self.connected:
            if self.signalling_only and not signalling_only and self.bearer.link_is_up:
                self.open_user_plane()
            return
        if self._connect_event is not None:
            self.signalling_only = signalling_only and self.signalling_only
            return
        profile = self._camping.profile
        may_be_barred = profile.ac_barring_factor < 1 and not after_ms and not let_in
        if may_be_barred and self._barring.puts_off(signalling_only):
            return
        self.signalling_only = signalling_only
        least, likely, most = profile.connect_ms
        set_up_ms = int(self._random.triangular(least, most, likely)) * profile.ce_factor
        self._connect_event = self._queue.at(
            self._queue.now_ms + after_ms + set_up_ms, self._connected
        )
        self._activity.enter(CONNECTING, energy.TAU if self.signalling_only else None)

    def barred_ms(self) -> int:
        """Return for how long access barring puts an access off."""
        return self._barring.wait_ms()

    def _let_in(self, signalling_only: bool) -> None:
        if not self.is_in_contact:
            self.connect(0, signalling_only, let_in=True)

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
        self.enb.take()
        self.bearer.last_activity_ms = self._queue.now_ms
        activity.enter(CONNECTED, energy.TAU if self.signalling_only else None)
        if activity.listener is not None:
            activity.listener.rrc_changed(True)
        if not self.connected:
            return  # the modem switched off in answer
        if self.signalling_only:
            self.enb.core.signalling()
        else:
            self.open_user_plane()
        self.nas.radio_connected()

    def open_user_plane(self) -> None:
        """Service request or TAU with data: flush both directions."""
        if self.signalling_only:
            self.signalling_only = False
            self._ledger.switch(self._queue.now_ms, energy.CONNECTED)
        self.enb.core.connected()
        if self.waiting_uplink:
            self._flush_uplink()
        self.enb.expect_inactivity()

    def _flush_uplink(self) -> None:
        while self.waiting_uplink:
            self.bearer.send_up(self.waiting_uplink.popleft())

    def send_up(self, datagram: Datagram) -> None:
        """Send an uplink datagram, setting up the connection first when there is none."""
        if self.connected and self.bearer.link_is_up and not self.signalling_only:
            self.bearer.send_up(datagram)
        elif len(self.waiting_uplink) >= self._camping.profile.uplink_packets:
            now = self._queue.now_ms
            datagram.close(now, DROPPED, "dropped", MODEM_FULL, len(self.waiting_uplink))
        else:
            datagram.note(
                self._queue.now_ms, "connecting", "service request: {0}", self._activity.state
            )
            self.waiting_uplink.append(datagram)
            self.connect()

    def assist_release(self) -> None:
        """Say that nothing follows what was sent: now, or with the last of what still waits."""
        if self.waiting_uplink:
            self.waiting_uplink[-1].release_assistance = NO_MORE_DATA
        elif self.connected and self.bearer.link_is_up:
            self.bearer.assist(NO_MORE_DATA)

    # -- release ----------------------------------------------------------------------------------
    def release_if_quiet(self) -> bool:
        """Be released, unless NAS needs the connection; return whether it was."""
        if self.nas.is_busy:
            return False
        self.release()
        return True

    def release(self) -> None:
        """RRC Connection Release: the UE is idle."""
        self._end()
        self.enb.drop_context("the connection was released")
        self.enb.core.released()
        self.nas.became_idle()
        if self._activity.listener is not None:
            self._activity.listener.rrc_changed(False)
        if self.nas.tau_due:
            self.nas.update()

    # -- loss of the link -------------------------------------------------------------------------
    def lose_link(self) -> None:
        """Be without the cell: what was being set up fails; a connection waits for its return."""
        if not self.connected:
            self.fail("the device lost coverage")
            return
        if not self._recovery.is_running:
            was_busy = self.nas.is_busy or self.signalling_only
            self.nas.stall()
            self.enb.link_lost(was_busy)
            self.waiting_uplink.extendleft(reversed(self.bearer.take_back_up()))
        self._recovery.begin()

    def find_link(self) -> None:
        """Have a cell again."""
        self._recovery.find_cell()

    def link_is_back(self) -> None:
        """Go on where the link was lost, if the eNB still knows the UE."""
        if not self.enb.has_context:  # re-establishment rejected
            self.give_link_up()
            return
        self.nas.follow_network()
        self.enb.link_is_back()
        if not self.signalling_only:
            self._flush_uplink()
            self.enb.expect_inactivity()
        self.nas.radio_connected()

    def give_link_up(self) -> None:
        """Be idle: there was no cell in time, or it did not know the UE any more."""
        self._end()
        self.lose_uplink("radio link failure: the connection was not re-established")
        if self._activity.listener is not None:
            self._activity.listener.rrc_changed(False)
        if self._camping.powered:  # unless the modem switched off in answer
            self.nas.connection_lost()

    def fail(self, reason: str) -> None:
        """End the connection, or its set-up, on the UE's side alone."""
        was_connected, was_connecting = self.connected, self.is_connecting
        if self._connect_event is not None:
            self._connect_event.cancel()
            self._connect_event = None
        self._end()
        self.lose_uplink(reason)
        if was_connected:
            self.enb.link_lost(was_busy=False)
            if self._activity.listener is not None:
                self._activity.listener.rrc_changed(False)
        if was_connecting:
            self.enb.core.contact_lost()

    def lose_uplink(self, reason: str) -> None:
        """Drop what is on its way from the UE: in the modem, and on the air."""
        lost = [*self.bearer.take_back_up(), *self.waiting_uplink]
        self.waiting_uplink.clear()
        for datagram in lost:
            datagram.close(self._queue.now_ms, DROPPED, "dropped", "{0}", reason)

    def _end(self) -> None:
        self.connected = False
        self.signalling_only = False
        self._barring.stop()
        self._recovery.stop()
