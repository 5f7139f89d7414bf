"""What a modem's own IP stack does beside the host's UDP: TCP connections, names, pings.

Everything travels as datagrams of the UE: over its radio connection, with its latency and losses,
paged for, counted. RFC 1035 (names; by UDP, asked again), RFC 792 (echo).
"""

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address
from typing import NamedTuple, Protocol

from ip_commands.host_sim.lte.datagram import Datagram
from ip_commands.host_sim.lte.tcp import HEADER_BYTES, Segment, TcpEnd, TcpListener
from ip_commands.host_sim.time.event_queue import Event, EventQueue

NAME_SERVER = ("8.8.8.8", 53)
"""The first of the two that the fake modems show."""
QUERY_TRIES, QUERY_WAIT_MS = 2, 5000
"""Of a name server that does not answer: resolv.conf(5), attempts and timeout. A SIMCom A7670SA
gave up after 11 s."""
WINDOW_BYTES = SEND_LIMIT_BYTES = 10240
"""Unread and unacknowledged bytes of a connection: defaults of SIMCom's CACFG RCVBUF and SNDBUF
and of Quectel's QICFG "recv/buffersize"."""
MAX_CONNECTIONS = 32
"""With one more, the oldest is reset: closed ones that linger count, too."""
FIRST_PORT = 49152
"""RFC 6335: dynamic ports."""


class Echo(NamedTuple):
    """A ping, or its answer."""

    number: int


class Query(NamedTuple):
    """A question to a name server."""

    number: int
    name: str


class Answer(NamedTuple):
    """Its answer; (): there is no such name."""

    number: int
    addresses: tuple[str, ...]


class StackUe(Protocol):
    """The UE below."""

    @property
    def ip_address(self) -> str | None: ...

    @property
    def mtu_bytes(self) -> int: ...

    def send_packet(
        self,
        carries: object,
        payload: bytes,
        header_bytes: int,
        source_port: int,
        destination: tuple[str, int],
    ) -> None: ...


class _Connection:
    __slots__ = ("address", "end")

    def __init__(self, end: TcpEnd, address: str) -> None:
        self.end = end
        self.address = address


class IpStack:
    """One UE's. Made when its modem first asks for it."""

    def __init__(self, ue: StackUe, queue: EventQueue) -> None:
        self._ue = ue
        self._queue = queue
        self.cut_off = False
        """True: nothing of it gets through, either way; for whoever makes a network misbehave."""
        self._connections: dict[tuple[int, str, int], _Connection] = {}
        self._next_port = FIRST_PORT
        self._asked = 0
        self._waits: dict[int, tuple[Callable[..., None], Event]] = {}
        """Echoes and queries without an answer: whom to tell, and when it is too late."""

    # -- TCP --------------------------------------------------------------------------------------
    def connect_tcp(
        self, address: str, port: int, local_port: int, listener: TcpListener
    ) -> TcpEnd:
        """Begin a connection; local_port 0: any. The listener hears what becomes of it."""
        self._drop_dead()
        own = self._ue.ip_address
        local_port = local_port or self._free_port()
        key = (local_port, address, port)

        def transmit(segment: Segment) -> None:
            if own is not None and own == self._ue.ip_address and not self.cut_off:
                self._ue.send_packet(
                    segment, segment.data, HEADER_BYTES, local_port, (address, port)
                )

        mss_bytes = self._ue.mtu_bytes - HEADER_BYTES
        end = TcpEnd(self._queue, transmit, mss_bytes, WINDOW_BYTES, SEND_LIMIT_BYTES)
        end.listener = listener
        before = self._connections.pop(key, None)
        if before is not None:
            before.end.vanish()
        connection = self._connections[key] = _Connection(end, own or "")
        end.on_dead = lambda: self._forget(key, connection)
        end.connect()
        return end

    def _free_port(self) -> int:
        port = self._next_port
        self._next_port = port + 1 if port < 65535 else FIRST_PORT
        return port

    def _forget(self, key: tuple[int, str, int], connection: _Connection) -> None:
        if self._connections.get(key) is connection:
            del self._connections[key]

    def _drop_dead(self) -> None:
        own = self._ue.ip_address
        for connection in list(self._connections.values()):
            if connection.address != own:
                connection.end.vanish()
        if len(self._connections) >= MAX_CONNECTIONS:
            next(iter(self._connections.values())).end.abort()

    # -- names and pings --------------------------------------------------------------------------
    def resolve(self, name: str, on_result: Callable[[tuple[str, ...] | None], None]) -> None:
        """Ask for a name's addresses: () there is no such name, None nobody answered.

        An address is its own name. Without a data connection None, at once.
        """
        if self._ue.ip_address is None:
            self._queue.after(0, on_result, None)
            return
        try:
            itself = (str(IPv4Address(name)),)
        except AddressValueError:
            self._query(name, on_result, QUERY_TRIES)
        else:
            self._queue.after(0, on_result, itself)

    def _query(self, name: str, on_result: Callable[..., None], tries: int) -> None:
        def too_late() -> None:
            if tries > 1:
                self._query(name, on_result, tries - 1)
            else:
                on_result(None)

        number = self._wait(on_result, QUERY_WAIT_MS, too_late)
        size = 12 + len(name) + 2 + 4  # RFC 1035 4.1: header, name, type and class
        self._send(Query(number, name), size, NAME_SERVER)

    def ping(
        self, address: str, size_bytes: int, timeout_ms: int, on_result: Callable[..., None]
    ) -> None:
        """Send an echo request; on_result gets the round-trip time in ms, None after the time."""
        sent_ms = self._queue.now_ms
        number = self._wait(
            lambda: on_result(self._queue.now_ms - sent_ms),
            timeout_ms,
            lambda: on_result(None),
        )
        self._send(Echo(number), size_bytes, (address, 0))

    def _wait(
        self, on_answer: Callable[..., None], timeout_ms: int, too_late: Callable[[], None]
    ) -> int:
        self._asked += 1
        number = self._asked

        def give_up() -> None:
            del self._waits[number]
            too_late()

        self._waits[number] = (on_answer, self._queue.after(timeout_ms, give_up))
        return number

    def _send(self, message: object, size_bytes: int, destination: tuple[str, int]) -> None:
        if self._ue.ip_address is not None and not self.cut_off:
            # 28 bytes: of IP with UDP's or ICMP's header, both 8
            self._ue.send_packet(message, bytes(size_bytes), 28, 0, destination)

    # -- from the network -------------------------------------------------------------------------
    def arrived(self, datagram: Datagram) -> None:
        """Take what came for this stack."""
        message = datagram.carries
        if self.cut_off:
            return
        if isinstance(message, Segment):
            self._segment_arrived(message, datagram)
        elif isinstance(message, Echo | Answer) and message.number in self._waits:
            on_answer, timer = self._waits.pop(message.number)
            timer.cancel()
            on_answer(*([message.addresses] if isinstance(message, Answer) else []))

    def _segment_arrived(self, segment: Segment, datagram: Datagram) -> None:
        key = (datagram.destination_port, datagram.source_host, datagram.source_port)
        connection = self._connections.get(key)
        if connection is not None and connection.address == datagram.destination_host:
            connection.end.arrived(segment)
        elif not segment.rst:  # RFC 9293 3.5.2: to nobody
            reset = Segment(segment.acknowledges, b"", 0, 0, rst=True)
            self._ue.send_packet(reset, b"", HEADER_BYTES, key[0], key[1:])
