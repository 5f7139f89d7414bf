"""Bring a fake SIM7000 or SIM800 to where its CIP commands work."""

from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
CLOUD = '"100.64.0.1","6969"'
HEADED = ("AT+CIPSRIP=1", "AT+CIPHEAD=1")


async def bearer(bench: Bench, multiple: bool = False) -> None:
    """Everything before the first connection."""
    await bench.attach()
    assert await bench.ask("AT+CIPSHUT") == b"\r\nSHUT OK\r\n"
    assert await bench.ask(f"AT+CIPMUX={int(multiple)}") == OK
    assert await bench.ask('AT+CSTT="super"') == OK
    assert await bench.ask("AT+CIICR") == OK
    assert await bench.ask("AT+CIFSR") == b"\r\n100.64.17.23\r\n"


async def connection(bench: Bench, *settings: str, port: int = 4242) -> None:
    """A single connection in extended mode on a local port."""
    await bearer(bench)
    for command in (f'AT+CLPORT="UDP",{port}', "AT+CIPUDPMODE=1", *settings):
        assert await bench.ask(command) == OK, command
    said = await bench.ask(f'AT+CIPSTART="UDP",{CLOUD}') + await bench.hear(1)
    assert said == OK + b"\r\nCONNECT OK\r\n"


async def connections(bench: Bench, *settings: str, ports: tuple[int, ...] = (4242, 4343)) -> None:
    """Several connections in extended mode, each on its local port."""
    await bearer(bench, multiple=True)
    for command in settings:
        assert await bench.ask(command) == OK, command
    for number, port in enumerate(ports):
        assert await bench.ask(f'AT+CLPORT={number},"UDP",{port}') == OK
        assert await bench.ask(f"AT+CIPUDPMODE={number},1") == OK
        said = await bench.ask(f'AT+CIPSTART={number},"UDP",{CLOUD}') + await bench.hear(1)
        assert said == OK + b"\r\n%d, CONNECT OK\r\n" % number
