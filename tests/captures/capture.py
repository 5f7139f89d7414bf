"""Captures: what modules said to what hosts typed. README.md beside this file tells the form."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.portable.at_script import HOST, MODEM, PAUSE, unescape

FOLDER = Path(__file__).parent
KINDS = ("real", "quoted", "manual", "another simulator")
"""A log of hardware; its values in prose or condensed; a vendor's example; what it says."""

REASONS = {
    "firmware differs": "the fake plays another firmware, or another module of the series",
    "network differs": "that network offered what this one does not, or the other way round",
    "state unknown": "what the module was in before is not in the log, and decides",
    "not modelled": "the fake has no such command or service",
    "log incomplete": "the poster left lines out, cut or masked them",
    "manual differs": "an example that a log of hardware contradicts, or a misprint",
    "time differs": "the same lines, but they come sooner or later than one exchange",
}
"""Why an exchange may differ; there are no others."""

EQUAL, SHAPE, DIFFERS = "equal", "shape", "differs"


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that the module said; ``varies``: they belong to that module, network or moment."""

    data: bytes
    varies: bool = False


@dataclass
class Move:
    """What somebody did, and what the module said from then until the next move.

    kind: ``>`` the host typed, ``!`` something happened that is not on the UART. text: what the
    host typed, or the action's words. ends: the host's line end follows.
    """

    line: int
    kind: str
    text: bytes | str
    ends: bool = False
    said: list[Piece] = field(default_factory=list)
    reason: str = ""
    explanation: str = ""
    reason_line: int = 0

    @property
    def is_exchange(self) -> bool:
        """True for what counts: the host typed, or the module spoke unasked."""
        return self.kind == HOST or bool(self.said)

    @property
    def data(self) -> bytes:
        """Everything that the module said."""
        return b"".join(piece.data for piece in self.said)


@dataclass
class Capture:
    """One file: its head, its moves in turn."""

    path: Path
    head: dict[str, str]
    moves: list[Move]

    @property
    def model(self) -> str:
        """The fake that plays it: the folder's name."""
        return self.path.parent.name

    @property
    def shows_bytes(self) -> bool:
        """True when the source shows line ends; else lines are compared, not bytes."""
        return self.head["bytes"] == "shown"


def files() -> list[Path]:
    """Return every capture."""
    return sorted(FOLDER.glob("*/*.txt"))


def _value_parts(text: str, raw: bool) -> list[Piece]:
    pieces = []
    for index, part in enumerate(re.split(r"[{}]", text)):
        data = unescape(part) if raw else part.encode("latin-1")
        if data or index % 2:
            pieces.append(Piece(data, bool(index % 2)))
    return pieces


def _pieces(text: str, raw: bool) -> list[Piece]:
    if text.count("{") != text.count("}"):
        raise ValueError(f"a value that varies stands between {{ and }}: {text}")
    parts = _value_parts(text, raw)
    return parts if raw else [Piece(b"\r\n"), *parts, Piece(b"\r\n")]


def _lines(path: Path) -> list[tuple[int, str, bool, str]]:
    """Return (line number, mark, raw, text) of each line that is not empty."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line:
            continue
        mark, raw = line[0], line[1:2] == "|"
        if mark not in "#!><~?" or line[1 + raw : 2 + raw] not in ("", " "):
            raise ValueError(f"{path.name}:{number}: a line begins with # ! > >| < <| ~ or ?")
        found.append((number, mark, raw, line[2 + raw :]))
    return found


@cache
def read(path: Path) -> Capture:
    """Return a capture. Raises ValueError with the line that is not of the form."""
    head: dict[str, str] = {}
    moves: list[Move] = []
    for number, mark, raw, text in _lines(path):
        if mark == "#":
            key, _, value = text.partition(": ")
            head[key] = value
        elif mark == "!":
            moves.append(Move(number, mark, text))
        elif mark == HOST:
            moves.append(Move(number, mark, unescape(text) if raw else text.encode(), not raw))
        elif mark != PAUSE and not moves:
            raise ValueError(f"{path.name}:{number}: nothing happened before; write ! hear")
        elif mark == MODEM:
            moves[-1].said += _pieces(text, raw)
        elif mark == "?":
            moves[-1].reason, _, moves[-1].explanation = text.partition(": ")
            moves[-1].reason_line = number
    return Capture(path, head, moves)


def steps_of(path: Path) -> list[tuple[str, bytes | int]]:
    """Return what a driver meets: (">", bytes), ("<", bytes), ("~", milliseconds)."""
    steps: list[tuple[str, bytes | int]] = []
    for _, mark, raw, text in _lines(path):
        if mark == PAUSE:
            steps.append((mark, int(text)))
        elif mark == HOST:
            steps.append((mark, unescape(text) if raw else text.encode() + b"\r"))
        elif mark == MODEM:
            steps.append((mark, b"".join(piece.data for piece in _pieces(text, raw))))
    return steps


# --- comparison ----------------------------------------------------------------------------------

_ADDRESS = re.compile(r"[\dX]+(?:\.[\dX]+){3,}")
_NUMBER = re.compile(r"[+-]?\d[\dX]*(?:\.\d+)?")
_HEXADECIMAL = re.compile(r"[\dA-Fa-fX]+")
_FIRST_MARK = 0xE000
"""Stands for the first value in a pattern; no byte of latin-1 is as high."""


def _kind(value: str, quoted: bool) -> str:
    """Return what may stand in a value's place; X is a digit that the poster masked."""
    if _ADDRESS.fullmatch(value):
        given = r"(?![0.]+(?![\d.]))" if set(value) - set("0.") else ""  # zeros are no address
        return given + rf"\d+(?:\.\d+){{{value.count('.')}}}"
    if _NUMBER.fullmatch(value) and not quoted:
        return r"[+-]?\d+(?:\.\d+)?"
    if _HEXADECIMAL.fullmatch(value):
        return r"[\dA-Fa-f]+"
    return r'[^\r\n",]+'


def _as_lines(text: str) -> str:
    return "\n".join(line.strip() for line in re.split(r"[\r\n]+", text) if line.strip())


def compare(pieces: list[Piece], said: bytes, shows_bytes: bool) -> str:
    """Return EQUAL, SHAPE or DIFFERS.

    EQUAL: byte for byte; of a log that shows no line ends, line for line without blanks at their
    ends. SHAPE: the same but for values that vary, and those are of the same kind: addresses of as
    many parts (zeros alone are none), numbers, hexadecimal digits (also numbers in quotes), other
    text.
    """
    expected, kinds = "", []
    for piece in pieces:
        text = piece.data.decode("latin-1")
        if piece.varies:
            kinds.append(_kind(text, expected.endswith('"')))
            text = chr(_FIRST_MARK + len(kinds) - 1)
        expected += text
    whole, heard = (
        b"".join(piece.data for piece in pieces).decode("latin-1"),
        said.decode("latin-1"),
    )
    if not shows_bytes:
        expected, whole, heard = _as_lines(expected), _as_lines(whole), _as_lines(heard)
    if whole == heard:
        return EQUAL
    pattern = "".join(
        kinds[ord(letter) - _FIRST_MARK] if ord(letter) >= _FIRST_MARK else re.escape(letter)
        for letter in expected
    )
    return SHAPE if re.fullmatch(pattern, heard) else DIFFERS
