"""A signal, currents and release assistance of a device's own, carried from network to network."""

import pytest

from ip_commands.host_sim.lte.module_currents import currents_of
from ip_commands.host_sim.lte.refusals import attach_refusal
from ip_commands.host_sim.lte.rsrp import Shadowing
from ip_commands.host_sim.lte.visited_network import visited_network
from tests.lte.network_bench import at
from tests.lte.networks_bench import NetworksBench

LAST, ONE_RESPONSE = 1, 2
HIGH = visited_network("hlcom").with_changes("high", rsrp_floor_dbm=-100)
LOW = visited_network("no-hlcom").with_changes("low", plmn="00102")


# -- its signal -----------------------------------------------------------------------------------
def test_its_signal_and_level_go_with_it() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom"), profile="cat-m1", rsrp=-120)
    bench.ue.connect()
    bench.run(minutes=10)
    for name in ("hlcom", "no-hlcom", "hlcom"):
        bench.ue.roam(name)
        bench.run(minutes=20)
        assert (bench.where, bench.ue.state) == (name, "idle-DRX")
        assert (bench.ue.rsrp_dbm, bench.ue.radio.ce_level) == (-120, 2)
        datagram = bench.send()
        bench.run(minutes=3)
        took_ms = at(datagram, "delivered") - at(datagram, "created")
        assert took_ms > 16 * 270  # every radio step is repeated 16 times
    bench.ue.radio.stay(-95)
    assert bench.ue.radio.ce_level == 0
    bench.ue.roam("no-hlcom")
    bench.run(minutes=20)
    assert (bench.where, bench.ue.rsrp_dbm, bench.ue.radio.ce_level) == ("no-hlcom", -95, 0)


def test_attached_anew_at_another_level_it_keeps_what_it_is_granted() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom"), profile="psm").idle()
    granted_ms = bench.ue.context.t3412_ms
    assert granted_ms == 3_600_000
    bench.ue.radio.stay(-120)
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(minutes=10)
    assert (bench.where, bench.ue.state, bench.ue.radio.ce_level) == ("hlcom", "PSM", 2)
    assert bench.ue.context.t3412_ms == granted_ms
    assert bench.ue.context.profile.plmn == bench.ue.plmn


def test_a_floor_takes_one_network_away_and_another_takes_the_device() -> None:
    bench = NetworksBench([HIGH, LOW]).idle()
    assert bench.where == "high"
    bench.ue.radio.stay(-110)
    assert (bench.ue.state, bench.ue.rsrp_dbm) == ("unreachable", None)
    assert "RSRP -110 dBm: no coverage below -100 dBm" in bench.ue.explain_state()
    bench.run(minutes=12)
    assert (bench.where, bench.ue.rsrp_dbm) == ("low", -110)
    assert "no coverage" not in bench.ue.explain_state()
    bench.ue.roam("high")  # there, and too weak
    bench.run(hours=3)
    assert (bench.ue.state, bench.ue.rsrp_dbm) == ("unreachable", None)
    bench.ue.radio.stay(-99)
    bench.run(minutes=12)
    assert bench.where == "high"


def test_too_weak_for_the_first_it_begins_in_the_next() -> None:
    bench = NetworksBench([HIGH, LOW], rsrp=-110)
    bench.ue.connect()
    bench.run(minutes=12)
    assert bench.asked == ["low"]
    constant = NetworksBench([HIGH.with_changes(rsrp_dbm=-101), LOW])
    constant.ue.connect()
    constant.run(minutes=12)
    assert constant.asked == ["low"]


def test_a_dead_spot_takes_all_and_the_last_word_counts() -> None:
    bench = NetworksBench([HIGH, LOW]).idle()
    bench.ue.radio.stay(-110)
    bench.ue.lose_coverage()
    bench.run(hours=1)
    assert bench.ue.state == "unreachable"
    bench.ue.find_coverage()  # of its own network, whatever the floor
    bench.run(seconds=4)
    assert (bench.where, bench.ue.in_coverage) == ("high", True)
    bench.ue.lose_coverage()
    bench.ue.radio.stay(-95)
    bench.run(minutes=12)
    assert (bench.where, bench.ue.in_coverage) == ("high", True)


def test_moved_to_a_profile_it_has_that_ones_floor() -> None:
    bench = NetworksBench([HIGH, LOW]).idle()
    bench.ue.radio.stay(-110)
    bench.ue.move_to(HIGH.cells[0])
    bench.run(minutes=12)
    assert not bench.ue.in_coverage
    bench.ue.move_to(LOW.cells[0])
    bench.run(minutes=1)
    assert (bench.where, bench.ue.rsrp_dbm) == ("low", -110)


def test_limited_service_has_a_signal() -> None:
    bench = NetworksBench(("refuses-roaming", "not-allowed"))
    bench.ue.connect()
    bench.run(minutes=30)
    assert (bench.ue.registration, bench.ue.state) == (3, "limited service")
    assert (bench.ue.rsrp_dbm, bench.ue.rsrq_db) == (-95, -10.0)
    bench.ue.radio.stay(-119)
    assert bench.ue.rsrp_dbm == -119
    bench.ue.roam()
    assert (bench.ue.rsrp_dbm, bench.ue.rsrq_db) == (None, None)


@pytest.mark.parametrize("seed", range(4))
def test_on_random_ways_with_a_random_signal_no_datagram_is_lost_from_the_books(
    seed: int,
) -> None:
    bench = NetworksBench(
        [HIGH, LOW, visited_network("slow")], seed=seed, rsrp=Shadowing(-103, 8, 120)
    )
    bench.ue.connect()
    bench.ue.roam_at_random(1800, 7200)
    visited, levels = set(), set()
    for _ in range(200):
        bench.run(minutes=7)
        visited.add(bench.where)
        levels.add(bench.ue.radio.ce_level)
        bench.try_to_send()
        bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
        camping = bench.ue.camping
        assert camping.is_covered or not camping.in_coverage
        assert not (bench.where == "high" and camping.in_coverage and camping.is_sunk)
    network = bench.network
    assert network.created == network.delivered + network.dropped + network.waiting()
    assert network.delivered > 20
    assert visited >= {"high", "low", "slow"}
    assert levels >= {0, 1}


# -- what it draws --------------------------------------------------------------------------------
def test_it_draws_what_its_access_does_from_the_search_on() -> None:
    bench = NetworksBench(
        ("no-hlcom", "nb-iot-only"),
        accesses=("cat-m1", "nb-iot"),
        currents=currents_of("bg96"),
    ).idle()
    module = currents_of("bg96")
    for name, access in (("nb-iot-only", "nb-iot"), ("no-hlcom", "cat-m1")):
        bench.ue.roam(name)
        while bench.ue.state != "attaching":
            bench.run(ms=100)
        assert bench.ue.ledger.currents == module.in_access(access)
        bench.run(minutes=5)
        assert bench.where == name
        assert bench.ue.ledger.rates["search"] == module.in_access(access).search_ma * 1000


def test_it_begins_with_the_currents_of_its_first_network() -> None:
    bench = NetworksBench(("nb-iot-only",), profile="cat-m1", accesses=("nb-iot",))
    assert "NB-IoT" in bench.ue.ledger.currents.name


# -- its data connection --------------------------------------------------------------------------
def test_the_default_bearer_comes_with_the_attach_in_the_second_network() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom"))
    bench.listener.default_apn = "super"
    bench.ue.switch_on()
    bench.run(minutes=1)
    first = bench.ue.ip_address
    bench.ue.roam("no-hlcom")
    bench.run(minutes=12)
    assert bench.where == "no-hlcom"
    assert bench.ue.ip_address not in (None, first)
    up_ms = bench.listener.times("pdp", True)
    assert up_ms[-1] == bench.listener.times("registration")[-1]
    assert len(up_ms) == 2


def test_release_assistance_is_heard_in_the_second_network_where_it_is_willing() -> None:
    willing = {name: visited_network(name).with_changes(as_rai=True) for name in ("hlcom", "slow")}
    bench = NetworksBench([*willing.values(), visited_network("no-hlcom")], profile="cat-m1")
    bench.ue.connect()
    bench.run(minutes=1)
    lasted_ms = {}
    for name in ("hlcom", "slow", "no-hlcom"):
        bench.ue.roam(name)
        bench.run(minutes=15)
        assert (bench.where, bench.ue.rrc_connected) == (name, False)
        assert bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969, LAST)
        bench.run(minutes=1)
        released_ms = bench.listener.times("rrc", False)[-1]
        lasted_ms[name] = released_ms - bench.ue.rrc.bearer.last_activity_ms
    assert lasted_ms == {"hlcom": 300, "slow": 300, "no-hlcom": 10_000}


def test_an_answer_that_was_announced_is_not_waited_for_in_the_next_network() -> None:
    both = [visited_network(name).with_changes(as_rai=True) for name in ("hlcom", "no-hlcom")]
    bench = NetworksBench(both, profile="cat-m1").idle()
    assert bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969, ONE_RESPONSE)
    bench.run(minutes=1)
    bench.ue.roam("no-hlcom")
    bench.run(minutes=15)
    datagram = bench.send()
    bench.run(seconds=5)
    assert (bench.where, datagram.outcome) == ("no-hlcom", "delivered")
    assert bench.ue.rrc_connected  # a page's connection, of which nothing was said


# -- refusals -------------------------------------------------------------------------------------
def test_each_refusal_on_the_way_through_several_networks_is_told() -> None:
    causes = {"hlcom": 11, "no-hlcom": 13, "slow": 14}
    bench = NetworksBench(tuple(causes))
    bench.refusing = lambda iccid, profile: attach_refusal(causes[profile.name], "a test")
    heard: list[tuple[int, int | None, int | None]] = []

    def hear() -> None:
        refusal = bench.ue.last_refusal
        cause = None if refusal is None else refusal.cause
        heard.append((bench.ue.registration, bench.ue.reject_cause, cause))

    bench.listener.registration_changed = hear  # type: ignore[method-assign]
    bench.ue.connect()
    bench.run(minutes=30)
    first, second, third = (causes[name] for name in bench.asked)
    assert heard == [(2, None, None), (2, None, first), (2, None, second), (3, third, third)]
