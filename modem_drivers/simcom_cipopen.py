"""SIMCom's NETOPEN/CIPOPEN socket dialect: SIM7600, SIM7500, A7670, A7672, SIM7670G, SIM7672G.

Sources: SIMCom SIM7500_SIM7600 Series AT Command Manual V3.00 section 11.2; A76XX Series AT
Command Manual V1.09 chapter 15 and TCPIP Application Note V1.02; SIM767XX Series AT Command Manual
V1.06 chapter 13; stanleyhuangyc/Freematics, vshymanskyy/TinyGSM and RT-Thread's at_device (UDP in
the field); logs in Xinyuan-LilyGO/LilyGo-Modem-Series issues 79, 138, 364, T-SIM7600X issues 90
and 127, espressif/esp-protocols issue 789.
"""

import asyncio

from ..device.errors import CommandError, SendUncertain, SocketClosed, UnexpectedAnswer
from ..device.portable import const, since_ms, ticks_ms, wait_event_ms
from .at_answers import fields_of, number_of, text_of
from .at_parser import EITHER, PUSHED
from .pushed_sender import PushedSender
from .simcom_cipopen_bearer import SimcomCipopenBearer, meaning

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_OPEN_MS = const(20000)  # UDP waits for nobody
_SEND_MS = const(30000)
_ASK_MS = const(3000)
_PROVEN_MS = const(30000)
_READ_BYTES = const(1500)
_NOT_SENT = ("0", "-1")  # <cnfSendLength>: the buffer is full, the connection is gone


class SimcomCipopenModem(SimcomCipopenBearer):
    """Driver for SIMCom modems with CIPOPEN sockets.

    push: let the modem print datagrams as they come, each with its sender; what comes while the
    host sleeps is lost. False: the modem keeps them and is asked. None: False for A7670 and A7672,
    which then keep datagrams apart and tell the sender (firmware that cannot: True); True for the
    others, which would join waiting datagrams and hide the sender. SIM7670G and SIM7672G have eDRX
    without PSM. Other arguments: see ModemCore.
    """

    MODELS = (
        ("SIM7600", False, 30000),
        ("SIM7500", False, 30000),
        ("A7670", False, 30000),
        ("A7672", False, 30000),
        ("SIM7670G", False, 30000),
        ("SIM7672G", False, 30000),
    )
    RAW_RULES = (
        (b"+IPD", b"\n", 0, 1, PUSHED),
        (b"+RECEIVE,", b"\n", 1, 1, PUSHED),
        (b"+CIPRXGET: 2,", b"\n", 1, 1, EITHER),
    )
    BOOT_LINES = (b"RDY", b"*ATREADY: 1")
    LATE_BOOT_LINES = (b"SMS DONE", b"PB DONE")
    POWER_DOWN_LINES = (b"POWERD DOWN", b"POWERED DOWN", b"NORMAL POWER DOWN")
    # sockets on the context with this APN; the clock follows the network
    INIT_OPTIONAL = ("+CSOCKSETPN=1", "+CTZU=1")
    REGISTRATION = ("+CEREG", "+CGREG")
    REGISTRATION_MODES = (2, 1)
    MAX_PAYLOAD = 1500
    ICCID = ("+CICCID", b"+ICCID:")
    POWER_OFF = "+CPOF"

    def __init__(
        self,
        stream: "ByteStream",
        model: str = "SIM7600",
        push: "bool | None" = None,
        **options: "Any",
    ) -> None:
        self.CONNECTIONS = 4 if model.upper().startswith("SIM767") else 10
        self._open_codes: "list[int | None]" = [None] * self.CONNECTIONS  # of the last +CIPOPEN
        self._open_told = asyncio.Event()
        self._sender = PushedSender()  # of the datagram that the modem is printing
        self._proven_at = [0] * self.CONNECTIONS  # when a socket was last known to be there
        super().__init__(stream, model, push, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"RECV FROM:", self._on_sender),
            (b"+RECV FROM:", self._on_sender),
            (b"+CIPRXGETIP:", self._on_sender),
            (b"+RECEIVE,", self._on_pushed_to),
            (b"+IPD", self._on_pushed),
            (b"+CIPRXGET: 1,", self._on_data),
            (b"+CIPRXGET: 2,", self._on_late_read),
            (b"+IP ERROR:", self._on_error),
            (b"+CIPERROR:", self._on_error),
            (b"+CIPOPEN:", self._on_opened),
            (b"+IPCLOSE", self._on_closed),
            (b"+CIPEVENT: NETWORK CLOSED", self._on_network_closed),
        ) + super()._urc_handlers()

    # --- sockets ---------------------------------------------------------------------------------
    async def _open_connection(self, socket: "ModemSocket") -> None:
        await self._activate(self.ACTIVATE_MS)
        reason = await self._open(socket)
        if reason:  # a socket of before may be there still
            await self._close_connection(socket)
            reason = await self._open(socket)
        if reason:
            raise CommandError("+CIPOPEN for UDP port %d" % socket.local_port, reason)

    async def _open(self, socket: "ModemSocket") -> str:
        """Open and return why it failed, "" if it did not; the result comes before OK or after."""
        number = socket.connection
        codes = self._open_codes
        codes[number] = None
        self._error = ""
        reason = "no result"
        try:
            text = '+CIPOPEN=%d,"UDP",,,%d' % (number, socket.local_port)
            await self.at.command(text, timeout_ms=_OPEN_MS)
            if codes[number] is None:
                self._open_told.clear()
                await wait_event_ms(self._open_told, _OPEN_MS)
        except CommandError as error:
            reason = error.result
        code = codes[number]
        if code is None:
            return self._error or reason
        self._proven_at[number] = ticks_ms()
        return meaning(code) if code else ""

    async def _close_connection(self, socket: "ModemSocket") -> None:
        await self._try("+CIPCLOSE=%d" % socket.connection)  # ERROR: was not open

    async def _close_stale(self) -> None:
        self._net_lost = False
        if await self._is_connected():
            for number, state in enumerate(await self._states()):
                if state == "1":
                    await self._try("+CIPCLOSE=%d" % number)
            await self._close_network()  # its settings may be an earlier program's

    async def _states(self) -> "list[str]":
        """Return 1 or 0 for each socket."""
        fields = await self._ask_fields("+CIPCLOSE?", _ASK_MS)
        return fields[-1] if fields else []

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        if self._pushes:  # nothing to ask for; but is the modem, and the socket, still there?
            socket.dropped += self._sender.look(self.at.parser)
            await self._prove(socket)
            return None
        text = "+CIPRXGET=2,%d,%d" % (socket.connection, _READ_BYTES)
        self._reader = socket
        try:
            lines = await self.at.command(text, b"+CIPRXGET: 2,")
        except CommandError:  # No data, also of a socket that is gone
            await self._prove(socket)
            return None
        if len(lines) < 2:
            if lines and fields_of(lines[0])[1:2] == ["0"]:
                return None
            raise UnexpectedAnswer(text, text_of(b" ".join(lines)))
        self._proven_at[socket.connection] = ticks_ms()
        host, port = self._sender.take()
        return lines[1], host, port

    async def _prove(self, socket: "ModemSocket") -> None:
        if since_ms(self._proven_at[socket.connection]) >= _PROVEN_MS:
            await self._check_alive(socket)

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        is_open = (await self._states())[socket.connection : socket.connection + 1] == ["1"]
        if is_open:
            self._proven_at[socket.connection] = ticks_ms()
        return is_open

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        number = socket.connection
        text = '+CIPSEND=%d,%d,"%s",%d' % (number, len(payload), host, port)
        try:
            lines = await self.at.command(
                text, timeout_ms=_SEND_MS, then=b"+CIPSEND: %d," % number, data=payload
            )
            told = fields_of(lines[-1])[-1]
            if told == str(len(payload)):
                self._proven_at[number] = ticks_ms()
                return True
            if told not in _NOT_SENT:
                raise SendUncertain(
                    "AT%s -> %s, it may have been sent" % (text, text_of(lines[-1]))
                )
        except CommandError:
            pass
        await self._check_alive(socket)
        return False

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_sender(self, rest: bytes, payload: "bytes | None") -> None:
        """RECV FROM:<ip>:<port> before pushed data, +CIPRXGETIP:<ip>:<port> near data read."""
        host, _, port = text_of(rest).rpartition(":")
        self._sender.hear(self.at.parser, host.strip(), number_of(port.strip()) or 0)

    def _on_pushed_to(self, rest: bytes, payload: "bytes | None") -> None:
        """+RECEIVE,<n>,<len> and the data."""
        self._park(self._socket_of(fields_of(rest)[0]), payload)

    def _on_pushed(self, rest: bytes, payload: "bytes | None") -> None:
        """+IPD<len> and the data: no number, so it can only be told with one socket open."""
        open_ones = [socket for socket in self._sockets if socket and not socket.lost]
        self._park(open_ones[0] if len(open_ones) == 1 else None, payload)

    def _park(self, socket: "ModemSocket | None", payload: "bytes | None") -> None:
        host, port = self._sender.take()
        if socket and payload is not None:
            socket.park(payload, host, port)
        elif self._pushes:  # its length, or its socket's number, cannot be read
            self._count_lost(socket)

    def _count_lost(self, socket: "ModemSocket | None") -> None:
        for other in self._sockets:
            socket = socket or other
        if socket:
            socket.dropped += 1

    def _on_late_read(self, rest: bytes, payload: "bytes | None") -> None:
        """The answer to a read that was given up: the datagram is out of the modem, keep it."""
        self._park(self._reader, payload)
        if self._reader:
            self._reader.suspect()

    def _on_error(self, rest: bytes, payload: "bytes | None") -> None:
        self._error = text_of(rest).strip()

    def _on_opened(self, rest: bytes, payload: "bytes | None") -> None:
        fields = fields_of(rest)
        number = number_of(fields[0])
        if len(fields) == 2 and number is not None and 0 <= number < self.CONNECTIONS:
            self._open_codes[number] = number_of(fields[1])
            self._open_told.set()

    def _on_closed(self, rest: bytes, payload: "bytes | None") -> None:
        """+IPCLOSE: <n>,<reason>; some firmware prints no colon."""
        socket = self._socket_of(fields_of(rest.strip(b": "))[0])
        if socket:
            readable = not self._pushes
            socket.lose(SocketClosed, "the modem closed the socket: open a new one", readable)

    def _on_network_closed(self, rest: bytes, payload: "bytes | None") -> None:
        self._net_lost = True
        self._lose_connection("+CIPEVENT: NETWORK CLOSED")
