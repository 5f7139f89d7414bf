"""Ten devices that roam among three networks: refusals, steering, outages, choices of their hosts.

As ``test_many_lives``, with devices that select their networks: each datagram gets one fate, none
reaches a device without a session at that address, and a run depends on nothing but its seed.
"""

import os
import subprocess
import sys

import pytest

from ip_commands.host_sim.lte import Network, Ue
from ip_commands.host_sim.lte.plmn_selection import country_of
from ip_commands.host_sim.lte.search_patterns import SEARCH_PATTERNS
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from ip_commands.host_sim.lte.steering import Steering
from ip_commands.host_sim.lte.visited_network import VisitedNetwork, visited_network
from tests.lte.network_bench import START_MS
from tests.lte.test_many_lives import World

GOOD = visited_network("hlcom").with_changes("good", plmn="26201", page_miss=0.1)
PLAIN = visited_network("no-hlcom").with_changes(
    "plain",
    plmn="26202",
    core_delay_ms=900,
    session_max_s=3600,
    congestion=0.1,
    t3346_s=300,
    outages=[(7200, 9000), (20_000, 20_600)],
)
BOTH = visited_network("cat-m1-and-nb-iot").with_changes(
    "both", plmn="20801", ac_barring_factor=0.5, enb_packets=4, equivalent=["26202"]
)
NETWORKS: list[VisitedNetwork] = [GOOD, PLAIN, BOTH]
NAMES = [network.name for network in NETWORKS]
PROFILES = ("cat-m1", "cat-m1-edrx", "psm")
REFUSING = (8, 11, 12, 13, 14, 15, 17, 22, 35)


class RoamingWorld(World):
    """One run; everything that happens is drawn from the seed."""

    def add_devices(self) -> None:
        self.network.home.admission.steering = Steering(["26201"], cause=17, times=2)
        self.visited: set[tuple[str, str]] = set()
        self.refused_with: dict[str, int] = {}
        """Name of a network -> EMM cause with which it now refuses every attach."""
        self.network.home.admission.attach = self.decide
        random = self.random
        for number in range(10):
            order = random.sample(NETWORKS, 3)
            sim = SimNetworks(
                "90128",
                user_list=random.choice([(), ["26202"], ["20801/nb-iot", "26201"]]),
                forbidden=random.choice([(), (), ["20801"]]),
                search_every_min=random.choice([0, 6, 60]),
            )
            ue = self.network.add_ue(
                f"device-{number}",
                f"90128{number:010d}",
                f"89883070{number:011d}",
                random.choice(PROFILES),
                networks=order,
                accesses=random.choice([("cat-m1",), ("nb-iot", "cat-m1"), ("cat-m1", "nb-iot")]),
                sim=sim,
                search_pattern=random.choice(list(SEARCH_PATTERNS)),
            )
            ue.connect()
            self.queue.after(random.randrange(600_000), self.next_step, ue)

    def decide(self, iccid: str, profile) -> object:
        from ip_commands.host_sim.lte.refusals import attach_refusal

        cause = self.refused_with.get(profile.name)
        return None if cause is None else attach_refusal(cause, "a test")

    def step(self, ue: Ue) -> None:
        if ue.emm.registered:
            self.visited.add((ue.name, ue.profile.name))
        random = self.random
        what = random.randrange(24)
        if what < 14 and what not in (11, 14):
            super().step_as(ue, what)
        elif what in (22, 23):
            super().step_as(ue, 16)  # into another cell
        elif what in (11, 14):
            ue.roam(*random.sample(NAMES, random.randrange(4)))
        elif what == 15:
            ue.roam_along([(random.randrange(900), [name]) for name in random.sample(NAMES, 2)])
        elif what == 16:
            ue.roam_at_random(60, 3600)
        elif what == 17:
            name = random.choice(NAMES)
            self.refused_with[name] = random.choice(REFUSING)
            self.queue.after(random.randrange(900_000), self.refused_with.pop, name, None)
            self.queue.after(1_800_000, self.help_back, ue)
        elif what == 18:
            begin_s = (self.queue.now_ms - START_MS) // 1000 + random.randrange(600)
            ue.set_outages(random.choice(NAMES), [(begin_s, begin_s + random.randrange(1, 900))])
        elif what == 19:
            choose = random.choice(
                [
                    lambda: ue.select_network(random.choice(["26201", "20801", "99999"])),
                    lambda: ue.select_network("26202", "cat-m1", then_automatic=True),
                    ue.deregister,
                    lambda: ue.list_networks(lambda found: None),
                ]
            )
            choose()
            self.queue.after(random.randrange(1_200_000), ue.select_automatically)
        elif what == 20:
            ue.search_now()
        else:
            ue.request_edrx(random.choice([None, "0010", "0101"]))

    def help_back(self, ue: Ue) -> None:
        ue.roam(*NAMES)
        super().help_back(ue)


@pytest.mark.parametrize("seed", range(6))
def test_each_datagram_has_one_fate_and_none_goes_astray(seed: int) -> None:
    world = RoamingWorld(seed)
    world.run()
    network: Network = world.network
    assert network.created == network.delivered + network.dropped + network.waiting()
    assert len(world.visited) > 20  # of 30
    for ue in network.ues.values():
        ue.lose_power()
    world.next_step = lambda ue: None  # type: ignore[method-assign]
    world.queue.run_until(world.queue.now_ms + 48 * 3_600_000)
    assert network.waiting() == 0
    assert {datagram.id: 1 for datagram in world.datagrams} == world.fates
    assert world.strays == []
    assert network.delivered > 60
    assert network.dropped > 60


@pytest.mark.parametrize("seed", range(6))
def test_what_a_device_and_its_network_believe_fits_at_every_step(seed: int) -> None:
    world = RoamingWorld(seed)
    step = world.step

    def checked(ue: Ue) -> None:
        check(ue)
        step(ue)
        check(ue)

    world.step = checked  # type: ignore[method-assign]
    world.run()


def check(ue: Ue) -> None:
    """What can be said of a device whatever happened to it."""
    emm, camping = ue.emm, ue.camping
    if camping.in_coverage:
        assert camping.is_covered
    if emm.registered:
        assert ue.registration in (1, 2, 5)
        assert ue.context.profile.plmn == ue.plmn or not ue.context.registered
        assert ue.profile.access in emm.selection.accesses
    else:
        assert ue.ip_address is None
        assert ue.registration in (0, 2, 3)
    if ue.registration == 3:
        assert ue.reject_cause is not None
    if camping.powered and not camping.in_coverage and ue.state != "connected":
        # never forgotten: it searches, sleeps, or knows why not
        waits = emm.cell_search.is_running or ue.state == "PSM"
        told = ue.selection_mode == 2 or emm.attempts.invalid_cause is not None
        assert waits or told or emm.search_at_ms is not None, ue.explain_state()
    assert country_of(ue.plmn) in ("262", "208")
    assert ue.name in ue.explain_state()


def test_a_run_depends_on_its_seed_alone() -> None:
    code = (
        "from tests.lte.test_many_lives_among_networks import RoamingWorld as World;"
        "print(World(3).run())"
    )
    digests = {RoamingWorld(3).run()}
    for hash_seed in ("0", "4242"):
        where = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        ended = subprocess.run(
            [sys.executable, "-c", code], env=where, capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        digests.add(ended.stdout.strip())
    assert len(digests) == 1
    assert RoamingWorld(4).run() not in digests
