"""The QI commands of Quectel modules: contexts and UDP sockets.

Sources: Quectel BG96 TCP(IP) AT Commands Manual V1.1 and BG95 & BG77 & BG600L TCP/IP Application
Note V1.1 (grammar, limits, error numbers); log of a real BG96 in the public repository
wwxxyx/Quectel_BG96 (UDP SERVICE, QISTATE, counters, times); jurikacs/BG770A (QIACT on an active
context is an ERROR). What no source says is marked "assumed".
"""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.engine.tcp_link import (
    NO_NAME,
    NO_NAME_SERVER,
    TIMED_OUT,
    StreamBuffer,
    TcpLink,
)
from ip_commands.host_sim.fake_modems.quectel.names import QuectelNames
from ip_commands.host_sim.fake_modems.quectel.socket_setup import SocketError

MAX_SEND_BYTES = 1460
MAX_READ_BYTES = 1500
SOCKET_TYPES = ("TCP", "UDP", "TCP LISTENER", "UDP SERVICE")
OPEN_LIMIT_MS = 150_000
"""QIOPEN: the longest time until its URC (BG96 TCP/IP manual 2.3.5)."""
LINK_ERRORS = {NO_NAME: 565, NO_NAME_SERVER: 565, TIMED_OUT: 569}
"""Everything else: 566, the connection failed. Which one a silent server gives is assumed."""


@dataclass
class Socket:
    """One connection of QIOPEN."""

    number: int
    context: int
    kind: str
    host: str
    remote_port: int
    local_port: int
    push: bool
    buffer: ReceiveBuffer | StreamBuffer
    sent_bytes: int = 0
    received_bytes: int = 0
    read_bytes: int = 0
    link: TcpLink | None = None
    """Its connection, when it is TCP."""

    @property
    def is_tcp(self) -> bool:
        return self.kind == "TCP"

    @property
    def state(self) -> int:
        """<socket_state> of QISTATE: 1 opening, 2 connected (real: also a UDP SERVICE)."""
        return 2 if self.link is None or self.link.is_open else 1

    @property
    def unacknowledged_bytes(self) -> int:
        """Sent, not acknowledged; UDP is at once (real BG96: 30,30,0)."""
        return 0 if self.link is None else self.link.unacknowledged_bytes


def dotted(text: str) -> str:
    """Return an IPv4 address; UDP SERVICE takes no host names (BG96 TCP/IP manual 2.3.5)."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise BadArgument from None


class QuectelSockets(QuectelNames):
    """QIOPEN, QISEND, QIRD, QICLOSE, QISTATE and their URCs."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "recvind": "the recv URC of the buffer mode carries the length",
        "qiclose-unused-error": "QICLOSE of an unused id is an ERROR instead of OK",
        "qiopen-error-at-once": "a QIOPEN that cannot work is an ERROR instead of OK and a URC",
        "qiclose-slow": "QICLOSE takes its whole time, 10 s unless told (real: of a TCP socket)",
        "urc-before-send-ok": "a datagram that waits is announced between payload and SEND OK",
    }

    hears_assistance: bool = False
    """QISENDEX has <RAI_info>."""

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, Socket] = {}
        self.closed_sockets: dict[int, Socket] = {}
        """Closed by the network, readable until QICLOSE."""
        if "recvind" in self.quirks:
            self.config["recvind"] = "1"

    CLOSED_SOCKETS_KEEP_DATA = True

    def drop_sockets(self, context: int) -> None:
        """All sockets of a context die with it, without a word of their own."""
        for socket in [s for s in self.sockets.values() if s.context == context]:
            del self.sockets[socket.number]
            if socket.link is not None:
                socket.link.close()
        self.closed_sockets.clear()

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """The id stays taken, and what it holds readable, until QICLOSE."""
        socket = self.sockets.pop(number)
        if keeps_data:
            self.closed_sockets[number] = socket
        elif socket.link is not None:
            socket.link.abandon()
        self.urc(f'+QIURC: "closed",{number}')

    def _socket(self, number: int) -> Socket:
        socket = self.sockets.get(number)
        if socket is None:
            raise SocketError(567)
        return socket

    # --- open and close --------------------------------------------------------------------------

    @at_command("+QIOPEN")
    def open_socket(self, call: Call) -> None:
        """OK, then ``+QIOPEN: <id>,<err>``; real BG96: URC 2 ms after the OK of a UDP SERVICE."""
        if call.form is Form.TEST:
            kinds = "/".join(SOCKET_TYPES)
            contexts = self.context_count
            call.line(f'+QIOPEN: (1-{contexts}),(0-11),"{kinds}",<host>,<port>,<port>,(0-2)')
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(7)
        kind = arguments.quoted(2).upper()
        if kind not in SOCKET_TYPES:
            raise BadArgument
        service = kind == "UDP SERVICE"
        socket = Socket(
            number=arguments.integer(1, 0, 11),
            context=arguments.integer(0, 1, self.context_count),
            kind=kind,
            host=arguments.quoted(3),
            remote_port=arguments.integer(4, 0, 65535),
            local_port=arguments.integer(5, 1 if service else 0, 65535, None if service else 0),
            push=arguments.integer(6, 0, 2, 0) != 0,
            # EG25-G: "recv/buffersize"; that the others have as much, and that the newest
            # datagram is dropped, is assumed
            buffer=ReceiveBuffer(int(self.config["recv/buffersize"])),
        )
        if socket.push and arguments.integer(6, 0, 2) == 2:
            raise SocketError(555)  # transparent mode is not simulated (nor is it for UDP SERVICE)
        error = self._open_error(socket)
        if error and "qiopen-error-at-once" in self.quirks:
            raise SocketError(error)
        if not error:
            self.sockets[socket.number] = socket
        if socket.is_tcp and not error:
            self._connect(socket)
        else:
            self.later(self.some_ms(2, 20), self._opened, socket, error)

    def _open_error(self, socket: Socket) -> int:
        if socket.number in self.sockets or socket.number in self.closed_sockets:
            return 563
        if socket.context not in self.active_contexts:
            return 561
        if socket.kind == "TCP LISTENER":
            return 555  # nobody can connect to a device: servers are not simulated
        if socket.local_port == 0:
            socket.local_port = self.random.randint(49152, 65535)
        alike = [other for other in self.sockets.values() if other.is_tcp == socket.is_tcp]
        if any(other.local_port == socket.local_port for other in alike):
            return 574
        return 0

    def _connect(self, socket: Socket) -> None:
        def opened(why: str) -> None:
            if self.sockets.get(socket.number) is socket:
                if why:  # that the id is free again is assumed
                    del self.sockets[socket.number]
                self.last_error = LINK_ERRORS.get(why, 566) if why else 0
                self.urc(f"+QIOPEN: {socket.number},{self.last_error}")

        def received(was_empty: bool) -> None:
            if socket.push:
                self._push_all(socket)
            elif was_empty:  # no new URC while unread data remains (BG96 TCP/IP manual 2.4.2)
                self.urc(self._notice(socket))

        def closed(why: str) -> None:
            if self.sockets.get(socket.number) is socket:
                self.lose_socket(socket.number, keeps_data=True)

        link = socket.link = TcpLink(
            *(self, socket.host, socket.remote_port, socket.local_port),
            on_opened=opened,
            on_received=received,
            on_closed=closed,
        )
        socket.buffer = link.buffer
        link.open(OPEN_LIMIT_MS)

    def _opened(self, socket: Socket, error: int) -> None:
        if error == 0 and self.sockets.get(socket.number) is not socket:
            return  # closed before it was open
        self.last_error = error
        self.urc(f"+QIOPEN: {socket.number},{error}")

    @at_command("+QICLOSE")
    def close_socket(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+QICLOSE: (0-11),(0-65535)")
            return
        only(call, Form.SET)
        number = call.arguments.integer(0, 0, 11)
        limit_s = call.arguments.integer(1, 0, 65535, 10)
        socket = self.sockets.pop(number, None) or self.closed_sockets.pop(number, None)
        was_open = socket is not None
        if socket is not None and socket.link is not None:
            socket.link.close()
        if not was_open and "qiclose-unused-error" in self.quirks:
            raise SocketError(567)
        if was_open and "qiclose-slow" in self.quirks:
            call.wait()
            self.later(limit_s * 1000, call.finish)

    @at_command("+QISTATE")
    def socket_state(self, call: Call) -> None:
        sockets = list(self.sockets.values())
        if call.form is Form.SET:
            by_socket = call.arguments.integer(0, 0, 1)
            wanted = call.arguments.integer(1, 0, 16)
            sockets = [s for s in sockets if (s.number if by_socket else s.context) == wanted]
        elif call.form is Form.TEST:
            return
        for s in sockets:
            # real BG96: own address, state 2 (connected) for UDP SERVICE
            host = self.radio.ip_address if s.kind == "UDP SERVICE" else s.host
            call.line(
                f'+QISTATE: {s.number},"{s.kind}","{host}",{s.remote_port},{s.local_port},'
                f'{s.state},{s.context},{s.number},{int(s.push)},"{self.port_name}"'
            )

    @at_command("+QISWTMD")
    def switch_mode(self, call: Call) -> None:
        only(call, Form.SET)
        socket = self._socket(call.arguments.integer(0, 0, 11))
        socket.push = call.arguments.integer(1, 0, 1) == 1
        if socket.push:
            self._push_all(socket)

    def _push_all(self, socket: Socket) -> None:
        while (datagram := socket.buffer.take(MAX_READ_BYTES)) is not None:
            self._push(socket, datagram)

    # --- send ------------------------------------------------------------------------------------

    @at_command("+QISEND")
    def send(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+QISEND: (0-11),(0-1460)")
            return
        only(call, Form.SET)
        arguments = call.arguments
        socket = self._socket(arguments.integer(0, 0, 11))
        service = socket.kind == "UDP SERVICE"
        if not service and len(arguments) == 1:
            length = None
        else:
            length = arguments.integer(1, 0, MAX_SEND_BYTES)
        if length == 0:
            unacked = socket.unacknowledged_bytes
            call.line(f"+QISEND: {socket.sent_bytes},{socket.sent_bytes - unacked},{unacked}")
            return
        if service:
            arguments.no_more_than(4)
            host, port = dotted(arguments.quoted(2)), arguments.integer(3, 1, 65535)
        else:
            arguments.no_more_than(2)
            host, port = socket.host, socket.remote_port
        limit_s = int(self.config["qisend/timeout"])
        call.prompt(
            lambda payload: self._send_taken(call, socket, payload, host, port),
            length=length,
            echo=self.data_echo,
            limit=MAX_SEND_BYTES,
            timeout_ms=limit_s * 1000 or None,
            on_cancel=None if length is None else call.fail,  # assumed: ERROR after the time
        )

    def _send_taken(self, call: Call, socket: Socket, data: bytes, host: str, port: int) -> None:
        if self.sockets.get(socket.number) is not socket:
            call.fail()
            return
        payload: bytes | None = data
        if self.sends_hex:
            payload = _unhex(data)
        if payload is None or not self._send(socket, payload, host, port):
            self.last_error = 558
            call.finish("SEND FAIL")
            return
        socket.sent_bytes += len(payload)
        if "urc-before-send-ok" in self.quirks and socket.buffer.datagrams:
            call.data(self.at.out.frame_urc(self._notice(socket)))
        call.finish("SEND OK")

    def _send(
        self, socket: Socket, payload: bytes, host: str, port: int, said: int | None = None
    ) -> bool:
        if socket.link is not None:
            return socket.link.send(payload)
        return self.radio.send_udp(payload, socket.local_port, host, port, said)

    @at_command("+QISENDEX")
    def send_hex(self, call: Call) -> None:
        """At most 512 hex digits, not on UDP SERVICE (BG96 TCP/IP manual 2.3.6).

        <RAI_info> of a BG95 has an effect in NB-IoT only (BG95 TCP/IP note 2.3.9).
        """
        if call.form is Form.TEST:
            assistance = ",(0-2)" if self.hears_assistance else ""
            call.line(f"+QISENDEX: (0-11),<hex_string>{assistance}")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(3 if self.hears_assistance else 2)
        said: int | None = call.arguments.integer(2, 0, 2, 0) or None
        if self.radio.access_technology != 9:
            said = None
        socket = self._socket(call.arguments.integer(0, 0, 11))
        payload = _unhex(call.arguments.text(1).encode("latin-1"))
        if socket.kind == "UDP SERVICE" or payload is None or len(payload) > 256:
            raise BadArgument
        sent = self._send(socket, payload, socket.host, socket.remote_port, said)
        socket.sent_bytes += len(payload) if sent else 0
        call.final("SEND OK" if sent else "SEND FAIL")

    # --- receive ---------------------------------------------------------------------------------

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        for socket in self.sockets.values():
            if socket.local_port != destination_port or socket.is_tcp:
                continue
            if socket.kind == "UDP" and (source_host, source_port) != (
                socket.host,
                socket.remote_port,
            ):
                continue  # a client socket is tied to one remote
            # longer than a read can be: assumed cut (no source)
            self._datagram_for(socket, payload[:MAX_READ_BYTES], source_host, source_port)
            return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _datagram_for(self, socket: Socket, payload: bytes, host: str, port: int) -> None:
        if socket.push:
            self._push(socket, Datagram(payload, host, port))
            return
        was_empty = not socket.buffer.datagrams
        if isinstance(socket.buffer, ReceiveBuffer) and socket.buffer.put(payload, host, port):
            socket.received_bytes += len(payload)
            if was_empty:  # no new URC while unread data remains (BG96 TCP/IP manual 2.4.2)
                self.urc(self._notice(socket))

    def _notice(self, socket: Socket) -> str:
        if self.config.get("recvind") == "1":
            buffer = socket.buffer
            length = buffer.held_bytes
            if isinstance(buffer, ReceiveBuffer):
                length = len(buffer.datagrams[-1].payload)
            return f'+QIURC: "recv",{socket.number},{length}'
        return f'+QIURC: "recv",{socket.number}'

    def _push(self, socket: Socket, datagram: Datagram) -> None:
        sender = f',"{datagram.host}",{datagram.port}' if socket.kind == "UDP SERVICE" else ""
        header = f'+QIURC: "recv",{socket.number},{len(datagram.payload)}{sender}'
        socket.received_bytes += len(datagram.payload)
        socket.read_bytes += len(datagram.payload)
        self.urc(self.at.out.frame_urc(header) + self._shown(datagram.payload) + b"\r\n")

    def _shown(self, payload: bytes) -> bytes:
        return payload.hex().upper().encode() if self.receives_hex else payload

    @at_command("+QIRD")
    def read(self, call: Call) -> None:
        """Header, payload, empty line; UDP SERVICE: one whole datagram. ``+QIRD: 0``: none."""
        if call.form is Form.TEST:
            call.line("+QIRD: (0-11),(0-1500)")
            return
        only(call, Form.SET)
        arguments = call.arguments
        number = arguments.integer(0, 0, 11)
        socket = self.closed_sockets.get(number) or self._socket(number)
        service = socket.kind == "UDP SERVICE"
        limit: int | None = None
        if arguments.given(1):
            limit = arguments.integer(1, 0, MAX_READ_BYTES)
            if limit == 0:
                total = (
                    socket.received_bytes if socket.link is None else socket.link.received_bytes
                )
                unread = total - socket.read_bytes
                call.line(f"+QIRD: {total},{socket.read_bytes},{unread}")
                return
            if service:  # the length is for other types only
                raise BadArgument
        datagram = socket.buffer.take(limit or MAX_READ_BYTES)
        if datagram is None:
            call.data(b"\r\n+QIRD: 0\r\n")
            return
        socket.read_bytes += len(datagram.payload)
        sender = f',"{datagram.host}",{datagram.port}' if service else ""
        separator = "," if self.config["viewmode"] == "1" else "\r\n"
        header = f"\r\n+QIRD: {len(datagram.payload)}{sender}{separator}".encode()
        call.data(header + self._shown(datagram.payload) + b"\r\n")


def _unhex(data: bytes) -> bytes | None:
    try:
        return bytes.fromhex(data.decode("ascii"))
    except ValueError:
        return None
