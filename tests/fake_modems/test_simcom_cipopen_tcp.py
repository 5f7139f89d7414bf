"""TCP, names and pings of SIM7600, A76XX and SIM767X, as a host of theirs uses them."""

import asyncio

import pytest

from tests.fake_modems.bench import Bench
from tests.fake_modems.tcp_server import Server

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
MODELS = ["sim7600", "a7670", "sim7670g"]


async def online(bench: Bench, *settings: str) -> Server:
    server = Server(bench.radio)
    await bench.attach()
    for command in settings:
        assert await bench.ask(command) == OK
    assert await bench.ask("AT+NETOPEN") + await bench.hear(2) == OK + b"\r\n+NETOPEN: 0\r\n"
    return server


async def connected(bench: Bench, *settings: str) -> Server:
    server = await online(bench, *settings)
    said = await bench.ask('AT+CIPOPEN=0,"TCP","example.com",1883') + await bench.hear(2)
    assert said == OK + b"\r\n+CIPOPEN: 0,0\r\n"
    return server


@pytest.mark.parametrize("model", MODELS)
async def test_push_a_connection_from_open_to_close(model):
    async with Bench(model) as bench:
        server = await connected(bench)
        assert b'+CIPOPEN: 0,"TCP","198.18.0.1",1883,-1\r\n' in await bench.ask("AT+CIPOPEN?")
        assert await bench.ask("AT+CIPSEND=0,5") == b"\r\n>"
        said = await bench.type(b"hello", 1)
        assert said.startswith(OK + b"\r\n+CIPSEND: 0,5,5\r\n")
        assert said.endswith(b"\r\nRECV FROM:198.18.0.1:1883\r\n+IPD5\r\nHELLO")
        assert server.got == b"hello"
        said = await bench.ask("AT+CIPCLOSE=0") + await bench.hear(1)
        assert said == OK + b"\r\n+CIPCLOSE: 0,0\r\n"
        assert server.closed == ["peer closed"]


@pytest.mark.parametrize("model", MODELS)
async def test_manual_reads_as_tinygsm_uses_them(model):
    async with Bench(model) as bench:
        server = await connected(bench, "AT+CIPRXGET=1")
        await bench.ask("AT+CIPSEND=0,5")
        said = await bench.type(b"hello", 1)
        assert said == OK + b"\r\n+CIPSEND: 0,5,5\r\n\r\n+CIPRXGET: 1,0\r\n"
        assert await bench.ask("AT+CIPRXGET=4,0") == b"\r\n+CIPRXGET: 4,0,5\r\n" + OK
        assert await bench.ask("AT+CIPRXGET=2,0,2") == b"\r\n+CIPRXGET: 2,0,2,3\r\nHE" + OK
        assert await bench.ask("AT+CIPRXGET=2,0,99") == b"\r\n+CIPRXGET: 2,0,3,0\r\nLLO" + OK
        server.send(b"rest")
        server.close()
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,0\r\n\r\n+IPCLOSE: 0,1\r\n"
        assert await bench.ask("AT+CIPRXGET=2,0,99") == b"\r\n+CIPRXGET: 2,0,4,0\r\nrest" + OK
        assert await bench.ask("AT+CIPSEND=0,5") == b"\r\n+CIPERROR: 4\r\n" + ERROR


@pytest.mark.parametrize(
    ("host", "port", "result", "after_s"),
    [
        ("example.com", 80, 1, 1),
        ("nowhere.example", 80, 11, 1),
        ("192.0.2.1", 80, 10, 16),
    ],
)
async def test_what_cannot_be_opened_says_why(host, port, result, after_s):
    async with Bench("sim7600") as bench:
        await online(bench, "AT+CIPTIMEOUT=75000,15000,15000")
        said = await bench.ask(f'AT+CIPOPEN=0,"TCP","{host}",{port}') + await bench.hear(after_s)
        assert said == OK + b"\r\n+CIPOPEN: 0,%d\r\n" % result
        assert b"+CIPCLOSE: 0," in await bench.ask("AT+CIPCLOSE?")


async def test_what_the_modem_cannot_hold_is_not_confirmed():
    async with Bench("sim7600") as bench:
        await connected(bench)
        bench.radio.ip.cut_off = True
        said = b""
        for _ in range(8):
            await bench.ask("AT+CIPSEND=0,1400")
            said = await bench.type(bytes(1400), 1)
        assert said.endswith(b"\r\n+CIPSEND: 0,1400,0\r\n")


async def test_the_network_takes_its_connections_along():
    async with Bench("sim7600") as bench:
        await connected(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n"
        assert bench.fake.tcp_links == set()


async def test_names():
    async with Bench("sim7600") as bench:
        await online(bench)
        said = await bench.ask('AT+CDNSGIP="example.com"')
        assert said == b'\r\n+CDNSGIP: 1,"example.com","198.18.0.1"\r\n' + OK
        said = await bench.ask('AT+CDNSGIP="nowhere.example"')
        assert said == b"\r\n+CDNSGIP: 0,10\r\n" + ERROR
        bench.radio.ip.answers_names = False
        before_s = asyncio.get_running_loop().time()
        assert await bench.ask('AT+CDNSGIP="example.com"') == b"\r\n+CDNSGIP: 0,10\r\n" + ERROR
        assert 10 <= asyncio.get_running_loop().time() - before_s <= 11, "an A7670SA: 11 s"


async def test_pings():
    async with Bench("sim7600") as bench:
        await online(bench)
        said = await bench.ask('AT+CPING="example.com",1,2') + await bench.hear(5)
        answer = b"\r\n+CPING: 1,198.18.0.1,92,100,52\r\n"
        assert said == OK + 2 * answer + b"\r\n+CPING: 3,2,2,0,100,100,100\r\n"
        said = await bench.ask('AT+CPING="192.0.2.1",1,1,64,1000,10000,255') + await bench.hear(11)
        assert said == OK + b"\r\n+CPING: 2\r\n\r\n+CPING: 3,1,0,1,0,0,0\r\n"
        said = await bench.ask('AT+CPING="nowhere.example",1') + await bench.hear(11)
        assert said == OK + b"\r\n+CPING: 3,0,0,0,0,0,0\r\n"
