"""What a simulated board can import: what a board can, and nothing of this machine."""

import asyncio
import os
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path

import pytest

from ip_commands.host_sim.micropython import MicroPythonBoard
from ip_commands.host_sim.micropython.lib_folder import fill_lib
from ip_commands.host_sim.time.virtual_time import run
from tests.docs import pages, terminal
from tests.import_graph import ROOT
from tests.micropython.micropython_boards import NEEDS_MICROPYTHON, output_of
from tests.portable.micropython_tools import place_on_board, shipped_sources

FOR_BOARDS = {
    str(place_on_board(source).with_suffix(".py"))
    for source in shipped_sources("device", "modem_drivers", "boards")
}

TRY = """
for name in %r:
    try:
        __import__(name)
        print(name, "found")
    except ImportError as error:
        print(name, error)
"""


def tried(*names: str, **settings: object) -> dict[str, str]:
    lines = run(output_of(TRY % (names,), heap="4096wK", **settings))
    return dict(line.split(" ", 1) for line in lines)


def files_below(folder: Path) -> set[str]:
    """Return the files, also those behind links to folders, as paths from there."""
    return {
        str((Path(where) / name).relative_to(folder))
        for where, _, names in os.walk(folder, followlinks=True)
        for name in names
    }


def test_lib_holds_what_a_board_can_hold_and_nothing_else(tmp_path: Path) -> None:
    lib = tmp_path / "lib"
    fill_lib(lib)
    assert len(FOR_BOARDS) > 40
    assert {path for path in files_below(lib) if "__pycache__" not in path} == FOR_BOARDS


def test_the_page_puts_the_same_on_a_real_board(tmp_path: Path) -> None:
    """Out of a checkout in which CPython has run."""
    for name in ("device", "modem_drivers", "boards", "src"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
        (tmp_path / name / "__pycache__").mkdir(exist_ok=True)
        (tmp_path / name / "__pycache__" / "errors.cpython-311.pyc").touch()
        (tmp_path / name / "compiled.pyc").touch()
    lines = [
        command.text
        for block in pages.blocks("docs/boards.md", "console")
        if not block.excuse
        for command in terminal.commands_of(block)
    ]
    subprocess.run(["bash", "-e", "-c", "\n".join(lines)], cwd=tmp_path, check=True, timeout=60)
    assert files_below(tmp_path / "board" / "lib") == FOR_BOARDS


def test_the_folder_for_a_board_is_ignored_by_git() -> None:
    assert "/board/" in (ROOT / ".gitignore").read_text().splitlines()


@NEEDS_MICROPYTHON
def test_each_of_our_modules_loads_from_lib() -> None:
    names = [path.removesuffix(".py").replace("/", ".") for path in sorted(FOR_BOARDS)]
    boards_own = ("machine", "network", "xbee")  # of a firmware that the desktop's has not
    for name, said in tried(*(name.removesuffix(".__init__") for name in names)).items():
        assert said == "found" or said.endswith(tuple(f"'{own}'" for own in boards_own)), name


@NEEDS_MICROPYTHON
@pytest.mark.parametrize(
    "name",
    [
        "ip_commands.host_sim",
        "ip_commands.boards.raspberry_pi",
        "ip_commands.device.interfaces",
        "device",
        "tests",
    ],
)
def test_what_no_board_has_is_not_found(name: str) -> None:
    assert tried(name) == {name: f"no module named '{name}'"}


@NEEDS_MICROPYTHON
def test_libraries_of_this_machine_are_not_found() -> None:
    """Pure ones that MicroPython could load; a wheel lies beside them."""
    names = [path.stem for path in Path(sysconfig.get_path("purelib")).glob("[a-z]*.py")]
    assert len(names) > 2
    assert "found" not in tried(*names).values()


@NEEDS_MICROPYTHON
def test_sys_path_has_a_boards_order(tmp_path: Path) -> None:
    (program := tmp_path / "main.py").write_text("import sys\nprint(sys.path)")
    (line,) = run(output_of(program, module_path=["/one", "/two"]))
    assert line == f"['{tmp_path}', '.frozen', '/one', '/two']"
    (line,) = run(output_of("import sys\nprint([p.split('/')[-1] for p in sys.path][1:])"))
    assert line == "['.frozen', 'lib']"


@NEEDS_MICROPYTHON
def test_a_file_in_lib_hides_no_frozen_module_and_one_beside_the_program_does(
    tmp_path: Path,
) -> None:
    lib, beside = tmp_path / "lib", tmp_path / "program"
    for folder, name in ((lib, "asyncio"), (lib, "only_in_lib"), (beside, "asyncio")):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(f"WHERE = '{folder.name}'")
    ask = "import asyncio\nprint(getattr(asyncio, 'WHERE', 'frozen'))\n"
    (beside / "main.py").write_text(ask)

    async def said_by(program: str | Path) -> list[str]:
        return await output_of(program, module_path=[lib], lock_step=False)

    # in real time: lock-step has loaded asyncio before the program can
    both = ask + "import only_in_lib\nprint(only_in_lib.WHERE)"
    assert asyncio.run(said_by(both)) == ["frozen", "lib"]
    assert asyncio.run(said_by(beside / "main.py")) == ["program"]


@NEEDS_MICROPYTHON
@pytest.mark.parametrize("program", ["print('text')", Path("main.py")])
def test_nothing_is_left_of_a_board(
    program: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.py").write_text("print('file')")
    (temporary := tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    async def main() -> list[str]:
        async with MicroPythonBoard(program) as board:
            await board.wait()
            return os.listdir(temporary)

    assert len(run(main())) == 1
    assert os.listdir(temporary) == []
    assert (ROOT / "device" / "errors.py").exists(), "the links went, not what they lead to"


def test_nothing_is_left_of_a_board_that_could_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("MICROPYTHON", "/nowhere/micropython")
    with pytest.raises(RuntimeError, match="no MicroPython interpreter"):
        run(MicroPythonBoard("print(1)").start())
    assert os.listdir(tmp_path) == []
