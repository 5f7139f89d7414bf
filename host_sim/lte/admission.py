"""Whether a network takes a UE, and gives it a data connection: who is asked, in which order.

The home core is asked first, as a visited network does: ``attach`` and ``session`` are what it
says, handed in (``host_sim.world`` asks the cloud). Then the core's own protection against devices
that attach too often, then what the visited network's profile says.
"""

from collections import deque
from collections.abc import Callable, Collection
from random import Random

from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.refusals import HOME, Refusal, attach_refusal, session_refusal
from ip_commands.host_sim.lte.steering import Steering
from ip_commands.host_sim.time.event_queue import EventQueue

CONGESTION = 22
UNKNOWN_APN = 27

ATTACH_RATE_LIMITED = 83703
"""The service's own code for too many attaches."""

_HOUR_MS = 3_600_000


class Admission:
    """One network's, for all its UEs; ICCIDs name them."""

    def __init__(self, queue: EventQueue, apns: Collection[str] | None) -> None:
        self._queue = queue
        self._apns = apns
        """Those accepted; None: every one."""
        self.attach: Callable[[str, Profile], Refusal | None] | None = None
        """What the home core says to an attach of an ICCID in a network; None: always yes."""
        self.session: Callable[[str, Profile], Refusal | None] | None = None
        """What it says to a data connection."""
        self.allowance_bytes: Callable[[str], int | None] | None = None
        """How much a data connection that begins may carry; None: no limit."""
        self.steering: Steering | None = None
        """Where the home core wants its devices; None: anywhere."""
        self._attaches: dict[str, deque[int]] = {}
        """When each limited device was last admitted or refused, one hour back."""

    def decide_attach(self, iccid: str, profile: Profile, random: Random) -> Refusal | None:
        """Return None for yes, or the reject."""
        if self.attach is not None:
            refusal = self.attach(iccid, profile)
            if refusal is not None:
                return refusal
        if self.steering is not None:
            refusal = self.steering.decide_attach(iccid, profile)
            if refusal is not None:
                return refusal
        if profile.attaches_per_hour is not None and self._too_many(iccid, profile):
            return attach_refusal(
                CONGESTION,
                f"more than {profile.attaches_per_hour} attaches in an hour, attaches_per_hour",
                HOME,
                profile.t3346_s,
                ATTACH_RATE_LIMITED,
            )
        if profile.attach_reject is not None:
            reason = "the visited network refuses every attach, attach_reject"
            return attach_refusal(profile.attach_reject, reason, back_off_s=profile.t3346_s)
        if profile.congestion and random.random() < profile.congestion:
            reason = f"congestion, chance {profile.congestion:g}"
            return attach_refusal(CONGESTION, reason, back_off_s=profile.t3346_s)
        return None

    def decide_session(self, iccid: str, profile: Profile, apn: str) -> Refusal | None:
        """Return None for yes, or the reject."""
        if self._apns is not None and apn not in self._apns:
            return session_refusal(UNKNOWN_APN, f"there is no APN {apn!r}", HOME)
        if self.session is not None:
            refusal = self.session(iccid, profile)
            if refusal is not None:
                return refusal
        if profile.session_reject is not None:
            reason = "the visited network refuses every data connection, session_reject"
            return session_refusal(profile.session_reject, reason, back_off_s=profile.t3396_s)
        return None

    def _too_many(self, iccid: str, profile: Profile) -> bool:
        now = self._queue.now_ms
        limit = profile.attaches_per_hour or 0
        times = self._attaches.setdefault(iccid, deque())
        while times and times[0] <= now - _HOUR_MS:
            times.popleft()
        if len(times) >= limit:
            return True
        times.append(now)
        return False
