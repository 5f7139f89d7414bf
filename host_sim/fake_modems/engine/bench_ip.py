"""The IP stack of a ``BenchRadio``: servers and names on the bench, without a network between.

Everything takes ``delay_ms`` each way; nothing is lost, unless it is cut off.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address

from ip_commands.host_sim.fake_modems.engine.ip import (
    PEER_CLOSED,
    REFUSED,
    RESET,
    UNANSWERED,
    TcpListener,
)

WINDOW_BYTES = SEND_LIMIT_BYTES = 10240
OPEN_LIMIT_MS = 123_000
QUERY_LIMIT_MS = 10_000


class BenchConnection:
    """A connection; both its ends. ``send``, ``close`` and ``abort`` are the server's."""

    def __init__(self, ip: "BenchIp", client: TcpListener) -> None:
        self._ip = ip
        self.end = BenchTcpEnd(self)
        self.client: TcpListener | None = client
        self.on_data: Callable[[bytes], None] = lambda data: None
        self.on_closed: Callable[[str], None] = lambda why: None
        self.unread = 0
        self._waiting = bytearray()
        self._closing = False
        self._way: deque[Callable[[], None]] = deque()
        """What is on its way, oldest first: timers of one instant have no order."""

    def send(self, data: bytes) -> None:
        """Send to the modem."""
        self._waiting += data
        self.pump()

    def close(self) -> None:
        """Send what is left, and close."""
        self._closing = True
        self.pump()

    def abort(self) -> None:
        """Reset it."""
        self.carry(lambda: self._tell_closed(RESET))

    def pump(self) -> None:
        """Send what the modem has room for."""
        data = bytes(self._waiting[: WINDOW_BYTES - self.unread])
        if data:
            del self._waiting[: len(data)]
            self.unread += len(data)
            self.carry(lambda: self._arrive(data))
        if self._closing and not self._waiting:
            self._closing = False
            self.carry(lambda: self._tell_closed(PEER_CLOSED))

    def carry(self, arrive: Callable[[], None]) -> None:
        """Do something after everything that is on its way already."""
        self._way.append(arrive)
        loop = asyncio.get_running_loop()
        loop.call_later(self._ip.delay_ms / 1000, self._next_arrives)

    def _next_arrives(self) -> None:
        arrive = self._way.popleft()
        if not self._ip.cut_off:
            arrive()

    def _arrive(self, data: bytes) -> None:
        if self.client is not None:
            self.client.tcp_received(data)

    def _tell_closed(self, why: str) -> None:
        client, self.client = self.client, None
        if client is not None:
            client.tcp_closed(why)


class BenchTcpEnd:
    """The modem's end."""

    def __init__(self, connection: BenchConnection) -> None:
        self._connection = connection
        self.unacknowledged_bytes = 0

    @property
    def room_bytes(self) -> int:
        """How much ``send`` takes now."""
        return SEND_LIMIT_BYTES - self.unacknowledged_bytes

    def send(self, data: bytes) -> None:
        """Send bytes; acknowledged after ``delay_ms`` there and back."""
        if len(data) > self.room_bytes:
            raise ValueError("more than the modem holds: send it when the rest is acknowledged")
        connection = self._connection

        def acknowledged() -> None:
            self.unacknowledged_bytes -= len(data)
            if self.unacknowledged_bytes == 0 and connection.client is not None:
                connection.client.tcp_acknowledged()

        def arrive() -> None:
            connection.carry(acknowledged)
            connection.on_data(data)

        self.unacknowledged_bytes += len(data)
        connection.carry(arrive)

    def consumed(self, count: int) -> None:
        """Take note that the modem's host read so many bytes."""
        self._connection.unread -= count
        self._connection.pump()

    def close(self) -> None:
        """Close it in an orderly way."""
        connection = self._connection
        connection.client = None
        connection.carry(lambda: connection.on_closed(PEER_CLOSED))

    def vanish(self) -> None:
        """Be gone without a word."""
        self._connection.client = None


class BenchIp:
    """Implements ``IpStack``. What a test wants of it is an attribute or a method."""

    def __init__(self, is_online: Callable[[], bool]) -> None:
        self._is_online = is_online
        self.cut_off = False
        self.delay_ms = 50
        self.names: dict[str, str] = {}
        """Lower case -> address."""
        self.answers_names = True
        self.silent: set[str] = set()
        """Addresses that answer nothing."""
        self.connections: list[BenchConnection] = []
        self._servers: dict[tuple[str, int], Callable[[BenchConnection], None]] = {}

    def serve(
        self,
        host: str,
        port: int,
        on_data: Callable[[BenchConnection, bytes], None],
        *,
        on_connected: Callable[[BenchConnection], None] | None = None,
        on_closed: Callable[[BenchConnection, str], None] | None = None,
    ) -> str:
        """Run a TCP server, as ``lte.internet`` does; return its address."""
        address = _dotted(host) or self.names.setdefault(
            host.lower(), f"198.18.0.{1 + len(self.names)}"
        )

        def use(connection: BenchConnection) -> None:
            connection.on_data = lambda data: on_data(connection, data)
            if on_closed is not None:
                connection.on_closed = lambda why: on_closed(connection, why)
            if on_connected is not None:
                on_connected(connection)

        self._servers[address, port] = use
        return address

    def connect_tcp(
        self, address: str, port: int, local_port: int, listener: TcpListener
    ) -> BenchTcpEnd:
        """Connect; a host that serves elsewhere refuses, one that does not exist is silent."""
        connection = BenchConnection(self, listener)
        self.connections.append(connection)
        use = self._servers.get((address, port))

        def answer() -> None:
            if connection.client is None:
                return
            if use is None:
                connection._tell_closed(REFUSED)
                return
            use(connection)
            listener.tcp_connected()

        if self._reaches(address):
            connection.carry(lambda: connection.carry(answer))
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(OPEN_LIMIT_MS / 1000, connection._tell_closed, UNANSWERED)
        return connection.end

    def resolve(self, name: str, on_result: Callable[[tuple[str, ...] | None], None]) -> None:
        """Look a name up; an address is its own; None at once without a data connection."""
        loop = asyncio.get_running_loop()
        itself = _dotted(name)
        if not self._is_online():
            loop.call_soon(on_result, None)
        elif itself is not None:
            loop.call_soon(on_result, (itself,))
        elif not self.answers_names or self.cut_off:
            loop.call_later(QUERY_LIMIT_MS / 1000, on_result, None)
        else:
            address = self.names.get(name.lower())
            found = () if address is None else (address,)
            loop.call_later(2 * self.delay_ms / 1000, on_result, found)

    def ping(
        self,
        address: str,
        size_bytes: int,
        timeout_ms: int,
        on_result: Callable[[int | None], None],
    ) -> None:
        """Send an echo request: servers that are not silent answer."""
        loop = asyncio.get_running_loop()
        if self._reaches(address) and 2 * self.delay_ms < timeout_ms:
            loop.call_later(2 * self.delay_ms / 1000, on_result, 2 * self.delay_ms)
        else:
            loop.call_later(timeout_ms / 1000, on_result, None)

    def _reaches(self, address: str) -> bool:
        known = address in self.names.values() or any(address == at for at, _ in self._servers)
        return known and address not in self.silent and self._is_online() and not self.cut_off


def _dotted(host: str) -> str | None:
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        return None
