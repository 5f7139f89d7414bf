"""Indicators and what hosts look at beside the network: +CMER, +CIND, +CBC, +COPN.

Source of the forms: 3GPP TS 27.007 8.4 (CBC), 8.9 (CIND), 8.10 (CMER), 7.21 (COPN). Indicators in
the order of a real Quectel module's +CIND=? (public note of a logger's AT session); +COPN lists
the few networks that the fakes know by name (a module lists thousands).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.settings import Number, Setting
from ip_commands.host_sim.fake_modems.generic.registration import OPERATORS, RegistrationCommands

INDICATORS = (
    ("battchg", "0-5"),
    ("signal", "0-5"),
    ("service", "0-1"),
    ("call", "0-1"),
    ("roam", "0-1"),
    ("smsfull", "0-1"),
    ("GPRS coverage", "0-1"),
    ("callsetup", "0-3"),
)
ROAMING = 5


class Indicators(RegistrationCommands):
    """+CIND, and +CIEV when +CMER asks for it."""

    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "+CMER",
            (
                *(Number(0, "0-3"), Number(0, "0"), Number(0, "0"), Number(0, "0-2")),
                Number(0, "0,1"),
            ),
            needs=0,
        ),
    )
    TEST_FORMS: ClassVar[dict[str, str]] = {
        "+CIND": ",".join(f'("{name}",({values}))' for name, values in INDICATORS),
        "+CBC": "(0-3),(1-100),VOLTAGE",
        "+COPN": "",
    }
    BATTERY = "0,100,3900"
    """<bcs>, <bcl> in percent and, beyond 27.007, the supply in mV, as most vendors print it."""

    def forget_session(self) -> None:
        super().forget_session()
        self._indicated = self.indicator_values()

    def indicator_values(self) -> tuple[int, ...]:
        """Return the value of each of ``INDICATORS``; of <signal> 0 to 5 by RSRP (assumed)."""
        rsrp_dbm = self.radio.rsrp_dbm
        bars = 0 if rsrp_dbm is None else min(5, max(0, (rsrp_dbm + 125) // 8))
        roams = self.radio.registration in (ROAMING, 10)
        return (5, bars, int(self.registered), 0, int(roams), 0, int(self.registered), 0)

    def wants_indicator(self, number: int) -> bool:
        """Return whether +CIEV tells of that indicator."""
        return True

    @at_command("+CIND")
    def indicator_control(self, call: Call) -> None:
        only(call, Form.READ)
        call.line(f"+CIND: {','.join(str(value) for value in self.indicator_values())}")

    def registration_changed(self) -> None:
        super().registration_changed()
        before, self._indicated = self._indicated, self.indicator_values()
        if not self.settings.number("+CMER") or not self.settings.number("+CMER", 3):
            return
        for number, (old, new) in enumerate(zip(before, self._indicated, strict=True), 1):
            if old != new and self.wants_indicator(number):
                self.urc(f"+CIEV: {number},{new}")

    @at_command("+CBC")
    def battery_charge(self, call: Call) -> None:
        only(call, Form.ACTION)
        call.line(f"+CBC: {self.BATTERY}")

    @at_command("+COPN")
    def operator_names(self, call: Call) -> None:
        only(call, Form.ACTION)
        for plmn, (long_name, _) in sorted(OPERATORS.items()):
            call.line(f'+COPN: "{plmn}","{long_name}"')
