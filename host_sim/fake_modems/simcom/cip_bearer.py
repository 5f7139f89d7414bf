"""The bearer of SIMCom's CIP commands: CSTT, CIICR, CIFSR, CIPSHUT, CIPSTATUS; CNACT, SAPBR.

Sources: SIM7000 Series TCPIP Application Note V1.01 and V1.02, SIM7000 AT Command Manual V1.06,
SIM800 Series AT Command Manual V1.09 (states and their order); elementzonline/SIM800_MQTT issue
24 (CIPSTATUS answers OK before the state, CIFSR has no OK); botletics/SIM7000-LTE-Shield log (+APP
PDP without a number, half a second after OK); vshymanskyy/TinyGSM issue 471 (three URCs inside
the answer of one CGACT). On LTE the connection to the network stays when CIPSHUT ends its use.
"""

from collections.abc import Callable
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.simcom.autobaud import SimcomAutobaud

INITIAL, START, CONFIG, ACTIVE, STATUS, LOST = (
    "IP INITIAL",
    "IP START",
    "IP CONFIG",
    "IP GPRSACT",
    "IP STATUS",
    "PDP DEACT",
)
"""States of the bearer, as CIPSTATUS names them."""


class CipBearer(SimcomAutobaud):
    """The bearer's states; connections are in the class below."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "nitz-in-answers": "network time URCs come inside the answers of CIICR, CIPSHUT, CGACT",
    }
    connection_count: int = 8

    def forget_session(self) -> None:
        super().forget_session()
        self.bearer_state = INITIAL
        self.multiple = False
        self.transparent = False
        self.app_bearer = False
        self.sapbr_active = False
        self.sapbr_parameters: dict[str, str] = {}

    def ip_state(self) -> str:
        """Return the state that CIPSTATUS shows."""
        return self.bearer_state

    def status_lines(self) -> list[str]:
        """Return what CIPSTATUS shows of each connection."""
        return []

    def drop_connections(self) -> None:
        """The connections end without a word."""

    def reset_receive_settings(self) -> None:
        """CIPSHUT was sent."""

    def _nitz_inside(self) -> None:
        if "nitz-in-answers" in self.quirks:
            self.later(10, self.say_nitz)

    # --- up and down -----------------------------------------------------------------------------

    @at_command("+CSTT")
    def start_task(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f'+CSTT: "{self.context_apn(self.DEFAULT_CID)}","",""')
        elif call.form is Form.TEST:
            call.line('+CSTT: "APN","USER","PWD"')
        else:
            only(call, Form.SET, Form.ACTION)
            if self.bearer_state != INITIAL:
                raise CommandFailed(3)
            if call.form is Form.SET:
                call.arguments.no_more_than(3)
                self.contexts[self.DEFAULT_CID] = ("IP", call.arguments.text(0, "")[:100])
            self.bearer_state = START

    def bring_up(self, on_result: Callable[[bool], None]) -> None:
        """Activate the context, call ``on_result``; the states on the way are set here."""
        self.bearer_state = CONFIG

        def ended(active: bool) -> None:
            if self.bearer_state == CONFIG:
                self.bearer_state = ACTIVE if active else LOST
                on_result(active)

        if self.registered:
            self.activate(self.DEFAULT_CID, ended)
        else:
            self.later(self.some_ms(200, 600), ended, False)

    @at_command("+CIICR")
    def bring_up_wireless(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        if self.bearer_state != START:
            raise CommandFailed(3)

        def ended(active: bool) -> None:
            if active:
                call.finish()
            else:
                call.fail(148)
                self.urc("+PDP: DEACT")

        call.wait()
        self._nitz_inside()
        self.later(self.some_ms(150, 700), self.bring_up, ended)

    @at_command("+CIFSR")
    def local_address(self, call: Call) -> None:
        """Show the address and nothing else: no OK follows."""
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        address = self.radio.ip_address
        if self.bearer_state not in (ACTIVE, STATUS) or address is None:
            raise CommandFailed(3)
        self.bearer_state = STATUS
        call.line(address)
        call.final(None)

    @at_command("+CIPSHUT")
    def shut(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.TEST:
            return
        call.wait()
        self._nitz_inside()
        self.later(self.some_ms(50, 900), self._shut, call)

    def _shut(self, call: Call) -> None:
        self.drop_connections()
        self.bearer_state = INITIAL
        self.reset_receive_settings()
        call.finish("SHUT OK")

    def pdp_lost(self) -> None:
        super().pdp_lost()
        if self.bearer_state in (ACTIVE, STATUS):
            self.drop_connections()
            self.bearer_state = LOST
            self.urc("+PDP: DEACT")
        if self.app_bearer:
            self._app_bearer_is(False)
        if self.sapbr_active:
            self.sapbr_active = False
            self.urc("+SAPBR 1: DEACT")

    @at_command("+CGACT")
    def activate_context(self, call: Call) -> None:
        super().activate_context(call)
        if call.pending:
            self._nitz_inside()

    # --- modes and states ------------------------------------------------------------------------

    @at_command("+CIPMUX", "+CIPMODE")
    def mode(self, call: Call) -> None:
        """Connections one or several; transparent mode is stored, but CIPSTART refuses it then."""
        name = "multiple" if call.name == "+CIPMUX" else "transparent"
        if call.form is Form.READ:
            call.line(f"{call.name}: {int(getattr(self, name))}")
        elif call.form is Form.TEST:
            call.line(f"{call.name}: (0,1)")
        else:
            wanted = call.arguments.integer(0, 0, 1) == 1
            if self.bearer_state != INITIAL:
                raise CommandFailed(3)
            setattr(self, name, wanted)

    @at_command("+CIPSTATUS")
    def status(self, call: Call) -> None:
        """OK comes first, then the state (real, elementzonline/SIM800_MQTT issue 24)."""
        if call.form is Form.TEST:
            return
        if call.form is Form.SET:
            number = call.arguments.integer(0, 0, self.connection_count - 1)
            if not self.multiple:
                raise CommandFailed(3)
            call.line(f"+CIPSTATUS: {self.status_lines()[number][3:]}")
            return
        only(call, Form.ACTION)
        out = self.at.out
        call.data(out.result("OK") + out.frame_urc(f"STATE: {self.ip_state()}"))
        if self.multiple:
            call.data(b"\r\n" + "".join(f"{row}\r\n" for row in self.status_lines()).encode())
        call.final(None)

    # --- other bearers ---------------------------------------------------------------------------

    def _app_bearer_is(self, active: bool) -> None:
        self.app_bearer = active
        self.urc(f"+APP PDP: {'ACTIVE' if active else 'DEACTIVE'}")

    @at_command("+CNACT")
    def application_bearer(self, call: Call) -> None:
        """Of the SIM7000; independent of the CIP commands' bearer."""
        if call.form is Form.READ:
            address = self.radio.ip_address if self.app_bearer else None
            call.line(f'+CNACT: {int(self.app_bearer)},"{address or "0.0.0.0"}"')
            return
        if call.form is Form.TEST:
            call.line('+CNACT: (0-2),"APN"')
            return
        only(call, Form.SET)
        if call.arguments.integer(0, 0, 2) == 0:
            if not self.app_bearer:
                raise CommandFailed(3)
            self.later(self.some_ms(100, 400), self._app_bearer_is, False)
            return
        if self.app_bearer:
            raise CommandFailed(3)
        apn = call.arguments.text(1, "")
        if apn:
            self.contexts[self.DEFAULT_CID] = ("IP", apn[:100])
        if self.registered:
            self.later(500, self.activate, self.DEFAULT_CID, self._app_bearer_is)
        else:
            self.later(500, self._app_bearer_is, False)

    @at_command("+SAPBR")
    def application_profile(self, call: Call) -> None:
        """The bearer of HTTP and FTP: 3 sets a parameter, 1 opens, 2 shows, 0 closes."""
        if call.form is Form.TEST:
            call.line('+SAPBR: (0-4),(1-3),"ConParamTag","ConParamValue"')
            return
        only(call, Form.SET)
        order, profile = call.arguments.integer(0, 0, 4), call.arguments.integer(1, 1, 3)
        if profile != 1:
            raise CommandFailed(3)
        if order == 3:
            tag = call.arguments.text(2).upper()
            if tag not in ("CONTYPE", "APN", "USER", "PWD", "PHONENUM", "RATE"):
                raise BadArgument
            self.sapbr_parameters[tag] = call.arguments.text(3, "")[:100]
        elif order == 4:
            for tag, value in self.sapbr_parameters.items():
                call.line(f"{tag}: {value}")
        elif order == 2:
            address = self.radio.ip_address if self.sapbr_active else None
            call.line(f'+SAPBR: 1,{1 if address else 3},"{address or "0.0.0.0"}"')
        elif (order == 1) == self.sapbr_active or not self.registered:
            raise CommandFailed(3)
        elif order == 0:
            self.sapbr_active = False
        else:
            call.wait()
            self.activate(self.DEFAULT_CID, lambda active: self._sapbr_result(call, active))

    def _sapbr_result(self, call: Call, active: bool) -> None:
        self.sapbr_active = active
        if active:
            call.finish()
        else:
            call.fail(148)
