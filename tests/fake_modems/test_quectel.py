"""What the fake BG95, BG96 and BG77 do on QI commands, in right and wrong states."""

import asyncio

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\n+QIURC: "recv",0\r\n> \x00\x1a\x1b,"\r'


async def test_a_datagram_is_announced_read_whole_and_then_there_is_none():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        bench.radio.inject_datagram(NASTY, "100.64.0.1", 6969)
        assert await bench.hear(0.1) == b'\r\n+QIURC: "recv",0\r\n'
        header = b'\r\n+QIRD: %d,"100.64.0.1",6969\r\n' % len(NASTY)
        assert await bench.ask("AT+QIRD=0") == header + NASTY + b"\r\n" + OK
        assert await bench.ask("AT+QIRD=0") == b"\r\n+QIRD: 0\r\n" + OK
        counters = b"\r\n+QIRD: %d,%d,0\r\n" % (len(NASTY), len(NASTY))
        assert await bench.ask("AT+QIRD=0,0") == counters + OK


async def test_no_second_urc_while_data_is_unread():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        for number in range(3):
            bench.radio.inject_datagram(b"%d" % number)
        assert await bench.hear(1) == b'\r\n+QIURC: "recv",0\r\n'
        await bench.ask("AT+QIRD=0")
        bench.radio.inject_datagram(b"3")
        assert await bench.hear(1) == b""
        payloads = [(await bench.ask("AT+QIRD=0")).split(b"\r\n")[2] for _ in range(3)]
        assert payloads == [b"1", b"2", b"3"]
        assert await bench.ask("AT+QIRD=0") == b"\r\n+QIRD: 0\r\n" + OK
        bench.radio.inject_datagram(b"4")
        assert await bench.hear(1) == b'\r\n+QIURC: "recv",0\r\n'


async def test_a_full_buffer_drops_the_newest():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        for number in range(10):
            bench.radio.inject_datagram(b"%d" % number * 1300)
        await bench.hear(1)
        firsts = []
        while (said := await bench.ask("AT+QIRD=0")) != b"\r\n+QIRD: 0\r\n" + OK:
            firsts.append(said.split(b"\r\n")[2][:1])
        assert firsts == [b"0", b"1", b"2", b"3", b"4", b"5", b"6"]
        assert bench.fake.sockets[0].buffer.dropped == 3


async def test_a_long_datagram_is_cut_to_what_one_read_can_be():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        bench.radio.inject_datagram(bytes(1600))
        await bench.hear(0.1)
        assert (await bench.ask("AT+QIRD=0")).startswith(b"\r\n+QIRD: 1500,")


async def test_direct_push_brings_the_payload_with_the_urc():
    async with Bench("bg95") as bench:
        await bench.quectel_socket(mode=1)
        bench.radio.inject_datagram(NASTY)
        header = b'\r\n+QIURC: "recv",0,%d,"100.64.0.1",6969\r\n' % len(NASTY)
        assert await bench.hear(0.1) == header + NASTY + b"\r\n"
        assert await bench.ask("AT+QIRD=0") == b"\r\n+QIRD: 0\r\n" + OK


@pytest.mark.parametrize(
    ("quirk", "urc", "answer"),
    [
        ("recvind", b'\r\n+QIURC: "recv",0,2\r\n', b'\r\n+QIRD: 2,"100.64.0.1",6969\r\nhi\r\n'),
        ("viewmode", b'\r\n+QIURC: "recv",0\r\n', b'\r\n+QIRD: 2,"100.64.0.1",6969,hi\r\n'),
    ],
)
async def test_quirks_of_receiving(quirk, urc, answer):
    async with Bench("bg95", quirks=[quirk]) as bench:
        await bench.quectel_socket()
        bench.radio.inject_datagram(b"hi")
        assert await bench.hear(0.1) == urc
        assert await bench.ask("AT+QIRD=0") == answer + OK


async def test_hex_data_formats():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        assert await bench.ask('AT+QICFG="dataformat",1,1') == OK
        assert await bench.ask('AT+QICFG="dataformat"') == b'\r\n+QICFG: "dataformat",1,1\r\n' + OK
        bench.radio.inject_datagram(b"\x00\xffA")
        await bench.hear(0.1)
        assert b"\r\n00FF41\r\n" in await bench.ask("AT+QIRD=0")
        await bench.ask('AT+QISEND=0,4,"100.64.0.1",6969')
        assert await bench.type(b"ff00", 1) == b"\r\nSEND OK\r\n"
        assert bench.radio.uplink[-1][0] == b"\xff\x00"
        await bench.ask('AT+QISEND=0,4,"100.64.0.1",6969')
        assert await bench.type(b"oops", 1) == b"\r\nSEND FAIL\r\n"


async def test_the_payload_is_echoed_unless_switched_off():
    async with Bench("bg95", echo=True) as bench:
        await bench.attach()
        await bench.ask_all("AT+QIACT=1", 'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0')
        await bench.hear(1)
        await bench.ask('AT+QISEND=0,2,"100.64.0.1",6969')
        assert await bench.type(b"hi", 1) == b"hi\r\nSEND OK\r\n"
        await bench.ask("AT+QISDE=0")
        await bench.ask('AT+QISEND=0,2,"100.64.0.1",6969')
        assert await bench.type(b"hi", 1) == b"\r\nSEND OK\r\n"


async def test_1460_bytes_are_sent_and_1461_refused():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        assert await bench.ask('AT+QISEND=0,1461,"100.64.0.1",6969') == ERROR
        await bench.ask('AT+QISEND=0,1460,"100.64.0.1",6969')
        assert await bench.type(bytes(1460), 1) == b"\r\nSEND OK\r\n"
        assert await bench.ask("AT+QISEND=0,0") == b"\r\n+QISEND: 1460,1460,0\r\n" + OK


async def test_a_send_that_the_radio_refuses_fails():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        bench.radio.blocks_uplink = True
        await bench.ask('AT+QISEND=0,2,"100.64.0.1",6969')
        assert await bench.type(b"hi", 1) == b"\r\nSEND FAIL\r\n"


WRONG = [
    ('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0', 552),
    ('AT+QIOPEN=1,12,"UDP SERVICE","127.0.0.1",0,4242,0', 552),
    ('AT+QIOPEN=1,0,"SCTP","127.0.0.1",0,4242,0', 552),
    ('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,70000,0', 552),
    ('AT+QIOPEN=1,0,"UDP SERVICE",127.0.0.1,0,4242,0', 552),
    ('AT+QISEND=5,2,"100.64.0.1",6969', 567),
    ('AT+QISEND=0,2,"cloud.example",6969', 552),
    ('AT+QISEND=0,2,"100.64.0.1",0', 552),
    ("AT+QISEND=0,2", 552),
    ("AT+QIRD=7", 567),
    ("AT+QIRD=0,1500", 552),
    ("AT+QIACT=1", 572),
    ("AT+QIACT=99", 552),
    ('AT+QICFG="nosuch",1', 552),
    ('AT+QICFG="viewmode",2', 552),
]


@pytest.mark.parametrize(("command", "number"), WRONG)
async def test_what_is_wrong_is_an_error_with_its_number(command, number):
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        await bench.ask("AT+CMEE=2")
        assert await bench.ask(command) == ERROR
        said = await bench.ask("AT+QIGETERROR")
        assert said.startswith(b"\r\n+QIGETERROR: %d, " % number)


@pytest.mark.parametrize(
    ("second", "number"),
    [
        ('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,5555,0', 563),
        ('AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4242,0', 574),
        ('AT+QIOPEN=2,1,"UDP SERVICE","127.0.0.1",0,5555,0', 561),
        ('AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,80', 555),
    ],
)
async def test_an_open_that_cannot_be_says_so_after_its_ok(second, number):
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        said = await bench.ask(second) + await bench.hear(1)
        assert said == OK + b"\r\n+QIOPEN: %s,%d\r\n" % (second[12:13].encode(), number)
    async with Bench("bg95", quirks=["qiopen-error-at-once"]) as bench:
        await bench.quectel_socket()
        assert await bench.ask(second) + await bench.hear(1) == ERROR


async def test_twelve_sockets_and_their_states():
    async with Bench("bg96") as bench:
        await bench.quectel_socket(port=1000)
        for number in range(1, 12):
            await bench.ask(f'AT+QIOPEN=1,{number},"UDP SERVICE","127.0.0.1",0,{1000 + number},0')
        await bench.hear(1)
        assert await bench.ask("AT+QISTATE=1,3") == (
            b'\r\n+QISTATE: 3,"UDP SERVICE","100.64.17.23",0,1003,2,1,3,0,"usbmodem"\r\n' + OK
        )
        assert (await bench.ask("AT+QISTATE?")).count(b"+QISTATE") == 12
        assert await bench.ask("AT+QICLOSE=3") == OK
        assert await bench.ask("AT+QISTATE=1,3") == OK
        bench.radio.inject_datagram(b"x", to_port=1003)
        assert await bench.hear(1) == b""
        assert bench.fake.datagrams_undeliverable == 1


async def test_closing_what_is_not_open_depends_on_the_firmware():
    async with Bench("bg95") as bench:
        assert await bench.ask("AT+QICLOSE=4") == OK
    async with Bench("bg95", quirks=["qiclose-unused-error"]) as bench:
        assert await bench.ask("AT+QICLOSE=4") == ERROR


async def test_a_client_socket_hears_only_its_remote():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        said = await bench.ask('AT+QIOPEN=1,1,"UDP","198.51.100.1",7,5000,0') + await bench.hear(1)
        assert said.endswith(b"+QIOPEN: 1,0\r\n")
        bench.radio.inject_datagram(b"stranger", "100.64.0.1", 6969, 5000)
        bench.radio.inject_datagram(b"friend", "198.51.100.1", 7, 5000)
        assert await bench.hear(1) == b'\r\n+QIURC: "recv",1\r\n'
        assert await bench.ask("AT+QIRD=1,4") == b"\r\n+QIRD: 4\r\nfrie\r\n" + OK
        assert await bench.ask("AT+QIRD=1,1500") == b"\r\n+QIRD: 2\r\nnd\r\n" + OK
        await bench.ask("AT+QISEND=1")
        assert await bench.type(b"up to\x1a", 1) == b"\r\nSEND OK\r\n"
        assert bench.radio.uplink[-1] == (b"up to", 5000, "198.51.100.1", 7)
        await bench.ask("AT+QISEND=1")
        assert await bench.type(b"never mind\x1b", 1) == OK
        assert len(bench.radio.uplink) == 1


async def test_a_lost_context_takes_its_sockets_with_it():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b'\r\n+QIURC: "pdpdeact",1\r\n'
        assert await bench.ask("AT+QISTATE?") == OK
        assert await bench.ask("AT+QIACT?") == OK
        assert await bench.ask("AT+QIRD=0") == ERROR
        assert await bench.ask("AT+QIDEACT=1") == OK
        await bench.quectel_socket()


async def test_a_context_lost_at_the_prompt_refuses_the_payload():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        await bench.ask('AT+QISEND=0,2,"100.64.0.1",6969')
        bench.radio.lose_pdp()
        said = await bench.type(b"hi", 1)
        assert said == ERROR + b'\r\n+QIURC: "pdpdeact",1\r\n'


async def test_activation_takes_its_time_and_needs_the_network():
    async with Bench("bg95", radio=BenchRadio(attach_ms=60_000)) as bench:
        loop = asyncio.get_running_loop()
        start = loop.time()
        assert await bench.ask("AT+QIACT=1") == ERROR
        assert 0.7 <= loop.time() - start <= 1.5
        assert (await bench.ask("AT+QIGETERROR")).startswith(b"\r\n+QIGETERROR: 561, ")


async def test_a_refused_bearer_is_an_error_within_150_s():
    radio = BenchRadio()
    radio.refuses_pdp = True
    async with Bench("bg95", radio=radio) as bench:
        await bench.attach()
        assert await bench.ask("AT+QIACT=1") == ERROR


async def test_registration_urcs_and_timers():
    async with Bench("bg96", radio=BenchRadio(attach_ms=3000)) as bench:
        await bench.ask("AT+CEREG=4")
        assert await bench.hear(4) == b'\r\n+CEREG: 5,"2B67","1A2D003",8\r\n'
        assert await bench.ask('AT+CPSMS=1,,,"00100100","00000101"') == OK
        assert await bench.hear(1) == (
            b'\r\n+CEREG: 5,"2B67","1A2D003",8,,,"00000101","00100100"\r\n'
        )
        assert await bench.ask("AT+CEREG?") == (
            b'\r\n+CEREG: 4,5,"2B67","1A2D003",8,,,,"00000101","00100100"\r\n' + OK
        )
        assert await bench.ask("AT+QPSMS?") == b'\r\n+QPSMS: 1,,,"14400","10"\r\n' + OK
        bench.radio.lose_coverage()
        assert (await bench.hear(1)).startswith(b"\r\n+CEREG: 2\r\n")


async def test_a_denied_attach_does_not_show_its_cause():
    async with Bench("bg95", radio=BenchRadio(attach_ms=2000, denied_cause=15)) as bench:
        assert await bench.ask_all("AT+CEREG=5", "AT+CEREG=3", "AT+CEER") == ERROR * 3
        assert await bench.ask("AT+CEREG=?") == b"\r\n+CEREG: (0-2,4)\r\n" + OK
        await bench.ask("AT+CEREG=4")
        assert await bench.hear(4) == b"\r\n+CEREG: 3\r\n"
        assert await bench.ask("AT+CGATT?") == b"\r\n+CGATT: 0\r\n" + OK


async def test_edrx_is_asked_granted_and_told():
    async with Bench("bg95", radio=BenchRadio(edrx=("0101", "0001"))) as bench:
        await bench.attach()
        assert await bench.ask("AT+CEDRXRDP") == b"\r\n+CEDRXRDP: 0\r\n" + OK
        assert await bench.ask('AT+CEDRXS=2,4,"0010"') == OK
        assert await bench.hear(1) == b'\r\n+CEDRXP: 4,"0010","0101","0001"\r\n'
        assert await bench.ask("AT+CEDRXRDP") == b'\r\n+CEDRXRDP: 4,"0010","0101","0001"\r\n' + OK
        assert await bench.ask("AT+CEDRXS?") == b'\r\n+CEDRXS: 4,"0010"\r\n' + OK
        assert await bench.ask("AT+CEDRXS=0") == OK
        await bench.hear(1)
        assert await bench.ask("AT+CEDRXRDP") == b"\r\n+CEDRXRDP: 0\r\n" + OK


async def test_information_about_the_network():
    async with Bench("bg95") as bench:
        await bench.attach()
        assert await bench.ask("AT+QNWINFO") == (
            b'\r\n+QNWINFO: "eMTC","310410","LTE BAND 20",6200\r\n' + OK
        )
        assert await bench.ask("AT+QCSQ") == b'\r\n+QCSQ: "eMTC",-75,-95,150,-10\r\n' + OK
        assert await bench.ask("AT+CSQ") == b"\r\n+CSQ: 19,99\r\n" + OK
        assert await bench.ask("AT+CESQ") == b"\r\n+CESQ: 99,99,255,255,19,46\r\n" + OK
        assert await bench.ask("AT+QCCID") == b"\r\n+QCCID: 89883070000000000011\r\n" + OK
        assert (await bench.ask("AT+CCLK?")).startswith(b'\r\n+CCLK: "26/01/01,00:00:')
        bench.radio.lose_coverage()
        await bench.hear(1)
        assert await bench.ask("AT+QNWINFO") == b"\r\n+QNWINFO: No Service\r\n" + OK
        assert await bench.ask("AT+CSQ") == b"\r\n+CSQ: 99,99\r\n" + OK
