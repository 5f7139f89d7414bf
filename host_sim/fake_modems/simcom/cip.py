"""Fake SIMCom SIM7000G/A/C/E and SIM800: models, boot, identity, network and power commands.

Sources: SIM7000 Series AT Command Manual V1.06, SIM7000 Hardware Design V1.07 (PWRKEY and UART
times), SIM7000 Low Power Mode Application Note, SIM800 Series AT Command Manual V1.09;
vshymanskyy/TinyGSM issues 358 (SIM800L: boot URCs, +CPIN: NOT READY with CFUN=0) and 471 (its NITZ
lines). A SIM800 knows only GSM: on this LTE radio it registers with CREG and CGREG as if in 2G.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.simcom.cip_names import CipNames
from ip_commands.host_sim.fake_modems.simcom.settings import CIP_ROWS, SIM800_ROWS


@dataclass(frozen=True)
class CipVariant:
    """What differs between the models."""

    facts: ModelFacts
    is_gsm: bool = False


def _sim7000(letter: str) -> CipVariant:
    name = f"SIM7000{letter}"
    return CipVariant(ModelFacts("SIMCOM_Ltd", f"SIMCOM_{name}", f"1529B06{name}"))


CIP_MODELS: dict[str, CipVariant] = {
    "SIM7000G": _sim7000("G"),
    "SIM7000A": _sim7000("A"),
    "SIM7000C": _sim7000("C"),
    "SIM7000E": _sim7000("E"),
    "SIM800": CipVariant(ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM800", "1418B04SIM800"), is_gsm=True),
}

_NOT_IN_GSM = frozenset(
    [
        "+CEREG",
        "+CEDRXS",
        "+CEDRXRDP",
        "+CPSMS",
        "+CPSMSTATUS",
        "+CESQ",
        "+CSCON",
        "+CGCONTRDP",
        "+CNACT",
        "+CGNAPN",
        "+CPSI",
        "+CNMP",
        "+CMNB",
    ]
)


class SimcomCip(CipNames):
    """A SIM7000 or a SIM800 with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "cme-text-at-boot": "AT+CMEE=2 is the factory setting",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = CIP_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {"+CGNAPN": "", "+CPOWD": "(0,1)"}
    cereg_levels = (0, 1, 2, 4)
    uart_ready_ms = 4500
    radio_on_ms = 500
    sim_ready_ms = 900

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        variant = CIP_MODELS[model]
        self.facts, self.is_gsm = variant.facts, variant.is_gsm
        if self.is_gsm:
            self.uart_ready_ms, self.sim_ready_ms, self.radio_on_ms = 3000, 3500, 3600
            self.connection_count = 6
            self.missing_commands = _NOT_IN_GSM
            self.on_gsm = True
        else:
            self.missing_commands = frozenset(["+CEER", "+CIPSSL"])
        super().__init__(model, radio, quirks, seed, powered)

    def make_storage(self) -> None:
        super().make_storage()
        if self.is_gsm:
            self.settings.remove(_NOT_IN_GSM)
            for row in SIM800_ROWS:
                self.settings.replace_row(row)
            if "fixed-baud" in self.quirks:
                self.settings.ship_with("+IPR", 115200)
        if "cme-text-at-boot" in self.quirks:
            self.settings.ship_with("+CMEE", 2)

    @property
    def psm_status_urc(self) -> bool:
        """+CPSMSTATUS: PSM is announced."""
        return self.settings.number("+CPSMSTATUS") == 1

    def forget_session(self) -> None:
        super().forget_session()
        self.ceer_as_number = 0
        self.last_address = self.radio.ip_address

    # --- boot ------------------------------------------------------------------------------------

    def boot_urcs(self) -> list[tuple[int, str]]:
        if self.is_gsm:
            ready = [(1000, "RDY"), (1020, "+CFUN: 1"), (3500, "+CPIN: READY")]
            return [*ready, (6000, "Call Ready"), (6000, "SMS Ready")]
        return [(0, "RDY"), (20, "+CFUN: 1"), (900, "+CPIN: READY"), (2500, "SMS Ready")]

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        if from_psm and self.psm_status_urc:
            self.urc('+CPSMSTATUS: "EXIT PSM"')

    # --- identity and radio ----------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        release = self.facts.revision[:4]
        if self.is_gsm:
            release = f"{release[:2]}.{release[2:]}"
        call.line(f"{self.facts.name.removeprefix('SIMCOM_')} R{release}")

    @at_command("+CGMR", "+GMR")
    def revision(self, call: Call) -> None:
        self._identity(call, f"Revision:{self.facts.revision}")

    @at_command("+CGNAPN")
    def network_apn(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            # LTE tells an APN, GSM none (botletics/SIM7000-LTE-Shield, SIM7000_AWS_Log)
            told = self.registered and self.act() >= 7
            apn = self.context_apn(self.DEFAULT_CID) if told else ""
            call.line(f'+CGNAPN: {int(told)},"{apn}"')

    @at_command("+CEER")
    def call_release_report(self, call: Call) -> None:
        """Of a SIM800, about calls alone (SIM800 AT manual 3.2.7): nothing about attaches."""
        if call.form is Form.READ:
            call.line(f"+CEER: {self.ceer_as_number}")
        elif call.form is Form.TEST:
            call.line("+CEER: (0,1)")
        elif call.form is Form.SET:
            self.ceer_as_number = call.arguments.integer(0, 0, 1)
        else:
            call.line(f"+CEER: {'Cause:0' if self.ceer_as_number else 'No cause'}")

    def deactivated_event(self, by: str) -> str:
        """GSM has PDP contexts instead of PDN connections (27.007 10.1.19)."""
        if self.is_gsm:
            return f'{by} DEACT "IP","{self.last_address}",{self.DEFAULT_CID}'
        return super().deactivated_event(by)

    def activated_event(self) -> str | None:
        """Nothing tells of it in GSM: the host itself asked for it."""
        self.last_address = self.radio.ip_address
        return None if self.is_gsm else super().activated_event()

    def act(self) -> int:
        return 0 if self.is_gsm else super().act()

    def location_fields(self) -> list[str]:
        fields = super().location_fields()
        return fields[:2] if self.is_gsm else fields  # no <AcT> in GSM

    def nitz_lines(self) -> list[str]:
        if not self.is_gsm:
            return super().nitz_lines()
        date, _, clock = self.clock_text()[:-3].partition(",")
        numbers = [f"20{date[:2]}", *date[3:].split("/"), *clock.split(":")]
        moment = ",".join(str(int(number)) for number in numbers)
        name, plmn = self._operator(0), self._operator(2)
        return [
            f'*PSUTTZ: {moment},"+00",0',
            "DST: 0",
            f'+CIEV: 10,"{plmn}","{name}","{name}", 0, 0',
        ]

    def _switch_radio(self, call: Call, wanted: int) -> None:
        if self.is_gsm and wanted == 0 and self.functionality == 1 and self.sim_error is None:
            self.sim_error = 10  # TinyGSM 358: five seconds between the URC and OK
            self.urc("+CPIN: NOT READY")
            self.later(4700, super()._switch_radio, call, wanted)
            return
        if self.is_gsm and wanted == 1 and self.functionality == 0:
            self.sim_became_ready()
            self.later(100, self.urc, "+CPIN: READY")
        super()._switch_radio(call, wanted)

    # --- power -----------------------------------------------------------------------------------

    def psm_text(self) -> str | None:
        return '+CPSMSTATUS: "ENTER PSM"' if self.psm_status_urc else None

    @at_command("+CPOWD")
    def power_down(self, call: Call) -> None:
        """``=1`` says NORMAL POWER DOWN and nothing else, ``=0`` nothing (AT manual)."""
        only(call, Form.SET)
        call.final(None)
        if call.arguments.integer(0, 0, 1):
            self.later(20, self.shut_down, "NORMAL POWER DOWN", self.some_ms(1800, 3000))
        else:
            self.later(1, self.shut_down, None, 5)
