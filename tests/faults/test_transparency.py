"""While no fault strikes, the filter changes nothing: not a byte, not a moment, not a burst."""

import pytest

from ip_commands.host_sim.faults import CATALOGUE, Faults
from ip_commands.host_sim.uart.link import UartLink
from tests.fake_modems.bench import Bench
from tests.faults.families import BY_MODEL, each_family
from tests.faults.scripted_host import CLOUD, PORT, ScriptedHost, in_virtual_time


class WithoutFilter(ScriptedHost):
    """A scripted host whose modem is wired as if there were no faults at all."""

    def __init__(self, family, **options):
        Bench.__init__(self, family.model, **options)
        self.family = family
        self.faults = NoFaults()
        self._opened = True


class NoFaults:
    def heal(self):
        pass


def nothing(host):
    pass


def never_striking(host):
    """Faults of every sort that wait for what never comes."""
    for name in ("answer_lost", "byte_flipped", "command_refused", "reboot", "silence"):
        host.faults.inject(name, to="AT+NEVER")
    host.faults.inject("urc_lost", to="+NEVER")
    host.faults.inject("urc_before_echo", to="AT+NEVER")
    host.faults.inject("byte_lost", nth=10**9)
    host.faults.inject("outage", after_ms=10**9)


def cancelled(host):
    for entry in CATALOGUE.values():
        if entry.default_to is not None:
            host.faults.inject(entry.name, nth=1000).cancel()


async def conversation(host):
    async with host:
        await host.works()
        await host.ask("AT+CEREG=2")
        host.radio.lose_coverage()
        await host.hear(2)
        host.radio.regain_coverage()
        await host.hear(10)
        host.fake.restart()
        await host.hear(40)
        await host.ask_all("AT", "AT", "AT+CPIN?")
        return list(host.link.spy.entries), host.link.spy.forgotten


@each_family
@pytest.mark.parametrize("prepare", [nothing, never_striking, cancelled])
@pytest.mark.parametrize("uart", [{}, {"baud": 115200, "cut": 7}], ids=["instant", "paced"])
def test_the_same_conversation_with_and_without(family, prepare, uart):
    async def with_filter():
        host = ScriptedHost(family, **uart)
        prepare(host)
        return await conversation(host)

    async def without():
        return await conversation(WithoutFilter(family, **uart))

    assert in_virtual_time(with_filter()) == in_virtual_time(without())


async def test_a_modem_that_moves_to_another_uart_takes_its_faults_along():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        host.inject("answer_lost", to="read")
        other = UartLink()
        host.fake.connect(other.modem)
        host.radio.inject_datagram(b"hello", *CLOUD, PORT)
        await host.hear(0.5)
        assert await other.host.read(1000) == family.notice
        await other.host.write(b"AT+QIRD=0\r")
        await host.hear(0.5)
        assert other.host.unread_bytes == 0
        assert host.take() == b""
        host.fake.connect(host.link.modem)
        await host.works()


async def test_faults_wire_the_modem_to_the_uart_that_they_are_given():
    async with Bench("bg95") as bench:
        other = UartLink()
        faults = Faults(bench.fake, other)
        faults.inject("final_lost", to="AT")
        await other.host.write(b"AT\rAT+CGPADDR\r")
        await bench.hear(1)
        assert (await other.host.read(1000)).startswith(b"\r\n+CGPADDR")
