"""A registered UE searches beside its normal life: for a better network, and for its host's list.

The periodic search of a roaming UE for a network of higher priority: TS 23.122 4.4.3.3, every
EF_HPPLMN. The list of +COPS=?: TS 27.007 7.3. Both cost charge; while connected there is none.
"""

from collections.abc import Callable
from random import Random
from typing import Protocol

from ip_commands.host_sim.lte import energy
from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.network_selection import AUTOMATIC, FoundNetwork, NetworkSelection
from ip_commands.host_sim.lte.plmn_selection import Offer
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.search_patterns import SearchPattern
from ip_commands.host_sim.lte.states import IDLE, PSM
from ip_commands.host_sim.time.event_queue import Event, EventQueue

AGAIN_MS = 60_000
"""When a search was due while the UE was connected. Engineering default."""


class Camper(Protocol):
    """The UE's layer that is registered somewhere."""

    registered: bool

    def is_barred(self, cell: Profile) -> bool: ...

    def enter_network(self, offer: Offer) -> None:
        """Leave the present network and register there."""
        ...


class BackgroundSearch:
    """One UE's."""

    __slots__ = (
        "_activity",
        "_camper",
        "_event",
        "_is_due",
        "_list_event",
        "_on_list",
        "_pattern",
        "_queue",
        "_random",
        "_selection",
    )

    def __init__(
        self,
        queue: EventQueue,
        random: Random,
        activity: Activity,
        selection: NetworkSelection,
        pattern: SearchPattern,
        camper: Camper,
    ) -> None:
        self._queue = queue
        self._random = random
        self._activity = activity
        self._selection = selection
        self._pattern = pattern
        self._camper = camper
        self._event: Event | None = None
        self._is_due = False
        """It came due in PSM."""
        self._list_event: Event | None = None
        self._on_list: Callable[[list[FoundNetwork]], None] | None = None

    def stop(self) -> None:
        """Be switched off, or deregistered."""
        self._is_due = False
        if self._event is not None:
            self._event.cancel()
            self._event = None

    # -- a better network -------------------------------------------------------------------------
    def registered(self) -> None:
        """Count EF_HPPLMN from now on."""
        self.stop()
        minutes = self._selection.sim.search_every_min
        if minutes and self._selection.is_below_the_best:
            self._event = self._queue.after(minutes * 60_000, self._search)

    def became_idle(self) -> None:
        """Do what came due in PSM."""
        if self._is_due:
            self._is_due = False
            self._event = self._queue.after(0, self._search)

    def _search(self) -> None:
        self._event = None
        state = self._activity.state
        if self._selection.mode != AUTOMATIC or not self._camper.registered:
            return
        if state is PSM:
            self._is_due = True
        elif state in IDLE:
            self._activity.enter(state, energy.SEARCH)
            length_ms = int(self._pattern.search_s[0] * 1000)
            self._event = self._queue.after(length_ms, self._searched)
        else:
            self._event = self._queue.after(AGAIN_MS, self._search)

    def _searched(self) -> None:
        self._event = None
        state = self._activity.state
        if state in IDLE:
            self._activity.enter_idle()
        better = self._selection.better_offer(self._camper.is_barred)
        if better is not None and (state in IDLE or state is PSM):
            self._camper.enter_network(better)
        else:
            self.registered()

    # -- the host's list --------------------------------------------------------------------------
    def list_networks(self, on_done: Callable[[list[FoundNetwork]], None]) -> bool:
        """Search all bands and hand in what there is; False while such a search runs."""
        if self._list_event is not None:
            return False
        state = self._activity.state
        if state in IDLE:
            self._activity.enter(state, energy.SEARCH)
        self._on_list = on_done
        length_ms = self._pattern.search_ms(0, self._random)
        self._list_event = self._queue.after(length_ms, self._listed)
        return True

    def stop_listing(self) -> None:
        """Be switched off: the list is empty."""
        if self._list_event is not None:
            self._list_event.cancel()
            self._finish_list([])

    def _listed(self) -> None:
        if self._activity.state in IDLE:
            self._activity.enter_idle()
        self._finish_list(self._selection.found(self._camper.is_barred, self._camper.registered))

    def _finish_list(self, found: list[FoundNetwork]) -> None:
        self._list_event = None
        on_done, self._on_list = self._on_list, None
        if on_done is not None:
            on_done(found)
