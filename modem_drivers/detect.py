"""Find out which modem is at the far end of a stream, by asking it, and return its driver.

Sources of what models call themselves: 3GPP TS 27.007 sections 5.1 and 5.2 (+CGMI, +CGMM), ITU-T
V.250 sections 6.1.3 and 6.1.5 (I, +GMM); logs of a BG770A (``BG770A-GL``, jurikacs/BG770A), a
SARA-R410M (``SARA-R410M-02B``, particle-iot/docs AN004), an nRF9160 (``nRF9160-SICA``, TinyGSM
issue 486); SIMCom AT manuals (``SIMCOM_SIM7080``); Telit AT guides (``ME910C1-WW``).
"""

import asyncio

from ..device.errors import CommandError, ModemTimeout, NotSupported
from ..device.portable import (
    const,
    sleep_ms,
    ticks_add,
    ticks_diff,
    ticks_ms,
    wait_event_ms,
)
from . import finder, models
from .at_answers import text_of
from .at_channel import AtChannel

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream, PowerKey
    from .modem import AtModem

_QUESTIONS = ("+CGMM", "I", "+GMM", "+CGMI")  # the last one for the error's sake
_ASK_TRIES = const(3)
_BOOT_MS = const(30000)
_PULSES = const(2)  # one may switch a modem off that was on
_LONGEST_REST_BYTES = const(512)
# Names of series: further digits belong to the member (SARA-R500S, LARA-R6401).
_SERIES = ("SARA-R5", "LARA-R6")


async def detect(
    stream: "ByteStream",
    power_key: "PowerKey | None" = None,
    timeout_ms: int = 15000,
    **options: "Any",
) -> "AtModem":
    """Ask the modem for its model and return that model's driver on the same stream.

    The driver is not started: call its ``start()``. The modem may be booting, have its echo on,
    half a command typed, wait at a data prompt, be in data or multiplexer mode, or answer in
    digits. power_key: is pulsed when the modem stays silent, and given to the driver. timeout_ms:
    of silence before that; all ways of ``finder.WAYS`` are tried, at 15 s a round. options: go to
    the driver.

    When it fails the stream is closed. Raises ModemTimeout (silent), NotSupported (no driver knows
    what it calls itself; the message holds that), ModemClosed.
    """
    asked = _AskingStream(stream)
    at = AtChannel(asked, log=options.get("log"))
    at.line_end = b"\r\n"  # all take it, also firmware that wants both
    try:
        at.start()
        await _find(at, power_key, timeout_ms)
        name = await _ask(at)
        await at.close()
        if power_key:
            options["power_key"] = power_key
        return models.create(name, _HandedOverStream(stream, asked), **options)
    except BaseException:
        await at.close()
        await stream.close()
        await asked.stop()
        raise


def model_named(line: bytes) -> "str | None":
    """Return the known model that a line of an answer names, None when it names none.

    A word of the line must begin with the name (``SIMCOM_SIM7080``, ``Model: SARA-R410M-02B``,
    ``BG95M3LAR02A04``), and no digit may follow: EG915 is no EG91. The longest name wins.
    """
    text = text_of(line).upper()
    for mark in ('"', ",", ":", "_", "\\"):
        text = text.replace(mark, " ")
    found, length = None, 0
    for word in text.split():
        for name in models.NAMES:
            full = name.upper()
            for known in (full, full.rstrip("G").rstrip("-")):  # the SIM7080G says SIM7080
                if len(known) > length and word.startswith(known):
                    if known in _SERIES or not word[len(known) : len(known) + 1].isdigit():
                        found, length = name, len(known)
    return found


async def _find(at: AtChannel, power_key: "PowerKey | None", timeout_ms: int) -> None:
    pulses = _PULSES if power_key else 0
    deadline = ticks_add(ticks_ms(), timeout_ms)
    # while there is a key, rather off and on than send what nobody wrote
    while not await finder.answers(at, len(finder.WAYS) - (pulses > 0)):
        if ticks_diff(deadline, ticks_ms()) > 0:
            continue
        if not pulses or not power_key:
            raise ModemTimeout("", timeout_ms)
        pulses -= 1
        await power_key()
        deadline = ticks_add(ticks_ms(), _BOOT_MS)


async def _ask(at: AtChannel) -> str:
    """Return the name of the driver's model. Raises NotSupported."""
    said: "list[str]" = []
    for attempt in range(_ASK_TRIES):
        for question in _QUESTIONS:
            try:
                lines = await at.command(question, None)
            except CommandError:
                continue  # no such command, or not while it boots
            except ModemTimeout:
                if attempt == _ASK_TRIES - 1:
                    raise
                break  # it restarted, maybe
            for line in lines:
                name = model_named(line)
                if name:
                    return name
                text = text_of(line).strip()
                if text and text not in said and len(said) < 8:
                    said.append(text[:60])
        await sleep_ms(1000)
    raise NotSupported(
        "no driver knows this modem, it says %s; known are %s: name the nearest one yourself"
        % (", ".join([repr(text) for text in said]) or "nothing", ", ".join(models.NAMES))
    )


class _AskingStream:
    """The stream for the time of asking: ``close`` ends the asker's reads, not the stream.

    The read that is under way then goes on, and whoever comes next gets what it brings: cancelling
    it would lose bytes on MicroPython.
    """

    def __init__(self, stream: "ByteStream") -> None:
        self._stream = stream
        self._rest = b""  # of a line whose end has not come
        self._data: "bytes | None" = None
        self._error: "OSError | None" = None
        self._reading = False
        self._closed = False
        self._wake = asyncio.Event()
        self._task: "asyncio.Task[None] | None" = None

    async def read(self, max_bytes: int) -> bytes:
        """Return what has come, b"" once closed."""
        if not (self._closed or self._reading):
            self._wake.clear()
            self._reading = True
            self._task = asyncio.create_task(self._read(max_bytes))
        await self._wake.wait()
        if self._closed:  # what came meanwhile is for the next reader
            return b""
        data = self._take()
        rest = self._rest + data
        self._rest = rest[rest.rfind(b"\n") + 1 :][-_LONGEST_REST_BYTES:]
        return data

    async def _read(self, max_bytes: int) -> None:
        try:
            self._data = await self._stream.read(max_bytes)
        except OSError as error:
            self._error = error
        finally:
            self._reading = False
            self._wake.set()

    def _take(self) -> bytes:
        if self._error:
            raise self._error
        data, self._data = self._data, None
        return data or b""

    async def write(self, data: bytes) -> None:
        await self._stream.write(data)

    async def close(self) -> None:
        self._closed = True
        self._wake.set()

    async def stop(self) -> None:
        """Wait until the read under way has ended with the stream."""
        self._wake.clear()
        if self._reading and not await wait_event_ms(self._wake, 1000) and self._task:
            self._task.cancel()

    async def left_over(self) -> "bytes | None":
        """Once closed: return what came meanwhile, b"" for the end, None when that was all."""
        if self._rest:
            rest, self._rest = self._rest, b""
            return rest
        if self._reading:
            self._wake.clear()
            await self._wake.wait()
        elif self._data is None and self._error is None:
            return None
        return self._take()


class _HandedOverStream:
    """The stream for the driver: first what the asking has left over, then the stream's own."""

    def __init__(self, stream: "ByteStream", asked: _AskingStream) -> None:
        self._stream = stream
        self._asked: "_AskingStream | None" = asked
        self._data = b""

    async def read(self, max_bytes: int) -> bytes:
        """Return 1..max_bytes bytes, b"" when the stream has ended. ONE task may read."""
        if self._asked and not self._data:
            data = await self._asked.left_over()
            if data is None:
                self._asked = None
            elif not data:
                return b""
            else:
                self._data = data
        if self._data:
            data, self._data = self._data[:max_bytes], self._data[max_bytes:]
            return data
        return await self._stream.read(max_bytes)

    async def write(self, data: bytes) -> None:
        await self._stream.write(data)

    async def close(self) -> None:
        await self._stream.close()
