"""The data connection of SIMCom's CIPOPEN dialect, and how sockets are to behave in it.

Sources: see ``simcom_cipopen``.
"""

from ..device.errors import CommandError, ModemTimeout, NotAttached, NotSupported
from ..device.portable import const, ticks_ms
from .at_answers import meaning_of, number_of, text_of
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream

_CLOSE_NET_MS = const(30000)
_ERRORS = const(
    "1 network failure;2 the data connection is down;3 wrong parameter;4 not supported;"
    "5 create socket failed;6 bind failed;8 busy;9 sockets are open;10 timeout"
)


class SimcomCipopenBearer(AtModem):
    """Base of SimcomCipopenModem; push: see there."""

    ACTIVATE_MS = 120000

    def __init__(
        self, stream: "ByteStream", model: str, push: "bool | None", **options: "Any"
    ) -> None:
        kind = model.upper()
        self._has_edrx = kind.startswith("SIM767")
        self._keeps_packets = kind.startswith("A76")
        self._push = not self._keeps_packets if push is None else push
        self._pushes = self._push
        self._net_lost = False
        self._error = ""  # what the last +IP ERROR or +CIPERROR said
        super().__init__(stream, model, **options)

    async def _define_context(self, apn: str) -> None:
        self._booted_at = ticks_ms()  # SMS DONE and PB DONE come after +CFUN=1, too
        await super()._define_context(apn)

    async def _activate(self, timeout_ms: int) -> None:
        """Open the network unless it is open; its settings are taken before that only."""
        if await self._is_connected():
            if not self._net_lost:
                return
            await self._close_network()
        self._net_lost = False
        await self._configure()
        self._error = ""
        text = "+NETOPEN"
        try:
            lines = await self.at.command(text, timeout_ms=timeout_ms, then=b"+NETOPEN:")
            code = number_of(text_of(lines[-1]).strip())
            if code == 0:
                return
            reason = "AT%s -> %s" % (text, meaning(code))
        except (CommandError, ModemTimeout) as error:
            reason = str(error)
        if await self._is_connected():  # already open, or late
            return
        if self._error:
            reason += ", " + self._error
        raise NotAttached("no data connection: %s" % reason)

    async def _configure(self) -> None:
        """Header with the socket's number, errors in words; A76XX: keep datagrams apart."""
        settings = "+CIPCCFG=10,0,0,1,1,0,500"
        self._pushes = self._push
        if not (self._keeps_packets and await self._try(settings + ",1")):
            await self._try(settings)
            if self._keeps_packets:
                self._pushes = True  # it would join them: firmware before udpRecvmode
        await self._try("+CIPHEAD=1")
        await self._try("+CIPSRIP=1")
        if self._pushes:
            await self._try("+CIPRXGET=0")
        elif not await self._try("+CIPRXGET=5"):  # 5: like 1, and tells the sender
            await self.at.command("+CIPRXGET=1")

    async def _is_connected(self) -> bool:
        fields = await self._ask_fields("+NETOPEN?")
        return bool(fields) and fields[-1][0] == "1"

    async def _close_network(self) -> None:
        try:
            await self.at.command("+NETCLOSE", timeout_ms=_CLOSE_NET_MS, then=b"+NETCLOSE:")
        except CommandError:
            pass  # was not open

    # --- power saving ----------------------------------------------------------------------------
    def _check_power_saving(self) -> None:
        self._check_ready()
        if not self._has_edrx:
            raise NotSupported("%s has no eDRX that could be read back" % self.model)

    def _on_edrx(self, rest: bytes, payload: "bytes | None") -> None:
        """+CEDRXRDP: <AcT-type>,<value>; AcT-type 0 tells that eDRX is not in use."""
        super()._on_edrx(rest, payload)
        edrx = self._edrx
        if edrx and edrx[0] and edrx[2] is None:  # one value: the one in use
            self._edrx = (edrx[0], edrx[1], edrx[1], edrx[3])

    async def set_psm(
        self, active_s: "int | None", period_s: "int | None"
    ) -> "tuple[int, int] | None":
        """Raise NotSupported: no model tells the timers that the network grants."""
        self._check_ready()
        raise NotSupported("%s has no PSM that could be read back" % self.model)


def meaning(code: "int | None") -> str:
    """Return what a number of +NETOPEN or +CIPOPEN means."""
    return "error %s, %s" % (code, meaning_of(code, _ERRORS))
