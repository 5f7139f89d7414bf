"""Every error that the API can answer, in one table that can be replaced.

The public documents describe hardly any synchronous refusal of the Super SIM API: an entry whose
``source`` is ``OURS`` was chosen for this simulator and wants replacing as soon as somebody has
seen the real answer::

    table = error_codes.TWILIO.replaced("payload_too_big", code=83403)
    make_app(store, errors=table)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

OURS = "ours: the real value is not public"
_DICTIONARY = "twilio.com/docs/api/errors and docs.korewireless.com/errors"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One kind of error: HTTP status (0: never an HTTP answer), code, message, where from."""

    http_status: int
    code: int
    message: str
    """A ``str.format`` template; the fields come from the ``ApiError``."""
    source: str


class ErrorTable(Mapping[str, ErrorCode]):
    """Name of an error -> what the API answers; immutable."""

    def __init__(self, entries: Mapping[str, ErrorCode]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> ErrorCode:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def replaced(self, name: str, **changes: Any) -> "ErrorTable":
        """Return a table in which one entry differs. Raises KeyError for an unknown name."""
        changes.setdefault("source", "given by the user")
        return ErrorTable({**self._entries, name: replace(self._entries[name], **changes)})


class ApiError(Exception):
    """The request was refused; nothing was stored. ``fields`` fill the message template."""

    def __init__(self, name: str, /, **fields: object) -> None:
        self.name = name
        self.fields = fields
        super().__init__(message_of(TWILIO[name], fields))


def message_of(entry: ErrorCode, fields: Mapping[str, object]) -> str:
    """Return the message with its fields filled in."""
    return entry.message.format_map(fields)


TWILIO = ErrorTable(
    {
        # -- the platform -----------------------------------------------------------------------
        "missing_parameter": ErrorCode(
            400,
            20001,
            "Missing required parameter {parameter} in the post body",
            "seen in public reports, e.g. github.com/nash-md/twilio-contact-center issue 18",
        ),
        "invalid_parameter": ErrorCode(
            400, 20001, "Invalid parameter {parameter}: {reason}", "code: docs; message: " + OURS
        ),
        "duplicate_parameter": ErrorCode(
            400, 20001, "Parameter {parameter} was given more than once", OURS
        ),
        "malformed_request": ErrorCode(400, 20001, "Malformed request: {reason}", OURS),
        "page_without_token": ErrorCode(
            400,
            70002,
            "Paged requests must include a PageToken",
            "seen on another API of the platform: github.com/twilio/twilio-ruby issue 494",
        ),
        "authentication": ErrorCode(401, 20003, "Authenticate", "twilio.com/docs/errors/20003"),
        "not_found": ErrorCode(
            404, 20404, "The requested resource {path} was not found", "twilio.com/docs/errors"
        ),
        "method_not_allowed": ErrorCode(
            405,
            20004,
            "The requested resource {path} does not support the attempted HTTP method {method}",
            "status and message seen in public reports; code: KORE's error dictionary",
        ),
        "body_too_large": ErrorCode(413, 20001, "The post body exceeds {limit} bytes", OURS),
        "too_many_requests": ErrorCode(
            429, 20429, "Too Many Requests", "twilio.com/docs/errors/20429"
        ),
        "internal": ErrorCode(
            500, 20500, "An internal server error has occurred", "code: KORE's error dictionary"
        ),
        # -- IP Commands ------------------------------------------------------------------------
        "unknown_sim": ErrorCode(
            404, 83005, "Super SIM {sim} not found", "code: " + _DICTIONARY + "; its use: " + OURS
        ),
        "sim_not_usable": ErrorCode(
            400,
            83400,
            "Super SIM {sim} is {status}: an IP Command needs status ready or active",
            OURS,
        ),
        "data_disabled": ErrorCode(
            400, 83400, "Super SIM {sim} is in no Fleet with data enabled", OURS
        ),
        "payload_too_big": ErrorCode(
            400,
            20001,
            "Payload is {size} bytes: an IP Command carries {limit} at most",
            "status 400: the API's public description; code and message: " + OURS,
        ),
        # -- Sims and Fleets --------------------------------------------------------------------
        "sim_registered_elsewhere": ErrorCode(
            400, 83002, "Super SIM cannot be registered", _DICTIONARY + "; HTTP status: " + OURS
        ),
        "sim_already_registered": ErrorCode(
            400, 83003, "Super SIM already belongs to this account", _DICTIONARY
        ),
        "fleet_not_found": ErrorCode(400, 83006, "Fleet {fleet} not found", _DICTIONARY),
        "sim_without_fleet": ErrorCode(
            400, 83007, "Super SIM cannot be activated without a Fleet", _DICTIONARY
        ),
        "sim_must_keep_fleet": ErrorCode(
            400, 83008, "A ready or active Super SIM cannot be removed from its Fleet", _DICTIONARY
        ),
        "sim_is_scheduled": ErrorCode(
            400, 83009, "The Fleet of a scheduled Super SIM cannot change", _DICTIONARY
        ),
        "status_not_reachable": ErrorCode(
            400,
            83010,
            "Super SIM cannot be updated from {status} to {desired}",
            _DICTIONARY + "; which transitions: " + OURS,
        ),
        "unique_name_taken": ErrorCode(400, 83011, "Unique name {name} is in use", _DICTIONARY),
        # -- never HTTP answers: the failed callback and the debugger log -----------------------
        "ip_commands_error": ErrorCode(0, 83400, "IP Commands error", _DICTIONARY),
        "device_not_attached": ErrorCode(
            0, 83401, "The device was not attached to a cellular network", _DICTIONARY
        ),
        "callback_failed": ErrorCode(
            0, 83402, "Received error response to IP Command callback request", _DICTIONARY
        ),
    }
)

KORE = TWILIO.replaced(
    "missing_parameter", code=20002, source="code: KORE's error dictionary; message: " + OURS
)
