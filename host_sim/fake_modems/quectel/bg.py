"""Fake Quectel BG95, BG96, BG77 and BG770A (LTE-M): models, boot, PSM.

Sources: Quectel BG96 AT Commands Manual V2.2, BG96 PSM Application Note, BG96 Hardware Design,
BG95 & BG77 & BG600L TCP/IP Application Note V1.1; logs of real modules in the public repositories
wwxxyx/Quectel_BG96, SeeedJP/WioLTEforArduino (issue 5), jurikacs/BG770A. Of a BG770A its log shows
names, forms and the refused second QIACT; times and PSM text are assumed to be a BG95's. Causes of
refusals stay in the module: its +CEREG has no level 3 or 5 (w1ne/labwired-core, bench capture;
assumed of the others), and there is no +CEER (particle-iot/device-os pull 2555). Its sleep line is
PON_TRIG (high: awake), where a BG96 has DTR; out of PSM both come by ``power_key``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import BOOTING, at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.commands import t3324_seconds, t3412_seconds
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.quectel.module import QuectelModule
from ip_commands.host_sim.fake_modems.quectel.settings import (
    BG_OPTIONS,
    BG_ROWS,
    COMMON_OPTIONS,
    NOT_ON_BG770A,
    Option,
)
from ip_commands.host_sim.fake_modems.quectel.socket_setup import BASIC_CONFIG


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
    bit_errors: int = 99
    """<ber> of +CSQ."""
    hears_assistance: bool = True
    """QISENDEX has <RAI_info> (of a BG770A: assumed)."""
    is_bg770a: bool = False
    """Five contexts of seven fields, Non-IP among them; no +COPS=? while unregistered, none of
    some options (w1ne/labwired-core, bench capture of firmware BG770AGLAAR01A05)."""


_APP_READY_MS = 2200
"""After RDY; until then everything is an ERROR, for seconds (zephyrproject-rtos/zephyr pull 57110,
FreeRTOS-Cellular-Interface's BG96 port issue 17; how many is assumed)."""
_SHORT_BOOT = ((0, "RDY"), (_APP_READY_MS, "APP RDY"))
_LONG_BOOT = (
    (0, "RDY"),
    (60, "+CFUN: 1"),
    (600, "+CPIN: READY"),
    (2600, "+QIND: SMS DONE"),
    (3100, "+QIND: PB DONE"),
)
_BG95_CONFIG = (*BASIC_CONFIG, "recvind", "sack", "tcp/keepalive")
_LIKE_BG95 = (2500, _SHORT_BOOT, "eMTC", "PSM POWER DOWN", "uart1", 15, _BG95_CONFIG, False)

BG_MODELS: dict[str, BgModel] = {
    "BG95": BgModel(ModelFacts("Quectel", "BG95-M3", "BG95M3LAR02A04"), *_LIKE_BG95),
    "BG96": BgModel(
        ModelFacts("Quectel", "BG96", "BG96MAR02A07M1G"),
        *(4900, _LONG_BOOT, "CAT-M1", "POWER DOWN", "usbmodem", 16, BASIC_CONFIG, True),
        hears_assistance=False,
    ),
    "BG77": BgModel(ModelFacts("Quectel", "BG77", "BG77LAR02A04"), *_LIKE_BG95),
    "BG770A": BgModel(
        ModelFacts("Quectel", "BG770A-GL", "BG770AGLAAR01A03"),
        *_LIKE_BG95,
        bit_errors=0,
        is_bg770a=True,
    ),
}


class QuectelBg(QuectelModule):
    """A BG95, BG96, BG77 or BG770A with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "boot-long": "boots with RDY, +CFUN: 1, +CPIN: READY, +QIND: ... (BG96 style)",
        "boot-short": "boots with RDY and APP RDY (BG95 style)",
        "cereg-rac": "+CEREG? of level 4 has an empty <rac> field behind <AcT>",
        "answers-before-app-rdy": "answers commands as soon as RDY was said",
        "psm-plain-text": "enters PSM with POWER DOWN instead of PSM POWER DOWN",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = BG_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {"+QPSMS": ""}
    OPTIONS: ClassVar[Mapping[str, Option]] = {**COMMON_OPTIONS, **BG_OPTIONS}
    radio_off_ms = (900, 2500)
    cereg_levels = (0, 1, 2, 4)
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
        self.bit_errors = self.bg.bit_errors
        self.hears_assistance = self.bg.hears_assistance
        if self.bg.is_bg770a:
            self.context_count = self.MAX_CID = 5
            self.context_types = ("IP", "IPV6", "IPV4V6", "Non-IP")
            self.context_fields = self.context_fields[:3]
            self.cfun_listed = "(0-1,4),(0-1)"
        super().__init__(model, radio, quirks, seed, powered)

    def make_storage(self) -> None:
        super().make_storage()
        if self.bg.is_bg770a:
            for name in NOT_ON_BG770A:
                del self.qcfg[name]

    # --- boot ------------------------------------------------------------------------------------

    def forget_session(self) -> None:
        super().forget_session()
        self._starting = self.power == BOOTING and self._is_short_boot()

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        if self._starting:
            self.later(_APP_READY_MS - 1, self._started)

    def _started(self) -> None:
        self._starting = False

    def _is_short_boot(self) -> bool:
        if "boot-short" in self.quirks or "boot-long" in self.quirks:
            return "boot-short" in self.quirks
        return self.bg.boot is _SHORT_BOOT

    def _execute(self, call: Call) -> None:
        if self._starting and "answers-before-app-rdy" not in self.quirks:
            raise CommandFailed
        super()._execute(call)

    @at_command("+COPS")
    def operator(self, call: Call) -> None:
        if call.form is Form.TEST and self.bg.is_bg770a and not self.registered:
            raise CommandFailed(515)
        super().operator(call)

    def boot_urcs(self) -> list[tuple[int, str]]:
        if "boot-silent" in self.quirks:
            return []
        if "boot-long" in self.quirks:
            return list(_LONG_BOOT)
        return list(_SHORT_BOOT if self._is_short_boot() else self.bg.boot)

    def psm_text(self) -> str | None:
        if "power-down-silent" in self.quirks:
            return None
        return "POWER DOWN" if "psm-plain-text" in self.quirks else self.bg.psm_text

    # --- radio -----------------------------------------------------------------------------------

    def act(self) -> int:
        """BG9x number LTE-M 8 (BG96 AT manual, +COPS <Act>)."""
        return 8 if self.radio.is_cat_m1 else super().act()

    def reboot_after_answer(self) -> None:
        """A BG96 that restarts says POWERED DOWN behind its OK (vshymanskyy/TinyGSM issue 157)."""
        if self.model == "BG96" and "power-down-silent" not in self.quirks:
            self.later(1, self.urc, "POWERED DOWN")
        super().reboot_after_answer()

    def timer_fields(self, read: bool) -> list[str]:
        fields = super().timer_fields(read)
        if fields and read and (self.bg.rac_field or "cereg-rac" in self.quirks):
            fields.insert(0, "")
        return fields

    def technology(self) -> str:
        if self.radio.is_cat_m1:
            return self.bg.cat_m1_name
        return {9: "CAT-NB1"}.get(self.radio.access_technology, "FDD LTE")

    def system_mode(self) -> str:
        return self.technology()

    def cell_technology(self) -> str:
        """``CAT-M``, ``CAT-NB`` (BG96 AT manual, +QENG)."""
        return "CAT-NB" if self.radio.access_technology == 9 else "CAT-M"

    @at_command("+QCSCON")
    def quectel_connection(self, call: Call) -> None:
        if call.form is Form.READ:
            shown = self.settings.text("+QCSCON")
            call.line(f"+QCSCON: {shown},{int(self.radio.rrc_connected)}")
        else:
            self.setting(call)

    # --- PSM -------------------------------------------------------------------------------------

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

    def rrc_changed(self, connected: bool) -> None:
        super().rrc_changed(connected)
        if self.settings.number("+QCSCON"):
            self.urc(f"+QCSCON: 1,{int(connected)}")
        granted = self.radio.granted_psm
        if not connected and granted is not None and self.qcfg["psm/urc"] == "1":
            # BG96 PSM note: printed at the release of the RRC connection, when T3324 starts
            tau_s, active_s = t3412_seconds(granted[0]), t3324_seconds(granted[1])
            self.urc(f"+QPSMTIMER: {tau_s or 0},{active_s or 0}")
