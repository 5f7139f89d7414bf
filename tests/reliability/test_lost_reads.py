"""A read takes a datagram out of the modem; its answer is lost whole: that is told, not silent."""

import asyncio

import pytest

from ip_commands.host_sim.time.virtual_time import run
from tests.reliability.dialects import DIALECTS, PUSHED
from tests.reliability.life import Life


@pytest.mark.parametrize("model", [model for model in DIALECTS if model not in PUSHED])
def test_a_datagram_that_went_with_the_answer_to_its_read_is_reported(model):
    async def lose_one() -> None:
        async with Life(model) as life:
            life.arrive()
            await asyncio.sleep(30)
            assert not life.waiting
            lost = life.faults.inject("answer_lost", to="read", count=1)
            life.arrive()
            await asyncio.sleep(60)
            assert lost.happened.count == 1
            assert len(life.waiting) == 1
            assert life.client.health()["dropped"] == 1
            assert [told.partition(":")[0] for told in life.outcome.told] == ["DatagramLost"]
            life.arrive()
            await asyncio.sleep(60)
            assert len(life.waiting) == 1
            assert life.client.health()["dropped"] == 1

    run(lose_one())


@pytest.mark.parametrize("model", [model for model in DIALECTS if model not in PUSHED])
@pytest.mark.parametrize("lost", [1, 2])
def test_it_is_reported_too_when_another_datagram_waits_behind_it(model, lost):
    async def lose() -> None:
        async with Life(model) as life:
            life.arrive()
            await asyncio.sleep(30)
            life.inject("answer_lost", to="read", count=lost)
            for _ in range(lost + 1):
                life.arrive()
            await asyncio.sleep(120)
            assert life.client.health()["dropped"] == lost
            # the second answer a u-blox modem loses is that to "how much waits?": it is counted,
            # for no one knows, and holds no datagram
            assert len(life.waiting) == (1 if model.startswith("SARA") else lost)
            assert {told.partition(":")[0] for told in life.outcome.told} == {"DatagramLost"}

    run(lose())


COUNTING = ("BG95", "SARA-R510S", "GM02SP", "ME310G1")
"""Models that tell how many bytes they have handed over: +QIRD, +USOCTL, +SQNSI, #SI."""


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("model", COUNTING)
def test_only_what_was_lost_is_reported_where_the_modem_counts(model, nth):
    """The answer to the first read is lost with its datagram, that to the second says "empty"."""

    async def lose_one() -> None:
        async with Life(model) as life:
            life.arrive()
            await asyncio.sleep(30)
            for number in range(1, 4):
                lost = life.faults.inject("answer_lost", to="read", nth=nth)
                life.arrive()
                await asyncio.sleep(60)
                assert lost.happened.count == 1
                missing = number if nth == 1 else 0
                assert len(life.waiting) == life.client.health()["dropped"] == missing
            assert life.client.health()["reread"]

    run(lose_one())


@pytest.mark.parametrize("model", [model for model in DIALECTS if model not in PUSHED])
def test_what_a_modem_holds_outlasts_its_silence(model):
    async def fall_silent() -> None:
        life = Life(model)
        life.driver._power_key = None  # its pulse would switch off a modem that is well
        async with life:
            life.arrive()
            await asyncio.sleep(30)
            life.inject("silence", for_ms=400_000)
            for _ in range(3):
                life.arrive()
            await asyncio.sleep(390)
            assert life.client.state == "WAITING"
            assert "ModemTimeout" in life.client.reason
            await asyncio.sleep(300)
            assert life.client.state == "SERVING"
            # u-blox: one that follows a read without an answer may be the end of a longer one
            lost = len(life.waiting)
            assert lost <= (model[:4] == "SARA")
            # and nobody can tell whether the read that began the silence took one out
            assert lost <= life.client.health()["dropped"] <= lost + 1

    run(fall_silent())


@pytest.mark.parametrize(
    "model", [model for model in DIALECTS if model not in (*PUSHED, "SARA-R510S")]
)
def test_a_read_of_whose_answer_the_end_alone_came_is_reported(model):
    """Seen with nRF9151: an overrun took header and payload, OK alone was taken for "nothing".

    u-blox joins parts: see tests/drivers/test_ublox.py.
    """

    async def lose() -> None:
        async with Life(model) as life:
            life.arrive()
            await asyncio.sleep(30)
            command = life.driver.at.command
            taken = []

            async def without_lines(text, *more, **options):
                lines = await command(text, *more, **options)
                reads = text.startswith(READS) and not text.endswith((",0", "?"))
                if reads and len(lines) > 1 and not taken:
                    taken.append(lines[:])
                    del lines[:]
                return lines

            life.driver.at.command = without_lines
            life.arrive()
            await asyncio.sleep(150)
            assert taken
            assert len(life.waiting) == 1
            assert life.client.health()["dropped"] == 1
            life.arrive()
            await asyncio.sleep(60)
            assert len(life.waiting) == 1
            assert life.client.health()["dropped"] == 1

    run(lose())


READS = ("+QIRD", "+CARECV", "+SQNSRECV", "#SRECV", "#XRECVFROM")
