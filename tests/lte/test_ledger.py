"""Charge and bytes: by cause, by day, per day."""

import pytest

from ip_commands.host_sim.lte import Network, energy
from ip_commands.host_sim.lte.energy import NRF9160, CurrentProfile
from ip_commands.host_sim.lte.time_base import DAY_MS
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.lte.network_bench import IMSI, START_MS, Bench

HOUR_MAH = 1 / 3600


def test_bytes_by_cause() -> None:
    bench = Bench().idle()
    bench.send(b"x" * 100)
    bench.run(seconds=5)
    bench.ue.send_udp(b"y" * 7, 1, "100.64.0.1", 6969)
    bench.run(hours=24)
    assert bench.ue.ledger.bytes_by_cause == {
        "downlink_payload": 100,
        "uplink_payload": 7,
        "ip_udp_headers": 56,
    }
    days = (bench.now_ms - START_MS) / DAY_MS
    assert bench.ue.ledger.bytes_per_day == pytest.approx(163 / days)


def test_days_are_kept_apart_and_add_up() -> None:
    bench = Bench("cat-m1-edrx-hlcom")
    bench.ue.connect()
    for _ in range(3 * 24):
        bench.run(hours=1)
        bench.send(b"x" * 10)
    ledger = bench.ue.ledger
    days = [row for row in ledger.days if ledger.covered_days and row.covered_ms]
    assert [row.covered_ms for row in days] == [DAY_MS] * 3
    assert [row.bytes["downlink_payload"] for row in days] in ([230, 240, 240], [240, 240, 230])
    assert sum(sum(row.mah.values()) for row in days) == pytest.approx(ledger.mah_per_day * 3)
    assert days[1].mah["edrx"] == pytest.approx(days[2].mah["edrx"], rel=0.01)


def test_charge_of_states_is_time_by_current() -> None:
    bench = Bench("psm").idle()
    ledger = bench.ue.ledger
    assert bench.ue.state == "PSM"
    before = ledger.mah_by_cause
    bench.run(minutes=30)
    after = ledger.mah_by_cause
    assert after["psm"] - before["psm"] == pytest.approx(2.7e-3 * 0.5)
    assert {cause for cause in after if after[cause] != before[cause]} == {"psm"}


def test_a_tau_costs_what_the_data_sheet_says() -> None:
    """nRF9160 product specification: 105 mJ; with this model's set-up times on average."""
    bench = Bench("psm").idle()
    before = bench.ue.ledger.mah_by_cause["tau"]
    bench.run(hours=200)
    taus = len(bench.listener.times("psm", False))
    millijoules = (bench.ue.ledger.mah_by_cause["tau"] - before) * 3600 * 3.7 / taus
    assert millijoules == pytest.approx(105, rel=0.1)


def test_battery_days_and_own_currents() -> None:
    ten = CurrentProfile("ten", 3.7, 10e3, 10e3, 0, 0, 10, 10, 10, 10, "made up")
    queue = EventQueue(START_MS)
    network = Network(queue)
    ue = network.add_ue("d", IMSI, "1", "cat-m1", currents=ten)
    with pytest.raises(ValueError, match="no simulated time"):
        _ = ue.ledger.mah_per_day
    ue.connect()
    queue.run_until(START_MS + 10 * DAY_MS)
    assert ue.ledger.mah_per_day == pytest.approx(240)  # 10 mA all day, whatever it does
    assert ue.ledger.battery_days(2400) == pytest.approx(10)


def test_off_costs_nothing() -> None:
    bench = Bench()
    bench.run(hours=24)
    assert sum(bench.ue.ledger.mah_by_cause.values()) == 0


def test_longer_cycles_cost_less() -> None:
    costs = []
    for bits in (None, "0010", "0101", "1001"):
        bench = Bench("cat-m1-edrx-hlcom", requested_edrx=bits).idle()
        bench.run(hours=24)
        costs.append(bench.ue.ledger.mah_per_day)
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 10 * costs[-1]


def test_sending_costs_above_being_connected() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"x" * 1300, 1, "100.64.0.1", 6969)
    bench.run(seconds=30)
    air_s = (1328 * 8 // 375) / 1000
    extra_ma = NRF9160.tx_ma - NRF9160.connected_ma
    assert bench.ue.ledger.mah_by_cause[energy.TX] == pytest.approx(air_s * extra_ma * HOUR_MAH)
