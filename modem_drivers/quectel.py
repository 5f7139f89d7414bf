"""Quectel's socket dialect (QI commands): BG95, BG96, BG77, BG770A and EC21, EC25, EG25-G, EG9x.

Sources: Quectel BG96 TCP/IP AT Commands Manual and AT Commands Manual V2.2; BG95&BG77&BG600L
TCP/IP Application Note V1.1; BG96 PSM Application Note; practice of public drivers that use UDP
SERVICE (toitware/cellular, ARMmbed/mbed-os, Azure/embedded-wireless-framework); real logs in
wwxxyx/Quectel_BG96, jurikacs/BG770A and SeeedJP/WioLTEforArduino.
"""

from ..device.errors import (
    CommandError,
    NotAttached,
    UnexpectedAnswer,
)
from ..device.portable import const
from .at_answers import (
    Signal,
    meaning_of,
    number_of,
    text_of,
)
from .at_parser import PUSHED
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_DEACTIVATE_MS = const(40000)
_OPEN_MS = const(150000)
_CLOSE_MS = const(12000)  # QICLOSE waits up to 10 s by itself
_SEND_MS = const(30000)
_TAKEN = const((556, 563, 574))  # bind failed, socket identity in use, port busy
_ERRORS = const(
    "552 invalid parameters;553 no memory;"
    "554 create socket failed;556 bind failed;561 no PDP context;"
    "563 socket identity in use;568 busy;569 timeout;570 PDP context broken down;572 not allowed;"
    "573 APN not configured;574 port busy"
)


def _read_length(fields: "list[bytes]") -> int:
    """<len> and <len>,<ip>,<port> behind +QIRD announce data, <total>,<read>,<unread> do not."""
    return 0 if len(fields) == 1 or b"." in fields[1] or b":" in fields[1] else -1


def _push_length(fields: "list[bytes]") -> int:
    """Only the pushed form "recv",<id>,<len>,<ip>,<port> is followed by data."""
    return 1 if len(fields) == 4 else -1


class QuectelModem(AtModem):
    """Driver for Quectel modems with QIOPEN "UDP SERVICE" sockets.

    push: let the modem print datagrams as they come instead of buffering them (fewer bytes; what
    comes while the host sleeps is lost). urc_port: where URCs are printed (+QURCCFG "urcport"):
    ``"uart1"``, ``"usbat"``, ``"usbmodem"``, None: leave it; ``"auto"`` follows ``usb``. Other
    arguments: see ModemCore.
    """

    MODELS = (
        ("BG95", True, 15000),
        ("BG96", True, 20000),
        ("BG77", True, 15000),
        ("BG770A", True, 15000),
        # no PSM or eDRX commands are documented for the Cat-1 and Cat-4 modules
        ("EC21", False, 30000),
        ("EC25", False, 30000),
        ("EG25-G", False, 30000),
        ("EG91", False, 30000),
        ("EG95", False, 30000),
    )
    RAW_RULES = (
        (b"+QIRD: ", b"\n", _read_length),
        (b'+QIURC: "recv",', b"\n", _push_length, 1, PUSHED),
    )
    LATE_BOOT_LINES = (b"APP RDY",)
    PSM_LINES = (b"PSM POWER DOWN",)
    # no echo of the payload; a line end between header and data; data as bytes, not as hex text
    INIT_OPTIONAL = ("+QISDE=0", '+QICFG="viewmode",0', '+QICFG="dataformat",0,0')
    REGISTRATION = ("+CEREG", "+CGREG")
    REGISTRATION_MODES = (4, 2, 1)
    CONNECTIONS = 12
    ICCID = ("+QCCID", b"+QCCID:")
    # GMT, with zone and summer time behind; +CCLK is GMT, too, unless +CTZU=3 made it local time
    CLOCK = ("+QLTS=1", b"+QLTS:")
    clock_is_utc = True
    ACTIVE = "+QIACT"
    ACTIVATE = "+QIACT=%d"  # of an active one it is an ERROR (real BG770A)
    POWER_OFF = "+QPOWD"
    # EC25 hardware design: off some 30 s after the command; BG95-M3 01.204 never says that it is
    SILENT_OFF_MS = 30000

    _context_broken = False

    def __init__(
        self,
        stream: "ByteStream",
        model: str = "BG95",
        push: bool = False,
        urc_port: "str | None" = "auto",
        **options: "Any",
    ) -> None:
        self._pushes = push
        self._urc_port = urc_port
        super().__init__(stream, model, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b'+QIURC: "recv",', self._on_receive),
            (b'+QIURC: "closed",', self._on_closed),
            (b'+QIURC: "pdpdeact",', self._on_deactivated),
            (b"+QIRD: ", self._on_late_read),
        ) + super()._urc_handlers()

    async def _set_up(self) -> None:
        await super()._set_up()
        self._context_broken = False
        port = self._urc_port
        if port == "auto":
            port = "usbat" if self.usb else "uart1"
        if port:
            await self._try('+QURCCFG="urcport","%s"' % port)

    # --- data connection -------------------------------------------------------------------------
    async def _connect(self, apn: str, deadline: int) -> None:
        await self.at.command('+QICSGP=%d,1,"%s","","",0' % (self.CONTEXT, apn))
        await super()._connect(apn, deadline)

    async def _activate(self, timeout_ms: int) -> None:
        if self._context_broken:  # after "pdpdeact" the manual asks for QIDEACT first
            self._context_broken = False
            await self._try("+QIDEACT=%d" % self.CONTEXT, _DEACTIVATE_MS)
        try:
            await super()._activate(timeout_ms)
        except NotAttached as error:
            code = await self._read_number("+QIGETERROR") or 0
            raise NotAttached("%s, %s: %d" % (error, meaning_of(code, _ERRORS), code))

    # --- sockets ---------------------------------------------------------------------------------
    async def _open_connection(self, socket: "ModemSocket") -> None:
        await self._activate(self.ACTIVATE_MS)
        code = await self._open(socket)
        if code in _TAKEN:  # an earlier program's socket
            await self._close_stale()
            code = await self._open(socket)
        if code != 0:
            raise CommandError(
                "+QIOPEN of UDP port %d" % socket.local_port,
                "%s: %s" % (meaning_of(code, _ERRORS), code),
            )

    async def _open(self, socket: "ModemSocket") -> "int | None":
        """Open; return the error number, 0 = open, None: garbled. The URC counts, not OK."""
        await self._close_connection(socket)
        number = socket.connection
        place = (self.CONTEXT, number, socket.local_port, self._pushes)
        text = '+QIOPEN=%d,%d,"UDP SERVICE","127.0.0.1",0,%d,%d' % place
        try:
            lines = await self.at.command(text, timeout_ms=_OPEN_MS, then=b"+QIOPEN: %d," % number)
        except CommandError:
            return await self._read_number("+QIGETERROR") or 550
        return number_of(lines[-1])

    async def _close_connection(self, socket: "ModemSocket") -> None:
        await self._try("+QICLOSE=%d" % socket.connection, _CLOSE_MS)

    async def _close_stale(self) -> None:
        for fields in await self._ask_fields("+QISTATE=0,%d" % self.CONTEXT):
            socket = self._socket_of(fields[0])
            if socket is None or not socket.opened:
                await self._try("+QICLOSE=%s" % fields[0], _CLOSE_MS)

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        if self._pushes:  # nothing to ask for; but a modem that restarted has forgotten the socket
            await self._check_alive(socket)
            return None
        text = "+QIRD=%d" % socket.connection
        lines = await self._fetch(socket, text, b"+QIRD: ")
        if len(lines) > 1:
            return self._datagram(lines[0], lines[1])
        if lines and lines[0][:1] == b"0":  # nothing; with a sender: a datagram without a byte
            return self._datagram(lines[0], b"") if b"," in lines[0] else None
        raise UnexpectedAnswer(text, text_of(b" ".join(lines)))

    async def _taken_bytes(self, socket: "ModemSocket") -> "int | None":
        """+QIRD: <received>,<read>,<unread>."""
        return (await self._read_numbers("+QIRD=%d,0" % socket.connection) + [None] * 2)[1]

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        text = '+QISEND=%d,%d,"%s",%d' % (socket.connection, len(payload), host, port)
        try:
            await self.at.command(
                text,
                timeout_ms=_SEND_MS,
                finals=(b"SEND OK",),
                failures=(b"SEND FAIL",),
                data=payload,
            )
            return True
        except CommandError as error:
            if error.result != "SEND FAIL":
                await self._check_alive(socket)
            return False

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        return bool(await self._ask("+QISTATE=1,%d" % socket.connection))

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_receive(self, rest: bytes, payload: "bytes | None") -> None:
        number, _, rest = rest.partition(b",")
        socket = self._socket_of(number)
        if socket and payload is None:
            socket.hint()
        elif socket and payload:
            socket.park(*self._datagram(rest, payload))

    def _on_deactivated(self, rest: bytes, payload: "bytes | None") -> None:
        if number_of(rest) == self.CONTEXT:
            self._context_broken = True
            self._lose_connection("pdpdeact")

    # --- information -----------------------------------------------------------------------------
    async def read_signal(self) -> "Signal":
        """Ask for signal strength and quality (+CSQ, +QCSQ)."""
        signal = await super().read_signal()
        # +QCSQ: "<technology>",<rssi>,<rsrp>,<sinr>,<rsrq>; dBm and dB; BG96 manual section 6.5
        numbers = await self._read_numbers("+QCSQ")
        if len(numbers) < 5 or numbers[1] is None:
            return signal
        rssi = signal.rssi_dbm if signal.rssi_dbm is not None else numbers[1]
        return Signal(rssi, numbers[2], numbers[4])
