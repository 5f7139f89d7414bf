"""A modem that nobody named: at its first start it is asked what it is, then its driver serves."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ip_commands.device.errors import ModemRestarted
from ip_commands.modem_drivers.detect import detect
from ip_commands.modem_drivers.modem import AtModem

if TYPE_CHECKING:
    from ip_commands.device.interfaces import ByteStream


class DetectedModem:
    """A ``Modem``; ``driver`` is the driver of the modem that answered, None before that.

    open_stream: opens the port. It is called at once, so that a missing port is told where the
    program asks for it, and again for each start after a modem stayed silent (asking it in every
    way ends the stream). options: ``detect``'s and the driver's.
    """

    def __init__(self, open_stream: "Callable[[], ByteStream]", **options: Any) -> None:
        self.driver: AtModem | None = None
        self.on_hint: Callable[[], None] | None = None
        """Called when the modem says something that concerns the link; set by a connection."""
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
            self.driver.on_hint = self.on_hint
        await self.driver.start()

    async def power_cycle(self) -> None:
        """Switch the modem off and on; nothing is done before anybody knows which it is."""
        if self.driver is not None:
            await self.driver.power_cycle()

    def sleep_is_due(self) -> bool:
        """Whether a silent modem sleeps in PSM; nobody knows before it was asked what it is."""
        return self.driver is not None and self.driver.sleep_is_due()

    def line_health(self) -> dict[str, int]:
        """Return the counters of the line to the modem, none before the first start."""
        return {} if self.driver is None else self.driver.line_health()

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "on_hint" and self.__dict__.get("driver") is not None:
            self.driver.on_hint = value  # type: ignore[union-attr]  # it is not None, see above
        super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """Everything else is the driver's: see ``AtModem``."""
        if name.startswith("_") or not hasattr(AtModem, name):
            raise AttributeError(f"a modem has no {name!r}")
        return getattr(self._started(), name)

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
