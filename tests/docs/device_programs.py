"""Runs device programs as they are printed, until they have answered a command.

On a board: under the real MicroPython interpreter, with the board's own file, in virtual time. On
Linux: in a process of its own, over a pseudo-terminal. At the far end is the board's fake modem.
"""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ip_commands.boards.raspberry_pi.usb_ports import UART_VARIABLE
from ip_commands.host_sim.fake_modems import FakeModem, create
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.micropython import MicroPythonBoard
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.uart.ports import PtyUart

# board: modem, pin of PWRKEY, pin of STATUS; `my_board` is the page's own example
BOARDS = {
    "pico_sim7080g": ("SIM7080G", 14, None),
    "sixfab_pico_lte": ("BG95", 17, 20),
    "my_board": ("BG95", 4, None),
}
PORT = re.compile(r"/dev/(?:tty|serial)[\w./-]*")
LIMIT_S = 30.0
PRINTED = "b'hello' ('100.64.0.1', 6969)"
ANSWER = (b"done", 4242, "100.64.0.1", 6969)


def board_of(program: str) -> str:
    """Return the name of the board that a device program imports."""
    found = re.search(r"^(?:from [\w.]+ )?import (\w+) as board$", program, re.MULTILINE)
    assert found is not None, "no `import ... as board` in it"
    return found[1]


def answer_on_board(
    program: Path,
    module_path: Sequence[Path] | None = None,
    printed: str = PRINTED,
    answer: bytes = ANSWER[0],
) -> None:
    """Run a program on its board, whose modem is off at first, and let it answer ``hello``."""
    model, power_key, status = BOARDS[board_of(program.read_text())]

    async def main() -> tuple[bytes, int, str, int]:
        radio = BenchRadio()
        fake = create(model, radio, seed=1, powered=False)
        board = MicroPythonBoard(program, baud=115200, module_path=module_path)
        board.wire(fake, power_key, status)
        async with board:
            await asyncio.sleep(3600)
            radio.inject_datagram(b"hello")
            assert await board.read_line() == printed  # else the board's last words are shown
            await asyncio.sleep(60)
        return radio.uplink[-1]

    assert run(main()) == (answer, *ANSWER[1:])


@dataclass
class SerialModem:
    """A fake modem behind a pseudo-terminal; ``path`` is its port."""

    path: str
    fake: FakeModem
    radio: BenchRadio


@contextlib.asynccontextmanager
async def serial_modem(model: str, powered: bool = True) -> AsyncIterator[SerialModem]:
    radio = BenchRadio(attach_ms=50, pdp_ms=20)
    fake = create(model, radio, powered=powered)
    async with PtyUart() as uart:
        fake.connect(uart.modem)
        yield SerialModem(uart.device, fake, radio)


async def answer_over_serial(program: str, folder: Path, model: str = "bg95") -> None:
    """Run a program of a Linux host against a modem, and let it answer one command.

    Ports that the program names (``/dev/tty...``) become the modem's; without one it is in the
    environment.
    """
    async with serial_modem(model) as modem:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", _written(PORT.sub(modem.path, program), folder)),
            cwd=folder,
            env={**os.environ, UART_VARIABLE: modem.path},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(_first_line(process.stdout, modem.radio), LIMIT_S)
            assert line.rstrip() == PRINTED, line + (await process.stdout.read()).decode()
            async with asyncio.timeout(LIMIT_S):
                while not modem.radio.uplink:  # noqa: ASYNC110  the radio has no event for it
                    await asyncio.sleep(0.01)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    assert modem.radio.uplink[0] == ANSWER


def _written(program: str, folder: Path) -> str:
    (folder / "main.py").write_text(program)
    return "main.py"


async def _first_line(output: asyncio.StreamReader, radio: BenchRadio) -> str:
    """Send ``hello`` until the program, once it listens, has printed something."""
    reading = asyncio.create_task(output.readline())
    while not reading.done():
        radio.inject_datagram(b"hello")
        await asyncio.wait({reading}, timeout=0.2)
    return reading.result().decode()
