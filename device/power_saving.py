"""eDRX, PTW, T3324 and T3412 codes to seconds and back. Pure functions, small in RAM.

Sources: 3GPP TS 24.008 10.5.5.32 (extended DRX parameters), 10.5.7.4 (GPRS timer 2), 10.5.7.4a
(GPRS timer 3); TS 27.007 7.40 (+CEDRXS, +CEDRXP) and 7.41 (+CEDRXRDP). Rounding: the two rules are
those of two public encoders, Nordic's sdk-nrf (up) and Open5GS (exact).
"""

from .errors import InvalidValue
from .portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    Edrx = tuple[int, float | None, float | None, float | None]

# AcT-type of +CEDRXS and +CEDRXP (TS 27.007 7.40)
EDRX_WB = 4
"""LTE and Cat-M1 (WB-S1 mode)."""
EDRX_NB = 5
"""NB-IoT (NB-S1 mode)."""

EXACT = 0
"""Rounding: refuse what no code stands for."""
UP = 1
"""Rounding: take the shortest time that is not below the one asked for."""

# Cycle per code, in units of 5.12 s. Negative: not defined in that mode, to be read as this value
# and never to be sent.
_WB_CYCLES = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512, -512, -512)
_NB_CYCLES = (-4, -4, 4, 8, -4, 16, -4, -4, -4, 32, 64, 128, 256, 512, 1024, 2048)
_CYCLE_CS = const(512)

# Paging time window: (code + 1) times this, in hundredths of a second
_WB_PTW_CS = const(128)
_NB_PTW_CS = const(256)

_EDRX_NAMES = ("+CEDRXP", "+CEDRXRDP")

# Seconds per unit code (the upper three bits); unit 7 means deactivated
_DEACTIVATED = const(7)
_TIMER_2_UNITS_S = (2, 60, 360, 60, 60, 60, 60)  # 3..6 are not defined: read as minutes
_TIMER_3_UNITS_S = (600, 3600, 36000, 2, 30, 60, 1152000)


def _cycles(act: int) -> "tuple[int, ...]":
    if act == EDRX_WB:
        return _WB_CYCLES
    if act == EDRX_NB:
        return _NB_CYCLES
    raise InvalidValue("eDRX AcT-type %r: 4 (LTE, Cat-M1) or 5 (NB-IoT)" % (act,))


def _number(bits: str, width: int) -> int:
    number = 0
    for bit in bits:
        if bit not in "01":
            break
        number = number << 1 | (bit == "1")
    else:
        if len(bits) == width:
            return number
    raise InvalidValue("code %r: %d digits 0 or 1 expected" % (bits, width))


def _bits(number: int, width: int) -> str:
    bits = ""
    for shift in range(width - 1, -1, -1):
        bits += "1" if number >> shift & 1 else "0"
    return bits


def _hundredths(seconds: float) -> int:
    # boards compute with 24-bit floats: compare whole hundredths
    if not 0 < seconds < 1000000:
        raise InvalidValue("%s s: give a time longer than 0 s, for example 81.92" % seconds)
    return int(seconds * 100 + 0.5) or 1


def _refuse(what: str, seconds: float, rounding: int) -> InvalidValue:
    rule = "exactly" if rounding == EXACT else "not below it"
    return InvalidValue("no %s code is %s %s s" % (what, rule, seconds))


def edrx_seconds(bits: str, act: int) -> float:
    """Return the eDRX cycle of a 4-bit code, e.g. "0101" -> 81.92. ``act``: EDRX_WB or EDRX_NB.

    Codes that the mode does not define are read as 24.008 says. Raises InvalidValue.
    """
    cycle_cs: int = abs(_cycles(act)[_number(bits, 4)]) * _CYCLE_CS
    return cycle_cs / 100


def edrx_bits(cycle_s: float, act: int, rounding: int = UP) -> str:
    """Return the 4-bit code that asks for an eDRX cycle. Raises InvalidValue when none fits.

    WB-S1: 5.12 s to 2621.44 s; NB-S1: 20.48 s to 10485.76 s. Only codes the mode defines.
    """
    asked_cs = _hundredths(cycle_s)
    cycles = _cycles(act)
    for code in range(16):  # the defined ones rise with their code
        cycle_cs = cycles[code] * _CYCLE_CS
        # 0.01 s of doubt at 10485.76 s: 30-bit floats of some boards are that coarse
        same = abs(cycle_cs - asked_cs) <= cycle_cs >> 20
        if same or (rounding != EXACT and cycle_cs > asked_cs):
            return _bits(code, 4)
    raise _refuse("eDRX", cycle_s, rounding)


def _ptw_unit_cs(act: int) -> int:
    return int(_WB_PTW_CS if _cycles(act) is _WB_CYCLES else _NB_PTW_CS)


def ptw_seconds(bits: str, act: int) -> float:
    """Return the paging time window of a 4-bit code: 1.28 s (WB) or 2.56 s (NB) steps."""
    return (_number(bits, 4) + 1) * _ptw_unit_cs(act) / 100


def ptw_bits(window_s: float, act: int, rounding: int = UP) -> str:
    """Return the 4-bit code of a paging time window. Raises InvalidValue when none fits.

    WB-S1: 1.28 s to 20.48 s; NB-S1: 2.56 s to 40.96 s.
    """
    unit_cs = _ptw_unit_cs(act)
    asked_cs = _hundredths(window_s)
    code = -(-asked_cs // unit_cs) - 1
    if code > 15 or (rounding == EXACT and (code + 1) * unit_cs != asked_cs):
        raise _refuse("PTW", window_s, rounding)
    return _bits(code, 4)


def _timer_seconds(bits: str, units_s: "tuple[int, ...]") -> "int | None":
    octet = _number(bits, 8)
    if octet >> 5 == _DEACTIVATED:
        return None
    return units_s[octet >> 5] * (octet & 31)


def _timer_bits(
    what: str, seconds: "float | None", units_s: "tuple[int, ...]", rounding: int
) -> str:
    if seconds is None:
        return _bits(_DEACTIVATED << 5, 8)
    best_code = -1
    best_s = 0
    if not 0 <= seconds <= 31 * max(units_s):
        raise _refuse(what, seconds, rounding)
    for code in range(len(units_s)):
        unit_s = units_s[code]
        count = int(-(-seconds // unit_s))
        time_s = count * unit_s
        if count > 31 or (rounding == EXACT and time_s != seconds):
            continue
        # Several units can name one time. Up: the lowest unit code; exact: the finest unit, the
        # lowest code of those. So an undefined unit, read as a lower one, is never sent.
        if (
            best_code < 0
            or time_s < best_s
            or (rounding == EXACT and unit_s < units_s[best_code >> 5])
        ):
            best_code = code << 5 | count
            best_s = time_s
    if best_code < 0:
        raise _refuse(what, seconds, rounding)
    return _bits(best_code, 8)


def t3324_seconds(bits: str) -> "int | None":
    """Return the active time of an 8-bit code (GPRS timer 2); None: deactivated, no PSM."""
    return _timer_seconds(bits, _TIMER_2_UNITS_S)


def t3324_bits(active_s: "float | None", rounding: int = UP) -> str:
    """Return the 8-bit code of an active time, 0 to 11160 s; None: deactivated.

    0 means: into PSM at once. Raises InvalidValue when none fits.
    """
    return _timer_bits("T3324", active_s, _TIMER_2_UNITS_S, rounding)


def t3412_seconds(bits: str) -> "int | None":
    """Return the periodic TAU time of an 8-bit code (GPRS timer 3); None: deactivated."""
    return _timer_seconds(bits, _TIMER_3_UNITS_S)


def t3412_bits(period_s: "float | None", rounding: int = UP) -> str:
    """Return the 8-bit code of a periodic TAU time, 2 s to 35712000 s (413 days).

    None: deactivated. Raises InvalidValue when none fits.
    """
    if period_s is not None and period_s <= 0:
        raise InvalidValue("T3412 of %s s: the period must be longer than 0 s" % period_s)
    return _timer_bits("T3412", period_s, _TIMER_3_UNITS_S, rounding)


def parse_edrx(line: str) -> "Edrx | None":
    """Read ``+CEDRXP: 4,"1000","0101","0011"`` or ``+CEDRXRDP:`` with the same fields.

    Takes the whole line or what follows the colon; quotes and blanks may be missing. Returns
    (act, requested cycle, granted cycle, PTW), times in seconds, None for a field that is empty or
    missing; None altogether for AcT-type 0, eDRX not in use. Raises InvalidValue.
    """
    parts = line.split(":")
    named = len(parts) == 1 or (len(parts) == 2 and parts[0].strip() in _EDRX_NAMES)
    fields = [field.strip().strip('"') for field in parts[-1].split(",")]
    if named and fields[0] == "0":
        return None
    if not named or fields[0] not in ("4", "5") or len(fields) > 4:
        raise InvalidValue("not an eDRX line of LTE, Cat-M1 (4) or NB-IoT (5): %r" % line)
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
    return (
        t3324_seconds(active_bits.strip().strip('"')),
        t3412_seconds(period_bits.strip().strip('"')),
    )
