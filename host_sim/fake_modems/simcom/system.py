"""What SIMCom modules of all families share beside their sockets.

Sources: AT Command Manuals of the SIM7000 Series V1.06, SIM7070_SIM7080_SIM7090 Series V1.05,
SIM7500_SIM7600 Series V3.00 and A76XX Series V1.09; NITZ lines from logs in
botletics/SIM7000-LTE-Shield (SIM7000_AWS_Log) and vshymanskyy/TinyGSM issue 471 (SIM800L).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp


class SimcomSystem(Generic3gpp):
    """Identity, stored settings, +CPSI, network time."""

    SETTINGS: ClassVar[dict[str, str]] = {}
    """Settings without effect on what is simulated: command and factory value."""

    missing_commands: frozenset[str] = frozenset()
    """Commands that this model does not have although its relatives do."""

    def make_storage(self) -> None:
        super().make_storage()
        self.plain_settings = dict(self.SETTINGS)
        self.nitz_urc = False

    def _execute(self, call: Call) -> None:
        if call.name in self.missing_commands:
            raise CommandFailed(self.UNKNOWN_COMMAND)
        super()._execute(call)

    def keep_setting(self, call: Call) -> None:
        """Keep and report one of ``SETTINGS``."""
        if call.form is Form.READ:
            call.line(f"{call.name}: {self.plain_settings[call.name]}")
        elif call.form is Form.SET:
            len(call.arguments)  # refuses what is no list of values
            self.plain_settings[call.name] = call.text[:200]

    @at_command("+CCID")
    def iccid(self, call: Call) -> None:
        self.need_sim()
        if call.form is not Form.TEST:
            call.line(self.radio.iccid)

    # --- cell ------------------------------------------------------------------------------------

    def cell_name(self) -> str:
        """Return the system mode of +CPSI."""
        return "LTE CAT-M1" if self.radio.is_cat_m1 else "LTE NB-IOT"

    def power_fields(self) -> str:
        """Return RSRQ, RSRP and RSSI of +CPSI."""
        rsrq = int(self.radio.rsrq_db or 0)
        return f"{rsrq},{self.radio.rsrp_dbm},{self.rssi_dbm()}"

    @at_command("+CPSI")
    def system_information(self, call: Call) -> None:
        only(call, Form.READ, Form.TEST)
        if call.form is Form.TEST:
            return
        if not self.registered:
            call.line("+CPSI: NO SERVICE,Online")
            return
        plmn, cell = self.radio.plmn, int(self.radio.cell_id or "0", 16)
        call.line(
            f"+CPSI: {self.cell_name()},Online,{plmn[:3]}-{plmn[3:]},0x{self.radio.tac},{cell},"
            f"350,EUTRAN-BAND12,5110,3,3,{self.power_fields()},14"
        )

    # --- network time ----------------------------------------------------------------------------

    @at_command("+CLTS")
    def local_timestamp(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CLTS: {int(self.nitz_urc)}")
        elif call.form is Form.TEST:
            call.line("+CLTS: (0,1)")
        else:
            self.nitz_urc = call.arguments.integer(0, 0, 1) == 1

    def nitz_lines(self) -> list[str]:
        """Return the URCs that tell the network's time."""
        # the unbalanced quote is the firmware's own (botletics/SIM7000-LTE-Shield log)
        return ["DST: 0", f'*PSUTTZ: {self.clock_text()[:-3]}","+00",0']

    def say_nitz(self) -> None:
        """Tell the network's time, if the network told it."""
        if self.radio.network_time_ms is not None:
            for line in self.nitz_lines():
                self.urc(line)

    def registration_changed(self) -> None:
        super().registration_changed()
        if self.nitz_urc and self.registered:
            self.say_nitz()
