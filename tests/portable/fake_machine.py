"""A ``machine`` module for tests: pins that log their levels in time, and a UART with a wire.

Modelled on the rp2 port: receive and transmit buffers of limited size, ``read`` returns None when
there is nothing, ``write`` takes what fits, bytes leave at the baud rate. ``install()`` makes
``from machine import Pin, UART`` find it, on CPython and on MicroPython (over the real one).
"""

import asyncio
import io
import sys

from ip_commands.device.portable import ticks_diff, ticks_ms

_POLL = 3  # MP_STREAM_POLL, its flags: 1 readable, 4 writable (MicroPython, py/stream.h)


class Pin:
    """``log`` holds (ms since the pin was made, level) of every change that was asked for."""

    IN = 0
    OUT = 1

    def __init__(self, machine, number, mode, value):
        self.machine = machine
        self.number = number
        self.mode = mode
        self.made_at = ticks_ms()
        self.level = 0 if value is None else value
        self.log = [(0, self.level)]
        self.on_change = None

    def value(self, level=None):
        if level is None:
            return self.level
        assert self.mode == Pin.OUT, "GP%s is an input" % self.number
        self.drive(level)
        return None

    def drive(self, level):
        """Set the level from outside (an input pin), or from the program (an output pin)."""
        self.level = level
        self.log.append((ticks_diff(ticks_ms(), self.made_at), level))
        if self.on_change:
            self.on_change(level)


class UART(io.IOBase):
    """``feed`` gives it bytes from the wire; ``on_sent`` gets what the program writes.

    ``sent`` keeps all of it; None keeps nothing, for tests with little memory.
    """

    IRQ_RXIDLE = 4

    def __init__(self, machine, uart_id, baud_rate, settings):
        self.machine = machine
        self.uart_id = uart_id
        self.baud_rate = baud_rate
        self.settings = settings
        self.rxbuf = settings.get("rxbuf", 256)
        self.txbuf = settings.get("txbuf", 256)
        self.sent = bytearray()
        self.stuck = False
        self.lost_bytes = 0
        self.reads = []
        self.on_sent = None
        self.open = True
        self.arrived = asyncio.Event()
        self._irq_handler = None
        self._received = bytearray()
        self._queued = 0
        self._spare_bits = 0
        self._queued_at = ticks_ms()

    def feed(self, data):
        room = self.rxbuf - len(self._received)
        self.lost_bytes += max(0, len(data) - room)
        self._received += data[:room]
        self.arrived.set()
        if self._irq_handler and data:
            self._irq_handler(self)

    def irq(self, handler=None, trigger=0):
        """Call ``handler`` with the UART when a burst has come; None: no more."""
        assert handler is None or trigger == UART.IRQ_RXIDLE
        self._irq_handler = handler

    def any(self):
        return len(self._received)

    def read(self, max_bytes):
        assert self.open, "read after deinit"
        if not self._received:
            return None
        data = bytes(self._received[:max_bytes])
        self._received[:max_bytes] = b""
        self.reads.append(len(data))
        return data

    def write(self, data):
        assert self.open, "write after deinit"
        if self.stuck:
            return None
        now = ticks_ms()
        bits = ticks_diff(now, self._queued_at) * self.baud_rate // 1000 + self._spare_bits
        self._spare_bits = bits % 10  # start, eight, stop
        self._queued = max(0, self._queued - bits // 10)
        self._queued_at = now
        taken = min(len(data), self.txbuf - self._queued)
        if not taken:
            return None
        self._queued += taken
        if self.sent is not None:
            self.sent += data[:taken]
        if self.on_sent:
            self.on_sent(bytes(data[:taken]))
        return taken

    def deinit(self):
        self.open = False

    def ioctl(self, request, flags):
        if request != _POLL:
            return -1
        return flags & (1 if self._received else 0) | flags & 4


class _PolledReader:
    """CPython's stand-in for MicroPython's StreamReader over an object that can be polled."""

    def __init__(self, uart):
        self._uart = uart

    async def read(self, max_bytes):
        while True:
            while not self._uart.any():
                self._uart.arrived.clear()
                await self._uart.arrived.wait()
            data = self._uart.read(max_bytes)
            if data is not None:
                return data


class _PinFactory:
    """``Pin`` as the program sees it: calling it twice gives the same pin, as on a board."""

    IN = Pin.IN
    OUT = Pin.OUT

    def __init__(self, machine):
        self._machine = machine

    def __call__(self, number, mode=None, value=None):
        pins = self._machine.pins
        if number not in pins:
            pins[number] = Pin(self._machine, number, mode, value)
        return pins[number]


class FakeMachine:
    """The module: ``pins`` by number, ``uarts`` by id, as the program opened them.

    ``fixed_buffers``: a port whose UART does not know ``rxbuf`` and ``txbuf``.
    """

    def __init__(self, fixed_buffers=False):
        self.pins = {}
        self.uarts = {}
        self.fixed_buffers = fixed_buffers
        self.Pin = _PinFactory(self)

    def UART(self, uart_id, baud_rate, **settings):
        if self.fixed_buffers and "rxbuf" in settings:
            raise TypeError("extra keyword arguments given")
        self.uarts[uart_id] = UART(self, uart_id, baud_rate, settings)
        return self.uarts[uart_id]


def install(fixed_buffers=False):
    """Put a new fake in the place of ``machine`` and return it."""
    machine = FakeMachine(fixed_buffers)
    sys.modules["machine"] = machine
    if sys.implementation.name != "micropython":
        from ip_commands.boards import uart_stream

        uart_stream.StreamReader = _PolledReader
    return machine


class KeyedModem:
    """A modem behind a power key and a UART: toggles with pulses, answers when it runs.

    A press of ``toggle_ms`` or more toggles the power when the key is released; ``boot_ms`` later
    it answers (``OK`` to every line, +CMEE as well). With a ``status_pin`` it drives that low
    while it runs.
    """

    def __init__(self, key_pin, uart, running, toggle_ms, boot_ms, status_pin=None):
        self.uart = uart
        self.running = running
        self.deaf = False
        self.toggle_ms = toggle_ms
        self.boot_ms = boot_ms
        self.status_pin = status_pin
        self.lines = []
        self._line = b""
        self._pressed_at = None
        self._answers_from = ticks_ms()
        key_pin.on_change = self._key_changed
        uart.on_sent = self._received
        uart.sent = None
        self._show_status()

    def _show_status(self):
        if self.status_pin:
            self.status_pin.drive(0 if self.running else 1)

    def _key_changed(self, level):
        if level:
            self._pressed_at = ticks_ms()
        elif self._pressed_at is not None:
            if ticks_diff(ticks_ms(), self._pressed_at) >= self.toggle_ms:
                self.running = not self.running
                self.deaf = False
                self._answers_from = ticks_ms() + self.boot_ms
                self._show_status()
            self._pressed_at = None

    def _received(self, data):
        if not self.running or self.deaf or ticks_diff(ticks_ms(), self._answers_from) < 0:
            return
        self._line += data
        while b"\r" in self._line:
            line, self._line = self._line.split(b"\r", 1)
            self.lines.append(line)
            if line == b"AT+CMEE?":
                self.uart.feed(b"\r\n+CMEE: 1\r\n")
            self.uart.feed(b"\r\nOK\r\n")
