"""Attach in the UE, and what a reject makes of it (TS 24.301 5.5.1), built upon ``emm_search``."""

from ip_commands.host_sim.lte.emm_causes import FOR_GOOD, GO_ON, emm_cause
from ip_commands.host_sim.lte.emm_search import Searching
from ip_commands.host_sim.lte.emm_state import DENIED, SEARCHING
from ip_commands.host_sim.lte.network_selection import (
    MANUAL,
    MANUAL_THEN_AUTOMATIC,
    NetworkSelection,
)
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.states import ATTACHING, LIMITED

STAYS = 12
"""EMM cause after which a UE looks for no other network (TS 24.301 5.5.1.2.5), unless its host let
it go on automatically (TS 27.007 7.3, <mode> 4)."""


class Attaching(Searching):
    """One UE's EMM state until it is registered."""

    __slots__ = ()

    # -- attach -----------------------------------------------------------------------------------
    def search(self) -> None:
        """Look for a cell and attach; without coverage keep looking."""
        self.registered = False
        selection = self.selection
        if selection is not None and self._is_kept_out(selection):
            return
        if not self._camping.in_coverage:
            self._look_for_cell()
            return
        self._begin_attach()

    def _begin_attach(self) -> None:
        now, selection, profile = self._queue.now_ms, self.selection, self._camping.profile
        if self._attempts is not None:
            bar = self._attempts.barred_by(profile, now) if selection is None else None
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

    def search_elsewhere(self) -> None:
        """Search at once in a new tracking area, whatever the wait in the old one was."""
        if self._activity.state is LIMITED:
            if self._attach_event is not None:
                self._attach_event.cancel()
                self._attach_event = None
            self._search_anew()

    def _attached(self) -> None:
        self._attach_event = None
        context, selection = self._context, self.selection
        elsewhere = selection is not None and context.profile.plmn != self._camping.profile.plmn
        if context.registered and not elsewhere:
            context.detach("the device attached anew")
        refusal = self._home.decide_attach()
        if refusal is not None and emm_cause(refusal.cause).reaction != GO_ON:
            if not context.registered:
                context.detach_reason = f"attach rejected, {refusal.text}"
            self._rejected(refusal)
            return
        if selection is not None:
            self._taken_in(selection)
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
        before, selection = self.registration, self.selection
        if selection is not None and self._leads_elsewhere(selection, refusal, wait_ms):
            self._look_for_cell()
        elif wait_ms == 0:
            self.search()
            return
        else:
            denied = emm_cause(refusal.cause).reaction in FOR_GOOD
            self._be_limited(DENIED if denied else SEARCHING, wait_ms)
        if self.registration == before and self._activity.listener is not None:
            self._activity.listener.registration_changed()

    # -- among networks ---------------------------------------------------------------------------
    def _leads_elsewhere(
        self, selection: NetworkSelection, refusal: Refusal, wait_ms: int | None
    ) -> bool:
        """Leave this network out if the reject says so; return whether."""
        profile, attempts = self._camping.profile, self.attempts
        stays = refusal.cause == STAYS and selection.mode != MANUAL_THEN_AUTOMATIC
        if attempts.invalid_cause is not None or stays:
            return False
        if wait_ms is None or emm_cause(refusal.cause).reaction in FOR_GOOD:
            put_off_until_ms = None
        elif attempts.gave_up:
            put_off_until_ms = self._queue.now_ms + wait_ms
        else:
            return False
        if selection.mode == MANUAL:
            return False
        selection.give_up_choice()
        selection.said_no(profile, put_off_until_ms)
        return True

    def _taken_in(self, selection: NetworkSelection) -> None:
        """Be registered: the home core cancels the location before (TS 23.401 5.3.2.1)."""
        context, profile = self._context, self._camping.profile
        if context.registered:
            context.detach(f"the device attached in another network, {profile.name}")
        if context.profile is not profile:
            context.enter_network(profile)
        self._knows_networks = False
        selection.accepted(profile)
        if self.background is not None:
            self.background.registered()
