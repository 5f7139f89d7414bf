"""Form bodies and query strings, read strictly: what is not clear is refused, never guessed.

Source: URL Standard, "application/x-www-form-urlencoded parsing", but malformed input is refused.
"""

import re
from urllib.parse import unquote_to_bytes

from ip_commands.host_sim.cloud.error_codes import ApiError

_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse_form(data: bytes) -> dict[str, str]:
    """Return name -> value of ``a=1&b=2``.

    Raises ApiError for bad percent escapes, text that is not UTF-8, and a name given twice.
    """
    parameters: dict[str, str] = {}
    if _BAD_ESCAPE.search(data):
        raise ApiError("malformed_request", reason="% must be followed by two hexadecimal digits")
    for piece in data.split(b"&"):
        if not piece:
            continue
        raw_name, _, raw_value = piece.partition(b"=")
        try:
            name = unquote_to_bytes(raw_name.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            raise ApiError("malformed_request", reason="a parameter name is not UTF-8") from None
        try:
            value = unquote_to_bytes(raw_value.replace(b"+", b" ")).decode()
        except UnicodeDecodeError:
            raise ApiError(
                "invalid_parameter", parameter=name[:40], reason="it is not UTF-8"
            ) from None
        if name in parameters:
            raise ApiError("duplicate_parameter", parameter=name[:40])
        parameters[name] = value
    return parameters


def check_content_type(content_type: str) -> None:
    """Raise ApiError unless the body is a form in UTF-8; no type at all counts as one."""
    kind, _, options = content_type.lower().partition(";")
    if kind.strip() not in ("", "application/x-www-form-urlencoded", "application/octet-stream"):
        raise ApiError(
            "malformed_request", reason="the body must be application/x-www-form-urlencoded"
        )
    charset = re.search(r"charset\s*=\s*\"?([^\s\";]+)", options)
    if charset is not None and charset[1] not in ("utf-8", "utf8", "us-ascii"):
        raise ApiError("malformed_request", reason="the body must be in UTF-8")
