"""What the core counts of one data connection, and what it tells of attaches and connections."""

from typing import NamedTuple

from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.time.event_queue import Event

# What the core tells.
ATTACH_ACCEPTED = "attach accepted"
ATTACH_REJECTED = "attach rejected"
ATTACH_FAILED = "attach failed"
SESSION_STARTED = "session started"
SESSION_UPDATED = "session updated"
SESSION_ENDED = "session ended"
SESSION_FAILED = "session failed"

EVENTS = (
    ATTACH_ACCEPTED,
    ATTACH_REJECTED,
    ATTACH_FAILED,
    SESSION_STARTED,
    SESSION_UPDATED,
    SESSION_ENDED,
    SESSION_FAILED,
)

INTERNAL_ERRORS = (83700, 83701)
"""Codes of the service for a core that could not decide: the attach or session failed."""


class SessionRecord:
    """One data connection: bytes are those of IP packets, headers included."""

    __slots__ = (
        "apn",
        "down_bytes",
        "end_event",
        "ip_address",
        "limit_bytes",
        "number",
        "started_ms",
        "told_down_bytes",
        "told_ms",
        "told_up_bytes",
        "up_bytes",
        "update_event",
    )

    def __init__(
        self, number: int, apn: str, ip_address: str, started_ms: int, limit_bytes: int | None
    ) -> None:
        self.number = number
        """Counts the sessions of one UE."""
        self.apn = apn
        self.ip_address = ip_address
        self.started_ms = started_ms
        self.limit_bytes = limit_bytes
        """What it may carry; None: no limit."""
        self.up_bytes = 0
        self.down_bytes = 0
        self.told_ms = started_ms
        self.told_up_bytes = 0
        self.told_down_bytes = 0
        self.end_event: Event | None = None
        """The network ends it then."""
        self.update_event: Event | None = None
        """It is told of then."""

    def cancel_events(self) -> None:
        """End what waits for it."""
        for event in (self.end_event, self.update_event):
            if event is not None:
                event.cancel()
        self.end_event = self.update_event = None

    @property
    def is_over_limit(self) -> bool:
        """True once it carried all that it may."""
        limit = self.limit_bytes
        return limit is not None and self.up_bytes + self.down_bytes >= limit


class ConnectionEvent(NamedTuple):
    """One thing that the core tells, at the simulated instant."""

    at_ms: int
    event: str
    """One of ``EVENTS``."""
    ue_name: str
    iccid: str
    imsi: str
    imei: str
    plmn: str
    tac: str
    cell_id: str
    access: str
    """``lte``, ``cat-m1`` or ``nb-iot``."""
    refusal: Refusal | None
    """Of a rejected or failed attach or session."""
    reason: str
    """Why a session ended; "" elsewhere."""
    session: int | None
    """Its number; None for attaches."""
    apn: str | None
    ip_address: str | None
    started_ms: int | None
    since_ms: int | None
    """Beginning of the interval that the next two describe."""
    up_bytes: int
    down_bytes: int
    total_up_bytes: int
    """Since the session's beginning."""
    total_down_bytes: int
