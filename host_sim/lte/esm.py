"""The data connection of one UE, as its modem's protocol stack runs it: ESM (TS 24.301 clause 6).

Its messages need a registration and a radio connection; both are ``emm``'s matter, which owns
every procedure's order. The session in the network is in ``mme.UeContext``.
"""

from typing import Protocol

from ip_commands.host_sim.lte import esm_causes
from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.refusals import ESM, Refusal
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.time.event_queue import Event, EventQueue

MAX_BACK_OFFS = 16
"""APNs that a UE backs off from at a time."""


class PacketGateway(Protocol):
    """The P-GW: who gets a data connection, and which address."""

    def decide_session(self, apn: str) -> Refusal | None:
        """Return None for yes, or the reject."""
        ...

    def allowance_bytes(self) -> int | None:
        """Return how much it may carry; None: no limit."""
        ...

    def allocate_address(self) -> str:
        """Return an address that nobody uses, for as long as the session has it."""
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
        "_back_off",
        "_back_off_here",
        "_camping",
        "_context",
        "_event",
        "_gateway",
        "_queue",
        "_radio",
        "_stalled",
        "apn",
        "emm",
        "ip_address",
        "keep_apn",
        "unheard",
    )

    emm: Emm

    def __init__(
        self,
        queue: EventQueue,
        camping: Camping,
        activity: Activity,
        radio: RadioConnection,
        context: UeContext,
        gateway: PacketGateway,
    ) -> None:
        self._queue = queue
        self._camping = camping
        self._activity = activity
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
        self._back_off: dict[str, int] = {}
        """T3396: APN -> when it may be asked for again."""
        self._back_off_here: set[str] = set()
        """Of these APNs those that may be asked for in another network."""
        self.unheard: Refusal | None = None
        """Why the network ended the data connection; the UE does not know yet."""

    @property
    def why_none(self) -> str:
        """Say why there is no data connection, as an end of a sentence; "": it is not known."""
        refusal = self.unheard or self._activity.last_refusal
        return "" if refusal is None or refusal.layer != ESM else f": {refusal.text}"

    @property
    def is_busy(self) -> bool:
        """True while an activation needs the radio connection."""
        return self._event is not None

    def activate(self, apn: str) -> None:
        """Bring the data connection up; the listener learns the outcome."""
        if not self.emm.registered or not self._camping.in_coverage:
            self._queue.after(0, self._refused)
            return
        if self._queue.now_ms < self._back_off.get(apn, 0):  # T3396: not even asked for
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
        self.unheard = None
        if self.ip_address is not None:
            self.ip_address = None
            self._radio.lose_uplink("the device closed its data connection")
            self._context.close_session("the device closed its data connection")
            self._tell(False)

    def attach_accepted(self) -> None:
        """Take the default bearer, which comes in the Attach Accept (TS 23.401 5.3.2.1).

        Refused, the device is attached without it, as CIoT networks allow; an older one would
        reject the attach with EMM cause 19 (TS 24.301 5.5.1.2.5), which is not modelled.
        """
        apn = self._default_apn()
        if apn is not None and self.apn is None:
            if self._queue.now_ms < self._back_off.get(apn, 0):  # T3396
                self._refused()
            else:
                self._open(apn)

    def attached(self) -> None:
        """Bring up again what is to be kept."""
        if self._default_apn() is not None:
            return  # it came with the attach, or was refused with it
        if self.keep_apn is not None and self._context.ip_address is None and self.apn is None:
            self.activate(self.keep_apn)

    def _default_apn(self) -> str | None:
        """Return the APN of the default bearer; None: the attach asks for none."""
        listener = self._activity.listener
        apn = None if listener is None else listener.bearer_apn()
        return None if apn is None else self.keep_apn or apn

    def request(self) -> None:
        """Send the request that waited for the radio connection, unless that is done."""
        if self._event is None:
            self._stalled = False
            profile = self._camping.profile
            self._event = self._queue.after(profile.pdp_ms * profile.ce_factor, self._answered)

    def _answered(self) -> None:
        self._event = None
        apn, self.apn = self.apn, None
        if apn is None:
            self._refused()
        else:
            self._open(apn)

    def _open(self, apn: str) -> None:
        context, gateway = self._context, self._gateway
        if context.ip_address is None:
            refusal = gateway.decide_session(apn)
            if refusal is not None:
                self._rejected(apn, refusal)
                return
            address = gateway.allocate_address()
            context.open_session(address, apn, gateway.allowance_bytes())
        self.unheard = None
        self._back_off.pop(apn, None)
        self.ip_address = context.ip_address
        self._tell(True)

    def _rejected(self, apn: str, refusal: Refusal) -> None:
        """Take a PDN Connectivity Reject (TS 24.301 6.5.1.4)."""
        self._activity.last_refusal = refusal
        reaction = esm_causes.esm_cause(refusal.cause).reaction
        back_off_s = refusal.back_off_s
        if back_off_s is None and reaction == esm_causes.BACK_OFF_12_MIN:
            back_off_s = esm_causes.DEFAULT_BACK_OFF_S
        if back_off_s is not None and reaction in (
            esm_causes.BACK_OFF,
            esm_causes.BACK_OFF_12_MIN,
        ):
            if len(self._back_off) >= MAX_BACK_OFFS and apn not in self._back_off:
                del self._back_off[next(iter(self._back_off))]
            self._back_off[apn] = self._queue.now_ms + back_off_s * 1000
            if refusal.back_off_s is None:  # the UE's own: in this PLMN (TS 24.301 6.5.1.4.3)
                self._back_off_here.add(apn)
            else:
                self._back_off_here.discard(apn)
        self._refused()

    # -- ended by the network ---------------------------------------------------------------------
    def network_ended_session(self, refusal: Refusal) -> None:
        """Hear of it now, or at the next contact."""
        self.unheard = refusal
        if self._radio.connected and self._radio.bearer.link_is_up:
            self.follow_network()

    def follow_network(self) -> None:
        """Learn, at a contact, that the network has no such data connection any more."""
        refusal, self.unheard = self.unheard, None
        if refusal is None or self.ip_address is None or self._context.ip_address is not None:
            return
        self._activity.last_refusal = refusal
        self.ip_address = None
        self._radio.lose_uplink(f"the network had ended the data connection: {refusal.text}")
        self._tell(False)
        # a modem's host decides for itself
        if self.keep_apn is not None:
            self._queue.after(0, self.activate, self.keep_apn)

    def switched_off(self) -> None:
        """Forget what does not survive that."""
        self._back_off.clear()
        self._back_off_here.clear()

    def new_network(self) -> None:
        """Be free to ask in another network for what was refused in the last."""
        for apn in self._back_off_here:
            self._back_off.pop(apn, None)
        self._back_off_here.clear()

    def _refused(self) -> None:
        self._tell(False)

    def _tell(self, active: bool) -> None:
        if self._activity.listener is not None:
            self._activity.listener.pdp_changed(active)

    # -- loss -------------------------------------------------------------------------------------
    def stop(self) -> bool:
        """Be without a data connection and without the wish for one; return True if it had one."""
        had_session = self.ip_address is not None
        self.unheard = None
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
