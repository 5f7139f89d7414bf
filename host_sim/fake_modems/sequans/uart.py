"""Line ends, RTS sleep, radio start and reset of Sequans Monarch modules.

Sources: the public repositories vshymanskyy/TinyGSM (a command line may end with CR, CRLF or LF,
but the LF of a CRLF becomes payload of SQNSSENDEXT), QuickSpot/walter-arduino (SYSSTART 1.3 s
after the reset, late OK while the radio starts, output held while RTS is inactive),
Azure/embedded-wireless-framework (RYZ014 adapter: AT^RESET, SQNSSHDN, sleep and RING set-up).
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import OFF, ON, PSM, at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.output import URC_LIMIT
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.engine.settings import Setting
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp
from ip_commands.host_sim.fake_modems.sequans.settings import UART_ROWS


class SequansUart(Generic3gpp):
    """What a Sequans module does with its UART, its reset pin and its radio switch."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "slow-radio-start": "the OK of AT+CFUN=1 comes after 8 s, as in a Walter log",
        "psm-switches-off": "PSM switches the UART off, leaving it is a boot with +SYSSTART",
    }

    SETTINGS: ClassVar[tuple[Setting, ...]] = UART_ROWS
    TEST_FORMS: ClassVar[dict[str, str]] = {"^RESET": "", "+SQNSSHDN": ""}

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        self.rts_active = True
        self.on_ring: Callable[[], None] | None = None
        """Called when the RING line pulses."""
        self.rings = 0
        super().__init__(model, radio, quirks, seed, powered)

    def forget_session(self) -> None:
        super().forget_session()
        self.functionality = 0
        self._after_cr = False
        self._line_feed = False
        self._held_urcs: deque[str | bytes] = deque(maxlen=URC_LIMIT)

    def boot_urcs(self) -> list[tuple[int, str]]:
        return [(0, "+SYSSTART")]

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        if from_psm:
            self.functionality = 1

    # --- line ends -------------------------------------------------------------------------------

    def _received(self, data: bytes) -> None:
        if self.power != ON or not data:
            return
        if self.at.prompting:
            self._after_cr = False
            super()._received(data)
            return
        if self._after_cr and data[:1] == b"\n":
            self._line_feed = True
            data = data[1:]
        self._after_cr = data.endswith(b"\r")
        if b"\r" in data or b"\n" in data:
            self._line_feed = data.endswith(b"\r\n")
        if data:
            super()._received(data.replace(b"\r\n", b"\r").replace(b"\n", b"\r"))

    def take_payload(self, call: Call, on_data: Callable[[bytes], None], length: int) -> None:
        """Show ``> `` and take ``length`` bytes; the LF of a CRLF is the first of them."""
        text, early = b"\r\n> ", b"\n" if self._line_feed else b""
        self._line_feed = False
        if length == len(early):
            call.data(text)
            call.wait()
            call.flush()
            self.later(5, on_data, early)
            return
        call.prompt(
            lambda data: on_data(early + data),
            length=length - len(early),
            text=text,
            limit=length,
        )

    # --- RTS and RING ----------------------------------------------------------------------------

    def set_rts(self, active: bool) -> None:
        """Move the host's RTS line; while it is inactive the modem may sleep and says nothing."""
        self.rts_active = active
        if not active:
            return
        if self.power == PSM:
            self.radio.wake()
        held, self._held_urcs = self._held_urcs, deque(maxlen=URC_LIMIT)
        for text in held:
            self.urc(text)

    def urc(self, text: str | bytes) -> None:
        if self.rts_active:
            super().urc(text)
        elif self.power == ON:
            self._held_urcs.append(text)
            if self.settings.number("+SQNRICFG"):
                self.rings += 1
                if self.on_ring is not None:
                    self.on_ring()

    def _enter_psm(self) -> None:
        """A host that holds RTS active keeps the UART alive in PSM too."""
        if "psm-switches-off" in self.quirks:
            super()._enter_psm()

    # --- radio, reset, power ---------------------------------------------------------------------

    def boot_finished(self) -> None:
        """The radio stays off until AT+CFUN=1."""

    @at_command("+CFUN")
    def set_functionality(self, call: Call) -> None:
        starts = call.form is Form.SET and call.text == "1" and self.functionality != 1
        if not starts:
            super().set_functionality(call)
            return
        call.wait()
        slow = "slow-radio-start" in self.quirks
        self.later(8000 if slow else self.some_ms(200, 900), self._start_radio, call)

    def _start_radio(self, call: Call) -> None:
        self.functionality = 1
        super().boot_finished()
        call.finish()

    def power_key(self) -> None:
        """Pulse RESETN: there is no power key, and a reset is never an orderly switching off."""
        if self.power == OFF:
            self._boot(from_psm=False)
        else:
            self.restart()

    def reboot_after_answer(self) -> None:
        """OK, then +SHUTDOWN, then +SYSSTART."""
        self.later(30, self.urc, "+SHUTDOWN")
        self.later(31, self.reboot, 100)

    @at_command("^RESET")
    def reset(self, call: Call) -> None:
        only(call, Form.ACTION)
        self.reboot_after_answer()

    @at_command("+SQNSSHDN")
    def switch_off(self, call: Call) -> None:
        """OK, then +SHUTDOWN; from then on only the reset pin helps."""
        only(call, Form.ACTION)
        self.later(20, self.shut_down, "+SHUTDOWN", self.some_ms(300, 1500))
