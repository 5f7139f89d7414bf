"""One datagram and its trail: what happened to it, when, and by which rule."""

import string
from collections.abc import Callable
from typing import Any, NamedTuple

from ip_commands.host_sim.lte.time_base import clock, duration

WAITING = "waiting"
DELIVERED = "delivered"
DROPPED = "dropped"

UP = "uplink"
DOWN = "downlink"

MORE_WILL_COME = 0
NO_MORE_DATA = 1
ONE_RESPONSE = 2
ASSISTANCE = (MORE_WILL_COME, NO_MORE_DATA, ONE_RESPONSE)
"""Release assistance: what follows a datagram (TS 24.301 9.9.4.25, <DDX>): no information, nothing
in either direction, one datagram to the device and nothing after it."""

IP_UDP_HEADER_BYTES = 28
IP_HEADER_BYTES = 20


class TrailEntry(NamedTuple):
    """One step of a datagram. Absolute sub-frame and millisecond are the same number."""

    at_ms: int
    event: str
    """created, fragmented, sent, ddn, buffered, paged, missed, unanswered, connecting, held,
    transmitted, delivered, expired, dropped."""
    rule: str
    """Why, in words, with the standard's or the option's name."""


class _Rule(string.Formatter):
    """Format ``{0:at}`` as a time of day, ``{0:for}`` as a length of time, ``{0:datagrams}``."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "at":
            return clock(value)
        if format_spec == "for":
            return duration(value)
        if format_spec == "datagrams":
            return f"{value or 'no'} datagram{'s' * (value != 1)}"
        return str(super().format_field(value, format_spec))


_RULE = _Rule()


class Datagram:
    """A datagram on its way between the core network and one device.

    ``outcome`` is ``"waiting"`` until it becomes ``"delivered"`` or ``"dropped"``, once and for
    good; downlink: handed to the modem; uplink: handed out of the core network.
    """

    __slots__ = (
        "carries",
        "closed_at_ms",
        "created_at_ms",
        "destination_host",
        "destination_port",
        "direction",
        "fragments",
        "header_bytes",
        "notes",
        "number",
        "on_closed",
        "outcome",
        "payload",
        "release_assistance",
        "source_host",
        "source_port",
        "ue_name",
    )

    def __init__(
        self,
        ue_name: str,
        number: int,
        direction: str,
        payload: bytes,
        source: tuple[str, int],
        destination: tuple[str, int],
        created_at_ms: int,
    ) -> None:
        self.ue_name = ue_name
        self.number = number
        """Counts the datagrams of one device and direction from 1."""
        self.direction = direction
        self.payload = payload
        self.source_host, self.source_port = source
        self.destination_host, self.destination_port = destination
        self.created_at_ms = created_at_ms
        self.closed_at_ms: int | None = None
        self.outcome = WAITING
        self.release_assistance: int | None = None
        """What the device says with it of what follows; None: nothing, as most hosts do."""
        self.fragments = 1
        """IP fragments it travels in; more than 1 above the MTU."""
        self.carries: object | None = None
        """What it is instead of the host's UDP: TCP segment, ping, name server's business."""
        self.header_bytes = IP_UDP_HEADER_BYTES
        self.on_closed: Callable[[Datagram], None] | None = None
        """Called once, with the outcome set."""
        self.notes: list[tuple[int, str, str, tuple[Any, ...]]] = []
        """The trail before formatting: time, event, template, values."""

    @property
    def octets(self) -> int:
        """Octets on the air, and as the core counts them."""
        fragments = self.fragments
        return len(self.payload) + self.header_bytes + (fragments - 1) * IP_HEADER_BYTES

    @property
    def id(self) -> str:
        """Name it: unique in a network, and the same whichever other devices exist."""
        return f"{self.ue_name}/{self.direction}/{self.number}"

    @property
    def trail(self) -> list[TrailEntry]:
        """Every step so far, oldest first."""
        return [
            TrailEntry(at_ms, event, _RULE.vformat(template, values, {}))
            for at_ms, event, template, values in self.notes
        ]

    def note(self, at_ms: int, event: str, template: str, *values: Any) -> None:
        """Add a step; the text is put together only when somebody reads the trail."""
        self.notes.append((at_ms, event, template, values))

    def close(self, at_ms: int, outcome: str, event: str, template: str, *values: Any) -> None:
        """Set the outcome and say why. Raises RuntimeError when it already has one."""
        if self.outcome != WAITING:
            raise RuntimeError(f"{self.id} is already {self.outcome}: it cannot be {outcome} too")
        self.outcome = outcome
        self.closed_at_ms = at_ms
        self.notes.append((at_ms, event, template, values))
        if self.on_closed is not None:
            self.on_closed(self)

    def __repr__(self) -> str:
        return f"<Datagram {self.id} {len(self.payload)} bytes {self.outcome}>"


def check_assistance(said: int | None) -> None:
    """Raise ValueError unless it is one of ``ASSISTANCE``, or None: not said."""
    if said is not None and said not in ASSISTANCE:
        raise ValueError(f"release assistance {said!r}: one of {ASSISTANCE}, or None, is needed")


def fragment_count(payload_bytes: int, mtu_bytes: int) -> int:
    """Return how many IPv4 fragments a UDP payload makes (RFC 791: offsets count 8 octets)."""
    if payload_bytes + IP_UDP_HEADER_BYTES <= mtu_bytes:
        return 1
    per_fragment = (mtu_bytes - IP_HEADER_BYTES) // 8 * 8
    return -(-(payload_bytes + IP_UDP_HEADER_BYTES - IP_HEADER_BYTES) // per_fragment)


def octets_on_air(payload_bytes: int, fragments: int) -> int:
    """Return payload plus UDP header plus one IP header for each fragment."""
    return payload_bytes + IP_UDP_HEADER_BYTES + (fragments - 1) * IP_HEADER_BYTES
