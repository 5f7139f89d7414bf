"""Advice is the simulation in closed form: it must agree with simulated devices."""

import math
from random import Random

import pytest

from ip_commands.host_sim.lte.advice import Settings, advise
from ip_commands.host_sim.lte.advice_text import format_advice
from ip_commands.host_sim.lte.profiles import PROFILES
from tests.lte.network_bench import Bench


def simulated_delays_s(bench: Bench, commands: int, seed: int = 5) -> tuple[list[float], float]:
    """Send commands to an idle device at random times; return delays and the delivered share."""
    random = Random(seed)
    delays = []
    bench.idle()
    for _ in range(commands):
        bench.run(ms=random.randrange(8_000_000))
        while bench.ue.is_in_contact:
            bench.run(seconds=1)
        datagram = bench.send()
        bench.run(hours=1.2)
        if datagram.outcome == "delivered" and datagram.closed_at_ms is not None:
            delays.append((datagram.closed_at_ms - datagram.created_at_ms) / 1000)
    return delays, len(delays) / commands


@pytest.mark.parametrize(
    ("profile", "settings", "commands"),
    [
        ("cat-m1", Settings(), 400),
        ("cat-m1-edrx-hlcom", Settings(edrx_s=81.92, ptw_s=5.12, hlcom=True), 600),
        ("cat-m1-edrx", Settings(edrx_s=81.92, ptw_s=5.12), 1500),
        ("psm", Settings(psm_active_s=16, psm_period_s=3600), 1500),
    ],
)
def test_advice_agrees_with_the_simulation(
    profile: str, settings: Settings, commands: int
) -> None:
    advice = advise(settings)
    delays, share = simulated_delays_s(Bench(profile), commands)
    mean_s = sum(delays) / len(delays)
    assert abs(share - advice.delivered_share) < 0.02
    if len(delays) > 100:
        assert abs(mean_s - advice.mean_s) < 0.08 * advice.mean_s + 0.1
    assert advice.best_s <= min(delays) + 0.001
    assert max(delays) <= advice.worst_s + 0.001


def test_advice_for_psm_with_hlcom_agrees_with_the_simulation() -> None:
    advice = advise(Settings(psm_active_s=16, psm_period_s=3600, hlcom=True))
    delays, share = simulated_delays_s(Bench("psm", hlcom=True), 300)
    # who comes just before the active time ends is paged when PSM has begun
    assert 0.999 < advice.delivered_share < 1
    assert share >= 0.99
    assert max(delays) <= advice.worst_s
    assert abs(sum(delays) / len(delays) - advice.mean_s) < 0.1 * advice.mean_s


@pytest.mark.parametrize(
    ("profile", "settings"),
    [
        ("cat-m1", Settings(commands_per_day=24)),
        ("cat-m1-edrx-hlcom", Settings(edrx_s=81.92, ptw_s=5.12, hlcom=True, commands_per_day=24)),
        ("cat-m1-edrx-hlcom", Settings(edrx_s=81.92, ptw_s=5.12, hlcom=True)),
        ("psm", Settings(psm_active_s=16, psm_period_s=3600)),
    ],
)
def test_charge_agrees_with_the_ledger(profile: str, settings: Settings) -> None:
    bench = Bench(profile).idle()
    before_mah = sum(bench.ue.ledger.mah_by_cause.values())
    for _ in range(48):
        if settings.commands_per_day:
            bench.send()
        bench.run(hours=1)
    spent = (sum(bench.ue.ledger.mah_by_cause.values()) - before_mah) / 2
    assert spent == pytest.approx(advise(settings).mah_per_day, rel=0.05)


def test_known_currents_come_out() -> None:
    """Nordic's product specification: 18 uA at 81.92 s and 6 uA at 655.36 s, one occasion each."""
    for edrx_s, microamperes in ((81.92, 18), (655.36, 6)):
        settings = Settings(edrx_s=edrx_s, ptw_s=1.28, hlcom=True)
        assert settings.currents.edrx_ua(round(edrx_s * 1000), 1) == pytest.approx(
            microamperes, rel=0.01
        )


def test_losses_are_named() -> None:
    lossy = advise(Settings(edrx_s=81.92, ptw_s=5.12))
    assert lossy.can_be_lost
    assert any("without HLCOM" in loss for loss in lossy.losses)
    short = advise(Settings(edrx_s=81.92, ptw_s=1.28, drx_s=2.56, hlcom=True))
    assert any("no paging occasion" in loss for loss in short.losses)
    assert not advise(Settings()).can_be_lost


def test_cycle_of_five_seconds_is_drx() -> None:
    advice = advise(Settings(edrx_s=5.12))
    assert not advice.can_be_lost
    assert 5.12 < advice.worst_s < 7.2  # with a TAU that comes first


def test_text_says_it_all() -> None:
    settings = Settings(
        edrx_s=81.92, ptw_s=5.12, psm_active_s=120, psm_period_s=3600, commands_per_day=24
    )
    text = format_advice(settings, advise(settings), battery_mah=1000)
    assert text.splitlines()[0] == (
        "cat-m1; eDRX 81.92 s, window 5.12 s; PSM 120 s active every 3600 s; no HLCOM"
    )
    for words in ("at best", "lost in the visited network", "mAh a day", "1000 mAh last", "note"):
        assert words in text


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (Settings(edrx_s=80), "next longer one is 81.92 s"),
        (Settings(edrx_s=10.24, ptw_s=11.52), "does not fit"),
        (Settings(edrx_s=81.92, ptw_s=5), "no paging time window of 5 s"),
        (Settings(drx_s=1), "no DRX cycle of 1 s"),
        (Settings(drx_s=0), "drx_s of 0"),
        (Settings(drx_s=5.12), "no DRX cycle of 5.12 s: cat-m1 has 0.32, 0.64, 1.28, 2.56 s"),
        (Settings(drx_s=0.32, profile=PROFILES["nb-iot"]), "nb-iot has 1.28, 2.56, 5.12, 10.24 s"),
        (Settings(edrx_s=math.inf), "edrx_s of inf"),
        (Settings(edrx_s=81.92, ptw_s=math.nan), "ptw_s of nan"),
        (Settings(psm_active_s=16, psm_period_s=0), "psm_period_s of 0"),
        (Settings(psm_active_s=16, psm_period_s=3601), "next longer one is 4200 s"),
        (Settings(commands_per_day=-1), "0 or more"),
        (Settings(commands_per_day=math.nan), "0 or more"),
        (Settings(psm_active_s=16), "both timers"),
        (Settings(psm_period_s=16), "both timers"),
        (Settings(psm_active_s=99_999, psm_period_s=10**6), "11160 s is the longest"),
    ],
)
def test_settings_that_do_not_exist_are_refused(settings: Settings, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        advise(settings)


def test_a_day_holds_no_more_than_a_day_of_connection() -> None:
    always = Settings().currents.connected_ma * 24
    assert advise(Settings(commands_per_day=1e6)).mah_per_day == pytest.approx(always, rel=1e-3)
    assert advise(Settings(commands_per_day=1e12)).mah_per_day == pytest.approx(always, rel=1e-3)


@pytest.mark.parametrize("capacity_mah", [-1, math.nan, math.inf])
def test_battery_without_a_capacity_is_refused(capacity_mah: float) -> None:
    with pytest.raises(ValueError, match="capacity"):
        advise(Settings()).battery_days(capacity_mah)
