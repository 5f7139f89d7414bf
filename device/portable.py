"""The only file that asks which Python is running; everything else imports from here.

Time is the event loop's: on CPython ``ticks_ms`` reads the running loop's clock, so that a loop
with virtual time needs nothing injected. Ticks wrap on boards (after 2**30 ms, 12.4 days, on
32-bit ports; MicroPython, extmod/modtime.c): compare them with ``ticks_diff`` only, and only over
less than 6 days.
"""

import asyncio

try:
    import time
    from sys import print_exception as print_exception  # type: ignore[attr-defined]

    from micropython import const as const

    _sleep_ms = asyncio.sleep_ms  # type: ignore[attr-defined]
    wait_for_ms = asyncio.wait_for_ms  # type: ignore[attr-defined]
    ticks_ms = time.ticks_ms  # type: ignore[attr-defined]
    ticks_add = time.ticks_add  # type: ignore[attr-defined]
    ticks_diff = time.ticks_diff  # type: ignore[attr-defined]
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

except ImportError:
    from .portable_cpython import *  # noqa: F403

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

# MicroPython refuses to add 2**29 ms or more to a tick on a 32-bit board (OverflowError); a PSM
# period can be 413 days. Longer waits are therefore cut into pieces of one day.
_LONGEST_WAIT_MS = const(86400000)

_LONG_AGO_MS = const(1 << 29)  # half of what a board's ticks count before they wrap

# On CPython the built-in one (an OSError!), on MicroPython an Exception of asyncio's own:
# always catch this name, never OSError, around a wait.
TimeoutError = asyncio.TimeoutError


def since_ms(ticks: int) -> int:
    """Return how many milliseconds ago ``ticks_ms`` was that; after more than 6 days, 6 days."""
    age_ms: int = ticks_diff(ticks_ms(), ticks)
    return age_ms if age_ms >= 0 else _LONG_AGO_MS


async def sleep_ms(ms: int) -> None:
    """Sleep; any length, also days that a board's tick counter cannot hold."""
    while ms > _LONGEST_WAIT_MS:
        await _sleep_ms(_LONGEST_WAIT_MS)
        ms -= _LONGEST_WAIT_MS
    await _sleep_ms(ms)


async def outcome_of(
    coroutine: "Any", outcome: "list[BaseException]", done: "asyncio.Event"
) -> None:
    """Await; put what it raises into ``outcome`` and set ``done``. For a task of its own."""
    try:
        await coroutine
    except BaseException as error:  # for whoever waits, or nobody
        outcome.append(error)
    finally:
        done.set()


async def wait_event_ms(event: "asyncio.Event", ms: int) -> bool:
    """Wait for an Event; return False when ``ms`` passed without it. Any length.

    True also when somebody cleared the Event again before this task ran.

    Time limits guard Events, never reads: on MicroPython a read that a time limit cancels loses
    the bytes it had taken.
    """
    while not event.is_set():
        if ms <= 0:
            return False
        piece_ms = min(ms, _LONGEST_WAIT_MS)
        try:
            await wait_for_ms(event.wait(), piece_ms)
            return True
        except TimeoutError:
            ms -= piece_ms
    return True
