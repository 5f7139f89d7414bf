"""Access barring: a cell lets not every UE in that has something to say (36.331 5.3.3.11)."""

from collections.abc import Callable
from random import Random

from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.time.event_queue import Event, EventQueue


class AccessBarring:
    """One UE's: whether it may connect now, and when it asks again."""

    __slots__ = ("_camping", "_event", "_let_in", "_queue", "_random", "_signalling_only")

    def __init__(
        self,
        queue: EventQueue,
        random: Random,
        camping: Camping,
        let_in: Callable[[bool], None],
    ) -> None:
        self._queue = queue
        self._random = random
        self._camping = camping
        self._let_in = let_in
        """Called when barring is over, with whether it is all about signalling."""
        self._event: Event | None = None
        self._signalling_only = False

    def wait_ms(self) -> int:
        """Return for how long an access is put off, by the dice; 0: the cell lets it in."""
        profile = self._camping.profile
        total_ms = 0
        while profile.ac_barring_factor < 1 and self._random.random() >= profile.ac_barring_factor:
            # T303, T305: (0.7 + 0.6 * rand) * ac-BarringTime
            total_ms += int((0.7 + 0.6 * self._random.random()) * profile.ac_barring_s * 1000)
        return total_ms

    def puts_off(self, signalling_only: bool) -> bool:
        """Return whether an access has to wait; it is then made when that is over."""
        if self._event is not None:
            self._signalling_only = self._signalling_only and signalling_only
            return True
        wait_ms = self.wait_ms()
        if not wait_ms:
            return False
        self._signalling_only = signalling_only
        self._event = self._queue.after(wait_ms, self._over)
        return True

    def _over(self) -> None:
        self._event = None
        self._let_in(self._signalling_only)

    def stop(self) -> None:
        """Have nothing to say any more."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
