"""A visited network by name: PLMN, access technologies, what each grants and refuses, outages.

Several of them reach one device (``surroundings``), which selects one (``plmn_selection``). The
ready-made ones say by name what they are like. They stand for no operator: their PLMNs are in the
MCC of test networks, 001 (ITU-T E.212 annex A).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ip_commands.host_sim.lte.profiles import GRANT, IGNORE, PROFILES, REFUSE, SHORTEN, Profile
from ip_commands.host_sim.lte.sim_networks import check_plmn
from ip_commands.host_sim.lte.value_kinds import is_number


@dataclass(frozen=True, slots=True)
class VisitedNetwork:
    """One network: what its cells are like, one for each access technology.

    outages: when it reaches nobody, (from, until) in seconds from the beginning of the run.
    equivalent: PLMNs that it calls its equals in an Attach Accept (TS 24.301 5.5.1.2.4).
    Raises ValueError.
    """

    name: str
    cells: tuple[Profile, ...]
    outages: tuple[tuple[float, float], ...] = ()
    equivalent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or set(self.name) & set(",=+/ "):
            raise ValueError(f"network name {self.name!r}: one word without , = + / is needed")
        if not self.cells:
            raise ValueError(f"network {self.name}: it needs a cell")
        if len({cell.plmn for cell in self.cells}) > 1:
            raise ValueError(f"network {self.name}: all of its cells have the same PLMN")
        accesses = [cell.access for cell in self.cells]
        if len(set(accesses)) < len(accesses):
            raise ValueError(f"network {self.name}: two cells of {accesses}; one each is enough")
        check_plmn(self.plmn)
        for plmn in self.equivalent:
            check_plmn(plmn)
        check_outages(self.outages)

    @property
    def plmn(self) -> str:
        """MCC and MNC."""
        return self.cells[0].plmn

    def with_changes(
        self,
        name: str | None = None,
        *,
        outages: Iterable[tuple[float, float]] | None = None,
        equivalent: Iterable[str] | None = None,
        **parameters: object,
    ) -> "VisitedNetwork":
        """Return a copy with another name, or with other parameters in each cell's profile.

        Raises ValueError; TypeError for an unknown parameter.
        """
        name = self.name if name is None else name
        cells = tuple(cell.with_changes(**{**parameters, "name": name}) for cell in self.cells)
        return VisitedNetwork(
            name,
            cells,
            self.outages if outages is None else check_outages(outages),
            self.equivalent if equivalent is None else tuple(equivalent),
        )


def check_outages(outages: Iterable[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return outages as (from, until) in seconds. Raises ValueError for what cannot be."""
    if isinstance(outages, str) or not isinstance(outages, Iterable):
        raise ValueError(f"outages {outages!r}: pairs of seconds, from and until, are needed")
    checked = tuple(outages)
    last = 0.0
    for pair in checked:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(map(is_number, pair)):
            raise ValueError(f"outage {pair!r}: two times from 0 on, in order, seconds")
        begin, end = pair
        if not 0 <= begin < end:
            raise ValueError(f"outage from {begin} to {end} s: two times from 0 on, in order")
        if begin < last:
            raise ValueError(
                f"outage from {begin} to {end} s: it begins before the last has ended"
            )
        last = end
    return tuple((begin, end) for begin, end in checked)


def read_outages(text: str) -> tuple[tuple[float, float], ...]:
    """Read ``600-1200+3000-3600``, seconds; "": none. Raises ValueError."""
    outages = []
    for part in text.split("+") if text else ():
        begin, _, end = part.partition("-")
        try:
            outages.append((float(begin), float(end)))
        except ValueError:
            raise ValueError(f"outages {text!r}: write FROM-UNTIL+..., in seconds") from None
    return check_outages(outages)


def _network(name: str, number: int, *cells: Profile, **parameters: object) -> VisitedNetwork:
    made = tuple(
        cell.with_changes(**{**parameters, "name": name, "plmn": f"001{number:02d}"})
        for cell in cells
    )
    return VisitedNetwork(name, made)


_CAT_M1 = replace(PROFILES["cat-m1"], edrx_policy=GRANT, psm_policy=GRANT)
_NB_IOT = PROFILES["nb-iot"]

VISITED_NETWORKS: dict[str, VisitedNetwork] = {
    network.name: network
    for network in (
        _network("hlcom", 1, _CAT_M1, hlcom=True),
        _network("no-hlcom", 2, _CAT_M1),
        # as users report of eDRX and PSM alike: whatever was asked, everybody gets the same
        _network("one-edrx-for-all", 3, _CAT_M1, edrx_policy=IGNORE, edrx_longest="0010"),
        _network("short-edrx", 4, _CAT_M1, edrx_policy=SHORTEN, edrx_longest="0010"),
        _network("no-power-saving", 5, _CAT_M1, edrx_policy=REFUSE, psm_policy=REFUSE),
        _network("refuses-roaming", 6, _CAT_M1, attach_reject=13),
        _network("not-allowed", 7, _CAT_M1, attach_reject=11),
        _network("no-data", 8, _CAT_M1, session_reject=33),
        _network("congested", 9, _CAT_M1, congestion=0.7, t3346_s=300),
        _network("new-address-each-hour", 10, _CAT_M1, session_max_s=3600),
        _network("slow", 11, _CAT_M1, core_delay_ms=400, rtt_ms=800),
        _network("nb-iot-only", 12, _NB_IOT),
        _network("cat-m1-and-nb-iot", 13, replace(_CAT_M1, hlcom=True), _NB_IOT),
        _network("lte-only", 14, PROFILES["lte"]),
    )
}
"""Ready-made ones by name."""


def visited_network(name: str) -> VisitedNetwork:
    """Return a ready-made network. Raises ValueError naming those that there are."""
    if name not in VISITED_NETWORKS:
        raise ValueError(f"no network {name!r}; there are: {', '.join(VISITED_NETWORKS)}")
    return VISITED_NETWORKS[name]
