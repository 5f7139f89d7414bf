"""Exchanges of real u-blox modules, byte for byte."""

import pytest

from ip_commands.device.errors import ReceiveTimeout
from ip_commands.device.portable import sleep_ms
from tests.drivers.ublox_scripts import CONTEXT, R4_START, converse

REAL_R410M = r"""
# Particle application note AN004: SARA-R410M-02B, firmware L0.0.00.00.05.06, echo off. The note
# leaves the payloads out (letters here); +USOLI is not in it, USORF=0,0 stands for USORF=0,1024
> AT+USOCR=17,5684
<| \r\n
~ 1
<| \r\n+USOCR: 0\r\n
<| \r\nOK\r\n
> AT+USOLI=0,5684
< OK
> AT+USOST=0,"54.82.141.176",5684,46
~ 10
<| \r\n@
>| aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
~ 234
<| \r\n+USOST: 0,46\r\n
<| \r\nOK\r\n
> AT+USOST=0,"54.82.141.176",5684,86
~ 8
<| \r\n@
>| bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
~ 19
<| \r\n+USOST: 0,86\r\n
<| \r\nOK\r\n
~ 177
<| \r\n+UUSORF: 0,33\r\n
> AT+USORF=0,1024
~ 12
<| \r\n\r\n+USORF: 0,"54.82.141.176",5684,33,"ccccccccccccccccccccccccccccccccc"\r\n
<| \r\nOK\r\n
~ 1
> AT+USORF=0,1024
<| \r\r\n\r
<| \r\n+USORF: 0,0\r\n
<| OK\r\n
~ 60
<| \r\n+UUSORF: 0,33\r\n
> AT+USORF=0,1024
~ 12
<| \r\n\r\n+USORF: 0,"54.82.141.176",5684,33,"ddddddddddddddddddddddddddddddddd"\r\n
<| \r\nOK\r\n
<| \r\n+UUSORF: 0,33\r\n
> AT+USORF=0,1024
~ 13
<| \r\n\r\n+USORF: 0,"54.82.141.176",5684,33,"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"\r\n
<| \r\nOK\r\n
> AT+USORF=0,1024
<| \r\r\n\r
<| \r\n+USORF: 0,0\r\n
<| OK\r\n
"""


@pytest.mark.parametrize("cut_bytes", [0, 1, 7])
async def test_the_real_exchange_of_a_sara_r410m(cut_bytes):
    async def use(modem):
        socket = await modem.open_udp(5684)
        await socket.send_to(b"a" * 46, "54.82.141.176", 5684)
        await socket.send_to(b"b" * 86, "54.82.141.176", 5684)
        await sleep_ms(250)
        for letter in (b"c", b"d", b"e"):
            assert await socket.receive(5000) == (letter * 33, "54.82.141.176", 5684)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)
        assert socket.found_without_urc == 0

    await converse(R4_START + CONTEXT + REAL_R410M, use, cut_bytes=cut_bytes)


REAL_HOLOGRAM = r"""
# comments of a public AVR tracker program: u-blox module with a Hologram SIM, echo on; CESQ, the
# context, USOLI and the reads are not in it
> AT+CSQ
<| AT+CSQ\r\r\n+CSQ: 14,99\r\n\r\nOK\r\n
> AT+CESQ
< ERROR
> AT+CGACT?
< +CGACT: 1,1
< OK
> AT+USOCR=17,6133
< ERROR
> AT+USOCR=17
<| AT+USOCR=17\r\r+USOCR: 0\r\n\r\nOK\r\n
> AT+USOLI=0,6133
< OK
> AT+USOST=0,"34.233.140.210",6133,7
<| AT+USOST=0,"34.233.140.210",6133,7\r\r\n@
>| payload
<| \r\n+USOST: 0,7\r\n\r\nOK\r\n
<| \r\n+UUSORF: 0,20\r\n
> AT+USORF=0,1024
< +USORF: 0,"34.233.140.210",6133,20,"12345678901234567890"
< OK
> AT+USORF=0,1024
< +USORF: 0,0
< OK
"""


@pytest.mark.parametrize("cut_bytes", [0, 1])
async def test_the_real_exchange_with_echo(cut_bytes):
    async def use(modem):
        assert (await modem.read_signal()).rssi_dbm == -85
        socket = await modem.open_udp(6133)
        await socket.send_to(b"payload", "34.233.140.210", 6133)
        assert (await socket.receive(5000))[0] == b"12345678901234567890"
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)

    await converse(R4_START + REAL_HOLOGRAM, use, cut_bytes=cut_bytes)


async def test_power_saving_as_the_application_note_shows_it():
    """UBX-20009652 sections 8.1.5 and 8.2: a surplus field, and a line that repeats no request."""
    script = (
        R4_START
        + """
        > AT+CEREG?
        < +CEREG: 4,5
        < OK
        > AT+CPSMS=0
        < OK
        > AT+CPSMS=1,,,"10011110","00100010"
        < OK
        < +CSCON: 1
        < +CEREG: 1,"1","0","1",7,,,"00100010","10111110"
        > AT+UPSV=1,1000
        < OK
        < +CSCON: 0
        < +UUPSMR: 1
        > AT+CEDRXS=2,4,"1010"
        < OK
        """
        + '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0000","1010","0001"\n< OK\n' * 11
    )

    async def use(modem):
        assert await modem.set_psm(120, 900) == (120, 1800)
        assert await modem.set_edrx(327.68) == 327.68

    await converse(script, use, "SARA-R510S")
