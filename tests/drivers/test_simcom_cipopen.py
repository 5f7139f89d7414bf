"""The SIM7600/A76XX/SIM767X driver over scripts: pushed and buffered receiving, and sending."""

import pytest

from ip_commands.device.errors import (
    ModemTimeout,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from tests.drivers.simcom_cipopen_scripts import (
    BUFFERED,
    NO_DATA,
    OPEN,
    PUSHED,
    SEND,
    SERVICE,
    STATES,
    converse,
)


# --- push ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_pushed_datagrams_keep_their_senders_and_bounds(cut):
    script = r"""
        < RECV FROM:100.64.0.1:6969
        <| \r\n+RECEIVE,0,6\r\n\r\nOK\r\n
        <| \r\nRECV FROM:10.78.103.220:5678\r\n+RECEIVE,0,5:\r\ntest3\r\n
        <| \r\n+RECV FROM:100.64.9.9:7\r\n\r\n+IPD5\r\n+IPD9
        <| \r\n+IPD1\r\n>
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"\r\nOK\r\n", *SERVICE)
        assert await socket.receive(5000) == (b"test3", "10.78.103.220", 5678)
        assert await socket.receive(5000) == (b"+IPD9", "100.64.9.9", 7)
        assert await socket.receive(5000) == (b">", "", 0)
        assert socket.found_without_urc == 0
        with pytest.raises(ReceiveTimeout):
            await socket.receive(1000)

    await converse(OPEN + script, use, cut)


@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_a_pushed_command_that_swallowed_the_next_sender_s_line_end_is_dropped(cut):
    script = r"""
        < RECV FROM:100.64.0.1:6969
        <| \r\n+RECEIVE,0,21\r\nVALVE=OPEN;SECONS10
        < RECV FROM:100.64.0.1:6969
        <| +RECEIVE,0,5\r\nhello
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"hello", *SERVICE)
        assert modem.damaged == 1

    await converse(OPEN + script, use, cut)


async def test_the_header_names_the_socket_and_without_it_two_cannot_be_told_apart():
    script = r"""
        < RECV FROM:100.64.0.1:6969
        <| \r\n+RECEIVE,1,6\r\nsecond
        < RECV FROM:100.64.0.1:6969
        <| \r\n+IPD4\r\nlost
        <| \r\n+RECEIVE,0,5\r\nfirst
        < +IPCLOSE: 1,1
        < +IPCLOSE 0,0
    """

    async def use(modem):
        first = await modem.open_udp(4242)
        second = await modem.open_udp(4343)
        assert await second.receive(5000) == (b"second", *SERVICE)
        assert await first.receive(5000) == (b"first", "", 0)
        for socket in (first, second):
            with pytest.raises(SocketClosed):
                await socket.receive(1000)

    second = OPEN.replace("CIPOPEN=0", "CIPOPEN=1").replace("CIPOPEN: 0", "CIPOPEN: 1")
    await converse(OPEN + second.replace("4242", "4343") + script, use)


async def test_a_silent_loss_is_noticed_by_the_poll():
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SocketClosed):
            await socket.receive(200000)

    await converse(OPEN + STATES.format(1) + STATES.format(0) * 2, use)


async def test_a_modem_that_is_off_is_noticed_by_the_poll():
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(ModemTimeout, match="no answer"):
            await socket.receive(70000)

    # it is asked four times more before anybody is told
    await converse(OPEN + "> AT+CIPCLOSE?\n" + "> AT\n" * 5 * 4, use)


# --- buffered ------------------------------------------------------------------------------------
@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_buffered_datagrams_are_read_until_none_is_left(cut):
    script = (
        NO_DATA
        + r"""
        < +CIPRXGET: 1,0
        > AT+CIPRXGET=2,0,1500
        < +CIPRXGETIP:100.64.0.1:6969
        <| \r\n+CIPRXGET: 2,0,6,4\r\n\r\nOK\r\n\r\nOK\r\n
        > AT+CIPRXGET=2,0,1500
        <| \r\n+CIPRXGET: 2,0,4,0\r\nmore\r\n+CIPRXGETIP:100.64.9.9:7\r\n\r\nOK\r\n
        > AT+CIPRXGET=2,0,1500
        <| \r\n+CIPRXGET: 2,0,1,0\r\n?\r\n\r\nOK\r\n
        > AT+CIPRXGET=2,0,1500
        < +CIPRXGET: 2,0,0,0
        < OK
        """
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"\r\nOK\r\n", *SERVICE)
        assert await socket.receive(5000) == (b"more", "100.64.9.9", 7)
        assert await socket.receive(5000) == (b"?", "", 0)
        assert socket.found_without_urc == 0
        with pytest.raises(ReceiveTimeout):
            await socket.receive(1000)

    await converse(OPEN + script, use, cut, "A7670")


async def test_no_data_of_a_socket_that_is_gone():
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SocketClosed):
            await socket.receive(100000)

    await converse(OPEN + NO_DATA * 2 + STATES.format(0) * 2, use, model="A7672")


async def test_the_answer_to_a_read_given_up_is_kept():
    script = r"""
        > AT+CIPRXGET=2,0,1500
        ~ 5100
        < +CIPRXGETIP:100.64.0.1:6969
        <| \r\n+CIPRXGET: 2,0,4,0\r\nlate\r\n\r\nOK\r\n
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"late", *SERVICE)

    await converse(OPEN + script, use, model="A7670")


async def test_firmware_that_would_join_datagrams_has_them_pushed():
    refused = PUSHED.replace(
        "> AT+CIPCCFG", "> AT+CIPCCFG=10,0,0,1,1,0,500,1\n< ERROR\n> AT+CIPCCFG"
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"hi", *SERVICE)

    script = "< RECV FROM:100.64.0.1:6969\n<| \\r\\n+RECEIVE,0,2\\r\\nhi\n"
    await converse(OPEN + script, use, model="A7670", settings=refused)


async def test_firmware_without_mode_5_hides_the_sender():
    refused = BUFFERED + "> AT+CIPRXGET=1\n< OK\n"
    refused = refused.replace("CIPRXGET=5\n    < OK", "CIPRXGET=5\n    < ERROR")
    script = "> AT+CIPRXGET=2,0,1500\n<| \\r\\n+CIPRXGET: 2,0,2,0\\r\\nhi\\r\\n\\r\\nOK\\r\\n\n"

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (b"hi", "", 0)

    await converse(OPEN + script, use, model="A7670", settings=refused)


async def test_a_sim7600_can_be_asked_too():
    settings = PUSHED.replace("CIPRXGET=0", "CIPRXGET=5").rstrip()[: -len("OK")] + "ERROR\n"
    settings += "> AT+CIPRXGET=1\n< OK\n"

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(1000)

    await converse(OPEN + NO_DATA, use, settings=settings, push=False)


# --- send ----------------------------------------------------------------------------------------
async def test_a_send_ends_with_the_bytes_confirmed_whatever_comes_between():
    script = (
        SEND
        + r"""
        < OK
        < RECV FROM:100.64.0.1:6969
        <| \r\n+RECEIVE,0,2\r\nyo
        < +CIPSEND: 0,2,2
    """
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"hi", *SERVICE)
        assert await socket.receive(0) == (b"yo", *SERVICE)

    await converse(OPEN + script, use)


async def test_a_full_buffer_is_tried_again_and_a_lost_socket_is_not():
    full = SEND + "< OK\n< +CIPSEND: 0,2,0\n" + STATES.format(1)
    lost = SEND + "< OK\n< +CIPSEND: 0,2,-1\n" + STATES.format(0) * 2

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"hi", *SERVICE)
        with pytest.raises(SocketClosed):
            await socket.send_to(b"hi", *SERVICE)

    await converse(OPEN + full + SEND + "< OK\n< +CIPSEND: 0,2,2\n" + lost, use)


async def test_refused_for_good():
    refused = '> AT+CIPSEND=0,2,"100.64.0.1",6969\n< +CIPERROR: 8\n< ERROR\n' + STATES.format(1)

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SendFailed):
            await socket.send_to(b"hi", *SERVICE)

    await converse(OPEN + refused * 4, use)
