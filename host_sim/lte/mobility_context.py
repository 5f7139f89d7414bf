"""The MME's mobility management context of one UE: registration, what was granted, its timers.

TS 23.401 5.7.2 (MM context); mobile reachable and implicit detach timers: TS 24.301 5.3.5.
"""

from collections.abc import Callable
from typing import NamedTuple

from ip_commands.host_sim.lte import core
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.negotiation import EdrxGrant, PsmGrant
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class DetachOrder(NamedTuple):
    """A Detach Request of the network (TS 24.301 5.5.2.3) that the UE has not heard yet."""

    cause: int | None
    """EMM cause; None: re-attach required, or none given."""
    reason: str


class MobilityContext:
    """What the MME knows without looking at any datagram."""

    __slots__ = (
        "_detach_event",
        "_keeps_in_touch",
        "_queue",
        "detach_order",
        "detach_reason",
        "edrx",
        "idle_since_ms",
        "profile",
        "psm",
        "registered",
        "t3412_ms",
        "windows",
    )

    def __init__(
        self, queue: EventQueue, profile: Profile, keeps_in_touch: Callable[[], bool]
    ) -> None:
        self._queue = queue
        self._keeps_in_touch = keeps_in_touch
        """Whether the UE can do its periodic TAU; asked where an event for each would be waste."""
        self.profile = profile
        self.registered = False
        self.detach_reason = "the device never attached"
        self.detach_order: DetachOrder | None = None
        """What the UE is told at its next contact; None: that it is implicitly detached."""
        self.idle_since_ms = 0
        """When the UE entered ECM-IDLE; T3412 and T3324 run from here."""
        self.edrx: EdrxGrant | None = None
        self.psm: PsmGrant | None = None
        self.windows: WindowPlan | None = None
        """The MME's idea of the UE's windows; the UE may be in a cell where it has none."""
        self.t3412_ms = self.profile.t3412_s * 1000
        self._detach_event: Event | None = None

    def register(self) -> None:
        """Attach accept."""
        self.registered = True
        self.detach_order = None

    def accept(
        self,
        grant_edrx: EdrxGrant | None,
        grant_psm: PsmGrant | None,
        windows: WindowPlan | None,
    ) -> None:
        """Attach or TAU accept: what the MME granted, and the windows that follow from it."""
        self.edrx, self.psm, self.windows = grant_edrx, grant_psm, windows
        self.t3412_ms = grant_psm.t3412_ms if grant_psm else self.profile.t3412_s * 1000

    def enter_network(self, profile: Profile) -> None:
        """Be the context of another network from now on, with its timers."""
        self.profile = profile
        self.t3412_ms = profile.t3412_s * 1000

    def detach(self, reason: str) -> None:
        """Forget the UE."""
        self.registered = False
        self.detach_reason = reason
        if self._detach_event is not None:
            self._detach_event.cancel()
            self._detach_event = None

    def unreachable_from_ms(self) -> int:
        """When the mobile reachable timer of an idle UE expires."""
        return self.idle_since_ms + self.t3412_ms + self.profile.mobile_reachable_extra_s * 1000

    def psm_from_ms(self) -> int | None:
        """When T3324 of an idle UE ends; None without PSM."""
        return None if self.psm is None else self.idle_since_ms + self.psm.t3324_ms

    @property
    def is_connected(self) -> bool:
        """ECM-CONNECTED, as the MME sees it: the mobile reachable timer does not run."""
        return False

    def watch_for_silence(self) -> None:
        """Arm the implicit detach timer: needed only once the UE cannot keep its periodic TAU."""
        if self._detach_event is None and self.registered and not self.is_connected:
            self._detach_event = self._queue.at(self._detach_at_ms(), self._implicit_detach)

    def _detach_at_ms(self) -> int:
        return self.unreachable_from_ms() + self.profile.implicit_detach_s * 1000

    def _implicit_detach(self) -> None:
        self._detach_event = None
        if not self.registered or self.is_connected or self._keeps_in_touch():
            return  # back in time: its periodic TAU keeps it from here on
        if self._queue.now_ms < self._detach_at_ms():
            self.watch_for_silence()
            return
        self.detach("the device was silent: the network detached it after T3412 and its timers")

    def view_of_idle(self, now: int, unreachable_from: int) -> str:
        """Return how the MME sees the UE: windows by its clock, which may be wrong; timers not."""
        ahead = self.profile.mme_clock_error_ms
        psm_from = self.psm_from_ms()
        return core.view_of_idle(
            self.windows,
            now + ahead,
            None if psm_from is None else psm_from + ahead,
            unreachable_from + ahead,
        )
