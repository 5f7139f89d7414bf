"""One rule for a window in which nobody answers, whether the datagram came before or inside it."""

from pathlib import Path

import pytest

from ip_commands.host_sim.lte import PROFILES, Datagram, edrx
from ip_commands.host_sim.lte.advice import Settings, advise
from ip_commands.host_sim.lte.buffering import missed_window_rule
from tests.lte.network_bench import Bench, events

PSM_2_MIN = ("00100001", "00100010")
"""T3412 1 h, T3324 2 min."""

ARRIVALS = {
    "long before the window": -40_000,
    "1 ms before the window": -1,
    "at its start": 0,
    "1 ms after its start": 1,
    "in its midst": 1000,
}


def sent(arrival: str, **changes: object) -> tuple[Bench, Datagram, edrx.Window]:
    """Send at a time relative to a window in which no page is heard; return when it has closed."""
    bench = Bench("cat-m1-edrx-hlcom", page_miss=1.0, **changes).idle()
    windows = bench.ue.windows
    assert windows is not None
    window = edrx.next_window(windows, bench.now_ms + 50_000)
    bench.run(ms=window.start_asf + ARRIVALS[arrival] - bench.now_ms)
    datagram = bench.send()
    bench.run(ms=window.end_asf - bench.now_ms)
    assert "paged" in events(datagram)
    return bench, datagram, window


@pytest.mark.parametrize("arrival", ARRIVALS)
def test_it_is_paged_in_one_window_and_deleted_at_its_end(arrival: str) -> None:
    bench, datagram, window = sent(arrival)
    assert (datagram.outcome, datagram.closed_at_ms) == ("dropped", window.end_asf)
    assert events(datagram)[-2:] == ["unanswered", "dropped"]
    pages = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
    assert all(window.start_asf <= page < window.end_asf for page in pages)
    assert missed_window_rule(True, 1) == datagram.trail[-2].rule
    assert "cause 90" in datagram.trail[-1].rule
    assert bench.ue.context.sgw.buffer.expires_at_ms is None


@pytest.mark.parametrize("arrival", ARRIVALS)
def test_what_comes_after_it_is_paged_in_the_next_window(arrival: str) -> None:
    bench, _, window = sent(arrival)
    windows = bench.ue.windows
    assert windows is not None
    following = edrx.start_after(windows, window.start_asf)
    bench.ue.camping.profile = bench.ue.camping.profile.with_changes(page_miss=0.0)
    bench.run(ms=following - 66_000 - bench.now_ms)
    second = bench.send()
    assert "ddn" in events(second)
    bench.run(ms=following - bench.now_ms)
    assert second.outcome == "waiting"
    bench.run(seconds=8)
    assert second.outcome == "delivered"


def test_an_answer_that_comes_to_nothing_after_the_window_is_none() -> None:
    changes = {"ptw": "0000", "connect_ms": (5000, 5000, 5000)}
    bench = Bench("cat-m1-edrx-hlcom", **changes).idle()
    windows = bench.ue.windows
    assert windows is not None
    window = edrx.next_window(windows, bench.now_ms)
    datagram = bench.send()
    bench.run(ms=window.end_asf + 1000 - bench.now_ms)
    assert (bench.ue.state, datagram.outcome) == ("connecting", "waiting")
    bench.ue.lose_coverage()
    assert events(datagram)[-2:] == ["unanswered", "dropped"]


def test_an_old_answer_says_nothing_of_what_waits_for_a_tau() -> None:
    bench = Bench("cat-m1-edrx-hlcom", page_miss=1.0, requested_psm=PSM_2_MIN).idle()
    windows = bench.ue.windows
    assert windows is not None
    window = edrx.next_window(windows, bench.now_ms)
    bench.send()  # nobody answers
    bench.run(ms=window.end_asf - bench.now_ms)
    while bench.ue.state != "PSM":
        bench.run(seconds=1)
    datagram = bench.send()
    bench.ue.wake()
    bench.run(ms=100)
    assert bench.ue.state == "connecting"
    bench.ue.lose_coverage()  # the set-up fails
    assert datagram.outcome == "waiting"


@pytest.mark.parametrize("arrival", ARRIVALS)
def test_an_mme_that_asks_again_pages_in_the_next_window(arrival: str) -> None:
    bench, datagram, window = sent(arrival, hlcom_windows=2)
    windows = bench.ue.windows
    assert windows is not None
    following = edrx.start_after(windows, window.start_asf)
    bench.ue.camping.profile = bench.ue.camping.profile.with_changes(page_miss=0.0)
    bench.run(ms=following - bench.now_ms)
    assert datagram.outcome == "waiting"
    bench.run(seconds=8)
    assert datagram.outcome == "delivered"


@pytest.mark.parametrize("arrival", ARRIVALS)
@pytest.mark.parametrize("tried", [2, 3])
def test_it_is_given_up_after_so_many_windows(arrival: str, tried: int) -> None:
    bench, datagram, _ = sent(arrival, hlcom_windows=tried)
    bench.run(minutes=10)
    assert datagram.outcome == "dropped"
    assert events(datagram).count("unanswered") == tried
    assert events(datagram)[-2:] == ["unanswered", "dropped"]


@pytest.mark.parametrize("arrival", ["at its start", "in its midst"])
def test_without_hlcom_it_is_dropped_when_the_window_closes(arrival: str) -> None:
    bench = Bench("cat-m1-edrx", page_miss=1.0).idle()
    windows = bench.ue.windows
    assert windows is not None
    window = edrx.next_window(windows, bench.now_ms)
    bench.run(ms=window.start_asf + ARRIVALS[arrival] - bench.now_ms)
    datagram = bench.send()
    bench.run(minutes=2)
    assert (datagram.outcome, datagram.closed_at_ms) == ("dropped", window.end_asf)


def test_the_sentence_is_in_every_output() -> None:
    for windows in (1, 3):
        profile = PROFILES["cat-m1"].with_changes(hlcom_windows=windows)
        sentence = missed_window_rule(True, windows)
        advice = advise(Settings(edrx_s=81.92, ptw_s=5.12, hlcom=True, profile=profile))
        assert any(sentence in loss for loss in advice.losses)
    no_hlcom = advise(Settings(edrx_s=81.92, ptw_s=5.12))
    assert any(missed_window_rule(False, 1) in loss for loss in no_hlcom.losses)
    page = Path(__file__).parents[2] / "docs" / "simulator.md"
    sentence = missed_window_rule(True, 1).partition(" (")[0]
    assert sentence in " ".join(page.read_text().split())


def test_no_text_speaks_of_zero_pages() -> None:
    for profile in ("cat-m1-edrx-hlcom", "cat-m1-edrx"):
        for ms in range(0, 5_000, 500):
            bench = Bench(profile, page_miss=1.0).idle()
            windows = bench.ue.windows
            assert windows is not None
            window = edrx.next_window(windows, bench.now_ms)
            bench.run(ms=window.end_asf - 1 - ms - bench.now_ms)
            datagram = bench.send()
            bench.run(minutes=5)
            assert datagram.outcome == "dropped"
            assert not any("0 pages" in entry.rule for entry in datagram.trail)


def test_none_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="hlcom_windows 0"):
        Bench(hlcom_windows=0)
