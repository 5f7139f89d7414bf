"""The SIM7000/SIM800 driver over scripts: its data connection, power-off, and GPRS."""

import pytest

from ip_commands.device.errors import NotAttached, NotSupported
from ip_commands.device.portable import sleep_ms
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.simcom_cip import SimcomCipModem
from tests.drivers.simcom_cip_scripts import ATTACH, OPEN, READY, START, UP, converse
from tests.portable.at_script import play


async def test_attached_still_means_nothing_is_done():
    script = ATTACH + "> AT+CIPSTATUS\n< OK\n< STATE: CONNECT OK\n"

    async def use(modem):
        socket = await modem.open_udp(4242)
        await modem.attach("super", 60000)
        assert not socket.lost

    await converse(READY + OPEN + script, use)


async def test_a_refused_bearer_is_no_data_connection():
    script = "> AT+CIPSTATUS\n< OK\n< STATE: PDP DEACT\n"
    script += UP.split("> AT+CIPSHUT")[1].split("< DST")[0].join(("> AT+CIPSHUT", "< ERROR\n"))

    async def use(modem):
        with pytest.raises(NotAttached, match=r"no data connection: AT\+CIICR -> ERROR"):
            await modem.open_udp(4242)

    await converse(script, use)


async def test_no_socket_before_attach():
    async def use(modem):
        await modem.start()
        with pytest.raises(NotAttached, match="attach"):
            await modem.open_udp(4242)

    script = START + "> AT+CIPSTATUS\n< OK\n< STATE: IP INITIAL\n"
    await play(script, SimcomCipModem, use)


async def test_power_off():
    async def use(modem):
        await modem.power_off()

    await converse("> AT+CPOWD=1\n< NORMAL POWER DOWN\n", use)


async def test_a_sim800_is_asked_for_gprs_and_has_no_power_saving():
    attach = """
        > AT+CPIN?
        < +CPIN: READY
        < OK
        > AT+CFUN=1
        < Call Ready
        < SMS Ready
        < OK
        > AT+CGREG?
        < +CGREG: 0,3
        < OK
        ~ 3000
    """
    denied = "> AT+CGREG?\n< +CGREG: 0,3\n< OK\n"

    async def use(modem):
        await modem.start()
        await sleep_ms(70000)  # Call Ready is no reboot when the radio was switched on
        with pytest.raises(NotAttached, match="denied"):
            await modem.attach("super", 60000)
        with pytest.raises(NotSupported, match="SIM800"):
            await modem.set_psm(20, 3600)

    start = START.replace("> AT+CEREG=4\n    < OK\n", "")
    await play(start + attach + denied * 5, lambda s: models.create("sim800", s), use)
