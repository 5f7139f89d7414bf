"""Telit contexts, socket settings and firewall: #SGACT, #SCFG, #SCFGEXT, #SCFGEXT2, #FRWL.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A (grammar, ranges, defaults,
chapter on multisocket), ME310G1/ME910G1/ML865G1 guide 80617ST10991A, LE910 V2 guide 80446ST10707A
(command line of 400 characters; a firewall that is not enabled), HE863 guide 80377ST10083A and
LE910-SKG guide 80437ST10619A (#FRWL: listeners only, what no rule accepts is dropped, rules are
not stored), Telit IP Easy User Guide 80000ST10028 (error numbers 550 to 564). What no source says
is marked "assumed".
"""

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp

SOCKET_COUNT = 6
RULE_LIMIT = 5
"""Rules of the firewall (LE910 V2 guide, of its list for TCPATRUN)."""

(WRONG_STATE, ALREADY_ACTIVE, ACTIVATION_FAILED, NOT_OPENED, CANNOT_RESOLVE) = (
    *(551, 553, 555, 556, 558),
)
(CANNOT_OPEN, CONNECTION_FAILED, TX_ERROR, ALREADY_LISTENING) = (560, 562, 563, 564)

TELIT_ERRORS: dict[int, str] = {
    550: "generic undocumented error",
    551: "wrong state",
    552: "wrong mode",
    553: "context already activated",
    554: "stack already active",
    555: "activation failed",
    556: "context not opened",
    557: "cannot setup socket",
    558: "cannot resolve DN",
    559: "time-out in opening socket",
    560: "cannot open socket",
    561: "remote disconnected or time-out",
    562: "connection failed",
    563: "tx error",
    564: "already listening",
}


@dataclass
class SocketSettings:
    """What #SCFG, #SCFGEXT and #SCFGEXT2 keep for one connection id."""

    context: int = 1
    packet_bytes: int = 300
    idle_s: int = 90
    """<maxTo>: without traffic for so long the connection closes; 0: never."""
    connect_100ms: int = 600
    transmit_100ms: int = 50
    ring_mode: int = 0
    receives_hex: bool = False
    keepalive_min: int = 0
    sends_hex: bool = False
    buffer_start: int = 0
    abort_attempt: int = 0
    no_carrier_mode: int = 0


def dotted(text: str) -> str:
    """Return an IPv4 address. Raises CommandFailed for names: nothing resolves them here."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise CommandFailed(CANNOT_RESOLVE) from None


class TelitSetup(Generic3gpp):
    """Everything a Telit socket needs before it is opened."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "firewall-open": "listeners hear everyone although #FRWL has no rule",
        "frwl-unknown": "#FRWL does not exist; listeners hear everyone",
    }

    def make_storage(self) -> None:
        super().make_storage()
        self.socket_settings = {n: SocketSettings() for n in range(1, SOCKET_COUNT + 1)}

    def forget_session(self) -> None:
        super().forget_session()
        self.active_contexts: set[int] = set()
        self.firewall: list[tuple[str, str]] = []

    def settings_of(self, call: Call) -> SocketSettings:
        """Return the settings of the connection id that the command begins with."""
        return self.socket_settings[call.arguments.integer(0, 1, SOCKET_COUNT)]

    def context_ready(self, context: int) -> bool:
        """Return True if sockets of that context can work."""
        return context in self.active_contexts and self.radio.ip_address is not None

    def drop_sockets(self, context: int | None) -> None:
        """Close the sockets of a context that the host deactivates; None: of a lost one."""

    # --- context -----------------------------------------------------------------------------

    @at_command("#SGACT")
    def activate_ip_context(self, call: Call) -> None:
        if call.form is Form.READ:
            for cid in sorted(self.contexts):
                call.line(f"#SGACT: {cid},{int(cid in self.active_contexts)}")
            return
        if call.form is Form.TEST:
            call.line("#SGACT: (1-5),(0,1)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(4)
        cid, wanted = call.arguments.integer(0, 1, 5), call.arguments.integer(1, 0, 1)
        if cid not in self.contexts:
            raise CommandFailed(ACTIVATION_FAILED)
        if not wanted:
            self.active_contexts.discard(cid)
            self.drop_sockets(cid)
            return
        if cid in self.active_contexts:
            raise CommandFailed(ALREADY_ACTIVE)
        call.wait()
        self.activate(cid, lambda up: self._activated(call, cid, up))

    def _activated(self, call: Call, cid: int, up: bool) -> None:
        if not up:
            call.fail(ACTIVATION_FAILED)
            return
        self.active_contexts.add(cid)
        call.line(f"#SGACT: {self.radio.ip_address}")
        call.finish()

    def pdp_lost(self) -> None:
        super().pdp_lost()
        self.active_contexts.clear()
        self.drop_sockets(None)

    @at_command("#CGPADDR")
    def show_ip_address(self, call: Call) -> None:
        cid = call.arguments.integer(0, 1, 5) if call.form is Form.SET else 1
        address = self.radio.ip_address if cid in self.active_contexts else None
        call.line(f'#CGPADDR: {cid},"{address or ""}"')

    # --- settings of sockets -----------------------------------------------------------------

    @at_command("#SCFG")
    def configure_socket(self, call: Call) -> None:
        if call.form is Form.READ:
            for number, s in self.socket_settings.items():
                call.line(
                    f"#SCFG: {number},{s.context},{s.packet_bytes},{s.idle_s},"
                    f"{s.connect_100ms},{s.transmit_100ms}"
                )
        elif call.form is Form.TEST:
            call.line("#SCFG: (1-6),(1-5),(0-1500),(0-65535),(10-1200),(0-255)")
        else:
            only(call, Form.SET)
            a, s = call.arguments, self.settings_of(call)
            a.no_more_than(6)
            values = (
                a.integer(1, 1, 5),
                a.integer(2, 0, 1500),
                a.integer(3, 0, 65535),
                a.integer(4, 10, 1200),
                a.integer(5, 0, 255),
            )
            s.context, s.packet_bytes, s.idle_s, s.connect_100ms, s.transmit_100ms = values

    @at_command("#SCFGEXT")
    def configure_socket_further(self, call: Call) -> None:
        """<listenAutoRsp> 1 leads to online mode, which is not simulated: it is refused."""
        if call.form is Form.READ:
            for number, s in self.socket_settings.items():
                call.line(
                    f"#SCFGEXT: {number},{s.ring_mode},{int(s.receives_hex)},{s.keepalive_min},"
                    f"0,{int(s.sends_hex)}"
                )
        elif call.form is Form.TEST:
            call.line("#SCFGEXT: (1-6),(0-3),(0,1),(0-240),(0),(0,1)")
        else:
            only(call, Form.SET)
            a, s = call.arguments, self.settings_of(call)
            a.no_more_than(6)
            ring, hexadecimal = a.integer(1, 0, 3), a.integer(2, 0, 1) == 1
            keepalive = a.integer(3, 0, 240)
            a.integer(4, 0, 0, 0)
            s.sends_hex = a.integer(5, 0, 1, 0) == 1
            s.ring_mode, s.receives_hex, s.keepalive_min = ring, hexadecimal, keepalive

    @at_command("#SCFGEXT2")
    def configure_socket_still_further(self, call: Call) -> None:
        if call.form is Form.READ:
            for number, s in self.socket_settings.items():
                call.line(
                    f"#SCFGEXT2: {number},{s.buffer_start},{s.abort_attempt},0,0,"
                    f"{s.no_carrier_mode}"
                )
        elif call.form is Form.TEST:
            call.line("#SCFGEXT2: (1-6),(0,1),(0,1),(0),(0),(0-2)")
        else:
            only(call, Form.SET)
            a, s = call.arguments, self.settings_of(call)
            a.no_more_than(6)
            start, abort = a.integer(1, 0, 1), a.integer(2, 0, 1, 0)
            a.integer(3, 0, 0, 0)
            a.integer(4, 0, 0, 0)
            s.no_carrier_mode = a.integer(5, 0, 2, 0)
            s.buffer_start, s.abort_attempt = start, abort

    # --- firewall ----------------------------------------------------------------------------

    @at_command("#FRWL")
    def set_firewall(self, call: Call) -> None:
        """0 removes, 1 adds an accepting rule, 2 removes all; what no rule accepts is dropped."""
        if "frwl-unknown" in self.quirks:
            raise CommandFailed
        if call.form is Form.READ:
            for address, mask in self.firewall:
                call.line(f"#FRWL: {address},{mask}")
            return
        if call.form is Form.TEST:
            call.line("#FRWL: (0-2)")
            return
        only(call, Form.SET)
        action = call.arguments.integer(0, 0, 2)
        if action == 2:
            call.arguments.no_more_than(1)
            self.firewall.clear()
            return
        call.arguments.no_more_than(3)
        try:
            rule = (
                str(IPv4Address(call.arguments.quoted(1))),
                str(IPv4Address(call.arguments.quoted(2))),
            )
        except AddressValueError:
            raise BadArgument from None
        if action == 0:
            if rule not in self.firewall:
                raise BadArgument
            self.firewall.remove(rule)
        elif rule not in self.firewall:
            if len(self.firewall) >= RULE_LIMIT:
                raise CommandFailed(WRONG_STATE)
            self.firewall.append(rule)

    def lets_through(self, host: str) -> bool:
        """Return True if a listener may hear that host."""
        if {"firewall-open", "frwl-unknown"} & self.quirks:
            return True
        source = int(IPv4Address(host))
        return any(
            source & int(IPv4Address(mask)) == int(IPv4Address(address)) & int(IPv4Address(mask))
            for address, mask in self.firewall
        )
