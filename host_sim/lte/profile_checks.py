"""What each parameter of a profile can be: kind and range, checked when it is given.

A wrong one is refused with a sentence, wherever it comes from: code, a file or the web. So no
number that cannot be meets the simulation later, and time cannot stand still in it.
"""

from collections.abc import Callable
from typing import Any

from ip_commands.host_sim.lte import psm
from ip_commands.host_sim.lte.coverage import STRONGEST_DBM, WEAKEST_DBM
from ip_commands.host_sim.lte.emm_causes import emm_cause
from ip_commands.host_sim.lte.esm_causes import esm_cause
from ip_commands.host_sim.lte.paging import PagingConfig, occasion
from ip_commands.host_sim.lte.sim_networks import ACCESSES, check_plmn
from ip_commands.host_sim.lte.value_kinds import (
    Check,
    bits,
    chance,
    chance_above_0,
    hexadecimal,
    lengths,
    number,
    one_of,
    optional,
    text,
    whole,
    yes_or_no,
)

POLICIES = ("grant", "shorten", "ignore", "refuse")
_H_SFN_CYCLE_MS = 10_485_760


def _timers(value: Any) -> str | None:
    right = isinstance(value, list | tuple) and len(value) == 2
    if right and not any(bits(8)(one) for one in value):
        return None
    return "two texts of eight bits are needed, T3412 extended and T3324"


def _running_timers(value: Any) -> str | None:
    wrong = _timers(value)
    if wrong is None and (
        psm.decode_t3412(value[0]) is None or psm.decode_t3324(value[1]) is None
    ):
        return "both timers must run"
    return wrong


def _plmn(value: Any) -> str | None:
    return _refused(check_plmn, value)


def _emm_cause(value: Any) -> str | None:
    return _refused(emm_cause, value)


def _esm_cause(value: Any) -> str | None:
    return _refused(esm_cause, value)


def _refused(call: Callable[[Any], object], value: Any) -> str | None:
    try:
        call(value)
    except ValueError as error:
        return str(error).rpartition(": ")[2]
    return None


def _paging(value: Any) -> str | None:
    if not isinstance(value, PagingConfig):
        return "a PagingConfig is needed"
    kinds: tuple[Any, ...] = (str, int, str, (int, float), str, int, bool)
    if not all(isinstance(one, kind) for one, kind in zip(value, kinds, strict=True)):
        return "a PagingConfig of other kinds of values is needed"
    return None


def _thresholds(value: Any) -> str | None:
    limits = number(WEAKEST_DBM, STRONGEST_DBM)
    right = isinstance(value, list | tuple) and not any(map(limits, value))
    return None if right else "up to two numbers of dBm, the higher one first, are needed"


_FLAG, _COUNT, _LENGTH, _WAIT = yes_or_no, whole(1), whole(0), whole(1)

CHECKS: dict[str, Check] = {
    "name": text,
    "access": one_of(ACCESSES),
    "paging": _paging,
    "edrx_allowed": _FLAG,
    "cell_offset_ms": whole(-_H_SFN_CYCLE_MS, _H_SFN_CYCLE_MS),
    "plmn": _plmn,
    "tac": hexadecimal(4),
    "cell_id": hexadecimal(8),
    "registration": one_of((1, 5)),
    "rsrp_dbm": number(WEAKEST_DBM, STRONGEST_DBM),
    "rsrq_db": number(-34, 2.5),  # TS 36.133 9.1.7
    "mtu_bytes": whole(68, 65_535),  # RFC 791
    "ue_cycle_frames": optional(whole(1)),
    "requested_edrx": optional(bits(4)),
    "requested_psm": optional(_timers),
    "edrx_policy": one_of(POLICIES),
    "edrx_longest": bits(4),
    "ptw": bits(4),
    "psm_policy": one_of(POLICIES),
    "psm_longest": _running_timers,
    "hlcom": _FLAG,
    "hlcom_margin_s": _LENGTH,
    "hlcom_packets": _COUNT,
    "hlcom_windows": _COUNT,
    "page_at_next_ptw_without_hlcom": _FLAG,
    "t3413_ms": _WAIT,
    "pages": _COUNT,
    "sgw_packets": _COUNT,
    "sgw_drop_s": _LENGTH,
    "keep_after_failed_page": _FLAG,
    "mme_clock_error_ms": whole(-_H_SFN_CYCLE_MS, _H_SFN_CYCLE_MS),
    "core_delay_ms": _LENGTH,
    "t3412_s": _WAIT,
    "mobile_reachable_extra_s": _LENGTH,
    "implicit_detach_s": _LENGTH,
    "reallocate_guti_at_tau": _FLAG,
    "nat_udp_idle_s": _LENGTH,
    "attach_reject": optional(_emm_cause),
    "session_reject": optional(_esm_cause),
    "barred_cause": _emm_cause,
    "congestion": chance,
    "attaches_per_hour": optional(_COUNT),
    "t3346_s": optional(_WAIT),
    "t3396_s": optional(_WAIT),
    "t3411_s": _WAIT,
    "t3402_s": _WAIT,
    "attach_attempts": _COUNT,
    "session_max_s": optional(_WAIT),
    "session_end_cause": _esm_cause,
    "ac_barring_factor": chance_above_0,
    "ac_barring_s": whole(1, 512),
    "page_miss": chance,
    "connect_ms": lengths(1),
    "rtt_ms": _LENGTH,
    "n310": whole(1, 20),
    "t310_ms": _LENGTH,
    "t311_ms": _LENGTH,
    "reestablish_ms": _LENGTH,
    "enb_gives_up_ms": _WAIT,
    "enb_packets": _COUNT,
    "connected_drx_ms": _LENGTH,
    "rrc_inactivity_ms": _WAIT,
    "as_rai": _FLAG,
    "as_rai_ms": _WAIT,
    "attach_ms": lengths(1),
    "pdp_ms": _LENGTH,
    "tau_ms": _LENGTH,
    "ce_level": optional(one_of((0, 1, 2))),
    "ce_thresholds_dbm": optional(_thresholds),
    "rsrp_floor_dbm": optional(number(WEAKEST_DBM, STRONGEST_DBM)),
    "mpdcch_repetitions": one_of(tuple(2**power for power in range(9))),
    "datagram_loss": chance,
    "downlink_kbps": _COUNT,
    "uplink_kbps": _COUNT,
    "uplink_packets": _COUNT,
}
"""By parameter. Lengths that something is waited for are 1 at least: time has to pass."""


def check(profile: Any) -> None:
    """Raise ValueError, naming the parameter and what is needed, for one that cannot be."""
    for name, needed in CHECKS.items():
        value = getattr(profile, name)
        wrong = needed(value)
        if wrong is not None:
            raise ValueError(f"{name} {value!r}: {wrong}")
    try:
        occasion("", profile.paging, profile.ue_cycle_frames)
    except ValueError as error:
        raise ValueError(f"paging: {error}") from None
