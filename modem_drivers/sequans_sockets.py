"""Sockets of Sequans modems in command mode: +SQNSD, +SQNSLUDP, +SQNSSENDEXT, +SQNSRECV.

Sources: see ``sequans``.
"""

import asyncio

from ..device.errors import CommandError, SocketClosed, UnexpectedAnswer
from ..device.ip_command import check_ipv4, check_port
from ..device.portable import const
from .at_answers import fields_of, number_of
from .at_parser import EITHER, PUSHED
from .modem_psm import AnswersInPsm

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_OPEN_MS = const(65000)  # +SQNSCFG's connection time-out of 60 s and the answer
_SEND_MS = const(15000)
_READ_BYTES = const(1500)
_DRAIN_READS = const(8)
_FAILURES = (b"NO CARRIER",)
_NOBODY = ("", 0)
_TELL_SENDERS = ("GM02SP",)

ANYONE = 2
"""+SQNSD: receives from and sends to anyone."""
PEER = 1
"""+SQNSD, older firmware: receives from anyone, sends to the host it was opened with."""
LISTENER = 0
"""+SQNSLUDP: receives from anyone; what is sent goes through a second socket."""


class SequansSockets(AnswersInPsm):
    """The socket half of ``SequansModem``; kind, peer: see there."""

    RAW_RULES = (
        (b"+SQNSRECV: ", b"\n", 1, 1, EITHER),
        (b"+SQNSRING: ", b",", 1, 1, PUSHED),  # with data: an earlier program's setting
    )
    CONNECTIONS = 6
    MAX_PAYLOAD = 1500
    SENDER = 2

    def __init__(
        self,
        stream: "ByteStream",
        model: str,
        kind: int = ANYONE,
        peer: "tuple[str, int]" = ("100.64.0.1", 6969),
        **options: "Any",
    ) -> None:
        check_ipv4(peer[0])
        check_port(peer[1])
        self._kind = kind
        self._peer = peer
        self._quote = '"'  # around an address in +SQNSSENDEXT, as the manual has it
        self._quote_proven = False
        self._peers = [peer] * self.CONNECTIONS
        self._turning = asyncio.Lock()  # held while a socket is opened for another peer
        self._found = [False] * self.CONNECTIONS  # whether the last read found something
        self._just_sent = [False] * self.CONNECTIONS  # since the last read
        self._reading = False
        self._ending: "ModemSocket | None" = None  # closed while it was being read
        super().__init__(stream, model, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"+SQNSRING: ", self._on_ring),
            (b"+SQNSH: ", self._on_closed),
            (b"+SQNSRECV: ", self._on_late_read),
        ) + super()._urc_handlers()

    async def _open_connection(self, socket: "ModemSocket") -> None:
        await self._activate(self.ACTIVATE_MS)
        socket.tells_sender = self.model in _TELL_SENDERS
        await self._close_connection(socket)
        number = socket.connection + 1
        await self._configure(number)
        self._found[socket.connection] = False
        for kind in range(self._kind, -1, -1):
            try:
                if kind == LISTENER:
                    await self.at.command("+SQNSLUDP=%d,1,%d" % (number, socket.local_port))
                else:
                    peer = ("127.0.0.1", socket.local_port) if kind == ANYONE else self._peer
                    await self._dial(number, peer, socket.local_port, kind)
                    self._peers[socket.connection] = peer
            except CommandError:
                if kind == LISTENER:
                    raise
                continue
            self._kind = kind
            return

    async def _configure(self, number: int) -> None:
        """Never close for silence; ring with a length; bytes, not hex text. All kept in NVM."""
        await self.at.command("+SQNSCFG=%d,%d,300,0,600,50" % (number, self.CONTEXT))
        await self.at.command("+SQNSCFGEXT=%d,1,0,0,0,0" % number)

    async def _dial(
        self, number: int, peer: "tuple[str, int]", local_port: int, kind: int
    ) -> None:
        text = '+SQNSD=%d,1,%d,"%s",0,%d,1,%d' % (number, peer[1], peer[0], local_port, kind)
        await self.at.command(text, timeout_ms=_OPEN_MS, failures=_FAILURES)

    async def _close_connection(self, socket: "ModemSocket") -> None:
        number = socket.connection + 1
        await self._try("+SQNSH=%d" % number)  # refused: was closed before
        if self._kind == LISTENER:
            await self._try("+SQNSLUDP=%d,0,%d" % (number, socket.local_port))

    async def _close_stale(self) -> None:
        for fields in await self._listed():
            socket = self._socket_of(fields[0])
            if fields[1:2] != ["0"] and (socket is None or not socket.opened or socket.lost):
                await self._try("+SQNSH=%s" % fields[0])
                if fields[1:2] == ["4"] and len(fields) > 3:
                    await self._try("+SQNSLUDP=%s,0,%s" % (fields[0], fields[3]))

    async def _listed(self) -> "list[list[str]]":
        """Return (<connId>, <state>, ...) of each socket; state 0: closed."""
        return await self._ask_fields("+SQNSS?") or await self._ask_fields("+SQNSS")

    def _socket_of(self, field: "str | bytes") -> "ModemSocket | None":
        number = number_of(field)
        if number is None or not 1 <= number <= self.CONNECTIONS:
            return None
        return self._sockets[number - 1]

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        self._reader, self._reading = socket, True
        datagram = None
        try:
            datagram = await self._read_once(socket)
        finally:
            self._reading = False
            if self._ending is socket:  # it was closed meanwhile: what came first comes first
                if datagram:
                    socket.park(*datagram)
                datagram, self._ending = None, None
                socket.lose(SocketClosed, "the modem closed the socket (+SQNSH): open a new one")
        return datagram

    async def _read_once(self, socket: "ModemSocket", check: bool = True) -> "Datagram | None":
        text = "+SQNSRECV=%d,%d" % (socket.connection + 1, _READ_BYTES)
        found, self._found[socket.connection] = self._found[socket.connection], False
        just_sent, self._just_sent[socket.connection] = self._just_sent[socket.connection], False
        if just_sent and check and not found and await self._holds_nothing(socket):
            return None
        try:
            lines = self._heard(await self.at.command(text, b"+SQNSRECV: "))
        except CommandError:  # nothing there, or no socket
            if check and not found and self._ending is not socket:
                await self._check_open_or_reopen(socket)
            return None
        if len(lines) > 1:
            self._found[socket.connection] = True
            return self._datagram(lines[0], lines[1])
        if lines and fields_of(lines[0])[1:2] != ["0"]:
            raise UnexpectedAnswer(text, lines[0])
        return None

    async def _holds_nothing(self, socket: "ModemSocket") -> bool:
        """Ask for <buff_in>: shorter than a read that is refused, and no reason for doubt."""
        for fields in await self._ask_fields("+SQNSI=%d" % (socket.connection + 1)):
            return fields[3:4] == ["0"]
        return False

    async def _taken_bytes(self, socket: "ModemSocket") -> "int | None":
        """+SQNSI: <connId>,<sent>,<received>; asked when nothing waits."""
        return (await self._read_numbers("+SQNSI=%d" % (socket.connection + 1)) + [None] * 3)[2]

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        number = socket.connection + 1
        try:
            if self._kind == ANYONE:
                address = ",%s%s%s,%d" % (self._quote, host, self._quote, port)
                await self._send(socket, number, payload, address)
                self._quote_proven = True
                self._just_sent[socket.connection] = True
            elif self._kind == PEER:
                await self._turn_to(socket, (host, port))
                await self._send(socket, number, payload)
                self._just_sent[socket.connection] = True
            else:
                async with self._turning:  # one second socket at a time
                    return await self._send_apart(socket, payload, (host, port))
            return True
        except CommandError:
            if not self._quote_proven:  # some firmware wants the address without quotes
                self._quote = "" if self._quote else '"'
            await self._check_alive(socket)
            return False

    async def _send(
        self, socket: "ModemSocket", number: int, payload: bytes, address: str = ""
    ) -> None:
        text = "+SQNSSENDEXT=%d,%d,%d%s" % (number, len(payload), socket.last, address)
        await self.at.command(text, timeout_ms=_SEND_MS, failures=_FAILURES, data=payload)

    async def _turn_to(self, socket: "ModemSocket", peer: "tuple[str, int]") -> None:
        """Open a PEER socket anew for another host; what it holds is read first."""
        if self._peers[socket.connection] == peer:
            return
        async with self._turning:
            for _ in range(_DRAIN_READS):
                datagram = await self._read_once(socket, False)
                if not datagram:
                    break
                socket.park(*datagram)
            self._peers[socket.connection] = _NOBODY
            await self._close_connection(socket)
            await self._dial(socket.connection + 1, peer, socket.local_port, PEER)
            self._peers[socket.connection] = peer

    async def _check_open_or_reopen(self, socket: "ModemSocket") -> None:
        """Check that a socket lives; finish a turn to another peer whose sender was cancelled."""
        async with self._turning:
            if self._peers[socket.connection] is _NOBODY:
                await self._close_connection(socket)
                await self._dial(socket.connection + 1, self._peer, socket.local_port, PEER)
                self._peers[socket.connection] = self._peer
            else:
                await self._check_alive(socket)

    async def _send_apart(
        self, socket: "ModemSocket", payload: bytes, peer: "tuple[str, int]"
    ) -> bool:
        """Send from a second socket, of the listener's port where the firmware lets it."""
        for number in range(self.CONNECTIONS, 0, -1):
            if self._sockets[number - 1] is None:
                break
        else:
            return False  # every socket is a listener
        try:
            await self._configure(number)
            try:
                await self._dial(number, peer, socket.local_port, 0)
            except CommandError:
                await self._dial(number, peer, 0, 0)
            await self._send(socket, number, payload)
        finally:
            await self._try("+SQNSH=%d" % number)
        return True

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        for fields in await self._listed():
            if self._socket_of(fields[0]) is socket and fields[1:2] != ["0"]:
                return True
        return False

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_ring(self, rest: bytes, payload: "bytes | None") -> None:
        """+SQNSRING: <connId>[,<length>[,<data>]]."""
        socket = self._socket_of(fields_of(rest)[0])
        if socket and payload is None:
            socket.hint()
        elif socket and payload:
            socket.park(payload, "", 0)

    def _on_closed(self, rest: bytes, payload: "bytes | None") -> None:
        socket = self._socket_of(fields_of(rest)[0])
        if socket is None:
            return
        if self._reading and self._reader is socket:
            self._ending = socket  # the answer to the read may follow: seen on a GM02SP
        else:
            socket.lose(SocketClosed, "the modem closed the socket (+SQNSH): open a new one")
