"""Where a device registers: lists, refusals, the search for better ones, steering, its host."""

import pytest

from ip_commands.host_sim.lte.network_selection import FoundNetwork
from ip_commands.host_sim.lte.refusals import attach_refusal
from ip_commands.host_sim.lte.steering import Steering
from ip_commands.host_sim.lte.visited_network import visited_network
from tests.lte.network_bench import START_MS, Bench
from tests.lte.networks_bench import NetworksBench

PLMN = {name: visited_network(name).plmn for name in ("hlcom", "no-hlcom", "slow", "short-edrx")}


def refuse_in(name: str, cause: int, **more: object):
    def answer(iccid: str, profile) -> object:
        return attach_refusal(cause, "a test", **more) if profile.name == name else None

    return answer


# -- lists of the SIM -----------------------------------------------------------------------------
def test_it_goes_where_it_was_last_registered_at_once() -> None:
    bench = NetworksBench(("slow", "hlcom"), lists={"user_list": [PLMN["hlcom"]]})
    bench.ue.connect()
    bench.run(seconds=7)
    assert bench.where == "slow"
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(seconds=7)
    assert bench.asked == ["slow", "slow"]


def test_without_that_it_searches_and_follows_the_lists() -> None:
    lists = {"user_list": [PLMN["no-hlcom"]], "operator_list": [PLMN["hlcom"]]}
    bench = NetworksBench(("slow", "hlcom", "no-hlcom"), lists=lists)
    bench.ue.sim.registered = None
    bench.ue.roam("hlcom", "no-hlcom")
    bench.ue.connect()
    bench.run(minutes=12)
    assert bench.asked == ["no-hlcom"]


def test_at_home_it_does_not_roam() -> None:
    home = visited_network("slow").with_changes("home", plmn="90128")
    bench = NetworksBench([*(visited_network("hlcom"), home)])
    bench.ue.connect()
    bench.run(minutes=1)
    assert bench.ue.registration == 5
    bench.ue.roam("home")
    bench.run(minutes=12)
    assert (bench.where, bench.ue.registration) == ("home", 1)


def test_a_forbidden_network_of_the_sim_is_not_tried() -> None:
    bench = NetworksBench(("slow", "hlcom"), lists={"forbidden": [PLMN["slow"]]})
    bench.ue.connect()
    bench.run(minutes=12)
    assert bench.asked == ["hlcom"]


def test_equivalent_networks_go_before_the_lists() -> None:
    first = visited_network("slow").with_changes(equivalent=[PLMN["hlcom"]])
    bench = NetworksBench(
        [first, visited_network("no-hlcom"), visited_network("hlcom")],
        lists={"user_list": [PLMN["no-hlcom"]]},
    )
    bench.ue.connect()
    bench.run(minutes=1)
    bench.ue.roam("no-hlcom", "hlcom")
    bench.run(minutes=12)
    assert bench.where == "hlcom"


# -- refusals lead elsewhere ----------------------------------------------------------------------
@pytest.mark.parametrize("cause", [11, 13, 14, 15, 35])
def test_a_refusal_for_the_network_or_area_leads_to_another(cause: int) -> None:
    bench = NetworksBench(("slow", "hlcom"))
    bench.refusing = refuse_in("slow", cause)
    bench.ue.connect()
    bench.run(seconds=10)
    assert (bench.ue.registration, bench.ue.state) == (2, "unreachable")
    bench.run(minutes=12)
    assert bench.asked == ["slow", "hlcom"]
    assert bench.where == "hlcom"
    assert bench.ue.reject_cause is None


@pytest.mark.parametrize("cause", [11, 13, 14, 15, 35])
def test_what_survives_a_switch_off(cause: int) -> None:
    """EF_FPLMN is on the SIM; the other lists are the device's memory."""
    bench = NetworksBench(("slow", "hlcom"))
    bench.refusing = refuse_in("slow", cause)
    bench.ue.connect()
    bench.run(minutes=12)
    bench.ue.roam("slow")
    bench.ue.switch_off()
    bench.asked.clear()
    bench.refusing = None
    bench.ue.switch_on()
    bench.run(minutes=12)
    on_the_sim = cause in (11, 35)
    assert (PLMN["slow"] in bench.ue.sim.forbidden) == on_the_sim
    assert (bench.where is None) == on_the_sim
    assert bench.asked == ([] if on_the_sim else ["slow"])
    assert bench.ue.registration == (3 if on_the_sim else 5)


def test_home_is_never_on_the_list_of_forbidden_networks() -> None:
    home = visited_network("slow").with_changes("home", plmn="90128")
    bench = NetworksBench([home, visited_network("hlcom")])
    bench.refusing = refuse_in("home", 11)
    bench.ue.connect()
    bench.run(minutes=12)
    assert (bench.where, bench.ue.sim.forbidden) == ("hlcom", {})


def test_12_stays_without_a_search() -> None:
    bench = NetworksBench(("slow", "hlcom"))
    bench.refusing = refuse_in("slow", 12)
    bench.ue.connect()
    bench.run(hours=6)
    assert (bench.asked, bench.ue.registration, bench.ue.reject_cause) == (["slow"], 3, 12)


def test_an_invalid_sim_goes_nowhere() -> None:
    bench = NetworksBench(("slow", "hlcom"))
    bench.refusing = refuse_in("slow", 8)
    bench.ue.connect()
    bench.run(hours=6)
    bench.ue.roam("hlcom")
    bench.run(hours=6)
    assert (bench.asked, bench.ue.registration, bench.ue.reject_cause) == (["slow"], 3, 8)
    bench.ue.switch_off()
    bench.ue.switch_on()
    bench.run(minutes=12)
    assert bench.where == "hlcom"


def test_five_failures_lead_elsewhere_or_to_t3402() -> None:
    bench = NetworksBench(("slow", "hlcom"))
    bench.refusing = refuse_in("slow", 17)
    bench.ue.connect()
    bench.run(minutes=15)
    assert bench.asked == ["slow"] * 5 + ["hlcom"]
    alone = NetworksBench(("slow",))
    alone.refusing = refuse_in("slow", 17)
    alone.ue.connect()
    alone.run(minutes=10)
    assert (alone.asked, alone.ue.registration) == (["slow"] * 5, 2)
    alone.refusing = None
    alone.run(minutes=5)
    assert alone.where == "slow"


@pytest.mark.parametrize("pattern", ["nrf9160", "continuous"])
def test_a_network_that_is_put_off_is_not_tried_before_t3402(pattern: str) -> None:
    bench = NetworksBench(("slow",), search_pattern=pattern, attach_ms=(1000, 1000, 1000))
    bench.refusing = refuse_in("slow", 17)
    bench.ue.connect()
    bench.run(seconds=45 + 700)
    assert len(bench.asked) == 5
    bench.run(minutes=10)
    assert len(bench.asked) == 10


@pytest.mark.parametrize("pattern", ["nrf9160", "continuous"])
def test_a_network_that_the_host_takes_off_the_list_is_tried_in_the_next_search(
    pattern: str,
) -> None:
    bench = NetworksBench(("slow",), search_pattern=pattern)
    bench.refusing = refuse_in("slow", 11)
    bench.ue.connect()
    bench.run(minutes=30)
    assert (bench.asked, bench.ue.registration) == (["slow"], 3)
    bench.refusing = None
    bench.ue.emm.attempts.clear_forbidden()
    bench.run(minutes=10)
    assert bench.where == "slow"


def test_an_end_of_t3402_does_not_disturb_an_attach_elsewhere() -> None:
    bench = NetworksBench(("slow", "hlcom"), attach_ms=(200_000, 200_000, 200_000))
    bench.ue.roam("slow")
    bench.refusing = refuse_in("slow", 17)
    bench.ue.connect()
    while len(bench.asked) < 5:
        bench.run(seconds=1)
    given_up_ms = bench.now_ms
    bench.run(minutes=9)
    bench.ue.roam("hlcom")
    while bench.ue.state != "attaching":
        bench.run(seconds=1)
    assert given_up_ms + 520_000 < bench.now_ms < given_up_ms + 720_000  # T3402 ends within
    bench.run(hours=1)
    assert bench.asked == ["slow"] * 5 + ["hlcom"]


def test_with_nothing_allowed_around_it_a_device_keeps_its_registration_elsewhere() -> None:
    bench = NetworksBench(("refuses-roaming", "hlcom"))
    bench.ue.connect()
    bench.run(minutes=12)
    address = bench.ue.ip_address
    assert bench.where == "hlcom"
    bench.ue.roam("refuses-roaming")
    bench.run(hours=11)
    assert (bench.ue.state, bench.ue.ip_address) == ("limited service", address)
    assert (bench.ue.registration, len(bench.asked)) == (2, 2)
    retry_ms = bench.ue.emm.search_at_ms
    assert retry_ms is not None
    assert START_MS + 12 * 3_600_000 < retry_ms < START_MS + 25 * 3_600_000
    bench.run(ms=retry_ms - bench.now_ms + 1)
    assert (bench.where, bench.ue.ip_address) == ("hlcom", address)
    bench.run(minutes=12)  # the area is not forbidden any more: it tries there
    assert (bench.asked, bench.where) == (["refuses-roaming", "hlcom", "refuses-roaming"], None)
    assert bench.ue.ip_address is None


def test_a_network_that_was_left_without_a_word_ends_the_session_by_its_timers() -> None:
    lists = {"user_list": [PLMN["slow"]], "search_every_min": 6}
    bench = NetworksBench(("hlcom", "slow"), lists=lists).idle()
    bench.refusing = refuse_in("slow", 12)
    bench.run(minutes=10)
    assert (bench.asked, bench.ue.registration) == (["hlcom", "slow"], 3)
    assert bench.ue.context.registered
    bench.run(hours=2)
    assert not bench.ue.context.registered


def test_when_none_is_left_it_is_denied_and_takes_what_comes() -> None:
    bench = NetworksBench(("not-allowed", "refuses-roaming", "hlcom"), search_pattern="nrf9160")
    bench.ue.roam("not-allowed", "refuses-roaming")
    bench.ue.connect()
    bench.run(minutes=30)
    assert bench.asked == ["not-allowed", "refuses-roaming"]
    assert (bench.ue.registration, bench.ue.reject_cause, bench.ue.state) == (
        *(3, 13),
        "limited service",
    )
    before = bench.ue.ledger.mah_by_cause
    bench.run(hours=2)
    after = bench.ue.ledger.mah_by_cause
    assert {cause for cause in after if after[cause] != before[cause]} == {"drx", "search"}
    bench.ue.roam("not-allowed", "hlcom")
    bench.run(minutes=10)
    assert bench.where == "hlcom"
    assert [value for value in bench.asked if value != "hlcom"] == bench.asked[:2]


# -- a network of higher priority -----------------------------------------------------------------
def test_a_roaming_device_looks_for_a_better_network_every_hour() -> None:
    lists = {"user_list": [PLMN["hlcom"]]}
    bench = NetworksBench(("slow", "hlcom"), lists=lists, profile="cat-m1").idle()
    address = bench.ue.ip_address
    bench.ue.roam("slow")
    bench.run(minutes=80)
    bench.ue.roam("slow", "hlcom")
    bench.run(minutes=30)
    assert (bench.where, bench.ue.ip_address) == ("slow", address)
    bench.run(minutes=15)
    assert bench.where == "hlcom"
    assert bench.ue.ip_address not in (None, address)
    searches = bench.ue.ledger.mah_by_cause["search"]
    bench.run(hours=10)
    # nothing is better than the first of the list but home
    assert bench.ue.ledger.mah_by_cause["search"] - searches == pytest.approx(
        10 * 30 * 18.9 / 3600, rel=0.11
    )


def test_the_period_is_the_sims_and_0_is_never() -> None:
    for every_min, expected in ((0, "slow"), (6, "hlcom"), (120, "slow")):
        lists = {"user_list": [PLMN["hlcom"]], "search_every_min": every_min}
        bench = NetworksBench(("slow", "hlcom"), lists=lists).idle()
        bench.run(minutes=100)
        assert bench.where == expected, every_min


def test_what_comes_due_in_psm_is_done_with_the_next_contact() -> None:
    lists = {"user_list": [PLMN["hlcom"]], "search_every_min": 30}
    bench = NetworksBench(("slow", "hlcom"), lists=lists, profile="psm").idle()
    bench.run(minutes=50)
    assert (bench.where, bench.ue.state) == ("slow", "PSM")
    bench.run(minutes=12)
    assert bench.where == "hlcom"


# -- steering -------------------------------------------------------------------------------------
@pytest.mark.parametrize(("cause", "times", "asked"), [(17, 5, 5), (15, 1, 1), (11, 4, 1)])
def test_the_home_core_steers_a_device_away(cause: int, times: int, asked: int) -> None:
    bench = NetworksBench(("slow", "hlcom"))
    bench.network.home.admission.steering = Steering([PLMN["hlcom"]], cause, times)
    bench.ue.connect()
    bench.run(minutes=15)
    assert bench.asked == ["slow"] * asked + ["hlcom"]
    refusal = bench.ue.last_refusal
    assert refusal is not None
    assert (refusal.by, refusal.cause) == ("home", cause)
    assert "steering of roaming" in refusal.text


def test_a_steered_device_that_has_no_other_network_is_let_in() -> None:
    bench = NetworksBench(("slow",))
    bench.network.home.admission.steering = Steering([PLMN["hlcom"]])
    bench.ue.connect()
    bench.run(minutes=20)
    assert (bench.where, len(bench.asked)) == ("slow", 6)
    with pytest.raises(ValueError, match="steering needs a preferred"):
        Steering([])
    with pytest.raises(ValueError, match="steering 0 times"):
        Steering(["00101"], times=0)


# -- the host's choice ----------------------------------------------------------------------------
def test_the_host_chooses_a_network_and_stays_there() -> None:
    bench = NetworksBench(("slow", "hlcom", "no-hlcom")).idle()
    bench.ue.select_network(PLMN["hlcom"])
    assert bench.ue.selection_mode == 1
    assert bench.ue.context.ip_address is None
    bench.run(minutes=12)
    assert bench.where == "hlcom"
    bench.ue.roam("slow", "no-hlcom")
    bench.run(minutes=40)
    assert bench.ue.registration == 2
    bench.ue.roam("slow", "hlcom")
    bench.run(minutes=1)
    assert (bench.where, bench.ue.registration) == ("hlcom", 5)
    bench.ue.select_automatically()
    assert (bench.where, bench.ue.selection_mode) == ("hlcom", 0)


def test_the_host_may_choose_a_forbidden_network_and_success_takes_it_off_the_list() -> None:
    bench = NetworksBench(("hlcom", "slow"), lists={"forbidden": [PLMN["slow"]]}).idle()
    bench.ue.select_network(PLMN["slow"], "cat-m1")
    bench.run(minutes=12)
    assert (bench.where, bench.ue.sim.forbidden) == ("slow", {})


def test_a_refused_choice_is_denied_or_left_to_the_device() -> None:
    for then_automatic in (False, True):
        bench = NetworksBench(("hlcom", "slow")).idle()
        bench.refusing = refuse_in("slow", 11)
        bench.ue.select_network(PLMN["slow"], then_automatic=then_automatic)
        assert bench.ue.selection_mode == (4 if then_automatic else 1)
        bench.run(minutes=30)
        if then_automatic:
            assert (bench.where, bench.ue.selection_mode) == ("hlcom", 0)
        else:
            assert (bench.ue.registration, bench.ue.reject_cause) == (3, 11)


def test_a_choice_that_fails_five_times_is_put_off_when_the_device_chooses() -> None:
    bench = NetworksBench(("hlcom", "slow"), lists={"user_list": [PLMN["slow"]]}).idle()
    bench.refusing = refuse_in("slow", 17)
    bench.ue.select_network(PLMN["slow"], then_automatic=True)
    bench.ue.sim.registered = None
    bench.run(minutes=24)
    assert bench.asked == ["hlcom", *["slow"] * 5, "hlcom"]


def test_a_choice_that_is_not_there_is_left_to_the_device_where_that_is_allowed() -> None:
    bench = NetworksBench(("hlcom", "slow")).idle()
    bench.ue.select_network("99999", then_automatic=True)
    bench.run(minutes=12)
    assert bench.where in ("hlcom", "slow")
    bench.ue.select_network("99999")
    bench.run(minutes=30)
    assert (bench.ue.registration, bench.ue.state) == (2, "limited service")


def test_deregistered_by_the_host_it_stays_out_whatever_comes() -> None:
    bench = NetworksBench(("hlcom", "slow")).idle()
    bench.ue.deregister()
    assert (bench.ue.registration, bench.ue.selection_mode, bench.ue.powered) == (0, 2, True)
    assert bench.ue.context.registered is False
    assert bench.listener.times("pdp", False)
    bench.ue.lose_coverage()
    bench.run(hours=1)
    bench.ue.find_coverage()
    bench.run(hours=1)
    assert (bench.ue.registration, bench.asked) == (0, ["hlcom"])
    bench.ue.select_automatically()
    bench.run(minutes=1)
    assert bench.where == "hlcom"


def test_a_list_of_networks_takes_minutes_and_says_which_are_forbidden() -> None:
    bench = NetworksBench(
        ("hlcom", "slow", "nb-iot-only"), lists={"forbidden": [PLMN["slow"]]}
    ).idle()
    lists: list[list[FoundNetwork]] = []
    assert bench.ue.list_networks(lists.append)
    assert not bench.ue.list_networks(lists.append)
    bench.run(seconds=29)
    assert lists == []
    bench.run(minutes=10)
    assert lists == [
        [
            FoundNetwork(2, "hlcom", PLMN["hlcom"], "cat-m1"),
            FoundNetwork(3, "slow", PLMN["slow"], "cat-m1"),
        ]
    ]
    assert bench.ue.state == "idle-eDRX"
    assert bench.ue.list_networks(lists.append)
    bench.ue.switch_off()
    assert lists[1:] == [[]]
    assert not bench.ue.list_networks(lists.append)


@pytest.mark.parametrize(("plmn", "access"), [("1", None), ("00101", "5g")])
def test_an_impossible_choice_is_refused(plmn: str, access: str | None) -> None:
    bench = NetworksBench(("hlcom",))
    with pytest.raises(ValueError, match=r"five or six digits|one of lte, cat-m1, nb-iot"):
        bench.ue.select_network(plmn, access)
    assert bench.ue.selection_mode == 0


# -- a device with one profile has one network to choose ------------------------------------------
def test_a_device_with_one_network_can_be_told_all_of_it() -> None:
    bench = Bench().idle()
    lists: list[list[FoundNetwork]] = []
    bench.ue.select_network("310410")
    assert bench.ue.registration == 5
    assert bench.ue.list_networks(lists.append)
    bench.run(minutes=11)
    assert lists == [[FoundNetwork(2, "cat-m1", "310410", "cat-m1")]]
    bench.ue.select_network("26201")
    bench.run(minutes=12)
    assert (bench.ue.registration, bench.ue.state) == (2, "limited service")
    bench.ue.deregister()
    assert bench.ue.registration == 0
    bench.ue.select_automatically()
    bench.run(minutes=1)
    assert (bench.ue.registration, bench.ue.selection_mode) == (5, 0)


# -- another tracking area of the same network ----------------------------------------------------
@pytest.mark.parametrize("cause", [12, 13, 15])
def test_an_area_that_is_forbidden_is_the_one_where_it_is(cause: int) -> None:
    bench = NetworksBench(("hlcom",), profile="cat-m1")
    bench.idle()
    bench.ue.enter_cell("1A2D099", tac="1111")
    bench.run(minutes=1)
    bench.network.home.detach(bench.ue, "a test", cause)
    bench.run(minutes=30)
    assert bench.ue.state == "limited service"
    assert (bench.ue.registration, bench.ue.reject_cause) == (3, cause)
    assert bench.asked == ["hlcom"]
    bench.ue.enter_cell("1A2D003", tac="2B67")  # that one never said no
    bench.run(minutes=1)
    assert bench.where == "hlcom"


def test_a_list_of_networks_says_of_the_present_area_that_it_is_forbidden() -> None:
    bench = NetworksBench(("hlcom",), profile="cat-m1")
    bench.idle()
    bench.ue.enter_cell("1A2D099", tac="1111")
    bench.run(minutes=1)
    bench.network.home.detach(bench.ue, "a test", 15)
    bench.run(minutes=1)
    lists: list[list[FoundNetwork]] = []
    bench.ue.list_networks(lists.append)
    bench.run(minutes=20)
    assert [entry.stat for entry in lists[0]] == [3]


@pytest.mark.parametrize("cause", [11, 12, 13, 14, 15])
def test_a_choice_that_may_become_automatic_does_so_after_every_cause(cause: int) -> None:
    bench = NetworksBench(("hlcom", "slow"), profile="cat-m1")
    bench.idle()
    bench.refusing = refuse_in("slow", cause)
    bench.ue.select_network(PLMN["slow"], then_automatic=True)
    bench.run(minutes=30)
    assert (bench.where, bench.ue.selection_mode) == ("hlcom", 0)


def test_without_that_cause_12_leaves_the_device_where_it_was_refused() -> None:
    bench = NetworksBench(("hlcom", "slow"), profile="cat-m1")
    bench.idle()
    bench.refusing = refuse_in("slow", 12)
    bench.ue.select_network(PLMN["slow"])
    bench.run(minutes=30)
    assert (bench.where, bench.ue.registration) == (None, 3)
