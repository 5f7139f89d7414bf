"""The SIM7000/SIM800 driver over scripts: pushed and asked for, one connection or several."""

import pytest

from ip_commands.device.errors import (
    CommandError,
    InvalidValue,
    ModemAsleep,
    ModemRestarted,
    NotSupported,
    PayloadTooLong,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from ip_commands.modem_drivers.simcom_cip import SimcomCipModem
from tests.drivers.simcom_cip_scripts import EMPTY, OPEN, OPEN_SECOND, READY, SERVICE, UP, converse


# --- push, one connection ------------------------------------------------------------------------
@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_pushed_datagrams_keep_their_senders_and_bounds(cut):
    script = r"""
        < RECV FROM:100.64.0.1:6969
        <| \r\n+IPD,10:\r\nOK\r\n> \x00\x1a
        < RECV FROM: 10.78.103.220: 5678
        <| \r\n\r\n+IPD,5:test3RECV FROM:100.64.9.9:7
        <| \r\n+IPD,6,UDP:+IPD,9\r\n
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"\r\nOK\r\n> \x00\x1a", *SERVICE)
        assert await socket.receive(5000) == (b"test3", "10.78.103.220", 5678)
        assert await socket.receive(5000) == (b"+IPD,9", "100.64.9.9", 7)
        assert socket.found_without_urc == 0
        with pytest.raises(ReceiveTimeout):
            await socket.receive(1000)

    await converse(READY + OPEN + script, use, cut)


async def test_a_datagram_without_sender_does_not_get_the_last_ones():
    script = r"""
        < RECV FROM:100.64.0.1:6969
        <| \r\n+IPD,1:a
        <| \r\n+IPD,1:b
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"a", *SERVICE)
        assert await socket.receive(5000) == (b"b", "", 0)

    await converse(READY + OPEN + script, use)


async def test_sends_to_the_peer_at_once_and_to_others_after_naming_them():
    script = r"""
        > AT+CIPSEND=3
        <| \r\n\x3e\x20
        >| \x00\x1b\x1a
        < SEND OK
        > AT+CIPUDPMODE=2,"100.64.7.7",31000
        < OK
        > AT+CIPSEND=2
        <| \r\n\x3e\x20
        >| hi
        < RECV FROM:100.64.7.7:31000
        <| \r\n+IPD,2:yo
        < SEND OK
        > AT+CIPSEND=2
        <| \r\n\x3e\x20
        >| ho
        < SEND OK
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"\x00\x1b\x1a", *SERVICE)
        await socket.send_to(b"hi", "100.64.7.7", 31000)
        await socket.send_to(b"ho", "100.64.7.7", 31000)
        assert await socket.receive(1000) == (b"yo", "100.64.7.7", 31000)

    await converse(READY + OPEN + script, use)


async def test_a_failed_send_is_repeated_while_the_connection_is_there():
    script = r"""
        > AT+CIPSEND=2
        <| \r\n\x3e\x20
        >| hi
        < SEND FAIL
        > AT+CIPSTATUS
        < OK
        < STATE: CONNECT OK
        > AT+CIPSEND=2
        <| \r\n\x3e\x20
        >| hi
        < SEND OK
        > AT+CIPSEND=2
        < +CME ERROR: operation not allowed
        > AT+CIPSTATUS
        < OK
        < STATE: PDP DEACT
        > AT+CIPSTATUS
        < OK
        < STATE: PDP DEACT
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"hi", *SERVICE)
        with pytest.raises(SocketClosed):
            await socket.send_to(b"hi", *SERVICE)

    await converse(READY + OPEN + script, use)


async def test_after_a_refused_target_every_target_is_named():
    refused = '> AT+CIPUDPMODE=2,"100.64.7.7",31000\n< ERROR\n> AT+CIPSTATUS\n< OK\n'
    refused += "< STATE: CONNECT OK\n"
    script = r"""
        > AT+CIPUDPMODE=2,"100.64.0.1",6969
        < OK
        > AT+CIPSEND=2
        <| \r\n\x3e\x20
        >| hi
        < SEND OK
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SendFailed):
            await socket.send_to(b"hi", "100.64.7.7", 31000)
        await socket.send_to(b"hi", *SERVICE)  # the peer of before: is it still the target?

    await converse(READY + OPEN + refused * 4 + script, use)


async def test_the_networks_limit_is_the_longest_payload():
    async def use(modem):
        socket = await modem.open_udp(4242)
        assert socket.max_payload == 1024
        with pytest.raises(PayloadTooLong, match="1024"):
            await socket.send_to(bytes(1025), *SERVICE)

    await converse(READY + OPEN.replace("+CIPSEND: 1460", "+CIPSEND: 1024"), use)


async def test_a_connection_of_before_is_shut_away():
    refused = OPEN.split("< CONNECT OK")[0] + "< ALREADY CONNECT\n> AT+CIPSHUT\n< SHUT OK\n"

    async def use(modem):
        await modem.open_udp(4242)

    await converse(READY + refused + UP + OPEN, use)


async def test_a_connection_that_fails_twice_is_an_error_with_the_reason():
    failed = OPEN.split("< CONNECT OK")[0] + "< STATE: IP STATUS\n< CONNECT FAIL\n"
    shut = "> AT+CIPSHUT\n< SHUT OK\n"

    async def use(modem):
        with pytest.raises(CommandError, match="CONNECT FAIL"):
            await modem.open_udp(4242)

    await converse(READY + failed + shut + UP + failed, use)


async def test_a_silent_loss_is_noticed_by_the_poll():
    script = "> AT+CIPSTATUS\n< OK\n< STATE: IP INITIAL\n" * 2

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SocketClosed):
            await socket.receive(120000)

    await converse(READY + OPEN + script, use)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("+PDP: DEACT", SocketClosed),
        ("CLOSED", SocketClosed),
        ("RDY", ModemRestarted),
        ("NORMAL POWER DOWN", ModemRestarted),
        ('+CPSMSTATUS: "ENTER PSM"', ModemAsleep),
        ("UNDER-VOLTAGE POWER DOWN", ModemRestarted),
    ],
)
async def test_the_end_is_told(line, error):
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(error):
            await socket.receive(20000)

    await converse(READY + OPEN + f"~ 100\n< {line}\n", use)


# --- asked for, one connection -------------------------------------------------------------------
@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_buffered_datagrams_are_read_until_none_is_left(cut):
    script = (
        EMPTY
        + r"""
        < +CIPRXGET: 1,100.64.0.1:6969
        > AT+CIPRXGET=2,1460
        <| \r\n+CIPRXGET: 2,6,4,100.64.0.1:6969\r\n\r\nOK\r\n\r\nOK\r\n
        > AT+CIPRXGET=2,1460
        <| \r\n+CIPRXGET: 2,4,0\r\nmore\r\nOK\r\n
        """
        + EMPTY
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"\r\nOK\r\n", *SERVICE)
        assert await socket.receive(5000) == (b"more", "", 0)  # CIPSRIP refused
        assert socket.found_without_urc == 0
        with pytest.raises(ReceiveTimeout):
            await socket.receive(1000)

    await converse(READY + OPEN + script, use, cut, push=False)


async def test_the_answer_to_a_read_given_up_is_kept():
    script = r"""
        > AT+CIPRXGET=2,1460
        ~ 5100
        <| \r\n+CIPRXGET: 2,4,0,100.64.0.1:6969\r\nlate\r\nOK\r\n
        > AT
        < OK
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"late", *SERVICE)
        await modem.at.synchronise()

    await converse(READY + OPEN + script, use, push=False)


async def test_a_refused_read_asks_whether_the_connection_is_there():
    gone = "> AT+CIPSTATUS\n< OK\n< STATE: UDP CLOSED\n"
    script = "> AT+CIPRXGET=2,1460\n< ERROR\n" + gone * 2

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SocketClosed):
            await socket.receive(5000)

    await converse(READY + OPEN + script, use, push=False)


# --- several connections -------------------------------------------------------------------------
MANY = READY.replace("IP STATUS", "IP PROCESSING") + '< C: 0,0,"UDP","","","INITIAL"\n'


@pytest.mark.parametrize("colon", ["", ":"])
async def test_several_connections_tell_their_data_apart(colon):
    second = OPEN_SECOND.replace("=0", "=1").replace("4242", "4343").replace("0, CON", "1, CON")
    second = second.replace("+CIPSEND: 1,0", "+CIPSEND: 1,1000")
    script = rf"""
        <| \r\n+RECEIVE,1,3,100.64.0.1:6969{colon}\r\none
        <| \r\n+RECEIVE,0,4{colon}\r\n\r\nOK
        > AT+CIPUDPMODE=1,2,"100.64.7.7",31000
        < OK
        > AT+CIPSEND=1,2
        <| \r\n\x3e\x20
        >| hi
        < 1, SEND OK
        < 1, CLOSED
    """

    async def use(modem):
        first = await modem.open_udp(4242)
        other = await modem.open_udp(4343)
        assert other.max_payload == 1000
        assert await other.receive(5000) == (b"one", *SERVICE)
        assert await first.receive(5000) == (b"\r\nOK", "", 0)
        await other.send_to(b"hi", "100.64.7.7", 31000)
        with pytest.raises(SocketClosed):
            await other.receive(1000)
        with pytest.raises(ReceiveTimeout):
            await first.receive(1000)

    await converse(MANY + OPEN_SECOND + MANY + second + script, use, connections=2)


async def test_several_connections_are_asked_by_number():
    script = r"""
        > AT+CIPRXGET=2,0,1460
        < +CIPRXGET: 2,0,0,0
        < OK
        < +CIPRXGET: 1,0,100.64.0.1:6969
        > AT+CIPRXGET=2,0,1460
        <| \r\n+CIPRXGET: 2,0,4,0,100.64.0.1:6969\r\ndata\r\nOK\r\n
        > AT+CIPRXGET=2,0,1460
        < ERROR
        > AT+CIPSTATUS=0
        < +CIPSTATUS: 0,0,"UDP","100.64.0.1","6969","REMOTE CLOSING"
        < OK
        > AT+CIPSTATUS=0
        < +CIPSTATUS: 0,0,"UDP","100.64.0.1","6969","REMOTE CLOSING"
        < OK
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"data", *SERVICE)
        with pytest.raises(SocketClosed):
            await socket.receive(5000)

    await converse(MANY + OPEN_SECOND + script, use, connections=6, push=False)


async def test_firmware_without_ports_for_several_connections_is_told():
    script = '> AT+CIPCLOSE=0\n< ERROR\n> AT+CLPORT=0,"UDP",4242\n< ERROR\n'

    async def use(modem):
        with pytest.raises(NotSupported, match="connections=1"):
            await modem.open_udp(4242)

    await converse(READY + script, use, connections=2)


@pytest.mark.parametrize("options", [{"connections": 0}, {"connections": 7}, {"peer": ("x", 1)}])
def test_options_that_cannot_be(options):
    with pytest.raises(InvalidValue):
        SimcomCipModem(None, **options)
