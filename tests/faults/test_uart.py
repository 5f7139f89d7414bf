"""The UART: first bytes lost after quiet, silence, stopped flow."""

import asyncio

from ip_commands.host_sim.faults import wire
from tests.faults.families import BY_MODEL, each_family
from tests.faults.scripted_host import HELLO, ScriptedHost


@each_family
async def test_the_first_bytes_after_a_quiet_time_are_lost(family):
    async with ScriptedHost(family) as host:
        lost = host.inject("first_bytes_lost", size=3, quiet_ms=5000)
        host.arrive()
        await host.hear(6)
        assert await host.ask(family.read) == b""  # "AT+" is gone, and with it the command
        assert await host.ask(family.read) == family.answer
        assert lost.happened.last.what == f"lost {family.read[:3].encode()!r}, typed"
        await host.hear(4.5)
        assert (await host.ask("AT+CGPADDR")).startswith(b"\r\n+CGPADDR")
        await host.hear(5.1)
        assert await host.ask("AT+CGPADDR") == b""
        assert (lost.happened.count, lost.active) == (2, True)
        host.faults.heal()
        await host.works()


@each_family
async def test_a_uart_needs_its_time_to_wake(family):
    async with ScriptedHost(family) as host:
        host.inject("first_bytes_lost", size=1, quiet_ms=5000, wake_ms=100, count=1)
        await host.hear(6)
        end = getattr(host.fake, "line_end", b"\r").decode()
        assert await host.type(f"AT{end}".encode(), 0.05) == b""
        assert await host.type(f"AT+CGPADDR{end}".encode(), 0.06) == b""
        assert (await host.ask("AT+CGPADDR")).startswith(b"\r\n+CGPADDR")
        await host.works()


@each_family
async def test_a_silent_modem_says_and_hears_nothing(family):
    async with ScriptedHost(family) as host:
        silence = host.inject("silence", for_ms=60_000)
        host.arrive()
        assert await host.hear(1) == b""
        assert await host.ask(family.read) == b""
        assert await host.hear(50) == b""
        await host.hear(10)
        assert not silence.active
        assert await host.ask(family.read) == family.answer  # it had not heard the first
        await host.works()


@each_family
async def test_a_modem_is_silent_for_ever_from_a_command_on(family):
    async with ScriptedHost(family) as host:
        silence = host.inject("silence", to="read")
        assert await host.read() == family.answer
        host.arrive()
        assert await host.hear(86_400) == b""
        assert await host.ask("AT") == b""
        assert silence.active
        host.faults.heal()
        assert await host.ask(family.read) == family.answer
        await host.works()


@each_family
async def test_a_mute_modem_still_runs_commands(family):
    async with ScriptedHost(family) as host:
        host.inject("silence", hears=True)
        assert await host.read() == b""
        host.faults.heal()
        assert await host.ask(family.read) != family.answer  # it was read already
        await host.works()


@each_family
async def test_stopped_flow_holds_bytes_and_gives_them_in_order(family):
    async with ScriptedHost(family) as host:
        begin_s = asyncio.get_running_loop().time()
        stopped = host.inject("flow_stopped", direction="to_host", for_ms=10_000)
        assert await host.read() == b""
        passed_s = asyncio.get_running_loop().time() - begin_s
        assert await host.hear(9.99 - passed_s) == b""
        assert await host.hear(0.1) == family.notice + family.answer
        assert not stopped.active
        stopped = host.inject("flow_stopped", direction="to_modem")
        assert await host.read() == b""
        assert await host.ask("AT+CGPADDR") == b""
        stopped.cancel()
        said = await host.hear(1)
        assert said.startswith(family.answer + b"\r\n+CGPADDR")
        await host.works()


async def test_stopped_flow_holds_so_much_and_no_more(monkeypatch):
    monkeypatch.setattr(wire, "HELD_BYTES", 20)
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        stopped = host.inject("flow_stopped")
        host.arrive()
        for _ in range(10):
            await host.type(b"AT+CSQ\r", 0.1)
        stopped.cancel()
        # 20 bytes of the notice, and of what was typed two lines and the beginning of a third
        said = await host.hear(1)
        assert said.startswith(family.notice[:20] + b"\r\n+CSQ: ")
        assert said.count(b"+CSQ: ") == 2
        assert (await host.type(b"\r", 1)).startswith(b"\r\n+CSQ: ")  # ends the third


async def test_two_stops_end_with_the_last():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        first, second = host.inject("flow_stopped"), host.inject("flow_stopped")
        host.arrive(HELLO)
        first.cancel()
        assert await host.hear(1) == b""
        second.cancel()
        assert await host.hear(0.1) == family.notice


async def test_silence_swallows_what_other_faults_made_late():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        host.inject("answer_late", to="read", late_ms=2000)
        host.inject("noise", every_ms=700)
        host.inject("silence", after_ms=1000, for_ms=3000)
        host.arrive()
        await host.hear(0.4)
        assert await host.ask(family.read) + await host.hear(0.5) == b"\r\n+CTZV: 44\r\n"
        assert await host.hear(3) == b""
        assert await host.hear(1) != b""
