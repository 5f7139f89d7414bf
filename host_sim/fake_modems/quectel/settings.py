"""The settings of Quectel modules: rows of commands and the options of +QCFG.

Sources: Quectel BG96 AT Commands Manual V2.2, EC25&EC21 AT Commands Manual V1.3, BG96 PSM note;
w1ne/labwired-core (bench capture of a BG770A: ``ledmode`` is there, ``celevel``, ``roamservice``,
``urc/cache`` and ``sleepind/level`` are not); Quectel forum 37289 (+CTZU 3: the clock shows local
time) and 6164 (+QSIMSTAT). What keeps a value is assumed where the manual does not say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ip_commands.host_sim.fake_modems.engine.settings import (
    NVM,
    Field,
    Number,
    Setting,
    Text,
    Word,
)
from ip_commands.host_sim.fake_modems.generic.v250 import speed_row

_SPEEDS = "4800,9600,19200,38400,57600,115200,230400,460800,921600"

MODULE_ROWS = (
    speed_row(115200, f"(),({_SPEEDS})", _SPEEDS),
    Setting("+CTZU", (Number(0, "0,1,3"),), NVM),
    Setting("+QSIMSTAT", (Number(0, "0,1"),), NVM),
    Setting(
        "$QCPDPP",
        (
            *(Number(1, "1-16"), Number(0, "0-2")),
            *(Text(None, r'[^"]{0,64}'), Text(None, r'[^"]{0,64}')),
        ),
        NVM,
        test="(1-16),(0-2),,",
    ),
)
BG_ROWS = (
    Setting("+QCSCON", (Number(0, "0,1"),)),
    Setting("+QPSMCFG", (Number(60, "20-4294967295"), Number(4, "0-15")), NVM),
    Setting(
        "+QPSMEXTCFG",
        (
            *(Number(14, "0-15"), Number(2, "1-500"), Number(120, "60-86400"), Number(5, "0-255")),
            *(Number(120, "60-86400"), Number(15, "0-255")),
        ),
        NVM,
    ),
)


@dataclass(frozen=True)
class Option:
    """One option of +QCFG; ``has_effect``: a last value 1 means at once, and is not kept."""

    fields: tuple[Field, ...]
    has_effect: bool = False

    def default(self) -> str:
        """Return the values it starts with, as the query prints them."""
        return ",".join(each.shown(each.default) for each in self.fields)

    def listed(self) -> str:
        """Return the ranges as the test form prints them."""
        listed = [each.listed() for each in self.fields]
        return ",".join([*listed, "(0,1)"] if self.has_effect else listed)

    def taken(self, text: str, now: str) -> str:
        """Return the values after a set form. Raises BadArgument."""
        rows = (*self.fields, Number(0, "0,1")) if self.has_effect else self.fields
        row = Setting("", rows, needs=1)
        before = Setting("", self.fields, needs=0).taken(
            now, tuple(f.default for f in self.fields)
        )
        values = row.taken(text, (*before, 0) if self.has_effect else before)
        pairs = zip(self.fields, values[: len(self.fields)], strict=True)
        return ",".join(each.shown(value) for each, value in pairs)


def _hex(default: str) -> Text:
    return Text(default, r"(0[xX])?[0-9A-Fa-f]{1,32}", bare=True, test="(0-FFFFFFFFFFFFFFFF)")


COMMON_OPTIONS: Mapping[str, Option] = {
    "nwscanmode": Option((Number(0, "0,1,3"),), True),
    "servicedomain": Option((Number(1, "0-2"),), True),
    "fast/poweroff": Option((Number(0, "0,1"),)),
    "urc/ri/other": Option(
        (
            *(Word("pulse", ("off", "pulse")), Number(120, "5-2000")),
            Number(1, "1-5"),
        )
    ),
    "urc/delay": Option((Number(0, "0,1"),)),
    "risignaltype": Option((Word("respective", ("respective", "physical")),)),
    "apready": Option((Number(0, "0,1"), Number(0, "0,1"), Number(500, "100-3000"))),
    "ledmode": Option((Number(0, "0,1,3"),)),
}
BG_OPTIONS: Mapping[str, Option] = {
    "nwscanseq": Option((Text("020301", r"(0[0-3]){1,3}", bare=True, test="(00-03)"),), True),
    "iotopmode": Option((Number(0, "0-2"),), True),
    "band": Option(
        (_hex("0xf"), _hex("0x100002000000000f0e189f"), _hex("0x10004200000000090e189f")), True
    ),
    "psm/urc": Option((Number(0, "0,1"),)),
    "psm/enter": Option((Number(0, "0,1"),)),
    "roamservice": Option((Number(255, "1,2,255"),), True),
    "urc/cache": Option((Number(0, "0,1"),)),
    "celevel": Option((Number(0, "0-2"),)),
    "sleepind/level": Option((Number(0, "0,1"),)),
}
NOT_ON_BG770A = ("celevel", "roamservice", "urc/cache", "sleepind/level")
EC_OPTIONS: Mapping[str, Option] = {
    "nwscanmode": Option((Number(0, "0-8"),), True),
    "nwscanseq": Option((Text("00", r"(0[0-5]){1,5}", bare=True, test="(00-05)"),), True),
    "band": Option((_hex("0xbff"), _hex("0x1e00b0e18df"), _hex("0x0")), True),
    "roamservice": Option((Number(255, "1,2,255"),), True),
    "urc/cache": Option((Number(0, "0,1"),)),
}
