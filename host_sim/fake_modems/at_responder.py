"""The AT command engine of every fake modem: bytes in; echo, answers, prompts and URCs out.

V.250 framing and 27.007 error reports live here, what a command does lives in the families. A
line runs command after command; a command answers at once, later (``Call.wait``) or after taking
data (``Call.prompt``). Whatever is bounded on hardware is bounded here, and what is lost is
counted.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from host_sim.fake_modems.at_line import Arguments, Command, CommandFailed, Form, split_line
from host_sim.fake_modems.cme_errors import cme_text

INPUT_LIMIT_BYTES = 4096
"""Bytes that wait while a command runs; a UART driver's buffer, the rest is lost."""

LINE_LIMIT_BYTES = 2048
"""A longer command line is refused with ERROR once its end came."""

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


@dataclass
class _DataMode:
    """A prompt is open: so many bytes, or up to Ctrl-Z, belong to the payload."""

    on_data: Callable[[bytes], None]
    on_cancel: Callable[[], None]
    length: int | None
    echo: bool
    limit: int
    collected: bytearray = field(default_factory=bytearray)


class Call:
    """One command while it runs; handlers get it, write lines and decide how it ends.

    A handler that returns without ``wait``, ``prompt`` or ``final`` ends its command with OK.
    """

    def __init__(self, responder: "AtResponder", command: Command) -> None:
        self.name = command.name
        self.form = command.form
        self.text = command.text
        self._responder = responder
        self._arguments: Arguments | None = None
        self.chunks: list[bytes] = []
        self.result: str | None = "OK"
        self.pending = False
        self.eats_input = False
        self.on_abort: Callable[[], None] | None = None

    @property
    def arguments(self) -> Arguments:
        """The values after ``=``. Raises BadArgument when they are no list of values."""
        if self._arguments is None:
            self._arguments = Arguments(self.text)
        return self._arguments

    def line(self, text: str) -> None:
        """Answer with an information line."""
        data = text.encode("latin-1")
        settings, framing = self._responder.settings, self._responder.framing
        if settings.verbose and (not self.chunks or framing.own_crlf_per_line):
            data = b"\r\n" + data
        self.chunks.append(data + b"\r\n")

    def data(self, block: bytes) -> None:
        """Answer with bytes that nothing may interrupt; the caller frames them."""
        self.chunks.append(block)

    def final(self, result: str | None) -> None:
        """End with this result instead of OK; None: with nothing at all."""
        self.result = result

    def wait(
        self, *, eats_input: bool = False, on_abort: Callable[[], None] | None = None
    ) -> None:
        """Answer later, with ``finish`` or ``fail``; until then no other command runs.

        eats_input: bytes typed meanwhile are lost; else they wait for their turn.
        on_abort: called when the host types anything (V.250 5.6.1: abortable commands).
        """
        self.pending = True
        self.eats_input = eats_input
        self.on_abort = on_abort

    def prompt(
        self,
        on_data: Callable[[bytes], None],
        *,
        length: int | None,
        text: bytes = b"\r\n> ",
        echo: bool = False,
        limit: int = 1460,
        timeout_ms: int | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        """Show a prompt, take ``length`` bytes or (None) up to Ctrl-Z; ``limit`` bytes are kept.

        ``on_cancel`` (default: end with OK) is called when the host escapes or ``timeout_ms``
        passes. Bytes typed before the prompt are lost: the vendors' manuals tell hosts to wait.
        """
        self.pending = True
        mode = _DataMode(on_data, on_cancel or self.finish, length, echo, limit)
        self._responder.open_prompt(self, text, mode, timeout_ms)

    def finish(self, result: str | None = "OK") -> None:
        """End a command that waited. Without effect when the modem restarted meanwhile."""
        self._responder.resolved(self, result, None)

    def fail(self, code: int | None = None) -> None:
        """End a command that waited with +CME ERROR: code, or (None) a bare ERROR."""
        self._responder.resolved(self, "ERROR", code)

    def flush(self) -> None:
        """Send the lines so far although the command still runs."""
        self._responder.flush(self)


class AtResponder:
    """Takes the host's bytes, runs command lines through ``execute``, writes through ``write``.

    ``execute`` gets a Call and may raise CommandFailed. Needs a running loop for its delays.
    """

    def __init__(
        self,
        execute: Callable[[Call], None],
        write: Callable[[bytes], None],
        source: random.Random,
        framing: Framing,
    ) -> None:
        self.settings = Settings()
        self.framing = framing
        self.input_lost = 0
        """Bytes that came faster than they could be taken, or before a prompt."""
        self.urcs_lost = 0
        self._execute = execute
        self._write = write
        self._random = source
        self.reset()

    def reset(self) -> None:
        """Forget everything in flight, as a boot does; settings stay."""
        self._input = bytearray()
        self._line = bytearray()
        self._line_too_long = False
        self._after_cr = False
        self._last_body = ""
        self._commands: deque[Command] = deque()
        self._call: Call | None = None
        self._busy = False
        self._data_mode: _DataMode | None = None
        self._urcs: deque[bytes] = deque()
        self._stop_timer()

    def _stop_timer(self) -> None:
        timer = getattr(self, "_timer", None)
        if timer is not None:
            timer.cancel()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """True while a command line runs or a prompt is open."""
        return self._busy or self._data_mode is not None

    # --- bytes from the host ---------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Take bytes from the host."""
        call = self._call
        if self._busy and call is not None and call.pending and call.on_abort is not None:
            call.on_abort()  # the byte that aborts is no command (V.250 5.6.1)
            return
        if self._busy and call is not None and call.eats_input:
            self.input_lost += len(data)
            return
        room = INPUT_LIMIT_BYTES - len(self._input)
        if self._busy and len(data) > room:
            self.input_lost += len(data) - room
            data = data[:room]
        self._input += data
        self._pump()

    def _pump(self) -> None:
        while self._input and not self._busy:
            if self._data_mode is not None:
                self._take_data(self._data_mode)
            else:
                self._take_line()

    def _take_line(self) -> None:
        if self._after_cr and self._input[0] == 0x0A:  # CRLF: the LF belongs to the CR
            del self._input[:1]
        self._after_cr = False
        end = self._input.find(b"\r")
        taken = len(self._input) if end < 0 else end + 1
        piece = bytes(self._input[:taken])
        del self._input[:taken]
        self._echo(piece)
        room = LINE_LIMIT_BYTES - len(self._line)
        self._line_too_long |= len(piece) > room + 1
        self._line += piece[: max(0, room)]
        repeats = bytes(self._line.strip()[:2]).upper() == b"A/"
        if end < 0 and not repeats:
            return
        self._after_cr = end >= 0
        line, self._line = bytes(self._line), bytearray()
        too_long, self._line_too_long = self._line_too_long, False
        if repeats:  # V.250 5.2.4: no CR needed
            self._start(self._last_body)
        elif too_long:
            self._start("?")
        else:
            self._run_line(line)

    def _run_line(self, line: bytes) -> None:
        text = line.rstrip(b"\r").decode("latin-1")
        while "\b" in text:  # V.250 S5: backspace takes the character before it
            at = text.index("\b")
            text = text[: max(0, at - 1)] + text[at + 1 :]
        found = [at for at in (text.find("AT"), text.find("at")) if at >= 0]
        if found:  # V.250 5.2.1: what stands before AT is ignored
            self._last_body = text[min(found) + 2 :]
            self._start(self._last_body)

    def _start(self, body: str) -> None:
        self._commands = deque(split_line(body))
        self._busy = True
        self._after_delay(self._step)

    def _after_delay(self, callback: Callable[..., None], *arguments: object) -> None:
        delay_ms = self._random.uniform(*self.framing.answer_ms)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(delay_ms / 1000, callback, *arguments)

    def _echo(self, data: bytes) -> None:
        if self.settings.echo:
            self._write(data)

    # --- running a line --------------------------------------------------------------------

    def _step(self) -> None:
        result: str | None = "OK"
        while self._commands:
            call = self._call = Call(self, self._commands.popleft())
            try:
                self._execute(call)
            except CommandFailed as failure:
                return self._end_line(call, self._error(failure.code))
            if call.pending:
                return self.flush(call)
            result = call.result
            if self._commands:
                self.flush(call)
                if result not in (None, "OK"):
                    self._write(self._frame_result(str(result)))
        self._end_line(self._call, result)

    def resolved(self, call: Call, result: str | None, code: int | None) -> None:
        """End a waiting call and go on with its line (called by Call)."""
        if self._call is not call or not call.pending:
            return
        call.pending = call.eats_input = False
        call.on_abort = None
        self._data_mode = None
        self._stop_timer()
        self._busy = True
        if result == "ERROR":
            self._end_line(call, self._error(code))
        elif self._commands:
            self.flush(call)
            self._step()
        else:
            self._end_line(call, result)

    def _end_line(self, call: Call | None, result: str | None) -> None:
        chunks = [] if call is None else call.chunks
        if result is not None and not self.settings.quiet:
            chunks = [*chunks, self._frame_result(result)]
        self._write_answer(chunks)
        self._commands.clear()
        self._call = None
        self._busy = False
        self._release_urcs()
        # The rest of what was typed is next, but not inside the caller's call.
        asyncio.get_running_loop().call_soon(self._pump)

    def flush(self, call: Call) -> None:
        """Send the lines of a call that goes on (called by Call)."""
        chunks, call.chunks = call.chunks, []
        self._write_answer(chunks)

    def _write_answer(self, chunks: list[bytes]) -> None:
        if self._urcs and self.framing.urcs == "between":
            mixed = list(chunks)
            while self._urcs:  # the newest first, so that none overtakes an older one
                mixed.insert(self._random.randint(0, len(mixed)), self._urcs.pop())
            chunks = mixed
        if chunks:
            self._write(b"".join(chunks))

    def _error(self, code: int | None) -> str:
        if code is None or self.settings.cmee == 0:
            return "ERROR"
        return f"+CME ERROR: {code if self.settings.cmee == 1 else cme_text(code)}"

    def _frame_result(self, result: str) -> bytes:
        if self.settings.verbose:
            return b"\r\n" + result.encode("latin-1") + b"\r\n"
        return _RESULT_CODES.get(result, result).encode("latin-1") + b"\r"

    # --- data after a prompt ---------------------------------------------------------------

    def open_prompt(
        self, call: Call, text: bytes, mode: _DataMode, timeout_ms: int | None
    ) -> None:
        """Show a prompt and take data from now on (called by Call)."""
        self.flush(call)
        self.input_lost += len(self._input)
        self._input.clear()
        self._write(text)
        self._data_mode = mode
        self._busy = False
        if timeout_ms is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(timeout_ms / 1000, mode.on_cancel)

    def _take_data(self, mode: _DataMode) -> None:
        if mode.length is not None:
            taken = min(mode.length - len(mode.collected), len(self._input))
            complete = len(mode.collected) + taken >= mode.length
        else:
            ends = [at for at in (self._input.find(0x1A), self._input.find(0x1B)) if at >= 0]
            complete = bool(ends)
            taken = min(ends) + 1 if ends else len(self._input)
        piece = bytes(self._input[:taken])
        del self._input[:taken]
        if mode.echo:
            self._echo(piece)
        cancelled = mode.length is None and piece.endswith(b"\x1b")
        if mode.length is None and complete:
            piece = piece[:-1]
        mode.collected += piece[: max(0, mode.limit - len(mode.collected))]
        if not complete:
            return
        self._data_mode = None
        self._stop_timer()
        self._busy = True
        if cancelled:
            self._after_delay(mode.on_cancel)
        else:
            self._after_delay(mode.on_data, bytes(mode.collected))

    # --- unsolicited ------------------------------------------------------------------------

    def urc(self, text: str | bytes) -> None:
        """Send an unsolicited line (text), or a block that is already framed (bytes)."""
        block = text if isinstance(text, bytes) else self.frame_urc(text)
        held = self._data_mode is not None or (self._busy and self.framing.urcs != "now")
        if not held:
            self._write(block)
            return
        if len(self._urcs) >= URC_LIMIT:
            self._urcs.popleft()
            self.urcs_lost += 1
        self._urcs.append(block)

    def frame_urc(self, text: str) -> bytes:
        """Return an unsolicited line with the line ends it has on the wire."""
        data = text.encode("latin-1") + b"\r\n"
        return b"\r\n" + data if self.settings.verbose else data

    def _release_urcs(self) -> None:
        if self._urcs:
            self._write(b"".join(self._urcs))
            self._urcs.clear()


def only(call: Call, *forms: Form) -> None:
    """Refuse the other forms of a command, as firmware does: with ERROR."""
    if call.form not in forms:
        raise CommandFailed
