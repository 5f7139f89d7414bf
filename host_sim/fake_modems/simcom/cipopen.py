"""Fake SIMCom SIM7500, SIM7600, A7670, A7672, SIM7670G and SIM7672G: models, boot, power.

Sources: SIM7500_SIM7600 Series AT Command Manual V3.00, A76XX Series AT Command Manual V1.09 and
A7670 Series Hardware Design (UART ready 11.1 s after the key), SIM767XX Series AT Command Manual
V1.06 (POWERD DOWN, CEDRXRDP with two fields); espressif/esp-protocols issue 789 (SIM7600 boot
lines), Xinyuan-LilyGO/LilyGo-Modem-Series issues 79 and 138 (A7670 boot lines scattered over
answers, SIM failure from an early +CPIN?); +CEER in public logs: ``EMM detached`` of a SIM7600,
``EMM_CAUSE_ESM_FAILURE`` of a SIM7670G. Sleep by CSCLK is stored and not played.
"""

import re
from collections.abc import Sequence
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.error_numbers import refusal_text
from ip_commands.host_sim.fake_modems.engine.fake_modem import BOOTING, at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import NetworkRefusal, Radio
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.error_report import ErrorReport
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.simcom.cipopen_names import CipopenNames
from ip_commands.host_sim.fake_modems.simcom.cipopen_net import OPEN, CipopenVariant
from ip_commands.host_sim.fake_modems.simcom.settings import CIPOPEN_ROWS

_INC = "SIMCOM INCORPORATED"

CIPOPEN_MODELS: dict[str, CipopenVariant] = {
    "SIM7600": CipopenVariant(
        ModelFacts(_INC, "SIMCOM_SIM7600G-H", "LE20B04SIM7600G22"), "SIM7600"
    ),
    "SIM7500": CipopenVariant(ModelFacts(_INC, "SIMCOM_SIM7500A", "LE20B04SIM7500A22"), "SIM7600"),
    "A7670": CipopenVariant(ModelFacts("INCORPORATED", "A7670E-FASE", "A011B07A7670M7"), "A76XX"),
    "A7672": CipopenVariant(ModelFacts("INCORPORATED", "A7672E-FASE", "A011B07A7672M7"), "A76XX"),
    "SIM7670G": CipopenVariant(ModelFacts(_INC, "SIM7670G-MNGV", "2374B03SIM767XM5A"), "SIM767X"),
    "SIM7672G": CipopenVariant(ModelFacts(_INC, "SIM7672G-MNGV", "2374B03SIM767XM5A"), "SIM767X"),
}

_MISSING = {
    "SIM7600": frozenset(("+CEDRXS", "+CEDRXRDP", "+CPSMS")),
    "A76XX": frozenset(("+CEDRXS", "+CEDRXRDP")),
    "SIM767X": frozenset(("+CPSMS",)),
}


class SimcomCipopen(ErrorReport, CipopenNames):
    """A module of the SIM7600, A76XX or SIM767X series with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "cme-number-at-boot": "AT+CMEE=1 is the stored setting instead of 2",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = CIPOPEN_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+CICCID", "+CEDRXRDP", "+CRESET"), ""),
        "+CSOCKSETPN": "(1-16)",
        "+CPOF": "(0,1)",
    }
    BATTERY = "3.749V"
    """As this family prints it (AT manual, +CBC)."""
    cereg_levels = (0, 1, 2)
    MAX_CID = 15
    uart_ready_ms = 11_100
    radio_on_ms = 3600
    sim_ready_ms = 1000
    key_off_ms = 2000
    key_off_text = None

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.variant = CIPOPEN_MODELS[model]
        self.facts = self.variant.facts
        self.missing_commands = _MISSING[self.variant.series]
        if self.variant.series == "SIM7600":
            self.uart_ready_ms = 9000
        elif self.variant.series == "A76XX":
            self.radio_off_ms = (3000, 3600)
        super().__init__(model, radio, quirks, seed, powered)

    def make_storage(self) -> None:
        super().make_storage()
        self.settings.ship_with("+CMEE", 1 if "cme-number-at-boot" in self.quirks else 2)

    # --- boot ------------------------------------------------------------------------------------

    def boot_urcs(self) -> list[tuple[int, str]]:
        first = "RDY" if self.variant.series == "SIM7600" else "*ATREADY: 1"
        rest = [(1000, "+CPIN: READY"), (1300, "SMS DONE"), (5000, "PB DONE")]
        return [(0, first), *rest]

    def forget_session(self) -> None:
        super().forget_session()
        if self.power == BOOTING and self.sim_error is not None and self.radio.iccid:
            self.sim_error = 13  # SIM failure, not SIM busy (LilyGo-Modem-Series issue 79)

    # --- what an A76XX has of its own ------------------------------------------------------------

    def packet_event(self, text: str | None) -> None:
        """An A7670SA says +CGEV without having been asked (log of firmware of 2026-08)."""
        if self.variant.series == "A76XX" and text is not None:
            self.urc(f"+CGEV: {text}")
        else:
            super().packet_event(text)

    def activated_event(self) -> str | None:
        event = super().activated_event()
        return f"{event},4" if self.variant.series == "A76XX" else event

    def context_parameters(self, apn: str, address: str) -> str:
        if self.variant.series != "A76XX":
            return super().context_parameters(apn, address)
        return f'6,"{apn}","{address}","","8.8.8.8","8.8.4.4","","",0,0'

    def registration_fields(self, name: str, read: bool) -> list[str]:
        """An A7670SA that searches says 0 in +CREG? (the same log)."""
        fields = super().registration_fields(name, read)
        if self.variant.series == "A76XX" and read and name == "+CREG" and fields[0] == "2":
            fields[0] = "0"
        return fields

    def _switch_radio(self, call: Call, wanted: int) -> None:
        if self.variant.series == "A76XX" and wanted == 0 and self.functionality == 1:
            self.urc("+SIMCARD: NOT AVAILABLE")
            self.sim_error = 10
        if wanted == 1 and self.functionality == 0 and self.sim_error == 10:
            self.later(self.sim_ready_ms, self._sim_back)
        super()._switch_radio(call, wanted)

    def _sim_back(self) -> None:
        self.sim_became_ready()
        if self.sim_error is None:
            self.urc("+CPIN: READY")

    # --- identity and radio ----------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        call.line(f"Manufacturer: {self.facts.manufacturer}")
        call.line(f"Model: {self.facts.name}")
        call.line(f"Revision: {self.facts.revision}")
        call.line(f"IMEI: {self.radio.imei}")
        call.line("+GCAP: +CGSM")

    @at_command("+CGMR", "+GMR")
    def revision(self, call: Call) -> None:
        self._identity(call, f"{call.name}: {self.facts.revision}")

    @at_command("+CICCID")
    def show_iccid(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.need_sim()
        call.line(f"+ICCID: {self.radio.iccid}")

    def no_report(self) -> str:
        """A SIM7600 that is out of the network says so."""
        detached = self.variant.series == "SIM7600" and not self.registered
        return "EMM detached" if detached else super().no_report()

    def report_of(self, refusal: NetworkRefusal) -> str:
        """A SIM767X names the constants of its firmware; all but one are assumed."""
        if self.variant.series != "SIM767X":
            return super().report_of(refusal)
        words = re.sub(r"[^A-Z]+", "_", refusal_text(refusal.layer, refusal.cause).upper())
        return f"{refusal.layer}_CAUSE_{words}"

    @at_command("+CNSMOD")
    def system_mode(self, call: Call) -> None:
        """<n>, and the mode in use: 0 none, 8 LTE."""
        if call.form is Form.READ:
            call.line(f"+CNSMOD: {self.settings.text('+CNSMOD')},{8 if self.registered else 0}")
        else:
            self.setting(call)

    def keepalive_set(self, call: Call) -> None:
        """An A76XX refuses it until its network is open (a public note about an A7670E-FASE of
        firmware V1.11.1)."""
        if self.variant.series == "A76XX" and self.net != OPEN:
            raise CommandFailed

    @at_command("+CSOCKSETPN")
    def socket_context(self, call: Call) -> None:
        """Choose the context that NETOPEN activates."""
        if call.form is Form.SET:
            self.socket_cid = call.arguments.integer(0, 1, self.MAX_CID)
        elif call.form is Form.READ:
            call.line(f"+CSOCKSETPN: {self.socket_cid}")

    def cell_name(self) -> str:
        return "LTE"

    def power_fields(self) -> str:
        """RSRQ, RSRP and RSSI in tenths of dB and dBm (AT manual, CPSI)."""
        rsrq, rsrp, rssi = self.radio.rsrq_db or 0, self.radio.rsrp_dbm or 0, self.rssi_dbm() or 0
        return f"{int(rsrq * 10)},{rsrp * 10},{rssi * 10}"

    @at_command("+CEDRXRDP")
    def show_edrx(self, call: Call) -> None:
        """Two fields (SIM767XX manual)."""
        only(call, Form.ACTION)
        granted = self.radio.granted_edrx
        text = f'{self.edrx_act()},"{granted[1]}"' if granted is not None else "0"
        call.line(f"+CEDRXRDP: {text}")

    # --- power -----------------------------------------------------------------------------------

    @at_command("+CPOF")
    def power_off(self, call: Call) -> None:
        """OK, then silence; a SIM767X says POWERD DOWN, spelled so."""
        only(call, Form.ACTION, Form.SET)
        quick = call.form is Form.SET and call.arguments.integer(0, 0, 1) == 1
        text = "POWERD DOWN" if self.variant.series == "SIM767X" else None
        self.later(1, self.shut_down, text, 300 if quick else self.some_ms(1500, 2500))

    @at_command("+CRESET")
    def reset_module(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.reboot_after_answer()
