"""PSM is granted, the modem was silent for another reason: whatever it says wakes the client."""

import asyncio

import pytest

from ip_commands.device import IpCommandClient
from tests.drivers.modem_bench import ModemBench

MODELS = ("bg95", "sim7080g", "sara-r510s", "gm02sp", "nrf9151", "me310g1")
ACTIVE_S = 10
PERIOD_S = 86400


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("model", MODELS)
async def test_a_modem_that_talks_again_is_served_at_once_and_its_socket_read(model, held):
    bench = ModemBench(model)
    driver = bench.driver(poll_ms=20000)
    client = IpCommandClient(driver, 4242, accept_from=None, log=lambda line: None)
    got = []
    client.on_command(lambda command: got.append(command.payload))
    task = asyncio.create_task(client.run())
    await client.wait_ready(120000)
    assert await driver.set_psm(ACTIVE_S, PERIOD_S) == (ACTIVE_S, PERIOD_S)
    await asyncio.sleep(35)
    bench.mute(True)
    for _ in range(400):
        if client.state == "SLEEPING":
            break
        await asyncio.sleep(1)
    assert client.state == "SLEEPING"
    await asyncio.sleep(600)
    assert client.state == "SLEEPING"  # silence alone ends nothing
    if held:
        bench.inject(b"came while it was mute")
    bench.mute(False)
    bench.inject(b"came later")
    bench.fake.urc("+CEREG: 1")
    await asyncio.sleep(60)
    # this bench's radio is never connected: one that answers in PSM says that it sleeps
    assert client.state == ("SLEEPING" if model in ("gm02sp", "nrf9151") else "SERVING")
    assert got == ([b"came while it was mute"] if held else []) + [b"came later"]
    assert bench.power_keys == 0
    await client.close()
    await task
    await bench.finish()
