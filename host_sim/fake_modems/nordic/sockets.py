"""Sockets of the nRF91 applications; the commands about them are in the two dialects.

Sources: nrfconnect/sdk-nrf serial_lte_modem and nrfconnect/ncs-serial-modem, sources: binding
needs an address; 8 sockets; 2048 bytes at most are delivered. What no source says is marked
"assumed".
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address

from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed
from ip_commands.host_sim.fake_modems.engine.radio import NO_MORE_DATA
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.nordic.data_mode import NordicDataMode
from ip_commands.host_sim.fake_modems.nordic.release_assistance import (
    FOLLOWS_NEXT_SEND,
    NO_DATA,
)

SOCKET_COUNT = 8
BUFFER_BYTES = 16384
"""Of one socket; size and that the newest datagram is dropped are assumed."""
MAX_DELIVERED_BYTES = 2048
STREAM, DGRAM = 1, 2
PROTOCOLS = {STREAM: 6, DGRAM: 17}

PEEK, DONT_WAIT = 2, 64
"""Flags of receiving."""
POLL_IN, POLL_OUT, POLL_ERR, POLL_HUP, POLL_INVALID = 1, 4, 8, 16, 32


@dataclass
class NordicSocket:
    """One socket of #XSOCKET."""

    handle: int
    family: int
    kind: int
    role: int
    context: int
    ranking: int
    local_port: int = 0
    remote: tuple[str, int] | None = None
    buffer: ReceiveBuffer = field(default_factory=lambda: ReceiveBuffer(BUFFER_BYTES))
    dead: bool = False
    """Its data connection is gone; only closing works."""
    hung_up: bool = False
    """Closed by the network or the other side: what it holds can be read, nothing else."""
    poll_wanted: int = 0
    poll_armed: int = 0
    receives: int = 0
    """Automatic reception: 1 in AT mode, 2 in data mode."""
    receives_hex: bool = False
    assistance: int | None = None
    """What the next send says of what follows it."""


def dotted(text: str) -> str:
    """Return an IPv4 address. Raises BadArgument for names: nothing resolves them here."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise BadArgument from None


class NordicSockets(NordicDataMode):
    """What both dialects do with sockets."""

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, NordicSocket] = {}
        self._ranking = 0
        self._reader: tuple[Call, NordicSocket, Callable[[], None]] | None = None

    # --- life --------------------------------------------------------------------------------

    def new_socket(self, family: int, kind: int, role: int, context: int) -> NordicSocket:
        """Open a socket; IPv6 and other contexts than the default have no address here."""
        first = 1 if self.variant.blanks else 0
        free = [n for n in range(first, first + SOCKET_COUNT) if n not in self.sockets]
        if not free or kind not in PROTOCOLS or self.functionality in (0, 4):
            raise CommandFailed
        self._ranking += 1
        socket = NordicSocket(free[0], family, kind, role, context, self._ranking)
        self.sockets[socket.handle] = socket
        return socket

    def bind(self, socket: NordicSocket, port: int) -> None:
        """Bind to a port of the device's address."""
        if socket.dead or socket.local_port or socket.family != 1 or socket.context != 0:
            raise CommandFailed
        if self.radio.ip_address is None or not self._port_is_free(port):
            raise CommandFailed
        socket.local_port = port

    def _port_is_free(self, port: int) -> bool:
        return all(s.local_port != port or s.dead for s in self.sockets.values())

    def pdp_lost(self) -> None:
        super().pdp_lost()
        for socket in list(self.sockets.values()):
            socket.dead = True
            socket.buffer.clear()
            self.socket_died(socket)
        if self._reader is not None:
            call, self._reader = self._reader[0], None
            call.fail()

    CLOSED_SOCKETS_KEEP_DATA = True

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """POLLHUP, beside POLLIN while something waits to be read."""
        socket = self.sockets[number]
        socket.hung_up = True
        if not keeps_data:
            socket.buffer.clear()
        self.socket_died(socket)

    def dead_events(self) -> int:
        """Return what polling shows of a socket whose connection is gone."""
        hup = "lost-connection-hup" in self.quirks
        return POLL_ERR | POLL_HUP if hup else POLL_INVALID

    def socket_died(self, socket: NordicSocket) -> None:
        """Tell the host, where the dialect does."""

    def choose_port(self, socket: NordicSocket) -> None:
        """Give an unbound socket a local port."""
        while socket.local_port == 0:
            port = self.random.randint(49152, 65535)
            if self._port_is_free(port):
                socket.local_port = port

    # --- sending -----------------------------------------------------------------------------

    def send(self, socket: NordicSocket, payload: bytes, remote: tuple[str, int]) -> bool:
        """Send a datagram; an unbound socket gets a port; PSM ends for it."""
        if (
            socket.dead
            or socket.hung_up
            or socket.kind != DGRAM
            or len(payload) > MAX_DELIVERED_BYTES
        ):
            return False
        self.choose_port(socket)
        if self.radio_asleep:
            self.radio.wake()
        said, socket.assistance = self.told_network(socket.assistance), None
        return self.radio.send_udp(payload, socket.local_port, *remote, said)

    def set_assistance(self, socket: NordicSocket, name: int, value: int) -> None:
        """Take a socket option, if it is one of release assistance."""
        wanted = self.value_of_option(name, value)
        if wanted == NO_DATA:
            if self.told_network(NO_MORE_DATA) is not None:
                self.radio.assist_release()
        elif wanted is not None:
            socket.assistance = FOLLOWS_NEXT_SEND[wanted]

    # --- receiving ---------------------------------------------------------------------------

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        for socket in self.sockets.values():
            if socket.local_port != destination_port or socket.dead or socket.hung_up:
                continue
            if socket.remote is not None and socket.remote != (source_host, source_port):
                continue
            if socket.buffer.put(payload, source_host, source_port):
                self._data_waits(socket)
            return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _data_waits(self, socket: NordicSocket) -> None:
        if self._reader is not None and self._reader[1] is socket:
            call, _, answer = self._reader
            self._reader = None
            answer()
            call.finish()
        else:
            self.announce(socket)

    def announce(self, socket: NordicSocket) -> None:
        """Say that something waits, or show it, where the dialect does."""

    def read(
        self,
        call: Call,
        socket: NordicSocket,
        timeout_s: int,
        flags: int,
        answer: Callable[[], None],
    ) -> None:
        """Call ``answer`` once something waits; the command channel is blocked until then."""
        if socket.dead:
            raise CommandFailed
        if socket.buffer.datagrams:
            answer()
            return
        if flags & DONT_WAIT or socket.hung_up:
            raise CommandFailed
        call.wait()
        self._reader = (call, socket, answer)
        if timeout_s:
            self.later(timeout_s * 1000, self._nothing_came, call)

    def _nothing_came(self, call: Call) -> None:
        if self._reader is not None and self._reader[0] is call:
            self._reader = None
            call.fail()

    def taken(self, socket: NordicSocket, flags: int, limit: int) -> Datagram:
        """Return the oldest datagram, cut to ``limit`` bytes; what is cut off is lost."""
        if flags & PEEK:
            first = socket.buffer.datagrams[0]
            return Datagram(first.payload[:limit], first.host, first.port)
        datagram = socket.buffer.take(limit, keep_rest=False)
        assert datagram is not None
        return datagram

    def data_mode_left(self) -> None:
        super().data_mode_left()
        for socket in list(self.sockets.values()):
            self.announce(socket)
