"""Commands that have nothing to do with the network: V.250 basics, identity, SIM, clock.

Source of the forms: ITU-T V.250 (E, V, Q, I, Z, &F, +IPR, +IFC, +GCAP), 3GPP TS 27.007 chapters 5
(identity), 8.1 (CFUN), 8.3 (CPIN), 8.15 (CCLK), 9.1 (CMEE); answers as the vendors' manuals print
them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import BOOTING, FakeModem, at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.output import Settings

GPS_EPOCH = datetime(1980, 1, 6)
"""Zero of ``Radio.network_time_ms``."""


@dataclass(frozen=True)
class ModelFacts:
    """What a model says about itself."""

    manufacturer: str
    name: str
    revision: str


class GeneralCommands(FakeModem):
    """V.250 basics, identity, SIM, functionality, clock."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "echo-off-at-boot": "the stored profile has echo off (ATE0 and AT&W were sent once)",
    }
    sim_ready_ms: int = 600
    """After the UART is ready; before that +CPIN? says SIM busy (real EC21: 10, 14, READY)."""

    facts: ModelFacts

    def make_storage(self) -> None:
        super().make_storage()
        self._stored = Settings(echo="echo-off-at-boot" not in self.quirks)
        self._kept = {"+IPR": "115200", "+IFC": "0,0", "+CSCS": '"IRA"', "+ICF": "3,3"}

    def restore_profile(self) -> None:
        self.at.out.settings = replace(self._stored)

    def forget_session(self) -> None:
        super().forget_session()
        self.sim_error: int | None = 14 if self.power == BOOTING else None
        if not self.radio.iccid:
            self.sim_error = 10
        self.functionality = 1

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        self.later(self.sim_ready_ms, self.sim_became_ready)

    def sim_became_ready(self) -> None:
        """The SIM is initialised."""
        if self.radio.iccid:
            self.sim_error = None

    def need_sim(self) -> None:
        """Raise what a modem answers while the SIM is not ready (27.007 9.2: 10, 14)."""
        if self.sim_error is not None:
            raise CommandFailed(self.sim_error)

    # --- V.250 ---------------------------------------------------------------------------------

    def _switch(self, call: Call) -> bool:
        if call.text not in ("", "0", "1"):
            raise CommandFailed
        return call.text == "1"

    @at_command("E")
    def echo(self, call: Call) -> None:
        self.at.out.settings.echo = self._switch(call)

    @at_command("V")
    def verbose(self, call: Call) -> None:
        self.at.out.settings.verbose = self._switch(call)

    @at_command("Q")
    def quiet(self, call: Call) -> None:
        self.at.out.settings.quiet = self._switch(call)

    @at_command("X", "L", "M", "&C", "&D", "&K", "&S", "\\Q", "H", "P", "T")
    def accepted(self, call: Call) -> None:
        """Accept a setting that means nothing on this UART."""

    @at_command("S0", "S3", "S4", "S5", "S6", "S7", "S8", "S10")
    def s_parameter(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line({"S3": "013", "S4": "010", "S5": "008"}.get(call.name, "000"))

    @at_command("D")
    def dial(self, call: Call) -> None:
        """No data call is possible on this UART: V.250 6.3.1 answers NO CARRIER."""
        call.final("NO CARRIER")

    @at_command("&F")
    def factory_profile(self, call: Call) -> None:
        self.at.out.settings = Settings()

    @at_command("Z")
    def load_profile(self, call: Call) -> None:
        self.restore_profile()

    @at_command("&W")
    def store_profile(self, call: Call) -> None:
        self._stored = replace(self.at.out.settings)

    @at_command("+CMEE")
    def cmee(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CMEE: {self.at.out.settings.cmee}")
        elif call.form is Form.TEST:
            call.line("+CMEE: (0,1,2)")
        else:
            self.at.out.settings.cmee = call.arguments.integer(0, 0, 2)

    @at_command("+IPR", "+IFC", "+ICF", "+CSCS", "+CMGF", "+CNMI", "+CTZU", "+CTZR", "+CMGD")
    def kept_setting(self, call: Call) -> None:
        """Keep and report a setting without effect on what is simulated."""
        if call.form is Form.READ:
            call.line(f"{call.name}: {self._kept.get(call.name, '0')}")
        elif call.form is Form.TEST:
            call.line(f"{call.name}: ")
        elif call.form is Form.SET:
            if not 0 < len(call.text) <= 64:
                raise BadArgument
            self._kept[call.name] = call.text

    # --- identity ------------------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        call.line(self.facts.manufacturer)
        call.line(self.facts.name)
        call.line(f"Revision: {self.facts.revision}")

    def _identity(self, call: Call, text: str) -> None:
        only(call, Form.ACTION, Form.TEST, Form.READ)
        if call.form is not Form.TEST:
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
        if call.form is Form.SET and call.arguments.integer(0, 0, 3) == 1:
            call.line(f'+CGSN: "{self.radio.imei}"')
        elif call.form is not Form.TEST:
            call.line(self.radio.imei)

    @at_command("+GCAP")
    def capabilities(self, call: Call) -> None:
        if call.form is not Form.TEST:
            call.line("+GCAP: +CGSM")

    # --- SIM -----------------------------------------------------------------------------------

    @at_command("+CIMI")
    def imsi(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            self.need_sim()
            call.line(self.radio.imsi)

    @at_command("+CPIN")
    def pin(self, call: Call) -> None:
        if call.form is Form.TEST:
            return
        self.need_sim()
        if call.form is Form.READ:
            call.line("+CPIN: READY")
        else:  # no PIN is wanted now (27.007 8.3)
            raise CommandFailed(3)

    @at_command("+CLCK")
    def facility_lock(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line('+CLCK: ("SC","FD","PN","PU","PP","PC")')
            return
        only(call, Form.SET)
        self.need_sim()
        facility, mode = call.arguments.text(0), call.arguments.integer(1, 0, 2)
        if facility not in ("SC", "FD", "PN", "PU", "PP", "PC"):
            raise BadArgument
        if mode == 2:
            call.line("+CLCK: 0")
        elif mode == 1:
            raise CommandFailed(16)

    # --- functionality, clock ------------------------------------------------------------------

    @at_command("+CFUN")
    def set_functionality(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CFUN: {self.functionality}")
        elif call.form is Form.TEST:
            call.line("+CFUN: (0,1,4),(0,1)")
        else:
            only(call, Form.SET)
            wanted = call.arguments.integer(0, 0, 4)
            if wanted not in (0, 1, 4):
                raise BadArgument
            if call.arguments.integer(1, 0, 1, default=0) == 1:
                self.reboot_after_answer()
                return
            call.wait()
            self.later(self.some_ms(50, 300), self._switch_radio, call, wanted)

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

    def clock_text(self) -> str:
        """Return <time> of +CCLK; modems without network time count from 1980-01-06."""
        network_ms = self.radio.network_time_ms
        moment = GPS_EPOCH + timedelta(milliseconds=network_ms or 0)
        return moment.strftime("%y/%m/%d,%H:%M:%S") + "+00"

    @at_command("+CCLK")
    def clock(self, call: Call) -> None:
        only(call, Form.READ, Form.TEST, Form.SET)
        if call.form is Form.READ:
            call.line(f'+CCLK: "{self.clock_text()}"')
