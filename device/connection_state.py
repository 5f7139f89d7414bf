"""The states of a connection, what they mean for those who wait, and who is told of them."""

import asyncio

from .errors import NotAttached, SocketClosed
from .portable import const, ticks_diff, ticks_ms, wait_event_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from .interfaces import Log, UdpSocket

IDLE = const(0)
STARTING = const(1)
ATTACHING = const(2)
OPENING = const(3)
SERVING = const(4)
WAITING = const(5)
SLEEPING = const(6)
CLOSED = const(7)

STATES = (
    # name, the states it may lead to; each may also end in CLOSED
    ("IDLE", (STARTING,)),  # made, not running yet
    ("STARTING", (ATTACHING, WAITING, SLEEPING)),  # modem.start(): power, sync
    ("ATTACHING", (OPENING, SERVING, WAITING, SLEEPING)),  # modem.attach(), or lost the network
    ("OPENING", (SERVING, WAITING, SLEEPING)),  # modem.open_udp(): the port
    ("SERVING", (ATTACHING, WAITING, SLEEPING)),  # listening, send() works
    ("WAITING", (STARTING, ATTACHING, SERVING)),  # pause after a failure, longer each time
    ("SLEEPING", (STARTING,)),  # the modem is in PSM until it, or somebody here, wakes it
    ("CLOSED", ()),  # for good
)


class ConnectionState:
    """The base of ``Connection``: state, reason, times, and the wait for an open socket.

    ``state``: index into ``STATES``; ``reason``: the last failure as text, "" before the first;
    ``error``: what ended it for good; ``socket``: the open socket, else None; ``seconds``: how
    long it was in each state. ``on_state(name, reason)`` is called with each new state.
    """

    def __init__(self, log: "Log | None") -> None:
        self.state = IDLE
        self.reason = ""
        self.error: "BaseException | None" = None
        self.socket: "UdpSocket | None" = None
        self.seconds = [0] * len(STATES)
        self.on_state: "Callable[[str, str], None] | None" = None
        self._log = log
        self._loss: "Exception | None" = None
        self._wanted = 0  # tasks that wait for the socket
        self._entered_at = ticks_ms()
        self._settled = asyncio.Event()  # SERVING or CLOSED
        self._wake = asyncio.Event()  # something to look at: no longer busy, lost, a hint, a wish

    def _enter(self, state: int, why: str = "") -> None:
        name, next_states = STATES[self.state]
        assert state in next_states or state in (CLOSED, self.state), (name, state)
        self._say("%s -> %s %s" % (name, STATES[state][0], why), bool(self._log))
        now = ticks_ms()
        self.seconds[self.state] += max(0, ticks_diff(now, self._entered_at)) // 1000
        self._entered_at = now
        self.state = state
        if state == SERVING or state == CLOSED:
            self._settled.set()
        else:
            self._settled.clear()
        if self.on_state:
            try:
                self.on_state(STATES[state][0], why)
            except Exception as error:
                self._say("on_state failed: %s" % text_of(error))

    def _say(self, text: str, wanted: bool = True) -> None:
        if wanted:
            try:
                (self._log or print)("connection: %s" % text)
            except Exception:  # flash full, stdout gone
                pass

    def wake(self) -> None:
        """Wake a modem that sleeps in PSM, or end a pause."""
        if self.state in (SLEEPING, WAITING):
            self._wake.set()

    def close(self) -> None:
        """End for good; who waits for the connection gets an error."""
        if self.state != CLOSED:
            self._enter(CLOSED)

    async def wait_ready(self, timeout_ms: int) -> "UdpSocket":
        """Return the open socket as soon as there is one; ``timeout_ms`` below 6 days.

        Wakes a modem that sleeps. Raises NotAttached with state and last reason after
        ``timeout_ms``; SocketClosed after the end, or the error that ended it.
        """
        start = ticks_ms()
        left_ms = timeout_ms
        self._wanted += 1
        try:
            while True:
                if self.state == CLOSED:
                    raise self.error or SocketClosed("the client is closed: make a new one")
                if self.state == SERVING and self._loss is None and self.socket is not None:
                    return self.socket
                if self.state == SLEEPING:
                    self._wake.set()
                if left_ms <= 0 or not await wait_event_ms(self._settled, left_ms):
                    break
                left_ms = timeout_ms - ticks_diff(ticks_ms(), start)
        finally:
            self._wanted -= 1
        raise NotAttached(
            "not listening after %d ms, state %s: %s"
            % (timeout_ms, STATES[self.state][0], self.reason or "is client.run() running?")
        )


def text_of(error: BaseException) -> str:
    """Return an error as text: class and message."""
    return "%s: %s" % (type(error).__name__, error)
