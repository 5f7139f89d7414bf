"""What the fake SIM7070G, SIM7080G and SIM7090G do on CA commands, in right and wrong states."""

import asyncio

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\n+CANEW: 0,0,> \x00\x1a\x1b,"\r'
DATA_URC = b"\r\n+CADATAIND: 0\r\n"
NEW_URC = b"\r\n+CANEW: 0,0,100.64.0.1,6969\r\n"


async def test_a_datagram_is_announced_read_and_then_there_is_none():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        bench.radio.inject_datagram(NASTY)
        assert await bench.hear(1) == DATA_URC + NEW_URC
        header = b"\r\n+CARECV: %d," % len(NASTY)
        assert await bench.ask("AT+CARECV=0,1460") == header + NASTY + b"\r\n" + OK
        assert await bench.ask("AT+CARECV=0,1460") == b"\r\n+CARECV: 0\r\n" + OK


@pytest.mark.parametrize(
    ("quirk", "said"),
    [
        ("canew-first", NEW_URC + DATA_URC),
        ("only-canew", NEW_URC),
        ("only-cadataind", DATA_URC),
    ],
)
async def test_announcements_differ_between_firmwares(quirk, said):
    async with Bench("sim7080g", quirks=[quirk]) as bench:
        await bench.simcom_socket()
        bench.radio.inject_datagram(b"1")
        bench.radio.inject_datagram(b"2")
        assert await bench.hear(1) == said


async def test_some_firmware_announces_every_datagram():
    async with Bench("sim7080g", quirks=["every-datagram-announced", "only-canew"]) as bench:
        await bench.simcom_socket()
        bench.radio.inject_datagram(b"1")
        bench.radio.inject_datagram(b"2")
        assert await bench.hear(1) == NEW_URC * 2


async def test_the_sender_is_shown_with_casrip():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        await bench.ask("AT+CASRIP=1")
        bench.radio.inject_datagram(b"*SET,55", "100.64.3.9", 5001)
        await bench.hear(1)
        answer = b"\r\n+CARECV: 100.64.3.9,5001,7,*SET,55\r\n"
        assert await bench.ask("AT+CARECV=0,1460") == answer + OK
        assert await bench.ask("AT+CARECV=0,1460") == b"\r\n+CARECV: 0\r\n" + OK


@pytest.mark.parametrize(
    ("quirks", "reads"), [([], [b"abcd", b"ef", b"gh"]), (["rest-dropped"], [b"abcd", b"gh"])]
)
async def test_datagrams_stay_apart_and_a_rest_is_kept_or_dropped(quirks, reads):
    async with Bench("sim7080g", quirks=quirks) as bench:
        await bench.simcom_socket()
        bench.radio.inject_datagram(b"abcdef")
        bench.radio.inject_datagram(b"gh")
        await bench.hear(1)
        assert await bench.ask("AT+CARECV?") == b"\r\n+CARECV: 0,8\r\n" + OK
        for read in reads:
            answer = b"\r\n+CARECV: %d,%s\r\n" % (len(read), read)
            assert await bench.ask("AT+CARECV=0,4") == answer + OK
        assert await bench.ask("AT+CARECV=0,4") == b"\r\n+CARECV: 0\r\n" + OK


async def test_push_brings_the_payload_with_the_urc():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket(push=1)
        bench.radio.inject_datagram(NASTY)
        header = b'\r\n+CAURC: "recv",0,%d,100.64.0.1,6969\r\n' % len(NASTY)
        assert await bench.hear(1) == header + NASTY + b"\r\n"


async def test_a_full_buffer_drops_the_newest_and_says_so():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        for _ in range(8):
            bench.radio.inject_datagram(bytes(1300))
        assert (await bench.hear(1)).endswith(b'\r\n+CAURC: "buffer full"\r\n')
        assert bench.fake.sockets[0].buffer.held_bytes == 7 * 1300


@pytest.mark.parametrize(
    ("quirk", "prompt"), [(None, b"\r\n>"), ("prompt-blank", b"\r\n> "), ("prompt-bare", b">")]
)
async def test_sending_binary_to_the_remote_address(quirk, prompt):
    async with Bench("sim7080g", quirks=[quirk] if quirk else []) as bench:
        await bench.simcom_socket()
        assert await bench.ask(f"AT+CASEND=0,{len(NASTY)}") == prompt
        assert await bench.type(NASTY, 1) == OK
        assert bench.radio.uplink[-1] == (NASTY, 4242, "100.64.0.1", 6969)


async def test_old_firmware_reports_a_send_twice():
    async with Bench("sim7080g", quirks=["casend-result"]) as bench:
        await bench.simcom_socket()
        await bench.ask("AT+CASEND=0,2")
        assert await bench.type(b"hi", 1) == OK + b"\r\n+CASEND: 0,0,2\r\n"


async def test_the_input_window_of_casend_closes():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        loop = asyncio.get_running_loop()
        start = loop.time()
        await bench.ask("AT+CASEND=0,5,2000")
        assert await bench.type(b"hi", 1.5) == b""
        assert await bench.hear(1) == ERROR
        assert loop.time() - start < 3
        assert len(bench.radio.uplink) == 0
        assert await bench.ask("AT") == OK


async def test_a_socket_that_dies_at_the_prompt_refuses_the_payload():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        assert await bench.ask("AT+CNACT=0,0") == OK
        assert await bench.ask("AT+CASEND=0,2") == b"\r\n>"
        await bench.hear(1)
        assert (await bench.type(b"hi", 1)).startswith(ERROR)
        assert len(bench.radio.uplink) == 0


async def test_a_server_without_a_remote_address_cannot_send():
    async with Bench("sim7080g") as bench:
        await bench.attach()
        await bench.ask("AT+CNACT=0,1")
        await bench.hear(2)
        await bench.ask('AT+CASERVER=0,0,"UDP",4242')
        assert await bench.ask("AT+CASEND=0,2") == ERROR


WRONG = [
    'AT+CASERVER=13,0,"UDP",4242',
    'AT+CASERVER=0,0,"SCTP",4242',
    'AT+CASERVER=0,0,"UDP",0',
    "AT+CASEND=0,1461",
    "AT+CASEND=3,5",
    "AT+CARECV=0,1461",
    "AT+CARECV=0",
    "AT+CARECV=5,100",
    "AT+CACLOSE=5",
    'AT+CACFG="NOSUCH",1',
    'AT+CACFG="MSS",1',
    'AT+CACFG="REMOTEADDR",0,cloud.example,1',
    "AT+CNACT=0,1",
    "AT+CNACT=1,0",
]


@pytest.mark.parametrize("command", WRONG)
async def test_what_is_wrong_is_an_error(command):
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        assert await bench.ask(command) == ERROR
        await bench.ask("AT+CMEE=1")
        assert (await bench.ask(command)).startswith(b"\r\n+CME ERROR: ")


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ('AT+CASERVER=0,0,"UDP",5555', 4),
        ('AT+CASERVER=1,0,"UDP",4242', 12),
        ('AT+CASERVER=1,2,"UDP",5555', 1),
        ('AT+CASERVER=1,0,"UDP6",5555', 7),
        ('AT+CAOPEN=1,0,"UDP","198.51.100.1",7', 0),
        ('AT+CAOPEN=1,0,"UDP","cloud.example",7', 20),
        ('AT+CAOPEN=1,0,"TCP","198.51.100.1",7', 27),
    ],
)
async def test_an_open_tells_its_result_before_ok_or_after(command, result):
    name, cid = command[2 : command.index("=")].encode(), command[command.index("=") + 1].encode()
    urc = b"\r\n%s: %s,%d\r\n" % (name, cid, result)
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        assert await bench.ask(command) == urc + OK
    async with Bench("sim7080g", quirks=["result-after-ok"]) as bench:
        await bench.simcom_socket()
        assert await bench.ask(command) + await bench.hear(1) == OK + urc
    if b"CAOPEN" in name:
        async with Bench("sim7080g") as bench:
            await bench.simcom_socket()
            await bench.ask('AT+CACFG="ASYNCOPEN",1')
            assert await bench.ask(command) + await bench.hear(100) == OK + urc


async def test_a_synchronous_open_eats_what_is_typed_meanwhile():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        await bench.link.host.write(b'AT+CAOPEN=1,0,"TCP","198.51.100.1",7\r')
        assert await bench.hear(10) == b""
        assert await bench.type(b"AT\rAT\r", 60) == b""
        assert await bench.hear(10) == b"\r\n+CAOPEN: 1,27\r\n" + OK
        assert bench.fake.at.input_lost == 6


async def test_a_lost_bearer_takes_its_sockets_with_it():
    async with Bench("sim7080g") as bench:
        await bench.simcom_socket()
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+APP PDP: 0,DEACTIVE\r\n\r\n+CASTATE: 0,0\r\n"
        assert await bench.ask("AT+CASTATE?") == OK
        assert await bench.ask("AT+CARECV=0,1460") == ERROR
        assert b"+CNACT: 0,0" in await bench.ask("AT+CNACT?")


async def test_a_bearer_that_cannot_be_is_deactive_after_ok():
    async with Bench("sim7080g", radio=BenchRadio(attach_ms=60_000)) as bench:
        assert await bench.ask("AT+CNACT=0,1") == OK
        assert await bench.hear(2) == b"\r\n+APP PDP: 0,DEACTIVE\r\n"
    async with Bench("sim7080g", quirks=["app-pdp-no-index"]) as bench:
        await bench.attach()
        assert await bench.ask("AT+CNACT=0,1") + await bench.hear(2) == (
            OK + b"\r\n+APP PDP: ACTIVE\r\n"
        )


async def test_an_address_is_shown_before_the_bearer_is_up():
    async with Bench("sim7080g") as bench:
        await bench.attach()
        assert await bench.ask("AT+CGPADDR=1") == b'\r\n+CGPADDR: 1,"100.64.17.23"\r\n' + OK
        assert b'+CNACT: 0,0,"0.0.0.0"' in await bench.ask("AT+CNACT?")
        assert await bench.ask('AT+CASERVER=0,0,"UDP",4242') == b"\r\n+CASERVER: 0,1\r\n" + OK


async def test_psm_is_asked_for_only_when_switched_on():
    async with Bench("sim7080g") as bench:
        await bench.attach()
        await bench.ask('AT+CPSMS=1,,,"00100100","00000101"')
        await bench.hear(1)
        await bench.ask('AT+CPSMS=1,,,"00100001","00000001"')
        await bench.hear(1)
        assert bench.radio.granted_psm == ("00100100", "00000101")
        await bench.ask_all("AT+CPSMS=0", 'AT+CPSMS=1,,,"00100001","00000001"')
        await bench.hear(1)
        assert bench.radio.granted_psm == ("00100001", "00000001")


async def test_registration_lines_have_timers_and_a_field_more_by_quirk():
    async with Bench("sim7080g", quirks=["cereg-rac"]) as bench:
        await bench.attach()
        await bench.ask("AT+CEREG=4")
        assert await bench.ask("AT+CEREG?") == (
            b'\r\n+CEREG: 4,5,"2B67",,"1A2D003",7,,,"00000000","01100000"\r\n' + OK
        )
    async with Bench(
        "sim7080g", quirks=["cereg-twice"], radio=BenchRadio(attach_ms=2000)
    ) as bench:
        await bench.ask("AT+CEREG=4")
        line = b'\r\n+CEREG: 5,"2B67","1A2D003",7,,,"00000000","01100000"\r\n'
        assert await bench.hear(5) == line * 2


async def test_the_demo_of_the_service_gets_its_command():
    """The lines of korewireless/Super-Sim-Raspberry-Pi-Pico-Demos, ip-commands."""
    async with Bench("sim7080g") as bench:
        await bench.attach()
        assert await bench.ask("ATE1") == OK
        line = 'AT+CMEE=2;+CMGF=1;+CMGD=,4;+CNMP=38;+CMNB=1;+CGDCONT=1,"IP","super"'
        assert (await bench.ask(line)).endswith(OK)
        assert b"," in await bench.ask("AT+COPS?")
        assert b"+CNACT: 0,0" in await bench.ask("AT+CNACT?")
        assert b"ACTIVE" in await bench.ask("AT+CNACT=0,1") + await bench.hear(2)
        await bench.ask('AT+CASERVER=0,0,"UDP",6969')
        await bench.ask('AT+CACFG="REMOTEADDR",0,100.64.0.1,6969')
        bench.radio.inject_datagram(b"LED=12", to_port=6969)
        assert b"+CANEW:" in await bench.hear(1)
        assert b"\r\n+CARECV: 6,LED=12\r\n" in await bench.ask("AT+CARECV=0,100")
