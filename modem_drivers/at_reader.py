"""What a modem says: one task reads it; a line goes to the command in flight or to a handler.

Final results: ITU-T V.250 section 5.7.1, 3GPP TS 27.007 section 9 (``+CME ERROR:``) and
TS 27.005 section 3.2.5 (``+CMS ERROR:``); vendors add their own per command (``SEND OK``).
"""

import asyncio

from ..device.portable import const, since_ms, sleep_ms, ticks_ms, wait_event_ms
from .at_answers import text_of as text_of
from .at_parser import PROMPT, AtParser

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from ..device.interfaces import ByteStream, Log
    from .at_parser import RawRule

    UrcHandler = Callable[[bytes, bytes | None], None]

_ERRORS = const((b"+CME ERROR:", b"+CMS ERROR:"))

_READ_BYTES = const(256)
# Bytes of one line or payload follow each other without a pause; what comes behind a pause this
# long, and begins as a line does, is something else.
_STALL_MS = const(2000)
_HOLD_MS = const(50)  # a whole payload waits so long for what should follow it
_STRAY_PAUSE_MS = const(100)


class Exchange:
    """One command and its answer; the arguments are those of ``AtChannel.command``.

    The channel writes ``echo`` and, once ``prompted`` is set, ``data``; it gives every line to
    ``take`` until ``done`` is set. Then ``lines`` is the answer and ``result`` the final result
    (None where the stream ended or the modem ``restarted``).
    """

    asked = False
    """Whether the command itself is written."""
    written = 0
    """Bytes of the data that are on their way to the modem."""
    datagram: "tuple[bytes, bytes] | None" = None
    """The last line that announced a payload, whole, and the payload."""
    refused = False
    """Whether such a one was an error: its own, it may be."""
    insists = False
    """Whether a final result before any line is one that comes late, of an older command."""
    result: "bytes | None" = None
    restarted = False

    def __init__(
        self,
        text: str,
        prefix: "bytes | None",
        timeout_ms: int,
        finals: "tuple[bytes, ...]" = (b"OK",),
        failures: "tuple[bytes, ...]" = (),
        then: "bytes | None" = None,
        data: bytes = b"",
        prompt: bytes = b">",
        shown: "str | None" = None,
    ) -> None:
        self.echo = b"AT" + text.encode()
        self.shown = shown or text
        """The command as errors and logs may show it."""
        self.timeout_ms = timeout_ms
        self.data = data
        self.prompt: "bytes | None" = prompt if data else None
        """What asks for the data, until it came."""
        self.lines: "list[bytes]" = []
        self.prompted = asyncio.Event()
        self.done = asyncio.Event()
        self.prefix = prefix
        self.finals = finals
        self._failures = _ERRORS + failures
        self._then = then

    def end(self) -> None:
        """Nothing more is to come."""
        self.prompted.set()
        self.done.set()

    def take(self, line: bytes, payload: "bytes | None") -> bool:
        """Take a line that answers the command, or its echo; False when it does neither."""
        if payload is None:
            if line == self.echo:
                return True
            if line == self.prompt:
                self.prompt = None
                self.prompted.set()
                return True
            good = line in self.finals
            if good or line == b"ERROR" or line.startswith(self._failures):
                if self.insists and not self.lines:
                    self.refused = not good
                    return True
                self.result = line
                if not good or self._then is None:
                    self.end()
                return True
        prefix = self._then
        if prefix is not None and line.startswith(prefix):
            self._then = None
            if self.result is not None:
                self.end()
        else:
            prefix = self.prefix
            if not prefix or not line.startswith(prefix):
                return False
        self.lines.append(line[len(prefix) :])
        if payload is not None:
            self.datagram = (line, payload)
            self.lines.append(payload)
        return True


class AtReader:
    """The listening half of ``AtChannel``; ``start`` begins it, the stream's end ends it.

    stream: a ByteStream; nobody else may read it. raw_rules: see AtParser.
    urc_handlers: ``((prefix, handler), ...)``, first match wins; a handler is called with the line
    behind the prefix and the payload (None for a plain line), must not block; an exception in it
    is counted in ``handler_errors``, and so is one of the stream's that is no OSError.
    boot_lines: whole lines that tell of a boot, or the like, and answer no command;
    ``on_boot(line)`` is called for each, and when it returns True the command in flight fails with
    ModemRestarted.
    on_end: called once when the stream has ended. log: takes a text line per line on the wire.
    """

    state = "IDLE"
    handler_errors = 0
    strays = 0
    """Lines that were no answer and no URC that anybody knows."""
    memory_errors = 0
    log_errors = 0
    on_heard: "Callable[[], None] | None" = None
    """Called whenever the modem says anything."""
    _bytes_in = 0
    _cause = ""  # of the stream's end, behind a colon
    _reader: "asyncio.Task[None] | None" = None
    _holder: "asyncio.Task[None] | None" = None  # waits for what follows a payload
    _filler_bytes = 0  # what a data prompt may still be waiting for
    _missed = b""  # data for a prompt that was not heard
    _exchange: "Exchange | None" = None  # the one in flight

    def __init__(
        self,
        stream: "ByteStream",
        raw_rules: "tuple[RawRule, ...]" = (),
        urc_handlers: "tuple[tuple[bytes, UrcHandler], ...]" = (),
        boot_lines: "tuple[bytes, ...]" = (),
        on_boot: "Callable[[bytes], bool] | None" = None,
        on_end: "Callable[[], None] | None" = None,
        log: "Log | None" = None,
    ) -> None:
        self.parser = AtParser(raw_rules)
        self.stream = stream
        """What it reads; nobody else may."""
        self._urc_handlers = urc_handlers
        self._boot_lines = boot_lines
        self._on_boot = on_boot
        self._on_end = on_end
        self._log = log
        self._ended = asyncio.Event()
        self._heard_at = ticks_ms()
        # held while a command is in flight; ``async with`` takes 32 bytes more at each place
        self._lock = asyncio.Lock()

    def start(self) -> None:
        """Start the reader task; a second call does nothing."""
        if self._reader is None and self.state != "CLOSED":
            self._reader = asyncio.create_task(self._read())

    def silent_ms(self) -> int:
        """Return how long the modem has been silent, after days as if for ever."""
        return since_ms(self._heard_at)

    async def close(self) -> None:
        """End the stream and the reader; a command in flight raises ModemClosed.

        May be called twice.
        """
        self._close()
        await self.stream.close()
        if self._reader:
            await wait_event_ms(self._ended, 1000)

    async def _read(self) -> None:
        """Read until the stream ends: the only reader. Whatever ends it closes the channel."""
        parser = self.parser
        try:
            while self.state != "CLOSED":
                try:
                    data = await self.stream.read(min(parser.room(), _READ_BYTES))
                    if not data:
                        return
                    self._take(data)
                    continue
                except MemoryError:  # what was taken stays in the parser's buffer
                    self.memory_errors += 1
                except Exception as error:
                    self.say("! the stream: " + repr(error))
                    if isinstance(error, OSError):
                        return
                    self.handler_errors += 1  # a stray one is not the end
                await sleep_ms(_STRAY_PAUSE_MS)
        finally:
            self._close()
            self._ended.set()

    def _take(self, data: bytes) -> None:
        stalled = self.silent_ms() >= _STALL_MS
        self._heard_at = ticks_ms()
        self._bytes_in += len(data)
        if self.on_heard:
            self.on_heard()
        parser = self.parser
        if stalled and (data[0] in b"\r\n+" or data.startswith(self._boot_lines)):
            self._judge()
            parser.abandon()
        parser.feed(data)
        self._pump()
        if self._holder is None and parser.holds():
            self._holder = asyncio.create_task(self._judge_later())

    def _pump(self) -> None:
        event = self.parser.next_event()
        while event:
            self._on_event(*event)
            event = self.parser.next_event()

    def _judge(self) -> None:
        """Hand over, or drop, a payload that waits for what should follow it: nothing does."""
        self.parser.judge()
        self._pump()

    async def _judge_later(self) -> None:
        try:
            while self.parser.holds():
                bytes_in = self._bytes_in
                await sleep_ms(_HOLD_MS)
                if self._bytes_in == bytes_in:
                    try:
                        self._judge()
                    except MemoryError:  # it stays in the parser's buffer, for the next round
                        self.memory_errors += 1
        finally:
            self._holder = None

    def say(self, text: str) -> None:
        """Log a line; a log that fails (flash full, stdout gone) must not end the reader."""
        if self._log:
            try:
                self._log(text)
            except Exception:
                self.log_errors += 1

    def _close(self, cause: str = "") -> None:
        if self.state == "CLOSED":
            return
        self.state = "CLOSED"
        self._cause = cause
        if self._holder:
            self._holder.cancel()
        self.fail(False)
        if self._on_end:
            self._on_end()

    def _on_event(self, kind: int, line: bytes, payload: "bytes | None") -> None:
        if self._log:
            more = "" if payload is None else " [%d bytes]" % len(payload)
            self.say("< %s%s" % (text_of(line), more))
        exchange = self._exchange
        if exchange and exchange.done.is_set():
            # what comes behind the final result, even in the same read, is no answer any more
            exchange = None
        if kind == PROMPT:
            if exchange:
                exchange.prompted.set()
        elif exchange and exchange.take(line, payload):
            if exchange.result is not None and self.state == "DIRTY":
                self.state = "IDLE"
        elif payload is None and line in self._boot_lines:
            if self._on_boot is None or self._on_boot(line):
                self.fail(True)
        elif not self._hand_over(line, payload):
            if exchange and exchange.prefix is None and payload is None:
                exchange.lines.append(line)
            else:
                self.strays += 1

    def fail(self, restarted: bool) -> None:
        """End the command in flight without a result: the modem booted, or the stream ended."""
        self._filler_bytes = 0
        self._missed = b""
        exchange = self._exchange
        if exchange and not exchange.done.is_set():
            exchange.restarted = restarted
            exchange.result = None
            exchange.end()

    def _hand_over(self, line: bytes, payload: "bytes | None") -> bool:
        for prefix, handler in self._urc_handlers:
            if line.startswith(prefix):
                try:
                    handler(line[len(prefix) :], payload)
                except Exception as error:  # a garbled URC must not end the reader
                    self.handler_errors += 1
                    self.say("! %s: %s" % (text_of(line), repr(error)))
                return True
        return False
