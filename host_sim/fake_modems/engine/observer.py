"""For whoever stands between a fake modem and its UART: what the engine's bytes are.

Nothing is told, and nothing costs, while nobody listens.
"""

from collections.abc import Sequence
from typing import Protocol

ECHO, ANSWER, RESULT, PROMPT, URC, RAW = "echo", "answer", "result", "prompt", "urc", "raw"
"""Kinds of output: the host's own bytes; lines and data of an answer; its final result; what asks
for data; what comes unasked; data that flows in a data mode."""

Part = tuple[str, bytes]
"""A kind and the bytes as they go on the wire."""


class Observer(Protocol):
    """Hears of every command line and of every piece of output, just before it happens."""

    def line_begins(self, line: str) -> None:
        """A whole command line came, with its ``AT``; it will run after the answer's delay."""
        ...

    def line_ended(self, whole: bool) -> None:
        """The command line is over: its result was written, or (not whole) the modem went down."""
        ...

    def about_to_write(self, parts: Sequence[Part]) -> None:
        """The next write consists of these parts."""
        ...


class ResultLine(bytes):
    """A final result among the pieces of an answer."""


class Unsolicited(bytes):
    """A URC among the pieces of an answer."""


def kind_of(piece: bytes) -> str:
    """Return the kind of one piece of an answer."""
    if isinstance(piece, ResultLine):
        return RESULT
    return URC if isinstance(piece, Unsolicited) else ANSWER
