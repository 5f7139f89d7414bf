"""u-blox modules: SARA-R410M, SARA-R412M, SARA-R422, SARA-R5, LARA-R6.

Sources: u-blox SARA-R4 AT Commands Manual UBX-17003787; IP applications UBX-20032566 (a read
returns one datagram, the rest stays) and SARA-R5 application development UBX-20009652 (UPSD,
UPSDA, UPSV); u-blox/ubxlib cell/src (times, pauses, which model needs a mapped profile, no PSM or
eDRX for LARA-R6); arduino-libraries/MKRNB (USOLI on UDP); real log of a SARA-R410M-02B in
Particle's application note AN004.
"""

from ..device.portable import const, since_ms, sleep_ms, ticks_ms
from .at_answers import number_of
from .ublox_sockets import UbloxSockets

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler

_PROMPT_PAUSE_MS = const(60)  # the manual asks for at least 50
_PROFILE = const(0)
_UART_IDLE_MS = const(3000)  # the UART may sleep after 4.6 s (R5) or 6 s (R4)
_UART_WAKE_MS = const(250)

_NO_PROFILE = const(0)
_MAPPED = const(1)
_ACTIVATED = const(2)
# (how the model's name begins, pause between commands in ms, what becomes of the internal
# profile, +UPSV parameters of a sleeping UART)
_TRAITS = (
    ("SARA-R422", 20, _MAPPED, "4"),
    ("SARA-R41", 100, _NO_PROFILE, "4"),
    ("SARA-R5", 20, _ACTIVATED, "1,1000"),
    ("LARA-R6", 20, _NO_PROFILE, ""),
)


class UbloxModem(UbloxSockets):
    """Driver for u-blox modules with USOCR sockets.

    hex_mode: payloads as hex text (a way round trouble with bytes on some SARA-R4 firmware);
    then 512 bytes can be sent at once, otherwise 1024. Longer ones the modules cannot send;
    received ones may be longer. Other arguments: see ModemCore. Flow control is on in a new
    module: ``setup=("&K0",)`` where RTS and CTS are not wired.

    SARA-R4 firmware asks the network for new PSM timers only when it boots: ``set_psm`` then
    returns None until the modem was switched off and started once.
    """

    MODELS = (
        ("SARA-R410M", True, 15000),
        ("SARA-R412M", True, 15000),
        ("SARA-R422", True, 15000),
        ("SARA-R5", True, 20000),
        ("SARA-R500S", True, 20000),
        ("SARA-R510S", True, 20000),
        ("SARA-R510M8S", True, 20000),
        ("LARA-R6", False, 20000),
    )
    BOOT_LINES = ()  # nothing is printed at boot
    POWER_DOWN_LINES = ()
    INIT_OPTIONAL = ("+CGEREP=1",)
    PSM_OFF_FIRST = True
    POWER_OFF = "+CPWROFF"
    POWER_OFF_MS = 45000
    RADIO_MS = 180000
    ACTIVATE_MS = 60000

    def __init__(self, stream: "ByteStream", model: str = "SARA-R410M", **options: "Any") -> None:
        traits = [row for row in _TRAITS if model.upper().startswith(row[0])] or [_TRAITS[0]]
        _, gap_ms, self._profile, self._sleep = traits[0]
        self._stream = stream
        self._uart_sleeps = False
        self._asked_at = ticks_ms()
        super().__init__(stream, model, **options)
        self.at.gap_ms = gap_ms
        self.at.prompt_pause_ms = _PROMPT_PAUSE_MS
        self.at.wake_up = self._wake_uart

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return ((b"+UUPSDD: ", self._on_profile_lost),) + super()._urc_handlers()

    async def _set_up(self) -> None:
        await super()._set_up()
        await self._let_uart_sleep(self._uart_sleeps or await self._asks_for_psm())

    # --- data connection -------------------------------------------------------------------------
    async def _activate(self, timeout_ms: int) -> None:
        """Activate the context and, where sockets go through one, the internal profile."""
        has_context = super()._is_connected
        if not await has_context():
            await self._bring_up(has_context, self.ACTIVATE % self.CONTEXT, timeout_ms)
        if self._profile == _NO_PROFILE or await self._profile_is_active():
            return
        mapping = ("+UPSD=%d,0,0" % _PROFILE, "+UPSD=%d,100,%d" % (_PROFILE, self.CONTEXT))
        if self._profile == _MAPPED:
            for text in mapping:
                await self._try(text)
            return
        for text in mapping:
            await self.at.command(text)
        await self._bring_up(
            self._profile_is_active, "+UPSDA=%d,3" % _PROFILE, timeout_ms, b"+UUPSDA: ", "0"
        )

    async def _is_connected(self) -> bool:
        return await super()._is_connected() and (
            self._profile != _ACTIVATED or await self._profile_is_active()
        )

    async def _profile_is_active(self) -> bool:
        fields = await self._ask_fields("+UPSND=%d,8" % _PROFILE)
        return bool(fields) and fields[-1][-1] == "1"

    def _on_profile_lost(self, rest: bytes, payload: "bytes | None") -> None:
        if number_of(rest) == _PROFILE:
            self._lose_connection("+UUPSDD")

    # --- power saving ----------------------------------------------------------------------------
    async def set_psm(
        self, active_s: "int | None", period_s: "int | None"
    ) -> "tuple[int, int] | None":
        """Ask for PSM (None, None: off); return the granted (T3324, T3412) in s, None if none.

        With PSM the UART may sleep too: the module needs that for its deep sleep.
        Raises NotSupported, InvalidValue, ModemError.
        """
        granted = await super().set_psm(active_s, period_s)
        await self._let_uart_sleep(active_s is not None and period_s is not None)
        return granted

    async def _asks_for_psm(self) -> bool:
        """Tell whether the module asks for PSM already: it keeps +CPSMS while it is off."""
        return bool(self._sleep) and await self._read_number("+CPSMS?") == 1

    async def _let_uart_sleep(self, may_sleep: bool) -> None:
        if self._sleep:
            taken = await self._try("+UPSV=%s" % (self._sleep if may_sleep else "0"))
            self._uart_sleeps = may_sleep and taken

    async def _wake_uart(self) -> None:
        """Send a byte that may get lost: the first one wakes a sleeping UART."""
        if self._uart_sleeps and since_ms(self._asked_at) >= _UART_IDLE_MS:
            try:
                await self._stream.write(b"\r")
                await sleep_ms(_UART_WAKE_MS)
            except OSError:
                pass  # the command that follows tells
        self._asked_at = ticks_ms()
