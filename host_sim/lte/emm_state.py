"""What one UE's EMM knows and remembers, and the parts that it calls.

``emm_search``, ``emm_attach``, ``emm_detach`` and ``emm`` are built upon this, in that order.
"""

from random import Random
from typing import Protocol

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.attempts import AttachAttempts
from ip_commands.host_sim.lte.background_search import BackgroundSearch
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.cell_search import CellSearch
from ip_commands.host_sim.lte.esm import SessionManagement
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.network_selection import NetworkSelection
from ip_commands.host_sim.lte.power_saving import PowerSaving
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.search_patterns import SearchPattern
from ip_commands.host_sim.lte.sim_networks import SimNetworks, home_of
from ip_commands.host_sim.time.event_queue import Event, EventQueue

# <stat> of +CEREG.
OFF = 0
SEARCHING = 2
DENIED = 3


class Registrar(Protocol):
    """The network's answer to an attach."""

    def decide_attach(self) -> Refusal | None:
        """Return None for yes, or the reject."""
        ...


class EmmState:
    """One UE's, before it does anything."""

    __slots__ = (
        "_activity",
        "_attach_event",
        "_attempts",
        "_camping",
        "_cell_search",
        "_context",
        "_esm",
        "_home",
        "_is_limited",
        "_knows_networks",
        "_listening",
        "_pattern",
        "_power_saving",
        "_queue",
        "_radio",
        "_random",
        "_retry_event",
        "_sim",
        "background",
        "registered",
        "registration",
        "reject_cause",
        "selection",
        "tau_due",
    )

    def __init__(
        self,
        queue: EventQueue,
        random: Random,
        camping: Camping,
        activity: Activity,
        listening: Listening,
        radio: RadioConnection,
        context: UeContext,
        power_saving: PowerSaving,
        esm: SessionManagement,
        home: Registrar,
        sim: SimNetworks | None,
        pattern: SearchPattern,
    ) -> None:
        self._queue = queue
        self._random = random
        self._camping = camping
        self._activity = activity
        self._listening = listening
        self._radio = radio
        self._context = context
        self._power_saving = power_saving
        self._esm = esm
        self._home = home
        self._pattern = pattern
        self._sim = sim
        self._attempts: AttachAttempts | None = None
        self._cell_search: CellSearch | None = None
        self.selection: NetworkSelection | None = None
        """None: there is one network, and the host chose none."""
        self.background: BackgroundSearch | None = None
        """Looks for better networks; there with ``selection``."""
        self._is_limited = False
        """While it searches: there are networks, and none is allowed."""
        self._knows_networks = False
        """A whole search has shown what there is."""
        self.reject_cause: int | None = None
        """EMM cause of the present refusal; None: there is none."""
        self.registration = OFF
        """<stat> of +CEREG (TS 27.007 10.1.22)."""
        self.registered = False
        """What the UE believes; the network may have detached it meanwhile."""
        self.tau_due = False
        self._attach_event: Event | None = None
        self._retry_event: Event | None = None
        """While none is allowed: when a wait ends that kept the UE from one."""

    @property
    def sim(self) -> SimNetworks:
        """What its SIM says of networks; made when first asked for: nothing but the home."""
        if self._sim is None:
            self._sim = SimNetworks(home_of(self._listening.imsi))
        return self._sim

    @property
    def attempts(self) -> AttachAttempts:
        """What refusals left behind; made when first asked for."""
        if self._attempts is None:
            self._attempts = AttachAttempts(self.sim)
        return self._attempts

    @property
    def search_at_ms(self) -> int | None:
        """When a pause ends, or a search or an attach under way; None: there is none."""
        event = self._attach_event or self._retry_event
        if event is not None:
            return event.at_ms
        return None if self._cell_search is None else self._cell_search.wakes_at_ms

    def _set_registration(self, value: int) -> None:
        if value != self.registration:
            self.registration = value
            if self._activity.listener is not None:
                self._activity.listener.registration_changed()

    def _new_guti(self) -> None:
        """Take another M-TMSI: hashed identity and windows change with it."""
        self._listening.m_tmsi = self._random.getrandbits(32)

    # -- done by what is built upon this ----------------------------------------------------------
    def _stop(self) -> bool:
        """Cancel every procedure and timer; return True when there was a data connection."""
        raise NotImplementedError

    def search(self) -> None:
        """Attach in the cell that it camps on; search for one where there is none."""
        raise NotImplementedError

    def _begin_attach(self) -> None:
        """Attach in the cell that it camps on, now or after a wait; never by another search."""
        raise NotImplementedError

    def found_coverage(self) -> None:
        """Camp on the registered network's cell again."""
        raise NotImplementedError
