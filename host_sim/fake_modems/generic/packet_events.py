"""What becomes of the data connection, told unasked: +CGEREP and +CGEV.

Source of the forms: 3GPP TS 27.007 10.1.19; which of them LTE modules use: nRF91 AT Commands
Reference Guide 7.3 (``ME PDN ACT <cid>``, ``NW PDN DEACT <cid>``, ``NW DETACH``, ``ME DETACH``),
logs of an nRF9160 and of a u-blox module in public repositories (order behind +CEREG: 0).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.generic.registration import RegistrationCommands


class PacketEvents(RegistrationCommands):
    """+CGEREP; ``say_bearer`` is for whoever knows of the bearer."""

    DEFAULT_CID: ClassVar[int] = 1
    cgerep_modes: tuple[int, ...] = (0, 1, 2)
    """<mode> of +CGEREP that this family has."""

    def forget_session(self) -> None:
        super().forget_session()
        self.packet_event_mode = 0
        self._host_ends_bearer = False

    @at_command("+CGEREP")
    def packet_event_reporting(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CGEREP: {self.packet_event_mode},0")
        elif call.form is Form.TEST:
            call.line(f"+CGEREP: ({','.join(map(str, self.cgerep_modes))}),(0)")
        else:
            only(call, Form.SET, Form.ACTION)
            mode = 0
            if call.form is Form.SET:
                mode = call.arguments.integer(0, 0, self.cgerep_modes[-1], 0)
                call.arguments.integer(1, 0, 1, 0)
            self.packet_event_mode = mode

    def packet_event(self, text: str | None) -> None:
        """Say ``+CGEV`` if the host wants it; None: nothing."""
        if self.packet_event_mode and text is not None:
            self.urc(f"+CGEV: {text}")

    def end_bearer(self) -> None:
        """Deactivate the data connection because the host wants it."""
        self._host_ends_bearer = True
        self.radio.deactivate_pdp()
        self._host_ends_bearer = False

    def say_bearer(self, active: bool) -> None:
        """Tell that the data connection came up or ended, and who ended it."""
        if active:
            self.packet_event(self.activated_event())
        elif self._host_ends_bearer:
            self.packet_event(self.deactivated_event("ME"))
        else:  # whether it is a detach shows right after it
            self.later(1, self._say_who_ended_it)

    def _say_who_ended_it(self) -> None:
        if self.registered:
            self.packet_event(self.deactivated_event("NW"))
        elif self.radio.registration == 0:
            self.packet_event("ME DETACH")
        elif self.radio.rsrp_dbm is not None:
            self.packet_event("NW DETACH")

    def activated_event(self) -> str | None:
        """Return what tells of a new default bearer; None: nothing does."""
        return f"ME PDN ACT {self.DEFAULT_CID}"

    def deactivated_event(self, by: str) -> str:
        """Return what tells of its end, by the network (``NW``) or the modem itself (``ME``)."""
        return f"{by} PDN DEACT {self.DEFAULT_CID}"
