"""ITU-T V.250: E, V, Q, X, S-parameters, circuits, profiles (&F, &V, &W, Z), +IPR, +IFC, +ICF.

Sections: 6.2 (S3 to S5, E, Q, V, X), 6.3 (S0, S6 to S10, L, M), 6.2.8 and 6.2.9 (&C, &D), 6.2.10
to 6.2.12 (+IPR, +ICF, +IFC), 6.1 (Z, &F). &K, &S, &V, &W and \\Q are older than the standard and
meant alike by all vendors. Speeds: ModemManager's and gammu's lists of real modules. A setting of
a circuit has no effect: this UART has no such lines.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem, at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.output import Settings
from ip_commands.host_sim.fake_modems.engine.settings import NVM, PROFILE, Number, Setting

SPEEDS = "9600,19200,38400,57600,115200,230400,460800,921600"


def basic(name: str, default: int, allowed: str) -> Setting:
    """Return the row of a basic command (``X``, ``&C``): one number, 0 when it is left out."""
    return Setting(name, (Number(default, allowed),), PROFILE)


def s_parameter(number: int, default: int, allowed: str) -> Setting:
    """Return the row of an S-parameter, shown in three digits."""
    return Setting(f"S{number}", (Number(default, allowed, digits=3),), PROFILE, named=False)


def speed_row(default: int, listed: str, allowed: str) -> Setting:
    """Return the row of +IPR; ``listed`` is its test form."""
    return Setting("+IPR", (Number(default, allowed),), NVM, test=listed)


BASIC_ROWS = (
    basic("E", 1, "0-1"),
    basic("V", 1, "0-1"),
    basic("Q", 0, "0-1"),
    basic("X", 4, "0-4"),
    basic("L", 2, "0-3"),
    basic("M", 1, "0-2"),
    basic("&C", 1, "0-1"),
    basic("&D", 2, "0-2"),
    basic("&K", 3, "0,3"),
    basic("&S", 0, "0-1"),
    basic("\\Q", 3, "0-3"),
    s_parameter(0, 0, "0-255"),
    s_parameter(3, 13, "0-127"),
    s_parameter(4, 10, "0-127"),
    s_parameter(5, 8, "0-127"),
    s_parameter(6, 2, "0-10"),
    s_parameter(7, 50, "1-255"),
    s_parameter(8, 2, "0-255"),
    s_parameter(10, 15, "1-254"),
)
_BASIC = frozenset(row.name for row in BASIC_ROWS)


class V250Commands(FakeModem):
    """V.250 settings and what does nothing on this UART."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "echo-off-at-boot": "the stored profile has echo off (ATE0 and AT&W were sent once)",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        *BASIC_ROWS,
        speed_row(115200, f"(),({SPEEDS})", SPEEDS),
        Setting("+IFC", (Number(0, "0-2"), Number(0, "0-2")), PROFILE),
        Setting("+ICF", (Number(3, "1-6"), Number(3, "0-3")), PROFILE),
    )
    TEST_FORMS: ClassVar[dict[str, str]] = {"+GCAP": ""}

    def make_storage(self) -> None:
        super().make_storage()
        if "echo-off-at-boot" in self.quirks:
            self.settings.store("E", 0)

    def profile_loaded(self) -> None:
        super().profile_loaded()
        values = self.settings
        if "E" in values:
            self.at.out.settings = Settings(
                echo=values["E"] == (1,),
                verbose=values["V"] == (1,),
                quiet=values["Q"] == (1,),
            )
        else:
            self.at.out.settings = Settings(echo=False)

    @at_command(*_BASIC)
    def basic_setting(self, call: Call) -> None:
        """Set a one-character command or an S-parameter; wrong values are a bare ERROR."""
        row = self.settings.rows.get(call.name)
        if row is None:
            raise CommandFailed
        if call.form is Form.READ and call.name[0] == "S":
            call.line(row.read_text(self.settings[call.name]))
            return
        only(call, Form.ACTION, Form.SET)
        try:
            self.settings.set_from(call.name, call.text or "0")
        except BadArgument:
            raise CommandFailed from None
        if call.name in ("E", "V", "Q"):
            on = call.text == "1"
            kind = {"E": "echo", "V": "verbose", "Q": "quiet"}[call.name]
            setattr(self.at.out.settings, kind, on)

    @at_command("H", "P", "T")
    def accepted(self, call: Call) -> None:
        """There is no call to hang up, and nothing is dialled with tones."""

    @at_command("D")
    def dial(self, call: Call) -> None:
        """No data call is possible on this UART: V.250 6.3.1 answers NO CARRIER."""
        call.final("NO CARRIER")

    @at_command("&F")
    def factory_profile(self, call: Call) -> None:
        self.settings.factory()
        self.profile_loaded()

    @at_command("Z")
    def load_profile(self, call: Call) -> None:
        self.settings.load_profile()
        self.profile_loaded()

    @at_command("&W")
    def store_profile(self, call: Call) -> None:
        self.settings.store_profile()

    @at_command("&V")
    def show_profile(self, call: Call) -> None:
        """One line of basic settings, one of S-parameters (assumed; vendors print tables)."""
        shown = {n: self.settings.rows[n].read_text(self.settings[n]) for n in self.settings.rows}
        basics = [n for n in shown if n in _BASIC and n[0] != "S"]
        call.line("ACTIVE PROFILE:")
        call.line(" ".join(f"{n}{shown[n].removeprefix(f'{n}: ')}" for n in basics))
        call.line(" ".join(f"{n}:{shown[n]}" for n in shown if n in _BASIC and n[0] == "S"))

    @at_command("+GCAP")
    def capabilities(self, call: Call) -> None:
        only(call, Form.ACTION)
        call.line("+GCAP: +CGSM")
