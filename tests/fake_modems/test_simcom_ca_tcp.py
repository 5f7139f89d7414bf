"""TCP, names and pings of SIM7070G, SIM7080G and SIM7090G, as a host of theirs uses them."""

import pytest

from tests.fake_modems.bench import Bench
from tests.fake_modems.tcp_server import Server

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
OPEN = 'AT+CAOPEN=0,0,"TCP","example.com",1883'


async def online(bench: Bench) -> Server:
    server = Server(bench.radio)
    await bench.attach()
    said = await bench.ask("AT+CNACT=0,1") + await bench.hear(2)
    assert said.endswith(b"ACTIVE\r\n")
    return server


async def connected(bench: Bench, push: str = "") -> Server:
    server = await online(bench)
    assert await bench.ask(OPEN + push) == b"\r\n+CAOPEN: 0,0\r\n" + OK
    return server


async def test_a_connection_from_open_to_close_as_tinygsm_uses_it():
    async with Bench("sim7080g") as bench:
        server = await connected(bench)
        assert await bench.ask("AT+CAACK=0") == b"\r\n+CAACK: 0,0\r\n" + OK
        assert await bench.ask("AT+CASEND=0,8") == b"\r\n>"
        assert await bench.type(b"payload.", 0.015) == OK
        # real: CAACK right behind it shows all of it unacknowledged (LilyGo-T-SIM7080G 96)
        assert await bench.ask("AT+CAACK=0") == b"\r\n+CAACK: 8,8\r\n" + OK
        assert await bench.hear(1) == b"\r\n+CADATAIND: 0\r\n"
        assert server.got == b"payload."
        assert await bench.ask("AT+CAACK=0") == b"\r\n+CAACK: 8,0\r\n" + OK
        assert await bench.ask("AT+CARECV?") == b"\r\n+CARECV: 0,8\r\n" + OK
        assert await bench.ask("AT+CARECV=0,3") == b"\r\n+CARECV: 3,PAY\r\n" + OK
        assert await bench.ask("AT+CARECV=0,1460") == b"\r\n+CARECV: 5,LOAD.\r\n" + OK
        assert await bench.ask("AT+CARECV=0,1460") == b"\r\n+CARECV: 0\r\n" + OK
        assert await bench.ask("AT+CASTATE?") == b"\r\n+CASTATE: 0,1\r\n" + OK
        assert await bench.ask("AT+CACLOSE=0") == OK
        await bench.hear(1)
        assert server.closed == ["peer closed"]
        assert await bench.ask("AT+CACLOSE=0") == ERROR


async def test_an_asynchronous_open_leaves_the_uart_free():
    async with Bench("sim7080g") as bench:
        await online(bench)
        await bench.ask('AT+CACFG="ASYNCOPEN",1')
        assert await bench.ask(OPEN) == OK
        assert await bench.ask("AT") == OK
        assert await bench.hear(1) == b"\r\n+CAOPEN: 0,0\r\n"


async def test_push_mode_says_what_came():
    async with Bench("sim7080g") as bench:
        server = await connected(bench, ",1")
        server.send(b"one")
        assert await bench.hear(1) == b'\r\n+CAURC: "recv",0,3\r\none\r\n'


async def test_the_peer_closes_and_what_came_can_still_be_read():
    async with Bench("sim7080g") as bench:
        server = await connected(bench)
        server.send(b"bye")
        server.close()
        assert await bench.hear(1) == b"\r\n+CADATAIND: 0\r\n\r\n+CASTATE: 0,0\r\n"
        assert await bench.ask("AT+CASEND=0,5") == ERROR
        assert await bench.ask("AT+CARECV=0,1460") == b"\r\n+CARECV: 3,bye\r\n" + OK
        assert await bench.ask("AT+CASTATE?") == b"\r\n+CASTATE: 0,0\r\n" + OK
        assert await bench.ask("AT+CACLOSE=0") == OK


@pytest.mark.parametrize(
    ("host", "port", "result"),
    [("example.com", 80, 23), ("nowhere.example", 80, 20), ("192.0.2.1", 80, 27)],
)
async def test_what_cannot_be_opened_says_why(host, port, result):
    async with Bench("sim7080g") as bench:
        await online(bench)
        said = await bench.ask(f'AT+CAOPEN=0,0,"TCP","{host}",{port}')
        assert said == b"\r\n+CAOPEN: 0,%d\r\n" % result + OK
        assert await bench.ask("AT+CASTATE?") == OK


async def test_more_than_the_modem_holds_is_an_error():
    async with Bench("sim7080g") as bench:
        await connected(bench)
        bench.radio.ip.cut_off = True
        results = []
        for _ in range(8):
            await bench.ask("AT+CASEND=0,1460")
            results.append(await bench.type(bytes(1460), 0.5))
        assert results == [OK] * 7 + [ERROR]
        assert await bench.ask("AT+CASEND=0") == b"\r\n+CASEND: 20\r\n" + OK


async def test_the_bearer_takes_its_connections_along_also_one_that_opens():
    async with Bench("sim7080g") as bench:
        await connected(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b"\r\n+APP PDP: 0,DEACTIVE\r\n\r\n+CASTATE: 0,0\r\n"
        assert bench.fake.tcp_links == set()
    async with Bench("sim7080g") as bench:
        await online(bench)
        await bench.link.host.write(b'AT+CAOPEN=0,0,"TCP","192.0.2.1",80\r')
        await bench.hear(5)
        bench.radio.lose_pdp()
        said = await bench.hear(1)
        assert said.endswith(b"\r\n+CAOPEN: 0,27\r\n" + OK)
        assert await bench.ask("AT") == OK


async def test_names_and_pings():
    async with Bench("sim7080g") as bench:
        await online(bench)
        said = await bench.ask('AT+CDNSGIP="example.com"') + await bench.hear(2)
        assert said == OK + b'\r\n+CDNSGIP: 1,"example.com","198.18.0.1"\r\n'
        said = await bench.ask('AT+CDNSGIP="nowhere.example"') + await bench.hear(2)
        assert said == OK + b"\r\n+CDNSGIP: 0,8\r\n"
        said = await bench.ask('AT+SNPING4="example.com",2,16,1000')
        line = b"+SNPING4: %d,198.18.0.1,100\r\n"
        assert said.replace(b"\r\n\r\n", b"\r\n") == b"\r\n" + line % 1 + line % 2 + OK[2:]
        assert b"+SNPING4: 1,192.0.2.1,-1" in await bench.ask('AT+SNPING4="192.0.2.1",1,16,1000')
        assert await bench.ask('AT+SNPING4="nowhere.example",1,16,1000') == ERROR
