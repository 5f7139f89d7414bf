"""Identity, error reports, functionality, clock.

Source of the forms: ITU-T V.250 (I), 3GPP TS 27.007 chapters 5 (identity, +CSCS), 8.1 (CPAS), 8.2
(CFUN), 8.15 (CCLK), 8.40 (CTZU), 8.41 (CTZR), 9.1 (CMEE); answers as the vendors' manuals print
them. What keeps a setting is assumed where no manual says it.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, Form
from ip_commands.host_sim.fake_modems.engine.radio import TellsTimeZone
from ip_commands.host_sim.fake_modems.engine.settings import (
    NVM,
    PROFILE,
    Number,
    Setting,
    Word,
)
from ip_commands.host_sim.fake_modems.generic.sim import SimCommands

GPS_EPOCH = datetime(1980, 1, 6)
"""Zero of ``Radio.network_time_ms``."""

_CLOCK = re.compile(r"\d\d/\d\d/\d\d,\d\d:\d\d:\d\d([+-]\d\d)?")
CHARACTER_SETS = ("GSM", "IRA", "UCS2")
"""The sets of +CSCS that all vendors have."""


@dataclass(frozen=True)
class ModelFacts:
    """What a model says about itself."""

    manufacturer: str
    name: str
    revision: str


class GeneralCommands(SimCommands):
    """Identity, error reports, functionality, clock."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "clock-utc": "+CCLK shows UTC beside the zone instead of local time (MKRNB issue 28)",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        Setting("+CMEE", (Number(0, "0,1,2"),), PROFILE, on_set="cmee_set"),
        Setting("+CSCS", (Word("IRA", CHARACTER_SETS),), PROFILE),
        Setting("+CTZU", (Number(0, "0,1"),), NVM),
        Setting("+CTZR", (Number(0, "0-2"),), PROFILE),
    )
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+GMI", "+CGMI", "+GMM", "+CGMM", "+GMR", "+CGMR", "+GSN"), ""),
        "+CGSN": "(0-3)",
        "+CPAS": "(0,3,4)",
        "+CCLK": "",
        "+CLAC": "",
    }
    cfun_listed: str = "(0,1,4),(0,1)"
    radio_off_ms: tuple[int, int] = (50, 300)
    """How long AT+CFUN=0 and 4 take."""
    facts: ModelFacts

    def make_storage(self) -> None:
        super().make_storage()
        self._clock_offset_s: float | None = None
        """What the host set with +CCLK, against the loop's time."""

    def profile_loaded(self) -> None:
        super().profile_loaded()
        self.at.out.settings.cmee = self.settings.number("+CMEE")

    def cmee_set(self, call: Call) -> None:
        """+CMEE counts from this command on."""
        self.at.out.settings.cmee = self.settings.number("+CMEE")

    def forget_session(self) -> None:
        super().forget_session()
        self.functionality = 1
        self._zone_told: int | None = None

    # --- identity ------------------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        call.line(self.facts.manufacturer)
        call.line(self.facts.name)
        call.line(f"Revision: {self.facts.revision}")

    def _identity(self, call: Call, text: str) -> None:
        only(call, Form.ACTION)
        call.line(text)

    @at_command("+GMI", "+CGMI")
    def manufacturer(self, call: Call) -> None:
        self._identity(call, self.facts.manufacturer)

    @at_command("+GMM", "+CGMM")
    def model_name(self, call: Call) -> None:
        self._identity(call, self.facts.name)

    @at_command("+GMR", "+CGMR")
    def revision(self, call: Call) -> None:
        self._identity(call, self.facts.revision)

    @at_command("+GSN", "+CGSN")
    def serial_number(self, call: Call) -> None:
        if call.form is Form.SET and call.name == "+CGSN":
            if call.arguments.integer(0, 0, 3) == 1:
                call.line(f'+CGSN: "{self.radio.imei}"')
                return
        else:
            only(call, Form.ACTION)
        call.line(self.radio.imei)

    # --- functionality, clock ------------------------------------------------------------------

    @at_command("+CFUN")
    def set_functionality(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CFUN: {self.functionality}")
        elif call.form is Form.TEST:
            call.line(f"+CFUN: {self.cfun_listed}")
        else:
            only(call, Form.SET)
            wanted = call.arguments.integer(0, 0, 4)
            if wanted not in (0, 1, 4):
                raise BadArgument
            if call.arguments.integer(1, 0, 1, default=0) == 1:
                self.reboot_after_answer()
                return
            call.wait()
            limits_ms = (50, 300) if wanted == 1 else self.radio_off_ms
            self.later(self.some_ms(*limits_ms), self._switch_radio, call, wanted)

    def reboot_after_answer(self) -> None:
        """Take no more commands, restart once the OK has left."""
        self.later(1, self.reboot, 50)

    def _switch_radio(self, call: Call, wanted: int) -> None:
        before, self.functionality = self.functionality, wanted
        if wanted == 1 and before != 1:
            self.radio.switch_on()
        elif wanted != 1 and before == 1:
            self.radio.switch_off()
        call.finish()

    def zone_quarters(self) -> int:
        """Return the network's time zone, quarters of an hour east of UTC."""
        return self.radio.zone_quarters if isinstance(self.radio, TellsTimeZone) else 0

    def clock_is_local(self) -> bool:
        """Return whether +CCLK shows local time, or UTC beside the zone."""
        return "clock-utc" not in self.quirks

    def clock_text(self, *, local_time: bool | None = None) -> str:
        """Return <time> of +CCLK; modems without network time count from 1980-01-06.

        local_time: instead of what this firmware shows.
        """
        is_local = self.clock_is_local() if local_time is None else local_time
        zone = self.zone_quarters()
        network_ms, host_s = self.radio.network_time_ms, self._clock_offset_s
        if host_s is not None and (network_ms is None or not self.settings.number("+CTZU")):
            local = timedelta(seconds=asyncio.get_running_loop().time() + host_s)
        else:
            shown = zone if is_local and network_ms is not None else 0
            local = timedelta(milliseconds=network_ms or 0, minutes=15 * shown)
        return (GPS_EPOCH + local).strftime("%y/%m/%d,%H:%M:%S") + f"{zone:+03d}"

    @at_command("+CCLK")
    def clock(self, call: Call) -> None:
        only(call, Form.READ, Form.SET)
        if call.form is Form.READ:
            call.line(f'+CCLK: "{self.clock_text()}"')
            return
        given = call.arguments.quoted(0)
        call.arguments.no_more_than(1)
        if _CLOCK.fullmatch(given) is None:
            raise BadArgument
        try:
            moment = datetime.strptime(given[:17], "%y/%m/%d,%H:%M:%S")
        except ValueError:
            raise BadArgument from None
        since_s = (moment - GPS_EPOCH).total_seconds()
        self._clock_offset_s = since_s - asyncio.get_running_loop().time()

    def say_zone(self) -> None:
        """Report the network's time zone, if it is new and the host wants it (+CTZR)."""
        level, zone = self.settings.number("+CTZR"), self.zone_quarters()
        if not level or self.radio.network_time_ms is None or zone == self._zone_told:
            return
        self._zone_told = zone
        self.urc(f"+CTZV: {zone}" if level == 1 else f'+CTZE: "{zone:+03d}",0')

    # --- what else hosts ask -------------------------------------------------------------------

    @at_command("+CPAS")
    def activity_status(self, call: Call) -> None:
        """0: ready for commands."""
        only(call, Form.ACTION)
        call.line("+CPAS: 0")

    @at_command("+CLAC")
    def list_commands(self, call: Call) -> None:
        only(call, Form.ACTION)
        for name in sorted(set(self.COMMANDS) - self.missing_commands):
            call.line(f"AT{name}")
