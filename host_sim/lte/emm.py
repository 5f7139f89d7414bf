"""Mobility management in the UE: attach, tracking area update, PSM, data connection, detach.

EMM and ESM (TS 24.301) as a modem's protocol stack runs them; what the network keeps is in
``mme.UeContext``.
"""

from typing import TYPE_CHECKING

from ip_commands.host_sim.lte.negotiation import grant_edrx, grant_psm
from ip_commands.host_sim.lte.states import ATTACHING, DETACHED, IDLE, PSM, UNREACHABLE
from ip_commands.host_sim.time.event_queue import Event

if TYPE_CHECKING:
    from ip_commands.host_sim.lte.ue import Ue

OFF = 0
SEARCHING = 2
DENIED = 3


class MobilityManagement:
    """One UE's EMM and ESM state."""

    __slots__ = (
        "_attach_event",
        "_deadline_ms",
        "_idle_since_ms",
        "_negotiated",
        "_pdp_event",
        "_psm_event",
        "_queue",
        "_t3412_event",
        "_tau_event",
        "_ue",
        "apn",
        "asked_edrx",
        "asked_psm",
        "guti_due",
        "ip_address",
        "keep_apn",
        "registered",
        "registration",
        "tau_due",
    )

    def __init__(self, ue: "Ue") -> None:
        self._ue = ue
        self._queue = ue.queue
        self.registration = OFF
        self.registered = False
        """What the UE believes; the network may have detached it meanwhile."""
        self.asked_edrx = ue.profile.requested_edrx
        self.asked_psm = ue.profile.requested_psm
        self.apn: str | None = None
        """APN of a data connection that is wanted and not yet up."""
        self.keep_apn: str | None = None
        """APN brought up again after every attach."""
        self.ip_address: str | None = None
        """Of the data connection, as the UE believes."""
        self.tau_due = False
        self.guti_due = False
        """The network will give a new GUTI with the next TAU accept."""
        self._attach_event: Event | None = None
        self._tau_event: Event | None = None
        self._pdp_event: Event | None = None
        self._psm_event: Event | None = None
        self._t3412_event: Event | None = None
        self._negotiated: tuple[object, ...] = ()
        """What the last negotiation depended on: a TAU that changes nothing costs nothing."""
        self._deadline_ms = 0
        self._idle_since_ms = 0

    @property
    def is_busy(self) -> bool:
        """True while a procedure needs the radio connection."""
        return self._tau_event is not None or self._pdp_event is not None

    def _set_registration(self, value: int) -> None:
        if value != self.registration:
            self.registration = value
            if self._ue.listener is not None:
                self._ue.listener.registration_changed()

    # -- attach and detach ------------------------------------------------------------------------
    def search(self) -> None:
        """Look for a cell and attach; without coverage keep looking."""
        ue = self._ue
        self.registered = False
        if not ue.in_coverage:
            ue.enter(UNREACHABLE)
        else:
            ue.enter(ATTACHING)
            least, likely, most = ue.profile.attach_ms
            length_ms = int(ue.random.triangular(least, most, likely)) * ue.profile.ce_factor
            self._attach_event = self._queue.after(length_ms, self._attached)
        self._set_registration(SEARCHING)

    def _attached(self) -> None:
        self._attach_event = None
        ue = self._ue
        if ue.context.registered:
            ue.context.detach("the device attached anew")
        ue.new_guti()
        ue.context.register()
        self.registered = True
        self.tau_due = False
        self._negotiate()
        ue.rrc.attached()
        self._set_registration(ue.profile.registration)
        if self.keep_apn is not None and ue.context.ip_address is None and self.apn is None:
            self.activate_pdp(self.keep_apn)

    def stop(self) -> None:
        """Cancel every procedure and timer: power off, or no coverage while attaching."""
        for name in ("_attach_event", "_tau_event", "_pdp_event", "_psm_event", "_t3412_event"):
            event = getattr(self, name)
            if event is not None:
                event.cancel()
                setattr(self, name, None)
        self.apn = None
        self.ip_address = None
        self.tau_due = False

    def detached(self) -> None:
        """Be off."""
        self.stop()
        self.registered = False
        self._ue.enter(DETACHED)
        self._set_registration(OFF)

    def service_is_rejected(self) -> bool:
        """Return True, and attach anew, when the network no longer knows the UE.

        TS 24.301 5.6.1.5: service reject with cause 10, implicitly detached.
        """
        ue = self._ue
        if ue.context.registered:
            return False
        ue.rrc.lose_in_flight("service rejected, cause 10: the network had detached the device")
        had_session = self.ip_address is not None
        self.stop()
        self.registered = False
        if had_session and ue.listener is not None:
            ue.listener.pdp_changed(False)
        self.search()
        return True

    # -- tracking area update ---------------------------------------------------------------------
    def update(self) -> None:
        """Do a TAU as soon as possible."""
        if not self.registered:
            return  # the attach will carry the same requests
        self.tau_due = True
        ue = self._ue
        if not ue.in_coverage:
            self._wake_without_coverage()
            return
        if ue.rrc.connected:
            self.radio_connected()
        else:
            ue.rrc.connect(signalling_only=True)

    def radio_connected(self) -> None:
        """Go on with what waited for the radio connection."""
        profile = self._ue.profile
        if self.tau_due and self._tau_event is None:
            self.tau_due = False
            self._tau_event = self._queue.after(
                profile.tau_ms * profile.ce_factor, self._tau_accepted
            )
        if self.apn is not None and self._pdp_event is None:
            self._pdp_event = self._queue.after(
                profile.pdp_ms * profile.ce_factor, self._pdp_answered
            )

    def _tau_accepted(self) -> None:
        self._tau_event = None
        ue = self._ue
        if ue.profile.reallocate_guti_at_tau or self.guti_due:
            self.guti_due = False
            ue.new_guti()
        self._negotiate()
        rrc = ue.rrc
        if rrc.signalling_only:
            if ue.context.has_waiting or rrc.waiting_uplink:
                rrc.open_user_plane()  # also without the active flag: buffered data waits
            elif not self.tau_due:
                rrc.release()
        if self.tau_due and rrc.connected:
            self.radio_connected()

    def _negotiate(self) -> None:
        ue = self._ue
        terms = (ue.profile, ue.listening.m_tmsi, ue.edrx_allowed, self.asked_edrx, self.asked_psm)
        if terms == self._negotiated:
            return
        self._negotiated = terms
        before = ue.granted_edrx, ue.granted_psm
        edrx = grant_edrx(ue.profile, self.asked_edrx, ue.mode) if ue.edrx_allowed else None
        ue.grant(edrx, grant_psm(ue.profile, self.asked_psm))
        if (ue.granted_edrx, ue.granted_psm) != before and ue.listener is not None:
            ue.listener.power_saving_granted()

    def request(self, edrx: str | None, psm: tuple[str, str] | None) -> None:
        """Ask for other power saving; a TAU carries it."""
        self.asked_edrx, self.asked_psm = edrx, psm
        self.update()

    # -- data connection --------------------------------------------------------------------------
    def activate_pdp(self, apn: str) -> None:
        """Bring the data connection up; the listener learns the outcome."""
        ue = self._ue
        if not self.registered or not ue.in_coverage:
            self._queue.after(0, self._pdp_refused)
            return
        self.apn = apn
        if ue.rrc.connected and not ue.rrc.signalling_only:
            self.radio_connected()
        else:
            ue.rrc.connect()
            if ue.rrc.connected:
                self.radio_connected()

    def deactivate_pdp(self) -> None:
        """End the data connection, or the wish for one."""
        ue = self._ue
        self.apn = None
        if self.ip_address is not None:
            self.ip_address = None
            ue.context.close_session("the device closed its data connection")
            if ue.listener is not None:
                ue.listener.pdp_changed(False)

    def _pdp_answered(self) -> None:
        self._pdp_event = None
        ue = self._ue
        apn, self.apn = self.apn, None
        if apn is None or not ue.network.accepts_apn(apn):
            self._pdp_refused()
            return
        if ue.context.ip_address is None:
            ue.context.open_session(ue.network.allocate_address(ue))
        self.ip_address = ue.context.ip_address
        if ue.listener is not None:
            ue.listener.pdp_changed(True)

    def _pdp_refused(self) -> None:
        if self._ue.listener is not None:
            self._ue.listener.pdp_changed(False)

    # -- idle -------------------------------------------------------------------------------------
    def became_idle(self) -> None:
        """Start T3412 and T3324 (TS 24.301 5.3.5, 5.3.11)."""
        ue = self._ue
        now = self._idle_since_ms = self._queue.now_ms
        ue.enter_idle()
        context = ue.context
        self._deadline_ms = now + context.t3412_ms
        if self._t3412_event is None:
            self._t3412_event = self._queue.at(self._deadline_ms, self._t3412_expired)
        elif self._t3412_event.at_ms > self._deadline_ms:
            self._t3412_event.cancel()
            self._t3412_event = self._queue.at(self._deadline_ms, self._t3412_expired)
        if self._psm_event is not None:  # of the idle time before, maybe of a grant before
            self._psm_event.cancel()
            self._psm_event = None
        if ue.psm is not None:
            self._psm_event = self._queue.at(now + ue.psm.t3324_ms, self._t3324_expired)

    def _t3324_expired(self) -> None:
        self._psm_event = None
        ue = self._ue
        if ue.state in IDLE:
            ue.enter(PSM)
            if ue.listener is not None:
                ue.listener.psm_changed(True)

    def _t3412_expired(self) -> None:
        # T3412 stops while connected; restarting it only moves its due time
        self._t3412_event = None
        ue = self._ue
        if ue.rrc.connected or ue.rrc.is_connecting:
            return
        if self._queue.now_ms < self._deadline_ms:
            self._t3412_event = self._queue.at(self._deadline_ms, self._t3412_expired)
            return
        self.tau_due = True
        if ue.in_coverage:
            ue.rrc.connect(signalling_only=True)
        else:
            self._wake_without_coverage()

    def _wake_without_coverage(self) -> None:
        """Leave PSM and find no cell."""
        if self._ue.state is PSM:
            self._ue.enter(UNREACHABLE)
            self._set_registration(SEARCHING)

    # -- coverage ---------------------------------------------------------------------------------
    def lost_coverage(self) -> None:
        """Keep looking for a cell; a UE in PSM does not notice."""
        ue = self._ue
        if self._attach_event is not None:
            self._attach_event.cancel()
            self._attach_event = None
        if self._tau_event is not None:
            self._tau_event.cancel()
            self._tau_event = None
            self.tau_due = True
        if self._pdp_event is not None:
            self._pdp_event.cancel()
            self._pdp_event = None
            self.apn = None
            self._pdp_refused()
        if ue.state is not PSM:
            ue.enter(UNREACHABLE)
            self._set_registration(SEARCHING)

    def found_coverage(self) -> None:
        """Camp on the cell again; a TAU if one is due, an attach if never attached."""
        ue = self._ue
        if ue.state is PSM:
            return
        if not self.registered:
            self.search()
            return
        self._set_registration(ue.profile.registration)
        psm = ue.psm
        if self._queue.now_ms >= self._deadline_ms:
            self.tau_due = True
        if self.tau_due:
            ue.rrc.connect(signalling_only=True)
        elif psm is not None and self._queue.now_ms >= self._idle_since_ms + psm.t3324_ms:
            ue.enter(PSM)
            if ue.listener is not None:
                ue.listener.psm_changed(True)
        else:
            ue.enter_idle()
