"""A UE whose signal changes: coverage level, latency, pages, charge and coverage follow."""

import os
import subprocess
import sys
from random import Random
from typing import Any

import pytest

from ip_commands.host_sim.lte import PROFILES
from ip_commands.host_sim.lte.rsrp import RsrpLike, Shadowing
from tests.lte.network_bench import Bench, at, events


@pytest.mark.parametrize(
    ("rsrp_dbm", "level", "factor"),
    [(-95, 0, 1), (-107, 0, 1), (-108, 1, 4), (-117, 1, 4), (-118, 2, 16), (-132, 2, 16)],
)
def test_the_level_follows_the_rsrp_and_the_latency_the_level(
    rsrp_dbm: int, level: int, factor: int
) -> None:
    bench = Bench(rrc_inactivity_ms=60_000).idle()
    bench.ue.radio.stay(rsrp_dbm)
    assert bench.ue.rsrp_dbm == rsrp_dbm
    assert bench.ue.radio.ce_level == level
    bench.run(minutes=3)
    assert bench.ue.state == "idle-DRX"
    datagram = bench.send()
    bench.run(seconds=40)
    connected = bench.send()
    bench.run(seconds=10)
    air_ms = (28 + 5) * 8 * factor // 375
    assert at(connected, "delivered") - at(connected, "created") == factor * 70 + air_ms
    heard = max(step.at_ms for step in datagram.trail if step.event == "paged")
    took = at(datagram, "delivered") - heard
    assert factor * (1 + 200 + 70) <= took <= factor * (1 + 900 + 70) + air_ms


def test_a_constant_rsrp_of_the_profile_decides_too() -> None:
    weak, override = Bench(rsrp_dbm=-120), Bench(rsrp_dbm=-120, ce_level=1)
    assert weak.ue.radio.ce_level == weak.ue.profile.coverage_level == 2
    assert override.ue.radio.ce_level == 1
    none = Bench(rsrp_dbm=-133)
    none.ue.connect()
    none.run(minutes=5)
    assert (none.ue.registration, none.ue.rsrp_dbm) == (2, None)
    assert "RSRP -133 dBm: no coverage below -132 dBm" in none.ue.explain_state()


def test_ce_level_stays_whatever_the_rsrp() -> None:
    bench = Bench(ce_level=0).idle()
    bench.ue.radio.stay(-125)
    assert (bench.ue.rsrp_dbm, bench.ue.radio.ce_level) == (-125, 0)
    bench.ue.radio.stay(-133)
    assert bench.ue.state == "unreachable"


def test_a_profile_can_have_thresholds_of_its_own() -> None:
    bench = Bench(ce_thresholds_dbm=(-100, -105), rsrp_floor_dbm=-110).idle()
    levels = []
    for rsrp_dbm in (-99, -101, -106, -110):
        bench.ue.radio.stay(rsrp_dbm)
        levels.append(bench.ue.radio.ce_level)
    assert levels == [0, 1, 2, 2]
    bench.ue.radio.stay(-111)
    assert not bench.ue.in_coverage


def test_a_trace_takes_coverage_away_to_the_second_and_a_search_finds_it_again() -> None:
    bench = Bench("cat-m1").idle()
    began_ms = bench.now_ms
    bench.ue.radio.follow([(100, -131), (200, -133), (300, -132)])
    seen: list[tuple[int, bool, int | None]] = []
    for second in range(400):
        bench.queue.run_until(began_ms + second * 1000 + 1)
        now: Any = (bench.ue.in_coverage, bench.ue.rsrp_dbm)
        if not seen or seen[-1][1:] != now:
            seen.append((second, *now))
    found_s = seen[-1][0]
    assert seen == [(0, True, -95), (100, True, -131), (200, False, None), (found_s, True, -132)]
    assert 301 <= found_s <= 304  # a known cell takes a UE that searches 1 to 3 s


def test_a_connected_device_below_the_floor_has_a_radio_link_failure_like_any_other() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"x", 1, "100.64.0.1", 6969)
    bench.run(seconds=2)
    assert bench.ue.rrc_connected
    bench.ue.radio.follow([(0, -140), (60, -95)])
    lost = bench.send()
    assert events(lost)[-1] == "held"
    bench.run(seconds=30)
    assert "radio link had failed" in lost.trail[-1].rule
    bench.run(minutes=2)
    assert bench.ue.state.startswith("idle")
    found = bench.send()
    bench.run(seconds=10)
    assert found.outcome == "delivered"


def test_who_sank_deeper_misses_the_first_page_and_hears_a_later_one() -> None:
    bench = Bench().idle()
    bench.ue.radio.stay(-120)  # from level 0, where the network last heard it
    sunk = bench.send()
    bench.run(minutes=3)
    assert events(sunk).count("paged") == 3  # repeated for level 0, 1, 2
    rules = [step.rule for step in sunk.trail if step.event == "missed"]
    assert rules == [
        f"the UE is in CE level 2 by now, and the page was repeated for level {level}"
        for level in (0, 1)
    ]
    assert sunk.outcome == "delivered"
    known = bench.send()  # the network has heard it down there
    bench.run(minutes=3)
    assert events(known).count("paged") == 1
    bench.ue.radio.stay(-95)
    risen = bench.send()
    bench.run(seconds=5)
    assert (events(risen).count("paged"), risen.outcome) == (1, "delivered")


def test_the_network_pages_for_the_level_at_the_end_of_the_connection() -> None:
    bench = Bench(pages=1).idle()
    bench.ue.send_udp(b"x", 1, "100.64.0.1", 6969)
    bench.run(seconds=3)
    assert bench.ue.rrc_connected
    bench.ue.radio.stay(-120)
    bench.run(minutes=2)
    assert not bench.ue.rrc_connected
    datagram = bench.send()
    bench.run(minutes=2)
    assert datagram.outcome == "delivered"


def test_with_one_page_who_sank_deeper_is_not_reached() -> None:
    bench = Bench(pages=1).idle()
    bench.ue.radio.stay(-110)
    datagram = bench.send()
    bench.run(minutes=1)
    assert datagram.outcome == "dropped"
    bench.ue.send_udp(b"x", 1, "100.64.0.1", 6969)  # heard in level 1 now
    bench.run(minutes=2)
    datagram = bench.send()
    bench.run(minutes=1)
    assert datagram.outcome == "delivered"


def test_charge_follows() -> None:
    """A TAU takes longer, and so do repeated pages: by current and time."""
    costs = []
    for rsrp_dbm in (-95, -110, -120):
        bench = Bench("psm", rsrp_dbm=rsrp_dbm, mpdcch_repetitions=8).idle()
        bench.run(hours=1)
        before = bench.ue.ledger.mah_by_cause
        taus_before = len(bench.listener.times("psm", False))
        bench.run(hours=100)
        taus = len(bench.listener.times("psm", False)) - taus_before
        costs.append((bench.ue.ledger.mah_by_cause["tau"] - before["tau"]) / taus)
    assert costs[1] == pytest.approx(4 * costs[0], rel=0.1)
    assert costs[2] == pytest.approx(16 * costs[0], rel=0.1)

    bench = Bench(mpdcch_repetitions=8).idle()
    rates = []
    for rsrp_dbm in (-95, -110, -120):
        bench.ue.radio.stay(rsrp_dbm)
        rates.append(bench.ue.ledger.rates["drx"])
    currents = bench.ue.ledger.currents
    # the receiver is on for 8, 32, 128 ms each 1.28 s
    for rate, page_ms in zip(rates, (8, 32, 128), strict=True):
        more_ua = currents.connected_ma * 1000 * (page_ms - 1) / 1280
        assert rate == pytest.approx(currents.drx_ua(1280) + more_ua)


def test_another_network_has_another_floor() -> None:
    bench = Bench("nb-iot").idle()
    bench.ue.radio.stay(-125)
    assert bench.ue.radio.ce_level == 2
    bench.ue.move_to(PROFILES["lte"])
    bench.run(minutes=5)
    assert (bench.ue.in_coverage, bench.ue.registration) == (False, 2)
    bench.ue.move_to(PROFILES["cat-m1"])
    bench.run(minutes=5)
    assert bench.ue.registration == 5
    assert bench.ue.radio.ce_level == 2


def test_another_cell_of_the_network_keeps_the_level() -> None:
    bench = Bench().idle()
    bench.ue.radio.stay(-120)
    bench.ue.enter_cell("1A2D004", "2B68")
    bench.run(minutes=2)
    assert (bench.ue.rsrp_dbm, bench.ue.radio.ce_level) == (-120, 2)
    for rsrp_dbm in (-95, -110, -120, -95):  # and no level brings the cell before back
        bench.ue.radio.stay(rsrp_dbm)
        assert (bench.ue.cell_id, bench.ue.tac) == ("1A2D004", "2B68")


def test_states_explain_the_level() -> None:
    bench = Bench().idle()
    assert "RSRP" not in bench.ue.explain_state()
    bench.ue.radio.stay(-120)
    assert bench.ue.explain_state().endswith(
        "; RSRP -120 dBm, CE level 2: radio steps take 16 times as long"
    )


def test_a_new_order_replaces_the_old_one() -> None:
    bench = Bench().idle()
    bench.ue.radio.vary(-100)
    bench.run(hours=1)
    bench.ue.radio.follow([(0, -100), (10, -101)])
    bench.run(ms=9999)
    assert bench.ue.rsrp_dbm == -100
    bench.run(hours=1)
    assert bench.ue.rsrp_dbm == -101


def test_nobody_elses_dice_are_touched() -> None:
    """A signal that varies without leaving its level changes nothing but what is read."""

    def trail(rsrp: RsrpLike | None) -> list[Any]:
        bench = Bench("cat-m1-edrx-hlcom", page_miss=0.3)
        if rsrp is not None:
            bench.ue.radio.use(Shadowing(-70, sigma_db=4))
        bench.idle()
        datagrams = []
        for _ in range(20):
            datagrams.append(bench.send())
            bench.run(minutes=7)
        return [[tuple(step) for step in datagram.trail] for datagram in datagrams]

    assert trail(None) == trail(-70)


def life(seed: int) -> tuple[int, int, int, int, str]:
    """Return counts and the end of a random life with a signal that comes and goes."""
    random = Random(f"life {seed}")
    bench = Bench(
        random.choice(sorted(PROFILES)), seed, page_miss=0.1, rsrp_floor_dbm=-125, hlcom=True
    )
    bench.ue.connect()
    bench.run(minutes=2)
    bench.ue.radio.vary(-115, random.choice([4, 8, 12]), random.choice([5, 60, 600]))
    for _ in range(150):
        bench.run(ms=random.randrange(200_000))
        act = random.random()
        if act < 0.6:
            if bench.ue.context.ip_address is not None:
                bench.send()
        elif act < 0.8:
            bench.ue.send_udp(b"x", 1, "100.64.0.1", 6969)
        elif act < 0.85:
            bench.ue.radio.stay(random.randrange(-135, -80))
        elif act < 0.9:
            bench.ue.radio.vary(-115, 8, 30)
        elif act < 0.95:
            bench.ue.move_to(PROFILES[random.choice(sorted(PROFILES))])
        else:
            bench.ue.enter_cell("1", random.choice(["A", "B"]))
        network = bench.network
        assert network.created == network.delivered + network.dropped + network.waiting()
    return (
        network.created,
        network.delivered,
        network.dropped,
        network.waiting(),
        bench.ue.explain_state(),
    )


@pytest.mark.parametrize("seed", range(8))
def test_no_datagram_is_lost_from_the_books(seed: int) -> None:
    created, delivered, dropped, *_ = life(seed)
    assert created > 20
    assert delivered > 0
    assert dropped > 0


def test_a_life_depends_on_its_seed_alone() -> None:
    program = "from tests.lte.test_radio_conditions import life; print(life(3))"
    ends = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(ends) == 1
    assert ends == {f"{life(3)}\n"}
