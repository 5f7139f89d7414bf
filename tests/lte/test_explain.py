"""The sentence about a datagram: outcome, times, the paging occasion, the rule."""

import pytest

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
    assert text == (
        "lost at 00:01:00.000, as soon as it came: refused by the MME with cause 123: outside the"
        " paging time window and no HLCOM: the MME refuses, the S-GW drops"
    )


def test_missed_pages_are_told() -> None:
    bench = Bench(page_miss=1.0).idle()
    datagram = bench.send()
    bench.run(seconds=10)
    text = explain(datagram)
    paged = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
    assert len(paged) == 3
    air = air_time(paged[0])
    assert text.endswith(
        f"paged at {clock(paged[0])} (H-SFN {air.hsfn}, SFN {air.sfn}, sub-frame {air.subframe}),"
        f" {clock(paged[1])} and {clock(paged[2])}, but the UE did not hear it (chance 1);"
        " no answer to 3 pages: cause 90"
    )


def test_many_pages_are_counted() -> None:
    bench = Bench("cat-m1-edrx-hlcom", page_miss=1.0, ptw="1111", hlcom_windows=2).idle()
    datagram = bench.send()
    bench.run(minutes=10)
    paged = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
    assert len(paged) > 20
    text = explain(datagram)
    assert f"paged {len(paged)} times from {clock(paged[0])} (H-SFN" in text
    assert f" to {clock(paged[-1])}, but the UE did not hear it (chance 1)" in text


def test_a_page_that_was_heard_is_told_apart_from_those_that_were_not() -> None:
    bench = Bench(page_miss=0.5, seed=1).idle()
    for _ in range(20):
        datagram = bench.send()
        bench.run(minutes=2)
        if [entry.event for entry in datagram.trail].count("missed") == 1:
            break
    first, second = (entry.at_ms for entry in datagram.trail if entry.event == "paged")
    text = explain(datagram)
    told = text.index(f"paged at {clock(first)} (")
    assert told < text.index("but the UE did not hear it (chance 0.5)")
    assert told < text.index(f"paged at {clock(second)} (")


def test_connected_and_uplink() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"x", 1, "100.64.0.1", 6969)
    bench.run(seconds=3)
    assert "service request" in explain(bench.uplinks[0][1])
    datagram = bench.send()
    bench.run(seconds=1)
    assert explain(datagram).endswith("the radio connection was up")


def test_a_link_that_was_lost_is_not_called_up() -> None:
    bench = Bench().idle()
    bench.send()
    bench.run(seconds=3)
    bench.ue.lose_coverage()
    datagram = bench.send()
    bench.run(ms=500)
    bench.ue.find_coverage()
    bench.run(seconds=1)
    assert datagram.outcome == "delivered"
    text = explain(datagram)
    assert f"held at {clock(datagram.created_at_ms)}: " in text
    assert "the radio connection was up" not in text


def test_states_explain_themselves() -> None:
    bench = Bench("psm")
    assert "detached: the device never attached" in bench.ue.explain_state()
    bench.idle()
    assert "PSM, not reachable before" in bench.ue.explain_state()
    bench = Bench("cat-m1-edrx-hlcom").idle()
    bench.send()
    text = bench.ue.explain_state()
    assert "1 datagram buffered in the S-GW until" in text
    assert "next paging occasion" in text
    bench.ue.lose_power()
    assert "detached without a word" in bench.ue.explain_state()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"attach_reject": 15}, "limited service: EMM cause 15: no suitable cells in tracking"),
        ({"attach_reject": 3}, "does not try again here before it is switched off"),
        ({"attach_reject": 17, "attach_attempts": 1}, "tries again at"),
        ({"session_reject": 33}, "next paging occasion"),
        ({"rsrp_dbm": -140}, "unreachable, rests and searches again"),
    ],
)
def test_states_nest_no_brackets_and_say_what_it_does(changes: dict, said: str) -> None:
    bench = Bench(**changes)
    bench.ue.connect()
    bench.run(minutes=3)
    text = bench.ue.explain_state()
    assert said in text
    assert deepest_bracket(text) <= 1


def test_a_search_that_rests_says_when_it_goes_on() -> None:
    bench = Bench().idle()
    bench.ue.lose_coverage()
    assert "unreachable, searches for a cell" in bench.ue.explain_state()
    bench.run(minutes=20)
    assert "unreachable, rests and searches again at" in bench.ue.explain_state()


def deepest_bracket(text: str) -> int:
    depth = deepest = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        deepest = max(deepest, depth)
    return deepest


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
