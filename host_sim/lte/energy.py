"""What radio activity costs in charge: current profiles, and mean currents of idle modes.

``module_currents`` has a table for each module that public figures exist for.

Mean currents are a model fitted to published figures, good for comparing settings, not for the
last ten percent of a battery; boards measure 2 to 10 times apart.
"""

from dataclasses import dataclass
from typing import Protocol

OFF = "off"
SEARCH = "search"
SEARCH_PAUSE = "search pause"
PSM = "psm"
EDRX = "edrx"
DRX = "drx"
CONNECTED = "connected"
TAU = "tau"
TX = "tx"
CAUSES = (OFF, SEARCH, SEARCH_PAUSE, PSM, EDRX, DRX, CONNECTED, TAU, TX)
"""What the ledger books charge under."""


@dataclass(frozen=True, slots=True)
class CurrentProfile:
    """Currents of one module at ``volts``; a user's own measurements make another."""

    name: str
    volts: float
    psm_ua: float
    sleep_ua: float
    """Between paging occasions."""
    occasion_mc: float
    """Charge to wake up and listen to one paging occasion."""
    extra_occasion_mc: float
    """Charge of each further occasion in the same paging time window."""
    connected_ma: float
    tau_ma: float
    """While a TAU, and nothing else, keeps the connection."""
    search_ma: float
    """Searching for a network, and attaching."""
    tx_ma: float
    """While sending."""
    source: str

    def in_access(self, access: str) -> "CurrentProfile":
        """Return itself: one table for every access."""
        return self

    def drx_ua(self, cycle_ms: int, page_ms: int = 1) -> float:
        """Return the mean current in idle DRX with T of ``cycle_ms``.

        page_ms: how long a page is repeated, and so the UE listens. Receiving costs as much as
        being connected (engineering default).
        """
        longer_mc = (page_ms - 1) * self.connected_ma / 1000
        return self.sleep_ua + (self.occasion_mc + longer_mc) * 1e6 / cycle_ms

    def edrx_ua(self, cycle_ms: int, occasions_per_window: int, page_ms: int = 1) -> float:
        """Return the mean current in eDRX with so many occasions in each window."""
        if occasions_per_window == 0:
            return self.sleep_ua
        extra_mc = self.extra_occasion_mc * (occasions_per_window - 1)
        longer_mc = (page_ms - 1) * self.connected_ma / 1000 * occasions_per_window
        return self.sleep_ua + (self.occasion_mc + extra_mc + longer_mc) * 1e6 / cycle_ms

    def rates_ua(self) -> dict[str, float]:
        """Return the current of every cause that does not depend on paging cycles."""
        return {
            OFF: 0.0,
            SEARCH: self.search_ma * 1000,
            SEARCH_PAUSE: self.sleep_ua,
            PSM: self.psm_ua,
            EDRX: self.sleep_ua,
            DRX: self.sleep_ua,
            CONNECTED: self.connected_ma * 1000,
            TAU: self.tau_ma * 1000,
        }


class Currents(Protocol):
    """What a module draws: a ``CurrentProfile``, or one for each access."""

    def in_access(self, access: str) -> CurrentProfile:
        """Return the table for ``lte``, ``cat-m1`` or ``nb-iot``."""
        ...


NRF9160 = CurrentProfile(
    name="nRF9160 Cat-M1",
    volts=3.7,
    psm_ua=2.7,
    # Two published points, 18 uA at 81.92 s and 6 uA at 655.36 s with one occasion, give a floor
    # of 4.3 uA and 1.12 mC per wake-up; at T = 1.28 s that is 0.88 mA (an extrapolation).
    sleep_ua=4.3,
    occasion_mc=1.12,
    extra_occasion_mc=0.4,  # engineering default
    # A message with its 10 s tail: 12 s and 0.145 mWh on a development kit (boaks).
    connected_ma=11.8,
    tau_ma=18.9,  # 105 mJ in 1.5 s at 3.7 V
    search_ma=18.9,  # engineering default: as a TAU
    tx_ma=110.0,  # 100-115 mA at 23 dBm
    source="Nordic nRF9160 product specification and nwp_034; boaks/zephyr-coaps-client"
    " docu/POWERCONSUMPTION.md",
)
