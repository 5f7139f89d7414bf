"""PSM where its timers meet a new grant, a new cell, no coverage or a wrong clock."""

import pytest

from ip_commands.host_sim.lte import core, epc_timer
from ip_commands.host_sim.lte.buffering import buffering_duration_s
from ip_commands.host_sim.lte.paging import PagingConfig
from tests.lte.network_bench import Bench, at, events

T3324_2_MIN = "00100010"
T3412_1_H = "00100001"


def asleep(**overrides: object) -> Bench:
    bench = Bench("psm", **overrides).idle()
    bench.run(seconds=30)
    assert bench.ue.state == "PSM"
    return bench


def test_t3324_of_a_grant_before_puts_nobody_to_sleep() -> None:
    bench = Bench("psm", requested_psm=(T3412_1_H, T3324_2_MIN)).idle()
    bench.ue.request_psm(None, None)
    bench.run(minutes=5)
    assert bench.ue.granted_psm is None
    assert bench.ue.state == "idle-DRX"
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"


def test_sleeping_device_notices_a_new_tracking_area_when_it_wakes() -> None:
    bench = asleep()
    connections = len(bench.listener.times("rrc", True))
    bench.ue.enter_cell("00000B2", "0002")
    bench.run(minutes=10)
    assert bench.ue.state == "PSM"
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=3)
    assert len(bench.uplinks) == 1
    assert not bench.ue.emm.tau_due  # done with the connection that the datagram needed
    bench.run(minutes=2)
    assert len(bench.listener.times("rrc", True)) == connections + 1
    assert bench.ue.state == "PSM"


def test_device_woken_without_coverage_searches_and_updates_when_it_is_back() -> None:
    bench = asleep()
    bench.ue.lose_coverage()
    bench.ue.wake()
    assert (bench.ue.state, bench.ue.registration) == ("unreachable", 2)
    bench.ue.find_coverage()
    bench.run(minutes=1)
    assert (bench.ue.state, bench.ue.registration) == ("PSM", 5)
    assert not bench.ue.emm.tau_due


def test_overdue_tau_with_hlcom_buffers_for_the_set_up_and_the_margin() -> None:
    bench = asleep(hlcom=True)
    bench.ue.lose_coverage()
    bench.run(minutes=60)  # T3412 is over, the mobile reachable timer is not
    sent_ms = bench.now_ms
    datagram = bench.send()
    assert datagram.outcome == "waiting"
    bench.run(minutes=1)
    assert events(datagram)[-1] == "expired"
    assert at(datagram, "expired") == sent_ms + 14_000  # 2 s and 10 s, rounded up


@pytest.mark.parametrize("wait_ms", [-3_600_000, -1, 0])
def test_duration_of_a_wait_that_is_over_is_the_margin(wait_ms: int) -> None:
    assert buffering_duration_s(wait_ms, 10) == 10
    assert buffering_duration_s(wait_ms, 63) == epc_timer.round_up(63)
    assert buffering_duration_s(wait_ms, 10, set_up_ms=64_000) == 120


def test_wrong_h_sfn_clock_does_not_shorten_the_active_time() -> None:
    bench = Bench(
        "psm",
        requested_psm=(T3412_1_H, T3324_2_MIN),
        paging=PagingConfig("mpdcch", 32, "T"),
        mme_clock_error_ms=1000,
    ).idle()
    asleep_ms = bench.ue.context.psm_from_ms()
    assert asleep_ms is not None
    bench.run(ms=asleep_ms - bench.now_ms - 900)
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"


def test_decision_for_an_unknown_view_is_refused() -> None:
    with pytest.raises(ValueError, match="'asleep': one of 'connected'"):
        core.decide("asleep", hlcom=True)


def test_views_are_compared_by_value() -> None:
    view = "".join(core.OUTSIDE_PTW)
    assert core.decide(view, False, page_at_next_ptw_without_hlcom=True).action == core.BUFFER
