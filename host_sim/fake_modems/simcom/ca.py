"""Fake SIMCom SIM7070G, SIM7080G and SIM7090G: models, boot, identity, network and power commands.

Sources: SIM7070_SIM7080_SIM7090 Series AT Command Manual V1.05, Low Power Mode Application Note
V1.02, SIM7070 Hardware Design; logs in the public repositories Xinyuan-LilyGO/LilyGo-T-SIM7080G
(issues 17, 96, 98, 179), vshymanskyy/TinyGSM (issue 829). Sockets are in ``simcom_ca_sockets``
and ``simcom_ca_data``.
"""

from collections.abc import Sequence
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.simcom.ca_names import CaNames
from ip_commands.host_sim.fake_modems.simcom.settings import CA_BANDS, CA_ROWS

CA_MODELS: dict[str, ModelFacts] = {
    "SIM7070G": ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM7070", "1951B07SIM7070"),
    "SIM7080G": ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM7080", "1951B10SIM7080"),
    "SIM7090G": ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM7090", "1951B04SIM7090"),
}


class SimcomCa(CaNames):
    """A SIM7070G, SIM7080G or SIM7090G with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "cereg-rac": "+CEREG of level 4 has an empty <rac> between <tac> and <ci> (AT manual)",
        "cereg-twice": "registration URCs of level 4 come twice (low power note)",
        "cme-text-at-boot": "AT+CMEE=2 is the factory setting",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = CA_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("+CPSMRDP", "+CREBOOT", "+CASTATE", "+CACFG"), ""),
        "+CPOWD": "(0,1)",
        "+CAACK": "(0-12)",
    }
    cereg_levels = (0, 1, 2, 4)
    uart_ready_ms = 1800
    radio_on_ms = 500
    sim_ready_ms = 900
    psm_asks_again = False  # only on the change of +CPSMS from 0 to 1 (low power note)

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.facts = CA_MODELS[model]
        super().__init__(model, radio, quirks, seed, powered)

    def make_storage(self) -> None:
        super().make_storage()
        self.bands = dict(CA_BANDS)
        if "cme-text-at-boot" in self.quirks:
            self.settings.ship_with("+CMEE", 2)

    @property
    def psm_status_urc(self) -> bool:
        """+CPSMSTATUS: PSM is announced."""
        return self.settings.number("+CPSMSTATUS") == 1

    # --- boot ------------------------------------------------------------------------------------

    def boot_urcs(self) -> list[tuple[int, str]]:
        return [(0, "RDY"), (20, "+CFUN: 1"), (900, "+CPIN: READY"), (2500, "SMS Ready")]

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        if from_psm and self.psm_status_urc:
            self.urc('+CPSMSTATUS: "EXIT PSM"')

    # --- identity and radio ----------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        call.line(f"{self.facts.name.removeprefix('SIMCOM_')} R{self.facts.revision[:4]}")

    @at_command("+CGMR", "+GMR")
    def revision(self, call: Call) -> None:
        self._identity(call, f"Revision:{self.facts.revision}")

    @at_command("+CBANDCFG")
    def choose_bands(self, call: Call) -> None:
        """The bands of each technology; any that the module has, at least one."""
        if call.form is Form.TEST:
            names = ",".join(f'"{name}"' for name in CA_BANDS)
            call.line(f"+CBANDCFG: ({names}),({CA_BANDS['CAT-M']})")
        elif call.form is Form.READ:
            for name, bands in self.bands.items():
                call.line(f'+CBANDCFG: "{name}",{bands}')
        else:
            only(call, Form.SET)
            a = call.arguments
            name = a.text(0).upper()
            known = CA_BANDS.get(name, "").split(",")
            chosen = [a.text(index) for index in range(1, len(a))]
            if not chosen or set(chosen) - set(known) or len(set(chosen)) < len(chosen):
                raise BadArgument
            self.bands[name] = ",".join(chosen)

    def timer_fields(self, read: bool) -> list[str]:
        """The low power note shows timers also while PSM is off."""
        return super().timer_fields(read) or ["", "", '"00000000"', '"01100000"']

    def location_fields(self) -> list[str]:
        fields = super().location_fields()
        if "cereg-rac" in self.quirks:
            fields.insert(1, "")
        return fields

    def say_registration(self) -> None:
        before = self.last_said["+CEREG"]
        super().say_registration()
        said = self.last_said["+CEREG"]
        if (
            "cereg-twice" in self.quirks
            and said != before
            and self.registration_mode["+CEREG"] > 3
        ):
            self.urc(said)

    # --- power -----------------------------------------------------------------------------------

    def psm_text(self) -> str | None:
        return '+CPSMSTATUS: "ENTER PSM"' if self.psm_status_urc else None

    @at_command("+CPSMRDP")
    def dynamic_psm(self, call: Call) -> None:
        only(call, Form.ACTION)
        granted = self.radio.granted_psm
        if granted is None:
            call.line("+CPSMRDP: 0")
        else:
            tau, active = self.psm_timers
            call.line(f'+CPSMRDP: 1,"{active}","{tau}","{granted[1]}","{granted[0]}"')

    @at_command("+CPOWD")
    def power_down(self, call: Call) -> None:
        """``=1`` says NORMAL POWER DOWN and nothing else, ``=0`` nothing (AT manual)."""
        only(call, Form.SET)
        call.final(None)
        if call.arguments.integer(0, 0, 1):
            self.later(20, self.shut_down, "NORMAL POWER DOWN", self.some_ms(1000, 1800))
        else:
            self.later(1, self.shut_down, None, 5)

    @at_command("+CREBOOT")
    def reboot_now(self, call: Call) -> None:
        if call.form is not Form.ACTION:
            raise CommandFailed
        self.reboot_after_answer()
