"""The data connection of SIMCom's "CIP" dialect: from any state to IP STATUS.

States: IP INITIAL -CSTT- IP START -CIICR- IP GPRSACT -CIFSR- IP STATUS; +CIPSHUT leads back from
everywhere. Sources: see ``simcom_cip``.
"""

from ..device.errors import (
    CommandError,
    ModemTimeout,
    NotAttached,
    NotSupported,
    SocketClosed,
)
from ..device.portable import const, ticks_ms
from .at_answers import text_of
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream

_SHUT_MS = const(65000)
_ADDRESS_MS = const(10000)
_RADIO_MS = const(20000)
_UP = ("IP STATUS", "IP PROCESSING", "CONNECT OK")
_DOWN = ("PDP DEACT", "IP INITIAL", "IP START", "IP CONFIG", "IP GPRSACT")


class SimcomCipBearer(AtModem):
    """Base of SimcomCipModem; push, multi: settings that only IP INITIAL takes."""

    REGISTRATION: "tuple[str, ...]" = ("+CEREG", "+CGREG")
    REGISTRATION_MODES: "tuple[int, ...]" = (4, 2, 1)
    ACTIVATE_MS = 85000

    def __init__(
        self, stream: "ByteStream", model: str, push: bool, multi: bool, **options: "Any"
    ) -> None:
        self._pushes = push
        self._multi = multi
        self._apn = ""
        super().__init__(stream, model, **options)
        self._has_lte = not self.model.startswith("SIM8")
        if not self._has_lte:
            self.REGISTRATION = ("+CGREG",)
            self.REGISTRATION_MODES = ()

    async def _define_context(self, apn: str) -> None:
        self._booted_at = ticks_ms()  # SMS Ready comes after each +CFUN=1, too
        if self._has_lte:
            await super()._define_context(apn)
        else:  # 2G attaches without an APN: +CSTT tells it
            await self.at.command("+CFUN=1", timeout_ms=_RADIO_MS)

    async def _connect(self, apn: str, deadline: int) -> None:
        self._apn = apn
        await super()._connect(apn, deadline)

    async def _activate(self, timeout_ms: int) -> None:
        """Get from any state to IP STATUS, the one in which CIPSTART is allowed."""
        if await self._state() in _UP:
            return
        if not self._apn:
            raise NotAttached("no data connection: call attach() first")
        self._lose_open_sockets("the data connection was lost: attach again")
        await self._shut()
        await self.at.command("+CIPMUX=%d" % self._multi)
        for text in ("+CIPMODE=0", "+CIPHEAD=1", "+CIPSRIP=1"):  # CIPSHUT may undo them
            await self._try(text)
        if not await self._try("+CIPRXGET=%d" % (not self._pushes)) and not self._pushes:
            raise NotSupported("this firmware has no +CIPRXGET: use push=True")
        try:
            await self.at.command('+CSTT="%s"' % self._apn)
            await self.at.command("+CIICR", timeout_ms=timeout_ms)
            await self.at.command("+CIFSR;E0", timeout_ms=_ADDRESS_MS)  # +CIFSR itself has no OK
        except (CommandError, ModemTimeout) as error:
            raise NotAttached("no data connection: %s" % error)

    async def _is_connected(self) -> bool:
        return await self._state() not in _DOWN

    def _lose_open_sockets(self, reason: str) -> None:
        for socket in self._sockets:
            if socket and socket.opened:
                socket.lose(SocketClosed, reason, not self._pushes)

    async def _state(self) -> str:
        """Return +CIPSTATUS's state, which comes behind OK; "" if refused."""
        try:
            lines = await self.at.command("+CIPSTATUS", then=b"STATE: ")
        except CommandError:
            return ""
        return text_of(lines[-1]).strip()

    async def _shut(self) -> None:
        try:
            await self.at.command("+CIPSHUT", timeout_ms=_SHUT_MS, finals=(b"SHUT OK",))
        except CommandError:
            pass  # nothing to shut

    async def _close_stale(self) -> None:
        await self._shut()  # also: nobody knows with which APN it was opened
