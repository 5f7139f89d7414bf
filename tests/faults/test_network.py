"""What the network does to a modem, and what the modem shows of it."""

import pytest

from ip_commands.host_sim.faults import FaultError, Faults
from ip_commands.host_sim.faults.radio_window import RadioWindow
from tests.fake_modems.bench import Bench
from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import CLOUD, HELLO, PORT, ScriptedHost, in_virtual_time


async def cereg(host):
    """Return the fields of +CEREG? of level 1, without the level."""
    said = await host.ask("AT+CEREG?")
    assert said.startswith(b"\r\n+CEREG: 1,")
    assert said.endswith(OK)
    return said[len(b"\r\n+CEREG: 1,") : -len(b"\r\n" + OK)]


@each_family
async def test_the_context_is_lost_with_its_urc(family):
    async with ScriptedHost(family) as host:
        lost = host.inject("context_lost")
        assert await host.hear(5) == family.context_lost
        assert host.radio.ip_address is None
        assert lost.happened.count == 1
        await host.works_again()


@each_family
async def test_the_context_is_lost_without_a_word(family):
    async with ScriptedHost(family) as host:
        host.inject("context_lost", urc=False)
        assert await host.hear(60) == b""
        assert host.radio.ip_address is None
        host.arrive()
        assert b"hello" not in await host.ask(family.read)
        await host.works_again()


@each_family
async def test_the_context_is_lost_right_behind_a_read(family):
    async with ScriptedHost(family, baud=115200) as host:
        host.inject("context_lost", to="read")
        assert await host.read() + await host.hear(1) == family.answer + family.context_lost
        bursts = [data for _, way, data in host.link.spy.entries if way == "<"]
        assert b"".join(bursts).endswith(family.answer + family.context_lost)
        times = [at for at, way, _ in host.link.spy.entries if way == "<"]
        if family.context_lost:
            assert times[-1] == times[-2]  # no pause between them
        await host.works_again()


@each_family
async def test_a_context_that_only_the_network_forgot(family):
    async with ScriptedHost(family) as host:
        forgotten = host.inject("context_forgotten", for_ms=600_000)
        host.arrive()
        assert await host.hear(1) == b""
        uplink = len(host.radio.uplink)
        assert await host.send() == family.prompt + family.sent
        assert len(host.radio.uplink) == uplink
        assert b"100.64.17.23" in await host.ask("AT+CGPADDR")
        await host.hear(600)
        assert not forgotten.active
        await host.works()


@each_family
@pytest.mark.parametrize("stat", [*range(12), 90])
async def test_every_registration_state_is_shown(family, stat):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CEREG=1")
        shown = host.inject("registration_shown", stat=stat, for_ms=60_000)
        said = b"" if stat == 5 else b"\r\n+CEREG: %d\r\n" % stat
        assert await host.hear(1) == said
        assert (await cereg(host)).split(b",")[0] == b"%d" % stat
        assert await host.read() == family.answer  # data still flows
        said = await host.hear(60)
        assert said == (b"" if stat == 5 else b"\r\n+CEREG: 5\r\n")
        assert not shown.active
        assert (await cereg(host)).split(b",")[0] == b"5"
        await host.ask("AT+CEREG=0")
        await host.works()


@each_family
async def test_a_registration_state_is_shown_to_those_who_ask_only(family):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CEREG=1")
        host.inject("registration_shown", stat=0, urc=False)
        assert await host.hear(10) == b""
        assert await cereg(host) == b"0"
        host.faults.heal()
        assert await host.hear(10) == b""
        assert await cereg(host) == b"5"
        await host.ask("AT+CEREG=0")
        await host.works()


@each_family
@pytest.mark.parametrize("cause", [8, 15])
async def test_an_attach_is_rejected_with_a_cause(family, cause):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CEREG=1")
        rejected = host.inject("attach_rejected", cause=cause)
        said = await host.hear(5)
        assert said.endswith(b"\r\n+CEREG: 3\r\n")
        assert (await cereg(host)).split(b",")[0] == b"3"
        if family.model in ("nrf9160", "gm02sp", "me910c1"):  # others have no such level
            await host.ask("AT+CEREG=5")
            assert b"3,,,,0,%d\r\n" % cause in await host.ask("AT+CEREG?")
            await host.ask("AT+CEREG=1")
        await host.ask("AT+CFUN=4")
        await host.hear(2)
        said = await host.ask("AT+CFUN=1") + await host.hear(10)
        assert b"+CEREG: 2\r\n" in said
        assert said.endswith(b"\r\n+CEREG: 3\r\n")
        rejected.cancel()
        said = await host.hear(3600)
        if cause == 8:  # only a switch-off makes it try again (TS 24.301 5.5.1.2.5)
            assert said == b""
            assert await cereg(host) == b"3"
            await host.ask("AT+CFUN=4")
            await host.ask("AT+CFUN=1")
            said = await host.hear(10)
        assert said.endswith(b"\r\n+CEREG: 5\r\n")
        await host.works_again()


@each_family
@pytest.mark.parametrize("minutes", [1, 180])
async def test_an_outage_ends(family, minutes):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CEREG=1")
        outage = host.inject("outage", after_ms=1000, for_ms=minutes * 60_000)
        assert not outage.happened
        assert b"+CEREG: 2\r\n" in await host.hear(2)
        assert b"+CEREG" not in await host.hear(minutes * 60 - 2)
        assert b"+CEREG: 5\r\n" in await host.hear(10)
        assert not outage.active
        await host.works_again()


@each_family
async def test_the_device_gets_a_new_address(family):
    async with ScriptedHost(family) as host:
        host.inject("new_address", address="100.64.9.9")
        said = await host.hear(10)
        assert said.startswith(family.context_lost)
        assert b"100.64.9.9" in await host.ask("AT+CGPADDR")
        await host.works_again()


@each_family
async def test_the_clock_jumps_and_jumps_back(family):
    async with ScriptedHost(family) as host:
        before = await host.ask("AT+CCLK?")
        jump = host.inject("clock_jump", by_ms=-11 * 3_600_000)
        jumped = await host.ask("AT+CCLK?")
        assert before[:17] == b'\r\n+CCLK: "26/01/0'
        assert jumped[:20] == b'\r\n+CCLK: "25/12/31,1'
        jump.cancel()
        assert (await host.ask("AT+CCLK?"))[:17] == before[:17]
        await host.works()


@pytest.mark.parametrize(
    "model",
    ["bg95", "sim7080g", "sim7000g", "sara-r510s", "gm02sp", "nrf9160", "nrf9151", "me910c1"],
)
async def test_another_edrx_cycle_is_granted(model):
    async with ScriptedHost(BY_MODEL[model]) as host:
        await host.ask('AT+CEDRXS=2,4,"0101"')
        assert b'+CEDRXP: 4,"0101","0101","0011"' in await host.hear(1)
        other = host.inject("edrx_granted", cycle="0010")
        assert b'+CEDRXP: 4,"0101","0010","0011"' in await host.hear(1)
        await host.ask('AT+CEDRXS=2,4,"1001"')
        await host.hear(1)
        assert b'+CEDRXRDP: 4,"1001","0010","0011"' in await host.ask("AT+CEDRXRDP")
        other.cancel()
        await host.hear(1)
        assert b'+CEDRXRDP: 4,"1001","1001","0011"' in await host.ask("AT+CEDRXRDP")
        host.inject("edrx_granted", cycle="none")
        await host.hear(1)
        assert b"+CEDRXRDP: 0" in await host.ask("AT+CEDRXRDP")
        host.faults.heal()
        await host.works()


async def test_a_registration_state_is_one_of_the_standards():
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        with pytest.raises(FaultError, match="stat is 0 to 11 or 90, not 12"):
            host.inject("registration_shown", stat=12)


async def test_a_radio_without_coverage_cannot_lose_it():
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        host.fake.radio = RadioWindow(host.radio)
        with pytest.raises(FaultError, match="no coverage to lose"):
            host.inject("outage", for_ms=60_000)
        assert host.faults.active == ()


async def test_an_edrx_cycle_is_four_bits():
    async with ScriptedHost(BY_MODEL["bg95"], opened=False) as host:
        with pytest.raises(FaultError, match="cycle is four bits or \"none\", not '20'"):
            host.inject("edrx_granted", cycle="20")


def test_the_tap_changes_nothing_by_itself():
    """The tap is there once a fault needed it; a twin without it says the same."""

    async def conversation(tapped):
        async with Bench("bg95", baud=115200) as bench:
            if tapped:
                Faults(bench.fake).inject("clock_jump", by_ms=0).cancel()
            await bench.ask("AT+CEREG=2")
            await bench.quectel_socket(PORT)
            await bench.ask('AT+CEDRXS=2,4,"0101"')
            bench.radio.inject_datagram(HELLO, *CLOUD, PORT)
            await bench.hear(1)
            await bench.ask("AT+QIRD=0")
            bench.radio.lose_coverage()
            await bench.hear(1)
            bench.radio.regain_coverage()
            await bench.hear(10)
            return list(bench.link.spy.entries)

    assert in_virtual_time(conversation(tapped=True)) == in_virtual_time(
        conversation(tapped=False)
    )


@each_family
@pytest.mark.parametrize("delay_ms", [0, 50, 95, 3000])
async def test_the_context_is_lost_some_time_after_a_read(family, delay_ms):
    async with ScriptedHost(family) as host:
        lost = host.inject("context_lost", to="read", delay_ms=delay_ms)
        said = await host.read()
        ended_ms = [at for at, way, _ in host.link.spy.entries if way == "<"][-1]
        said += await host.hear(5)
        assert said == family.answer + family.context_lost
        if delay_ms > 10 and family.context_lost:
            assert lost.happened.at_ms[0] == pytest.approx(ended_ms + delay_ms)
        await host.works_again()
