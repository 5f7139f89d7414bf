"""One conversation with an AT modem: one command in flight, and order again after trouble.

State: IDLE -> DIRTY when a command is written, DIRTY -> IDLE only when its final result has come.
A time-out or a cancellation therefore leaves DIRTY behind, and the next command first
resynchronises: a waiting data prompt is fed (never with what a modem in command mode could
execute), then ``AT`` until ``OK``, then a question whose answer is like no other: every late
answer has passed by when it comes. CLOSED is for good: the stream ended.
"""

import asyncio

from ..device.errors import (
    CommandError,
    ModemClosed,
    ModemRestarted,
    ModemTimeout,
    SendUncertain,
)
from ..device.portable import (
    TimeoutError,
    const,
    outcome_of,
    sleep_ms,
    wait_event_ms,
    wait_for_ms,
)
from .at_reader import AtReader, Exchange, text_of

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .at_reader import UrcHandler as UrcHandler

_BOOTED = const("AT%s -> the modem has booted: start it again")

_RESYNC_TRIES = const(5)
_RESYNC_TIMEOUT_MS = const(500)
_QUIET_MS = const(200)
_QUIET_TRIES = const(10)
_REFUSED_MS = const(3000)  # a modem that boots refuses
_STEP_MS = const(10000)  # a slow modem answers what is owed first
_SHORT_MS = const(5000)
_SLEEPY_MS = const(4000)  # modules doze off 5 s or more after the last byte
_WAKE_MS = const(300)
_FEED_MS = const(2000)  # the longest filler at 9600 baud takes 1.6 s
# An answered AT brings 6 to 12 bytes in _RESYNC_TIMEOUT_MS, a payload on its way more than that
# even at 1200 baud: fewer bytes mean that the announced payload is never coming.
_TRICKLE_BYTES = const(48)
# So soon a modem ends a send: 20 to 235 ms were seen (u-blox AN004).
_RESULT_MS = const(400)


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

    dozes = False
    """Whether the modem's UART falls asleep and then loses the first bytes: ``AT`` until it is
    answered precedes each command after some seconds of silence. The first loss sets it."""

    escape = b""
    """What ends the modem's data mode, where it has one in which AT would be sent: it is typed
    before AT is asked, with the filler for a data prompt behind it."""

    open_ended = False
    """Whether a data prompt takes what comes until it is told that it ends, instead of a count."""

    _question = ""  # the last one of the resync that may have no answer yet
    busy = False
    """Whether a long command was given up, which may keep a modem that is well from answering."""

    async def command(
        self,
        text: str,
        prefix: "bytes | None" = b"",
        timeout_ms: int = 5000,
        **options: "Any",
    ) -> "list[bytes]":
        """Send ``AT`` + text; return what came before the final result, as a list of bytes.

        prefix: lines that begin with it are returned without it, each payload as an item of its
        own behind its header; None: every line that is no URC (for answers without prefix, such as
        +CGSN's).
        finals: the exact lines that end this command well. failures: how lines begin that end it
        badly, besides +CME ERROR, +CMS ERROR and ERROR alone.
        then: a line with this prefix must come too, before or after the final result; it is
        returned without the prefix, last when it came last.
        data: bytes to write at ``prompt`` (``b">"``, ``b"@"``, or a whole line such as ``b"OK"``).
        Once such a command is written it is carried through even if the caller is cancelled.
        shown: the command as it may appear in errors and logs, when text holds a secret.

        Raises CommandError, ModemTimeout, ModemRestarted, ModemClosed, and SendUncertain instead
        of ModemTimeout or ModemRestarted once data is on its way. Any task may call: commands wait
        for each other.
        """
        exchange = Exchange(text, prefix, timeout_ms, **options)
        if not exchange.data:
            return await self._run(exchange)
        # in a task of its own: a prompt must never stay without data
        finished = asyncio.Event()
        outcome: "list[BaseException]" = []
        task = asyncio.create_task(outcome_of(self._run(exchange), outcome, finished))
        try:
            await finished.wait()  # bounded by the task: its turn, its resync, its time limit
        except asyncio.CancelledError:
            if self._exchange is not exchange:  # not begun, or over
                task.cancel()
            raise
        if outcome:
            raise outcome[0]
        return exchange.lines

    async def synchronise(self, filler_bytes: int = 0) -> None:
        """Get into step with the modem: see ``_resync``. Raises ModemTimeout, ModemClosed.

        Raises ModemRestarted when it has booted and nobody heard. filler_bytes: feed a data prompt
        that an earlier program may have left, with that many CRs (ignored in command mode).
        """
        await self._lock.acquire()
        try:
            self._filler_bytes = max(self._filler_bytes, filler_bytes)
            await self._resync("")
        except ModemTimeout:
            self._filler_bytes = 0  # fed and still silent: it was no prompt
            raise
        finally:
            self._lock.release()

    async def type(self, data: bytes) -> None:
        """Write bytes that are no command and have no answer. Raises ModemClosed."""
        await self._lock.acquire()
        try:
            await self._feed(data)
        finally:
            self._lock.release()
        self._check_open()

    async def _run(self, exchange: "Exchange") -> "list[bytes]":
        await self._lock.acquire()
        sleepy = False
        bytes_before = -1
        try:
            if self.wake_up:
                await self.wake_up()
            sleepy = self.silent_ms() >= _SLEEPY_MS
            if self.state == "IDLE" and sleepy and (self.dozes or exchange.data):
                await self._hears(_WAKE_MS)
            if self.state == "DIRTY":
                await self._resync(exchange.shown)
            bytes_before = self._bytes_in
            return await self._talk(exchange)
        except (ModemTimeout, SendUncertain):
            if sleepy and self._bytes_in == bytes_before:
                self.dozes = True
            raise
        finally:
            self._lock.release()

    async def _hears(self, timeout_ms: int, text: str = "", prefix: bytes = b"") -> bytes:
        """Send AT, or a question; return OK, or the line that answers it, or nothing."""
        exchange = Exchange(text, prefix, timeout_ms)
        exchange.insists = prefix != b""
        try:
            return (await self._talk(exchange) or [b"OK"])[0]
        except (ModemTimeout, CommandError, ModemRestarted):
            return b""

    async def _talk(self, exchange: "Exchange") -> "list[bytes]":
        shown, data = exchange.shown, exchange.data
        self._check_open(shown)
        self.state = "DIRTY"
        if exchange.timeout_ms > _SHORT_MS and not exchange.insists:
            self.busy = True
        self._exchange = exchange
        self.parser.expect_prompt(exchange.prompt)
        if self._log:
            self.say("> AT%s%s" % (shown, " [%d bytes]" % len(data) if data else ""))
        try:
            await wait_for_ms(self._write(exchange), exchange.timeout_ms)
        except TimeoutError:
            pass  # told below
        finally:
            if not exchange.done.is_set():
                self._judge()  # what has come is all that comes
            self._exchange = None
            self.parser.expect_prompt(None)
            if exchange.datagram and exchange.result not in exchange.finals:
                # the modem holds it no more although its final result is lost: keep it
                self._hand_over(*exchange.datagram)
            if data and self.state == "DIRTY" and not exchange.restarted:
                if exchange.written:
                    self._filler_bytes = len(data)  # if bytes of it were lost on the way
                elif exchange.asked:
                    self._missed = data
            if self.state == "IDLE":
                self.busy = False
        finished, result, written = exchange.done.is_set(), exchange.result, exchange.written
        if finished and result is not None:
            if self.gap_ms:
                await sleep_ms(self.gap_ms)
            if result not in exchange.finals or (data and not written):
                raise CommandError(shown, text_of(result))
            if written == len(data):
                return exchange.lines
        elif not written and (finished or not data or not exchange.asked):
            self._check_open(shown)
            if exchange.restarted:
                raise ModemRestarted(_BOOTED % shown)
            raise ModemTimeout(shown, exchange.timeout_ms)
        raise SendUncertain("AT%s -> no result for all of it: it may have been sent" % shown)

    def _check_open(self, shown: str = "") -> None:
        if self.state == "CLOSED":
            raise ModemClosed("AT%s -> the stream has ended%s" % (shown, self._cause))

    async def _write(self, exchange: "Exchange") -> None:
        await self._send(exchange.echo + self.line_end)
        exchange.asked = True
        data = exchange.data
        if data:
            await exchange.prompted.wait()
            await sleep_ms(self.prompt_pause_ms)
            stops = {len(data)}
            if not self.open_ended and _may_be_command(data):
                # if a digit of the length was lost, the rest would be executed: wait where the
                # modem would end the send
                text = str(len(data))
                for place in range(len(text)):
                    stops.add(int("0" + text[:place] + text[place + 1 :]) or len(data))
            for stop in sorted(stops):
                start = exchange.written
                if start:
                    await wait_event_ms(exchange.done, _RESULT_MS)
                if exchange.done.is_set():
                    break
                exchange.written = stop
                await self._send(data[start:stop] if len(stops) > 1 else data)
        if not await wait_event_ms(exchange.done, _REFUSED_MS) and not exchange.refused:
            await exchange.done.wait()

    async def _send(self, data: bytes) -> None:
        try:
            await self.stream.write(data)
        except OSError as error:  # told by whatever waits
            self._close(": %s" % error)

    async def _resync(self, shown: str) -> None:
        """Send AT until OK, then ask for +CMEE: what was late has passed by when its answer comes.

        start() set +CMEE to 1: another value tells of a boot that nobody heard. A prompt that was
        not heard gets what it waits for first: anything else would be sent. Not so a payload that
        could be a command: AT, and filler where that stays without an answer. DIRTY stays until
        all is done, also when cancelled.
        """
        in_step = False
        try:
            missed, self._missed = self._missed, b""
            if _may_be_command(missed + b"\r"):  # the modem may be in command mode
                self._filler_bytes = len(missed)
            elif missed:
                await self._feed(missed)
            for attempt in range(_RESYNC_TRIES):
                if self._filler_bytes and attempt == (0 if self.escape else 1):
                    self.say("> [%d CR]" % self._filler_bytes)
                    await self._feed(self.escape + b"\r" * self._filler_bytes)
                bytes_before = self._bytes_in
                if await self._hears(_RESYNC_TIMEOUT_MS):
                    # in turn: the answer to the question before may be on its way still
                    question = self._question = "+CFUN" if self._question == "+CMEE" else "+CMEE"
                    mode = await self._hears(_STEP_MS, question + "?", question.encode() + b": ")
                    for _ in range(_QUIET_TRIES):  # some results come behind their OK
                        bytes_before = self._bytes_in
                        await sleep_ms(_QUIET_MS)
                        if self._bytes_in == bytes_before:
                            break
                    if mode:
                        in_step = True
                        self._question = ""
                        self._filler_bytes = 0
                        booted = question == "+CMEE" and mode in b"02" and self._on_boot
                        if booted and booted(mode):
                            raise ModemRestarted(_BOOTED % shown)
                        return
                elif (
                    self.parser.raw_missing() > 0
                    and self._bytes_in - bytes_before < _TRICKLE_BYTES
                ):
                    self.parser.reset()
            raise ModemTimeout(shown, _RESYNC_TRIES * _RESYNC_TIMEOUT_MS)
        finally:
            if self.state == "IDLE" and not in_step:
                self.state = "DIRTY"

    async def _feed(self, data: bytes) -> None:
        """Give a waiting data prompt what it waits for; in command mode CRs are empty lines."""
        try:
            await wait_for_ms(self._send(data), _FEED_MS)
        except TimeoutError:
            pass  # the line is blocked: the AT that follows will find out


def _may_be_command(data: bytes) -> bool:
    """Whether a modem in command mode could execute it.

    V.250 section 5.2: A/, or AT and later a CR; the 8th bit, NUL and other control characters are
    ignored, backspace and delete take the character before them back.
    """
    before = last = 0
    is_line = False
    for byte in data:
        byte &= 0x7F
        letter = byte & 0x5F
        if byte == 0x0D:
            if is_line:
                return True
            last = 0
        elif byte in (0x08, 0x7F):
            last, before = before, 0x41  # nobody knows what stands there then
        elif byte >= 0x20:
            if last == 0x41 and byte == 0x2F:
                return True
            is_line |= last == 0x41 and letter == 0x54
            before, last = last, letter
    return False
