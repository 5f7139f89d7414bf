"""The u-blox driver and power saving: PSM, a UART that sleeps, a module that is gone."""

import pytest

from ip_commands.device.errors import ModemTimeout
from ip_commands.device.portable import sleep_ms
from tests.drivers.conversation import nothing
from tests.drivers.ublox_scripts import BINARY, OPEN, PSM, R4_START, START, converse


async def test_psm_lets_the_uart_sleep_and_wakes_it_with_a_byte_that_may_get_lost():
    script = (
        R4_START
        + """
        > AT+CEREG?
        < +CEREG: 4,5,"D0B","00","C45C010",8
        < OK
        > AT+CPSMS=0
        < OK
        > AT+CPSMS=1,,,"00000110","00001010"
        < OK
        > AT+CEREG?
        < +CEREG: 4,5,"D0B","00","C45C010",8,,,"00001010","00000110"
        < OK
        > AT+UPSV=4
        < OK
        ~ 8000
        >| \\r
        > AT+CPSMS=0
        < OK
        > AT+UPSV=0
        < OK
        """
    )

    async def use(modem):
        assert await modem.set_psm(20, 3600) == (20, 3600)
        await sleep_ms(8000)
        assert await modem.set_psm(None, None) is None

    await converse(script, use)


async def test_psm_that_an_earlier_program_asked_for_lets_the_uart_sleep():
    on = PSM.replace("CPSMS:0", "CPSMS: 1")
    await converse(START + BINARY + on + "> AT+UPSV=1,1000\n< OK\n", nothing, "SARA-R5")


async def test_a_module_that_went_down_without_a_word_is_told_by_its_silence():
    # it is asked four times more before anybody is told
    script = R4_START + OPEN + "> AT+USORF=0,1024\n~ 5100\n" + "> AT\n" * 5 * 4

    async def use(modem):
        socket = await modem.open_udp(5684)
        with pytest.raises(ModemTimeout, match="no answer"):
            await socket.receive(60000)

    await converse(script, use)
