"""Names and pings of SIM7600, A76XX and SIM767X: CDNSGIP, CPING.

Sources: SIM7500_SIM7600 Series AT Command Manual V3.00 11.2 (CDNSGIP) and 17 (CPING); public logs
of a SIM7600 (four answers of 92 bytes and the line that sums up; ``+CPING: 2`` for a request whose
time is over) and of a module without a network (``+CPING: 3,0,0,0,0,0,0``, T-SIM7600X issue 90),
of an A7670SA whose failing CDNSGIP took 11 s. Assumed: that a name that does not exist ends CPING
as no network does.
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.engine.ping_series import PingSeries
from ip_commands.host_sim.fake_modems.simcom.cipopen_data import CipopenData

DNS_FAILED = 10
"""<err> of CDNSGIP: general error of name servers."""
TTL = 52
"""Of an answer, as in the log."""
HEADER_BYTES = 28
"""Of IP and ICMP, counted in the size of an answer."""


class CipopenNames(CipopenData):
    """What asks the network for names and echoes."""

    @at_command("+CDNSGIP")
    def resolve_name(self, call: Call) -> None:
        """The result, then OK or ERROR."""
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            return
        host = call.arguments.text(0)

        def resolved(addresses: tuple[str, ...] | None) -> None:
            if not addresses:
                call.line(f"+CDNSGIP: 0,{DNS_FAILED}")
                call.fail()
                return
            found = "".join(f',"{address}"' for address in addresses)
            call.line(f'+CDNSGIP: 1,"{host}"{found}')
            call.finish()

        call.wait()
        self.later(self.some_ms(20, 60), self.radio.ip.resolve, host, self.in_this_boot(resolved))

    @at_command("+CPING")
    def ping(self, call: Call) -> None:
        """OK, then a line for each request and one that sums up."""
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            ranges = "(1,2),(1-100),(4-188),(1000-10000),(10000-100000),(16-255)"
            call.line(f"+CPING: IP address,{ranges}")
            return
        arguments = call.arguments
        arguments.no_more_than(7)
        arguments.integer(1, 1, 2)
        arguments.integer(6, 16, 255, 255)
        series = PingSeries(
            *(self, arguments.text(0)),
            count=arguments.integer(2, 1, 100, 4),
            size_bytes=arguments.integer(3, 4, 188, 64),
            pause_ms=arguments.integer(4, 1000, 10_000, 1000),
            timeout_ms=arguments.integer(5, 10_000, 100_000, 10_000),
            on_reply=lambda time_ms: self._ping_answered(series, time_ms),
            on_end=lambda why: self._ping_ended(series),
        )
        series.start(self.some_ms(20, 60))

    def _ping_answered(self, series: PingSeries, time_ms: int | None) -> None:
        if time_ms is None:
            self.urc("+CPING: 2")
        else:
            size = series.size_bytes + HEADER_BYTES
            self.urc(f"+CPING: 1,{series.address},{size},{time_ms},{TTL}")

    def _ping_ended(self, series: PingSeries) -> None:
        times = series.times_ms or [0]
        counted = f"{series.sent},{series.received},{series.sent - series.received}"
        self.urc(f"+CPING: 3,{counted},{min(times)},{max(times)},{sum(times) // len(times)}")
