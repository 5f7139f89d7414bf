"""Answers lost, late, cut, refused: exactly the said bytes, on every dialect."""

import asyncio

import pytest

from ip_commands.host_sim.faults import FaultError, wire
from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import ERROR, ScriptedHost


def without_result(family):
    assert family.answer.endswith(OK)
    return family.answer[: -len(OK)]


@each_family
async def test_a_lost_answer_is_lost_in_whole_and_its_command_ran(family):
    async with ScriptedHost(family) as host:
        lost = host.inject("answer_lost", to="read", nth=2)
        assert await host.read() == family.answer
        assert await host.read() == b""
        assert (lost.happened.count, lost.active) == (1, False)
        assert await host.read() == family.answer  # the second datagram is gone with its answer
        await host.works()


@each_family
async def test_only_the_final_line_is_lost(family):
    async with ScriptedHost(family) as host:
        lost = host.inject("final_lost", to="read")
        assert await host.read() == without_result(family)
        assert lost.happened.last.to == family.read
        lost = host.inject("final_lost", to="send")
        said = await host.send()
        assert said == family.prompt + family.sent.replace(family.final or family.sent, b"")
        assert lost.happened.count == 1
        await host.works()


@each_family
@pytest.mark.parametrize("late_s", [6, 75])
async def test_a_late_answer_comes_when_it_is_said(family, late_s):
    async with ScriptedHost(family) as host:
        host.inject("answer_late", to="read", late_ms=late_s * 1000)
        host.arrive()
        await host.hear(0.5)
        begin_s = asyncio.get_running_loop().time()
        assert await host.ask(family.read) == b""
        passed_s = asyncio.get_running_loop().time() - begin_s
        assert await host.hear(late_s - passed_s - 0.1) == b""
        assert await host.hear(0.2) == family.answer
        await host.works()


@each_family
async def test_later_answers_wait_behind_a_late_one_and_urcs_do_not(family):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CEREG=1")
        host.inject("answer_late", to="AT+CGPADDR", late_ms=6000)
        assert await host.ask("AT+CGPADDR") == b""
        assert await host.ask("AT+CMEE=1") == b""
        host.radio.registration = 2
        host.fake.registration_changed()
        assert await host.hear(0.1) == b"\r\n+CEREG: 2\r\n"
        said = await host.hear(7)
        assert said.startswith(b"\r\n+CGPADDR: ")
        assert said.endswith(OK + OK)


@each_family
async def test_an_answer_is_cut_at_every_byte(family):
    async with ScriptedHost(family) as host:
        for length in range(len(family.answer)):
            cut = host.inject("answer_cut", to="read", position=length)
            assert await host.read() == family.answer[:length]
            assert cut.happened.count == 1
        await host.works()


@each_family
async def test_a_prompt_never_comes_and_the_modem_takes_the_payload(family):
    async with ScriptedHost(family) as host:
        host.inject("prompt_missing")
        sent = len(host.radio.uplink)
        assert await host.send() == family.sent
        assert len(host.radio.uplink) == sent + 1
        await host.works()


@each_family
@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ("front", lambda lines: lines.removeprefix(b"\r\n") + b"OK\r\n"),
        ("end", lambda lines: lines.removesuffix(b"\r\n") + b"\r\nOK"),
        ("both", lambda lines: lines.removeprefix(b"\r\n").removesuffix(b"\r\n") + b"OK"),
        ("lf", lambda lines: (lines + OK).replace(b"\r\n", b"\r")),
    ],
)
async def test_line_ends_are_missing(family, which, expected):
    async with ScriptedHost(family) as host:
        host.inject("line_end_missing", to="read", which=which)
        assert await host.read() == expected(without_result(family))
        await host.works()


@each_family
async def test_a_refused_command_does_not_run(family):
    async with ScriptedHost(family) as host:
        host.arrive()
        await host.hear(0.5)
        await host.ask("AT+CMEE=0")
        refused = host.inject("command_refused", to="read")
        assert await host.ask(family.read) == ERROR
        assert refused.happened.count == 1
        assert await host.ask(family.read) == family.answer
        await host.ask("AT+CMEE=1")
        host.inject("command_refused", to="AT+CFUN?", error=14)
        assert await host.ask("AT+CFUN?") == b"\r\n+CME ERROR: 14\r\n"
        await host.works()


async def test_a_line_without_a_command_is_no_occasion_to_refuse_one():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        refused = host.inject("command_refused")
        assert await host.ask("AT") == OK
        assert (refused.happened.count, refused.active) == (0, True)
        assert await host.ask("AT+CFUN?") == ERROR
        assert await host.ask("AT+CFUN?") != ERROR


@each_family
async def test_edrx_is_refused_until_it_is_healed(family):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CMEE=0")
        before = await host.ask('AT+CEDRXS=1,4,"0101"')
        host.inject("edrx_refused")
        asked = host.fake.edrx_request
        for _ in range(2):
            assert await host.ask('AT+CEDRXS=1,4,"0010"') == ERROR
        assert host.fake.edrx_request == asked
        host.faults.heal()
        assert await host.ask('AT+CEDRXS=1,4,"0101"') == before
        await host.works()


@each_family
async def test_echo_comes_back_on_and_goes_with_the_fault(family):
    async with ScriptedHost(family) as host:
        echo = host.inject("echo_on")
        typed = b"AT+CGPADDR" + getattr(host.fake, "line_end", b"\r")
        assert (await host.ask("AT+CGPADDR")).startswith(typed + b"\r\n+CGPADDR: ")
        echo.cancel()
        assert (await host.ask("AT+CGPADDR")).startswith(b"\r\n+CGPADDR: ")
        await host.works()


async def test_an_answer_without_a_result_loses_what_ends_it():
    async with ScriptedHost(BY_MODEL["sim7000g"]) as host:
        lost = host.inject("final_lost", to="AT+CIFSR")
        assert await host.ask("AT+CIFSR") == b""
        assert lost.happened.count == 1


async def test_refusals_of_two_faults_end_in_any_order():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        first = host.inject("command_refused", to="AT+CSQ", count=None)
        second = host.inject("command_refused", to="AT+CCLK?", count=None)
        first.cancel()
        assert (await host.ask("AT+CSQ")).endswith(OK)
        assert await host.ask("AT+CCLK?") == ERROR
        second.cancel()
        assert (await host.ask("AT+CCLK?")).endswith(OK)


async def test_what_is_late_comes_out_at_once_when_healed():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        host.inject("answer_late", to="read", late_ms=3_600_000)
        assert await host.read() == b""
        host.faults.heal()
        assert await host.hear(0.01) == family.answer


async def test_so_much_waits_for_its_time_and_no_more(monkeypatch):
    monkeypatch.setattr(wire, "LATE_KEPT", 1)
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.inject("answer_late", to="AT+CGPADDR", count=None, late_ms=6000)
        for _ in range(3):
            assert await host.ask("AT+CGPADDR") == b""
        assert (await host.hear(10)).count(b"+CGPADDR") == 1


async def test_a_wrong_argument_says_what_is_right():
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        with pytest.raises(FaultError, match="no fault is called 'answer_gone'; known: answer_"):
            host.inject("answer_gone")
        with pytest.raises(FaultError, match="answer_late takes no 'later_ms'; it takes: late_ms"):
            host.inject("answer_late", later_ms=1)
        with pytest.raises(FaultError, match="late_ms is a whole number from 0, not -1"):
            host.inject("answer_late", late_ms=-1)
        with pytest.raises(FaultError, match="which is one of front, end, both, lf, not 'cr'"):
            host.inject("line_end_missing", which="cr")
        with pytest.raises(FaultError, match="to='reading' means nothing to quectel: say one of "):
            host.inject("answer_lost", to="reading")
        with pytest.raises(FaultError, match=r"say to=\.\.\. as well"):
            host.inject("echo_on", nth=2)
        assert host.faults.active == ()
