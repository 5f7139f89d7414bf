"""The stream over ``machine.UART`` keeps the contract of every stream (CPython, fake UART)."""

import sys

import pytest

from ip_commands.boards import uart_stream
from tests.contracts.check_stream import CHECKS, Joined
from tests.portable import fake_machine


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setitem(sys.modules, "machine", None)  # both are put back afterwards
    monkeypatch.setattr(uart_stream, "StreamReader", uart_stream.StreamReader)
    return fake_machine.install()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_contract(check, machine) -> None:
    stream = uart_stream.open_uart(0, tx=0, rx=1, baud_rate=921600)
    uart = machine.uarts[0]

    async def feed(data: bytes) -> None:
        uart.feed(data)

    await check(Joined(stream, feed, lambda: bytes(uart.sent)))
    await stream.close()
