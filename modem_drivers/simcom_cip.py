"""SIMCom's "CIP" socket dialect: SIM7000G/A/C/E, and SIM800 as far as it goes.

Sources: SIMCom SIM7000 Series TCPIP Application Note V1.01 and V1.02 (UDP extended mode, manual
receiving), AT Command Manual V1.06 (+CLPORT, +CIPUDPMODE, +CIPRXGET), Low Power Mode Application
Note; SIM800 Series AT Command Manual V1.09; stanleyhuangyc/Freematics (UDP extended mode on a
SIM800); vshymanskyy/TinyGSM (+CIFSR;E0) and its issues 358 and 471; elementzonline/SIM800_MQTT
issue 24 (+CIPSTATUS); robfatland/digitaltwin (SIM7000 and Super SIM, several connections).
"""

from ..device.errors import (
    CommandError,
    InvalidValue,
    NotSupported,
    SocketClosed,
    UnexpectedAnswer,
)
from ..device.ip_command import check_ipv4, check_port
from ..device.portable import const, since_ms, ticks_ms
from .at_answers import fields_of, number_of, text_of
from .at_parser import EITHER, PUSHED
from .pushed_sender import PushedSender
from .simcom_cip_bearer import SimcomCipBearer

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_OPEN_MS = const(75000)  # UDP waits for nobody
_SEND_MS = const(30000)
_PROVEN_MS = const(30000)
_MOST_CONNECTIONS = const(6)  # +CIPUDPMODE takes <n> 0..5


def _read_length(fields: "list[bytes]") -> int:
    """[<n>,]<read>,<rest>[,<ip>:<port>] behind +CIPRXGET: 2."""
    count = len(fields)
    if b"." in fields[-1]:
        count -= 1
    return count - 2 if count in (2, 3) else -1


def _sender_of(text: str) -> "tuple[str, int]":
    """<ip>:<port>, with a blank before either and a colon behind both in some firmware."""
    host, _, port = text.strip(" :").rpartition(":")
    return host.strip(), number_of(port.strip()) or 0


class SimcomCipModem(SimcomCipBearer):
    """Driver for SIMCom modems with CIPSTART sockets in UDP extended mode.

    push: the modem prints datagrams as they come, each with its sender (what comes while the host
    sleeps is lost). False: it keeps them and is asked; no manual promises that datagrams which
    wait together stay apart. connections: sockets that may be open, 1 to 6. Every firmware lets a
    single connection choose its local port; more than one needs firmware whose +CLPORT takes a
    connection's number. peer: whom a connection is opened for; it hears everybody, and sends to
    anybody. The SIM7000 may wake from PSM only with ``setup=("+CSCLK=1",)`` and DTR wired.
    Other arguments: see ModemCore.
    """

    MODELS = (
        ("SIM7000G", True, 20000),
        ("SIM7000A", True, 20000),
        ("SIM7000C", True, 20000),
        ("SIM7000E", True, 20000),
        ("SIM800", False, 20000),  # 2G only
    )
    RAW_RULES = (
        (b"+IPD,", b":", 0, 1, PUSHED),
        (b"+RECEIVE,", b"\n", 1, 1, PUSHED),
        (b"+CIPRXGET: 2,", b"\n", _read_length, 1, EITHER),
    )
    # with automatic baud rate (factory setting) RDY is not printed
    LATE_BOOT_LINES = (b"SMS Ready", b"Call Ready")
    PSM_LINES = (b'+CPSMSTATUS: "ENTER PSM"',)
    POWER_DOWN_LINES = (
        b"NORMAL POWER DOWN",
        b"UNDER-VOLTAGE POWER DOWN",
        b"OVER-VOLTAGE POWER DOWN",
    )
    # a prompt, and SEND OK when the datagram is sent; the clock follows the network
    INIT_OPTIONAL = ("+CIPSPRT=1", "+CIPQSEND=0", "+CLTS=1", "+CPSMSTATUS=1")
    PSM_OFF_FIRST = True
    ICCID = ("+CCID", None)
    POWER_OFF = "+CPOWD=1"
    POWER_OFF_FINALS = (b"NORMAL POWER DOWN",)  # and no OK

    def __init__(
        self,
        stream: "ByteStream",
        model: str = "SIM7000G",
        push: bool = True,
        connections: int = 1,
        peer: "tuple[str, int]" = ("100.64.0.1", 6969),
        **options: "Any",
    ) -> None:
        check_ipv4(peer[0])
        check_port(peer[1])
        if not 1 <= connections <= _MOST_CONNECTIONS:
            raise InvalidValue("connections %r: 1 to %d" % (connections, _MOST_CONNECTIONS))
        self.CONNECTIONS = connections
        self._peer = peer
        self._sender = PushedSender()  # of the datagram that the modem is about to print
        self._targets: "list[tuple[str, int] | None]" = [None] * connections  # whom it sends to
        self._proven_at = [0] * connections  # when a socket was last known to be there
        super().__init__(stream, model, push, connections > 1, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        handlers: "list[tuple[bytes, UrcHandler]]" = [
            (b"RECV FROM:", self._on_sender),
            (b"+IPD,", self._on_pushed),
            (b"+RECEIVE,", self._on_pushed_to),
            (b"+CIPRXGET: 1", self._on_data),
            (b"+CIPRXGET: 2,", self._on_late_read),
            (b"+PDP: DEACT", self._on_deactivated),
        ]
        for number in range(self.CONNECTIONS):
            handlers.append((self._line(number, "CLOSED"), self._closed_handler(number)))
        # printed at any moment; none of them belongs to an answer without prefix
        for noise in (b"*PSUTTZ:", b"DST:", b"+CIEV:", b"C: "):
            handlers.append((noise, _ignore))
        return tuple(handlers) + super()._urc_handlers()

    def _which(self, number: int) -> str:
        """Return the connection's number as commands begin with it; there is none in single."""
        return "%d," % number if self._multi else ""

    def _line(self, number: int, text: str) -> bytes:
        """Return a line that the modem prints about one connection."""
        return ("%d, %s" % (number, text) if self._multi else text).encode()

    # --- sockets ---------------------------------------------------------------------------------
    async def _open_connection(self, socket: "ModemSocket") -> None:
        await self._activate(self.ACTIVATE_MS)
        try:
            await self._open(socket)
        except CommandError:  # a connection of before may be there still
            if not self._multi:
                await self._shut()
            await self._activate(self.ACTIVATE_MS)
            await self._open(socket)

    async def _open(self, socket: "ModemSocket") -> None:
        number = socket.connection
        which = self._which(number)
        if self._multi:
            await self._close_connection(socket)
        if not await self._try('+CLPORT=%s"UDP",%d' % (which, socket.local_port)):
            raise NotSupported(
                "the modem refuses local port %d%s"
                % (socket.local_port, ": try it with connections=1" if self._multi else "")
            )
        await self.at.command("+CIPUDPMODE=%s1" % which)
        await self.at.command(
            '+CIPSTART=%s"UDP","%s","%d"' % (which, self._peer[0], self._peer[1]),
            timeout_ms=_OPEN_MS,
            finals=(self._line(number, "CONNECT OK"),),
            failures=(self._line(number, "CONNECT FAIL"), self._line(number, "ALREADY CONNECT")),
        )
        self._targets[number] = self._peer
        self._proven_at[number] = ticks_ms()
        socket.max_payload = await self._longest_payload(number)

    async def _longest_payload(self, number: int) -> int:
        """Ask for what one send takes at most; some networks allow less than 1460 bytes."""
        for fields in await self._ask_fields("+CIPSEND?"):
            if len(fields) == 1 or fields[0] == str(number):
                return min(number_of(fields[-1]) or self.MAX_PAYLOAD, self.MAX_PAYLOAD)
        return self.MAX_PAYLOAD

    async def _close_connection(self, socket: "ModemSocket") -> None:
        text = "+CIPCLOSE" + ("=%d" % socket.connection if self._multi else "")
        try:
            await self.at.command(text, finals=(self._line(socket.connection, "CLOSE OK"),))
        except CommandError:
            pass  # was not open

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        if self._pushes:  # nothing to ask for; but a modem that restarted has forgotten the socket
            socket.dropped += self._sender.look(self.at.parser)
            if since_ms(self._proven_at[socket.connection]) >= _PROVEN_MS:
                await self._check_alive(socket)
            return None
        text = "+CIPRXGET=2,%s%d" % (self._which(socket.connection), self.MAX_PAYLOAD)
        lines = await self._fetch(socket, text, b"+CIPRXGET: 2,")
        if len(lines) > 1:
            return self._datagram(lines[0], lines[1])
        if lines and fields_of(lines[0])[int(self._multi)] != "0":
            raise UnexpectedAnswer(text, text_of(lines[0]))
        return None

    def _datagram(self, header: bytes, payload: bytes) -> "Datagram":
        host, port = "", 0
        last = fields_of(header)[-1]
        if "." in last:
            host, port = _sender_of(last)
        return payload, host, port

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        number = socket.connection
        which = self._which(number)
        try:
            if self._targets[number] != (host, port):
                self._targets[number] = None
                await self.at.command('+CIPUDPMODE=%s2,"%s",%d' % (which, host, port))
                self._targets[number] = (host, port)
            await self.at.command(
                "+CIPSEND=%s%d" % (which, len(payload)),
                timeout_ms=_SEND_MS,
                finals=(self._line(number, "SEND OK"),),
                failures=(self._line(number, "SEND FAIL"),),
                data=payload,
            )
        except CommandError:
            await self._check_alive(socket)
            return False
        self._proven_at[number] = ticks_ms()
        return True

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        number = socket.connection
        if self._multi:
            fields = await self._ask_fields("+CIPSTATUS=%d" % number)
            is_open = bool(fields) and fields[-1][-1] == "CONNECTED"
        else:
            is_open = await self._state() == "CONNECT OK"
        if is_open:
            self._proven_at[number] = ticks_ms()
        return is_open

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_sender(self, rest: bytes, payload: "bytes | None") -> None:
        """RECV FROM:<ip>:<port>, the line before +IPD."""
        host, port = _sender_of(text_of(rest))
        self._sender.hear(self.at.parser, host, port)

    def _on_pushed(self, rest: bytes, payload: "bytes | None") -> None:
        """+IPD,<len>:<data> of the single connection."""
        host, port = self._sender.take()
        socket = self._sockets[0]
        if socket and payload is not None:
            socket.park(payload, host, port)
        elif socket:  # its length cannot be read
            socket.dropped += 1

    def _on_pushed_to(self, rest: bytes, payload: "bytes | None") -> None:
        """+RECEIVE,<n>,<len>[,<ip>:<port>]: and the data of one of several connections."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[0])
        if socket and payload is not None:
            host, port = _sender_of(fields[2]) if len(fields) > 2 else ("", 0)
            socket.park(payload, host, port)
            return
        for other in self._sockets:  # its length, or its number, cannot be read
            socket = socket or other
        if socket:
            socket.dropped += 1

    def _on_data(self, rest: bytes, payload: "bytes | None") -> None:
        """+CIPRXGET: 1[,<n>][,<ip>:<port>]: something waits."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[1]) if self._multi and len(fields) > 1 else None
        if not self._multi:
            socket = self._sockets[0]
        if socket:
            socket.hint()

    def _closed_handler(self, number: int) -> "UrcHandler":
        def on_closed(rest: bytes, payload: "bytes | None") -> None:
            socket = self._sockets[number]
            if socket and not rest:
                readable = not self._pushes
                socket.lose(SocketClosed, "the modem closed the socket: open a new one", readable)

        return on_closed

    def _on_deactivated(self, rest: bytes, payload: "bytes | None") -> None:
        """+PDP: DEACT; also comes behind a failed +CIICR, when the next open is under way."""
        self._lose_open_sockets("the data connection was lost (+PDP: DEACT): attach again")


def _ignore(rest: bytes, payload: "bytes | None") -> None:
    """Take a line that tells nothing."""
