"""RSRP over time: constant, as in a trace, or varying at random. No UE in here, and no clock."""

import csv
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple, Protocol

from ip_commands.host_sim.lte.coverage import STRONGEST_DBM, WEAKEST_DBM

MOST_POINTS = 1_000_000


class Sample(NamedTuple):
    """One value, and how long it lasts; ``length_ms`` None: until told otherwise."""

    length_ms: int | None
    rsrp_dbm: int | None
    """None: as before."""


class Rsrp(Protocol):
    """What the RSRP of one device does from now on."""

    def samples(self, random: Random) -> Iterator[Sample]:
        """Yield values one after the other; the last one stays."""
        ...


class Constant:
    """It stays as it is."""

    def __init__(self, rsrp_dbm: float) -> None:
        self._rsrp_dbm = _possible(rsrp_dbm)

    def samples(self, random: Random) -> Iterator[Sample]:
        yield Sample(None, self._rsrp_dbm)


class Trace:
    """It does what was measured: (seconds from now, dBm) each; a value holds until the next.

    repeat_after_s: begin anew then; None: the last value stays. Raises ValueError for times that
    do not grow, and values that no modem reports.
    """

    def __init__(
        self, points: Sequence[tuple[float, float]], repeat_after_s: float | None = None
    ) -> None:
        if not 0 < len(points) <= MOST_POINTS:
            raise ValueError(f"{len(points)} points: 1 to {MOST_POINTS} are possible")
        times_ms = [_milliseconds(seconds) for seconds, _ in points]
        for number, (before, after) in enumerate(pairwise(times_ms), 2):
            if after <= before:
                raise ValueError(f"point {number}: its time is not later than the one before")
        end_ms = None
        if repeat_after_s is not None:
            end_ms = _milliseconds(repeat_after_s)
            if end_ms <= times_ms[-1]:
                raise ValueError(f"repeat_after_s {repeat_after_s}: later than the last point")
        self._begins_ms = times_ms[0]
        ends = (*times_ms[1:], end_ms)
        self._samples = [
            Sample(None if end is None else end - at, _possible(rsrp_dbm))
            for at, end, (_, rsrp_dbm) in zip(times_ms, ends, points, strict=True)
        ]
        self._repeats = end_ms is not None

    def samples(self, random: Random) -> Iterator[Sample]:
        while True:
            if self._begins_ms:
                yield Sample(self._begins_ms, None)
            yield from self._samples
            if not self._repeats:
                return


class Shadowing:
    """It varies slowly and at random, log-normally, as behind trees and houses that go by.

    A Gaussian of ``sigma_db`` around ``mean_dbm`` whose correlation falls with exp(-t /
    correlation_s) (M. Gudmundson, "Correlation model for shadow fading in mobile radio systems",
    Electronics Letters 27 (23), 1991). Defaults: 8 dB and 50 m (TR 36.814 table A.2.1.1-2), which
    take 60 s at 3 km/h. Raises ValueError for what cannot be.
    """

    def __init__(
        self, mean_dbm: float, sigma_db: float = 8.0, correlation_s: float = 60.0
    ) -> None:
        if not WEAKEST_DBM <= mean_dbm <= STRONGEST_DBM:
            _possible(mean_dbm)
        if not 0 <= sigma_db <= 40:
            raise ValueError(f"sigma_db {sigma_db}: 0 to 40 are possible")
        if not 1 <= correlation_s <= 1e6:
            raise ValueError(f"correlation_s {correlation_s}: 1 to 1000000 seconds are possible")
        self._mean_dbm = mean_dbm
        self._sigma_db = sigma_db
        self._step_ms = round(correlation_s * 100)
        """A tenth: the steps are small against ``sigma_db``."""
        self._kept = math.exp(-0.1)

    def samples(self, random: Random) -> Iterator[Sample]:
        deviation_db = random.gauss(0, self._sigma_db)
        fresh_db = self._sigma_db * math.sqrt(1 - self._kept**2)
        while True:
            rsrp_dbm = round(self._mean_dbm + deviation_db)
            yield Sample(self._step_ms, min(STRONGEST_DBM, max(WEAKEST_DBM, rsrp_dbm)))
            deviation_db = self._kept * deviation_db + random.gauss(0, fresh_db)


def _possible(rsrp_dbm: float) -> int:
    if isinstance(rsrp_dbm, bool) or not isinstance(rsrp_dbm, int | float):
        raise ValueError(f"RSRP {rsrp_dbm!r}: a number of dBm is needed")
    if not WEAKEST_DBM <= rsrp_dbm <= STRONGEST_DBM:
        raise ValueError(f"RSRP {rsrp_dbm} dBm: {WEAKEST_DBM} to {STRONGEST_DBM} are possible")
    return round(rsrp_dbm)


def _milliseconds(seconds: float) -> int:
    if not 0 <= seconds < 1e10:
        raise ValueError(f"a time of {seconds} s: 0 or more is needed")
    return round(seconds * 1000)


def read_trace(path: str | Path) -> Trace:
    """Read a CSV file of seconds and dBm; a first line of words is a header.

    Raises ValueError, naming file and line, OSError.
    """
    points: list[tuple[float, float]] = []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            for row in rows:
                if not row or row[0].lstrip().startswith("#"):
                    continue
                try:
                    seconds, rsrp_dbm = map(float, row)
                    _possible(rsrp_dbm)
                except ValueError as error:
                    if rows.line_num == 1 and not any(_is_number(cell) for cell in row):
                        continue
                    said = str(error) if "RSRP" in str(error) else "write seconds,dBm"
                    raise ValueError(f"line {rows.line_num}: {said}") from None
                points.append((seconds, rsrp_dbm))
                if len(points) > MOST_POINTS:
                    break
        return Trace(points)
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{path}: {error}") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


RsrpLike = float | str | Path | Sequence[tuple[float, float]] | Rsrp
"""dBm, the path of a CSV file, points of a trace, or one of this file's classes."""


def rsrp_of(given: RsrpLike) -> Rsrp:
    """Return what is meant. Raises ValueError, OSError."""
    if isinstance(given, int | float):
        return Constant(given)
    if isinstance(given, str | Path):
        return read_trace(given)
    if hasattr(given, "samples"):
        return given
    return Trace(given)
