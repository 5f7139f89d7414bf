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

from tests.package import users_folder


@dataclass
class User:
    python: Path
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
    return User(python, home / "repository")


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
    (marker,) = user.python.parents[1].rglob("ip_commands/py.typed")
    marker.rename(marker.with_suffix(".away"))
    try:
        mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(user.python)]
        done = user.run(*mypy, "--cache-dir=.cache-untyped", "tests/test_own_files.py")
    finally:
        marker.with_suffix(".away").rename(marker)
    assert done.returncode == 1
    assert "module is installed, but missing library stubs or py.typed marker" in done.stdout
