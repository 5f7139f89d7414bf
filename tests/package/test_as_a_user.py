"""The installed wheel in somebody's repository, whose ``device.py`` and ``boards/`` are not ours.

A new environment holds the wheel and sees the libraries that are installed here; ``make new-user``
does the same from nothing.
"""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from ip_commands.device import errors
from ip_commands.host_sim.micropython import find_interpreter
from tests.micropython.micropython_boards import NEEDS_MICROPYTHON
from tests.package import users_folder

PUBLIC_NAMES = [
    *("IpCommand", "IpCommandClient"),
    *(name for name, error in vars(errors).items() if isinstance(error, type)),
]
ROOFS = ("ip_commands", "ip_commands.device")


@dataclass
class User:
    python: Path
    site_packages: Path
    repository: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.repository,
            env=users_folder.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def user(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> User:
    """Return the user's Python, which has the wheel, and their repository."""
    home = tmp_path_factory.mktemp("user")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    python = home / "venv" / "bin" / "python"
    said = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site_packages = Path(subprocess.check_output(said, text=True).strip())
    # a wheel of pure Python is installed by unpacking it
    zipfile.ZipFile(wheel).extractall(site_packages)
    # behind the wheel's own; .pth files there are not read, so not our editable installation
    (site_packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    users_folder.lay_out(home / "repository")
    return User(python, site_packages, home / "repository")


def test_the_wheel_is_what_the_user_imports(user: User) -> None:
    done = user.run(str(user.python), "-c", "import ip_commands; print(ip_commands.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(user.python.parents[1])


def test_the_readmes_test_and_their_own_pass_without_configuration(user: User) -> None:
    assert users_folder.readme_tests(), "the README shows a test with the fixture"
    done = user.run(str(user.python), "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    assert f"{2 + len(users_folder.readme_tests())} passed" in done.stdout


def test_their_tests_pass_mypy_strict(user: User) -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(user.python)]
    done = user.run(*mypy, "tests", "device.py")
    assert done.returncode == 0, done.stdout


def test_without_py_typed_mypy_would_complain(user: User) -> None:
    """What the test above would say if the marker were not in the wheel."""
    marker = user.site_packages / "ip_commands" / "py.typed"
    marker.rename(marker.with_suffix(".away"))
    try:
        mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(user.python)]
        done = user.run(*mypy, "--cache-dir=.cache-untyped", "tests/test_own_files.py")
    finally:
        marker.with_suffix(".away").rename(marker)
    assert done.returncode == 1
    assert "module is installed, but missing library stubs or py.typed marker" in done.stdout


def strictly_typed(user: User, lines: list[str]) -> list[str]:
    """Return mypy's complaints about a file of these lines, each with the number of its line."""
    (user.repository / "names.py").write_text("\n".join(lines))
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(user.python)]
    return user.run(*mypy, "--no-error-summary", "names.py").stdout.splitlines()


def test_mypy_knows_every_public_name(user: User) -> None:
    assert len(PUBLIC_NAMES) > 15
    lines = [f"from {roof} import {name}" for roof in ROOFS for name in PUBLIC_NAMES]
    lines.append("from ip_commands import boards, device, host_sim, modem_drivers")
    lines.append("from ip_commands.device import errors, portable")
    lines += [f"reveal_type({name})" for name in PUBLIC_NAMES]
    revealed = strictly_typed(user, lines)
    assert len(revealed) == len(PUBLIC_NAMES), revealed
    for name, note in zip(PUBLIC_NAMES, revealed, strict=True):
        assert f".{name}" in note, "each is its own class, and none is Any"


def test_mypy_refuses_names_that_do_not_exist(user: User) -> None:
    wrong = [f"from {roof} import {name}" for roof in ROOFS for name in ("Typo", "typo", "_typo")]
    complaints = strictly_typed(user, wrong)
    assert [line.split(" ")[0] for line in complaints if "attr-defined" in line] == [
        f"names.py:{number}:" for number in range(1, len(wrong) + 1)
    ]


def test_a_name_that_does_not_exist_is_refused_at_run_time(user: User) -> None:
    for roof in ROOFS:
        done = user.run(str(user.python), "-c", f"from {roof} import Typo")
        assert "ImportError: cannot import name 'Typo'" in done.stdout


ON_A_BOARD = """
import os, sys
from ip_commands.host_sim.micropython import MicroPythonBoard
from ip_commands.host_sim.time.virtual_time import run

PROGRAM = '''
for name in ("ip_commands.boards.pico_sim7080g", "host_only", "host_file", "ip_commands.host_sim"):
    try:
        __import__(name)
        print(name, "found")
    except ImportError as error:
        print(error)
'''

async def main():
    async with MicroPythonBoard(PROGRAM) as board:
        await board.wait()
        print(board.stdout, board.stderr)

run(main())
"""


@NEEDS_MICROPYTHON
def test_a_simulated_board_finds_our_half_and_nothing_of_the_users_python(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MICROPYTHON", find_interpreter())
    (user.site_packages / "host_only").mkdir()
    (user.site_packages / "host_only" / "__init__.py").touch()
    (user.site_packages / "host_file.py").touch()
    done = user.run(str(user.python), "-c", ON_A_BOARD)
    assert done.stdout.splitlines() == [
        "ip_commands.boards.pico_sim7080g found",
        "no module named 'host_only'",
        "no module named 'host_file'",
        "no module named 'ip_commands.host_sim' ",
    ]
