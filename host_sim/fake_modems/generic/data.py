"""PDP contexts: +CGDCONT, +CGACT, +CGPADDR, +CGCONTRDP.

Source of the forms: 3GPP TS 27.007 10.1.1 (CGDCONT), 10.1.10 (CGACT), 10.1.14 (CGPADDR), 10.1.23
(CGCONTRDP), 9.2.2.2 (error numbers of a refused context). The default bearer comes with the
attach, as LTE has it (TS 23.401 5.3.2.1): +CGPADDR shows an address when +CEREG says registered,
before any of the vendor's own contexts is up.
"""

from collections.abc import Callable
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.error_numbers import esm_number
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.generic.packet_events import PacketEvents

PDP_TYPES = ("IP", "IPV6", "IPV4V6", "NON-IP", "PPP")


class DataCommands(PacketEvents):
    """PDP contexts; ``activate`` is for the families' own context commands."""

    MAX_CID: ClassVar[int] = 16
    PDP_LIMIT_MS: ClassVar[int] = 150_000

    def make_storage(self) -> None:
        super().make_storage()
        self.contexts: dict[int, tuple[str, str]] = {self.DEFAULT_CID: ("IP", "")}

    def forget_session(self) -> None:
        super().forget_session()
        self._pdp_waiters: list[Callable[[bool], None]] = []
        self._bearer_up = self.radio.ip_address is not None
        self._bearer_refused = False
        """With the attach that is under way: no use in asking again at once."""

    def bearer_apn(self) -> str | None:
        return self.context_apn(self.DEFAULT_CID)

    def context_apn(self, cid: int) -> str:
        """Return the APN of a context, "" when it has none."""
        return self.contexts.get(cid, ("IP", ""))[1]

    def registration_changed(self) -> None:
        super().registration_changed()
        if self.registered and self.radio.ip_address is None and not self._bearer_refused:
            self.radio.activate_pdp(self.context_apn(self.DEFAULT_CID))
        self._bearer_refused = False

    def activate(self, cid: int, on_result: Callable[[bool], None]) -> None:
        """Bring the data connection up, call ``on_result(True)``; False when it cannot be."""
        if self.radio.ip_address is not None:
            self._bearer_up = True
            self.later(self.some_ms(20, 60), on_result, True)
            return
        self._pdp_waiters.append(on_result)
        self.later(self.PDP_LIMIT_MS, self._resolve_waiter, on_result, False)
        self.radio.activate_pdp(self.context_apn(cid))

    def _resolve_waiter(self, waiter: Callable[[bool], None], active: bool) -> None:
        if waiter in self._pdp_waiters:
            self._pdp_waiters.remove(waiter)
            waiter(active)

    def pdp_changed(self, active: bool) -> None:
        super().pdp_changed(active)
        was_up, self._bearer_up = self._bearer_up, active
        self._bearer_refused = not active and not self.registered
        for waiter in list(self._pdp_waiters):
            self._resolve_waiter(waiter, active)
        if was_up and not active:
            self.pdp_lost()
            self.abandon_tcp()
        if was_up != active:
            self.say_bearer(active)

    def refusal_number(self) -> int:
        """Return the error number of a context that could not be activated."""
        refusal = self.last_refusal
        return esm_number(refusal.cause if refusal is not None and refusal.layer == "ESM" else 0)

    def pdp_lost(self) -> None:
        """The data connection is gone: sockets die, the family says so."""

    @at_command("+CGDCONT")
    def define_context(self, call: Call) -> None:
        if call.form is Form.READ:
            for cid, (kind, apn) in sorted(self.contexts.items()):
                call.line(f'+CGDCONT: {cid},"{kind}","{apn}","0.0.0.0",0,0,0,0')
        elif call.form is Form.TEST:
            for kind in ("IP", "IPV6", "IPV4V6"):
                call.line(f'+CGDCONT: (1-{self.MAX_CID}),"{kind}",,,(0-2),(0-4),(0),(0)')
        else:
            only(call, Form.SET)
            cid = call.arguments.integer(0, 0, self.MAX_CID)
            if len(call.arguments) == 1:
                self.contexts.pop(cid, None)
                return
            kind = call.arguments.text(1).upper()
            apn = call.arguments.text(2, "")
            if kind not in PDP_TYPES or len(apn) > 100:
                raise BadArgument
            self.contexts[cid] = (kind, apn)

    @at_command("+CGACT")
    def activate_context(self, call: Call) -> None:
        if call.form is Form.READ:
            for cid in sorted(self.contexts):
                active = cid == self.DEFAULT_CID and self.radio.ip_address is not None
                call.line(f"+CGACT: {cid},{int(active)}")
        elif call.form is Form.TEST:
            call.line("+CGACT: (0,1)")
        else:
            only(call, Form.SET)
            wanted = call.arguments.integer(0, 0, 1)
            cid = call.arguments.integer(1, 0, self.MAX_CID, default=self.DEFAULT_CID)
            if cid not in self.contexts or not self.registered:
                raise CommandFailed(30 if cid in self.contexts else 50)
            if wanted:
                call.wait()
                self.activate(
                    cid, lambda up: call.finish() if up else call.fail(self.refusal_number())
                )
            elif self.radio.ip_address is not None:
                self.end_bearer()

    @at_command("+CGPADDR")
    def show_address(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line(f"+CGPADDR: ({','.join(str(cid) for cid in sorted(self.contexts))})")
            return
        wanted = sorted(self.contexts)
        if call.form is Form.SET:
            wanted = [call.arguments.integer(0, 0, self.MAX_CID)]
        for cid in wanted:
            address = self.radio.ip_address if cid == self.DEFAULT_CID else None
            call.line(self.address_line(cid, address))

    def address_line(self, cid: int, address: str | None) -> str:
        """Return +CGPADDR of one context; families quote or not."""
        return f'+CGPADDR: {cid},"{address or "0.0.0.0"}"'

    @at_command("+CGCONTRDP")
    def show_context(self, call: Call) -> None:
        address = self.radio.ip_address
        if call.form is Form.TEST or address is None:
            return
        cid, apn = self.DEFAULT_CID, self.context_apn(self.DEFAULT_CID)
        call.line(f'+CGCONTRDP: {cid},5,"{apn}","{address}",,"8.8.8.8","8.8.4.4"')
