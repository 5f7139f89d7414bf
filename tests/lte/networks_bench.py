"""One device among several visited networks, for the tests of this folder."""

from typing import Any

from ip_commands.host_sim.lte import Datagram, Network, NotAttached, Ue
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from ip_commands.host_sim.lte.visited_network import VisitedNetwork, visited_network
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.lte.network_bench import ICCID, IMSI, START_MS, Bench, Recorder

HOME = "90128"


def named(*names: str) -> list[VisitedNetwork]:
    return [visited_network(name) for name in names]


class NetworksBench(Bench):
    """Sure by default, as ``Bench``; connected to nothing yet."""

    def __init__(
        self,
        networks: list[VisitedNetwork] | tuple[str, ...],
        *,
        profile: str = "cat-m1-edrx",
        seed: int = 0,
        accesses: tuple[str, ...] = (),
        lists: dict[str, Any] | None = None,
        search_pattern: Any = "continuous",
        **overrides: Any,
    ) -> None:
        self.queue = EventQueue(START_MS)
        self.network = Network(self.queue, seed=seed)
        met = [visited_network(one) if isinstance(one, str) else one for one in networks]
        self.ue: Ue = self.network.add_ue(
            "device-1",
            IMSI,
            ICCID,
            profile,
            networks=met,
            accesses=accesses,
            sim=SimNetworks(HOME, **(lists or {})),
            search_pattern=search_pattern,
            **({"page_miss": 0.0, "datagram_loss": 0.0} | overrides),
        )
        self.listener = Recorder(self.queue)
        self.ue.listener = self.listener
        self.uplinks: list[tuple[int, Datagram]] = []
        self.network.on_uplink = lambda ue, datagram, host, port: self.uplinks.append(
            (self.queue.now_ms, datagram)
        )
        self.asked: list[str] = []
        """Names of the networks that were asked for an attach, in order."""
        self.refusing: Any = None
        """Called with ICCID and profile: the home core's answer."""
        self.network.home.admission.attach = self._asked

    def _asked(self, iccid: str, profile: Any) -> Any:
        self.asked.append(profile.name)
        return None if self.refusing is None else self.refusing(iccid, profile)

    @property
    def where(self) -> str | None:
        """The network that it is registered in; None: in none."""
        return self.ue.profile.name if self.ue.emm.registered else None

    def try_to_send(self) -> Datagram | None:
        try:
            return self.send()
        except NotAttached:
            return None
