"""Mobility management in the UE: attach, tracking area update, idle timers, coverage, detach.

EMM (TS 24.301 clause 5) as a modem's protocol stack runs it. It knows what lies below it and calls
it directly: the radio connection (``rrc``), the data connection (``esm``), ``power_saving``, and
the network's ``mme.UeContext``, with which it speaks without messages.
"""

from random import Random
from typing import Protocol

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.attempts import AttachAttempts
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.emm_causes import FOR_GOOD, GO_ON, emm_cause
from ip_commands.host_sim.lte.esm import SessionManagement
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.mobility_context import DetachOrder
from ip_commands.host_sim.lte.power_saving import PowerSaving
from ip_commands.host_sim.lte.refusals import HOME, Refusal, attach_refusal
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.states import (
    ATTACHING,
    DETACHED,
    IDLE,
    IDLE_DRX,
    LIMITED,
    PSM,
    UNREACHABLE,
)
from ip_commands.host_sim.lte.time_base import FRAME_MS
from ip_commands.host_sim.time.event_queue import Event, EventQueue

OFF = 0
SEARCHING = 2
DENIED = 3


class Registrar(Protocol):
    """The network's answer to an attach."""

    def decide_attach(self) -> Refusal | None:
        """Return None for yes, or the reject."""
        ...


class MobilityManagement:
    """One UE's EMM state."""

    __slots__ = (
        "_activity",
        "_attach_event",
        "_attempts",
        "_camping",
        "_context",
        "_deadline_ms",
        "_esm",
        "_home",
        "_idle_since_ms",
        "_listening",
        "_power_saving",
        "_psm_event",
        "_queue",
        "_radio",
        "_random",
        "_t3412_event",
        "_tau_event",
        "guti_due",
        "registered",
        "registration",
        "reject_cause",
        "tau_due",
    )

    def __init__(
        self,
        queue: EventQueue,
        random: Random,
        camping: Camping,
        activity: Activity,
        listening: Listening,
        radio: RadioConnection,
        context: UeContext,
        power_saving: PowerSaving,
        esm: SessionManagement,
        home: Registrar,
    ) -> None:
        self._queue = queue
        self._random = random
        self._camping = camping
        self._activity = activity
        self._listening = listening
        self._radio = radio
        self._context = context
        self._power_saving = power_saving
        self._esm = esm
        self._home = home
        self._attempts: AttachAttempts | None = None
        self.reject_cause: int | None = None
        """EMM cause of the present refusal; None: there is none."""
        self.registration = OFF
        """<stat> of +CEREG (TS 27.007 10.1.22)."""
        self.registered = False
        """What the UE believes; the network may have detached it meanwhile."""
        self.tau_due = False
        self.guti_due = False
        """The network will give a new GUTI with the next TAU accept."""
        self._attach_event: Event | None = None
        self._tau_event: Event | None = None
        self._psm_event: Event | None = None
        self._t3412_event: Event | None = None
        self._deadline_ms = 0
        self._idle_since_ms = 0

    @property
    def is_busy(self) -> bool:
        """True while a procedure needs the radio connection."""
        return self._tau_event is not None or self._esm.is_busy

    @property
    def attempts(self) -> AttachAttempts:
        """What refusals left behind; made when first asked for."""
        if self._attempts is None:
            self._attempts = AttachAttempts()
        return self._attempts

    @property
    def search_at_ms(self) -> int | None:
        """When a search or an attach under way ends; None: there is none."""
        return None if self._attach_event is None else self._attach_event.at_ms

    def _set_registration(self, value: int) -> None:
        if value != self.registration:
            self.registration = value
            if self._activity.listener is not None:
                self._activity.listener.registration_changed()

    def _new_guti(self) -> None:
        """Take another M-TMSI: hashed identity and windows change with it."""
        self._listening.m_tmsi = self._random.getrandbits(32)

    # -- attach and detach ------------------------------------------------------------------------
    def search(self) -> None:
        """Look for a cell and attach; without coverage keep looking."""
        self.registered = False
        if not self._camping.in_coverage:
            self._activity.enter(UNREACHABLE)
            self._set_registration(SEARCHING)
            return
        now, profile = self._queue.now_ms, self._camping.profile
        if self._attempts is not None:
            bar = self._attempts.barred_by(profile, now)
            if bar is not None:
                self.reject_cause = bar.cause
                self._be_limited(DENIED, None if bar.until_ms is None else bar.until_ms - now)
                return
            wait_ms = self._attempts.wait_ms(now)
            if wait_ms:
                self._be_limited(SEARCHING, wait_ms)
                return
        self._activity.enter(ATTACHING)
        least, likely, most = profile.attach_ms
        length_ms = int(self._random.triangular(least, most, likely)) * profile.ce_factor
        length_ms += self._radio.barred_ms()
        self._attach_event = self._queue.after(length_ms, self._attached)
        self._set_registration(SEARCHING)

    def _be_limited(self, registration: int, wait_ms: int | None) -> None:
        """Camp without being registered, and look again after a while; None: not by itself."""
        self._activity.enter(LIMITED)
        if wait_ms is not None:
            self._attach_event = self._queue.after(wait_ms, self._try_again)
        self._set_registration(registration)

    def _try_again(self) -> None:
        self._attach_event = None
        self.search()

    def search_elsewhere(self) -> None:
        """Search at once in a new tracking area, whatever the wait in the old one was."""
        if self._activity.state is LIMITED:
            if self._attach_event is not None:
                self._attach_event.cancel()
                self._attach_event = None
            self.search()

    def _attached(self) -> None:
        self._attach_event = None
        context = self._context
        if context.registered:
            context.detach("the device attached anew")
        refusal = self._home.decide_attach()
        if refusal is not None and emm_cause(refusal.cause).reaction != GO_ON:
            context.detach_reason = f"attach rejected, {refusal.text}"
            self._rejected(refusal)
            return
        if self._attempts is not None:
            self._attempts.accepted(self._camping.profile)
        self.reject_cause = None
        self._new_guti()
        context.register()
        self.registered = True
        self.tau_due = False
        self._power_saving.negotiate()
        self._radio.attached()
        self._esm.attach_accepted()
        self._set_registration(self._camping.profile.registration)
        self._esm.attached()

    def _rejected(self, refusal: Refusal) -> None:
        """Do what a reject, or a Detach Request, says (TS 24.301 5.5.1.2.5, 5.5.2.3.2)."""
        self._activity.last_refusal = refusal
        self.reject_cause = refusal.cause
        profile, now = self._camping.profile, self._queue.now_ms
        wait_ms = self.attempts.rejected(refusal, profile, now, self._random)
        if wait_ms == 0:
            self.search()
        else:
            denied = emm_cause(refusal.cause).reaction in FOR_GOOD
            before = self.registration
            self._be_limited(DENIED if denied else SEARCHING, wait_ms)
            if self.registration == before and self._activity.listener is not None:
                self._activity.listener.registration_changed()

    def _stop(self) -> bool:
        """Cancel every procedure and timer; return True when there was a data connection."""
        for event in (self._attach_event, self._tau_event, self._psm_event, self._t3412_event):
            if event is not None:
                event.cancel()
        self._attach_event = self._tau_event = self._psm_event = self._t3412_event = None
        self.tau_due = False
        return self._esm.stop()

    def detached(self) -> None:
        """Be off."""
        self._stop()
        self.registered = False
        if self._attempts is not None:
            self._attempts.switched_off()
        self._activity.last_refusal = None
        self._esm.switched_off()
        self.reject_cause = None
        self._activity.enter(DETACHED)
        self._set_registration(OFF)

    def service_is_rejected(self) -> bool:
        """Return True, and do what follows, when the network no longer knows the UE.

        TS 24.301 5.6.1.5: service reject with cause 10, implicitly detached; or 5.5.2.3: this is
        the contact in which the UE hears that it was detached.
        """
        if self._context.registered:
            if self._esm.unheard is not None:
                self._esm.follow_network()
            return False
        self._leave("service rejected, cause 10: the network had detached the device")
        return True

    # -- detached by the network ------------------------------------------------------------------
    def network_detaches(self) -> None:
        """Hear a Detach Request: now when connected, by a page when idle in DRX.

        In eDRX and PSM, or away, the UE learns nothing before its own next contact.
        """
        radio = self._radio
        if radio.connected and radio.bearer.link_is_up:
            order = self._context.detach_order
            reason = "" if order is None else order.reason
            radio.fail(f"the network detached the device: {reason}")
            self._leave("detached")
        elif self._activity.state is IDLE_DRX and self._context.windows is None:
            self._page_to_detach(self._camping.profile.pages)
        elif not radio.is_connecting:
            self._context.detach_order = None

    def _page_to_detach(self, pages_left: int) -> None:
        at_ms = self._listening.next_drx_occasion(self._queue.now_ms)
        self._queue.at(at_ms, self._paged_to_detach, self._context.detach_order, pages_left - 1)

    def _paged_to_detach(self, order: DetachOrder, pages_left: int) -> None:
        context = self._context
        if context.detach_order is not order or self._radio.is_in_contact:
            return
        if self._radio.hear_page() is None:
            return
        if pages_left:
            t3413_ms = self._camping.profile.t3413(self._listening.where.cycle_frames * FRAME_MS)
            at_ms = self._listening.next_drx_occasion(self._queue.now_ms + t3413_ms)
            self._queue.at(at_ms, self._paged_to_detach, order, pages_left - 1)
        else:
            context.detach_order = None

    def _leave(self, reason: str) -> None:
        """Be deregistered by the network: attach anew, or do as its Detach Request says."""
        order, self._context.detach_order = self._context.detach_order, None
        if order is not None:
            reason = f"the network detached the device: {order.reason}"
        self._radio.lose_uplink(reason)
        had_session = self._stop()
        self.registered = False
        if had_session and self._activity.listener is not None:
            self._activity.listener.pdp_changed(False)
        if not self._camping.powered or self._attach_event is not None:
            return  # the modem did something in answer
        if order is not None and order.cause is not None:
            self._rejected(attach_refusal(order.cause, order.reason, HOME))
        else:
            self.search()

    # -- tracking area update ---------------------------------------------------------------------
    def update(self) -> None:
        """Do a TAU as soon as possible."""
        if not self.registered:
            return  # the attach will carry the same requests
        self.tau_due = True
        if not self._camping.in_coverage:
            self._wake_without_coverage()
            return
        if self._radio.connected:
            self.radio_connected()
        else:
            self._radio.connect(signalling_only=True)

    def radio_connected(self) -> None:
        """Go on with what waited for the radio connection, or was stalled."""
        if not self._radio.bearer.link_is_up:
            return
        if self.tau_due and self._tau_event is None:
            self.tau_due = False
            profile = self._camping.profile
            self._tau_event = self._queue.after(
                profile.tau_ms * profile.ce_factor, self._tau_accepted
            )
        if self._esm.apn is not None:
            self._esm.request()

    def _tau_accepted(self) -> None:
        self._tau_event = None
        if self._camping.profile.reallocate_guti_at_tau or self.guti_due:
            self.guti_due = False
            self._new_guti()
        self._power_saving.negotiate()
        radio = self._radio
        if radio.signalling_only:
            if self._context.has_waiting or radio.waiting_uplink:
                radio.open_user_plane()  # also without the active flag: buffered data waits
            elif not self.tau_due:
                radio.release()
        if self.tau_due and radio.connected:
            self.radio_connected()

    # -- idle -------------------------------------------------------------------------------------
    def became_idle(self) -> None:
        """Start T3412 and T3324 (TS 24.301 5.3.5, 5.3.11)."""
        now = self._idle_since_ms = self._queue.now_ms
        self._activity.enter_idle()
        self._deadline_ms = now + self._context.t3412_ms
        if self._t3412_event is None:
            self._t3412_event = self._queue.at(self._deadline_ms, self._t3412_expired)
        elif self._t3412_event.at_ms > self._deadline_ms:
            self._t3412_event.cancel()
            self._t3412_event = self._queue.at(self._deadline_ms, self._t3412_expired)
        if self._psm_event is not None:  # of the idle time before, maybe of a grant before
            self._psm_event.cancel()
            self._psm_event = None
        psm = self._power_saving.psm
        if psm is not None:
            self._psm_event = self._queue.at(now + psm.t3324_ms, self._t3324_expired)

    def _t3324_expired(self) -> None:
        self._psm_event = None
        if self._activity.state in IDLE:
            self._activity.enter_psm()

    def _t3412_expired(self) -> None:
        # T3412 stops while connected; restarting it only moves its due time
        self._t3412_event = None
        if self._radio.is_in_contact:
            return
        if self._queue.now_ms < self._deadline_ms:
            self._t3412_event = self._queue.at(self._deadline_ms, self._t3412_expired)
            return
        self.tau_due = True
        if self._camping.in_coverage:
            self._radio.connect(signalling_only=True)
        else:
            self._wake_without_coverage()

    def _wake_without_coverage(self) -> None:
        """Leave PSM and find no cell."""
        if self._activity.state is PSM:
            self._activity.enter(UNREACHABLE)
            self._set_registration(SEARCHING)

    # -- coverage ---------------------------------------------------------------------------------
    def follow_network(self) -> None:
        """Learn that the network ended the data connection meanwhile."""
        self._esm.follow_network()

    def stall(self) -> None:
        """Stop what is under way: the link is lost, and may come back."""
        if self._tau_event is not None:
            self._tau_event.cancel()
            self._tau_event = None
            self.tau_due = True
        self._esm.stall()

    def connection_lost(self) -> None:
        """Recover from a radio link failure by a TAU (TS 24.301 5.5.3.2.2), if there is a cell."""
        self.tau_due = True
        if self._camping.in_coverage:
            self.became_idle()
            self.update()
        else:
            self.lost_coverage()

    def lost_coverage(self) -> None:
        """Keep looking for a cell; a UE in PSM does not notice."""
        if self._attach_event is not None:
            self._attach_event.cancel()
            self._attach_event = None
        self.stall()
        self._esm.lost_coverage()
        if self._activity.state is not PSM:
            self._activity.enter(UNREACHABLE)
            self._set_registration(SEARCHING)

    def found_coverage(self) -> None:
        """Camp on the cell again; a TAU if one is due, an attach if never attached."""
        if self._activity.state is PSM:
            return
        if not self.registered:
            self.search()
            return
        self._set_registration(self._camping.profile.registration)
        psm = self._power_saving.psm
        if self._queue.now_ms >= self._deadline_ms:
            self.tau_due = True
        if self.tau_due:
            self._radio.connect(signalling_only=True)
        elif psm is not None and self._queue.now_ms >= self._idle_since_ms + psm.t3324_ms:
            self._activity.enter_psm()
        else:
            self._activity.enter_idle()
