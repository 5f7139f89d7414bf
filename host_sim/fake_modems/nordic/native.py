"""The native modem of an nRF91: the 3GPP and % commands behind both applications.

Sources: nRF91 AT Commands Reference Guide (+CNEC: 9.2); log of an nRF9160 in vshymanskyy/TinyGSM
issue 486 (the SIM starts with AT+CFUN=1, AT+CMEE=2 and ATI are errors); log of the Conexio Stratus
(+CEREG of level 5). Commands that the native modem does not have (V.250 basics, +CSQ, +CREG) are
errors here as they are there.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp
from ip_commands.host_sim.fake_modems.generic.v250 import BASIC_ROWS
from ip_commands.host_sim.fake_modems.nordic.models import NordicModel
from ip_commands.host_sim.fake_modems.nordic.settings import NATIVE_ROWS

SIM_INITIALISES_MS = 600

_NOT_NATIVE = (
    *(row.name for row in BASIC_ROWS),
    *("I", "H", "P", "T", "D", "Z", "&F", "&V", "&W"),
    *("+GMI", "+GMM", "+GMR", "+GSN", "+GCAP", "+CSQ", "+CREG", "+CGREG"),
    *("+IPR", "+IFC", "+ICF", "+CSCS", "+CTZU", "+CTZR", "+CBC", "+CMER"),
    *("+CSMS", "+CPMS", "+CSCA", "+CSMP", "+CSDH", "+CMGL", "+CMGR", "+CMGD"),
)
"""Not in the nRF91 AT Commands Reference Guide; of messages it has +CMGF (PDU mode alone), +CNMI,
+CGSMS and +CMGS."""


class NordicNative(Generic3gpp):
    """What goes straight to the modem."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "no-cereg-location": "+CEREG of level 2 and more without location while it searches",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = NATIVE_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("%XICCID", "%HWVERSION", "%XVBAT", "%XMONITOR"), ""),
        "%XPTW": '(4,5),("0000"-"1111")',
        "%XRAI": "(0,3,4)",
        "%REL14FEAT": "(0,1),(0,1),(0,1),(0,1),(0,1)",
    }
    DEFAULT_CID = 0
    MAX_CID = 10
    cgerep_modes = (0, 1)
    variant: NordicModel

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        own = {n: m for n, m in cls.COMMANDS.items() if m.startswith("nordic_")}
        cls.without(*_NOT_NATIVE)
        cls.COMMANDS.update(own)

    def forget_session(self) -> None:
        super().forget_session()
        self.functionality = 0
        self.sim_error = 14 if self.radio.iccid else 10
        self._refusal_told = self.last_refusal
        self.paging_window = ""

    def sim_became_ready(self) -> None:
        if self.functionality in (1, 41):
            was_ready = self.sim_error is None
            super().sim_became_ready()
            if self.settings.number("%XSIM") and not was_ready and self.sim_error is None:
                self.urc("%XSIM: 1")

    @at_command("%XSIM")
    def sim_state(self, call: Call) -> None:
        """Read: whether the SIM is initialised (1)."""
        if call.form is Form.READ:
            call.line(f"%XSIM: {int(self.sim_error is None)}")
        else:
            self.setting(call)

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
        self.switch_functionality(wanted)
        call.finish()

    def switch_functionality(self, wanted: int) -> None:
        """Do what +CFUN does."""
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

    def system_mode_set(self, call: Call) -> None:
        """Only while the modem is off (CFUN 0 or 4)."""
        if self.functionality not in (0, 4):
            raise CommandFailed

    # --- native: network ---------------------------------------------------------------------

    def location_fields(self) -> list[str]:
        return [f'"{self.radio.tac}"', f'"{self.radio.cell_id.zfill(8)}"', str(self.act())]

    def timer_fields(self, read: bool) -> list[str]:
        """Deactivated timers are shown too (Conexio log)."""
        return super().timer_fields(read) or ["", "", '"11100000"', '"11100000"']

    def shows_location(self) -> bool:
        """Also while it searches, with the cause of a refusal behind it (Conexio log)."""
        searches = self.radio.registration == 2 and self.radio.rsrp_dbm is not None
        return self.registered or (searches and "no-cereg-location" not in self.quirks)

    def address_line(self, cid: int, address: str | None) -> str:
        return f'+CGPADDR: {cid},"{address or ""}"'

    def _say_refusal(self) -> None:
        refusal = self.last_refusal
        if refusal is None or refusal is self._refusal_told:
            return
        self._refusal_told = refusal
        subscribed = self.settings.number("+CNEC")
        if refusal.layer == "EMM" and subscribed & 8:
            self.urc(f"+CNEC_EMM: {refusal.cause}")
        elif refusal.layer == "ESM" and subscribed & 16:
            self.urc(f"+CNEC_ESM: {refusal.cause},{self.DEFAULT_CID}")

    def registration_changed(self) -> None:
        super().registration_changed()
        self._say_refusal()

    def pdp_changed(self, active: bool) -> None:
        super().pdp_changed(active)
        self._say_refusal()

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
        else:
            only(call, Form.SET)
            call.arguments.integer(0, 4, 5)
            bits = call.arguments.quoted(1)
            if len(bits) != 4 or set(bits) - {"0", "1"}:
                raise BadArgument
            self.paging_window = bits
