"""A silent or garbled modem: a clear error that holds the command, never a hang."""

import asyncio

import pytest

from ip_commands.device.errors import CommandError, IpCommandsError, ModemClosed, ModemTimeout

HOUR_S = 3600


@pytest.mark.parametrize("modem", ["bg95", "sim7080g"])
async def test_a_modem_without_power_is_a_timeout_in_bounded_time(supersim, modem):
    device = await supersim.add_device(modem, powered=False)
    driver = device.driver(power_key=None)
    started_ms = supersim.now_ms
    with pytest.raises(ModemTimeout) as silent:
        await driver.start()
    assert "AT" in str(silent.value)
    assert "no answer" in str(silent.value)
    assert supersim.now_ms - started_ms < 60_000


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("modem", ["bg95", "sim7080g"])
async def test_a_line_that_loses_bytes_raises_only_our_errors(supersim, modem, seed):
    device = await supersim.add_device(modem, uart={"loss": 0.05 + 0.02 * seed, "cut": 3})
    driver = device.driver()

    async def whole_life():
        await driver.start()
        await driver.attach("super", 120_000)
        socket = await driver.open_udp(4242)
        for _ in range(5):
            await socket.send_to(b"x" * 100, "100.64.0.1", 6969)

    said = "it got through"
    try:
        await asyncio.wait_for(whole_life(), HOUR_S)
    except IpCommandsError as error:
        said = str(error)
    assert said
    await driver.close()


async def test_a_refused_command_names_itself_and_the_modems_number(supersim):
    device = await supersim.add_device("bg95")
    driver = device.driver()
    await driver.start()
    with pytest.raises(CommandError) as refused:
        await driver.at.command("+NOSUCH=1")
    assert "AT+NOSUCH=1" in str(refused.value)
    assert "ERROR" in str(refused.value)


async def test_an_unplugged_modem_ends_the_client_with_the_reason(supersim):
    device = await supersim.add_device("bg95", "cat-m1")
    client = device.client(4242)
    client.on_command(print)
    running = asyncio.create_task(client.run())
    await client.wait_ready(300_000)
    await device.stream.close()
    with pytest.raises(ModemClosed):
        await asyncio.wait_for(running, HOUR_S)


async def test_a_client_on_a_modem_that_dies_for_an_hour_comes_back(supersim):
    device = await supersim.add_device("bg95", "cat-m1")
    await device.listen(4242, reply=b"alive")
    device.fake.brown_out()
    await supersim.run_for(hours=1)
    command = await supersim.send_command(device, "are you there", 4242)
    await supersim.run_for(minutes=1)
    assert command.delivered
    assert supersim.webhooks[-1].payload == b"alive"
