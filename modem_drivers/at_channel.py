"""One conversation with an AT modem: one reader task, one command in flight, URCs to handlers.

State: IDLE -> DIRTY when a command is written, DIRTY -> IDLE only when its final result has come.
A time-out or a cancellation therefore leaves DIRTY behind, and the next command first
resynchronises: late answers pass by, a waiting data prompt is fed, then ``AT`` until ``OK``
and silence. CLOSED is for good: the stream ended.

Final results: ITU-T V.250 section 5.7.1, 3GPP TS 27.007 section 9 (``+CME ERROR:``) and
TS 27.005 section 3.2.5 (``+CMS ERROR:``); vendors add their own per command (``SEND OK``).
"""

import asyncio

from device.errors import CommandError, ModemClosed, ModemRestarted, ModemTimeout
from device.portable import TimeoutError, const, sleep_ms, wait_event_ms, wait_for_ms
from modem_drivers.at_parser import PROMPT, AtParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from device.interfaces import ByteStream, Log
    from modem_drivers.at_parser import RawRule

    UrcHandler = Callable[[bytes, bytes | None], None]
    # text, prefix, time limit, finals, failures, then, data, prompt, text for errors and logs
    Order = tuple[
        str,
        bytes | None,
        int,
        tuple[bytes, ...],
        tuple[bytes, ...],
        bytes | None,
        bytes | None,
        bytes,
        str,
    ]

IDLE = const(0)
DIRTY = const(1)
CLOSED = const(2)

OK = (b"OK",)
_READ_BYTES = const(256)
_RESYNC_TRIES = const(5)
_RESYNC_TIMEOUT_MS = const(500)
_QUIET_MS = const(200)
_QUIET_TRIES = const(10)
_FILLER_PIECE_BYTES = const(64)
# An answered AT brings 6 to 12 bytes in _RESYNC_TIMEOUT_MS, a payload on its way more than that
# even at 1200 baud: fewer bytes mean that the announced payload is never coming.
_TRICKLE_BYTES = const(48)


class AtChannel:
    """Own the stream to a modem: ``start`` once, ``command`` from any task, ``close`` at last.

    stream: a ByteStream; nobody else may read it. raw_rules: see AtParser.
    urc_handlers: ``((prefix, handler), ...)``, first match wins; a handler is called with the line
    behind the prefix and the payload (None for a plain line), must not block; an exception in it
    is counted in ``handler_errors``.
    boot_lines: lines that only a modem prints which has just booted; ``on_boot(line)`` is called
    for each, and when it returns True the command in flight fails with ModemRestarted.
    on_end: called once when the stream has ended. log: takes a text line per line on the wire.
    """

    line_end = b"\r"
    """What ends a command line; a few firmwares want CR LF."""

    gap_ms = 0
    """Pause after a final result before the next command, where a vendor asks for one."""

    prompt_pause_ms = 0
    """Pause between a data prompt and the data, where a vendor asks for one."""

    wake_up: "Callable[[], Awaitable[None]] | None" = None
    """Awaited before each command, for a modem whose UART sleeps (DTR line)."""

    def __init__(
        self,
        stream: "ByteStream",
        raw_rules: "tuple[RawRule, ...]" = (),
        urc_handlers: "tuple[tuple[bytes, UrcHandler], ...]" = (),
        boot_lines: "tuple[bytes, ...]" = (),
        on_boot: "Callable[[bytes], bool] | None" = None,
        on_end: "Callable[[], None] | None" = None,
        log: "Log | None" = None,
    ):
        self.state = IDLE
        self.parser = AtParser(raw_rules)
        self.handler_errors = 0
        self._stream = stream
        self._urc_handlers = urc_handlers
        self._boot_lines = boot_lines
        self._on_boot = on_boot
        self._on_end = on_end
        self._log = log
        self._lock = asyncio.Lock()
        self._reader: "asyncio.Task[None] | None" = None
        self._data_task: "asyncio.Task[None] | None" = None
        self._ended = asyncio.Event()
        self._bytes_in = 0
        self._filler_bytes = 0  # what a data prompt may still be waiting for
        # the exchange in flight
        self._in_flight = False
        self._echo = b""
        self._prefix: "bytes | None" = b""
        self._then: "bytes | None" = None
        self._finals: "tuple[bytes, ...]" = OK
        self._failures: "tuple[bytes, ...]" = ()
        self._prompt_line: "bytes | None" = None
        self._lines: "list[bytes]" = []
        self._result: "bytes | None" = None
        self._restarted = False
        self._prompted = asyncio.Event()
        self._done = asyncio.Event()

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

    async def command(
        self,
        text: str,
        prefix: "bytes | None" = b"",
        timeout_ms: int = 5000,
        finals: "tuple[bytes, ...]" = OK,
        failures: "tuple[bytes, ...]" = (),
        then: "bytes | None" = None,
        data: "bytes | None" = None,
        prompt: bytes = b">",
        shown: "str | None" = None,
    ) -> "list[bytes]":
        """Send ``AT`` + text; return what came before the final result, as a list of bytes.

        prefix: lines that begin with it are returned without it, each payload as an item of its
        own behind its header; None: every line that is no URC (for answers without prefix, such as
        +CGSN's).
        finals, failures: the exact lines that end this command well or badly, besides ERROR,
        +CME ERROR and +CMS ERROR. then: a line with this prefix must come too, before or after the
        final result; it is returned without the prefix, last when it came last.
        data: bytes to write at ``prompt`` (``b">"``, ``b"@"``, or a whole line such as ``b"OK"``).
        Once such a command is written it is carried through even if the caller is cancelled.
        shown: the command as it may appear in errors and logs, when text holds a secret.

        Raises CommandError, ModemTimeout, ModemRestarted, ModemClosed. Any task may call: commands
        wait for each other.
        """
        order = (text, prefix, timeout_ms, finals, failures, then, data, prompt, shown or text)
        if data is not None:
            return await self._carry_through(order)
        async with self._lock:
            return await self._run(order)

    async def synchronise(self, filler_bytes: int = 0) -> None:
        """Send ``AT`` until the modem answers OK and is silent. Raises ModemTimeout, ModemClosed.

        filler_bytes: feed a data prompt that an earlier program may have left, with that many CRs
        (ignored in command mode).
        """
        async with self._lock:
            self._filler_bytes = max(self._filler_bytes, filler_bytes)
            try:
                await self._resync("")
            except ModemTimeout:
                self._filler_bytes = 0  # fed twice and still silent: it was no prompt
                raise

    async def _carry_through(self, order: "Order") -> "list[bytes]":
        """Run a command with data in a task of its own: a prompt must never stay without data."""
        outcome: "list[Any]" = [False, None, None]  # begun, lines, error
        finished = asyncio.Event()
        task = asyncio.create_task(self._run_data(order, outcome, finished))
        try:
            await finished.wait()  # bounded by the task: its turn, its resync, its time limit
        except asyncio.CancelledError:
            if not outcome[0]:
                task.cancel()
            raise
        if outcome[2]:
            raise outcome[2]
        lines: "list[bytes]" = outcome[1]
        return lines

    async def _run_data(
        self, order: "Order", outcome: "list[Any]", finished: asyncio.Event
    ) -> None:
        try:
            async with self._lock:
                self._data_task = asyncio.current_task()
                outcome[0] = True
                outcome[1] = await self._run(order)
        except Exception as error:  # handed to the caller, who may be gone
            outcome[2] = error
        finally:
            self._data_task = None
            finished.set()

    async def _run(self, order: "Order") -> "list[bytes]":
        if self.wake_up:
            await self.wake_up()
        if self.state == DIRTY:
            await self._resync(order[8])
        return await self._exchange(order)

    async def _exchange(self, order: "Order") -> "list[bytes]":
        text, prefix, timeout_ms, finals, failures, then, data, prompt, shown = order
        if self.state == CLOSED:
            raise ModemClosed("AT%s -> the stream to the modem has ended" % shown)
        self.state = DIRTY
        self._prefix, self._then, self._finals, self._failures = prefix, then, finals, failures
        self._lines, self._result, self._restarted = [], None, False
        self._echo = b"AT" + text.encode()
        self._prompt_line = prompt if data is not None and len(prompt) > 1 else None
        self._prompted.clear()
        self._done.clear()
        self._in_flight = True
        if data is not None and len(prompt) == 1:
            self.parser.expect_prompt(prompt)
        if self._log:
            self._log("> AT%s%s" % (shown, "" if data is None else " [%d bytes]" % len(data)))
        try:
            await wait_for_ms(self._talk(data), timeout_ms)
        except TimeoutError:
            if not self._done.is_set():
                raise ModemTimeout(shown, timeout_ms)
        except OSError as error:
            self._close()
            raise ModemClosed("AT%s -> the stream to the modem failed: %s" % (shown, error))
        finally:
            self._in_flight = False
            if data is not None:
                self.parser.expect_prompt(None)
                if self.state == DIRTY and not self._restarted:
                    self._filler_bytes = len(data)
        lines, self._lines = self._lines, []
        if self._restarted:
            raise ModemRestarted("AT%s -> the modem has booted; start it again" % shown)
        if self._result is None:
            raise ModemClosed("AT%s -> the stream to the modem has ended" % shown)
        if self._result not in finals:
            raise CommandError(shown, printable(self._result))
        if self.gap_ms:
            await sleep_ms(self.gap_ms)
        return lines

    async def _talk(self, data: "bytes | None") -> None:
        await self._stream.write(self._echo + self.line_end)
        if data is not None:
            await self._prompted.wait()
            if not self._done.is_set():
                if self.prompt_pause_ms:
                    await sleep_ms(self.prompt_pause_ms)
                await self._stream.write(data)
        await self._done.wait()

    async def _resync(self, shown: str) -> None:
        """Send AT until OK and silence; whatever is late passes by with no command in flight."""
        order = ("", b"", _RESYNC_TIMEOUT_MS, OK, (), None, None, b">", "")
        for attempt in range(_RESYNC_TRIES):
            if self._filler_bytes and attempt % 2 == 0:
                await self._fill()
            bytes_before = self._bytes_in
            try:
                await self._exchange(order)
            except (ModemTimeout, CommandError, ModemRestarted):
                self.state = DIRTY if self.state != CLOSED else CLOSED
                if (
                    self.parser.raw_missing() > 0
                    and self._bytes_in - bytes_before < _TRICKLE_BYTES
                ):
                    self.parser.reset()
                continue
            self.state = DIRTY  # until it is quiet: a cancellation now must not count as clean
            await self._wait_until_quiet()
            if self.state == DIRTY:
                self.state = IDLE
                self._filler_bytes = 0
                return
        raise ModemTimeout(shown, _RESYNC_TRIES * _RESYNC_TIMEOUT_MS)

    async def _fill(self) -> None:
        """Give a waiting data prompt what it waits for; in command mode CRs are empty lines."""
        left = self._filler_bytes
        if self._log:
            self._log("> [%d CR]" % left)
        try:
            while left > 0:
                piece = min(left, _FILLER_PIECE_BYTES)
                await wait_for_ms(self._stream.write(b"\r" * piece), _RESYNC_TIMEOUT_MS)
                left -= piece
        except TimeoutError:
            pass  # the line is blocked: the AT that follows will find out
        except OSError as error:
            self._close()
            raise ModemClosed("the stream to the modem failed: %s" % error)

    async def _wait_until_quiet(self) -> None:
        for _ in range(_QUIET_TRIES):
            bytes_before = self._bytes_in
            await sleep_ms(_QUIET_MS)
            if self._bytes_in == bytes_before:
                return

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
        self._prompted.set()
        self._done.set()
        if self._on_end:
            self._on_end()

    def _on_event(self, kind: int, line: bytes, payload: "bytes | None") -> None:
        if self._log:
            more = "" if payload is None else " [%d bytes]" % len(payload)
            self._log("< %s%s" % (printable(line), more))
        if kind == PROMPT:
            self._prompted.set()
        elif payload is None and line in self._boot_lines:
            if self._on_boot is None or self._on_boot(line):
                self.fail_restarted()
        else:
            # what comes behind the final result, even in the same read, is no answer any more
            waiting = self._in_flight and not self._done.is_set()
            if not (waiting and self._take_reply(line, payload)):
                if not self._give_to_handler(line, payload) and waiting:
                    if self._prefix is None and line != self._echo:
                        self._lines.append(line)
                        if payload is not None:
                            self._lines.append(payload)

    def fail_restarted(self) -> None:
        """Fail the command in flight with ModemRestarted: the modem was seen booting."""
        self._filler_bytes = 0
        if self._in_flight and not self._done.is_set():
            self._restarted = True
            self._prompted.set()
            self._done.set()

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

    def _take_reply(self, line: bytes, payload: "bytes | None") -> bool:
        """Take a line of the command in flight; False when it is not one."""
        if payload is None:
            if line == self._prompt_line:
                self._prompt_line = None
                self._prompted.set()
                return True
            if line in self._finals:
                self._finish(line, self._then is None)
                return True
            if line.startswith((b"+CME ERROR:", b"+CMS ERROR:")) or (
                line == b"ERROR" or line in self._failures
            ):
                self._finish(line, True)
                return True
        prefix = self._then
        if prefix is not None and line.startswith(prefix):
            self._then = None
            if self._result is not None:
                self._prompted.set()
                self._done.set()
        else:
            prefix = self._prefix
            if not prefix or not line.startswith(prefix):
                return False
        self._lines.append(line[len(prefix) :])
        if payload is not None:
            self._lines.append(payload)
        return True

    def _finish(self, line: bytes, complete: bool) -> None:
        if self.state == DIRTY:
            self.state = IDLE
        self._result = line
        if complete:
            self._prompted.set()
            self._done.set()


def printable(line: bytes) -> str:
    """Return bytes as text for logs and errors, whatever they are."""
    return repr(line)[2:-1]
