"""The AT command engine of every fake modem: bytes in, command lines out, one at a time.

V.250 line discipline lives here, what a command does lives in the families. A line runs command
after command; a command answers at once, later (``Call.wait``) or after taking data
(``Call.prompt``). Whatever is bounded on hardware is bounded here, and what is lost is counted.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable

from ip_commands.host_sim.fake_modems.engine.call import Call, DataMode
from ip_commands.host_sim.fake_modems.engine.line import Command, CommandFailed, split_line
from ip_commands.host_sim.fake_modems.engine.observer import ResultLine
from ip_commands.host_sim.fake_modems.engine.output import AtOutput, Framing

INPUT_LIMIT_BYTES = 4096
"""Bytes that wait while a command runs; a UART driver's buffer, the rest is lost."""

LINE_LIMIT_BYTES = Framing.line_limit_bytes
"""Longest command line of most firmware."""


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
        self.out = AtOutput(write, source, framing)
        self.input_lost = 0
        """Bytes that came faster than they could be taken, or before a prompt."""
        self._execute = execute
        self._random = source
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._data_mode: DataMode | None = None
        self.reset()

    def reset(self) -> None:
        """Forget everything in flight, as a boot does; settings stay."""
        if self.busy:
            self._tell_end(whole=False)
        self._input = bytearray()
        self._line = bytearray()
        self._line_too_long = False
        self._after_cr = False
        self._last_body = ""
        self._commands: deque[Command] = deque()
        self._call: Call | None = None
        self._busy = False
        self._data_mode = None
        self.out.reset()
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def busy(self) -> bool:
        """True while a command line runs or a prompt is open."""
        return self._busy or self._data_mode is not None

    @property
    def prompting(self) -> bool:
        """True while what the host types is payload."""
        return self._data_mode is not None

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
        self._input += data
        self._pump()
        excess = len(self._input) - INPUT_LIMIT_BYTES
        if excess > 0:
            self.input_lost += excess
            del self._input[INPUT_LIMIT_BYTES:]

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
        framing = self.out.framing
        end = self._find_line_end()
        taken = len(self._input) if end < 0 else end + 1
        piece = bytes(self._input[:taken])
        del self._input[:taken]
        self.out.echo(piece)
        room = framing.line_limit_bytes - len(self._line)
        self._line_too_long |= len(piece) > room + 1
        self._line += piece[: max(0, room)]
        repeats = bytes(self._line.strip()[:2]).upper() == b"A/"
        if framing.line_end == b"\r\n":
            end = -1 if not self._line.endswith(b"\r\n") and not self._line_too_long else end
        else:
            self._after_cr = end >= 0
        if end < 0 and not repeats:
            return
        line, self._line = bytes(self._line), bytearray()
        too_long, self._line_too_long = self._line_too_long, False
        if repeats:  # V.250 5.2.4: no CR needed
            self._start(self._last_body)
        elif too_long:
            self._start("?")
        else:
            self._run_line(line)

    def _find_line_end(self) -> int:
        framing = self.out.framing
        mark = framing.line_end[-1]
        if not framing.quotes_hide_line_ends:
            return self._input.find(mark)
        quoted = self._line.count(b'"') % 2 == 1
        for at, byte in enumerate(self._input):
            if byte == 0x22:
                quoted = not quoted
            elif byte == mark and not quoted:
                return at
        return -1

    def _run_line(self, line: bytes) -> None:
        text = line.rstrip(b"\r\n").decode("latin-1")
        while "\b" in text:  # V.250 S5: backspace takes the character before it
            at = text.index("\b")
            text = text[: max(0, at - 1)] + text[at + 1 :]
        found = [at for at in (text.find("AT"), text.find("at")) if at >= 0]
        if found:  # V.250 5.2.1: what stands before AT is ignored
            self._last_body = text[min(found) + 2 :]
            self._start(self._last_body)

    def _start(self, body: str) -> None:
        if self.out.observer is not None:
            self.out.observer.line_begins(f"AT{body}")
        self._commands = deque(split_line(body))
        self._busy = True
        self._after_delay(self._step)

    def _after_delay(self, callback: Callable[..., None], *arguments: object) -> None:
        delay_ms = self._random.uniform(*self.out.framing.answer_ms)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(delay_ms / 1000, callback, *arguments)

    # --- running a line --------------------------------------------------------------------

    def _step(self) -> None:
        result: str | None = "OK"
        while self._commands:
            call = self._call = Call(self, self._commands.popleft())
            try:
                self._execute(call)
            except CommandFailed as failure:
                return self._end_line(call, failure.result or self.out.error(failure.code))
            if call.pending:
                return self.flush(call)
            if call.ended:  # its handler waited, and what it waited for happened at once
                return
            result = call.result
            if self._commands:
                self.flush(call)
                if result not in (None, "OK"):
                    self.out.raw(self.out.result(str(result)))
        self._end_line(self._call, result)

    def resolved(self, call: Call, result: str | None, code: int | None) -> None:
        """End a waiting call and go on with its line (called by Call)."""
        if self._call is not call or not call.pending:
            return
        call.pending = call.eats_input = False
        call.ended = True
        call.on_abort = None
        self._data_mode = None
        self._stop_timer()
        self._busy = True
        if result == "ERROR":
            self._end_line(call, self.out.error(code))
        elif self._commands:
            self.flush(call)
            self._step()
        else:
            self._end_line(call, result)

    def _end_line(self, call: Call | None, result: str | None) -> None:
        chunks = [] if call is None else call.chunks
        if result is not None:
            chunks = [*chunks, self.out.result(result)]
        elif chunks:  # what stands last ends it
            chunks = [*chunks[:-1], ResultLine(chunks[-1])]
        self.out.answer(chunks)
        self._commands.clear()
        self._call = None
        self._busy = False
        self._tell_end(whole=True)
        self.out.release()
        # The rest of what was typed is next, but not inside the caller's call.
        asyncio.get_running_loop().call_soon(self._pump)

    def _tell_end(self, whole: bool) -> None:
        if self.out.observer is not None:
            self.out.observer.line_ended(whole)

    def flush(self, call: Call) -> None:
        """Send the lines of a call that goes on (called by Call)."""
        chunks, call.chunks = call.chunks, []
        self.out.answer(chunks)

    # --- data after a prompt ---------------------------------------------------------------

    def open_prompt(self, call: Call, text: bytes, mode: DataMode, timeout_ms: int | None) -> None:
        """Show a prompt and take data from now on (called by Call)."""
        self.flush(call)
        if mode.on_bytes is None:
            self.input_lost += len(self._input)
            self._input.clear()
        self.out.prompt(text)
        self._data_mode = mode
        self._busy = False
        if mode.on_bytes is not None:
            asyncio.get_running_loop().call_soon(self._pump)
        if timeout_ms is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(timeout_ms / 1000, mode.on_cancel)

    def _take_data(self, mode: DataMode) -> None:
        if mode.on_bytes is not None:
            typed = bytes(self._input)
            self._input.clear()  # before the call: what it starts may look at the input
            self._input[:0] = typed[max(1, mode.on_bytes(typed)) :]
            return
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
            self.out.echo(piece)
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

    def urc(self, text: str | bytes) -> None:
        """Send an unsolicited line (text), or a block that is already framed (bytes)."""
        self.out.urc(text, running=self._busy, prompting=self._data_mode is not None)
