"""Boot, power key, power-off, restart, brown-out and PSM: when the UART lives and what is lost."""

import asyncio

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.uart.link import UartLink
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"


def _lines(said: bytes) -> list[bytes]:
    return [line for line in said.split(b"\r\n") if line]


@pytest.mark.parametrize(
    ("model", "quirks", "urcs"),
    [
        ("bg95", [], [b"RDY", b"APP RDY"]),
        ("bg95", ["boot-silent"], []),
        ("bg77", ["boot-long"], [
            b"RDY", b"+CFUN: 1", b"+CPIN: READY", b"+QIND: SMS DONE", b"+QIND: PB DONE",
        ]),
        ("bg96", ["boot-short"], [b"RDY", b"APP RDY"]),
        ("bg96", [], [
            b"RDY", b"+CFUN: 1", b"+CPIN: READY", b"+QIND: SMS DONE", b"+QIND: PB DONE",
        ]),
        ("sim7080g", ["fixed-baud"], [b"RDY", b"+CFUN: 1", b"+CPIN: READY", b"SMS Ready"]),
        ("sim7080g", [], []),
    ],
)  # fmt: skip
async def test_boot_urcs_come_in_their_time(model, quirks, urcs):
    async with Bench(model, quirks=quirks, powered=False) as bench:
        assert await bench.hear(30) == b""
        bench.fake.power_key()
        assert await bench.hear(1.5) == b""
        assert _lines(await bench.hear(30)) == urcs


async def test_the_uart_is_dead_until_it_is_ready():
    async with Bench("bg95", quirks=["boot-silent"], powered=False) as bench:
        assert await bench.type(b"AT\r", 1) == b""
        bench.fake.power_key()
        assert await bench.type(b"AT\r", 2) == b""
        assert not bench.fake.powered
        await bench.hear(1)
        assert bench.fake.powered
        assert await bench.type(b"AT\r", 1) == b"AT\r" + OK


async def test_the_sim_is_busy_after_a_boot():
    async with Bench("bg96", quirks=["boot-silent"], powered=False) as bench:
        bench.fake.power_key()
        await bench.hear(5)
        said = await bench.ask_all("ATE0", "AT+CMEE=1", "AT+CPIN?")
        assert said.endswith(b"\r\n+CME ERROR: 14\r\n")
        await bench.hear(1)
        assert await bench.ask("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK


async def test_the_first_at_is_lost_with_autobaud():
    async with Bench("sim7080g", powered=False) as bench:
        bench.fake.power_key()
        await bench.hear(5)
        assert await bench.type(b"A", 1) + await bench.type(b"T\r", 1) == b""
        assert await bench.type(b"AT\r", 1) == b"AT\r" + OK
        await bench.ask_all("AT+IPR=115200")
        bench.fake.restart()
        assert b"RDY" in await bench.hear(5)
        assert await bench.type(b"AT\r", 1) == b"AT\r" + OK


async def test_the_same_pulse_switches_a_running_modem_off():
    async with Bench("bg95") as bench:
        await bench.attach()
        bench.fake.power_key()
        assert await bench.type(b"AT\r", 1) == b""
        assert await bench.hear(5) == b"\r\nNORMAL POWER DOWN\r\n"
        assert bench.radio.registration == 0
        bench.fake.power_key()
        assert b"RDY" in await bench.hear(5)
        assert bench.radio.registration == 5


@pytest.mark.parametrize(
    ("model", "command", "said"),
    [
        ("bg95", "AT+QPOWD", OK + b"\r\nPOWERED DOWN\r\n"),
        ("sim7080g", "AT+CPOWD=1", b"\r\nNORMAL POWER DOWN\r\n"),
        ("sim7080g", "AT+CPOWD=0", b""),
    ],
)
async def test_a_clean_power_off_detaches_and_ends_in_silence(model, command, said):
    async with Bench(model) as bench:
        await bench.attach()
        assert await bench.ask(command) + await bench.hear(5) == said
        assert bench.radio.registration == 0
        assert await bench.type(b"AT\r", 5) == b""


@pytest.mark.parametrize("model", ["bg95", "sim7080g"])
async def test_cfun_reset_answers_first(model):
    async with Bench(model) as bench:
        await bench.attach()
        assert await bench.ask("AT+CFUN=1,1") == OK
        boots = bench.fake.boots
        assert await bench.type(b"AT\r", 1) == b""
        await bench.hear(10)
        assert bench.fake.boots == boots + 1
        assert bench.fake.powered


async def test_airplane_mode_detaches_and_full_mode_attaches():
    async with Bench("bg95") as bench:
        await bench.attach()
        await bench.ask("AT+CEREG=1")
        assert await bench.ask("AT+CFUN=4") == b"\r\n+CEREG: 0\r\n" + OK
        assert await bench.ask("AT+CFUN?") == b"\r\n+CFUN: 4\r\n" + OK
        assert await bench.ask("AT+COPS?") == b"\r\n+COPS: 0\r\n" + OK
        said = await bench.ask("AT+CFUN=1") + await bench.hear(3)
        assert said == b"\r\n+CEREG: 2\r\n" + OK + b"\r\n+CEREG: 5\r\n"


async def test_a_restart_loses_everything_that_is_not_stored():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        await bench.ask_all("AT+CMEE=2", "AT+CEREG=2", 'AT+CGDCONT=1,"IP","stored"')
        bench.fake.restart()
        assert b"RDY" in await bench.hear(10)
        assert await bench.type(b"AT+CMEE?\r", 1) == b"AT+CMEE?\r\r\n+CMEE: 0\r\n" + OK
        await bench.ask("ATE0")
        assert await bench.ask("AT+QISTATE?") == OK
        assert await bench.ask("AT+QIACT?") == OK
        assert await bench.ask("AT+CEREG?") == b"\r\n+CEREG: 0,5\r\n" + OK
        assert b'"stored"' in await bench.ask("AT+CGDCONT?")


async def test_a_stored_profile_survives_a_boot():
    async with Bench("bg95") as bench:
        await bench.ask_all("AT+CMEE=1", "AT&W")
        bench.fake.restart()
        await bench.hear(10)
        assert await bench.ask("AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK
        assert await bench.ask("AT&F") == OK
        assert await bench.type(b"AT+CMEE?\r", 1) == b"AT+CMEE?\r\r\n+CMEE: 0\r\n" + OK


async def test_a_brown_out_cuts_an_answer_short():
    link = UartLink(baud=9600)
    fake = fake_modems.create("bg95", BenchRadio(), quirks=["echo-off-at-boot"])
    fake.connect(link.modem)
    await link.host.write(b"ATI\r")
    await asyncio.sleep(0.05)
    fake.brown_out()
    await asyncio.sleep(5)
    said = await link.host.read(99)
    assert b"\r\nQuectel\r\nBG95-M3".startswith(said[:10])
    assert b"OK" not in said
    assert not fake.powered


@pytest.mark.parametrize("typed", [b'AT+QISEND=0,500,"100.64.0.1",1\r', b"AT+NOSUCH"])
async def test_a_restart_forgets_half_a_line_and_an_open_prompt(typed):
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        await bench.type(typed)
        bench.fake.restart()
        await bench.hear(10)
        assert await bench.type(b"AT\r", 1) == b"AT\r" + OK


async def test_a_command_that_runs_at_a_restart_never_ends():
    async with Bench("bg95") as bench:
        await bench.attach()
        await bench.type(b"AT+QIACT=1\r", 0.3)
        bench.fake.restart()
        assert _lines(await bench.hear(200)) == [b"RDY", b"APP RDY"]
        assert bench.fake.active_contexts == set()


@pytest.mark.parametrize(
    ("model", "quirks", "setup", "text"),
    [
        ("bg95", [], (), b"\r\nPSM POWER DOWN\r\n"),
        ("bg96", [], (), b"\r\nPOWER DOWN\r\n"),
        ("bg95", ["psm-plain-text"], (), b"\r\nPOWER DOWN\r\n"),
        ("bg95", ["power-down-silent"], (), b""),
        ("sim7080g", [], (), b""),
        ("sim7080g", [], ("AT+CPSMSTATUS=1",), b'\r\n+CPSMSTATUS: "ENTER PSM"\r\n'),
    ],
)
async def test_psm_switches_the_uart_off(model, quirks, setup, text):
    async with Bench(model, quirks=quirks) as bench:
        await bench.attach()
        await bench.ask_all(*setup)
        bench.radio.enter_psm()
        assert await bench.hear(1) == text
        assert not bench.fake.powered
        assert await bench.type(b"AT\r", 100) == b""
        assert bench.radio.registration == 5


@pytest.mark.parametrize("wake", ["power_key", "timer"])
async def test_leaving_psm_is_a_boot_that_finds_the_network_as_it_was(wake):
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        bench.radio.enter_psm()
        bench.radio.inject_datagram(b"lost")
        await bench.hear(1)
        if wake == "power_key":
            bench.fake.power_key()
        else:
            bench.radio.leave_psm()
        assert _lines(await bench.hear(5)) == [b"RDY", b"APP RDY"]
        assert await bench.type(b"ATE0\r", 1) == b"ATE0\r" + OK
        assert await bench.ask("AT+CEREG?") == b"\r\n+CEREG: 0,5\r\n" + OK
        assert await bench.ask("AT+QISTATE?") == OK
        assert await bench.ask("AT+QIACT=1") == OK


async def test_a_modem_that_wakes_too_late_for_its_radio_sleeps_again():
    async with Bench("bg95") as bench:
        await bench.attach()
        bench.radio.enter_psm()
        await bench.hear(1)
        bench.radio.leave_psm()
        await bench.hear(1)
        bench.radio.enter_psm()  # T3324 runs out while the modem still boots
        said = await bench.hear(10)
        assert _lines(said) == [b"RDY", b"APP RDY", b"PSM POWER DOWN"]
        assert bench.fake.power == "psm"


async def test_psm_on_a_sim7080_leaves_the_bearer_to_be_activated():
    """vshymanskyy/TinyGSM issue 829."""
    async with Bench("sim7080g", quirks=["fixed-baud"]) as bench:
        await bench.simcom_socket()
        await bench.ask("AT+CPSMSTATUS=1")
        bench.radio.enter_psm()
        await bench.hear(10)
        bench.fake.power_key()
        assert b'+CPSMSTATUS: "EXIT PSM"' in await bench.hear(5)
        await bench.ask("ATE0")
        assert await bench.ask("AT+CGATT?") == b"\r\n+CGATT: 1\r\n" + OK
        assert b'"100.64.17.23"' in await bench.ask("AT+CGPADDR=1")
        assert b"+CNACT: 0,0" in await bench.ask("AT+CNACT?")
        assert b"+CASERVER: 0,1" in await bench.ask('AT+CASERVER=0,0,"UDP",4242')
        await bench.simcom_socket()


async def test_the_psm_timer_urc_comes_when_the_connection_is_released():
    async with Bench("bg96") as bench:
        await bench.attach()
        await bench.ask_all('AT+QCFG="psm/urc",1', 'AT+CPSMS=1,,,"00111000","00000001"')
        bench.radio.set_rrc(True)
        await bench.hear(1)
        bench.radio.set_rrc(False)
        assert await bench.hear(1) == b"\r\n+QPSMTIMER: 86400,2\r\n"


async def test_what_was_asked_of_the_network_is_asked_again_after_a_boot():
    async with Bench("bg95") as bench:
        await bench.attach()
        await bench.ask('AT+CEDRXS=1,4,"0101"')
        await bench.hear(1)
        bench.radio.request_edrx(None)
        bench.fake.restart()
        await bench.hear(10)
        assert bench.radio.granted_edrx == ("0101", "0101", "0011")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"model": "bg1"}, "known: .*bg95.*sim7080g"),
        ({"model": "bg95", "quirks": ["prompt-blank"]}, "it has: .*recvind"),
    ],
)
async def test_unknown_models_and_quirks_name_the_known_ones(arguments, words):
    with pytest.raises(ValueError, match=words):
        fake_modems.create(radio=BenchRadio(), **arguments)


def test_every_quirk_is_explained():
    for family in set(fake_modems.MODELS.values()):
        assert len(family.QUIRKS) > 10
        assert all(len(text) > 10 for text in family.QUIRKS.values())
