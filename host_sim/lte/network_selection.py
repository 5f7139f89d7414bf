"""One UE's choice among networks: automatic or the host's, round by round.

TS 23.122 4.4.3; modes as <mode> of +COPS (TS 27.007 7.3). A device with a profile alone has none
until its host chooses: it stays in the only network there is.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.plmn_selection import (
    Offer,
    higher_priority,
    priority_of,
    selection_order,
)
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.sim_networks import ACCESSES, SimNetworks, check_plmn
from ip_commands.host_sim.lte.surroundings import Surroundings

AUTOMATIC = 0
MANUAL = 1
DEREGISTERED = 2
MANUAL_THEN_AUTOMATIC = 4

# <stat> of an entry of +COPS=? (TS 27.007 7.3).
AVAILABLE = 1
CURRENT = 2
FORBIDDEN = 3


class FoundNetwork(NamedTuple):
    """An entry of a list of networks, for the host."""

    stat: int
    """<stat>: 1 available, 2 current, 3 forbidden."""
    name: str
    plmn: str
    access: str


class NetworkSelection:
    """What decides where a UE registers. ``surroundings``: None for a device with one network."""

    __slots__ = (
        "_camping",
        "_equivalent",
        "_put_off",
        "_random",
        "_tried",
        "accesses",
        "mode",
        "sim",
        "surroundings",
        "wanted",
    )

    def __init__(
        self,
        camping: Camping,
        random: Random,
        sim: SimNetworks,
        surroundings: Surroundings | None,
        accesses: Sequence[str],
    ) -> None:
        self._camping = camping
        self._random = random
        self.sim = sim
        self.surroundings = surroundings
        self.accesses = tuple(accesses)
        """Access technologies of the device, what it likes best first."""
        self.mode = AUTOMATIC
        self.wanted: tuple[str, str | None] | None = None
        """PLMN and, or None, access that the host chose."""
        self._equivalent: tuple[str, ...] = ()
        """PLMNs that the registered network calls its equals."""
        self._tried: set[tuple[str, str]] = set()
        """What said no in this round."""
        self._put_off: dict[tuple[str, str], int] = {}
        """PLMN and access -> when T3402 ends there."""

    # -- the host's choice ------------------------------------------------------------------------
    def choose(self, plmn: str, access: str | None, then_automatic: bool) -> None:
        """Let the host choose. Raises ValueError."""
        if access is not None and access not in ACCESSES:
            raise ValueError(f"access {access!r}: one of {', '.join(ACCESSES)}")
        self.wanted = (check_plmn(plmn), access)
        self.mode = MANUAL_THEN_AUTOMATIC if then_automatic else MANUAL
        self.forget_round()

    def choose_automatically(self) -> None:
        self.mode = AUTOMATIC
        self.wanted = None
        self.forget_round()

    def give_up_choice(self) -> bool:
        """Go on automatically where the host allowed that; return whether it did."""
        if self.mode != MANUAL_THEN_AUTOMATIC:
            return False
        self.choose_automatically()
        return True

    @property
    def is_below_the_best(self) -> bool:
        """Whether a network of higher priority than the present one can be."""
        return priority_of(Offer("", self._camping.profile), self.sim) > 0

    @property
    def is_manual(self) -> bool:
        return self.mode in (MANUAL, MANUAL_THEN_AUTOMATIC)

    # -- rounds -----------------------------------------------------------------------------------
    def forget_round(self) -> None:
        """Begin anew with all."""
        self._tried.clear()
        self._put_off.clear()

    def begin_round(self) -> None:
        """Try again whatever said no in the last round, but for those that are put off."""
        self._tried.clear()

    def said_no(self, cell: Profile, put_off_until_ms: int | None) -> None:
        """Leave a network out for this round, or until then."""
        key = cell.plmn, cell.access
        self._tried.add(key)
        if put_off_until_ms is not None:
            self._put_off[key] = put_off_until_ms

    def accepted(self, cell: Profile) -> None:
        """Take that the UE is registered there."""
        key = self.sim.registered = (cell.plmn, cell.access)
        self._equivalent = next((o.equivalent for o in self.offers() if o.key == key), ())
        self.forget_round()

    def put_off_until_ms(self, now_ms: int) -> int | None:
        """Return when the first network that is put off may be tried again; None: none is."""
        self._put_off = {key: at for key, at in self._put_off.items() if at > now_ms}
        audible = {offer.key for offer in self.offers()}
        return min((at for key, at in self._put_off.items() if key in audible), default=None)

    def permits(self, cell: Profile, now_ms: int) -> bool:
        """Return whether a cell may be tried in this round, forbidden lists apart."""
        key = cell.plmn, cell.access
        if self.mode == DEREGISTERED or key in self._tried or cell.access not in self.accesses:
            return False
        if self.wanted is not None:
            plmn, access = self.wanted
            if cell.plmn != plmn or access not in (None, cell.access):
                return False
        return self._put_off.get(key, 0) <= now_ms

    # -- networks ---------------------------------------------------------------------------------
    def offers(self) -> list[Offer]:
        """Return what the UE hears now, of what it can use."""
        camping = self._camping
        if camping.is_shielded:
            return []
        if self.surroundings is not None:
            return [
                offer._replace(cell=camping.as_heard(self._cell_here(offer)))
                for offer in self.surroundings.offers()
                if offer.cell.access in self.accesses and self._is_heard(offer)
            ]
        return [Offer(camping.profile.name, camping.profile)] if camping.is_covered else []

    def _is_heard(self, offer: Offer) -> bool:
        if self._is_here(offer):
            return not self._camping.is_sunk
        return self._camping.hears(offer.cell)

    def _is_here(self, offer: Offer) -> bool:
        profile = self._camping.profile
        return offer.key == (profile.plmn, profile.access)

    def _cell_here(self, offer: Offer) -> Profile:
        """Return the cell of a network where the UE is: it may have moved in the present one."""
        return self._camping.profile if self._is_here(offer) else offer.cell

    def next_offer(self, is_barred: Callable[[Profile], bool], now_ms: int) -> Offer | None:
        """Return which to try next; None: none is left.

        The host's choice is tried even when forbidden (TS 23.122 4.4.3.1.2).
        """

        def is_out(cell: Profile) -> bool:
            if not self.permits(cell, now_ms):
                return True
            return self.wanted is None and is_barred(cell)

        before: tuple[str, ...] = ()
        if self.sim.registered is not None:
            before = (self.sim.registered[0], *self._equivalent)
        order = selection_order(
            self.offers(), self.sim, self.accesses, self._random, is_out, before
        )
        return order[0] if order else None

    def better_offer(self, is_barred: Callable[[Profile], bool]) -> Offer | None:
        """Return a network of higher priority than the present one; None: there is none."""
        here = Offer("", self._camping.profile)
        return higher_priority(self.offers(), here, self.sim, self.accesses, is_barred)

    def found(self, is_barred: Callable[[Profile], bool], registered: bool) -> list[FoundNetwork]:
        """List the networks for the host, the present one first."""
        profile = self._camping.profile
        listed = []
        for offer in self.offers():
            cell = offer.cell
            is_here = registered and offer.key == (profile.plmn, profile.access)
            stat = CURRENT if is_here else FORBIDDEN if is_barred(cell) else AVAILABLE
            listed.append(FoundNetwork(stat, offer.network, cell.plmn, cell.access))
        return sorted(listed, key=lambda entry: entry.stat != CURRENT)

    def cell_of(self, cell: Profile) -> Profile:
        """Return a cell as the UE camps on it; at home +CEREG says so."""
        return cell.with_changes(registration=1) if cell.plmn in self.sim.homes else cell
