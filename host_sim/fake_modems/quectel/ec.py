"""Fake Quectel EC21, EC25, EG25-G, EG91 and EG95 (Cat 1 and Cat 4): models and their slow boot.

Sources: a log of a real EC21-J from power key to SIM ready (SeeedJP/WioLTEforArduino issue 5,
2017-11-20: RDY after 15.3 s, the SIM not inserted, busy, ready within 0.4 s, +CME ERROR numbers
without AT+CMEE, AT+QSCLK=1 refused); answers of a real EG25-G to the test commands of its options
(lukejenkins/cwd); Quectel EC25 and EG25-G Hardware Design (UART ready 12 s after the key at the
earliest, off within 30 s), EC2x&EG9x AT Commands Manual; +CEER: particle-iot/device-os pull 2555
(an EG91 has it). PSM and eDRX commands do not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.fake_modem import BOOTING
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.generic.error_report import ErrorReport
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.quectel.module import QuectelModule
from ip_commands.host_sim.fake_modems.quectel.settings import COMMON_OPTIONS, EC_OPTIONS, Option
from ip_commands.host_sim.fake_modems.quectel.socket_setup import BASIC_CONFIG


@dataclass(frozen=True)
class EcModel:
    """How one module of the series differs."""

    facts: ModelFacts
    config_names: tuple[str, ...]
    """What QICFG knows."""
    uart_ready_ms: int = 12_500
    """From PWRKEY to RDY."""


_UDP_CONFIG = (
    *(*BASIC_CONFIG, "dns/cache", "qisend/timeout", "passiveclosed", "udp/readmode"),
    *("udp/sendmode", "tcp/accept", "recvind", "tcp/keepalive"),
)
"""Known of the EG25-G; that its older relatives have them too is assumed."""

EC_MODELS: dict[str, EcModel] = {
    "EC21": EcModel(ModelFacts("Quectel", "EC21", "EC21JFAR02A01M4G"), _UDP_CONFIG, 15_300),
    "EC25": EcModel(ModelFacts("Quectel", "EC25", "EC25EFAR06A06M4G"), _UDP_CONFIG),
    "EG25-G": EcModel(
        ModelFacts("Quectel", "EG25", "EG25GGBR07A08M2G"),
        (*_UDP_CONFIG, "recv/buffersize", "window/scale"),
    ),
    "EG91": EcModel(ModelFacts("Quectel", "EG91", "EG91EFBR06A04M4G"), _UDP_CONFIG),
    "EG95": EcModel(ModelFacts("Quectel", "EG95", "EG95EFBR06A08M4G"), _UDP_CONFIG),
}

_CFUN_MS = 120
_BOOT = (
    (0, "RDY"),
    (_CFUN_MS, "+CFUN: 1"),
    (700, "+CPIN: READY"),
    (900, "+QUSIM: 1"),
    (5800, "+QIND: SMS DONE"),
    (7600, "+QIND: PB DONE"),
)
"""(ms after RDY, URC): the first within the bounds of the real EC21's log, the last assumed."""


class QuectelEc(ErrorReport, QuectelModule):
    """An EC21, EC25, EG25-G, EG91 or EG95 with its quirks."""

    HAS_POWER_SAVING = False
    cereg_levels = (0, 1, 2)
    QUIRKS: ClassVar[dict[str, str]] = {
        "no-qusim": "boots without +QUSIM: 1 (depends on the firmware)",
        "contexts-7": "has contexts 1 to 7 instead of 1 to 16 (as an EC200U)",
    }
    OPTIONS: ClassVar[Mapping[str, Option]] = {**COMMON_OPTIONS, **EC_OPTIONS}
    POWERED_DOWN_MS = (3000, 12000)
    error_blank = ""
    port_name = "uart1"
    sim_ready_ms = 300
    SIM_FOUND_MS: ClassVar[int] = 200
    key_off_ms = 12_000

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.variant = EC_MODELS[model]
        self.facts = self.variant.facts
        self.config_names = self.variant.config_names
        self.uart_ready_ms = self.variant.uart_ready_ms
        self.context_count = 7 if "contexts-7" in quirks else 16
        super().__init__(model, radio, quirks, seed, powered)

    def make_storage(self) -> None:
        super().make_storage()
        self.settings.ship_with("+CMEE", 1)

    # --- boot ------------------------------------------------------------------------------------

    def boot_urcs(self) -> list[tuple[int, str]]:
        if "boot-silent" in self.quirks:
            return []
        left_out = {"+QUSIM: 1"} if "no-qusim" in self.quirks else set()
        if not self.radio.iccid:
            left_out = {"+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"}
        return [(at_ms, urc) for at_ms, urc in _BOOT if urc not in left_out]

    def forget_session(self) -> None:
        super().forget_session()
        self._starting = self.power == BOOTING
        if self._starting:
            self.sim_error = 10

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        self.later(self.SIM_FOUND_MS, self._sim_found)
        self.later(_CFUN_MS, self._started)

    def _sim_found(self) -> None:
        if self.radio.iccid:
            self.sim_error = 14

    def _started(self) -> None:
        self._starting = False

    def refuses_sleep(self) -> bool:
        """Refused 17 ms after RDY on the real EC21; until when is assumed."""
        return super().refuses_sleep() or self._starting

    def act(self) -> int:
        """E-UTRAN, whatever else the cell offers."""
        return 7
