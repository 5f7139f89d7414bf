"""The core's NAT: it forgets, and says so; the service itself stands inside."""

import pytest

from ip_commands.host_sim.lte import PROFILES, Datagram
from ip_commands.host_sim.lte.nat import MAX_PORTS, Nat
from tests.lte.network_bench import ICCID, Bench, events

OUTSIDE = "203.0.113.5"


def written(**overrides: object) -> Bench:
    """A connected device that has just written to a server outside."""
    bench = Bench(rrc_inactivity_ms=3_600_000, **overrides).idle()
    bench.ue.send_udp(b"up", 4242, OUTSIDE, 5683)
    bench.run(seconds=2)
    assert len(bench.uplinks) == 1
    return bench


def answer(bench: Bench, port: int = 4242, mapping: int | None = None) -> Datagram:
    datagram = bench.network.send_downlink(ICCID, b"re", port, OUTSIDE, 5683, mapping)
    bench.run(seconds=1)
    return datagram


def test_thirty_seconds_are_the_vendors_figure_in_every_profile() -> None:
    assert {profile.nat_udp_idle_s for profile in PROFILES.values()} == {30}


@pytest.mark.parametrize(("idle_s", "wait_s"), [(30, 28), (12, 10), (300, 250)])
def test_an_answer_in_time_gets_in(idle_s: int, wait_s: int) -> None:
    bench = written(nat_udp_idle_s=idle_s)
    bench.run(seconds=wait_s - 2)
    assert answer(bench).outcome == "delivered"
    assert bench.listener.payloads == [b"re"]


@pytest.mark.parametrize("idle_s", [30, 12, 300])
def test_an_answer_too_late_is_lost_and_says_that_the_nat_had_forgotten(idle_s: int) -> None:
    bench = written(nat_udp_idle_s=idle_s)
    bench.run(seconds=idle_s)
    datagram = answer(bench)
    assert events(datagram) == ["created", "dropped"]
    assert datagram.trail[-1].rule.startswith("the NAT had forgotten: nothing was sent from")
    assert f"remembers {idle_s} s (nat_udp_idle_s)" in datagram.trail[-1].rule
    assert bench.listener.payloads == []


def test_the_edge_is_exact_and_only_uplink_refreshes() -> None:
    bench = written()
    left_core_ms = bench.uplinks[0][0]
    bench.run(ms=left_core_ms + 20_000 - bench.now_ms)
    assert answer(bench).outcome == "delivered"
    bench.run(ms=left_core_ms + 29_999 - bench.now_ms)
    assert answer(bench).outcome == "delivered"
    bench.run(ms=left_core_ms + 30_000 - bench.now_ms)
    assert answer(bench).outcome == "dropped"


def test_a_port_that_never_wrote_has_no_mapping() -> None:
    bench = written()
    assert "no mapping of the device's port 7" in answer(bench, port=7).trail[-1].rule


def test_the_service_is_inside_and_needs_no_mapping() -> None:
    bench = Bench().idle()
    bench.run(hours=5)
    datagram = bench.send()
    bench.run(seconds=5)
    assert datagram.outcome == "delivered"
    bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(seconds=2)
    assert bench.ue.context.nat.mapping_of(4242) is None


def test_an_answer_to_an_older_mapping_does_not_pass_through_the_new_one() -> None:
    bench = written()
    old = bench.ue.context.nat.mapping_of(4242)
    bench.run(seconds=40)
    bench.ue.send_udp(b"again", 4242, OUTSIDE, 5683)
    bench.run(seconds=2)
    new = bench.ue.context.nat.mapping_of(4242)
    assert new != old
    assert "older mapping" in answer(bench, mapping=old).trail[-1].rule
    assert answer(bench, mapping=new).outcome == "delivered"


def test_a_new_address_begins_without_mappings() -> None:
    bench = written()
    bench.ue.deactivate_pdp()
    bench.ue.activate_pdp("super")
    bench.run(seconds=3)
    assert answer(bench).outcome == "dropped"


def test_ports_are_bounded_and_the_longest_idle_goes_first() -> None:
    nat = Nat()
    for port in range(1, MAX_PORTS + 1):
        nat.outbound(port, port, 30)
    nat.outbound(1, 2000, 30)
    nat.outbound(60_000, 2001, 30)
    assert nat.mapping_of(2) is None
    assert nat.why_lost(1, None, 2002, 30) is None
    assert nat.why_lost(3, None, 2002, 30) is None


def test_a_time_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="nat_udp_idle_s -1"):
        Bench(nat_udp_idle_s=-1)
