"""A device that crosses borders: what it leaves, how long it searches, what it gets there."""

import pytest

from ip_commands.host_sim.lte.visited_network import VISITED_NETWORKS, visited_network
from tests.lte.networks_bench import NetworksBench, named


def test_the_same_device_is_reached_in_one_network_and_lost_in_the_next() -> None:
    """HLCOM is not available on all cellular networks."""
    bench = NetworksBench(("hlcom", "no-hlcom")).idle()
    assert (bench.where, bench.ue.granted_edrx) == ("hlcom", ("0101", "0101", "0011"))
    fates = {}
    for name in ("hlcom", "no-hlcom"):
        bench.ue.roam(name)
        bench.run(minutes=12)
        assert bench.where == name
        assert bench.ue.state == "idle-eDRX"
        windows = bench.ue.windows
        assert windows is not None
        datagrams = []
        for _ in range(10):
            bench.run(seconds=97)
            datagrams.append(bench.send())
        bench.run(minutes=3)
        fates[name] = [datagram.outcome for datagram in datagrams]
    assert fates["hlcom"] == ["delivered"] * 10
    assert fates["no-hlcom"].count("dropped") >= 8  # but for those that come inside a window
    lost = next(datagram for datagram in datagrams if datagram.outcome == "dropped")
    assert "HLCOM" in lost.trail[-1].rule or "no extended buffering" in lost.trail[-1].rule


def test_a_border_costs_a_search_over_all_bands_and_an_attach() -> None:
    waits_s = []
    for seed in range(60):
        bench = NetworksBench(("hlcom", "no-hlcom"), seed=seed).idle()
        begin_ms = bench.now_ms
        bench.ue.roam("no-hlcom")
        assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
        bench.run(minutes=12)
        assert bench.where == "no-hlcom"
        registered = [at for at in bench.listener.times("registration") if at > begin_ms]
        waits_s.append((registered[-1] - begin_ms) / 1000)
    assert 30 < min(waits_s) < 60
    assert 300 < max(waits_s) < 610
    assert 140 < sum(waits_s) / len(waits_s) < 240  # 190 s on average


def test_a_known_cell_is_found_in_seconds() -> None:
    for seed in range(20):
        bench = NetworksBench(("hlcom", "no-hlcom"), seed=seed).idle()
        address = bench.ue.ip_address
        bench.ue.roam()
        bench.run(seconds=20)
        bench.ue.roam("hlcom", "no-hlcom")
        bench.run(ms=999)
        assert bench.ue.state == "unreachable"
        bench.run(ms=2002)
        assert (bench.ue.state, bench.ue.ip_address) == ("idle-eDRX", address)


def test_what_is_granted_changes_on_the_way_and_the_modem_hears_it() -> None:
    bench = NetworksBench(
        ("hlcom", "short-edrx", "no-power-saving", "one-edrx-for-all"),
        requested_psm=("00100001", "00001000"),
        profile="psm",
        requested_edrx="1001",
    )
    bench.ue.connect()
    granted = []
    for name in bench.ue.surroundings.names:  # type: ignore[union-attr]
        bench.ue.roam(name)
        bench.run(hours=2)
        heard = bench.listener.times("power_saving")
        granted.append((bench.where, bench.ue.granted_edrx, bench.ue.granted_psm, len(heard)))
    psm = ("00100001", "00001000")
    assert granted == [
        ("hlcom", ("1001", "1001", "0011"), psm, 1),
        ("short-edrx", ("1001", "0010", "0011"), psm, 2),
        ("no-power-saving", None, None, 3),
        ("one-edrx-for-all", ("1001", "0010", "0011"), psm, 4),
    ]


def test_the_old_network_believes_until_the_new_one_takes_the_device() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom")).idle()
    address = bench.ue.ip_address
    waits = bench.send()
    bench.ue.roam("no-hlcom")
    bench.run(seconds=1)
    assert (bench.ue.context.ip_address, waits.outcome) == (address, "waiting")
    bench.run(minutes=12)
    assert waits.outcome == "dropped"
    assert bench.ue.ip_address not in (None, address)
    assert bench.listener.times("pdp", False)


def test_a_reject_abroad_ends_nothing_at_the_last_network() -> None:
    bench = NetworksBench(("hlcom", "refuses-roaming")).idle()
    address = bench.ue.ip_address
    bench.ue.roam("refuses-roaming")
    bench.run(minutes=12)
    assert (bench.asked, bench.ue.registration) == (["hlcom", "refuses-roaming"], 3)
    assert (bench.ue.ip_address, bench.ue.context.ip_address) == (None, address)
    bench.run(hours=2)
    assert bench.ue.context.ip_address is None


def test_the_cancelled_location_names_where_it_went() -> None:
    bench = NetworksBench(("no-hlcom", "slow"), profile="cat-m1").idle()
    datagram = bench.send()
    bench.ue.lose_coverage()
    bench.ue.roam("slow")
    bench.ue.find_coverage()
    bench.run(minutes=12)
    assert bench.where == "slow"
    assert datagram.outcome == "dropped"
    assert bench.ue.context.profile is bench.ue.profile


def test_outages_come_and_go_by_their_times() -> None:
    network = visited_network("no-hlcom").with_changes(outages=[(600, 1200), (3600, 6600)])
    bench = NetworksBench([network])
    bench.ue.connect()
    bench.run(seconds=5)
    seen = []
    for minute in range(0, 150, 5):
        bench.run(minutes=5)
        seen.append((minute + 5, bench.ue.registration))
    assert [at for at, registration in seen if registration == 2] == [
        *(10, 15),
        *range(60, 110, 5),
    ]


def test_outages_where_the_device_is_are_its_own() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom")).idle()
    surroundings = bench.ue.surroundings
    assert surroundings is not None
    surroundings.set_outages("hlcom", [(120, 240)])
    bench.run(seconds=61)
    assert bench.ue.state == "unreachable"
    bench.run(minutes=12)
    with pytest.raises(ValueError, match="outage from 5 to 3 s"):
        surroundings.set_outages("hlcom", [(5, 3)])
    with pytest.raises(ValueError, match="no network 'x' for it; there are: hlcom, no-hlcom"):
        surroundings.set_outages("x", [])


def test_a_timetable_and_a_random_way() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom", "slow")).idle()
    bench.ue.roam_along([(60, ["slow"]), (3600, []), (7200, ["no-hlcom", "hlcom"])])
    bench.run(minutes=30)
    assert bench.where == "slow"
    bench.run(minutes=60)
    assert bench.ue.state == "unreachable"
    bench.run(minutes=60)
    assert bench.where in ("no-hlcom", "hlcom")
    bench.ue.roam_along([(60, ["slow"])])
    bench.ue.roam("hlcom")
    bench.run(minutes=30)
    assert bench.where == "hlcom"  # whoever goes elsewhere leaves the timetable
    ways = []
    for _ in range(2):
        bench = NetworksBench(("hlcom", "no-hlcom", "slow"), seed=4).idle()
        bench.ue.roam_at_random(1800, 3600)
        way = []
        for _ in range(60):
            bench.run(minutes=30)
            way.append(bench.where)
        ways.append(way)
    assert ways[0] == ways[1]
    assert set(ways[0]) >= {"hlcom", "no-hlcom", "slow"}


def test_a_device_in_psm_notices_a_border_with_its_tau_only() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom"), profile="psm").idle()
    bench.run(minutes=2)
    bench.ue.roam("no-hlcom")
    bench.run(minutes=50)
    assert (bench.ue.state, bench.where) == ("PSM", "hlcom")
    bench.run(minutes=30)
    assert bench.where == "no-hlcom"


def test_a_connected_device_has_its_radio_link_failure_first() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom")).idle()
    bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(seconds=2)
    assert bench.ue.rrc_connected
    bench.ue.roam("no-hlcom")
    on_the_way = bench.send()
    bench.run(seconds=5)
    assert bench.ue.rrc_connected
    bench.run(minutes=12)
    assert bench.where == "no-hlcom"
    assert on_the_way.outcome == "dropped"


def test_what_a_device_cannot_use_it_does_not_hear() -> None:
    bench = NetworksBench(("no-hlcom", "nb-iot-only", "cat-m1-and-nb-iot")).idle()
    bench.ue.roam("nb-iot-only")
    bench.run(minutes=30)
    assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
    bench.ue.roam("cat-m1-and-nb-iot")
    bench.run(minutes=12)
    assert (bench.where, bench.ue.profile.access) == ("cat-m1-and-nb-iot", "cat-m1")
    both = NetworksBench(("no-hlcom", "nb-iot-only"), accesses=("cat-m1", "nb-iot")).idle()
    both.ue.roam("nb-iot-only")
    both.run(minutes=12)
    assert (both.where, both.ue.access_technology) == ("nb-iot-only", 9)
    with pytest.raises(ValueError, match="device-1 can use cat-m1, its networks have nb-iot"):
        NetworksBench(("nb-iot-only",))
    with pytest.raises(ValueError, match="accesses of x: they choose among networks"):
        both.network.add_ue("x", "901280000000001", "1", "cat-m1", accesses=("lte",))


@pytest.mark.parametrize(("t3396_s", "seconds", "is_up"), [(None, 620, True), (7200, 620, False)])
def test_a_back_off_of_its_own_ends_at_the_border(
    t3396_s: int | None, seconds: int, is_up: bool
) -> None:
    """An APN that one network refused may be asked for in the next, unless T3396 was sent."""
    networks = [
        visited_network("no-data").with_changes(t3396_s=t3396_s),
        visited_network("hlcom"),
    ]
    bench = NetworksBench(networks)
    bench.ue.connect()
    bench.run(seconds=30)
    assert (bench.where, bench.ue.ip_address) == ("no-data", None)
    bench.ue.roam("hlcom")
    bench.run(seconds=seconds)
    assert bench.where == "hlcom"
    assert (bench.ue.ip_address is not None) == is_up


def test_moved_to_a_profile_it_has_one_network_again() -> None:
    bench = NetworksBench(("hlcom", "no-hlcom")).idle()
    bench.ue.move_to(visited_network("slow").cells[0])
    bench.run(minutes=1)
    assert bench.where == "slow"
    with pytest.raises(ValueError, match="device-1 has one network, its profile's"):
        bench.ue.roam("hlcom")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "a b"}, "one word"),
        ({"plmn": "12"}, "five or six digits"),
        ({"outages": [(5, 5)]}, "two times from 0 on"),
        ({"outages": [(5, 9), (7, 10)]}, "before the last has ended"),
        ({"equivalent": ["x"]}, "five or six digits"),
    ],
)
def test_impossible_networks_are_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        visited_network("hlcom").with_changes(**changes)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a profile has no 'hlc0m'"):
        visited_network("hlcom").with_changes(hlc0m=True)
    with pytest.raises(ValueError, match="no network 'h'; there are: hlcom, no-hlcom"):
        visited_network("h")
    with pytest.raises(ValueError, match="there is already hlcom with 00101"):
        NetworksBench([*named("hlcom"), visited_network("hlcom").with_changes("other")])


def test_the_ready_made_networks_have_names_and_plmns_of_their_own() -> None:
    networks = VISITED_NETWORKS.values()
    assert len({network.plmn for network in networks}) == len(networks)
    assert all(network.plmn.startswith("001") for network in networks)
    assert all(cell.name == network.name for network in networks for cell in network.cells)
