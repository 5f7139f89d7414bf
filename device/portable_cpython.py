"""What ``portable`` gives on CPython; a board needs no copy of it."""

import asyncio
import time
from traceback import print_exception

__all__ = [
    "_sleep_ms",
    "const",
    "is_coroutine",
    "print_exception",
    "ticks_add",
    "ticks_diff",
    "ticks_ms",
    "wait_for_ms",
    "watch_readable",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import Any


def const(value: "Any") -> "Any":
    """Return the value; MicroPython's compiler folds such names away."""
    return value


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
    """Await with a time limit; raise ``TimeoutError`` of ``portable`` after it.

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
