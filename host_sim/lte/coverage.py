"""Coverage enhancement (CE) levels: how often cell and UE repeat what they send, by RSRP.

TS 36.321 5.1.1: the UE takes the level whose thresholds (rsrp-ThresholdsPrachInfoList, TS 36.331)
its RSRP falls below; S criterion, TS 36.304 5.2.3.2: no cell below q-RxLevMin.
"""

from typing import NamedTuple

REPETITIONS = (1, 4, 16)
"""How many times longer radio steps take in levels 0, 1 and 2. Engineering default; a commercial
NB-IoT cell repeats a preamble 2, 8, 32 times (see ``COVERAGE``)."""

DEEPEST = len(REPETITIONS) - 1

WEAKEST_DBM, STRONGEST_DBM = -156, -31
"""What can be reported (TS 36.133 9.1.4, with the ranges added later)."""


LOWEST_FLOOR_DBM = -140
"""q-RxLevMin goes no lower."""


class Coverage(NamedTuple):
    """The limits of one access."""

    thresholds_dbm: tuple[int, ...]
    """RSRP below the first: level 1, below the second: level 2. Empty: no such levels."""
    floor_dbm: int
    """No coverage below."""

    def level(self, rsrp_dbm: float) -> int:
        """Return the coverage level at an RSRP."""
        return sum(rsrp_dbm < threshold for threshold in self.thresholds_dbm)


COVERAGE = {
    # SIB2 of a commercial NB-IoT cell ("A Glimpse of the SIB2 of a Commercially-deployed NB-IoT
    # eNodeB", 2019): rsrp-ThresholdsPrachInfoList 33, 23 and q-RxLevMin -70, which stand for
    # -140 + 33, -140 + 23 and -70 * 2 dBm (TS 36.331, RSRP-Range and Q-RxLevMin).
    "nb-iot": Coverage((-107, -117), -140),
    # Engineering default: the same thresholds. The floors are as much higher as the maximum
    # coupling losses are smaller: 164 dB (TR 45.820) against 155.7 and 140.7 dB (TR 36.888).
    "cat-m1": Coverage((-107, -117), -132),
    "lte": Coverage((), -117),
}
"""The limits by access, unless a profile has others."""


def coverage_of(
    access: str, thresholds_dbm: tuple[int, ...] | None, floor_dbm: int | None
) -> Coverage:
    """Return an access's limits with some of them replaced. Raises ValueError."""
    usual = COVERAGE.get(access, COVERAGE["lte"])
    if thresholds_dbm is None:
        thresholds_dbm = usual.thresholds_dbm
    numbers = all(isinstance(threshold, int | float) for threshold in thresholds_dbm)
    falling = numbers and sorted(thresholds_dbm, reverse=True) == list(thresholds_dbm)
    if len(thresholds_dbm) > DEEPEST or not falling:
        raise ValueError(f"ce_thresholds_dbm {thresholds_dbm}: up to two, the higher one first")
    if floor_dbm is None:
        floor_dbm = usual.floor_dbm
    if not isinstance(floor_dbm, int | float) or not LOWEST_FLOOR_DBM <= floor_dbm < 0:
        raise ValueError(f"rsrp_floor_dbm {floor_dbm}: {LOWEST_FLOOR_DBM} or more is needed")
    return Coverage(tuple(thresholds_dbm), floor_dbm)
