"""Power-off returns when the supply may be cut, not when the UART has gone silent."""

import pytest


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
