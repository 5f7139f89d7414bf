"""Searches and pauses of a device without a cell: how long, what they cost, when they end."""

from itertools import pairwise

import pytest

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.energy import NRF9160
from ip_commands.host_sim.lte.network import Network
from ip_commands.host_sim.lte.search_patterns import SEARCH_PATTERNS, SearchPattern
from tests.lte.network_bench import ICCID, IMSI, Bench, Recorder


class SearchBench(Bench):
    """A device of a pattern, whose ledger says when it searches."""

    def __init__(self, pattern: str | SearchPattern, seed: int = 0, profile: str = "cat-m1"):
        super().__init__()
        self.network = Network(self.queue, seed=seed)
        self.ue = self.network.add_ue(
            "device-1", IMSI, ICCID, profile, search_pattern=pattern, page_miss=0.0
        )
        self.listener = Recorder(self.queue)
        self.ue.listener = self.listener

    def switches(self, hours: float) -> list[tuple[str, float]]:
        """Let time pass; return what it was booked under, in order, with lengths in seconds."""
        ledger, queue = self.ue.ledger, self.queue
        seen = [(queue.now_ms, ledger._cause)]
        switch = type(ledger).switch

        def watch(self, now_ms: int, cause: str) -> None:
            switch(self, now_ms, cause)
            seen.append((now_ms, cause))

        type(ledger).switch = watch  # type: ignore[method-assign]
        try:
            self.run(hours=hours)
        finally:
            type(ledger).switch = switch  # type: ignore[method-assign]
        return [(cause, (later - at) / 1000) for (at, cause), (later, _) in pairwise(seen)]


@pytest.mark.parametrize(
    ("pattern", "pauses_s"),
    [
        ("nrf9160", [60, 90, 300, 300, 300]),
        ("nrf91-low-power", [60, 120, 3600, 3600]),
        ("sara-r42", [30] * 10 + [45] * 10 + [60, 60, 60]),
    ],
)
def test_pauses_are_the_patterns(pattern: str, pauses_s: list[float]) -> None:
    bench = SearchBench(pattern).idle()
    bench.ue.lose_coverage()
    booked = bench.switches(hours=8)
    pauses = [length for cause, length in booked if cause == energy.SEARCH_PAUSE]
    assert pauses[: len(pauses_s)] == pauses_s
    searches = [length for cause, length in booked if cause == energy.SEARCH]
    assert 30 <= searches[0] <= 600
    assert all(30 <= length <= 120 for length in searches[1:-1])
    assert {cause for cause, _ in booked} == {energy.SEARCH, energy.SEARCH_PAUSE}


def test_out_of_coverage_is_not_a_search_for_ever() -> None:
    spent = {}
    for name in SEARCH_PATTERNS:
        bench = SearchBench(name).idle()
        bench.ue.lose_coverage()
        bench.run(hours=24)
        by_cause = bench.ue.ledger.mah_by_cause
        spent[name] = by_cause["search"] + by_cause["search pause"]
        searching_h = by_cause["search"] / NRF9160.search_ma
        resting_h = by_cause["search pause"] / (NRF9160.sleep_ua / 1000)
        assert searching_h + resting_h == pytest.approx(24, abs=0.01)
    assert spent["continuous"] == pytest.approx(24 * 18.9, rel=0.01)
    assert spent["nrf91-low-power"] < spent["nrf9160"] < spent["sara-r42"] < spent["continuous"]
    assert spent["nrf91-low-power"] < 0.05 * spent["continuous"]


def test_a_cell_that_comes_back_in_a_pause_is_found_after_it() -> None:
    bench = SearchBench("nrf9160").idle()
    address = bench.ue.ip_address
    bench.ue.lose_coverage()
    for _ in range(7200):
        bench.run(seconds=1)
        if bench.ue.emm.cell_search.is_asleep and bench.now_ms % 7 == 0:
            break
    assert "rests and searches again at" in bench.ue.explain_state()
    wakes_ms = bench.ue.emm.search_at_ms
    assert wakes_ms is not None
    bench.ue.find_coverage()
    bench.run(ms=wakes_ms - bench.now_ms + 999)
    assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
    assert not bench.ue.in_coverage
    bench.run(ms=2002)
    assert (bench.ue.state, bench.ue.registration) == ("idle-DRX", 5)
    assert bench.ue.ip_address == address


def test_a_host_ends_a_pause() -> None:
    bench = SearchBench("nrf91-low-power").idle()
    bench.ue.lose_coverage()
    bench.run(minutes=40)
    assert bench.ue.emm.cell_search.is_asleep
    bench.ue.find_coverage()
    bench.ue.search_now()
    bench.run(seconds=4)
    assert bench.ue.state == "idle-DRX"


def test_a_cell_that_goes_again_while_it_is_being_found_is_not_found() -> None:
    bench = SearchBench("continuous").idle()
    bench.ue.lose_coverage()
    bench.run(seconds=20)
    bench.ue.find_coverage()
    bench.run(ms=900)
    bench.ue.lose_coverage()
    bench.run(minutes=30)
    assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
    bench.ue.find_coverage()
    bench.run(seconds=4)
    assert bench.ue.registration == 5


def test_switched_off_it_searches_no_more() -> None:
    bench = SearchBench("nrf9160")
    bench.ue.lose_coverage()
    bench.ue.switch_on()
    bench.run(minutes=5)
    assert bench.ue.registration == 2
    bench.ue.switch_off()
    events = bench.queue.happened
    bench.run(hours=5)
    assert bench.queue.happened == events
    assert bench.ue.ledger.mah_by_cause["off"] == 0
    bench.ue.find_coverage()
    bench.ue.switch_on()
    bench.run(seconds=10)
    assert bench.ue.registration == 5


def test_switched_off_and_on_it_finds_its_cell_whatever_the_pause() -> None:
    bench = SearchBench("nrf91-low-power").idle()
    bench.ue.lose_coverage()
    bench.run(hours=1)
    assert bench.ue.emm.cell_search.is_asleep
    bench.ue.find_coverage()
    bench.ue.switch_off()
    bench.ue.switch_on()
    assert bench.ue.state == "attaching"
    bench.run(seconds=7)
    assert bench.ue.registration == 5


def test_lengths_of_a_search_over_all_bands() -> None:
    """30 s to 10 min, log-uniform: half of them within 134 s, 190 s on average."""
    from random import Random

    pattern, random = SEARCH_PATTERNS["nrf9160"], Random(1)
    lengths_s = sorted(pattern.search_ms(0, random) / 1000 for _ in range(4000))
    assert 30 <= lengths_s[0] < 31
    assert 590 < lengths_s[-1] <= 600
    assert lengths_s[2000] == pytest.approx(134, rel=0.06)
    assert sum(lengths_s) / 4000 == pytest.approx(190, rel=0.04)


def test_a_pattern_of_ones_own_and_an_unknown_one() -> None:
    own = SEARCH_PATTERNS["nrf9160"]._replace(name="own", pauses_s=((7, 1),), search_s=(5, 5))
    bench = SearchBench(own).idle()
    bench.ue.lose_coverage()
    booked = bench.switches(hours=1)
    assert [length for _, length in booked[1:-1]][2:6] in ([7, 5, 7, 5], [5, 7, 5, 7])
    with pytest.raises(ValueError, match="no search pattern 'x'; there are: nrf9160, nrf91-low"):
        SearchBench("x")
