"""``python -m tests.reliability.report``: try everything, and write docs/reliability.md.

Ends with 1 when a promise was broken without a named reason. ``--days`` sets the length of the
soak, ``--every n`` tries every n-th byte only, ``--models`` some dialects and links only (nothing
is written then, ``--page`` prints it).
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.reliability import every_byte, heap_level, matrix, page, soak
from tests.reliability.dialects import DIALECTS, NATIVE
from tests.reliability.host_faults import HOST_FAULTS
from tests.reliability.native_faults import NATIVE_FAULTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
EVERYTHING = (*DIALECTS, *NATIVE)
LONGEST_JOB_S = 3600.0
"""A soak of 30 days takes minutes; a job that takes longer hangs."""
Job = tuple[str, Any]


def work(job: Job) -> Any:
    """Do one job, in a process of the pool."""
    kind, what = job
    if kind == "byte":
        return what, every_byte.live_through(what)
    if kind == "fault":
        return matrix.cell(*what)
    if kind == "host":
        return matrix.host_cell(*what)
    if kind == "native":
        return matrix.native_cell(*what)
    return soak.soak(*what)


def jobs_of(models: Sequence[str], every: int, days: float) -> Iterator[Job]:
    """Yield everything that is to be done, the longest first."""
    with_driver = [model for model in models if model in DIALECTS]
    for model in with_driver:
        yield "soak", (model, days)
    for model in models:
        for row in matrix.rows():
            yield "fault", (row, model)
        for number in range(len(HOST_FAULTS)):
            yield "host", (number, model)
    for model in models:
        if model in NATIVE:
            for number in range(len(NATIVE_FAULTS)):
                yield "native", (number, model)
    for model in with_driver:
        for strike in every_byte.strikes(model)[::every]:
            yield "byte", strike


def collect(jobs: Iterable[Job], say: Callable[[str], None]) -> page.Findings:
    """Do all jobs on all cores. Raises multiprocessing.TimeoutError for one that hangs."""
    found = page.Findings()
    with multiprocessing.Pool() as pool:
        results = pool.imap_unordered(work, jobs)
        while True:
            try:
                _enter(found, results.next(LONGEST_JOB_S), say)
            except StopIteration:
                return found


def _enter(found: page.Findings, result: Any, say: Callable[[str], None]) -> None:
    if isinstance(result, soak.Account):
        found.accounts.append(result)
        say(f"soak {result.model}: {result.silent} lost in silence")
    elif isinstance(result, matrix.Cell):
        found.cells[result.row, result.model] = result
    else:
        strike, verdict = result
        found.strikes[strike.model, strike.kind] += 1
        if verdict.faults:
            found.broken.append(f"{strike}: {'; '.join(verdict.faults)}")
        elif verdict.footnote:
            notes = found.notes.setdefault((strike.model, strike.kind), Counter())
            notes[verdict.footnote] += 1


def main() -> int:
    """Try, write, and say what was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=30.0)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--models", default=",".join(EVERYTHING))
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    models = options.models.split(",")
    started = time.monotonic()
    found = collect(jobs_of(models, options.every, options.days), print)
    if "BG95" in models:
        found.heap = heap_level.over_a_day()
    broken = page.broken(found)
    for line in broken:
        print("BROKEN", line)
    if options.page:
        print(page.text(found, options.days, options.every))
    elif models == list(EVERYTHING):
        PAGE.write_text(page.text(found, options.days, options.every), encoding="utf-8")
        print(f"wrote {PAGE}")
    print(f"{len(broken)} promises broken, {time.monotonic() - started:.0f} s")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
