"""Telit sockets, their life: #SD, #SLUDP, #SA, #SH, #SS, #SI, rings and losses.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A (states of #SS, ring modes,
listener that must be accepted, #SI counters in the example of #SSENDUDP), LE910 guide (blank in
``+SRING : <id>``); a public host-side simulator of a Telit module (short SRING for the first
datagram, 64 bytes a piece, 30 ms apart in ring modes 2 and 3); logs of real modules in public
repositories (SRING again after a partial read, address in quotes). What no source says is marked
"assumed".
"""

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from host_sim.fake_modems.at_call import Call, only
from host_sim.fake_modems.at_line import CommandFailed, Form
from host_sim.fake_modems.fake_modem import at_command
from host_sim.fake_modems.receive_buffer import Datagram, ReceiveBuffer
from host_sim.fake_modems.telit_setup import (
    ALREADY_LISTENING,
    CANNOT_OPEN,
    CONNECTION_FAILED,
    NOT_OPENED,
    SOCKET_COUNT,
    WRONG_STATE,
    SocketSettings,
    TelitSetup,
    dotted,
)

BUFFER_BYTES = 16384
"""Of one connection; size and that the newest datagram is dropped are assumed."""
RING_PIECE_BYTES = 64
RING_PIECE_MS = 30

CLOSED, SUSPENDED, PENDING_DATA, LISTENING, INCOMING = 0, 2, 3, 4, 5
"""States of #SS; 1 is online mode, 6 and 7 pass too fast to be seen."""

BY_HOST, BY_NETWORK, BY_IDLENESS = 3, 5, 6
"""Causes of #SLASTCLOSURE; the numbers are assumed."""


@dataclass
class TelitSocket:
    """One connection id in use."""

    number: int
    local_port: int
    remote: tuple[str, int] | None = None
    """The peer of #SD; of a listener the sender of its newest datagram."""
    listener: bool = False
    accepted: bool = False
    buffer: ReceiveBuffer = field(default_factory=lambda: ReceiveBuffer(BUFFER_BYTES))
    sent_bytes: int = 0
    read_bytes: int = 0
    active_at_s: float = 0.0
    pushing: bool = False

    def take(self, limit: int) -> tuple[Datagram, int]:
        """Read at most ``limit`` bytes of the oldest datagram; return them and how many are left.

        Raises IndexError when nothing waits.
        """
        waiting = len(self.buffer.datagrams[0].payload)
        piece = self.buffer.take(limit)
        assert piece is not None
        self.read_bytes += len(piece.payload)
        return piece, waiting - len(piece.payload)

    @property
    def state(self) -> int:
        """<state> of #SS."""
        if self.accepted:
            return PENDING_DATA if self.buffer.datagrams else SUSPENDED
        return INCOMING if self.buffer.datagrams else LISTENING


class TelitSockets(TelitSetup):
    """Opening, accepting, closing and asking sockets, and what they say by themselves."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "sring-blank": "rings are +SRING : <id>, as the LE910 manual prints them",
        "sring-every-datagram": "every datagram rings, also while others are unread",
        "sring-once": "no further ring after a read that left something unread",
        "quoted-source": "addresses of senders stand in quotes, as captured rings show them",
        "listener-survives-close": "#SH of an accepted listener leaves it listening",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, TelitSocket] = {}
        self.last_closure: dict[int, int] = {}

    def settings(self, socket: TelitSocket) -> SocketSettings:
        """Return what #SCFG and its sisters keep for a socket."""
        return self.socket_settings[socket.number]

    def socket_of(self, call: Call) -> TelitSocket:
        """Return the connected or accepted socket that the command names."""
        socket = self.sockets.get(call.arguments.integer(0, 1, SOCKET_COUNT))
        if socket is None or not socket.accepted:
            raise CommandFailed(WRONG_STATE)
        return socket

    def _new_socket(self, number: int, port: int) -> TelitSocket:
        if number in self.sockets:
            raise CommandFailed(WRONG_STATE)
        if not self.context_ready(self.socket_settings[number].context):
            raise CommandFailed(NOT_OPENED)
        while port == 0:
            chosen = self.random.randint(49152, 65535)
            if all(socket.local_port != chosen for socket in self.sockets.values()):
                port = chosen
        return TelitSocket(number, port)

    # --- loss --------------------------------------------------------------------------------

    def drop_sockets(self, context: int | None) -> None:
        lost = context is None
        for number, socket in sorted(self.sockets.items()):
            if lost or self.settings(socket).context == context:
                del self.sockets[number]
                self.last_closure[number] = BY_NETWORK if lost else BY_HOST
                if lost:
                    self._say_no_carrier(socket, BY_NETWORK)

    def _say_no_carrier(self, socket: TelitSocket, cause: int) -> None:
        mode = self.settings(socket).no_carrier_mode
        details = ("", f": {socket.number}", f": {socket.number},{cause}")[mode]
        self.urc(f"NO CARRIER{details}")

    def stay_active(self, socket: TelitSocket) -> None:
        """Start <maxTo> of #SCFG again."""
        socket.active_at_s = asyncio.get_running_loop().time()

    def watch_idleness(self, socket: TelitSocket) -> None:
        """Close a connection that <maxTo> finds idle; a listener nobody called stays."""
        idle_s = self.settings(socket).idle_s
        if idle_s == 0 or self.sockets.get(socket.number) is not socket:
            return
        left_s = socket.active_at_s + idle_s - asyncio.get_running_loop().time()
        if left_s > 0:
            self.later(left_s * 1000, self.watch_idleness, socket)
            return
        del self.sockets[socket.number]
        self.last_closure[socket.number] = BY_IDLENESS
        self._say_no_carrier(socket, BY_IDLENESS)

    # --- open, listen, accept, close ---------------------------------------------------------

    @at_command("#SD")
    def dial_socket(self, call: Call) -> None:
        """Only UDP in command mode (<connMode> 1): nothing else leaves this modem."""
        if call.form is Form.TEST:
            call.line("#SD: (1-6),(0,1),(1-65535),,(0,255),(0-65535),(1)")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(9)
        number, protocol = a.integer(0, 1, SOCKET_COUNT), a.integer(1, 0, 1)
        port, host = a.integer(2, 1, 65535), dotted(a.quoted(3))
        if a.integer(4, 0, 255, 0) not in (0, 255):
            raise CommandFailed(50)
        local_port, mode = a.integer(5, 0, 65535, 0), a.integer(6, 0, 1, 0)
        socket = self._new_socket(number, local_port)
        if any(s.local_port == socket.local_port and not s.listener for s in self._all()):
            raise CommandFailed(CANNOT_OPEN)  # a listener on that port is no hindrance: assumed
        call.wait()
        if protocol == 0 or mode == 0:
            limit_ms = self.socket_settings[number].connect_100ms * 100
            self.later(limit_ms, call.fail, CONNECTION_FAILED)
            return
        self.later(self.some_ms(10, 60), self._dialled, call, socket, (host, port))

    def _all(self) -> list[TelitSocket]:
        return list(self.sockets.values())

    def _dialled(self, call: Call, socket: TelitSocket, remote: tuple[str, int]) -> None:
        if not self.context_ready(self.settings(socket).context):
            call.fail(CONNECTION_FAILED)
            return
        socket.remote, socket.accepted = remote, True
        self.sockets[socket.number] = socket
        self.stay_active(socket)
        self.watch_idleness(socket)
        call.finish()

    @at_command("#SLUDP")
    def listen(self, call: Call) -> None:
        if call.form is Form.READ:
            for socket in self._all():
                if socket.listener:
                    call.line(f"#SLUDP: {socket.number},{socket.local_port}")
            return
        if call.form is Form.TEST:
            call.line("#SLUDP: (1-6),(0,1),(1-65535)")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        number, wanted = a.integer(0, 1, SOCKET_COUNT), a.integer(1, 0, 1)
        known = self.sockets.get(number)
        if not wanted:
            if known is None or not known.listener:
                raise CommandFailed(WRONG_STATE)
            del self.sockets[number]
            return
        port = a.integer(2, 1, 65535)
        if known is not None and known.listener:
            raise CommandFailed(ALREADY_LISTENING)
        socket = self._new_socket(number, port)
        if any(other.listener and other.local_port == port for other in self._all()):
            raise CommandFailed(CANNOT_OPEN)
        socket.listener = True
        self.sockets[number] = socket

    @at_command("#SA")
    def accept(self, call: Call) -> None:
        """<connMode> 1; online mode is not simulated: refused."""
        if call.form is Form.TEST:
            call.line("#SA: (1-6),(1)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        number = call.arguments.integer(0, 1, SOCKET_COUNT)
        call.arguments.integer(1, 1, 1, 0)
        socket = self.sockets.get(number)
        if socket is None or socket.state != INCOMING:
            raise CommandFailed(WRONG_STATE)
        socket.accepted = True
        self.stay_active(socket)
        self.watch_idleness(socket)
        self.later(self.some_ms(1, 15), self.ring, socket)

    @at_command("#SH")
    def close_socket(self, call: Call) -> None:
        """Ends a connection or turns an incoming one away; a mere listener stays."""
        if call.form is Form.TEST:
            call.line("#SH: (1-6)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(1)
        number = call.arguments.integer(0, 1, SOCKET_COUNT)
        socket = self.sockets.get(number)
        if socket is None:
            return
        keeps = socket.listener and (
            not socket.accepted or "listener-survives-close" in self.quirks
        )
        socket.buffer.clear()
        socket.accepted = False
        if not keeps:
            del self.sockets[number]
            self.last_closure[number] = BY_HOST

    # --- questions ---------------------------------------------------------------------------

    def _wanted(self, call: Call) -> list[int]:
        only(call, Form.SET, Form.ACTION)
        if call.form is Form.SET:
            return [call.arguments.integer(0, 1, SOCKET_COUNT)]
        return list(self.socket_settings)

    @at_command("#SS")
    def socket_status(self, call: Call) -> None:
        if call.form is Form.TEST:
            return
        for number in self._wanted(call):
            socket = self.sockets.get(number)
            if socket is None:
                call.line(f"#SS: {number},{CLOSED}")
                continue
            line = f"#SS: {number},{socket.state},{self.radio.ip_address},{socket.local_port}"
            if socket.remote is not None:
                line += f",{socket.remote[0]},{socket.remote[1]}"
            call.line(line)

    @at_command("#SI")
    def socket_information(self, call: Call) -> None:
        """<received> counts what was read: 22,23,24,0 in the manual's example."""
        if call.form is Form.TEST:
            call.line("#SI: (1-6)")
            return
        for number in self._wanted(call):
            s = self.sockets.get(number)
            waits = 0 if s is None else s.buffer.held_bytes
            sent, read = (0, 0) if s is None else (s.sent_bytes, s.read_bytes)
            call.line(f"#SI: {number},{sent},{read},{waits},0")

    @at_command("#SLASTCLOSURE")
    def last_closure_cause(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("#SLASTCLOSURE: (1-6)")
            return
        for number in self._wanted(call):
            call.line(f"#SLASTCLOSURE: {number},{self.last_closure.get(number, 0)}")

    # --- arrivals ----------------------------------------------------------------------------

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        source = (source_host, source_port)
        here = [s for s in self._all() if s.local_port == destination_port]
        for socket in here:
            if not socket.listener and socket.remote == source:
                self._take(socket, payload, source)
                return
        for socket in here:
            if socket.listener and self.lets_through(source_host):
                self._take(socket, payload, source)
                return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _take(self, socket: TelitSocket, payload: bytes, source: tuple[str, int]) -> None:
        was_empty = not socket.buffer.datagrams
        if not payload or not socket.buffer.put(payload, *source):
            return
        socket.remote = source
        self.stay_active(socket)
        if not socket.accepted:
            if was_empty:
                self.say_ring(f"{socket.number}")
        elif was_empty or "sring-every-datagram" in self.quirks:
            self.ring(socket)

    def ring_name(self) -> str:
        """Return how this firmware begins a ring."""
        return "+SRING : " if "sring-blank" in self.quirks else "SRING: "

    def say_ring(self, text: str) -> None:
        self.urc(self.ring_name() + text)

    def source_text(self, host: str) -> str:
        """Return a sender's address as it is printed."""
        return f'"{host}"' if "quoted-source" in self.quirks else host

    def ring(self, socket: TelitSocket) -> None:
        """Announce or show what waits, as #SCFGEXT wants it."""
        if self.sockets.get(socket.number) is not socket or not socket.buffer.datagrams:
            return
        mode = self.settings(socket).ring_mode
        if mode == 0:
            self.say_ring(f"{socket.number}")
        elif mode == 1:
            self.say_ring(f"{socket.number},{socket.buffer.held_bytes}")
        elif not socket.pushing:
            socket.pushing = True
            self._show_piece(socket)

    def _show_piece(self, socket: TelitSocket) -> None:
        socket.pushing = False
        if self.sockets.get(socket.number) is not socket or not socket.buffer.datagrams:
            return
        piece, left = socket.take(RING_PIECE_BYTES)
        header = f"{self.ring_name()}{socket.number},{len(piece.payload)},"
        if self.settings(socket).ring_mode == 3:
            source = f"{self.source_text(piece.host)},{piece.port}"
            header = f"{self.ring_name()}{source},{socket.number},{len(piece.payload)},{left},"
        shown = self.shown(socket, piece.payload)
        self.urc(b"\r\n" + header.encode() + shown + b"\r\n")
        if socket.buffer.datagrams:
            socket.pushing = True
            self.later(RING_PIECE_MS, self._show_piece, socket)

    def shown(self, socket: TelitSocket, payload: bytes) -> bytes:
        """Return a payload as <recvDataMode> wants it."""
        return payload.hex().upper().encode() if self.settings(socket).receives_hex else payload
