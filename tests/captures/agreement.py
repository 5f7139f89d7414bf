"""How far the fakes agree with the captures: figures, their floor, and the page that shows them.

``python -m tests.captures.agreement`` writes docs/agreement.md and floors.csv, and takes reasons
out of captures whose exchange agrees by now. It refuses to write a floor that is lower.
"""

import csv
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ip_commands.host_sim.fake_modems import MODELS
from ip_commands.host_sim.time.virtual_time import run
from tests.captures.capture import DIFFERS, EQUAL, FOLDER, REASONS, SHAPE, Capture, files, read
from tests.captures.player import Played, play

FLOORS = FOLDER / "floors.csv"
PAGE = FOLDER.parent.parent / "docs" / "agreement.md"
COLUMNS = ("model", "exchanges", "equal", "shape", "differs")

_INTRODUCTION = """\
# Agreement with captures

Written by `python -m tests.captures.agreement`: run it after a change to a fake or a capture.

What modules said in public logs and in the vendors' examples is kept in `tests/captures/`, each
with its source. Every exchange is played to the fake of that model in the same state and compared:

* **equal**: byte for byte; where a log shows no line ends, line for line;
* **shape**: the same but for values that belong to that module, network or moment, each of the
  same kind (an address of as many parts, not zeros alone; a number, hexadecimal digits, text);
* **differs**: anything else, always with a reason beside the exchange.

An exchange is a line or a payload that the host sends and all that the modem says until the next
one, or what the modem says unasked. *Of modules*: from logs of hardware, or values of hardware
told in prose; the others are examples of manuals. A model that is not in the table has no capture.
"""
_FLOOR = """\
`floors.csv` beside the captures holds these numbers; a test fails when what is equal, or what
agrees, gets less, and when it gets more and the file was not written anew.
"""


@dataclass
class Figures:
    """What became of one model's exchanges."""

    captures: int = 0
    real: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def exchanges(self) -> int:
        return self.outcomes.total()

    def row(self) -> tuple[int, ...]:
        """Return what the floor keeps: exchanges, equal, shape, differs."""
        return (self.exchanges, *(self.outcomes[each] for each in (EQUAL, SHAPE, DIFFERS)))


@cache
def played() -> tuple[tuple[Capture, tuple[Played, ...]], ...]:
    """Return every capture that a fake can play, and what the fake made of it."""
    captures = [read(path) for path in files()]
    return tuple((each, tuple(run(play(each)))) for each in captures if each.model in MODELS)


def figures() -> dict[str, Figures]:
    """Return the figures of each model that has captures."""
    found: dict[str, Figures] = {}
    for capture, moves in played():
        model = found.setdefault(capture.model, Figures())
        model.captures += 1
        model.real += len(moves) if capture.head["kind"] in ("real", "quoted") else 0
        model.outcomes.update(each.outcome for each in moves)
        model.reasons.update(each.move.reason for each in moves if each.outcome == DIFFERS)
    return found


def floors() -> dict[str, tuple[int, ...]]:
    """Return the rows of floors.csv."""
    with FLOORS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {model: tuple(int(number) for number in numbers) for model, *numbers in rows}


def fell(floor: dict[str, tuple[int, ...]], now: dict[str, Figures]) -> list[str]:
    """Return a sentence for each number that is lower than the floor.

    Neither what is equal nor what is equal or of the same shape may get less.
    """
    said = []
    for model, (_, equal, shape, _) in floor.items():
        _, equal_now, shape_now, _ = now.get(model, Figures()).row()
        if equal_now < equal:
            said.append(f"{model}: {equal_now} exchanges are equal, {equal} were")
        if equal_now + shape_now < equal + shape:
            said.append(f"{model}: {equal_now + shape_now} exchanges agree, {equal + shape} did")
    return said


def page(now: dict[str, Figures]) -> str:
    """Return docs/agreement.md."""
    lines = [
        *_INTRODUCTION.splitlines(),
        "",
        "| model | captures | exchanges | of modules | equal | shape | differs |",
        "|---|---|---|---|---|---|---|",
    ]
    total = Figures()
    for model, each in sorted(now.items()):
        lines.append(_table_row(model, each))
        total.captures += each.captures
        total.real += each.real
        total.outcomes += each.outcomes
        total.reasons += each.reasons
    lines += [
        _table_row("**all**", total),
        "",
        *_FLOOR.splitlines(),
        "",
        "## Why exchanges differ",
        "",
        "| reason | meaning | exchanges |",
        "|---|---|---|",
    ]
    lines += [f"| {name} | {text} | {total.reasons[name]} |" for name, text in REASONS.items()]
    return "\n".join([*lines, ""])


def _table_row(model: str, figures: Figures) -> str:
    exchanges, *outcomes = figures.row()
    cells = (model, figures.captures, exchanges, figures.real, *outcomes)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def take_out_reasons() -> int:
    """Remove the reasons of exchanges that agree; return how many."""
    count = 0
    for capture, moves in played():
        agreeing = [each.move for each in moves if each.outcome != DIFFERS and each.move.reason]
        if agreeing:
            _write_without(capture.path, {move.reason_line for move in agreeing})
        count += len(agreeing)
    return count


def _write_without(path: Path, numbers: set[int]) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for number, line in enumerate(lines, 1) if number not in numbers]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def write() -> int:
    """Write page, floors and captures; return the exit code."""
    now = figures()
    lower = fell(floors(), now) if FLOORS.exists() else []
    without = [
        f"{capture.path.relative_to(FOLDER)}:{each.move.line} differs without a reason"
        for capture, moves in played()
        for each in moves
        if each.outcome == DIFFERS and not each.move.reason
    ]
    if lower or without:
        print("\n".join([*lower, *without, "nothing was written"]), file=sys.stderr)
        return 1
    rows = [COLUMNS, *((model, *each.row()) for model, each in sorted(now.items()))]
    text = "\n".join(",".join(str(cell) for cell in row) for row in rows)
    FLOORS.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(page(now), encoding="utf-8")
    print(f"{take_out_reasons()} reasons were taken out of captures")
    return 0


if __name__ == "__main__":
    sys.exit(write())
