"""Who feeds a watchdog through a day of eDRX, PSM and an outage, and when the feeding ends."""

import asyncio

import pytest

from ip_commands.device.watchdog import feed_while_well
from ip_commands.host_sim.world.super_sim import SuperSim

HOUR_S = 3600


async def start_feeding(supersim: SuperSim, profile: str, handler=None):
    device = await supersim.add_device("bg95", profile)
    client = device.client()
    client.on_command(handler or (lambda command: None))
    await device.start(client)
    fed_at = [0.0]
    loop = asyncio.get_running_loop()
    feeding = asyncio.create_task(
        feed_while_well(client, lambda: fed_at.append(loop.time()), every_ms=30_000)
    )
    return device, feeding, fed_at


@pytest.mark.parametrize("profile", ["cat-m1-edrx-hlcom", "psm"])
async def test_sleep_is_no_reason_to_restart(supersim: SuperSim, profile: str):
    _, feeding, fed_at = await start_feeding(supersim, profile)
    await supersim.run_for(hours=24)
    assert not feeding.done()
    assert len(fed_at) >= 24 * 120
    feeding.cancel()


async def test_an_outage_is_waited_for_and_no_longer(supersim: SuperSim):
    device, feeding, fed_at = await start_feeding(supersim, "cat-m1")
    device.ue.lose_coverage()
    await supersim.run_for(minutes=110)
    device.ue.find_coverage()
    await supersim.run_for(hours=5)
    assert not feeding.done()
    device.ue.lose_coverage()
    lost_at = asyncio.get_running_loop().time()
    await supersim.run_for(hours=3)
    assert feeding.done()
    # the client notices by its look at the link every five minutes, at the latest
    assert 2 * HOUR_S - 60 <= fed_at[-1] - lost_at <= 2 * HOUR_S + 400


async def test_a_handler_that_never_returns(supersim: SuperSim):
    async def hang(command):
        await asyncio.Event().wait()

    device, feeding, fed_at = await start_feeding(supersim, "cat-m1", hang)
    await supersim.send_command(device, "hello")
    await supersim.run_for(hours=3)
    assert feeding.done()
    assert 2 * HOUR_S - 60 <= fed_at[-1] <= 2 * HOUR_S + 900
