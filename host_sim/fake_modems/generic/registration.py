"""Registration, operator and signal: +CREG, +CGREG, +CEREG, +COPS, +CSQ, +CESQ, +CSCON.

Source of the forms: 3GPP TS 27.007 7.2 (CREG), 7.3 (COPS), 8.5 (CSQ), 8.69 (CESQ), 10.1.20
(CGREG), 10.1.22 (CEREG), 10.1.30 (CSCON).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import (
    NetworkRefusal,
    TellsLastRefusal,
    TellsRejectCause,
)
from ip_commands.host_sim.fake_modems.generic.general import GeneralCommands

OPERATORS: dict[str, tuple[str, str]] = {
    "310260": ("T-Mobile", "TMO"),
    "310410": ("AT&T", "AT&T"),
    "26201": ("Telekom.de", "TDG"),
    "23410": ("O2 - UK", "O2 -UK"),
    "20404": ("vodafone NL", "voda NL"),
}
"""Long and short names of a few networks; others show their PLMN digits."""

SEARCHING, DENIED = 2, 3
REGISTERED = (1, 5, 9, 10)
"""Home and roaming; 9 and 10 are the same with CSFB not preferred (27.007 10.1.22)."""


class RegistrationCommands(GeneralCommands):
    """Registration, operator and signal."""

    TEST_FORMS: ClassVar[dict[str, str]] = {
        "+CSQ": "(0-31,99),(0-7,99)",
        "+CESQ": "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)",
        "+CSCON": "(0,1)",
        "+CGATT": "(0,1)",
    }
    cereg_levels: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    """<n> of +CEREG that this family has; 3 and 5 tell the cause of a refusal."""
    bit_errors: int = 99
    """<ber> of +CSQ; 99: not known."""

    def forget_session(self) -> None:
        super().forget_session()
        self.registration_mode = {"+CREG": 0, "+CGREG": 0, "+CEREG": 0}
        self.operator_mode = (0, 0)
        self.rrc_mode = 0
        self.last_said = {"+CREG": "", "+CGREG": "", "+CEREG": ""}
        self._refusal_overcome = self.last_refusal

    @property
    def registered(self) -> bool:
        """True at home or roaming."""
        return self.radio.registration in REGISTERED

    def act(self) -> int:
        """Return <AcT> as this family numbers it; 27.007: 7 E-UTRAN, 9 NB-IoT."""
        return self.radio.access_technology

    # --- registration --------------------------------------------------------------------------

    def location_fields(self) -> list[str]:
        """Return what <n>=2 adds when registered."""
        return [f'"{self.radio.tac}"', f'"{self.radio.cell_id}"', str(self.act())]

    def timer_fields(self, read: bool) -> list[str]:
        """Return what <n>=4 adds: two empty cause fields, Active-Time (T3324), Periodic-TAU.

        read: True in the answer to the read command, False in the URC.
        """
        granted = self.radio.granted_psm
        if granted is None:
            return []
        return ["", "", f'"{granted[1]}"', f'"{granted[0]}"']

    @property
    def last_refusal(self) -> NetworkRefusal | None:
        """What the network last said no to, as far as the radio remembers."""
        return self.radio.last_refusal if isinstance(self.radio, TellsLastRefusal) else None

    def emm_cause(self) -> int | None:
        """Return why it is not registered: it was denied, or searches on after a refusal."""
        if self.radio.registration == DENIED:
            return self.radio.reject_cause if isinstance(self.radio, TellsRejectCause) else None
        refusal = self.last_refusal
        if self.radio.registration != SEARCHING or refusal is None or refusal.layer != "EMM":
            return None
        return None if refusal is self._refusal_overcome else refusal.cause

    def shows_location(self) -> bool:
        """Return whether <n>=2 shows where the modem is."""
        return self.registered

    def registration_fields(self, name: str, read: bool) -> list[str]:
        """Return <stat> and what the level asks for behind it."""
        level = self.registration_mode[name]
        fields = [str(self.radio.registration)]
        located = level >= 2 and self.shows_location()
        if located:
            fields += self.location_fields()
        if located and self.registered and level >= 4:
            fields += self.timer_fields(read)
        cause = self.emm_cause() if level in (3, 5) else None
        if cause is not None:  # <cause_type> 0: EMM cause value
            fields += ["0", str(cause)] if located else ["", "", "", "0", str(cause)]
        return fields

    @at_command("+CREG", "+CGREG", "+CEREG")
    def registration(self, call: Call) -> None:
        levels = self.cereg_levels if call.name == "+CEREG" else (0, 1, 2)
        top = next(level for level in levels if level + 1 not in levels)
        if call.form is Form.READ:
            level = str(self.registration_mode[call.name])
            fields = [level, *self.registration_fields(call.name, read=True)]
            call.line(f"{call.name}: {','.join(fields)}")
        elif call.form is Form.TEST:
            # as a BG770A (0-2,4) and an nRF9160 (0-5) print it
            rest = ",".join(str(level) for level in levels if level > top)
            call.line(f"{call.name}: (0-{top}{',' if rest else ''}{rest})")
        else:
            only(call, Form.SET, Form.ACTION)
            chosen = 0 if call.form is Form.ACTION else call.arguments.integer(0, 0, levels[-1])
            if chosen not in levels:
                raise BadArgument
            self.registration_mode[call.name] = chosen
            self.last_said[call.name] = self._registration_urc(call.name)

    def _registration_urc(self, name: str) -> str:
        return f"{name}: {','.join(self.registration_fields(name, read=False))}"

    def say_registration(self) -> None:
        """Send the URCs whose content changed."""
        for name, level in self.registration_mode.items():
            text = self._registration_urc(name)
            if level and self.last_said[name] != text:
                self.last_said[name] = text
                self.urc(text)

    def registration_changed(self) -> None:
        super().registration_changed()
        if self.registered:
            self._refusal_overcome = self.last_refusal
            self.say_zone()
        self.say_registration()

    def power_saving_granted(self) -> None:
        super().power_saving_granted()
        self.say_registration()

    # --- operator ------------------------------------------------------------------------------

    def _operator(self, style: int) -> str:
        names = OPERATORS.get(self.radio.plmn, (self.radio.plmn, self.radio.plmn))
        return (*names, self.radio.plmn)[style]

    @at_command("+COPS")
    def operator(self, call: Call) -> None:
        mode, style = self.operator_mode
        if call.form is Form.READ:
            if self.registered:
                call.line(f'+COPS: {mode},{style},"{self._operator(style)}",{self.act()}')
            else:
                call.line(f"+COPS: {mode}")
        elif call.form is Form.TEST:
            call.wait(on_abort=lambda: call.finish())
            self.later(self.some_ms(20_000, 60_000), self._operators_found, call)
        else:
            only(call, Form.SET)
            self._select_operator(call)

    def _operators_found(self, call: Call) -> None:
        found = ""
        if self.registered:
            names = ",".join(f'"{self._operator(style)}"' for style in range(3))
            found = f"(2,{names},{self.act()})"
        call.line(f"+COPS: {found},,(0-4),(0-2)")
        call.finish()

    def _select_operator(self, call: Call) -> None:
        mode = call.arguments.integer(0, 0, 4)
        style = call.arguments.integer(1, 0, 2, default=self.operator_mode[1])
        if mode == 3:
            self.operator_mode = (self.operator_mode[0], style)
            return
        if self.functionality != 1:
            raise CommandFailed(3)
        if mode in (1, 4):
            wanted = call.arguments.text(2)
            if mode == 1 and self.registered and wanted != self._operator(style):
                raise CommandFailed(30)
        before, self.operator_mode = self.operator_mode[0], (mode, style)
        if mode == 2:
            self.radio.switch_off()
        elif before == 2:
            self.radio.switch_on()

    @at_command("+CGATT")
    def attach(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CGATT: {int(self.registered)}")
        elif call.form is Form.TEST:
            call.line("+CGATT: (0,1)")
        else:
            only(call, Form.SET)
            wanted = call.arguments.integer(0, 0, 1)
            if self.functionality != 1:
                raise CommandFailed(3)
            if wanted == 0:
                self.radio.switch_off()
            elif not self.registered:
                self.radio.switch_on()
                self._wait_until_registered(call, 75_000)

    def _wait_until_registered(self, call: Call, left_ms: int) -> None:
        if not call.pending:
            call.wait()
        if self.registered:
            call.finish()
        elif left_ms <= 0:
            call.fail(30)
        else:
            self.later(250, self._wait_until_registered, call, left_ms - 250)

    # --- signal --------------------------------------------------------------------------------

    def rssi_dbm(self) -> int | None:
        """Return the wide-band power: about 20 dB above RSRP on six resource blocks."""
        rsrp_dbm = self.radio.rsrp_dbm
        return None if rsrp_dbm is None else rsrp_dbm + 20

    @at_command("+CSQ")
    def signal_quality(self, call: Call) -> None:
        only(call, Form.ACTION)
        rssi_dbm = self.rssi_dbm()
        if rssi_dbm is None:
            call.line("+CSQ: 99,99")
        else:
            level = min(31, max(0, (rssi_dbm + 113) // 2))
            call.line(f"+CSQ: {level},{self.bit_errors}")

    @at_command("+CESQ")
    def extended_signal_quality(self, call: Call) -> None:
        only(call, Form.ACTION)
        rsrp_dbm, rsrq_db = self.radio.rsrp_dbm, self.radio.rsrq_db
        # 27.007 8.69: rsrp 0 is below -140 dBm, 1 dB each; rsrq 0 is below -19.5 dB, 0.5 dB each
        rsrp = 255 if rsrp_dbm is None else min(97, max(0, rsrp_dbm + 141))
        rsrq = 255 if rsrq_db is None else min(34, max(0, int((rsrq_db + 20) * 2)))
        call.line(f"+CESQ: 99,99,255,255,{rsrq},{rsrp}")

    @at_command("+CSCON")
    def signalling_connection(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CSCON: {self.rrc_mode},{int(self.radio.rrc_connected)}")
        else:
            only(call, Form.SET)
            call.arguments.no_more_than(1)
            self.rrc_mode = call.arguments.integer(0, 0, 1)

    def rrc_changed(self, connected: bool) -> None:
        super().rrc_changed(connected)
        if self.rrc_mode:
            self.urc(f"+CSCON: {int(connected)}")
