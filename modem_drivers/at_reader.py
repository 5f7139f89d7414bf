"""What a modem says: one task reads it; a line goes to the command in flight or to a handler."""

import asyncio

from ip_commands.device.portable import const, wait_event_ms
from ip_commands.modem_drivers.at_exchange import printable
from ip_commands.modem_drivers.at_parser import PROMPT, AtParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ip_commands.device.interfaces import ByteStream, Log
    from ip_commands.modem_drivers.at_exchange import Exchange
    from ip_commands.modem_drivers.at_parser import RawRule

    UrcHandler = Callable[[bytes, bytes | None], None]

IDLE = const(0)
DIRTY = const(1)
CLOSED = const(2)

_READ_BYTES = const(256)


class AtReader:
    """The listening half of ``AtChannel``; ``start`` begins it, the stream's end ends it.

    stream: a ByteStream; nobody else may read it. raw_rules: see AtParser.
    urc_handlers: ``((prefix, handler), ...)``, first match wins; a handler is called with the line
    behind the prefix and the payload (None for a plain line), must not block; an exception in it
    is counted in ``handler_errors``.
    boot_lines: lines that only a modem prints which has just booted; ``on_boot(line)`` is called
    for each, and when it returns True the command in flight fails with ModemRestarted.
    on_end: called once when the stream has ended. log: takes a text line per line on the wire.
    """

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
        self.state = IDLE
        self.parser = AtParser(raw_rules)
        self.handler_errors = 0
        self._stream = stream
        self._urc_handlers = urc_handlers
        self._boot_lines = boot_lines
        self._on_boot = on_boot
        self._on_end = on_end
        self._log = log
        self._reader: "asyncio.Task[None] | None" = None
        self._ended = asyncio.Event()
        self._bytes_in = 0
        self._filler_bytes = 0  # what a data prompt may still be waiting for
        self._exchange: "Exchange | None" = None  # the one in flight
        self._lock = asyncio.Lock()  # held while one is

    def start(self) -> None:
        """Start the reader task; a second call does nothing."""
        if self._reader is None and self.state != CLOSED:
            self._reader = asyncio.create_task(self._read())

    async def close(self) -> None:
        """End the stream and the reader; a command in flight raises ModemClosed.

        May be called twice.
        """
        self._close()
        await self._stream.close()
        if self._reader and not await wait_event_ms(self._ended, 1000):
            self._reader.cancel()

    async def _read(self) -> None:
        """Read until the stream ends: the only reader. Whatever ends it closes the channel."""
        parser = self.parser
        try:
            while self.state != CLOSED:
                data = await self._stream.read(min(parser.room(), _READ_BYTES))
                if not data:
                    return
                self._bytes_in += len(data)
                parser.feed(data)
                event = parser.next_event()
                while event:
                    self._on_event(event[0], event[1], event[2])
                    event = parser.next_event()
        except OSError as error:
            if self._log:
                self._log("! the stream failed: %s" % error)
        finally:
            self._close()
            self._ended.set()

    def _close(self) -> None:
        if self.state == CLOSED:
            return
        self.state = CLOSED
        if self._exchange:
            self._exchange.end()
        if self._on_end:
            self._on_end()

    def _on_event(self, kind: int, line: bytes, payload: "bytes | None") -> None:
        if self._log:
            more = "" if payload is None else " [%d bytes]" % len(payload)
            self._log("< %s%s" % (printable(line), more))
        exchange = self._exchange
        if exchange and exchange.done.is_set():
            # what comes behind the final result, even in the same read, is no answer any more
            exchange = None
        if kind == PROMPT:
            if exchange:
                exchange.prompted.set()
        elif payload is None and line in self._boot_lines:
            if self._on_boot is None or self._on_boot(line):
                self.fail_restarted()
        elif exchange and exchange.take(line, payload):
            if exchange.result is not None and self.state == DIRTY:
                self.state = IDLE
        elif not self._give_to_handler(line, payload) and exchange:
            exchange.take_any(line, payload)

    def fail_restarted(self) -> None:
        """Fail the command in flight with ModemRestarted: the modem was seen booting."""
        self._filler_bytes = 0
        if self._exchange and not self._exchange.done.is_set():
            self._exchange.restarted = True
            self._exchange.end()

    def _give_to_handler(self, line: bytes, payload: "bytes | None") -> bool:
        for prefix, handler in self._urc_handlers:
            if line.startswith(prefix):
                try:
                    handler(line[len(prefix) :], payload)
                except Exception as error:  # a garbled URC must not end the reader
                    self.handler_errors += 1
                    if self._log:
                        self._log("! %s: %s" % (printable(line), repr(error)))
                return True
        return False
