"""Opening, closing and asking Sequans sockets: SQNSCFG, SQNSCFGEXT, SQNSD, SQNSLUDP, SQNSH, SQNSS.

Sources: the public repositories QuickSpot/walter-arduino and walter-micropython,
Azure/embedded-wireless-framework (RYZ014 adapter), toitware/cellular, vshymanskyy/TinyGSM, which
agree on the grammar unless a quirk says otherwise. What no source says is marked "assumed".
"""

import asyncio
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import ReceiveBuffer
from ip_commands.host_sim.fake_modems.sequans.uart import SequansUart

SOCKET_IDS = range(1, 7)
BUFFER_BYTES = 16384
"""Of one socket; size and that the newest datagram is dropped are assumed."""
CLOSED, SUSPENDED, SUSPENDED_WITH_DATA, LISTENING = 0, 2, 3, 4
"""<state> of SQNSS in command mode."""

_CFG_DEFAULTS = (1, 300, 90, 600, 50)
"""<cid>, <pktSz>, <maxTo>, <connTo>, <txTo> of SQNSCFG."""
_CFG_RANGES = ((1, 6), (0, 1500), (0, 65535), (0, 1200), (0, 255))
_EXT_RANGES = ((0, 2), (0, 1), (0, 240), (0, 1), (0, 1))
"""<srMode>, <recvDataMode>, <keepalive>, <listenAutoRsp>, <sendDataMode> of SQNSCFGEXT."""


@dataclass
class SequansSocket:
    """One connection id in use."""

    number: int
    local_port: int
    peer: tuple[str, int] | None
    """Of SQNSD; None while a listener has heard nobody."""
    any_remote: int
    listens: bool
    max_idle_s: int
    active_at_s: float
    buffer: ReceiveBuffer = field(default_factory=lambda: ReceiveBuffer(BUFFER_BYTES))
    sent_bytes: int = 0
    received_bytes: int = 0


def dotted(text: str) -> str:
    """Return an IPv4 address. Raises BadArgument for names: nothing resolves them here."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise BadArgument from None


class SequansSockets(SequansUart):
    """Everything about sockets but their data."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "stored-data-rings": "SQNSCFGEXT has srMode 2 stored on every socket (Toit's warning)",
        "close-unused-ok": "SQNSH of an unused connection is OK instead of an error",
    }
    accept_any_remote_max: int

    def make_storage(self) -> None:
        super().make_storage()
        sr_mode = 2 if "stored-data-rings" in self.quirks else 0
        self.socket_cfg = dict.fromkeys(SOCKET_IDS, _CFG_DEFAULTS)
        self.socket_ext = dict.fromkeys(SOCKET_IDS, (sr_mode, 0, 0, 0, 0))

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, SequansSocket] = {}

    def pdp_lost(self) -> None:
        super().pdp_lost()
        for number in sorted(self.sockets):
            self.close_from_network(number)

    def close_from_network(self, number: int) -> None:
        """The socket is dead; its unread data too."""
        del self.sockets[number]
        self.urc(f"+SQNSH: {number}")

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        self.close_from_network(number)

    def socket_of(self, call: Call) -> SequansSocket:
        """Return the open socket that the command names."""
        socket = self.sockets.get(call.arguments.integer(0, 1, 6))
        if socket is None:
            raise CommandFailed(4)
        return socket

    def touch(self, socket: SequansSocket) -> None:
        """Note traffic: the inactivity time starts anew."""
        socket.active_at_s = asyncio.get_running_loop().time()

    def _close_when_idle(self, socket: SequansSocket) -> None:
        if self.sockets.get(socket.number) is not socket:
            return
        idle_s = asyncio.get_running_loop().time() - socket.active_at_s
        left_s = socket.max_idle_s - idle_s
        if left_s > 0.0005:
            self.later(left_s * 1000, self._close_when_idle, socket)
        else:
            self.close_from_network(socket.number)

    # --- options ---------------------------------------------------------------------------------

    @at_command("+SQNSCFG")
    def configure(self, call: Call) -> None:
        if call.form is Form.READ:
            for number, cfg in self.socket_cfg.items():
                call.line(f"+SQNSCFG: {number},{','.join(map(str, cfg))}")
            return
        if call.form is Form.TEST:
            call.line("+SQNSCFG: (1-6),(1-6),(0-1500),(0-65535),(0,10-1200),(0-255)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(6)
        number = call.arguments.integer(0, 1, 6)
        values = [
            call.arguments.integer(1 + i, *low_high) for i, low_high in enumerate(_CFG_RANGES)
        ]
        if 0 < values[3] < 10:
            raise BadArgument
        cid, packet, max_idle, connect, transmit = values
        self.socket_cfg[number] = (cid, packet, max_idle, connect, transmit)

    @at_command("+SQNSCFGEXT")
    def configure_more(self, call: Call) -> None:
        if call.form is Form.READ:
            for number, ext in self.socket_ext.items():
                call.line(f"+SQNSCFGEXT: {number},{','.join(map(str, ext))}")
            return
        if call.form is Form.TEST:
            call.line("+SQNSCFGEXT: (1-6),(0-2),(0,1),(0-240),(0,1),(0,1)")
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(6)
        number = arguments.integer(0, 1, 6)
        values = [arguments.integer(1 + i, *_EXT_RANGES[i]) for i in range(3)]
        values += [arguments.integer(4 + i, *_EXT_RANGES[3 + i], 0) for i in range(2)]
        ring, receive, keepalive, listen, send = values
        self.socket_ext[number] = (ring, receive, keepalive, listen, send)

    # --- open and close --------------------------------------------------------------------------

    def _refuse_open(self, number: int, local_port: int) -> None:
        if number in self.sockets or self.radio.ip_address is None:
            raise CommandFailed(3)
        if self.socket_cfg[number][0] != self.DEFAULT_CID:
            raise CommandFailed(3)  # one data connection exists
        if any(other.local_port == local_port for other in self.sockets.values()):
            raise CommandFailed(3)

    def _open(self, call: Call, socket: SequansSocket) -> None:
        self.sockets[socket.number] = socket
        if socket.max_idle_s:
            self.later(socket.max_idle_s * 1000, self._close_when_idle, socket)
        call.wait()
        self.later(self.some_ms(10, 150), call.finish)

    @at_command("+SQNSD")
    def dial_socket(self, call: Call) -> None:
        """UDP in command mode: OK. What this modem cannot carry (TCP, online mode): NO CARRIER."""
        if call.form is Form.TEST:
            top = self.accept_any_remote_max
            call.line(f'+SQNSD: (1-6),(0,1),(1-65535),"",(0,1,255),(1-65535),(0,1),(0-{top}),(0)')
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(9)
        number, protocol = arguments.integer(0, 1, 6), arguments.integer(1, 0, 1)
        remote_port, host = arguments.integer(2, 1, 65535), dotted(arguments.quoted(3))
        if arguments.integer(4, 0, 255, 0) not in (0, 1, 255):
            raise BadArgument
        local_port = arguments.integer(5, 0, 65535, 0) or self.random.randint(49152, 65535)
        command_mode = arguments.integer(6, 0, 1, 0) == 1
        any_remote = arguments.integer(7, 0, self.accept_any_remote_max, 0)
        self._refuse_open(number, local_port)
        _, _, max_idle_s, connect_ds, _ = self.socket_cfg[number]
        if protocol == 0:
            call.wait()
            self.later(connect_ds * 100 or 60_000, call.finish, "NO CARRIER")
        elif not command_mode:
            call.final("NO CARRIER")
        else:
            now_s = asyncio.get_running_loop().time()
            peer = (host, remote_port)
            socket = SequansSocket(number, local_port, peer, any_remote, False, max_idle_s, now_s)
            self._open(call, socket)

    @at_command("+SQNSLUDP")
    def listen_udp(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+SQNSLUDP: (1-6),(0-2),(1-65535)")
            return
        if call.form is Form.READ:
            for socket in self.sockets.values():
                if socket.listens:
                    call.line(f"+SQNSLUDP: {socket.number},1,{socket.local_port}")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(3)
        number, mode = call.arguments.integer(0, 1, 6), call.arguments.integer(1, 0, 2)
        if mode == 0:
            if not self.socket_of(call).listens:
                raise CommandFailed(3)
            del self.sockets[number]
            return
        port = call.arguments.integer(2, 1, 65535)
        if mode == 2:
            raise CommandFailed(3)  # no IPv6 in the simulated network
        self._refuse_open(number, port)
        now_s = asyncio.get_running_loop().time()
        max_idle_s = self.socket_cfg[number][2]
        self._open(call, SequansSocket(number, port, None, 0, True, max_idle_s, now_s))

    @at_command("+SQNSH")
    def hang_up(self, call: Call) -> None:
        """An unused connection is refused (assumed)."""
        only(call, Form.SET)
        call.arguments.no_more_than(1)
        number = call.arguments.integer(0, 1, 6)
        if number not in self.sockets and "close-unused-ok" in self.quirks:
            return
        del self.sockets[self.socket_of(call).number]

    # --- questions -------------------------------------------------------------------------------

    def _state(self, socket: SequansSocket) -> int:
        if socket.listens:
            return LISTENING
        return SUSPENDED_WITH_DATA if socket.buffer.datagrams else SUSPENDED

    @at_command("+SQNSS")
    def socket_status(self, call: Call) -> None:
        """Six lines; an unused id has only its state. A listener shows the last sender, if any."""
        only(call, Form.ACTION, Form.READ, Form.SET)
        numbers = list(SOCKET_IDS)
        if call.form is Form.SET:
            numbers = [call.arguments.integer(0, 1, 6)]
        for number in numbers:
            socket = self.sockets.get(number)
            if socket is None:
                call.line(f"+SQNSS: {number},{CLOSED}")
                continue
            host, port = socket.peer or ("0.0.0.0", 0)
            call.line(
                f'+SQNSS: {number},{self._state(socket)},"{self.radio.ip_address}",'
                f'{socket.local_port},"{host}",{port},1'
            )

    @at_command("+SQNSI")
    def socket_information(self, call: Call) -> None:
        """``<id>,<sent>,<received>,<waiting to be read>,<unacknowledged>``."""
        only(call, Form.READ, Form.SET)
        sockets = list(self.sockets.values())
        if call.form is Form.SET:
            sockets = [self.socket_of(call)]
        for socket in sockets:
            held = socket.buffer.held_bytes
            counts = f"{socket.sent_bytes},{socket.received_bytes},{held},0"
            call.line(f"+SQNSI: {socket.number},{counts}")
