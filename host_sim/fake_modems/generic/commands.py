"""What every cellular modem has, as the base class of the families; here eDRX and PSM.

Source of the forms: 3GPP TS 27.007 7.38 (CPSMS), 7.40 (CEDRXS), 7.41 (CEDRXRDP); of the timer
codes: TS 24.008 10.5.7.4 (T3324, GPRS timer 2) and 10.5.7.4a (T3412 extended, GPRS timer 3).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, Form
from ip_commands.host_sim.fake_modems.generic.data import DataCommands
from ip_commands.host_sim.fake_modems.generic.indicators import Indicators
from ip_commands.host_sim.fake_modems.generic.messages import MessageCommands

_T3412_UNITS_S = (600, 3600, 36000, 2, 30, 60, 1152000, None)
_T3324_UNITS_S = (2, 60, 360, 60, 60, 60, 60, None)


def t3412_seconds(bits: str) -> int | None:
    """Return a periodic TAU timer in seconds, None when it is deactivated."""
    unit_s = _T3412_UNITS_S[int(bits[:3], 2)]
    return None if unit_s is None else unit_s * int(bits[3:], 2)


def t3324_seconds(bits: str) -> int | None:
    """Return an active time in seconds, None when it is deactivated."""
    unit_s = _T3324_UNITS_S[int(bits[:3], 2)]
    return None if unit_s is None else unit_s * int(bits[3:], 2)


def _bits(text: str, count: int) -> str:
    if len(text) != count or set(text) - {"0", "1"}:
        raise BadArgument
    return text


class Generic3gpp(MessageCommands, Indicators, DataCommands):
    """Everything every cellular modem has: families start from here.

    This class adds eDRX and PSM: the modem asks, the network grants.
    """

    TEST_FORMS: ClassVar[dict[str, str]] = {"+CEDRXRDP": ""}
    HAS_POWER_SAVING: ClassVar[bool] = True
    """False for Cat 1 modules: the commands do not exist."""

    psm_asks_again: ClassVar[bool] = True
    """+CPSMS=1 asks the network also when PSM is switched on already."""

    EDRX_DEFAULT_BITS: ClassVar[str] = "0010"

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        if not cls.HAS_POWER_SAVING:
            cls.without("+CEDRXS", "+CEDRXRDP", "+CPSMS")

    def make_storage(self) -> None:
        super().make_storage()
        self.edrx_request: str | None = None
        self.psm_request: tuple[str, str] | None = None
        self.psm_timers = ("01000011", "01000011")
        """(T3412 extended, T3324) bits to ask for."""

    def boot_finished(self) -> None:
        if self.edrx_request is not None:  # asked for again with the attach
            self.radio.request_edrx(self.edrx_request)
        if self.psm_request is not None:
            self.radio.request_psm(*self.psm_request)
        super().boot_finished()

    def forget_session(self) -> None:
        super().forget_session()
        self.edrx_urc = False
        self._edrx_said: tuple[str, str, str] | None = None

    def edrx_act(self) -> int:
        """Return <AcT-type> of 27.007 7.40: 4 WB-S1 (LTE, LTE-M), 5 NB-S1."""
        return 5 if self.radio.access_technology == 9 else 4

    def _edrx_fields(self) -> str:
        granted = self.radio.granted_edrx
        if granted is None:
            return "0"
        return f'{self.edrx_act()},"{granted[0]}","{granted[1]}","{granted[2]}"'

    @at_command("+CEDRXS")
    def set_edrx(self, call: Call) -> None:
        if call.form is Form.READ:
            if self.edrx_request is not None:
                call.line(f'+CEDRXS: {self.edrx_act()},"{self.edrx_request}"')
        elif call.form is Form.TEST:
            call.line('+CEDRXS: (0-3),(4,5),("0000"-"1111")')
        else:
            only(call, Form.SET)
            mode = call.arguments.integer(0, 0, 3)
            call.arguments.no_more_than(4)
            technology = call.arguments.integer(1, 4, 5, default=self.edrx_act())
            bits = _bits(call.arguments.text(2, self.edrx_request or self.EDRX_DEFAULT_BITS), 4)
            self.edrx_urc = mode == 2
            if technology != self.edrx_act():
                return  # stored for a technology that is not in use
            self.edrx_request = bits if mode in (1, 2) else None
            self.radio.request_edrx(self.edrx_request)

    @at_command("+CEDRXRDP")
    def show_edrx(self, call: Call) -> None:
        only(call, Form.ACTION)
        call.line(f"+CEDRXRDP: {self._edrx_fields()}")

    def power_saving_granted(self) -> None:
        super().power_saving_granted()
        granted = self.radio.granted_edrx
        if self.edrx_urc and granted != self._edrx_said:
            self._edrx_said = granted
            self.urc(f"+CEDRXP: {self._edrx_fields()}")

    @at_command("+CPSMS")
    def set_psm(self, call: Call) -> None:
        if call.form is Form.READ:
            tau, active = self.psm_timers
            call.line(f'+CPSMS: {int(self.psm_request is not None)},,,"{tau}","{active}"')
        elif call.form is Form.TEST:
            call.line('+CPSMS: (0-2),,,("00000000"-"11111111"),("00000000"-"11111111")')
        else:
            only(call, Form.SET, Form.ACTION)
            mode = 0 if call.form is Form.ACTION else call.arguments.integer(0, 0, 2)
            call.arguments.no_more_than(5)
            if mode == 1:
                tau = _bits(call.arguments.text(3, self.psm_timers[0]), 8)
                active = _bits(call.arguments.text(4, self.psm_timers[1]), 8)
                self.psm_timers = (tau, active)
            asked_before = self.psm_request is not None
            self.psm_request = self.psm_timers if mode == 1 else None
            if self.psm_request is None:
                self.radio.request_psm(None, None)
            elif self.psm_asks_again or not asked_before:
                self.radio.request_psm(*self.psm_request)
