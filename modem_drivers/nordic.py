"""Nordic nRF91 (nRF9160, nRF9161, nRF9151, nRF9131) with Serial (LTE) Modem firmware.

``start`` asks which firmware it is and uses its socket commands (``nordic_commands``).

Sources: nrfconnect/ncs-serial-modem doc/app (at_socket.rst, sm_data_mode.rst, migration notes) and
app/src; nrfconnect/sdk-nrf applications/serial_lte_modem doc and src; Nordic nRF91x1 and nRF9160
AT Commands Reference Guides; logs in vshymanskyy/TinyGSM issue 486 and the Conexio Stratus SDK.
"""

from ..device.errors import CommandError, NotAttached, NotSupported
from ..device.portable import const, sleep_ms, ticks_add, ticks_diff, ticks_ms
from . import nordic_commands
from .at_answers import number_of
from .nordic_sockets import NordicSockets

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import ModemSocket


_ADDRESS_MS = const(10000)
_OLDEST_SLM = (1, 9)


class NordicModem(NordicSockets):
    """Driver for nRF91 modems behind a UART.

    line_end: what ends a command line, b"\\r" or b"\\r\\n"; a build option of the firmware; None:
    as its documentation says. Other arguments: see ModemCore; ``power_key`` drives the power pin
    or resets the board.

    Serial LTE Modem firmware before 2.9 reports nothing by itself: its sockets ask every 400 ms.
    """

    MODELS = (
        ("nRF9160", True, 10000),
        ("nRF9161", True, 10000),
        ("nRF9151", True, 10000),
        ("nRF9131", True, 10000),
    )
    BOOT_LINES = (b"Ready",)
    POWER_DOWN_LINES = ()
    INIT = ("+CMEE=1",)
    CONTEXT = 0
    ICCID = ("%XICCID", b"%XICCID:")
    POWER_OFF = "#XSHUTDOWN"
    RESET = "#XRESET"

    def __init__(
        self,
        stream: "ByteStream",
        model: str = "nRF9160",
        line_end: "bytes | None" = None,
        **options: "Any",
    ) -> None:
        self.firmware = ""
        """``Serial Modem v1.0.1`` or the like, once started."""
        self._version = (0, 0)
        self._line_end = line_end
        super().__init__(stream, model, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return ((b"#XMODEM: ", self._on_modem_trouble),) + super()._urc_handlers()

    # --- start and end ---------------------------------------------------------------------------
    def is_awake(self, ways: int = 0) -> "Coroutine[Any, Any, bool]":
        """Ask as every build understands it; see ModemCore.

        CR and LF work for every build, outside data mode; a firmware that is known is spoken to as
        it wants, because a send may follow at once.
        """
        if not self._ready:
            self.at.line_end = self._line_end or b"\r\n"
        return super().is_awake(ways)

    async def _set_up(self) -> None:
        self._forget_handles()
        await self._find_firmware()
        self.at.line_end = self._line_end or self._commands.line_end
        await self._commands.prepare()
        await self._try("E0")  # Serial LTE Modem has no echo, and refuses
        await super()._set_up()

    async def _find_firmware(self) -> None:
        version = await self._read_text("#XSMVER", b"#XSMVER:")
        serial_modem = bool(version)
        if not version:
            version = await self._read_text("#XSLMVER", b"#XSLMVER:")
        if not version:
            raise NotSupported(
                "the modem knows neither AT#XSMVER nor AT#XSLMVER: install Nordic's Serial Modem "
                "(or Serial LTE Modem) firmware on it"
            )
        name = version.split(",")[0].strip().strip('"')
        self._version = _version_of(name)
        self.firmware = "%s %s" % ("Serial Modem" if serial_modem else "Serial LTE Modem", name)
        if serial_modem and self._version >= (0, 2):
            self._commands = nordic_commands.SerialModemSockets(self.at, self._data_mode)
        else:
            self._commands = nordic_commands.SerialLteModemSockets(self.at, self._data_mode)
            if serial_modem:  # v0.1.0: the old commands, the new line end
                self._commands.line_end = b"\r"

    async def power_off(self) -> None:
        """Detach and switch off; returns when the modem is silent. Raises as ModemCore's."""
        await self._try("+CFUN=0", self.RADIO_MS)
        try:
            await super().power_off()
        except CommandError:  # firmware without #XSHUTDOWN
            self.POWER_OFF = "#XSLEEP=1"
            await super().power_off()

    # --- data connection -------------------------------------------------------------------------
    async def _wait_sim(self, deadline: int) -> None:
        """Ask for the SIM later: it starts with the radio, +CPIN? is an ERROR before."""

    async def _wait_registered(self, deadline: int) -> None:
        await super()._wait_sim(deadline)
        await super()._wait_registered(deadline)

    async def _connect(self, apn: str, deadline: int) -> None:
        """Make sure of the default PDN connection; it comes with registration."""
        if await self._address_comes(1500, deadline) or await self._reconnect(deadline):
            return
        if ticks_diff(deadline, ticks_ms()) > 0:
            await self._try("+CFUN=4", self.RADIO_MS)
            await self._try("+CFUN=1", self.RADIO_MS)
            try:
                await super()._wait_registered(deadline)
            except NotAttached as error:
                raise NotAttached("no data connection, and then: %s" % error)
            if await self._address_comes(_ADDRESS_MS, deadline):
                return
        raise NotAttached("no data connection: AT+CGPADDR shows no address")

    async def _reconnect(self, deadline: int) -> bool:
        """Ask for the connection anew, as after the network took it away."""
        return await self._try(
            "+CGACT=1,%d" % self.CONTEXT, self.RADIO_MS
        ) and await self._address_comes(_ADDRESS_MS, deadline)

    async def _address_comes(self, timeout_ms: int, deadline: int) -> bool:
        until = ticks_add(ticks_ms(), min(timeout_ms, max(0, ticks_diff(deadline, ticks_ms()))))
        while not await self._is_connected():
            if ticks_diff(until, ticks_ms()) <= 0:
                return False
            await sleep_ms(1000)
        return True

    async def _is_connected(self) -> bool:
        for fields in await self._ask_fields("+CGPADDR=%d" % self.CONTEXT):
            if fields[1:2] and fields[1] not in ("", "0.0.0.0"):
                return True
        return False

    async def _open_connection(self, socket: "ModemSocket") -> None:
        if self.firmware.startswith("Serial LTE") and self._version < _OLDEST_SLM:
            raise NotSupported(
                "%s prints data in front of its length, which cannot carry any bytes: install "
                "Serial LTE Modem 1.9 or later" % self.firmware
            )
        await super()._open_connection(socket)

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_modem_trouble(self, rest: bytes, payload: "bytes | None") -> None:
        """#XMODEM: FAULT,..., SHUTDOWN,... and INIT,...: every socket is gone."""
        if self._on_boot(rest):
            self.at.fail(True)


def _version_of(text: str) -> "tuple[int, int]":
    """Return (major, minor) of ``v1.0.1``, ``2.5.99-dev1`` or ``1.2``; (99, 0) of another text."""
    parts = text.lstrip("v").split(".")
    major = number_of(parts[0])
    minor = number_of(parts[1].split("-")[0]) if len(parts) > 1 else 0
    return (99, 0) if major is None or minor is None else (major, minor)
