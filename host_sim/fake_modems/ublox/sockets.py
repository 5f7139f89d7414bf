"""Opening, closing and asking u-blox sockets: USOCR, USOLI, USOCO, USOCL, USOCTL, USOER, UDCONF.

Sources: u-blox UBX-17003787 R09 and R16 (grammar, numbers, limits, USOLI on UDP), UBX-20032566 R05
(local port in USOCR and in its answer), log of a SARA-R410M-02B in AN004 of particle-iot/docs
(USOCTL and USOCL of closed sockets, firmware that answers ERROR to UDOPN, UPING, UDNSRN),
twilio/Breakout_Arduino_Library (SARA-N410: USOLI refused on UDP), u-blox/ubxlib u_cell_sock.c.
"""

from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar, NoReturn

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.ip import PEER_CLOSED, REFUSED
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import ReceiveBuffer
from ip_commands.host_sim.fake_modems.engine.tcp_link import (
    NO_NAME,
    NO_NAME_SERVER,
    StreamBuffer,
    TcpLink,
)
from ip_commands.host_sim.fake_modems.ublox.models import MAPPED
from ip_commands.host_sim.fake_modems.ublox.profiles import UbloxProfiles

SOCKET_COUNT = 7
TCP, UDP = 6, 17
BUFFER_BYTES = 16384
"""Of one socket; size and that the newest datagram is dropped are assumed."""

NO_ERROR, ADDRESS_IN_USE, NETWORK_DOWN, TIMED_OUT = 0, 98, 100, 110
CONNECTION_REFUSED, HOST_UNREACHABLE = 111, 113
"""USOER: BSD error numbers."""
CONNECT_LIMIT_MS = 130_000
"""USOCO: the longest time until its answer (u-blox/ubxlib waits 130 s)."""
LINK_ERRORS = {
    REFUSED: CONNECTION_REFUSED,
    NO_NAME: HOST_UNREACHABLE,
    NO_NAME_SERVER: HOST_UNREACHABLE,
}
"""Everything else: the time is over. Which number an unknown name gives is assumed."""
TCP_INACTIVE, TCP_CONNECTING, TCP_ESTABLISHED, TCP_CLOSE_WAIT = 0, 2, 4, 7
"""USOCTL 10."""


@dataclass
class UbloxSocket:
    """One socket of USOCR."""

    number: int
    protocol: int
    local_port: int
    """0 until the first datagram chooses one."""
    listening: bool = False
    remote: tuple[str, int] | None = None
    """The only peer, of USOCO."""
    buffer: ReceiveBuffer | StreamBuffer = field(
        default_factory=lambda: ReceiveBuffer(BUFFER_BYTES)
    )
    last_error: int = NO_ERROR
    sent_bytes: int = 0
    received_bytes: int = 0
    link: TcpLink | None = None
    """Its connection, once USOCO asked for one."""

    def close(self) -> None:
        """Close what is connected."""
        if self.link is not None:
            self.link.close()

    @property
    def tcp_state(self) -> int:
        """Value 10 of USOCTL."""
        if self.link is None:
            return TCP_INACTIVE
        if self.link.is_open:
            return TCP_ESTABLISHED
        return TCP_CLOSE_WAIT if self.link.state == PEER_CLOSED else TCP_CONNECTING


def dotted(text: str) -> str:
    """Return an IPv4 address. Raises BadArgument for names: nothing resolves them here."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise BadArgument from None


class UbloxSockets(UbloxProfiles):
    """Everything about sockets but their data."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "usocr-shows-port": "+USOCR: <socket>,<local port>, as the application notes print it",
        "usocr-plain": "+USOCR: <socket> alone although a local port was given",
        "usocr-port-ignored": "USOCR accepts a local port and does not bind to it",
        "usocr-port-refused": "USOCR with a local port is an error",
        "usoli-refused": "USOLI on a UDP socket is an error, USOCR alone binds (SARA-N410)",
        "plain-socket-errors": "socket commands fail with ERROR whatever AT+CMEE says",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, UbloxSocket] = {}
        self.socket_error = NO_ERROR
        self.hex_mode = False
        self.assistance = 0
        """Of AT+UDCONF=89."""

    def drop_sockets(self, announce: bool) -> None:
        dead, self.sockets = self.sockets, {}
        for number, socket in sorted(dead.items()):
            socket.close()
            if announce:
                self.urc(f"+UUSOCL: {number}")

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """``+UUSOCL``; reading a closed socket is an error (AN004 of particle-iot/docs)."""
        self.sockets.pop(number).close()
        self.urc(f"+UUSOCL: {number}")

    def failure_of(self, call: Call, failure: CommandFailed) -> CommandFailed:
        plain = "plain-socket-errors" in self.quirks and call.name.startswith("+USO")
        return CommandFailed(None) if plain else failure

    def refuse(self, error: int, socket: UbloxSocket | None = None) -> NoReturn:
        """Fail as a socket does: SARA-R4 with ERROR, others with a number; USOER tells why."""
        self.socket_error = error
        if socket is not None:
            socket.last_error = error
        raise CommandFailed(self.failure_code())

    def failure_code(self) -> int | None:
        """Return the number of a failed socket operation, None: a bare ERROR."""
        bare = self.variant.is_r4 or "plain-socket-errors" in self.quirks
        return None if bare else 3

    def socket_of(self, call: Call) -> UbloxSocket:
        """Return the open socket that the command names."""
        socket = self.sockets.get(call.arguments.integer(0, 0, SOCKET_COUNT - 1))
        if socket is None:
            raise CommandFailed(3)
        return socket

    def _port_is_free(self, port: int) -> bool:
        return all(socket.local_port != port for socket in self.sockets.values())

    def choose_port(self, socket: UbloxSocket) -> None:
        """Give a socket that sends or listens a local port of its own."""
        while socket.local_port == 0:
            port = self.random.randint(49152, 65535)
            if self._port_is_free(port):
                socket.local_port = port

    # --- open and close --------------------------------------------------------------------------

    @at_command("+USOCR")
    def create_socket(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+USOCR: (6,17),(1-65535)")
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(3)
        protocol, port = arguments.integer(0, 6, 17), arguments.integer(1, 1, 65535, 0)
        arguments.integer(2, 0, 1, 0)
        if protocol not in (TCP, UDP):
            raise BadArgument
        if self.variant.sockets_need == MAPPED and not self.data_ready():
            raise CommandFailed(3)
        free = [n for n in range(SOCKET_COUNT) if n not in self.sockets]
        if not free or (port and "usocr-port-refused" in self.quirks):
            raise CommandFailed(3)
        if port and not self._port_is_free(port):
            self.refuse(ADDRESS_IN_USE)
        bound = 0 if "usocr-port-ignored" in self.quirks else port
        self.sockets[free[0]] = UbloxSocket(free[0], protocol, bound)
        shows = self.variant.shows_local_port or "usocr-shows-port" in self.quirks
        shows = shows and bool(port) and "usocr-plain" not in self.quirks
        call.line(f"+USOCR: {free[0]},{port}" if shows else f"+USOCR: {free[0]}")

    def _usoli_works_on_udp(self) -> bool:
        if "usoli-refused" in self.quirks:
            return False
        unbound = {"usocr-port-ignored", "usocr-port-refused"} & self.quirks
        return self.variant.listens_udp or bool(unbound)

    @at_command("+USOLI")
    def listen(self, call: Call) -> None:
        """On UDP: bind, and hear strangers too (UBX-17003787 R16); TCP never hears anyone here."""
        if call.form is Form.TEST:
            call.line("+USOLI: (0-6),(1-65535)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket, port = self.socket_of(call), call.arguments.integer(1, 1, 65535)
        if socket.protocol == UDP and not self._usoli_works_on_udp():
            raise CommandFailed(3)
        if socket.listening or socket.local_port not in (0, port):
            raise CommandFailed(3)
        if socket.local_port == 0 and not self._port_is_free(port):
            self.refuse(ADDRESS_IN_USE, socket)
        socket.local_port, socket.listening = port, True

    @at_command("+USOCO")
    def connect_socket(self, call: Call) -> None:
        """UDP: fixes the peer. TCP: connects; OK when it is, or with <async> at once."""
        if call.form is Form.TEST:
            call.line('+USOCO: (0-6),"remote_host",(1-65535),(0,1)')
            return
        only(call, Form.SET)
        call.arguments.no_more_than(4)
        socket = self.socket_of(call)
        host, port = call.arguments.quoted(1), call.arguments.integer(2, 1, 65535)
        is_asynchronous = call.arguments.integer(3, 0, 1, 0) == 1
        if not self.data_ready():
            self.refuse(NETWORK_DOWN, socket)
        if socket.protocol == TCP:
            if socket.link is not None:
                raise CommandFailed(3)
            self._connect_tcp(call, socket, (host, port), is_asynchronous)
            return
        host = dotted(host)
        call.wait()
        self.choose_port(socket)
        socket.remote = (host, port)
        self.later(self.some_ms(5, 40), call.finish)

    def _connect_tcp(
        self, call: Call, socket: UbloxSocket, remote: tuple[str, int], is_asynchronous: bool
    ) -> None:
        if not is_asynchronous:
            call.wait()

        def opened(why: str) -> None:
            error = LINK_ERRORS.get(why, TIMED_OUT) if why else NO_ERROR
            self.socket_error = socket.last_error = error
            if why:
                socket.link = None
            if is_asynchronous:
                self.urc(f"+UUSOCO: {socket.number},{error}")
            elif why:
                call.fail(self.failure_code())
            else:
                call.finish()

        def received(was_empty: bool) -> None:
            if was_empty:
                self.announce_stream(socket)

        def closed(why: str) -> None:
            # +UUSOCL waits until what came before was read. Assumed.
            if not socket.buffer.held_bytes and self.sockets.get(socket.number) is socket:
                self.lose_socket(socket.number, keeps_data=False)

        self.choose_port(socket)
        socket.remote = remote
        link = socket.link = TcpLink(
            *(self, *remote, socket.local_port),
            on_opened=opened,
            on_received=received,
            on_closed=closed,
        )
        socket.buffer = link.buffer
        link.open(CONNECT_LIMIT_MS)

    def announce_stream(self, socket: UbloxSocket) -> None:
        """Say that something came on a TCP socket that held nothing."""

    @at_command("+USOCL")
    def close_socket(self, call: Call) -> None:
        """No URC after it, except for the asynchronous form."""
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket = self.socket_of(call)
        asynchronous = call.arguments.integer(1, 0, 1, 0)
        del self.sockets[socket.number]
        socket.close()
        if asynchronous:
            self.later(self.some_ms(20, 60), self.urc, f"+UUSOCL: {socket.number}")

    # --- questions, options ----------------------------------------------------------------------

    @at_command("+USOCTL")
    def socket_control(self, call: Call) -> None:
        """A closed socket has type 0 on SARA-R410M, an error on others."""
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        number = call.arguments.integer(0, 0, SOCKET_COUNT - 1)
        parameter = call.arguments.integer(1, 0, 11)
        socket = self.sockets.get(number)
        if socket is None and parameter == 0 and self.variant.is_r4:
            call.line(f"+USOCTL: {number},0,0")
            return
        if socket is None:
            raise CommandFailed(3)
        host, port = socket.remote or ("0.0.0.0", 0)
        values = {
            0: str(socket.protocol),
            1: str(socket.last_error),
            2: str(socket.sent_bytes),
            3: str(socket.received_bytes),
            4: f'"{host}",{port}',
        }
        if socket.protocol == TCP:
            values[10] = str(socket.tcp_state)
            if not self.variant.has_profiles or self.variant.is_r4:  # not on SARA-R5
                unacknowledged = 0 if socket.link is None else socket.link.unacknowledged_bytes
                values[11] = str(unacknowledged)
        if parameter not in values:
            raise CommandFailed(3)
        call.line(f"+USOCTL: {number},{parameter},{values[parameter]}")

    @at_command("+USOER")
    def last_socket_error(self, call: Call) -> None:
        only(call, Form.ACTION)
        call.line(f"+USOER: {self.socket_error}")

    @at_command("+UDCONF")
    def configure_sockets(self, call: Call) -> None:
        """1: hex mode. 2: packet size of the direct link. 89: release assistance (SARA-R5): 1 the
        last datagram, 2 one reply is wanted; in force until it is changed (assumed).
        """
        only(call, Form.SET)
        arguments = call.arguments
        option = arguments.integer(0, 1, 100)
        if option == 1:
            if len(arguments) == 1:
                call.line(f"+UDCONF: 1,{int(self.hex_mode)}")
            else:
                self.hex_mode = arguments.integer(1, 0, 1) == 1
        elif option == 2:
            arguments.integer(1, 0, SOCKET_COUNT - 1)
            arguments.integer(2, 100, 1472)
        elif option == 89 and self.variant.hears_assistance:
            if len(arguments) == 1:
                call.line(f"+UDCONF: 89,{self.assistance}")
            else:
                self.assistance = arguments.integer(1, 0, 2)
        else:
            raise BadArgument
