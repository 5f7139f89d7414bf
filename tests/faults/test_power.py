"""Restarts with and without a word, in the middle of an answer; power lost."""

import pytest

from tests.faults.families import BY_MODEL, OK, each_family
from tests.faults.scripted_host import ScriptedHost


@each_family
async def test_a_restart_says_what_a_boot_says_and_all_is_gone(family):
    async with ScriptedHost(family) as host:
        boots = host.fake.boots
        restarted = host.inject("reboot")
        assert await host.hear(40) == family.said_at_boot
        assert (host.fake.boots, restarted.happened.count) == (boots + 1, 1)
        await host.ask("AT")
        host.arrive()
        said = await host.ask(family.read)
        assert b"hello" not in said
        await host.works_again()


@each_family
async def test_a_restart_without_a_word(family):
    quirks = ("fixed-baud",) if family.autobaud else ()
    async with ScriptedHost(family, quirks=quirks) as host:
        host.inject("reboot", boot_line=False)
        assert await host.hear(60) == b""
        host.inject("reboot")
        assert await host.hear(60) == family.boot
        await host.works_again()


@each_family
@pytest.mark.parametrize("position", [0, 1, 9, -1])
async def test_a_restart_in_the_middle_of_an_answer(family, position):
    position %= len(family.answer) + 1
    async with ScriptedHost(family, baud=115200) as host:
        restarted = host.inject("reboot", to="read", position=position)
        host.arrive()
        await host.hear(0.5)
        said = await host.ask(family.read) + await host.hear(60)
        assert said == family.answer[:position] + family.said_at_boot
        assert restarted.happened.last.to == family.read
        await host.works_again()


async def test_a_restart_behind_every_byte():
    family = BY_MODEL["gm02sp"]
    for position in range(len(family.answer) + 1):
        async with ScriptedHost(family) as host:
            host.inject("reboot", to="read", position=position)
            assert (
                await host.read() + await host.hear(60) == family.answer[:position] + family.boot
            )


@each_family
async def test_a_restart_before_a_command_runs(family):
    async with ScriptedHost(family) as host:
        host.inject("reboot", to="read", when="before")
        host.arrive()
        await host.hear(0.5)
        assert await host.ask(family.read) + await host.hear(60) == family.said_at_boot
        await host.works_again()


@each_family
async def test_power_is_lost_and_comes_back(family):
    async with ScriptedHost(family) as host:
        lost = host.inject("power_lost", for_ms=20_000)
        assert await host.ask("AT") == b""
        assert await host.hear(15) == b""
        assert host.radio.registration == 0
        assert await host.hear(60) == family.said_at_boot
        assert not lost.active
        host.inject("power_lost", key=False, for_ms=1000)
        assert await host.hear(60) == b""
        assert host.fake.power == "off"
        host.fake.power_on()
        assert await host.hear(60) == family.said_at_boot
        await host.works_again()


async def test_a_modem_that_is_off_does_not_restart():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.fake.brown_out()
        restarted = host.inject("reboot")
        assert await host.hear(30) == b""
        assert restarted.happened.last.what == "nothing: it was off"


async def test_what_a_dying_modem_held_back_is_never_said():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.inject("answer_late", to="read", late_ms=10_000)
        assert await host.read() == b""
        host.fake.restart()
        assert await host.hear(30) == b"\r\nRDY\r\n\r\nAPP RDY\r\n"
        assert await host.ask("ATE0") == b"ATE0\r" + OK
