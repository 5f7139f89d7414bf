"""Downlink data that meets a connection for signalling alone: a TAU that works, one that fails."""

import pytest

from tests.lte.network_bench import Bench, at, events
from tests.lte.states_and_events import idle, in_a_tau, paged


def test_data_that_comes_during_a_tau_comes_with_it() -> None:
    bench = Bench()
    in_a_tau(bench)
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"
    assert "ddn" not in events(datagram)


@pytest.mark.parametrize("trouble", ["lose_power", "lose_coverage"])
def test_when_the_tau_fails_what_came_meanwhile_is_notified_anew(trouble: str) -> None:
    bench = Bench(rrc_inactivity_ms=5000)
    in_a_tau(bench)
    first = bench.send()
    getattr(bench.ue, trouble)()
    bench.run(seconds=6)
    assert "ddn" in events(first)
    second = bench.send()
    bench.run(seconds=8)
    assert "cause 90" in first.trail[-1].rule
    assert "cause 90" in second.trail[-1].rule


def test_with_hlcom_it_waits_for_the_window_after_the_tau_that_failed() -> None:
    bench = Bench("cat-m1-edrx-hlcom", rrc_inactivity_ms=5000)
    in_a_tau(bench)
    datagram = bench.send()
    bench.ue.lose_coverage()
    bench.run(seconds=20)
    bench.ue.find_coverage()
    bench.run(seconds=100)
    assert datagram.outcome == "delivered"


@pytest.mark.parametrize("ce_level", [0, 1, 2])
def test_the_mme_does_not_page_whom_it_talks_to(ce_level: int) -> None:
    bench = Bench(ce_level=ce_level)
    paged(bench)
    bench.ue.emm.update()  # a TAU of up to half a minute in coverage level 2
    late = bench.send()
    bench.run(seconds=60)
    assert late.outcome == "delivered"
    assert "paged" not in events(late)
    assert at(late, "delivered") - at(late, "created") < 40_000


def test_a_page_that_meets_a_set_up_says_so_and_is_not_sent() -> None:
    bench = Bench(ce_level=2)
    idle(bench)
    datagram = bench.send()
    bench.ue.emm.update()
    bench.run(seconds=60)
    assert "the UE is in contact: not paged" in [entry.rule for entry in datagram.trail]
    assert datagram.outcome == "delivered"
    assert "paged" not in events(datagram)
