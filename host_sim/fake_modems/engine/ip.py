"""What a modem's own IP stack is to a fake: TCP client connections, names and pings.

A ``Radio`` has one; packets take the way, the time and the risks of its datagrams.
"""

from collections.abc import Callable
from typing import Protocol

PEER_CLOSED, REFUSED, RESET, UNANSWERED = "peer closed", "refused", "reset", "unanswered"
"""Why a connection ended, or never was."""


class TcpListener(Protocol):
    """What a connection tells its user; called at the simulated instant, must not block."""

    def tcp_connected(self) -> None:
        """It is open."""
        ...

    def tcp_received(self, data: bytes) -> None:
        """These bytes came; they take room in the window until ``TcpEnd.consumed``."""
        ...

    def tcp_acknowledged(self) -> None:
        """Everything that was sent has arrived."""
        ...

    def tcp_closed(self, why: str) -> None:
        """``PEER_CLOSED``: nothing more comes; the others: it is gone. Told once."""
        ...


class TcpEnd(Protocol):
    """A connection's end in the modem."""

    @property
    def unacknowledged_bytes(self) -> int:
        """Bytes of ``send`` that the other end has not acknowledged."""
        ...

    @property
    def room_bytes(self) -> int:
        """How much ``send`` takes now."""
        ...

    def send(self, data: bytes) -> None:
        """Send bytes. Raises ValueError for more than ``room_bytes``."""
        ...

    def consumed(self, count: int) -> None:
        """Take note that the user read so many of the bytes that came."""
        ...

    def close(self) -> None:
        """Send what is left, then close; the user hears nothing more."""
        ...

    def vanish(self) -> None:
        """Be gone without a word to anybody."""
        ...


class IpStack(Protocol):
    """What a fake modem can ask of its IP stack."""

    cut_off: bool
    """True: nothing of it gets through, either way; for whoever makes a network misbehave."""

    def connect_tcp(
        self, address: str, port: int, local_port: int, listener: TcpListener
    ) -> TcpEnd:
        """Begin a connection; local_port 0: any."""
        ...

    def resolve(self, name: str, on_result: Callable[[tuple[str, ...] | None], None]) -> None:
        """Ask for a name's addresses: () there is no such name, None nobody answered.

        An address is its own name. Without a data connection None, at once.
        """
        ...

    def ping(
        self,
        address: str,
        size_bytes: int,
        timeout_ms: int,
        on_result: Callable[[int | None], None],
    ) -> None:
        """Send an echo request; on_result gets the round-trip time in ms, None after the time."""
        ...
