"""Names and pings of SIM7070G, SIM7080G and SIM7090G: CDNSGIP, SNPDPID, SNPING4.

Sources: SIM7070_SIM7080_SIM7090 Series AT Command Manual V1.05 (CDNSGIP, SNPING4);
logs in public write-ups of a SIM7080G with Soracom and Onomondo SIMs (``+SNPING4: <n>,<ip>,<ms>``,
one line after the other, OK behind the last). Assumed: a request without an answer shows -1, an
unknown name is an ERROR, CDNSGIP fails with 8 as that of a SIM7000.
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.ping_series import PingSeries
from ip_commands.host_sim.fake_modems.simcom.ca_data import CaData

DNS_COMMON_ERROR = 8


class CaNames(CaData):
    """What asks the network for names and echoes."""

    def forget_session(self) -> None:
        super().forget_session()
        self.ping_pdp = 0

    @at_command("+CDNSGIP")
    def resolve_name(self, call: Call) -> None:
        """OK, then what was found."""
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            return
        call.arguments.no_more_than(3)
        host = call.arguments.text(0)

        def resolved(addresses: tuple[str, ...] | None) -> None:
            found = "".join(f',"{address}"' for address in addresses or ())
            said = f'1,"{host}"{found}' if found else f"0,{DNS_COMMON_ERROR}"
            self.urc(f"+CDNSGIP: {said}")

        self.later(self.some_ms(20, 60), self.radio.ip.resolve, host, self.in_this_boot(resolved))

    @at_command("+SNPDPID")
    def choose_bearer(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"+SNPDPID: {self.ping_pdp}")
        elif call.form is Form.TEST:
            call.line("+SNPDPID: (0-3)")
        else:
            self.ping_pdp = call.arguments.integer(0, 0, 3)

    @at_command("+SNPING4")
    def ping(self, call: Call) -> None:
        """Lines, then OK."""
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            call.line("+SNPING4: <URL>,(1-500),(1-1400),(1-60000)")
            return
        call.arguments.no_more_than(4)
        series = PingSeries(
            *(self, call.arguments.text(0)),
            count=call.arguments.integer(1, 1, 500),
            size_bytes=call.arguments.integer(2, 1, 1400),
            timeout_ms=call.arguments.integer(3, 1, 60_000),
            on_reply=lambda time_ms: self._ping_answered(call, series, time_ms),
            on_end=lambda why: call.fail(3) if why else call.finish(),
        )
        if self.ping_pdp not in self.active_bearers:
            raise CommandFailed(3)
        call.wait()
        series.start(self.some_ms(20, 60))

    def _ping_answered(self, call: Call, series: PingSeries, time_ms: int | None) -> None:
        shown = -1 if time_ms is None else time_ms
        call.line(f"+SNPING4: {series.sent},{series.address},{shown}")
        call.flush()
