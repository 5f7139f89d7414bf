"""A UE among networks: which reach it, where it goes, and what its host chooses.

The host's side has plain names; +COPS is in brackets (TS 27.007 7.3).
"""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from ip_commands.host_sim.lte.background_search import BackgroundSearch
from ip_commands.host_sim.lte.network_selection import (
    AUTOMATIC,
    DEREGISTERED,
    FoundNetwork,
    NetworkSelection,
)
from ip_commands.host_sim.lte.search_patterns import SearchPattern
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from ip_commands.host_sim.lte.states import PSM
from ip_commands.host_sim.lte.surroundings import Route, Surroundings
from ip_commands.host_sim.lte.ue_readings import UeReadings
from ip_commands.host_sim.lte.visited_network import VisitedNetwork


class UeAmongNetworks(UeReadings):
    """The side of a ``Ue`` that knows of networks."""

    __slots__ = ("_pattern", "random", "surroundings")

    random: Random
    _pattern: SearchPattern
    surroundings: Surroundings | None
    """Which networks reach it, where there are several; None: the one of its profile."""

    @property
    def sim(self) -> SimNetworks:
        """What its SIM says of networks."""
        return self.emm.sim

    # -- where it is ------------------------------------------------------------------------------
    def meet(
        self, networks: Sequence[VisitedNetwork], accesses: Sequence[str], begin_ms: int
    ) -> None:
        """Be among networks before it is first switched on; it was last registered in the first.

        begin_ms: when the run began, which outages count from.
        accesses: access technologies that it can use, what it likes best first. It goes on asking
        for the eDRX and PSM values of its profile. Raises ValueError.
        """
        surroundings = Surroundings(self.queue, begin_ms, networks)
        cells = [
            cell
            for access in accesses
            for network in networks
            for cell in network.cells
            if cell.access == access
        ]
        if not cells:
            heard = sorted({cell.access for network in networks for cell in network.cells})
            raise ValueError(
                f"{self.name} can use {', '.join(accesses)}, its networks have {', '.join(heard)}"
            )
        first = next((cell for cell in cells if cell.plmn == networks[0].plmn), cells[0])
        self.surroundings = surroundings
        selection = self._select_among(surroundings, accesses)
        self.camping.enter_network(selection.cell_of(first))
        self.context.enter_network(self.camping.profile)
        self.power_saving.follow_cell()
        self.sim.registered = (first.plmn, first.access)
        surroundings.on_change = self.follow_coverage
        self.follow_coverage()

    def _select_among(
        self, surroundings: Surroundings | None, accesses: Sequence[str]
    ) -> NetworkSelection:
        emm, camping, random = self.emm, self.camping, self.random
        selection = NetworkSelection(camping, random, emm.sim, surroundings, accesses)
        emm.selection = selection
        emm.background = BackgroundSearch(
            self.queue, random, self.activity, selection, self._pattern, emm
        )
        return selection

    def _leave_surroundings(self) -> None:
        """Have one network again."""
        if self.surroundings is not None:
            self.surroundings.end()
        self.surroundings = None
        self.emm.selection = self.emm.background = None

    def know(self, network: VisitedNetwork) -> None:
        """Let it meet one network more, as that is, once it roams there. Raises ValueError."""
        self._among().know(network)

    def roam(self, *names: str) -> None:
        """Go where these networks, and no others, reach the device; none: into a dead spot.

        It leaves what it had as one does who crosses a border: without a word. Raises ValueError.
        """
        self._among().go(names)

    def roam_along(self, route: Route) -> None:
        """Roam by a timetable: (seconds from now, names). Raises ValueError."""
        self._among().follow(route)

    def roam_at_random(self, least_s: float, most_s: float) -> None:
        """Go to another of its networks again and again, after so long each time; by its seed.

        Raises ValueError.
        """
        random = Random(f"{self.random.getrandbits(64)}/roam")
        self._among().wander(random, least_s, most_s)

    def set_outages(self, name: str, outages: Iterable[tuple[float, float]]) -> None:
        """Say when a network does not reach this UE: (from, until), seconds of the run.

        Raises ValueError.
        """
        self._among().set_outages(name, outages)

    def _among(self) -> Surroundings:
        if self.surroundings is None:
            raise ValueError(f"{self.name} has one network, its profile's: give it several first")
        return self.surroundings

    def lose_coverage(self) -> None:
        """Take every network away from the UE; the network does not know.

        A connected UE notices at radio link failure, and has T311 to come back.
        """
        self.camping.is_shielded = True
        self.follow_coverage()

    def find_coverage(self) -> None:
        """Give them back, its own whatever its floor; a UE that searches finds that one soon."""
        self.camping.is_shielded = self.camping.is_sunk = False
        self.follow_coverage()

    def follow_coverage(self) -> None:
        """Take what reaches the UE now."""
        camping, profile = self.camping, self.camping.profile
        is_covered = not (camping.is_shielded or camping.is_sunk) and (
            self.surroundings is None or self.surroundings.hears(profile.plmn, profile.access)
        )
        if is_covered == camping.is_covered:
            return
        camping.is_covered = is_covered
        if is_covered:
            self._cell_appeared()
        elif not camping.in_coverage:
            self.emm.cell_vanished()
        else:
            camping.in_coverage = False
            if camping.powered:
                self.rrc.lose_link()
                if not self.rrc.connected:
                    self.emm.lost_coverage()
                self.context.watch_for_silence()

    def _cell_appeared(self) -> None:
        camping = self.camping
        if self.rrc.connected:
            camping.in_coverage = True
            self.rrc.find_link()
        elif not camping.powered or self.activity.state is PSM:
            camping.in_coverage = True  # nobody looks
        else:
            self.emm.cell_appeared()

    def search_now(self) -> None:
        """End a pause between two searches, as a host can."""
        self.emm.search_now()

    # -- what its host chooses --------------------------------------------------------------------
    @property
    def selection_mode(self) -> int:
        """<mode> of +COPS: 0 automatic, 1 manual, 2 deregistered, 4 manual, then automatic."""
        return AUTOMATIC if self.emm.selection is None else self.emm.selection.mode

    def select_network(
        self, plmn: str, access: str | None = None, then_automatic: bool = False
    ) -> None:
        """Register in a network of the host's choice, even a forbidden one (AT+COPS=1,2 and 4,2).

        access: None for any. then_automatic: if that fails. The outcome is ``registration``.
        Raises ValueError for what is no PLMN or access.
        """
        self._selection().choose(plmn, access, then_automatic)
        self._select_anew()

    def select_automatically(self) -> None:
        """Leave the choice to the UE (AT+COPS=0)."""
        self._selection().choose_automatically()
        self._select_anew()

    def deregister(self) -> None:
        """Leave the network and stay out, radio on (AT+COPS=2)."""
        selection = self._selection()
        selection.choose_automatically()
        selection.mode = DEREGISTERED
        self._select_anew()

    def list_networks(self, on_done: Callable[[list[FoundNetwork]], None]) -> bool:
        """Search all bands, which takes minutes, and call with what there is (AT+COPS=?).

        Returns False, and does not call, while the radio is off or such a search runs. Switched
        off meanwhile the list is empty.
        """
        if not self.camping.powered:
            return False
        self._selection()
        background = self.emm.background
        return background is not None and background.list_networks(on_done)

    def _selection(self) -> NetworkSelection:
        selection = self.emm.selection
        if selection is None:
            profile = self.camping.profile
            selection = self._select_among(None, (profile.access,))
            if self.emm.registered:
                self.sim.registered = (profile.plmn, profile.access)
        return selection

    def _select_anew(self) -> None:
        if self.camping.powered and not self.emm.stays_as_chosen():
            self._say_goodbye("the host chose another network")
            self.emm.choose_anew("the host chose another network")

    def _say_goodbye(self, reason: str) -> None:
        if self.camping.in_coverage and self.emm.registered:
            self.context.detach(reason)
