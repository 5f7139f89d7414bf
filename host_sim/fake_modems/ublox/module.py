"""Fake u-blox SARA-R410M, R412M, R422, SARA-R5 and LARA-R6: identity, registration, framing.

Sources: AN004 of particle-iot/docs (answers of a real SARA-R410M-02B), u-blox UBX-20009652 R02
(SARA-R5: <tac> and <ci> without leading zeros, the surplus field of +CEREG level 4), u-blox/ubxlib
u_cell_net.c (which modules have that field, where), u_cell_info.c (ATI9) and issue 188 (levels 3
and 5 tell the cause of a refusal; a SARA-R410M goes up to 4: UBX-17003787 R16 page 151). Hosts ask
+CEER; what these modules answer is not known, so it is words without a form. Boot is silent on
all of them. Sockets are in ``ublox_sockets`` and ``ublox_data``.
"""

from collections.abc import Sequence
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.engine.settings import Number, Setting
from ip_commands.host_sim.fake_modems.generic.error_report import ErrorReport
from ip_commands.host_sim.fake_modems.ublox.models import UBLOX_MODELS
from ip_commands.host_sim.fake_modems.ublox.names import UbloxNames
from ip_commands.host_sim.fake_modems.ublox.settings import MODULE_ROWS, PSM_VERSION, rat_row


class Ublox(ErrorReport, UbloxNames):
    """A u-blox module with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "cereg-surplus": "+CEREG of level 4 has a field between <tac> and <ci>, URC and answer",
        "cereg-plain": "+CEREG of level 4 is that of 27.007",
        "cereg-0-3": "+CEREG has no level above 3 (R410M-02B-00: UBX-17003787 R16)",
        "stray-crlf": "a lone CRLF comes before some answers to socket commands (real R410M)",
        "no-nul-at-boot": "a SARA-R4 restarts without two NUL bytes",
        "autobaud": "AT+IPR=0 is stored: no URC after a boot before the first AT",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = (*MODULE_ROWS, PSM_VERSION)
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+CCID", "+USOCL", "+USOER"), ""),
        "+UDCONF": "(1,2,89)",
        "+USOCO": '(0-6),"remote_host",(1-65535)',
        "+USOCTL": "(0-6),(0-4,10,11)",
        "+USOSTF": '(0-6),"remote_host",(1-65535),(0-2),(0-1024),"data"',
        "+USOWR": '(0-6),(0-1024),"data"',
    }
    BATTERY = "0,100"
    """No supply voltage: the form of 27.007."""
    radio_on_ms = 500
    key_off_text = None
    key_off_ms = 3000

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.variant = UBLOX_MODELS[model]
        self.facts = self.variant.facts
        self.uart_ready_ms = self.variant.uart_ready_ms
        self.cereg_levels = self.variant.cereg_levels
        if "cereg-0-3" in quirks:
            self.cereg_levels = (0, 1, 2, 3)
        missing = () if self.variant.soft_reset == 16 else ("+UPSMVER",)
        if not self.variant.has_profiles:
            missing = (*missing, "+UPSD", "+UPSDA", "+UPSND")
        self.missing_commands = frozenset(missing)
        super().__init__(model, radio, quirks, seed, powered)
        self.at.out.framing.capital_cme_texts = self.variant.odd_line_ends

    def make_storage(self) -> None:
        super().make_storage()
        if "autobaud" in self.quirks:
            self.settings.ship_with("+IPR", 0)
        self.settings.replace_row(rat_row(self.variant))
        mode = self.variant.ucged_mode
        self.settings.replace_row(Setting("+UCGED", (Number(0, f"0,{mode}"),)))
        if self.variant.soft_reset != 16:
            self.settings.remove(["+UPSMVER"])

    # --- boot ------------------------------------------------------------------------------------

    def uart_ready(self, from_psm: bool) -> None:
        """NUL NUL leaves a SARA-R4 after a restart (FreeRTOS-Cellular-Interface pull 75); the
        greeting of +CSGT comes when the module answers."""
        super().uart_ready(from_psm)
        if self.variant.odd_line_ends and self.boots > 1 and "no-nul-at-boot" not in self.quirks:
            self._write(b"\0\0")
        greets, text = self.settings["+CSGT"]
        if greets and text:
            self.urc(str(text))

    @at_command("+CSGT")
    def greeting(self, call: Call) -> None:
        """<text>,<mode> when it is read, <mode>[,<text>] when it is set."""
        if call.form is Form.READ:
            greets, text = self.settings["+CSGT"]
            call.line(f'+CSGT: "{text}",{greets}')
        else:
            self.setting(call)

    def _execute(self, call: Call) -> None:
        stray = "stray-crlf" in self.quirks and call.name.startswith("+USO")
        if stray and self.random.random() < 0.5:
            self.at.out.raw(b"\r\n")
        super()._execute(call)

    # --- identity --------------------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        """ATI9: versions of modem and application firmware; ATI: what users' logs print."""
        if call.text == "9":
            call.line(self.variant.version)
        elif self.variant.is_r4:
            call.line(f"Manufacturer: {self.facts.manufacturer}")
            call.line(f"Model: {self.facts.name}")
            call.line(f"Revision: {self.facts.revision}")
            call.line("SVN: 02")
            call.line(f"IMEI: {self.radio.imei}")
        else:
            call.line(self.facts.name)

    @at_command("+CCID")
    def iccid(self, call: Call) -> None:
        only(call, Form.ACTION, Form.READ)
        self.need_sim()
        call.line(f"+CCID: {self.radio.iccid}")

    # --- network ---------------------------------------------------------------------------------

    def act(self) -> int:
        """SARA-R4 number LTE-M 8, SARA-R5 7."""
        return self.variant.lte_m_act if self.radio.is_cat_m1 else super().act()

    def location_fields(self) -> list[str]:
        tac, cell_id = (text.lstrip("0") or "0" for text in (self.radio.tac, self.radio.cell_id))
        return [f'"{tac}"', f'"{cell_id}"', str(self.act())]

    def registration_fields(self, name: str, read: bool) -> list[str]:
        fields = super().registration_fields(name, read)
        surplus = ("read" if read else "urc") in self.variant.surplus_cereg_field
        surplus = surplus or "cereg-surplus" in self.quirks
        if "cereg-plain" in self.quirks or name != "+CEREG" or not self.registered:
            surplus = False
        if surplus and self.registration_mode[name] >= 4:
            fields.insert(2, '"0"')
        return fields

    def address_line(self, cid: int, address: str | None) -> str:
        if self.variant.is_r4:
            return f"+CGPADDR: {cid},{address or '0.0.0.0'}"
        return super().address_line(cid, address)

    def context_line(self, cid: int) -> str:
        """The address in use, while there is one (ARMmbed/mbed-os issues 13000 and 14510: R412M,
        R500S). They show the network's APN, too: here the host's own, the radio tells no other."""
        return self.context_text(cid, self.context_apn(cid), self.address_of(cid) or "0.0.0.0")

    def wants_indicator(self, number: int) -> bool:
        """+UCIND: bit 0 is the first indicator."""
        return bool(self.settings.number("+UCIND") & 1 << number - 1)

    @at_command("+UCGED")
    def cell_environment(self, call: Call) -> None:
        """Measurements over several lines; what this radio does not know is fixed.

        Forms: device-os issues 2033 and 2038 and a public note of a SARA-R410M (mode 5), ubxlib
        u_cell_info.c (mode 2 of a SARA-R5; of a SARA-R422 and a LARA-R6 the same is assumed).
        """
        if call.form is not Form.READ:
            self.setting(call)
            return
        rsrp_dbm, rsrq_db = self.radio.rsrp_dbm, self.radio.rsrq_db
        mode = self.settings.number("+UCGED")
        if mode == 5 and rsrp_dbm is not None and rsrq_db is not None:
            call.line(f'+RSRP: 350,6200,"{rsrp_dbm:+07.2f}",')
            call.line(f'+RSRQ: 350,6200,"{rsrq_db:+06.2f}",')
        elif mode != 5:
            call.line(f"+UCGED: {mode}")
        if mode == 2:
            self._show_cell(call)

    def _show_cell(self, call: Call) -> None:
        rsrp_dbm, rsrq_db = self.radio.rsrp_dbm, self.radio.rsrq_db
        if not self.registered or rsrp_dbm is None or rsrq_db is None:
            call.line("6,2,fff,fff")
            call.line(
                "65535,255,255,255,ffff,0000000,65535,00000000,ffff,ff,255,255,255,1,255,255,255,"
                "255,255,0,255,255,0"
            )
            return
        plmn, tac, cell = self.radio.plmn, self.radio.tac.lower(), self.radio.cell_id.lower()
        rsrp, rsrq = min(97, max(0, rsrp_dbm + 141)), min(34, max(0, int((rsrq_db + 20) * 2)))
        call.line(f"6,4,{plmn[:3]},{plmn[3:].zfill(2)}")
        call.line(
            f"6200,20,50,50,{tac},{cell},350,d60814d1,8001,01,{rsrp},{rsrq},13.75,"
            f"{3 if self.radio.rrc_connected else 1},1,10,{rsrp},-50,-6,0,255,255,0"
        )

    @at_command("+UDOPN")
    def refused(self, call: Call) -> None:
        """ERROR even with CMEE=2 (R410M L0.0.00.00.05.06)."""
        raise CommandFailed
