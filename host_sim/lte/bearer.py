"""The data radio bearer of one UE: datagrams on the air, in both directions.

What a datagram costs in time, octets and charge, and whether it gets through. Datagrams of one
direction never overtake each other. Whether there is a connection at all is ``rrc``'s matter.
"""

from collections import deque
from collections.abc import Callable
from random import Random

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.datagram import (
    DELIVERED,
    DROPPED,
    NO_MORE_DATA,
    ONE_RESPONSE,
    Datagram,
)
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.time.event_queue import Event, EventQueue

ENB_FULL = "the eNB's queue is full ({0:datagrams}): tail drop"
MODEM_FULL = "the modem's queue is full ({0:datagrams})"


def _take_back(flying: deque[tuple[Datagram, Event]]) -> list[Datagram]:
    datagrams = []
    for datagram, event in flying:
        event.cancel()
        datagrams.append(datagram)
    flying.clear()
    return datagrams


class RadioBearer:
    """What is in flight between one UE and its eNB."""

    __slots__ = (
        "_activity",
        "_assisted",
        "_camping",
        "_last_down_ms",
        "_last_up_ms",
        "_leave_core",
        "_ledger",
        "_queue",
        "_random",
        "_reach_stack",
        "_response_ends",
        "_up",
        "down",
        "last_activity_ms",
        "link_is_up",
        "may_release_early",
        "on_assistance",
    )

    def __init__(
        self,
        queue: EventQueue,
        random: Random,
        camping: Camping,
        activity: Activity,
        ledger: Ledger,
        leave_core: Callable[[Datagram], None],
        reach_stack: Callable[[Datagram], None],
    ) -> None:
        self._queue = queue
        self._random = random
        self._camping = camping
        self._activity = activity
        self._ledger = ledger
        self._leave_core = leave_core
        """Takes every uplink datagram that got through."""
        self._reach_stack = reach_stack
        """Takes the downlink datagrams that got through and are not for the host's UDP."""
        self._last_down_ms = 0
        self._last_up_ms = 0
        self.down: deque[tuple[Datagram, Event]] = deque()
        """Downlink datagrams on the air."""
        self._up: deque[tuple[Datagram, Event]] = deque()
        self.link_is_up = False
        """Whether what is sent can get through; without a connection it does not matter."""
        self.last_activity_ms = 0
        """When the last datagram came or will come through: the eNB counts inactivity from it."""
        self.may_release_early = True
        """Whether a willing eNB (``as_rai``) releases ``as_rai_ms`` after the last datagram:
        always, until the device says once what follows a datagram; then where it says so."""
        self._assisted = False
        self._response_ends = False
        """One downlink datagram is expected, and nothing after it."""
        self.on_assistance: Callable[[], None] | None = None
        """Told that the release may come sooner than it was expected."""

    def in_flight(self) -> list[Datagram]:
        """Every datagram on the air, both directions."""
        return [d for d, _ in self.down] + [d for d, _ in self._up]

    def take_back_down(self) -> list[Datagram]:
        """Return what was on the air to the UE, oldest first: it did not arrive."""
        return _take_back(self.down)

    def take_back_up(self) -> list[Datagram]:
        """Return what was on the air from the UE, oldest first: it did not arrive."""
        return _take_back(self._up)

    def touch(self, at_ms: int) -> None:
        """Count as active at ``at_ms``, which may lie ahead."""
        if at_ms > self.last_activity_ms:
            self.last_activity_ms = at_ms

    # -- release assistance -----------------------------------------------------------------------
    def begin(self) -> None:
        """Be the bearer of a new connection: what was said in the last one no longer counts."""
        self.link_is_up = True
        self._response_ends = False
        self.may_release_early = not self._assisted

    def assist(self, said: int | None) -> None:
        """Take what the device says of what follows (TS 24.301 9.9.4.25, TS 36.321 6.1.3.1)."""
        if said is None and not self._assisted:
            return
        self._assisted = True
        self._response_ends = said == ONE_RESPONSE
        self._may_release_early(said == NO_MORE_DATA)

    def _may_release_early(self, early: bool) -> None:
        self.may_release_early = early
        if early and self.on_assistance is not None:
            self.on_assistance()

    def _is_lost(self, datagram: Datagram) -> bool:
        # any lost fragment loses the datagram
        loss = self._camping.profile.datagram_loss
        draw = self._random.random()
        return draw < (loss if datagram.fragments == 1 else 1 - (1 - loss) ** datagram.fragments)

    # -- downlink ---------------------------------------------------------------------------------
    def send_down(self, datagram: Datagram, again: bool = False) -> None:
        """Put a downlink datagram on the air; ``again``: a retransmission, booked already."""
        profile = self._camping.profile
        now = self._queue.now_ms
        if len(self.down) >= profile.enb_packets:
            datagram.close(now, DROPPED, "dropped", ENB_FULL, len(self.down))
            return
        latency_ms = profile.rtt_ms // 2 * profile.ce_factor
        if profile.connected_drx_ms:
            latency_ms += int(self._random.random() * profile.connected_drx_ms)
        octets = datagram.octets
        air_ms = octets * 8 * profile.ce_factor // profile.downlink_kbps
        at = max(now + latency_ms, self._last_down_ms) + air_ms
        self._last_down_ms = at
        self.touch(at)
        if not again:
            self._ledger.add_downlink(now, len(datagram.payload), octets)
        self.down.append((datagram, self._queue.at(at, self._arrive_down)))
        if self._response_ends:
            self._response_ends = False
            self._may_release_early(True)

    def _arrive_down(self) -> None:
        datagram, _ = self.down.popleft()
        now = self._queue.now_ms
        if self._is_lost(datagram):
            datagram.close(now, DROPPED, "dropped", "lost on the air (residual loss)")
        else:
            datagram.close(now, DELIVERED, "delivered", "handed to the modem")
            if datagram.carries is not None:
                self._reach_stack(datagram)
                return
            listener = self._activity.listener
            if listener is not None:
                listener.datagram_arrived(
                    datagram.payload,
                    datagram.source_host,
                    datagram.source_port,
                    datagram.destination_port,
                )

    # -- uplink -----------------------------------------------------------------------------------
    def send_up(self, datagram: Datagram) -> None:
        """Put an uplink datagram on the air."""
        profile = self._camping.profile
        now = self._queue.now_ms
        if len(self._up) >= profile.uplink_packets:
            datagram.close(now, DROPPED, "dropped", MODEM_FULL, len(self._up))
            return
        octets = datagram.octets
        air_ms = octets * 8 * profile.ce_factor // profile.uplink_kbps
        at = max(now + profile.rtt_ms // 2 * profile.ce_factor, self._last_up_ms) + air_ms
        self._last_up_ms = at
        self.touch(at)
        self._ledger.add_uplink(now, len(datagram.payload), octets, air_ms)
        datagram.notes.append((now, "transmitted", "on the air", ()))
        self._up.append((datagram, self._queue.at(at, self._arrive_up)))
        self.assist(datagram.release_assistance)

    def _arrive_up(self) -> None:
        datagram, _ = self._up.popleft()
        now = self._queue.now_ms
        if self._is_lost(datagram):
            datagram.close(now, DROPPED, "dropped", "lost on the air (residual loss)")
        else:
            datagram.close(now, DELIVERED, "delivered", "left the core network")
            self._leave_core(datagram)
