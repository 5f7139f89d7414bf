"""Attach, TAU, PSM, coverage, cells: the UE's life, and what is granted to it."""

import pytest

from ip_commands.host_sim.lte import Network, edrx, paging
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.lte.network_bench import IMSI, START_MS, Bench, at, events

HOUR_MS = 3_600_000


def test_address_is_from_the_pool_and_never_the_services() -> None:
    queue = EventQueue(START_MS)
    network = Network(queue, seed=3)
    for number in range(300):
        network.add_ue(f"d{number}", IMSI, f"{number}", "cat-m1").connect()
    queue.run_until(START_MS + 60_000)
    addresses = [ue.ip_address for ue in network.ues.values()]
    assert len(set(addresses)) == 300
    assert all(address is not None and address.startswith("100.64.") for address in addresses)
    assert not {"100.64.0.0", "100.64.0.1", "100.64.255.255"} & set(addresses)


def test_wrong_apn_is_refused() -> None:
    bench = Bench()
    bench.network = Network(bench.queue, apns=["super"])
    ue = bench.network.add_ue("d", IMSI, "1", "cat-m1")
    ue.listener = bench.listener
    ue.connect("internet")
    bench.run(seconds=30)
    assert bench.listener.times("pdp", False)
    assert ue.ip_address is None


def test_reattach_gives_another_address_and_windows() -> None:
    bench = Bench("cat-m1-edrx-hlcom").idle()
    before = bench.ue.ip_address, bench.ue.m_tmsi
    datagram = bench.send()
    bench.ue.switch_off()
    assert datagram.outcome == "dropped"
    bench.ue.switch_on()
    bench.run(seconds=60)
    assert bench.ue.ip_address is not None
    assert bench.ue.ip_address != before[0]
    assert bench.ue.m_tmsi != before[1]


def test_inactivity_releases_ten_seconds_after_the_last_datagram() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=9)
    assert bench.ue.rrc_connected
    datagram = bench.send()
    bench.run(seconds=1)
    last = at(datagram, "delivered")
    bench.run(ms=last + 10_000 - bench.now_ms - 1)
    assert bench.ue.rrc_connected
    bench.run(ms=1)
    assert bench.ue.state == "idle-DRX"
    assert bench.listener.times("rrc", False)[-1] == last + 10_000


def test_release_assistance_ends_the_connection_early() -> None:
    bench = Bench(as_rai=True).idle()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=2)
    assert not bench.ue.rrc_connected


def test_periodic_tau_comes_t3412_after_the_release_and_ends_by_itself() -> None:
    bench = Bench().idle()
    released = bench.ue.context.idle_since_ms
    bench.run(ms=released + 3_240_000 - bench.now_ms)
    assert bench.ue.state == "connecting"
    bench.run(seconds=3)
    assert bench.ue.state == "idle-DRX"
    assert bench.ue.context.idle_since_ms > released + 3_240_000


def test_traffic_puts_the_periodic_tau_off() -> None:
    bench = Bench().idle()
    bench.run(minutes=40)
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=30)
    released = bench.ue.context.idle_since_ms
    connections = len(bench.listener.times("rrc", True))
    bench.run(ms=released + 3_240_000 - 1 - bench.now_ms)
    assert len(bench.listener.times("rrc", True)) == connections
    bench.run(seconds=3)
    assert len(bench.listener.times("rrc", True)) == connections + 1


def test_psm_begins_after_the_active_time_and_ends_with_the_tau() -> None:
    bench = Bench("psm").idle()
    idle_since = bench.ue.context.idle_since_ms
    assert bench.listener.times("psm", True) == [idle_since + 16_000]
    bench.run(ms=idle_since + HOUR_MS - bench.now_ms)
    assert bench.listener.times("psm", False) == [idle_since + HOUR_MS]
    bench.run(minutes=1)
    assert bench.ue.state == "PSM"


def test_active_time_of_zero_means_psm_at_once() -> None:
    bench = Bench("psm", requested_psm=("00100001", "00000000")).idle()
    assert bench.listener.times("psm", True) == bench.listener.times("rrc", False)


def test_wake_leaves_psm() -> None:
    bench = Bench("psm").idle()
    bench.ue.wake()
    assert bench.listener.times("psm", False) == [bench.now_ms]
    bench.run(seconds=3)
    assert bench.ue.state == "idle-DRX"


def test_edrx_asked_for_while_idle_is_granted_with_a_tau() -> None:
    bench = Bench("cat-m1-edrx-hlcom", requested_edrx=None).idle()
    assert bench.ue.granted_edrx is None
    bench.ue.request_edrx("0010")
    bench.run(seconds=3)
    assert bench.ue.granted_edrx == ("0010", "0010", "0011")
    assert bench.listener.times("power_saving")
    assert bench.ue.state == "idle-eDRX"
    bench.ue.request_edrx(None)
    bench.run(seconds=3)
    assert bench.ue.granted_edrx is None
    assert bench.ue.state == "idle-DRX"


@pytest.mark.parametrize(
    ("policy", "asked", "granted"),
    [
        ("grant", "1001", ("1001", "1001", "0011")),
        ("shorten", "1001", ("1001", "0101", "0011")),
        ("shorten", "0010", ("0010", "0010", "0011")),
        ("ignore", "0010", ("0010", "0101", "0011")),
        ("refuse", "0010", None),
    ],
)
def test_network_policy_for_edrx(
    policy: str, asked: str, granted: tuple[str, str, str] | None
) -> None:
    bench = Bench("cat-m1-edrx", requested_edrx=asked, edrx_policy=policy).idle()
    assert bench.ue.granted_edrx == granted


@pytest.mark.parametrize(
    ("policy", "asked", "granted"),
    [
        ("grant", ("00000110", "00100010"), ("00000110", "00100010")),
        ("shorten", ("01000001", "00100010"), ("00100001", "00001000")),
        ("ignore", ("00000110", "00000001"), ("00100001", "00001000")),
        ("refuse", ("00000110", "00000001"), None),
        ("grant", ("11100000", "00000001"), ("00100001", "00000001")),
        ("grant", ("00000110", "11100000"), None),
    ],
)
def test_network_policy_for_psm(
    policy: str, asked: tuple[str, str], granted: tuple[str, str] | None
) -> None:
    bench = Bench("psm", requested_psm=asked, psm_policy=policy).idle()
    assert bench.ue.granted_psm == granted


def test_guti_reallocation_moves_the_windows() -> None:
    bench = Bench("cat-m1-edrx-hlcom").idle()
    before = bench.ue.windows
    bench.ue.reallocate_guti()
    bench.run(seconds=3)
    assert bench.ue.windows == bench.ue.context.windows != before
    assert bench.ue.windows == edrx.plan(bench.ue.m_tmsi, "mpdcch", 81_920, 5_120)
    datagram = bench.send()
    bench.run(seconds=90)
    assert datagram.outcome == "delivered"


def test_coverage_lost_for_minutes_costs_only_what_was_sent_meanwhile() -> None:
    bench = Bench().idle()
    address = bench.ue.ip_address
    bench.ue.lose_coverage()
    assert (bench.ue.state, bench.ue.registration, bench.ue.rsrp_dbm) == ("unreachable", 2, None)
    lost = bench.send()
    bench.run(minutes=5)
    assert "out of coverage" in lost.trail[-2].rule
    assert lost.outcome == "dropped"
    bench.ue.find_coverage()
    bench.run(minutes=6)  # a pause between two searches, and the search
    assert (bench.ue.registration, bench.ue.ip_address) == (5, address)
    found = bench.send()
    bench.run(seconds=5)
    assert found.outcome == "delivered"


def test_long_silence_ends_the_session_and_the_device_attaches_anew() -> None:
    bench = Bench().idle()
    address = bench.ue.ip_address
    bench.ue.lose_coverage()
    bench.run(hours=3)
    bench.ue.find_coverage()
    bench.run(minutes=7)
    assert bench.listener.times("pdp", False)
    assert bench.ue.ip_address not in (None, address)
    datagram = bench.send()
    bench.run(seconds=5)
    assert datagram.outcome == "delivered"


def test_device_in_psm_does_not_notice_missing_coverage_until_its_tau() -> None:
    bench = Bench("psm").idle()
    bench.ue.lose_coverage()
    bench.run(minutes=30)
    assert (bench.ue.state, bench.ue.registration) == ("PSM", 5)
    bench.run(minutes=45)
    assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
    bench.ue.find_coverage()
    bench.run(minutes=7)
    assert (bench.ue.state, bench.ue.registration) == ("PSM", 5)


def test_new_tracking_area_without_edrx_falls_back_to_drx_on_both_sides() -> None:
    bench = Bench("cat-m1-edrx").idle()
    bench.ue.enter_cell("00000B2", "0002", edrx_allowed=False)
    bench.run(seconds=5)
    assert bench.ue.state == "idle-DRX"
    assert bench.ue.granted_edrx is None
    assert (bench.ue.tac, bench.ue.cell_id) == ("0002", "00000B2")
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"


def test_cell_without_edrx_in_the_same_area_leaves_the_mme_with_its_windows() -> None:
    bench = Bench("cat-m1-edrx-hlcom").idle()
    bench.ue.enter_cell("00000B2", edrx_allowed=False)
    assert bench.ue.state == "idle-DRX"
    plan = bench.ue.context.windows
    assert plan is not None
    if edrx.window_at(plan, bench.now_ms):
        bench.run(seconds=10)
    window = edrx.next_window(plan, bench.now_ms)
    datagram = bench.send()
    bench.run(seconds=90)
    assert at(datagram, "paged") == paging.next_occasion(bench.ue.where, window.start_asf)
    assert "buffered" in events(datagram)


def test_adding_a_device_never_changes_anothers_run() -> None:
    def life(others: int) -> tuple[list[list[tuple[int, str]]], str | None, list[object]]:
        bench = Bench("cat-m1-edrx-hlcom", 7, page_miss=0.3, datagram_loss=0.1)
        for number in range(others):
            other = bench.network.add_ue(f"other-{number}", IMSI, f"{number}", "psm")
            other.connect()
        bench.idle()
        trails = []
        for _ in range(30):
            trails.append(bench.send())
            bench.run(minutes=7)
        return (
            [[entry[:2] for entry in datagram.trail] for datagram in trails],
            bench.ue.ip_address,
            list(bench.listener.heard),
        )

    assert life(0) == life(5)


def test_same_seed_same_run_and_another_seed_another() -> None:
    def heard(seed: int) -> list[object]:
        return list(Bench("cat-m1-edrx-hlcom", seed).idle().listener.heard)

    assert heard(1) == heard(1)
    assert heard(1) != heard(2)


def test_switching_twice_changes_nothing() -> None:
    bench = Bench().idle()
    heard = len(bench.listener.heard)
    bench.ue.switch_on()
    bench.ue.find_coverage()
    assert len(bench.listener.heard) == heard
    bench.ue.switch_off()
    heard = len(bench.listener.heard)
    bench.ue.switch_off()
    bench.ue.lose_power()
    assert len(bench.listener.heard) == heard


@pytest.mark.parametrize(
    ("profile", "overrides", "reason"),
    [
        ("5g", {}, "no profile '5g'; there are: lte, cat-m1"),
        ("lte", {"page_miss": 2}, "probability"),
        ("lte", {"ce_level": 3}, "0, 1 or 2"),
        ("lte", {"edrx_policy": "maybe"}, "grant, shorten"),
        ("lte", {"connect_ms": (3, 2, 1)}, "least, most likely, most"),
        ("lte", {"ue_cycle_frames": 100}, "cycle of 100 frames"),
    ],
)
def test_impossible_devices_are_refused(
    profile: str, overrides: dict[str, object], reason: str
) -> None:
    network = Network(EventQueue())
    with pytest.raises(ValueError, match=reason):
        network.add_ue("d", IMSI, "1", profile, **overrides)
    with pytest.raises(TypeError, match="no 'hlc0m'; it has name, access"):
        network.add_ue("d", IMSI, "1", "lte", hlc0m=True)
    network.add_ue("d", IMSI, "1", "lte")
    with pytest.raises(ValueError, match="already a device 'd'"):
        network.add_ue("d", IMSI, "2", "lte")
    with pytest.raises(ValueError, match="SIM 1 is already"):
        network.add_ue("e", IMSI, "1", "lte")
