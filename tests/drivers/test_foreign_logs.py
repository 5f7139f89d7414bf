"""Every log against every driver: what other modems said may refuse, never hang or break it.

The stream mixes pieces of a log into plain answers that let the driver get on. So the driver
meets, at every stage of its life, answers to other questions, of other firmware and other
vendors. Only our own errors may come out, in bounded time.
"""

import asyncio
import random
from pathlib import Path

import pytest

from ip_commands.device.errors import IpCommandsError
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.modem_drivers import models
from tests.captures.capture import files, steps_of
from tests.portable.at_script import MODEM

LOGS = files()
ONE_OF_EACH = sorted({names[0] for _, _, names in models._FAMILIES})
LONGEST_S = 4 * 3600


def modem_bytes(log: Path) -> bytes:
    """What the modem sent in this log, payloads included, with its line ends."""
    return b"".join(bytes(what) for kind, what in steps_of(log) if kind == MODEM)


PLAIN_ANSWERS = (
    (b"+CEREG?", b'+CEREG: 4,5,"2B67","1A2D003",7'),
    (b"+CGREG?", b"+CGREG: 0,5"),
    (b"+CREG?", b"+CREG: 0,5"),
    (b"+CPIN?", b"+CPIN: READY"),
    (b"+CGATT?", b"+CGATT: 1"),
    (b"+CFUN?", b"+CFUN: 1"),
    (b"+CSQ", b"+CSQ: 20,0"),
    (b"+CMEE?", b"+CMEE: 1"),
)
"""Enough for any driver to believe that it is attached."""


class LogStream:
    """Answers OK to most commands, with pieces of the log before, between and behind."""

    def __init__(self, said: bytes, seed: str) -> None:
        self._random = random.Random(seed)
        self._said = said
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()

    async def read(self, max_bytes: int) -> bytes:
        piece = await self._pieces.get()
        if len(piece) > max_bytes:
            piece, rest = piece[:max_bytes], piece[max_bytes:]
            self._pieces._queue.appendleft(rest)
        return piece

    async def write(self, data: bytes) -> None:
        chance = self._random.random()
        length = self._random.choice((0, 0, 0, 1, 7, 40, 200))
        piece, self._said = self._said[:length], self._said[length:]
        answer = b""
        if data[:2] == b"AT" and chance < 0.95:
            for question, text in PLAIN_ANSWERS:
                if data[2:].startswith(question):
                    answer = b"\r\n" + text + b"\r\n"
            answer += b"\r\nOK\r\n" if chance < 0.9 else b"\r\n> "
        for said in (piece, answer) if chance < 0.5 else (answer, piece):
            if said:
                self._pieces.put_nowait(said)

    async def close(self) -> None:
        self._pieces.put_nowait(b"")


async def live_through(model: str, log: Path) -> list[str]:
    stream = LogStream(modem_bytes(log), f"{model} {log.name}")
    driver = models.create(model, stream)
    said = []

    async def open_and_use() -> None:
        socket = await driver.open_udp(4242)
        await socket.send_to(b"x" * 50, "100.64.0.1", 6969)
        await socket.receive(60_000)

    steps = (
        driver.start,
        lambda: driver.attach("super", 60_000),
        open_and_use,
        driver.read_identity,
        driver.read_signal,
        driver.power_off,
    )
    for step in steps:
        try:
            await asyncio.wait_for(step(), LONGEST_S)
        except IpCommandsError as error:
            said.append(str(error))
    await driver.close()
    return said


@pytest.mark.parametrize("model", ONE_OF_EACH)
def test_any_log_ends_in_our_errors_or_in_peace(model):
    assert len(LOGS) > 40
    stages = 0
    for log in LOGS:
        said = run(live_through(model, log))
        assert all(said), log.name
        stages += 6 - len(said)
    assert stages > len(LOGS)  # the logs are met at more stages than the first
