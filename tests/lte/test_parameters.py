"""Every parameter of a profile has a kind and a range, and is refused with a sentence outside."""

import re
from dataclasses import fields

import pytest

from ip_commands.host_sim.lte import PROFILES, Profile
from ip_commands.host_sim.lte.profile_checks import CHECKS
from ip_commands.host_sim.lte.visited_network import VISITED_NETWORKS
from tests.lte.network_bench import Bench

NAMES = [item.name for item in fields(Profile) if item.init]
NEVER = (object(), [], {}, -(10**10), 10**400, float("nan"), float("inf"), "?", b"x", (1,), "")
MAY_BE_NONE = [name for name in NAMES if getattr(PROFILES["cat-m1"], name) is None]


def test_every_parameter_is_checked() -> None:
    assert sorted(CHECKS) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_cannot_be_is_refused_by_its_name(name: str) -> None:
    wrong = [*NEVER, *(() if name in MAY_BE_NONE or name == "t3346_s" else (None,))]
    if not isinstance(getattr(PROFILES["cat-m1"], name), bool):
        wrong.append(True)
    else:
        wrong += [0, 1, "yes"]
    for value in wrong:
        if (name, value) in (("name", "?"), ("name", ""), ("ce_thresholds_dbm", [])):
            continue
        with pytest.raises(ValueError, match=f"^{name} ") as caught:
            PROFILES["cat-m1"].with_changes(**{name: value})
        assert "'>" not in str(caught.value)  # no words of Python's own


@pytest.mark.parametrize(
    ("name", "value", "needed"),
    [
        ("attaches_per_hour", "x", "a whole number from 1 to 1000000000 is needed"),
        ("t3346_s", -5, "a whole number from 1 "),
        ("rrc_inactivity_ms", 0, "a whole number from 1 "),
        ("mpdcch_repetitions", 3, "1, 2, 4, 8, 16, 32, 64, 128 or 256 is needed"),
        ("registration", 9, "1 or 5 is needed"),
        ("mtu_bytes", 10, "a whole number from 68 to 65535"),
        ("page_miss", "x", "a probability, 0 to 1, is needed"),
        ("datagram_loss", True, "a probability"),
        ("ac_barring_factor", 0, "a probability above 0"),
        ("session_reject", 300, "one octet, 0 to 255, is needed"),
        ("attach_reject", "13", "one octet"),
        ("requested_edrx", 5, "a text of 4 bits is needed"),
        ("psm_longest", ("1", "2"), "two texts of eight bits"),
        ("psm_longest", ("11100000", "00001000"), "both timers must run"),
        ("connect_ms", (1, 2), "three whole numbers"),
        ("connect_ms", ("a", "b", "c"), "three whole numbers"),
        ("attach_ms", (0, 0, 0), "three whole numbers of 1 or more"),
        ("attach_ms", (3, 2, 1), "least, most likely, most"),
        ("plmn", "abc", "five or six digits"),
        ("tac", "12345", "a text of up to 4 hexadecimal digits"),
        ("access", "5g", "lte, cat-m1 or nb-iot is needed"),
        ("paging", "mpdcch", "a PagingConfig is needed"),
        ("rsrp_dbm", -999, "a number from -156 to -31"),
        ("hlcom_windows", 0, "a whole number from 1"),
        ("ce_thresholds_dbm", "x", "up to two numbers"),
    ],
)
def test_the_sentence_says_what_is_needed(name: str, value: object, needed: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{name} {value!r}: {needed}')}"):
        PROFILES["cat-m1"].with_changes(**{name: value})


def test_a_profile_is_checked_where_a_device_or_a_network_is_made() -> None:
    with pytest.raises(ValueError, match="page_miss 2"):
        Bench(page_miss=2)
    with pytest.raises(ValueError, match="nat_udp_idle_s 'x'"):
        VISITED_NETWORKS["hlcom"].with_changes("mine", nat_udp_idle_s="x")
    with pytest.raises(ValueError, match="tac 'zz'"):
        Bench().idle().ue.enter_cell("1", "zz")


@pytest.mark.parametrize("cause", [9, 17, 22, 13, 11])
def test_no_settings_of_refusals_stop_time(cause: int) -> None:
    least = {
        "t3411_s": 1,
        "t3402_s": 1,
        "t3346_s": 1,
        "attach_ms": (1, 1, 1),
        "attach_attempts": 1,
    }
    bench = Bench(attach_reject=cause, **least)
    bench.ue.connect()
    bench.run(minutes=1)
    assert not bench.ue.emm.registered
