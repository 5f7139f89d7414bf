"""What the cloud remembers: one slotted dataclass per resource, only plain values in it.

A record becomes one row of the table of its kind in ``sqlite_store``; a field added here appears
there. Times are simulated milliseconds since 1980-01-06T00:00:00Z.
"""

from dataclasses import dataclass

MAX_PAYLOAD_BYTES = 1300
"""What an IP Command carries; docs "IPCommand Resource", property ``payload``."""

SIM_STATUSES = ("new", "ready", "active", "inactive", "scheduled")
USABLE_SIM_STATUSES = ("ready", "active")


@dataclass(slots=True)
class Account:
    sid: str
    auth_token: str
    friendly_name: str
    parent_sid: str | None
    webhook_secret: str
    """What the KORE flavour signs webhooks with; the Twilio flavour uses ``auth_token``."""
    sequence: int


@dataclass(slots=True)
class ApiKey:
    """A second pair of credentials of an account; in the KORE flavour the OAuth2 client."""

    sid: str
    account_sid: str
    secret: str
    sequence: int


@dataclass(slots=True)
class Fleet:
    sid: str
    account_sid: str
    unique_name: str | None
    data_enabled: bool
    data_limit: int
    """Megabytes a month; the network ends a session that reaches it (``world.subscriptions``)."""
    network_access_profile_sid: str
    ip_commands_url: str | None
    ip_commands_method: str
    sms_commands_enabled: bool
    sms_commands_url: str | None
    sms_commands_method: str
    created_ms: int
    updated_ms: int
    sequence: int


@dataclass(slots=True)
class Sim:
    sid: str
    account_sid: str
    iccid: str
    unique_name: str | None
    status: str
    fleet_sid: str | None
    scheduled_status: str | None
    """What a ``scheduled`` Sim is about to become."""
    callback_url: str | None
    callback_method: str
    """Whom to tell when the pending update is done."""
    last_ip: str | None
    created_ms: int
    updated_ms: int
    sequence: int


@dataclass(slots=True)
class IpCommand:
    sid: str
    account_sid: str
    sim_sid: str
    sim_iccid: str
    status: str
    direction: str
    device_ip: str | None
    device_port: int
    payload_type: str
    payload: str
    """As the API shows it: text, or base64 when ``payload_type`` is ``binary``."""
    callback_url: str | None
    callback_method: str
    error_code: int | None
    error_message: str | None
    """Of a failed command; the resource has no such keys, only the callback shows them."""
    reason: str | None
    """Why it failed or was changed, for people; never leaves through the API."""
    original_bytes: int
    """Size as sent by the device; more than the payload's when that was truncated."""
    service_port: int | None
    """The port of 100.64.0.1 to which the device sent; the API shows it nowhere."""
    created_ms: int
    updated_ms: int
    sequence: int


@dataclass(slots=True)
class WebhookRequest:
    """One HTTP request that the cloud owes its customer.

    ``sid`` is the idempotency token (a UUID): the same on every retry, also after a restart.
    ``resource_sid`` orders: requests of one resource go out one after the other.
    """

    sid: str
    account_sid: str
    resource_sid: str
    url: str
    method: str
    parameters: tuple[tuple[str, str], ...]
    created_ms: int
    sequence: int


Record = Account | ApiKey | Fleet | Sim | IpCommand | WebhookRequest
RECORD_KINDS: tuple[type[Record], ...] = (Account, ApiKey, Fleet, Sim, IpCommand, WebhookRequest)


@dataclass(frozen=True, slots=True)
class DebuggerEntry:
    """One line of the debugger log: something went wrong on the customer's side."""

    at_ms: int
    account_sid: str
    resource_sid: str
    error_code: int
    message: str
    detail: str
    url: str
