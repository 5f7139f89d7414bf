"""Extended idle-mode DRX: hashed identity, paging hyperframes, paging time windows.

TS 36.304 section 7.3 and Annex B. Pure integers; all times are absolute sub-frames. The codes of
the NAS information element are in ``edrx_codes``.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ip_commands.host_sim.lte import paging
from ip_commands.host_sim.lte.paging import MPDCCH, NPDCCH, PDCCH, Occasion
from ip_commands.host_sim.lte.time_base import (
    FRAME_MS,
    HSFN_CYCLE,
    HYPERFRAME_FRAMES,
    HYPERFRAME_MS,
)

CYCLE_5120_MS = 5120
"""An eDRX cycle of 5.12 s is DRX with T = 512: no hyperframe, no window."""

_CYCLES_WB = (1, 2, 4, 6, 8, 10, 12, 14, 16, 32, 64, 128, 256)
_CYCLES_NB = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_PTW_STEP_FRAMES = {"wb": 128, "nb": 256}
_GENERATOR = 0x104C11DB7
_Y1 = 0xC704DD7B
"""Remainder of x^32 (x^31 + ... + 1): the part of the FCS that does not depend on the message."""


class Window(NamedTuple):
    """One paging time window, ``start_asf <= asf < end_asf``."""

    start_asf: int
    end_asf: int


class WindowPlan(NamedTuple):
    """Which windows one UE has. Windows are counted in frames: they may cross hyperframes."""

    hashed_id: int
    ue_id_h: int
    cycle_hyperframes: int
    residue: int
    """The paging hyperframes are those with H-SFN mod cycle == residue."""
    i_edrx: int
    start_sfn: int
    ptw_frames: int

    @property
    def end_sfn(self) -> int:
        """SFN of the last frame; ambiguous alone when the window is longer than 10.24 s."""
        return (self.start_sfn + self.ptw_frames - 1) % HYPERFRAME_FRAMES


def hashed_id(m_tmsi: int) -> int:
    """Return Hashed_ID: the 32-bit FCS of the M-TMSI's bits b31..b0 (TS 36.304 Annex B).

    The same as CRC-32/BZIP2 of its four octets, most significant first. The MME code of the S-TMSI
    is not hashed.
    """
    if not 0 <= m_tmsi < 2**32:
        raise ValueError(f"M-TMSI {m_tmsi:#x} does not fit 32 bits")
    remainder = m_tmsi << 32
    for bit in range(63, 31, -1):
        if remainder >> bit & 1:
            remainder ^= _GENERATOR << (bit - 32)
    return (_Y1 ^ remainder) ^ 0xFFFFFFFF


def ue_id_h(m_tmsi: int, channel: str) -> int:
    """Return UE_ID_H: the 10 most significant bits of Hashed_ID, 12 on NPDCCH."""
    return hashed_id(m_tmsi) >> (20 if mode_of(channel) == "nb" else 22)


def mode_of(channel: str) -> str:
    """Return ``"nb"`` for NPDCCH, ``"wb"`` (wide-band S1 mode) for PDCCH and MPDCCH.

    Raises ValueError for anything else.
    """
    if channel not in (PDCCH, MPDCCH, NPDCCH):
        raise ValueError(f"channel {channel!r}: pdcch, mpdcch or npdcch is needed")
    return "nb" if channel == NPDCCH else "wb"


def plan(m_tmsi: int, channel: str, cycle_ms: int, ptw_ms: int) -> WindowPlan:
    """Return the windows of one UE for a granted cycle and PTW length.

    Raises ValueError, with the reason, for a cycle or a window that does not exist, a window
    longer than its cycle, or 5.12 s, which has no window.
    """
    mode = mode_of(channel)
    if cycle_ms == CYCLE_5120_MS and mode == "wb":
        raise ValueError(
            "an eDRX cycle of 5.12 s has no paging time window: it is DRX with T = 512"
        )
    cycles = _CYCLES_NB if mode == "nb" else _CYCLES_WB
    hyperframes, rest = divmod(cycle_ms, HYPERFRAME_MS)
    if rest or hyperframes not in cycles:
        raise ValueError(f"there is no eDRX cycle of {cycle_ms / 1000:g} s in mode {mode}")
    ptw_frames, rest = divmod(ptw_ms, FRAME_MS)
    step = _PTW_STEP_FRAMES[mode]
    if rest or ptw_frames % step or not 1 <= ptw_frames // step <= 16:
        raise ValueError(
            f"there is no paging time window of {ptw_ms / 1000:g} s in mode {mode}:"
            f" 1..16 times {step * FRAME_MS / 1000:g} s"
        )
    if ptw_ms > cycle_ms:
        raise ValueError(
            f"a paging time window of {ptw_ms / 1000:g} s does not fit"
            f" an eDRX cycle of {cycle_ms / 1000:g} s"
        )
    hashed = hashed_id(m_tmsi)
    identity = hashed >> (20 if mode == "nb" else 22)
    i_edrx = identity // hyperframes % 4
    return WindowPlan(
        hashed, identity, hyperframes, identity % hyperframes, i_edrx, 256 * i_edrx, ptw_frames
    )


def window_at(windows: WindowPlan, asf: int) -> Window | None:
    """Return the paging time window that is open at ``asf``, None outside."""
    start = last_start(windows, asf)
    end = start + windows.ptw_frames * FRAME_MS
    return Window(start, end) if asf < end else None


def next_window(windows: WindowPlan, asf: int) -> Window:
    """Return the first paging time window that starts after ``asf``."""
    start = start_after(windows, last_start(windows, asf))
    return Window(start, start + windows.ptw_frames * FRAME_MS)


def last_start(windows: WindowPlan, asf: int) -> int:
    """Return when the latest window that started at or before ``asf`` started."""
    cycle, residue = windows.cycle_hyperframes, windows.residue
    offset = windows.start_sfn * FRAME_MS
    hyperframe = (asf - offset) // HYPERFRAME_MS
    hsfn = hyperframe % HSFN_CYCLE
    if hsfn >= residue:
        hyperframe -= (hsfn - residue) % cycle
    else:  # the latest one lies before the wrap of H-SFN
        hyperframe -= hsfn + 1 + (HSFN_CYCLE - 1 - residue) % cycle
    return hyperframe * HYPERFRAME_MS + offset


def start_after(windows: WindowPlan, start_asf: int) -> int:
    """Return the start that follows the window start ``start_asf``.

    Cycles that do not divide 1024 (6, 10, 12, 14 hyperframes) have one irregular gap at each wrap
    of H-SFN: the remainder of the division begins anew at H-SFN 0.
    """
    cycle, residue = windows.cycle_hyperframes, windows.residue
    hyperframe = start_asf // HYPERFRAME_MS
    hsfn = hyperframe % HSFN_CYCLE
    step = cycle if hsfn + cycle < HSFN_CYCLE else HSFN_CYCLE - hsfn + residue
    return start_asf + step * HYPERFRAME_MS


def gap_at_wrap_hyperframes(cycle_hyperframes: int, residue: int) -> int:
    """Return how far the last paging hyperframe before the H-SFN wrap is from the next.

    Raises ValueError unless ``residue`` is one of the cycle's: 0 to cycle - 1.
    """
    if not 0 <= residue < cycle_hyperframes <= HSFN_CYCLE:
        raise ValueError(
            f"residue {residue} of {cycle_hyperframes} hyperframes: a residue from 0 to below a"
            f" cycle of at most {HSFN_CYCLE} is needed"
        )
    last = HSFN_CYCLE - 1 - (HSFN_CYCLE - 1 - residue) % cycle_hyperframes
    return HSFN_CYCLE - last + residue


def next_occasion(windows: WindowPlan, where: Occasion, asf: int) -> int | None:
    """Return the first paging occasion at or after ``asf`` that lies in a paging time window.

    None when no window ever holds an occasion: possible with a window shorter than T, because T
    divides 1024 and so every window of the UE looks the same.
    """
    window = window_at(windows, asf)
    if window is not None:
        at = paging.next_occasion(where, asf)
        if at < window.end_asf:
            return at
    window = next_window(windows, asf)
    at = paging.next_occasion(where, window.start_asf)
    return at if at < window.end_asf else None


def occasions_per_window(windows: WindowPlan, where: Occasion) -> int:
    """Return how many paging occasions each window holds."""
    start = windows.start_sfn * FRAME_MS
    return paging.count_occasions(where, start, start + windows.ptw_frames * FRAME_MS)


def count_windows(windows: WindowPlan, from_asf: int, to_asf: int) -> int:
    """Return how many windows start in ``from_asf <= asf < to_asf``."""
    return max(0, _starts_before(windows, to_asf) - _starts_before(windows, from_asf))


def _starts_before(windows: WindowPlan, asf: int) -> int:
    cycle, residue = windows.cycle_hyperframes, windows.residue
    # hyperframes whose window start lies before asf: 0 .. end - 1
    end = -((windows.start_sfn * FRAME_MS - asf) // HYPERFRAME_MS)
    turns, hsfn = divmod(end, HSFN_CYCLE)
    per_turn = (HSFN_CYCLE - 1 - residue) // cycle + 1
    return turns * per_turn + max(0, -((residue - hsfn) // cycle))


def windows_between(windows: WindowPlan, from_asf: int, to_asf: int) -> Iterator[Window]:
    """Yield the windows that overlap ``from_asf <= asf < to_asf``, in order."""
    length = windows.ptw_frames * FRAME_MS
    start = last_start(windows, from_asf)
    if start + length <= from_asf:
        start = start_after(windows, start)
    while start < to_asf:
        yield Window(start, start + length)
        start = start_after(windows, start)
