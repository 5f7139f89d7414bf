"""What a socket holds until the host reads it: whole datagrams; the newest is dropped."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class Datagram:
    """A datagram in a socket's buffer; ``payload`` shrinks when it is read in parts."""

    payload: bytes
    host: str
    port: int


@dataclass
class ReceiveBuffer:
    """Datagrams of one socket, oldest first.

    limit_bytes: what the module holds; a datagram that does not fit any more is dropped.
    """

    limit_bytes: int
    held_bytes: int = 0
    dropped: int = 0
    datagrams: deque[Datagram] = field(default_factory=deque)

    def put(self, payload: bytes, host: str, port: int) -> bool:
        """Take a datagram; False when it was dropped."""
        if self.held_bytes + len(payload) > self.limit_bytes:
            self.dropped += 1
            return False
        self.datagrams.append(Datagram(payload, host, port))
        self.held_bytes += len(payload)
        return True

    def take(self, limit: int | None = None, *, keep_rest: bool = True) -> Datagram | None:
        """Return the oldest datagram, at most ``limit`` bytes of it; None when there is none.

        keep_rest: what exceeds the limit stays for the next read, else it is lost.
        """
        if not self.datagrams:
            return None
        first = self.datagrams[0]
        if limit is None or limit >= len(first.payload) or not keep_rest:
            self.datagrams.popleft()
            self.held_bytes -= len(first.payload)
            return Datagram(first.payload[:limit], first.host, first.port)
        part = Datagram(first.payload[:limit], first.host, first.port)
        first.payload = first.payload[limit:]
        self.held_bytes -= limit
        return part

    def clear(self) -> None:
        """Forget everything."""
        self.datagrams.clear()
        self.held_bytes = 0
