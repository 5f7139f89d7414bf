"""The data connection of one UE, as its modem's protocol stack runs it: ESM (TS 24.301 clause 6).

Its messages need a registration and a radio connection; both are ``emm``'s matter, which owns
every procedure's order. The session in the network is in ``mme.UeContext``.
"""

from typing import Protocol

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class PacketGateway(Protocol):
    """The P-GW: which access points there are, and which addresses."""

    def accepts_apn(self, apn: str) -> bool: ...

    def allocate_address(self, ue_name: str, m_tmsi: int, holder: UeContext) -> str:
        """Return an address that nobody uses; ``holder`` has it while its session does."""
        ...


class Emm(Protocol):
    """What a data connection needs of the layer that carries its messages."""

    @property
    def registered(self) -> bool: ...

    def radio_connected(self) -> None:
        """Go on with everything that waited for a connection."""
        ...


class SessionManagement:
    """One UE's data connection, wanted or up. ``emm`` is joined once it exists."""

    __slots__ = (
        "_activity",
        "_camping",
        "_context",
        "_event",
        "_gateway",
        "_listening",
        "_queue",
        "_radio",
        "_stalled",
        "_ue_name",
        "apn",
        "emm",
        "ip_address",
        "keep_apn",
    )

    emm: Emm

    def __init__(
        self,
        queue: EventQueue,
        ue_name: str,
        camping: Camping,
        activity: Activity,
        listening: Listening,
        radio: RadioConnection,
        context: UeContext,
        gateway: PacketGateway,
    ) -> None:
        self._queue = queue
        self._ue_name = ue_name
        self._camping = camping
        self._activity = activity
        self._listening = listening
        self._radio = radio
        self._context = context
        self._gateway = gateway
        self.apn: str | None = None
        """APN of a data connection that is wanted and not yet up."""
        self.keep_apn: str | None = None
        """APN brought up again after every attach."""
        self.ip_address: str | None = None
        """Of the data connection, as the UE believes."""
        self._event: Event | None = None
        self._stalled = False
        """The request went out and its answer cannot come in."""

    @property
    def is_busy(self) -> bool:
        """True while an activation needs the radio connection."""
        return self._event is not None

    def activate(self, apn: str) -> None:
        """Bring the data connection up; the listener learns the outcome."""
        if not self.emm.registered or not self._camping.in_coverage:
            self._queue.after(0, self._refused)
            return
        self.apn = apn
        radio = self._radio
        if radio.connected and not radio.signalling_only:
            self.emm.radio_connected()
        else:
            radio.connect()
            if radio.connected:
                self.emm.radio_connected()

    def deactivate(self) -> None:
        """End the data connection, or the wish for one."""
        self.apn = None
        if self.ip_address is not None:
            self.ip_address = None
            self._radio.lose_waiting_uplink("the device closed its data connection")
            self._context.close_session("the device closed its data connection")
            self._tell(False)

    def attached(self) -> None:
        """Bring up again what is to be kept."""
        if self.keep_apn is not None and self._context.ip_address is None and self.apn is None:
            self.activate(self.keep_apn)

    def request(self) -> None:
        """Send the request that waited for the radio connection, unless that is done."""
        if self._event is None:
            self._stalled = False
            profile = self._camping.profile
            self._event = self._queue.after(profile.pdp_ms * profile.ce_factor, self._answered)

    def _answered(self) -> None:
        self._event = None
        apn, self.apn = self.apn, None
        if apn is None or not self._gateway.accepts_apn(apn):
            self._refused()
            return
        context = self._context
        if context.ip_address is None:
            m_tmsi = self._listening.m_tmsi
            context.open_session(self._gateway.allocate_address(self._ue_name, m_tmsi, context))
        self.ip_address = context.ip_address
        self._tell(True)

    def _refused(self) -> None:
        self._tell(False)

    def _tell(self, active: bool) -> None:
        if self._activity.listener is not None:
            self._activity.listener.pdp_changed(active)

    # -- loss -------------------------------------------------------------------------------------
    def stop(self) -> bool:
        """Be without a data connection and without the wish for one; return True if it had one."""
        had_session = self.ip_address is not None
        self._cancel()
        self.apn = None
        self.ip_address = None
        return had_session

    def stall(self) -> None:
        """Be without an answer for now: the request goes out again when the link is back."""
        if self._event is not None:
            self._cancel()
            self._stalled = True

    def lost_coverage(self) -> None:
        """Give an activation up; a data connection that is up outlives lost coverage."""
        if self._stalled:
            self._cancel()
            self.apn = None
            self._refused()

    def _cancel(self) -> None:
        self._stalled = False
        if self._event is not None:
            self._event.cancel()
            self._event = None
