"""Checks of request parameters: the value as the store keeps it, or an ApiError that names it."""

import base64
import binascii
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.records import MAX_PAYLOAD_BYTES

MAX_UNIQUE_NAME_CHARACTERS = 128
MAX_URL_CHARACTERS = 2048
HTTP_METHODS = ("GET", "POST")
PAYLOAD_TYPES = ("text", "binary")

_UNFIT_FOR_URL = re.compile(r"[\x00-\x20\x7f\\<>\"{}|^`]")


def refuse(parameter: str, reason: str) -> ApiError:
    """Return the error to raise for a parameter that cannot be used."""
    return ApiError("invalid_parameter", parameter=parameter, reason=reason)


def require(**parameters: object) -> None:
    """Raise ApiError for the first parameter that is None or empty."""
    for name, value in parameters.items():
        if value is None or value == "":
            raise ApiError("missing_parameter", parameter=name)


def integer(parameter: str, value: str | int, least: int, most: int) -> int:
    """Return a decimal integer within the limits, both included."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise refuse(parameter, f"give a decimal integer, not {value[:40]!r}")
        value = int(value)
    if not least <= value <= most:
        raise refuse(parameter, f"give a value from {least} to {most}, not {value}")
    return value


def one_of(parameter: str, value: str, allowed: Sequence[str]) -> str:
    """Return the value if it is one of those allowed; upper and lower case matter."""
    if value not in allowed:
        raise refuse(parameter, f"give one of {', '.join(allowed)}, not {value[:40]!r}")
    return value


def boolean(parameter: str, value: str | bool) -> bool:
    """Return the truth of ``true`` or ``false`` in any case."""
    if isinstance(value, bool):
        return value
    return one_of(parameter, value.lower(), ("true", "false")) == "true"


def unique_name(value: str) -> str | None:
    """Return a name; None for the empty string, which takes a name away."""
    if len(value) > MAX_UNIQUE_NAME_CHARACTERS:
        raise refuse("UniqueName", f"give {MAX_UNIQUE_NAME_CHARACTERS} characters at most")
    return value or None


def callback_url(parameter: str, value: str | None) -> str | None:
    """Return an absolute http or https URL; None for none."""
    if not value:
        return None
    if len(value) > MAX_URL_CHARACTERS:
        raise refuse(parameter, f"give {MAX_URL_CHARACTERS} characters at most")
    if _UNFIT_FOR_URL.search(value):
        raise refuse(parameter, "percent-encode blanks and control characters")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # checks its range
        value.encode()
        (parts.hostname or "").encode("idna")
    except ValueError:
        usable = False
    if not usable:
        raise refuse(parameter, "give an absolute http or https URL")
    return value


def payload_bytes(payload: str, payload_type: str) -> bytes:
    """Return the bytes of the datagram: UTF-8 of a text, base64 of a binary payload decoded.

    Raises ApiError for text that is not Unicode, bad base64, or more than 1300 bytes.
    """
    if payload_type == "text":
        try:
            data = payload.encode()
        except UnicodeEncodeError:
            raise refuse("Payload", "it holds a lone surrogate, which UTF-8 cannot") from None
    else:
        try:
            data = base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            hint = "; a plus sign in a form must be sent as %2B" if " " in payload else ""
            raise refuse("Payload", f"it is not base64, as PayloadType says{hint}") from None
    if len(data) > MAX_PAYLOAD_BYTES:
        raise ApiError("payload_too_big", size=len(data), limit=MAX_PAYLOAD_BYTES)
    return data
