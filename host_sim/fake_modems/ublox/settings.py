"""The settings of u-blox modules beside sockets and power saving.

Sources: UBX-17003787 R16 (SARA-R4 AT manual; +UAUTHREQ: 13.15), u-blox/ubxlib (values of +URAT,
+UMNOPROF, +UCGED by module; the radio must be off for both of the first), the tests of Particle's
multiplexer (+IPR=? of a SARA), FreeRTOS-Cellular-Interface (+CSGT, +UCIND). Ranges of +UGPIOC and
+UGPRF, and what keeps a value, are assumed where no source says it.
"""

from ip_commands.host_sim.fake_modems.engine.settings import NVM, Number, Setting, Text
from ip_commands.host_sim.fake_modems.generic.v250 import SPEEDS, speed_row
from ip_commands.host_sim.fake_modems.ublox.models import UbloxModel

_PROFILES = "0-5,8,19,21,28,31,32,38,39,43-46,90,100,101"
_RADIO_OFF = "needs_radio_off"

MODULE_ROWS = (
    speed_row(115200, f"(0,{SPEEDS}),()", f"0,{SPEEDS}"),
    Setting(
        "+URAT",
        (Number(7, "7-9"), Number(None, "7-9"), Number(None, "7-9")),
        NVM,
        is_list=True,
        on_set=_RADIO_OFF,
    ),
    Setting("+UMNOPROF", (Number(0, _PROFILES),), NVM, on_set=_RADIO_OFF),
    Setting("+UCGED", (Number(0, "0,2"),)),
    Setting("+UGPIOC", (Number(16, "16-48"), Number(255, "0-255")), NVM, needs=2),
    Setting(
        "+UAUTHREQ",
        (
            *(Number(1, "1-8"), Number(0, "0-3")),
            *(Text(None, r'[^"]{0,64}'), Text(None, r'[^"]{0,64}')),
        ),
        NVM,
        test="(1-8),(0-3),,",
        needs=2,
        readable=False,
    ),
    Setting(
        "+CSGT", (Number(0, "0,1"), Text("", r'[^"\r\n]{0,49}', test="49")), NVM, test="(0,1),49"
    ),
    Setting("+UCIND", (Number(4095, "0-4095"),)),
    Setting(
        "+UGPRF",
        (Number(0, "0-63"), Number(0, "0-65535"), Text("", r'[^"]{0,128}')),
        NVM,
        test="(0-63),(0-65535),",
    ),
)
PSM_VERSION = Setting("+UPSMVER", (Number(12, "0-15"),), NVM)
"""SARA-R5 alone."""


def rat_row(variant: UbloxModel) -> Setting:
    """Return +URAT of a module: its technologies, in the order of preference."""
    allowed = ",".join(str(rat) for rat in variant.rats)
    if variant.rats == (3,):
        allowed = "0,2,3"
    defaults = (*variant.rats, None, None)[:3]
    fields = tuple(Number(default, allowed) for default in defaults)
    return Setting("+URAT", fields, NVM, is_list=True, on_set=_RADIO_OFF)
