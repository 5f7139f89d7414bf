"""TCP, names and pings of Quectel modules, as a host of theirs uses them."""

import pytest

from tests.fake_modems.bench import Bench
from tests.fake_modems.tcp_server import Server

OK, ERROR = b"\r\nOK\r\n", b"\r\nERROR\r\n"
OPEN = 'AT+QIOPEN=1,0,"TCP","example.com",1883,0,%d'


async def online(bench: Bench) -> Server:
    server = Server(bench.radio)
    await bench.attach()
    await bench.ask_all('AT+QICSGP=1,1,"super","","",0', "AT+QIACT=1")
    return server


async def connected(bench: Bench, mode: int = 0) -> Server:
    server = await online(bench)
    said = await bench.ask(OPEN % mode) + await bench.hear(2)
    assert said == OK + b"\r\n+QIOPEN: 0,0\r\n"
    return server


@pytest.mark.parametrize("model", ["bg95", "bg96", "ec25"])
async def test_a_connection_from_open_to_close(model):
    async with Bench(model) as bench:
        server = await connected(bench)
        state = await bench.ask("AT+QISTATE=1,0")
        assert state.startswith(b'\r\n+QISTATE: 0,"TCP","example.com",1883,')
        assert b",2,1,0,0," in state
        assert await bench.ask("AT+QISEND=0,5") == b"\r\n> "
        assert await bench.type(b"hello", 0.015) == b"\r\nSEND OK\r\n"
        assert await bench.ask("AT+QISEND=0,0") == b"\r\n+QISEND: 5,0,5\r\n" + OK
        said = await bench.hear(1)
        assert said.startswith(b'\r\n+QIURC: "recv",0')
        assert server.got == b"hello"
        assert await bench.ask("AT+QISEND=0,0") == b"\r\n+QISEND: 5,5,0\r\n" + OK
        assert await bench.ask("AT+QIRD=0,0") == b"\r\n+QIRD: 5,0,5\r\n" + OK
        assert await bench.ask("AT+QIRD=0,2") == b"\r\n+QIRD: 2\r\nHE\r\n" + OK
        assert await bench.ask("AT+QIRD=0,1500") == b"\r\n+QIRD: 3\r\nLLO\r\n" + OK
        assert await bench.ask("AT+QIRD=0,1500") == b"\r\n+QIRD: 0\r\n" + OK
        assert (await bench.ask("AT+QICLOSE=0")).endswith(OK)
        await bench.hear(1)
        assert server.closed == ["peer closed"]
        assert await bench.ask("AT+QISTATE=1,0") == OK


async def test_push_mode_says_what_came():
    async with Bench("bg95") as bench:
        server = await connected(bench, mode=1)
        server.send(b"one")
        assert await bench.hear(1) == b'\r\n+QIURC: "recv",0,3\r\none\r\n'


async def test_more_than_a_read_comes_in_pieces_and_all_of_it():
    async with Bench("bg95") as bench:
        server = await connected(bench)
        data = bytes(range(256)) * 60
        server.send(data)
        read = b""
        for _ in range(40):
            await bench.hear(0.2)
            answer = await bench.ask("AT+QIRD=0,1500")
            header, _, rest = answer[2:].partition(b"\r\n")
            length = int(header.removeprefix(b"+QIRD: "))
            read += rest[:length]
        assert read == data


async def test_the_peer_closes_and_what_came_can_still_be_read():
    async with Bench("bg95") as bench:
        server = await connected(bench)
        server.send(b"bye")
        server.close()
        said = await bench.hear(1)
        assert said == b'\r\n+QIURC: "recv",0\r\n\r\n+QIURC: "closed",0\r\n'
        assert await bench.ask("AT+QISEND=0,5") == ERROR
        assert await bench.ask("AT+QIRD=0,1500") == b"\r\n+QIRD: 3\r\nbye\r\n" + OK
        assert await bench.ask("AT+QICLOSE=0") == OK


@pytest.mark.parametrize(
    ("host", "number", "after_s"),
    [
        ("example.com", 566, 1),
        ("nowhere.example", 565, 1),
        ("192.0.2.1", 566, 125),
    ],
)
async def test_what_cannot_be_opened_says_why(host, number, after_s):
    async with Bench("bg95") as bench:
        await online(bench)
        said = await bench.ask(f'AT+QIOPEN=1,0,"TCP","{host}",80,0,0') + await bench.hear(after_s)
        assert said == OK + b"\r\n+QIOPEN: 0,%d\r\n" % number
        assert (await bench.ask("AT+QIGETERROR")).startswith(b"\r\n+QIGETERROR: %d," % number)


async def test_the_context_takes_its_connections_along():
    async with Bench("bg95") as bench:
        await connected(bench)
        bench.radio.lose_pdp()
        assert await bench.hear(1) == b'\r\n+QIURC: "pdpdeact",1\r\n'
        assert await bench.ask("AT+QISTATE?") == OK
        assert bench.fake.tcp_links == set()


async def test_a_reboot_forgets_the_connection_without_a_word():
    async with Bench("bg95") as bench:
        server = await connected(bench)
        bench.fake.restart()
        server.send(b"to nobody")
        said = await bench.hear(30)
        assert b"QIURC" not in said
        assert bench.fake.tcp_links == set()


async def test_names():
    async with Bench("bg95") as bench:
        await online(bench)
        said = await bench.ask('AT+QIDNSGIP=1,"example.com"') + await bench.hear(2)
        found = b'\r\n+QIURC: "dnsgip",0,1,600\r\n\r\n+QIURC: "dnsgip","198.18.0.1"\r\n'
        assert said == OK + found
        said = await bench.ask('AT+QIDNSGIP=1,"nowhere.example"') + await bench.hear(2)
        assert said == OK + b'\r\n+QIURC: "dnsgip",565\r\n'


async def test_ping_as_in_the_log_of_a_bg96():
    async with Bench("bg96") as bench:
        await online(bench)
        times = iter((235, 241, 198, 203))

        def ping(address, size_bytes, timeout_ms, on_result):
            time_ms = next(times)
            bench.fake.later(time_ms, on_result, time_ms)

        bench.radio.ip.ping = ping
        said = await bench.ask('AT+QPING=1,"example.com"') + await bench.hear(5)
        assert said == (
            OK
            + b'\r\n+QPING: 0,"198.18.0.1",32,235,255\r\n'
            + b'\r\n+QPING: 0,"198.18.0.1",32,241,255\r\n'
            + b'\r\n+QPING: 0,"198.18.0.1",32,198,255\r\n'
            + b'\r\n+QPING: 0,"198.18.0.1",32,203,255\r\n'
            + b"\r\n+QPING: 0,4,4,0,198,241,218\r\n"
        )


async def test_ping_without_an_answer():
    async with Bench("bg95") as bench:
        await online(bench)
        said = await bench.ask('AT+QPING=1,"192.0.2.1",1,2') + await bench.hear(5)
        assert said == OK + b"\r\n+QPING: 569\r\n" * 2 + b"\r\n+QPING: 0,2,0,2,0,0,0\r\n"
        said = await bench.ask('AT+QPING=1,"nowhere.example"') + await bench.hear(5)
        assert said == OK + b"\r\n+QPING: 565\r\n"
