"""UDP over the operating system's or the board's own IP stack, and a Modem-shaped object for it.

For hosts whose cellular link is a network interface (ModemManager, PPP, a USB router) and boards
whose MicroPython has native sockets (``network.PPP``, ``network.LTE``, Digi XBee 3 Cellular).
On CPython it needs a selector event loop, asyncio's default everywhere but on Windows.
"""

import asyncio
import errno
import socket

from .errors import (
    NotAttached,
    NotSupported,
    PayloadTooLong,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from .ip_command import MAX_PAYLOAD_BYTES, check_ipv4, check_port
from .portable import (
    const,
    outcome_of,
    since_ms,
    sleep_ms,
    ticks_ms,
    wait_event_ms,
    watch_readable,
)

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

_LONGEST_DATAGRAM_BYTES = const(1500)
_SEND_TRIES = const(5)
_SEND_AGAIN_AFTER_MS = const(20)
_ASK_MS = const(30000)  # what is_up may take
_END_MS = const(60000)  # and take_down
_UNWIND_MS = const(1000)  # for what was cancelled to come to its end


def _address(host: str, port: int) -> "Any":
    # The unix port of MicroPython takes addresses in its resolver's own form only.
    return socket.getaddrinfo(host, port)[0][-1]


def _read_address(address: "Any") -> "tuple[str, int]":
    """Return (host, port) from what ``recvfrom`` gave: a tuple, or bytes on the unix port."""
    if not isinstance(address, tuple):
        address = socket.sockaddr(address)  # type: ignore[attr-defined]
        return socket.inet_ntop(address[0], address[1]), address[2]
    return address[0], address[1]


class OsUdpSocket:
    """One UDP port of the IP stack. Create it inside the running loop.

    ``max_payload``: bytes that ``send_to`` takes; some boards carry less than 1300 (user guide of
    the Digi XBee 3 Global LTE-M/NB-IoT: UDP transmission is limited to 512 bytes).
    """

    tells_sender = True
    on_loss: "Callable[[], None] | None" = None
    """Never called: an IP stack tells a loss when it is used, or by ``OsNetwork.is_up``."""
    lost = False
    """Never True, for the same reason."""
    dropped = 0
    _interrupted = False
    _closed = False

    def __init__(
        self, local_port: int, local_host: str = "0.0.0.0", max_payload: int = MAX_PAYLOAD_BYTES
    ) -> None:
        """Bind. Raises InvalidValue, SocketClosed when the port cannot be had."""
        check_port(local_port)
        self.max_payload = max_payload
        self._wake = asyncio.Event()
        self._watch: "Any" = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.bind(_address(local_host, local_port))
        except OSError as error:
            self._socket.close()
            raise SocketClosed(
                "cannot listen on UDP port %d of %s: %s" % (local_port, local_host, error)
            )

    async def send_to(self, payload: bytes, host: str, port: int, last: bool = False) -> None:
        """Hand one datagram to the IP stack; ``host`` is a numeric IPv4 address.

        last: no IP stack can be told that. Raises InvalidValue, PayloadTooLong, SendFailed,
        SocketClosed.
        """
        check_port(port)
        check_ipv4(host)
        if len(payload) > self.max_payload:
            raise PayloadTooLong(len(payload), self.max_payload)
        for _ in range(_SEND_TRIES):
            if self._closed:
                raise SocketClosed("socket is closed")
            try:
                self._socket.sendto(payload, _address(host, port))
                return
            except OSError as error:
                reason = error
                if error.errno != errno.EAGAIN:
                    break
            await sleep_ms(_SEND_AGAIN_AFTER_MS)  # the stack's send buffer is full
        raise SendFailed("UDP to %s:%d: %s" % (host, port, reason))

    async def receive(self, timeout_ms: int) -> "tuple[bytes, str, int]":
        """Return the next datagram: payload, source host, source port.

        ONE task may receive, for less than 6 days. Cancelling loses nothing.
        Raises ReceiveTimeout, SocketClosed.
        """
        start = ticks_ms()
        left_ms = timeout_ms
        while True:
            datagram = self._receive_now()
            if datagram is not None:
                return datagram
            if self._interrupted or left_ms <= 0 or not await self._wait_ms(left_ms):
                self._interrupted = False
                raise ReceiveTimeout("no datagram in %d ms" % timeout_ms)
            left_ms = timeout_ms - since_ms(start)

    def _receive_now(self) -> "tuple[bytes, str, int] | None":
        if self._closed:
            raise SocketClosed("socket is closed")
        try:
            payload, address = self._socket.recvfrom(_LONGEST_DATAGRAM_BYTES)
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return None
            raise SocketClosed("the IP stack gave up the socket: %s" % error)
        host, port = _read_address(address)
        return payload, host, port

    def interrupt(self) -> None:
        """Let ``receive`` return to its caller (with ReceiveTimeout) once nothing is left."""
        self._interrupted = True
        self._wake.set()

    async def _wait_ms(self, ms: int) -> bool:
        self._wake.clear()
        self._watch = watch_readable(self._socket, self._wake)
        try:
            return await wait_event_ms(self._wake, ms)
        finally:
            self._watch.cancel()
            self._watch = None

    async def close(self) -> None:
        """Close; a receive in progress raises SocketClosed. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()  # before the file number may belong to someone else
        self._wake.set()
        self._socket.close()


class OsNetwork:
    """A Modem-shaped object for a link that the operating system or the board looks after.

    ``bring_up``: async callable (apn, timeout_ms) that returns when the link carries data, e.g.
    one that dials PPP; None where the link is up by itself. It raises NotAttached or OSError when
    it cannot, and is cancelled after ``timeout_ms``.
    ``take_down``: async callable without arguments, called by ``power_off``; cancelled after 60 s.
    ``is_up``: async callable that returns "" while the link carries data, else the reason; it is
    asked every minute, since a socket over a dead link hears nothing and says nothing. After 30 s
    it is cancelled, and the link counts as down. One of these that refuses to end is left behind,
    and none is called before it has ended.
    """

    check_ms = 60000
    """How often ``check_link`` is asked."""
    damaged = 0
    """Always 0: an IP stack checks what it hands over."""

    def __init__(
        self,
        bring_up: "Callable[[str, int], Awaitable[None]] | None" = None,
        take_down: "Callable[[], Awaitable[None]] | None" = None,
        local_host: str = "0.0.0.0",
        max_payload: int = MAX_PAYLOAD_BYTES,
        is_up: "Callable[[], Awaitable[str]] | None" = None,
    ) -> None:
        self.on_hint: "Callable[[], None] | None" = None
        self._is_up = is_up
        self._bring_up = bring_up
        self._take_down = take_down
        self._local_host = local_host
        self._max_payload = max_payload
        self._ended: "asyncio.Event | None" = None  # of what was called last

    async def _call(self, what: str, call: "Callable[[], Awaitable[Any]]", ms: int) -> "Any":
        """Call the program's function; it may hang, or refuse to be cancelled. Raises NotAttached.

        Returns what it returns.
        """
        if self._ended and not self._ended.is_set():
            raise NotAttached("%s: an earlier call has not ended, though cancelled" % what)
        result: "list[Any]" = []
        outcome: "list[BaseException]" = []
        done = self._ended = asyncio.Event()

        async def collect() -> None:
            result.append(await call())

        task = asyncio.create_task(outcome_of(collect(), outcome, done))
        try:
            in_time = await wait_event_ms(done, ms)
        finally:
            if not done.is_set():
                task.cancel()
                await wait_event_ms(done, _UNWIND_MS)
        if not in_time:
            raise NotAttached("%s did not return in %d ms" % (what, ms))
        if outcome:
            raise outcome[0]
        return result[0]

    async def start(self) -> None:
        """Return: there is no modem to wake up."""

    async def find(self) -> None:
        """Return: there is no modem that could be silent."""

    async def restart_radio(self) -> None:
        """Take the link down, where that can be done: ``attach`` brings it up anew."""
        if self._take_down is not None:
            await self._call("take_down", self._take_down, _END_MS)

    power_cycle = restart_radio

    async def check_link(self) -> None:
        """Raise SocketClosed when the link no longer carries data, as far as that can be asked."""
        if self._is_up is not None:
            try:
                reason = await self._call("is_up", self._is_up, _ASK_MS)
            except NotAttached as error:  # one that cannot tell carries nothing, for all we know
                reason = error
            if reason:
                raise SocketClosed("the link is down (%s): attach again" % reason)

    def line_health(self) -> "dict[str, int]":
        """Return no counters: there is no line to a modem."""
        return {}

    async def is_awake(self) -> bool:
        """Return True: an IP stack does not know."""
        return True

    def sleep_ms(self) -> int:
        """Return 0: an IP stack does not know when its modem sleeps."""
        return 0

    def sleep_is_due(self) -> bool:
        """Return False: an IP stack does not know."""
        return False

    async def read_power_saving(self) -> "tuple[float | None, tuple[int, int] | None]":
        """Return (None, None): an IP stack has no way to ask the modem."""
        return None, None

    async def attach(self, apn: str, timeout_ms: int) -> None:
        """Bring the link up. Raises NotAttached."""
        if self._bring_up is None:
            return
        bring_up = self._bring_up
        try:
            await self._call("bring_up", lambda: bring_up(apn, timeout_ms), timeout_ms)
        except OSError as error:
            raise NotAttached("the link did not come up: %s" % error)

    async def open_udp(self, local_port: int) -> OsUdpSocket:
        """Listen on a UDP port. Raises InvalidValue, SocketClosed when it cannot be had."""
        return OsUdpSocket(local_port, self._local_host, self._max_payload)

    async def power_off(self) -> None:
        """Take the link down. Raises NotSupported without ``take_down``."""
        if self._take_down is None:
            raise NotSupported("no take_down was given: the link is not ours to end")
        await self.restart_radio()

    async def close(self) -> None:
        """Return: there is no stream to close."""

    async def set_edrx(self, cycle_s: "float | None") -> "float | None":
        """Raise NotSupported: an IP stack has no way to ask the modem."""
        raise NotSupported("eDRX cannot be set through an IP stack")

    async def set_psm(
        self, active_s: "int | None", period_s: "int | None"
    ) -> "tuple[int, int] | None":
        """Raise NotSupported: an IP stack has no way to ask the modem."""
        raise NotSupported("PSM cannot be set through an IP stack")

    async def read_identity(self) -> "Any":
        """Raise NotSupported: an IP stack has no way to ask the modem."""
        raise NotSupported("IMEI and ICCID cannot be read through an IP stack")

    async def read_signal(self) -> "Any":
        """Raise NotSupported: an IP stack has no way to ask the modem."""
        raise NotSupported("the signal cannot be read through an IP stack")
