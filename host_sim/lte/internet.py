"""What stands beyond the core network: hosts with names, and servers that a test registers.

A server is plain callbacks in simulated time. What it sends travels to the device like any
downlink datagram: buffered, paged for, lost, too late.
"""

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Protocol

from ip_commands.host_sim.lte.datagram import Datagram
from ip_commands.host_sim.lte.ip_stack import Answer, Echo, Query
from ip_commands.host_sim.lte.session_record import SessionRecord
from ip_commands.host_sim.lte.tcp import HEADER_BYTES, RESET, Segment, TcpEnd
from ip_commands.host_sim.time.event_queue import EventQueue

ADDRESSES = IPv4Network("198.18.0.0/15")
"""Where names get addresses from: reserved for benchmarks (RFC 2544), nobody's."""
RTT_MS = 40
"""From the core to a server and back, unless told. Assumed."""
WINDOW_BYTES = 65535
SEND_LIMIT_BYTES = 1 << 20
"""What a server's connection may hold for a device that does not take it."""
MSS_BYTES = 1300
"""Of what servers send: below every profile's MTU less 40."""
MAX_CONNECTIONS = 100_000
"""Of all devices together; with one more, the oldest is reset."""


class Sender(Protocol):
    """The core network's way down to a device."""

    def __call__(
        self,
        ue: "InternetUe",
        session: SessionRecord,
        carries: object,
        payload: bytes,
        header_bytes: int,
        source: tuple[str, int],
        destination_port: int,
    ) -> None: ...


class InternetUe(Protocol):
    """A device as the internet's packets know it."""

    name: str
    iccid: str


class Connection:
    """A device's TCP connection as its server has it."""

    def __init__(self, device: str, iccid: str, client: tuple[str, int], server: tuple[str, int]):
        self.device = device
        """The device's name."""
        self.iccid = iccid
        self.client = client
        """Its address and port."""
        self.host, self.port = server
        self.on_connected: Callable[[], None] | None = None
        self.on_data: Callable[[bytes], None] | None = None
        self.on_closed: Callable[[str], None] | None = None
        """With why: it closed ("peer closed"), "reset", or "unanswered"."""
        self._end: TcpEnd | None = None
        self._syn: Segment | None = None

    def send(self, data: bytes) -> None:
        """Send to the device. Raises ValueError when more than 1 MiB waits for it."""
        if self._end is not None:
            self._end.send(data)

    def close(self) -> None:
        """Send what is left, and close."""
        if self._end is not None:
            self._end.close()

    def abort(self) -> None:
        """Reset it."""
        if self._end is not None:
            self._end.abort()

    @property
    def unacknowledged_bytes(self) -> int:
        """What the device has not acknowledged of what was sent."""
        return 0 if self._end is None else self._end.unacknowledged_bytes

    def accept(self) -> None:
        """Answer a device that waits (``Internet.beyond``)."""
        if self._end is not None and self._syn is not None:
            self._end.accept(self._syn)
            self._syn = None

    # -- the end's listener -----------------------------------------------------------------------
    def tcp_connected(self) -> None:
        if self.on_connected is not None:
            self.on_connected()

    def tcp_received(self, data: bytes) -> None:
        if self._end is not None:
            self._end.consumed(len(data))
        if self.on_data is not None:
            self.on_data(data)

    def tcp_acknowledged(self) -> None:
        pass

    def tcp_closed(self, why: str) -> None:
        if self.on_closed is not None:
            self.on_closed(why)
        self.close()


Handler = Callable[[Connection, bytes], None]
_Key = tuple[tuple[str, int], tuple[str, int]]


class Host:
    """A host of the internet."""

    __slots__ = ("address", "answers_ping", "ports", "rtt_ms")

    def __init__(self, address: str, rtt_ms: int, answers_ping: bool) -> None:
        self.address = address
        self.rtt_ms = rtt_ms
        self.answers_ping = answers_ping
        self.ports: dict[int, Callable[[Connection], None]] = {}


class Internet:
    """Names, hosts and servers, for all devices of a network."""

    def __init__(self, queue: EventQueue, send_down: Sender) -> None:
        self._queue = queue
        self._send_down = send_down
        self._hosts: dict[str, Host] = {}
        """By address."""
        self._names: dict[str, str] = {}
        self._connections: dict[_Key, Connection] = {}
        self.answers_names = True
        """False: name servers are silent."""
        self.beyond: Callable[[Connection], bool] | None = None
        """Called with a connection to a host that is not here: True when it will be accepted or
        aborted; False: there is nobody."""

    # -- what a test sets up ----------------------------------------------------------------------
    def add_host(
        self, host: str, address: str | None = None, *, rtt_ms: int = RTT_MS, ping: bool = True
    ) -> str:
        """Put a host there, by name or address; return its address. Again: change it.

        address: of a name; None: a free one. rtt_ms: from the core and back. ping: it answers.
        Raises ValueError for what is no address, or is no name.
        """
        name = host.lower()
        try:
            address = str(IPv4Address(name if address is None else address))
        except AddressValueError:
            if address is not None:
                raise ValueError(f"{address!r} is no IPv4 address") from None
            address = self._names.get(name) or str(ADDRESSES[1 + len(self._names)])
        if not name or len(name) > 253 or not name.isascii() or " " in name:
            raise ValueError(f"{host!r} is no name of a host")
        if name != address:
            self._names[name] = address
        known = self._hosts.get(address)
        if known is None:
            self._hosts[address] = Host(address, rtt_ms, ping)
        else:
            known.rtt_ms, known.answers_ping = rtt_ms, ping
        return address

    def serve(
        self,
        host: str,
        port: int,
        on_data: Handler,
        *,
        on_connected: Callable[[Connection], None] | None = None,
        on_closed: Callable[[Connection, str], None] | None = None,
    ) -> None:
        """Run a TCP server: each callback gets the connection first, then the data, or why.

        host: a name or an address, see ``add_host``. The server closes what a device closed.
        Raises ValueError.
        """
        if not 1 <= port <= 65535:
            raise ValueError(f"port {port}: 1 to 65535 is needed")
        address = self._names.get(host.lower(), host)
        if address not in self._hosts:
            address = self.add_host(host)

        def use(connection: Connection) -> None:
            connection.on_data = lambda data: on_data(connection, data)
            if on_connected is not None:
                connection.on_connected = lambda: on_connected(connection)
            if on_closed is not None:
                connection.on_closed = lambda why: on_closed(connection, why)

        self._hosts[address].ports[port] = use

    def stop_serving(self, host: str, port: int) -> None:
        """Refuse new connections again. Raises ValueError when nobody serves there."""
        known = self._hosts.get(self._names.get(host.lower(), host))
        if known is None or port not in known.ports:
            raise ValueError(f"nobody serves {host} port {port}")
        del known.ports[port]

    def remove_host(self, host: str) -> None:
        """Take a host and its name away: nobody answers. Raises ValueError for an unknown one."""
        address = self._names.pop(host.lower(), host)
        if self._hosts.pop(address, None) is None:
            raise ValueError(f"there is no host {host}")

    def address_of(self, name: str) -> str | None:
        """Return the address of a name; None: there is no such name."""
        return self._names.get(name.lower().rstrip("."))

    # -- packets from devices ---------------------------------------------------------------------
    def take(self, ue: InternetUe, datagram: Datagram, session: SessionRecord) -> None:
        """Take a packet that left the core network."""
        host = self._hosts.get(datagram.destination_host)
        rtt_ms = RTT_MS if host is None else host.rtt_ms
        self._queue.after(rtt_ms // 2, self._arrived, ue, datagram, session)

    def _arrived(self, ue: InternetUe, datagram: Datagram, session: SessionRecord) -> None:
        message = datagram.carries
        host = self._hosts.get(datagram.destination_host)
        if isinstance(message, Segment):
            self._segment_arrived(ue, datagram, session, message)
        elif isinstance(message, Query):
            if self.answers_names:
                address = self.address_of(message.name)
                answer = Answer(message.number, () if address is None else (address,))
                size = len(datagram.payload) + 16 * len(answer.addresses)  # RFC 1035 4.1.3
                self._answer(ue, datagram, session, answer, size)
        elif isinstance(message, Echo) and host is not None and host.answers_ping:
            self._answer(ue, datagram, session, message, len(datagram.payload))

    def _answer(
        self,
        ue: InternetUe,
        datagram: Datagram,
        session: SessionRecord,
        message: object,
        size_bytes: int,
    ) -> None:
        source = (datagram.destination_host, datagram.destination_port)
        host = self._hosts.get(source[0])
        delay_ms = (RTT_MS if host is None else host.rtt_ms) // 2
        port = datagram.source_port
        self._queue.after(
            delay_ms, self._send_down, ue, session, message, bytes(size_bytes), 28, source, port
        )

    # -- TCP --------------------------------------------------------------------------------------
    def _segment_arrived(
        self, ue: InternetUe, datagram: Datagram, session: SessionRecord, segment: Segment
    ) -> None:
        client = (datagram.source_host, datagram.source_port)
        server = (datagram.destination_host, datagram.destination_port)
        connection = self._connections.get((client, server))
        if connection is not None and connection._end is not None:
            if not (segment.syn and connection._end.is_open):
                if connection._syn is None:
                    connection._end.arrived(segment)
                return
            connection._end.vanish()  # the device began anew, without a word
            connection.tcp_closed(RESET)
        if segment.rst:
            return
        host = self._hosts.get(server[0])
        if host is None and self.beyond is None:
            return  # nobody is there: silence
        transmit = self._sender(ue, session, client, server, host)
        if segment.syn and segment.acknowledges == 0:
            connection = Connection(ue.name, ue.iccid, client, server)
            if self._takes(connection, host, server[1]):
                self._open(connection, segment, (client, server), transmit)
                if host is not None:
                    connection.accept()
                return
            if host is None:
                return
        transmit(Segment(segment.acknowledges, b"", segment.sequence + 1, 0, rst=True))

    def _takes(self, connection: Connection, host: Host | None, port: int) -> bool:
        if host is None:
            return self.beyond is not None and self.beyond(connection)
        use = host.ports.get(port)
        if use is None:
            return False
        use(connection)
        return True

    def _sender(
        self,
        ue: InternetUe,
        session: SessionRecord,
        client: tuple[str, int],
        server: tuple[str, int],
        host: Host | None,
    ) -> Callable[[Segment], None]:
        def transmit(segment: Segment) -> None:
            delay_ms = (RTT_MS if host is None else host.rtt_ms) // 2
            self._queue.after(
                *(delay_ms, self._send_down, ue, session, segment, segment.data),
                *(HEADER_BYTES, server, client[1]),
            )

        return transmit

    def _open(
        self,
        connection: Connection,
        syn: Segment,
        key: _Key,
        transmit: Callable[[Segment], None],
    ) -> None:
        if len(self._connections) >= MAX_CONNECTIONS:
            next(iter(self._connections.values())).abort()
        end = TcpEnd(self._queue, transmit, MSS_BYTES, WINDOW_BYTES, SEND_LIMIT_BYTES)
        end.listener = connection
        connection._end, connection._syn = end, syn
        self._connections[key] = connection

        def forget() -> None:
            if self._connections.get(key) is connection:
                del self._connections[key]

        end.on_dead = forget
