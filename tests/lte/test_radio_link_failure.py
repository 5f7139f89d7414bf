"""A connected device that loses its cell: nobody knows at once, and what is sent meanwhile."""

import pytest

from ip_commands.host_sim.lte import Datagram
from tests.lte.network_bench import Bench, at, events
from tests.lte.states_and_events import connected, in_a_tau

LINK_FAILURE_MS = 200 + 9 * 10 + 1000
"""Evaluation, N310 of 10, T310."""
T311_MS = 10_000


def faded(**changes: object) -> Bench:
    """A connected device that has just lost its cell."""
    bench = Bench(rrc_inactivity_ms=20_000, **changes)
    connected(bench)
    bench.run(seconds=1)
    bench.ue.lose_coverage()
    return bench


def test_the_device_notices_after_n310_t310_and_t311() -> None:
    bench = faded()
    lost_ms = bench.now_ms
    bench.run(ms=LINK_FAILURE_MS + T311_MS - 1)
    assert (bench.ue.state, bench.ue.registration) == ("connected", 5)
    bench.run(ms=1)
    assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
    assert bench.listener.times("rrc", False)[-1] == lost_ms + LINK_FAILURE_MS + T311_MS


@pytest.mark.parametrize(
    ("changes", "failure_ms"),
    [({"n310": 1}, 1200), ({"n310": 20, "t310_ms": 2000}, 2390), ({"t310_ms": 0}, 290)],
)
def test_the_timers_are_the_cells(changes: dict[str, int], failure_ms: int) -> None:
    bench = faded(t311_ms=1000, **changes)
    assert bench.ue.profile.link_failure_ms == failure_ms
    bench.run(ms=failure_ms + 999)
    assert bench.ue.rrc_connected
    bench.run(ms=1)
    assert not bench.ue.rrc_connected


def test_what_is_sent_meanwhile_goes_to_the_enb_and_is_lost_there() -> None:
    bench = faded()
    datagrams: list[Datagram] = []
    for _ in range(3):
        datagrams.append(bench.send())
        bench.run(ms=500)
    assert {datagram.outcome for datagram in datagrams} == {"waiting"}
    assert all(events(datagram)[-1] == "held" for datagram in datagrams)
    bench.run(seconds=1)
    for datagram in datagrams:
        assert datagram.outcome == "dropped"
        assert "lost in the eNB: the radio link had failed unnoticed" in datagram.trail[-1].rule
        assert "ddn" not in events(datagram)
    # 2 s of vain retransmissions after the first
    assert datagrams[0].closed_at_ms == datagrams[0].created_at_ms + 2000
    paged = bench.send()  # now the core knows, and pages
    bench.run(seconds=1)
    assert "ddn" in events(paged)


def test_without_traffic_the_enb_notices_by_inactivity() -> None:
    bench = faded()
    last_ms = bench.ue.rrc.bearer.last_activity_ms
    bench.run(ms=last_ms + 20_000 - 1 - bench.now_ms)
    assert bench.ue.context.is_connected
    bench.run(ms=1)
    assert not bench.ue.context.is_connected
    assert bench.ue.context.idle_since_ms == last_ms + 20_000


def test_a_fade_loses_nothing_and_keeps_the_order() -> None:
    bench = faded()
    down = [bench.send(b"%d" % number) for number in range(3)]
    bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(ms=LINK_FAILURE_MS - 1)
    bench.ue.find_coverage()
    bench.run(seconds=1)
    assert {datagram.outcome for datagram in down} == {"delivered"}
    assert bench.listener.payloads == [b"0", b"1", b"2"]
    assert bench.uplinks[-1][1].payload == b"up"
    assert len(bench.listener.times("rrc", False)) == 1  # the release after the attach
    assert bench.ue.rrc_connected


def test_reestablished_within_t311_nothing_is_lost() -> None:
    bench = faded(enb_gives_up_ms=20_000)
    datagram = bench.send()
    bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(ms=LINK_FAILURE_MS + 5000)
    found_ms = bench.now_ms
    bench.ue.find_coverage()
    bench.run(ms=149)
    assert datagram.outcome == "waiting"
    bench.run(ms=200)
    assert datagram.outcome == "delivered"
    assert at(datagram, "delivered") == found_ms + 150 + 70
    assert bench.uplinks[-1][1].outcome == "delivered"
    bench.run(seconds=30)
    assert bench.ue.state == "idle-DRX"


def test_reestablishment_is_rejected_when_the_enb_gave_up_and_a_tau_follows() -> None:
    bench = faded()
    lost = bench.send()
    bench.run(seconds=5)
    assert lost.outcome == "dropped"
    assert bench.ue.rrc_connected
    bench.ue.find_coverage()
    bench.run(ms=150)
    assert not bench.ue.rrc_connected
    assert bench.ue.state == "connecting"
    bench.run(seconds=4)
    assert bench.ue.state == "idle-DRX"
    found = bench.send()
    bench.run(seconds=4)
    assert found.outcome == "delivered"


def test_back_before_the_enb_noticed_the_old_connection_is_replaced() -> None:
    bench = faded(t311_ms=1000, enb_gives_up_ms=60_000)
    old = bench.send()
    bench.run(seconds=5)
    assert (bench.ue.state, bench.ue.context.is_connected) == ("unreachable", True)
    bench.ue.find_coverage()
    bench.run(seconds=4)  # camped again after 1 to 3 s
    assert "came back on a new connection" in old.trail[-1].rule
    new = bench.send()
    bench.run(seconds=4)
    assert new.outcome == "delivered"


def test_uplink_of_a_lost_connection_is_lost_with_it() -> None:
    bench = faded()
    assert bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    assert bench.network.waiting() == 1
    bench.run(seconds=12)
    assert bench.network.waiting() == 0
    assert len(bench.uplinks) == 1
    assert bench.ue.send_udp(b"nobody hears", 1, "100.64.0.1", 6969)
    assert bench.network.waiting() == 0


def test_power_lost_in_a_connection_is_noticed_by_the_enb_alone() -> None:
    bench = Bench()
    connected(bench)
    bench.ue.lose_power()
    datagram = bench.send()
    assert datagram.outcome == "waiting"
    bench.run(seconds=2)
    assert "lost in the eNB" in datagram.trail[-1].rule


def test_a_fade_during_a_tau_delays_it() -> None:
    bench = Bench()
    in_a_tau(bench)
    bench.ue.lose_coverage()
    bench.run(ms=500)
    bench.ue.find_coverage()
    assert bench.ue.emm.is_busy
    bench.run(seconds=3)
    assert bench.ue.state == "idle-DRX"
    assert not bench.ue.emm.tau_due


def test_a_fade_while_the_data_connection_is_asked_for_delays_it() -> None:
    bench = Bench()
    bench.ue.connect()
    while not bench.ue.esm.is_busy:
        bench.run(ms=10)
    bench.ue.lose_coverage()
    bench.run(seconds=1)
    assert bench.listener.times("pdp") == []
    bench.ue.find_coverage()
    bench.run(seconds=1)
    assert bench.ue.ip_address is not None


def test_the_implicit_detach_counts_from_when_the_network_noticed() -> None:
    bench = Bench(rrc_inactivity_ms=10_000)
    bench.idle()
    for _ in range(1000):  # connected for hours: the last idle time is long ago
        bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
        bench.run(seconds=9)
    bench.ue.lose_coverage()
    bench.run(minutes=5)
    assert bench.ue.context.registered
    bench.run(hours=1.1)
    assert not bench.ue.context.registered


# -- queues ---------------------------------------------------------------------------------------
def test_the_enbs_queue_is_bounded_with_and_without_a_link() -> None:
    for lose in (False, True):
        bench = Bench("nb-iot", enb_packets=5)
        connected(bench)
        bench.run(seconds=3)
        if lose:
            bench.ue.lose_coverage()
        datagrams = [bench.send(b"%d" % number) for number in range(8)]
        dropped = [datagram for datagram in datagrams if datagram.outcome == "dropped"]
        assert dropped == datagrams[5:]
        assert "the eNB's queue is full (5 datagrams)" in dropped[0].trail[-1].rule
        bench.ue.find_coverage()
        bench.run(seconds=20)
        assert [datagram.outcome for datagram in datagrams[:5]] == ["delivered"] * 5


def test_the_modems_queue_is_bounded_while_connected_too() -> None:
    bench = Bench("nb-iot", uplink_packets=5)
    connected(bench)
    bench.run(seconds=3)
    for _ in range(8):
        assert bench.ue.send_udp(b"x" * 1300, 1, "100.64.0.1", 6969)
    assert bench.network.dropped == 3
    bench.run(seconds=30)
    assert len(bench.uplinks) == 1 + 5


def test_no_more_than_twenty_indications() -> None:
    with pytest.raises(ValueError, match="n310 21"):
        Bench(n310=21)
