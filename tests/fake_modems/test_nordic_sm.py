"""Fake nRF91 with Serial Modem firmware: handles, events, automatic reception, counted data."""

import pytest

from tests.fake_modems.bench import Bench
from tests.fake_modems.nordic_bench import (
    ERROR,
    LONG,
    NASTY,
    OK,
    PEER,
    SM,
    online,
    sm_answer,
    sm_socket,
)


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
