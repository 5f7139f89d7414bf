"""Keeps one modem attached and one UDP socket open; knows no modem family.

The states and where each leads are in ``STATES``; what changes the state is in this file alone.
"""

import asyncio

from ip_commands.device.errors import (
    ModemClosed,
    ModemError,
    NotAttached,
    ReceiveTimeout,
    SocketClosed,
)
from ip_commands.device.portable import const, sleep_ms, ticks_diff, ticks_ms, wait_event_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ip_commands.device.interfaces import Log, Modem, UdpSocket

IDLE = const(0)
STARTING = const(1)
ATTACHING = const(2)
OPENING = const(3)
SERVING = const(4)
WAITING = const(5)
CLOSED = const(6)

STATES = (
    # name, the states it may lead to; each may also end in CLOSED
    ("IDLE", (STARTING,)),  # made, not running yet
    ("STARTING", (ATTACHING, WAITING)),  # modem.start(): power, sync
    ("ATTACHING", (OPENING, WAITING)),  # modem.attach(): registration, data connection
    ("OPENING", (SERVING, WAITING)),  # modem.open_udp(): the port
    ("SERVING", (WAITING,)),  # listening, send() works
    ("WAITING", (STARTING, ATTACHING)),  # pause after a failure, longer each time
    ("CLOSED", ()),  # for good
)

# Registration may take minutes after power-on: an attach refused in haste starts a new search.
_ATTACH_TIMEOUT_MS = const(180000)
# Nothing depends on its length: the driver looks for lost hints by itself.
_RECEIVE_TIMEOUT_MS = const(60000)
_FIRST_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(300000)


class Connection:
    """One modem's way up to a listening socket, climbed again whenever it falls down.

    ``state``: index into ``STATES``; ``reason``: the last failure as text, "" before the first;
    ``error``: what ended it for good; ``reopened``: how often it came back to SERVING;
    ``socket``: the open socket, else None. ``granted_edrx_s``: the eDRX cycle that the network
    granted after ``edrx_s`` was asked for, else None.
    """

    def __init__(
        self,
        modem: "Modem",
        port: int,
        apn: str,
        log: "Log | None" = None,
        edrx_s: "float | None" = None,
    ) -> None:
        self.state = IDLE
        self.reason = ""
        self.error: "BaseException | None" = None
        self.reopened = -1  # the first opening brings it to 0
        self.socket: "UdpSocket | None" = None
        self.busy = False
        self.granted_edrx_s: "float | None" = None
        self._edrx_s = edrx_s
        self._modem = modem
        self._port = port
        self._apn = apn
        self._log = log
        self._failures = 0
        self._loss: "Exception | None" = None
        self._modem_in_doubt = True
        self._settled = asyncio.Event()  # SERVING or CLOSED
        self._wake = asyncio.Event()  # no longer busy, or lost

    async def run(
        self,
        take: "Callable[[bytes, str, int], None]",
        on_failure: "Callable[[Exception], None]",
    ) -> None:
        """Climb, serve, and after each failure pause and climb again, until cancelled.

        Each datagram goes to ``take(payload, host, port)``; when that sets ``busy``, the next one
        stays in the modem until ``release``. ``on_failure`` hears every failure.
        Raises ModemClosed, and whatever is not a failure of modem, network or socket.
        """
        try:
            while True:
                try:
                    await self._climb()
                    await self._serve(take)
                except ModemClosed:
                    raise
                except (ModemError, SocketClosed, NotAttached) as error:
                    await self._fall(error)
                    on_failure(error)
                pause_ms = _FIRST_PAUSE_MS << (self._failures - 1)
                await sleep_ms(pause_ms if pause_ms < _LONGEST_PAUSE_MS else _LONGEST_PAUSE_MS)
        except Exception as error:
            self.error = error
            self.reason = "%s: %s" % (type(error).__name__, error)
            raise
        finally:
            self.close()
            await self._drop_socket()

    async def _climb(self) -> None:
        if self._modem_in_doubt:
            self._enter(STARTING)
            await self._modem.start()
        self._enter(ATTACHING)
        await self._modem.attach(self._apn, _ATTACH_TIMEOUT_MS)
        if self._edrx_s is not None and self._modem_in_doubt:
            await self._ask_for_edrx(self._edrx_s)
        self._enter(OPENING)
        self._loss = None
        self.socket = await self._modem.open_udp(self._port)
        self.reopened += 1
        self._enter(SERVING)

    async def _ask_for_edrx(self, edrx_s: float) -> None:
        from ip_commands.device.reachability import grant_warning  # not loaded where nobody asks

        self.granted_edrx_s = await self._modem.set_edrx(edrx_s)
        warning = grant_warning(edrx_s, self.granted_edrx_s)
        if warning:
            (self._log or print)("connection: %s" % warning)

    async def _serve(self, take: "Callable[[bytes, str, int], None]") -> None:
        socket = self.socket
        assert socket is not None
        while True:
            while self.busy and self._loss is None:
                self._wake.clear()
                await self._wake.wait()
            if self._loss is not None:
                raise self._loss
            try:
                payload, host, port = await socket.receive(_RECEIVE_TIMEOUT_MS)
            except ReceiveTimeout:
                self._failures = 0  # it held for a while: a failure now is a new one
                continue
            self._failures = 0
            take(payload, host, port)

    async def _fall(self, error: Exception) -> None:
        # A lost socket or network leaves the modem itself in order, once.
        self._modem_in_doubt = self._failures > 0 or isinstance(error, ModemError)
        if self._failures < 10:
            self._failures += 1
        self.reason = "%s: %s" % (type(error).__name__, error)
        self._enter(WAITING, self.reason)
        await self._drop_socket()

    async def _drop_socket(self) -> None:
        socket = self.socket
        self.socket = None
        if socket is not None:
            try:
                await socket.close()
            except (ModemError, SocketClosed) as error:
                if self._log:
                    self._log("connection: closing the socket: %s" % error)

    def _enter(self, state: int, why: str = "") -> None:
        name, next_states = STATES[self.state]
        assert state in next_states or state == CLOSED, (name, STATES[state][0])
        if self._log:
            self._log("connection: %s -> %s %s" % (name, STATES[state][0], why))
        self.state = state
        if state == SERVING or state == CLOSED:
            self._settled.set()
        else:
            self._settled.clear()

    def release(self) -> None:
        """Ask for the next datagram after ``take`` had set ``busy``."""
        self.busy = False
        self._wake.set()

    def lost(self, socket: "UdpSocket", error: Exception) -> None:
        """Tell that sending found the socket gone, so that it is opened again at once."""
        if socket is self.socket:
            self._loss = error
            self._settled.clear()
            self._wake.set()

    def close(self) -> None:
        """End for good; who waits for the connection gets an error."""
        if self.state != CLOSED:
            self._enter(CLOSED)

    async def wait_ready(self, timeout_ms: int) -> "UdpSocket":
        """Return the open socket as soon as there is one; ``timeout_ms`` below 6 days.

        Raises NotAttached with state and last reason after ``timeout_ms``; SocketClosed after the
        end, or the error that ended it.
        """
        start = ticks_ms()
        left_ms = timeout_ms
        while True:
            if self.state == CLOSED:
                raise self.error or SocketClosed("the client is closed: make a new one")
            if self.state == SERVING and self._loss is None and self.socket is not None:
                return self.socket
            if left_ms <= 0 or not await wait_event_ms(self._settled, left_ms):
                break
            left_ms = timeout_ms - ticks_diff(ticks_ms(), start)
        raise NotAttached(
            "not listening after %d ms, state %s: %s"
            % (timeout_ms, STATES[self.state][0], self.reason or "is client.run() running?")
        )
