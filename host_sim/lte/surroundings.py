"""Which networks reach one device, over time: where it is, and each network's outages there."""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from ip_commands.host_sim.lte.plmn_selection import Offer
from ip_commands.host_sim.lte.visited_network import VisitedNetwork, check_outages
from ip_commands.host_sim.time.event_queue import Event, EventQueue

Route = Sequence[tuple[float, Sequence[str]]]
"""(seconds from now, names of the networks that reach the device from then on)."""


class Surroundings:
    """One device's. Outages count from ``begin_ms``, when the run began.

    Raises ValueError for two networks of one name or PLMN, or for none.
    """

    __slots__ = (
        "_begin_ms",
        "_event",
        "_here",
        "_known",
        "_outages",
        "_queue",
        "_route_events",
        "on_change",
    )

    def __init__(
        self, queue: EventQueue, begin_ms: int, networks: Iterable[VisitedNetwork]
    ) -> None:
        self._queue = queue
        self._begin_ms = begin_ms
        self._known: dict[str, VisitedNetwork] = {}
        self._outages: dict[str, tuple[tuple[float, float], ...]] = {}
        self._here: tuple[str, ...] = ()
        self._event: Event | None = None
        self._route_events: list[Event] = []
        self.on_change: Callable[[], None] | None = None
        """Called when another set of networks may reach the device."""
        for network in networks:
            self.know(network)
        if not self._known:
            raise ValueError("a device among networks needs one at least")
        self._here = tuple(self._known)
        self._expect_change()

    @property
    def names(self) -> tuple[str, ...]:
        """Every network that it may meet."""
        return tuple(self._known)

    @property
    def here(self) -> tuple[str, ...]:
        """Those where it is, outages or not."""
        return self._here

    @property
    def networks(self) -> tuple[VisitedNetwork, ...]:
        return tuple(self._known.values())

    def know(self, network: VisitedNetwork) -> None:
        """Let the device meet another network, from where it is told to go there."""
        for known in self._known.values():
            if known.name == network.name or known.plmn == network.plmn:
                raise ValueError(
                    f"network {network.name}, PLMN {network.plmn}: there is already "
                    f"{known.name} with {known.plmn}; give each its own"
                )
        self._known[network.name] = network
        self._outages[network.name] = network.outages

    def offers(self) -> list[Offer]:
        """Return every cell that the device hears now."""
        return [
            Offer(name, cell, self._known[name].equivalent)
            for name in self._here
            if self._is_on(name)
            for cell in self._known[name].cells
        ]

    def hears(self, plmn: str, access: str) -> bool:
        """Return whether the network reaches the device now."""
        return any(offer.key == (plmn, access) for offer in self.offers())

    def _is_on(self, name: str) -> bool:
        at_ms = self._queue.now_ms - self._begin_ms
        return not any(a * 1000 <= at_ms < b * 1000 for a, b in self._outages[name])

    # -- over time --------------------------------------------------------------------------------
    def set_outages(self, name: str, outages: Iterable[tuple[float, float]]) -> None:
        """Give a network other outages where this device is. Raises ValueError."""
        self._check([name])
        self._outages[name] = check_outages(outages)
        self._changed()

    def go(self, names: Sequence[str]) -> None:
        """Be where these networks, and no others, reach the device. Raises ValueError."""
        self._check(names)
        self._stay()
        self._be(tuple(names))

    def follow(self, route: Route) -> None:
        """Go along a timetable, instead of any before. Raises ValueError."""
        for after_s, names in route:
            self._check(names)
            if after_s < 0:
                raise ValueError(f"route: {after_s} s: 0 or more seconds from now are needed")
        self._stay()
        self._route_events = [
            self._queue.after(int(after_s * 1000), self._be, tuple(names))
            for after_s, names in route
        ]

    def wander(self, random: Random, least_s: float, most_s: float) -> None:
        """Go somewhere else again and again, to one network each, after a random time.

        Raises ValueError.
        """
        if not 0 < least_s <= most_s:
            raise ValueError(f"wander: from {least_s} to {most_s} s: two times above 0, in order")
        self._stay()
        self._wander_on(random, least_s, most_s)

    def _wander_on(self, random: Random, least_s: float, most_s: float) -> None:
        after_ms = int(1000 * (least_s + (most_s - least_s) * random.random()))
        event = self._queue.after(after_ms, self._wander, random, least_s, most_s)
        self._route_events = [event]

    def _wander(self, random: Random, least_s: float, most_s: float) -> None:
        elsewhere = [name for name in self._known if (name,) != self._here]
        self._wander_on(random, least_s, most_s)
        if elsewhere:
            self._be((random.choice(elsewhere),))

    def end(self) -> None:
        """Change no more."""
        self._stay()
        self.on_change = None
        if self._event is not None:
            self._event.cancel()
            self._event = None

    def _stay(self) -> None:
        for event in self._route_events:
            event.cancel()
        self._route_events = []

    def _be(self, names: tuple[str, ...]) -> None:
        self._here = names
        self._changed()

    def _check(self, names: Sequence[str]) -> None:
        for name in names:
            if name not in self._known:
                raise ValueError(
                    f"no network {name!r} for it; there are: {', '.join(self._known)}"
                )

    def _changed(self) -> None:
        self._expect_change()
        if self.on_change is not None:
            self.on_change()

    def _expect_change(self) -> None:
        """Wait for the next beginning or end of an outage."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
        at_ms = self._queue.now_ms - self._begin_ms
        times = [int(time * 1000) for ends in self._outages.values() for o in ends for time in o]
        later = [time for time in times if time > at_ms]
        if later:
            self._event = self._queue.at(self._begin_ms + min(later), self._changed)
