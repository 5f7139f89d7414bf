"""What the fake SIM7000 and SIM800 do on CIP commands, in right and wrong states."""

import asyncio

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench
from tests.fake_modems.simcom_cip_bench import (
    CLOUD,
    ERROR,
    HEADED,
    OK,
    bearer,
    connection,
    connections,
)

NASTY = b'\r\nOK\r\nRECV FROM:1.2.3.4:5\r\n+IPD,3:> \x00\x1a\x1b,"\r'


@pytest.mark.parametrize(
    ("quirk", "wire"),
    [
        (None, b"\r\nRECV FROM:100.64.3.9:5001\r\n+IPD,%d:%s"),
        ("ipd-blank-line", b"\r\nRECV FROM:100.64.3.9:5001\r\n\r\n+IPD,%d:%s"),
        ("recv-from-blank", b"\r\nRECV FROM: 100.64.3.9:5001\r\n+IPD,%d:%s"),
        ("port-blank", b"\r\nRECV FROM:100.64.3.9: 5001\r\n+IPD,%d:%s"),
        ("crlf-after-push", b"\r\nRECV FROM:100.64.3.9:5001\r\n+IPD,%d:%s\r\n"),
    ],
)
async def test_a_stranger_is_heard_in_extended_mode(quirk, wire):
    async with Bench("sim7000g", quirks=[quirk] if quirk else []) as bench:
        await connection(bench, *HEADED)
        bench.radio.inject_datagram(NASTY, "100.64.3.9", 5001)
        assert await bench.hear(1) == wire % (len(NASTY), NASTY)


async def test_without_extended_mode_only_the_peer_is_heard():
    async with Bench("sim7000g") as bench:
        await connection(bench, *HEADED, "AT+CIPUDPMODE=0")
        bench.radio.inject_datagram(b"no", "100.64.3.9", 5001)
        bench.radio.inject_datagram(b"no", "100.64.0.1", 5001)
        assert await bench.hear(1) == b""
        assert bench.fake.datagrams_undeliverable == 2
        bench.radio.inject_datagram(b"yes")
        assert (await bench.hear(1)).endswith(b"+IPD,3:yes")


@pytest.mark.parametrize(
    ("settings", "wire"),
    [
        ((), b"abc"),
        (("AT+CIPHEAD=1",), b"\r\n+IPD,3:abc"),
        (("AT+CIPHEAD=1", "AT+CIPSHOWTP=1"), b"\r\n+IPD,3,UDP:abc"),
        (("AT+CIPSRIP=1",), b"\r\nRECV FROM:100.64.0.1:6969\r\nabc"),
    ],
)
async def test_headers_are_shown_as_they_are_switched_on(settings, wire):
    async with Bench("sim7000g") as bench:
        await connection(bench, *settings)
        bench.radio.inject_datagram(b"abc")
        assert await bench.hear(1) == wire


@pytest.mark.parametrize(
    ("quirks", "settings", "header"),
    [
        ([], (), b"\r\n+RECEIVE,1,3:\r\n"),
        ([], ("AT+CIPSRIP=1",), b"\r\n+RECEIVE,1,3,100.64.0.1:6969:\r\n"),
        (["receive-no-colon"], ("AT+CIPSRIP=1",), b"\r\n+RECEIVE,1,3,100.64.0.1:6969\r\n"),
    ],
)
async def test_with_several_connections_the_header_has_the_number(quirks, settings, header):
    async with Bench("sim7000g", quirks=quirks) as bench:
        await connections(bench, *settings)
        bench.radio.inject_datagram(b"abc", to_port=4343)
        assert await bench.hear(1) == header + b"abc"


async def test_manual_mode_keeps_datagrams_until_they_are_read():
    async with Bench("sim7000g") as bench:
        await connection(bench, "AT+CIPSRIP=1", "AT+CIPRXGET=1")
        bench.radio.inject_datagram(NASTY, "100.64.3.9", 5001)
        bench.radio.inject_datagram(b"second")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,100.64.3.9:5001\r\n"
        assert await bench.ask("AT+CIPRXGET=4") == (
            b"\r\n+CIPRXGET: 4,%d\r\n" % (len(NASTY) + 6) + OK
        )
        header = b"\r\n+CIPRXGET: 2,%d,6,100.64.3.9:5001\r\n" % len(NASTY)
        assert await bench.ask("AT+CIPRXGET=2,1460") == header + NASTY + OK
        header = b"\r\n+CIPRXGET: 2,4,2,100.64.0.1:6969\r\n"
        assert await bench.ask("AT+CIPRXGET=2,4") == header + b"seco" + OK
        header = b"\r\n+CIPRXGET: 3,2,0,100.64.0.1:6969\r\n"
        assert await bench.ask("AT+CIPRXGET=3,730") == header + b"6E64" + OK
        assert await bench.ask("AT+CIPRXGET=2,1460") == b"\r\n+CIPRXGET: 2,0,0\r\n" + OK
        bench.radio.inject_datagram(b"third")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,100.64.0.1:6969\r\n"


async def test_manual_mode_with_several_connections():
    async with Bench("sim7000g") as bench:
        await connections(bench, "AT+CIPRXGET=1")
        bench.radio.inject_datagram(b"abc", to_port=4343)
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,1\r\n"
        assert await bench.ask("AT+CIPRXGET=2,0,100") == b"\r\n+CIPRXGET: 2,0,0,0\r\n" + OK
        assert await bench.ask("AT+CIPRXGET=4,1") == b"\r\n+CIPRXGET: 4,1,3\r\n" + OK
        assert await bench.ask("AT+CIPRXGET=2,1,100") == b"\r\n+CIPRXGET: 2,1,3,0\r\nabc" + OK


async def test_quirks_of_manual_reads():
    async with Bench("sim7000g", quirks=["reads-merge", "crlf-after-read"]) as bench:
        await connection(bench, "AT+CIPRXGET=1")
        bench.radio.inject_datagram(b"abc")
        bench.radio.inject_datagram(b"def")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1\r\n"
        assert await bench.ask("AT+CIPRXGET=2,5") == b"\r\n+CIPRXGET: 2,5,1\r\nabcde\r\n" + OK
    async with Bench("sim7000g", quirks=["every-datagram-announced"]) as bench:
        await connection(bench, "AT+CIPRXGET=1")
        bench.radio.inject_datagram(b"abc")
        bench.radio.inject_datagram(b"def")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1\r\n" * 2


async def test_a_full_buffer_drops_the_newest():
    async with Bench("sim7000g") as bench:
        await connection(bench, "AT+CIPRXGET=1")
        for _ in range(8):
            bench.radio.inject_datagram(bytes(1300))
        await bench.hear(1)
        assert bench.fake.sockets[0].buffer.held_bytes == 7 * 1300
        assert bench.fake.sockets[0].buffer.dropped == 1


async def test_sending_binary_goes_where_mode_2_says():
    async with Bench("sim7000g") as bench:
        await connection(bench)
        assert await bench.ask(f"AT+CIPSEND={len(NASTY)}") == b"\r\n> "
        assert await bench.type(NASTY, 1) == b"\r\nSEND OK\r\n"
        assert await bench.ask('AT+CIPUDPMODE=2,"100.64.9.9",77') == OK
        assert await bench.ask("AT+CIPSEND=1") == b"\r\n> "
        assert await bench.type(b"\x1b", 1) == b"\r\nSEND OK\r\n"
        assert list(bench.radio.uplink) == [
            (NASTY, 4242, "100.64.0.1", 6969),
            (b"\x1b", 4242, "100.64.9.9", 77),
        ]


async def test_every_connection_sends_from_its_port_to_its_peer():
    async with Bench("sim7000g") as bench:
        await connections(bench)
        assert await bench.ask('AT+CIPUDPMODE=1,2,"100.64.9.9",77') == OK
        for number in (0, 1):
            assert await bench.ask(f"AT+CIPSEND={number},2") == b"\r\n> "
            assert await bench.type(b"hi", 1) == b"\r\n%d, SEND OK\r\n" % number
        assert list(bench.radio.uplink) == [
            (b"hi", 4242, "100.64.0.1", 6969),
            (b"hi", 4343, "100.64.9.9", 77),
        ]
        assert await bench.ask("AT+CIPUDPMODE?") == (
            b'\r\n+CIPUDPMODE: 0,1,"100.64.0.1",6969\r\n+CIPUDPMODE: 1,1,"100.64.9.9",77\r\n'
            + b"".join(b"+CIPUDPMODE: %d,0\r\n" % number for number in range(2, 8))
            + OK
        )


@pytest.mark.parametrize(
    ("setting", "prompt", "result"),
    [
        ("AT+CIPSPRT=0", b"", b"\r\nSEND OK\r\n"),
        ("AT+CIPSPRT=2", b"", b""),
        ("AT+CIPQSEND=1", b"\r\n> ", b"\r\nDATA ACCEPT:2\r\n"),
        ("ATE1", b"AT+CIPSEND=2\r\r\n> ", b"hi\r\nSEND OK\r\n"),
    ],
)
async def test_prompts_and_results_as_they_are_set(setting, prompt, result):
    async with Bench("sim7000g") as bench:
        await connection(bench, *([] if setting == "ATE1" else [setting]))
        if setting == "ATE1":
            await bench.ask(setting)
        assert await bench.ask("AT+CIPSEND=2") == prompt
        assert await bench.type(b"hi", 1) == result
        assert bench.radio.uplink[-1][0] == b"hi"


async def test_without_a_length_ctrl_z_ends_and_escape_cancels():
    async with Bench("sim7000g") as bench:
        await connection(bench)
        assert await bench.ask("AT+CIPSEND") == b"\r\n> "
        assert await bench.type(b"hello\x1a", 1) == b"\r\nSEND OK\r\n"
        assert await bench.ask("AT+CIPSEND") == b"\r\n> "
        assert await bench.type(b"never\x1b", 1) == OK
        assert [sent[0] for sent in bench.radio.uplink] == [b"hello"]


async def test_a_send_without_bearer_or_way_fails():
    async with Bench("sim7000g") as bench:
        await connection(bench)
        bench.radio.blocks_uplink = True
        await bench.ask("AT+CIPSEND=2")
        assert await bench.type(b"hi", 1) == b"\r\nSEND FAIL\r\n"
        bench.radio.blocks_uplink = False
        await bench.ask("AT+CIPSEND=2")
        bench.radio.lose_pdp()
        assert await bench.type(b"hi", 1) == b"\r\nSEND FAIL\r\n\r\n+PDP: DEACT\r\n"
        assert await bench.ask("AT+CIPSEND=2") == ERROR
        assert len(bench.radio.uplink) == 0


async def test_the_most_that_can_be_sent():
    async with Bench("sim7000g") as bench:
        await bearer(bench)
        assert await bench.ask("AT+CIPSEND?") == b"\r\n+CIPSEND: 0\r\n" + OK
    for quirks, most in (([], 1460), (["send-limit-1024"], 1024)):
        async with Bench("sim7000g", quirks=quirks) as bench:
            await connection(bench)
            assert await bench.ask("AT+CIPSEND?") == b"\r\n+CIPSEND: %d\r\n" % most + OK
            assert await bench.ask(f"AT+CIPSEND={most + 1}") == ERROR
            assert await bench.ask(f"AT+CIPSEND={most}") == b"\r\n> "
            assert await bench.type(bytes(most), 1) == b"\r\nSEND OK\r\n"
            assert bench.radio.uplink[-1][0] == bytes(most)


async def test_the_states_follow_each_other():
    async with Bench("sim7000g") as bench:
        await bench.attach()

        async def state() -> bytes:
            said = await bench.ask("AT+CIPSTATUS")
            assert said.startswith(OK + b"\r\nSTATE: ")
            return said[len(OK) + 9 : -2]

        assert await state() == b"IP INITIAL"
        assert await bench.ask("AT+CIICR") == ERROR
        assert await bench.ask("AT+CIFSR") == ERROR
        await bench.ask('AT+CSTT="super"')
        assert await state() == b"IP START"
        for command in ('AT+CSTT="super"', "AT+CIPMUX=1", f'AT+CIPSTART="UDP",{CLOUD}'):
            assert await bench.ask(command) == ERROR, command
        await bench.ask("AT+CIICR")
        assert await state() == b"IP GPRSACT"
        await bench.ask("AT+CIFSR")
        assert await state() == b"IP STATUS"
        assert await bench.ask("AT+CIFSR;E0") == b"\r\n100.64.17.23\r\n" + OK
        assert await bench.ask(f'AT+CIPSTART="UDP",{CLOUD}') == OK
        assert await state() == b"UDP CONNECTING"
        assert await bench.hear(1) == b"\r\nCONNECT OK\r\n"
        assert await state() == b"CONNECT OK"
        assert await bench.ask(f'AT+CIPSTART="UDP",{CLOUD}') + await bench.hear(1) == (
            OK + b"\r\nALREADY CONNECT\r\n"
        )
        assert await bench.ask("AT+CIPCLOSE") == b"\r\nCLOSE OK\r\n"
        assert await state() == b"UDP CLOSED"
        assert await bench.ask("AT+CIPCLOSE") == ERROR
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+PDP: DEACT\r\n"
        assert await state() == b"PDP DEACT"
        assert await bench.ask(f'AT+CIPSTART="UDP",{CLOUD}') == ERROR
        assert await bench.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
        assert await state() == b"IP INITIAL"


async def test_the_states_of_several_connections():
    async with Bench("sim7000g") as bench:
        await connections(bench, ports=(4242,))
        rows = [b'C: 0,0,"UDP","100.64.0.1","6969","CONNECTED"']
        rows += [b'C: %d,,"","","","INITIAL"' % number for number in range(1, 8)]
        assert await bench.ask("AT+CIPSTATUS") == (
            OK + b"\r\nSTATE: IP PROCESSING\r\n\r\n" + b"\r\n".join(rows) + b"\r\n"
        )
        line = b'\r\n+CIPSTATUS: 0,0,"UDP","100.64.0.1","6969","CONNECTED"\r\n'
        assert await bench.ask("AT+CIPSTATUS=0") == line + OK
        assert await bench.ask("AT+CIPCLOSE") == ERROR
        assert await bench.ask("AT+CIPCLOSE=0,1") == b"\r\n0, CLOSE OK\r\n"
        assert b"STATE: IP STATUS\r\n" in await bench.ask("AT+CIPSTATUS")


async def test_cipstart_after_cipclose_and_straight_from_the_beginning():
    for quirks, said in (([], OK + b"\r\nCONNECT OK\r\n"), (["cipstart-strict"], ERROR)):
        async with Bench("sim7000g", quirks=quirks) as bench:
            await connection(bench)
            await bench.ask("AT+CIPCLOSE")
            command = f'AT+CIPSTART="UDP",{CLOUD}'
            assert await bench.ask(command) + await bench.hear(1) == said
    async with Bench("sim7000g") as bench:
        await bench.attach()
        assert await bench.ask(f'AT+CIPSTART="UDP",{CLOUD}') + await bench.hear(1) == (
            OK + b"\r\nCONNECT OK\r\n"
        )


async def test_a_connection_that_fails_says_so_late():
    async with Bench("sim7000g") as bench:
        await bearer(bench)
        loop = asyncio.get_running_loop()
        start = loop.time()
        assert await bench.ask('AT+CIPSTART="TCP","198.51.100.1","7"') == OK
        assert await bench.hear(70) == b""
        failed = b"\r\nSTATE: TCP CLOSED\r\n\r\nCONNECT FAIL\r\n"
        assert await bench.hear(10) == failed
        assert loop.time() - start > 75
        assert await bench.ask('AT+CIPSTART="UDP","cloud.example",7') == OK
        assert await bench.hear(10) == b"\r\nSTATE: UDP CLOSED\r\n\r\nCONNECT FAIL\r\n"
    async with Bench("sim7000g") as bench:
        await connections(bench, ports=(4242,))
        await bench.ask('AT+CLPORT=1,"UDP",4242')
        said = await bench.ask(f'AT+CIPSTART=1,"UDP",{CLOUD}') + await bench.hear(1)
        assert said == OK + b"\r\n1, CONNECT FAIL\r\n"


@pytest.mark.parametrize("why", ["not registered", "refused"])
async def test_a_bearer_that_cannot_be_is_an_error(why):
    radio = BenchRadio(attach_ms=600_000 if why == "not registered" else 800)
    async with Bench("sim7000g", radio=radio) as bench:
        if why == "refused":
            radio.refuses_pdp = True
            await bench.attach()
        await bench.ask('AT+CSTT="super"')
        assert await bench.ask("AT+CIICR") == ERROR + b"\r\n+PDP: DEACT\r\n"
        assert await bench.ask("AT+CSTT") == ERROR
        assert b"STATE: PDP DEACT" in await bench.ask("AT+CIPSTATUS")
        assert await bench.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"


async def test_settings_and_ports_read_back():
    async with Bench("sim7000g") as bench:
        await connection(bench, *HEADED, port=8888)
        assert await bench.ask("AT+CLPORT?") == b"\r\n+CLPORT: 0,8888\r\n" + OK
        assert await bench.ask("AT+CIPUDPMODE?") == (
            b'\r\n+CIPUDPMODE: 1,"100.64.0.1",6969\r\n' + OK
        )
        assert await bench.ask("AT+CIPHEAD?") == b"\r\n+CIPHEAD: 1\r\n" + OK
        assert await bench.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
        assert await bench.ask("AT+CIPHEAD?") == b"\r\n+CIPHEAD: 1\r\n" + OK
    async with Bench("sim7000g", quirks=["shut-resets-settings"]) as bench:
        await connection(bench, *HEADED)
        await bench.ask("AT+CIPSHUT")
        assert await bench.ask_all("AT+CIPHEAD?", "AT+CIPSRIP?", "AT+CIPUDPMODE?") == (
            b"\r\n+CIPHEAD: 0\r\n" + OK + b"\r\n+CIPSRIP: 0\r\n" + OK
            + b"\r\n+CIPUDPMODE: 0\r\n" + OK
        )  # fmt: skip


async def test_some_firmware_has_clport_for_single_connections_only():
    async with Bench("sim7000g", quirks=["clport-single-only"]) as bench:
        await bearer(bench, multiple=True)
        assert await bench.ask('AT+CLPORT=0,"UDP",4242') == ERROR
    async with Bench("sim7000g", quirks=["clport-single-only"]) as bench:
        await connection(bench)


WRONG = [
    'AT+CIPSTART="SCTP","1.2.3.4",5',
    'AT+CIPSTART="UDP","1.2.3.4"',
    'AT+CIPSTART=0,"UDP","1.2.3.4",5',
    'AT+CLPORT="UDP",65536',
    'AT+CLPORT=0,"UDP",4242',
    "AT+CIPUDPMODE=3",
    'AT+CIPUDPMODE=2,"cloud.example",5',
    'AT+CIPUDPMODE=2,"1.2.3.4",0',
    "AT+CIPSEND=0",
    "AT+CIPSEND=1461",
    "AT+CIPRXGET=1",
    "AT+CIPRXGET=2,100",
    "AT+CIPRXGET=5",
    "AT+CIPHEAD=2",
    "AT+CIPMUX=1",
    'AT+CSTT="again"',
    "AT+CIICR",
    "AT+CNACT=0",
    "AT+SAPBR=2,2",
]


@pytest.mark.parametrize("command", WRONG)
async def test_what_is_wrong_is_an_error(command):
    async with Bench("sim7000g") as bench:
        await connection(bench)
        assert await bench.ask(command) == ERROR
        await bench.ask("AT+CMEE=1")
        assert (await bench.ask(command)).startswith(b"\r\n+CME ERROR: ")


async def test_names_do_not_resolve_and_addresses_do():
    async with Bench("sim7000g") as bench:
        await bearer(bench)
        assert await bench.ask('AT+CDNSGIP="cloud.example"') + await bench.hear(3) == (
            OK + b"\r\n+CDNSGIP: 0,8\r\n"
        )
        assert await bench.ask('AT+CDNSGIP="1.2.3.4"') + await bench.hear(3) == (
            OK + b'\r\n+CDNSGIP: 1,"1.2.3.4","1.2.3.4"\r\n'
        )


async def test_the_bearers_are_independent_and_all_end_with_the_connection():
    async with Bench("sim7000g") as bench:
        await connection(bench)
        assert await bench.ask('AT+CNACT=1,"super"') + await bench.hear(1) == (
            OK + b"\r\n+APP PDP: ACTIVE\r\n"
        )
        await bench.ask("AT+SAPBR=1,1")
        assert await bench.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
        assert b'+CNACT: 1,"100.64.17.23"' in await bench.ask("AT+CNACT?")
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+APP PDP: DEACTIVE\r\n\r\n+SAPBR 1: DEACT\r\n"
        assert b"+SAPBR: 1,3," in await bench.ask("AT+SAPBR=2,1")
