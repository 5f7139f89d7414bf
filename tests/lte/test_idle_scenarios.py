"""The service's three idle scenarios and their counter-case, at network level.

Twilio documentation, "IPCommand Resource": a sleeping device is paged in regular LTE and in Cat-M1
without eDRX; in eDRX it gets the datagram after its sleep cycle where the visited network has
HLCOM, and never where it has not.
"""

from ip_commands.host_sim.lte import edrx, paging
from tests.lte.network_bench import Bench, at, events


def check_paged_in_drx(bench: Bench) -> None:
    assert bench.ue.state == "idle-DRX"
    sent_at = bench.now_ms
    expected = paging.next_occasion(bench.ue.where, sent_at)
    datagram = bench.send(b"wake up")
    bench.run(seconds=5)
    assert at(datagram, "paged") == expected
    assert expected - sent_at <= 1280
    assert datagram.outcome == "delivered"
    assert bench.listener.payloads == [b"wake up"]


def test_regular_lte_device_is_paged_and_gets_the_datagram() -> None:
    check_paged_in_drx(Bench("lte").idle())


def test_cat_m1_device_without_edrx_is_treated_like_regular_lte() -> None:
    check_paged_in_drx(Bench("cat-m1").idle())


def test_cat_m1_device_in_edrx_with_hlcom_gets_it_when_it_leaves_its_sleep_cycle() -> None:
    bench = Bench("cat-m1-edrx-hlcom").idle()
    ue = bench.ue
    assert ue.state == "idle-eDRX"
    assert ue.windows is not None
    window = edrx.next_window(ue.windows, bench.now_ms)
    bench.run(ms=window.end_asf - bench.now_ms)  # asleep for most of a cycle now
    window = edrx.next_window(ue.windows, bench.now_ms)
    first = paging.next_occasion(ue.where, window.start_asf)

    datagram = bench.send(b"later")
    bench.run(ms=first - 1 - bench.now_ms)
    assert datagram.outcome == "waiting"
    assert events(datagram) == ["created", "sent", "ddn", "buffered"]

    bench.run(seconds=3)
    assert at(datagram, "paged") == first
    assert datagram.outcome == "delivered"
    assert bench.listener.payloads == [b"later"]


def test_cat_m1_device_in_edrx_without_hlcom_never_gets_it() -> None:
    bench = Bench("cat-m1-edrx").idle()
    ue = bench.ue
    assert ue.windows is not None
    window = edrx.next_window(ue.windows, bench.now_ms)
    bench.run(ms=window.end_asf - bench.now_ms)

    datagram = bench.send(b"lost")
    assert datagram.outcome == "dropped"
    assert "cause 123" in datagram.trail[-1].rule
    bench.run(hours=24)
    assert bench.listener.payloads == []
