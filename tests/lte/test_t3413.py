"""T3413 scales with the paging cycle: every repetition has an occasion of its own."""

from itertools import pairwise

import pytest

from ip_commands.host_sim.lte import PROFILES, paging
from ip_commands.host_sim.lte.advice import Settings, advise
from ip_commands.host_sim.lte.paging import PagingConfig
from tests.lte.network_bench import Bench, events

CYCLES = {
    "0.32 s": ("cat-m1", {"paging": PagingConfig("mpdcch", 32)}, 320),
    "1.28 s": ("cat-m1", {}, 1280),
    "2.56 s": ("cat-m1", {"paging": PagingConfig("mpdcch", 256)}, 2560),
    "eDRX of 5.12 s": ("cat-m1-edrx", {"requested_edrx": "0000"}, 5120),
    "NB-IoT, 10.24 s": (
        "nb-iot",
        {"paging": PagingConfig("npdcch", 1024), "requested_edrx": None},
        10_240,
    ),
}


def waits_at_every_phase(bench: Bench, cycle_ms: int) -> list[int]:
    """Return some twenty times to wait, so that datagrams come at every phase of the cycle."""
    assert bench.ue.state == "idle-DRX"
    assert bench.ue.where.cycle_frames * 10 == cycle_ms
    to_occasion = paging.next_occasion(bench.ue.where, bench.now_ms) - bench.now_ms
    return [to_occasion + 1 + part * cycle_ms // 20 for part in range(20)]


@pytest.mark.parametrize("cycle", CYCLES)
def test_a_missed_page_is_repeated_at_occasions_of_their_own(cycle: str) -> None:
    profile, changes, cycle_ms = CYCLES[cycle]
    waits = waits_at_every_phase(Bench(profile, **changes).idle(), cycle_ms)
    for wait_ms in waits:
        bench = Bench(profile, page_miss=1.0, **changes).idle()
        bench.run(ms=wait_ms)
        datagram = bench.send()
        bench.run(seconds=60)
        pages = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
        assert len(set(pages)) == len(pages) == bench.ue.profile.pages == 3
        assert "no answer to 3 pages: cause 90" in datagram.trail[-1].rule


@pytest.mark.parametrize("cycle", CYCLES)
def test_nothing_is_given_up_before_the_device_listened(cycle: str) -> None:
    profile, changes, cycle_ms = CYCLES[cycle]
    waits = waits_at_every_phase(Bench(profile, **changes).idle(), cycle_ms)
    for wait_ms in waits:
        bench = Bench(profile, **changes).idle()
        bench.run(ms=wait_ms)
        datagram = bench.send()
        bench.run(seconds=30)
        assert datagram.outcome == "delivered"
        assert events(datagram).count("paged") == 1


@pytest.mark.parametrize(
    ("cycle_ms", "changes", "expected_ms"),
    [
        (320, {}, 2000),
        (1280, {}, 2000),
        (1999, {}, 2000),
        (2560, {}, 2561),
        (5120, {}, 5121),
        (10_240, {}, 10_241),
        (2560, {"mpdcch_repetitions": 64, "ce_level": 1}, 2560 + 256),
        (1280, {"mpdcch_repetitions": 256, "ce_level": 2}, 1280 + 4096),
        (2560, {"t3413_ms": 6000}, 6000),
    ],
)
def test_the_rule(cycle_ms: int, changes: dict[str, object], expected_ms: int) -> None:
    assert PROFILES["cat-m1"].with_changes(**changes).t3413(cycle_ms) == expected_ms


def test_advice_names_the_scaled_value() -> None:
    for drx_s, said in ((1.28, "after 2 s (T3413)"), (2.56, "after 2.561 s (T3413)")):
        assert any(said in loss for loss in advise(Settings(drx_s=drx_s)).losses)


def test_a_long_page_is_over_before_it_is_repeated_in_the_window() -> None:
    bench = Bench(
        "cat-m1-edrx-hlcom", page_miss=1.0, mpdcch_repetitions=128, ce_level=2, ptw="0111"
    ).idle()
    bench.run(seconds=120)
    datagram = bench.send()
    bench.run(seconds=100)
    pages = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
    assert len(pages) > 2
    gaps = {later - earlier for earlier, later in pairwise(pages)}
    assert min(gaps) >= 128 * 16
