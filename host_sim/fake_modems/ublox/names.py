"""Names and pings of u-blox modules: UDNSRN, UPING.

Sources: u-blox UBX-17003787 R16 and UBX-19047455 (syntax, defaults), the public repository
u-blox/ubxlib (+UUPING, +UUPINGER), public code for Particle and MKRGSM boards (``+UUPING:
1,32,"www.l-google.com","72.14.234.104",55,768``; error 8 is an unknown host). Assumed: error 12
for a request whose time is over. A SARA-R410M of firmware L0.0.00.00.05.06 has neither (AN004 of
particle-iot/docs).
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.ping_series import PingSeries
from ip_commands.host_sim.fake_modems.ublox.data import UbloxData

TTL = 55
"""Of an answer, as in the example."""
UNKNOWN_HOST, NO_ANSWER = 8, 12


class UbloxNames(UbloxData):
    """What asks the network for names and echoes."""

    def _need_names(self) -> None:
        if not self.variant.has_names:
            raise CommandFailed

    @at_command("+UDNSRN")
    def resolve_name(self, call: Call) -> None:
        """0: a name's address. 1: an address's name, which no host of this network has."""
        self._need_names()
        if call.form is Form.TEST:
            call.line("+UDNSRN: (0,1)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(3)
        backwards = call.arguments.integer(0, 0, 1) == 1
        name = call.arguments.quoted(1)
        if backwards or not self.data_ready():
            raise CommandFailed(3)

        def resolved(addresses: tuple[str, ...] | None) -> None:
            if addresses:
                call.line(f'+UDNSRN: "{addresses[0]}"')
                call.finish()
            else:
                call.fail(self.failure_code())

        call.wait()
        self.later(self.some_ms(20, 60), self.radio.ip.resolve, name, self.in_this_boot(resolved))

    @at_command("+UPING")
    def ping(self, call: Call) -> None:
        """OK, then a URC for each request."""
        self._need_names()
        if call.form is Form.TEST:
            call.line("+UPING: <remote_host>,(1-64),(4-1472),(10-60000),(1-255)")
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(5)
        arguments.integer(4, 1, 255, 32)
        series = PingSeries(
            *(self, arguments.quoted(0)),
            count=arguments.integer(1, 1, 64, 4),
            size_bytes=arguments.integer(2, 4, 1472, 32),
            timeout_ms=arguments.integer(3, 10, 60_000, 5000),
            on_reply=lambda time_ms: self._ping_answered(series, time_ms),
            on_end=lambda why: self.urc(f"+UUPINGER: {UNKNOWN_HOST}") if why else None,
        )
        if not self.data_ready():
            raise CommandFailed(3)
        series.start(self.some_ms(20, 60))

    def _ping_answered(self, series: PingSeries, time_ms: int | None) -> None:
        if time_ms is None:
            self.urc(f"+UUPINGER: {NO_ANSWER}")
            return
        of_host = f'"{series.host}","{series.address}"'
        self.urc(f"+UUPING: {series.sent},{series.size_bytes},{of_host},{TTL},{time_ms}")
