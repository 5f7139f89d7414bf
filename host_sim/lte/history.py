"""What happened, kept for pictures: the states of every UE, and every datagram."""

from typing import NamedTuple

from ip_commands.host_sim.lte.datagram import Datagram
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.paging import Occasion


class Lane(NamedTuple):
    """A stretch of a UE's time: from when, in which state, listening when."""

    from_ms: int
    state: str
    windows: WindowPlan | None
    where: Occasion


class History:
    """Lanes by UE name, datagrams in order of creation. Made by ``Network.keep_history``."""

    def __init__(self) -> None:
        self.lanes: dict[str, list[Lane]] = {}
        self.datagrams: list[Datagram] = []

    def state_changed(self, ue_name: str, lane: Lane) -> None:
        """Begin a new stretch."""
        self.lanes.setdefault(ue_name, []).append(lane)
