"""Sockets of Telit modems: #SLUDP listeners, #SA, #SRECV, and #SD to dial out.

Sources: see ``telit``.
"""

from ..device.errors import CommandError, ModemError, UnexpectedAnswer
from ..device.portable import const, since_ms, ticks_ms
from .at_answers import fields_of, number_of, text_of
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_DIAL_MS = const(25000)  # UDP waits for nobody; #SCFG sets 20 s
_SEND_MS = const(30000)
_PROVEN_MS = const(30000)
_READ_BYTES = const(1500)
_DRAINED = const(8)  # datagrams that a socket keeps aside at most
_ASK_TRIES = const(3)
_STATES = ("0", "1", "2", "3", "4", "5")  # <state> of #SS
_CLOSED = "0"
_LISTENING = "4"
_INCOMING = "5"


def _read_length(fields: "list[bytes]") -> int:
    """#SRECV: <ip>,<port>,<id>,<size>,<left>; without UDP information #SRECV: <id>,<size>."""
    if len(fields) == 5:
        return 3
    return 1 if len(fields) == 2 else -1


class TelitSockets(AtModem):
    """The socket half of ``TelitModem``."""

    RAW_RULES = ((b"#SRECV:", b"\n", _read_length),)
    CONNECTIONS = 3
    MAX_PAYLOAD = 1500

    def __init__(self, stream: "ByteStream", model: str, **options: "Any") -> None:
        self._accepted = [False] * self.CONNECTIONS  # the listener has got its first datagram
        self._doubtful = [False] * self.CONNECTIONS  # NO CARRIER: is the socket still there?
        self._proven_at = [0] * self.CONNECTIONS
        self._states = [_LISTENING] * self.CONNECTIONS
        self._dialled = [False] * self.CONNECTIONS  # left open: gets what comes
        self._udp_info: "bool | None" = None  # whether #SRECV tells the sender; None: not known
        super().__init__(stream, model, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"SRING:", self._on_ring),
            (b"+SRING :", self._on_ring),  # LE910 manuals
            (b"+SRING:", self._on_ring),
            (b"NO CARRIER", self._on_no_carrier),
            (b"#SRECV:", self._on_late_read),
        ) + super()._urc_handlers()

    def _socket_of(self, field: "str | bytes") -> "ModemSocket | None":
        """Return the socket of a <connId>: 1, 3, 5 listen, 2, 4, 6 dial out for them."""
        number = number_of(field if isinstance(field, str) else text_of(field).strip())
        if number is None or not 1 <= number <= 2 * self.CONNECTIONS:
            return None
        return self._sockets[(number - 1) // 2]

    async def _open_connection(self, socket: "ModemSocket") -> None:
        await self._activate(self.ACTIVATE_MS)
        try:
            await self._open(socket)
        except CommandError:  # an earlier program's listener may hold the port
            await self._close_stale()
            await self._open(socket)

    async def _open(self, socket: "ModemSocket") -> None:
        number = socket.connection
        self._accepted[number] = self._doubtful[number] = self._dialled[number] = False
        await self._close_connection(socket)
        for connection in (_listener(socket), _dialler(socket)):
            # <pktSz> 1500, no <maxTo> (it would close a silent listener), 20 s to dial, 5 s
            await self.at.command(
                "#SCFG=%d,%d,1500,0,200,50" % (connection, self.CONTEXT),
            )
            # SRING with the length, data as bytes, the host accepts itself
            await self.at.command("#SCFGEXT=%d,1,0,0,0,0" % connection)
            await self._try("#SCFGEXT2=%d,0,0,0,0,1" % connection)  # NO CARRIER: <connId>
        await self.at.command("#SLUDP=%d,1,%d" % (_listener(socket), socket.local_port))
        self._proven_at[number] = ticks_ms()

    async def _close_connection(self, socket: "ModemSocket") -> None:
        for connection in (_listener(socket), _dialler(socket)):
            await self._try("#SH=%d" % connection)
        for fields in await self._ask_fields("#SLUDP?"):
            if fields[0] == str(_listener(socket)):
                await self._stop_listening(fields)

    async def _close_stale(self) -> None:
        for fields in await self._ask_fields("#SS"):
            in_use = len(fields) > 1 and fields[1] not in (_CLOSED, _LISTENING)
            if in_use and self._is_stale(fields[0]):
                await self._try("#SH=%s" % fields[0])
        for fields in await self._ask_fields("#SLUDP?"):
            if self._is_stale(fields[0]):
                await self._stop_listening(fields)

    def _is_stale(self, connection: str) -> bool:
        socket = self._socket_of(connection)
        return socket is None or not socket.opened or socket.lost

    async def _stop_listening(self, fields: "list[str]") -> None:
        await self._try("#SLUDP=%s,0,%s" % (fields[0], fields[-1]))

    # --- receiving -------------------------------------------------------------------------------
    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        number = socket.connection
        if self._dialled[number]:
            await self._hang_up(socket)
        if not self._accepted[number] and not await self._accept(socket):
            return None
        self._reader = socket
        try:
            datagram = await self._read(_listener(socket))
        except CommandError:  # nothing there, or nobody: the modem does not say which
            age_ms = since_ms(self._proven_at[number])
            if self._doubtful[number] or age_ms >= _PROVEN_MS:
                await self._check_alive(socket)
            return None
        self._proven_at[number] = ticks_ms()
        return datagram

    async def _accept(self, socket: "ModemSocket") -> bool:
        """Accept the first datagram's sender; True when there is one. Everybody may follow him."""
        await self._check_alive(socket)
        state = self._states[socket.connection]
        if state == _LISTENING:
            return False
        if state == _INCOMING:
            await self.at.command("#SA=%d,1" % _listener(socket))
        self._accepted[socket.connection] = True
        return True

    async def _read(self, connection: int) -> "Datagram":
        """Read one datagram. Raises CommandError when there is none."""
        if self._udp_info is False:
            return await self._read_without_sender(connection)
        text = "#SRECV=%d,%d,1" % (connection, _READ_BYTES)
        payload = b""
        fields: "list[str]" = []
        while True:
            try:
                lines = await self.at.command(text, b"#SRECV:")
            except CommandError as error:
                if payload:  # the rest of it is gone: a part would be another command
                    self._count_lost(connection)
                elif self._udp_info is None and await self._waiting_bytes(connection):
                    datagram = await self._read_without_sender(connection)
                    self._udp_info = False  # older ME910C1 firmware
                    return datagram
                raise error
            if len(lines) < 2:
                raise UnexpectedAnswer(text, text_of(b" ".join(lines)))
            self._udp_info = True
            head, fields = fields, fields_of(lines[0])
            left = number_of(fields[-1])
            if left is None:
                raise UnexpectedAnswer(text, text_of(lines[0]))
            if payload and (head[:3] != fields[:3] or number_of(head[-1]) != len(lines[1]) + left):
                self._count_lost(connection)  # this is no rest of it: the one before lacks its end
                payload = b""
            payload += lines[1]
            if left == 0 or len(payload) > _READ_BYTES:
                return payload, fields[0], number_of(fields[1]) or 0

    def _count_lost(self, connection: int) -> None:
        socket = self._socket_of(str(connection))
        if socket:
            socket.dropped += 1

    async def _read_without_sender(self, connection: int) -> "Datagram":
        """Read with firmware that joins waiting datagrams; #SS tells the last one's sender."""
        text = "#SRECV=%d,%d" % (connection, _READ_BYTES)
        lines = await self.at.command(text, b"#SRECV:")
        if len(lines) < 2:
            raise UnexpectedAnswer(text, text_of(b" ".join(lines)))
        for fields in await self._ask_fields("#SS=%d" % connection):
            if len(fields) >= 6:
                return lines[1], fields[4], number_of(fields[5]) or 0
        return lines[1], "", 0

    async def _waiting_bytes(self, connection: int) -> int:
        """#SI: <connId>,<sent>,<received>,<waiting>,<not acknowledged>."""
        for fields in await self._ask_fields("#SI=%d" % connection):
            if len(fields) >= 4:
                return number_of(fields[3]) or 0
        return 0

    async def _taken_bytes(self, socket: "ModemSocket") -> "int | None":
        """#SI: <connId>,<sent>,<received>; asked when nothing waits."""
        return (await self._read_numbers("#SI=%d" % _listener(socket)) + [None] * 3)[2]

    # --- sending ---------------------------------------------------------------------------------
    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        try:
            if self._accepted[socket.connection]:
                text = '#SSENDUDPEXT=%d,%d,"%s",%d'
                text = text % (_listener(socket), len(payload), host, port) + self._rai(socket)
                await self.at.command(text, timeout_ms=_SEND_MS, data=payload)
            else:
                await self._dial_and_send(socket, payload, host, port)
        except CommandError:
            await self._check_alive(socket)
            return False
        self._proven_at[socket.connection] = ticks_ms()
        return True

    def _rai(self, socket: "ModemSocket") -> str:
        """Return <rai>, which the G1 series has: 1, nothing follows."""
        return ",1" if socket.last and self.model.endswith("G1") else ""

    async def _dial_and_send(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> None:
        connection = _dialler(socket)
        if self._dialled[socket.connection]:
            await self._hang_up(socket)
        try:
            if not await self._dial(connection, socket.local_port, host, port):
                await self._try("#SH=%d" % connection)  # an earlier program's
                if not await self._dial(connection, socket.local_port, host, port):
                    text = '#SD=%d,1,%d,"%s",0,0,1' % (connection, port, host)
                    await self.at.command(text, timeout_ms=_DIAL_MS)
            text = "#SSENDEXT=%d,%d" % (connection, len(payload)) + self._rai(socket)
            await self.at.command(text, timeout_ms=_SEND_MS, data=payload)
        except BaseException:
            self._dialled[socket.connection] = True
            raise
        self._dialled[socket.connection] = True
        try:
            await self._hang_up(socket)
        except ModemError:
            pass  # it is sent; the next read hangs up

    async def _dial(self, connection: int, local_port: int, host: str, port: int) -> bool:
        text = '#SD=%d,1,%d,"%s",0,%d,1' % (connection, port, host, local_port)
        return await self._try(text, _DIAL_MS)

    async def _hang_up(self, socket: "ModemSocket") -> None:
        """Fetch what came back on the dialled connection, which closing would lose, and close."""
        connection = _dialler(socket)
        try:
            for _ in range(_DRAINED):
                datagram = await self._read(connection)
                socket.park(*datagram)
        except CommandError:
            pass
        await self._try("#SH=%d" % connection)
        self._dialled[socket.connection] = False

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        """Ask for the listener's <state>, and note it.

        Raises UnexpectedAnswer when the modem says so in words that nobody can read.
        """
        number = socket.connection
        state = self._states[number] = await self._state(_listener(socket))
        if state in (_LISTENING, _INCOMING):
            self._accepted[number] = False
        self._doubtful[number] = False
        self._proven_at[number] = ticks_ms()
        return state != _CLOSED

    async def _state(self, connection: int) -> str:
        """Return a connection's <state>; a garbled answer is asked for again."""
        text = "#SS=%d" % connection
        for _ in range(_ASK_TRIES):
            try:
                lines = await self.at.command(text, b"#SS:")
            except CommandError:
                return _CLOSED
            for line in lines:
                fields = fields_of(line)
                if fields[0] == str(connection) and fields[1:2] and fields[1] in _STATES:
                    return fields[1]
        raise UnexpectedAnswer(text, text_of(b" ".join(lines)))

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_ring(self, rest: bytes, payload: "bytes | None") -> None:
        """SRING: <connId>[,<size>]; with the sender in front where an earlier program set so."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[2 if len(fields) > 4 else 0])
        if socket:
            socket.hint()

    def _on_no_carrier(self, rest: bytes, payload: "bytes | None") -> None:
        """NO CARRIER[: <connId>[,<cause>]]: the next read finds out whose it is."""
        named = fields_of(rest.strip(b": "))[0]
        for number in range(self.CONNECTIONS):
            socket = self._sockets[number]
            if socket and (not named or self._socket_of(named) is socket):
                self._doubtful[number] = True
                socket.suspect()

    def _on_late_read(self, rest: bytes, payload: "bytes | None") -> None:
        """The answer to a read that was given up: the datagram is out of the modem, keep it."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[2]) if len(fields) == 5 else self._reader
        if socket and payload is not None:
            if len(fields) == 5:
                socket.park(payload, fields[0], number_of(fields[1]) or 0)
            else:
                socket.park(payload, "", 0)
            socket.suspect()


def _listener(socket: "ModemSocket") -> int:
    return 2 * socket.connection + 1


def _dialler(socket: "ModemSocket") -> int:
    return 2 * socket.connection + 2
