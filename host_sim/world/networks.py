"""The visited networks of a ``SuperSim``: ready-made ones by name, and those that are added."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ip_commands.host_sim.lte import Network
from ip_commands.host_sim.lte.search_patterns import DEFAULT_PATTERN
from ip_commands.host_sim.lte.sim_networks import SimNetworks, check_plmn, home_of
from ip_commands.host_sim.lte.steering import Steering
from ip_commands.host_sim.lte.visited_network import VISITED_NETWORKS, VisitedNetwork

_FIRST_OWN_MNC = 50
"""In the MCC of test networks, for networks that are added without a PLMN."""

_PATTERN_OF_MODEM = (("nrf91", "nrf9160"), ("sara-r42", "sara-r42"))
"""(how a modem's name begins, its search pattern)."""

_LISTS_OF_NETWORKS = ("user_list", "operator_list", "forbidden", "equivalent_home")


class NamedNetworks:
    """Networks by name, the ready-made ones and those that are added."""

    def __init__(self) -> None:
        self._by_name = dict(VISITED_NETWORKS)

    def list(self) -> list[VisitedNetwork]:
        """Return every network there is, the ready-made first."""
        return list(self._by_name.values())

    def __getitem__(self, name: str) -> VisitedNetwork:
        """Return a network by its name. Raises ValueError naming those that there are."""
        if not isinstance(name, str) or name not in self._by_name:
            raise ValueError(f"no network {name!r}; there are: {', '.join(self._by_name)}")
        return self._by_name[name]

    def add(
        self,
        name: str,
        like: str = "no-hlcom",
        *,
        plmn: str | None = None,
        outages: Iterable[tuple[float, float]] = (),
        equivalent: Iterable[str] = (),
        **parameters: object,
    ) -> VisitedNetwork:
        """Make a network like another, with other parameters in the profile of each of its cells.

        plmn: None for one of its own. outages: when it reaches nobody, (from, until) in seconds
        from the beginning of the run. equivalent: names or PLMNs of its equals.
        Raises ValueError, also for a name or PLMN that exists; TypeError for an unknown parameter.
        """
        if name in self._by_name:
            raise ValueError(f"there is already a network {name!r}: choose another name")
        plmn = self.new_plmn(name, plmn)
        made = self[like].with_changes(
            name,
            outages=outages,
            equivalent=[self._entry(text) for text in equivalent],
            plmn=plmn,
            **parameters,
        )
        self._by_name[name] = made
        return made

    def new_plmn(self, name: str, plmn: str | None) -> str:
        """Return a PLMN for a new network: this one, or (None) its own. Raises ValueError."""
        used = {network.plmn: network.name for network in self._by_name.values()}
        if plmn is None:
            numbers = range(_FIRST_OWN_MNC, 100)
            plmn = next((p for n in numbers if (p := f"001{n:02d}") not in used), None)
            if plmn is None:
                raise ValueError(f"network {name}: give it a PLMN, those of one's own are used up")
        elif check_plmn(plmn) in used:
            raise ValueError(f"network {name}: {used[plmn]} has PLMN {plmn}; give it another")
        return plmn

    def named(self, names: Iterable[str]) -> Sequence[VisitedNetwork]:
        """Return networks by name, in order. Raises ValueError naming those that there are."""
        if isinstance(names, str):
            raise ValueError(f"networks is {names!r}, it has to be a list of names")
        return [self[name] for name in names]

    def sim_lists(self, imsi: str, lists: Mapping[str, Any]) -> SimNetworks:
        """Return what a SIM says of networks; entries are PLMNs or names, with ``/access`` or not.

        Raises ValueError; TypeError for a list that no SIM has.
        """
        read = dict(lists)
        for name in _LISTS_OF_NETWORKS:
            if name in read:
                if isinstance(read[name], str) or not isinstance(read[name], Iterable):
                    raise ValueError(f"{name} is {read[name]!r}, it has to be a list")
                read[name] = [self._entry(text) for text in read[name]]
        home = read.pop("home", home_of(imsi))
        known = (*_LISTS_OF_NETWORKS, "search_every_min")
        for name in read:
            if name not in known:
                raise TypeError(f"a SIM has no {name!r}; it has home, {', '.join(known)}")
        return SimNetworks(self._entry(home), **read)

    def _entry(self, text: str) -> str:
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is no PLMN and no network: a text is needed")
        name, slash, access = text.partition("/")
        if name in self._by_name:
            return self._by_name[name].plmn + slash + access
        if name[:1].isdigit():
            return text
        raise ValueError(f"{text!r} is no PLMN and no network; those: {', '.join(self._by_name)}")


class Networks(NamedNetworks):
    """``supersim.networks``. A device among several is made by ``add_device(networks=...)``."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def steer(self, *preferred: str, cause: int = 17, times: int = 5) -> None:
        """Have the home core refuse attaches elsewhere, so many times each; no name ends it.

        preferred: names or PLMNs. Raises ValueError.
        """
        admission = self._network.home.admission
        plmns = [self._entry(text) for text in preferred]
        admission.steering = Steering(plmns, cause, times) if plmns else None


def pattern_of(modem: str) -> str:
    """Return the name of a modem's search pattern; the nRF9160's where none is public."""
    for beginning, pattern in _PATTERN_OF_MODEM:
        if modem.lower().startswith(beginning):
            return pattern
    return DEFAULT_PATTERN
