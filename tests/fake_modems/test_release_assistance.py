"""Each family's own way to say what follows a datagram, and what of it reaches the network."""

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
MORE, LAST, ONE_RESPONSE = 0, 1, 2

TELIT = ("AT#SCFG=1,1,300,0,600,50", "AT#SGACT=1,1", 'AT#SD=1,1,6969,"100.64.0.1",0,4242,1')
SEQUANS = ('AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1',)
QUECTEL = (
    'AT+QICSGP=1,1,"super","","",0',
    "AT+QIACT=1",
    'AT+QIOPEN=1,0,"UDP","100.64.0.1",6969,4242',
)
SARA_R5 = ("AT+UPSD=0,100,1", "AT+UPSDA=0,3", "wait", "AT+USOCR=17,4242")
SARA_R4 = ("AT+USOCR=17,4242",)
SLM = ("AT#XSOCKET=1,2,0", "AT#XBIND=4242")
SM = ("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242")
RELEASE_14 = ("AT+CFUN=4", "AT%REL14FEAT=0,1,0,0,0", "AT+CFUN=1", "wait")
USOST = 'AT+USOST=0,"100.64.0.1",6969,2,"hi"'
XSENDTO = 'AT#XSENDTO="100.64.0.1",6969,"hi"'
SM_LAST, SLM_LAST = "AT#XSOCKETOPT=0,1,61,2", "AT#XSOCKETOPT=1,61,2"
SM_SENDTO = 'AT#XSENDTO=0,0,0,"100.64.0.1",6969,"hi"'


async def told(model, network, commands, quirks=()) -> list[int | None]:
    """Type commands, two bytes of payload at every prompt; return what the network was told."""
    nb_iot = network == "NB-IoT"
    radio = BenchRadio(access_technology=9 if nb_iot else 7, is_cat_m1=not nb_iot)
    async with Bench(model, radio=radio, quirks=quirks) as bench:
        await bench.attach()
        for command in commands:
            if command == "wait":
                await bench.hear(5)
                continue
            said = await bench.ask(command)
            if bench.fake.at.prompting:
                said = await bench.type(b"hi", 1)
            assert b"ERROR" not in said, (command, said)
            await bench.hear(1)
        assert all(payload == b"hi" for payload, *_ in radio.uplink)
        return list(radio.assistance)


@pytest.mark.parametrize("network", ["Cat-M1", "NB-IoT"])
@pytest.mark.parametrize(
    ("model", "commands", "in_cat_m1", "in_nb_iot"),
    [
        ("gm02sp", [*SEQUANS, "AT+SQNSSENDEXT=1,2", "AT+SQNSSENDEXT=1,2,0"],
         [None] * 2, [None] * 2),
        ("gm02sp", [*SEQUANS, "AT+SQNSSENDEXT=1,2,1"], [LAST], [LAST]),
        ("gm01q", [*SEQUANS, "AT+SQNSSENDEXT=1,2,2", "AT+SQNSSENDEXT=1,2"],
         [ONE_RESPONSE, None], [ONE_RESPONSE, None]),
        ("me310g1", [*TELIT, "AT#SSENDEXT=1,2,1", "AT#SSENDEXT=1,2"], [None] * 2, [LAST, None]),
        ("ml865g1", [*TELIT, "AT#SSENDEXT=1,2,2"], [None], [ONE_RESPONSE]),
        ("me910c1", [*TELIT, "AT#SSENDEXT=1,2,1"], [None], [None]),
        ("bg95", [*QUECTEL, 'AT+QISENDEX=0,"6869",1'], [None], [LAST]),
        ("bg77", [*QUECTEL, 'AT+QISENDEX=0,"6869",2', 'AT+QISENDEX=0,"6869"'],
         [None] * 2, [ONE_RESPONSE, None]),
        ("sara-r510s", [*SARA_R5, USOST, 'AT+USOSTF=0,"100.64.0.1",6969,1,2,"hi"', USOST],
         [None, LAST, None], [None, LAST, None]),
        ("sara-r510s", [*SARA_R5, 'AT+USOSTF=0,"100.64.0.1",6969,2,2'],
         [ONE_RESPONSE], [ONE_RESPONSE]),
        ("sara-r510s", [*SARA_R5, "AT+UDCONF=89,1", USOST, USOST, "AT+UDCONF=89,0", USOST],
         [LAST, LAST, None], [LAST, LAST, None]),
        ("nrf9151", [*SM, SM_LAST, SM_SENDTO], [None], [None]),
        ("nrf9151", ["AT%RAI=1", *SM, SM_LAST, SM_SENDTO, SM_SENDTO],
         [LAST, None], [LAST, None]),
        ("nrf9161", ["AT%RAI=1", *SM, "AT#XSOCKETOPT=0,1,61,3", SM_SENDTO,
         "AT#XSOCKETOPT=0,1,61,4", SM_SENDTO, "AT#XSOCKETOPT=0,1,61,1"],
         [ONE_RESPONSE, MORE, LAST], [ONE_RESPONSE, MORE, LAST]),
        ("nrf9160", ["AT%RAI=1", *SLM, SLM_LAST, XSENDTO], [None], [LAST]),
        ("nrf9160", ["AT%RAI=1", *RELEASE_14, *SLM, SLM_LAST, XSENDTO], [LAST], [LAST]),
        ("nrf9160", ["AT%XRAI=4", *SLM, XSENDTO, XSENDTO, "AT%XRAI=3", XSENDTO, "AT%XRAI",
         XSENDTO],
         [None] * 4, [LAST, LAST, ONE_RESPONSE, None]),
        ("nrf9160-slm-2.5", ["AT%RAI=1", *RELEASE_14, *SLM, "AT#XSOCKETOPT=1,51", XSENDTO,
         SLM_LAST, XSENDTO], [LAST, None], [LAST, None]),
        ("nrf9160-slm-1.8", ["AT%RAI=1", *RELEASE_14, *SLM, "AT#XSOCKETOPT=1,52", XSENDTO,
         "AT#XSOCKETOPT=1,50"], [ONE_RESPONSE, LAST], [ONE_RESPONSE, LAST]),
    ],
)  # fmt: skip
async def test_what_the_host_says_reaches_the_network(
    model, commands, in_cat_m1, in_nb_iot, network
):
    expected = in_cat_m1 if network == "Cat-M1" else in_nb_iot
    assert await told(model, network, commands) == expected


async def test_udconf_may_count_for_one_datagram():
    commands = [*SARA_R5, "AT+UDCONF=89,1", USOST, USOST]
    assert await told("sara-r510s", "NB-IoT", commands, ["rai-once"]) == [LAST, None]


@pytest.mark.parametrize(
    ("model", "commands", "refused"),
    [
        ("bg96", QUECTEL, 'AT+QISENDEX=0,"6869",1'),
        ("eg25-g", QUECTEL, 'AT+QISENDEX=0,"6869",1'),
        ("bg95", QUECTEL, 'AT+QISENDEX=0,"6869",3'),
        ("bg95", QUECTEL, "AT+QNBIOTRAI=1"),
        ("sara-r410m", SARA_R4, 'AT+USOSTF=0,"100.64.0.1",6969,1,2,"hi"'),
        ("sara-r410m", SARA_R4, "AT+UDCONF=89,1"),
        ("lara-r6", SARA_R4, "AT+UDCONF=89,1"),
        ("sara-r510s", SARA_R5, 'AT+USOSTF=0,"100.64.0.1",6969,3,2,"hi"'),
        ("sim7080g", (), "AT+CNBIOTRAI=1"),
        ("sim7000g", (), "AT+CNBIOTRAI=1"),
        ("gm02sp", SEQUANS, "AT+SQNSSENDEXT=1,2,3"),
        ("me310g1", TELIT, "AT#SSENDEXT=1,2,3"),
        ("nrf9160", (), "AT%RAI=2"),
        ("nrf9160", (), "AT%REL14FEAT=0,1,0,0,0"),  # while it is active
        ("nrf9160", (), "AT%XRAI=1"),
        ("nrf9160", SLM, "AT#XSOCKETOPT=1,61,6"),
        ("nrf9151", (), "AT%REL14FEAT=0,1,0,0,0"),
        ("nrf9151", (), "AT%XRAI=4"),
        ("nrf9151", SM, "AT#XSOCKETOPT=0,1,61,0"),
    ],
)  # fmt: skip
async def test_what_a_family_does_not_have_is_an_error(model, commands, refused):
    async with Bench(model) as bench:
        await bench.attach()
        for command in commands:
            await bench.ask(command)
            await bench.hear(2)
        assert await bench.ask(refused) == ERROR
        assert not bench.radio.assistance


async def test_release_14_says_why_it_refuses():
    async with Bench("nrf9160") as bench:
        await bench.attach()
        await bench.ask("AT+CMEE=1")
        assert await bench.ask("AT%REL14FEAT=0,1,0,0,0") == b"\r\n+CME ERROR: 518\r\n"


async def test_settings_are_read_back_and_survive_a_restart():
    async with Bench("nrf9160") as bench:
        said = await bench.ask_all("AT%RAI=1", "AT%REL14FEAT=0,1,0,0,0", "AT%XRAI=3")
        assert said == OK * 3
        bench.fake.restart()
        await bench.hear(5)
        said = await bench.ask_all("AT%RAI?", "AT%REL14FEAT?", "AT%XRAI?")
        assert said.split(OK) == [
            b"\r\n%RAI: 1\r\n", b"\r\n%REL14FEAT: 0,1,0,0,0\r\n", b"\r\n%XRAI: 3\r\n", b"",
        ]  # fmt: skip
    async with Bench("sara-r510s") as bench:
        await bench.ask("AT+UDCONF=89,2")
        assert await bench.ask("AT+UDCONF=89") == b"\r\n+UDCONF: 89,2\r\n" + OK
