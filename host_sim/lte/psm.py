"""Power saving mode timers: GPRS timer 2 (T3324) and GPRS timer 3 (T3412 extended).

TS 24.008 sections 10.5.7.4 and 10.5.7.4a: three unit bits, five value bits. ``None`` stands for
"deactivated". Two encoding rules are met in the field and both are here, by name:

- ``"up"``: the least length that is not below the request; of two codes for the same length the
  one with the lower unit code (nrfconnect/sdk-nrf, lte_lc ``encode_psm``);
- ``"exact"``: the finest unit that holds the length, or an error (Open5GS, lib/nas/common/conv.c).
"""

_TIMER2_UNITS_S = {0: 2, 1: 60, 2: 360}
_TIMER3_UNITS_S = {0: 600, 1: 3600, 2: 36_000, 3: 2, 4: 30, 5: 60, 6: 1_152_000}
_DEACTIVATED = 7
_ONE_MINUTE_S = 60


def decode_t3324(bits: str) -> int | None:
    """Return the active time in seconds, None when deactivated (PSM not used).

    Unit codes the standard leaves open are multiples of one minute. Raises ValueError unless given
    eight bits.
    """
    return _decode(bits, _TIMER2_UNITS_S)


def decode_t3412(bits: str) -> int | None:
    """Return T3412 extended in seconds, None when deactivated. Raises ValueError as above."""
    return _decode(bits, _TIMER3_UNITS_S)


def encode_t3324(seconds: int | None, rounding: str = "up") -> str:
    """Return the eight bits of T3324. Raises ValueError beyond 11160 s, or by the rule."""
    return _encode(seconds, _TIMER2_UNITS_S, rounding, "T3324")


def encode_t3412(seconds: int | None, rounding: str = "up") -> str:
    """Return the eight bits of T3412 extended. Raises ValueError beyond 35712000 s (413 days)."""
    return _encode(seconds, _TIMER3_UNITS_S, rounding, "T3412 extended")


def _decode(bits: str, units: dict[int, int]) -> int | None:
    if len(bits) != 8 or set(bits) - {"0", "1"}:
        raise ValueError(f"{bits!r} is not eight bits")
    unit, value = int(bits[:3], 2), int(bits[3:], 2)
    if unit == _DEACTIVATED:
        return None
    return units.get(unit, _ONE_MINUTE_S) * value


def _encode(seconds: int | None, units: dict[int, int], rounding: str, what: str) -> str:
    if seconds is None:
        return "11100000"
    if seconds < 0:
        raise ValueError(f"{what} of {seconds} s: it cannot be negative")
    if seconds % 1:
        raise ValueError(f"{what} of {seconds} s: whole seconds are needed")
    seconds = int(seconds)
    if rounding == "up":
        fitting = [
            (-(-seconds // unit_s) * unit_s, code)
            for code, unit_s in units.items()
            if seconds <= 31 * unit_s
        ]
        if fitting:
            length_s, code = min(fitting)
            return f"{code:03b}{length_s // units[code]:05b}"
    elif rounding == "exact":
        for unit_s, code in sorted((unit_s, code) for code, unit_s in units.items()):
            if seconds <= 31 * unit_s and seconds % unit_s == 0:
                return f"{code:03b}{seconds // unit_s:05b}"
    else:
        raise ValueError(f"rounding {rounding!r}: up or exact is needed")
    longest = 31 * max(units.values())
    reason = f"{longest} s is the longest"
    if seconds <= longest:
        longer_s = _decode(_encode(seconds, units, "up", what), units)
        reason = f"no unit holds it exactly, the next longer one is {longer_s} s"
    raise ValueError(f"{what} of {seconds} s cannot be sent: {reason}")
