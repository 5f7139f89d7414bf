"""The Sequans driver over scripted streams: kinds of sockets, a real exchange, what goes wrong."""

import asyncio
import contextlib

import pytest

from ip_commands.device.errors import (
    CommandError,
    InvalidValue,
    ModemRestarted,
    PayloadTooLong,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.sequans_sockets import LISTENER, PEER
from tests.contracts.check_modem import CHECKS
from tests.drivers import conversation
from tests.drivers.conversation import nothing
from tests.drivers.modem_bench import run_check

CLOSED = "".join(f"< +SQNSS: {number},0\n" for number in range(1, 7))
START = (
    ">| +++\\x1bAT\\r\n< OK\n> ATE0\n< OK\n> AT+CMEE=1\n< OK\n> AT+CGEREP=1\n< +CME ERROR: 4\n"
    + "> AT+CSCON=1\n< OK\n"
    + f"> AT+SQNSS?\n{CLOSED}< OK\n> AT+CEREG=5\n< OK\n"
)
PREPARED = (
    "> AT+CGACT?\n< +CGACT: 1,1\n< OK\n> AT+SQNSH=1\n< +CME ERROR: 4\n"
    + "> AT+SQNSCFG=1,1,300,0,600,50\n< OK\n> AT+SQNSCFGEXT=1,1,0,0,0,0\n< OK\n"
)
ANYONE_OPEN = PREPARED + '> AT+SQNSD=1,1,4242,"127.0.0.1",0,4242,1,2\n< OK\n'
NOTHING = "> AT+SQNSRECV=1,1500\n< ERROR\n"
# after a send the driver asks for <buff_in> first, which takes fewer bytes than a refused read
NOTHING_AFTER_A_SEND = "> AT+SQNSI=1\n< +SQNSI: 1,3,0,0,0\n< OK\n"
ALIVE = "> AT+SQNSS?\n< +SQNSS: 1,2,10.0.0.5,4242,127.0.0.1,4242,1\n< +SQNSS: 2,0\n< OK\n"


async def converse(script, use, model="GM02SP", **options):
    return await conversation.converse(script, use, model, **options)


def received(*expected):
    async def use(modem):
        socket = await modem.open_udp(4242)
        for datagram in expected:
            assert await socket.receive(5000) == datagram
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)
        return socket

    return use


def escaped(payload):
    return "".join(f"\\x{byte:02x}" for byte in payload)


# --- start and attach --------------------------------------------------------------------------
async def test_sockets_of_an_earlier_program_are_closed():
    listed = (
        "> AT+SQNSS?\n< +SQNSS: 1,3,10.0.0.5,4242,1.2.3.4,99,1\n< +SQNSS: 2,4,10.0.0.5,77,,,1\n"
        + "< +SQNSS: 3,0\n< OK\n> AT+SQNSH=1\n< OK\n"
        + "> AT+SQNSH=2\n< ERROR\n> AT+SQNSLUDP=2,0,77\n< OK\n"
    )
    await converse(START.replace(f"> AT+SQNSS?\n{CLOSED}< OK\n", listed), nothing)


async def test_the_bare_form_of_sqnss_serves_as_well():
    listed = "> AT+SQNSS?\n< ERROR\n> AT+SQNSS\n< +SQNSS: 1,0\n< OK\n"
    await converse(START.replace(f"> AT+SQNSS?\n{CLOSED}< OK\n", listed), nothing)


async def test_attach_waits_for_a_radio_that_answers_late():
    script = START + (
        "> AT+CPIN?\n< +CME ERROR: 10\n> AT+CFUN?\n~ 8000\n< +CFUN: 0\n< OK\n> AT+CFUN=4\n< OK\n"
        + "> AT+CPIN?\n< +CPIN: READY\n< OK\n"
        + '> AT+CGDCONT?\n< OK\n> AT+CFUN?\n< +CFUN: 4\n< OK\n> AT+CGDCONT=1,"IP","super"\n< OK\n'
        + "> AT+CFUN=1\n< OK\n> AT+CEREG?\n~ 8000\n< +CEREG: 5,0\n< OK\n"
        + '> AT+CEREG?\n< +CEREG: 5,5,"2B67","01A2D003",7\n< OK\n'
        + "> AT+CGACT?\n< +CGACT: 1,1\n< OK\n"
    )
    await converse(script, lambda modem: modem.attach("super", 60000))


@pytest.mark.parametrize(
    "answer",
    [
        '> AT+SQNCCID?\n< +SQNCCID: "89883070000005378124",""\n< OK\n',
        "> AT+SQNCCID?\n< +SQNCCID: 89883070000005378124\n< OK\n",
        '> AT+SQNCCID?\n< ERROR\n> AT+SQNCCID\n< +SQNCCID: "89883070000005378124"\n< OK\n',
    ],
)
async def test_the_sims_number_in_every_form(answer):
    script = START + "> AT+CGSN\n< 359000000000000\n< OK\n" + answer
    script += "> AT+CGMM\n< GM02SP\n< OK\n> AT+CGMR\n< UE8.2.1.1\n< OK\n"
    identity = await converse(script, lambda modem: modem.read_identity())
    assert identity == ("359000000000000", "89883070000005378124", "GM02SP", "UE8.2.1.1")


async def test_the_granted_cycle_comes_from_sqnedrx_where_cedrxrdp_is_unknown():
    """What the test and read answers of a GM02SP look like: walter-micropython pull request 19."""
    script = (
        START
        + '> AT+CEDRXS=2,4,"0101"\n< OK\n> AT+CEDRXRDP\n< ERROR\n'
        + '> AT+SQNEDRX?\n< +SQNEDRX: 1,4,"0101","0011","0001"\n< OK\n'
    )
    assert await converse(script, lambda modem: modem.set_edrx(81.92)) == 40.96


# --- sockets -----------------------------------------------------------------------------------
@pytest.mark.parametrize("cut_bytes", [0, 1, 7])
async def test_receives_from_and_sends_to_anyone(cut_bytes):
    payload = bytes(range(256)) * 5 + b"\r\nOK\r\n+SQNSH: 1\r\n"
    script = (
        START
        + ANYONE_OPEN
        + f"< +SQNSRING: 1,{len(payload)}\n> AT+SQNSRECV=1,1500\n"
        + f'< +SQNSRECV: 1,{len(payload)},"100.64.0.1",6969\n'
        + f"<| {escaped(payload)}\\r\\n\\r\\nOK\\r\\n\n"
        + "> AT+SQNSRECV=1,1500\n< +CME ERROR: 4\n"
        + '> AT+SQNSSENDEXT=1,3,0,"100.64.0.1",6969\n<| \\r\\n> \n>| \\r\\n\\x1a\n< OK\n'
        + NOTHING_AFTER_A_SEND
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert await socket.receive(5000) == (payload, "100.64.0.1", 6969)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)
        await socket.send_to(b"\r\n\x1a", "100.64.0.1", 6969)
        with pytest.raises(PayloadTooLong, match="1500"):
            await socket.send_to(b"x" * 1501, "100.64.0.1", 6969)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)
        assert socket.found_without_urc == 0

    await converse(script, use, cut_bytes=cut_bytes)


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("2", ("", 0)),
        ('2,"1.2.3.4",99', ("1.2.3.4", 99)),
        ("2,1.2.3.4,99", ("1.2.3.4", 99)),
    ],
)
async def test_the_sender_in_every_form(header, sender):
    script = START + ANYONE_OPEN + "< +SQNSRING: 1\n> AT+SQNSRECV=1,1500\n"
    script += f"< +SQNSRECV: 1,{header}\n<| hi\\r\\n\\r\\nOK\\r\\n\n" + NOTHING
    await converse(script, received((b"hi", *sender)))


async def test_an_address_is_sent_without_quotes_where_the_firmware_wants_that():
    send = "> AT+SQNSSENDEXT=1,1,0,{quote}1.2.3.4{quote},9\n"
    script = START + ANYONE_OPEN + send.replace("{quote}", '"') + "< ERROR\n" + ALIVE
    for letter in "ab":
        script += send.replace("{quote}", "") + f"<| \\r\\n> \n>| {letter}\n< OK\n"

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"a", "1.2.3.4", 9)
        await socket.send_to(b"b", "1.2.3.4", 9)

    await converse(script, use)


async def test_older_firmware_gets_a_socket_for_one_peer_and_a_new_one_for_another():
    send = "> AT+SQNSSENDEXT=1,1,0\n<| \\r\\n> \n>| {}\n< OK\n"
    script = (
        START
        + PREPARED
        + '> AT+SQNSD=1,1,4242,"127.0.0.1",0,4242,1,2\n< ERROR\n'
        + '> AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1\n< OK\n'
        + send.replace("{}", "a")
        + "> AT+SQNSRECV=1,1500\n< +SQNSRECV: 1,7\n<| waiting\\r\\n\\r\\nOK\\r\\n\n"
        + NOTHING
        + "> AT+SQNSH=1\n< OK\n"
        + '> AT+SQNSD=1,1,7,"100.64.0.9",0,4242,1,1\n< OK\n'
        + send.replace("{}", "b")
        + NOTHING_AFTER_A_SEND
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"a", "100.64.0.1", 6969)
        await socket.send_to(b"b", "100.64.0.9", 7)
        assert await socket.receive(5000) == (b"waiting", "", 0)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)

    await converse(script, use, "GM01Q")


async def test_firmware_that_does_not_know_buff_in_is_read_instead():
    script = START + ANYONE_OPEN
    script += '> AT+SQNSSENDEXT=1,1,0,"1.2.3.4",9\n<| \\r\\n> \n>| x\n< OK\n'
    script += "> AT+SQNSI=1\n< ERROR\n" + NOTHING + ALIVE

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"x", "1.2.3.4", 9)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)

    await converse(script, use)


async def test_a_listener_sends_through_a_second_socket():
    second = PREPARED[PREPARED.index("> AT+SQNSCFG") :].replace("=1,", "=6,")
    closing = "> AT+SQNSH=1\n< +CME ERROR: 4\n"
    script = (
        START
        + PREPARED.replace(closing, closing + "> AT+SQNSLUDP=1,0,4242\n< ERROR\n")
        + "> AT+SQNSLUDP=1,1,4242\n< OK\n"
        + second
        + '> AT+SQNSD=6,1,9,"1.2.3.4",0,4242,1,0\n< +CME ERROR: 4\n'
        + '> AT+SQNSD=6,1,9,"1.2.3.4",0,0,1,0\n< OK\n'
        + "> AT+SQNSSENDEXT=6,1,0\n<| \\r\\n> \n>| x\n< OK\n> AT+SQNSH=6\n< OK\n"
        + "< +SQNSRING: 1,2\n> AT+SQNSRECV=1,1500\n< +SQNSRECV: 1,2\n<| hi\\r\\n\\r\\nOK\\r\\n\n"
        + NOTHING
        + "> AT+SQNSH=1\n< ERROR\n> AT+SQNSLUDP=1,0,4242\n< OK\n"
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"x", "1.2.3.4", 9)
        assert await socket.receive(5000) == (b"hi", "", 0)
        with pytest.raises(ReceiveTimeout):
            await socket.receive(500)
        await socket.close()

    await converse(script, use, kind=LISTENER)


async def test_what_every_kind_is_refused_for_is_told():
    script = (
        START
        + PREPARED
        + '> AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1\n< NO CARRIER\n'
        + "> AT+SQNSLUDP=1,1,4242\n< +CME ERROR: 3\n"
    )

    async def use(modem):
        with pytest.raises(CommandError, match="SQNSLUDP"):
            await modem.open_udp(4242)

    await converse(script, use, kind=PEER)


def test_a_peer_that_is_no_address_is_refused():
    for peer in (("example.com", 6969), ("1.2.3.4", 0)):
        with pytest.raises(InvalidValue):
            models.create("GM01Q", None, peer=peer)


# --- what goes wrong ---------------------------------------------------------------------------
async def test_the_real_exchange_of_a_gm02sp_closed_while_it_is_read():
    """github.com/QuickSpot/walter-arduino issue 109; the payloads are not in the log."""
    script = (
        START
        + ANYONE_OPEN
        + '> AT+SQNSSENDEXT=1,201,0,"1.2.3.4",9\n~ 6\n<| \\r\\n> \n'
        + f">| {'s' * 201}\n~ 22\n< OK\n"
        + NOTHING_AFTER_A_SEND
        + "~ 545\n< +SQNSRING: 1,318\n> AT+SQNSRECV=1,1500\n~ 1\n< +SQNSH: 1\n~ 34\n"
        + f"< +SQNSRECV: 1,318\n<| {'r' * 318}\\r\\n\\r\\nOK\\r\\n\n"
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        await socket.send_to(b"s" * 201, "1.2.3.4", 9)
        assert await socket.receive(5000) == (b"r" * 318, "", 0)
        with pytest.raises(SocketClosed, match="SQNSH"):
            await socket.receive(5000)

    await converse(script, use)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("< +SQNSH: 1\n", SocketClosed),
        ("< +CGEV: NW PDN DEACT 1\n> AT+SQNSRECV=1,1500\n< ERROR\n" + ALIVE, SocketClosed),
        ("< +SHUTDOWN\n< +SYSSTART\n", ModemRestarted),
        ("< +SYSSTART\n", ModemRestarted),
        ("< +SQNSRING: 1,3\n> AT+SQNSRECV=1,1500\n< +SQNSH: 1\n< ERROR\n", SocketClosed),
        (
            "< +SQNSRING: 1\n> AT+SQNSRECV=1,1500\n< ERROR\n" + f"> AT+SQNSS?\n{CLOSED}< OK\n" * 2,
            SocketClosed,
        ),
    ],
)
async def test_what_ends_a_socket(said, error):
    async def use(modem):
        socket = await modem.open_udp(4242)
        for _ in range(2):
            with pytest.raises(error):
                await socket.receive(5000)

    await converse(START + ANYONE_OPEN + NOTHING + ALIVE + "~ 100\n" + said, use)


async def test_a_ring_with_data_of_an_earlier_setting_is_a_datagram():
    script = START + ANYONE_OPEN + NOTHING + ALIVE
    script += "~ 100\n<| \\r\\n+SQNSRING: 1,5,ab\\r\\nc\\r\\n\n< +SQNSRING: 2,1,x\n"
    await converse(script, received((b"ab\r\nc", "", 0)))


async def test_a_refused_send_fails_in_time():
    refused = ""
    for quote in ('"', "", '"', ""):
        refused += f"> AT+SQNSSENDEXT=1,1,0,{quote}1.2.3.4{quote},9\n< +CME ERROR: 3\n" + ALIVE

    async def use(modem):
        socket = await modem.open_udp(4242)
        with pytest.raises(SendFailed):
            await socket.send_to(b"x", "1.2.3.4", 9)

    await converse(START + ANYONE_OPEN + refused, use)


async def test_power_off_waits_for_shutdown():
    await converse(
        START + "> AT+SQNSSHDN\n< OK\n~ 1500\n< +SHUTDOWN\n", lambda modem: modem.power_off()
    )


# --- over the fake, what the contract cannot ask of every family -------------------------------
# A listener sends from a port of its own where the firmware gives a port out only once, and no
# firmware tells who sent to a listener.
NOT_OF_A_LISTENER = {
    "receives_from_a_sender_never_contacted_and_names_it",
    "keeps_queued_datagrams_apart_and_in_order",
    "sends_with_the_sockets_port_as_source",
    "sends_to_several_hosts_from_one_socket",
    "sends_of_many_tasks_arrive_once_each",
    "two_sockets_have_their_own_ports",
}


@pytest.mark.parametrize("model", ["GM01Q", "GM02SP"])
@pytest.mark.parametrize(("kind", "without"), [(PEER, set()), (LISTENER, NOT_OF_A_LISTENER)])
async def test_the_contract_with_other_kinds_of_sockets(model, kind, without):
    for check in CHECKS:
        if check.__name__ not in without:
            try:
                await run_check(check, model, kind=kind)
            except BaseException as error:
                error.add_note(f"in {check.__name__}")
                raise


async def test_a_listener_receives_and_sends():
    async def check(bench):
        _, socket = await bench.online(4242)
        bench.inject(b"one", port=7000)
        bench.inject(b"two", port=7001)
        assert [await socket.receive(5000) for _ in range(2)] == [
            (b"one", "", 0),
            (b"two", "", 0),
        ]
        for number in range(1, 4):
            await socket.send_to(b"%d" % number, f"100.64.0.{number}", 7000 + number)
        assert [(sent[0], *sent[2:]) for sent in bench.sent] == [
            (b"%d" % number, f"100.64.0.{number}", 7000 + number) for number in range(1, 4)
        ]

    await run_check(check, "GM02SP", kind=LISTENER)


async def test_a_turn_to_another_peer_that_is_cancelled_anywhere_loses_no_port():
    async def check(bench):
        _, socket = await bench.online(4242)
        for pause_ms in range(0, 400, 7):
            sending = asyncio.create_task(socket.send_to(b"x", "100.64.0.9", 7000 + pause_ms))
            await sleep_ms(pause_ms)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
            with pytest.raises(ReceiveTimeout):
                await socket.receive(100)
            bench.inject(b"still %d" % pause_ms)
            assert (await socket.receive(5000))[0] == b"still %d" % pause_ms

    await run_check(check, "GM01Q", kind=PEER)
