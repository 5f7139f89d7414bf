"""Steering of roaming by the home core: it refuses networks that it does not prefer, for a while.

How home networks do it by signalling: an attach elsewhere is refused so many times that the
device selects another network, and then let in, for it may have no other (GSMA IR.73). Which cause
and how many times are the operator's own; the defaults make a device use up its five tries (TS
24.301 5.5.1.2.6). Engineering default.
"""

from collections.abc import Iterable

from ip_commands.host_sim.lte.emm_causes import GO_ON, emm_cause
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.refusals import HOME, Refusal, attach_refusal
from ip_commands.host_sim.lte.sim_networks import check_plmn
from ip_commands.host_sim.lte.value_kinds import is_whole

MAX_COUNTED = 100_000
"""SIMs and networks that it counts for, then the oldest is forgotten."""


class Steering:
    """One home core's. preferred: PLMNs it likes; a device in another is refused ``times`` times.

    cause: of these rejects. Raises ValueError.
    """

    def __init__(self, preferred: Iterable[str], cause: int = 17, times: int = 5) -> None:
        if emm_cause(cause).reaction == GO_ON:
            raise ValueError(f"steering with {emm_cause(cause)}: a device goes on, refused or not")
        if not is_whole(times) or times < 1:
            raise ValueError(f"steering {times!r} times: 1 or more are needed")
        self.preferred = frozenset(check_plmn(plmn) for plmn in preferred)
        if not self.preferred:
            raise ValueError("steering needs a preferred network")
        self.cause = cause
        self.times = times
        self._refused: dict[tuple[str, str], int] = {}

    def decide_attach(self, iccid: str, profile: Profile) -> Refusal | None:
        """Return None for yes, or the reject."""
        key = (iccid, profile.plmn)
        if profile.plmn in self.preferred:
            return None
        refused = self._refused.pop(key, 0)
        if refused >= self.times:
            return None  # it has no other
        if len(self._refused) >= MAX_COUNTED:
            del self._refused[next(iter(self._refused))]
        self._refused[key] = refused + 1
        reason = f"steering of roaming, {refused + 1} of {self.times}: others are preferred"
        return attach_refusal(self.cause, reason, HOME)
