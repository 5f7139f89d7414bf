"""The states of a connection, what they mean for those who wait, and who is told of them."""

import asyncio

from .errors import NotAttached, SocketClosed
from .portable import const, ticks_diff, ticks_ms, wait_event_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from .interfaces import Log, UdpSocket

    State = Literal[
        "IDLE", "STARTING", "ATTACHING", "OPENING", "SERVING", "WAITING", "SLEEPING", "CLOSED"
    ]

STATES = {
    # name: the states it may lead to; each may also end in CLOSED
    "IDLE": "STARTING",  # made, not running yet
    "STARTING": "ATTACHING WAITING SLEEPING",  # modem.start(): power, sync
    "ATTACHING": "OPENING SERVING WAITING SLEEPING",  # modem.attach(), or lost the network
    "OPENING": "SERVING WAITING SLEEPING",  # modem.open_udp(): the port
    "SERVING": "ATTACHING WAITING SLEEPING",  # listening, send() works
    "WAITING": "STARTING ATTACHING SERVING",  # pause after a failure, longer each time
    # the modem is in PSM until it, or somebody here, wakes it; if its socket outlasts that, send()
    # works and wakes it
    "SLEEPING": "STARTING ATTACHING SERVING WAITING",
    "CLOSED": "",  # for good
}

_READY = const(("SERVING", "SLEEPING"))  # with an open socket


class ConnectionState:
    """The base of ``Connection``: state, reason, times, and the wait for an open socket."""

    state: "State" = "IDLE"
    """One of ``STATES``; SERVING is listening."""
    reason = ""
    """The last failure of the connection, "" before the first."""
    log_errors = 0
    """Lines that ``log`` or ``print`` failed to take."""
    _error: "BaseException | None" = None  # what ended it for good
    _socket: "UdpSocket | None" = None  # the open one
    _loss: "Exception | None" = None  # of that socket
    _state_handler: "Callable[[str, str], Any] | None" = None
    _wanted = 0  # tasks that wait for the socket

    def __init__(self, log: "Log | None") -> None:
        self._log = log
        self._seconds: "dict[str, int]" = {}  # in each state that it has left
        self._entered_at = ticks_ms()
        self._settled = asyncio.Event()  # SERVING or CLOSED
        self._wake = asyncio.Event()  # something to look at: no longer busy, lost, a hint, a wish
        self._ending = asyncio.Event()  # it is over, or shall be

    def _enter(self, state: "State", error: "Exception | None" = None) -> None:
        """Change the state; ``error`` is why, and the new reason."""
        before = self.state
        if before == "CLOSED":
            return
        assert state in STATES[before] or state in ("CLOSED", before), (before, state)
        why = ""
        if error:
            self.reason = why = text_of(error)
        if self._log:
            self._say("connection: %s -> %s %s" % (before, state, why))
        now = ticks_ms()
        seconds = max(0, ticks_diff(now, self._entered_at)) // 1000
        self._seconds[before] = self._seconds.get(before, 0) + seconds
        self._entered_at = now
        self.state = state
        if state in ("SERVING", "CLOSED"):
            self._settled.set()
        else:
            self._settled.clear()
        if self._state_handler:
            try:
                self._state_handler(state, why)
            except PASSED_ON:
                raise
            except BaseException as second:
                self._say("on_state failed: " + text_of(second))

    def _say(self, text: str) -> None:
        try:
            (self._log or print)(text)
        except PASSED_ON:
            raise
        except BaseException:  # flash full, stdout gone: nobody is left to be told
            self.log_errors += 1

    def wake(self) -> None:
        """Wake a modem that sleeps in PSM, or end a pause after a failure. Returns at once.

        A modem whose socket outlasts PSM is woken by sending only.
        """
        if self.state in ("SLEEPING", "WAITING"):
            self._wake.set()

    async def wait_ready(self, timeout_ms: int) -> None:
        """Wait until the client can send; ``timeout_ms`` below 6 days. Wakes a modem that sleeps.

        Raises NotAttached with state and last reason after ``timeout_ms``; SocketClosed after the
        end, or the error that ended it, such as ModemClosed.
        """
        start = ticks_ms()
        left_ms = timeout_ms
        self._wanted += 1
        try:
            while self.state not in _READY or self._loss or not self._socket:
                if self.state == "CLOSED":
                    raise self._error or SocketClosed("the client is closed: make a new one")
                if self.state == "SLEEPING":
                    self._wake.set()
                if left_ms <= 0 or not await wait_event_ms(self._settled, left_ms):
                    raise NotAttached(
                        "not listening after %d ms, state %s: %s"
                        % (timeout_ms, self.state, self.reason or "is client.run() running?")
                    )
                left_ms = timeout_ms - ticks_diff(ticks_ms(), start)
        finally:
            self._wanted -= 1


PASSED_ON = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends a program, or the task that it is raised in, whoever calls: never kept."""


def text_of(error: BaseException) -> str:
    """Return an error as text: class and message."""
    return "%s: %s" % (type(error).__name__, error)
