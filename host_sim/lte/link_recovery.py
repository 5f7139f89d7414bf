"""A lost radio link as the UE lives through it: a fade, radio link failure, re-establishment.

TS 36.331 5.3.11.3 and 5.3.7: N310 and T310 pass before the UE calls the link failed, and then it
has T311 to find a cell and re-establish the connection there.
"""

from typing import Protocol

from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class Connection(Protocol):
    """Whose link it is."""

    def link_is_back(self) -> None:
        """Have a cell again, in time as far as the UE is concerned."""
        ...

    def give_link_up(self) -> None:
        """Be idle: there was no cell in time."""
        ...


class LinkRecovery:
    """The timers of one UE's lost link."""

    __slots__ = ("_camping", "_connection", "_event", "_queue", "_until_ms")

    def __init__(self, queue: EventQueue, camping: Camping, connection: Connection) -> None:
        self._queue = queue
        self._camping = camping
        self._connection = connection
        self._event: Event | None = None
        """Radio link failure, the end of T311, or re-establishment."""
        self._until_ms = 0
        """The end of T311; 0: the link has not failed yet."""

    @property
    def is_running(self) -> bool:
        """True while the link is lost."""
        return self._event is not None

    def begin(self) -> None:
        """Lose the link; again: the cell where it was being re-established is gone, too."""
        if self._event is None:
            self._until_ms = 0
            failure_ms = self._camping.profile.link_failure_ms
            self._event = self._queue.after(failure_ms, self._failed)
        else:
            self._event.cancel()
            self._event = self._queue.at(self._until_ms, self._over)

    def _failed(self) -> None:
        t311_ms = self._camping.profile.t311_ms
        self._until_ms = self._queue.now_ms + t311_ms
        self._event = self._queue.after(t311_ms, self._over)

    def find_cell(self) -> None:
        """Have a cell again: a fade is over, or the connection can be re-established."""
        if self._event is None:
            return
        self._event.cancel()
        if self._until_ms == 0:
            self._back()
        else:
            profile = self._camping.profile
            length_ms = profile.reestablish_ms * profile.ce_factor
            self._event = self._queue.after(length_ms, self._back)

    def _back(self) -> None:
        self._event = None
        self._connection.link_is_back()

    def _over(self) -> None:
        self._event = None
        self._connection.give_link_up()

    def stop(self) -> None:
        """Forget it: there is no connection any more."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
