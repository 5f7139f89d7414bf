"""docs/reliability.md: the promises with their tests, and the tables of what was measured."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.reliability.dialects import DIALECTS, NATIVE, PUSHED
from tests.reliability.footnotes import FOOTNOTES, MARKS, footnote_of
from tests.reliability.matrix import NOT_MET, Cell
from tests.reliability.on_micropython import Day
from tests.reliability.soak import Account

PROMISES = (
    (
        "What the modem holds reaches the handler exactly once and unchanged, or its loss is "
        "counted and reported.",
        "tests/reliability/test_every_byte.py::test_a_slice_of_every_byte",
    ),
    (
        "The same over hours with a random fault every few minutes.",
        "tests/reliability/test_soak.py::test_hours_with_random_faults_lose_nothing_in_silence",
    ),
    (
        "Nothing is sent that the program did not send, nothing twice; what may have been sent "
        "raises `SendUncertain`.",
        "tests/reliability/test_every_byte.py::test_what_was_seen_once",
    ),
    (
        "`run()` ends only by `close()` or ModemClosed; after any fault the next command arrives.",
        "tests/reliability/test_matrix.py::test_a_slice_of_the_matrix",
    ),
    (
        "The same over links whose sockets are the board's own, within the minute after which "
        "they are asked.",
        "tests/reliability/test_native_links.py::test_a_slice_of_the_matrix_with_native_links",
    ),
    (
        "A modem that is silent for ever is seen in `state` and `on_error` within two minutes.",
        "tests/reliability/test_matrix.py::test_silence_for_ever_is_seen_within_two_minutes",
    ),
    (
        "Handlers that hang or raise, a full flash and a lack of memory end nothing.",
        "tests/reliability/test_matrix.py::test_what_the_host_does_wrong_ends_nothing",
    ),
    (
        "A heap that is too small fails cleanly, or recovers; never with a wrong payload.",
        "tests/reliability/test_small_heaps.py::"
        "test_a_heap_that_is_too_small_fails_cleanly_and_never_hands_over_anything_wrong",
    ),
)

HEAD = """# Reliability

Written by `make reliability`; do not edit. Every figure comes from simulated modems
(`host_sim.fake_modems`) with `host_sim.faults` in between, in virtual time at 115200 baud. None
was measured on hardware: they show what the device half does when a modem behaves so, not how
often one does. How to inject the faults yourself: [simulator.md](simulator.md).

## Promises
"""


@dataclass
class Findings:
    """Everything that one run found."""

    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    strikes: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    heap: Day | None = None


def broken(found: Findings) -> list[str]:
    """Return a line for each promise that was broken without a named reason."""
    lines = list(found.broken)
    for cell in found.cells.values():
        if not cell.kept and not footnote_of(cell):
            lines.append(f"{cell.model} {cell.row}: {_figures(cell)}")
    everything = (*DIALECTS, *NATIVE)
    for row, cells in _by_row(found, everything).items():
        if len(cells) == len(everything) and all(cell.why_not for cell in cells.values()):
            lines.append(f"{row}: struck nobody, so nothing is known of it")
    for account in found.accounts:
        silent = account.silent if account.model not in PUSHED else 0
        if silent or account.doubled or account.wrong or account.ended:
            lines.append(f"soak {account}")
    if found.heap is not None and (found.heap.wrong or found.heap.ended):
        lines.append(f"MicroPython: {found.heap.wrong} {found.heap.ended}")
    return lines


def text(found: Findings, days: float, every: int) -> str:
    """Return the page."""
    parts = [HEAD, _table(("promise", "proved by"), ((p, f"`{t}`") for p, t in PROMISES))]
    parts += ["\n## Every byte of a conversation\n", _bytes_words(every), _bytes(found)]
    parts += ["\n## Fault by dialect\n", MATRIX_WORDS, _matrix(found, DIALECTS)]
    parts += [_footnotes(found, DIALECTS)]
    parts += ["\n## Fault by native link\n", NATIVE_WORDS, _links(), _matrix(found, NATIVE)]
    parts += [_footnotes(found, NATIVE), _struck_nobody(found)]
    parts += [f"\n## Soak: {days:g} simulated days per dialect\n", SOAK_WORDS, _soak(found)]
    parts += ["\n## Heap over a day\n", _heap(found)]
    wrong = broken(found)
    parts += ["\n## Broken promises\n", "\n".join(f"* {x}" for x in wrong) or "None.", ""]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(field) for field in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _bytes_words(every: int) -> str:
    which = "every byte" if every == 1 else f"one byte in {every}"
    return (
        f"Two datagrams that come at once, and one sent; at {which} of what the modem says in it "
        "something is wrong. While it lasts no payload may be wrong, doubled or lost in silence; "
        "healed, the next command has to arrive within 300 s. Shown: conversations tried, and "
        "how many of them ended in a named limit (below) instead.\n"
    )


def _bytes(found: Findings) -> str:
    kinds = list(dict.fromkeys(kind for _, kind in found.strikes))
    rows = []
    texts: dict[str, str] = {}
    for model in DIALECTS:
        row: list[object] = [model]
        for kind in kinds:
            notes = found.notes.get((model, kind), Counter())
            marks = []
            for words, count in notes.items():
                marks.append(f"{count} ({texts.setdefault(words, chr(97 + len(texts)))})")
            row.append(" ".join([str(found.strikes[model, kind]), *marks]))
        rows.append(tuple(row))
    limits = "".join(f"\n({mark}) {words}.\n" for words, mark in texts.items())
    return _table(("modem", *kinds), iter(rows)) + limits


MATRIX_WORDS = """Seconds from the end of the fault to the first datagram that is handled again
(median of three seeds), and what is seen of it first: a state or the error that `on_error` hears,
with the seconds since the fault began; "counters": only `health()` tells; "nothing": nobody needs
to know. Letters are the reasons below the table: what this dialect cannot do by its nature.
"none": this modem cannot have that fault; "not met": nothing that it said or heard meanwhile could
be struck.
"""
NATIVE_WORDS = """Links whose sockets are the board's own. The catalogue's faults strike PPP's
modem while it is dialled anew, and those of network and power its call; links without an AT line
have the latter only, each as the firmware's calls show it. Nobody tells that a link is gone: the
client asks every minute, which is the time in most cells; what is over before is not noticed. A
call into the firmware that never returns stops the whole board: nothing but a watchdog
ends that. Every byte, the soak and the heap are not tried here: no payload passes our parser.
"""
SOAK_WORDS = """A fault every two to eight minutes, a command every 20 to 180 seconds, a message
every one to ten minutes. *Held*: taken by the modem into an open socket. *Counted*: losses by the
counter that owns up to them. *Lost in silence*: what an hour lost beyond what was counted in it;
*false alarms*: what was counted beyond what was lost, where a dialect cannot tell whether an
answer that did not come held something.
*Taken along*: held by a modem that restarted, or that threw it away with its data connection.
u-blox modules hand over a datagram of more than
1024 bytes in two reads without saying that they belong together; one that waited behind others
cannot be told from two, and is dropped and counted. A read that nobody reported anything for, and
whose answer does not come, counts as one lost until the modem answers a read: its report may have
been lost as well. What the modem holds when the client is closed is counted. Not counted is what
an earlier program left in a socket of its own: `start()` closes that unread.
"""


def _figures(cell: Cell) -> str:
    lost = [f"{cell.total(n)} {n}" for n in ("lost", "doubled", "wrong") if cell.total(n)]
    time = "never" if cell.recovered_s is None else f"{cell.recovered_s:.0f} s"
    return ", ".join([time, *lost])


def _by_row(found: Findings, columns: Iterable[str]) -> dict[str, dict[str, Cell]]:
    """Return the cells of these columns by row and column, rows by name."""
    rows: dict[str, dict[str, Cell]] = {}
    for (name, model), cell in sorted(found.cells.items()):
        if model in columns:
            rows.setdefault(name, {})[model] = cell
    return rows


def _matrix(found: Findings, columns: Iterable[str]) -> str:
    """Return the table of those rows that at least one of the columns has."""
    rows: list[tuple[object, ...]] = []
    for name, cells in _by_row(found, columns).items():
        if not all(cell.why_not for cell in cells.values()):
            rows.append((f"`{name}`", *(_words(cells.get(model)) for model in columns)))
    return _table(("fault", *columns), iter(rows))


def _words(cell: Cell | None) -> str:
    if cell is None:
        return "none"
    if cell.why_not:
        return "not met" if cell.why_not == NOT_MET else "none"
    words = f"{_figures(cell)}; {cell.seen.replace('nothing to see', 'nothing')}"
    return words if cell.kept else f"{words} ({MARKS.get(footnote_of(cell), '`BROKEN`')})"


def _footnotes(found: Findings, columns: Iterable[str]) -> str:
    cells = [cell for cell in found.cells.values() if cell.model in columns and not cell.kept]
    used = {footnote_of(cell) for cell in cells}
    return "\n".join(f"({MARKS[key]}) {FOOTNOTES[key]}\n" for key in FOOTNOTES if key in used)


def _links() -> str:
    return _table(("link", "what it is"), ((name, words) for name, words in NATIVE.items()))


def _struck_nobody(found: Findings) -> str:
    """Name the rows that no native link has, with PPP's reason: the others' is said above."""
    reasons: dict[str, list[str]] = {}
    for name, cells in _by_row(found, NATIVE).items():
        if all(cell.why_not for cell in cells.values()):
            why = next(iter(cells.values())).why_not
            reasons.setdefault(why, []).append(f"`{name}`")
    lines = [f"* {why}: {', '.join(names)}" for why, names in reasons.items()]
    return "\nWhat no native link has:\n\n" + "\n".join(lines) + "\n"


def _soak(found: Findings) -> str:
    head = ("modem", "faults", "held", "handled", "counted", "taken along")
    head += ("lost in silence", "false alarms", "doubled", "wrong", "reopened", "recovered by")
    head += ("hours in state",)
    rows = []
    for a in sorted(found.accounts, key=lambda account: list(DIALECTS).index(account.model)):
        counted = ", ".join(f"{name} {count}" for name, count in a.counted.items()) or "0"
        by = ", ".join(f"{name} {count}" for name, count in a.recovered_by.items())
        hours = ", ".join(f"`{name}` {s / 3600:.1f}" for name, s in a.seconds.items())
        silent = f"{a.silent} ({MARKS['push']})" if a.silent and a.model in PUSHED else a.silent
        figures = (a.arrived, a.handled, counted, a.taken_along, silent, a.false_alarms)
        rows.append((a.model, a.faults, *figures, a.doubled, len(a.wrong), a.reopened, by, hours))
    return _table(head, iter(rows))


def _heap(found: Findings) -> str:
    if found.heap is None or not found.heap.heap:
        return "Not measured: without BG95, or without the MicroPython interpreter or compiler.\n"
    heap = found.heap
    levels = ", ".join(f"{used / 2048:.1f}" for used, _ in heap.heap[::4])
    return (
        "BG95 on the MicroPython interpreter with 192 KiB of heap (as on a 32-bit board), with a "
        f"fault every 2 to 10 minutes: {len(heap.got)} of {len(heap.sent)} datagrams that the "
        f"network had were handled (the others came while there was no socket), "
        f"{len(heap.wrong)} wrong. In use behind a collection, every 4 hours, KiB: {levels}.\n"
    )
