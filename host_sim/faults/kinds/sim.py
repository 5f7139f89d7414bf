"""The SIM is out, and back."""

from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.generic.general import GeneralCommands
from ip_commands.host_sim.faults.arguments import argument
from ip_commands.host_sim.faults.catalogue import fault
from ip_commands.host_sim.faults.kinds.network import LastingNetworkFault

NOT_INSERTED, BUSY = 10, 14
"""+CME ERROR of TS 27.007 9.2."""


@fault(
    "sim_out",
    "The SIM loses contact: +CPIN? is an error, the radio detaches; afterwards it is read again.",
    "SeeedJP/WioLTEforArduino issue 5 (an EC21: SIM not inserted, busy, ready), "
    "LilyGo-Modem-Series issue 79 (SIM failure of an A7670), vshymanskyy/TinyGSM issue 358 "
    "(+CPIN: NOT READY)",
)
@dataclass(kw_only=True, eq=False)
class SimOut(LastingNetworkFault):
    AT_ONCE: ClassVar[bool] = False
    urc: bool = argument(True, "false: the modem does not say +CPIN: NOT READY and READY")
    error: int = argument(NOT_INSERTED, "number of +CME ERROR that +CPIN? answers", low=0)

    @property
    def modem(self) -> GeneralCommands:
        """The fake modem, which has a SIM."""
        fake = self.site.fake
        assert isinstance(fake, GeneralCommands)
        return fake

    def apply(self) -> str:
        self.modem.sim_error = self.error
        if self.urc:
            for line in self.site.dialect.sim_out:
                self.modem.urc(line)
        self.radio.take_sim(self.site.dialect.no_sim_registration)
        return "SIM out"

    def undo(self) -> None:
        self.modem.sim_error = BUSY
        self.radio.give_sim()
        self.modem.later(self.modem.sim_ready_ms, self._ready)

    def _ready(self) -> None:
        self.modem.sim_became_ready()
        if self.urc and self.modem.sim_error is None:
            for line in self.site.dialect.sim_back:
                self.modem.urc(line)
        self.radio.sim_was_read()
