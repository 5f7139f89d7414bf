"""Reported: a board that was reset finds its modem in data mode, in the multiplexer, at a prompt.

Data mode: mongoose-os-libs/pppos issue 1, olliiiver/esp_lte_modem issue 4, espressif/esp-idf issue
6005 (+++ needs a second of silence on both sides: V.250 S12). Multiplexer: espressif/arduino-esp32
issue 10237 (SIM7600, SIM7670G, A7670) and its cure, pull 10264; the frame is TS 27.010's, section
5.4.6.3.3, with the length that its section 5.2.1 wants.
"""

import asyncio

import pytest

from ip_commands.device import IpCommandClient
from ip_commands.device.portable import ticks_diff, ticks_ms
from ip_commands.host_sim.faults import Faults
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.detect import detect
from tests.drivers.modem_bench import ModemBench
from tests.portable.at_script import play
from tests.portable.bg95_script import BG95_START

FAKES = (
    "bg95",
    "sim7080g",
    "sim7000g",
    "sim7600",
    "a7670",
    "sara-r410m",
    "sara-r510s",
    "gm02sp",
    "nrf9160",
    "nrf9151",
    "me310g1",
)
LEFT = {
    "data mode": ("left_in_data_mode", {}, 7000),
    "multiplexer": ("left_in_cmux", {}, 9000),
    "prompt of 10 bytes": ("left_at_prompt", {"length": 10}, 9000),
    "prompt of 1300 bytes": ("left_at_prompt", {"length": 1300}, 14000),
    "prompt that escape ends": ("left_at_prompt", {"length": None}, 9000),
}
"""Fault, its arguments, and what finding the modem may take, in ms."""

each_state = pytest.mark.parametrize("state", LEFT)
each_model = pytest.mark.parametrize("model", FAKES)


async def left(model, state):
    """Return a bench whose modem an earlier program has left so, and the fault."""
    bench = ModemBench(model)
    earlier, _ = await bench.online(4242)
    bench.abandon(earlier)
    await asyncio.sleep(10)
    name, arguments, _ = LEFT[state]
    return bench, Faults(bench.fake).inject(name, **arguments)


@each_state
@each_model
@pytest.mark.parametrize("has_key", [False, True])
async def test_start_finds_its_way_out(model, state, has_key):
    bench, fault = await left(model, state)
    driver = bench.driver(**({} if has_key else {"power_key": None}))
    began = ticks_ms()
    await driver.start()
    assert not fault.active
    if has_key and state == "prompt of 1300 bytes":  # which nothing but bytes would end
        assert bench.power_keys in (1, 2)
    else:
        assert ticks_diff(ticks_ms(), began) < LEFT[state][2] + 3000
        assert bench.power_keys == 0
    await driver.attach("super", 60000)
    await bench.finish()


@each_state
@each_model
async def test_detect_finds_its_way_out_too(model, state):
    bench, fault = await left(model, state)
    began = ticks_ms()
    driver = await detect(bench.stream)
    assert ticks_diff(ticks_ms(), began) < LEFT[state][2]
    assert not fault.active
    bench.drivers.append(driver)
    await driver.start()
    await bench.finish()


@each_model
async def test_a_client_serves_in_seconds(model):
    for state in LEFT:
        bench, _ = await left(model, state)
        driver = bench.driver(power_key=None)
        client = IpCommandClient(driver, 4242, accept_from=None, log=lambda line: None)
        got = []
        client.on_command(lambda command, got=got: got.append(command.payload))
        task = asyncio.create_task(client.run())
        await client.wait_ready(30000)
        bench.inject(b"hello")
        await asyncio.sleep(5)
        assert got == [b"hello"], state
        assert client.reopened == 0
        await client.close()
        await task
        await bench.finish()


FIVE = r">| AT\r" + "\n"
FOUND = BG95_START[BG95_START.index("> ATE0") :]
HEARD = r"< OK" + "\n"
ESCAPE = ">| +++\\x1b\n"


@pytest.mark.parametrize(
    "script",
    [
        # PPP until +++ between two silences
        ESCAPE + FIVE * 5 + ">| +++\n<| \\r\\nOK\\r\\n\n>| ATQ0V1\\r\\n\n< OK\n" + FIVE + HEARD,
        # 27.010 frames until the close-down
        ESCAPE
        + FIVE * 5
        + ">| +++ATQ0V1\\r\\n\n"
        + FIVE * 5
        + ">| \\x1b\\xf9\\xf9\\x03\\xef\\x05\\xc3\\x01\\xf2\\xf9\\r\n"
        + "<| \\xf9\\x03\\xef\\x05\\xc1\\x01\\xf2\\xf9\n"
        + FIVE
        + HEARD,
    ],
    ids=["data mode", "multiplexer"],
)
async def test_what_is_typed_byte_for_byte(script):
    async def use(modem):
        await modem.start()
        assert modem.at.handler_errors == 0

    await play(script + FOUND, lambda stream: models.create("BG95", stream), use)
