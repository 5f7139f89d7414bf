"""PDP contexts: +CGDCONT, +CGACT, +CGPADDR, +CGCONTRDP.

Source of the forms: 3GPP TS 27.007 10.1.1 (CGDCONT), 10.1.10 (CGACT), 10.1.14 (CGPADDR), 10.1.23
(CGCONTRDP), 9.2.2.2 (error numbers of a refused context). The default bearer comes with the
attach, as LTE has it (TS 23.401 5.3.2.1): +CGPADDR shows an address when +CEREG says registered,
before any of the vendor's own contexts is up. A detached module attaches first (10.1.10; a SIM800
takes 6.5 s, vshymanskyy/TinyGSM issue 184). Contexts beside the first share its connection, and
so its address: assumed, the radio below has one.
"""

import re
from collections.abc import Callable
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.error_numbers import esm_number
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.settings import NVM, Number, Setting, Text, Value
from ip_commands.host_sim.fake_modems.generic.packet_events import PacketEvents

PDP_TYPES = ("IP", "IPV6", "IPV4V6", "NON-IP", "PPP")
LAST_BEARER = 171
"""Last PDN disconnection not allowed (27.007 9.2.2.2)."""

_APN = re.compile(r"[A-Za-z0-9._-]{0,100}")
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]{0,64}")


class DataCommands(PacketEvents):
    """PDP contexts; ``activate`` is for the families' own context commands."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "last-context-ends": "AT+CGACT=0 of the only context is obeyed on LTE too (some CIoT)",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "+CGAUTH",
            (
                *(Number(1, "0-16"), Number(0, "0-3")),
                *(Text(None, r'[^"]{0,64}'), Text(None, r'[^"]{0,64}')),
            ),
            NVM,
            test="(1-16),(0-3),,",
        ),
    )
    TEST_FORMS: ClassVar[dict[str, str]] = {"+CGACT": "(0,1)"}
    MAX_CID: int = 16
    PDP_LIMIT_MS: ClassVar[int] = 150_000
    ATTACH_LIMIT_MS: ClassVar[int] = 75_000
    on_gsm: bool = False
    """The data connection may end while the module stays registered."""
    context_types: tuple[str, ...] = ("IP", "IPV6", "IPV4V6")
    """What +CGDCONT=? lists."""
    context_fields: tuple[Number, ...] = (
        *(Number(0, "0-2"), Number(0, "0-4"), Number(0, "0"), Number(0, "0")),
    )
    """Values of +CGDCONT behind the address."""

    def make_storage(self) -> None:
        super().make_storage()
        self.contexts: dict[int, tuple[str, str]] = {self.DEFAULT_CID: ("IP", "")}
        self._context_values: dict[int, list[Value]] = {}

    def forget_session(self) -> None:
        super().forget_session()
        self.further_contexts: set[int] = set()
        """Active contexts beside the first."""
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
        self.further_contexts.clear()

    def address_of(self, cid: int) -> str | None:
        """Return the address of a context; None: it is not active."""
        active = cid == self.DEFAULT_CID or cid in self.further_contexts
        return self.radio.ip_address if active else None

    # --- what a context is -----------------------------------------------------------------------

    def context_line(self, cid: int) -> str:
        """Return +CGDCONT of one context; 0.0.0.0: the network gives the address."""
        return self.context_text(cid, self.context_apn(cid), "0.0.0.0")

    def context_text(self, cid: int, apn: str, address: str) -> str:
        """Return +CGDCONT of one context with that APN and address."""
        values = self._context_values.get(cid) or [each.default for each in self.context_fields]
        shown = [each.shown(v) for each, v in zip(self.context_fields, values, strict=True)]
        return f'+CGDCONT: {cid},"{self.contexts[cid][0]}","{apn}","{address}",' + ",".join(shown)

    @at_command("+CGDCONT")
    def define_context(self, call: Call) -> None:
        first = min(self.DEFAULT_CID, 1)
        if call.form is Form.READ:
            for cid in sorted(self.contexts):
                call.line(self.context_line(cid))
        elif call.form is Form.TEST:
            values = ",".join(each.listed() for each in self.context_fields)
            for kind in self.context_types:
                call.line(f'+CGDCONT: ({first}-{self.MAX_CID}),"{kind}",,,{values}')
        else:
            only(call, Form.SET)
            a = call.arguments
            cid = a.integer(0, first, self.MAX_CID)
            if len(a) == 1:
                self.contexts.pop(cid, None)
                return
            a.no_more_than(4 + len(self.context_fields))
            kind, apn, address = a.text(1).upper(), a.text(2, ""), a.quoted(3, "")
            if kind not in PDP_TYPES or not _APN.fullmatch(apn) or not _ADDRESS.fullmatch(address):
                raise BadArgument
            self._context_values[cid] = [
                each.take(a, 4 + n) if a.given(4 + n) else each.default
                for n, each in enumerate(self.context_fields)
            ]
            self.contexts[cid] = (kind, apn)

    # --- up and down -----------------------------------------------------------------------------

    @at_command("+CGACT")
    def activate_context(self, call: Call) -> None:
        if call.form is Form.READ:
            for cid in sorted(self.contexts):
                call.line(f"+CGACT: {cid},{int(self.address_of(cid) is not None)}")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        wanted = call.arguments.integer(0, 0, 1)
        cid = call.arguments.integer(1, 0, self.MAX_CID, default=self.DEFAULT_CID)
        if cid not in self.contexts:
            raise CommandFailed(50)
        if not wanted:
            self._end_context(cid)
        else:
            self.attach_for_context()
            call.wait()
            self._attach_first(call, cid, self.ATTACH_LIMIT_MS)

    def attach_for_context(self) -> None:
        """Attach, unless it is attached. Raises CommandFailed where the host forbade it."""
        if self.functionality != 1 or self.operator_mode[0] == 2:
            raise CommandFailed(30)
        if not self.registered:
            self.radio.switch_on()

    def _attach_first(self, call: Call, cid: int, left_ms: int) -> None:
        if self.registered:
            self.activate(cid, lambda up: self._context_result(call, cid, up))
        elif left_ms <= 0:
            call.fail(30)
        else:
            self.later(250, self._attach_first, call, cid, left_ms - 250)

    def _context_result(self, call: Call, cid: int, up: bool) -> None:
        if not up:
            call.fail(self.refusal_number())
            return
        if cid != self.DEFAULT_CID:
            self.further_contexts.add(cid)
        call.finish()

    def _end_context(self, cid: int) -> None:
        if self.address_of(cid) is None:
            return  # it is in that state already (27.007 10.1.10)
        if cid in self.further_contexts:
            self.further_contexts.discard(cid)
            self.packet_event(f"ME PDN DEACT {cid}")
        elif not self.on_gsm and "last-context-ends" not in self.quirks:
            raise CommandFailed(LAST_BEARER)
        else:
            self.end_bearer()

    @at_command("+CGPADDR")
    def show_address(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line(f"+CGPADDR: ({','.join(str(cid) for cid in sorted(self.contexts))})")
            return
        only(call, Form.SET, Form.ACTION)
        wanted = sorted(self.contexts)
        if call.form is Form.SET:
            wanted = [call.arguments.integer(0, 0, self.MAX_CID)]
        for cid in wanted:
            call.line(self.address_line(cid, self.address_of(cid)))

    def address_line(self, cid: int, address: str | None) -> str:
        """Return +CGPADDR of one context; families quote or not."""
        return f'+CGPADDR: {cid},"{address or "0.0.0.0"}"'

    @at_command("+CGCONTRDP")
    def show_context(self, call: Call) -> None:
        active = [cid for cid in sorted(self.contexts) if self.address_of(cid) is not None]
        if call.form is Form.TEST:
            call.line(f"+CGCONTRDP: ({','.join(str(cid) for cid in active)})")
            return
        only(call, Form.SET, Form.ACTION)
        if call.form is Form.SET:
            chosen = call.arguments.integer(0, 0, self.MAX_CID)
            active = [cid for cid in active if cid == chosen]
        for cid in active:
            parameters = self.context_parameters(self.context_apn(cid), str(self.address_of(cid)))
            call.line(f"+CGCONTRDP: {cid},{parameters}")

    def context_parameters(self, apn: str, address: str) -> str:
        """Return +CGCONTRDP behind the <cid>: bearer, APN, address, gateway, DNS servers."""
        return f'5,"{apn}","{address}",,"8.8.8.8","8.8.4.4"'
