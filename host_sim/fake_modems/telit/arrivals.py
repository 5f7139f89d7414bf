"""What arrives at Telit sockets and how they ring: SRING in its four modes.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A (ring modes of #SCFGEXT), LE910
guide (blank in ``+SRING : <id>``); a public host-side simulator of a Telit module (short SRING for
the first datagram, 64 bytes a piece, 30 ms apart in ring modes 2 and 3); logs of real modules in
public repositories (SRING again after a partial read, address in quotes). What no source says is
marked "assumed".
"""

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.telit.setup import (
    SOCKET_COUNT,
    WRONG_STATE,
    SocketSettings,
    TelitSetup,
)

BUFFER_BYTES = 16384
"""Of one connection; size and that the newest datagram is dropped are assumed."""
RING_PIECE_BYTES = 64
RING_PIECE_MS = 30

CLOSED, SUSPENDED, PENDING_DATA, LISTENING, INCOMING = 0, 2, 3, 4, 5
"""States of #SS; 1 is online mode, 6 and 7 pass too fast to be seen."""


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


class TelitArrivals(TelitSetup):
    """The sockets and what reaches them."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "sring-blank": "rings are +SRING : <id>, as the LE910 manual prints them",
        "sring-every-datagram": "every datagram rings, also while others are unread",
        "sring-once": "no further ring after a read that left something unread",
        "quoted-source": "addresses of senders stand in quotes, as captured rings show them",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, TelitSocket] = {}

    def settings_for(self, socket: TelitSocket) -> SocketSettings:
        """Return what #SCFG and its sisters keep for a socket."""
        return self.socket_settings[socket.number]

    def socket_of(self, call: Call) -> TelitSocket:
        """Return the connected or accepted socket that the command names."""
        socket = self.sockets.get(call.arguments.integer(0, 1, SOCKET_COUNT))
        if socket is None or not socket.accepted:
            raise CommandFailed(WRONG_STATE)
        return socket

    def all_sockets(self) -> list[TelitSocket]:
        """Return the sockets in use; the list is the caller's own."""
        return list(self.sockets.values())

    def stay_active(self, socket: TelitSocket) -> None:
        """Start <maxTo> of #SCFG again."""
        socket.active_at_s = asyncio.get_running_loop().time()

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        source = (source_host, source_port)
        here = [s for s in self.all_sockets() if s.local_port == destination_port]
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
        mode = self.settings_for(socket).ring_mode
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
        if self.settings_for(socket).ring_mode == 3:
            source = f"{self.source_text(piece.host)},{piece.port}"
            header = f"{self.ring_name()}{source},{socket.number},{len(piece.payload)},{left},"
        shown = self.shown(socket, piece.payload)
        self.urc(b"\r\n" + header.encode() + shown + b"\r\n")
        if socket.buffer.datagrams:
            socket.pushing = True
            self.later(RING_PIECE_MS, self._show_piece, socket)

    def shown(self, socket: TelitSocket, payload: bytes) -> bytes:
        """Return a payload as <recvDataMode> wants it."""
        return (
            payload.hex().upper().encode() if self.settings_for(socket).receives_hex else payload
        )
