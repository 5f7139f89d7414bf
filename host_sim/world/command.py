"""One IP Command seen whole: the cloud's resource, its way through the network, its story."""

from ip_commands.host_sim.cloud.records import IpCommand
from ip_commands.host_sim.lte import Datagram
from ip_commands.host_sim.lte.datagram import TrailEntry
from ip_commands.host_sim.lte.time_base import clock
from ip_commands.host_sim.world.explain import explain


class Command:
    """A live view; every property says what is so now.

    ``datagram`` is None while the command is queued, and for one that failed before it was sent.
    """

    def __init__(self, record: IpCommand, device_name: str) -> None:
        self.record = record
        self.device_name = device_name
        self.datagram: Datagram | None = None

    @property
    def sid(self) -> str:
        return self.record.sid

    @property
    def status(self) -> str:
        """The API's word: queued, sent, failed or received."""
        return self.record.status

    @property
    def created_at_ms(self) -> int:
        return self.record.created_ms

    @property
    def delivered(self) -> bool:
        """True once the datagram was handed to the device (to_sim) or to the cloud (from_sim)."""
        return self.delivered_at_ms is not None

    @property
    def delivered_at_ms(self) -> int | None:
        if self.record.direction == "from_sim":
            return self.record.created_ms
        return self.first_ms("delivered")

    @property
    def settled(self) -> bool:
        """True once nothing can happen to it any more."""
        return self.delivered or self.lost

    @property
    def lost(self) -> bool:
        """True when it can never arrive: dropped, expired, or failed before it was sent."""
        return self.status == "failed" or (
            self.datagram is not None and self.datagram.outcome == "dropped"
        )

    def first_ms(self, event: str) -> int | None:
        """Return when the network first did this to the datagram ("paged", ...), None if never."""
        return next((entry.at_ms for entry in self.trail if entry.event == event), None)

    @property
    def trail(self) -> list[TrailEntry]:
        """The steps of the datagram in the network: (at_ms, event, rule)."""
        return [] if self.datagram is None else self.datagram.trail

    def explain(self) -> str:
        """Say in a sentence, with times, what became of the command and why."""
        record = self.record
        created = f"{record.sid[:10]}… created {clock(record.created_ms)}"
        if record.direction == "from_sim":
            return f"{created}: received from {record.device_ip}:{record.device_port}" + (
                f"; {record.reason}" if record.reason else ""
            )
        if record.status == "queued":
            return f"{created}: still queued in the cloud"
        if record.status == "failed":
            return (
                f"{created}: failed at {clock(record.updated_ms)} with error "
                f"{record.error_code} ({record.error_message}): {record.reason}"
            )
        sent = f"{created}, sent to the visited network {clock(record.updated_ms)}"
        if self.datagram is None:
            return f"{sent}; its trail is no longer kept"
        return f"{sent}, {explain(self.datagram)}"

    def __repr__(self) -> str:
        return f"<Command {self.sid} {self.status}>"
