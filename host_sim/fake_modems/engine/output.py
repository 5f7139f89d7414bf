"""What a fake modem writes: echo, answer lines, results, error reports, URCs in their place.

V.250 5.7 and 6.2 (framing), 3GPP TS 27.007 9.1 and 9.2 (error reports).
"""

import random
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ip_commands.host_sim.fake_modems.engine.error_numbers import cme_text
from ip_commands.host_sim.fake_modems.engine.observer import (
    ECHO,
    PROMPT,
    RAW,
    RESULT,
    URC,
    Observer,
    Part,
    ResultLine,
    Unsolicited,
    kind_of,
)

URC_LIMIT = 15
"""URCs held back at most; then the oldest is lost (Quectel BG96, QCFG "apready": 15 entries)."""

_RESULT_CODES = {"OK": "0", "CONNECT": "1", "RING": "2", "NO CARRIER": "3", "ERROR": "4"}
"""Numeric result codes of ATV0 (V.250 6.3.1)."""


@dataclass
class Settings:
    """What ATE, ATV, ATQ and AT+CMEE set; AT&F and a boot bring the defaults back."""

    echo: bool = True
    verbose: bool = True
    quiet: bool = False
    cmee: int = 0


@dataclass
class Framing:
    """How this firmware writes and times its answers."""

    answer_ms: tuple[int, int] = (2, 10)
    """Least and most time from the end of a command line to its answer."""

    own_crlf_per_line: bool = False
    """Every answer line opens with its own CRLF, instead of one CRLF for all of them."""

    urcs: str = "now"
    """``now``: also between echo and answer; ``between``: those that come while a command runs
    also between its answer lines; ``after``: never before the final result."""

    urcs_lost_at_prompt: bool = False
    """URCs that come while a prompt is open are lost instead of held back."""

    capital_cme_texts: bool = False
    """Texts of AT+CMEE=2 begin with a capital letter (u-blox SARA-R410M)."""

    own_cme_texts: Mapping[int, str] = field(default_factory=dict)
    """Texts of the vendor's own error numbers."""

    line_end: bytes = b"\r"
    """What ends a command line; of CRLF the CR alone does not."""

    quotes_hide_line_ends: bool = False
    """A line end inside quotes is part of the line, also when the quote was never meant."""

    line_limit_bytes: int = 2048
    """A longer command line is refused with ERROR once its end came."""

    bare_lines: bool = False
    """Answer lines and results have no CRLF in front of them."""


class AtOutput:
    """Frames what the engine says and finds the place of URCs; no URC ever cuts an answer line."""

    def __init__(
        self, write: Callable[[bytes], None], source: random.Random, framing: Framing
    ) -> None:
        self.settings = Settings()
        self.framing = framing
        self.urcs_lost = 0
        self.observer: Observer | None = None
        self._write = write
        self._random = source
        self._held: deque[bytes] = deque()

    def reset(self) -> None:
        """Forget what was held back."""
        self._held.clear()

    def _say(self, *parts: Part) -> None:
        if self.observer is not None:
            self.observer.about_to_write(parts)
        self._write(b"".join([data for _, data in parts]))

    def echo(self, data: bytes) -> None:
        """Return the host's own bytes, if ATE1."""
        if self.settings.echo:
            self._say((ECHO, data))

    def prompt(self, text: bytes) -> None:
        """Ask for data."""
        self._say((PROMPT, text))

    def raw(self, data: bytes) -> None:
        """Write bytes as they are."""
        self._say((RESULT if isinstance(data, ResultLine) else RAW, data))

    def line(self, text: str, first: bool) -> bytes:
        """Return an information line as it goes on the wire; ``first`` of its command or not."""
        data = text.encode("latin-1") + b"\r\n"
        opens = (first or self.framing.own_crlf_per_line) and not self.framing.bare_lines
        if self.settings.verbose and opens:
            return b"\r\n" + data
        return data

    def result(self, text: str) -> bytes:
        """Return a final result as it goes on the wire."""
        if self.settings.quiet:
            return ResultLine()
        if self.settings.verbose:
            before = b"" if self.framing.bare_lines else b"\r\n"
            return ResultLine(before + text.encode("latin-1") + b"\r\n")
        return ResultLine(_RESULT_CODES.get(text, text).encode("latin-1") + b"\r")

    def error(self, code: int | None) -> str:
        """Return the final result of a failure as AT+CMEE wants it."""
        if code is None or self.settings.cmee == 0:
            return "ERROR"
        if self.settings.cmee == 1:
            return f"+CME ERROR: {code}"
        text = self.framing.own_cme_texts.get(code) or cme_text(code)
        if self.framing.capital_cme_texts:
            text = text[0].upper() + text[1:]
        return f"+CME ERROR: {text}"

    def answer(self, chunks: list[bytes]) -> None:
        """Write pieces of an answer; held URCs go between them where the firmware does that."""
        if self._held and self.framing.urcs == "between":
            mixed = list(chunks)
            place = len(mixed)
            while self._held:  # the newest first, so that none overtakes an older one
                place = self._random.randint(0, place)
                mixed.insert(place, Unsolicited(self._held.pop()))
            chunks = mixed
        if chunks:
            self._say(*[(kind_of(chunk), chunk) for chunk in chunks])

    def urc(self, text: str | bytes, *, running: bool, prompting: bool) -> None:
        """Say a line (text) or an already framed block (bytes) unasked, now or when it may."""
        block = text if isinstance(text, bytes) else self.frame_urc(text)
        if prompting and self.framing.urcs_lost_at_prompt:
            self.urcs_lost += 1
        elif prompting or (running and self.framing.urcs != "now"):
            if len(self._held) >= URC_LIMIT:
                self._held.popleft()
                self.urcs_lost += 1
            self._held.append(block)
        else:
            self._say((URC, block))

    def frame_urc(self, text: str) -> bytes:
        """Return an unsolicited line with the line ends it has on the wire."""
        data = text.encode("latin-1") + b"\r\n"
        return Unsolicited(b"\r\n" + data if self.settings.verbose else data)

    def release(self) -> None:
        """Say what was held back: the command is over."""
        if self._held:
            self._say(*[(URC, block) for block in self._held])
            self._held.clear()
