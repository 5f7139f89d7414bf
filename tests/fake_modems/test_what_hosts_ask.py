"""What other people's hosts send and insist on, model by model: each line ended one of them once.

Sources of the answers: the docstrings of the fakes' modules and of their tables of settings.
"""

import re

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from tests.fake_modems.bench import Bench

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
MODELS = sorted(fake_modems.MODELS)
V250 = [model for model in MODELS if not model.startswith("nrf")]


def lines(said: bytes) -> str:
    """Return the lines of answers with a bar between them."""
    return "|".join(line for line in said.decode("latin-1").split("\r\n") if line)


@pytest.mark.parametrize(
    ("model", "command", "answer"),
    [
        ("sara-r410m", "AT+UAUTHREQ=1,0", "OK"),
        ("sara-r5", "AT+UAUTHREQ=1,0", "OK"),
        ("sara-r410m", "AT+UCGED=5;+UCGED?",
         '+RSRP: 350,6200,"-095.00",|+RSRQ: 350,6200,"-10.50",|OK'),
        ("sara-r5", "AT+UCGED=2;+UCGED?",
         "+UCGED: 2|6,4,310,410|6200,20,50,50,2b67,1a2d003,350,d60814d1,8001,01,46,19,13.75,1,1,"
         "10,46,-50,-6,0,255,255,0|OK"),
        ("sara-r410m", 'AT+CSGT=1,"RDY";+CSGT?', '+CSGT: "RDY",1|OK'),
        ("sara-r410m", "AT+CMER=1,0,0,2,1;+UCIND=2;+UCIND?", "+UCIND: 2|OK"),
        ("sara-r5", "AT+UGPRF?", '+UGPRF: 0,0,""|OK'),
        ("sara-r412m", "AT+CGDCONT?", '+CGDCONT: 1,"IP","","100.64.17.23",0,0,0,0|OK'),
        ("sim7080g", "AT+CBATCHK=1;+CBATCHK?", "+CBATCHK: 1|OK"),
        ("sim800", 'AT+CDNSCFG="8.8.8.8","8.8.4.4";+CDNSCFG?', '+CDNSCFG: "8.8.8.8","8.8.4.4"|OK'),
        ("a7672", 'AT+CDNSCFG="8.8.8.8","8.8.4.4"', "OK"),
        ("sim7600", "AT+CNSMOD?", "+CNSMOD: 0,8|OK"),
        ("sim7600", "AT+CTCPKA=1,2,5,1", "OK"),
        ("sim7000g", "AT+CBAND?", "+CBAND: ALL_MODE|OK"),
        ("sim800", "AT+CBC", "+CBC: 0,98,4186|OK"),
        ("sim7600", "AT+CBC", "+CBC: 3.749V|OK"),
        ("bg96", "AT+CGEREP=1", "OK"),
        ("bg96", "AT+QSIMSTAT?", "+QSIMSTAT: 0,1|OK"),
        ("bg96", 'AT+QENG="servingcell"',
         '+QENG: "servingcell","NOCONN","CAT-M","FDD",310,410,1A2D003,350,6200,20,3,3,2B67,-95,'
         "-10,-75,15,20|OK"),
        ("ec25", "AT$QCPDPP?", "$QCPDPP: 1,0|OK"),
        ("bg96", 'AT+QCFG="iotopmode",9', "ERROR"),
        ("bg96", 'AT+QCFG="iotopmode",1,1', "OK"),
        ("bg96", 'AT+QCFG="band",0,8,8,1', "OK"),
        ("bg96", 'AT+QCFG="band",0,xyz,8', "ERROR"),
        ("bg95", 'AT+QCFG="roamservice"', '+QCFG: "roamservice",255|OK'),
        ("gm02sp", "AT+SQNMONI=9",
         "+SQNMONI: AT&T Cc:310 Nc:410 RSRP:-95.00 RSRQ:-10.50 TAC:11111 Id:350 EARFCN:6200 "
         "PWR:-75.00 PAGING:128 CID:0x1A2D003 BAND:20 BW:10000|OK"),
        ("me310g1", "AT#CPSMS?", "#CPSMS: 0,1080,108000,4,60,1|OK"),
        ("me310g1", "AT+WS46=?", "+WS46: (12,28,30)|OK"),
        ("me310g1", "AT+ICCID", "+ICCID: 89883070000000000011|OK"),
        ("nrf9151", "AT%CESQ=1", "OK"),
        ("nrf9151", "AT%XSIM=1", "OK"),
    ],
)  # fmt: skip
async def test_a_family_answers_as_its_hosts_expect(model, command, answer):
    async with Bench(model) as bench:
        await bench.attach()
        await bench.ask("AT+CMEE=0")
        assert lines(await bench.ask(command)) == answer


@pytest.mark.parametrize("model", MODELS)
async def test_the_sims_files_are_read(model):
    """ICCID as ModemManager asks for it, home network as FreeRTOS does, EF_AD, and no others."""
    async with Bench(model) as bench:
        await bench.attach()
        await bench.ask("AT+CMEE=1")
        read = {
            "176,12258,0,0,10": '144,0,"98880307000000000011"',
            "176,12258,0,2,3": '144,0,"030700"',
            "192,12258": '144,0,"620C8202412183022FE28002000A"',
            "176,28514,0,0,0": '144,0,"1300834000"',
            "176,28589,0,0,4": '144,0,"00000003"',
            "176,28423,0,0,9": '144,0,"083901830000000010"',
            "176,28478,0,0,0": "106,130",
            "176,12258,0,0,11": "108,10",
            "214,12258,0,0,1": "105,130",
        }
        for asked, said in read.items():
            assert lines(await bench.ask(f"AT+CRSM={asked}")) == f"+CRSM: {said}|OK", asked
        for wrong in ("1,12258", "176,70000", "x"):
            assert b"ERROR" in await bench.ask(f"AT+CRSM={wrong}")
        assert b"ERROR" in await bench.ask('AT+CSIM=14,"A0A40000022FE2"')


@pytest.mark.parametrize("model", MODELS)
async def test_a_context_is_defined_by_good_values_only(model):
    async with Bench(model) as bench:
        await bench.attach()
        before = await bench.ask("AT+CGDCONT?")
        for wrong in (
            '1,"IP","a b c",99,99,xx',
            '1,"IP","a b c"',
            '1,"IP","super",99',
            '1,"IP","super","0.0.0.0",9',
            '1,"IP","super","0.0.0.0",0,0,0,0,0,0',
            '1,"IPX","super"',
            '99,"IP","super"',
            "x",
        ):
            assert b"ERROR" in await bench.ask(f"AT+CGDCONT={wrong}"), wrong
        assert await bench.ask("AT+CGDCONT?") == before
        assert await bench.ask('AT+CGDCONT=3,"IPV4V6","iot.example_1","0.0.0.0",0,0') == OK
        assert b'+CGDCONT: 3,"IPV4V6","iot.example_1","0.0.0.0",0,0' in await bench.ask(
            "AT+CGDCONT?"
        )
        assert await bench.ask("AT+CGDCONT=3") == OK
        assert await bench.ask("AT+CGDCONT?") == before


@pytest.mark.parametrize("model", MODELS)
async def test_activating_a_context_attaches_a_detached_module(model):
    """TS 27.007 10.1.10; a real SIM800 says OK after 6.5 s (TinyGSM 184)."""
    async with Bench(model, radio=BenchRadio(attach_ms=5000)) as bench:
        await bench.ask("AT+CFUN=1")
        await bench.hear(7)
        cid = bench.fake.DEFAULT_CID
        assert (await bench.ask("AT+CGATT=0")).startswith(OK)
        await bench.hear(1)
        assert b"+CGATT: 0" in await bench.ask("AT+CGATT?")
        assert (await bench.ask(f"AT+CGACT=1,{cid}")).endswith(OK)
        assert b"+CGATT: 1" in await bench.ask("AT+CGATT?")
        assert bench.radio.ip_address is not None


@pytest.mark.parametrize("model", MODELS)
async def test_a_further_context_has_a_life_of_its_own(model):
    async with Bench(model) as bench:
        await bench.attach()
        await bench.ask('AT+CGDCONT=3,"IP","other"')
        address = bench.radio.ip_address.encode()
        assert b"+CGACT: 3,0" in await bench.ask("AT+CGACT?")
        assert address not in await bench.ask("AT+CGPADDR=3")
        assert (await bench.ask("AT+CGACT=0,3")).endswith(OK), "it is in that state already"
        assert bench.radio.ip_address is not None
        assert (await bench.ask("AT+CGACT=1,3")).endswith(OK)
        assert b"+CGACT: 3,1" in await bench.ask("AT+CGACT?")
        assert address in await bench.ask("AT+CGPADDR=3")
        assert (await bench.ask("AT+CGACT=0,3")).endswith(OK)
        assert b"+CGACT: 3,0" in await bench.ask("AT+CGACT?")
        assert bench.radio.ip_address is not None
        assert b"ERROR" in await bench.ask("AT+CGACT=1,7")


@pytest.mark.parametrize("model", V250)
async def test_basic_commands_have_ranges_and_a_profile(model):
    async with Bench(model) as bench:
        await bench.attach()
        for wrong in ("X5", "V2", "Q2", "E2", "&C2", "&D3", "S0=256", "S3=128", "E?"):
            assert await bench.ask(f"AT{wrong}") == ERROR, wrong
        assert lines(await bench.ask_all("ATS0?", "ATS3?", "ATS0=7", "ATS0?")) == (
            "000|OK|013|OK|OK|007|OK"
        )
        assert "S0:007" in lines(await bench.ask("AT&V"))
        assert lines(await bench.ask_all("ATZ", "ATE0", "ATS0?")).endswith("OK|000|OK")
        assert (
            lines(await bench.ask_all("ATS0=7", "AT&W", "AT&F", "ATE0", "ATS0?"))[-6:] == "000|OK"
        )
        assert lines(await bench.ask_all("ATZ", "ATS0?")) == "OK|007|OK"


async def test_numeric_results_are_kept_by_the_profile_too():
    async with Bench("bg96") as bench:
        assert (
            await bench.ask_all("ATV0", "AT&W", "ATV1", "ATZ", "AT") == b"0\r0\r" + OK + b"0\r0\r"
        )


@pytest.mark.parametrize("model", V250)
async def test_the_clock_is_set_and_runs(model):
    radio = BenchRadio(attach_ms=10_000_000)
    async with Bench(model, radio=radio) as bench:
        assert await bench.ask('AT+CCLK="26/12/01,10:20:30+00"') == OK
        await bench.hear(60)
        assert b'+CCLK: "26/12/01,10:21:3' in await bench.ask("AT+CCLK?")
        for wrong in ('"26/13/01,10:20:30+00"', '"now"', "1", '"26/12/01,10:20:30+00",1'):
            assert b"ERROR" in await bench.ask(f"AT+CCLK={wrong}"), wrong


@pytest.mark.parametrize(
    ("model", "quirks", "ctzu", "shown"),
    [
        ("sara-r5", [], 1, "26/01/01,09:00"),
        ("sara-r5", ["clock-utc"], 1, "26/01/01,00:00"),
        ("bg96", [], 1, "26/01/01,00:00"),
        ("bg96", [], 3, "26/01/01,09:00"),
    ],
)
async def test_the_clock_has_a_zone_and_is_local_or_not(model, quirks, ctzu, shown):
    """Quectel: +CTZU 3 alone writes local time; MKRNB 28: UTC beside the zone."""
    radio = BenchRadio()
    radio.zone_quarters = 36
    async with Bench(model, quirks=quirks, radio=radio) as bench:
        await bench.attach()
        await bench.ask(f"AT+CTZU={ctzu}")
        said = lines(await bench.ask("AT+CCLK?"))
        assert re.fullmatch(rf'\+CCLK: "{shown}:\d\d\+36"\|OK', said), said


async def test_the_zone_is_told_when_it_is_asked_for():
    radio = BenchRadio()
    radio.zone_quarters = 44
    async with Bench("bg96", radio=radio) as bench:
        await bench.ask("AT+CTZR=1")
        assert lines(await bench.hear(3)) == "+CTZV: 44"
        await bench.ask_all("AT+CFUN=0", "AT+CFUN=1")
        assert await bench.hear(3) == b"", "it is the same zone"
        radio.zone_quarters = -20
        await bench.ask_all("AT+CTZR=2", "AT+CFUN=0", "AT+CFUN=1")
        assert lines(await bench.hear(3)) == '+CTZE: "-20",0'


async def test_indicators_are_told_when_they_are_asked_for():
    async with Bench("sara-r410m") as bench:
        await bench.ask_all("AT+CMER=1,0,0,2,1", "AT+UCIND=20", "AT+CFUN=0", "AT+CFUN=1")
        said = lines(await bench.hear(3))
        assert "+CIEV: 3,1" in said
        assert "+CIEV: 5,1" in said, "it roams"
        assert "+CIEV: 7" not in said, "+UCIND leaves it out"
        assert lines(await bench.ask("AT+CIND?")) == "+CIND: 5,3,1,0,1,0,1,0|OK"


@pytest.mark.parametrize("model", V250)
async def test_messages_are_looked_for_and_there_are_none(model):
    async with Bench(model) as bench:
        await bench.attach()
        assert lines(await bench.ask_all("AT+CPMS?", "AT+CMGF=1", 'AT+CMGL="ALL"')) == (
            '+CPMS: "SM",0,10,"SM",0,10,"SM",0,10|OK|OK|OK'
        )
        assert lines(await bench.ask('AT+CPMS="ME","ME"')) == "+CPMS: 0,10,0,10,0,10|OK"
        assert lines(await bench.ask("AT+CMGR=1")) == "+CMS ERROR: 321"
        assert lines(await bench.ask_all("AT+CSMS=1", "AT+CMGD=1,4")) == "+CSMS: 1,1,1|OK|OK"
        assert (await bench.ask('AT+CMGS="+491"')).endswith(b"> ")
        assert lines(await bench.type(b"hello\x1a", 5)) == "+CMS ERROR: 500"
        for wrong in ('+CPMS="XX"', "+CMGL=4", "+CMGF=7", "+CNMI=9", "+CSMS=2", "+CMGD=1,5"):
            assert b"ERROR" in await bench.ask(f"AT{wrong}"), wrong


@pytest.mark.parametrize("model", MODELS)
async def test_the_list_of_commands_holds_what_is_answered(model):
    async with Bench(model) as bench:
        await bench.attach()
        said = lines(await bench.ask("AT+CLAC")).split("|")
        assert said[-1] == "OK"
        assert set(said[:-1]) == {
            f"AT{name}" for name in set(bench.fake.COMMANDS) - bench.fake.missing_commands
        }


# --- where families differ -----------------------------------------------------------------------
async def test_a_bg770a_is_no_bg95():
    """Bench capture of firmware BG770AGLAAR01A05, unregistered (w1ne/labwired-core)."""
    async with Bench("bg770a") as bench:
        await bench.ask_all("AT+CFUN=4", "AT+CMEE=1")
        await bench.hear(1)
        said = lines(await bench.ask("AT+CGDCONT=?"))
        assert said.count("+CGDCONT: (1-5),") == 4
        assert '"Non-IP",,,(0-2),(0-4),(0)|OK' in said
        assert lines(await bench.ask("AT+CGDCONT?")) == '+CGDCONT: 1,"IP","","0.0.0.0",0,0,0|OK'
        assert lines(await bench.ask("AT+QIACT=?")) == "+QIACT: (1-5)|OK"
        assert lines(await bench.ask("AT+CEREG=?")) == "+CEREG: (0-2,4)|OK"
        assert lines(await bench.ask("AT+CFUN=?")) == "+CFUN: (0-1,4),(0-1)|OK"
        assert lines(await bench.ask("AT+COPS=?")) == "+CME ERROR: 515"
        assert lines(await bench.ask('AT+CPIN="0000"')) == "+CME ERROR: 3"
        assert lines(await bench.ask('AT+QCFG="ledmode"')) == '+QCFG: "ledmode",0|OK'
        for name in ("celevel", "roamservice", "urc/cache", "sleepind/level"):
            assert await bench.ask(f'AT+QCFG="{name}"') == ERROR


@pytest.mark.parametrize(("quirks", "said"), [([], ERROR), (["answers-before-app-rdy"], OK)])
async def test_a_bg95_refuses_everything_until_app_rdy(quirks, said):
    """zephyr pull 57110, FreeRTOS-BG96 issue 17."""
    async with Bench("bg95", quirks=quirks, powered=False) as bench:
        bench.fake.power_key()
        assert (await bench.hear(3)).endswith(b"RDY\r\n")
        assert (await bench.ask("ATE0")).endswith(said)
        assert b"APP RDY" in await bench.hear(3)
        assert (await bench.ask("ATE0")).endswith(OK)


async def test_an_a7670_says_what_its_log_says():
    """Log of an A7670SA, firmware of 2026-08 (edgranzella/Scripts_Python_RPI4B)."""
    async with Bench("a7670") as bench:
        await bench.attach()
        address = bench.radio.ip_address
        assert lines(await bench.ask("AT+CGCONTRDP=1")) == (
            f'+CGCONTRDP: 1,6,"","{address}","","8.8.8.8","8.8.4.4","","",0,0|OK'
        )
        await bench.ask("AT+NETOPEN")
        await bench.hear(3)
        assert lines(await bench.ask('AT+CIPOPEN=0,"UDP","100.64.0.1",57777,0')) == (
            "+CIPOPEN: 0,0|OK"
        )
        assert "+CIPOPEN: 1,3" in lines(await bench.ask('AT+CIPOPEN=1,"UDP","100.64.0.1",57777'))
        began_s = bench.fake.radio.network_time_ms / 1000
        said = lines(await bench.ask("AT+CFUN=0") + await bench.hear(0.1))
        assert said.startswith("+SIMCARD: NOT AVAILABLE|")
        assert "+CGEV: ME DETACH" in said
        await bench.ask("AT+CFUN=1")
        assert lines(await bench.ask("AT+CREG?")) == "+CREG: 0,0|OK", "it searches"
        said = lines(await bench.hear(4))
        assert "+CPIN: READY" in said
        assert "+CGEV: ME PDN ACT 1,4" in said
        assert bench.fake.radio.network_time_ms / 1000 - began_s > 3.0


async def test_keepalive_of_an_a7670_wants_an_open_network():
    """A public note about an A7670E-FASE, firmware A7670M7_V1.11.1."""
    async with Bench("a7670") as bench:
        await bench.attach()
        assert await bench.ask("AT+CTCPKA=1,2,5,1") == ERROR
        assert lines(await bench.ask("AT+CTCPKA?")) == "+CTCPKA: 0,2,5,1|OK"
        await bench.ask("AT+NETOPEN")
        await bench.hear(3)
        assert await bench.ask("AT+CTCPKA=1,2,5,1") == OK


@pytest.mark.parametrize("quirks", [[], ["no-nul-at-boot"]])
async def test_a_sara_r410m_restarts_with_two_nul_bytes_and_its_greeting(quirks):
    """FreeRTOS-Cellular-Interface pull 75."""
    async with Bench("sara-r410m", quirks=quirks) as bench:
        await bench.ask('AT+CSGT=1,"RDY"')
        await bench.ask("AT+CFUN=15")
        said = await bench.hear(10)
        assert said.startswith(b"\0\0") == (not quirks)
        assert said.endswith(b"\r\nRDY\r\n")


async def test_a_bg96_detaches_in_seconds():
    async with Bench("bg96") as bench:
        await bench.attach()
        await bench.ask("AT+CEREG=1")
        before = bench.radio.network_time_ms
        said = lines(await bench.ask("AT+CFUN=0"))
        assert said == "+CEREG: 0|OK"
        bench.radio.registration = 1
        assert bench.radio.network_time_ms - before > 800


async def test_an_nrf91_tells_that_its_sim_is_ready():
    async with Bench("nrf9151") as bench:
        await bench.ask_all("AT%XSIM=1", "AT+CFUN=41")
        assert "%XSIM: 1" in lines(await bench.hear(2))
        assert lines(await bench.ask("AT%XSIM?")) == "%XSIM: 1|OK"
