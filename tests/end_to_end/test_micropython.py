"""The manual's device program and the real board files on the real MicroPython interpreter."""

import asyncio
from dataclasses import dataclass

import pytest

from ip_commands.host_sim.fake_modems import FakeModem, create
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.micropython import MicroPythonBoard
from ip_commands.host_sim.time.virtual_time import run
from tests.micropython.micropython_boards import NEEDS_MICROPYTHON

pytestmark = NEEDS_MICROPYTHON

DEVICE_PROGRAM = """\
import asyncio
from ip_commands.boards import {board} as board
from ip_commands.device import IpCommandClient

client = IpCommandClient(board.modem(), port=4242)

@client.on_command
async def handle(command):
    print(command.payload, command.source)
    await client.send(command.payload)

asyncio.run(client.run())
"""

BOARDS = [("pico_sim7080g", "SIM7080G", 14, None), ("sixfab_pico_lte", "BG95", 17, 20)]
MEANEST = bytes(range(256)) + b'\r\nOK\r\n+QIURC: "recv",0\r\n> \x1a\x00\r",' + b"\xff" * 1000


@dataclass
class Bench:
    board: MicroPythonBoard
    radio: BenchRadio
    fake: FakeModem


def now() -> float:
    return asyncio.get_running_loop().time()


def bench(board: str, model: str, key: int, status: int | None, **settings) -> Bench:
    radio = BenchRadio()
    fake = create(model, radio, seed=1, powered=settings.pop("powered", True))
    micropython = MicroPythonBoard(DEVICE_PROGRAM.format(board=board), **settings)
    micropython.wire(fake, key, status)
    return Bench(micropython, radio, fake)


@pytest.mark.parametrize("powered", [True, False], ids=["running", "off"])
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board[0])
def test_commands_are_answered_after_hours_of_sleep(board, powered: bool):
    async def main():
        made = bench(*board, powered=powered, baud=115200)
        handled = []
        async with made.board:
            for hour in (1, 2, 50):
                await asyncio.sleep(hour * 3600 - now())
                made.radio.inject_datagram(b"hour %d" % hour)
                handled.append((await made.board.read_line(), round(now() - hour * 3600, 1)))
            await asyncio.sleep(60)
        assert made.fake.boots == 1
        return handled, list(made.radio.uplink)

    handled, uplink = run(main())
    assert handled == [(f"b'hour {hour}' ('100.64.0.1', 6969)", 0.0) for hour in (1, 2, 50)]
    assert uplink == [(b"hour %d" % hour, 4242, "100.64.0.1", 6969) for hour in (1, 2, 50)]


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board[0])
def test_the_meanest_payload_returns_unharmed_past_the_wrap_of_the_ticks(board):
    async def main():
        # the ticks wrap while the modem hands the datagram over
        made = bench(*board, baud=115200, ms_before_wrap=3600_050)
        async with made.board:
            await asyncio.sleep(3600)
            made.radio.inject_datagram(MEANEST[:1300])
            await made.board.read_line()
            await asyncio.sleep(60)
        return made.radio.uplink[-1]

    assert run(main()) == (MEANEST[:1300], 4242, "100.64.0.1", 6969)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board[0])
def test_two_runs_are_equal_to_the_microsecond(board):
    async def main():
        made = bench(*board, powered=False, baud=115200)
        async with made.board:
            await asyncio.sleep(3600)
            made.radio.inject_datagram(b"again")
            await made.board.read_line()
            await asyncio.sleep(60)
        return list(made.board.uart.spy.entries)

    first = run(main())
    assert len(first) > 20
    assert first == run(main())
