"""Modems that go down without a word: a read finds out whether they are still there."""

from ip_commands.device.errors import ModemRestarted, ModemTimeout
from ip_commands.device.portable import const
from ip_commands.modem_drivers.modem import AtModem

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ip_commands.modem_drivers.modem_socket import Datagram, ModemSocket


class SilentEndModem(AtModem):
    """Base of the families whose modems print nothing when they are switched off or sleep."""

    async def _fetch_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        """Ask the modem once for a datagram; None when it holds none. A family's own."""
        return None

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        try:
            return await self._fetch_datagram(socket)
        except ModemTimeout as error:
            try:
                await self.at.synchronise()
            except ModemTimeout:
                self._on_power_down(b"", None)
                raise ModemRestarted("%s, nor to AT: it is off or asleep, start it again" % error)
            raise error  # it is there, and was busy
