"""The figures and switches of a store, with their defaults."""

from dataclasses import dataclass

RETENTION_MS = 30 * 24 * 3600 * 1000
"""An IP Command is readable for 30 days; docs "IPCommand Resource"."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How the cloud behaves where the documents leave it open."""

    queue_delay_ms: tuple[int, int] = (50, 50)
    """Least and most time that a command stays ``queued``; drawn from the seed."""
    sim_update_delay_ms: int = 2000
    """How long a Sim stays ``scheduled``."""
    retention_ms: int = RETENTION_MS
    callback_on_queued: bool = False
    """Whether ``queued`` is called back too: the documents leave it open."""
    max_debugger_entries: int = 1000
    """The debugger log keeps the newest."""
