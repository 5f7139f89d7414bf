"""Whose currents stand in where a module's own are not public, and how reports say so.

One reference for each access. A table's name tells what is not the module's own ("as nRF9160
Cat-M1"), and the name is what reports print.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ip_commands.host_sim.lte.energy import NRF9160, CurrentProfile

ACCESS_NAMES = {"lte": "LTE", "cat-m1": "Cat-M1", "nb-iot": "NB-IoT"}

FIGURES = {
    "psm_ua": "PSM",
    "sleep_ua": "sleep",
    "occasion_mc": "paging",
    "extra_occasion_mc": "paging",
    "connected_ma": "connected",
    "tau_ma": "TAU",
    "search_ma": "search",
    "tx_ma": "sending",
}
"""The currents and charges in a ``CurrentProfile``, and what reports call them."""

PRO_4G = "Arduino Pro 4G Module collective data sheet (TPX00200, TPX00201), power consumption"

REFERENCES = {
    "cat-m1": NRF9160,
    "nb-iot": replace(
        NRF9160,
        # the rest as in Cat-M1
        name="nRF9160 NB-IoT (connected, sending as nRF9160 Cat-M1)",
        # Two published points, 37 uA at 81.92 s and 9 uA at 655.36 s with one occasion.
        sleep_ua=5.0,
        occasion_mc=2.62,
        extra_occasion_mc=0.94,  # engineering default: as much less as in Cat-M1
        tau_ma=55.0,  # 550 mJ in 2.7 s at 3.7 V
        search_ma=55.0,  # engineering default: as a TAU
        source="Nordic nRF9160 product specification and nwp_034",
    ),
    "lte": CurrentProfile(
        name="EG25-G LTE",
        volts=3.3,
        # Sleep with USB off: 5.4, 3.9, 3.2, 2.8 mA at T = 0.32, 0.64, 1.28, 2.56 s, by least
        # squares. It has neither eDRX nor PSM: what networks grant of them costs as much as sleep.
        psm_ua=2440.0,
        sleep_ua=2440.0,
        occasion_mc=0.946,
        extra_occasion_mc=0.946,
        # No sheet tells what a connection without traffic draws; the nearest public figure is the
        # other variant's, an EC200A, awake: 52.9 mA at T = 0.64 s.
        connected_ma=52.9,
        tau_ma=52.9,  # engineering default: as connected
        search_ma=52.9,  # engineering default: as connected
        tx_ma=1001.0,  # median of 15 LTE-FDD bands at 22.7 to 23.7 dBm
        source=PRO_4G,
    ),
}
"""By access."""


def completed(
    module: str, access: str, source: str, figures: Mapping[str, float], volts: float | None = None
) -> CurrentProfile:
    """Return a table of a module's own figures; the reference's where it has none.

    figures: by the names of ``FIGURES``. Raises ValueError for a name or an access that does not
    exist, or a figure that cannot be.
    """
    if access not in REFERENCES:
        raise ValueError(f"no access {access!r}; there are: {', '.join(REFERENCES)}")
    for name, value in figures.items():
        if name not in FIGURES:
            raise ValueError(f"no figure {name!r}; there are: {', '.join(FIGURES)}")
        if not 0 <= value < 1e9:
            raise ValueError(f"{name} {value}: 0 or more is needed")
    reference = REFERENCES[access]
    volts = reference.volts if volts is None else volts
    if not 0 < volts < 100:
        raise ValueError(f"volts {volts}: more than 0 is needed")
    name = f"{module} {ACCESS_NAMES[access]}"
    missing = dict.fromkeys(word for figure, word in FIGURES.items() if figure not in figures)
    whose = reference.name.partition(" (")[0]
    if not figures:
        name, source = f"{module}: as {whose}", reference.source
    elif missing:
        name += f" ({', '.join(missing)} as {whose})"
    return replace(reference, name=name, volts=volts, source=source, **figures)


@dataclass(frozen=True)
class ModuleCurrents:
    """A module's tables by access; the reference's, by its name, where it has none."""

    module: str
    tables: Mapping[str, CurrentProfile]

    def in_access(self, access: str) -> CurrentProfile:
        """Return the table for an access."""
        return self.tables.get(access) or completed(self.module, access, "", {})


class _Reference:
    """The reference modules under their own names: what nobody's module draws."""

    def in_access(self, access: str) -> CurrentProfile:
        return REFERENCES[access]


REFERENCE = _Reference()
