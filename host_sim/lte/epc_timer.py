"""The EPC Timer octet, which carries the DL Buffering Duration: TS 29.274 section 8.87.

Bits 8-6 are the unit, bits 5-1 the value; its PFCP twin is TS 29.244 section 8.2.29.
"""

import math

_UNITS_S = {0: 2, 1: 60, 2: 600, 3: 3600, 4: 36_000}
_INFINITE_UNIT = 7
_ONE_MINUTE_S = 60
INFINITE = math.inf
LONGEST_S = 31 * 36_000


def decode(octet: int) -> float:
    """Return the length in whole seconds, ``INFINITE`` for unit 7; 0 means "timer stopped".

    Unit codes 5 and 6 are read as one minute, as the standard says.
    """
    if not 0 <= octet <= 255:
        raise ValueError(f"{octet} is not an octet")
    unit, value = octet >> 5, octet & 0x1F
    if unit == _INFINITE_UNIT:
        return INFINITE
    return _UNITS_S.get(unit, _ONE_MINUTE_S) * value


def encode_exact(seconds: int) -> int:
    """Return the octet of a length that has one, in the coarsest unit that divides it.

    The choice of unit is that of wmnsk/go-gtp (gtpv2/ie/epc-timer.go). Raises ValueError for a
    length that cannot be sent exactly.
    """
    if seconds == 0:
        return 0
    for code in sorted(_UNITS_S, reverse=True):
        value, rest = divmod(seconds, _UNITS_S[code])
        if not rest and 1 <= value <= 31:
            return code << 5 | value
    raise ValueError(f"an EPC timer of {seconds} s has no exact code: round it up")


def encode_up(seconds: float) -> int:
    """Return the octet of the least length that is not below ``seconds`` (finest unit first).

    Raises ValueError beyond 310 hours: ask for ``INFINITE`` then.
    """
    if seconds == INFINITE:
        return _INFINITE_UNIT << 5
    if seconds < 0:
        raise ValueError(f"an EPC timer of {seconds} s: it cannot be negative")
    for code, unit_s in _UNITS_S.items():
        if seconds <= 31 * unit_s:  # coarser units only hold multiples of this one
            return code << 5 | int(-(-seconds // unit_s))
    raise ValueError(f"an EPC timer of {seconds} s: {LONGEST_S} s is the longest finite one")


def round_up(seconds: float) -> float:
    """Return the least length an EPC timer can carry that is not below ``seconds``."""
    return decode(encode_up(seconds))
