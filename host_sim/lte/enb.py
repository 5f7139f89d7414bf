"""The eNB's side of one UE's connection: when it lets the UE go, and what it holds until then.

An eNB does not see at once that a UE is gone. It goes on taking downlink data over S1, until its
own retransmissions were in vain for long enough or the UE was silent for the inactivity time; only
then it asks for S1 release, and what it held is lost. If the UE comes back before that and
re-establishes the connection (TS 36.331 5.3.7), it gets what was held.
"""

from typing import Protocol

from ip_commands.host_sim.lte.bearer import ENB_FULL, RadioBearer
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.datagram import DROPPED, Datagram
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class S1(Protocol):
    """The core network behind the eNB: what it learns of the connection."""

    def signalling(self) -> None:
        """Take the UE as connected, without user plane."""
        ...

    def connected(self) -> None:
        """Take the UE as connected, with user plane."""
        ...

    def released(self, unheard: bool = False) -> None:
        """Take the UE as idle; ``unheard``: it was not there to be told."""
        ...

    def contact_lost(self) -> None:
        """Give up a contact that was being set up."""
        ...


class Connection(Protocol):
    """The UE's end."""

    def release_if_quiet(self) -> bool:
        """Release a UE that hears it; False: it is busy, and its activity counts from now."""
        ...


class BaseStation:
    """One UE's context in its eNB. ``core`` is joined once it exists."""

    __slots__ = (
        "_bearer",
        "_camping",
        "_give_up_event",
        "_held",
        "_inactivity_event",
        "_queue",
        "_ue",
        "core",
        "has_context",
        "heard_level",
    )

    core: S1

    def __init__(
        self,
        queue: EventQueue,
        camping: Camping,
        bearer: RadioBearer,
        ue: Connection,
    ) -> None:
        self._queue = queue
        self._camping = camping
        self._bearer = bearer
        bearer.on_assistance = self._hear_assistance
        self._ue = ue
        self.has_context = False
        """Whether the core takes the UE as connected; the UE may be gone."""
        self.heard_level = 0
        """The CE level in which the UE was last heard: core and eNB remember it for paging
        (TS 36.413, Cell Identifier and Coverage Enhancement Level)."""
        self._held: list[Datagram] = []
        """Downlink datagrams that wait for a link."""
        self._inactivity_event: Event | None = None
        self._give_up_event: Event | None = None

    @property
    def held(self) -> list[Datagram]:
        """Downlink datagrams that wait for a link that was lost, oldest first."""
        return list(self._held)

    # -- context ----------------------------------------------------------------------------------
    def take(self) -> None:
        """Have the UE on a new connection; an old context of it, with what it held, is gone."""
        if self.has_context:
            self.drop_context("the device came back on a new connection")
        self.has_context = True
        self._bearer.begin()

    def drop_context(self, reason: str) -> None:
        """Forget the UE; the core knows already."""
        if self.has_context and self._bearer.link_is_up:
            self.heard_level = self._camping.profile.coverage_level
        self.has_context = False
        if self._inactivity_event is not None:
            self._inactivity_event.cancel()
            self._inactivity_event = None
        if self._give_up_event is not None:
            self._give_up_event.cancel()
            self._give_up_event = None
        if self._held or self._bearer.down:
            self.lose_downlink(reason)

    def lose_downlink(self, reason: str) -> None:
        """Drop what is on its way to the UE."""
        now = self._queue.now_ms
        lost = [*self._bearer.take_back_down(), *self._held]
        self._held.clear()
        for datagram in lost:
            datagram.close(now, DROPPED, "dropped", "{0}", reason)

    # -- downlink ---------------------------------------------------------------------------------
    def hold(self, datagram: Datagram) -> None:
        """Keep a datagram that came over S1 while there is no link to send it on."""
        now = self._queue.now_ms
        if len(self._held) >= self._camping.profile.enb_packets:
            datagram.close(now, DROPPED, "dropped", ENB_FULL, len(self._held))
            return
        datagram.notes.append((now, "held", _HELD, ()))
        self._held.append(datagram)
        self._expect_vain_retransmissions()

    # -- inactivity -------------------------------------------------------------------------------
    def expect_inactivity(self) -> None:
        """(Re)arm the release; while it is armed, activity only moves its due time."""
        event, due_ms = self._inactivity_event, self._release_at_ms()
        if event is not None and event.at_ms > due_ms:  # release assistance
            event.cancel()
            event = None
        if event is None:
            self._inactivity_event = self._queue.at(due_ms, self._inactive)

    def _release_at_ms(self) -> int:
        profile, bearer = self._camping.profile, self._bearer
        early = profile.as_rai and bearer.may_release_early
        return bearer.last_activity_ms + (
            profile.as_rai_ms if early else profile.rrc_inactivity_ms
        )

    def _hear_assistance(self) -> None:
        if self._inactivity_event is not None:
            self.expect_inactivity()

    def _inactive(self) -> None:
        self._inactivity_event = None
        if not self.has_context:
            return
        if self._queue.now_ms < self._release_at_ms():
            self.expect_inactivity()
        elif not self._bearer.link_is_up:
            self._release_unheard("the eNB released it for inactivity")
        elif not self._ue.release_if_quiet():
            self._bearer.touch(self._queue.now_ms)
            self.expect_inactivity()

    # -- a link that is lost ----------------------------------------------------------------------
    def link_lost(self, was_busy: bool) -> None:
        """Go on without knowing that nobody hears; ``was_busy``: NAS messages are in vain, too."""
        bearer = self._bearer
        bearer.link_is_up = False
        if not self.has_context:
            return
        now = self._queue.now_ms
        for datagram in bearer.take_back_down():
            datagram.notes.append((now, "held", _HELD, ()))
            self._held.append(datagram)
        if self._held or was_busy or self._inactivity_event is None:
            self._expect_vain_retransmissions()

    def link_is_back(self) -> None:
        """Retransmit: the UE re-established its connection, or it was a short fade."""
        if self._give_up_event is not None:
            self._give_up_event.cancel()
            self._give_up_event = None
        self._bearer.link_is_up = True
        self._bearer.touch(self._queue.now_ms)
        held, self._held = self._held, []
        for datagram in held:
            self._bearer.send_down(datagram, again=True)

    def _expect_vain_retransmissions(self) -> None:
        if self._give_up_event is None:
            gives_up_ms = self._camping.profile.enb_gives_up_ms
            self._give_up_event = self._queue.after(gives_up_ms, self._give_up)

    def _give_up(self) -> None:
        self._give_up_event = None
        if self.has_context:
            self._release_unheard("the eNB retransmitted in vain and released it")

    def _release_unheard(self, why: str) -> None:
        """S1 release of a UE that is not there: what was sent to the eNB is lost in it."""
        self.drop_context(f"lost in the eNB: the radio link had failed unnoticed, then {why}")
        self.core.released(unheard=True)


_HELD = "the radio link is lost, which the network does not know: the eNB holds it"
