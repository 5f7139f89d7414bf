"""Who sent the datagram that a modem prints by itself, in a line of its own in front of it."""

from ..device.portable import const, since_ms, ticks_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from .at_parser import AtParser

_LATE_MS = const(2000)  # the datagram follows its sender in the same burst


class PushedSender:
    """Keeps the sender until its datagram comes, and notices when it does not.

    ``lost`` counts datagrams that were announced so and never came, beside those that the parser
    itself found ``damaged``.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._sender = ("", 0)
        self._heard_at = 0
        self._damaged = 0

    def hear(self, parser: "AtParser", host: str, port: int) -> None:
        """The modem is about to print a datagram of this sender."""
        self.look(parser, 0)
        self._sender = (host, port)
        self._heard_at = ticks_ms()
        self._damaged = parser.damaged

    def take(self) -> "tuple[str, int]":
        """The datagram came: return its sender, ("", 0) when it was not told."""
        sender, self._sender = self._sender, ("", 0)
        return sender

    def look(self, parser: "AtParser", late_ms: int = _LATE_MS) -> int:
        """Return how many did not come since the last look."""
        late = since_ms(self._heard_at) >= late_ms
        if self._sender[0] and late:
            self._sender = ("", 0)
            if parser.damaged == self._damaged:
                self.lost += 1
        lost = 0
        if late_ms:
            lost, self.lost = self.lost, 0
        return lost
