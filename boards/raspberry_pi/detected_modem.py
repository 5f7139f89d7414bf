"""A modem that nobody named: at its first start it is asked what it is, then its driver serves."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ip_commands.device.errors import ModemRestarted
from ip_commands.modem_drivers.detect import detect

if TYPE_CHECKING:
    from ip_commands.device.interfaces import ByteStream, Identity, Signal, UdpSocket
    from ip_commands.modem_drivers.modem import AtModem


class DetectedModem:
    """A ``Modem``; ``driver`` is the driver of the modem that answered, None before that.

    open_stream: opens the port. It is called at once, so that a missing port is told where the
    program asks for it, and again for each start after a modem stayed silent (asking it in every
    way ends the stream). options: ``detect``'s and the driver's.
    """

    def __init__(self, open_stream: "Callable[[], ByteStream]", **options: Any) -> None:
        self.driver: AtModem | None = None
        self._open_stream = open_stream
        self._stream: ByteStream | None = open_stream()
        self._options = options

    async def start(self) -> None:
        """Ask the modem for its model, the first time, and start its driver.

        Raises ModemTimeout (it stays silent: start it again later), NotSupported (no driver knows
        what it calls itself), PortError, and what the driver's ``start`` raises.
        """
        if self.driver is None:
            stream, self._stream = self._stream or self._open_stream(), None
            self.driver = await detect(stream, **self._options)
        await self.driver.start()

    async def attach(self, apn: str, timeout_ms: int) -> None:
        """Register and bring the data connection up. Raises NotAttached with the last reason."""
        await self._started().attach(apn, timeout_ms)

    async def open_udp(self, local_port: int) -> "UdpSocket":
        """Listen on a UDP port for datagrams from anyone. Raises NotAttached, CommandError."""
        return await self._started().open_udp(local_port)

    async def set_edrx(self, cycle_s: float | None) -> float | None:
        """Ask for an eDRX cycle in seconds (None: off); return the granted one, None if none."""
        return await self._started().set_edrx(cycle_s)

    async def set_psm(self, active_s: int | None, period_s: int | None) -> tuple[int, int] | None:
        """Ask for PSM (None, None: off); return the granted (T3324, T3412) in s, None if none."""
        return await self._started().set_psm(active_s, period_s)

    async def read_identity(self) -> "Identity":
        """Ask the modem who it is."""
        return await self._started().read_identity()

    async def read_signal(self) -> "Signal":
        """Ask for signal strength and quality."""
        return await self._started().read_signal()

    async def power_off(self) -> None:
        """Switch the modem off the clean way: it detaches, so the network stops paging it."""
        await self._started().power_off()

    async def close(self) -> None:
        """Close the port; the modem itself stays as it is. May be called twice."""
        stream, self._stream = self._stream, None
        if self.driver is not None:
            await self.driver.close()
        elif stream is not None:
            await stream.close()

    def _started(self) -> "AtModem":
        if self.driver is None:
            raise ModemRestarted("nobody knows yet which modem this is: call start() first")
        return self.driver
