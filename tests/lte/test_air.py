"""The air interface: latency, order, coverage enhancement, loss, fragments, connected DRX."""

import pytest

from ip_commands.host_sim.lte.datagram import fragment_count, octets_on_air
from tests.lte.network_bench import Bench, at, events


def connected(bench: Bench) -> Bench:
    bench.idle()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=20 * bench.ue.profile.ce_factor)
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    while not bench.ue.rrc_connected:
        bench.run(seconds=1)
    return bench


def test_long_datagrams_take_their_air_time_one_after_the_other() -> None:
    bench = connected(Bench())
    first, second, third = bench.send(b"x" * 1300), bench.send(b"x" * 1300), bench.send(b"y")
    bench.run(seconds=3)
    air_ms = 1328 * 8 // 375
    assert at(first, "delivered") - at(first, "created") == 70 + air_ms
    assert at(second, "delivered") - at(first, "delivered") == air_ms
    assert at(third, "delivered") == at(second, "delivered")
    assert bench.listener.payloads[-1] == b"y"


def test_connected_drx_delays_by_up_to_a_cycle_and_keeps_order() -> None:
    bench = connected(Bench(connected_drx_ms=5120))
    datagrams = []
    for number in range(20):
        datagrams.append(bench.send(b"%d" % number))
        bench.run(ms=300)
    bench.run(seconds=9)
    delays = [at(datagram, "delivered") - at(datagram, "created") for datagram in datagrams]
    assert max(delays) > 2000
    assert max(delays) <= 5120 + 70
    assert bench.listener.payloads == [b"%d" % number for number in range(20)]


@pytest.mark.parametrize(("level", "factor"), [(0, 1), (1, 4), (2, 16)])
def test_coverage_enhancement_multiplies_radio_steps(level: int, factor: int) -> None:
    bench = Bench(ce_level=level, mpdcch_repetitions=4, rrc_inactivity_ms=100_000)
    bench.ue.connect()
    bench.run(minutes=5)
    assert bench.ue.state == "idle-DRX"
    datagram = bench.send()
    bench.run(minutes=1)
    later = bench.send()  # connected now: half a round trip
    bench.run(seconds=5)
    air_ms = (28 + 5) * 8 * factor // 375
    assert at(later, "delivered") - at(later, "created") == factor * 70 + air_ms
    took = at(datagram, "delivered") - at(datagram, "paged")
    assert factor * (4 + 200 + 70) <= took <= factor * (4 + 900 + 70)


def test_loss_is_what_was_asked_for() -> None:
    bench = Bench(datagram_loss=0.3).idle()
    for _ in range(500):
        bench.send()
        bench.run(seconds=20)
    assert 100 < bench.network.dropped < 200
    assert bench.network.delivered + bench.network.dropped == 500
    assert len(bench.listener.payloads) == bench.network.delivered


def test_above_the_mtu_a_datagram_is_marked_as_fragmented() -> None:
    bench = Bench().idle()
    fits, too_long = bench.send(b"x" * 1330), bench.send(b"x" * 1331)
    assert (fits.fragments, too_long.fragments) == (1, 2)
    assert "fragmented" not in events(fits)
    assert "2 IP fragments" in too_long.trail[1].rule
    bench.run(seconds=5)
    assert too_long.outcome == "delivered"


@pytest.mark.parametrize(
    ("payload", "mtu", "fragments"),
    [
        (0, 1358, 1),
        (1300, 1358, 1),
        (1330, 1358, 1),
        (1331, 1358, 2),
        (4000, 1358, 3),
        (60, 68, 2),
    ],
)
def test_fragments(payload: int, mtu: int, fragments: int) -> None:
    assert fragment_count(payload, mtu) == fragments
    assert octets_on_air(payload, fragments) == payload + 28 + 20 * (fragments - 1)


def test_any_lost_fragment_loses_the_datagram() -> None:
    lost = []
    for size in (100, 4000):
        bench = connected(Bench(datagram_loss=0.2))
        for _ in range(200):
            bench.send(b"x" * size)
            bench.run(seconds=1)
        lost.append(bench.network.dropped)
    assert lost[0] < lost[1]  # about 40 and 98 of 200


def test_uplink_wakes_the_device_and_arrives_half_a_round_trip_after_the_connection() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"answer", 4242, "100.64.0.1", 6969)
    bench.run(seconds=3)
    (arrived_ms, datagram), *_ = bench.uplinks
    assert arrived_ms == bench.listener.times("rrc", True)[-1] + 70
    assert (datagram.source_host, datagram.source_port) == (bench.ue.ip_address, 4242)
    assert events(datagram) == ["created", "connecting", "transmitted", "delivered"]


def test_modem_keeps_a_bounded_uplink_queue() -> None:
    bench = Bench(uplink_packets=2).idle()
    for number in range(4):
        bench.ue.send_udp(b"%d" % number, 1, "100.64.0.1", 6969)
    bench.run(seconds=5)
    assert [datagram.payload for _, datagram in bench.uplinks] == [b"0", b"1"]
    assert bench.network.dropped == 2


def test_missed_pages_come_as_often_as_asked() -> None:
    bench = Bench(page_miss=0.25).idle()
    missed = paged = 0
    for _ in range(400):
        datagram = bench.send()
        bench.run(seconds=30)
        missed += events(datagram).count("missed")
        paged += events(datagram).count("paged")
    assert missed / paged == pytest.approx(0.25, abs=0.06)
