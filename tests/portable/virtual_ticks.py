"""MicroPython only: asyncio in virtual time, and ticks that behave like a 32-bit board's.

The unix binary's ticks wrap at 2**62 ms, so nothing would ever meet the wrap there. Boards wrap at
2**30 ms and refuse to add 2**29 ms or more (MicroPython, extmod/modtime.c, ``time.ticks_add``).
"""

import asyncio
import time
from asyncio import core

import ip_commands.device.portable as portable

PERIOD_MS = 1 << 30
MS_BEFORE_WRAP = 5000
_HALF_MS = PERIOD_MS >> 1
_DEADLOCK_AFTER_REAL_MS = 5000

# A task pushed without a time gets the C task queue's own real ticks (extmod/modasyncio.c): those
# must lie in the past of asyncio's clock for as long as a run may take. 2**40 ms are 34 years.
_FAR_MS = 1 << 40

_real_sleep_ms = core.sleep_ms


class NothingCanHappen(Exception):
    """Every task waits and no timer is set: the test would wait for ever."""


class _Clock:
    start_ms = 0  # what asyncio's counter showed at restart()
    now_ms = 0  # since then
    died = None  # the exception of a task that nobody awaited


class _JumpingQueue(core.IOQueue):
    """asyncio's poll, which instead of waiting for the next timer jumps to it."""

    def wait_io_event(self, dt):
        timer = core._task_queue.peek()  # not dt: without a timer some builds pass -1, some 3
        if timer and dt <= 0:
            super().wait_io_event(0)
        elif self.map and self.poller.poll(0 if timer else _DEADLOCK_AFTER_REAL_MS):
            super().wait_io_event(0)
        elif timer:
            _Clock.now_ms += dt
        else:
            raise NothingCanHappen("every task waits, for nothing that can still come")


def _ticks_ms():
    return (PERIOD_MS - MS_BEFORE_WRAP + _Clock.now_ms) % PERIOD_MS


def _ticks_diff(later, earlier):
    return (later - earlier + _HALF_MS) % PERIOD_MS - _HALF_MS


def _check(ms):
    if not -_HALF_MS < ms < _HALF_MS:
        raise OverflowError("ticks interval overflow")


def _ticks_add(ticks, ms):
    _check(ms)
    return (ticks + ms) % PERIOD_MS


def _sleep_ms(ms):
    _check(ms)
    return _real_sleep_ms(ms)


def install():
    """Replace the clocks. Call before any module of device or modem_drivers is imported."""
    core.ticks = lambda: _Clock.start_ms + _Clock.now_ms
    core.sleep_ms = asyncio.sleep_ms = portable._sleep_ms = _sleep_ms
    portable.ticks_ms = _ticks_ms
    portable.ticks_diff = _ticks_diff
    portable.ticks_add = _ticks_add


def _task_died(loop, context):
    _Clock.died = context["exception"]
    core.Loop.default_exception_handler(loop, context)


def restart():
    """Start a new event loop with the tick ``MS_BEFORE_WRAP`` before the wrap."""
    asyncio.new_event_loop().set_exception_handler(_task_died)
    core._io_queue = _JumpingQueue()
    _Clock.died = None
    _Clock.start_ms = time.ticks_ms() + _FAR_MS
    _Clock.now_ms = 0


def tasks_left():
    """Tell whether a task still sleeps or waits for a socket."""
    return bool(core._task_queue.peek() or core._io_queue.map)


def task_that_died():
    """Return the exception of a task that nobody awaited, None when all went well."""
    return _Clock.died
