"""Fake nRF91 with Serial LTE Modem firmware: selected sockets, UDP proxy, polling, data mode."""

import pytest

from tests.fake_modems.bench import Bench
from tests.fake_modems.nordic_bench import (
    ERROR,
    LONG,
    NASTY,
    OK,
    PEER,
    SLM,
    online,
    slm_answer,
    slm_socket,
)


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
