"""One conversation with an AT modem: one command in flight, and order again after trouble.

State: IDLE -> DIRTY when a command is written, DIRTY -> IDLE only when its final result has come.
A time-out or a cancellation therefore leaves DIRTY behind, and the next command first
resynchronises: late answers pass by, a waiting data prompt is fed, then ``AT`` until ``OK``
and silence. CLOSED is for good: the stream ended.
"""

import asyncio

from ip_commands.device.errors import CommandError, ModemClosed, ModemRestarted, ModemTimeout
from ip_commands.device.portable import TimeoutError, const, sleep_ms, wait_for_ms
from ip_commands.modem_drivers.at_exchange import OK, Exchange, printable
from ip_commands.modem_drivers.at_reader import CLOSED, DIRTY, IDLE, AtReader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from ip_commands.modem_drivers.at_reader import UrcHandler as UrcHandler

_RESYNC_TRIES = const(5)
_RESYNC_TIMEOUT_MS = const(500)
_QUIET_MS = const(200)
_QUIET_TRIES = const(10)
_FILLER_PIECE_BYTES = const(64)
# An answered AT brings 6 to 12 bytes in _RESYNC_TIMEOUT_MS, a payload on its way more than that
# even at 1200 baud: fewer bytes mean that the announced payload is never coming.
_TRICKLE_BYTES = const(48)


class AtChannel(AtReader):
    """Own the stream to a modem: ``start`` once, ``command`` from any task, ``close`` at last.

    Arguments: see AtReader.
    """

    line_end = b"\r"
    """What ends a command line; a few firmwares want CR LF."""

    gap_ms = 0
    """Pause after each result before the next command, where a vendor asks for one."""

    prompt_pause_ms = 0
    """Pause between a data prompt and the data, where a vendor asks for one."""

    wake_up: "Callable[[], Awaitable[None]] | None" = None
    """Awaited before each command, for a modem whose UART sleeps (DTR line)."""

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
        failure_prefix: "bytes | None" = None,
    ) -> "list[bytes]":
        """Send ``AT`` + text; return what came before the final result, as a list of bytes.

        prefix: lines that begin with it are returned without it, each payload as an item of its
        own behind its header; None: every line that is no URC (for answers without prefix, such as
        +CGSN's).
        finals, failures: the exact lines that end this command well or badly, besides ERROR,
        +CME ERROR and +CMS ERROR. failure_prefix: a line that begins so ends it badly, too.
        then: a line with this prefix must come too, before or after the final result; it is
        returned without the prefix, last when it came last.
        data: bytes to write at ``prompt`` (``b">"``, ``b"@"``, or a whole line such as ``b"OK"``).
        Once such a command is written it is carried through even if the caller is cancelled.
        shown: the command as it may appear in errors and logs, when text holds a secret.

        Raises CommandError, ModemTimeout, ModemRestarted, ModemClosed. Any task may call: commands
        wait for each other.
        """
        exchange = Exchange(text, prefix, finals, failures, failure_prefix, then)
        exchange.timeout_ms = timeout_ms
        exchange.shown = shown or text
        if data is not None:
            exchange.bring(data, prompt)
            return await self._carry_through(exchange)
        async with self._lock:
            return await self._run(exchange)

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

    async def _carry_through(self, exchange: "Exchange") -> "list[bytes]":
        """Run a command with data in a task of its own: a prompt must never stay without data."""
        outcome: "list[Any]" = [False, None, None]  # begun, lines, error
        finished = asyncio.Event()
        task = asyncio.create_task(self._run_data(exchange, outcome, finished))
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
        self, exchange: "Exchange", outcome: "list[Any]", finished: asyncio.Event
    ) -> None:
        try:
            async with self._lock:
                outcome[0] = True
                outcome[1] = await self._run(exchange)
        except Exception as error:  # handed to the caller, who may be gone
            outcome[2] = error
        finally:
            finished.set()

    async def _run(self, exchange: "Exchange") -> "list[bytes]":
        if self.wake_up:
            await self.wake_up()
        if self.state == DIRTY:
            await self._resync(exchange.shown)
        return await self._talk(exchange)

    async def _talk(self, exchange: "Exchange") -> "list[bytes]":
        shown, data = exchange.shown, exchange.data
        if self.state == CLOSED:
            raise ModemClosed("AT%s -> the stream to the modem has ended" % shown)
        self.state = DIRTY
        self._exchange = exchange
        self.parser.expect_prompt(exchange.prompt)
        if self._log:
            self._log("> AT%s%s" % (shown, "" if data is None else " [%d bytes]" % len(data)))
        try:
            await wait_for_ms(self._write(exchange), exchange.timeout_ms)
        except TimeoutError:
            if not exchange.done.is_set():
                raise ModemTimeout(shown, exchange.timeout_ms)
        except OSError as error:
            self._close()
            raise ModemClosed("AT%s -> the stream to the modem failed: %s" % (shown, error))
        finally:
            self._exchange = None
            self.parser.expect_prompt(None)
            if data is not None and self.state == DIRTY and not exchange.restarted:
                self._filler_bytes = len(data)
        if exchange.restarted:
            raise ModemRestarted("AT%s -> the modem has booted; start it again" % shown)
        if exchange.result is None:
            raise ModemClosed("AT%s -> the stream to the modem has ended" % shown)
        if self.gap_ms:
            await sleep_ms(self.gap_ms)
        if not exchange.succeeded():
            raise CommandError(shown, printable(exchange.result))
        return exchange.lines

    async def _write(self, exchange: "Exchange") -> None:
        await self._stream.write(exchange.echo + self.line_end)
        if exchange.data is not None:
            await exchange.prompted.wait()
            if not exchange.done.is_set():
                if self.prompt_pause_ms:
                    await sleep_ms(self.prompt_pause_ms)
                await self._stream.write(exchange.data)
        await exchange.done.wait()

    async def _resync(self, shown: str) -> None:
        """Get into step with the modem; DIRTY stays until that is done, also when cancelled.

        A cancellation can meet the very OK that ends a probe: the answers to the probes before it
        are still on their way then.
        """
        in_step = False
        try:
            await self._probe(shown)
            in_step = True
        finally:
            if not in_step and self.state == IDLE:
                self.state = DIRTY

    async def _probe(self, shown: str) -> None:
        """Send AT until OK and silence; whatever is late passes by with no command in flight."""
        for attempt in range(_RESYNC_TRIES):
            if self._filler_bytes and attempt % 2 == 0:
                await self._fill()
            bytes_before = self._bytes_in
            try:
                exchange = Exchange("")
                exchange.timeout_ms = _RESYNC_TIMEOUT_MS
                await self._talk(exchange)
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
