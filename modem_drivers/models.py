"""From a model's name to its driver; a family's file is imported only when it is asked for."""

from ..device.errors import InvalidValue
from ..device.portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .modem import AtModem

# (module, class, models)
_FAMILIES = (
    (
        "quectel",
        "QuectelModem",
        ("BG95", "BG96", "BG77", "BG770A", "EC21", "EC25", "EG25-G", "EG91", "EG95"),
    ),
    ("simcom_ca", "SimcomCaModem", ("SIM7070G", "SIM7080G", "SIM7090G")),
    ("simcom_cip", "SimcomCipModem", ("SIM7000G", "SIM7000A", "SIM7000C", "SIM7000E", "SIM800")),
    (
        "simcom_cipopen",
        "SimcomCipopenModem",
        ("SIM7600", "SIM7500", "A7670", "A7672", "SIM7670G", "SIM7672G"),
    ),
    (
        "ublox",
        "UbloxModem",
        (
            "SARA-R410M",
            "SARA-R412M",
            "SARA-R422",
            "SARA-R5",
            "SARA-R500S",
            "SARA-R510S",
            "SARA-R510M8S",
            "LARA-R6",
        ),
    ),
    ("sequans", "SequansModem", ("GM01Q", "GM02S", "GM02SP")),
    ("nordic", "NordicModem", ("nRF9160", "nRF9161", "nRF9151", "nRF9131")),
    ("telit", "TelitModem", ("ME910C1", "ME310G1", "ME910G1", "ML865G1", "LE910")),
)

NAMES = tuple([name for family in _FAMILIES for name in family[2]])
"""All models that a driver exists for."""


def create(name: str, stream: "ByteStream", **options: "Any") -> "AtModem":
    """Return a new driver for a model, named in any case, on a stream; options go to the driver.

    A missing last "G" is forgiven (SIM7080). Raises InvalidValue for an unknown model.
    """
    wanted = name.upper()
    for module_name, class_name, names in _FAMILIES:
        for known in names:
            if wanted in (known.upper(), known.upper().rstrip("G")):
                module = __import__(
                    "ip_commands.modem_drivers." + module_name, None, None, (class_name,)
                )
                driver: "AtModem" = getattr(module, class_name)(stream, known, **options)
                return driver
    raise InvalidValue("unknown modem %r: known are %s" % (name, ", ".join(NAMES)))
