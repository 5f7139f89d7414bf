"""One TCP client connection of a fake modem, as the families' sockets use it.

It looks the name up, connects, and holds what came until the host reads it; what the host sees of
that is the family's matter.
"""

from collections.abc import Callable
from typing import Any, Protocol

from ip_commands.host_sim.fake_modems.engine.ip import PEER_CLOSED, IpStack, TcpEnd
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram

NO_NAME = "no name"
"""Why a link could not be opened, beside ``ip.REFUSED`` and ``ip.UNANSWERED``: no such name."""
NO_NAME_SERVER = "no name server"
"""The same: nobody answered."""
TIMED_OUT = "timed out"
"""The same: the family's own limit is over."""
GIVEN_UP = "given up"
"""The same: the modem closed it, or lost its network, before it was open."""

RESOLVING, CONNECTING, OPEN, CLOSED = "resolving", "connecting", "open", "closed"
"""States; ``ip.PEER_CLOSED`` is another: nothing more comes."""


class HasIp(Protocol):
    """The radio."""

    @property
    def ip(self) -> IpStack: ...


class LinkOwner(Protocol):
    """The modem."""

    tcp_links: "set[TcpLink]"

    @property
    def radio(self) -> HasIp: ...

    def later(self, delay_ms: float, callback: Callable[..., None], *arguments: Any) -> None: ...


class StreamBuffer:
    """What a link holds unread, used as a ``ReceiveBuffer``: a read takes what there is."""

    def __init__(self, link: "TcpLink") -> None:
        self._link = link

    @property
    def held_bytes(self) -> int:
        return len(self._link.unread)

    @property
    def datagrams(self) -> bytearray:
        """Empty when nothing is held."""
        return self._link.unread

    def take(self, limit: int | None = None, *, keep_rest: bool = True) -> Datagram | None:
        """Return at most ``limit`` bytes; None when there are none. The rest always stays."""
        data = self._link.read(limit)
        return Datagram(data, self._link.address, self._link.port) if data else None


class TcpLink:
    """``open`` it once.

    on_opened: called with "" or why not. on_received: something new can be ``read``; with whether
    nothing was unread before. on_closed: with why; what came before can still be read.
    """

    def __init__(
        self,
        owner: LinkOwner,
        host: str,
        port: int,
        local_port: int,
        *,
        on_opened: Callable[[str], None],
        on_received: Callable[[bool], None],
        on_closed: Callable[[str], None],
    ) -> None:
        self._owner = owner
        self.host = host
        self.port = port
        self.local_port = local_port
        self.address = ""
        """Of the host, once it is known."""
        self._on_opened = on_opened
        self._on_received = on_received
        self._on_closed = on_closed
        self._end: TcpEnd | None = None
        self.state = RESOLVING
        self.on_settled: Callable[[bool], None] | None = None
        """Called once: True when everything that was sent has arrived, False when it ended."""
        self.unread = bytearray()
        self.buffer = StreamBuffer(self)
        self.sent_bytes = 0
        self.received_bytes = 0

    # -- what the family does ---------------------------------------------------------------------
    def open(self, limit_ms: float) -> None:
        """Look the name up and connect, in so much time."""
        self._owner.tcp_links.add(self)
        self._owner.later(limit_ms, self._too_late)
        self._owner.radio.ip.resolve(self.host, self._resolved)

    @property
    def is_open(self) -> bool:
        """Whether it is connected, and the other end has not closed."""
        return self.state == OPEN

    @property
    def unacknowledged_bytes(self) -> int:
        """What was sent and not acknowledged yet."""
        return 0 if self._end is None else self._end.unacknowledged_bytes

    @property
    def room_bytes(self) -> int:
        """How much ``send`` takes now."""
        return self._end.room_bytes if self._end is not None and self.is_open else 0

    def send(self, data: bytes) -> bool:
        """Send; False when it is not open, or has no room for all of it."""
        if self._end is None or len(data) > self.room_bytes or not self.is_open:
            return False
        self._end.send(data)
        self.sent_bytes += len(data)
        return True

    def read(self, limit: int | None = None) -> bytes:
        """Take what came, at most so many bytes of it."""
        data = bytes(self.unread[:limit])
        del self.unread[: len(data)]
        if data and self._end is not None:
            self._end.consumed(len(data))
        return data

    def close(self) -> None:
        """Close it in an orderly way; nothing is told any more."""
        if self._end is not None:
            self._end.close()
        self._gone()

    def abandon(self) -> None:
        """Be gone without a word to anybody, as with the power."""
        if self._end is not None:
            self._end.vanish()
        self._gone()

    # -- what becomes of it -----------------------------------------------------------------------
    def _gone(self, why: str = GIVEN_UP) -> None:
        was_opening = self.state in (RESOLVING, CONNECTING)
        self.state = CLOSED
        self._end = None
        self._owner.tcp_links.discard(self)
        self._settle(False)
        if was_opening:
            self._on_opened(why)

    def _failed(self, why: str) -> None:
        if self._end is not None:
            self._end.vanish()
        self._gone(why)

    def _too_late(self) -> None:
        if self.state in (RESOLVING, CONNECTING):
            self._failed(TIMED_OUT)

    def _resolved(self, addresses: tuple[str, ...] | None) -> None:
        if self.state != RESOLVING:
            return
        if not addresses:
            self._failed(NO_NAME_SERVER if addresses is None else NO_NAME)
            return
        self.address, self.state = addresses[0], CONNECTING
        ip = self._owner.radio.ip
        self._end = ip.connect_tcp(self.address, self.port, self.local_port, self)

    def tcp_connected(self) -> None:
        """It is open (TcpListener)."""
        self.state = OPEN
        self._on_opened("")

    def tcp_received(self, data: bytes) -> None:
        """These bytes came (TcpListener)."""
        was_empty = not self.unread
        self.unread += data
        self.received_bytes += len(data)
        self._on_received(was_empty)

    def tcp_acknowledged(self) -> None:
        """Everything has arrived (TcpListener)."""
        self._settle(True)

    def _settle(self, arrived: bool) -> None:
        on_settled, self.on_settled = self.on_settled, None
        if on_settled is not None:
            on_settled(arrived)

    def tcp_closed(self, why: str) -> None:
        """It ended, or never was (TcpListener)."""
        if self.state == CONNECTING:
            self._failed(why)
            return
        if self.state == OPEN:
            self.state = why if why == PEER_CLOSED else CLOSED
            self._on_closed(why)
            self._settle(False)
