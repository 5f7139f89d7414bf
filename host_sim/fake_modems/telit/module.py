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
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.commands import t3324_seconds, t3412_seconds
from ip_commands.host_sim.fake_modems.generic.error_report import ErrorReport
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.telit.data import TelitData
from ip_commands.host_sim.fake_modems.telit.settings import TELIT_ROWS, t3324_bits, t3412_bits
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
    SETTINGS: ClassVar[tuple[Setting, ...]] = TELIT_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("#CGMI", "#CGMM", "#CGMR", "#CGSN", "#CIMI", "#CCID", "+CCID"), ""),
        **dict.fromkeys(("+ICCID", "#CEERNET", "#REBOOT", "#SHDN", "#CGPADDR"), ""),
        "#QSS": "(0-2)",
        "#CPSMS": "(0-2),,,(60-35712000),(2-11160),(0-15),(60-86400)",
        "#SSEND": "(1-6)",
        "#SSENDEXT": "(1-6),(1-1500)",
        "#SSENDUDP": "(1-6)",
        "#SSENDUDPEXT": "(1-6),(1-1500)",
        "#ENHRST": "(0-1),(0)",
    }
    BATTERY = "0,0"
    """Nothing measures it: the form of 27.007."""
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

    @property
    def system_selection(self) -> str:
        """#WS46: 0 Cat-M1, 1 NB-IoT, 2 and 3 both; in use after a restart."""
        return self.settings.text("#WS46")

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

    @at_command("#CGMI", "#CGMM", "#CGMR", "#CGSN", "#CIMI", "#CCID", "+CCID", "+ICCID")
    def prefixed_identity(self, call: Call) -> None:
        """As the 27.007 command, with the name in front."""
        only(call, Form.ACTION)
        if call.name in ("#CIMI", "#CCID", "+CCID", "+ICCID"):
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
        only(call, Form.ACTION)
        refusal = self.last_refusal
        call.line(f"#CEERNET: {0 if refusal is None else refusal.cause}")

    @at_command("#CPSMS")
    def telit_psm(self, call: Call) -> None:
        """PSM with times in seconds: <mode>,,,<T3412>,<T3324>,<version>,<threshold>.

        The read form, whose order is another, is that of code for an ME310G1 (public repository);
        the times are rounded to what the timers can express.
        """
        if call.form is Form.READ:
            tau, active = self.psm_timers
            tau_s, active_s = t3412_seconds(tau) or 0, t3324_seconds(active) or 0
            call.line(f"#CPSMS: {int(self.psm_request is not None)},{active_s},{tau_s},4,60,1")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(7)
        mode = a.integer(0, 0, 2)
        if mode == 1:
            tau_s, active_s = a.integer(3, 60, 35_712_000, 3600), a.integer(4, 2, 11_160, 60)
            a.integer(5, 0, 15, 4)
            a.integer(6, 60, 86400, 60)
            self.psm_timers = (t3412_bits(tau_s), t3324_bits(active_s))
        self.psm_request = self.psm_timers if mode == 1 else None
        self.radio.request_psm(*(self.psm_request or (None, None)))

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
        only(call, Form.ACTION)
        self.reboot_after_answer()

    @at_command("#ENHRST")
    def enhanced_reset(self, call: Call) -> None:
        """<mod> 1 with no delay restarts now; periodic restarts are not simulated."""
        if call.form is Form.READ:
            call.line("#ENHRST: 0,0")
        else:
            only(call, Form.SET)
            mode, delay_min = call.arguments.integer(0, 0, 1), call.arguments.integer(1, 0, 0, 0)
            if mode == 1 and delay_min == 0:
                self.reboot_after_answer()

    @at_command("#SHDN")
    def shut_down_now(self, call: Call) -> None:
        """OK, then silence without a last word."""
        only(call, Form.ACTION)
        self.later(20, self.shut_down, None, self.some_ms(1000, 4000))
