"""What the fake SIM7600, A76XX and SIM767X do on CIPOPEN commands, in right and wrong states."""

import asyncio

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
NASTY = b'\r\nOK\r\nRECV FROM:1.2.3.4:5\r\n+IPD3\r\n> \x00\x03\x1a\x1b,"\r'


async def network(bench: Bench, *settings: str) -> None:
    """Everything before the first link."""
    await bench.attach()
    for command in settings:
        assert await bench.ask(command) == OK, command
    assert await bench.ask("AT+NETOPEN") + await bench.hear(2) == OK + b"\r\n+NETOPEN: 0\r\n"


async def links(bench: Bench, *settings: str, ports: tuple[int, ...] = (4242,)) -> None:
    """UDP links 0, 1, ... on these local ports."""
    await network(bench, *settings)
    for number, port in enumerate(ports):
        said = await bench.ask(f'AT+CIPOPEN={number},"UDP",,,{port}')
        assert said == b"\r\n+CIPOPEN: %d,0\r\n" % number + OK


MODELS = ["sim7500", "sim7600", "a7670", "a7672", "sim7670g", "sim7672g"]


@pytest.mark.parametrize("model", MODELS)
async def test_a_stranger_is_heard_and_answered(model):
    async with Bench(model) as bench:
        await links(bench)
        bench.radio.inject_datagram(NASTY, "100.64.3.9", 5001)
        header = b"\r\nRECV FROM:100.64.3.9:5001\r\n+IPD%d\r\n" % len(NASTY)
        assert await bench.hear(1) == header + NASTY
        command = f'AT+CIPSEND=0,{len(NASTY)},"100.64.3.9",5001'
        assert await bench.ask(command) == b"\r\n>"
        sent = b"\r\n+CIPSEND: 0,%d,%d\r\n" % (len(NASTY), len(NASTY))
        assert await bench.type(NASTY, 1) == OK + sent
        assert bench.radio.uplink[-1] == (NASTY, 4242, "100.64.3.9", 5001)


@pytest.mark.parametrize(
    ("quirk", "settings", "wire"),
    [
        ("plus-recv-from", (), b"\r\n+RECV FROM:100.64.0.1:6969\r\n+IPD3\r\nabc"),
        ("crlf-after-push", (), b"\r\nRECV FROM:100.64.0.1:6969\r\n+IPD3\r\nabc\r\n"),
        (None, ("AT+CIPSRIP=0",), b"\r\n+IPD3\r\nabc"),
        (None, ("AT+CIPHEAD=0",), b"\r\nRECV FROM:100.64.0.1:6969\r\nabc"),
        (None, ("AT+CIPHEAD=0", "AT+CIPSRIP=0"), b"abc"),
        (
            None,
            ("AT+CIPCCFG=10,0,0,1,1,0,500",),
            b"\r\nRECV FROM:100.64.0.1:6969\r\n+RECEIVE,1,3\r\nabc",
        ),
        (
            "receive-colon",
            ("AT+CIPCCFG=10,0,0,1,1,0,500", "AT+CIPSRIP=0"),
            b"\r\n+RECEIVE,1,3:\r\nabc",
        ),
    ],
)
async def test_headers_of_pushed_data(quirk, settings, wire):
    async with Bench("sim7600", quirks=[quirk] if quirk else []) as bench:
        await links(bench, *settings, ports=(4242, 4343))
        bench.radio.inject_datagram(b"abc", to_port=4343)
        assert await bench.hear(1) == wire


async def test_buffer_mode_announces_once_and_reads_a_stream_of_bytes():
    async with Bench("sim7600") as bench:
        await links(bench, "AT+CIPRXGET=1")
        bench.radio.inject_datagram(NASTY)
        bench.radio.inject_datagram(b"second")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,0\r\n"
        count = len(NASTY) + 6
        assert await bench.ask("AT+CIPRXGET=4,0") == b"\r\n+CIPRXGET: 4,0,%d\r\n" % count + OK
        header = b"\r\n+CIPRXGET: 2,0,%d,2\r\n" % (count - 2)
        assert await bench.ask(f"AT+CIPRXGET=2,0,{count - 2}") == header + NASTY + b"seco" + OK
        assert await bench.ask("AT+CIPRXGET=3,0") == b"\r\n+CIPRXGET: 3,0,2,0\r\n6E64\r\n" + OK
        assert await bench.ask("AT+CIPRXGET=2,0") == b"\r\n+IP ERROR: No data\r\n" + ERROR
        bench.radio.inject_datagram(b"third")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,0\r\n"


async def test_an_a76xx_keeps_packets_when_told_before_netopen():
    async with Bench("a7670") as bench:
        await links(bench, "AT+CIPCCFG=10,0,0,1,0,0,500,1", "AT+CIPRXGET=5")
        bench.radio.inject_datagram(b"abcdef", "100.64.3.9", 5001)
        bench.radio.inject_datagram(b"gh")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,0\r\n"
        sender = b"\r\n+CIPRXGETIP:100.64.3.9:5001\r\n"
        assert await bench.ask("AT+CIPRXGET=2,0,4") == (
            sender + b"+CIPRXGET: 2,0,4,4\r\nabcd" + OK
        )
        assert await bench.ask("AT+CIPRXGET=2,0") == sender + b"+CIPRXGET: 2,0,2,2\r\nef" + OK
        assert await bench.ask("AT+CIPRXGET=2,0") == (
            b"\r\n+CIPRXGETIP:100.64.0.1:6969\r\n+CIPRXGET: 2,0,2,0\r\ngh" + OK
        )
    async with Bench("a7670") as bench:
        await links(bench, "AT+CIPRXGET=1")
        assert await bench.ask("AT+CIPCCFG=10,0,0,1,0,0,500,1") == OK
        bench.radio.inject_datagram(b"abc")
        bench.radio.inject_datagram(b"def")
        await bench.hear(1)
        assert await bench.ask("AT+CIPRXGET=2,0") == b"\r\n+CIPRXGET: 2,0,6,0\r\nabcdef" + OK


async def test_quirks_of_buffer_mode():
    quirks = ["crlf-after-read", "every-datagram-announced"]
    async with Bench("a7670", quirks=quirks) as bench:
        await links(bench, "AT+CIPRXGET=1")
        bench.radio.inject_datagram(b"abc")
        bench.radio.inject_datagram(b"def")
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,0\r\n" * 2
        assert await bench.ask("AT+CIPRXGET=2,0") == b"\r\n+CIPRXGET: 2,0,6,0\r\nabcdef\r\n" + OK
    async with Bench("a7670", quirks=["getip-after-data"]) as bench:
        await links(bench, "AT+CIPRXGET=5")
        bench.radio.inject_datagram(b"abc")
        await bench.hear(1)
        assert await bench.ask("AT+CIPRXGET=2,0") == (
            b"\r\n+CIPRXGET: 2,0,3,0\r\nabc\r\n+CIPRXGETIP:100.64.0.1:6969\r\n" + OK
        )


async def test_back_to_push_brings_what_was_kept():
    async with Bench("sim7600") as bench:
        await links(bench, "AT+CIPRXGET=1")
        bench.radio.inject_datagram(b"abc")
        bench.radio.inject_datagram(b"de")
        await bench.hear(1)
        line = b"\r\nRECV FROM:100.64.0.1:6969\r\n"
        assert await bench.ask("AT+CIPRXGET=0") + await bench.hear(1) == (
            OK + line + b"+IPD3\r\nabc" + line + b"+IPD2\r\nde"
        )


async def test_a_full_buffer_drops_the_newest():
    async with Bench("sim7600") as bench:
        await links(bench, "AT+CIPRXGET=1")
        for _ in range(8):
            bench.radio.inject_datagram(bytes(1300))
        await bench.hear(1)
        assert bench.fake.sockets[0].buffer.held_bytes == 7 * 1300


@pytest.mark.parametrize(
    ("quirk", "prompt"), [(None, b"\r\n>"), ("prompt-blank", b"\r\n> "), ("prompt-bare", b">")]
)
async def test_the_prompt_has_several_forms_and_its_data_an_echo(quirk, prompt):
    async with Bench("sim7600", quirks=[quirk] if quirk else []) as bench:
        await links(bench)
        assert await bench.ask('AT+CIPSEND=0,2,"100.64.0.1",6969') == prompt
        assert await bench.type(b"hi", 1) == OK + b"\r\n+CIPSEND: 0,2,2\r\n"
        await bench.ask("ATE1")
        await bench.ask('AT+CIPSEND=0,2,"100.64.0.1",6969')
        assert await bench.type(b"ho", 1) == b"ho" + OK + b"\r\n+CIPSEND: 0,2,2\r\n"


async def test_without_a_length_ctrl_z_ends_escape_cancels_and_3_escapes():
    async with Bench("a7670") as bench:
        await links(bench)
        command = 'AT+CIPSEND=0,,"100.64.0.1",6969'
        assert await bench.ask(command) == b"\r\n>"
        assert await bench.type(b"a\x03\x1ab\x03\x1bc\x03\x03d\x1aAT\r", 1) == (
            OK + OK + b"\r\n+CIPSEND: 0,7,7\r\n"
        )
        assert bench.radio.uplink[-1][0] == b"a\x1ab\x1bc\x03d"
        assert await bench.ask(command) == b"\r\n>"
        assert await bench.type(b"never\x1b", 1) == OK
        assert len(bench.radio.uplink) == 1
        assert await bench.ask("AT") == OK


async def test_what_was_not_sent_is_confirmed_as_less():
    async with Bench("sim7600") as bench:
        await links(bench)
        bench.radio.blocks_uplink = True
        await bench.ask('AT+CIPSEND=0,2,"100.64.0.1",6969')
        assert await bench.type(b"hi", 1) == OK + b"\r\n+CIPSEND: 0,2,0\r\n"
        bench.radio.blocks_uplink = False
        await bench.ask('AT+CIPSEND=0,2,"100.64.0.1",6969')
        bench.radio.lose_pdp()
        assert await bench.type(b"hi", 1) == (
            OK + b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n" + b"\r\n+CIPSEND: 0,2,-1\r\n"
        )
        assert len(bench.radio.uplink) == 0
        assert (
            await bench.ask('AT+CIPSEND=0,2,"100.64.0.1",6969') == b"\r\n+CIPERROR: 2\r\n" + ERROR
        )


async def test_the_longest_datagram_passes_both_ways():
    async with Bench("sim7600") as bench:
        await links(bench)
        longest = bytes(range(250)) * 6
        bench.radio.inject_datagram(longest)
        assert (await bench.hear(1)).endswith(b"+IPD1500\r\n" + longest)
        assert await bench.ask('AT+CIPSEND=0,1500,"100.64.0.1",6969') == b"\r\n>"
        assert await bench.type(longest, 1) == OK + b"\r\n+CIPSEND: 0,1500,1500\r\n"
        assert bench.radio.uplink[-1][0] == longest


async def test_the_network_opens_once_and_closes_once():
    async with Bench("sim7600") as bench:
        await bench.attach()
        assert await bench.ask("AT+NETOPEN?") == b"\r\n+NETOPEN: 0\r\n" + OK
        assert await bench.ask("AT+IPADDR") == b"\r\n+IP ERROR: Network not opened\r\n" + ERROR
        assert await bench.ask("AT+NETCLOSE") == b"\r\n+NETCLOSE: 2\r\n" + ERROR
        assert await bench.ask('AT+CIPOPEN=0,"UDP",,,4242') == b"\r\n+CIPOPEN: 0,2\r\n" + ERROR
        assert await bench.ask("AT+NETOPEN") == OK
        again = b"\r\n+IP ERROR: Network is already opened\r\n" + ERROR
        assert await bench.ask("AT+NETOPEN") == again
        assert await bench.hear(2) == b"\r\n+NETOPEN: 0\r\n"
        assert await bench.ask("AT+NETOPEN") == again
        assert await bench.ask("AT+NETOPEN?") == b"\r\n+NETOPEN: 1\r\n" + OK
        assert await bench.ask("AT+IPADDR") == b"\r\n+IPADDR: 100.64.17.23\r\n" + OK
        assert await bench.ask("AT+CIPCCFG=10,0,0,0,0,0,500") == OK
        assert await bench.ask("AT+NETOPEN") == b"\r\n+IP ERROR: 4\r\n" + ERROR
        assert await bench.ask("AT+NETCLOSE") + await bench.hear(1) == (
            OK + b"\r\n+NETCLOSE: 0\r\n"
        )
    async with Bench("a7670", quirks=["ipaddr-own-error"]) as bench:
        assert await bench.ask("AT+IPADDR") == b"\r\n+IPADDR: Network not opened\r\n" + ERROR


async def test_netclose_ends_links_and_an_a76xx_says_so():
    for model, said in (("sim7600", b""), ("a7670", b"\r\n+CIPCLOSE: 0,0\r\n+CIPCLOSE: 1,0\r\n")):
        async with Bench(model) as bench:
            await links(bench, ports=(4242, 4343))
            assert await bench.ask("AT+NETCLOSE") + await bench.hear(1) == (
                said + OK + b"\r\n+NETCLOSE: 0\r\n"
            )
            assert bench.fake.sockets == {}


@pytest.mark.parametrize("why", ["not registered", "refused"])
async def test_a_network_that_cannot_be_opened(why):
    for quirks, said in (
        ([], OK + b"\r\n+NETOPEN: 1\r\n"),
        (["netopen-bare-error"], ERROR),
    ):
        radio = BenchRadio(attach_ms=600_000 if why == "not registered" else 800)
        radio.refuses_pdp = True
        async with Bench("sim7600", quirks=quirks, radio=radio) as bench:
            if why == "refused":
                await bench.attach()
            assert await bench.ask("AT+NETOPEN") + await bench.hear(3) == said
            assert await bench.ask("AT+NETOPEN?") == b"\r\n+NETOPEN: 0\r\n" + OK


async def test_a_lost_network_takes_its_links_with_it():
    event = b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n"
    async with Bench("sim7600") as bench:
        await links(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == event
        assert await bench.ask("AT+NETOPEN?") == b"\r\n+NETOPEN: 0\r\n" + OK
        assert (await bench.ask("AT+CIPCLOSE?")).startswith(b"\r\n+CIPCLOSE: 0,")
        assert await bench.ask("AT+NETOPEN") + await bench.hear(2) == (OK + b"\r\n+NETOPEN: 0\r\n")
    async with Bench("sim7600", quirks=["netopen-stays"]) as bench:
        await links(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == event
        assert await bench.ask("AT+NETOPEN?") == b"\r\n+NETOPEN: 1\r\n" + OK
        assert b"already opened" in await bench.ask("AT+NETOPEN")
        assert await bench.ask('AT+CIPOPEN=1,"UDP",,,4343') == b"\r\n+CIPOPEN: 1,1\r\n" + ERROR
        assert await bench.ask("AT+CIPCLOSE=0") == b"\r\n+CIPCLOSE: 0,0\r\n" + OK
        assert await bench.ask("AT+NETCLOSE") + await bench.hear(1) == (
            OK + b"\r\n+NETCLOSE: 0\r\n"
        )
        assert await bench.ask("AT+NETOPEN") + await bench.hear(2) == (OK + b"\r\n+NETOPEN: 0\r\n")


WRONG_PARAMETER = b"\r\n+IP ERROR: Invalid parameter\r\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ('AT+CIPOPEN=10,"UDP",,,5555', WRONG_PARAMETER),
        ('AT+CIPOPEN=1,"SCTP",,,5555', WRONG_PARAMETER),
        ('AT+CIPOPEN=1,"UDP SERVER",,,5555', WRONG_PARAMETER),
        ('AT+CIPOPEN=1,"UDP"', b"\r\n+CIPOPEN: 1,3\r\n"),
        ('AT+CIPOPEN=1,"UDP","1.2.3.4",5555', b"\r\n+CIPOPEN: 1,3\r\n"),
        ('AT+CIPOPEN=1,"UDP","cloud.example",5555,5555', b"\r\n+CIPOPEN: 1,11\r\n"),
        ('AT+CIPOPEN=0,"UDP",,,5555', b"\r\n+CIPOPEN: 0,4\r\n"),
        ('AT+CIPOPEN=1,"UDP",,,4242', b"\r\n+CIPOPEN: 1,6\r\n"),
        ("AT+CIPCLOSE=1", b"\r\n+CIPCLOSE: 1,4\r\n"),
        ("AT+CIPCLOSE=10", WRONG_PARAMETER),
        ('AT+CIPSEND=1,5,"1.2.3.4",5', b"\r\n+CIPERROR: 4\r\n"),
        ('AT+CIPSEND=0,0,"1.2.3.4",5', b"\r\n+CIPERROR: 3\r\n"),
        ('AT+CIPSEND=0,1501,"1.2.3.4",5', b"\r\n+CIPERROR: 3\r\n"),
        ('AT+CIPSEND=0,5,"cloud.example",5', b"\r\n+CIPERROR: 3\r\n"),
        ("AT+CIPSEND=0,5", b"\r\n+CIPERROR: 3\r\n"),
        ("AT+CIPRXGET=2,0", b"\r\n+IP ERROR: Operation not supported\r\n"),
        ("AT+CIPRXGET=5", WRONG_PARAMETER),
        ("AT+CIPCCFG=10,0,0,1,0,0,500,1", b""),
        ("AT+CIPTIMEOUT=2999,3000,3000", b""),
        ("AT+CIPMODE=1", b""),
        ('AT+CDNSGIP="cloud.example"', b"\r\n+CDNSGIP: 0,10\r\n"),
    ],
)
async def test_what_is_wrong_is_told_and_ends_with_error(command, said):
    async with Bench("sim7600") as bench:
        await links(bench)
        assert await bench.ask(command) == said + ERROR


async def test_links_are_counted_by_series():
    for model, count in (("sim7600", 10), ("a7670", 10), ("sim7670g", 4)):
        async with Bench(model) as bench:
            await links(bench, ports=tuple(range(5000, 5000 + count)))
            flags = b",".join([b"1"] * count)
            assert await bench.ask("AT+CIPCLOSE?") == b"\r\n+CIPCLOSE: " + flags + b"\r\n" + OK
            command = f'AT+CIPOPEN={count},"UDP",,,6000'
            assert await bench.ask(command) == WRONG_PARAMETER + ERROR


async def test_other_ways_to_open_a_link():
    async with Bench("a7670") as bench:
        await network(bench)
        said = await bench.ask('AT+CIPOPEN=0,"UDP SERVER",,,4242')
        assert said == b"\r\n+CIPOPEN: 0,0\r\n" + OK
        said = await bench.ask('AT+CIPOPEN=1,"UDP","1.2.3.4",5,4343')
        assert said == b"\r\n+CIPOPEN: 1,0\r\n" + OK
        bench.radio.inject_datagram(b"abc", "100.64.3.9", 5001, to_port=4343)
        assert (await bench.hear(1)).endswith(b"+IPD3\r\nabc")
        assert (await bench.ask("AT+CIPOPEN?")).count(b"UDP") == 2


async def test_a_tcp_link_fails_after_its_time_out():
    async with Bench("sim7600") as bench:
        await network(bench, "AT+CIPTIMEOUT=120000,15000,15000")
        loop = asyncio.get_running_loop()
        start = loop.time()
        assert await bench.ask('AT+CIPOPEN=3,"TCP","198.51.100.7",80') == OK
        assert await bench.hear(14) == b""
        assert await bench.hear(2) == b"\r\n+CIPOPEN: 3,10\r\n"
        assert loop.time() - start < 20


async def test_settings_read_back():
    for model, end in (("sim7600", b""), ("a7670", b",0"), ("sim7670g", b"")):
        async with Bench(model) as bench:
            said = await bench.ask("AT+CIPCCFG?")
            assert said == b"\r\n+CIPCCFG: 10,0,0,1,0,0,500" + end + b"\r\n" + OK
            assert await bench.ask("AT+CIPTIMEOUT?") == (
                b"\r\n+CIPTIMEOUT: 120000,120000,120000\r\n" + OK
            )
            assert await bench.ask("AT+CIPHEAD?") == b"\r\n+CIPHEAD: 1\r\n" + OK


async def test_identity_and_signal_have_the_series_forms():
    async with Bench("sim7600") as bench:
        await bench.attach()
        assert await bench.ask("AT+CICCID") == b"\r\n+ICCID: 89883070000000000011\r\n" + OK
        assert await bench.ask("AT+CGMR") == b"\r\n+CGMR: LE20B04SIM7600G22\r\n" + OK
        assert (await bench.ask("AT+CPSI?")).startswith(b"\r\n+CPSI: LTE,Online,310-410,0x2B67,")
        assert b",-105,-950,-750,14\r\n" in await bench.ask("AT+CPSI?")
        assert await bench.ask("AT+CEREG=4") == b"\r\n+CME ERROR: incorrect parameters\r\n"
        assert await bench.ask_all("AT&F", "ATE0", "AT+CEREG=4") == (
            OK + b"ATE0\r" + OK + b"\r\n+CME ERROR: incorrect parameters\r\n"
        )
    async with Bench("sim7600", quirks=["cme-number-at-boot"]) as bench:
        assert await bench.ask("AT+CEREG=4") == b"\r\n+CME ERROR: 50\r\n"


@pytest.mark.parametrize(
    ("model", "edrx", "psm"),
    [("sim7600", False, False), ("a7670", False, True), ("sim7670g", True, False)],
)
async def test_power_saving_differs_by_series(model, edrx, psm):
    async with Bench(model) as bench:
        await bench.attach()
        said = await bench.ask('AT+CEDRXS=1,4,"0101"')
        assert said == (OK if edrx else ERROR)
        if edrx:
            await bench.hear(1)
            assert await bench.ask("AT+CEDRXRDP") == b'\r\n+CEDRXRDP: 4,"0101"\r\n' + OK
        said = await bench.ask('AT+CPSMS=1,,,"00100001","00000001"')
        assert said == (OK if psm else ERROR)


@pytest.mark.parametrize(
    ("model", "said"),
    [("sim7600", OK), ("a7670", OK), ("sim7670g", OK + b"\r\nPOWERD DOWN\r\n")],
)
async def test_power_off(model, said):
    async with Bench(model) as bench:
        await links(bench)
        assert await bench.ask("AT+CPOF") + await bench.hear(5) == said
        assert bench.radio.registration == 0
        assert await bench.type(b"AT\r", 5) == b""


@pytest.mark.parametrize(("model", "first"), [("sim7600", b"RDY"), ("a7670", b"*ATREADY: 1")])
async def test_a_reset_answers_boots_and_forgets(model, first):
    async with Bench(model) as bench:
        await links(bench)
        assert await bench.ask("AT+CRESET") == OK
        assert await bench.type(b"AT\r", 8) == b""
        lines = [line for line in (await bench.hear(15)).split(b"\r\n") if line]
        unasked = [b"+CGEV: ME PDN ACT 1,4"] if model == "a7670" else []
        assert lines == [first, b"+CPIN: READY", b"SMS DONE", *unasked, b"PB DONE"]
        await bench.ask("ATE0")
        assert await bench.ask("AT+NETOPEN?") == b"\r\n+NETOPEN: 0\r\n" + OK
