"""Ten devices in three networks: refusals, moves, lost links and ended sessions, all at once.

Each datagram gets one fate, none reaches a device without a session at that address, and a run
depends on nothing but its seed.
"""

import hashlib
import os
import subprocess
import sys
from random import Random

import pytest

from ip_commands.host_sim.lte import PROFILES, Datagram, Network, NotAttached, Profile, Ue
from ip_commands.host_sim.lte.session_record import EVENTS, ConnectionEvent
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.lte.network_bench import START_MS

HOURS = 12
NETWORKS = {
    "good": PROFILES["cat-m1-edrx-hlcom"].with_changes(plmn="26201", page_miss=0.1),
    "plain": PROFILES["cat-m1"].with_changes(
        plmn="310410",
        core_delay_ms=900,
        session_max_s=3600,
        congestion=0.1,
        t3346_s=300,
        as_rai=True,
    ),
    "poor": PROFILES["psm"].with_changes(
        plmn="20801", ce_level=1, ac_barring_factor=0.5, hlcom=True, enb_packets=4
    ),
}


class World:
    """One run; everything that happens is drawn from the seed."""

    def __init__(self, seed: int) -> None:
        self.queue = EventQueue(START_MS)
        self.network = Network(self.queue, seed=seed)
        self.random = Random(f"world {seed}")
        self.datagrams: list[Datagram] = self.network.keep_history().datagrams
        self.fates: dict[str, int] = {}
        self.strays: list[str] = []
        self.told: list[ConnectionEvent] = []
        self.network.on_outcome = self.settled
        self.network.home.on_event = self.told.append
        self.network.home.update_s = 360
        self.add_devices()

    def add_devices(self) -> None:
        for number in range(10):
            profile = self.random.choice(list(NETWORKS.values()))
            ue = self.network.add_ue(
                f"device-{number}", f"90128{number:010d}", f"89883070{number:011d}", profile
            )
            ue.connect()
            self.queue.after(self.random.randrange(600_000), self.next_step, ue)

    def settled(self, datagram: Datagram) -> None:
        self.fates[datagram.id] = self.fates.get(datagram.id, 0) + 1
        if datagram.outcome == "delivered":
            ue = self.network.ues[datagram.ue_name]
            down = datagram.direction == "downlink"
            address = datagram.destination_host if down else datagram.source_host
            if {ue.ip_address, ue.context.ip_address} != {address}:
                self.strays.append(datagram.id)

    def next_step(self, ue: Ue) -> None:
        self.step(ue)
        self.queue.after(self.random.randrange(1, 400_000), self.next_step, ue)

    def step(self, ue: Ue) -> None:
        self.step_as(ue, self.random.randrange(17))

    def step_as(self, ue: Ue, what: int) -> None:
        random, home = self.random, self.network.home
        if what < 6:
            for _ in range(random.randrange(1, 8)):
                try:
                    self.network.send_downlink(ue.iccid, b"down", 4242)
                except NotAttached:
                    break
        elif what < 9:
            host = random.choice(["100.64.0.1", "203.0.113.5"])
            ue.send_udp(b"up", 4242, host, 5683, random.choice([None, None, 0, 1, 2]))
        elif what == 9:
            ue.lose_coverage()
            self.queue.after(random.choice([300, 5_000, 600_000]), ue.find_coverage)
        elif what == 10:
            random.choice([ue.lose_power, ue.switch_off])()
            self.queue.after(random.choice([1_000, 900_000]), ue.switch_on)
        elif what == 11:
            ue.move_to(random.choice(list(NETWORKS.values())))
        elif what == 12:
            home.detach(ue, "a test", random.choice([None, 8, 11, 12, 13, 15, 17]))
            self.queue.after(1_200_000, self.help_back, ue)
        elif what == 13:
            ue.send_udp(b"last words", 4242, "100.64.0.1", 5683)
            home.end_session(ue, "a test", random.choice([36, 39]))
        elif what == 14:
            ue.camping.profile = refusing(ue.profile, random.choice([None, None, 15, 22]))
        elif what == 15:
            ue.send_udp(b"last words", 4242, "100.64.0.1", 5683)
            ue.deactivate_pdp()
            ue.activate_pdp("super")
        else:
            ue.enter_cell(
                f"{random.getrandbits(28):07X}",
                random.choice([None, "1111", "2222"]),
                edrx_allowed=random.random() < 0.7,
            )

    def help_back(self, ue: Ue) -> None:
        """A host that clears the SIM's forbidden networks and restarts its modem."""
        ue.emm.attempts.clear_forbidden()
        ue.switch_off()
        ue.switch_on()

    def run(self) -> str:
        """Run to its end; return a digest of everything that happened."""
        self.queue.run_until(START_MS + HOURS * 3_600_000)
        lives = [
            (d.id, d.outcome, d.created_at_ms, d.closed_at_ms, d.trail) for d in self.datagrams
        ]
        spent = [(ue.name, ue.ledger.mah_by_cause) for ue in self.network.ues.values()]
        return hashlib.sha256(repr((lives, self.told, spent)).encode()).hexdigest()


def refusing(profile: Profile, cause: int | None) -> Profile:
    return profile.with_changes(attach_reject=cause, session_reject=cause and 33)


@pytest.mark.parametrize("seed", range(6))
def test_each_datagram_has_one_fate_and_none_goes_astray(seed: int) -> None:
    world = World(seed)
    world.run()
    network = world.network
    assert network.created == network.delivered + network.dropped + network.waiting()
    for ue in network.ues.values():
        ue.lose_power()
    world.next_step = lambda ue: None  # type: ignore[method-assign]
    world.queue.run_until(world.queue.now_ms + 48 * 3_600_000)
    assert network.waiting() == 0
    assert {datagram.id: 1 for datagram in world.datagrams} == world.fates
    assert world.strays == []
    assert network.delivered > 100
    assert network.dropped > 100


def test_what_is_told_of_sessions_adds_up() -> None:
    world = World(7)
    world.run()
    kinds = {event.event for event in world.told}
    assert kinds == set(EVENTS) - {"attach failed"}
    for ue in world.network.ues.values():
        mine = [event for event in world.told if event.ue_name == ue.name]
        opened = [event.session for event in mine if event.event == "session started"]
        ended = [event.session for event in mine if event.event == "session ended"]
        assert ended == opened[: len(ended)]
        assert len(opened) - len(ended) == (ue.context.session is not None)
        for session in ended:
            parts = [event for event in mine if event.session == session]
            assert sum(event.down_bytes for event in parts) == parts[-1].total_down_bytes
            assert sum(event.up_bytes for event in parts) == parts[-1].total_up_bytes


def test_a_run_depends_on_its_seed_alone() -> None:
    code = "from tests.lte.test_many_lives import World; print(World(3).run())"
    digests = {World(3).run()}
    for hash_seed in ("0", "1", "4242"):
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
    assert World(4).run() not in digests
