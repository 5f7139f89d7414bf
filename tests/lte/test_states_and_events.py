"""The whole table of states and events: in each, every datagram gets exactly one fate, in time."""

import os

import pytest

from ip_commands.host_sim.lte import Datagram, NotAttached
from tests.lte.network_bench import Bench
from tests.lte.states_and_events import EVENTS, NETWORKS, STATES, longest_wait_s


class Fates:
    """Sends while it can, and counts what became of every datagram of the network."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.made: list[Datagram] = bench.network.keep_history().datagrams
        self.outcomes: dict[str, int] = {}
        self.strays: list[str] = []
        """Delivered to a device without a session at that address."""
        bench.network.on_outcome = self.settled

    def settled(self, datagram: Datagram) -> None:
        self.outcomes[datagram.id] = self.outcomes.get(datagram.id, 0) + 1
        if (datagram.direction, datagram.outcome) == ("downlink", "delivered"):
            ue = self.bench.ue
            if {ue.ip_address, ue.context.ip_address} != {datagram.destination_host}:
                self.strays.append(datagram.id)

    def send(self, payload: bytes) -> None:
        if self.bench.ue.context.ip_address is not None:
            self.bench.send(payload)
        else:
            with pytest.raises(NotAttached, match=self.bench.ue.name):
                self.bench.send(payload)

    def check(self) -> None:
        without = [d.id for d in self.made if self.outcomes.get(d.id, 0) != 1]
        told = {d.id: d.trail for d in self.made if d.id in without}
        assert not without, f"{self.bench.ue.explain_state()}: {told}"
        assert self.strays == []
        network = self.bench.network
        assert network.waiting() == 0
        assert network.created == network.delivered + network.dropped == len(self.made)


EVERY_CHECK = bool(os.environ.get("EVERY_CHECK"))
"""Set by ``make test-all``; else each state meets every event in a third of the networks."""

CASES = [
    (network, state)
    for row, state in enumerate(STATES)
    for column, network in enumerate(NETWORKS)
    if EVERY_CHECK or (row + column) % 3 == 0
]


@pytest.mark.parametrize(("network", "state"), CASES)
def test_each_datagram_has_exactly_one_fate_within_a_bound(network: str, state: str) -> None:
    profile, changes = NETWORKS[network]
    for name, happens in EVENTS.items():
        bench = Bench(profile, 1, **changes)
        fates = Fates(bench)
        STATES[state](bench)
        wait_s = longest_wait_s(bench)
        fates.send(b"in the state")
        happens(bench)
        fates.send(b"after the event")
        bench.run(ms=300)
        fates.send(b"a little later")
        bench.run(seconds=wait_s)
        try:
            fates.check()
        except AssertionError as failed:
            raise AssertionError(f"{state}, then {name}, in {network}: {failed}") from None
