"""``host-sim occasions``: when a device can be paged, by the identities and settings it has."""

import argparse
import json
import shutil
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

from ip_commands.host_sim.extras import require
from ip_commands.host_sim.lte import edrx, paging
from ip_commands.host_sim.lte.edrx import CYCLE_5120_MS, Window, WindowPlan
from ip_commands.host_sim.lte.paging import MPDCCH, NPDCCH, PDCCH, Occasion, PagingConfig
from ip_commands.host_sim.lte.time_base import FRAME_MS, air_time, duration, start_ms, utc

CHANNELS = {"lte": PDCCH, "cat-m1": MPDCCH, "nb-iot": NPDCCH}
MOST_ROWS = 10_000
MOST_S = 10485.76
"""The longest cycle there is (NB-IoT), and the time after which H-SFN wraps."""

LAST_YEAR = 9000


class Row(NamedTuple):
    """One paging occasion, and the paging time window that it lies in (None without eDRX)."""

    asf: int
    window: Window | None


class Question(NamedTuple):
    """What is asked: the UE's occasion, its windows (None: DRX), from when on, how many rows."""

    occasion: Occasion
    windows: WindowPlan | None
    from_ms: int
    most: int
    offset_ms: int
    """How far the cell's counters are ahead of the common clock."""


def add_occasions(words: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the word to the command line."""
    occasions = words.add_parser(
        "occasions",
        help="when a device can be paged: its next occasions and windows",
        description="When a device can be paged: its next paging occasions and, in eDRX, paging "
        "time windows (TS 36.304 7.1 to 7.3). H-SFN 0 began at 1980-01-06T00:00:00Z; leap seconds "
        "are not counted.",
    )
    add = occasions.add_argument
    add("--imsi", required=True, metavar="DIGITS", help="decides the frame and the sub-frame")
    add("--m-tmsi", metavar="HEX", help="decides the windows, with --edrx; a new GUTI changes it")
    add("--access", choices=tuple(CHANNELS), default="cat-m1", help="default cat-m1")
    add("--edrx", type=float, metavar="S", help="granted eDRX cycle, e.g. 81.92 (default: none)")
    add("--ptw", type=float, metavar="S", help="granted paging time window, e.g. 5.12")
    add("--drx", type=float, metavar="S", help="the cell's paging cycle T (1.28; NB-IoT 2.56)")
    add("--ue-drx", type=float, metavar="S", help="UE-specific cycle, if it has one")
    add("--nb", default="T", metavar="nB", help="the cell's nB: 4T, 2T, T, T/2, ... (default T)")
    add("--bandwidth", type=float, default=10, metavar="MHZ", help="the cell's (default 10)")
    add("--duplex", choices=("fdd", "tdd"), default="fdd", help="default fdd")
    add("--narrowbands", type=int, default=1, metavar="N", help="paging narrowbands (default 1)")
    add("--non-anchor", action="store_true", help="NB-IoT: paging on non-anchor carriers")
    add("--offset", type=int, default=0, metavar="MS", help="the cell's clock is so far ahead")
    add("--at", metavar="TIME", help="from then on, e.g. 2027-01-31T12:00:00 (UTC; default: now)")
    add("--count", type=int, default=8, metavar="N", help="how many occasions (default 8)")
    add("--json", action="store_true", help="one JSON object per occasion")
    add("--output", metavar="STEM", help="draw them, too: writes STEM.svg and STEM.png")
    occasions.set_defaults(run=show)


def show(options: argparse.Namespace) -> int:
    """Print what is asked for. Raises ValueError for what the standard does not have."""
    if options.output is not None:
        require("matplotlib")
    question = read_question(options)
    rows = list(rows_of(question))
    if options.json:
        for row in rows:
            print(json.dumps(as_dict(question, row)))
    else:
        width = shutil.get_terminal_size().columns
        for line in lines_of(question, rows):
            print(textwrap.fill(line, width, subsequent_indent="  ", break_on_hyphens=False))
    if options.output is not None:
        from ip_commands.host_sim.pictures.occasions import draw_occasions
        from ip_commands.host_sim.pictures.timeline import save_timeline

        spans = [row.window for row in rows]
        at_ms = [row.asf for row in rows]
        figure = draw_occasions(question.from_ms, at_ms, spans, question.offset_ms)
        for path in save_timeline(figure, options.output):
            print(path)
    return 0


def read_question(options: argparse.Namespace) -> Question:
    """Read the options; raises ValueError, with what is possible, for what is not."""
    channel = CHANNELS[options.access]
    drx_s = options.drx if options.drx is not None else 2.56 if channel == NPDCCH else 1.28
    config = PagingConfig(
        channel,
        _frames("--drx", drx_s),
        options.nb,
        options.bandwidth,
        options.duplex,
        options.narrowbands,
        options.non_anchor,
    )
    ue_frames = None if options.ue_drx is None else _frames("--ue-drx", options.ue_drx)
    cycle_ms = None if options.edrx is None else _ms("--edrx", options.edrx)
    as_drx = cycle_ms == CYCLE_5120_MS and channel != NPDCCH
    if not 0 < options.count <= MOST_ROWS:
        raise ValueError(f"--count {options.count}: a number from 1 to {MOST_ROWS} is needed")
    if abs(options.offset) > MOST_S * 1000:
        raise ValueError(f"--offset {options.offset}: at most {MOST_S:g} s, where H-SFN wraps")
    from_ms = start_ms(options.at)
    if utc(from_ms).year > LAST_YEAR:
        raise ValueError(f"--at {options.at}: a year up to {LAST_YEAR} is needed")
    windows = None
    if cycle_ms is not None and not as_drx:
        if options.ptw is None or options.m_tmsi is None:
            raise ValueError("--edrx needs --ptw and --m-tmsi, too: they decide the windows")
        windows = edrx.plan(_m_tmsi(options.m_tmsi), channel, cycle_ms, _ms("--ptw", options.ptw))
    elif options.ptw is not None or (options.m_tmsi is not None and not as_drx):
        raise ValueError("--ptw and --m-tmsi decide the windows of --edrx, which is missing")
    return Question(
        paging.occasion(options.imsi, config, ue_frames, as_drx),
        windows,
        from_ms,
        options.count,
        options.offset,
    )


def rows_of(question: Question) -> Iterator[Row]:
    """Yield the next occasions, in order; none when no window ever holds one."""
    where, windows, offset_ms = question.occasion, question.windows, question.offset_ms
    asf = question.from_ms + offset_ms
    for _ in range(question.most):
        if windows is None:
            at: int | None = paging.next_occasion(where, asf)
        else:
            at = edrx.next_occasion(windows, where, asf)
        if at is None:
            return
        window = None if windows is None else edrx.window_at(windows, at)
        yield Row(at - offset_ms, _earlier(window, offset_ms))
        asf = at + 1


def as_dict(question: Question, row: Row) -> dict[str, Any]:
    """Return an occasion as JSON shows it; ``asf`` counts milliseconds since H-SFN 0."""
    at = air_time(row.asf + question.offset_ms)
    window = row.window
    return {
        "at": utc(row.asf).isoformat(timespec="milliseconds"),
        "in_ms": row.asf - question.from_ms,
        "asf": row.asf + question.offset_ms,
        "hsfn": at.hsfn,
        "sfn": at.sfn,
        "subframe": at.subframe,
        "narrowband": question.occasion.narrowband,
        "window_opens": window and utc(window.start_asf).isoformat(timespec="milliseconds"),
        "window_closes": window and utc(window.end_asf).isoformat(timespec="milliseconds"),
    }


def lines_of(question: Question, rows: list[Row]) -> Iterator[str]:
    """Yield what the terminal shows: how it comes about, then a table."""
    where, windows = question.occasion, question.windows
    n, ns = where.n, where.ns
    narrowband = "" if where.narrowband is None else f", narrowband {where.narrowband}"
    yield (
        f"UE_ID {where.ue_id}; T = {where.cycle_frames} frames, nB = {where.nb_frames}, N = {n}, "
        f"Ns = {ns}: SFN mod {where.cycle_frames} = {where.frame}, sub-frame {where.subframe} "
        f"(i_s {where.i_s}){narrowband}."
    )
    if windows is None:
        yield f"An occasion every {duration(where.cycle_frames * FRAME_MS)}."
    else:
        each = edrx.occasions_per_window(windows, where)
        yield (
            f"Hashed ID {windows.hashed_id:#010x}, UE_ID_H {windows.ue_id_h}: windows where H-SFN "
            f"mod {windows.cycle_hyperframes} = {windows.residue}, from SFN {windows.start_sfn} "
            f"(i_eDRX {windows.i_edrx}), {duration(windows.ptw_frames * FRAME_MS)} long, with "
            f"{each} occasion{'s' * (each != 1)} each."
        )
    if not rows:
        yield "No window ever holds an occasion: it cannot be paged. Take a longer window."
        return
    yield ""
    yield "when (UTC)                in            H-SFN   SFN  sub-frame"
    shown: Window | None = None
    for row in rows:
        if row.window is not None and row.window != shown:
            shown = row.window
            yield (
                f"-- window {utc(shown.start_asf).isoformat(' ', 'milliseconds')[:23]} to "
                f"{utc(shown.end_asf).isoformat(' ', 'milliseconds')[11:23]}"
            )
        at = air_time(row.asf + question.offset_ms)
        when = utc(row.asf).isoformat(" ", "milliseconds")[:23]
        wait = duration(row.asf - question.from_ms)
        yield f"{when}   {wait:<12} {at.hsfn:>6} {at.sfn:>5} {at.subframe:>10}"


def _earlier(window: Window | None, offset_ms: int) -> Window | None:
    if window is None:
        return None
    return Window(window.start_asf - offset_ms, window.end_asf - offset_ms)


def _frames(word: str, seconds: float) -> int:
    frames, rest = divmod(_ms(word, seconds), FRAME_MS)
    if rest or frames <= 0:
        raise ValueError(f"{word} {seconds:g}: a whole number of 10 ms frames is needed")
    return frames


def _ms(word: str, seconds: float) -> int:
    if not 0 < seconds <= MOST_S:
        raise ValueError(f"{word} {seconds:g}: seconds above 0, up to {MOST_S}, are needed")
    return round(seconds * 1000)


def _m_tmsi(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise ValueError(f"--m-tmsi {text!r}: write its 32 bits as hex, 0x12341234") from None
