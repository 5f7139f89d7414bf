"""What a webhook URL says about itself: where to connect, how long to wait, what to try again.

Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides; ranges as in the public
segmentio/action-destinations. That page speaks of Voice; whether Super SIM honours it is unknown.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote_plus, urlparse, urlsplit

_RETRY_REASONS = ("4xx", "5xx", "ct", "rt", "all")
_AS_IT_IS = re.compile(r"(?:[!$&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Overrides:
    """Times in milliseconds; ``retries`` more attempts for the reasons in ``retry_on``.

    Reasons: ``ct`` no connection, ``rt`` no answer in time, ``4xx``, ``5xx``, ``all``, or a status
    such as ``408``.
    """

    connect_timeout_ms: int = 5000
    read_timeout_ms: int = 15_000
    total_timeout_ms: int = 15_000
    """For all attempts together."""
    retries: int = 1
    retry_on: tuple[str, ...] = ("ct",)

    def covers(self, reason: str) -> bool:
        """Return whether a failure for this reason is tried again."""
        if "all" in self.retry_on or reason in self.retry_on:
            return True
        return len(reason) == 3 and reason.isdigit() and reason[0] + "xx" in self.retry_on


def read_overrides(url: str, default: Overrides) -> Overrides:
    """Return what the URL's fragment asks for; a value out of its range leaves the default."""
    asked = dict(parse_qsl(urlsplit(url).fragment))

    def within(name: str, least: int, most: int, otherwise: int) -> int:
        text = asked.get(name, "")
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text)
        return otherwise

    reasons = tuple(asked.get("rp", "").split(","))
    return Overrides(
        connect_timeout_ms=within("ct", 1, 10_000, default.connect_timeout_ms),
        read_timeout_ms=within("rt", 1, 15_000, default.read_timeout_ms),
        total_timeout_ms=within("tt", 1, 15_000, default.total_timeout_ms),
        retries=within("rc", 0, 5, default.retries),
        retry_on=reasons if set(reasons) <= set(_RETRY_REASONS) else default.retry_on,
    )


def request_url(url: str, query: tuple[tuple[str, str], ...] = ()) -> str:
    """Return the URL as it goes over the wire and under the signature.

    No fragment, never an empty path, ``query`` appended; anything that may stand in a URL stays
    exactly as the customer wrote it, the rest is percent-encoded.
    """
    parts = urlsplit(url)
    host = parts.netloc
    if not host.isascii():
        account, at, name = host.rpartition("@")
        host = _quoted(account) + at + name.encode("idna").decode()
    text = _quoted(parts.query)
    if query:
        added = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in query)
        text = f"{text}&{added}" if text else added
    path = _quoted(parts.path) or "/"
    whole = f"{parts.scheme}://{host}{path}" + (f"?{text}" if text else "")
    # the official validators rebuild the URL from its parts, which drops an empty ";"
    return urlparse(whole).geturl()


def _quoted(text: str) -> str:
    if not text or _AS_IT_IS.fullmatch(text):
        return text
    return "".join(
        piece if _AS_IT_IS.fullmatch(piece) else "".join(f"%{byte:02X}" for byte in piece.encode())
        for piece in re.findall(r"%[0-9A-Fa-f]{2}|.", text, re.DOTALL)
    )


def may_connect(url: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether the host is this machine or one that the user allowed by name."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    if host in allowed_hosts or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
