"""What an IP Command is: one UDP datagram, its limits, the service's address, whom to accept.

Source of the figures: Twilio Super SIM documentation, "IP Commands" and "IpCommands Resource":
payload at most 1300 bytes both ways; the service sends from, and listens at, 100.64.0.1. It takes
any destination port; 6969 is the one all public samples use.
"""

from .errors import InvalidValue, PayloadNotText, PayloadTooLong
from .portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
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
            raise PayloadNotText("%d bytes are not UTF-8: use command.payload" % len(self.payload))

    def __repr__(self) -> str:
        host, port = self.source
        return "<IpCommand %d bytes from %s:%d>" % (len(self.payload), host, port)


def payload_bytes(payload: "bytes | bytearray | memoryview | str") -> bytes:
    """Return what is to be sent as bytes (str as UTF-8), 1..1300 of them.

    Raises PayloadTooLong, InvalidValue for other types and for nothing at all.
    """
    if isinstance(payload, str):
        payload = payload.encode()
    if not isinstance(payload, (bytes, bytearray, memoryview)):
        raise InvalidValue("payload is a %s: give bytes or str" % type(payload).__name__)
    if not payload:
        raise InvalidValue("payload is empty: give at least one byte")
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLong(len(payload), MAX_PAYLOAD_BYTES)
    return payload if isinstance(payload, bytes) else bytes(payload)


def check_port(port: int) -> None:
    """Raise InvalidValue unless this is a UDP port, 1..65535."""
    if not isinstance(port, int) or not 1 <= port <= 65535:
        raise InvalidValue("UDP port %r: give a number from 1 to 65535" % (port,))


def _number(text: str, limit: int) -> int:
    """Return a decimal number of one to three digits, -1 when it is none or beyond the limit."""
    number = -1
    # not isdigit(): CPython's accepts superscripts
    if 0 < len(text) < 4 and not text.strip("0123456789"):
        number = int(text)
    return number if number <= limit else -1


def parse_ipv4(text: str) -> "int | None":
    """Return a dotted IPv4 address as a number, None when it is none.

    Decimal always: modems that pad print 010 for ten.
    """
    parts = text.split(".")
    if len(parts) != 4:
        return None
    number = 0
    for part in parts:
        octet = _number(part, 255)
        if octet < 0:
            return None
        number = number << 8 | octet
    return number


def check_ipv4(host: str) -> None:
    """Raise InvalidValue unless this is a numeric IPv4 address: modems take no names."""
    if parse_ipv4(host) is None:
        raise InvalidValue("host %r: give a numeric IPv4 address" % (host,))


def parse_network(text: str) -> "Network":
    """Return "100.64.0.0/10" as (address, mask); an address alone means just that host.

    Raises InvalidValue when it is not an IPv4 network or has bits set behind the prefix.
    """
    address_text, slash, prefix_text = text.partition("/")
    address = parse_ipv4(address_text)
    prefix = _number(prefix_text, 32) if slash else 32
    mask = 0xFFFFFFFF << (32 - prefix) & 0xFFFFFFFF
    if address is None or prefix < 0 or address & ~mask:
        raise InvalidValue("%r is no IPv4 network: write it like 100.64.0.0/10" % text)
    return address, mask


def is_inside(host: str, network: "Network") -> bool:
    """Tell whether a host's address lies in a network; what is no IPv4 address lies in none."""
    address = parse_ipv4(host)
    return address is not None and address & network[1] == network[0]
