"""Fake nRF91 modems: the applications' lines, boot and sleep.

Two firmware lines share the ``AT#X`` style: the Serial LTE Modem application of the nRF Connect
SDK (SLM, up to 3.1) and its successor, the Serial Modem add-on (SM). Sources: public repositories
nrfconnect/sdk-nrf (applications/serial_lte_modem, slm_at_host.c) and nrfconnect/ncs-serial-modem
(app/src/sm_at_host.c). Native commands are in ``nordic_native``, sockets in ``nordic_sockets``,
``nordic_data_mode``, ``nordic_slm``, ``nordic_slm_proxy`` (SLM) and ``nordic_sm`` (SM).
"""

from collections.abc import Sequence
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.nordic.models import SLM_MODELS, SM_MODELS
from ip_commands.host_sim.fake_modems.nordic.release_assistance import NordicReleaseAssistance


class NordicHost(NordicReleaseAssistance):
    """An application: its lines, its boot, its sleep."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "native-bare": "answers of native commands have no CRLF in front (SLM of 2021)",
        "line-end-cr": "built with CR as the end of a command line",
        "auto-connect": "built to attach at boot, without AT+CFUN=1",
        "lost-connection-hup": "sockets without connection show POLLERR and POLLHUP, not POLLNVAL",
    }
    uart_ready_ms = 900
    radio_on_ms = 1
    key_off_text = None
    key_off_ms = 200

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.variant = {**SLM_MODELS, **SM_MODELS}[model]
        self.facts = self.variant.facts
        missing = ["#XSLMVER" if self.variant.is_sm else "#XSMVER"]
        if not self.variant.proxy:
            missing += ["#XUDPSVR", "#XUDPCLI", "#XUDPSEND"]
        self.missing_commands = frozenset(missing)
        super().__init__(model, radio, quirks, seed, powered)
        framing = self.at.out.framing
        ends_with_cr = self.variant.is_sm or "line-end-cr" in quirks
        framing.line_end = b"\r" if ends_with_cr else b"\r\n"
        framing.quotes_hide_line_ends = True
        framing.line_limit_bytes = 4096 if self.variant.is_sm else 2100
        framing.urcs_lost_at_prompt = not self.variant.is_sm

    @property
    def line_end(self) -> bytes:
        """What this build wants at the end of a command line."""
        return self.at.out.framing.line_end

    # --- boot, sleep -------------------------------------------------------------------------

    def restore_profile(self) -> None:
        super().restore_profile()
        self.at.out.settings.echo = False

    def forget_session(self) -> None:
        super().forget_session()
        self.uart_idle = False
        self.radio_asleep = False
        self._unheard: list[str | bytes] = []

    def boot_finished(self) -> None:
        """The modem stays off until AT+CFUN=1, unless it was built to attach by itself."""
        if "auto-connect" in self.quirks:
            self.switch_functionality(1)

    def uart_ready(self, from_psm: bool) -> None:
        self.urc(b"Ready\r\n")

    def psm_changed(self, asleep: bool) -> None:
        """PSM happens below the application: UART and sockets live on."""
        self.radio_asleep = asleep

    def power_key(self) -> None:
        if self.uart_idle:
            self.uart_idle = False
            waiting, self._unheard = self._unheard, []
            for text in waiting:
                self.urc(text)
        else:
            super().power_key()

    def power_on(self) -> None:
        if self.uart_idle:
            self.power_key()
        else:
            super().power_on()

    def urc(self, text: str | bytes) -> None:
        if self.uart_idle:
            self._unheard = [*self._unheard[-14:], text]
        else:
            super().urc(text)

    def _received(self, data: bytes) -> None:
        if not self.uart_idle:
            super()._received(data)

    @at_command("#XSLEEP")
    def application_sleep(self, call: Call) -> None:
        """1: everything off until the power pin; 2: the UART alone, LTE lives on."""
        if call.form is Form.TEST:
            call.line("#XSLEEP: (1,2)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(1)
        if call.arguments.integer(0, 1, 2) == 1:
            self.later(20, self.shut_down, None, 100)
        else:
            self.later(20, self._uart_off)

    def _uart_off(self) -> None:
        self.uart_idle = True

    @at_command("#XSHUTDOWN")
    def application_shutdown(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.later(20, self.shut_down, None, 100)

    @at_command("#XRESET")
    def application_reset(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.reboot_after_answer()

    @at_command("#XMODEMRESET")
    def modem_reset(self, call: Call) -> None:
        """The modem alone: off afterwards, every socket dead."""
        only(call, Form.ACTION)
        self.switch_functionality(0)
        call.line("#XMODEMRESET: 0")

    # --- how commands are answered -----------------------------------------------------------

    def _execute(self, call: Call) -> None:
        native = call.name[:1] in "+%"
        framing = self.at.out.framing
        framing.bare_lines = native and "native-bare" in self.quirks
        framing.own_crlf_per_line = not native or "own-crlf-per-line" in self.quirks
        if "\0" in call.text:  # the line is a C string
            raise CommandFailed
        super()._execute(call)

    def failure_of(self, call: Call, failure: CommandFailed) -> CommandFailed:
        """+CME ERROR comes from the native modem only, and never for syntax."""
        native = call.name[:1] in "+%" and failure.code != 50
        return failure if native else CommandFailed(None)

    @at_command("#XSLMVER", "#XSMVER")
    def application_version(self, call: Call) -> None:
        only(call, Form.ACTION)
        call.line(f"{call.name}: {self.variant.version}")

    @at_command("E")
    def nordic_echo(self, call: Call) -> None:
        """SM alone can echo."""
        if not self.variant.is_sm or call.text not in ("", "0", "1"):
            raise CommandFailed
        self.at.out.settings.echo = call.text == "1"
