"""SIMCom's "CA" socket dialect: SIM7070G, SIM7080G, SIM7090G.

Sources: SIMCom SIM7070_SIM7080_SIM7090 Series TCPUDP(S) Application Note V1.03, AT Command Manual
V1.05 chapter 12, Low Power Mode Application Note V1.02; korewireless/
Super-Sim-Raspberry-Pi-Pico-Demos (CASERVER UDP against 100.64.0.1); vshymanskyy/TinyGSM;
Xinyuan-LilyGO/LilyGo-T-SIM7080G issues 17, 96, 98, 179.
"""

from ..device.errors import (
    CommandError,
    UnexpectedAnswer,
)
from ..device.portable import const
from .at_answers import fields_of, meaning_of, number_of, text_of
from .at_parser import PUSHED
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_OPEN_MS = const(75000)
_SEND_MS = const(15000)
_PDP = const(0)  # index of CNACT's and CNCFG's bearer
_RESULTS = const(
    "1 socket error, or the data connection is down;2 no memory;3 too many connections;"
    "4 bad parameter;12 cannot bind: the port is taken;13 cannot listen;21 network inactive"
)


def _read_length(fields: "list[bytes]") -> int:
    """+CARECV: <len>,<data>, with CASRIP=1 +CARECV: <ip>,<port>,<len>,<data>."""
    return 2 if b"." in fields[0] or b":" in fields[0] else 0


class SimcomCaModem(AtModem):
    """Driver for SIMCom modems with CASERVER sockets.

    push: let the modem print datagrams as they come instead of buffering them (fewer bytes; what
    comes while the host sleeps is lost). Other arguments: see ModemCore. The module finds its
    network sooner with ``setup=("+CNMP=38", "+CMNB=1")`` (LTE only, Cat-M1 only).
    """

    MODELS = (
        ("SIM7070G", True, 20000),
        ("SIM7080G", True, 20000),
        ("SIM7090G", True, 20000),
    )
    RAW_RULES = (
        (b"+CARECV: ", b",", _read_length),
        (b'+CAURC: "recv",', b"\n", 1, 1, PUSHED),
    )
    # with automatic baud rate (factory setting) RDY is not printed: "SMS Ready" is the only sign
    LATE_BOOT_LINES = (b"SMS Ready",)
    PSM_LINES = (b'+CPSMSTATUS: "ENTER PSM"',)
    POWER_DOWN_LINES = (
        b"NORMAL POWER DOWN",
        b"UNDER-VOLTAGE POWER DOWN",
    )
    INIT_OPTIONAL = ("+CPSMSTATUS=1",)
    REGISTRATION_MODES = (4, 2, 1)
    CONNECTIONS = 13
    SENDER = 0
    PSM_OFF_FIRST = True
    ACTIVATE_MS = 60000
    ICCID = ("+CCID", None)
    POWER_OFF = "+CPOWD=1"
    POWER_OFF_FINALS = (b"NORMAL POWER DOWN",)  # and no OK

    def __init__(
        self,
        stream: "ByteStream",
        model: str = "SIM7080G",
        push: bool = False,
        **options: "Any",
    ) -> None:
        self._pushes = push
        super().__init__(stream, model, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"+CADATAIND: ", self._on_data),
            (b"+CANEW: ", self._on_new),
            (b'+CAURC: "recv",', self._on_pushed),
            (b"+CASTATE: ", self._on_state),
            (b"+CACLOSE: ", self._on_closed),
            (b"+APP PDP:", self._on_bearer),
            (b"+CARECV: ", self._on_late_read),
        ) + super()._urc_handlers()

    async def _set_up(self) -> None:
        await super()._set_up()
        await self._try("+CASRIP=1")

    # --- data connection -------------------------------------------------------------------------
    async def _connect(self, apn: str, deadline: int) -> None:
        await self._try('+CNCFG=%d,1,"%s"' % (_PDP, apn))  # not known to every firmware
        await super()._connect(apn, deadline)

    async def _activate(self, timeout_ms: int) -> None:
        """Activate the bearer unless it is; +CGPADDR may show an address although it is not."""
        is_up = self._is_connected
        if not await is_up():
            text = "+CNACT=%d,1" % _PDP
            await self._bring_up(is_up, text, timeout_ms, b"+APP PDP:", "ACTIVE")

    async def _is_connected(self) -> bool:
        for fields in await self._ask_fields("+CNACT?"):
            if fields[:2] == [str(_PDP), "1"]:
                return True
        return False

    # --- sockets ---------------------------------------------------------------------------------
    async def _open_connection(self, socket: "ModemSocket") -> None:
        await self._activate(self.ACTIVATE_MS)
        # +CANEW is no substitute: none comes while older data is unread. A refusal soon after the
        # boot need not be the last word.
        socket.tells_sender = self._pushes or await self._try("+CASRIP=1")
        code = await self._open(socket)
        if code != 0:  # an earlier program's socket may hold the number or the port
            await self._close_stale()
            code = await self._open(socket)
        if code != 0:
            raise CommandError(
                "+CASERVER for UDP port %d" % socket.local_port,
                "%s: %s" % (meaning_of(code, _RESULTS), code),
            )

    async def _open(self, socket: "ModemSocket") -> "int | None":
        """Open; return the result, 0 = open, None: garbled; it comes before OK, or after it."""
        number = socket.connection
        text = '+CASERVER=%d,%d,"UDP",%d' % (number, _PDP, socket.local_port)
        if self._pushes:
            text += ",1"
        try:
            lines = await self.at.command(
                text, timeout_ms=_OPEN_MS, then=b"+CASERVER: %d," % number
            )
        except CommandError:
            return 1
        return number_of(lines[-1])

    async def _close_connection(self, socket: "ModemSocket") -> None:
        await self._try("+CACLOSE=%d" % socket.connection)  # ERROR: was not open

    async def _close_stale(self) -> None:
        for fields in await self._ask_fields("+CASTATE?"):
            socket = self._socket_of(fields[0])
            if socket is None or not socket.opened:
                await self._try("+CACLOSE=%s" % fields[0])

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        if self._pushes:  # nothing to ask for; but a modem that restarted has forgotten the socket
            await self._check_alive(socket)
            return None
        text = "+CARECV=%d,%d" % (socket.connection, self.MAX_PAYLOAD)
        lines = await self._fetch(socket, text, b"+CARECV: ")
        if len(lines) > 1:
            return self._datagram(lines[0], lines[1])
        if not lines or lines[0].strip() == b"0":
            return None
        if fields_of(lines[0])[2:3] == ["0"]:  # a sender: a datagram without a byte
            return self._datagram(lines[0], b"")
        raise UnexpectedAnswer(text, text_of(b" ".join(lines)))

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        number = socket.connection
        try:
            # each time: an incoming datagram may have moved the remote address
            await self.at.command('+CACFG="REMOTEADDR",%d,%s,%d' % (number, host, port))
            text = "+CASEND=%d,%d" % (number, len(payload))
            await self.at.command(text, timeout_ms=_SEND_MS, data=payload)
            return True
        except CommandError:
            await self._check_alive(socket)
            return False

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        for fields in await self._ask_fields("+CASTATE?"):
            if self._socket_of(fields[0]) is socket and fields[-1] != "0":
                return True
        return False

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_new(self, rest: bytes, payload: "bytes | None") -> None:
        """+CANEW: <server>,<client>,<ip>,<port>, besides or instead of +CADATAIND."""
        self._on_data(rest.partition(b",")[2], payload)

    def _on_pushed(self, rest: bytes, payload: "bytes | None") -> None:
        """+CAURC: "recv",<cid>,<len>[,<ip>,<port>] and the data."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[0])
        if socket and payload is not None:
            host, port = (fields + ["", ""])[2:4]
            socket.park(payload, host, number_of(port) or 0)

    def _on_state(self, rest: bytes, payload: "bytes | None") -> None:
        if fields_of(rest)[-1] == "0":
            self._on_closed(rest, payload)

    def _on_bearer(self, rest: bytes, payload: "bytes | None") -> None:
        """+APP PDP: <index>,DEACTIVE; older firmware prints no index."""
        fields = fields_of(rest)
        if fields[-1] == "DEACTIVE" and fields[0] in (str(_PDP), "DEACTIVE"):
            self._lose_connection("+APP PDP: DEACTIVE")
