"""Mobility management in the UE: tracking area update, idle timers, coverage, switching off.

EMM (TS 24.301 clause 5) as a modem's protocol stack runs it, built upon ``emm_state``,
``emm_search``, ``emm_attach`` and ``emm_detach``. It knows what lies below it and calls it
directly: the radio connection (``rrc``), the data connection (``esm``), ``power_saving``, and the
network's ``mme.UeContext``, with which it speaks without messages.
"""

from random import Random

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.emm_detach import Detachable
from ip_commands.host_sim.lte.emm_state import DENIED, OFF, SEARCHING, Registrar
from ip_commands.host_sim.lte.esm import SessionManagement
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.power_saving import PowerSaving
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.search_patterns import SearchPattern
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from ip_commands.host_sim.lte.states import DETACHED, IDLE, PSM
from ip_commands.host_sim.time.event_queue import Event, EventQueue

__all__ = ["DENIED", "OFF", "SEARCHING", "MobilityManagement"]


class MobilityManagement(Detachable):
    """One UE's EMM state, whole."""

    __slots__ = (
        "_deadline_ms",
        "_idle_since_ms",
        "_psm_event",
        "_t3412_event",
        "_tau_event",
        "guti_due",
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
        sim: SimNetworks | None,
        pattern: SearchPattern,
    ) -> None:
        parts = camping, activity, listening, radio, context, power_saving, esm
        super().__init__(queue, random, *parts, home, sim, pattern)
        self.guti_due = False
        """The network will give a new GUTI with the next TAU accept."""
        self._tau_event: Event | None = None
        self._psm_event: Event | None = None
        self._t3412_event: Event | None = None
        self._deadline_ms = 0
        self._idle_since_ms = 0

    @property
    def is_busy(self) -> bool:
        """True while a procedure needs the radio connection."""
        return self._tau_event is not None or self._esm.is_busy

    def _stop(self) -> bool:
        """Cancel every procedure and timer; return True when there was a data connection."""
        for event in (self._attach_event, self._tau_event, self._psm_event, self._t3412_event):
            if event is not None:
                event.cancel()
        self._attach_event = self._tau_event = self._psm_event = self._t3412_event = None
        self.tau_due = False
        self._end_search()
        if self.background is not None:
            self.background.stop()
        return self._esm.stop()

    def detached(self) -> None:
        """Be off."""
        self._stop()
        self.registered = False
        if self._attempts is not None:
            self._attempts.switched_off()
        self._activity.last_refusal = None
        self._esm.switched_off()
        if self.background is not None:
            self.background.stop_listing()
        self.reject_cause = None
        self._knows_networks = False
        if self.selection is not None:
            self.selection.forget_round()
        self._activity.enter(DETACHED)
        self._set_registration(OFF)

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
        if self.background is not None:
            self.background.became_idle()

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
            self._look_for_cell()

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
            self._look_for_cell()

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
