"""What a UE remembers of refused attaches: where it may not try, and when it may try again.

TS 24.301 5.3.1 to 5.3.7b, 5.5.1.2.5, 5.5.1.2.6. The SIM keeps its forbidden networks; everything
else ends with a switch-off, T3346 excepted (TS 24.301 5.3.9).
"""

from random import Random
from typing import NamedTuple, TypeVar

from ip_commands.host_sim.lte import emm_causes
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.sim_networks import SimNetworks

_K = TypeVar("_K")
_V = TypeVar("_V")

MAX_FORBIDDEN = 40
"""Entries of each list, then the oldest goes; TS 24.301 5.3.2 asks for 40 tracking areas."""

AREAS_FORGOTTEN_MS = (12 * 3_600_000, 24 * 3_600_000)
"""Forbidden tracking areas are erased after 12 to 24 hours (TS 24.301 5.3.2)."""


class Bar(NamedTuple):
    """Why a UE does not try to attach, and until when; None: until it is switched off or told."""

    cause: int
    until_ms: int | None


class AttachAttempts:
    """One UE's."""

    __slots__ = (
        "_failures",
        "_forbidden_areas",
        "_forbidden_for_data",
        "_forbidden_plmns",
        "_homes",
        "_not_before_ms",
        "gave_up",
        "invalid_cause",
    )

    def __init__(self, sim: SimNetworks | None = None) -> None:
        self._failures = 0
        self.gave_up = False
        """The last reject was the last of its tries: T3402 runs."""
        self.invalid_cause: int | None = None
        """Why the SIM counts as invalid; None: it does not."""
        self._not_before_ms = 0
        """T3346."""
        self._forbidden_plmns: dict[str, int] = {} if sim is None else sim.forbidden
        self._homes = () if sim is None else sim.homes
        self._forbidden_for_data: dict[str, int] = {}
        self._forbidden_areas: dict[tuple[str, str], Bar] = {}
        """By PLMN and TAC."""

    def switched_off(self) -> None:
        """Forget what does not survive that."""
        self._failures = 0
        self.invalid_cause = None
        self._forbidden_for_data.clear()
        self._forbidden_areas.clear()

    def clear_forbidden(self) -> None:
        """Empty the SIM's list of forbidden networks, as a host can (EF-FPLMN)."""
        self._forbidden_plmns.clear()

    def new_network(self) -> None:
        """Count anew where another network is selected; T3346 was that of the last."""
        self._failures = 0
        self._not_before_ms = 0

    def accepted(self, profile: Profile) -> None:
        """Begin anew: the network said yes."""
        self._failures = 0
        self._not_before_ms = 0
        self._forbidden_plmns.pop(profile.plmn, None)

    def barred_by(self, profile: Profile, now_ms: int) -> Bar | None:
        """Return why the UE does not try in this network and area; None: it may."""
        if self.invalid_cause is not None:
            return Bar(self.invalid_cause, None)
        for forbidden in (self._forbidden_plmns, self._forbidden_for_data):
            if profile.plmn in forbidden:
                return Bar(forbidden[profile.plmn], None)
        bar = self._forbidden_areas.get((profile.plmn, profile.tac))
        return (
            bar if bar is not None and bar.until_ms is not None and now_ms < bar.until_ms else None
        )

    def wait_ms(self, now_ms: int) -> int:
        """Return how long T3346 still runs."""
        return max(0, self._not_before_ms - now_ms)

    def rejected(
        self, refusal: Refusal, profile: Profile, now_ms: int, random: Random
    ) -> int | None:
        """Take a reject; return in how many ms the UE tries here again, None: not by itself."""
        cause, reaction = refusal.cause, emm_causes.emm_cause(refusal.cause).reaction
        self.gave_up = False
        if reaction in emm_causes.FOR_GOOD:
            self._failures = 0
        if reaction == emm_causes.USIM_INVALID:
            self.invalid_cause = cause
            return None
        if reaction == emm_causes.FORBID_PLMN:
            if profile.plmn not in self._homes:  # never on the list (TS 23.122 3.1)
                _remember(self._forbidden_plmns, profile.plmn, cause)
            return None
        if reaction == emm_causes.FORBID_PLMN_FOR_DATA:
            _remember(self._forbidden_for_data, profile.plmn, cause)
            return None
        if reaction == emm_causes.FORBID_AREA:
            length_ms = random.randint(*AREAS_FORGOTTEN_MS)
            area = (profile.plmn, profile.tac)
            _remember(self._forbidden_areas, area, Bar(cause, now_ms + length_ms))
            return length_ms
        if reaction == emm_causes.WAIT_T3346 and refusal.back_off_s is not None:
            self._failures = 0
            self._not_before_ms = now_ms + refusal.back_off_s * 1000
            return refusal.back_off_s * 1000
        self._failures += 1
        if self._failures >= profile.attach_attempts:
            self._failures = 0
            self.gave_up = True
            return profile.t3402_s * 1000
        return 0 if reaction == emm_causes.ATTACH_AGAIN else profile.t3411_s * 1000


def _remember(entries: dict[_K, _V], key: _K, value: _V) -> None:
    entries.pop(key, None)
    if len(entries) >= MAX_FORBIDDEN:
        del entries[next(iter(entries))]
    entries[key] = value
