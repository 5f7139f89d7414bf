"""Names and pings of SIM7000 and SIM800: CDNSGIP, CIPPING.

Sources: SIM800 Series AT Command Manual V1.09 8.2.24 (CIPPING: reply times in 100 ms, 600 and TTL
255 when the time is over), SIM7000 Series AT Command Manual V1.06; public log of a SIM7000E
(``+CIPPING: 1,"172.217.166.132",111,52``: milliseconds there).
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.ping_series import PingSeries
from ip_commands.host_sim.fake_modems.simcom.cip_bearer import STATUS
from ip_commands.host_sim.fake_modems.simcom.cip_data import CipData

DNS_COMMON_ERROR = 8
TTL = 52
"""Of an answer, as in the log."""
PAUSE_MS = 1000
"""Between two requests. Assumed."""


class CipNames(CipData):
    """What asks the network for names and echoes."""

    is_gsm: bool
    """Of a SIM800."""

    @at_command("+CDNSGIP")
    def resolve_name(self, call: Call) -> None:
        """OK, then what was found."""
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            return
        host = call.arguments.text(0)

        def resolved(addresses: tuple[str, ...] | None) -> None:
            found = "".join(f',"{address}"' for address in addresses or ())
            said = f'1,"{host}"{found}' if found else f"0,{DNS_COMMON_ERROR}"
            self.urc(f"+CDNSGIP: {said}")

        result = self.in_this_boot(resolved)
        self.later(self.some_ms(100, 200), self.radio.ip.resolve, host, result)

    @at_command("+CIPPING")
    def ping(self, call: Call) -> None:
        """Lines as the answers come, then OK."""
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            call.line("+CIPPING: <IP addr>,(1-100),(0-1024),(1-600),(1-255)")
            return
        arguments = call.arguments
        arguments.no_more_than(5)
        arguments.integer(4, 1, 255, 64)
        series = PingSeries(
            *(self, arguments.text(0)),
            count=arguments.integer(1, 1, 100, 4),
            size_bytes=arguments.integer(2, 0, 1024, 32),
            timeout_ms=arguments.integer(3, 1, 600, 100) * 100,
            pause_ms=PAUSE_MS,
            on_reply=lambda time_ms: self._ping_answered(call, series, time_ms),
            on_end=lambda why: call.fail(3) if why else call.finish(),
        )
        if self.bearer_state != STATUS:
            raise CommandFailed(3)
        call.wait()
        series.start(self.some_ms(20, 60))

    def _ping_answered(self, call: Call, series: PingSeries, time_ms: int | None) -> None:
        shown, ttl = (600, 255) if time_ms is None else (time_ms, TTL)
        if time_ms is not None and self.is_gsm:
            shown = -(-time_ms // 100)
        call.line(f'+CIPPING: {series.sent},"{series.address}",{shown},{ttl}')
        call.flush()
