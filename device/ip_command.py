"""What an IP Command is: one UDP datagram, its limits, the service's address, whom to accept.

Source of the figures: Twilio Super SIM documentation, "IP Commands" and "IpCommands Resource":
payload at most 1300 bytes both ways; the service sends from, and listens at, 100.64.0.1. It takes
any destination port; 6969 is the one all public samples use.
"""

from device.errors import InvalidValue, PayloadNotText

TYPE_CHECKING = False
if TYPE_CHECKING:
    Source = tuple[str, int]
    Network = tuple[int, int]

MAX_PAYLOAD_BYTES = 1300
SERVICE_HOST = "100.64.0.1"
SERVICE_PORT = 6969


class IpCommand:
    """One command as it arrived.

    ``payload``: bytes, at most ``MAX_PAYLOAD_BYTES``. ``source``: (host, port); ("", 0) where the
    modem does not tell the sender. ``received_at``: ``portable.ticks_ms()`` of the moment the
    client took it from the socket; compare with ``portable.ticks_diff``.
    """

    def __init__(self, payload: bytes, source: "Source", received_at: int) -> None:
        self.payload = payload
        self.source = source
        self.received_at = received_at

    def text(self) -> str:
        """Return the payload as UTF-8 text. Raises PayloadNotText."""
        try:
            return self.payload.decode()
        except UnicodeError:
            raise PayloadNotText(
                "payload of %d bytes is not UTF-8: use command.payload" % len(self.payload)
            )

    def __repr__(self) -> str:
        host, port = self.source
        return "<IpCommand %d bytes from %s:%d>" % (len(self.payload), host, port)


def check_port(port: int) -> None:
    """Raise InvalidValue unless this is a UDP port, 1..65535."""
    if not isinstance(port, int) or not 1 <= port <= 65535:
        raise InvalidValue("UDP port %r: give a number from 1 to 65535" % (port,))


def parse_ipv4(text: str) -> "int | None":
    """Return a dotted IPv4 address as a number, None when it is none.

    Decimal always: modems that pad print 010 for ten.
    """
    parts = text.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        if not 1 <= len(part) <= 3 or not part.isdigit() or int(part) > 255:
            return None
        number = number << 8 | int(part)
    return number


def parse_network(text: str) -> "Network":
    """Return "100.64.0.0/10" as (address, mask); an address alone means just that host.

    Raises InvalidValue when it is not an IPv4 network or has bits set behind the prefix.
    """
    address_text, slash, prefix_text = text.partition("/")
    address = parse_ipv4(address_text)
    if not slash:
        prefix_text = "32"
    if address is None or not prefix_text.isdigit() or int(prefix_text) > 32:
        raise InvalidValue("%r is no IPv4 network: write it like 100.64.0.0/10" % text)
    mask = 0xFFFFFFFF << (32 - int(prefix_text)) & 0xFFFFFFFF
    if address & ~mask:
        octets = [str((address & mask) >> shift & 255) for shift in (24, 16, 8, 0)]
        raise InvalidValue(
            "%r has bits set behind the prefix: write %s/%s"
            % (text, ".".join(octets), prefix_text)
        )
    return address, mask


def is_inside(host: str, network: "Network") -> bool:
    """Tell whether a host's address lies in a network; what is no IPv4 address lies in none."""
    address = parse_ipv4(host)
    return address is not None and address & network[1] == network[0]
