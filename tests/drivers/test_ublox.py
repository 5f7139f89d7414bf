"""The u-blox driver over scripted streams: real exchanges, parts of datagrams, the models."""

import pytest

from ip_commands.device.errors import (
    CommandError,
    ModemRestarted,
    NotAttached,
    NotSupported,
    PayloadTooLong,
    ReceiveTimeout,
    SocketClosed,
)
from ip_commands.modem_drivers.datagram_parts import DatagramParts
from tests.drivers.conversation import nothing
from tests.drivers.ublox_scripts import (
    ALIVE,
    AWAKE,
    BINARY,
    CONTEXT,
    LONG,
    NOTHING,
    OPEN,
    R4_START,
    START,
    converse,
    part,
    received,
)


# --- start and the data connection --------------------------------------------------------------
async def test_sockets_of_an_earlier_program_are_closed():
    script = R4_START.replace(
        "+USOCTL: 3,0,0\n< OK\n", "+USOCTL: 3,0,17\n< OK\n> AT+USOCL=3\n< OK\n"
    )
    await converse(script, nothing)


async def test_lara_r6_has_neither_power_saving_nor_a_sleeping_uart():
    async def use(modem):
        with pytest.raises(NotSupported, match="LARA-R6"):
            await modem.set_psm(20, 3600)

    await converse(START + BINARY, use, "LARA-R6")


async def test_sara_r5_maps_and_activates_its_internal_profile():
    script = (
        R4_START
        + CONTEXT
        + """
        > AT+UPSND=0,8
        < +UPSND: 0,8,0
        < OK
        > AT+UPSD=0,0,0
        < OK
        > AT+UPSD=0,100,1
        < OK
        > AT+UPSDA=0,3
        < OK
        ~ 900
        < +UUPSDA: 0,"10.18.88.94"
        > AT+USOCR=17,5684
        < +USOCR: 0,5684
        < OK
        > AT+USOLI=0,5684
        < +CME ERROR: operation not allowed
        < +UUSORD: 0,2
        > AT+USORF=0,1024
        < +USORF: 0,"100.64.0.1",6969,2,"hi"
        < OK
        > AT+USORF=0,1024
        < +USORF: 0,""
        < OK
        """
    )

    async def use(modem):
        datagrams, socket = await received(modem)
        assert datagrams == [(b"hi", "100.64.0.1", 6969)]
        assert socket.found_without_urc == 0

    await converse(script, use, "SARA-R510S")


@pytest.mark.parametrize(
    "refusal", ["< +CME ERROR: 3\n> AT+UPSND=0,8\n< +UPSND: 0,8,0\n< OK\n", "< OK\n< +UUPSDA: 2\n"]
)
async def test_sara_r5_says_why_the_profile_did_not_come_up(refusal):
    script = (
        R4_START
        + CONTEXT
        + "> AT+UPSND=0,8\n< +UPSND: 0,8,0\n< OK\n> AT+UPSD=0,0,0\n< OK\n"
        + "> AT+UPSD=0,100,1\n< OK\n> AT+UPSDA=0,3\n"
        + refusal
    )

    async def use(modem):
        with pytest.raises(NotAttached, match=r"data connection: AT\+UPSDA=0,3"):
            await modem.open_udp(5684)

    await converse(script, use, "SARA-R500S")


async def test_sara_r422_maps_its_profile_without_activating_it():
    script = (
        R4_START
        + "> AT+CGACT?\n< +CGACT: 1,0\n< OK\n> AT+CGACT=1,1\n< OK\n"
        + "> AT+UPSND=0,8\n< +CME ERROR: 4\n"
        + "> AT+UPSD=0,0,0\n< OK\n> AT+UPSD=0,100,1\n< OK\n"
        + OPEN.replace(CONTEXT, "")
    )
    await converse(script, lambda modem: modem.open_udp(5684), "SARA-R422")


async def test_a_refused_context_is_not_attached():
    script = (
        R4_START
        + "> AT+CGACT?\n< +CGACT: 1,0\n< OK\n> AT+CGACT=1,1\n< +CME ERROR: 148\n"
        + "> AT+CGACT?\n< +CGACT: 1,0\n< OK\n"
    )

    async def use(modem):
        with pytest.raises(NotAttached, match=r"data connection.*148"):
            await modem.open_udp(5684)

    await converse(script, use)


# --- open ---------------------------------------------------------------------------------------
async def test_binds_with_usoli_where_usocr_takes_no_port():
    script = (
        R4_START
        + CONTEXT
        + "> AT+USOCR=17,5684\n< ERROR\n> AT+USOCR=17\n< +USOCR: 2\n< OK\n"
        + "> AT+USOLI=2,5684\n< OK\n"
        + '< +UUSORF: 2,1\n> AT+USORF=2,1024\n< +USORF: 2,"1.2.3.4",9,1,"x"\n< OK\n'
        + "> AT+USORF=2,1024\n< +USORF: 2,0\n< OK\n"
    )
    datagrams, _ = await converse(script, received)
    assert datagrams == [(b"x", "1.2.3.4", 9)]


async def test_a_port_that_cannot_be_bound_tells_the_socket_error():
    refused = "> AT+USOCR=17,5684\n< ERROR\n> AT+USOCR=17\n< ERROR\n"
    stale = "".join(f"> AT+USOCTL={number},0\n< +CME ERROR: 3\n" for number in range(7))
    script = R4_START + CONTEXT + refused + stale + refused + "> AT+USOER\n< +USOER: 11\n< OK\n"

    async def use(modem):
        with pytest.raises(CommandError, match="socket error 11"):
            await modem.open_udp(5684)

    await converse(script, use)


async def test_a_socket_whose_usoli_failed_is_closed_again():
    failing = "> AT+USOCR=17,5684\n< ERROR\n> AT+USOCR=17\n< +USOCR: 0\n< OK\n"
    failing += "> AT+USOLI=0,5684\n< ERROR\n> AT+USOCL=0\n< OK\n"
    stale = "".join(f"> AT+USOCTL={number},0\n< +CME ERROR: 3\n" for number in range(7))
    script = R4_START + CONTEXT + failing + stale + failing + "> AT+USOER\n< +USOER: 98\n< OK\n"

    async def use(modem):
        with pytest.raises(CommandError, match=r"USOLI.*98"):
            await modem.open_udp(5684)

    await converse(script, use)


# --- receive ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut_bytes", [0, 1, 7])
async def test_a_long_datagram_is_read_in_two_parts_and_handed_over_whole(cut_bytes):
    script = (
        R4_START
        + OPEN
        + f"< +UUSORF: 0,{len(LONG)}\n> AT+USORF=0,1024\n"
        + part(LONG[:1024])
        + f"< +UUSORF: 0,{len(LONG) - 1024}\n> AT+USORF=0,1024\n"
        + part(LONG[1024:])
        + NOTHING
    )
    datagrams, socket = await converse(script, received, cut_bytes=cut_bytes)
    assert datagrams == [(LONG, "100.64.0.1", 6969)]
    assert (socket.found_without_urc, socket.dropped) == (0, 0)


async def test_a_part_whose_read_timed_out_is_joined_when_it_comes_late():
    script = (
        R4_START
        + OPEN
        + f"< +UUSORF: 0,{len(LONG)}\n> AT+USORF=0,1024\n~ 5100\n"
        + part(LONG[:1024])
        + "> AT\n< OK\n> AT+USORF=0,1024\n"
        + part(LONG[1024:])
        + NOTHING
    )

    async def use(modem):
        socket = await modem.open_udp(5684)
        assert await socket.receive(10000) == (LONG, "100.64.0.1", 6969)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)

    await converse(script, use)


async def test_half_a_datagram_is_none():
    script = (
        R4_START
        + OPEN
        + "< +UUSORF: 0,1300\n> AT+USORF=0,1024\n"
        + part(b"x" * 1024)
        + NOTHING
        + '< +UUSORF: 0,4\n> AT+USORF=0,1024\n< +USORF: 0,"100.64.0.1",6969,4,"next"\n< OK\n'
        + NOTHING
    )

    async def use(modem):
        socket = await modem.open_udp(5684)
        assert (await socket.receive(5000))[0] == b"next"
        assert (socket.dropped, modem.truncated) == (1, 1)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)

    await converse(script, use)


A, B = ("1.1.1.1", 1), ("1.1.1.1", 2)


@pytest.mark.parametrize(
    ("steps", "whole"),
    [
        # numbers are what a URC announced, pairs are parts, None is the modem's "empty"
        ([1300, (1024, A), 276, (276, A), None], [1300]),
        ([(1024, A), (276, A), None], []),
        ([1024, (1024, A), (276, A), None], [1024, 276]),
        ([(1024, A), (276, B), None], [1024, 276]),
        ([(1024, A), (449, A), None], [1024, 449]),
        ([(1024, A), (448, A), None], []),
        ([1024, (1024, A), 1024, (1024, A), None], [1024, 1024]),
        ([24, (24, A), 1124, (1024, A), 100, (100, A), None], [24]),  # one, or two?
        ([24, (24, A), 1174, (1024, A), 150, (100, A), (50, A), None], [24, 1024, 100, 50]),
        ([(1024, A), None], [1024]),
        ([1300, (1024, A), None, (3, A), None], [3]),
        ([1300, (1024, A), 276, (276, A), 1300, (1024, A), 276, (276, A), None], [1300]),
        ([1300, (1024, A), 276, (276, A), None, 1300, (1024, A), (276, A), None], [1300, 1300]),
        ([1300, (1024, A), 276, (275, B), None], [275]),
        ([1300, (1024, A), 276, (276, B), None], [1300]),  # B is A, garbled
        ([170, (170, A), (33, A), None], [170, 33]),
        # B may be A, garbled: nobody can tell
        ([24, (24, A), 1300, (1024, A), 276, (276, B), None], [24]),
        # a digit of what waits was lost: nobody can tell
        ([24, (24, A), 2600, (1024, A), 76, (276, A), (24, A), None], [24, 24]),
    ],
)
def test_parts_are_joined_by_what_the_modem_told(steps, whole):
    parts = DatagramParts(1024)
    got = []
    for step in steps:
        if step is None:
            parts.end()
        elif isinstance(step, int):
            parts.announce(step)
        else:
            parts.add(b"x" * step[0], *step[1])
        while datagram := parts.take():
            got.append(len(datagram[0]))
    assert got == whole


@pytest.mark.parametrize(
    ("steps", "whole", "dropped", "settled"),
    [
        # "lost" is a read without an answer; what went with it is counted by the socket
        ([8, "lost", (8, A), None], [8], 0, 0),  # never executed
        ([8, 8, "lost", (8, A), None], [8], 0, 0),
        ([8, 12, "lost", (4, A), 8, (8, A), None], [4, 8], 0, 0),
        ([8, (8, A), 12, 8, "lost", (8, A), None], [8, 8], 0, 0),  # 4 bytes are lost: no full part
        ([1300, 276, "lost", (276, A), None], [], 1, 1),
        ([1, (1, A), 1302, 276, "lost", (276, A), 2, (2, A), None], [1, 2], 1, 1),
        ([1, (1, A), 1300, 276, "lost", (276, A), None], [1], 1, 1),
        ([1, 1300, "lost", 276, "lost", (276, A), None], [], 1, 1),
        ([1, (1, A), 1300, (1024, A), 276, "lost", None], [1], 1, 1),  # not the head alone
        (["lost", (276, A), None], [], 1, 0),  # one, or two?
        # told while it is asked for: what the lost part left, the rest of it, or its own size
        (["ask", 276, "lost", "ask", (276, A), None], [], 1, 0),
        (["ask", 1300, "lost", "ask", (276, A), None], [], 1, 1),
        (["ask", 1300, "lost", 276, "ask", (276, A), None], [], 1, 1),
        ([24, "ask", "lost", "ask", (24, A), None], [24], 0, 0),
        ([24, "ask", (24, A), 1300, "ask", "lost", "ask", (276, A), None], [24], 1, 1),
        ([24, "ask", (24, A), 40, "ask", "lost", "ask", (30, A), None], [24, 30], 0, 0),
    ],
)
def test_a_part_behind_a_lost_one_is_dropped_only_where_it_may_be_its_rest(
    steps, whole, dropped, settled
):
    parts = DatagramParts(1024)
    got = []
    for step in steps:
        if step is None:
            parts.end()
        elif step == "lost":
            if "ask" not in steps:
                parts.ask()
            parts.lose()
        elif step == "ask":
            parts.ask()
        elif isinstance(step, int):
            parts.announce(step)
        else:
            parts.add(b"x" * step[0], *step[1])
        while datagram := parts.take():
            got.append(len(datagram[0]))
    assert (got, parts.dropped, parts.settled) == (whole, dropped, settled)


# --- send ---------------------------------------------------------------------------------------
async def test_nothing_longer_than_1024_bytes_is_sent():
    payload = LONG[:1024]
    text = "".join(f"\\x{byte:02x}" for byte in payload)
    script = (
        R4_START
        + OPEN
        + '> AT+USOST=0,"100.64.0.1",6969,1024\n<| \\r\\n@\n'
        + f">| {text}\n< +USOST: 0,1024\n< OK\n"
    )

    async def use(modem):
        socket = await modem.open_udp(5684)
        assert socket.max_payload == 1024
        with pytest.raises(PayloadTooLong, match="1025 bytes, at most 1024"):
            await socket.send_to(b"x" * 1025, "100.64.0.1", 6969)
        await socket.send_to(payload, "100.64.0.1", 6969)

    await converse(script, use)


async def test_hex_mode_sends_and_reads_text():
    long = LONG[:1300]
    pieces = [long[:512], long[512:1024], long[1024:]]
    script = START + "> AT+UDCONF=1,1\n< OK\n" + AWAKE + OPEN
    script += '> AT+USOST=0,"100.64.0.1",6969,3,"00ff22"\n< +USOST: 0,3\n< OK\n'
    left = len(long)
    for piece in pieces:
        script += f"< +UUSORF: 0,{left}\n> AT+USORF=0,512\n"
        script += f'< +USORF: 0,"100.64.0.1",6969,{len(piece)},"{piece.hex().upper()}"\n< OK\n'
        left -= len(piece)
    script += "> AT+USORF=0,512\n< +USORF: 0,0\n< OK\n"

    async def use(modem):
        socket = await modem.open_udp(5684)
        assert socket.max_payload == 512
        with pytest.raises(PayloadTooLong, match="at most 512"):
            await socket.send_to(b"x" * 513, "100.64.0.1", 6969)
        await socket.send_to(b'\x00\xff"', "100.64.0.1", 6969)
        assert (await socket.receive(5000))[0] == long
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)

    await converse(script, use, hex_mode=True)


# --- what goes wrong ----------------------------------------------------------------------------
async def test_a_plain_error_to_a_read_is_empty_while_the_socket_lives():
    script = R4_START + OPEN + "> AT+USORF=0,1024\n< +CME ERROR: 3\n" + ALIVE
    datagrams, _ = await converse(script, lambda modem: received(modem, 0))
    assert datagrams == []


async def test_a_socket_that_is_gone_is_told_from_a_reboot():
    for cmee, error in ((1, SocketClosed), (0, ModemRestarted)):
        script = (
            R4_START
            + OPEN
            + "> AT+USORF=0,1024\n< ERROR\n"
            + "> AT+USOCTL=0,0\n< ERROR\n" * 2
            + f"> AT+CMEE?\n< +CMEE: {cmee}\n< OK\n"
        )

        async def use(modem, error=error):
            socket = await modem.open_udp(5684)
            for _ in range(2):
                with pytest.raises(error):
                    await socket.receive(5000)

        await converse(script, use)


@pytest.mark.parametrize(
    "line", ["+UUSOCL: 0", "+UUPSDD: 0", "+CGEV: NW PDN DEACT 1", "+CGEV: NW DETACH"]
)
async def test_what_ends_a_socket(line):
    async def use(modem):
        socket = await modem.open_udp(5684)
        with pytest.raises(SocketClosed):
            await socket.receive(5000)

    # what it may still hold is asked for first
    await converse(R4_START + OPEN + NOTHING + "~ 100\n< " + line + "\n" + NOTHING, use)


@pytest.mark.parametrize(
    "line", ["+UUSOCL: 1", "+UUSOCL: x", "+UUPSDD: 1", "+UUSORF: 6,99", "+UUSORF: ", "+UUPSDA: 0"]
)
async def test_what_concerns_no_socket_of_ours(line):
    script = R4_START + OPEN + NOTHING + "~ 100\n< " + line
    await converse(script, lambda modem: received(modem, 0))


async def test_a_rest_behind_a_part_whose_header_was_garbled_is_no_command():
    rest = "x" * 276
    script = (
        R4_START
        + OPEN
        + '> AT+USORF=0,1024\n< +USORF: 0,"100.64.0.1",6969,1024,VALVE\n< OK\n< +UUSORF: 0,276\n'
        + "> AT+USOCTL=0,3\n< ERROR\n> AT+USORF=0,0\n< ERROR\n"
        + f'> AT+USORF=0,1024\n< +USORF: 0,"100.64.0.1",6969,276,"{rest}"\n< OK\n'
        + "> AT+USORF=0,1024\n< +USORF: 0,0\n< OK\n" * 2
        + "> AT+USOCTL=0,3\n< ERROR\n"
    )

    async def use(modem):
        socket = await modem.open_udp(5684)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(5000)
        return socket.dropped

    dropped = await converse(script, use)
    assert dropped  # one, or by the modem's own silence about its bytes, one more
