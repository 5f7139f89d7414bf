"""PSM with modems that say nothing of it: the poll over the UART does not restart T3324.

TS 24.301 section 5.3.11: the active time counts from the release of the connection. An active time
above the time between two polls therefore ends although the modem has just answered one.
"""

import asyncio

import pytest

from ip_commands.device import IpCommandClient, ModemAsleep
from tests.drivers.modem_bench import ModemBench

SILENT_SLEEPERS = ("sara-r510s", "me310g1")
MODELS = (*SILENT_SLEEPERS, "bg95", "sim7080g")
PERIOD_S = 3600


async def serving(bench, active_s, key=True):
    options = {} if key else {"power_key": None}
    driver = bench.driver(**options)
    client = IpCommandClient(driver, 4242, accept_from=None, log=lambda line: None)
    client.told = []
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: client.told.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(120000)
    granted = await bench.drivers[-1].set_psm(active_s, PERIOD_S)
    assert granted == (active_s, PERIOD_S)
    return client, task


async def ended(bench, client, task):
    await client.close()
    await task
    await bench.finish()


@pytest.mark.parametrize("key", [True, False], ids=["power key", "no key"])
@pytest.mark.parametrize("active_s", [120, 180])
@pytest.mark.parametrize("model", SILENT_SLEEPERS)
async def test_a_long_active_time_is_no_crash_either(model, active_s, key):
    bench = ModemBench(model)
    client, task = await serving(bench, active_s, key)
    presses = bench.power_keys
    await asyncio.sleep(active_s + 10)
    assert client.state == "SERVING"
    bench.enter_psm()
    await asyncio.sleep(PERIOD_S - active_s - 20)
    assert client.state == "SLEEPING"
    assert bench.power_keys == presses
    assert not client.told
    bench.radio.leave_psm()  # its periodic update
    await asyncio.sleep(300)
    assert client.state == "SERVING"
    assert bench.power_keys == presses
    assert not client.told  # no alarm: that is how it should be
    await ended(bench, client, task)


@pytest.mark.parametrize("model", SILENT_SLEEPERS)
async def test_a_crash_within_the_active_time_is_none_of_sleep(model):
    bench = ModemBench(model)
    client, task = await serving(bench, 180)
    await asyncio.sleep(60)
    await client.send(b"x")  # the active time begins anew
    await asyncio.sleep(90)
    bench.mute(True)
    await asyncio.sleep(80)
    assert client.state == "WAITING"
    assert client.told
    bench.mute(False)
    await ended(bench, client, task)


@pytest.mark.parametrize("model", MODELS)
async def test_a_send_into_a_sleep_that_nobody_noticed_wakes_the_modem_and_is_sent_once(model):
    bench = ModemBench(model)
    client, task = await serving(bench, 10)
    await asyncio.sleep(20)
    bench.lose_urcs(True)  # also of those that say it
    bench.enter_psm()
    bench.lose_urcs(False)
    assert client.state == "SERVING"
    await client.send(b"alarm")
    assert [row[0] for row in bench.sent] == [b"alarm"]
    assert client.state == "SERVING"
    await ended(bench, client, task)


@pytest.mark.parametrize("model", MODELS)
async def test_a_socket_says_that_nothing_was_sent(model):
    bench = ModemBench(model)
    driver, socket = await bench.online(4242)
    assert await driver.set_psm(10, PERIOD_S) == (10, PERIOD_S)
    await asyncio.sleep(20)
    bench.lose_urcs(True)
    bench.enter_psm()
    with pytest.raises(ModemAsleep, match="nothing is sent"):
        await socket.send_to(b"alarm", "100.64.0.1", 6969)
    assert not bench.sent
    await bench.finish()


@pytest.mark.parametrize("model", ["bg95", "bg96"])
async def test_power_down_of_a_modem_in_psm_is_its_sleep(model):
    """BG96 PSM Application Note: POWER DOWN, after a granted PSM."""
    bench = ModemBench(model)
    client, task = await serving(bench, 10)
    presses = bench.power_keys
    await asyncio.sleep(20)
    bench.fake.urc("POWER DOWN")
    bench.lose_urcs(True)
    bench.enter_psm()
    bench.lose_urcs(False)
    await asyncio.sleep(600)
    assert (client.state, client.told, bench.power_keys) == ("SLEEPING", [], presses)
    await ended(bench, client, task)


async def test_power_down_within_the_active_time_is_an_end():
    bench = ModemBench("bg95")
    client, task = await serving(bench, 180)
    await asyncio.sleep(30)
    bench.fake.urc("POWER DOWN")
    await asyncio.sleep(0.5)
    bench.switch_off()
    assert client.state == "WAITING"
    assert "went down" in client.reason
    await client.wait_ready(120000)
    await ended(bench, client, task)


@pytest.mark.parametrize("model", ["sara-r510s", "gm02sp", "bg95"])
async def test_a_garbled_timer_and_then_silence_end_nothing(model):
    bench = ModemBench(model)
    client, task = await serving(bench, 180)
    await asyncio.sleep(200)
    bench.fake.urc('+CEREG: 1,"1","0000A001",7,,,"00"00101","00000110"')
    await asyncio.sleep(1)  # before anybody asks again
    bench.mute(True)
    await asyncio.sleep(400)
    assert not task.done()
    bench.mute(False)
    await client.wait_ready(1200000)
    await ended(bench, client, task)


@pytest.mark.parametrize("model", SILENT_SLEEPERS)
async def test_a_modem_that_died_in_its_sleep_is_told_and_not_waited_for(model):
    """Seen: SLEEPING for five days, and nobody heard of it."""
    bench = ModemBench(model)
    client, task = await serving(bench, 120)
    resets = []
    client._reset = lambda: resets.append(1)
    await asyncio.sleep(130)
    bench.enter_psm()
    bench.stream.muted = True  # for good
    await asyncio.sleep(4 * PERIOD_S)
    assert len(client.told) >= 3
    assert any("no answer" in words for words in client.told)
    await asyncio.sleep(6 * PERIOD_S)
    assert resets
    await ended(bench, client, task)
