"""eDRX, PTW, T3324 and T3412 codes to seconds and back. Pure functions, small in RAM.

Sources: 3GPP TS 24.008 10.5.5.32 (extended DRX parameters), 10.5.7.4 (GPRS timer 2), 10.5.7.4a
(GPRS timer 3); TS 27.007 7.40 (+CEDRXS, +CEDRXP) and 7.41 (+CEDRXRDP). Rounding: up, as Nordic's
sdk-nrf does.
"""

from .errors import InvalidValue
from .portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Edrx = tuple[int, float | None, float | None, float | None]

# AcT-type of +CEDRXS and +CEDRXP (TS 27.007 7.40)
EDRX_WB = 4
"""LTE and Cat-M1 (WB-S1 mode)."""
EDRX_NB = 5
"""NB-IoT (NB-S1 mode)."""

# Cycle per code, in units of 5.12 s. Negative: not defined in that mode, to be read as this value
# and never to be sent.
_WB_CYCLES = const((1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512, -512, -512))
_NB_CYCLES = const((-4, -4, 4, 8, -4, 16, -4, -4, -4, 32, 64, 128, 256, 512, 1024, 2048))
_CYCLE_CS = const(512)
_LONGEST_CYCLE_CS = const(1048576)

# Paging time window: (code + 1) times this, in hundredths of a second
_WB_PTW_CS = const(128)
_NB_PTW_CS = const(256)

# Seconds per unit code (the upper three bits); unit 7 means deactivated
_DEACTIVATED = const(7)
_TIMER_2_UNITS_S = const((2, 60, 360, 60, 60, 60, 60))  # 3..6 are not defined: read as minutes
_TIMER_3_UNITS_S = const((600, 3600, 36000, 2, 30, 60, 1152000))


def _of_mode(act: int, wb: "Any", nb: "Any") -> "Any":
    if act == EDRX_WB:
        return wb
    if act == EDRX_NB:
        return nb
    raise InvalidValue("AcT-type %r: give 4 (LTE) or 5 (NB-IoT)" % (act,))


def _number(bits: str, width: int) -> int:
    if len(bits) != width or bits.strip("01"):
        raise InvalidValue("code %r: %d digits 0 or 1 expected" % (bits, width))
    return int(bits, 2)


def _time(code: int, table: "Sequence[int]", unit_cs: int) -> int:
    """Return what a code stands for: hundredths of a second; seconds of a timer (no unit)."""
    if unit_cs:
        return table[code] * unit_cs
    if code >> 5 == _DEACTIVATED:
        return -1
    return table[code >> 5] * (code & 31)


def _encode(what: str, table: "Sequence[int]", unit_cs: int, seconds: "float | None") -> str:
    """Return the code of the shortest time that is not below the one asked for."""
    best = -1
    width = 4 if unit_cs else 8
    if seconds is None:
        best = _DEACTIVATED << 5
    elif not 0 < seconds < 1000000000 and (seconds or what != "T3324"):
        raise InvalidValue("%s of %s s: give a time longer than 0 s" % (what, seconds))
    else:
        asked = seconds
        if unit_cs:  # boards compute with 24-bit floats: compare whole hundredths
            asked = int(seconds * 100 + 0.5) or 1
            if abs(asked - _LONGEST_CYCLE_CS) < 2:  # or 30-bit floats, that coarse there
                asked = _LONGEST_CYCLE_CS
        for code in range(1 << width):
            time = _time(code, table, unit_cs)
            # Several units of a timer can name one time: the lowest, so that an undefined unit,
            # read as a lower one, is never sent.
            if time >= asked and (best < 0 or time < _time(best, table, unit_cs)):
                best = code
        if best < 0:
            raise InvalidValue("no %s code is %s s or more" % (what, seconds))
    return ("0000000" + bin(best)[2:])[-width:]


def edrx_seconds(bits: str, act: int) -> float:
    """Return the eDRX cycle of a 4-bit code, e.g. "0101" -> 81.92. ``act``: EDRX_WB or EDRX_NB.

    Codes that the mode does not define are read as 24.008 says. Raises InvalidValue.
    """
    return abs(_time(_number(bits, 4), _of_mode(act, _WB_CYCLES, _NB_CYCLES), _CYCLE_CS)) / 100


def edrx_bits(cycle_s: float, act: int) -> str:
    """Return the 4-bit code that asks for an eDRX cycle. Raises InvalidValue when none fits.

    WB-S1: 5.12 s to 2621.44 s; NB-S1: 20.48 s to 10485.76 s. Only codes the mode defines.
    """
    return _encode("eDRX", _of_mode(act, _WB_CYCLES, _NB_CYCLES), _CYCLE_CS, cycle_s)


def ptw_seconds(bits: str, act: int) -> float:
    """Return the paging time window of a 4-bit code: 1.28 s (WB) or 2.56 s (NB) steps."""
    unit_cs: int = _of_mode(act, _WB_PTW_CS, _NB_PTW_CS)
    return (_number(bits, 4) + 1) * unit_cs / 100


def t3324_seconds(bits: str) -> "int | None":
    """Return the active time of an 8-bit code (GPRS timer 2); None: deactivated, no PSM."""
    return _timer_seconds(bits, _TIMER_2_UNITS_S)


def t3324_bits(active_s: "float | None") -> str:
    """Return the 8-bit code of an active time, 0 to 11160 s; None: deactivated.

    0 means: into PSM at once. Raises InvalidValue when none fits.
    """
    return _encode("T3324", _TIMER_2_UNITS_S, 0, active_s)


def t3412_seconds(bits: str) -> "int | None":
    """Return the periodic TAU time of an 8-bit code (GPRS timer 3); None: deactivated."""
    return _timer_seconds(bits, _TIMER_3_UNITS_S)


def t3412_bits(period_s: "float | None") -> str:
    """Return the 8-bit code of a periodic TAU time, 2 s to 35712000 s (413 days).

    None: deactivated. Raises InvalidValue when none fits.
    """
    return _encode("T3412", _TIMER_3_UNITS_S, 0, period_s)


def _timer_seconds(bits: str, units_s: "tuple[int, ...]") -> "int | None":
    seconds = _time(_number(bits, 8), units_s, 0)
    return None if seconds < 0 else seconds


def parse_edrx(line: str) -> "Edrx | None":
    """Read ``+CEDRXP: 4,"1000","0101","0011"`` or ``+CEDRXRDP:`` with the same fields.

    Takes the whole line or what follows the colon; quotes and blanks may be missing. Returns
    (act, requested cycle, granted cycle, PTW), times in seconds, None for a field that is empty or
    missing; None altogether for AcT-type 0, eDRX not in use. Raises InvalidValue.
    """
    name, colon, rest = line.rpartition(":")
    named = not colon or name.strip() in ("+CEDRXP", "+CEDRXRDP")
    fields = rest.replace('"', "").replace(" ", "").split(",")
    if named and fields[0] == "0":
        return None
    if not named or fields[0] not in ("4", "5") or len(fields) > 4:
        raise InvalidValue("not an eDRX line of AcT-type 4 or 5: %r" % line)
    act = int(fields[0])
    fields += ["", "", ""]
    return (
        act,
        edrx_seconds(fields[1], act) if fields[1] else None,
        edrx_seconds(fields[2], act) if fields[2] else None,
        ptw_seconds(fields[3], act) if fields[3] else None,
    )


def parse_psm(active_bits: str, period_bits: str) -> "tuple[int | None, int | None]":
    """Read the granted T3324 and T3412 of ``+CEREG: ...,"<active>","<tau>"``, quoted or not.

    Returns seconds; None where the network deactivated the timer (no T3324 means no PSM).
    Raises InvalidValue.
    """
    return t3324_seconds(active_bits.strip(' "')), t3412_seconds(period_bits.strip(' "'))
