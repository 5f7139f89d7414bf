"""Power-off returns when the supply may be cut, not when the UART has gone silent."""

import pytest

from tests.drivers.modem_bench import ModemBench


@pytest.mark.parametrize("off_ms", [2000, 8000, 20000])
async def test_a_slow_quectel_module_is_waited_for(supersim, off_ms):
    device = await supersim.add_device("ec25", "lte")
    driver = device.driver()
    await driver.start()
    device.fake.POWERED_DOWN_MS = (off_ms, off_ms)
    started_ms = supersim.now_ms
    await driver.power_off()
    assert supersim.now_ms - started_ms >= off_ms
    assert device.fake.power == "off"
    await driver.close()


async def test_firmware_that_says_nothing_is_given_its_time(supersim):
    device = await supersim.add_device("bg95", quirks=["power-down-silent"])
    driver = device.driver()
    await driver.start()
    started_ms = supersim.now_ms
    await driver.power_off()
    assert 30_000 <= supersim.now_ms - started_ms <= 65_000
    await driver.close()


# an nRF91 knows a second command
@pytest.mark.parametrize("model", ["bg95", "sim7080g", "sim7600", "sara-r510s", "me310g1"])
async def test_a_modem_that_refuses_to_go_off_is_switched_off_by_its_key(model):
    bench = ModemBench(model)
    driver = bench.driver()
    await driver.start()
    driver.POWER_OFF = "+NONSENSE"
    boots, presses = bench.fake.boots, bench.power_keys
    await driver.power_cycle()
    await driver.start()
    assert bench.fake.boots == boots + 1
    assert bench.power_keys == presses + 2  # off, and on
    await bench.finish()


@pytest.mark.parametrize(
    "model", ["bg95", "sim7080g", "sim7600", "sara-r510s", "me310g1", "nrf9160"]
)
async def test_a_modem_that_refuses_to_restart_has_its_radio_restarted(model):
    bench = ModemBench(model)
    said = []
    earlier = bench.driver()
    await earlier.start()
    bench.abandon(earlier)
    driver = bench.driver(power_key=None, log=said.append)
    await driver.start()
    said.clear()
    driver.RESET = "+NONSENSE"
    await driver.power_cycle()
    await driver.start()
    assert said.count("> AT+CFUN=4") == said.count("> AT+CFUN=1") == 1
    await bench.finish()
