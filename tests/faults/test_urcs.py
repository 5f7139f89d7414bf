"""URCs before the echo, inside answers, glued behind payload, lost, doubled, late; and noise."""

import asyncio

import pytest

from ip_commands.host_sim.faults import FaultError
from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import ScriptedHost

URC = '+CMTI: "SM",4'
SAID = b'\r\n+CMTI: "SM",4\r\n'


def registration(host, stat):
    """Make the modem say +CEREG: <stat>, and nothing else."""
    host.radio.registration = stat
    host.fake.registration_changed()


@each_family
async def test_a_urc_comes_before_the_echo(family):
    async with ScriptedHost(family) as host:
        before = host.inject("urc_before_echo", to="AT+CGPADDR", urc=URC)
        host.inject("echo_on")
        line = b"AT+CGPADDR" + getattr(host.fake, "line_end", b"\r")
        said = await host.ask("AT+CGPADDR")
        assert said.startswith(SAID + line + b"\r\n+CGPADDR: ")
        assert before.happened.count == 1
        host.faults.heal()
        await host.works()


@each_family
async def test_a_urc_stands_inside_an_answer(family):
    async with ScriptedHost(family) as host:
        lines = family.answer.removesuffix(OK)
        host.inject("urc_inside_answer", to="read", urc=URC)
        assert await host.read() == lines + SAID + OK
        host.inject("urc_inside_answer", to="read", urc=URC, where="front")
        assert await host.read() == SAID + family.answer
        host.inject("urc_inside_answer", to="read")
        assert await host.read() == lines + family.time_noise + OK
        await host.works()


@each_family
async def test_a_urc_stands_at_every_byte_of_an_answer(family):
    async with ScriptedHost(family) as host:
        for at in range(len(family.answer) + 1):
            put = host.inject("urc_inside_answer", to="read", urc=URC, position=at)
            assert await host.read() == family.answer[:at] + SAID + family.answer[at:]
            assert put.happened.count == 1
        await host.works()


@each_family
async def test_a_urc_is_glued_behind_payload_and_result(family):
    async with ScriptedHost(family) as host:
        end = family.answer.index(b"hello") + 5
        host.inject("urc_glued_behind", urc=URC)
        assert await host.read() == family.answer[:end] + SAID + family.answer[end:]
        # payload that holds line ends and looks like more answer
        nasty = b"\r\nOK\r\n"
        whole = await host.read(nasty)
        end = whole.index(b"\r\nOK\r\n") + len(nasty)
        host.inject("urc_glued_behind", urc=URC)
        assert await host.read(nasty) == whole[:end] + SAID + whole[end:]
        host.inject("urc_glued_behind", urc=URC, behind="result")
        assert await host.read() == family.answer + SAID
        await host.works()


@each_family
async def test_the_urc_behind_is_in_the_same_burst_as_the_answer(family):
    async with ScriptedHost(family) as host:
        host.inject("urc_glued_behind", urc=URC, behind="result")
        await host.read()
        entries = [data for _, way, data in host.link.spy.entries if way == "<"]
        assert entries[-1] == family.answer + SAID


@each_family
async def test_a_urc_is_lost_doubled_late(family):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CEREG=1")
        lost = host.inject("urc_lost", to="+CEREG")
        registration(host, 2)
        assert await host.hear(1) == b""
        assert lost.happened.last.what == "lost b'\\r\\n+CEREG: 2\\r\\n'"
        host.inject("urc_doubled")
        registration(host, 5)
        assert await host.hear(1) == b"\r\n+CEREG: 5\r\n" * 2
        host.inject("urc_late", late_ms=3000)
        registration(host, 2)
        assert await host.hear(2.9) == b""
        assert await host.hear(0.2) == b"\r\n+CEREG: 2\r\n"
        registration(host, 5)
        assert await host.hear(1) == b"\r\n+CEREG: 5\r\n"
        await host.ask("AT+CEREG=0")
        await host.works()


@each_family
async def test_the_notice_of_data_is_lost_and_the_data_is_there(family):
    async with ScriptedHost(family) as host:
        host.inject("urc_lost", count=None)
        host.arrive()
        assert await host.hear(1) == b""
        assert await host.ask(family.read) == family.answer
        host.faults.heal()
        await host.works()


@each_family
async def test_noise_comes_in_its_rhythm_and_ends(family):
    async with ScriptedHost(family) as host:
        noise = host.inject("noise", every_ms=1000, for_ms=3500)
        lines = family.time_noise + SAID + b"\r\nRING\r\n"
        said = await host.hear(10)
        each = [b"\r\n%s\r\n" % line for line in lines.split(b"\r\n") if line]
        assert said == b"".join((each * 2)[:3])
        begin_ms = noise.happened.at_ms[0]
        assert noise.happened.at_ms == tuple(
            pytest.approx(begin_ms + after_ms) for after_ms in (0, 1000, 2000, 3000)
        )
        assert not noise.active
        await host.works()


async def test_a_urc_before_a_command_line_that_comes_in_parts():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.inject("urc_before_echo", to="AT+CSQ", urc=URC)
        await host.link.host.write(b"AT+C")
        assert await host.hear(1) == b""
        await host.link.host.write(b"SQ\r")
        assert (await host.hear(1)).startswith(SAID + b"\r\n+CSQ: ")


async def test_a_urc_that_no_modem_knows_is_refused():
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        with pytest.raises(FaultError, match="urc='weather' is no URC of quectel: a line, or "):
            host.inject("urc_inside_answer", urc="weather")


async def test_urcs_wait_for_nobody_when_their_time_comes():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        at_ms = asyncio.get_running_loop().time() * 1000 + 5000
        handle = host.inject("noise", urc="ring", at_ms=at_ms, every_ms=100, for_ms=150)
        assert await host.hear(5) == b""
        assert await host.hear(5) == b"\r\nRING\r\n"
        assert handle.happened.at_ms[0] == pytest.approx(at_ms)
