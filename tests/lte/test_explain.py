"""The sentence about a datagram: outcome, times, the paging occasion, the rule."""

from ip_commands.host_sim.lte.time_base import air_time, clock, duration
from ip_commands.host_sim.world.explain import explain
from tests.lte.network_bench import Bench, at


def test_delivered_through_hlcom() -> None:
    bench = Bench("cat-m1-edrx-hlcom", 4).idle()
    datagram = bench.send()
    waiting = explain(datagram)
    assert waiting.startswith(f"waiting since {clock(datagram.created_at_ms)}: ")
    bench.run(seconds=100)
    text = explain(datagram)
    paged = air_time(at(datagram, "paged"))
    assert datagram.closed_at_ms is not None
    assert text.startswith(f"delivered to the device at {clock(datagram.closed_at_ms)} after ")
    assert "HLCOM" in text
    assert f"H-SFN {paged.hsfn}, SFN {paged.sfn}, sub-frame {paged.subframe}" in text
    assert f"paged at {clock(at(datagram, 'paged'))}" in text


def test_lost_without_hlcom() -> None:
    bench = Bench("cat-m1-edrx", 4).idle()
    text = explain(bench.send())
    assert text.startswith("lost at 00:01:00.000, 0 ms after its creation: ")
    assert "cause 123" in text


def test_missed_pages_are_told() -> None:
    bench = Bench(page_miss=1.0).idle()
    datagram = bench.send()
    bench.run(seconds=10)
    assert explain(datagram).count("but the UE did not hear it") == 3


def test_connected_and_uplink() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"x", 1, "100.64.0.1", 6969)
    bench.run(seconds=3)
    assert "service request" in explain(bench.uplinks[0][1])
    datagram = bench.send()
    bench.run(seconds=1)
    assert explain(datagram).endswith("the radio connection was up")


def test_states_explain_themselves() -> None:
    bench = Bench("psm")
    assert "detached (the device never attached)" in bench.ue.explain_state()
    bench.idle()
    assert "PSM, not reachable before" in bench.ue.explain_state()
    bench = Bench("cat-m1-edrx-hlcom").idle()
    bench.send()
    text = bench.ue.explain_state()
    assert "1 datagram buffered in the S-GW until" in text
    assert "next paging occasion" in text
    bench.ue.lose_power()
    assert "detached (silently)" in bench.ue.explain_state()


def test_lengths_of_time_read_well() -> None:
    for ms, text in (
        (0, "0 ms"),
        (999, "999 ms"),
        (12_345, "12.35 s"),
        (59_999, "60 s"),
        (250_000, "4 min 10 s"),
        (7_500_000, "2 h 5 min"),
        (172_800_000, "2 d"),
        (-5000, "-5 s"),
    ):
        assert duration(ms) == text
