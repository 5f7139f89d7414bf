"""Which network a UE selects: the order of TS 23.122 4.4.3.1.1, as pure functions."""

from collections.abc import Callable, Collection, Sequence
from random import Random
from typing import NamedTuple

from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.sim_networks import Preference, SimNetworks

HIGH_QUALITY_DBM = -110
"""From this RSRP on a network counts as received with high quality (TS 36.304 5.1.2.2; taken for
NB-IoT, too)."""


class Offer(NamedTuple):
    """A PLMN and access technology that a UE hears."""

    network: str
    """Its name."""
    cell: Profile
    equivalent: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """PLMN and access."""
        return self.cell.plmn, self.cell.access


def selection_order(
    offers: Sequence[Offer],
    sim: SimNetworks,
    accesses: Sequence[str],
    random: Random,
    is_barred: Callable[[Profile], bool],
    before: Collection[str] = (),
) -> list[Offer]:
    """Return those that may be tried, in the order of automatic selection.

    accesses: what the UE can do, what it likes best first. before: the registered PLMN and its
    equivalents, which go before all (TS 23.122 4.4.3.1). Then home, the user's list, the
    operator's, the strong ones in random order, the rest by signal.
    """
    usable = [
        offer for offer in offers if offer.cell.access in accesses and not is_barred(offer.cell)
    ]
    usable.sort(key=lambda offer: accesses.index(offer.cell.access))
    order = [offer for offer in usable if offer.cell.plmn in before]
    for plmn in sim.homes:
        order += [offer for offer in usable if offer.cell.plmn == plmn]
    for preference in (*sim.user_list, *sim.operator_list):
        order += [offer for offer in usable if _matches(offer, preference)]
    rest = [offer for offer in usable if offer not in order]
    strong = [offer for offer in rest if offer.cell.rsrp_dbm >= HIGH_QUALITY_DBM]
    weak = [offer for offer in rest if offer.cell.rsrp_dbm < HIGH_QUALITY_DBM]
    random.shuffle(strong)
    weak.sort(key=lambda offer: -offer.cell.rsrp_dbm)
    return list(dict.fromkeys(order + strong + weak))


def priority_of(offer: Offer, sim: SimNetworks) -> int:
    """Return the place of an offer in the SIM's lists, 0 the best; all others share the last."""
    homes = sim.homes
    if offer.cell.plmn in homes:
        return homes.index(offer.cell.plmn)
    lists = (*sim.user_list, *sim.operator_list)
    for number, preference in enumerate(lists):
        if _matches(offer, preference):
            return len(homes) + number
    return len(homes) + len(lists)


def higher_priority(
    offers: Sequence[Offer],
    here: Offer,
    sim: SimNetworks,
    accesses: Sequence[str],
    is_barred: Callable[[Profile], bool],
) -> Offer | None:
    """Return the best network of a higher priority than the present one; None: there is none.

    Of other networks than the home ones only those in the present country count (TS 23.122
    4.4.3.3.1).
    """
    found, best = None, priority_of(here, sim)
    for offer in offers:
        cell = offer.cell
        if cell.access not in accesses or cell.plmn == here.cell.plmn or is_barred(cell):
            continue
        is_near = country_of(cell.plmn) == country_of(here.cell.plmn)
        if (is_near or cell.plmn in sim.homes) and priority_of(offer, sim) < best:
            found, best = offer, priority_of(offer, sim)
    return found


def country_of(plmn: str) -> str:
    """Return the country of a PLMN, its MCC; those of the United States count as one."""
    mcc = plmn[:3]
    return "310" if mcc in ("311", "312", "313", "314", "315", "316") else mcc


def _matches(offer: Offer, preference: Preference) -> bool:
    access = preference.access
    return offer.cell.plmn == preference.plmn and (access is None or access == offer.cell.access)
