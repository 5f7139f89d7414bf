"""What ``to`` aims at: kinds of commands, command lines, data however it comes, URCs."""

import pytest

from ip_commands.host_sim.faults import FaultError, Faults
from ip_commands.host_sim.uart.ports import TcpUart
from tests.fake_modems.bench import Bench
from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import CLOUD, PORT, ScriptedHost


@each_family
async def test_data_is_an_answer_that_carries_payload(family):
    async with ScriptedHost(family) as host:
        lost = host.inject("answer_lost", to="data", nth=2, count=1)
        empty = await host.ask(family.read)
        assert await host.read() == family.answer
        assert await host.ask(family.read) == empty
        assert await host.read() == b""
        assert await host.read() == family.answer
        assert lost.happened.count == 1
        await host.works()


@pytest.mark.parametrize(
    ("model", "commands", "pushed"),
    [
        (
            "bg95",
            ("AT+QISWTMD=0,1",),
            b'\r\n+QIURC: "recv",0,5,"100.64.0.1",6969\r\nhello\r\n',
        ),
        (
            "sim7080g",
            ("AT+CACLOSE=0", 'AT+CASERVER=0,0,"UDP",4242,1'),
            b'\r\n+CAURC: "recv",0,5,100.64.0.1,6969\r\nhello\r\n',
        ),
        ("sim7600", ("AT+CIPRXGET=0",), b"\r\nRECV FROM:100.64.0.1:6969\r\n+IPD5\r\nhello"),
        (
            "gm02sp",
            ("AT+SQNSCFGEXT=1,2,0,0,0,0",),
            b"\r\n+SQNSRING: 1,5,hello\r\n",
        ),
        (
            "nrf9160",
            ("AT#XSOCKET=0", "AT#XUDPSVR=1,4242"),
            b'\r\n#XUDPDATA: 5,"100.64.0.1",6969\r\nhello',
        ),
        (
            "nrf9151",
            ("AT#XAPOLL=0,0", "AT#XRECVCFG=0,1,1"),
            b'\r\n#XRECVFROM: 0,1,5,"100.64.0.1",6969\r\n68656C6C6F\r\n',
        ),
        (
            "me910c1",
            ("AT#SCFGEXT=1,3,0,0,0,0",),
            b"\r\nSRING: 100.64.0.1,6969,1,5,0,hello\r\n",
        ),
    ],
)
async def test_data_is_a_push_too(model, commands, pushed):
    async with ScriptedHost(BY_MODEL[model]) as host:
        await host.ask_all(*commands)
        host.arrive()
        said = await host.hear(1)
        assert said.endswith(pushed)
        notices = said.removesuffix(pushed)
        host.inject("byte_lost", to="data", position=len(pushed) - 3)
        host.arrive()
        assert await host.hear(1) == notices + pushed[:-3] + pushed[-2:]
        host.inject("urc_glued_behind", to="data", urc="RING")
        host.arrive()
        payload = b"68656C6C6F" if model == "nrf9151" else b"hello"
        end = pushed.index(payload) + len(payload)
        ring = b"\r\nRING\r\n"
        assert await host.hear(1) == notices + pushed[:end] + ring + pushed[end:]
        closed = host.inject("socket_closed", to="data", urc=False)
        host.arrive()
        assert await host.hear(1) == notices + pushed
        assert closed.happened.count == 1
        host.arrive()
        assert await host.hear(1) == b""


async def test_a_second_command_of_a_line_is_meant_too():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.inject("answer_lost", to="clock")
        assert await host.ask("AT+CFUN?;+CCLK?") == b""
        host.inject("answer_lost", to="at+cfun?")
        assert await host.ask("AT+CFUN?") == b""
        host.inject("answer_lost", to="AT+CFUN?")
        assert (await host.ask("AT+CFUN=1")).endswith(OK)
        assert await host.ask("AT+CFUN?") == b""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("command_refused", {}),
        ("urc_before_echo", {}),
        ("reboot", {"when": "before"}),
    ],
)
async def test_what_must_be_known_early_cannot_be_aimed_at_data(name, arguments):
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        with pytest.raises(FaultError, match="to='data' is known when the answer comes"):
            host.inject(name, to="data", **arguments)


@pytest.mark.parametrize("to", ["urc", "+CEREG", "data"])
async def test_the_host_types_no_urcs(to):
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        with pytest.raises(FaultError, match="is said by the modem, not typed to it"):
            host.inject("byte_lost", to=to, direction="to_modem")


async def test_faults_stand_on_a_port_for_another_process():
    async with Bench("bg95") as bench:
        port = TcpUart()
        Faults(bench.fake, port).inject("final_lost", to="AT+CFUN?")
        port.to_modem.send(b"AT+CFUN?\r")
        await bench.hear(1)
        said = b"".join(data for _, way, data in port.spy.entries if way == "<")
        assert said == b"\r\n+CFUN: 1\r\n"


async def test_an_arrival_for_nobody_is_no_occasion():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        lost = host.inject("urc_lost")
        host.radio.inject_datagram(b"x", *CLOUD, PORT + 1)
        assert await host.hear(1) == b""
        assert (lost.happened.count, lost.active) == (0, True)
