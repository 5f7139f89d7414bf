"""Fake SIMCom SIM7070G, SIM7080G and SIM7090G: models, boot, identity, network and power commands.

Sources: SIM7070_SIM7080_SIM7090 Series AT Command Manual V1.05, Low Power Mode Application Note
V1.02, SIM7070 Hardware Design; logs in the public repositories Xinyuan-LilyGO/LilyGo-T-SIM7080G
(issues 17, 96, 98, 179), vshymanskyy/TinyGSM (issue 829). Sockets are in ``simcom_ca_sockets``
and ``simcom_ca_data``.
"""

from collections.abc import Sequence
from typing import ClassVar

from host_sim.fake_modems.at_call import Call, only
from host_sim.fake_modems.at_line import CommandFailed, Form
from host_sim.fake_modems.fake_modem import ON, at_command
from host_sim.fake_modems.generic_general import ModelFacts
from host_sim.fake_modems.radio import Radio
from host_sim.fake_modems.simcom_ca_data import CaData

CA_MODELS: dict[str, ModelFacts] = {
    "SIM7070G": ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM7070", "1951B07SIM7070"),
    "SIM7080G": ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM7080", "1951B10SIM7080"),
    "SIM7090G": ModelFacts("SIMCOM_Ltd", "SIMCOM_SIM7090", "1951B04SIM7090"),
}

_SETTINGS: dict[str, str] = {
    "+CNMP": "2",
    "+CMNB": "3",
    "+CBANDCFG": '"CAT-M",1,2,3,4,5,8,12,13,14,18,19,20,25,26,27,28,66,85',
    "+CSCLK": "0",
    "+CURCCFG": "1",
    "+CPSMCFG": "60",
    "+CEDRX": "3,0,0,0",
    "+CNETLIGHT": "1",
    "+CBATCHK": "0",
}


class SimcomCa(CaData):
    """A SIM7070G, SIM7080G or SIM7090G with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "fixed-baud": "AT+IPR was stored: boot URCs from RDY on, no AT is lost",
        "first-ats-lost": "after a boot with autobaud three AT are lost instead of one",
        "cereg-rac": "+CEREG of level 4 has an empty <rac> between <tac> and <ci> (AT manual)",
        "cereg-twice": "registration URCs of level 4 come twice (low power note)",
        "cme-text-at-boot": "AT+CMEE=2 is the factory setting",
    }
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
        self.baud_fixed = "fixed-baud" in self.quirks
        self.plain_settings = dict(_SETTINGS)
        self.psm_status_urc = False
        self.nitz_urc = False

    def restore_profile(self) -> None:
        super().restore_profile()
        if "cme-text-at-boot" in self.quirks:
            self.at.out.settings.cmee = 2

    # --- boot and autobaud -----------------------------------------------------------------------

    def forget_session(self) -> None:
        super().forget_session()
        # With autobaud the first AT trains the receiver and is lost; no URC before it.
        self.ats_to_lose = 0 if self.baud_fixed else 1
        if self.ats_to_lose and "first-ats-lost" in self.quirks:
            self.ats_to_lose = 3
        if not self.boots:  # it runs already: some host trained it before
            self.ats_to_lose = 0

    def boot_urcs(self) -> list[tuple[int, str]]:
        return [(0, "RDY"), (20, "+CFUN: 1"), (900, "+CPIN: READY"), (2500, "SMS Ready")]

    def urc(self, text: str | bytes) -> None:
        if not self.ats_to_lose:
            super().urc(text)

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        if from_psm and self.psm_status_urc:
            self.urc('+CPSMSTATUS: "EXIT PSM"')

    def _received(self, data: bytes) -> None:
        if self.ats_to_lose and self.power == ON:
            _, end, rest = data.partition(b"\r")
            if not end:
                return
            self.ats_to_lose -= 1
            data = rest
        super()._received(data)

    @at_command("+IPR")
    def baud_rate(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+IPR: {115200 if self.baud_fixed else 0}")
        elif call.form is Form.SET:
            self.baud_fixed = call.arguments.integer(0, 0, 4_000_000) != 0
        elif call.form is Form.TEST:
            call.line("+IPR: (0,300,600,1200,2400,4800,9600,19200,38400,57600,115200)")

    # --- identity and radio ----------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        call.line(f"{self.facts.name.removeprefix('SIMCOM_')} R{self.facts.revision[:4]}")

    @at_command("+CGMR", "+GMR")
    def revision(self, call: Call) -> None:
        self._identity(call, f"Revision:{self.facts.revision}")

    @at_command("+CCID")
    def iccid(self, call: Call) -> None:
        self.need_sim()
        if call.form is not Form.TEST:
            call.line(self.radio.iccid)

    @at_command(
        "+CNMP", "+CMNB", "+CBANDCFG", "+CSCLK", "+CURCCFG", "+CPSMCFG", "+CEDRX", "+CNETLIGHT"
    )
    def plain_setting(self, call: Call) -> None:
        """Keep and report a setting without effect on what is simulated."""
        if call.form is Form.READ:
            call.line(f"{call.name}: {self.plain_settings[call.name]}")
        elif call.form is Form.SET:
            len(call.arguments)  # refuses what is no list of values
            self.plain_settings[call.name] = call.text[:200]

    @at_command("+CPSI")
    def system_information(self, call: Call) -> None:
        only(call, Form.READ, Form.TEST)
        if call.form is Form.TEST:
            return
        if not self.registered:
            call.line("+CPSI: NO SERVICE,Online")
            return
        name = "LTE CAT-M1" if self.radio.is_cat_m1 else "LTE NB-IOT"
        plmn, cell = self.radio.plmn, int(self.radio.cell_id or "0", 16)
        rsrp, rsrq = self.radio.rsrp_dbm, int(self.radio.rsrq_db or 0)
        call.line(
            f"+CPSI: {name},Online,{plmn[:3]}-{plmn[3:]},0x{self.radio.tac},{cell},"
            f"350,EUTRAN-BAND12,5110,3,3,{rsrq},{rsrp},{self.rssi_dbm()},14"
        )

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

    @at_command("+CLTS")
    def local_timestamp(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CLTS: {int(self.nitz_urc)}")
        elif call.form is Form.SET:
            self.nitz_urc = call.arguments.integer(0, 0, 1) == 1

    def registration_changed(self) -> None:
        super().registration_changed()
        if self.nitz_urc and self.registered and self.radio.network_time_ms is not None:
            # the unbalanced quote is the firmware's own (botletics/SIM7000-LTE-Shield log)
            moment = self.clock_text()[:-3]
            self.urc(f'*PSUTTZ: {moment}","+00",0')
            self.urc("DST: 0")

    # --- power -----------------------------------------------------------------------------------

    @at_command("+CPSMSTATUS")
    def psm_status(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CPSMSTATUS: {int(self.psm_status_urc)}")
        elif call.form is Form.SET:
            self.psm_status_urc = call.arguments.integer(0, 0, 1) == 1

    def psm_text(self) -> str | None:
        return '+CPSMSTATUS: "ENTER PSM"' if self.psm_status_urc else None

    @at_command("+CPSMRDP")
    def dynamic_psm(self, call: Call) -> None:
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
