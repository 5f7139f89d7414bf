"""Storage that says which records changed: how the network learns what the cloud decided."""

from collections.abc import Callable, Iterable

from ip_commands.host_sim.cloud.ledger import Persistence
from ip_commands.host_sim.cloud.records import Record


class WatchedPersistence:
    """In front of a store's storage; ``changed`` is called with every record once it is permanent.

    inner: the storage itself; None: memory only, nothing is kept.
    """

    def __init__(self, inner: Persistence | None, changed: Callable[[Record], None]) -> None:
        self._inner = inner
        self._changed = changed
        self._saved: list[Record] = []

    @property
    def starts(self) -> int:
        """How often the storage had been opened before."""
        return 0 if self._inner is None else self._inner.starts

    def load(self) -> Iterable[Record]:
        return () if self._inner is None else self._inner.load()

    def save(self, record: Record) -> None:
        if self._inner is not None:
            self._inner.save(record)
        self._saved.append(record)

    def delete(self, record: Record) -> None:
        if self._inner is not None:
            self._inner.delete(record)

    def commit(self) -> None:
        """Make it permanent, then tell. When storage raises, nothing is told."""
        saved, self._saved = self._saved, []
        if self._inner is not None:
            self._inner.commit()
        for record in saved:
            self._changed(record)
