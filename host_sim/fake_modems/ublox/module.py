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

from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.generic.error_report import ErrorReport
from ip_commands.host_sim.fake_modems.ublox.models import UBLOX_MODELS
from ip_commands.host_sim.fake_modems.ublox.names import UbloxNames


class Ublox(ErrorReport, UbloxNames):
    """A u-blox module with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "cereg-surplus": "+CEREG of level 4 has a field between <tac> and <ci>, URC and answer",
        "cereg-plain": "+CEREG of level 4 is that of 27.007",
        "cereg-0-3": "+CEREG has no level above 3 (R410M-02B-00: UBX-17003787 R16)",
        "stray-crlf": "a lone CRLF comes before some answers to socket commands (real R410M)",
        "autobaud": "AT+IPR=0 is stored: no URC after a boot before the first AT",
    }
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
        super().__init__(model, radio, quirks, seed, powered)
        self.at.out.framing.capital_cme_texts = self.variant.odd_line_ends

    def make_storage(self) -> None:
        super().make_storage()
        if "autobaud" in self.quirks:
            self._kept["+IPR"] = "0"

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
        self.need_sim()
        if call.form is not Form.TEST:
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

    @at_command("+UDOPN")
    def refused(self, call: Call) -> None:
        """ERROR even with CMEE=2 (R410M L0.0.00.00.05.06)."""
        raise CommandFailed
