"""Codes of the extended DRX parameters element: TS 24.008 section 10.5.5.32.

Octet 3 holds the paging time window (bits 8-5) and the eDRX value (bits 4-1). Modes: ``"wb"`` is
WB-S1 (LTE and LTE-M), ``"nb"`` NB-S1 (NB-IoT). Lengths are whole milliseconds.
"""

from ip_commands.host_sim.lte.edrx import CYCLE_5120_MS
from ip_commands.host_sim.lte.time_base import HYPERFRAME_MS

_WB_HYPERFRAMES: tuple[int | None, ...] = (
    None,
    1,
    2,
    4,
    6,
    8,
    10,
    12,
    14,
    16,
    32,
    64,
    128,
    256,
    256,
    256,
)
"""By code; None is half a hyperframe. 14 and 15 are not defined and read as 13."""
_NB_HYPERFRAMES: tuple[int | None, ...] = (
    2,
    2,
    2,
    4,
    2,
    8,
    2,
    2,
    2,
    16,
    32,
    64,
    128,
    256,
    512,
    1024,
)
"""By code; 0, 1, 4, 6, 7 and 8 are not defined and read as 2."""
_DEFINED = {_WB_HYPERFRAMES: range(14), _NB_HYPERFRAMES: (2, 3, 5, *range(9, 16))}
_PTW_STEP_MS = {"wb": 1280, "nb": 2560}


def decode_edrx(bits: str, mode: str = "wb") -> int:
    """Return the cycle in milliseconds. Raises ValueError unless given four bits and a mode."""
    hyperframes = _by_mode(mode)[_number(bits)]
    return CYCLE_5120_MS if hyperframes is None else hyperframes * HYPERFRAME_MS


def decode_ptw(bits: str, mode: str = "wb") -> int:
    """Return the paging time window in milliseconds. Raises ValueError as ``decode_edrx``."""
    _by_mode(mode)
    return (_number(bits) + 1) * _PTW_STEP_MS[mode]


def encode_edrx(cycle_ms: int, mode: str = "wb", rounding: str = "exact") -> str:
    """Return the four bits of a cycle, only codes that the mode defines.

    Rounding ``"exact"`` raises ValueError for a length without a code; ``"up"`` takes the next
    longer cycle (and raises only beyond the longest).
    """
    hyperframes = _by_mode(mode)
    lengths = [(decode_edrx(f"{code:04b}", mode), code) for code in _DEFINED[hyperframes]]
    return _encode(cycle_ms, lengths, rounding, "eDRX cycle", mode)


def encode_ptw(ptw_ms: int, mode: str = "wb", rounding: str = "exact") -> str:
    """Return the four bits of a paging time window; rounding as in ``encode_edrx``."""
    lengths = [(decode_ptw(f"{code:04b}", mode), code) for code in range(16)]
    return _encode(ptw_ms, lengths, rounding, "paging time window", mode)


def _encode(
    length_ms: int, lengths: list[tuple[int, int]], rounding: str, what: str, mode: str
) -> str:
    if rounding not in ("exact", "up"):
        raise ValueError(f"rounding {rounding!r}: exact or up is needed")
    fitting = [item for item in lengths if item[0] >= length_ms]
    if not fitting or length_ms <= 0:
        raise ValueError(f"there is no {what} of {length_ms / 1000:g} s in mode {mode}")
    found_ms, code = min(fitting)
    if rounding == "exact" and found_ms != length_ms:
        raise ValueError(
            f"there is no {what} of {length_ms / 1000:g} s in mode {mode}:"
            f" the next longer one is {found_ms / 1000:g} s"
        )
    return f"{code:04b}"


def _by_mode(mode: str) -> tuple[int | None, ...]:
    if mode == "wb":
        return _WB_HYPERFRAMES
    if mode == "nb":
        return _NB_HYPERFRAMES
    raise ValueError(f"mode {mode!r}: wb or nb is needed")


def _number(bits: str) -> int:
    if len(bits) != 4 or set(bits) - {"0", "1"}:
        raise ValueError(f"{bits!r} is not four bits")
    return int(bits, 2)
