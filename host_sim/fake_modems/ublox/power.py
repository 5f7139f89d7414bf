"""Power saving of u-blox modules: UPSV, PSM with deep sleep, eDRX forms, restart, switching off.

Sources: UBX-20009652 R02 sections 8.1 and 8.2 (order of UUPSMR, CSCON and CEREG, UPSV as condition
of the deep sleep), UBX-17003787 R16 (UCPSMS, UPSV 4), u-blox/ubxlib u_cell_pwr.c (forms of the
SARA-R4, PSM after a restart only).
"""

import asyncio
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import ON, at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp
from ip_commands.host_sim.fake_modems.ublox.models import UbloxModel

GSM_FRAME_MS = 4.615
"""Unit of the time-out of AT+UPSV=1 (120/26 ms)."""
R4_IDLE_MS = 6000
"""AT+UPSV=4: fixed."""
UART_WAKE_S = 0.020
"""Characters lost while the UART wakes up; the length is assumed."""


class UbloxPower(Generic3gpp):
    """UPSV, UPSMR, UCPSMS, CPWROFF and the u-blox forms of CPSMS, CEDRXS, CEDRXRDP, CFUN."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "psm-after-reboot": "a change of +CPSMS is asked of the network after a restart only",
        "edrx-requested-zero": '+CEDRXRDP shows "0000" as the cycle asked for (UBX-20009652)',
    }
    TEST_FORMS: ClassVar[dict[str, str]] = {"+UCPSMS": "", "+CPWROFF": ""}
    variant: UbloxModel
    psm_asks_again = False

    def make_storage(self) -> None:
        super().make_storage()
        self.upsv_mode = 0
        self.upsv_frames = 2000
        self.psm_urc = False
        if self.variant.autobaud:
            self.settings.ship_with("+IPR", 0)

    def forget_session(self) -> None:
        super().forget_session()
        # autobaud: silence until the first AT set the speed; a modem found running has it
        self.urcs_wait_for_at = bool(self.boots) and self.settings["+IPR"] == (0,)
        self.deaf_until_s = 0.0
        self._active_at_s = asyncio.get_running_loop().time()

    # --- the UART's own sleep --------------------------------------------------------------------

    def idle_ms(self) -> float:
        """Return how long the UART stays awake without traffic."""
        return self.upsv_frames * GSM_FRAME_MS if self.upsv_mode == 1 else R4_IDLE_MS

    def _received(self, data: bytes) -> None:
        if self.power != ON:
            return
        now_s = asyncio.get_running_loop().time()
        idle_ms = (now_s - self._active_at_s) * 1000
        if self.upsv_mode in (1, 4) and idle_ms >= self.idle_ms():
            self.deaf_until_s = now_s + UART_WAKE_S
        self._active_at_s = now_s
        if now_s < self.deaf_until_s:
            self.at.input_lost += len(data)
            return
        if b"\r" in data:
            self.urcs_wait_for_at = False
        super()._received(data)

    def urc(self, text: str | bytes) -> None:
        if not self.urcs_wait_for_at:
            self._active_at_s = asyncio.get_running_loop().time()
            super().urc(text)

    @at_command("+UPSV")
    def uart_power_saving(self, call: Call) -> None:
        if call.form is Form.READ:
            timeout = f",{self.upsv_frames},1" if self.upsv_mode == 1 else ""
            call.line(f"+UPSV: {self.upsv_mode}{timeout}")
        elif call.form is Form.TEST:
            call.line(f"+UPSV: ({','.join(str(mode) for mode in self.variant.upsv_modes)})")
        else:
            only(call, Form.SET)
            mode = call.arguments.integer(0, 0, 4)
            if mode not in self.variant.upsv_modes:
                raise BadArgument
            if mode == 1:
                self.upsv_frames = call.arguments.integer(1, 40, 65000, 2000)
            self.upsv_mode = mode
            self._enter_psm()  # what UPSV held off may come now

    # --- PSM -------------------------------------------------------------------------------------

    @at_command("+UPSMR")
    def psm_indication(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+UPSMR: {int(self.psm_urc)}")
        elif call.form is Form.TEST:
            call.line("+UPSMR: (0,1)")
        else:
            only(call, Form.SET)
            self.psm_urc = call.arguments.integer(0, 0, 1) == 1

    @at_command("+CPSMS")
    def set_psm(self, call: Call) -> None:
        if call.form is Form.READ and self.variant.is_r4:
            tau, active = self.psm_timers
            call.line(f'+CPSMS:{int(self.psm_request is not None)},,,"{tau}","{active}"')
        elif call.form is Form.SET and "psm-after-reboot" in self.quirks:
            self._keep_psm(call)
        else:
            super().set_psm(call)

    def _keep_psm(self, call: Call) -> None:
        mode = call.arguments.integer(0, 0, 2)
        if mode == 1:
            timers = call.arguments.text(3), call.arguments.text(4)
            if any(len(bits) != 8 or set(bits) - {"0", "1"} for bits in timers):
                raise BadArgument
            self.psm_timers = timers
        self.psm_request = self.psm_timers if mode == 1 else None

    @at_command("+UCPSMS")
    def assigned_psm(self, call: Call) -> None:
        """``+UCPSMS: 1,,,"<T3412>","<T3324>",1``; the 1: T3412 is the extended one."""
        only(call, Form.READ)
        granted = self.radio.granted_psm
        if granted is None:
            call.line(f"+UCPSMS: {int(self.psm_request is not None)}")
        else:
            call.line(f'+UCPSMS: 1,,,"{granted[0]}","{granted[1]}",1')

    def psm_changed(self, asleep: bool) -> None:
        if self.power == ON and self.psm_urc:
            self.urc(f"+UUPSMR: {int(asleep)}")
        super().psm_changed(asleep)

    def _enter_psm(self) -> None:
        """The UART lives on for its idle time; then, if UPSV allows, everything is off."""
        if self.variant.deep_sleep_needs_upsv and not self.upsv_mode:
            return
        now_s = asyncio.get_running_loop().time()
        left_ms = self.idle_ms() - (now_s - self._active_at_s) * 1000
        if left_ms <= 0.5 and not self.at.busy:
            super()._enter_psm()
        elif self._radio_sleeps:
            self.later(max(left_ms, 10), self._enter_psm)

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        self._active_at_s = asyncio.get_running_loop().time()
        if from_psm and self.psm_urc:
            self.urc("+UUPSMR: 0")

    # --- eDRX ------------------------------------------------------------------------------------

    @at_command("+CEDRXS")
    def set_edrx(self, call: Call) -> None:
        """SARA-R4 shows the paging time window and nothing but the name when off."""
        if call.form is not Form.READ:
            super().set_edrx(call)
            return
        granted = self.radio.granted_edrx
        if not self.variant.is_r4:
            call.line(f'+CEDRXS: {self.edrx_act()},"{self.edrx_request or "0000"}"')
        elif self.edrx_request is None:
            call.line("+CEDRXS:")
        else:
            window = "0000" if granted is None else granted[2]
            call.line(f'+CEDRXS: {self.edrx_act()},"{self.edrx_request}","{window}"')

    @at_command("+CEDRXRDP")
    def show_edrx(self, call: Call) -> None:
        only(call, Form.ACTION)
        granted = self.radio.granted_edrx
        if granted is None:
            call.line('+CEDRXRDP: 0,"","",""')
            return
        requested = "0000" if "edrx-requested-zero" in self.quirks else granted[0]
        call.line(f'+CEDRXRDP: {self.edrx_act()},"{requested}","{granted[1]}","{granted[2]}"')

    # --- restart, switching off ------------------------------------------------------------------

    @at_command("+CFUN")
    def set_functionality(self, call: Call) -> None:
        """15 (SARA-R4, LARA-R6) or 16 (SARA-R5) restarts (u-blox/ubxlib)."""
        if call.form is Form.SET and call.arguments.text(0) in ("15", "16"):
            if int(call.arguments.text(0)) != self.variant.soft_reset:
                raise CommandFailed(3)
            self.reboot_after_answer()
        else:
            super().set_functionality(call)

    @at_command("+CPWROFF")
    def power_off(self, call: Call) -> None:
        """OK at once, silence seconds later, and no last word."""
        only(call, Form.ACTION)
        self.later(20, self.shut_down, None, self.some_ms(1000, 5000))
