"""The borders of this library, as typing Protocols.

For people and the type checker only: never imported at run time, never copied to a board.
"""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

PowerKey = Callable[[], Awaitable[None]]
"""Pulses the modem's PWRKEY: switches it on when it is off (and off when it is on!)."""

Log = Callable[[str], None]
"""Takes one line of text; a board passes ``print``."""


class ByteStream(Protocol):
    """A UART, a TCP connection, a pty or an in-memory pipe."""

    async def read(self, max_bytes: int) -> bytes:
        """Return 1..max_bytes bytes; ``b""`` means ended for good. ONE task may read.

        No time limit here: limits guard Events, never reads.
        """
        ...

    async def write(self, data: bytes) -> None:
        """Return when all bytes are accepted."""
        ...

    async def close(self) -> None:
        """End the stream; a read in progress returns ``b""``. May be called twice."""
        ...


class UdpSocket(Protocol):
    """One bound UDP port, over a modem or over an operating system: the client cannot tell."""

    max_payload: int
    """Longest payload that ``send_to`` takes, in bytes."""

    tells_sender: bool
    """Whether ``receive`` can say who sent a datagram."""

    on_loss: Callable[[], None] | None
    """Called once when the socket is found to be gone, also while nobody receives."""

    dropped: int
    """Datagrams that are lost since somebody set it to 0."""

    @property
    def lost(self) -> bool:
        """Whether it is known to be gone; what came before can still be received."""
        ...

    def interrupt(self) -> None:
        """Let a ``receive`` in progress return (with ReceiveTimeout) once nothing is left."""
        ...

    async def send_to(self, payload: bytes, host: str, port: int, last: bool = False) -> None:
        """Hand one datagram over for sending; last: nothing follows, in either direction.

        Raises PayloadTooLong, SendFailed, SocketClosed, ModemError.
        """
        ...

    async def receive(self, timeout_ms: int) -> tuple[bytes, str, int]:
        """Return the next datagram: payload, source host, source port. ONE task may receive.

        The host is ``""`` and the port 0 where the modem does not tell the sender.
        Raises ReceiveTimeout, SocketClosed, ModemError.
        """
        ...

    async def close(self) -> None:
        """Close; a receive in progress raises SocketClosed. May be called twice."""
        ...


class Identity(NamedTuple):
    """Who the modem is; "" where it does not say."""

    imei: str
    iccid: str
    model: str
    firmware: str


class Signal(NamedTuple):
    """Received strength and quality; None where the modem does not know."""

    rssi_dbm: int | None
    rsrp_dbm: int | None
    rsrq_db: float | None


class Modem(Protocol):
    """A cellular modem, as device code sees it. Every family's driver has this shape."""

    async def start(self) -> None:
        """Bring the modem from any state to answering: sync, echo off, URCs on.

        Presses the power key only when the modem stays silent.
        Raises ModemTimeout when it stays silent, ModemClosed.
        """
        ...

    async def attach(self, apn: str, timeout_ms: int) -> None:
        """Register and bring the data connection up. Raises NotAttached with the last reason."""
        ...

    async def open_udp(self, local_port: int) -> UdpSocket:
        """Listen on a UDP port for datagrams from anyone. Raises NotAttached, CommandError."""
        ...

    async def find(self) -> None:
        """Get a silent modem to answer, without setting anything up anew: sockets stay.

        Presses the power key only when nothing else helps. Raises ModemTimeout, ModemRestarted.
        """
        ...

    async def restart_radio(self) -> None:
        """Switch the radio off and on, so that the modem registers anew."""
        ...

    async def power_cycle(self) -> None:
        """Switch the modem off and on, as far as it can be; ``start`` comes next."""
        ...

    async def check_link(self) -> None:
        """Ask whether network and data connection are still there; costs two short questions.

        Raises NotAttached (no network), SocketClosed (no data connection), ModemError.
        """
        ...

    check_ms: int
    """How often ``check_link`` is to be asked while all is well."""

    on_hint: Callable[[], None] | None
    """Called when the modem said something that concerns the link: network, SIM, boot."""

    @property
    def damaged(self) -> int:
        """Datagrams that lost or gained bytes on their way from the modem; once it is started."""
        ...

    def line_health(self) -> dict[str, int]:
        """Return the counters of the line to the modem: see ``IpCommandClient.health``."""
        ...

    async def is_awake(self) -> bool:
        """Ask a modem that slept whether it answers, without waking it."""
        ...

    def sleep_ms(self) -> int:
        """Return how long a modem that falls asleep in PSM sleeps by itself, in ms.

        From then on, until ``start``, it calls ``on_hint`` for whatever it says.
        """
        ...

    def sleep_is_due(self) -> bool:
        """Whether a silent modem sleeps in PSM, by the timers that the network granted."""
        ...

    async def read_power_saving(self) -> tuple[float | None, tuple[int, int] | None]:
        """Return the eDRX cycle and the PSM timers (T3324, T3412) in use, in s; None for none."""
        ...

    async def set_edrx(self, cycle_s: float | None) -> float | None:
        """Ask for an eDRX cycle (None: off); return what the network granted, None if none."""
        ...

    async def set_psm(self, active_s: int | None, period_s: int | None) -> tuple[int, int] | None:
        """Ask for PSM (None, None: off).

        Return what the network granted: T3324 and T3412 in seconds, None if no PSM.
        """
        ...

    async def read_identity(self) -> Identity:
        """Ask the modem who it is."""
        ...

    async def read_signal(self) -> Signal:
        """Ask for signal strength and quality."""
        ...

    async def power_off(self) -> None:
        """Switch the modem off the clean way (detach first, so the network stops paging it)."""
        ...

    async def close(self) -> None:
        """Stop the reader and close the stream; the modem itself stays as it is."""
        ...
