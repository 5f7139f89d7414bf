"""Fake nRF91 modems: firmware variants, boot, native modem commands, power.

Two firmware lines share the ``AT#X`` style: the Serial LTE Modem application of the nRF Connect
SDK (SLM, up to 3.1) and its successor, the Serial Modem add-on (SM). Sources: public repositories
nrfconnect/sdk-nrf (applications/serial_lte_modem, documentation and sources of several versions)
and nrfconnect/ncs-serial-modem (app/src/sm_at_host.c, sm_at_socket.c); nRF91 AT Commands
Reference Guide; log of an nRF9160 in vshymanskyy/TinyGSM issue 486; log of the Conexio Stratus.
Commands that the native modem does not have (V.250 basics, +CSQ, +CREG) are errors here as they
are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from host_sim.fake_modems.at_call import Call, only
from host_sim.fake_modems.at_line import BadArgument, CommandFailed, Form
from host_sim.fake_modems.fake_modem import ON, at_command
from host_sim.fake_modems.generic_3gpp import Generic3gpp
from host_sim.fake_modems.generic_general import ModelFacts
from host_sim.fake_modems.radio import Radio

SIM_INITIALISES_MS = 600


@dataclass(frozen=True)
class NordicModel:
    """One chip with one firmware."""

    facts: ModelFacts
    hardware: str
    version: str
    """What #XSLMVER or #XSMVER answers."""
    is_sm: bool = False
    """Answers #XSMVER, ends lines with CR; SLM: #XSLMVER and CRLF."""
    blanks: bool = False
    """Answers as SLM of SDK 1.3 and 1.4 wrote them: blanks behind commas, handles from 1."""
    receives: str = "header"
    """#XRECVFROM: ``bare`` (data first, no source), ``combined`` (data first, "ip:port") or
    ``header`` (header first, "ip",port)."""
    proxy: str = "source"
    """#XUDPDATA: ``recv`` (#XUDPRECV), ``typed``, ``plain`` (no source), ``source``; "": none."""
    selects: bool = True
    """#XSOCKETSELECT exists."""


_9160 = ModelFacts("Nordic Semiconductor ASA", "nRF9160-SICA", "mfw_nrf9160_1.3.7")
_9161 = ModelFacts("Nordic Semiconductor ASA", "nRF9161-LACA", "mfw_nrf91x1_2.0.2")
_9131 = ModelFacts("Nordic Semiconductor ASA", "nRF9131-LACA", "mfw_nrf91x1_2.0.2")
_9151 = ModelFacts("Nordic Semiconductor ASA", "nRF9151-LACA", "mfw_nrf91x1_2.0.2")

SLM_MODELS: dict[str, NordicModel] = {
    "nRF9160": NordicModel(_9160, "nRF9160 SICA B1A", '"3.1.0"'),
    "nRF9160-SLM-2.5": NordicModel(_9160, "nRF9160 SICA B1A", '"2.5.0"', proxy="plain"),
    "nRF9160-SLM-1.8": NordicModel(
        _9160, "nRF9160 SICA B0A", '"1.8"', receives="combined", proxy="plain", selects=False
    ),
    "nRF9160-SLM-1.4": NordicModel(
        *(_9160, "nRF9160 SICA B0A", '"1.4"'),
        blanks=True,
        receives="bare",
        proxy="recv",
        selects=False,
    ),
    "nRF9151-SM-0.1": NordicModel(
        _9151, "nRF9151 LACA A0A", '"v0.1.0","3.1.99"', is_sm=True, proxy=""
    ),
}
"""Firmware with one selected socket; SM 0.1 still had the commands of SLM."""

SM_MODELS: dict[str, NordicModel] = {
    "nRF9161": NordicModel(_9161, "nRF9161 LACA ADA", '"v1.0.1","3.2.1"', is_sm=True),
    "nRF9131": NordicModel(_9131, "nRF9131 LACA A0A", '"v1.0.1","3.2.1"', is_sm=True),
    "nRF9151": NordicModel(_9151, "nRF9151 LACA A0A", '"v1.0.1","3.2.1"', is_sm=True),
}
"""Firmware with a handle in every command (SM from 0.2 on)."""

_NOT_NATIVE = (
    *("V", "Q", "I", "X", "L", "M", "&C", "&D", "&K", "&S", "\\Q", "H", "P", "T", "D", "Z"),
    *("&F", "&W", "S0", "S3", "S4", "S5", "S6", "S7", "S8", "S10", "E"),
    *("+GMI", "+GMM", "+GMR", "+GSN", "+GCAP", "+CSQ", "+CREG", "+CGREG"),
    *("+IPR", "+IFC", "+ICF", "+CSCS", "+CTZU", "+CTZR", "+CMGD"),
)


class NordicHost(Generic3gpp):
    """The application's line discipline and the native modem behind it."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "native-bare": "answers of native commands have no CRLF in front (SLM of 2021)",
        "line-end-cr": "built with CR as the end of a command line",
        "auto-connect": "built to attach at boot, without AT+CFUN=1",
        "lost-connection-hup": "sockets without connection show POLLERR and POLLHUP, not POLLNVAL",
        "no-cereg-location": "+CEREG of level 2 and more without location while it searches",
    }
    DEFAULT_CID = 0
    MAX_CID = 10
    uart_ready_ms = 900
    radio_on_ms = 1
    key_off_text = None
    key_off_ms = 200

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        for name in _NOT_NATIVE:
            attribute = cls.COMMANDS.get(name, "")
            if not attribute.startswith("nordic_"):
                cls.COMMANDS.pop(name, None)

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

    def make_storage(self) -> None:
        super().make_storage()
        self.system_mode = "1,0,0,0"

    def restore_profile(self) -> None:
        super().restore_profile()
        self.at.out.settings.echo = False

    def forget_session(self) -> None:
        super().forget_session()
        self.functionality = 0
        self.sim_error = 14 if self.radio.iccid else 10
        self.uart_idle = False
        self.radio_asleep = False
        self.cgev_mode = 0
        self.paging_window = ""
        self._unheard: list[str | bytes] = []

    def boot_finished(self) -> None:
        """The modem stays off until AT+CFUN=1, unless it was built to attach by itself."""
        if "auto-connect" in self.quirks:
            self._set_functionality(1)

    def uart_ready(self, from_psm: bool) -> None:
        self.urc(b"Ready\r\n")

    def sim_became_ready(self) -> None:
        if self.functionality in (1, 41):
            super().sim_became_ready()

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
        self._set_functionality(0)
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
        if (call.name == "#XSMVER") != self.variant.is_sm:
            raise CommandFailed
        call.line(f"{call.name}: {self.variant.version}")

    @at_command("E")
    def nordic_echo(self, call: Call) -> None:
        """SM alone can echo."""
        if not self.variant.is_sm:
            raise CommandFailed
        self.echo(call)

    @at_command("+CMEE")
    def cmee(self, call: Call) -> None:
        """No texts: 2 is an error."""
        if call.form is Form.SET and call.arguments.integer(0, 0, 2) == 2:
            raise CommandFailed
        super().cmee(call)

    # --- native: functionality, identity -----------------------------------------------------

    @at_command("+CFUN")
    def set_functionality(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+CFUN: (0,1,4,20,21,30,31,40,41,44)")
            return
        if call.form is not Form.SET:
            super().set_functionality(call)
            return
        call.arguments.no_more_than(1)
        wanted = call.arguments.integer(0, 0, 44)
        if wanted not in (0, 1, 4, 20, 21, 30, 31, 40, 41, 44):
            raise BadArgument
        call.wait()
        self.later(self.some_ms(20, 150), self._functionality_reached, call, wanted)

    def _functionality_reached(self, call: Call, wanted: int) -> None:
        self._set_functionality(wanted)
        call.finish()

    def _set_functionality(self, wanted: int) -> None:
        if wanted in (30, 31):  # GNSS
            return
        before, self.functionality = self.functionality, wanted
        if wanted in (1, 21, 41) and self.sim_error == 14:
            self.later(SIM_INITIALISES_MS, self.sim_became_ready)
        if wanted in (0, 4, 20, 44) and before in (1, 21):
            self.radio.switch_off()
        elif wanted in (1, 21) and before not in (1, 21):
            self.functionality = 1
            if self.edrx_request is not None:  # asked for again with the attach
                self.radio.request_edrx(self.edrx_request)
            if self.psm_request is not None:
                self.radio.request_psm(*self.psm_request)
            self.radio.switch_on()

    @at_command("%XICCID")
    def iccid(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.need_sim()
        call.line(f"%XICCID: {self.radio.iccid}")

    @at_command("%HWVERSION")
    def hardware_version(self, call: Call) -> None:
        call.line(f"%HWVERSION: {self.variant.hardware}")

    @at_command("%XVBAT")
    def battery(self, call: Call) -> None:
        call.line("%XVBAT: 3700")

    @at_command("%XSYSTEMMODE")
    def set_system_mode(self, call: Call) -> None:
        """LTE-M, NB-IoT, GNSS, preference; only while the modem is off (CFUN 0 or 4)."""
        if call.form is Form.READ:
            call.line(f"%XSYSTEMMODE: {self.system_mode}")
            return
        if call.form is Form.TEST:
            call.line("%XSYSTEMMODE: (0,1),(0,1),(0,1),(0-4)")
            return
        only(call, Form.SET)
        a = call.arguments
        modes = [a.integer(n, 0, 1) for n in range(3)] + [a.integer(3, 0, 4, 0)]
        if self.functionality not in (0, 4):
            raise CommandFailed
        self.system_mode = ",".join(str(mode) for mode in modes)

    # --- native: network ---------------------------------------------------------------------

    def location_fields(self) -> list[str]:
        return [f'"{self.radio.tac}"', f'"{self.radio.cell_id.zfill(8)}"', str(self.act())]

    def timer_fields(self, read: bool) -> list[str]:
        """Deactivated timers are shown too (Conexio log)."""
        return super().timer_fields(read) or ["", "", '"11100000"', '"11100000"']

    def registration_fields(self, name: str, read: bool) -> list[str]:
        fields = super().registration_fields(name, read)
        searches = self.radio.registration == 2 and self.radio.rsrp_dbm is not None
        shows = self.registration_mode[name] >= 2 and "no-cereg-location" not in self.quirks
        return fields + self.location_fields() if searches and shows else fields

    def address_line(self, cid: int, address: str | None) -> str:
        return f'+CGPADDR: {cid},"{address or ""}"'

    @at_command("+CGEREP")
    def packet_events(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CGEREP: {self.cgev_mode},0")
        elif call.form is Form.TEST:
            call.line("+CGEREP: (0,1),(0)")
        else:
            only(call, Form.SET)
            self.cgev_mode = call.arguments.integer(0, 0, 1)

    def pdp_changed(self, active: bool) -> None:
        super().pdp_changed(active)
        if self.cgev_mode:
            self.urc(f"+CGEV: ME PDN {'ACT' if active else 'DEACT'} {self.DEFAULT_CID}")

    @at_command("%CESQ")
    def signal_thresholds(self, call: Call) -> None:
        """Subscription to signal URCs; none come while the signal stays as it is."""
        only(call, Form.SET)
        call.arguments.integer(0, 0, 1)

    @at_command("%XMONITOR")
    def monitor(self, call: Call) -> None:
        only(call, Form.ACTION)
        if not self.registered:
            call.line(f"%XMONITOR: {self.radio.registration}")
            return
        long, short = self._operator(0), self._operator(1)
        tac, cell = self.radio.tac, self.radio.cell_id.zfill(8)
        rsrp = 255 if self.radio.rsrp_dbm is None else self.radio.rsrp_dbm + 141
        edrx = "" if self.radio.granted_edrx is None else self.radio.granted_edrx[1]
        tau, active = self.radio.granted_psm or ("11100000", "11100000")
        call.line(
            f'%XMONITOR: {self.radio.registration},"{long}","{short}","{self.radio.plmn}",'
            f'"{tac}",{self.act()},20,"{cell}",7,6200,{rsrp},39,"{edrx}","{active}","{tau}"'
        )

    # --- native: power saving ----------------------------------------------------------------

    @at_command("+CEDRXS")
    def set_edrx(self, call: Call) -> None:
        """A new +CEDRXS forgets the paging time window of %XPTW."""
        super().set_edrx(call)
        if call.form is Form.SET:
            self.paging_window = ""

    @at_command("%XPTW")
    def set_paging_window(self, call: Call) -> None:
        if call.form is Form.READ:
            if self.paging_window:
                call.line(f'%XPTW: {self.edrx_act()},"{self.paging_window}"')
        elif call.form is Form.TEST:
            call.line('%XPTW: (4,5),("0000"-"1111")')
        else:
            only(call, Form.SET)
            call.arguments.integer(0, 4, 5)
            bits = call.arguments.quoted(1)
            if len(bits) != 4 or set(bits) - {"0", "1"}:
                raise BadArgument
            self.paging_window = bits

    @property
    def reachable(self) -> bool:
        """True while the UART is alive."""
        return self.power == ON and not self.uart_idle
