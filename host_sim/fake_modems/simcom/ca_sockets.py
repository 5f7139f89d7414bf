"""Opening, closing and configuring the CA sockets of SIM7070G, SIM7080G and SIM7090G.

Sources: SIM7070_SIM7080_SIM7090 Series TCPUDP(S) Application Note V1.03 (server order, push
form), AT Command Manual V1.05 chapter 12 (keys, limits, results); the public repositories
korewireless/Super-Sim-Raspberry-Pi-Pico-Demos (UDP server against 100.64.0.1),
Xinyuan-LilyGO/LilyGo-T-SIM7080G (issues 96, 179), vshymanskyy/TinyGSM (issue 829).
"""

from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.ip import REFUSED
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import ReceiveBuffer
from ip_commands.host_sim.fake_modems.engine.tcp_link import (
    NO_NAME,
    NO_NAME_SERVER,
    StreamBuffer,
    TcpLink,
)
from ip_commands.host_sim.fake_modems.simcom.ca_bearers import CaBearers

MAX_BYTES = 1460
"""Of one CASEND and one CARECV."""
BUFFER_BYTES = 10240
"""CACFG RCVBUF, default; that the newest datagram is dropped is assumed."""
OPEN_LIMIT_MS = 75_000
"""A synchronous CAOPEN holds the UART so long when nobody answers (LilyGo-T-SIM7080G 179)."""

LINK_RESULTS = {NO_NAME: 20, NO_NAME_SERVER: 20, REFUSED: 23}
"""Of CAOPEN; everything else: 27, the connection failed."""

_KEYS: dict[str, tuple[int, int, int]] = {
    "TRANSWAITTM": (0, 20, 2),
    "TRANSPKTSIZE": (1, 1460, 1320),
    "SACK": (0, 1, 1),
    "MSS": (512, 1420, 1420),
    "ACKDELAY": (0, 1000, 0),
    "TCPIRT": (2, 10, 3),
    "MAXRXT": (3, 20, 12),
    "TCPOT": (1, 3600, 75),
    "KEEPALIVE": (0, 1, 0),
    "TCP_NODELAY": (0, 1, 0),
    "LINGER": (0, 65535, 0),
    "SNDBUF": (5840, 29200, 10240),
    "RCVBUF": (5840, 29200, 10240),
    "ATOCLOSE": (0, 1, 0),
    "ACCEPTNUM": (1, 7, 7),
    "ASYNCOPEN": (0, 1, 0),
}
"""CACFG keys that take one number: least, most, default."""


@dataclass
class CaSocket:
    """One cid."""

    cid: int
    pdp: int
    kind: str
    server: bool
    host: str
    remote_port: int
    local_port: int
    push: bool
    buffer: ReceiveBuffer | StreamBuffer = field(
        default_factory=lambda: ReceiveBuffer(BUFFER_BYTES)
    )
    sent_bytes: int = 0
    link: TcpLink | None = None
    """Its connection, when it is a TCP client."""

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


class CaSockets(CaBearers):
    """CASERVER, CAOPEN, CACLOSE, CACFG, CASTATE."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "result-after-ok": "+CASERVER and +CAOPEN come after the OK (asynchronous firmware)",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, CaSocket] = {}
        self.closed_sockets: dict[int, CaSocket] = {}
        """Closed by the network, readable until CACLOSE."""
        self.options = {key: default for key, (_, _, default) in _KEYS.items()}
        self.local_ports: dict[int, int] = {}
        self.remotes: dict[int, tuple[str, int]] = {}
        self.shows_sender = False
        self.selected_cid = 0

    CLOSED_SOCKETS_KEEP_DATA = True

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """What it holds stays readable until CACLOSE (LilyGo-T-SIM7080G issue 96)."""
        socket = self.sockets.pop(number)
        if keeps_data:
            self.closed_sockets[number] = socket
        else:
            socket.close()
        self.urc(f"+CASTATE: {number},0")

    def drop_sockets(self, pdp: int) -> None:
        self.closed_sockets.clear()
        for socket in [s for s in self.sockets.values() if s.pdp == pdp]:
            del self.sockets[socket.cid]
            was_open = socket.link is None or socket.link.is_open
            socket.close()
            if was_open:
                self.urc(f"+CASTATE: {socket.cid},0")

    def _socket(self, cid: int) -> CaSocket:
        if cid not in self.sockets:
            raise CommandFailed(3)
        return self.sockets[cid]

    # --- open and close --------------------------------------------------------------------------

    def _answer_open(self, call: Call, cid: int, result: int) -> None:
        text = f"{call.name}: {cid},{result}"
        if self.options["ASYNCOPEN"] or "result-after-ok" in self.quirks:
            call.finish()
            self.later(self.some_ms(5, 40), self.urc, text)
        else:
            call.line(text)
            call.finish()

    @at_command("+CASERVER")
    def open_server(self, call: Call) -> None:
        if call.form is Form.READ:
            for s in self.sockets.values():
                if s.server:
                    line = f'{s.cid},{s.pdp},"{s.kind}",{s.local_port},{int(s.push)}'
                    call.line(f"+CASERVER: {line}")
            return
        if call.form is Form.TEST:
            call.line('+CASERVER: (0-12),(0-3),("TCP","TCP6","UDP","UDP6"),(1-65535),(0-1)')
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(5)
        kind = arguments.text(2).upper()
        if kind not in ("TCP", "TCP6", "UDP", "UDP6"):
            raise BadArgument
        port, push = arguments.integer(3, 1, 65535), arguments.integer(4, 0, 1, 0) == 1
        cid, pdp = arguments.integer(0, 0, 12), arguments.integer(1, 0, 3)
        socket = CaSocket(cid, pdp, kind, True, "", 0, port, push)
        result = self._open_result(socket)
        if result == 0:
            self.sockets[cid] = socket
        call.wait()
        self.later(self.some_ms(5, 40), self._answer_open, call, cid, result)

    def _open_result(self, socket: CaSocket) -> int:
        if socket.cid in self.sockets or socket.cid in self.closed_sockets:
            return 4
        if socket.pdp not in self.active_bearers:
            return 1  # in practice, not 21 (TinyGSM issue 829)
        if socket.kind not in ("UDP", "TCP"):
            return 7  # no IPv6 in the simulated network
        if any(
            other.local_port == socket.local_port and other.kind == socket.kind
            for other in self.sockets.values()
        ):
            return 12
        return 0

    @at_command("+CAOPEN")
    def open_client(self, call: Call) -> None:
        """Holds the UART until it is open; bytes typed meanwhile are lost (issue 179)."""
        if call.form is Form.READ:
            for s in self.sockets.values():
                if not s.server:
                    line = f'{s.cid},{s.pdp},"{s.kind}","{s.host}",{s.remote_port},{int(s.push)}'
                    call.line(f"+CAOPEN: {line}")
            return
        if call.form is Form.TEST:
            call.line('+CAOPEN: (0-12),(0-3),("TCP","UDP"),(64),(1-65535),(0-1)')
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(6)
        kind = arguments.text(2).upper()
        if kind not in ("TCP", "UDP"):
            raise BadArgument
        cid, pdp = arguments.integer(0, 0, 12), arguments.integer(1, 0, 3)
        host, port = arguments.text(3), arguments.integer(4, 1, 65535)
        local_port = self.local_ports.get(cid) or self.random.randint(49152, 65535)
        push = arguments.integer(5, 0, 1, 0) == 1
        socket = CaSocket(cid, pdp, kind, False, host, port, local_port, push)
        result, after_ms = self._open_result(socket), self.some_ms(20, 120)
        if result == 0 and kind == "UDP" and dotted(host) is None:
            result, after_ms = 20, 8000.0
        elif result == 0:
            self.sockets[cid] = socket
        call.wait(eats_input=not self.options["ASYNCOPEN"])
        if kind == "TCP" and result == 0:
            self._connect(call, socket)
        elif self.options["ASYNCOPEN"]:
            call.finish()
            self.later(after_ms, self.urc, f"+CAOPEN: {cid},{result}")
        else:
            self.later(after_ms, self._answer_open, call, cid, result)

    def _connect(self, call: Call, socket: CaSocket) -> None:
        is_asynchronous = self.options["ASYNCOPEN"]
        if is_asynchronous:
            call.finish()

        def opened(why: str) -> None:
            result = LINK_RESULTS.get(why, 27) if why else 0
            if why and self.sockets.get(socket.cid) is socket:
                del self.sockets[socket.cid]
            if is_asynchronous:
                self.urc(f"+CAOPEN: {socket.cid},{result}")
            else:
                self._answer_open(call, socket.cid, result)

        def received(was_empty: bool) -> None:
            if socket.push:
                self.push_all(socket)
            elif was_empty:
                self.announce(socket)

        def closed(why: str) -> None:
            if self.sockets.get(socket.cid) is socket:
                self.lose_socket(socket.cid, keeps_data=True)

        link = socket.link = TcpLink(
            *(self, socket.host, socket.remote_port, socket.local_port),
            on_opened=opened,
            on_received=received,
            on_closed=closed,
        )
        socket.buffer = link.buffer
        link.open(OPEN_LIMIT_MS)

    def push_all(self, socket: CaSocket) -> None:
        """Say everything that a socket of the push mode holds."""

    def announce(self, socket: CaSocket) -> None:
        """Say that a socket holds something."""

    @at_command("+CACLOSE")
    def close_socket(self, call: Call) -> None:
        only(call, Form.SET, Form.TEST)
        if call.form is Form.SET:
            cid = call.arguments.integer(0, 0, 12)
            socket = self.closed_sockets.pop(cid, None)
            if socket is None:
                socket = self._socket(cid)
                del self.sockets[cid]
            socket.close()

    @at_command("+CACID")
    def select_cid(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CACID: {self.selected_cid}")
        elif call.form is Form.SET:
            self.selected_cid = call.arguments.integer(0, 0, 12)

    @at_command("+CASTATE")
    def socket_state(self, call: Call) -> None:
        only(call, Form.READ)
        for socket in self.sockets.values():
            call.line(f"+CASTATE: {socket.cid},{2 if socket.server else 1}")
        for cid in self.closed_sockets:
            call.line(f"+CASTATE: {cid},0")

    # --- options ---------------------------------------------------------------------------------

    @at_command("+CASRIP")
    def show_sender(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CASRIP: {int(self.shows_sender)}")
        elif call.form is Form.TEST:
            call.line("+CASRIP: (0,1)")
        else:
            self.shows_sender = call.arguments.integer(0, 0, 1) == 1

    @at_command("+CACFG")
    def configure(self, call: Call) -> None:
        """The read form prints the keys without quotes (AT manual)."""
        if call.form is Form.READ:
            for key, value in self.options.items():
                call.line(f"+CACFG: {key},{value}")
            for cid, (host, port) in sorted(self.remotes.items()):
                call.line(f"+CACFG: REMOTEADDR,{cid},{host},{port}")
            return
        only(call, Form.SET)
        arguments = call.arguments
        key = arguments.text(0).upper()
        if key in _KEYS:
            low, high, _ = _KEYS[key]
            self.options[key] = arguments.integer(1, low, high)
        elif key == "TIMEOUT":
            arguments.integer(1, 0, 12)
            arguments.integer(2, 1, 60000)
        elif key == "LOCALPORT":
            self.local_ports[arguments.integer(1, 0, 12)] = arguments.integer(2, 0, 65535)
        elif key == "REMOTEADDR":
            cid, address = arguments.integer(1, 0, 12), dotted(arguments.text(2))
            if address is None:
                raise BadArgument
            self.remotes[cid] = (address, arguments.integer(3, 1, 65535))
        else:
            raise BadArgument
