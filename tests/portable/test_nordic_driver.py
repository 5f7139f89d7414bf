"""The nRF91 driver against scripted modems: both firmware lines, what fails, what is left over."""

# heap: 128wK, because the scripts and the tests' own code are in it besides the driver

from ip_commands.device.errors import (
    InvalidValue,
    ModemRestarted,
    NotSupported,
    ReceiveTimeout,
    SendUncertain,
    SocketClosed,
)
from ip_commands.device.portable import ticks_diff, ticks_ms
from ip_commands.modem_drivers.nordic import NordicModem
from tests.portable.at_script import play
from tests.portable.driver_life import SERVICE, opened
from tests.portable.raises import raises

# Serial Modem: CR ends a command; until the firmware is known CR LF does for both.
START_SM = """
>| +++\\x1bAT\\r\\n
< OK
>| AT#XSMVER\\r\\n
< #XSMVER: "v1.0.1","3.2.0"
< OK
> ATE0
< OK
> AT+CMEE=1
< OK
> AT+CGEREP=1
< OK
> AT+CSCON=1
< OK
> AT#XSOCKET?
< #XSOCKET: 3,1,0,2,0
< OK
> AT#XCLOSE=3
< #XCLOSE: 3,0
< OK
> AT+CEREG=5
< OK
"""
OPEN_SM = """
> AT#XSOCKET=1,2,0
< #XSOCKET: 0,2,17
< OK
> AT#XBIND=0,4242
< OK
> AT#XAPOLL=0,1,1
< OK
"""
# Serial LTE Modem before nRF Connect SDK 2.9: CR LF, one selected socket, nothing is reported.
START_SLM = """
>| +++\\x1bAT\\r\\n
< OK
>| AT#XSMVER\\r\\n
< ERROR
>| AT#XSLMVER\\r\\n
< #XSLMVER: "{version}","2.4.0-lte"
< OK
>| AT#XDATACTRL=300\\r\\n
< OK
>| AT#XUDPSVR=0\\r\\n
< ERROR
>| AT#XAPOLL=0\\r\\n
< ERROR
>| ATE0\\r\\n
< ERROR
>| AT+CMEE=1\\r\\n
< OK
>| AT+CGEREP=1\\r\\n
< OK
>| AT+CSCON=1\\r\\n
< OK
>| AT#XSOCKETSELECT?\\r\\n
< OK
>| AT+CEREG=5\\r\\n
< OK
"""
OPEN_SLM = """
>| AT#XSOCKET=1,2,0\\r\\n
< #XSOCKET: 5,2,17
< OK
>| AT#XBIND=4242\\r\\n
< OK
>| AT#XAPOLL=1,1\\r\\n
< ERROR
"""
VERSION = (("version", "2.4.0"),)


async def test_serial_modem_receives_and_sends_with_one_command_each():
    async def use(modem):
        socket = await opened(modem)
        assert modem.firmware == "Serial Modem v1.0.1"
        with raises(ReceiveTimeout):
            await socket.receive(10)
        received = await socket.receive(5000)
        await socket.send_to(b"+++\r\nOK\r\n", *SERVICE)
        assert socket.found_without_urc == 0
        return received

    script = (
        START_SM
        + OPEN_SM
        + """
        > AT#XRECVFROM=0,0,64,1
        < ERROR
        ~ 100
        < #XAPOLL: 0,1
        > AT#XRECVFROM=0,0,64,1
        <| \\r\\n#XRECVFROM: 0,0,8,"100.64.99.7",31000\\r\\nOK\\r\\n"1,2\\r\\nOK\\r\\n
        > AT#XSENDTO=0,2,0,"100.64.0.1",6969,9
        < OK
        >| +++\\r\\nOK\\r\\n
        < #XDATAMODE: 0
        """
    )
    for cut_bytes in (0, 1, 7):
        received = await play(script, NordicModem, use, cut_bytes)
        assert received == (b'OK\r\n"1,2', "100.64.99.7", 31000), received


async def test_serial_modem_repeats_a_send_that_data_mode_refused():
    async def use(modem):
        socket = await opened(modem)
        await socket.send_to(b"hello", *SERVICE)

    script = (
        START_SM
        + OPEN_SM
        + """
        > AT#XSENDTO=0,2,0,"100.64.0.1",6969,5
        < OK
        >| hello
        <| +++\\r\\n#XDATAMODE: -1\\r\\n
        > AT#XSOCKET?
        < #XSOCKET: 0,1,0,2,0
        < OK
        > AT+CGPADDR=0
        < +CGPADDR: 0,"100.72.62.220"
        < OK
        > AT#XAPOLL=0,1,1
        < OK
        > AT#XSENDTO=0,2,0,"100.64.0.1",6969,5
        < OK
        >| hello
        < #XDATAMODE: 0
        """
    )
    await play(script, NordicModem, use)


async def test_a_poll_event_of_a_dead_socket_ends_it():
    async def use(modem):
        socket = await opened(modem)
        with raises(SocketClosed, "#XAPOLL: 0,16"):
            await socket.receive(5000)

    script = (
        START_SM
        + OPEN_SM
        + """
        > AT#XRECVFROM=0,0,64,1
        < ERROR
        < #XAPOLL: 0,16
        """
    )
    await play(script, NordicModem, use)


async def test_a_crashed_modem_is_told_as_a_restart():
    async def use(modem):
        socket = await opened(modem)
        with raises(ModemRestarted):
            await socket.receive(5000)
        with raises(ModemRestarted):
            await modem.attach("super", 1000)

    script = (
        START_SM
        + OPEN_SM
        + """
        > AT#XRECVFROM=0,0,64,1
        < ERROR
        < #XMODEM: FAULT,0x1,0x2c5d4
        """
    )
    await play(script, NordicModem, use)


async def test_serial_lte_modem_asks_often_and_ends_data_mode():
    async def use(modem):
        socket = await opened(modem)
        assert modem.firmware == "Serial LTE Modem 2.4.0"
        received = await socket.receive(5000)
        assert socket.found_without_urc == 0  # #XPOLL has reported it
        await socket.send_to(b"a\x00\xff", *SERVICE)
        return received

    script = (
        START_SLM
        + OPEN_SLM
        + """
        >| AT#XPOLL=0,5\\r\\n
        < OK
        >| AT#XPOLL=0,5\\r\\n
        < #XPOLL: 5,"0x0001"
        < OK
        >| AT#XRECVFROM=1,64\\r\\n
        <| \\r\\n#XRECVFROM: 4,"100.64.0.1",6969\\r\\n\\r\\n\\x00#\\r\\nOK\\r\\n
        >| AT#XSENDTO="100.64.0.1",6969\\r\\n
        < OK
        >| a\\x00\\xff+++
        < #XDATAMODE: 0
        """
    )
    for cut_bytes in (0, 1):
        received = await play(script, NordicModem, use, cut_bytes, VERSION)
        assert received == (b"\r\n\x00#", "100.64.0.1", 6969), received


async def test_serial_lte_modem_with_xapoll_is_not_asked_in_vain():
    async def use(modem):
        socket = await opened(modem)
        received = await socket.receive(200000)
        assert socket.found_without_urc == 0
        return received

    script = (
        START_SLM
        + OPEN_SLM.replace("AT#XAPOLL=1,1\\r\\n\n< ERROR", "AT#XAPOLL=1,1\\r\\n\n< OK")
        + """
        >| AT#XRECVFROM=1,64\\r\\n
        < ERROR
        ~ 50000
        < #XAPOLL: 5,1
        >| AT#XRECVFROM=1,64\\r\\n
        <| \\r\\n#XRECVFROM: 2,"100.64.0.1",6969\\r\\nhi\\r\\nOK\\r\\n
        """
    )
    received = await play(script, NordicModem, use, 0, (("version", "2.9.0"),))
    assert received == (b"hi", "100.64.0.1", 6969)


async def test_serial_lte_modem_sends_the_escape_as_text_or_says_why_not():
    async def use(modem):
        socket = await opened(modem)
        with raises(InvalidValue, "0x00"):
            await socket.send_to(b"\x00+++", *SERVICE)
        await socket.send_to(b"+++ATH\r", *SERVICE)
        started = ticks_ms()
        await socket.send_to(b"a+", *SERVICE)
        assert ticks_diff(ticks_ms(), started) >= 300  # the silence that makes + data

    script = (
        START_SLM
        + OPEN_SLM
        + """
        >| AT#XSENDTO="100.64.0.1",6969,"+++ATH\\r"\\r\\n
        < #XSENDTO: 7
        < OK
        >| AT#XSENDTO="100.64.0.1",6969\\r\\n
        < OK
        >| a+
        >| +++
        < #XDATAMODE: 0
        """
    )
    await play(script, NordicModem, use, 0, VERSION)


async def test_data_mode_left_behind_is_ended_before_the_next_command():
    async def use(modem):
        socket = await opened(modem)
        with raises(SendUncertain):
            await socket.send_to(b"lost", *SERVICE)
        assert await modem.read_time() == 1769466639

    script = (
        START_SLM
        + OPEN_SLM
        + """
        >| AT#XSENDTO="100.64.0.1",6969\\r\\n
        < OK
        >| lost+++
        ~ 35100
        >| +++\\r\\r\\r\\r
        < #XDATAMODE: 0
        >| AT\\r\\n
        < OK
        >| AT+CCLK?\\r\\n
        < +CCLK: "26/01/27,07:30:39+36"
        < OK
        """
    )
    await play(script, NordicModem, use, 0, VERSION)


async def test_two_sockets_of_one_selected_socket_firmware():
    async def use(modem):
        first = await opened(modem)
        second = await modem.open_udp(4343)
        await first.send_to(b"one", *SERVICE)
        await second.close()

    script = (
        START_SLM
        + OPEN_SLM
        + OPEN_SLM.replace("5,2,17", "6,2,17").replace("4242", "4343")
        + """
        >| AT#XSOCKETSELECT=5\\r\\n
        < #XSOCKETSELECT: 5
        < OK
        >| AT#XSENDTO="100.64.0.1",6969\\r\\n
        < OK
        >| one+++
        < #XDATAMODE: 0
        >| AT#XSOCKETSELECT=6\\r\\n
        < OK
        >| AT#XSOCKET=0\\r\\n
        < #XSOCKET: 0,"closed"
        < OK
        """
    )
    await play(script, NordicModem, use, 0, VERSION)


async def test_firmware_that_cannot_carry_bytes_is_refused_with_advice():
    async def use(modem):
        await modem.start()
        with raises(NotSupported, "1.9 or later"):
            await modem.open_udp(4242)

    await play(START_SLM, NordicModem, use, 0, (("version", "1.7.1"),))


async def test_another_modem_is_refused_with_advice():
    async def use(modem):
        with raises(NotSupported, "AT#XSLMVER"):
            await modem.start()

    script = """
        >| +++\\x1bAT\\r\\n
        < OK
        >| AT#XSMVER\\r\\n
        < ERROR
        >| AT#XSLMVER\\r\\n
        < ERROR
        """
    await play(script, NordicModem, use)


async def test_a_datagram_that_comes_too_late_is_kept():
    async def use(modem):
        socket = await opened(modem)
        return await socket.receive(60000)

    script = (
        START_SM
        + OPEN_SM
        + """
        > AT#XRECVFROM=0,0,64,1
        ~ 5200
        <| \\r\\n#XRECVFROM: 0,0,4,"100.64.0.1",6969\\r\\nlate\\r\\nOK\\r\\n
        """
    )
    assert await play(script, NordicModem, use) == (b"late", "100.64.0.1", 6969)
