"""What every board's test does: start its modem against one behind a power key."""

from tests.portable import fake_machine


async def start(modem, machine, key_number, running, deaf=False, status_number=None):
    """Start and close the board's modem against a KeyedModem (0.5 s toggles it, 2.5 s to boot).

    Returns that and the log of the key.
    """
    keyed = fake_machine.KeyedModem(
        machine.pins[key_number],
        machine.uarts[0],
        running=running,
        toggle_ms=500,
        boot_ms=2500,
        status_pin=machine.pins.get(status_number),
    )
    keyed.deaf = deaf
    try:
        await modem.start()
    finally:
        await modem.close()
    return keyed, machine.pins[key_number].log
