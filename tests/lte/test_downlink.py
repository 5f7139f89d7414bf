"""What the core network does with a datagram, situation by situation."""

from itertools import pairwise

import pytest

from ip_commands.host_sim.lte import NotAttached, core, edrx, epc_timer, paging
from ip_commands.host_sim.lte.core import DECISIONS
from tests.lte.network_bench import ICCID, Bench, at, events


def outside_window(bench: Bench) -> edrx.Window:
    """Run until a window has just closed; return the next one."""
    windows = bench.ue.windows
    assert windows is not None
    open_now = edrx.window_at(windows, bench.now_ms)
    end = (open_now or edrx.next_window(windows, bench.now_ms)).end_asf
    bench.run(ms=end + 1000 - bench.now_ms)
    if bench.ue.state != "idle-eDRX":
        return outside_window(bench)
    return edrx.next_window(windows, bench.now_ms)


def inside_window(bench: Bench, before_end_ms: int = 5000) -> edrx.Window:
    """Run until a window is open; return it."""
    window = outside_window(bench)
    bench.run(ms=window.end_asf - before_end_ms - bench.now_ms)
    return window


def test_the_table_has_a_row_for_every_view_with_and_without_hlcom() -> None:
    views = {core.CONNECTED, core.IN_DRX, core.IN_PTW, core.OUTSIDE_PTW, core.IN_PSM}
    assert set(DECISIONS) == {
        (view, hlcom) for view in (*views, core.NOT_REACHABLE) for hlcom in (False, True)
    }


def test_not_attached_says_why() -> None:
    bench = Bench()
    with pytest.raises(NotAttached, match="never attached"):
        bench.send()
    bench.ue.switch_on()
    bench.run(seconds=30)
    with pytest.raises(NotAttached, match="no data connection"):
        bench.send()
    bench.ue.activate_pdp("super")
    bench.run(seconds=30)
    bench.ue.switch_off()
    with pytest.raises(NotAttached, match="device detached"):
        bench.send()
    with pytest.raises(NotAttached, match="no device holds the SIM 123"):
        bench.network.send_downlink("123", b"", 1)


def test_connected_device_gets_it_at_once() -> None:
    bench = Bench().idle()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=2)
    assert bench.ue.rrc_connected
    datagram = bench.send()
    bench.run(seconds=1)
    assert events(datagram) == ["created", "sent", "delivered"]
    assert at(datagram, "delivered") - at(datagram, "created") == 70  # half the round trip


def test_second_datagram_joins_the_first_without_a_second_notification() -> None:
    bench = Bench().idle()
    first, second = bench.send(b"1"), bench.send(b"2")
    bench.run(seconds=5)
    assert "ddn" in events(first)
    assert "ddn" not in events(second)
    assert bench.listener.payloads == [b"1", b"2"]


# -- DRX ------------------------------------------------------------------------------------------
def test_unanswered_pages_in_drx_follow_t3413_and_end_in_cause_90() -> None:
    bench = Bench(page_miss=1.0).idle()
    start = bench.now_ms
    datagram = bench.send()
    bench.run(seconds=10)
    where = bench.ue.where
    pages = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
    assert pages == [paging.next_occasion(where, start + sent) for sent in (0, 2000, 4000)]
    assert datagram.outcome == "dropped"
    assert datagram.closed_at_ms == start + 6000
    assert "3 pages: cause 90" in datagram.trail[-1].rule


def test_srsepc_pages_once() -> None:
    bench = Bench(page_miss=1.0, pages=1).idle()
    datagram = bench.send()
    bench.run(seconds=10)
    assert events(datagram).count("paged") == 1


def test_full_buffer_drops_the_newcomer() -> None:
    bench = Bench(sgw_packets=3).idle()
    datagrams = [bench.send(b"%d" % number) for number in range(5)]
    assert [datagram.outcome for datagram in datagrams[3:]] == ["dropped", "dropped"]
    assert "tail drop" in datagrams[3].trail[-1].rule
    bench.run(seconds=5)
    assert bench.listener.payloads == [b"0", b"1", b"2"]


def test_cisco_drops_everything_for_a_while_after_a_failed_page() -> None:
    bench = Bench(page_miss=1.0, sgw_drop_s=300).idle()
    bench.send()
    bench.run(seconds=10)
    during = bench.send()
    assert "pkt-drop-time" in during.trail[-1].rule
    bench.run(seconds=300)
    after = bench.send()
    bench.run(seconds=3)
    assert "paged" in events(after)


def test_cisco_drops_everything_for_a_while_after_a_refusal() -> None:
    bench = Bench("cat-m1-edrx", sgw_drop_s=300).idle()
    outside_window(bench)
    assert "cause 123" in bench.send().trail[-1].rule
    inside_window(bench)
    assert "pkt-drop-time" in bench.send().trail[-1].rule
    bench.run(minutes=5)
    inside_window(bench)
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"


def test_open5gs_keeps_stale_packets_that_stop_further_notifications() -> None:
    bench = Bench(page_miss=1.0, keep_after_failed_page=True).idle()
    first = bench.send(b"1")
    bench.run(seconds=10)
    second = bench.send(b"2")
    bench.run(seconds=60)
    assert first.outcome == second.outcome == "waiting"
    assert "ddn" not in events(second)
    bench.ue.send_udp(b"here I am", 1, "100.64.0.1", 6969)
    bench.run(seconds=5)
    assert bench.listener.payloads == [b"1", b"2"]


# -- eDRX -----------------------------------------------------------------------------------------
def test_page_is_repeated_at_every_occasion_of_the_window_until_answered() -> None:
    bench = Bench("cat-m1-edrx-hlcom", page_miss=1.0).idle()
    window = outside_window(bench)
    datagram = bench.send()
    bench.run(ms=window.end_asf - bench.now_ms)
    pages = [entry.at_ms for entry in datagram.trail if entry.event == "paged"]
    assert len(pages) == edrx.occasions_per_window(bench.ue.windows, bench.ue.where) == 4
    assert all(window.start_asf <= page < window.end_asf for page in pages)
    assert {later - earlier for earlier, later in pairwise(pages)} == {1280}
    assert "unanswered" in events(datagram)


def test_hlcom_duration_is_wait_plus_window_plus_set_up_plus_margin_rounded_up() -> None:
    # a cycle of 20.48 s: below 62 s an EPC timer counts in steps of 2 s
    bench = Bench("cat-m1-edrx-hlcom", page_miss=1.0, requested_edrx="0010").idle()
    window = outside_window(bench)
    start = bench.now_ms
    datagram = bench.send()
    set_up_ms = 1 + 900  # a page, and the longest set-up of Cat-M1 in level 0
    need_s = -(-(window.end_asf - start + set_up_ms) // 1000) + 10
    duration_s = int(epc_timer.round_up(need_s))
    assert f"DL Buffering Duration {duration_s} s" in datagram.trail[-1].rule


def test_after_expiry_the_next_datagram_gives_a_new_notification() -> None:
    bench = Bench("cat-m1-edrx-hlcom", page_miss=1.0).idle()
    outside_window(bench)
    first = bench.send()
    second = bench.send()
    assert "ddn" not in events(second)
    bench.run(minutes=4)
    assert {first.outcome, second.outcome} == {"dropped"}
    assert first.closed_at_ms == second.closed_at_ms  # the first fixed the timer
    outside_window(bench)
    assert "ddn" in events(bench.send())


def test_hlcom_keeps_the_suggested_number_of_packets() -> None:
    bench = Bench("cat-m1-edrx-hlcom", hlcom_packets=2).idle()
    outside_window(bench)
    outcomes = [bench.send(b"%d" % number).outcome for number in range(3)]
    assert outcomes == ["waiting", "waiting", "dropped"]
    bench.run(seconds=100)
    assert bench.listener.payloads == [b"0", b"1"]


def test_uplink_flushes_what_hlcom_buffered() -> None:
    bench = Bench("cat-m1-edrx-hlcom").idle()
    outside_window(bench)
    datagram = bench.send()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"
    assert "paged" not in events(datagram)


@pytest.mark.parametrize("hlcom", [True, False])
def test_inside_the_window_the_device_is_paged_at_once(hlcom: bool) -> None:
    bench = Bench("cat-m1-edrx-hlcom" if hlcom else "cat-m1-edrx").idle()
    inside_window(bench)
    start = bench.now_ms
    datagram = bench.send()
    bench.run(seconds=3)
    assert at(datagram, "paged") - start <= 1280
    assert datagram.outcome == "delivered"


def test_no_occasion_left_in_the_window_hlcom_waits_for_the_next() -> None:
    bench = Bench("cat-m1-edrx-hlcom").idle()
    window = inside_window(bench, before_end_ms=1)
    assert paging.next_occasion(bench.ue.where, bench.now_ms) >= window.end_asf
    datagram = bench.send()
    bench.run(seconds=90)
    windows = bench.ue.windows
    assert windows is not None
    following = edrx.start_after(windows, window.start_asf)
    assert at(datagram, "paged") == paging.next_occasion(bench.ue.where, following)
    assert datagram.outcome == "delivered"


def test_no_occasion_left_in_the_window_without_hlcom_it_is_lost() -> None:
    bench = Bench("cat-m1-edrx").idle()
    window = inside_window(bench, before_end_ms=1)
    datagram = bench.send()
    bench.run(seconds=90)
    assert datagram.outcome == "dropped"
    assert datagram.closed_at_ms == window.end_asf


def test_an_mme_may_page_at_the_next_window_without_hlcom() -> None:
    bench = Bench("cat-m1-edrx", page_at_next_ptw_without_hlcom=True).idle()
    window = outside_window(bench)
    datagram = bench.send()
    bench.run(seconds=90)
    assert at(datagram, "paged") >= window.start_asf
    assert datagram.outcome == "delivered"


def test_window_shorter_than_t_may_never_be_heard() -> None:
    config = paging.PagingConfig("mpdcch", 256)
    for profile in ("cat-m1-edrx-hlcom", "cat-m1-edrx"):
        for seed in range(20):
            bench = Bench(profile, seed, ptw="0000", paging=config).idle()
            assert bench.ue.windows is not None
            if edrx.occasions_per_window(bench.ue.windows, bench.ue.where) == 0:
                break
        else:
            raise AssertionError("every seed's window held an occasion")
        assert "holds no occasion" in bench.ue.explain_state()
        datagram = bench.send()
        bench.run(minutes=5)
        assert datagram.outcome == "dropped"
        assert "paged" not in events(datagram)


@pytest.mark.parametrize("error_ms", [-1000, 1000])
def test_an_mme_whose_clock_is_off_pages_at_the_edge_of_the_window(error_ms: int) -> None:
    bench = Bench("cat-m1-edrx-hlcom", mme_clock_error_ms=error_ms).idle()
    window = outside_window(bench)
    bench.run(seconds=5)
    datagram = bench.send()
    bench.run(seconds=90)
    first = paging.next_occasion(
        bench.ue.where, max(window.start_asf, window.start_asf - error_ms)
    )
    assert at(datagram, "paged") == first
    assert datagram.outcome == "delivered"


@pytest.mark.parametrize("hlcom", [False, True])
@pytest.mark.parametrize(("cycle", "ptw"), [("0001", "0111"), ("0010", "1111")])
def test_windows_that_adjoin_leave_no_gap(cycle: str, ptw: str, hlcom: bool) -> None:
    bench = Bench("cat-m1-edrx", requested_edrx=cycle, ptw=ptw, hlcom=hlcom).idle()
    assert bench.ue.granted_edrx == (cycle, cycle, ptw)
    assert bench.ue.state == "idle-DRX"
    for _ in range(100):  # at any time of a cycle
        bench.run(ms=20_000 + 137)
        while bench.ue.is_in_contact:
            bench.run(ms=50)
        datagram = bench.send()
        bench.run(ms=1280 + 1 + 900 + 100)
        assert datagram.outcome == "delivered", datagram.trail


def test_an_mme_that_pages_in_the_next_window_does_so_at_the_end_of_one() -> None:
    bench = Bench("cat-m1-edrx", page_at_next_ptw_without_hlcom=True).idle()
    windows = bench.ue.windows
    assert windows is not None
    window = edrx.next_window(windows, bench.now_ms)
    bench.run(ms=window.end_asf - 1 - bench.now_ms)
    datagram = bench.send()
    bench.run(minutes=2)
    assert datagram.outcome == "delivered"
    assert "until the next one" in " ".join(entry.rule for entry in datagram.trail)


# -- PSM ------------------------------------------------------------------------------------------
def test_in_psm_without_hlcom_it_is_refused() -> None:
    bench = Bench("psm").idle()
    assert bench.ue.state == "PSM"
    datagram = bench.send()
    assert "PSM and no HLCOM" in datagram.trail[-1].rule


def test_in_psm_with_hlcom_it_waits_for_the_periodic_tau() -> None:
    bench = Bench("psm", hlcom=True).idle()
    idle_since = bench.ue.context.idle_since_ms
    datagram = bench.send()
    set_up_ms = 1 + 900 + 1100  # with the TAU
    remaining_s = -(-(idle_since + 3_600_000 - bench.now_ms + set_up_ms) // 1000)
    duration_s = int(epc_timer.round_up(remaining_s + 10))
    assert f"DL Buffering Duration {duration_s} s" in datagram.trail[-1].rule
    bench.run(ms=idle_since + 3_600_000 - bench.now_ms)
    assert datagram.outcome == "waiting"
    bench.run(seconds=5)
    assert datagram.outcome == "delivered"
    assert "paged" not in events(datagram)


def test_during_the_active_time_the_device_is_paged() -> None:
    bench = Bench("psm")
    bench.ue.connect()
    while bench.ue.state != "idle-DRX":
        bench.run(seconds=1)
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"


# -- silence --------------------------------------------------------------------------------------
def test_silent_device_is_paged_until_the_mobile_reachable_timer_and_then_detached() -> None:
    bench = Bench().idle()
    bench.ue.lose_power()
    idle_since = bench.ue.context.idle_since_ms
    paged = bench.send()
    bench.run(seconds=10)
    assert "device" not in paged.trail[-1].rule
    assert "cause 90" in paged.trail[-1].rule
    bench.run(ms=idle_since + (3240 + 240) * 1000 - bench.now_ms)
    refused = bench.send()
    assert "not paged any more" in refused.trail[-1].rule
    bench.run(seconds=240)
    with pytest.raises(NotAttached, match="silent"):
        bench.send()


def test_implicit_detach_drops_what_hlcom_kept() -> None:
    bench = Bench("psm", hlcom=True, hlcom_margin_s=4000).idle()
    bench.ue.lose_power()
    datagram = bench.send()
    bench.run(hours=1.5)
    assert datagram.outcome == "dropped"
    assert "deleted the session" in datagram.trail[-1].rule


def test_core_delay_is_between_creation_and_the_s_gw() -> None:
    bench = Bench(core_delay_ms=30).idle()
    datagram = bench.network.send_downlink(ICCID, b"x", 1)
    assert bench.network.waiting() == 1
    bench.run(seconds=5)
    assert at(datagram, "sent") - at(datagram, "created") == 30
