"""The SIM7600/A76XX/SIM767X driver over scripts and over logs: pushed and buffered receiving."""

import asyncio

import pytest

from device.errors import (
    CommandError,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    NotSupported,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from device.portable import sleep_ms
from modem_drivers import models
from modem_drivers.at_parser import DATA
from modem_drivers.modem_socket import ModemSocket
from modem_drivers.simcom_cipopen import SimcomCipopenModem
from tests.drivers.recorded_modem import TRANSCRIPTS, ask, head_of, lines_of, parsed
from tests.portable.at_script import play

FOLDER = TRANSCRIPTS / "simcom"
FILES = sorted([*FOLDER.glob("sim7600*.txt"), *FOLDER.glob("a76*.txt")])
PAYLOADS = {"a76xx_udp_manual": [b"HELLO CLIENT\r\n", b"data ", b"server"]}
SERVICE = ("100.64.0.1", 6969)

NET_DOWN = "> AT+NETOPEN?\n< +NETOPEN: 0\n< OK\n"
NET_UP = "> AT+NETOPEN?\n< +NETOPEN: 1\n< OK\n"
HELLO = "> AT\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n> AT+CSOCKSETPN=1\n< OK\n> AT+CTZU=1\n< OK\n"
START = HELLO + NET_DOWN + "> AT+CEREG=2\n< OK\n"
ATTACH = """
    > AT+CPIN?
    < +CPIN: READY
    < OK
    > AT+CGDCONT?
    < +CGDCONT: 1,"IP","super","0.0.0.0",0,0,0,0
    < OK
    > AT+CFUN?
    < +CFUN: 1
    < OK
    > AT+CEREG?
    < +CEREG: 2,5,"2b67","1a2d003",7
    < OK
"""
PUSHED = """
    > AT+CIPCCFG=10,0,0,1,1,0,500
    < OK
    > AT+CIPHEAD=1
    < OK
    > AT+CIPSRIP=1
    < OK
    > AT+CIPRXGET=0
    < OK
"""
BUFFERED = PUSHED.replace("500", "500,1").replace("CIPRXGET=0", "CIPRXGET=5")
NETOPEN = "> AT+NETOPEN\n< OK\n< +NETOPEN: 0\n"
OPEN = NET_UP + '> AT+CIPOPEN=0,"UDP",,,4242\n< +CIPOPEN: 0,0\n< OK\n'
NO_DATA = "> AT+CIPRXGET=2,0,1500\n< +IP ERROR: No data\n< ERROR\n"
STATES = "> AT+CIPCLOSE?\n< +CIPCLOSE: {0},0,0,0,0,0,0,0,0,0\n< OK\n"
SEND = """
    > AT+CIPSEND=0,2,"100.64.0.1",6969
    <| \\r\\n\\x3e
    >| hi
"""


async def converse(script, use, cut_bytes=0, model="SIM7600", settings=None, **options):
    """Play a script behind start and attach; ``use(modem)`` gets an attached modem."""
    if settings is None:
        settings = BUFFERED if model.startswith("A76") else PUSHED

    async def attached(modem):
        await modem.start()
        await modem.attach("super", 60000)
        result = await use(modem)
        assert modem.at.handler_errors == 0
        assert modem.at.parser.bad_lengths == modem.at.parser.dropped_lines == 0
        return result

    async with asyncio.timeout(3600):
        return await play(
            START + ATTACH + NET_DOWN + settings + NETOPEN + script,
            lambda stream: models.create(model, stream, **options),
            attached,
            cut_bytes,
        )


# --- push ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_pushed_datagrams_keep_their_senders_and_bounds(cut):
    script = r"""
        < RECV FROM:100.64.0.1:6969
        <| \r\n+RECEIVE,0,6\r\n\r\nOK\r\n
        <| RECV FROM:10.78.103.220:5678\r\n+RECEIVE,0,5:\r\ntest3\r\n
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

    await converse(OPEN + STATES.format(1) + STATES.format(0), use)


async def test_a_modem_that_is_off_is_noticed_by_the_poll():
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(ModemRestarted, match="off or asleep"):
            await socket.receive(70000)

    await converse(OPEN + "> AT+CIPCLOSE?\n" + "> AT\n" * 5, use)


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

    await converse(OPEN + NO_DATA * 2 + STATES.format(0), use, model="A7672")


async def test_the_answer_to_a_read_given_up_is_kept():
    script = r"""
        > AT+CIPRXGET=2,0,1500
        ~ 5100
        < +CIPRXGETIP:100.64.0.1:6969
        <| \r\n+CIPRXGET: 2,0,4,0\r\nlate\r\n\r\nOK\r\n
        > AT
        < OK
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(ModemTimeout):
            await socket.receive(5000)
        assert await socket.receive(0) == (b"late", *SERVICE)

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
    lost = SEND + "< OK\n< +CIPSEND: 0,2,-1\n" + STATES.format(0)

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


# --- open and close ------------------------------------------------------------------------------
async def test_the_result_may_come_behind_ok():
    async def use(modem):
        await modem.open_udp(4242)

    await converse(OPEN.replace("< +CIPOPEN: 0,0\n< OK", "< OK\n~ 900\n< +CIPOPEN: 0,0"), use)


CLOSE = "> AT+CIPCLOSE=0\n< +CIPCLOSE: 0,4\n< ERROR\n"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("< +CIPOPEN: 0,6\n< ERROR\n", "error 6, bind failed"),
        ("< +IP ERROR: Invalid parameter\n< ERROR\n", "Invalid parameter"),
        ("< ERROR\n", "-> ERROR"),
        ("< OK\n< +CIPOPEN: 0,99\n", "error 99"),
        ("< OK\n~ 20100\n", "no result"),
    ],
)
async def test_an_open_that_fails_twice_tells_why(answer, reason):
    async def use(modem):
        with pytest.raises(CommandError, match=reason):
            await modem.open_udp(4242)

    failed = '> AT+CIPOPEN=0,"UDP",,,4242\n' + answer
    await converse(NET_UP + failed + CLOSE + failed, use)


async def test_a_socket_of_before_is_closed_first():
    failed = '> AT+CIPOPEN=0,"UDP",,,4242\n< +IP ERROR: Connection is already created\n< ERROR\n'
    closed = "> AT+CIPCLOSE=0\n< +CIPCLOSE: 0,0\n< OK\n"

    async def use(modem):
        await modem.open_udp(4242)

    await converse(NET_UP + failed + closed + OPEN[len(NET_UP) :], use)


async def test_start_closes_what_an_earlier_program_left():
    script = HELLO + NET_UP + "> AT+CIPCLOSE?\n< +CIPCLOSE: 0,1,0,0\n< OK\n"
    script += "> AT+CIPCLOSE=1\n< +CIPCLOSE: 1,0\n< OK\n"
    script += "> AT+NETCLOSE\n< OK\n< +NETCLOSE: 0\n> AT+CEREG=2\n< OK\n"

    async def use(modem):
        await modem.start()

    for model in ("SIM7670G", "A7672"):
        await play(script, lambda s, model=model: models.create(model, s), use)


def test_the_models_have_their_own_numbers_of_sockets():
    assert SimcomCipopenModem(None, "SIM7672G").CONNECTIONS == 4
    assert SimcomCipopenModem(None, "A7670").CONNECTIONS == 10


# --- the data connection -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("< ERROR\n", r"AT\+NETOPEN -> ERROR$"),
        ("< OK\n< +NETOPEN: 1\n", "network failure"),
        ("< +IP ERROR: Operation failed\n< ERROR\n", "Operation failed"),
    ],
)
async def test_a_refused_network_is_no_data_connection(answer, reason):
    script = START + ATTACH + NET_DOWN + PUSHED + "> AT+NETOPEN\n" + answer + NET_DOWN

    async def use(modem):
        await modem.start()
        with pytest.raises(NotAttached, match=reason):
            await modem.attach("super", 60000)

    await play(script, lambda s: models.create("sim7600", s), use)


async def test_already_open_is_open():
    script = START + ATTACH + NET_DOWN + PUSHED
    script += "> AT+NETOPEN\n< +IP ERROR: Network is already opened\n< ERROR\n" + NET_UP

    async def use(modem):
        await modem.start()
        await modem.attach("super", 60000)

    await play(script, lambda s: models.create("sim7600", s), use)


async def test_a_network_closed_unexpectedly_is_closed_and_opened_again():
    script = OPEN + "~ 100\n< +CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\n" + ATTACH + NET_UP
    script += "> AT+NETCLOSE\n< OK\n< +NETCLOSE: 0\n" + PUSHED + NETOPEN + OPEN

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SocketClosed, match="NETWORK CLOSED"):
            await socket.receive(5000)
        await modem.attach("super", 60000)
        await modem.open_udp(4242)

    # the old socket is not closed here: its number is taken over
    await converse(script, use)


@pytest.mark.parametrize("line", ["RDY", "*ATREADY: 1", "POWERD DOWN"])
async def test_a_restart_is_told(line):
    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(ModemRestarted):
            await socket.receive(20000)

    await converse(OPEN + f"~ 100\n< {line}\n", use)


async def test_sms_done_after_the_radio_was_switched_on_is_no_restart():
    attach = ATTACH.replace("+CFUN: 1", "+CFUN: 0").replace(
        "> AT+CEREG?", "> AT+CFUN=1\n< OK\n< +CPIN: READY\n< SMS DONE\n< PB DONE\n> AT+CEREG?"
    )

    async def use(modem):
        await modem.start()
        await sleep_ms(70000)
        await modem.attach("super", 60000)

    script = START + attach + NET_DOWN + PUSHED + NETOPEN
    await play(script, lambda s: models.create("sim7600", s), use)


# --- power saving --------------------------------------------------------------------------------
async def test_only_a_sim767x_has_edrx_and_none_has_psm():
    async def use(modem):
        with pytest.raises(NotSupported, match=modem.model):
            await modem.set_psm(20, 3600)
        with pytest.raises(NotSupported, match=modem.model):
            await modem.set_edrx(81.92)

    await converse("", use)

    script = '> AT+CEDRXS=2,4,"0101"\n< ERROR\n> AT+CEDRXS=1,4,"0101"\n< OK\n'
    long_form = '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0101","0011","0001"\n< OK\n'
    still_old = '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0011"\n< OK\n~ 900\n'
    in_use = '> AT+CEDRXRDP\n< +CEDRXRDP: 4,"0101"\n< OK\n'
    unused = "> AT+CEDRXRDP\n< +CEDRXRDP: 0\n< OK\n~ 900\n"

    async def edrx(modem):
        assert await modem.set_edrx(81.92) == 40.96
        assert await modem.set_edrx(81.92) == 81.92
        assert await modem.set_edrx(81.92) is None

    said = script + long_form + script + still_old + in_use + script + unused * 11
    await converse(said, edrx, model="SIM7670G")


# --- logs and the manual's examples --------------------------------------------------------------
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("cut", [1, 7, 2048])
def test_the_parser_reads_every_transcript(path, cut):
    head = head_of(path)
    assert head["source"]
    assert head["kind"] in ("real", "manual")
    events = parsed(path, SimcomCipopenModem.RAW_RULES, cut)
    assert events == parsed(path, SimcomCipopenModem.RAW_RULES, 2048)
    assert [event[2] for event in events if event[0] == DATA] == PAYLOADS.get(path.stem, [])
    assert lines_of(events)


def test_there_are_transcripts():
    assert len(FILES) == 6


def linked(modem, number=1):
    socket = ModemSocket(modem, number, 5000, 1500, 60000)
    modem._sockets[number] = socket
    return socket


def a7670(stream):
    return SimcomCipopenModem(stream, "A7670")


@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_the_manuals_udp_pushed_and_buffered(cut):
    class AskedIsClosed(SimcomCipopenModem):
        async def _is_active(self):
            return False

        async def _configure(self):
            pass

    async def use(modem):
        await modem._activate()
        socket = linked(modem)
        assert await modem._open(socket) == ""
        assert await modem._send_datagram(socket, b"HELLO", "117.131.85.139", 5254)
        modem._pushes = True
        assert await socket.receive(1000) == (b"HELLO CLIENT\r\n", "117.131.85.139", 5254)
        await modem._close_connection(socket)
        assert await modem._open(socket) == ""
        await sleep_ms(50)
        assert socket._hinted
        lines = await modem.at.command("+CIPRXGET=2,1,5", b"+CIPRXGET: 2,")
        assert lines == [b"1,5,11", b"data "]
        with pytest.raises(CommandError):
            await modem.at.command("+CIPRXGET=2,2")
        assert modem._error == "No data"
        lines = await modem.at.command("+CIPRXGET=2,1", b"+CIPRXGET: 2,")
        assert lines == [b"1,6,0", b"server"]

    await ask(FOLDER / "a76xx_udp_manual.txt", lambda s: AskedIsClosed(s, "A7670"), use, cut)


async def test_a_real_sim7600_that_opens_no_network():
    async def use(modem):
        assert await modem._read_registration()
        with pytest.raises(NotAttached, match=r"AT\+NETOPEN -> ERROR"):
            await modem._activate()

    await ask(FOLDER / "sim7600_netopen_error_real.txt", SimcomCipopenModem, use)


async def test_a_real_sim7600s_sockets_and_send():
    async def use(modem):
        assert await modem._states() == ["1"] + ["0"] * 9
        payload = b"1234567890123456789012345678901"
        lines = await modem.at.command("+CIPSEND=0,31", then=b"+CIPSEND: 0,", data=payload)
        assert lines == [b"31,31"]

    await ask(FOLDER / "sim7600_send_status_real.txt", SimcomCipopenModem, use)


async def test_a_real_sim7600s_boot_lines_are_known():
    booted = []

    async def use(modem):
        modem._boot_seen.clear()
        await sleep_ms(50)
        booted.append(modem._boot_seen.is_set())

    await ask(FOLDER / "sim7600_boot_banner_real.txt", SimcomCipopenModem, use)
    assert booted == [True]


async def test_a_real_a7670_that_is_denied():
    async def use(modem):
        modem._expects_boot = True
        await modem.at.synchronise()
        assert modem._boot_seen.is_set()
        modem._expects_boot = False
        assert not await modem._read_registration()
        assert await modem.read_signal() == (None, None, None)
        assert not await modem._read_registration()

    await ask(FOLDER / "a7670_denied_real.txt", a7670, use)


async def test_a_real_a7670_whose_sim_comes_late():
    async def use(modem):
        modem._expects_boot = True
        await modem.at.synchronise()
        with pytest.raises(NotAttached, match="SIM failure"):
            await modem._wait_sim(0)
        assert await modem._try("+CNMP=2")
        assert not await modem._read_registration()

    await ask(FOLDER / "a7670_sim_failure_real.txt", a7670, use)
