"""Codes: every one there and back, both rounding rules, refusals with reasons."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.lte import edrx_codes, epc_timer, psm

FAST = settings(max_examples=80, deadline=None)
BITS8 = st.integers(0, 255).map(lambda number: f"{number:08b}")


@pytest.mark.parametrize(
    ("mode", "defined"), [("wb", range(14)), ("nb", (2, 3, 5, 9, 10, 11, 12, 13, 14, 15))]
)
def test_defined_edrx_codes_return(mode: str, defined: range | tuple[int, ...]) -> None:
    for code in range(16):
        bits = f"{code:04b}"
        again = edrx_codes.encode_edrx(edrx_codes.decode_edrx(bits, mode), mode)
        assert (again == bits) == (code in defined)
        assert edrx_codes.decode_edrx(again, mode) == edrx_codes.decode_edrx(bits, mode)


@pytest.mark.parametrize("mode", ["wb", "nb"])
def test_ptw_codes_return(mode: str) -> None:
    for code in range(16):
        bits = f"{code:04b}"
        assert edrx_codes.encode_ptw(edrx_codes.decode_ptw(bits, mode), mode) == bits


def test_edrx_rounding_rules() -> None:
    assert edrx_codes.encode_edrx(60_000, "wb", "up") == "0100"
    assert edrx_codes.encode_ptw(2000, "nb", "up") == "0000"
    with pytest.raises(ValueError, match=r"next longer one is 61\.44 s"):
        edrx_codes.encode_edrx(60_000, "wb")
    for call in (
        lambda: edrx_codes.encode_edrx(2_621_441, "wb", "up"),
        lambda: edrx_codes.encode_edrx(0, "wb", "up"),
        lambda: edrx_codes.encode_edrx(10240, "wb", "down"),
        lambda: edrx_codes.decode_edrx("0101", "5g"),
        lambda: edrx_codes.decode_ptw("101", "wb"),
        lambda: edrx_codes.decode_edrx("01x1", "wb"),
    ):
        with pytest.raises(ValueError, match=r"there is no|needed|not four bits"):
            call()


@FAST
@given(st.integers(0, 11160))
def test_t3324_rounds_up_to_the_nearest(seconds: int) -> None:
    lengths = {psm.decode_t3324(f"{code:08b}") for code in range(96)}
    bits = psm.encode_t3324(seconds)
    assert psm.decode_t3324(bits) == min(s for s in lengths if s is not None and s >= seconds)
    lower = [f"{code:08b}" for code in range(int(bits[:3], 2) << 5)]
    assert psm.decode_t3324(bits) not in {psm.decode_t3324(other) for other in lower}


@FAST
@given(st.integers(0, 35_712_000))
def test_t3412_rounds_up_to_the_nearest(seconds: int) -> None:
    lengths = {psm.decode_t3412(f"{code:08b}") for code in range(224)}
    found = psm.decode_t3412(psm.encode_t3412(seconds))
    assert found == min(s for s in lengths if s is not None and s >= seconds)


@FAST
@given(BITS8)
def test_exact_rule_takes_the_finest_unit(bits: str) -> None:
    for decode, encode in (
        (psm.decode_t3324, psm.encode_t3324),
        (psm.decode_t3412, psm.encode_t3412),
    ):
        seconds = decode(bits)
        again = encode(seconds, rounding="exact")
        assert decode(again) == seconds


@pytest.mark.parametrize(
    ("seconds", "rounding", "reason"),
    [
        (11161, "up", "11160 s is the longest"),
        (-1, "up", "negative"),
        (64, "exact", "no unit holds it exactly"),
        (64, "exact", "next longer one is 120 s"),
        (1.5, "up", "whole seconds"),
        (math.nan, "up", "whole seconds"),
        (math.inf, "exact", "whole seconds"),
        (2, "nearest", "up or exact"),
    ],
)
def test_t3324_refusals(seconds: float, rounding: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        psm.encode_t3324(seconds, rounding)  # type: ignore[arg-type]


def test_deactivated_timers() -> None:
    assert psm.encode_t3324(None) == psm.encode_t3412(None) == "11100000"
    assert psm.decode_t3324("11111111") is None
    assert psm.decode_t3324("01100001") == 60  # an open unit code: one minute


@FAST
@given(st.floats(0, epc_timer.LONGEST_S))
def test_epc_timer_rounds_up_to_the_nearest(seconds: float) -> None:
    lengths = [epc_timer.decode(octet) for octet in range(160)]
    assert epc_timer.round_up(seconds) == min(s for s in lengths if s >= seconds)


@pytest.mark.parametrize("octet", range(256))
def test_epc_timer_octets(octet: int) -> None:
    seconds = epc_timer.decode(octet)
    assert epc_timer.decode(epc_timer.encode_up(seconds)) == seconds
    if seconds != math.inf:
        assert epc_timer.decode(epc_timer.encode_exact(int(seconds))) == seconds


def test_epc_timer_refusals() -> None:
    for call in (
        lambda: epc_timer.encode_exact(61),
        lambda: epc_timer.encode_up(-1),
        lambda: epc_timer.encode_up(epc_timer.LONGEST_S + 1),
        lambda: epc_timer.decode(256),
    ):
        with pytest.raises(ValueError, match=r"exact|negative|longest|octet"):
            call()
