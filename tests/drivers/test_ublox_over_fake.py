"""The u-blox driver over its fake: what the contract cannot ask of every family."""

import pytest

from ip_commands.device.errors import ReceiveTimeout
from tests.contracts.check_modem import CHECKS
from tests.drivers.modem_bench import run_check
from tests.drivers.ublox_scripts import LONG


@pytest.mark.parametrize("model", ["SARA-R410M", "SARA-R510S"])
async def test_the_contract_in_hex_mode(model):
    for check in CHECKS:
        # in hex mode a payload is part of the command line: the bench loses bytes at prompts only
        if check.__name__ != "payload_that_gets_lost_on_the_uart_does_not_wedge_the_modem":
            await run_check(check, model, "7-byte pieces", hex_mode=True)


async def test_psm_is_granted_after_the_reboot_that_a_sara_r4_wants():
    async def check(bench):
        modem, _ = await bench.online(4242)
        assert await modem.set_psm(20, 3600) is None
        await modem.power_off()
        await modem.start()
        await modem.attach("super", 60000)
        assert await modem.set_psm(20, 3600) == (20, 3600)

    await run_check(check, "SARA-R410M", quirks=("psm-after-reboot",))


async def test_a_modem_that_drops_the_rest_of_a_datagram_is_found_out():
    async def check(bench):
        modem, socket = await bench.online(4242)
        bench.inject(LONG)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(5000)
        assert (socket.dropped, modem.truncated) == (1, 1)
        bench.inject(b"short enough")
        assert (await socket.receive(5000))[0] == b"short enough"

    await run_check(check, "SARA-R410M", quirks=("rest-dropped",))
