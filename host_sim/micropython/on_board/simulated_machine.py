# mypy: ignore-errors
"""Runs on MicroPython: a ``machine`` whose UART is a TCP connection to a fake modem.

So board files run unchanged on the desktop. ``boot.py`` installs it. Without that, put this folder
on MICROPYPATH, and before the board file is imported write::

    import simulated_machine
    simulated_machine.install(("127.0.0.1", 5555))

Any UART id is the same line: a board has one modem.
"""

import io
import socket
import sys

_POLL = 3  # MP_STREAM_POLL (MicroPython, py/stream.h)
_GET_FILENO = 10  # MP_STREAM_GET_FILENO: lets poll() wait in the kernel, not look every ms
_EAGAIN = 11
_PEEK_BYTES = 512
_IPPROTO_TCP = 6
_TCP_NODELAY = 1  # without it a second short write waits 40 ms for the first one's ACK

_line = None
_clock = None
_levels = {}


class UART(io.IOBase):
    """As on boards: ``read`` gives None when there is nothing, ``write`` how many it took."""

    def __init__(self, uart_id, baudrate=9600, **settings):
        if _line is None:
            raise OSError("no simulator: call simulated_machine.install((host, port)) first")
        self._open = True

    def any(self):
        """Return how many bytes wait, up to 512."""
        self._check()
        try:
            return len(_line.recv(_PEEK_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError as error:
            if error.errno == _EAGAIN:
                return 0
            raise

    def read(self, max_bytes=_PEEK_BYTES):
        self._check()
        return self._came(_line.read(max_bytes))

    def readinto(self, buffer, max_bytes=-1):
        self._check()
        if max_bytes >= 0:
            buffer = memoryview(buffer)[:max_bytes]
        return self._came(_line.readinto(buffer))

    def write(self, data):
        self._check()
        taken = _line.write(data)
        if taken and _clock:
            _clock.written_bytes += taken
        return taken

    def deinit(self):
        """Switch off; a new UART object can use the line."""
        self._open = False

    def ioctl(self, request, argument):
        return _line.fileno() if request == _GET_FILENO else -1

    def _came(self, data):
        if data is not None and not data:
            raise OSError("the simulator closed the UART")
        return data

    def _check(self):
        if not self._open:
            raise OSError("this UART is switched off: make a new one")


class Pin:
    """Outputs are told to the simulator, inputs asked from it; without it a pin is a memory."""

    IN = 0
    OUT = 1
    OPEN_DRAIN = 2
    PULL_UP = 1
    PULL_DOWN = 2

    def __init__(self, number, mode=-1, pull=-1, value=None):
        self._number = number
        self._is_input = mode == self.IN
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is not None:
            _levels[self._number] = 1 if level else 0
            if _clock:
                _clock.tell(b"pin %s %d" % (str(self._number).encode(), _levels[self._number]))
            return None
        if self._is_input and _clock:
            return _clock.ask(b"level %s" % str(self._number).encode())
        return _levels.get(self._number, 0)

    def __call__(self, level=None):
        return self.value(level)

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)


def install(address, clock=None):
    """Connect to the simulator's UART and take the place of ``machine``."""
    global _line, _clock
    _line = socket.socket()
    _line.connect(socket.getaddrinfo(*address)[0][-1])
    _line.setsockopt(_IPPROTO_TCP, _TCP_NODELAY, 1)
    _line.setblocking(False)
    _clock = clock
    sys.modules["machine"] = sys.modules[__name__]
