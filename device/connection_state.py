"""The states of a connection, what they mean for those who wait, and who is told of them."""

import asyncio

from .errors import NotAttached, SocketClosed
from .portable import const, since_ms, ticks_ms, wait_event_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from .errors import IpCommandsError
    from .interfaces import Log, UdpSocket

    State = Literal[
        "IDLE", "STARTING", "ATTACHING", "OPENING", "SERVING", "WAITING", "SLEEPING", "CLOSED"
    ]

# What the states mean; tests/portable/connection_states.py has which one leads to which
#
# IDLE       made, not running yet
# STARTING   modem.start(): power, sync
# ATTACHING  modem.attach(), or lost the network
# OPENING    modem.open_udp(): the port
# SERVING    listening, send() works
# WAITING    pause after a failure, longer each time
# SLEEPING   the modem is in PSM until it, or somebody here, wakes it; if its socket outlasts that,
#            send() works and wakes it
# CLOSED     for good

_READY = const(("SERVING", "SLEEPING"))  # with an open socket


class ConnectionState:
    """The base of ``Connection``: state, reason, times, and the wait for an open socket."""

    state: "State" = "IDLE"
    """One of those above; SERVING is listening."""
    reason = ""
    """The last failure of the connection, and what is done about it; "" before the first."""
    held = 0
    """How often all was seen to be well: a look for datagrams that was answered after a minute or
    more of listening, or the modem went from listening to sleep in PSM."""
    log_errors = 0
    """Lines that ``log`` or ``print`` failed to take."""
    _error: "BaseException | None" = None  # what ended it for good
    _socket: "UdpSocket | None" = None  # the open one
    _loss: "Exception | None" = None  # of that socket
    _state_handler: "Callable[[str, str], Any] | None" = None
    _wanted = 0  # tasks that wait for the socket
    _next = ""  # what is done about a failure
    _pause_ms = 0  # ... so long after this state began
    _state_ms = 0  # how long it has lasted

    def __init__(self, log: "Log | None") -> None:
        self._log = log
        self._seconds: "dict[str, int]" = {}  # in each state that it has left
        self._counted_at = ticks_ms()
        self._settled = asyncio.Event()  # SERVING or CLOSED
        self._wake = asyncio.Event()  # something to look at: no longer busy, lost, a hint, a wish
        self._ending = asyncio.Event()  # it is over, or shall be

    def _age_ms(self) -> int:
        """Return how long this state has lasted; right if asked every 6 days (ticks wrap)."""
        self._state_ms += since_ms(self._counted_at)
        self._counted_at = ticks_ms()
        return self._state_ms

    def _enter(
        self,
        state: "State",
        error: "IpCommandsError | None" = None,
        step: str = "",
        pause_ms: int = 0,
    ) -> None:
        """Change the state; error: why; step: what is done about it, after pause_ms."""
        before = self.state
        if before == "CLOSED":
            return
        why = ""
        if error:
            error.plan = "; next: %s in %d s" % (step, pause_ms // 1000)
            self.reason = why = text_of(error)
        if self._log:
            self._say("connection: %s -> %s %s" % (before, state, why))
        if before == "SERVING" and state == "SLEEPING":
            self.held += 1
        self._seconds[before] = self._seconds.get(before, 0) + self._age_ms() // 1000
        self._state_ms = 0
        self._next = step
        self._pause_ms = pause_ms
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
                left_ms = timeout_ms - since_ms(start)
        finally:
            self._wanted -= 1


PASSED_ON = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends a program, or the task that it is raised in, whoever calls: never kept."""


def text_of(error: BaseException) -> str:
    """Return an error as text: class and message."""
    return "%s: %s" % (type(error).__name__, error)
