"""The order of network selection, against a second one written from TS 23.122."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.lte import PROFILES
from ip_commands.host_sim.lte.plmn_selection import Offer, higher_priority, selection_order
from ip_commands.host_sim.lte.sim_networks import SimNetworks
from tests.lte.plmn_reference import Heard, steps

PLMNS = ["00101", "00102", "00103", "26201", "26202", "310410", "311480", "90128"]
KINDS = ["cat-m1", "nb-iot", "lte"]

plmn = st.sampled_from(PLMNS)
entry = st.one_of(plmn, st.builds(lambda p, k: f"{p}/{k}", plmn, st.sampled_from(KINDS)))
heard_one = st.tuples(plmn, st.sampled_from(KINDS), st.integers(-125, -95))


def offer(one: Heard) -> Offer:
    name = one[1] if one[1] in PROFILES else "lte"
    return Offer(f"{one[0]}-{one[1]}", PROFILES[name].with_changes(plmn=one[0], rsrp_dbm=one[2]))


def heard(one: Offer) -> Heard:
    return one.cell.plmn, one.cell.access, one.cell.rsrp_dbm


@settings(max_examples=400, deadline=None)
@given(
    st.lists(heard_one, max_size=9, unique_by=lambda one: one[:2]),
    st.one_of(st.none(), plmn),
    st.lists(plmn, max_size=2, unique=True),
    st.lists(entry, max_size=4),
    st.lists(entry, max_size=4),
    st.sets(plmn, max_size=3),
    st.permutations(KINDS).flatmap(lambda kinds: st.sampled_from([kinds, kinds[:1], kinds[:2]])),
    st.integers(0, 99),
)
def test_the_order_is_that_of_the_standard(
    networks: list[Heard],
    registered: str | None,
    equivalent_home: list[str],
    user: list[str],
    operator: list[str],
    forbidden: set[str],
    can: list[str],
    seed: int,
) -> None:
    sim = SimNetworks(
        "90128", equivalent_home=equivalent_home, user_list=user, operator_list=operator
    )
    before = () if registered is None else (registered,)
    got = selection_order(
        [offer(one) for one in networks],
        sim,
        can,
        Random(seed),
        lambda cell: cell.plmn in forbidden,
        before,
    )
    order = [heard(one) for one in got]
    homes = equivalent_home or ["90128"]
    for group, is_random in steps(networks, registered, homes, user, operator, forbidden, can):
        found, order = order[: len(group)], order[len(group) :]
        assert (sorted(found) if is_random else found) == (sorted(group) if is_random else group)
    assert order == []


def test_strong_networks_come_in_every_order() -> None:
    sim = SimNetworks("90128")
    strong = [offer((plmn, "cat-m1", -100)) for plmn in PLMNS[:4]]
    firsts = [
        selection_order(strong, sim, KINDS, Random(seed), lambda cell: False)[0].cell.plmn
        for seed in range(400)
    ]
    for one in PLMNS[:4]:
        assert 70 < firsts.count(one) < 130  # 100 each


@pytest.mark.parametrize(
    ("here", "others", "found"),
    [
        ("00101", ["00102"], "00102"),  # the user's best
        ("00102", ["00101", "00103"], None),  # it is the best already
        ("00103", ["00101"], None),  # neither is on a list
        ("00103", ["00101", "26201"], None),  # a better one, in another country
        ("26202", ["26201", "00102"], "26201"),
        ("00103", ["90128", "00102"], "90128"),  # home counts wherever it is
        ("310410", ["311480"], "311480"),  # one country, two MCCs
    ],
)
def test_a_network_of_higher_priority(here: str, others: list[str], found: str | None) -> None:
    sim = SimNetworks("90128", user_list=["00102", "26201"], operator_list=["311480"])
    offers = [offer((one, "cat-m1", -100)) for one in [here, *others]]
    better = higher_priority(offers, offers[0], sim, KINDS, lambda cell: False)
    assert (None if better is None else better.cell.plmn) == found
    assert higher_priority(offers, offers[0], sim, ["lte"], lambda cell: False) is None
    assert higher_priority(offers, offers[0], sim, KINDS, lambda cell: True) is None


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        ({"user_list": ["2620"]}, "PLMN '2620': five or six digits"),
        ({"user_list": ["26201/5g"]}, "after the slash comes one of lte, cat-m1, nb-iot"),
        ({"forbidden": ["abcde"]}, "five or six digits"),
        ({"search_every_min": 61}, "a multiple of 6 up to 480"),
        ({"search_every_min": 486}, "of 120 up to 14400"),
        ({"search_every_min": -6}, "search_every_min -6"),
    ],
)
def test_impossible_lists_are_refused(lists: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        SimNetworks("90128", **lists)  # type: ignore[arg-type]


@pytest.mark.parametrize("every_min", [0, 6, 60, 480, 600, 7200, 14_400])
def test_possible_search_periods(every_min: int) -> None:
    assert SimNetworks("90128", search_every_min=every_min).search_every_min == every_min
