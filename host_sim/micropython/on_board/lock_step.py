# mypy: ignore-errors
"""Runs on MicroPython: a clock that only the simulator moves, and ticks like a 32-bit board's.

When no task can run, asyncio here asks the simulator to wait and blocks until it answers with the
time. Lines over TCP, times in milliseconds since the board started:
``wait MS WRITTEN`` (until then, or until UART bytes come; -1: only for bytes) and
``sleep MS WRITTEN`` (nothing shortens it) are answered with ``NOW``; WRITTEN is how many bytes the
UART was given so far. ``pin NAME LEVEL`` has no answer, ``level NAME`` has the level.

``time`` and asyncio are replaced in the running interpreter. asyncio's own counter keeps the
unix port's range (2**62): its task queue, written in C, compares with that (MicroPython,
extmod/modasyncio.c). What programs see wraps at 2**30 and refuses to add 2**29, as on 32-bit
boards (extmod/modtime.c).
"""

import socket
import sys
import time as real_time
from asyncio import core

_PERIOD = 1 << 30
_HALF = _PERIOD >> 1

# A task pushed without a time gets the C code's own real ticks as its time: those must lie in the
# past of this clock for as long as a run may take. 2**40 ms are 34 years.
_FAR = 1 << 40

# Boards without a battery start in 2021 (MicroPython, ports/rp2): deterministic, unlike a host's.
_START_S = 1609459200


class SimulatorGone(Exception):
    """The simulator closed the clock's connection."""


class Clock:
    """The board's end of the clock connection.

    ``now_ms`` since the board started; ``written_bytes`` to the UART, counted by the UART.
    """

    def __init__(self, address):
        self.now_ms = 0
        self.written_bytes = 0
        self._socket = socket.socket()
        self._socket.connect(socket.getaddrinfo(*address)[0][-1])

    def tell(self, line):
        """Send a line that has no answer."""
        self._socket.write(line + b"\n")

    def ask(self, line):
        """Send a line and return the answer."""
        self.tell(line)
        answer = self._socket.readline()
        if not answer:
            raise SimulatorGone("the simulator ended before this program")
        return int(answer)

    def wait_ms(self, ms):
        """Wait, at most so long, for UART bytes; -1 is without limit."""
        self.now_ms = self.ask(b"wait %d %d" % (ms, self.written_bytes))

    def sleep_ms(self, ms):
        """Block for so long."""
        if ms > 0:
            self.now_ms = self.ask(b"sleep %d %d" % (ms, self.written_bytes))


def _check(ms):
    if not -_HALF < ms < _HALF:
        raise OverflowError("ticks interval overflow")


def _patch_asyncio(clock):
    start = real_time.ticks_ms() + _FAR

    class JumpingQueue(core.IOQueue):
        def wait_io_event(self, dt):
            # not dt: without a timer some builds pass -1, some 3
            super().wait_io_event(0)
            while True:
                timer = core._task_queue.peek()
                if timer is None:
                    clock.wait_ms(-1)
                else:
                    left_ms = timer.ph_key - start - clock.now_ms
                    if left_ms <= 0:
                        return
                    clock.wait_ms(left_ms)
                super().wait_io_event(0)

    def ticks_add(ticks, ms):
        _check(ms)
        return ticks + ms

    core.ticks = lambda: start + clock.now_ms
    core.ticks_add = ticks_add
    core.IOQueue = JumpingQueue
    core._io_queue = JumpingQueue()


class BoardTime:
    """What ``import time`` gives."""

    mktime = real_time.mktime

    def __init__(self, clock, ticks_start):
        def ticks_ms():
            return (ticks_start + clock.now_ms) % _PERIOD

        def ticks_us():
            return clock.now_ms * 1000 % _PERIOD

        def ticks_diff(later, earlier):
            return (later - earlier + _HALF) % _PERIOD - _HALF

        def ticks_add(ticks, ms):
            _check(ms)
            return (ticks + ms) % _PERIOD

        # attributes of the object, not methods: `from time import ticks_ms` must give functions
        self.ticks_ms = ticks_ms
        self.ticks_us = self.ticks_cpu = ticks_us
        self.ticks_diff = ticks_diff
        self.ticks_add = ticks_add
        self.sleep_ms = clock.sleep_ms
        self.sleep = lambda s: clock.sleep_ms(int(s * 1000))
        self.sleep_us = lambda us: clock.sleep_ms(us // 1000)
        self.time = lambda: _START_S + clock.now_ms // 1000
        # boards know no time zones
        self.gmtime = self.localtime = lambda s=None: real_time.gmtime(
            self.time() if s is None else s
        )
        self.time_ns = lambda: _START_S * 1000000000 + clock.now_ms * 1000000


def install(address, ticks_start):
    """Connect to the simulator's clock, replace ``time`` and asyncio's clock; return the Clock."""
    if sys.maxsize < _FAR:
        raise RuntimeError("lock-step needs a 64-bit MicroPython")
    clock = Clock(address)
    _patch_asyncio(clock)
    sys.modules["time"] = sys.modules["utime"] = BoardTime(clock, ticks_start)
    return clock
