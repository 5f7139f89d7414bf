"""The clock of the air interface: sub-frames, frames, SFN and H-SFN, and what people call them.

Everything counts absolute sub-frames (``asf``): milliseconds since H-SFN 0, SFN 0, sub-frame 0.
That instant is 1980-01-06T00:00:00Z, the epoch TS 23.682 4.5.13.3.2 gives to networks that need a
common one (GPS). Leap seconds are not counted, so labels are what a UTC clock without them shows.
A frame has 10 sub-frames; SFN and H-SFN are 10-bit counters (TS 36.331, ``hyperSFN-r13``): SFN
wraps after 10.24 s (one hyperframe), H-SFN after 10485.76 s.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

FRAME_MS = 10
HYPERFRAME_FRAMES = 1024
HYPERFRAME_MS = 10240
HSFN_CYCLE = 1024
"""Hyperframes until H-SFN wraps."""

EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
DAY_MS = 86_400_000


class AirTime(NamedTuple):
    """One sub-frame as the air interface names it."""

    hsfn: int
    sfn: int
    subframe: int


def air_time(asf: int) -> AirTime:
    """Return the counters that are on the air in absolute sub-frame ``asf``."""
    frame = asf // FRAME_MS
    return AirTime(
        frame // HYPERFRAME_FRAMES % HSFN_CYCLE, frame % HYPERFRAME_FRAMES, asf % FRAME_MS
    )


def frame_of(asf: int) -> int:
    """Return the absolute radio frame (never wrapped) that holds sub-frame ``asf``."""
    return asf // FRAME_MS


def utc(at_ms: int) -> datetime:
    """Return the instant as an aware ``datetime`` in UTC."""
    return EPOCH + timedelta(milliseconds=at_ms)


def from_utc(instant: datetime) -> int:
    """Return milliseconds since the epoch of an aware ``datetime`` (whole milliseconds, cut)."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone: say which, e.g. tzinfo=datetime.UTC")
    return (instant - EPOCH) // timedelta(milliseconds=1)


def clock(at_ms: int) -> str:
    """Return the time of day as ``HH:MM:SS.mmm`` (UTC), as trails and explanations show it."""
    seconds, ms = divmod(at_ms % DAY_MS, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}.{ms:03}"


def duration(ms: int) -> str:
    """Return a length of time as people say it: ``340 ms``, ``12.3 s``, ``2 h 5 min``."""
    if ms < 0:
        return "-" + duration(-ms)
    if ms < 1000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1000:.4g} s"
    seconds = round(ms / 1000)
    if seconds < 3600:
        return _two(seconds, 60, "min", "s")
    minutes = round(seconds / 60)
    if minutes < 1440:
        return _two(minutes, 60, "h", "min")
    return _two(round(minutes / 60), 24, "d", "h")


def _two(value: int, size: int, big: str, small: str) -> str:
    whole, rest = divmod(value, size)
    return f"{whole} {big} {rest} {small}" if rest else f"{whole} {big}"


def start_ms(start: str | None) -> int:
    """Return when a run begins: an ISO 8601 time (UTC unless it says otherwise), None for now.

    Raises ValueError for anything else, and for times before the epoch.
    """
    if start is None:
        return from_utc(datetime.now(UTC))
    try:
        begin = datetime.fromisoformat(start)
    except ValueError:
        raise ValueError(f"start {start!r}: write it as 2026-01-01T00:00:00") from None
    at_ms = from_utc(begin.replace(tzinfo=begin.tzinfo or UTC))
    if at_ms < 0:
        raise ValueError(f"start {start!r} is before {EPOCH.date()}, where time begins")
    return at_ms
