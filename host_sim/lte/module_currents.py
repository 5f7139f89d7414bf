"""What modules draw, as far as a data sheet or a measurement is public, for each access.

A new table: find figures that can be named, put them into ``_TABLES``, leave out what is not
public; ``completed`` fills that in and says so.
"""

from ip_commands.host_sim.lte.reference_currents import (
    PRO_4G,
    REFERENCES,
    ModuleCurrents,
    completed,
)

_RAK8213 = (
    "RAKwireless RAK8213 data sheet, electrical characteristics: current consumption of the BG96"
)

_BG96_FIGURES = {"psm_ua": 10.0, "connected_ma": 15.0}
"""Connected: as awake and idle, the nearest public figure; engineering default."""

_TABLES = (
    ModuleCurrents("nRF9160", {access: REFERENCES[access] for access in ("cat-m1", "nb-iot")}),
    ModuleCurrents(
        "BG96",
        {
            # Sleep: 1.5 mA at DRX 1.28 s, 1.2 mA at eDRX 20.48 s.
            "cat-m1": completed(
                "BG96",
                "cat-m1",
                _RAK8213,
                {
                    **_BG96_FIGURES,
                    "sleep_ua": 1180.0,
                    "occasion_mc": 0.41,
                    "extra_occasion_mc": 0.41,
                    "tx_ma": 211.0,  # median of 13 bands at 21.8 to 23.3 dBm
                },
                3.8,
            ),
            # 1.96 and 1.1 mA: the sheet's second rows, in the order of its transfer tables.
            "nb-iot": completed(
                "BG96",
                "nb-iot",
                _RAK8213,
                {
                    **_BG96_FIGURES,
                    "sleep_ua": 1043.0,
                    "occasion_mc": 1.174,
                    "extra_occasion_mc": 1.174,
                    "tx_ma": 163.0,  # median of 13 bands at 22.5 to 23.1 dBm
                },
                3.8,
            ),
        },
    ),
    ModuleCurrents(
        "SIM7000",
        {
            # Sleep is one figure, whatever the cycle: so it stands for paging, too.
            "cat-m1": completed(
                "SIM7000",
                "cat-m1",
                "SIM7000 hardware design, as quoted by botletics/SIM7000-LTE-Shield, wiki page"
                " Current Consumption",
                {
                    "psm_ua": 9.0,
                    "sleep_ua": 1000.0,
                    "occasion_mc": 0.0,
                    "extra_occasion_mc": 0.0,
                    "connected_ma": 11.0,  # engineering default: as idle on LTE
                    "tx_ma": 167.0,  # band 12, 23 dBm
                },
            )
        },
    ),
    ModuleCurrents(
        "SIM7080",
        {
            # Sleep is one figure here, too.
            "cat-m1": completed(
                "SIM7080",
                "cat-m1",
                "SIMCom's product page of the SIM7080G, as quoted in"
                " Xinyuan-LilyGO/LilyGo-T-SIM7080G issue 117",
                {
                    "psm_ua": 3.2,
                    "sleep_ua": 600.0,
                    "occasion_mc": 0.0,
                    "extra_occasion_mc": 0.0,
                },
            )
        },
    ),
    ModuleCurrents("EG25-G", {"lte": REFERENCES["lte"]}),
    ModuleCurrents(
        "EC200A",
        {
            # Sleep with USB off: 7.29, 5.94, 4.71, 4.24 mA at T = 0.32 to 2.56 s.
            "lte": completed(
                "EC200A",
                "lte",
                PRO_4G,
                {
                    "psm_ua": 3910.0,
                    "sleep_ua": 3910.0,
                    "occasion_mc": 1.119,
                    "extra_occasion_mc": 1.119,
                    "connected_ma": 52.9,
                    "tau_ma": 52.9,
                    "search_ma": 52.9,
                    "tx_ma": 592.0,  # median of 7 LTE-FDD bands at 23.1 to 24.0 dBm
                },
                3.3,
            )
        },
    ),
)

TABLES: dict[str, ModuleCurrents] = {table.module.lower(): table for table in _TABLES}
"""Every module with figures of its own, by its name in lower case."""

_VARIANTS = {"sim7000": ("g", "a", "c", "e"), "sim7080": ("g",)}
_TABLE_OF = {name + suffix: name for name, suffixes in _VARIANTS.items() for suffix in suffixes}
"""Models that are variants of a module in ``TABLES``."""


def currents_of(model: str) -> ModuleCurrents:
    """Return what a modem model draws, any case; a firmware's name behind "-" does not matter.

    A model without public figures has the reference's under its own name.
    """
    name = model.lower()
    for known in (name, _TABLE_OF.get(name, ""), name.partition("-")[0]):
        if known in TABLES:
            return TABLES[known]
    return ModuleCurrents(model, {})
