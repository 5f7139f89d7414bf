"""An address belongs to a session: nothing reaches a device through one that ended."""

import pytest

from tests.lte.network_bench import Bench, events
from tests.lte.states_and_events import connected


def test_a_slow_core_does_not_carry_over_to_the_next_session() -> None:
    bench = Bench(core_delay_ms=20_000).idle()
    datagram = bench.send()
    bench.ue.lose_power()
    bench.ue.switch_on()
    bench.run(seconds=15)
    assert bench.ue.ip_address not in (None, datagram.destination_host)
    bench.run(seconds=30)
    assert datagram.outcome == "dropped"
    assert "no session any more" in datagram.trail[-1].rule
    assert bench.listener.payloads == []


def test_nor_to_the_next_session_at_the_same_address() -> None:
    bench = Bench(core_delay_ms=5_000).idle()
    datagram = bench.send()
    bench.ue.deactivate_pdp()
    bench.ue.activate_pdp("super")
    bench.run(seconds=4)
    assert bench.ue.ip_address == datagram.destination_host  # the same GUTI gives the same one
    bench.run(seconds=10)
    assert datagram.outcome == "dropped"
    assert bench.listener.payloads == []


def test_what_is_on_the_air_ends_with_the_session() -> None:
    bench = Bench()
    connected(bench)
    datagram = bench.send()
    bench.run(ms=10)
    bench.ue.deactivate_pdp()
    assert "the data connection ended: the device closed" in datagram.trail[-1].rule
    bench.run(seconds=2)
    assert bench.listener.payloads == []


def test_what_an_enb_holds_ends_with_the_session() -> None:
    bench = Bench()
    connected(bench)
    bench.ue.lose_coverage()
    datagram = bench.send()
    bench.ue.deactivate_pdp()
    assert datagram.outcome == "dropped"


def test_uplink_that_never_left_the_modem_ends_with_the_session() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.ue.deactivate_pdp()
    bench.run(seconds=20)
    assert bench.uplinks == []
    assert bench.network.waiting() == 0


@pytest.mark.parametrize("ends", ["the device", "the network", "a detach"])
@pytest.mark.parametrize("after_ms", [0, 10, 40])
def test_uplink_on_the_air_ends_with_the_session(ends: str, after_ms: int) -> None:
    bench = Bench()
    connected(bench)
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(ms=after_ms)
    if ends == "the device":
        bench.ue.deactivate_pdp()
        bench.ue.activate_pdp("super")  # the same GUTI gives the same address
    elif ends == "the network":
        bench.network.home.end_session(bench.ue, "a test")
    else:
        bench.network.home.detach(bench.ue, "a test")
    bench.run(seconds=20)
    assert bench.uplinks == []
    assert bench.network.waiting() == 0


@pytest.mark.parametrize("profile", ["cat-m1", "cat-m1-edrx-hlcom"])
def test_what_the_s_gw_keeps_ends_with_the_session(profile: str) -> None:
    bench = Bench(profile).idle()
    datagram = bench.send()
    bench.ue.deactivate_pdp()
    bench.ue.activate_pdp("super")
    bench.run(minutes=3)
    assert events(datagram)[-1] == "dropped"
    assert bench.listener.payloads == []
