"""Connections of SIMCom's CIP commands: CIPSTART, CIPCLOSE, CLPORT, CIPUDPMODE and settings.

Sources: SIM7000 Series TCPIP Application Note V1.01 and V1.02 (UDP extended mode, CLPORT for
single connections), SIM7000 AT Command Manual V1.06 and SIM800 Series AT Command Manual V1.09
(grammar, states, CLPORT and CIPUDPMODE with a connection number). That a SIM800 in extended mode
receives from strangers is documented but was never seen in a log. Transparent mode is not played.
"""

from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import ReceiveBuffer
from ip_commands.host_sim.fake_modems.engine.tcp_link import StreamBuffer, TcpLink
from ip_commands.host_sim.fake_modems.simcom.cip_bearer import INITIAL, LOST, STATUS, CipBearer

BUFFER_BYTES = 10240
"""Of one connection in manual mode; size and that the newest datagram is dropped are assumed."""
CONNECT_LIMIT_MS = 75_000
"""A connection attempt that nobody answers."""

_SWITCHES: dict[str, tuple[int, int]] = {
    "+CIPHEAD": (1, 0),
    "+CIPSRIP": (1, 0),
    "+CIPSHOWTP": (1, 0),
    "+CIPQSEND": (1, 0),
    "+CIPSPRT": (2, 1),
}
"""Settings: highest value and the one at boot."""


@dataclass
class CipConnection:
    """One connection; in single mode it has number 0."""

    number: int
    kind: str
    host: str
    remote_port: int
    local_port: int
    connected: bool = False
    buffer: ReceiveBuffer | StreamBuffer = field(
        default_factory=lambda: ReceiveBuffer(BUFFER_BYTES)
    )
    link: TcpLink | None = None
    """Its connection, when it is TCP."""

    def close(self) -> None:
        """Close what is connected."""
        if self.link is not None:
            self.link.close()


def dotted(text: str) -> str | None:
    """Return an IPv4 address, None for anything else (names do not resolve here)."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        return None


class CipSockets(CipBearer):
    """Opening, closing and configuring connections."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "clport-single-only": "CLPORT with a connection number is an error (TCPIP note)",
        "cipstart-strict": "CIPSTART after CIPCLOSE is an error until CIPSHUT (AT manual)",
        "shut-resets-settings": "CIPSHUT brings CIPHEAD, CIPSRIP and CIPUDPMODE back to 0",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, CipConnection] = {}
        self.closed_sockets: dict[int, CipConnection] = {}
        """TCP that the other side closed, readable until the number is used again."""
        self.closed_kind: str | None = None
        self.switches = {name: default for name, (_, default) in _SWITCHES.items()}
        self.local_ports: dict[tuple[int, str], int] = {}
        self.extended: set[int] = set()
        self.destinations: dict[int, tuple[str, int]] = {}

    def drop_connections(self) -> None:
        for connection in [*self.sockets.values(), *self.closed_sockets.values()]:
            connection.close()
        self.sockets.clear()
        self.closed_sockets.clear()
        self.destinations.clear()
        self.closed_kind = None

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """``CLOSED``, with several connections ``0, CLOSED``.

        What UDP held is gone, what TCP held can still be read (both assumed).
        """
        connection = self.sockets.pop(number)
        self.closed_kind = connection.kind
        if connection.link is not None and keeps_data:
            self.closed_sockets[number] = connection
        else:
            connection.close()
        self.destinations.pop(number, None)
        self.urc(self.with_number(number, "CLOSED"))

    def reset_receive_settings(self) -> None:
        if "shut-resets-settings" in self.quirks:
            self.switches["+CIPHEAD"] = self.switches["+CIPSRIP"] = 0
            self.extended.clear()

    def ip_state(self) -> str:
        if self.multiple:
            processing = self.bearer_state == STATUS and self.sockets
            return "IP PROCESSING" if processing else self.bearer_state
        connection = self.sockets.get(0)
        if connection is not None:
            return "CONNECT OK" if connection.connected else f"{connection.kind} CONNECTING"
        if self.bearer_state == STATUS and self.closed_kind is not None:
            return f"{self.closed_kind} CLOSED"
        return self.bearer_state

    def status_lines(self) -> list[str]:
        lines = []
        for number in range(self.connection_count):
            open_one = self.sockets.get(number)
            if open_one is None:
                lines.append(f'C: {number},,"","","","INITIAL"')
                continue
            state = "CONNECTED" if open_one.connected else "CONNECTING"
            end = f'"{open_one.kind}","{open_one.host}","{open_one.remote_port}","{state}"'
            lines.append(f"C: {number},0,{end}")
        return lines

    def numbered(self, call: Call, position: int = 0) -> tuple[int, int]:
        """Return the connection's number and where the other values begin."""
        if not self.multiple:
            return 0, position
        return call.arguments.integer(position, 0, self.connection_count - 1), position + 1

    def with_number(self, number: int, result: str) -> str:
        """Return a result as it is with several connections: ``0, CONNECT OK``."""
        return f"{number}, {result}" if self.multiple else result

    # --- open ------------------------------------------------------------------------------------

    @at_command("+CIPSTART")
    def start(self, call: Call) -> None:
        """OK at once; whether it is connected comes later."""
        if call.form is Form.TEST:
            numbers = f"(0-{self.connection_count - 1})," if self.multiple else ""
            call.line(f'+CIPSTART: {numbers}("TCP","UDP"),("IP ADDRESS"),(0-65535)')
            return
        only(call, Form.SET)
        arguments = call.arguments
        number, first = self.numbered(call)
        arguments.no_more_than(first + 3)
        kind = arguments.text(first).upper()
        if kind not in ("TCP", "UDP"):
            raise BadArgument
        host, port = arguments.text(first + 1), arguments.integer(first + 2, 1, 65535)
        if number in self.sockets:
            self.later(5, self.urc, self.with_number(number, "ALREADY CONNECT"))
            return
        if self.transparent or not self._may_start():
            raise CommandFailed(3)
        local_port = self.local_ports.get((number, kind)) or self.random.randint(49152, 65535)
        connection = CipConnection(number, kind, host, port, local_port)
        self.sockets[number] = connection
        self._forget_closed(number)
        if self.bearer_state == INITIAL:
            self.bring_up(lambda active: self._bearer_came(connection, active))
        else:
            self._connect(connection)

    def _may_start(self) -> bool:
        if self.multiple:
            return self.bearer_state == STATUS
        if self.bearer_state == STATUS and self.closed_kind is not None:
            return "cipstart-strict" not in self.quirks
        return self.bearer_state in (INITIAL, STATUS)

    def _bearer_came(self, connection: CipConnection, active: bool) -> None:
        if active:
            self.bearer_state = STATUS
            self._connect(connection)
        else:
            self._connect_failed(connection)

    def _connect(self, connection: CipConnection) -> None:
        others = [other for other in self.sockets.values() if other is not connection]
        if connection.kind == "TCP":
            self._connect_tcp(connection)
        elif dotted(connection.host) is None:
            self.later(self.some_ms(5000, 8000), self._connect_failed, connection)
        elif any(other.local_port == connection.local_port for other in others):
            self.later(self.some_ms(10, 50), self._connect_failed, connection)
        else:
            self.later(self.some_ms(20, 200), self._connected, connection)

    def _connect_tcp(self, connection: CipConnection) -> None:
        def opened(why: str) -> None:
            if why:
                self._connect_failed(connection)
            else:
                self._connected(connection)

        def closed(why: str) -> None:
            if self.sockets.get(connection.number) is connection:
                self.lose_socket(connection.number, keeps_data=True)

        link = connection.link = TcpLink(
            *(self, connection.host, connection.remote_port, connection.local_port),
            on_opened=opened,
            on_received=lambda was_empty: self.stream_arrived(connection, was_empty),
            on_closed=closed,
        )
        connection.buffer = link.buffer
        link.open(CONNECT_LIMIT_MS)

    def stream_arrived(self, connection: CipConnection, was_empty: bool) -> None:
        """Something came on a TCP connection, which held nothing before or did."""

    def _forget_closed(self, number: int) -> None:
        closed = self.closed_sockets.pop(number, None)
        if closed is not None:
            closed.close()

    def _connected(self, connection: CipConnection) -> None:
        if self.sockets.get(connection.number) is connection:
            connection.connected = True
            self.destinations[connection.number] = (connection.host, connection.remote_port)
            self.urc(self.with_number(connection.number, "CONNECT OK"))

    def _connect_failed(self, connection: CipConnection) -> None:
        if self.sockets.get(connection.number) is not connection:
            return
        del self.sockets[connection.number]
        self.closed_kind = connection.kind
        if not self.multiple:
            self.urc(f"STATE: {LOST if self.bearer_state == LOST else self.ip_state()}")
        self.urc(self.with_number(connection.number, "CONNECT FAIL"))

    # --- close -----------------------------------------------------------------------------------

    @at_command("+CIPCLOSE")
    def close_connection(self, call: Call) -> None:
        if call.form is Form.TEST:
            numbers = f"(0-{self.connection_count - 1})," if self.multiple else ""
            call.line(f"+CIPCLOSE: {numbers}(0,1)")
            return
        only(call, Form.SET, Form.ACTION)
        number, first = self.numbered(call) if call.form is Form.SET else (0, 0)
        if call.form is Form.SET:
            call.arguments.no_more_than(first + 1)
            call.arguments.integer(first, 0, 1, default=0)
        elif self.multiple:
            raise BadArgument
        self._forget_closed(number)
        if number not in self.sockets:
            raise CommandFailed(3)
        call.wait()
        self.later(self.some_ms(5, 60), self._closed, call, number)

    def _closed(self, call: Call, number: int) -> None:
        connection = self.sockets.pop(number, None)
        self.destinations.pop(number, None)
        if connection is not None:
            self.closed_kind = connection.kind
            connection.close()
        call.finish(self.with_number(number, "CLOSE OK"))

    # --- settings --------------------------------------------------------------------------------

    @at_command(*_SWITCHES)
    def switch(self, call: Call) -> None:
        highest, _ = _SWITCHES[call.name]
        if call.form is Form.READ:
            call.line(f"{call.name}: {self.switches[call.name]}")
        elif call.form is Form.TEST:
            call.line(f"{call.name}: ({','.join(str(value) for value in range(highest + 1))})")
        else:
            self.switches[call.name] = call.arguments.integer(0, 0, highest)

    @at_command("+CLPORT")
    def local_port(self, call: Call) -> None:
        """For the next CIPSTART; 0 chooses one."""
        numbers = range(self.connection_count if self.multiple else 1)
        if call.form is Form.READ:
            for number in numbers:
                ports = [str(self.local_ports.get((number, k), 0)) for k in ("TCP", "UDP")]
                prefix = f"{number}," if self.multiple else ""
                call.line(f"+CLPORT: {prefix}{','.join(ports)}")
        elif call.form is Form.TEST:
            call.line('+CLPORT: ("TCP","UDP"),(0-65535)')
        else:
            only(call, Form.SET)
            if self.multiple and "clport-single-only" in self.quirks:
                raise CommandFailed(3)
            number, first = self.numbered(call)
            call.arguments.no_more_than(first + 2)
            kind = call.arguments.text(first).upper()
            if kind not in ("TCP", "UDP"):
                raise BadArgument
            self.local_ports[number, kind] = call.arguments.integer(first + 1, 0, 65535)

    @at_command("+CIPUDPMODE")
    def udp_mode(self, call: Call) -> None:
        """0 knows one peer, 1 (extended) hears everybody, 2 chooses whom the next datagrams go to.

        The read form goes on to show 1 after 2.
        """
        if call.form is Form.READ:
            for number in range(self.connection_count if self.multiple else 1):
                prefix = f"{number}," if self.multiple else ""
                peer = self.destinations.get(number) if number in self.extended else None
                end = "" if peer is None else f',"{peer[0]}",{peer[1]}'
                call.line(f"+CIPUDPMODE: {prefix}{int(number in self.extended)}{end}")
            return
        if call.form is Form.TEST:
            number_range = "(0-5)," if self.multiple else ""
            call.line(f'+CIPUDPMODE: {number_range}(0-2),("IP ADDRESS"),(1-65535)')
            return
        only(call, Form.SET)
        number, first = self.numbered(call)
        mode = call.arguments.integer(first, 0, 2)
        if mode == 0:
            self.extended.discard(number)
        elif mode == 1:
            self.extended.add(number)
        else:
            address = dotted(call.arguments.text(first + 1))
            port = call.arguments.integer(first + 2, 1, 65535)
            if address is None:
                raise BadArgument
            if number not in self.extended:
                raise CommandFailed(3)
            self.destinations[number] = (address, port)
