"""Fake nRF91 modems: lines, boot, native commands, loss, sleep."""

import pytest

from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.fake_modems.nordic.models import SLM_MODELS, SM_MODELS
from tests.fake_modems.bench import Bench
from tests.fake_modems.nordic_bench import (
    ERROR,
    OK,
    PEER,
    SLM,
    SM,
    online,
    slm_socket,
    sm_answer,
    sm_socket,
)


# --- start, lines ------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [*SLM_MODELS, *SM_MODELS])
async def test_every_firmware_says_ready_and_what_it_is(model):
    async with Bench(model, powered=False) as bench:
        bench.fake.power_key()
        assert await bench.hear(2) == b"Ready\r\n"
        is_sm = "SM" in model or model in SM_MODELS
        right, wrong = ("#XSMVER", "#XSLMVER") if is_sm else ("#XSLMVER", "#XSMVER")
        assert (await bench.ask(f"AT{right}")).startswith(f'\r\n{right}: "'.encode())
        assert await bench.ask(f"AT{wrong}") == ERROR
        assert await bench.ask("AT+CFUN?") == b"\r\n+CFUN: 0\r\n" + OK
        assert await bench.ask("AT#XRESET") == OK
        assert await bench.hear(2) == b"Ready\r\n"


async def test_the_line_end_is_a_build_option():
    async with Bench(SLM) as bench:
        assert await bench.type(b"AT\r", 1) == b""
        assert await bench.type(b"\n", 1) == OK
        assert await bench.type(b"AT\rAT\r\n", 1) == ERROR
    for model, quirks in ((SLM, ["line-end-cr"]), (SM, [])):
        async with Bench(model, quirks=quirks) as bench:
            assert await bench.type(b"AT\r", 1) == OK
            assert await bench.type(b"\nAT\r\n", 1) == OK


async def test_a_quote_hides_line_ends_until_the_next_quote():
    async with Bench(SM) as bench:
        assert await bench.type(b'AT+CGDCONT=0,"IP\rAT\rAT\r', 1) == b""
        assert await bench.type(b'"\r', 1) == ERROR
        assert await bench.ask("AT") == OK
        await sm_socket(bench)
        text = b'AT#XSENDTO=0,0,0,%b,"two\r\nlines"\r' % PEER.encode()
        assert await bench.type(text, 1) == b"\r\n#XSENDTO: 0,0,10\r\n" + OK
        assert bench.radio.uplink[-1][0] == b"two\r\nlines"


async def test_only_serial_modem_echoes():
    async with Bench(SM, quirks=["echo-on"], echo=True) as bench:
        assert await bench.ask("AT") == b"AT\r" + OK
        assert await bench.ask("ATE0") == b"ATE0\r" + OK
        assert await bench.ask_all("AT", "ATE1") == OK * 2
    async with Bench(SLM) as bench:
        assert await bench.ask_all("ATE0", "ATE1") == ERROR * 2


async def test_native_answers_may_come_without_crlf_in_front():
    async with Bench(SLM, quirks=["native-bare"]) as bench:
        assert await bench.ask("AT+CFUN?") == b"+CFUN: 0\r\nOK\r\n"
        assert await bench.ask("AT+CMEE=2") == b"ERROR\r\n"
        assert await bench.ask("AT#XSOCKET?") == OK


@pytest.mark.parametrize("model", [SLM, SM])
async def test_what_the_native_modem_does_not_have_is_an_error(model):
    async with Bench(model) as bench:
        await online(bench)
        for command in ("ATI", "AT&F", "ATV1", "AT+GMM", "AT+CSQ", "AT+CREG?", "AT+IFC=2,2",
                        "AT+CMEE=2", "AT#XNOTHING", "AT+CFUN=1,1", "AT+CFUN=5"):  # fmt: skip
            assert await bench.ask(command) == ERROR, command
        for command in ("AT", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+CGSN", "AT+CIMI", "AT+CEREG?",
                        "AT+COPS?", "AT+CESQ", "AT+CGDCONT?", "AT+CGATT?", "AT+CMEE=1",
                        "AT+CCLK?", "AT%XMONITOR", "AT%XVBAT", "AT%HWVERSION"):  # fmt: skip
            assert (await bench.ask(command)).endswith(OK), command


# --- loss, sleep, native -----------------------------------------------------------------------
async def test_a_lost_connection_kills_sockets_and_says_so():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        await bench.ask("AT+CGEREP=1")
        bench.radio.lose_pdp()
        said = await bench.hear(1)
        assert said == b"\r\n#XAPOLL: 0,32\r\n\r\n+CGEV: NW PDN DEACT 0\r\n"
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == ERROR
        assert await bench.ask(f'AT#XSENDTO=0,0,0,{PEER},"x"') == (
            b"\r\n#XSENDTO: 0,0,0\r\n" + ERROR
        )
        assert await bench.ask("AT#XCLOSE") == b"\r\n#XCLOSE: 0,0\r\n" + OK
    async with Bench(SLM) as bench:
        await slm_socket(bench)
        bench.radio.lose_pdp()
        assert await bench.ask("AT#XPOLL=0") == b'\r\n#XPOLL: 0,"0x0020"\r\n' + OK
        assert await bench.ask("AT#XRECVFROM=1,64") == ERROR
        assert await bench.ask("AT#XSOCKET=0") == b'\r\n#XSOCKET: 0,"closed"\r\n' + OK
    async with Bench(SLM) as bench:
        await online(bench)
        await bench.ask("AT#XUDPSVR=1,4242")
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b'\r\n#XUDPSVR: -115,"stopped"\r\n'


@pytest.mark.parametrize("model", [SLM, SM])
async def test_builds_differ_in_how_they_start_and_lose(model):
    async with Bench(model, quirks=["auto-connect", "lost-connection-hup"]) as bench:
        await bench.attach()
        assert await bench.ask("AT+CFUN?") == b"\r\n+CFUN: 1\r\n" + OK
        if model == SLM:
            await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=4242")
            bench.radio.lose_pdp()
            assert await bench.ask("AT#XPOLL=0") == b'\r\n#XPOLL: 0,"0x0018"\r\n' + OK
        else:
            await bench.ask_all("AT#XSOCKET=1,2,0", "AT#XBIND=0,4242", "AT#XAPOLL=0,1,1")
            bench.radio.lose_pdp()
            assert await bench.hear(1) == b"\r\n#XAPOLL: 0,24\r\n"


async def test_psm_leaves_the_uart_and_sockets_alone_and_a_send_ends_it():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        bench.radio.enter_psm()
        assert await bench.ask("AT#XSOCKET?") == b"\r\n#XSOCKET: 0,1,0,2,0\r\n" + OK
        bench.radio.inject_datagram(b"lost")
        assert await bench.hear(1) == b""
        assert (await bench.ask(f'AT#XSENDTO=0,0,0,{PEER},"x"')).endswith(OK)
        bench.radio.inject_datagram(b"heard")
        assert await bench.hear(1) == b"\r\n#XAPOLL: 0,1\r\n"


async def test_deep_sleep_loses_everything_idle_sleep_nothing():
    async with Bench(SM) as bench:
        await sm_socket(bench)
        assert await bench.ask("AT#XSLEEP=2") == OK
        await bench.hear(1)
        bench.radio.inject_datagram(b"waits")
        assert await bench.type(b"AT\r", 5) == b""
        bench.fake.power_key()
        assert await bench.hear(1) == b"\r\n#XAPOLL: 0,1\r\n"
        assert await bench.ask("AT#XRECVFROM=0,0,64,0") == sm_answer(b"waits")
        assert await bench.ask("AT#XSLEEP=1") == OK
        await bench.hear(1)
        assert bench.radio.registration == 0
        assert await bench.type(b"AT\r", 5) == b""
        bench.fake.power_key()
        assert await bench.hear(2) == b"Ready\r\n"
        assert await bench.ask("AT#XSOCKET?") == OK


async def test_the_sim_starts_with_the_modem():
    async with Bench(SLM) as bench:
        assert await bench.ask_all("AT+CPIN?", "AT%XICCID") == ERROR * 2
        await bench.ask_all("AT+CMEE=1", "AT+CFUN=41")
        assert await bench.ask("AT+CPIN?") == b"\r\n+CME ERROR: 14\r\n"
        await bench.hear(1)
        assert await bench.ask("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
        assert await bench.ask("AT%XICCID") == b"\r\n%XICCID: 89883070000000000011\r\n" + OK
        assert await bench.ask("AT%XSYSTEMMODE=1,0,0,0") == ERROR  # not while it runs
        assert await bench.ask_all("AT+CFUN=4", "AT%XSYSTEMMODE=1,0,0,0") == OK * 2


async def test_edrx_psm_and_paging_window_are_read_back():
    async with Bench(SM, radio=BenchRadio(edrx=("0101", "0011"))) as bench:
        await online(bench)
        said = await bench.ask('AT+CEDRXS=2,4,"1010"') + await bench.hear(1)
        assert said == OK + b'\r\n+CEDRXP: 4,"1010","0101","0011"\r\n'
        assert await bench.ask('AT%XPTW=4,"0001"') == OK
        assert await bench.ask("AT%XPTW?") == b'\r\n%XPTW: 4,"0001"\r\n' + OK
        await bench.ask('AT+CEDRXS=1,4,"1010"')
        assert await bench.ask("AT%XPTW?") == OK
        assert await bench.ask("AT+CEDRXRDP") == (
            b'\r\n+CEDRXRDP: 4,"1010","0101","0011"\r\n' + OK
        )
        await bench.ask('AT+CPSMS=1,"","","10101111","01101100"')
        assert await bench.ask("AT+CPSMS?") == (b'\r\n+CPSMS: 1,,,"10101111","01101100"\r\n' + OK)
        await bench.ask("AT+CEREG=5")
        assert b',,"01101100","10101111"\r\n' in await bench.ask("AT+CEREG?")
        assert b'"0101","01101100","10101111"\r\n' in await bench.ask("AT%XMONITOR")


@pytest.mark.parametrize("model", [SLM, SM])
async def test_no_command_raises_in_any_form(model):
    async with Bench(model) as bench:
        await online(bench)
        for name in sorted(set(bench.fake.COMMANDS) - {"E", "#XSLEEP", "#XSHUTDOWN"}):
            for tail in ("", "?", "=?", "=", "=0", "=1", '=1,"x"', "=,,", "=1,1,1,1,1,1,1,1"):
                said = await bench.ask(f"AT{name}{tail}")
                assert said, (name, tail)
                await bench.hear(2)
        assert (await bench.ask("AT")).endswith(OK)
