"""Fake Telit ME910C1, ME310G1 and their kin: models, boot, identity, network and power.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A, ME310G1/ME910G1/ML865G1 guide
80617ST10991A, LE910 V2 guide 80446ST10707A (+CEREG up to 2; the others' levels are assumed),
guide 80000ST10025 (+CEER, and its words when nothing was refused); ModemManager's plugin for Telit
(#QSS, #CCID); pmoerenhout/jtelit (form of #CEERNET), a public log of an LTE module (an EMM cause
in it). Boot is silent: hosts ask AT until it answers. Revisions and boot times are examples.
Sockets are in ``telit_setup``, ``telit_arrivals``, ``telit_sockets`` and ``telit_data``.
"""

from collections.abc import Sequence
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.generic.error_report import ErrorReport
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.telit.data import TelitData
from ip_commands.host_sim.fake_modems.telit.setup import TELIT_ERRORS

LINE_LIMIT_BYTES = 400

TELIT_MODELS: dict[str, tuple[ModelFacts, int]] = {
    "ME910C1": (ModelFacts("Telit", "ME910C1-WW", "30.00.008"), 8000),
    "ME310G1": (ModelFacts("Telit", "ME310G1-WW", "37.00.213"), 5000),
    "ME910G1": (ModelFacts("Telit", "ME910G1-WW", "37.00.213"), 5000),
    "ML865G1": (ModelFacts("Telit", "ML865G1-WW", "37.00.213"), 5000),
    "LE910": (ModelFacts("Telit", "LE910-EU1", "20.00.505"), 10_000),
}
"""Facts, and milliseconds from the pulse to the UART's first answer."""

SIM_REMOVED, SIM_INSERTED, SIM_UNLOCKED, SIM_READY = range(4)


class Telit(ErrorReport, TelitData):
    """A Telit module with its quirks."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "cgpaddr-unquoted": "+CGPADDR prints the address without quotes",
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
        self.facts, self.uart_ready_ms = TELIT_MODELS[model]
        self.hears_assistance = model.endswith("G1")
        super().__init__(model, radio, quirks, seed, powered)
        self.at.out.framing.own_cme_texts = TELIT_ERRORS
        self.at.out.framing.line_limit_bytes = LINE_LIMIT_BYTES
        if model == "LE910":
            self.cereg_levels = (0, 1, 2)
            self.quirks |= {"sring-blank", "firewall-open"}

    def make_storage(self) -> None:
        super().make_storage()
        self.system_selection = "0"

    def forget_session(self) -> None:
        super().forget_session()
        self.sim_urc = False

    def address_line(self, cid: int, address: str | None) -> str:
        if "cgpaddr-unquoted" in self.quirks:
            return f"+CGPADDR: {cid},{address or '0.0.0.0'}"
        return super().address_line(cid, address)

    # --- identity ------------------------------------------------------------------------------

    @at_command("I")
    def information(self, call: Call) -> None:
        """ATI0 is a code for fast modems, ATI3 the maker, ATI4 the product."""
        texts = {"3": self.facts.manufacturer, "4": self.facts.name}
        call.line(texts.get(call.text, "332"))

    @at_command("#CGMI", "#CGMM", "#CGMR", "#CGSN", "#CIMI", "#CCID", "+CCID")
    def prefixed_identity(self, call: Call) -> None:
        """As the 27.007 command, with the name in front."""
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        if call.name in ("#CIMI", "#CCID", "+CCID"):
            self.need_sim()
        values = {
            "#CGMI": self.facts.manufacturer,
            "#CGMM": self.facts.name,
            "#CGMR": self.facts.revision,
            "#CGSN": self.radio.imei,
            "#CIMI": self.radio.imsi,
        }
        call.line(f"{call.name}: {values.get(call.name, self.radio.iccid)}")

    # --- SIM -----------------------------------------------------------------------------------

    def _sim_status(self) -> int:
        return {None: SIM_READY, 10: SIM_REMOVED}.get(self.sim_error, SIM_INSERTED)

    @at_command("#QSS")
    def sim_status(self, call: Call) -> None:
        """The SIM's state; ``=1`` and ``=2`` tell its changes too."""
        if call.form is Form.READ:
            call.line(f"#QSS: {int(self.sim_urc)},{self._sim_status()}")
        elif call.form is Form.TEST:
            call.line("#QSS: (0-2)")
        else:
            only(call, Form.SET)
            self.sim_urc = call.arguments.integer(0, 0, 2) > 0

    def sim_became_ready(self) -> None:
        super().sim_became_ready()
        if self.sim_urc:
            self.urc(f"#QSS: {self._sim_status()}")

    # --- network and power ---------------------------------------------------------------------

    def no_report(self) -> str:
        return "Normal, unspecified"

    @at_command("#CEERNET")
    def network_reject_cause(self, call: Call) -> None:
        """The number of the last refusal, EMM or ESM; 0 when there is none is assumed."""
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            refusal = self.last_refusal
            call.line(f"#CEERNET: {0 if refusal is None else refusal.cause}")

    @at_command("#WS46")
    def technology_selection(self, call: Call) -> None:
        """0 Cat-M1, 1 NB-IoT, 2 and 3 both; stored, in use after a restart."""
        if call.form is Form.READ:
            call.line(f"#WS46: {self.system_selection}")
        elif call.form is Form.TEST:
            call.line("#WS46: (0-3)")
        else:
            only(call, Form.SET)
            self.system_selection = str(call.arguments.integer(0, 0, 3))

    @at_command("+CFUN")
    def set_functionality(self, call: Call) -> None:
        """5: the UART may sleep when DTR is off (no DTR on this UART: no effect). 6: restart."""
        if call.form is Form.SET and call.text == "5":
            return
        if call.form is Form.SET and call.text == "6":
            self.reboot_after_answer()
            return
        super().set_functionality(call)

    @at_command("#REBOOT")
    def reboot_now(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            self.reboot_after_answer()

    @at_command("#ENHRST")
    def enhanced_reset(self, call: Call) -> None:
        """<mod> 1 with no delay restarts now; periodic restarts are not simulated."""
        if call.form is Form.READ:
            call.line("#ENHRST: 0,0")
        elif call.form is Form.SET:
            mode, delay_min = call.arguments.integer(0, 0, 1), call.arguments.integer(1, 0, 0, 0)
            if mode == 1 and delay_min == 0:
                self.reboot_after_answer()

    @at_command("#SHDN")
    def shut_down_now(self, call: Call) -> None:
        """OK, then silence without a last word."""
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            self.later(20, self.shut_down, None, self.some_ms(1000, 4000))
