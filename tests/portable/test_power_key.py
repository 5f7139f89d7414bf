"""PWRKEY pulses: lengths and levels in time, with and without a STATUS pin."""

import asyncio

from ip_commands.boards.power_key import PowerKey, input_pin, output_pin
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable import fake_machine


async def test_a_pulse_has_the_asked_length_and_level():
    machine = fake_machine.install()
    key = PowerKey(output_pin(14), on_ms=1500, boot_ms=5000)
    pin = machine.pins[14]
    assert (pin.mode, pin.log) == (pin.OUT, [(0, 0)])  # made released, not pressed
    start = ticks_ms()
    await key()
    assert pin.log == [(0, 0), (0, 1), (1500, 0)]
    assert ticks_diff(ticks_ms(), start) == 6500


async def test_a_key_that_is_pressed_by_a_low_level():
    machine = fake_machine.install()
    key = PowerKey(output_pin(6, active=0), on_ms=100, boot_ms=0, active=0)
    await key()
    assert machine.pins[6].log == [(0, 1), (0, 0), (100, 1)]


async def test_a_cancelled_pulse_releases_the_key():
    machine = fake_machine.install()
    key = PowerKey(output_pin(14), on_ms=1500, boot_ms=5000)
    task = asyncio.create_task(key())
    await sleep_ms(400)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    assert machine.pins[14].log == [(0, 0), (0, 1), (400, 0)]


def status_key(machine):
    key = PowerKey(
        output_pin(17),
        on_ms=500,
        boot_ms=30000,
        status_pin=input_pin(20),
        status_on=0,
        off_ms=1000,
        off_wait_ms=65000,
    )
    return key, machine.pins[17], machine.pins[20]


async def test_with_a_status_pin_the_wait_ends_when_the_modem_runs():
    machine = fake_machine.install()
    key, pin, status = status_key(machine)
    status.drive(1)
    assert key.is_on() is False

    async def boot():
        await sleep_ms(2500)
        status.drive(0)

    booting = asyncio.create_task(boot())
    start = ticks_ms()
    await key()
    await booting
    assert pin.log == [(0, 0), (0, 1), (500, 0)]
    assert 2500 <= ticks_diff(ticks_ms(), start) <= 2600
    assert key.is_on() is True


async def test_a_running_but_silent_modem_is_switched_off_and_on_again():
    machine = fake_machine.install()
    key, pin, status = status_key(machine)
    status.drive(0)

    async def modem():
        await sleep_ms(3000)
        status.drive(1)
        await sleep_ms(4000)
        status.drive(0)

    running = asyncio.create_task(modem())
    await key()
    await running
    assert pin.log[:3] == [(0, 0), (0, 1), (1000, 0)]
    (pressed_ms, level), (released_ms, _) = pin.log[3:]
    assert level == 1
    assert 3000 <= pressed_ms <= 3100
    assert released_ms - pressed_ms == 500


async def test_a_status_pin_that_never_moves_does_not_hang():
    machine = fake_machine.install()
    key, pin, status = status_key(machine)
    status.drive(1)
    start = ticks_ms()
    await key()
    assert ticks_diff(ticks_ms(), start) == 30500
    status.drive(0)
    start = ticks_ms()
    await key()
    assert ticks_diff(ticks_ms(), start) == 1000 + 65000 + 500
    assert len(pin.log) == 7


def test_without_a_status_pin_nobody_knows():
    fake_machine.install()
    assert PowerKey(output_pin(4), on_ms=100, boot_ms=0).is_on() is None
