"""Every code of eDRX, PTW, T3324 and T3412, against tests/data/power_saving_vectors.json."""

import json

from ip_commands.device import power_saving as ps
from ip_commands.device.errors import InvalidValue
from tests.portable.raises import raises


def _vectors(name):
    with open("tests/data/power_saving_vectors.json") as file:
        rows = json.load(file)[name]
    assert len(rows) >= 4
    return rows


def _close(seconds, expected):
    # boards compute with 24-bit floats
    return abs(seconds - expected) < 0.001 + expected * 1e-6


def test_edrx_codes_both_ways():
    for act, bits, cycle_s, defined in _vectors("edrx"):
        assert _close(ps.edrx_seconds(bits, act), cycle_s), (act, bits)
        sent = ps.edrx_bits(cycle_s, act)
        assert (sent == bits) == bool(defined), (act, bits, sent)
        assert _close(ps.edrx_seconds(sent, act), cycle_s), (act, bits, sent)


def test_edrx_rounds_up_to_defined_codes_only():
    assert ps.edrx_bits(60, ps.EDRX_WB) == "0100"
    assert ps.edrx_bits(81.93, ps.EDRX_WB) == "0110"
    assert ps.edrx_bits(60, ps.EDRX_NB) == "0101"  # 61.44 s is not defined for NB-IoT
    assert ps.edrx_bits(1, ps.EDRX_WB) == "0000"
    assert ps.edrx_bits(1, ps.EDRX_NB) == "0010"
    for act, too_long_s in ((ps.EDRX_WB, 2621.45), (ps.EDRX_NB, 10485.78)):
        with raises(InvalidValue, "no eDRX code", "s"):
            ps.edrx_bits(too_long_s, act)
    # 30-bit floats may be 0.01 s off there
    for nearly_s in (10485.75, 10485.76, 10485.77):
        assert ps.edrx_bits(nearly_s, ps.EDRX_NB) == "1111"
    with raises(InvalidValue, "AcT-type 3"):
        ps.edrx_bits(20, 3)
    for bad_s in (0, -5, float("inf"), float("nan")):
        with raises(InvalidValue, "longer than 0 s"):
            ps.edrx_bits(bad_s, ps.EDRX_WB)


def test_ptw_codes():
    for act, bits, window_s in _vectors("ptw"):
        assert _close(ps.ptw_seconds(bits, act), window_s), (act, bits)


def test_cedrxp_lines():
    for line, expected in _vectors("cedrxp"):
        if expected == "error":
            with raises(InvalidValue):
                ps.parse_edrx(line)
            continue
        granted = ps.parse_edrx(line)
        assert granted == ps.parse_edrx(line.split(": ")[1].replace('"', ""))
        if expected is None:
            assert granted is None
            continue
        assert granted[0] == expected[0]
        for column in (1, 2, 3):
            got_s = granted[column]
            expected_s = expected[column]
            assert (got_s is None) == (expected_s is None), line
            assert got_s is None or _close(got_s, expected_s), line


def test_cedrxp_lines_that_are_none():
    for line in ("", "+CEDRXP:", '+CEDRXP: "0101"', '+CEDRXP: 4,"0121"', '+CEDRXP: 4,"01011"'):
        with raises(InvalidValue):
            ps.parse_edrx(line)
    for line in (
        '+CEDRXP: 4,"0101","0101","0101","0101"',
        "+CEREG: 0",
        "+CSQ: 4",
        "+CEDRXP: +CEDRXP: 4",
    ):
        with raises(InvalidValue, "not an eDRX line"):
            ps.parse_edrx(line)


def test_granted_psm():
    for active_bits, period_bits, expected in _vectors("psm_granted"):
        if expected == "error":
            with raises(InvalidValue, "8 digits 0 or 1"):
                ps.parse_psm(active_bits, period_bits)
            continue
        assert ps.parse_psm('"%s"' % active_bits, " " + period_bits) == tuple(expected)
    assert ps.parse_psm("11100000", "11100000") == (None, None)
    assert ps.t3324_seconds("01100010") == 120  # unit 3 is not defined: minutes
    assert ps.t3412_seconds("11011111") == 35712000


def test_psm_rounded_up():
    for active_s, active_bits, period_s, period_bits in _vectors("psm_up"):
        assert ps.t3324_bits(active_s) == active_bits
        if period_bits == "error":
            with raises(InvalidValue, "T3412"):
                ps.t3412_bits(period_s)
        else:
            assert ps.t3412_bits(period_s) == period_bits
    assert ps.t3324_bits(None) == ps.t3412_bits(None) == "11100000"
    assert ps.t3324_bits(0) == "00000000"
    assert ps.t3324_bits(11160) == "01011111"
    with raises(InvalidValue, "T3324"):
        ps.t3324_bits(11161)
    with raises(InvalidValue, "T3412", "longer than 0 s"):
        ps.t3412_bits(0)


def test_what_an_exact_encoder_sends_is_read():
    for name, read in (("timer_2_exact", ps.t3324_seconds), ("timer_3_exact", ps.t3412_seconds)):
        for seconds, unit, value in _vectors(name):
            if unit is not None:
                assert read(("0000000" + bin(unit << 5 | value)[2:])[-8:]) == seconds
