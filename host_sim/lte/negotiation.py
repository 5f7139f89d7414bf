"""What the network grants of what a UE asked for: eDRX cycle and PSM timers, at attach and TAU.

TS 24.301 5.5.1.2.4 and 5.5.3.2.4: the accept message carries the values; without them the feature
is not used.
"""

from typing import NamedTuple

from ip_commands.host_sim.lte import edrx_codes, psm
from ip_commands.host_sim.lte.profiles import IGNORE, REFUSE, SHORTEN, Profile


class EdrxGrant(NamedTuple):
    """Granted eDRX; ``bits`` is (requested, granted, paging time window)."""

    bits: tuple[str, str, str]
    cycle_ms: int
    ptw_ms: int


class PsmGrant(NamedTuple):
    """Granted PSM; ``bits`` is (T3412 extended, T3324)."""

    bits: tuple[str, str]
    t3412_ms: int
    t3324_ms: int


def grant_edrx(profile: Profile, requested: str | None, mode: str) -> EdrxGrant | None:
    """Return the eDRX parameters of an accept message, None when it carries none."""
    if requested is None or profile.edrx_policy == REFUSE or not profile.edrx_allowed:
        return None
    asked_ms = edrx_codes.decode_edrx(requested, mode)
    longest_ms = edrx_codes.decode_edrx(profile.edrx_longest, mode)
    granted = requested
    if profile.edrx_policy == IGNORE or (profile.edrx_policy == SHORTEN and asked_ms > longest_ms):
        granted = profile.edrx_longest
    cycle_ms = edrx_codes.decode_edrx(granted, mode)
    ptw = profile.ptw
    while edrx_codes.decode_ptw(ptw, mode) > cycle_ms:
        ptw = f"{int(ptw, 2) - 1:04b}"
    return EdrxGrant((requested, granted, ptw), cycle_ms, edrx_codes.decode_ptw(ptw, mode))


def grant_psm(profile: Profile, requested: tuple[str, str] | None) -> PsmGrant | None:
    """Return the PSM timers of an accept message, None when PSM is not used.

    A deactivated T3324 is a request without PSM; a deactivated T3412 gets the network's own value.
    """
    if requested is None or profile.psm_policy == REFUSE:
        return None
    asked_active_s = psm.decode_t3324(requested[1])
    if asked_active_s is None:
        return None
    asked_period_s = psm.decode_t3412(requested[0])
    longest_period_s = psm.decode_t3412(profile.psm_longest[0])
    longest_active_s = psm.decode_t3324(profile.psm_longest[1])
    if longest_period_s is None or longest_active_s is None:
        raise ValueError(f"psm_longest {profile.psm_longest}: both timers must run")
    period, active = requested
    own = profile.psm_policy == IGNORE
    shorten = profile.psm_policy == SHORTEN
    if own or asked_period_s is None or (shorten and asked_period_s > longest_period_s):
        period = profile.psm_longest[0]
    if own or (shorten and asked_active_s > longest_active_s):
        active = profile.psm_longest[1]
    period_s, active_s = psm.decode_t3412(period), psm.decode_t3324(active)
    if not period_s or active_s is None:
        return None
    return PsmGrant((period, active), period_s * 1000, active_s * 1000)
