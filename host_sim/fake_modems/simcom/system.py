"""What SIMCom modules of all families share beside their sockets.

Sources: AT Command Manuals of the SIM7000 Series V1.06, SIM7070_SIM7080_SIM7090 Series V1.05,
SIM7500_SIM7600 Series V3.00 and A76XX Series V1.09; NITZ lines from logs in
botletics/SIM7000-LTE-Shield (SIM7000_AWS_Log) and vshymanskyy/TinyGSM issue 471 (SIM800L).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp
from ip_commands.host_sim.fake_modems.simcom.settings import LOCAL_TIME


class SimcomSystem(Generic3gpp):
    """Identity, stored settings, +CPSI, network time."""

    SETTINGS: ClassVar[tuple[Setting, ...]] = (LOCAL_TIME,)
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+CCID", "+CPSI", "+SIMCOMATI"), ""),
    }
    BATTERY = "0,98,4186"
    """As a SIM800 printed it (public log)."""

    @at_command("+CCID")
    def iccid(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.need_sim()
        call.line(self.radio.iccid)

    @at_command("+SIMCOMATI")
    def simcom_information(self, call: Call) -> None:
        """What ATI tells, with a name before each (assumed of all but the revision)."""
        only(call, Form.ACTION)
        call.line(f"Manufacturer: {self.facts.manufacturer}")
        call.line(f"Model: {self.facts.name}")
        call.line(f"Revision: {self.facts.revision}")
        call.line(f"IMEI: {self.radio.imei}")

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
        only(call, Form.READ)
        if not self.registered:
            call.line("+CPSI: NO SERVICE,Online")
            return
        plmn, cell = self.radio.plmn, int(self.radio.cell_id or "0", 16)
        call.line(
            f"+CPSI: {self.cell_name()},Online,{plmn[:3]}-{plmn[3:]},0x{self.radio.tac},{cell},"
            f"350,EUTRAN-BAND12,5110,3,3,{self.power_fields()},14"
        )

    # --- network time ----------------------------------------------------------------------------

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
        if self.settings.number("+CLTS") and self.registered:
            self.say_nitz()
