"""TCP, names and pings of u-blox modules, as a host of theirs uses them."""

import pytest

from ip_commands.host_sim.fake_modems.ublox.models import UBLOX_MODELS
from tests.fake_modems.bench import Bench
from tests.fake_modems.tcp_server import Server
from tests.fake_modems.test_ublox import ready

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
R5 = "sara-r510s"


async def online(bench: Bench) -> Server:
    server = Server(bench.radio)
    await ready(bench)
    assert (await bench.ask("AT+USOCR=6")).endswith(b"\r\n+USOCR: 0\r\n" + OK)
    return server


async def connected(bench: Bench) -> Server:
    server = await online(bench)
    assert await bench.ask('AT+USOCO=0,"example.com",1883') == OK
    return server


@pytest.mark.parametrize("model", sorted(UBLOX_MODELS))
async def test_a_connection_from_open_to_close(model):
    async with Bench(model) as bench:
        server = await connected(bench)
        assert await bench.ask("AT+USOCTL=0,10") == b"\r\n+USOCTL: 0,10,4\r\n" + OK
        assert await bench.ask("AT+USOWR=0,5") == b"\r\n@"
        said = await bench.type(b"hello", 1)
        assert said == b"\r\n+USOWR: 0,5\r\n" + OK + b"\r\n+UUSORD: 0,5\r\n"
        assert server.got == b"hello"
        assert b"+USORD: 0,5\r\n" in await bench.ask("AT+USORD=0,0")
        said = await bench.ask("AT+USORD=0,2") + await bench.hear(1)
        assert said.lstrip() == b'+USORD: 0,2,"HE"\r\n' + OK + b"\r\n+UUSORD: 0,3\r\n"
        said = await bench.ask("AT+USORD=0,1024") + await bench.hear(1)
        assert said.lstrip() == b'+USORD: 0,3,"LLO"\r\n' + OK
        assert await bench.ask("AT+USOCL=0") == OK
        await bench.hear(1)
        assert server.closed == ["peer closed"]


async def test_an_asynchronous_connect():
    async with Bench(R5) as bench:
        await online(bench)
        said = await bench.ask('AT+USOCO=0,"example.com",1883,1') + await bench.hear(1)
        assert said == OK + b"\r\n+UUSOCO: 0,0\r\n"


async def test_the_end_is_told_when_all_was_read():
    async with Bench(R5) as bench:
        server = await connected(bench)
        server.send(b"bye")
        server.close()
        assert await bench.hear(1) == b"\r\n+UUSORD: 0,3\r\n"
        assert await bench.ask("AT+USOCTL=0,10") == b"\r\n+USOCTL: 0,10,7\r\n" + OK
        assert await bench.ask("AT+USOWR=0,3") == ERROR
        said = await bench.ask("AT+USORD=0,1024") + await bench.hear(1)
        assert said == b'\r\n+USORD: 0,3,"bye"\r\n' + OK + b"\r\n+UUSOCL: 0\r\n"
        assert await bench.ask("AT+USORD=0,1024") == ERROR
    async with Bench(R5) as bench:
        server = await connected(bench)
        server.close()
        assert await bench.hear(1) == b"\r\n+UUSOCL: 0\r\n"


@pytest.mark.parametrize(
    ("host", "port", "error"),
    [("example.com", 80, 111), ("nowhere.example", 80, 113), ("192.0.2.1", 80, 110)],
)
async def test_what_cannot_be_opened_says_why(host, port, error):
    async with Bench(R5) as bench:
        await online(bench)
        assert await bench.ask(f'AT+USOCO=0,"{host}",{port}') == ERROR
        assert await bench.ask("AT+USOER") == b"\r\n+USOER: %d\r\n" % error + OK
        said = await bench.ask(f'AT+USOCO=0,"{host}",{port},1') + await bench.hear(130)
        assert said == OK + b"\r\n+UUSOCO: 0,%d\r\n" % error


async def test_hex_mode():
    async with Bench(R5) as bench:
        server = await connected(bench)
        assert await bench.ask("AT+UDCONF=1,1") == OK
        said = await bench.ask('AT+USOWR=0,2,"00FF"') + await bench.hear(1)
        assert said == b"\r\n+USOWR: 0,2\r\n" + OK + b"\r\n+UUSORD: 0,2\r\n"
        assert server.got == b"\x00\xff"
        assert await bench.ask("AT+USORD=0,512") == b'\r\n+USORD: 0,2,"00FF"\r\n' + OK


async def test_the_profile_takes_its_connections_along():
    async with Bench(R5) as bench:
        await connected(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+UUPSDD: 0\r\n\r\n+UUSOCL: 0\r\n"
        assert bench.fake.tcp_links == set()


async def test_names_and_pings():
    async with Bench(R5) as bench:
        Server(bench.radio)
        await ready(bench)
        said = await bench.ask('AT+UDNSRN=0,"example.com"')
        assert said == b'\r\n+UDNSRN: "198.18.0.1"\r\n' + OK
        # what ubxlib asks on its way up
        said = await bench.ask('AT+UDNSRN=0,"100.64.0.1"')
        assert said == b'\r\n+UDNSRN: "100.64.0.1"\r\n' + OK
        assert await bench.ask('AT+UDNSRN=0,"nowhere.example"') == ERROR
        said = await bench.ask('AT+UPING="example.com",1') + await bench.hear(1)
        assert said == OK + b'\r\n+UUPING: 1,32,"example.com","198.18.0.1",55,100\r\n'
        said = await bench.ask('AT+UPING="192.0.2.1",1') + await bench.hear(6)
        assert said == OK + b"\r\n+UUPINGER: 12\r\n"
        said = await bench.ask('AT+UPING="nowhere.example",1') + await bench.hear(6)
        assert said == OK + b"\r\n+UUPINGER: 8\r\n"
    async with Bench("sara-r410m") as bench:
        Server(bench.radio)
        await ready(bench)
        for command in ('AT+UDNSRN=0,"example.com"', 'AT+UPING="example.com"'):
            assert await bench.ask(command) == ERROR, "AN004 of particle-iot/docs"
