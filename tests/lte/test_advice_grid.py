"""Every figure of ``advise`` against runs of the simulation, over a grid of settings."""

import math
import os
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ip_commands.host_sim.lte import edrx, edrx_codes, psm
from ip_commands.host_sim.lte.advice import Advice, Settings, advise
from ip_commands.host_sim.lte.datagram import Datagram
from ip_commands.host_sim.lte.module_currents import currents_of
from ip_commands.host_sim.lte.profiles import GRANT, PROFILES
from tests.lte.network_bench import Bench

PAYLOAD = b"hello"
EVERY_CHECK = bool(os.environ.get("EVERY_CHECK"))
COMMANDS, DEVICES = (4000, 60) if EVERY_CHECK else (800, 40)
RUNS = {0: (24, 1), 24: (24, 6), 1000: (24 if EVERY_CHECK else 6, 1)}
"""Devices and days, by commands a day."""
LOADS, LOADED_DEVICES = (24, 120, 1000), 24
PROMISED = 0.05

CAT_M1, LTE, NB_IOT = PROFILES["cat-m1"], PROFILES["lte"], PROFILES["nb-iot"]


OF_THE_PROFILE = (
    *("ce_level", "rsrp_dbm", "mpdcch_repetitions", "t3412_s"),
    *("connected_drx_ms", "page_at_next_ptw_without_hlcom"),
)


def settings(**given: Any) -> Settings:
    changes = {name: given.pop(name) for name in OF_THE_PROFILE if name in given}
    profile = given.pop("profile", CAT_M1).with_changes(**changes)
    return Settings(profile=profile, payload_bytes=len(PAYLOAD), **given)


GRID = [
    settings(),
    settings(drx_s=2.56, module=currents_of("sim7080g")),
    settings(edrx_s=5.12),
    settings(profile=LTE),  # and, as in NB-IoT, the currents of its access
    settings(ce_level=1, mpdcch_repetitions=64),
    settings(rsrp_dbm=-120, mpdcch_repetitions=16, edrx_s=81.92, ptw_s=5.12, hlcom=True),
    settings(ce_level=2, edrx_s=81.92, ptw_s=1.28, hlcom=True),
    settings(ce_level=2, psm_active_s=16, psm_period_s=3600, hlcom=True),
    settings(edrx_s=10.24, ptw_s=2.56, hlcom=True),
    settings(edrx_s=20.48, ptw_s=5.12, hlcom=True, module=currents_of("bg96")),
    settings(edrx_s=61.44, ptw_s=2.56, hlcom=True),
    settings(edrx_s=102.4, ptw_s=2.56, hlcom=True),
    settings(edrx_s=122.88, ptw_s=2.56, hlcom=True),
    settings(edrx_s=143.36, ptw_s=2.56, hlcom=True),
    settings(edrx_s=327.68, ptw_s=20.48, hlcom=True),
    settings(edrx_s=1310.72, ptw_s=5.12, hlcom=True),
    settings(edrx_s=2621.44, ptw_s=5.12, hlcom=True),
    settings(edrx_s=655.36, ptw_s=5.12, hlcom=True, t3412_s=900),
    settings(edrx_s=20.48, ptw_s=5.12),
    settings(edrx_s=61.44, ptw_s=10.24),
    settings(edrx_s=20.48, ptw_s=5.12, page_at_next_ptw_without_hlcom=True),
    settings(edrx_s=10.24, ptw_s=10.24),
    settings(edrx_s=20.48, ptw_s=20.48, hlcom=True),
    settings(connected_drx_ms=2560),
    settings(edrx_s=20.48, ptw_s=5.12, hlcom=True, connected_drx_ms=5120),
    settings(edrx_s=81.92, ptw_s=3.84, drx_s=2.56, hlcom=True),
    settings(psm_active_s=60, psm_period_s=600, module=currents_of("sim7000g")),
    settings(psm_active_s=16, psm_period_s=3600, hlcom=True),
    settings(psm_active_s=240, psm_period_s=7200, edrx_s=81.92, ptw_s=5.12, hlcom=True),
    settings(psm_active_s=300, psm_period_s=1200, edrx_s=20.48, ptw_s=5.12),
    settings(profile=NB_IOT, edrx_s=20.48, ptw_s=5.12, hlcom=True),
    settings(profile=NB_IOT, edrx_s=163.84, ptw_s=10.24, hlcom=True, module=currents_of("bg96")),
    settings(profile=NB_IOT, ce_level=1, edrx_s=20.48, ptw_s=2.56, hlcom=True),
    settings(profile=NB_IOT, ce_level=2, edrx_s=81.92, ptw_s=5.12, hlcom=True),
    settings(profile=NB_IOT, ce_level=2, psm_active_s=16, psm_period_s=3600, hlcom=True),
]


def name_of(case: Settings) -> str:
    parts = [case.profile.access]
    for name in ("edrx_s", "ptw_s", "drx_s", "psm_active_s", "psm_period_s", "hlcom"):
        if getattr(case, name):
            parts.append(f"{name}={getattr(case, name)}")
    if case.profile.coverage_level:
        parts.append(f"level={case.profile.coverage_level}")
    return " ".join(parts)


def bench_of(case: Settings, seed: int) -> Bench:
    """Return a device of its own identity whose network grants these settings."""
    profile = case.profile
    mode = edrx.mode_of(profile.paging.channel)
    changes: dict[str, Any] = {"hlcom": case.hlcom, "requested_edrx": None, "requested_psm": None}
    changes |= {name: getattr(profile, name) for name in OF_THE_PROFILE}
    changes |= {"edrx_policy": GRANT, "psm_policy": GRANT, "currents": case.module}
    if case.edrx_s is not None:
        changes["requested_edrx"] = edrx_codes.encode_edrx(round(case.edrx_s * 1000), mode)
    if case.ptw_s is not None:
        changes["ptw"] = edrx_codes.encode_ptw(round(case.ptw_s * 1000), mode)
    if case.drx_s is not None:
        frames = round(case.drx_s * 100)
        changes["paging"] = profile.paging._replace(default_cycle_frames=frames)
    if case.psm_active_s is not None and case.psm_period_s is not None:
        changes["requested_psm"] = (
            psm.encode_t3412(case.psm_period_s, "exact"),
            psm.encode_t3324(case.psm_active_s, "exact"),
        )
    # every IMSI and every M-TMSI alike: that is what advice is about
    bench = Bench(profile.name, seed=seed, imsi=f"90128{seed * 7919 % 10**10:010}", **changes)
    bench.ue.connect()
    bench.run(minutes=10)
    assert bench.ue.ip_address is not None
    return bench


def simulated_delays_s(case: Settings) -> tuple[list[float], float]:
    """Send commands to idle devices at random times; return delays and the delivered share."""
    random = Random(5)
    period_ms = (case.psm_period_s or case.profile.t3412_s) * 1000
    delays = []
    for seed in range(DEVICES):
        bench = bench_of(case, seed)
        for _ in range(COMMANDS // DEVICES):
            bench.run(ms=random.randrange(3 * period_ms))
            while bench.ue.is_in_contact:
                bench.run(ms=random.randrange(3000))
            datagram = bench.send(PAYLOAD)
            for _ in range(2 * period_ms // 300_000 + 1):
                if datagram.outcome == "waiting":
                    bench.run(minutes=5)
            assert datagram.outcome != "waiting", datagram.trail
            if datagram.outcome == "delivered" and datagram.closed_at_ms is not None:
                delays.append((datagram.closed_at_ms - datagram.created_at_ms) / 1000)
    return sorted(delays), len(delays) / (COMMANDS // DEVICES * DEVICES)


def delays_under_load_s(case: Settings, per_day: float) -> list[tuple[list[float], int]]:
    """Send commands as often as that; of each device the delays, and how many found it idle."""
    random = Random(11)
    period_s = case.psm_period_s or case.profile.t3412_s
    whole_s = max(6 * period_s, COMMANDS / LOADED_DEVICES / per_day * 86_400)
    found = []
    for seed in range(LOADED_DEVICES):
        bench = bench_of(case, seed)
        sent: list[Datagram] = []
        begin_ms = bench.now_ms + round(period_s * (1 + random.random()) * 1000)
        while bench.now_ms < begin_ms + whole_s * 1000:
            bench.run(seconds=random.expovariate(per_day / 86_400))
            was_idle = not bench.ue.is_in_contact
            datagram = bench.send(PAYLOAD)
            if was_idle and bench.now_ms >= begin_ms:
                sent.append(datagram)
        bench.run(hours=4)
        delays = [
            (datagram.closed_at_ms - datagram.created_at_ms) / 1000
            for datagram in sent
            if datagram.outcome == "delivered" and datagram.closed_at_ms is not None
        ]
        found.append((delays, len(sent)))
    return found


@pytest.mark.parametrize("case", GRID, ids=name_of)
def test_delays(case: Settings) -> None:
    delays, share = simulated_delays_s(case)
    compare(advise(case), delays, share, COMMANDS // DEVICES * DEVICES)


def loads() -> Iterator[Any]:
    """Yield each case with one load; with all of them in ``make test-all``."""
    for place, case in enumerate(GRID):
        for number, per_day in enumerate(LOADS):
            if EVERY_CHECK or place % len(LOADS) == number:
                yield pytest.param(case, per_day, id=f"{name_of(case)}, {per_day} a day")
    if not EVERY_CHECK:  # the TAU of a device that hears nothing comes before its next window
        yield pytest.param(settings(edrx_s=2621.44, ptw_s=5.12, hlcom=True), 60, id="often paged")


@pytest.mark.parametrize(("case", "per_day"), list(loads()))
def test_delays_under_load(case: Settings, per_day: int) -> None:
    """Commands of one device share their waits: only devices are independent of each other."""
    advice = advise(replace(case, commands_per_day=per_day))
    devices = delays_under_load_s(case, per_day)
    check(advice.delivered_share, [(len(delays), asked) for delays, asked in devices], 0.002)
    everyone = [delay for delays, _ in devices for delay in delays]
    assert advice.best_s <= min(everyone) + 0.002
    assert max(everyone) <= advice.worst_s + 0.002
    if len(everyone) < 100:
        return
    mean_s, spread_s = mean_of([(sum(delays), len(delays)) for delays, _ in devices])
    assert abs(mean_s - advice.mean_s) <= max(PROMISED * advice.mean_s, 3 * spread_s)
    for percent, predicted_s in ((50, advice.p50_s), (95, advice.p95_s), (99, advice.p99_s)):
        below = [(sum(d <= predicted_s for d in delays), len(delays)) for delays, _ in devices]
        check(percent / 100, below, 0.015)


def check(predicted: float, of_devices: list[tuple[float, int]], allowed: float) -> None:
    """Compare with a mean of all; (sum, number) of each device."""
    mean, spread = mean_of(of_devices)
    assert abs(mean - predicted) <= allowed + 3 * spread, (mean, predicted, spread)


def mean_of(of_devices: list[tuple[float, int]]) -> tuple[float, float]:
    number = sum(count for _, count in of_devices)
    mean = sum(total for total, _ in of_devices) / number
    spread = math.sqrt(sum((total - mean * count) ** 2 for total, count in of_devices)) / number
    return mean, spread


def compare(advice: Advice, delays: list[float], share: float, of_all: int) -> None:
    error = 3 * math.sqrt(advice.delivered_share * (1 - advice.delivered_share) / of_all)
    assert abs(share - advice.delivered_share) <= error + 0.002
    assert advice.best_s <= delays[0] + 0.002
    assert delays[-1] <= advice.worst_s + 0.002
    if len(delays) < 100:
        return  # too few arrive to tell a mean
    mean_s = sum(delays) / len(delays)
    spread_s = math.sqrt(sum((delay - mean_s) ** 2 for delay in delays) / len(delays))
    assert abs(mean_s - advice.mean_s) <= max(
        PROMISED * advice.mean_s, 3 * spread_s / math.sqrt(len(delays))
    )
    for percent, predicted_s in ((50, advice.p50_s), (95, advice.p95_s), (99, advice.p99_s)):
        below = sum(delay <= predicted_s for delay in delays) / len(delays)
        error = 3 * math.sqrt(percent / 100 * (1 - percent / 100) / len(delays))
        assert abs(below - percent / 100) <= error + 0.01, (percent, predicted_s)


def some_of_the_grid() -> Iterator[Any]:
    """Yield each case with one number of commands a day; with all of them in ``make test-all``."""
    for place, case in enumerate(GRID):
        for number, commands_per_day in enumerate(RUNS):
            if EVERY_CHECK or place % len(RUNS) == number:
                yield pytest.param(
                    case, commands_per_day, id=f"{name_of(case)}, {commands_per_day} a day"
                )


@pytest.mark.parametrize(("case", "commands_per_day"), list(some_of_the_grid()))
def test_charge(case: Settings, commands_per_day: int) -> None:
    random = Random(7)
    spent_mah = covered_days = 0.0
    devices, days = RUNS[commands_per_day]
    for seed in range(devices):
        bench = bench_of(case, seed)
        ledger = bench.ue.ledger
        before_mah, before_days = sum(ledger.mah_by_cause.values()), ledger.covered_days
        end_ms = bench.now_ms + days * 86_400_000
        while bench.now_ms < end_ms:
            if not commands_per_day:
                bench.run(hours=24)
                continue
            bench.run(seconds=random.expovariate(commands_per_day / 86_400))
            bench.send(PAYLOAD)
        spent_mah += sum(ledger.mah_by_cause.values()) - before_mah
        covered_days += ledger.covered_days - before_days
    case = replace(case, commands_per_day=commands_per_day)
    assert spent_mah / covered_days == pytest.approx(advise(case).mah_per_day, rel=PROMISED)
