"""A socket that is gone, or whose place another took: noticed, also when nobody sends."""

import asyncio

import pytest

from ip_commands.host_sim.time.virtual_time import run
from tests.reliability.dialects import DIALECTS
from tests.reliability.life import Life

NOTICED_S = 300.0
"""The slow timer on which the modem is asked whether it has everything still."""


@pytest.mark.parametrize("model", DIALECTS)
def test_a_socket_that_went_without_a_word_is_noticed_though_nobody_sends(model):
    """Seen with SIM7080G, which answers reads of a socket that is gone with "nothing"."""

    async def lose() -> float | None:
        async with Life(model) as life:
            await asyncio.sleep(10)
            struck = life.inject("socket_closed", urc=False)
            recovered_s = await life.until_handled()
            assert struck.happened.count == 1
            return recovered_s

    recovered_s = run(lose())
    assert recovered_s is not None
    assert recovered_s <= NOTICED_S + 30


@pytest.mark.parametrize("question", ["_has_socket", "_is_connected", "_read_registration"])
@pytest.mark.parametrize("model", DIALECTS)
def test_a_line_that_is_lost_makes_nothing_lost(model, question):
    """The modem is asked twice before a no is believed: a line that says yes may be lost."""

    async def ask() -> None:
        async with Life(model) as life:
            await asyncio.sleep(10)
            ask_once = getattr(life.driver, question)
            said = [False]

            async def deaf_once(*what):
                return said.pop() if said else await ask_once(*what)

            setattr(life.driver, question, deaf_once)
            await life.driver.check_link()
            assert not said
            assert life.client.health()["reopened"] == 0
            assert await life.until_handled() is not None

    run(ask())


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("final_lost", {"to": "read"}),
        ("answer_lost", {"to": "read"}),
        ("answer_lost", {"to": "AT#SSENDEXT"}),
        ("answer_late", {"to": "AT#SD", "late_ms": 160_000}),
        ("answer_lost", {"to": "AT#SH"}),
    ],
)
def test_a_send_that_fails_half_way_leaves_no_dialled_connection_open(fault, arguments):
    """Telit: before the first datagram came, sending dials; what is left open gets what comes."""

    async def fail() -> None:
        async with Life("ME310G1") as life:
            await asyncio.sleep(10)
            struck = life.inject(fault, **arguments)
            try:
                await life.client.send(b"up", timeout_ms=300_000)
            except Exception as error:
                life.outcome.told.append(repr(error))
            assert struck.happened.count
            life.heal()
            recovered_s = await life.until_handled()
            assert recovered_s is not None
            assert recovered_s <= 120
            await asyncio.sleep(120)
            out = life.judge()
            assert out.lost == 0
            assert not out.doubled

    run(fail())


@pytest.mark.parametrize("model", DIALECTS)
def test_a_boot_that_nobody_heard_is_noticed_and_set_up_after(model):
    """Seen with ME310G1: attached anew, but with echo on and its firewall shut: deaf for ever."""

    async def boot() -> float | None:
        async with Life(model) as life:
            await asyncio.sleep(10)
            if life.fake.radio.ip_address is not None:
                struck = life.inject("reboot", boot_line=False)
            await asyncio.sleep(20)
            life.heal()
            assert struck.happened.count == 1
            recovered_s = await life.until_handled()
            asked = life.link.spy.entries
            booted_at = max(at for at, way, data in asked if b"CMEE=1" in data and way == ">")
            assert booted_at > 10_000
            return recovered_s

    recovered_s = run(boot())
    assert recovered_s is not None
    assert recovered_s <= NOTICED_S + 30


@pytest.mark.parametrize("model", ["BG95", "SARA-R510S"])
def test_what_a_boot_came_before_is_sent_on_the_next_socket(model):
    """Nothing was written: the caller need not know that the modem had booted unheard."""

    async def boot() -> None:
        async with Life(model) as life:
            await asyncio.sleep(10)
            life.inject("reboot", boot_line=False)
            await asyncio.sleep(20)
            life.heal()
            await life.client.send(b"up", timeout_ms=120_000)
            assert [payload for payload, *_ in life.radio.uplink] == [b"up"]

    run(boot())
