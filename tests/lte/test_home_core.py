"""What the home core does by itself, and what it tells of attaches and data connections."""

import pytest

from ip_commands.host_sim.lte import NotAttached
from ip_commands.host_sim.lte.refusals import HOME, attach_refusal
from ip_commands.host_sim.lte.session_record import ConnectionEvent
from tests.lte.network_bench import Bench
from tests.lte.states_and_events import connected, until


def told(bench: Bench) -> list[ConnectionEvent]:
    heard: list[ConnectionEvent] = []
    bench.network.home.on_event = heard.append
    return heard


# -- detach ---------------------------------------------------------------------------------------
def test_a_connected_device_hears_that_it_is_detached() -> None:
    bench = Bench()
    connected(bench)
    datagram = bench.send()
    assert bench.network.home.detach(bench.ue, "the SIM was switched off", cause=8)
    assert datagram.outcome == "dropped"
    assert (bench.ue.registration, bench.ue.reject_cause) == (3, 8)
    assert bench.listener.times("pdp", False) == [bench.now_ms]
    assert bench.listener.times("rrc", False)[-1] == bench.now_ms
    with pytest.raises(NotAttached, match="network detached the device: the SIM was switched off"):
        bench.send()
    assert not bench.network.home.detach(bench.ue, "again")


def test_an_idle_device_in_drx_is_paged_and_told() -> None:
    bench = Bench().idle()
    assert bench.network.home.detach(bench.ue, "the SIM was switched off", cause=8)
    assert bench.ue.registration == 5  # not yet
    bench.run(seconds=3)
    assert (bench.ue.registration, bench.ue.reject_cause) == (3, 8)
    assert bench.ue.ip_address is None


def test_without_a_cause_it_attaches_anew() -> None:
    bench = Bench().idle()
    old = bench.ue.ip_address
    bench.network.home.detach(bench.ue, "the fleet changed")
    bench.run(seconds=30)
    assert bench.ue.registration == 5
    assert bench.ue.ip_address not in (None, old)


@pytest.mark.parametrize("profile", ["cat-m1-edrx-hlcom", "psm"])
def test_a_sleeping_device_learns_at_its_next_contact(profile: str) -> None:
    bench = Bench(profile).idle()
    bench.run(seconds=60)
    bench.network.home.detach(bench.ue, "the SIM was switched off", cause=8)
    bench.network.home.admission.attach = lambda iccid, profile: attach_refusal(8, "inactive")
    bench.run(minutes=5)
    assert bench.ue.registration == 5
    assert bench.ue.ip_address is not None
    with pytest.raises(NotAttached, match="detached the device"):
        bench.send()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=20)
    assert bench.uplinks == []
    assert bench.network.waiting() == 0
    assert (bench.ue.registration, bench.ue.reject_cause) == (3, 8)


def test_a_device_that_hears_no_page_is_detached_implicitly() -> None:
    bench = Bench(page_miss=1.0).idle()
    bench.network.home.detach(bench.ue, "the SIM was switched off", cause=8)
    bench.run(minutes=1)
    assert bench.ue.registration == 5
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=30)
    assert bench.ue.registration == 5  # cause 10: it attached anew
    assert bench.ue.context.registered


def test_detached_during_a_fade_it_learns_at_its_next_contact_and_attaches_anew() -> None:
    bench = Bench()
    connected(bench)
    old = bench.ue.ip_address
    bench.ue.lose_coverage()
    bench.network.home.detach(bench.ue, "the SIM was switched off", cause=8)
    bench.run(seconds=1)
    assert bench.ue.registration == 5
    bench.ue.find_coverage()
    assert not bench.ue.rrc_connected
    assert not bench.ue.context.registered
    bench.run(seconds=30)
    assert bench.ue.context.registered
    assert bench.ue.ip_address not in (None, old)


# -- the end of a data connection -----------------------------------------------------------------
def test_the_network_ends_the_data_connection_of_a_connected_device() -> None:
    bench = Bench()
    connected(bench)
    down, up_before = bench.send(), len(bench.uplinks)
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    assert bench.network.home.end_session(bench.ue, "a test", cause=38)
    assert bench.listener.times("pdp", False) == [bench.now_ms]
    assert down.outcome == "dropped"
    bench.run(seconds=1)
    assert len(bench.uplinks) == up_before
    assert bench.network.waiting() == 0
    refusal = bench.ue.last_refusal
    assert refusal is not None
    assert (refusal.layer, refusal.cause) == ("ESM", 38)
    assert bench.ue.registration == 5


def test_an_idle_device_learns_of_it_at_its_next_contact() -> None:
    bench = Bench()
    bench.ue.switch_on()
    until(bench, lambda: bench.ue.registration == 5)
    bench.ue.activate_pdp("super")
    bench.run(seconds=60)
    bench.network.home.end_session(bench.ue, "a test")
    bench.run(minutes=5)
    assert bench.ue.ip_address is not None  # as it believes
    with pytest.raises(NotAttached, match="no data connection: ESM cause 36"):
        bench.send()
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=5)
    assert bench.uplinks == []
    assert bench.network.waiting() == 0
    assert bench.ue.ip_address is None
    assert bench.listener.times("pdp", False)


@pytest.mark.parametrize(
    ("profile", "cause", "is_paged"),
    [
        ("cat-m1", 39, True),
        ("lte", 39, True),
        ("cat-m1", 36, False),
        ("cat-m1-edrx-hlcom", 39, False),
        ("psm", 39, False),
    ],
)
def test_reactivation_requested_pages_a_device_in_drx(profile, cause, is_paged) -> None:
    bench = Bench(profile).idle()
    old, connections = bench.ue.ip_address, len(bench.listener.times("rrc", True))
    bench.network.home.end_session(bench.ue, "a test", cause)
    bench.run(seconds=8)
    assert (len(bench.listener.times("rrc", True)) > connections) is is_paged
    assert (bench.ue.context.ip_address not in (None, old)) is is_paged
    if is_paged:
        assert bench.listener.times("pdp", False)
        bench.run(minutes=10)  # and once is enough
        assert len(bench.listener.times("rrc", True)) == connections + 1


def test_nobody_is_paged_on_who_knows_already() -> None:
    bench = Bench().idle()
    bench.network.home.end_session(bench.ue, "a test", 39)
    bench.ue.activate_pdp("super")
    bench.run(minutes=5)
    assert bench.ue.ip_address == bench.ue.context.ip_address is not None
    assert len(bench.listener.times("rrc", True)) == 2  # of the attach, and this


def test_a_device_that_hears_no_page_learns_of_it_at_its_next_contact() -> None:
    bench = Bench(page_miss=1.0).idle()
    bench.network.home.end_session(bench.ue, "a test", 39)
    bench.run(minutes=1)
    assert len(bench.listener.times("rrc", True)) == 1
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=5)
    assert bench.listener.times("pdp", False)


def test_the_next_data_connection_has_another_address() -> None:
    bench = Bench().idle()
    addresses = {bench.ue.ip_address}
    for _ in range(5):
        bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
        bench.run(seconds=2)
        bench.network.home.end_session(bench.ue, "a test")
        bench.run(seconds=2)  # a UE without a modem brings it up again by itself
        addresses.add(bench.ue.ip_address)
    assert None not in addresses
    assert len(addresses) == 6


def test_a_session_lasts_as_long_as_the_profile_says() -> None:
    bench = Bench(session_max_s=3600)
    heard = told(bench)
    bench.ue.connect()
    bench.run(hours=3.5)
    ends = [event for event in heard if event.event == "session ended"]
    assert len(ends) >= 2  # idle, it learns of each only at its periodic TAU
    assert {event.at_ms - (event.started_ms or 0) for event in ends} == {3_600_000}
    assert len({event.ip_address for event in ends}) == len(ends)
    assert "ESM cause 36: regular deactivation (it lasted 3600 s" in ends[0].reason


def test_a_data_limit_ends_the_session() -> None:
    bench = Bench()
    bench.network.home.admission.allowance_bytes = lambda iccid: 1000
    bench.ue.switch_on()
    until(bench, lambda: bench.ue.registration == 5)
    bench.ue.activate_pdp("super")
    bench.run(seconds=2)
    for _ in range(3):
        bench.ue.send_udp(b"x" * 300, 1, "100.64.0.1", 6969)
        bench.run(seconds=1)
    assert bench.ue.ip_address is not None
    datagram = bench.send(b"x" * 300)
    bench.run(seconds=1)
    assert bench.ue.ip_address is None
    assert "data limit is reached" in datagram.trail[-1].rule
    assert len(bench.uplinks) == 3


# -- what is told ---------------------------------------------------------------------------------
def test_a_good_start_and_end() -> None:
    bench = Bench()
    heard = told(bench)
    bench.idle()
    bench.send(b"x" * 100)
    bench.run(seconds=5)
    bench.ue.send_udp(b"x" * 10, 1, "100.64.0.1", 6969)
    bench.run(seconds=5)
    bench.ue.switch_off()
    names = [event.event for event in heard]
    assert names == ["attach accepted", "session started", "session ended"]
    accepted, started, ended = heard
    assert (accepted.ue_name, accepted.plmn, accepted.session) == ("device-1", "310410", None)
    assert (started.session, started.apn) == (1, "super")
    assert started.ip_address is not None
    assert (ended.up_bytes, ended.down_bytes) == (38, 128)
    assert (ended.total_up_bytes, ended.total_down_bytes) == (38, 128)
    assert ended.started_ms == started.at_ms
    assert ended.reason == "the device detached"


def test_updates_tell_what_came_since_the_last() -> None:
    bench = Bench()
    bench.network.home.update_s = 360
    heard = told(bench)
    bench.idle()
    bench.send(b"x" * 100)
    bench.run(minutes=6)
    bench.send(b"x" * 10)
    bench.run(minutes=12)
    updates = [event for event in heard if event.event == "session updated"]
    assert [event.down_bytes for event in updates] == [128, 38, 0]
    assert [event.total_down_bytes for event in updates] == [128, 166, 166]
    assert all(event.since_ms == event.at_ms - 360_000 for event in updates)
    bench.ue.deactivate_pdp()
    bench.run(hours=1)
    assert [event.event for event in heard][-1] == "session ended"


def test_rejected_and_failed() -> None:
    bench = Bench()
    heard = told(bench)
    answers = [
        attach_refusal(17, "the core failed", HOME, service_code=83700),
        attach_refusal(8, "inactive", HOME, service_code=83705),
    ]
    bench.network.home.admission.attach = lambda iccid, profile: answers.pop(0)
    bench.ue.connect()
    bench.run(minutes=1)
    assert [event.event for event in heard] == ["attach failed", "attach rejected"]
    assert [event.refusal.service_code for event in heard if event.refusal] == [83700, 83705]
    bench = Bench(session_reject=38)
    heard = told(bench)
    bench.ue.connect()
    bench.run(minutes=1)
    assert [event.event for event in heard] == ["attach accepted", "session failed"]
    assert heard[1].apn == "super"


def test_every_start_has_one_end_whatever_happens() -> None:
    bench = Bench(session_max_s=1000, attaches_per_hour=20, congestion=0.1, t3346_s=60)
    heard = told(bench)
    bench.ue.connect()
    for number in range(60):
        bench.run(seconds=301)
        what = ("lose_power", "switch_off", "deactivate_pdp", "lose_coverage", "reallocate_guti")
        getattr(bench.ue, what[number % 5])()
        bench.run(seconds=20)
        bench.ue.switch_on()
        bench.ue.find_coverage()
        bench.ue.activate_pdp("super")
    bench.ue.lose_power()
    bench.run(hours=3)
    started = [event.session for event in heard if event.event == "session started"]
    ended = [event.session for event in heard if event.event == "session ended"]
    assert started == ended == sorted(set(started))
    assert len(started) > 20


def test_a_device_that_asks_anew_before_it_heard_of_the_end_keeps_the_new_one() -> None:
    bench = Bench().idle()
    old = bench.ue.ip_address
    bench.network.home.end_session(bench.ue, "a test")
    bench.ue.deactivate_pdp()
    bench.ue.activate_pdp("super")
    bench.run(seconds=60)
    bench.ue.send_udp(b"up", 1, "100.64.0.1", 6969)
    bench.run(seconds=5)
    assert bench.ue.ip_address == bench.ue.context.ip_address != old
    assert len(bench.uplinks) == 1
