"""The Telit driver against scripted modems: listen, accept, read, send, what fails."""

# heap: 128wK, because the scripts and the tests' own code are in it besides the driver

from ip_commands.device.errors import (
    NotAttached,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from ip_commands.modem_drivers.telit import TelitModem
from tests.portable.at_script import play
from tests.portable.driver_life import SERVICE, opened
from tests.portable.raises import raises

START = """
>| +++\\x1bAT\\r
<| AT\\r\\r\\nOK\\r\\n
> ATE0
<| ATE0\\r\\r\\nOK\\r\\n
> AT+CMEE=1
< OK
> AT#FRWL=1,"0.0.0.0","0.0.0.0"
< +CME ERROR: 4
> AT+CGEREP=1
< OK
> AT#SS
<| \\r\\n#SS: 1,2,10.0.0.2,4242,100.64.0.1,6969\\r\\n#SS: 2,0\\r\\n#SS: 3,4,10.0.0.2,4343\\r\\n
<| #SS: 4,0\\r\\n#SS: 5,0\\r\\n#SS: 6,0\\r\\n\\r\\nOK\\r\\n
> AT#SH=1
< OK
> AT#SLUDP?
< #SLUDP: 1,4242
< #SLUDP: 3,4343
< OK
> AT#SLUDP=1,0,4242
< OK
> AT#SLUDP=3,0,4343
< OK
> AT+CEREG=5
< +CME ERROR: 4
> AT+CEREG=4
< OK
"""
OPEN = """
> AT#SGACT?
< #SGACT: 1,1
< #SGACT: 2,0
< OK
> AT#SH=1
< +CME ERROR: 559
> AT#SH=2
< +CME ERROR: 559
> AT#SLUDP?
< OK
> AT#SCFG=1,1,1500,0,200,50
< OK
> AT#SCFGEXT=1,1,0,0,0,0
< OK
> AT#SCFGEXT2=1,0,0,0,0,1
< OK
> AT#SCFG=2,1,1500,0,200,50
< OK
> AT#SCFGEXT=2,1,0,0,0,0
< OK
> AT#SCFGEXT2=2,0,0,0,0,1
< OK
> AT#SLUDP=1,1,4242
< OK
"""
FIRST = """
> AT#SS=1
< #SS: 1,4,10.0.0.2,4242
< OK
~ 500
< {ring}
> AT#SS=1
< #SS: 1,5,10.0.0.2,4242
< OK
> AT#SA=1,1
< OK
"""
RING = (("ring", "SRING: 1"),)


async def test_accepts_the_first_datagram_and_reads_with_its_sender():
    async def use(modem):
        socket = await opened(modem)
        first = await socket.receive(5000)
        second = await socket.receive(5000)
        assert socket.found_without_urc == 0
        await socket.send_to(b"\x1a\x1b> ", *SERVICE)
        return first, second

    script = (
        START
        + OPEN
        + FIRST
        + """
        < SRING: 1,8
        > AT#SRECV=1,1500,1
        <| \\r\\n#SRECV: {ip},31000,1,8,0\\r\\n\\r\\nOK\\r\\n1,\\r\\n\\r\\nOK\\r\\n
        > AT#SRECV=1,1500,1
        <| \\r\\n#SRECV: {ip},31001,1,3,0\\r\\ntwo\\r\\n\\r\\nOK\\r\\n
        > AT#SSENDUDPEXT=1,4,"100.64.0.1",6969
        <| \\r\\n>
        >| \\x1a\\x1b>\\x20
        < OK
        """
    )
    for ring in ("SRING: 1", "+SRING : 1"):
        for ip in ("100.64.99.7", '"100.64.99.7"'):
            for cut_bytes in (0, 1):
                values = (("ring", ring), ("ip", ip))
                first, second = await play(script, TelitModem, use, cut_bytes, values)
                assert first == (b"\r\nOK\r\n1,", "100.64.99.7", 31000), first
                assert second == (b"two", "100.64.99.7", 31001), second


async def test_a_datagram_read_in_pieces_is_handed_over_whole():
    async def use(modem):
        socket = await opened(modem)
        received = await socket.receive(5000)
        with raises(ReceiveTimeout):
            await socket.receive(1000)
        return received

    script = (
        START
        + OPEN
        + FIRST
        + """
        > AT#SRECV=1,1500,1
        <| \\r\\n#SRECV: 100.64.0.1,6969,1,3,2\\r\\nabc\\r\\n\\r\\nOK\\r\\n
        > AT#SRECV=1,1500,1
        <| \\r\\n#SRECV: 100.64.0.1,6969,1,2,0\\r\\nde\\r\\n\\r\\nOK\\r\\n
        > AT#SRECV=1,1500,1
        < ERROR
        """
    )
    assert await play(script, TelitModem, use, 0, RING) == (b"abcde", "100.64.0.1", 6969)


async def test_speaks_first_from_its_own_port_and_keeps_what_comes_back():
    async def use(modem):
        socket = await opened(modem)
        await socket.send_to(b"hello", *SERVICE)
        return await socket.receive(1000)

    script = (
        START
        + OPEN
        + """
        > AT#SD=2,1,6969,"100.64.0.1",0,4242,1
        < OK
        > AT#SSENDEXT=2,5
        <| \\r\\n>
        >| hello
        < OK
        < SRING: 2,5
        > AT#SRECV=2,1500,1
        <| \\r\\n#SRECV: 100.64.0.1,6969,2,5,0\\r\\nreply\\r\\n\\r\\nOK\\r\\n
        > AT#SRECV=2,1500,1
        < ERROR
        > AT#SH=2
        < OK
        """
    )
    assert await play(script, TelitModem, use) == (b"reply", "100.64.0.1", 6969)


async def test_speaks_first_from_another_port_where_its_own_is_refused():
    async def use(modem):
        socket = await opened(modem)
        await socket.send_to(b"hello", *SERVICE)

    script = (
        START
        + OPEN
        + """
        > AT#SD=2,1,6969,"100.64.0.1",0,4242,1
        < +CME ERROR: 568
        > AT#SH=2
        < +CME ERROR: 559
        > AT#SD=2,1,6969,"100.64.0.1",0,4242,1
        < +CME ERROR: 568
        > AT#SD=2,1,6969,"100.64.0.1",0,0,1
        < OK
        > AT#SSENDEXT=2,5
        <| \\r\\n>
        >| hello
        < OK
        > AT#SRECV=2,1500,1
        < ERROR
        > AT#SI=2
        < #SI: 2,5,0,0,0
        < OK
        > AT#SH=2
        < OK
        """
    )
    await play(script, TelitModem, use)


async def test_no_carrier_of_a_lost_context_closes_the_socket():
    async def use(modem):
        socket = await opened(modem)
        with raises(SocketClosed):
            await socket.receive(50000)
        with raises(SocketClosed):
            await socket.send_to(b"x", *SERVICE)

    script = (
        START
        + OPEN
        + """
        > AT#SS=1
        < #SS: 1,4,10.0.0.2,4242
        < OK
        ~ 1000
        < {line}
        > AT#SS=1
        < #SS: 1,0
        < OK
        > AT#SS=1
        < #SS: 1,0
        < OK
        > AT+CMEE?
        < +CMEE: 1
        < OK
        """
    )
    for line in ("NO CARRIER", "NO CARRIER: 1", "NO CARRIER: 1,4"):
        await play(script, TelitModem, use, 0, (("line", line),))


async def test_no_carrier_of_an_accepted_socket_closes_it_at_once():
    async def use(modem):
        socket = await opened(modem)
        assert (await socket.receive(5000))[0] == b"!"
        with raises(SocketClosed):
            await socket.receive(5000)

    script = (
        START
        + OPEN
        + FIRST
        + """
        > AT#SRECV=1,1500,1
        <| \\r\\n#SRECV: 100.64.0.1,6969,1,1,0\\r\\n!\\r\\n\\r\\nOK\\r\\n
        > AT#SRECV=1,1500,1
        < ERROR
        ~ 1000
        < NO CARRIER: 1
        > AT#SRECV=1,1500,1
        < ERROR
        > AT#SS=1
        < #SS: 1,0
        < OK
        > AT#SS=1
        < #SS: 1,0
        < OK
        > AT+CMEE?
        < +CMEE: 1
        < OK
        """
    )
    await play(script, TelitModem, use, 0, RING)


async def test_no_carrier_of_another_connection_changes_nothing():
    async def use(modem):
        socket = await opened(modem)
        with raises(ReceiveTimeout):
            await socket.receive(5000)

    script = (
        START
        + OPEN
        + """
        > AT#SS=1
        < #SS: 1,4,10.0.0.2,4242
        < OK
        ~ 1000
        < NO CARRIER: 5
        """
    )
    await play(script, TelitModem, use)


async def test_firmware_that_does_not_tell_the_sender_is_asked_for_it():
    async def use(modem):
        socket = await opened(modem)
        first = await socket.receive(5000)
        second = await socket.receive(5000)
        return first, second

    script = (
        START
        + OPEN
        + FIRST
        + """
        > AT#SRECV=1,1500,1
        < +CME ERROR: 50
        > AT#SI=1
        < #SI: 1,22,23,3,0
        < OK
        > AT#SRECV=1,1500
        <| \\r\\n#SRECV:1,3\\r\\none\\r\\n\\r\\nOK\\r\\n
        > AT#SS=1
        < #SS: 1,2,10.0.0.2,4242,100.64.0.1,6969
        < OK
        > AT#SRECV=1,1500
        <| \\r\\n#SRECV: 1,3\\r\\ntwo\\r\\n\\r\\nOK\\r\\n
        > AT#SS=1
        < #SS: 1,2,10.0.0.2,4242,100.64.0.9,7000
        < OK
        """
    )
    first, second = await play(script, TelitModem, use, 0, RING)
    assert first == (b"one", "100.64.0.1", 6969)
    assert second == (b"two", "100.64.0.9", 7000)


async def test_a_refused_send_is_repeated_and_then_told():
    async def use(modem):
        socket = await opened(modem)
        await socket.receive(5000)
        with raises(SendFailed):
            await socket.send_to(b"x", *SERVICE)

    refused = """
        > AT#SSENDUDPEXT=1,1,"100.64.0.1",6969
        < +CME ERROR: 559
        > AT#SS=1
        < #SS: 1,2,10.0.0.2,4242,100.64.0.1,6969
        < OK
        """
    script = (
        START
        + OPEN
        + FIRST
        + """
        > AT#SRECV=1,1500,1
        <| \\r\\n#SRECV: 100.64.0.1,6969,1,1,0\\r\\n!\\r\\n\\r\\nOK\\r\\n
        """
        + 4 * refused
    )
    await play(script, TelitModem, use, 0, RING)


async def test_a_late_datagram_is_kept():
    async def use(modem):
        socket = await opened(modem)
        return await socket.receive(1000)

    script = (
        START
        + OPEN
        + FIRST
        + """
        > AT#SRECV=1,1500,1
        ~ 5200
        <| \\r\\n#SRECV: 100.64.0.1,6969,1,4,0\\r\\nlate\\r\\n\\r\\nOK\\r\\n
        """
    )
    assert await play(script, TelitModem, use, 0, RING) == (b"late", "100.64.0.1", 6969)


async def test_a_refused_context_is_told_with_its_number():
    async def use(modem):
        await modem.start()
        with raises(NotAttached, "no data connection", "+CME ERROR: 533"):
            await modem.open_udp(4242)

    script = (
        START
        + """
        > AT#SGACT?
        < #SGACT: 1,0
        < OK
        > AT#SGACT=1,1
        < +CME ERROR: 533
        > AT#SGACT?
        < #SGACT: 1,0
        < OK
        """
    )
    await play(script, TelitModem, use)
