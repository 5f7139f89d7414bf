"""PSM of modems that answer AT, and keep their sockets, while their radio sleeps.

Nothing says that the radio sleeps. It does so T3324 after the radio connection was released (3GPP
TS 24.301 section 5.3.11), of which +CSCON tells (TS 27.007 section 10.1.30).
"""

from ..device.errors import ModemAsleep
from ..device.portable import const, since_ms, ticks_ms
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from .at_channel import UrcHandler


class AnswersInPsm(AtModem):
    """Base of such modems' drivers; ``check_link`` raises ModemAsleep while the radio sleeps."""

    INIT_OPTIONAL = ("+CGEREP=1", "+CSCON=1")

    _idle_at: "int | None" = None  # since when there has been no radio connection

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return ((b"+CSCON: ", self._on_connection),) + super()._urc_handlers()

    async def check_link(self) -> None:
        """Ask whether network and data connection are there, and whether the radio sleeps.

        Raises ModemAsleep, beside what AtModem's does. ``check_ms`` says when to ask again.
        """
        await super().check_link()
        self.check_ms = AtModem.check_ms
        granted = self._granted_psm()
        if granted is None:
            return
        if (await self._read_numbers("+CSCON?"))[1:2] != [0]:  # <n>,<mode>: connected, or refused
            self._idle_at = None
            return
        if self._idle_at is None:  # the URC was lost
            self._idle_at = ticks_ms()
        active_s, period_s = granted
        listens_ms = 1000 * active_s - since_ms(self._idle_at)
        if listens_ms > 0:
            self.check_ms = listens_ms
        else:
            raise ModemAsleep(
                "the radio sleeps in PSM: until something is sent, or for %d s at most"
                % (period_s - active_s)
            )

    def _on_connection(self, rest: bytes, payload: "bytes | None") -> None:
        self._idle_at = None if rest[:1] == b"1" else ticks_ms()
        if self._granted_psm():
            self._hint()
