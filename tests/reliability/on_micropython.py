"""The client on the real MicroPython interpreter, with a fake modem that misbehaves."""

import asyncio
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ip_commands.host_sim.fake_modems import create
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.faults import Faults
from ip_commands.host_sim.micropython import MicroPythonBoard, ProgramEnded
from tests.portable import micropython_tools as tools

FOLDERS = ("device", "modem_drivers", "boards")
PROGRAM = """
import asyncio, binascii, gc, machine, sys
from machine import UART
from ip_commands.boards.uart_stream import UartStream
from ip_commands.device import IpCommandClient
from ip_commands.modem_drivers import models
modem = models.create(sys.argv[1], UartStream(UART(0, baudrate=115200, timeout=0)))
client = IpCommandClient(modem, 4242)
async def watch():
    while True:
        gc.collect()
        print("heap", gc.mem_alloc(), gc.mem_free())
        await asyncio.sleep(int(sys.argv[2]))
async def main():
    @client.on_command
    def handle(command):
        print("got", binascii.hexlify(command.payload).decode())
    @client.on_error
    def failed(command, error):
        print("error", type(error).__name__)
    watching = asyncio.create_task(watch())
    try:
        await client.run()
    finally:
        print("ended")
print("made")
asyncio.run(main())
"""
BAD = (
    ("answer_lost", {"to": "read"}),
    ("byte_lost", {"probability": 0.002, "for_ms": 60_000}),
    ("reboot", {}),
    ("context_lost", {}),
    ("silence", {"for_ms": 75_000}),
    ("noise", {"every_ms": 2_000}),
)


@dataclass
class Day:
    """What the board said."""

    heap: list[tuple[int, int]] = field(default_factory=list)
    """(bytes in use, bytes free) after a collection, once per interval."""
    got: list[bytes] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ended: str = ""
    """How the program ended, if it did."""

    @property
    def wrong(self) -> list[bytes]:
        """Payloads that were never sent so, or came twice."""
        return [p for i, p in enumerate(self.got) if p not in self.sent or p in self.got[:i]]

    def hear(self, line: str) -> None:
        """Take one line of the program's output."""
        word, _, rest = line.partition(" ")
        if word == "heap":
            used, free = rest.split()
            self.heap.append((int(used), int(free)))
        elif word == "got":
            self.got.append(bytes.fromhex(rest))
        elif word == "error":
            self.errors.append(rest)
        elif word == "ended":
            self.ended = line


@contextmanager
def compiled() -> Iterator[Path]:
    """Compile the device half as boards ship it."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        tools.compile_changed(FOLDERS, build)
        yield build


async def live(
    model: str,
    build: Path,
    heap_kib: int,
    lasts_s: float,
    faults: bool = True,
    heap_every_s: int = 3600,
) -> Day:
    """Run the client in a heap of a 32-bit board of ``heap_kib``; never raises for its end."""
    day = Day()
    loop = asyncio.get_running_loop()
    ends = loop.time() + lasts_s
    radio = BenchRadio()
    fake = create(model, radio)
    board = MicroPythonBoard(
        PROGRAM,
        [model, str(heap_every_s)],
        heap=f"{heap_kib}wK",
        module_path=[build],
        baud=115200,
    )
    fake.connect(board.modem_end)
    try:
        async with board:
            tasks = [asyncio.create_task(_feed(radio, day, ends))]
            if faults:
                tasks.append(asyncio.create_task(_misbehave(Faults(fake), ends)))
            try:
                async with asyncio.timeout(lasts_s):
                    while True:
                        day.hear(await board.read_line())
            finally:
                for task in tasks:
                    task.cancel()
                for end in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(end, Exception):
                        raise end
    except ProgramEnded as error:
        day.ended = str(error)
    except TimeoutError:
        pass
    return day


async def _feed(radio: BenchRadio, day: Day, ends: float) -> None:
    number = 0
    while asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(45)
        number += 1
        size = (24, 400, 1300)[number % 3]
        payload = (b"#%05d;" % number + b"VALVE=OPEN\r\n" * 120)[:size]
        day.sent.append(payload)
        radio.inject_datagram(payload)


async def _misbehave(faults: Faults, ends: float) -> None:
    source = random.Random("on the board")
    while asyncio.get_running_loop().time() < ends:
        await asyncio.sleep(source.uniform(120, 600))
        faults.heal()
        name, arguments = source.choice(BAD)
        faults.inject(name, **{"seed": source.randrange(1 << 30), **arguments})
