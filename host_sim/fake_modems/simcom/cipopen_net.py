"""The network of SIMCom's CIPOPEN commands: NETOPEN, NETCLOSE, IPADDR and their settings.

Sources: SIM7500_SIM7600 Series AT Command Manual V3.00 chapter 11.2, A76XX Series AT Command
Manual V1.09 chapter 15, A76XX Series TCPIP Application Note V1.02, SIM767XX Series AT Command
Manual V1.06 chapter 13; Xinyuan-LilyGO/T-SIM7600X issue 90 and LilyGo-Modem-Series issues 447 and
471 (NETOPEN ends with a bare ERROR). Transparent mode is not played and refused.
"""

from dataclasses import dataclass
from typing import ClassVar, NoReturn

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.generic.general import ModelFacts
from ip_commands.host_sim.fake_modems.simcom.system import SimcomSystem

NO_DATA, NET_IS_OPEN, NET_NOT_OPENED, INVALID_PARAMETER, NOT_SUPPORTED = 22, 4, 8, 12, 13

IP_ERRORS: dict[int, str] = {
    NET_IS_OPEN: "Network is already opened",
    NET_NOT_OPENED: "Network not opened",
    INVALID_PARAMETER: "Invalid parameter",
    NOT_SUPPORTED: "Operation not supported",
    NO_DATA: "No data",
}
"""Texts of +IP ERROR that happen here (AT manual, CIPCCFG)."""

CLOSED, OPENING, OPEN, LOST = "closed", "opening", "open", "lost"


@dataclass(frozen=True)
class CipopenVariant:
    """What differs between the models."""

    facts: ModelFacts
    series: str
    """``SIM7600`` (with SIM7500), ``A76XX`` or ``SIM767X``."""

    @property
    def link_count(self) -> int:
        return 4 if self.series == "SIM767X" else 10


class CipopenNet(SimcomSystem):
    """The network and what is set before it."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "netopen-bare-error": "NETOPEN that fails answers ERROR alone (LE20B05SIM7600G22)",
        "netopen-stays": "after NETWORK CLOSED UNEXPECTEDLY NETOPEN? goes on to say 1",
        "ipaddr-own-error": "'+IPADDR: Network not opened' (A76XX TCPIP note)",
    }
    TEST_FORMS: ClassVar[dict[str, str]] = dict.fromkeys(("+NETOPEN", "+NETCLOSE", "+IPADDR"), "")
    variant: CipopenVariant

    def forget_session(self) -> None:
        super().forget_session()
        self.net = CLOSED
        self.socket_cid = self.DEFAULT_CID
        self.config = [10, 0, 0, 1, 0, 0, 500, 0]
        """CIPCCFG: retries, delay, ack, error mode, header type, async, time-out, udpRecvmode."""
        self.timeouts_ms = [120_000, 120_000, 120_000]
        self.switches = {"+CIPHEAD": 1, "+CIPSRIP": 1, "+CIPSENDMODE": 0}
        self.by_package = False

    def ip_error(self, call: Call, number: int) -> NoReturn:
        """Fail with ``+IP ERROR:`` in words or, by CIPCCFG, as a number."""
        call.line(f"+IP ERROR: {IP_ERRORS[number] if self.config[3] else number}")
        raise CommandFailed

    def failure_of(self, call: Call, failure: CommandFailed) -> CommandFailed:
        """A wrong value in a socket command is told in the command's own way, then ERROR."""
        if not call.name.startswith(("+CIP", "+NET", "+IPADDR")):
            return failure
        if isinstance(failure, BadArgument):
            if call.name == "+CIPSEND":
                call.line("+CIPERROR: 3")
            elif call.name in ("+CIPOPEN", "+CIPCLOSE", "+CIPRXGET"):
                text = IP_ERRORS[INVALID_PARAMETER] if self.config[3] else INVALID_PARAMETER
                call.line(f"+IP ERROR: {text}")
        return CommandFailed(None)

    def close_links(self, call: Call) -> None:
        """End all links because of NETCLOSE."""

    def links_lost(self) -> None:
        """The network is gone and the links with it."""

    # --- up and down -----------------------------------------------------------------------------

    @at_command("+NETOPEN")
    def open_network(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+NETOPEN: {int(self.net in (OPEN, LOST))}")
            return
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        if self.net != CLOSED:
            self.ip_error(call, NET_IS_OPEN)
        self.net = OPENING
        bare = "netopen-bare-error" in self.quirks
        if bare:
            call.wait()

        def ended(active: bool) -> None:
            if self.net != OPENING:
                return
            self.net = OPEN if active else CLOSED
            self.by_package = self.config[7] == 1
            if bare and not active:
                call.fail()
                return
            call.finish()
            self.later(self.some_ms(5, 60), self.urc, f"+NETOPEN: {0 if active else 1}")

        if self.registered:
            self.later(self.some_ms(100, 900), self.activate, self.socket_cid, ended)
        else:
            self.later(self.some_ms(500, 2000), ended, False)

    @at_command("+NETCLOSE")
    def close_network(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        if self.net not in (OPEN, LOST):
            call.line("+NETCLOSE: 2")
            raise CommandFailed
        self.close_links(call)
        self.net = CLOSED
        self.later(self.some_ms(20, 400), self.urc, "+NETCLOSE: 0")

    @at_command("+IPADDR")
    def show_own_address(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        if self.net != OPEN:
            if "ipaddr-own-error" in self.quirks:
                call.line(f"+IPADDR: {IP_ERRORS[NET_NOT_OPENED]}")
                raise CommandFailed
            self.ip_error(call, NET_NOT_OPENED)
        call.line(f"+IPADDR: {self.radio.ip_address}")

    def pdp_lost(self) -> None:
        super().pdp_lost()
        if self.net == OPEN:
            stays = "netopen-stays" in self.quirks
            self.net = LOST if stays else CLOSED
            if not stays:
                self.links_lost()
            self.urc("+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY")

    # --- settings --------------------------------------------------------------------------------

    @at_command("+CIPCCFG")
    def configure(self, call: Call) -> None:
        """Seven values, of the A76XX eight; udpRecvmode counts from the next NETOPEN on."""
        count = 8 if self.variant.series == "A76XX" else 7
        ranges = ((0, 10), (0, 1000), (0, 1), (0, 1), (0, 1), (0, 1), (500, 120_000), (0, 1))
        if call.form is Form.READ:
            call.line(f"+CIPCCFG: {','.join(str(value) for value in self.config[:count])}")
        elif call.form is Form.TEST:
            texts = (f"({low}-{high})" for low, high in ranges[:count])
            call.line(f"+CIPCCFG: {','.join(texts)}")
        else:
            only(call, Form.SET)
            call.arguments.no_more_than(count)
            self.config = [
                call.arguments.integer(index, low, high, default=self.config[index])
                for index, (low, high) in enumerate(ranges)
            ]

    @at_command("+CIPTIMEOUT")
    def set_timeouts(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+CIPTIMEOUT: {','.join(str(value) for value in self.timeouts_ms)}")
        elif call.form is Form.TEST:
            call.line("+CIPTIMEOUT: (3000-120000),(3000-120000),(3000-120000)")
        else:
            only(call, Form.SET)
            call.arguments.no_more_than(3)
            self.timeouts_ms = [
                call.arguments.integer(index, 3000, 120_000, default=self.timeouts_ms[index])
                for index in range(3)
            ]

    @at_command("+CIPHEAD", "+CIPSRIP", "+CIPSENDMODE")
    def switch(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"{call.name}: {self.switches[call.name]}")
        elif call.form is Form.TEST:
            call.line(f"{call.name}: (0,1)")
        else:
            self.switches[call.name] = call.arguments.integer(0, 0, 1)

    @at_command("+CIPMODE")
    def transparent_mode(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line("+CIPMODE: 0")
        elif call.form is Form.TEST:
            call.line("+CIPMODE: (0,1)")
        else:
            call.arguments.integer(0, 0, 0)
