"""Names and pings of Quectel modules: QIDNSCFG, QIDNSGIP, QPING.

Sources: Quectel BG96 TCP(IP) AT Commands Manual V1.1 2.3.14 to 2.3.16; log of a real BG96 in the
public repository wwxxyx/Quectel_BG96 (QPING: one request after the answer to the last, running
average in whole milliseconds, TTL 255).
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.ping_series import PingSeries
from ip_commands.host_sim.fake_modems.quectel.socket_setup import QuectelContexts

PING_BYTES = 32
TTL = 255
RECORD_TTL_S = 600
"""Time to live of a name's address. Assumed."""
NAME_FAILED, TIMED_OUT = 565, 569


def running_average(times_ms: list[int]) -> int:
    """Return the average of the module, which rounds down at every step."""
    average = 0
    for number, time_ms in enumerate(times_ms):
        average = (average * number + time_ms) // (number + 1)
    return average


class QuectelNames(QuectelContexts):
    """QIDNSCFG, QIDNSGIP, QPING."""

    @at_command("+QIDNSCFG")
    def dns_servers(self, call: Call) -> None:
        only(call, Form.SET, Form.TEST)
        if call.form is Form.SET and len(call.arguments) == 1:
            context = call.arguments.integer(0, 1, self.context_count)
            call.line(f'+QIDNSCFG: {context},"8.8.8.8","8.8.4.4"')

    @at_command("+QIDNSGIP")
    def resolve_name(self, call: Call) -> None:
        """OK, then one URC with the number of addresses and one for each; or one with why not."""
        only(call, Form.SET)
        call.arguments.integer(0, 1, self.context_count)
        name = call.arguments.quoted(1)

        def resolved(addresses: tuple[str, ...] | None) -> None:
            if not addresses:
                self.urc(f'+QIURC: "dnsgip",{NAME_FAILED}')
                return
            self.urc(f'+QIURC: "dnsgip",0,{len(addresses)},{RECORD_TTL_S}')
            for address in addresses:
                self.urc(f'+QIURC: "dnsgip","{address}"')

        result = self.in_this_boot(resolved)
        self.later(self.some_ms(20, 40), self.radio.ip.resolve, name, result)

    # --- ping ------------------------------------------------------------------------------------

    @at_command("+QPING")
    def ping(self, call: Call) -> None:
        only(call, Form.SET, Form.TEST)
        if call.form is Form.TEST:
            call.line(f"+QPING: (1-{self.context_count}),<host>,(1-255),(1-10)")
            return
        if call.arguments.integer(0, 1, self.context_count) not in self.active_contexts:
            raise CommandFailed
        ping = PingSeries(
            *(self, call.arguments.quoted(1)),
            timeout_ms=call.arguments.integer(2, 1, 255, 4) * 1000,
            count=call.arguments.integer(3, 1, 10, 4),
            size_bytes=PING_BYTES,
            on_reply=lambda time_ms: self._ping_answered(ping, time_ms),
            on_end=lambda why: self._ping_ended(ping, why),
        )
        ping.start(self.some_ms(20, 40))

    def _ping_answered(self, ping: PingSeries, time_ms: int | None) -> None:
        if time_ms is None:
            self.urc(f"+QPING: {TIMED_OUT}")
        else:
            self.urc(f'+QPING: 0,"{ping.address}",{PING_BYTES},{time_ms},{TTL}')

    def _ping_ended(self, ping: PingSeries, why: str) -> None:
        if why:
            self.urc(f"+QPING: {NAME_FAILED}")
            return
        times = ping.times_ms or [0]
        counted = f"{ping.sent},{ping.received},{ping.sent - ping.received}"
        average_ms = running_average(ping.times_ms)
        self.urc(f"+QPING: 0,{counted},{min(times)},{max(times)},{average_ms}")
