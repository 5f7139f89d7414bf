"""Fake nRF91 modems: both firmware lines, sockets, data mode, events, native commands, sleep."""

import pytest

from host_sim.fake_modems.bench_radio import BenchRadio
from host_sim.fake_modems.nordic import SLM_MODELS, SM_MODELS
from tests.fakes.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\n#XRECVFROM: 9,"1.2.3.4",5\r\n++ \x00\x1a\x1b"\r+'
LONG = bytes(range(256)) * 5 + bytes(20)
PEER = '"100.64.0.1",6969'
SLM, SM = "nrf9160", "nrf9151"


async def online(bench: Bench) -> None:
    """Switch the modem on and attach."""
    assert await bench.ask("AT+CFUN=1") == OK
    await bench.attach()


async def slm_socket(bench: Bench) -> None:
    """Select a UDP socket on port 4242."""
    await online(bench)
    said = await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=4242")
    assert said == b"\r\n#XSOCKET: 0,2,17\r\n" + OK * 2


async def sm_socket(bench: Bench, events: bool = True) -> None:
    """Open UDP socket 0 on port 4242."""
    await online(bench)
    said = await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242")
    assert said == b"\r\n#XSOCKET: 0,2,17\r\n" + OK * 2
    if events:
        assert await bench.ask("AT#XAPOLL=0,1,1") == OK


def slm_answer(payload: bytes, host: str = "100.64.0.1", port: int = 6969) -> bytes:
    return f'\r\n#XRECVFROM: {len(payload)},"{host}",{port}\r\n'.encode() + payload + OK


def sm_answer(payload: bytes, port: int = 6969, mode: int = 0) -> bytes:
    shown = payload.hex().upper().encode() if mode else payload
    return f'\r\n#XRECVFROM: 0,{mode},{len(payload)},"100.64.0.1",{port}\r\n'.encode() + shown + OK


# --- start, lines ------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [*SLM_MODELS, *SM_MODELS])
async def test_every_firmware_says_ready_and_what_it_is(model):
    async with Bench(model, powered=False) as bench:
        bench.fake.power_key()
        assert await bench.hear(2) == b"Ready\r\n"
        is_sm = "SM" in model or model in SM_MODELS
        right, wrong = ("#XSMVER", "#XSLMVER") if is_sm else ("#XSLMVER", "#XSMVER")
        assert (await bench.ask(f"AT{right}")).startswith(f'\r\n{right}: "'.encode())
        assert await bench.ask(f"AT{wrong}") == ERROR
        assert await bench.ask("AT+CFUN?") == b"\r\n+CFUN: 0\r\n" + OK
        assert await bench.ask("AT#XRESET") == OK
        assert await bench.hear(2) == b"Ready\r\n"


async def test_the_line_end_is_a_build_option():
    async with Bench(SLM) as bench:
        assert await bench.type(b"AT\r", 1) == b""
        assert await bench.type(b"\n", 1) == OK
        assert await bench.type(b"AT\rAT\r\n", 1) == ERROR
    for model, quirks in ((SLM, ["line-end-cr"]), (SM, [])):
        async with Bench(model, quirks=quirks) as bench:
            assert await bench.type(b"AT\r", 1) == OK
            assert await bench.type(b"\nAT\r\n", 1) == OK


async def test_a_quote_hides_line_ends_until_the_next_quote():
    async with Bench(SM) as bench:
        assert await bench.type(b'AT+CGDCONT=0,"IP\rAT\rAT\r', 1) == b""
        assert await bench.type(b'"\r', 1) == ERROR
        assert await bench.ask("AT") == OK
        await sm_socket(bench)
        text = b'AT#XSENDTO=0,0,0,%b,"two\r\nlines"\r' % PEER.encode()
        assert await bench.type(text, 1) == b"\r\n#XSENDTO: 0,0,10\r\n" + OK
        assert bench.radio.uplink[-1][0] == b"two\r\nlines"


async def test_only_serial_modem_echoes():
    async with Bench(SM, quirks=["echo-on"], echo=True) as bench:
        assert await bench.ask("AT") == b"AT\r" + OK
        assert await bench.ask("ATE0") == b"ATE0\r" + OK
        assert await bench.ask_all("AT", "ATE1") == OK * 2
    async with Bench(SLM) as bench:
        assert await bench.ask_all("ATE0", "ATE1") == ERROR * 2


async def test_native_answers_may_come_without_crlf_in_front():
    async with Bench(SLM, quirks=["native-bare"]) as bench:
        assert await bench.ask("AT+CFUN?") == b"+CFUN: 0\r\nOK\r\n"
        assert await bench.ask("AT+CMEE=2") == b"ERROR\r\n"
        assert await bench.ask("AT#XSOCKET?") == OK


@pytest.mark.parametrize("model", [SLM, SM])
async def test_what_the_native_modem_does_not_have_is_an_error(model):
    async with Bench(model) as bench:
        await online(bench)
        for command in ("ATI", "AT&F", "ATV1", "AT+GMM", "AT+CSQ", "AT+CREG?", "AT+IFC=2,2",
                        "AT+CMEE=2", "AT#XNOTHING", "AT+CFUN=1,1", "AT+CFUN=5"):  # fmt: skip
            assert await bench.ask(command) == ERROR, command
        for command in ("AT", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CIMI", "AT+CEREG?",
                        "AT+COPS?", "AT+CESQ", "AT+CGDCONT?", "AT+CGATT?", "AT+CMEE=1",
                        "AT+CCLK?", "AT%XMONITOR", "AT%XVBAT", "AT%HWVERSION"):  # fmt: skip
            assert (await bench.ask(command)).endswith(OK), command


# --- Serial LTE Modem --------------------------------------------------------------------------
async def test_slm_hears_a_stranger_and_replies_from_the_same_port():
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        bench.radio.inject_datagram(NASTY, "100.64.0.77", 5000)
        assert await bench.hear(1) == b""  # nobody polls: nothing is said
        assert await bench.ask("AT#XPOLL=1000") == b'\r\n#XPOLL: 0,"0x0001"\r\n' + OK
        said = await bench.ask("AT#XRECVFROM=1,64")
        assert said == slm_answer(NASTY, "100.64.0.77", 5000)
        assert await bench.ask("AT#XRECVFROM=1,64") == ERROR
        assert await bench.ask(f'AT#XSENDTO={PEER},"text"') == b"\r\n#XSENDTO: 4\r\n" + OK
        assert list(bench.radio.uplink) == [(b"text", 4242, "100.64.0.1", 6969)]


@pytest.mark.parametrize(
    ("model", "before", "after"),
    [
        ("nrf9160-slm-2.5", b'\r\n#XRECVFROM: 2,"100.64.0.1",6969\r\n', b""),
        ("nrf9160-slm-1.8", b"", b'\r\n#XRECVFROM: 2,"100.64.0.1:6969"\r\n'),
        ("nrf9160-slm-1.4", b"", b"\r\n#XRECVFROM: 2\r\n"),
        ("nrf9151-sm-0.1", b'\r\n#XRECVFROM: 2,"100.64.0.1",6969\r\n', b""),
    ],
)
async def test_older_firmware_frames_what_it_received_otherwise(model, before, after):
    async with Bench(model) as bench:
        await online(bench)
        await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=4242")
        bench.radio.inject_datagram(b"hi")
        assert await bench.ask("AT#XRECVFROM=1") == before + b"hi" + after + OK


@pytest.mark.parametrize(
    ("model", "started", "block"),
    [
        (SLM, b'0,"started"', b'\r\n#XUDPDATA: 2,"100.64.0.1",6969\r\nhi'),
        ("nrf9160-slm-2.5", b'0,"started"', b"\r\n#XUDPDATA: 2\r\nhi"),
        ("nrf9160-slm-1.4", b"1, started", b"#XUDPRECV: 1, 2\r\nhi\r\n"),
    ],
)
async def test_the_udp_server_shows_datagrams_and_answers_the_last_peer(model, started, block):
    async with Bench(model) as bench:
        await online(bench)
        assert await bench.ask("AT#XUDPSVR=1,4242") == b"\r\n#XUDPSVR: " + started + b"\r\n" + OK
        assert await bench.ask('AT#XUDPSEND="x"') == ERROR
        bench.radio.inject_datagram(b"hi")
        assert await bench.hear(1) == block
        assert await bench.ask('AT#XUDPSEND="x"') == b"\r\n#XUDPSEND: 1\r\n" + OK
        assert list(bench.radio.uplink) == [(b"x", 4242, "100.64.0.1", 6969)]
        assert (await bench.ask("AT#XUDPSVR=0")).endswith(OK)
        bench.radio.inject_datagram(b"hi")
        assert await bench.hear(1) == b""


async def test_in_data_mode_the_udp_server_shows_the_payload_alone():
    async with Bench(SLM) as bench:
        await online(bench)
        await bench.ask("AT#XUDPSVR=1,4242")
        bench.radio.inject_datagram(b"hi")
        await bench.hear(1)
        assert await bench.ask("AT#XUDPSEND") == OK
        bench.radio.inject_datagram(b"raw")
        assert await bench.hear(1) == b"raw"
        assert await bench.type(b"one", 1) + await bench.type(b"two", 1) == b""
        assert await bench.type(b"+++", 1) == b"\r\n#XDATAMODE: 0\r\n"
        assert [entry[0] for entry in bench.radio.uplink] == [b"one", b"two"]


async def test_the_udp_client_hears_its_peer():
    async with Bench(SLM) as bench:
        await online(bench)
        said = await bench.ask(f"AT#XUDPCLI=1,{PEER}")
        assert said == b'\r\n#XUDPCLI: 0,"connected"\r\n' + OK
        port = bench.fake.proxy.local_port
        bench.radio.inject_datagram(b"no", port=1, to_port=port)
        bench.radio.inject_datagram(b"yes", to_port=port)
        assert await bench.hear(1) == b'\r\n#XUDPDATA: 3,"100.64.0.1",6969\r\nyes'
        assert await bench.ask("AT#XUDPSVR=0") == ERROR
        assert await bench.ask("AT#XUDPCLI=0") == b'\r\n#XUDPCLI: 0,"disconnected"\r\n' + OK


async def test_serial_modem_0_1_has_no_proxy():
    async with Bench("nrf9151-sm-0.1") as bench:
        await online(bench)
        assert await bench.ask("AT#XUDPSVR=1,4242") == ERROR


async def test_sockets_are_selected_and_the_newest_follows_a_closed_one():
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        assert await bench.ask("AT#XSOCKET=1,2,0,0") == b"\r\n#XSOCKET: 1,2,17\r\n" + OK
        assert await bench.ask("AT#XBIND=4242") == ERROR  # in use
        assert await bench.ask("AT#XBIND=4343") == OK
        assert await bench.ask("AT#XSOCKETSELECT=0") == b"\r\n#XSOCKETSELECT: 0\r\n" + OK
        bench.radio.inject_datagram(b"one", to_port=4343)
        assert await bench.ask("AT#XPOLL=0,0") == OK
        assert await bench.ask("AT#XPOLL=-1,0,1") == b'\r\n#XPOLL: 1,"0x0001"\r\n' + OK
        assert await bench.ask("AT#XPOLL=0,5") == ERROR
        assert await bench.ask("AT#XRECVFROM=1,64") == ERROR
        assert await bench.ask("AT#XSOCKET=0") == b'\r\n#XSOCKET: 0,"closed"\r\n' + OK
        assert await bench.ask("AT#XRECVFROM=1,64") == slm_answer(b"one")
        assert await bench.ask("AT#XSOCKETSELECT=7") == ERROR


async def test_receiving_and_polling_block_the_channel():
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        assert await bench.type(b"AT#XRECVFROM=5\r\nAT\r\n", 4) == b""
        assert await bench.hear(2) == ERROR + OK
        assert await bench.type(b"AT#XRECVFROM=0\r\n", 500) == b""
        bench.radio.inject_datagram(b"at last")
        assert await bench.hear(1) == slm_answer(b"at last")
        assert await bench.type(b"AT#XPOLL=-1\r\n", 500) == b""
        bench.radio.inject_datagram(b"x")
        assert await bench.hear(1) == b'\r\n#XPOLL: 0,"0x0001"\r\n' + OK
        assert await bench.ask("AT#XRECVFROM=1,2") == slm_answer(b"x")  # a look
        assert await bench.ask("AT#XRECVFROM=1") == slm_answer(b"x")


async def test_data_mode_sends_at_every_pause_and_ends_wherever_its_terminator_stands():
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        assert await bench.ask(f"AT#XSENDTO={PEER}") == OK
        for payload in (NASTY, LONG, b"+", b"b"):  # a lone half of a terminator waits
            assert await bench.type(payload, 1) == b""
        said = await bench.type(b"a+", 0.01) + await bench.type(b"++AT\r\n", 1)
        assert said == b"\r\n#XDATAMODE: 0\r\n" + OK
        sent = [entry[0] for entry in bench.radio.uplink]
        assert sent == [NASTY, LONG, b"+b", b"a"]
        assert await bench.ask("AT#XDATACTRL?") == b"\r\n#XDATACTRL: 32,32\r\n" + OK
        assert await bench.ask("AT#XDATACTRL=10") == ERROR


async def test_a_build_confirms_each_datagram_of_the_data_mode():
    async with Bench(SLM, quirks=["datagrams-confirmed"]) as bench:
        await slm_socket(bench)
        await bench.ask(f"AT#XSENDTO={PEER}")
        assert await bench.type(b"four", 1) == b"\r\n#XDATAMODE: 4\r\n"
        assert await bench.type(b"+++", 1) == b"\r\n#XDATAMODE: 0\r\n"


async def test_too_much_for_data_mode_breaks_it_until_the_terminator():
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        await bench.ask(f"AT#XSENDTO={PEER}")
        assert await bench.type(bytes(5000), 1) == b"+++"
        assert await bench.type(b"lost", 1) == b""
        assert await bench.type(b"+++", 1) == b"\r\n#XDATAMODE: -139\r\n"
        assert not bench.radio.uplink


async def test_texts_have_a_limit():
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        said = await bench.ask(f'AT#XSENDTO={PEER},"{"x" * 1024}"')
        assert said == b"\r\n#XSENDTO: 1024\r\n" + OK
        assert await bench.ask(f'AT#XSENDTO={PEER},"{"x" * 1025}"') == ERROR
        assert await bench.ask(f'AT#XSENDTO={PEER},"a\0b"') == ERROR


# --- Serial Modem ------------------------------------------------------------------------------
async def test_sm_hears_a_stranger_with_one_event_per_read():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        for payload in (NASTY, LONG, b"three"):
            bench.radio.inject_datagram(payload)
        assert await bench.hear(1) == b"\r\n#XAPOLL: 0,1\r\n"
        said = await bench.ask("AT#XRECVFROM=0,0,64,0") + await bench.hear(1)
        assert said == sm_answer(NASTY) + b"\r\n#XAPOLL: 0,1\r\n"
        said = await bench.ask("AT#XRECVFROM=0,1,64,0") + await bench.hear(1)
        assert said == sm_answer(LONG, mode=1) + b"\r\n#XAPOLL: 0,1\r\n"
        said = await bench.ask("AT#XRECVFROM=0,0,64,0,2") + await bench.hear(1)
        assert said == sm_answer(b"th")  # the rest of it is lost
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == ERROR
        assert await bench.ask("AT#XRECVFROM=0,0,64,0,2049") == ERROR


async def test_an_empty_datagram_is_ok_alone_and_wakes_no_new_event():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        bench.radio.inject_datagram(b"")
        assert await bench.hear(1) == b"\r\n#XAPOLL: 0,1\r\n"
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == OK
        bench.radio.inject_datagram(b"unheard")
        assert await bench.hear(1) == b""
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == sm_answer(b"unheard")


async def test_events_of_all_sockets_present_and_future():
    async with Bench(SM) as bench:
        await sm_socket(bench, events=False)
        said = await bench.ask("AT#XAPOLL=,1,5") + await bench.hear(1)
        assert said == OK + b"\r\n#XAPOLL: 0,4\r\n"
        said = await bench.ask("AT#XSOCKET=1,2,0") + await bench.hear(1)
        assert said == b"\r\n#XSOCKET: 1,2,17\r\n" + OK + b"\r\n#XAPOLL: 1,4\r\n"
        said = await bench.ask(f'AT#XSENDTO=0,0,0,{PEER},"x"') + await bench.hear(1)
        assert said == b"\r\n#XSENDTO: 0,0,1\r\n" + OK + b"\r\n#XAPOLL: 0,4\r\n"
        assert await bench.ask("AT#XAPOLL?") == (b"\r\n#XAPOLL: 0,5\r\n\r\n#XAPOLL: 1,5\r\n" + OK)
        assert await bench.ask("AT#XAPOLL=,0") == OK
        bench.radio.inject_datagram(b"x")
        assert await bench.hear(1) == b""
        assert await bench.ask("AT#XAPOLL=0,1") == ERROR
        assert await bench.ask("AT#XAPOLL=0,1,2") == ERROR


@pytest.mark.parametrize("mode", [0, 1])
async def test_automatic_reception_needs_no_read(mode):
    async with Bench(SM) as bench:
        await sm_socket(bench, events=False)
        assert await bench.ask(f"AT#XRECVCFG=0,1,{mode}") == OK
        for payload in (NASTY, LONG):
            bench.radio.inject_datagram(payload)
        blocks = [sm_answer(payload, mode=mode)[: -len(OK)] + b"\r\n" for payload in (NASTY, LONG)]
        assert await bench.hear(1) == b"".join(blocks)
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == ERROR
        assert await bench.ask("AT#XRECVCFG?") == f"\r\n#XRECVCFG: 0,1,{mode}\r\n".encode() + OK
        assert await bench.ask("AT#XRECVCFG=0,2,1") == ERROR
        assert await bench.ask(f"AT#XCONNECT=0,{PEER}") == b"\r\n#XCONNECT: 0,1\r\n" + OK
        bench.radio.inject_datagram(b"a")
        shown = b"61" if mode else b"a"
        assert await bench.hear(1) == b"\r\n#XRECV: 0,%d,1\r\n%b\r\n" % (mode, shown)


async def test_counted_data_mode_takes_any_bytes_and_has_no_other_answer():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        payload = b"+++\r\n" + LONG[5:]
        assert await bench.ask(f"AT#XSENDTO=0,2,0,{PEER},1300") == OK
        bench.radio.inject_datagram(b"meanwhile")
        assert await bench.type(payload[:700], 60) == b""
        said = await bench.type(payload[700:] + b"AT\r", 1)
        assert said == b"\r\n#XDATAMODE: 0\r\n\r\n#XAPOLL: 0,1\r\n" + OK
        assert [entry[0] for entry in bench.radio.uplink] == [payload]


async def test_a_line_feed_behind_the_command_becomes_payload():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        command = f"AT#XSENDTO=0,2,0,{PEER},3\r\n".encode()
        assert await bench.type(command, 1) == OK
        assert await bench.type(b"abc", 1) == b"\r\n#XDATAMODE: 0\r\n"
        assert bench.radio.uplink[-1][0] == b"\nab"


async def test_hex_sends_1400_bytes_and_a_failed_send_says_so():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        said = await bench.ask(f'AT#XSENDTO=0,1,0,{PEER},"{LONG.hex()}"')
        assert said == b"\r\n#XSENDTO: 0,0,1300\r\n" + OK
        assert bench.radio.uplink[-1] == (LONG, 4242, "100.64.0.1", 6969)
        assert (await bench.ask(f'AT#XSENDTO=0,1,0,{PEER},"{"00" * 1400}"')).endswith(OK)
        for digits in ("00" * 1401, "0", "zz", ""):
            assert await bench.ask(f'AT#XSENDTO=0,1,0,{PEER},"{digits}"') == ERROR
        bench.radio.blocks_uplink = True
        said = await bench.ask(f'AT#XSENDTO=0,0,0,{PEER},"x"')
        assert said == b"\r\n#XSENDTO: 0,0,0\r\n" + ERROR
        await bench.ask(f"AT#XSENDTO=0,2,0,{PEER},1")
        assert await bench.type(b"x", 1) == b"\r\n#XDATAMODE: -1\r\n"


async def test_the_network_acknowledges_when_asked():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        said = await bench.ask(f'AT#XSENDTO=0,0,8192,{PEER},"x"') + await bench.hear(1)
        assert said == b"\r\n#XSENDTO: 0,1,1\r\n" + OK + b"\r\n#XSENDNTF: 0,0,1\r\n"


async def test_eight_sockets_and_their_ports():
    async with Bench(SM) as bench:
        assert await bench.ask("AT#XSOCKET=1,2,0") == ERROR  # the modem is off
        await online(bench)
        for handle in range(8):
            said = await bench.ask("AT#XSOCKET=1,2,0")
            assert said == b"\r\n#XSOCKET: %d,2,17\r\n" % handle + OK
        assert await bench.ask("AT#XSOCKET=1,2,0") == ERROR
        assert await bench.ask("AT#XCLOSE=3") == b"\r\n#XCLOSE: 3,0\r\n" + OK
        assert await bench.ask("AT#XBIND=3,4242") == ERROR
        assert await bench.ask("AT#XSOCKET=1,2,0") == b"\r\n#XSOCKET: 3,2,17\r\n" + OK
        assert await bench.ask_all("AT#XBIND=0,4242", "AT#XBIND=1,4242") == OK + ERROR
        assert (await bench.ask("AT#XCLOSE")).count(b"#XCLOSE: ") == 8


# --- loss, sleep, native -----------------------------------------------------------------------
async def test_a_lost_connection_kills_sockets_and_says_so():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        await bench.ask("AT+CGEREP=1")
        bench.radio.lose_pdp()
        said = await bench.hear(1)
        assert said == b"\r\n#XAPOLL: 0,32\r\n\r\n+CGEV: ME PDN DEACT 0\r\n"
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == ERROR
        assert await bench.ask(f'AT#XSENDTO=0,0,0,{PEER},"x"') == (
            b"\r\n#XSENDTO: 0,0,0\r\n" + ERROR
        )
        assert await bench.ask("AT#XCLOSE") == b"\r\n#XCLOSE: 0,0\r\n" + OK
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        bench.radio.lose_pdp()
        assert await bench.ask("AT#XPOLL=0") == b'\r\n#XPOLL: 0,"0x0020"\r\n' + OK
        assert await bench.ask("AT#XRECVFROM=1,64") == ERROR
        assert await bench.ask("AT#XSOCKET=0") == b'\r\n#XSOCKET: 0,"closed"\r\n' + OK
    async with Bench(SLM) as bench:
        await online(bench)
        await bench.ask("AT#XUDPSVR=1,4242")
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b'\r\n#XUDPSVR: -115,"stopped"\r\n'


@pytest.mark.parametrize("model", [SLM, SM])
async def test_builds_differ_in_how_they_start_and_lose(model):
    async with Bench(model, quirks=["auto-connect", "lost-connection-hup"]) as bench:
        await bench.attach()
        assert await bench.ask("AT+CFUN?") == b"\r\n+CFUN: 1\r\n" + OK
        if model == SLM:
            await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=4242")
            bench.radio.lose_pdp()
            assert await bench.ask("AT#XPOLL=0") == b'\r\n#XPOLL: 0,"0x0018"\r\n' + OK
        else:
            await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242", "AT#XAPOLL=0,1,1")
            bench.radio.lose_pdp()
            assert await bench.hear(1) == b"\r\n#XAPOLL: 0,24\r\n"


async def test_psm_leaves_the_uart_and_sockets_alone_and_a_send_ends_it():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        bench.radio.enter_psm()
        assert await bench.ask("AT#XSOCKET?") == b"\r\n#XSOCKET: 0,1,0,2,0\r\n" + OK
        bench.radio.inject_datagram(b"lost")
        assert await bench.hear(1) == b""
        assert (await bench.ask(f'AT#XSENDTO=0,0,0,{PEER},"x"')).endswith(OK)
        bench.radio.inject_datagram(b"heard")
        assert await bench.hear(1) == b"\r\n#XAPOLL: 0,1\r\n"


async def test_deep_sleep_loses_everything_idle_sleep_nothing():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        assert await bench.ask("AT#XSLEEP=2") == OK
        await bench.hear(1)
        bench.radio.inject_datagram(b"waits")
        assert await bench.type(b"AT\r", 5) == b""
        bench.fake.power_key()
        assert await bench.hear(1) == b"\r\n#XAPOLL: 0,1\r\n"
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == sm_answer(b"waits")
        assert await bench.ask("AT#XSLEEP=1") == OK
        await bench.hear(1)
        assert bench.radio.registration == 0
        assert await bench.type(b"AT\r", 5) == b""
        bench.fake.power_key()
        assert await bench.hear(2) == b"Ready\r\n"
        assert await bench.ask("AT#XSOCKET?") == OK


async def test_the_sim_starts_with_the_modem():
    async with Bench(SLM) as bench:
        assert await bench.ask_all("AT+CPIN?", "AT%XICCID") == ERROR * 2
        await bench.ask_all("AT+CMEE=1", "AT+CFUN=41")
        assert await bench.ask("AT+CPIN?") == b"\r\n+CME ERROR: 14\r\n"
        await bench.hear(1)
        assert await bench.ask("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
        assert await bench.ask("AT%XICCID") == b"\r\n%XICCID: 89883070000000000011\r\n" + OK
        assert await bench.ask("AT%XSYSTEMMODE=1,0,0,0") == ERROR  # not while it runs
        assert await bench.ask_all("AT+CFUN=4", "AT%XSYSTEMMODE=1,0,0,0") == OK * 2


async def test_edrx_psm_and_paging_window_are_read_back():
    async with Bench(SM, radio=BenchRadio(edrx=("0101", "0011"))) as bench:
        await online(bench)
        said = await bench.ask('AT+CEDRXS=2,4,"1010"') + await bench.hear(1)
        assert said == OK + b'\r\n+CEDRXP: 4,"1010","0101","0011"\r\n'
        assert await bench.ask('AT%XPTW=4,"0001"') == OK
        assert await bench.ask("AT%XPTW?") == b'\r\n%XPTW: 4,"0001"\r\n' + OK
        await bench.ask('AT+CEDRXS=1,4,"1010"')
        assert await bench.ask("AT%XPTW?") == OK
        assert await bench.ask("AT+CEDRXRDP") == (
            b'\r\n+CEDRXRDP: 4,"1010","0101","0011"\r\n' + OK
        )
        await bench.ask('AT+CPSMS=1,"","","10101111","01101100"')
        assert await bench.ask("AT+CPSMS?") == (b'\r\n+CPSMS: 1,,,"10101111","01101100"\r\n' + OK)
        await bench.ask("AT+CEREG=5")
        assert b',,"01101100","10101111"\r\n' in await bench.ask("AT+CEREG?")
        assert b'"0101","01101100","10101111"\r\n' in await bench.ask("AT%XMONITOR")


@pytest.mark.parametrize("model", [SLM, SM])
async def test_no_command_raises_in_any_form(model):
    async with Bench(model) as bench:
        await online(bench)
        for name in sorted(set(bench.fake.COMMANDS) - {"E", "#XSLEEP", "#XSHUTDOWN"}):
            for tail in ("", "?", "=?", "=", "=0", "=1", '=1,"x"', "=,,", "=1,1,1,1,1,1,1,1"):
                said = await bench.ask(f"AT{name}{tail}")
                assert said, (name, tail)
                await bench.hear(2)
        assert (await bench.ask("AT")).endswith(OK)
