"""The search for a cell and a network in the UE: until it camps where it may be.

A part of EMM (TS 24.301 5.2.2), joined to network selection (TS 23.122 4.4.3). A device with one
network and no choice of its host has no ``NetworkSelection``: it searches for that cell.
"""

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.cell_search import CellSearch
from ip_commands.host_sim.lte.emm_state import DENIED, OFF, SEARCHING, EmmState
from ip_commands.host_sim.lte.network_selection import DEREGISTERED, NetworkSelection
from ip_commands.host_sim.lte.plmn_selection import Offer
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.states import LIMITED, UNREACHABLE


class Searching(EmmState):
    """One UE's EMM state as far as searching needs it."""

    __slots__ = ()

    @property
    def cell_search(self) -> CellSearch:
        """How it looks for a cell; made when first asked for."""
        if self._cell_search is None:
            self._cell_search = CellSearch(self._queue, self._random, self._pattern, self)
        return self._cell_search

    def _be_limited(self, registration: int, wait_ms: int | None) -> None:
        """Camp without being registered, and look again after a while; None: not by itself."""
        self._activity.enter(LIMITED)
        if wait_ms is not None:
            self._attach_event = self._queue.after(wait_ms, self._try_again)
        self._set_registration(registration)

    def _try_again(self) -> None:
        self._attach_event = None
        self._wait_is_over()

    def _wait_is_over(self) -> None:
        self._retry_event = None
        if self.selection is not None:
            self.selection.begin_round()
        self._search_anew()

    def _search_anew(self) -> None:
        """Search at once; a UE that is registered somewhere stays so until it finds better."""
        if self.registered:
            self.search_now()
        else:
            self._end_search()
            self.search()

    # -- looking for a cell -----------------------------------------------------------------------
    def _look_for_cell(self) -> None:
        """Search until there is a cell, or an allowed network, beginning with those known."""
        self._camping.in_coverage = False
        if self.selection is not None and self._is_kept_out(self.selection):
            return
        if self._knows_networks:
            if self._took_next_network() or not self._camping.powered:
                return
            self.cell_search.rest()
        else:
            self.cell_search.begin()

    def _end_search(self) -> None:
        self._is_limited = False
        if self._retry_event is not None:
            self._retry_event.cancel()
            self._retry_event = None
        if self._cell_search is not None:
            self._cell_search.stop()

    def search_now(self) -> None:
        """End a pause between two searches."""
        if self._cell_search is not None:
            self._cell_search.search_now()

    def cell_appeared(self) -> None:
        """Take that the cell of its network is there, for a UE that does not camp on it."""
        if self._cell_search is not None and self.knows_this_cell():
            self._cell_search.cell_appeared()

    def cell_vanished(self) -> None:
        """Take that it is gone again."""
        if self._cell_search is not None:
            self._cell_search.cell_vanished()

    def knows_this_cell(self) -> bool:
        """Return whether the cell of its network is there, and may be used."""
        camping, selection = self._camping, self.selection
        return camping.is_covered and (selection is None or self._may_use(selection))

    def search_begins(self) -> None:
        """Be busy searching."""
        self._activity.enter(LIMITED if self._is_limited else UNREACHABLE, energy.SEARCH)
        if not self._is_limited:
            self._set_registration(SEARCHING)

    def round_ends(self) -> None:
        """Forget what there was, and what was left out of it."""
        self._knows_networks = False
        if self.selection is not None:
            self.selection.begin_round()

    def search_pauses(self) -> None:
        """Sleep, or camp on a cell of a network that is not allowed."""
        if self._is_limited:
            self._activity.enter(LIMITED)
        else:
            self._activity.enter(UNREACHABLE, energy.SEARCH_PAUSE)

    def known_cell_found(self) -> None:
        """Camp on the cell of its network."""
        self._end_search()
        self._camping.in_coverage = True
        if self.registered:
            self.found_coverage()
        else:
            self.search()

    def all_searched(self) -> bool:
        """Take what a whole search found; return whether it was of use."""
        self._knows_networks = self.selection is not None
        return self.selection is not None and (
            self._took_next_network() or not self._camping.powered
        )

    # -- among networks ---------------------------------------------------------------------------
    def is_barred(self, cell: Profile) -> bool:
        """Return whether refusals, or the SIM, forbid a network or area."""
        if self._attempts is None and (self._sim is None or not self._sim.forbidden):
            return False
        return self.attempts.barred_by(cell, self._queue.now_ms) is not None

    def _may_use(self, selection: NetworkSelection) -> bool:
        profile = self._camping.profile
        if not selection.permits(profile, self._queue.now_ms):
            return False
        return self.registered or selection.is_manual or not self.is_barred(profile)

    def _is_kept_out(self, selection: NetworkSelection) -> bool:
        """Return True, and stay so, where no network can be tried at all."""
        if selection.mode == DEREGISTERED:
            self._be_limited(OFF, None)
            return True
        invalid = None if self._attempts is None else self._attempts.invalid_cause
        if invalid is not None:
            self.reject_cause = invalid
            self._be_limited(DENIED, None)
            return True
        if self._camping.in_coverage and not self._may_use(selection):
            self._camping.in_coverage = False
        return False

    def _took_next_network(self) -> bool:
        """Attach in the next network that there is; else show that none is left."""
        selection, now = self.selection, self._queue.now_ms
        if selection is None:
            return False
        offer = selection.next_offer(self.is_barred, now)
        if offer is None and selection.give_up_choice():
            offer = selection.next_offer(self.is_barred, now)
        if offer is None:
            self._show_none_left(selection)
            return False
        self._end_search()
        self.enter_network(offer)
        return True

    def _show_none_left(self, selection: NetworkSelection) -> None:
        """Be in limited service where there are cells; be back when a wait is over."""
        now, offers = self._queue.now_ms, selection.offers()
        self._is_limited = bool(offers)
        bars = [self.attempts.barred_by(offer.cell, now) for offer in offers]
        ends = [bar.until_ms for bar in bars if bar is not None and bar.until_ms is not None]
        put_off_ms = selection.put_off_until_ms(now)
        if put_off_ms is not None:
            ends.append(put_off_ms)
        if ends and self._retry_event is None:
            self._retry_event = self._queue.at(min(ends), self._wait_is_over)
        causes = [bar.cause for bar in bars if bar is not None]
        if causes and not self.registered:
            if self.reject_cause not in causes:
                self.reject_cause = causes[0]
            self._set_registration(DENIED)

    def enter_network(self, offer: Offer) -> None:
        """Camp on a cell, and register there unless that is done."""
        camping = self._camping
        here = (camping.profile.plmn, camping.profile.access)
        if self.registered and offer.key == here:
            camping.in_coverage = True
            self.found_coverage()
            return
        if self.registered and not self.leave_network("the device left for another network"):
            return
        if offer.key != here and self.selection is not None:
            camping.enter_network(self.selection.cell_of(offer.cell))
            self._power_saving.follow_cell()
            self.attempts.new_network()
            self._esm.new_network()
        camping.is_covered = camping.in_coverage = True
        self.registered = False
        self._begin_attach()  # the choice is made: no search begins within it

    def stays_as_chosen(self) -> bool:
        """Return whether it is registered where the host's choice allows."""
        return self.registered and self.selection is not None and self._may_use(self.selection)

    def choose_anew(self, reason: str) -> None:
        """Leave the network, if it is in one, and do as the host's choice says."""
        self._knows_networks = False
        if self.leave_network(reason):
            self.search()

    def leave_network(self, reason: str) -> bool:
        """Be deregistered without a word; return False when the modem did something in answer.

        The network goes on believing until the UE registers elsewhere, or its timers end.
        """
        had_session = self._stop()
        self.registered = False
        self._radio.fail(reason)
        self._context.watch_for_silence()
        if had_session and self._activity.listener is not None:
            self._activity.listener.pdp_changed(False)
        return self._camping.powered and self._attach_event is None
