"""What the tests of MicroPython boards share: a board with a peer at the far end of its UART."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ip_commands.host_sim.micropython import MicroPythonBoard, MicroPythonMissing, find_interpreter

try:
    find_interpreter()
    MISSING = ""
except MicroPythonMissing as error:
    MISSING = f"NOT TRIED ON MICROPYTHON: {error}"

NEEDS_MICROPYTHON = pytest.mark.skipif(bool(MISSING), reason=MISSING)
PERIOD_MS = 2**30


def now() -> float:
    return asyncio.get_running_loop().time()


class Peer:
    """The far end of the UART: keeps what came and when, answers every line with OK."""

    def __init__(self, board: MicroPythonBoard, answer_after_s: float | None = 0.005) -> None:
        self.heard: list[tuple[float, bytes]] = []
        self.board = board
        self.answer_after_s = answer_after_s
        board.modem_end.on_received = self._received

    def _received(self, data: bytes) -> None:
        self.heard.append((now(), data))
        if self.answer_after_s is not None and data.endswith(b"\r"):
            self.say_later(self.answer_after_s, b"\r\nOK\r\n")

    def say_later(self, delay_s: float, data: bytes) -> None:
        asyncio.get_running_loop().call_later(delay_s, self.board.modem_end.write, data)


@asynccontextmanager
async def running(program: str, **settings) -> AsyncIterator[tuple[MicroPythonBoard, Peer]]:
    answer_after_s = settings.pop("answer_after_s", 0.005)
    arguments = settings.pop("arguments", ())
    board = MicroPythonBoard(program, arguments, **settings)
    peer = Peer(board, answer_after_s)
    async with board:
        yield board, peer


async def output_of(program: str, **settings) -> list[str]:
    async with running(program, **settings) as (board, _):
        status = await board.wait()
        assert status == 0, str(board.stderr)
        return list(board.stdout.lines)
