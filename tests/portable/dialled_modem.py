"""A modem that dials PPP, and a ``network.PPP`` behind it, for tests of both Pythons.

``mode``: "command", "data" (PPP) or "cmux" (TS 27.010); in the latter two it hears no AT. Data
mode is left by +++ with a second of silence on both sides (V.250 S12), the multiplexer by its
close-down frame. ``answers``: command line -> text, or texts for one question after the other;
every other line is answered with OK. ``replies``: whether it replies to LCP's echo requests;
``echo``: whether it echoes what is typed in command mode.
"""

import sys

from ip_commands.device.portable import ticks_diff, ticks_ms
from tests.portable import fake_machine
from tests.portable.lcp_peer import LcpPeer

CLOSE_DOWN = b"\xf9\x03\xef\x05\xc3\x01\xf2\xf9"
CLOSED_DOWN = b"\xf9\x03\xef\x05\xc1\x01\xf2\xf9"
OK = b"\r\nOK\r\n"
REGISTERED = b"\r\n+CEREG: 0,5\r\n" + OK
CONNECT = b"\r\nCONNECT\r\n"

ATTACHED = {
    b"AT+CPIN?": b"\r\n+CPIN: READY\r\n" + OK,
    b"AT+CGDCONT?": b'\r\n+CGDCONT: 1,"IP","super","0.0.0.0",0,0\r\n' + OK,
    b"AT+CFUN?": b"\r\n+CFUN: 1\r\n" + OK,
    b"AT+CMEE?": b"\r\n+CMEE: 1\r\n" + OK,
    b"AT+CEREG?": REGISTERED,
    b"ATD*99***1#": CONNECT,
}


class DialledModem:
    """``make_uart`` is for ``ppp_modem.modem``; ``said`` holds the lines that it heard."""

    def __init__(self, answers=(), mode="command"):
        fake_machine.install()
        self.mode = mode
        self.said = []
        self.broken = False
        self.replies = True
        self.echo = False
        self.peer = LcpPeer()
        self.uarts = []
        self._answers = dict(ATTACHED)
        self._answers.update(answers)
        self._line = b""
        self._heard_at = ticks_ms()
        self._pluses = False

    def make_uart(self):
        """Return the UART to it; one that is switched off behind itself is made anew."""
        from machine import UART

        assert not (self.uarts and self.uarts[-1].open), "two owners of one UART"
        uart = UART(0, 115200, rxbuf=4096)
        uart.on_sent = self._received
        uart.sent = None
        if self.broken:
            uart.read = _fail
            uart.feed(b"x")
        self.uarts.append(uart)
        return uart

    def _received(self, data):
        silent_ms = ticks_diff(ticks_ms(), self._heard_at)
        self._heard_at = ticks_ms()
        if self.mode == "data":
            if self._pluses and silent_ms >= 1000:
                self.mode = "command"
                self.uarts[-1].feed(OK)
            self._pluses = bytes(data) == b"+++" and silent_ms >= 1000
            said = self.peer.take(data)
            if self.replies and said:
                self.uarts[-1].feed(said)
        if self.mode == "cmux" and CLOSE_DOWN in data:
            self.mode = "command"
            self.uarts[-1].feed(CLOSED_DOWN)
            return
        if self.mode == "command":
            if self.echo:
                self.uarts[-1].feed(data)
            self._line += data
            while b"\r" in self._line and self.mode == "command":
                line, self._line = self._line.split(b"\r", 1)
                line = line.strip(b"\n")
                if line:
                    self._answer(line)

    def _answer(self, line):
        self.said.append(line)
        answer = self._answers.get(line, OK)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        self.uarts[-1].feed(answer)
        if b"CONNECT" in answer:
            self.mode = "data"
            self._line = b""


def _fail(max_bytes):
    raise OSError(5)


class Ppp:
    """``network.PPP``: up two questions after ``connect``; ``drop`` is what the modem's end does.

    ``made``: all of them, oldest first.
    """

    made = []

    def __init__(self, uart):
        self.calls = []
        self._uart = uart
        self._left = 1000000
        Ppp.made.append(self)

    def connect(self):
        self.calls.append("connect")
        self._left = 2
        self._uart.irq(self.poll, self._uart.IRQ_RXIDLE)

    def poll(self, _=None):
        """Take what has come; return how many bytes that were."""
        data = self._uart.read(4096) if self._uart.open else None
        return len(data) if data else 0

    def isconnected(self):
        self._left -= 1
        return self._left < 0

    def disconnect(self):
        self.calls.append("disconnect")
        self.drop()

    def drop(self):
        self._left = 1000000
        self._uart.irq(None)
        self._uart.open = False


class _Network:
    """The module."""


def install_ppp():
    """Put ``Ppp`` where ``from network import PPP`` finds it."""
    Ppp.made = []
    module = _Network()
    module.PPP = Ppp
    sys.modules["network"] = module
