"""The QI commands of Quectel modules that prepare sockets: contexts, options, names, errors.

Sources: as ``quectel_sockets``; activation times 0.7 to 3.2 s are those of real logs.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.settings import Number, Setting
from ip_commands.host_sim.fake_modems.generic.commands import Generic3gpp

ERROR_TEXTS: dict[int, str] = {
    0: "operate successfully",
    550: "unknown error",
    551: "operation blocked",
    552: "invalid parameters",
    553: "memory not enough",
    554: "create socket failed",
    555: "operation not supported",
    556: "socket bind failed",
    557: "socket listen failed",
    558: "socket write failed",
    559: "socket read failed",
    560: "socket accept failed",
    561: "open PDP context failed",
    562: "close PDP context failed",
    563: "socket identity has been used",
    564: "DNS busy",
    565: "DNS parse failed",
    566: "socket connect failed",
    567: "socket has been closed",
    568: "operation busy",
    569: "operation timeout",
    570: "PDP context broken down",
    571: "cancel send",
    572: "operation not allowed",
    573: "APN not configured",
    574: "port busy",
}

BASIC_CONFIG = ("transpktsize", "transwaittm", "dataformat", "viewmode", "tcp/retranscfg")
"""What QICFG of every module knows."""

CONFIG: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {
    "transpktsize": ("1024", ((1, 1460),)),
    "transwaittm": ("2", ((0, 20),)),
    "dataformat": ("0,0", ((0, 1), (0, 1))),
    "viewmode": ("0", ((0, 1),)),
    "tcp/retranscfg": ("12,10", ((3, 20), (5, 1000))),
    "recvind": ("0", ((0, 1),)),
    "sack": ("1", ((0, 1),)),
    "tcp/keepalive": ("0,120,30,3", ((0, 1), (1, 120), (25, 100), (3, 10))),
    "dns/cache": ("1", ((0, 1),)),
    "qisend/timeout": ("0", ((0, 3600),)),
    "passiveclosed": ("0", ((0, 1),)),
    "udp/readmode": ("0", ((0, 1),)),
    "udp/sendmode": ("0", ((0, 1),)),
    "tcp/accept": ("1", ((0, 1),)),
    "recv/buffersize": ("10240", ((10240, 524288),)),
    "window/scale": ("1", ((0, 1),)),
}
"""QICFG: default and (least, most) of each value. Ranges: AT+QICFG=? of a real EG25-G
(lukejenkins/cwd); defaults beyond those of the manuals are assumed."""


class SocketError(CommandFailed):
    """A QI command failed: the host sees ERROR, QIGETERROR tells ``code``."""


class QuectelContexts(Generic3gpp):
    """QICSGP, QIACT, QIDEACT, QICFG, QIDNSCFG, QIDNSGIP, QPING, QIGETERROR, QISDE."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "viewmode": "QICFG viewmode is 1: the QIRD header ends with a comma",
        "qigeterror-no-blank": "no blank behind the comma of QIGETERROR (real EC25)",
        "cme-for-qi": "QI commands fail with +CME ERROR: 5xx instead of ERROR",
    }
    SETTINGS: ClassVar[tuple[Setting, ...]] = (Setting("+QISDE", (Number(1, "0,1"),)),)
    TEST_FORMS: ClassVar[dict[str, str]] = {
        "+QIGETERROR": "",
        "+QIDNSCFG": "",
        "+QIDNSGIP": "",
        "+QPING": "",
    }
    error_blank: ClassVar[str] = " "
    """Behind the comma of QIGETERROR."""
    context_count: int
    port_name: str
    config_names: tuple[str, ...]

    def forget_session(self) -> None:
        super().forget_session()
        self.active_contexts: set[int] = set()
        self.last_error = 0
        self.config = {name: default for name, (default, _) in CONFIG.items()}
        if "viewmode" in self.quirks:
            self.config["viewmode"] = "1"

    @property
    def sends_hex(self) -> bool:
        """QICFG "dataformat": the host types hex digits at the prompt."""
        return self.config["dataformat"].startswith("1")

    @property
    def receives_hex(self) -> bool:
        """QICFG "dataformat": received payload is shown as hex digits."""
        return self.config["dataformat"].endswith("1")

    def failure_of(self, call: Call, failure: CommandFailed) -> CommandFailed:
        if not call.name.startswith("+QI"):
            return failure
        code = failure.code if isinstance(failure, SocketError) else None
        self.last_error = 552 if code is None else code
        return CommandFailed(self.last_error if "cme-for-qi" in self.quirks else None)

    def drop_sockets(self, context: int) -> None:
        """The sockets of a context die with it."""

    def pdp_lost(self) -> None:
        """The network or coverage took the connection: sockets are dead, the URC says so."""
        super().pdp_lost()
        for context in sorted(self.active_contexts):
            self.drop_sockets(context)
            self.urc(f'+QIURC: "pdpdeact",{context}')
        self.active_contexts.clear()

    # --- contexts --------------------------------------------------------------------------------

    @at_command("+QICSGP")
    def configure_context(self, call: Call) -> None:
        """Shares the APN with +CGDCONT; the read form does not repeat the context."""
        if call.form is Form.TEST:
            call.line(f"+QICSGP: (1-{self.context_count}),(1-3),<APN>,<name>,<pwd>,(0-3)")
            return
        only(call, Form.SET)
        context = call.arguments.integer(0, 1, self.context_count)
        if len(call.arguments) == 1:
            call.line(f'+QICSGP: 1,"{self.context_apn(context)}","","",0')
            return
        kind = {1: "IP", 2: "IPV6", 3: "IPV4V6"}[call.arguments.integer(1, 1, 3)]
        apn = call.arguments.quoted(2, "")
        call.arguments.quoted(3, "")
        call.arguments.quoted(4, "")
        call.arguments.integer(5, 0, 3, 0)
        call.arguments.no_more_than(6)
        self.contexts[context] = (kind, apn)

    @at_command("+QIACT")
    def activate_pdp_context(self, call: Call) -> None:
        """Nothing else runs meanwhile; a context that is active already is an ERROR."""
        if call.form is Form.READ:
            for context in sorted(self.active_contexts):
                call.line(f'+QIACT: {context},1,1,"{self.radio.ip_address}"')
            return
        if call.form is Form.TEST:
            call.line(f"+QIACT: (1-{self.context_count})")
            return
        only(call, Form.SET)
        context = call.arguments.integer(0, 1, self.context_count)
        if context in self.active_contexts:
            raise SocketError(572)
        call.wait()
        self.later(self.some_ms(700, 1200), self._activate, call, context)

    def _activate(self, call: Call, context: int) -> None:
        if not self.registered:
            self.last_error = 561
            call.fail()
            return
        self.activate(context, lambda active: self._activated(call, context, active))

    def _activated(self, call: Call, context: int, active: bool) -> None:
        if active:
            self.active_contexts.add(context)
            self.last_error = 0
            call.finish()
        else:
            self.last_error = 561
            call.fail()

    @at_command("+QIDEACT")
    def deactivate_pdp_context(self, call: Call) -> None:
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            call.line(f"+QIDEACT: (1-{self.context_count})")
            return
        context = call.arguments.integer(0, 1, self.context_count)
        self.drop_sockets(context)
        self.active_contexts.discard(context)
        call.wait()
        self.later(self.some_ms(100, 600), call.finish)

    # --- options, errors -------------------------------------------------------------------------

    @at_command("+QICFG")
    def socket_configuration(self, call: Call) -> None:
        if call.form is Form.TEST:
            for name in self.config_names:
                shown = ",".join(f"({least}-{most})" for least, most in CONFIG[name][1])
                call.line(f'+QICFG: "{name}",{shown}')
            return
        only(call, Form.SET)
        name = call.arguments.quoted(0).lower()
        if name not in self.config_names:
            raise BadArgument
        if len(call.arguments) == 1:
            call.line(f'+QICFG: "{name}",{self.config[name]}')
            return
        ranges = CONFIG[name][1]
        before = self.config[name].split(",")
        values = [
            call.arguments.integer(1 + i, least, most, int(before[i]))
            for i, (least, most) in enumerate(ranges)
        ]
        call.arguments.no_more_than(1 + len(ranges))
        if name.startswith("udp/") and values[0]:
            raise SocketError(555)  # datagrams as a stream are not simulated
        self.config[name] = ",".join(str(value) for value in values)

    @property
    def data_echo(self) -> bool:
        """QISDE: payload typed at a prompt comes back."""
        return self.settings["+QISDE"] == (1,)

    @at_command("+QIGETERROR")
    def last_error_text(self, call: Call) -> None:
        only(call, Form.ACTION, Form.TEST)
        if call.form is Form.ACTION:
            blank = "" if "qigeterror-no-blank" in self.quirks else self.error_blank
            call.line(f"+QIGETERROR: {self.last_error},{blank}{ERROR_TEXTS[self.last_error]}")
