"""The syntax of AT command lines (ITU-T V.250 5.2 to 5.4): a line in, commands and arguments out.

Pure functions. Text is latin-1, so that any byte survives.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """The four ways to call an extended command (V.250 5.4.3, 5.4.4)."""

    ACTION = ""
    SET = "="
    READ = "?"
    TEST = "=?"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line: ``+CEREG``, ``E``, ``&F``, ``S0``, ``D``; upper case."""

    name: str
    form: Form
    text: str
    """What follows ``=``; the digits of a basic command; the dial string."""


class CommandFailed(Exception):
    """A command ends with an error: ``code`` of +CME ERROR, or None for a bare ERROR.

    result: a final result that +CMEE does not change, such as ``+CMS ERROR: 321``.
    """

    def __init__(self, code: int | None = None, result: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.result = result


class BadArgument(CommandFailed):
    """An argument is missing, of the wrong kind or out of range (27.007 9.2: 50)."""

    def __init__(self) -> None:
        super().__init__(50)


_EXTENDED = re.compile(r"([+#%*^$_!][A-Za-z0-9_/:.\-]*)(=\?|\?|=)?")
_VALUE = re.compile(r'(?:"[^"]*"|[^";])*')
_BASIC = re.compile(r"([&\\]?[A-Za-z])(\d*)(\?|=\d*)?")
_S_PARAMETER = re.compile(r"[Ss](\d+)(\?|=(\d*))?")
_FIELD = re.compile(r'[ ]*(?:"([^"]*)"[ ]*|([^,"]*))(,|\Z)', re.DOTALL)


def split_line(body: str) -> Iterator[Command]:
    """Yield the commands of a line without its ``AT``.

    What is not AT syntax comes out as a command with an impossible name, so that the commands
    before it still run and the line then ends with ERROR, as V.250 5.3.1 wants.
    """
    position = 0
    while position < len(body):
        if body[position] in " ;":
            position += 1
            continue
        if body[position] in "Dd":
            yield Command("D", Form.ACTION, body[position + 1 :])
            return
        command, position = _one(body, position)
        yield command


def _one(body: str, position: int) -> tuple[Command, int]:
    match = _EXTENDED.match(body, position)
    if match is not None:
        return _extended(body, match)
    match = _S_PARAMETER.match(body, position)
    if match is not None:
        form = {None: Form.ACTION, "?": Form.READ}.get(match[2], Form.SET)
        return Command("S" + match[1], form, match[3] or ""), match.end()
    match = _BASIC.match(body, position)
    if match is not None:
        form = Form.READ if match[3] == "?" else Form.ACTION
        text = match[2] or (match[3] or "").strip("=?")
        return Command(match[1].upper(), form, text), match.end()
    return Command("?", Form.ACTION, ""), len(body)


def _extended(body: str, match: re.Match[str]) -> tuple[Command, int]:
    form = Form(match[2] or "")
    name, end = match[1].upper(), match.end()
    if form is Form.SET:
        value = _VALUE.match(body, end)
        stop = end if value is None else value.end()
        if stop < len(body) and body[stop] == '"':  # a quote that is never closed takes the rest
            stop = len(body)
        return Command(name, form, body[end:stop]), stop
    rest = body[end:].lstrip(" ")
    if rest and not rest.startswith(";"):
        return Command("?", Form.ACTION, ""), len(body)
    return Command(name, form, ""), end


class Arguments:
    """The values of a SET command, by position; anything wrong raises BadArgument."""

    __slots__ = ("_fields",)

    def __init__(self, text: str) -> None:
        self._fields: list[tuple[str, bool]] = []
        position = 0
        while text:
            match = _FIELD.match(text, position)
            if match is None:
                raise BadArgument
            quoted = match[1] is not None
            self._fields.append((match[1] if quoted else match[2].strip(" "), quoted))
            position = match.end()
            if match[3] != ",":
                break

    def __len__(self) -> int:
        return len(self._fields)

    def given(self, index: int) -> bool:
        """Return True if that value is there and not left empty."""
        return index < len(self._fields) and self._fields[index] != ("", False)

    def is_quoted(self, index: int) -> bool:
        """Return True if that value was written in quotes."""
        return index < len(self._fields) and self._fields[index][1]

    def text(self, index: int, default: str | None = None) -> str:
        """Return a string, quoted or not; ``default`` when it was left out."""
        if self.given(index):
            return self._fields[index][0]
        if default is None:
            raise BadArgument
        return default

    def quoted(self, index: int, default: str | None = None) -> str:
        """Return a string that must be quoted; ``default`` when it was left out."""
        if self.given(index) and not self._fields[index][1]:
            raise BadArgument
        return self.text(index, default)

    def integer(self, index: int, low: int, high: int, default: int | None = None) -> int:
        """Return a decimal number in low..high; ``default`` when it was left out."""
        if not self.given(index) and default is not None:
            return default
        text = self.text(index)
        if not (text.isascii() and text.isdigit() and len(text) <= 10):
            raise BadArgument
        number = int(text)
        if not low <= number <= high:
            raise BadArgument
        return number

    def no_more_than(self, count: int) -> None:
        """Refuse a command with more values than it has."""
        if len(self._fields) > count:
            raise BadArgument
