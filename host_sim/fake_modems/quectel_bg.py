"""Fake Quectel BG95, BG96 and BG77: models, boot, identity, network and power commands.

Sources: Quectel BG96 AT Commands Manual V2.2, BG96 PSM Application Note, BG96 Hardware Design,
BG95 & BG77 & BG600L TCP/IP Application Note V1.1; logs of real modules in the public repositories
wwxxyx/Quectel_BG96, SeeedJP/WioLTEforArduino (issue 5), jurikacs/BG770A. Sockets are in
``quectel_sockets``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from host_sim.fake_modems.at_call import Call, only
from host_sim.fake_modems.at_line import CommandFailed, Form
from host_sim.fake_modems.fake_modem import at_command
from host_sim.fake_modems.generic_3gpp import t3324_seconds, t3412_seconds
from host_sim.fake_modems.generic_general import ModelFacts
from host_sim.fake_modems.quectel_sockets import QuectelSockets
from host_sim.fake_modems.radio import Radio


@dataclass(frozen=True)
class BgModel:
    """How one module of the family differs."""

    facts: ModelFacts
    uart_ready_ms: int
    """From PWRKEY to RDY."""
    boot: tuple[tuple[int, str], ...]
    """(ms after RDY, URC)."""
    cat_m1_name: str
    """<act> of QNWINFO and QCSQ."""
    psm_text: str
    port_name: str
    """<AT port> of QISTATE."""
    context_count: int
    config_names: tuple[str, ...]
    """What QICFG knows."""
    rac_field: bool
    """+CEREG? of level 4 has an empty <rac> behind <AcT>."""


_SHORT_BOOT = ((0, "RDY"), (400, "APP RDY"))
_LONG_BOOT = (
    (0, "RDY"),
    (60, "+CFUN: 1"),
    (600, "+CPIN: READY"),
    (2600, "+QIND: SMS DONE"),
    (3100, "+QIND: PB DONE"),
)
_BG96_CONFIG = ("transpktsize", "transwaittm", "dataformat", "viewmode", "tcp/retranscfg")
_BG95_CONFIG = (*_BG96_CONFIG, "recvind", "sack", "tcp/keepalive")

BG_MODELS: dict[str, BgModel] = {
    "BG95": BgModel(
        ModelFacts("Quectel", "BG95-M3", "BG95M3LAR02A04"),
        *(2500, _SHORT_BOOT, "eMTC", "PSM POWER DOWN", "uart1", 15, _BG95_CONFIG, False),
    ),
    "BG96": BgModel(
        ModelFacts("Quectel", "BG96", "BG96MAR02A07M1G"),
        *(4900, _LONG_BOOT, "CAT-M1", "POWER DOWN", "usbmodem", 16, _BG96_CONFIG, True),
    ),
    "BG77": BgModel(
        ModelFacts("Quectel", "BG77", "BG77LAR02A04"),
        *(2500, _SHORT_BOOT, "eMTC", "PSM POWER DOWN", "uart1", 15, _BG95_CONFIG, False),
    ),
}

_QCFG_DEFAULTS: dict[str, str] = {
    "nwscanmode": "0",
    "nwscanseq": "020301",
    "iotopmode": "0",
    "band": "0xf,0x100002000000000f0e189f,0x10004200000000090e189f",
    "servicedomain": "1",
    "psm/urc": "0",
    "psm/enter": "0",
    "fast/poweroff": "0",
    "urc/ri/other": '"pulse",120,1',
    "urc/delay": "0",
    "risignaltype": '"respective"',
    "apready": "0,0,500",
}


class QuectelBg(QuectelSockets):
    """A BG95, BG96 or BG77 with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "boot-long": "boots with RDY, +CFUN: 1, +CPIN: READY, +QIND: ... (BG96 style)",
        "boot-short": "boots with RDY and APP RDY (BG95 style)",
        "boot-silent": "says nothing while it boots (URCs routed to USB)",
        "cereg-rac": "+CEREG? of level 4 has an empty <rac> field behind <AcT>",
        "psm-plain-text": "enters PSM with POWER DOWN instead of PSM POWER DOWN",
        "power-down-silent": "says nothing when switched off (BG95-M3 firmware 01.204)",
        "cgpaddr-unquoted": "+CGPADDR prints the address without quotes",
        "qsclk-error": "AT+QSCLK=1 is refused shortly after RDY (real EC21)",
    }
    radio_on_ms = 300

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.bg = BG_MODELS[model]
        self.facts = self.bg.facts
        self.context_count = self.bg.context_count
        self.port_name = self.bg.port_name
        self.config_names = self.bg.config_names
        self.uart_ready_ms = self.bg.uart_ready_ms
        self.qcfg = dict(_QCFG_DEFAULTS)  # stored in the module
        super().__init__(model, radio, quirks, seed, powered)

    def boot_urcs(self) -> list[tuple[int, str]]:
        if "boot-silent" in self.quirks:
            return []
        if "boot-long" in self.quirks:
            return list(_LONG_BOOT)
        return list(_SHORT_BOOT if "boot-short" in self.quirks else self.bg.boot)

    def psm_text(self) -> str | None:
        if "power-down-silent" in self.quirks:
            return None
        return "POWER DOWN" if "psm-plain-text" in self.quirks else self.bg.psm_text

    def forget_session(self) -> None:
        super().forget_session()
        self.qcscon = 0

    def act(self) -> int:
        """BG9x number LTE-M 8 (BG96 AT manual, +COPS <Act>)."""
        return 8 if self.radio.is_cat_m1 else super().act()

    def timer_fields(self, read: bool) -> list[str]:
        fields = super().timer_fields(read)
        if fields and read and (self.bg.rac_field or "cereg-rac" in self.quirks):
            fields.insert(0, "")
        return fields

    def address_line(self, cid: int, address: str | None) -> str:
        if "cgpaddr-unquoted" in self.quirks:
            return f"+CGPADDR: {cid},{address or '0.0.0.0'}"
        return super().address_line(cid, address)

    # --- identity and radio ----------------------------------------------------------------------

    @at_command("+QCCID", "+CCID", "+ICCID")
    def iccid(self, call: Call) -> None:
        self.need_sim()
        if call.form is not Form.TEST:
            call.line(f"{call.name}: {self.radio.iccid}")

    def _technology(self) -> str | None:
        if not self.registered:
            return None
        if self.radio.is_cat_m1:
            return self.bg.cat_m1_name
        return {9: "CAT-NB1"}.get(self.radio.access_technology, "FDD LTE")

    @at_command("+QNWINFO")
    def network_information(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        technology = self._technology()
        if call.form is Form.TEST:
            return
        if technology is None:
            call.line("+QNWINFO: No Service")
        else:
            call.line(f'+QNWINFO: "{technology}","{self.radio.plmn}","LTE BAND 20",6200')

    @at_command("+QCSQ")
    def quectel_signal(self, call: Call) -> None:
        """<sysmode>,<rssi>,<rsrp>,<sinr>,<rsrq>; sinr 0..250 from -20 dB in 1/5 dB (BG96)."""
        technology, rssi_dbm = self._technology(), self.rssi_dbm()
        if call.form is Form.TEST:
            call.line('+QCSQ: ("NOSERVICE","GSM","CAT-M1","CAT-NB1")')
        elif technology is None or rssi_dbm is None:
            call.line('+QCSQ: "NOSERVICE"')
        else:
            rsrq_db = int(self.radio.rsrq_db or -20)
            call.line(f'+QCSQ: "{technology}",{rssi_dbm},{self.radio.rsrp_dbm},150,{rsrq_db}')

    @at_command("+QLTS")
    def network_time(self, call: Call) -> None:
        if self.radio.network_time_ms is None:
            call.line('+QLTS: ""')
        else:
            call.line(f'+QLTS: "20{self.clock_text()},0"')

    @at_command("+QCSCON")
    def quectel_connection(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+QCSCON: {self.qcscon},{int(self.radio.rrc_connected)}")
        elif call.form is Form.SET:
            self.qcscon = call.arguments.integer(0, 0, 1)

    @at_command("+QCFG")
    def extended_configuration(self, call: Call) -> None:
        if call.form is Form.TEST:
            for name in sorted(self.qcfg):
                call.line(f'+QCFG: "{name}"')
            return
        only(call, Form.SET)
        name = call.arguments.text(0).lower()
        if name not in self.qcfg:
            raise CommandFailed
        if len(call.arguments) == 1:
            call.line(f'+QCFG: "{name}",{self.qcfg[name]}')
        else:
            self.qcfg[name] = call.text.split(",", 1)[1][:200]

    @at_command("+QURCCFG")
    def urc_port(self, call: Call) -> None:
        only(call, Form.SET, Form.TEST)
        if call.form is Form.SET and len(call.arguments) == 1:
            call.line('+QURCCFG: "urcport","uart1"')

    # --- power -----------------------------------------------------------------------------------

    @at_command("+QSCLK")
    def sleep_clock(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line("+QSCLK: 0")
        elif call.form is Form.SET:
            wanted = call.arguments.integer(0, 0, 2)
            if wanted and "qsclk-error" in self.quirks:
                raise CommandFailed

    @at_command("+QPOWD")
    def power_down(self, call: Call) -> None:
        """OK, then POWERED DOWN when done (BG96 AT manual 2.15: up to 65 s)."""
        only(call, Form.ACTION, Form.SET)
        if call.form is Form.SET:
            call.arguments.integer(0, 0, 1)
        text = None if "power-down-silent" in self.quirks else "POWERED DOWN"
        self.later(20, self.shut_down, text, self.some_ms(600, 2500))

    @at_command("+QPSMS")
    def granted_psm(self, call: Call) -> None:
        """Granted times in seconds (BG96 PSM note: ``+QPSMS: 1,,,"86400","2"``)."""
        if call.form is Form.SET:
            self.set_psm(call)
            return
        only(call, Form.READ)
        granted = self.radio.granted_psm
        if granted is None:
            call.line(f"+QPSMS: {int(self.psm_request is not None)}")
        else:
            tau_s, active_s = t3412_seconds(granted[0]), t3324_seconds(granted[1])
            call.line(f'+QPSMS: 1,,,"{tau_s or 0}","{active_s or 0}"')

    @at_command("+QPSMCFG")
    def psm_configuration(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line("+QPSMCFG: 60,4")
        elif call.form is Form.SET:
            call.arguments.integer(0, 60, 0xFFFFFFFF)

    @at_command("+QPSMEXTCFG")
    def psm_extended_configuration(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line("+QPSMEXTCFG: 14,2,120,5,120,15")

    def rrc_changed(self, connected: bool) -> None:
        super().rrc_changed(connected)
        if self.qcscon:
            self.urc(f"+QCSCON: 1,{int(connected)}")
        granted = self.radio.granted_psm
        if not connected and granted is not None and self.qcfg["psm/urc"] == "1":
            # BG96 PSM note: printed at the release of the RRC connection, when T3324 starts
            tau_s, active_s = t3412_seconds(granted[0]), t3324_seconds(granted[1])
            self.urc(f"+QPSMTIMER: {tau_s or 0},{active_s or 0}")
