"""Refused attaches and data connections: what the device shows, waits for, and tries again."""

from itertools import pairwise

import pytest

from ip_commands.host_sim.fake_modems.engine.radio import TellsRejectCause
from ip_commands.host_sim.lte import PROFILES, NotAttached
from ip_commands.host_sim.lte.admission import Admission
from ip_commands.host_sim.lte.attempts import MAX_FORBIDDEN, AttachAttempts
from ip_commands.host_sim.lte.emm_causes import EMM_CAUSES, FOR_GOOD, GO_ON
from ip_commands.host_sim.lte.refusals import attach_refusal, session_refusal
from tests.lte.network_bench import Bench
from tests.lte.states_and_events import until


class RefusingBench(Bench):
    """A network that counts attaches, and refuses them until told otherwise."""

    def __init__(self, cause: int | None, back_off_s: int | None = None, **changes: object):
        super().__init__(**changes)
        self.cause = cause
        self.back_off_s = back_off_s
        self.asked_ms: list[int] = []
        self.network.home.admission.attach = self.answer

    def answer(self, iccid: str, profile: object) -> object:
        self.asked_ms.append(self.now_ms)
        if self.cause is None:
            return None
        return attach_refusal(self.cause, "the test wants it", back_off_s=self.back_off_s)

    def gaps_s(self) -> list[int]:
        """Whole seconds between attaches, without what each takes by itself."""
        return [(later - earlier) // 1000 for earlier, later in pairwise(self.asked_ms)]


@pytest.mark.parametrize("cause", sorted(EMM_CAUSES))
def test_every_cause_leads_where_its_row_says(cause: int) -> None:
    bench = RefusingBench(cause)
    bench.ue.connect()
    bench.run(seconds=7)
    reaction = EMM_CAUSES[cause].reaction
    if reaction == GO_ON:
        assert bench.ue.registration == 5
        return
    with pytest.raises(NotAttached, match=f"attach rejected, EMM cause {cause}: .*the test wants"):
        bench.send()
    for_good = reaction in FOR_GOOD
    assert (bench.ue.registration, bench.ue.reject_cause) == (
        (3, cause) if for_good else (2, None)
    )
    assert bench.ue.last_refusal is not None
    assert bench.ue.last_refusal.cause == cause
    bench.run(hours=10)
    assert (len(bench.asked_ms) == 1) == for_good
    assert bench.ue.ip_address is None


def test_a_device_is_a_radio_that_tells_its_reject_cause() -> None:
    bench = RefusingBench(8)
    bench.ue.connect()
    bench.run(seconds=10)
    radio = bench.ue
    assert isinstance(radio, TellsRejectCause)
    assert radio.reject_cause == 8
    heard = [at for at, what, _ in bench.listener.heard if what == "registration"]
    assert len(heard) == 2  # searching, denied
    text = radio.explain_state()
    assert "limited service: EMM cause 8: EPS services and non-EPS" in text
    assert "does not try again here before it is switched off" in text


@pytest.mark.parametrize("cause", [3, 6, 7, 8])
def test_an_invalid_sim_stays_so_until_the_radio_was_off(cause: int) -> None:
    bench = RefusingBench(cause)
    bench.ue.connect()
    bench.run(hours=30)
    bench.cause = None
    bench.ue.lose_coverage()
    bench.run(seconds=10)
    bench.ue.find_coverage()
    bench.ue.enter_cell("00000B2", "0002")
    bench.run(hours=1)
    assert (len(bench.asked_ms), bench.ue.registration) == (1, 3)
    bench.ue.switch_off()
    assert (bench.ue.registration, bench.ue.reject_cause, bench.ue.last_refusal) == (0, None, None)
    bench.ue.switch_on()
    bench.run(seconds=30)
    assert bench.ue.registration == 5
    assert bench.ue.ip_address is not None


@pytest.mark.parametrize("cause", [11, 35])
def test_a_forbidden_network_is_on_the_sim_and_survives_a_switch_off(cause: int) -> None:
    bench = RefusingBench(cause)
    bench.ue.connect()
    bench.run(seconds=30)
    bench.cause = None
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(hours=1)
    assert (len(bench.asked_ms), bench.ue.registration, bench.ue.reject_cause) == (1, 3, cause)
    bench.ue.move_to(PROFILES["cat-m1"].with_changes(plmn="26201"))
    bench.run(seconds=30)
    assert bench.ue.registration == 5
    bench.ue.move_to(PROFILES["cat-m1"])
    bench.run(seconds=30)
    assert bench.ue.registration == 3
    bench.ue.emm.attempts.clear_forbidden()
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(seconds=30)
    assert bench.ue.registration == 5


def test_14_ends_with_a_switch_off_and_holds_in_its_network_only() -> None:
    bench = RefusingBench(14)
    bench.ue.connect()
    bench.run(seconds=30)
    bench.ue.enter_cell("00000B2", "0002")
    bench.run(seconds=30)
    assert len(bench.asked_ms) == 1
    bench.cause = None
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(seconds=30)
    assert bench.ue.registration == 5


@pytest.mark.parametrize("cause", [12, 13, 15])
def test_a_forbidden_area_is_left_or_forgotten_after_half_a_day(cause: int) -> None:
    bench = RefusingBench(cause)
    bench.ue.connect()
    bench.run(hours=11)
    assert (len(bench.asked_ms), bench.ue.registration) == (1, 3)
    bench.run(hours=14)
    assert len(bench.asked_ms) == 2
    bench.cause = None
    bench.ue.enter_cell("00000B2", "0002")
    bench.run(seconds=10)
    assert bench.ue.registration == 5


@pytest.mark.parametrize("cause", [16, 17, 19, 42, 111])
def test_five_tries_after_t3411_then_t3402(cause: int) -> None:
    bench = RefusingBench(cause, attach_ms=(1000, 1000, 1000))
    bench.ue.connect()
    bench.run(minutes=30)
    assert bench.gaps_s()[:9] == [11, 11, 11, 11, 721, 11, 11, 11, 11]
    assert bench.ue.registration == 2
    bench.cause = None
    bench.run(minutes=13)
    assert bench.ue.registration == 5


def test_the_timers_are_parameters() -> None:
    bench = RefusingBench(
        17, attach_ms=(1000, 1000, 1000), t3411_s=30, t3402_s=100, attach_attempts=2
    )
    bench.ue.connect()
    bench.run(minutes=8)
    assert bench.gaps_s()[:4] == [31, 101, 31, 101]


@pytest.mark.parametrize("cause", [9, 10, 40])
def test_attach_again_at_once_but_not_for_ever(cause: int) -> None:
    bench = RefusingBench(cause, attach_ms=(1000, 1000, 1000))
    bench.ue.connect()
    bench.run(minutes=11)
    assert bench.gaps_s() == [1, 1, 1, 1]


def test_congestion_waits_for_t3346_also_across_a_switch_off() -> None:
    bench = RefusingBench(22, back_off_s=1800, attach_ms=(1000, 1000, 1000))
    bench.ue.connect()
    bench.run(minutes=10)
    assert (len(bench.asked_ms), bench.ue.registration) == (1, 2)
    assert "tries again at" in bench.ue.explain_state()
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(minutes=19)
    assert len(bench.asked_ms) == 1
    bench.cause = None
    bench.run(minutes=2)
    assert bench.ue.registration == 5


def test_congestion_without_t3346_counts_as_a_failure() -> None:
    bench = RefusingBench(22, attach_ms=(1000, 1000, 1000))
    bench.ue.connect()
    bench.run(minutes=3)
    assert bench.gaps_s() == [11, 11, 11, 11]


# -- what a profile refuses -----------------------------------------------------------------------
def test_a_profile_refuses_every_attach() -> None:
    bench = Bench(attach_reject=13)
    bench.ue.connect()
    bench.run(seconds=10)
    assert (bench.ue.registration, bench.ue.reject_cause) == (3, 13)


def test_congestion_is_a_chance() -> None:
    refused = 0
    for seed in range(60):
        bench = Bench(seed=seed, congestion=0.5)
        bench.ue.connect()
        bench.run(seconds=10)
        refused += bench.ue.registration == 2
        bench.run(hours=6)
        assert bench.ue.registration == 5
    assert 18 <= refused <= 42


def test_attaches_are_limited_per_hour_and_sim() -> None:
    bench = Bench(attaches_per_hour=3, attach_ms=(1000, 1000, 1000), t3346_s=600)
    for number in range(5):
        bench.ue.switch_on()
        bench.run(seconds=20)
        assert bench.ue.registration == (5 if number < 3 else 2)
        bench.ue.switch_off()
        bench.run(seconds=20)
    bench.ue.switch_on()
    bench.run(minutes=12)  # T3346 of the fourth is over
    refusal = bench.ue.last_refusal
    assert refusal is not None
    assert (refusal.cause, refusal.by, refusal.service_code) == (22, "home", 83703)
    bench.run(hours=1)
    assert bench.ue.registration == 5


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"congestion": 2}, "probability"),
        ({"attach_reject": 300}, "one octet"),
        ({"session_reject": -1}, "one octet"),
        ({"ac_barring_factor": 0}, "ac_barring_factor 0"),
    ],
)
def test_impossible_refusals_are_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Bench(**changes)


# -- data connections -----------------------------------------------------------------------------
def test_a_refused_data_connection_leaves_the_device_attached_and_says_why() -> None:
    bench = Bench(session_reject=33)
    bench.ue.connect()
    bench.run(seconds=30)
    assert (bench.ue.registration, bench.ue.ip_address) == (5, None)
    assert bench.listener.times("pdp", False)
    assert bench.ue.last_refusal is not None
    assert bench.ue.last_refusal.text.startswith("ESM cause 33: requested service option not")
    with pytest.raises(NotAttached, match="no data connection: ESM cause 33"):
        bench.send()


@pytest.mark.parametrize(
    ("cause", "t3396_s", "wait_s"),
    [(27, None, 720), (33, None, 720), (8, 60, 60), (26, 300, 300), (26, None, 0), (50, 60, 0)],
)
def test_back_off_of_an_apn(cause: int, t3396_s: int | None, wait_s: int) -> None:
    bench = Bench(session_reject=cause, t3396_s=t3396_s)
    bench.ue.switch_on()
    until(bench, lambda: bench.ue.registration == 5)
    bench.ue.activate_pdp("super")
    bench.run(seconds=1)
    assert bench.ue.ip_address is None
    bench.ue.camping.profile = bench.ue.profile.with_changes(session_reject=None)
    if wait_s:
        bench.run(seconds=wait_s - 10)
        bench.ue.activate_pdp("super")
        bench.run(seconds=8)
        assert bench.ue.ip_address is None
    bench.run(seconds=10)
    bench.ue.activate_pdp("super")
    bench.run(seconds=10)
    assert bench.ue.ip_address is not None


def test_another_apn_need_not_wait() -> None:
    bench = Bench()
    bench.network.home.admission = Admission(bench.queue, ["super"])
    bench.ue.switch_on()
    until(bench, lambda: bench.ue.registration == 5)
    bench.ue.activate_pdp("wrong")
    bench.run(seconds=2)
    assert bench.ue.last_refusal is not None
    assert bench.ue.last_refusal.cause == 27
    bench.ue.activate_pdp("super")
    bench.run(seconds=2)
    assert bench.ue.ip_address is not None


# -- access barring -------------------------------------------------------------------------------
def test_access_barring_delays_uplink_and_attach_but_no_answer_to_a_page() -> None:
    waits_ms = []
    for seed in range(40):
        bench = Bench(seed=seed, ac_barring_factor=0.3, ac_barring_s=64)
        bench.ue.connect()
        until(bench, lambda: bench.ue.ip_address is not None, step_ms=1000)  # noqa: B023
        until(bench, lambda: bench.ue.state == "idle-DRX", step_ms=100)  # noqa: B023
        begin_ms = bench.now_ms
        bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
        bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
        until(bench, lambda: len(bench.uplinks) == 2, step_ms=100)  # noqa: B023
        waits_ms.append(bench.now_ms - begin_ms)
    assert sum(wait_ms < 2000 for wait_ms in waits_ms) in range(4, 22)  # 12 of 40 expected
    assert max(waits_ms) > 60_000
    bench = Bench(ac_barring_factor=0.01, ac_barring_s=512)
    bench.ue.connect()
    until(bench, lambda: bench.ue.state == "idle-DRX", step_ms=10_000, most_s=1_000_000)
    datagram = bench.send()
    bench.run(seconds=3)
    assert datagram.outcome == "delivered"


def test_a_page_lets_out_what_barring_kept() -> None:
    bench = Bench(ac_barring_factor=0.01, ac_barring_s=512)
    bench.ue.connect()
    until(bench, lambda: bench.ue.state == "idle-DRX", step_ms=10_000, most_s=1_000_000)
    bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(seconds=5)
    assert bench.uplinks == []
    bench.send()
    bench.run(seconds=3)
    assert len(bench.uplinks) == 1


# -- lists ----------------------------------------------------------------------------------------
def test_the_lists_of_forbidden_places_are_bounded() -> None:
    attempts = AttachAttempts()
    bench = Bench()
    for number in range(3 * MAX_FORBIDDEN):
        for cause in (11, 14, 15):
            profile = PROFILES["cat-m1"].with_changes(plmn=f"{number:06d}")
            attempts.rejected(attach_refusal(cause, ""), profile, 0, bench.ue.random)
    assert len(attempts._forbidden_plmns) == MAX_FORBIDDEN
    assert len(attempts._forbidden_for_data) == MAX_FORBIDDEN
    assert len(attempts._forbidden_areas) == MAX_FORBIDDEN
    assert attempts.barred_by(profile, 0) is not None


def test_session_refusals_check_their_cause() -> None:
    with pytest.raises(ValueError, match="ESM cause 256"):
        session_refusal(256, "")
