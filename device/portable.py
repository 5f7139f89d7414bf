"""The only file that asks which Python is running; everything else imports from here.

Time is the event loop's: on CPython ``ticks_ms`` reads the running loop's clock, so that a loop
with virtual time needs nothing injected. Ticks wrap on boards (after 2**30 ms, 12.4 days, on
32-bit ports; MicroPython, extmod/modtime.c): compare them with ``ticks_diff`` only, and only over
less than 6 days.
"""

import asyncio
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any

try:
    from micropython import const as const
except ImportError:

    def const(value: "Any") -> "Any":
        """Return the value; MicroPython's compiler folds such names away."""
        return value


# MicroPython refuses to add 2**29 ms or more to a tick on a 32-bit board (OverflowError); a PSM
# period can be 413 days. Longer waits are therefore cut into pieces of one day.
_LONGEST_WAIT_MS = const(86400000)

try:  # MicroPython
    from asyncio import sleep_ms as _sleep_ms  # type: ignore[attr-defined]
    from asyncio import wait_for_ms as wait_for_ms  # type: ignore[attr-defined]
    from sys import print_exception as print_exception  # type: ignore[attr-defined]
    from time import ticks_add as ticks_add  # type: ignore[attr-defined]
    from time import ticks_diff as ticks_diff  # type: ignore[attr-defined]
    from time import ticks_ms as ticks_ms  # type: ignore[attr-defined]

    _GENERATOR = type((lambda: (yield))())

    def is_coroutine(thing: "Any") -> bool:
        """Tell whether a call's result is to be awaited."""
        return isinstance(thing, _GENERATOR)

    async def _wait_readable(sock: "Any", event: "asyncio.Event") -> None:
        # read(0) waits until the poll says readable, then takes nothing: a cancel loses nothing
        try:
            await asyncio.StreamReader(sock).read(0)
        except OSError:
            pass  # the next recvfrom reports it
        event.set()

    def watch_readable(sock: "Any", event: "asyncio.Event") -> "Any":
        """Set the Event once, when the socket can be read or has failed; ``.cancel()`` ends it."""
        return asyncio.create_task(_wait_readable(sock, event))

except ImportError:  # CPython
    from traceback import print_exception as print_exception

    def is_coroutine(thing: "Any") -> bool:
        """Tell whether a call's result is to be awaited."""
        return hasattr(thing, "__await__")

    class _Watch:
        def __init__(self, sock: "Any", event: "asyncio.Event") -> None:
            self._loop = asyncio.get_running_loop()
            self._file_number = sock.fileno()  # kept: a closed socket no longer tells it
            self._event = event
            self._loop.add_reader(self._file_number, self._ready)

            self._watching = True

        def _ready(self) -> None:
            self.cancel()
            self._event.set()

        def cancel(self) -> None:
            if self._watching:  # once: the number may be another socket's afterwards
                self._watching = False
                self._loop.remove_reader(self._file_number)

    def watch_readable(sock: "Any", event: "asyncio.Event") -> "Any":
        """Set the Event once, when the socket can be read or has failed; ``.cancel()`` ends it."""
        return _Watch(sock, event)

    def _sleep_ms(ms: int) -> "Awaitable[None]":
        return asyncio.sleep(ms / 1000)

    async def wait_for_ms(awaitable: "Awaitable[Any]", ms: int) -> "Any":
        """Await with a time limit; raise ``TimeoutError`` of this module after it.

        Not ``asyncio.wait_for``: CPython 3.11's can swallow a cancellation that meets the result.
        """
        async with asyncio.timeout(ms / 1000):
            return await awaitable

    def ticks_ms() -> int:
        """Return a counter of milliseconds; compare two of them with ``ticks_diff`` only."""
        try:
            return int(asyncio.get_running_loop().time() * 1000)
        except RuntimeError:  # outside a loop, as on MicroPython
            return int(time.monotonic() * 1000)

    def ticks_diff(later: int, earlier: int) -> int:
        """Return the milliseconds from ``earlier`` to ``later`` (negative when reversed)."""
        return later - earlier

    def ticks_add(ticks: int, ms: int) -> int:
        """Return the tick ``ms`` milliseconds after ``ticks``."""
        return ticks + ms


# On CPython the built-in one (an OSError!), on MicroPython an Exception of asyncio's own:
# always catch this name, never OSError, around a wait.
TimeoutError = asyncio.TimeoutError


async def sleep_ms(ms: int) -> None:
    """Sleep; any length, also days that a board's tick counter cannot hold."""
    while ms > _LONGEST_WAIT_MS:
        await _sleep_ms(_LONGEST_WAIT_MS)
        ms -= _LONGEST_WAIT_MS
    await _sleep_ms(ms)


async def wait_event_ms(event: "asyncio.Event", ms: int) -> bool:
    """Wait for an Event; return False when ``ms`` passed without it. Any length.

    True also when somebody cleared the Event again before this task ran.

    Time limits guard Events, never reads: on MicroPython a read that a time limit cancels loses
    the bytes it had taken.
    """
    while not event.is_set():
        if ms <= 0:
            return False
        piece_ms = ms if ms < _LONGEST_WAIT_MS else _LONGEST_WAIT_MS
        try:
            await wait_for_ms(event.wait(), piece_ms)
            return True
        except TimeoutError:
            ms -= piece_ms
    return True
