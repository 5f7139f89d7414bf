"""TCP, names and pings of SIM7000 and SIM800, as a host of theirs uses them."""

import pytest

from tests.fake_modems.bench import Bench
from tests.fake_modems.simcom_cip_bench import ERROR, OK, bearer
from tests.fake_modems.tcp_server import Server

MODELS = ["sim7000g", "sim800"]


async def connected(bench: Bench, *settings: str) -> Server:
    """A single connection."""
    server = Server(bench.radio)
    await bearer(bench)
    for command in settings:
        assert await bench.ask(command) == OK
    said = await bench.ask('AT+CIPSTART="TCP","example.com","1883"') + await bench.hear(2)
    assert said == OK + b"\r\nCONNECT OK\r\n"
    return server


@pytest.mark.parametrize("model", MODELS)
async def test_push_a_connection_from_open_to_close(model):
    async with Bench(model) as bench:
        server = await connected(bench, "AT+CIPHEAD=1")
        assert b"STATE: CONNECT OK" in await bench.ask("AT+CIPSTATUS")
        assert await bench.ask("AT+CIPSEND=5") == b"\r\n> "
        said = await bench.type(b"hello", 1)
        assert said == b"\r\nSEND OK\r\n\r\n+IPD,5:HELLO"
        assert server.got == b"hello"
        assert await bench.ask("AT+CIPCLOSE") == b"\r\nCLOSE OK\r\n"
        await bench.hear(1)
        assert server.closed == ["peer closed"]
        assert b"STATE: TCP CLOSED" in await bench.ask("AT+CIPSTATUS")


@pytest.mark.parametrize("model", MODELS)
async def test_several_connections_and_manual_reads_as_tinygsm_uses_them(model):
    async with Bench(model) as bench:
        server = Server(bench.radio)
        await bearer(bench, multiple=True)
        assert await bench.ask_all("AT+CIPQSEND=1", "AT+CIPRXGET=1") == OK + OK
        said = await bench.ask('AT+CIPSTART=1,"TCP","example.com",1883') + await bench.hear(2)
        assert said == OK + b"\r\n1, CONNECT OK\r\n"
        assert await bench.ask("AT+CIPSEND=1,5") == b"\r\n> "
        assert await bench.type(b"hello", 0.045) == b"\r\nDATA ACCEPT:1,5\r\n"
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,1\r\n"
        assert await bench.ask("AT+CIPRXGET=4,1") == b"\r\n+CIPRXGET: 4,1,5\r\n" + OK
        assert await bench.ask("AT+CIPRXGET=2,1,2") == b"\r\n+CIPRXGET: 2,1,2,3\r\nHE" + OK
        assert await bench.ask("AT+CIPRXGET=2,1,1460") == b"\r\n+CIPRXGET: 2,1,3,0\r\nLLO" + OK
        server.send(b"rest")
        server.close()
        assert await bench.hear(1) == b"\r\n+CIPRXGET: 1,1\r\n\r\n1, CLOSED\r\n"
        assert await bench.ask("AT+CIPRXGET=2,1,1460") == b"\r\n+CIPRXGET: 2,1,4,0\r\nrest" + OK
        assert await bench.ask("AT+CIPSEND=1,5") == ERROR


@pytest.mark.parametrize(
    ("host", "port", "after_s"),
    [("example.com", 80, 1), ("nowhere.example", 80, 1), ("192.0.2.1", 80, 76)],
)
async def test_what_cannot_be_opened_fails(host, port, after_s):
    async with Bench("sim7000g") as bench:
        Server(bench.radio)
        await bearer(bench)
        said = await bench.ask(f'AT+CIPSTART="TCP","{host}",{port}') + await bench.hear(after_s)
        assert said == OK + b"\r\nSTATE: TCP CLOSED\r\n\r\nCONNECT FAIL\r\n"


async def test_send_ok_waits_for_the_other_side():
    async with Bench("sim7000g") as bench:
        server = await connected(bench)
        bench.radio.ip.delay_ms = 2000
        await bench.ask("AT+CIPSEND=5")
        assert await bench.type(b"hello", 3.9) == b""
        assert (await bench.hear(0.2)).startswith(b"\r\nSEND OK\r\n")
        await bench.ask("AT+CIPSEND=5")
        await bench.type(b"hello", 0.1)
        server.connections[0].abort()
        assert b"\r\nCLOSED\r\n" in await bench.hear(5)
        assert await bench.ask("AT") == OK, "the command that waited has ended"


async def test_the_bearer_takes_its_connections_along():
    async with Bench("sim7000g") as bench:
        server = await connected(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+PDP: DEACT\r\n"
        assert bench.fake.tcp_links == set()
    async with Bench("sim7000g") as bench:
        server = await connected(bench)
        assert await bench.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
        await bench.hear(1)
        assert server.closed == ["peer closed"]


async def test_names_and_pings():
    async with Bench("sim7000g") as bench:
        Server(bench.radio)
        await bearer(bench)
        said = await bench.ask('AT+CDNSGIP="example.com"') + await bench.hear(2)
        assert said == OK + b'\r\n+CDNSGIP: 1,"example.com","198.18.0.1"\r\n'
        said = await bench.ask('AT+CIPPING="example.com",2')
        assert b'+CIPPING: 1,"198.18.0.1",100,52\r\n' in said
        assert said.endswith(b'+CIPPING: 2,"198.18.0.1",100,52\r\n' + OK)
        said = await bench.ask('AT+CIPPING="192.0.2.1",1,32,10')
        assert said == b'\r\n+CIPPING: 1,"192.0.2.1",600,255\r\n' + OK
        assert await bench.ask('AT+CIPPING="nowhere.example"') == ERROR
    async with Bench("sim800") as bench:
        Server(bench.radio)
        await bearer(bench)
        said = await bench.ask('AT+CIPPING="example.com",1')
        assert said == b'\r\n+CIPPING: 1,"198.18.0.1",1,52\r\n' + OK
