"""The CNACT bearers of SIM7070G, SIM7080G and SIM7090G.

Sources: as ``simcom_ca_sockets``.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.simcom.autobaud import SimcomAutobaud


class CaBearers(SimcomAutobaud):
    """CNCFG, CNACT, CGNAPN."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "app-pdp-no-index": "+APP PDP comes without the bearer's number (older firmware)",
        "cnact-again-ok": "CNACT=0,1 on an active bearer is OK instead of an error",
    }

    def make_storage(self) -> None:
        super().make_storage()
        self.bearer_apns: dict[int, str] = {}

    def forget_session(self) -> None:
        super().forget_session()
        self.active_bearers: set[int] = set()

    def drop_sockets(self, pdp: int) -> None:
        """The sockets of a bearer die with it."""

    def _say_bearer(self, pdp: int, state: str) -> None:
        index = "" if "app-pdp-no-index" in self.quirks else f"{pdp},"
        self.urc(f"+APP PDP: {index}{state}")

    def pdp_lost(self) -> None:
        super().pdp_lost()
        for pdp in sorted(self.active_bearers):
            self._bearer_down(pdp)

    def _bearer_down(self, pdp: int) -> None:
        if pdp in self.active_bearers:
            self.active_bearers.discard(pdp)
            self._say_bearer(pdp, "DEACTIVE")
            self.drop_sockets(pdp)

    @at_command("+CNCFG")
    def configure_bearer(self, call: Call) -> None:
        if call.form is Form.READ:
            for pdp in range(4):
                call.line(f'+CNCFG: {pdp},1,"{self.bearer_apns.get(pdp, "")}","","",0')
        elif call.form is Form.SET:
            pdp = call.arguments.integer(0, 0, 3)
            call.arguments.integer(1, 0, 2)
            self.bearer_apns[pdp] = call.arguments.text(2, "")

    @at_command("+CNACT")
    def activate_bearer(self, call: Call) -> None:
        """OK first, the URC tells how it went (a failure is DEACTIVE)."""
        if call.form is Form.READ:
            for pdp in range(4):
                active = pdp in self.active_bearers
                address = self.radio.ip_address if active else None
                call.line(f'+CNACT: {pdp},{int(active)},"{address or "0.0.0.0"}"')
            return
        if call.form is Form.TEST:
            call.line("+CNACT: (0-3),(0-2)")
            return
        only(call, Form.SET)
        pdp, wanted = call.arguments.integer(0, 0, 3), call.arguments.integer(1, 0, 2)
        if wanted == 0:
            if pdp not in self.active_bearers:
                raise CommandFailed(3)
            self.later(self.some_ms(100, 400), self._bearer_down, pdp)
            return
        if pdp in self.active_bearers:
            if "cnact-again-ok" not in self.quirks:
                raise CommandFailed(3)
            return
        apn = self.bearer_apns.get(pdp)
        if apn:
            self.contexts[self.DEFAULT_CID] = ("IP", apn)
        self.later(self.some_ms(200, 700), self._activate_bearer, pdp)

    def _activate_bearer(self, pdp: int) -> None:
        if not self.registered:
            self._say_bearer(pdp, "DEACTIVE")
            return
        self.activate(self.DEFAULT_CID, lambda active: self._bearer_result(pdp, active))

    def _bearer_result(self, pdp: int, active: bool) -> None:
        if active:
            self.active_bearers.add(pdp)
        self._say_bearer(pdp, "ACTIVE" if active else "DEACTIVE")

    @at_command("+CGNAPN")
    def network_apn(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            call.line(f'+CGNAPN: {int(self.registered)},"{self.context_apn(self.DEFAULT_CID)}"')
