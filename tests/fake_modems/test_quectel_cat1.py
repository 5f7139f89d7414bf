"""The fake EC21, EC25, EG25-G, EG91 and EG95, and what a BG770A does unlike a BG95."""

import asyncio

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.fake_modems.quectel.ec import EC_MODELS
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
RECV = b'\r\n+QIURC: "recv",0\r\n'
NASTY = b'\r\nOK\r\n+QIURC: "recv",0\r\n> \x00\x1a\x1b,"\r'
BOOT = [
    *(b"RDY", b"+CFUN: 1", b"+CPIN: READY", b"+QUSIM: 1"),
    *(b"+QIND: SMS DONE", b"+QIND: PB DONE"),
]


def _lines(said):
    return [line for line in said.split(b"\r\n") if line]


@pytest.mark.parametrize("model", EC_MODELS)
async def test_a_stranger_is_heard_and_answered(model):
    async with Bench(model) as bench:
        await bench.quectel_socket()
        bench.radio.inject_datagram(NASTY, "100.64.0.1", 6969)
        assert await bench.hear(0.1) == RECV
        header = b'\r\n+QIRD: %d,"100.64.0.1",6969\r\n' % len(NASTY)
        assert await bench.ask("AT+QIRD=0") == header + NASTY + b"\r\n" + OK
        assert await bench.ask("AT+QIRD=0") == b"\r\n+QIRD: 0\r\n" + OK
        await bench.ask("AT+QISDE=0")
        await bench.ask('AT+QISEND=0,1300,"100.64.0.1",6969')
        assert await bench.type(bytes(1300), 1) == b"\r\nSEND OK\r\n"
        assert bench.radio.uplink[-1] == (bytes(1300), 4242, "100.64.0.1", 6969)


@pytest.mark.parametrize("model", EC_MODELS)
async def test_it_is_a_regular_lte_modem_without_power_saving(model):
    async with Bench(model) as bench:
        await bench.attach()
        commands = ("+CPSMS?", '+CPSMS=1,,,"00100100","00000101"', "+QPSMS?", "+QPSMCFG?")
        commands += ('+CEDRXS=1,4,"0010"', "+CEDRXS?", "+CEDRXRDP", '+QCFG="psm/urc",1')
        for command in (*commands, '+QCFG="iotopmode",0,1'):
            assert await bench.ask("AT" + command) == ERROR, command
        assert await bench.ask("AT+CEREG=4") == b"\r\n+CME ERROR: 50\r\n"
        assert await bench.ask("AT+CEREG=2") == OK
        said = await bench.ask("AT+CEREG?")
        assert said == b'\r\n+CEREG: 2,5,"2B67","1A2D003",7\r\n' + OK
        said = await bench.ask("AT+QNWINFO")
        assert said == b'\r\n+QNWINFO: "FDD LTE","310410","LTE BAND 20",6200\r\n' + OK
        assert await bench.ask("AT+QCSQ") == b'\r\n+QCSQ: "LTE",-75,-95,150,-10\r\n' + OK
        assert await bench.ask("AT+QCCID") == b"\r\n+QCCID: 89883070000000000011\r\n" + OK
        assert (await bench.ask("AT+CSQ")).startswith(b"\r\n+CSQ: 19,99\r\n")


async def test_a_card_number_of_19_digits_is_filled_up():
    radio = BenchRadio()
    radio.iccid = "8988307000000000001"
    async with Bench("ec25", radio=radio) as bench:
        assert await bench.ask("AT+QCCID") == b"\r\n+QCCID: 8988307000000000001F\r\n" + OK


@pytest.mark.parametrize(("model", "ready_s"), [("ec21", 15.3), ("ec25", 12.5), ("eg25-g", 12.5)])
async def test_the_boot_takes_its_time_and_talks_for_seconds(model, ready_s):
    async with Bench(model, powered=False) as bench:
        bench.fake.power_key()
        assert await bench.type(b"AT\r", ready_s - 0.05) == b""
        assert _lines(await bench.hear(0.1)) == BOOT[:1]
        assert _lines(await bench.hear(2)) == BOOT[1:4]
        assert _lines(await bench.hear(20)) == BOOT[4:]


async def test_a_boot_line_can_stand_between_a_command_and_its_answer():
    async with Bench("ec21", powered=False) as bench:
        bench.fake.power_key()
        await bench.hear(15.3 + 0.119)
        assert await bench.ask("AT") == b"AT\r" + b"\r\n+CFUN: 1\r\n" + OK


@pytest.mark.parametrize(
    ("quirks", "lines"),
    [(["no-qusim"], [*BOOT[:3], *BOOT[4:]]), (["boot-silent"], []), (["urcs-on-usb"], [])],
)
async def test_quirks_of_the_boot(quirks, lines):
    async with Bench("ec25", quirks=quirks, powered=False) as bench:
        bench.fake.power_key()
        assert _lines(await bench.hear(40)) == lines


async def test_without_a_card_it_says_so_with_a_number_and_never_gets_ready():
    radio = BenchRadio()
    radio.iccid = ""
    async with Bench("ec21", radio=radio, powered=False) as bench:
        bench.fake.power_key()
        assert _lines(await bench.hear(30)) == [b"RDY", b"+CFUN: 1"]
        assert (await bench.ask("AT+CPIN?")).endswith(b"\r\n+CME ERROR: 10\r\n")


async def test_error_numbers_are_on_from_the_factory():
    async with Bench("ec21") as bench:
        assert await bench.ask("AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK
        await bench.ask_all("AT+CMEE=0", "AT&F", "ATE0")
        assert await bench.ask("AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK
        assert await bench.ask("AT+QIACT=99") == ERROR
        assert (
            await bench.ask("AT+QIGETERROR") == b"\r\n+QIGETERROR: 552,invalid parameters\r\n" + OK
        )


async def test_sleep_is_refused_until_it_has_started():
    async with Bench("ec21", powered=False) as bench:
        bench.fake.power_key()
        await bench.hear(15.31)
        assert (await bench.ask("AT+QSCLK=1")).endswith(ERROR)
        assert (await bench.ask("AT+QSCLK=0")).endswith(OK)
        await bench.hear(1)
        assert (await bench.ask("AT+QSCLK=1")).endswith(OK)
        assert b"+QSCLK: 1" in await bench.ask("AT+QSCLK?")


@pytest.mark.parametrize(("quirks", "highest"), [([], 16), (["contexts-7"], 7)])
async def test_how_many_contexts_there_are(quirks, highest):
    async with Bench("ec25", quirks=quirks) as bench:
        await bench.attach()
        assert await bench.ask(f'AT+QICSGP={highest},1,"super","","",0') == OK
        assert await bench.ask(f'AT+QICSGP={highest + 1},1,"super","","",0') == ERROR
        assert await bench.ask(f"AT+QIACT={highest}") == OK


async def test_the_buffer_of_an_eg25_can_be_made_larger():
    async with Bench("eg25-g") as bench:
        assert await bench.ask('AT+QICFG="recv/buffersize"') == (
            b'\r\n+QICFG: "recv/buffersize",10240\r\n' + OK
        )
        assert await bench.ask('AT+QICFG="recv/buffersize",10239') == ERROR
        await bench.quectel_socket()
        assert await bench.ask('AT+QICFG="recv/buffersize",20480') == OK
        await bench.ask('AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4243,0')
        for _ in range(20):
            bench.radio.inject_datagram(bytes(1024), to_port=4242)
            bench.radio.inject_datagram(bytes(1024), to_port=4243)
        assert [bench.fake.sockets[n].buffer.dropped for n in (0, 1)] == [10, 0]
    async with Bench("ec25") as bench:
        assert await bench.ask('AT+QICFG="recv/buffersize"') == ERROR


async def test_what_is_not_played_is_refused():
    async with Bench("eg25-g") as bench:
        assert await bench.ask('AT+QICFG="udp/readmode",0') == OK
        assert await bench.ask('AT+QICFG="udp/readmode",1') == ERROR
        assert b"555" in await bench.ask("AT+QIGETERROR")


async def test_a_prompt_can_time_out():
    async with Bench("eg25-g") as bench:
        await bench.quectel_socket()
        await bench.ask_all("AT+QISDE=0", 'AT+QICFG="qisend/timeout",5')
        assert (await bench.ask('AT+QISEND=0,10,"100.64.0.1",6969')).endswith(b"\r\n> ")
        assert await bench.type(b"half", 4) == b""
        assert await bench.hear(2) == ERROR
        assert await bench.ask("AT") == OK
        assert not bench.radio.uplink


async def test_a_slow_close_blocks_everything_else():
    async with Bench("ec25", quirks=["qiclose-slow"]) as bench:
        loop = asyncio.get_running_loop()
        await bench.quectel_socket()
        await bench.ask('AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4243,0')
        await bench.hear(1)
        for command, takes_s in ((b"AT+QICLOSE=0", 10), (b"AT+QICLOSE=1,3", 3)):
            start_s = loop.time()
            await bench.link.host.write(command + b"\r")
            assert await bench.ask("AT") == OK + OK
            assert takes_s <= loop.time() - start_s < takes_s + 0.2
    async with Bench("ec25") as bench:
        await bench.quectel_socket()
        start_s = loop.time()
        assert await bench.ask("AT+QICLOSE=0") == OK
        assert loop.time() - start_s < 0.1


async def test_urcs_come_here_once_they_are_sent_here():
    async with Bench("ec25", quirks=["urcs-on-usb"]) as bench:
        await bench.attach()
        await bench.ask("AT+QIACT=1")
        said = await bench.ask('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0')
        assert said + await bench.hear(1) == OK
        said = await bench.ask('AT+QURCCFG="urcport"')
        assert said == b'\r\n+QURCCFG: "urcport","usbat"\r\n' + OK
        assert await bench.ask('AT+QURCCFG="urcport","uart9"') == b"\r\n+CME ERROR: 50\r\n"
        assert await bench.ask('AT+QURCCFG="urcport","uart1"') == OK
        bench.radio.inject_datagram(b"hi")
        assert await bench.hear(1) == RECV
        bench.fake.restart()
        assert _lines(await bench.hear(30)) == BOOT


async def test_it_detaches_and_takes_seconds_to_switch_off():
    async with Bench("ec25") as bench:
        await bench.attach()
        assert await bench.ask("AT+QPOWD") + await bench.hear(2.5) == OK
        assert await bench.hear(10) == b"\r\nPOWERED DOWN\r\n"
        assert bench.radio.registration == 0
        assert await bench.type(b"AT\r", 5) == b""


async def test_a_bg770a_boots_saves_power_and_names_itself():
    async with Bench("bg770a", powered=False) as bench:
        bench.fake.power_key()
        assert _lines(await bench.hear(10)) == [b"RDY", b"APP RDY"]
        await bench.ask("ATE0")
        said = await bench.ask("ATI")
        assert said == b"\r\nQuectel\r\nBG770A-GL\r\nRevision: BG770AGLAAR01A03\r\n" + OK
        assert await bench.ask("AT+CSQ") == b"\r\n+CSQ: 19,0\r\n" + OK
        assert await bench.ask('AT+CPSMS=1,,,"00100100","00000101"') == OK
        await bench.ask('AT+QCFG="psm/urc",1')
        assert await bench.hear(1) == b""
        bench.radio.rrc_connected = True
        bench.radio.set_rrc(False)
        assert await bench.hear(1) == b"\r\n+QPSMTIMER: 14400,10\r\n"
        bench.radio.enter_psm()
        assert await bench.type(b"AT\r", 5) == b"\r\nPSM POWER DOWN\r\n"


def test_every_quectel_model_has_its_series():
    assert {fake_modems.MODELS[name.lower()].__name__ for name in EC_MODELS} == {"QuectelEc"}
    assert fake_modems.MODELS["bg770a"].__name__ == "QuectelBg"
