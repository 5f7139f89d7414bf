"""A library that is not installed is named with its extra and the command that brings it."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from importlib import metadata
from pathlib import Path

import pytest

from ip_commands.host_sim import extras
from tests.import_graph import ROOT
from tests.package.distributions import PROJECT, STEM

HOST_SIM = "from ip_commands.host_sim.commands.main import main; sys.exit(main(sys.argv[1:]))"
IP_COMMANDS = "from ip_commands.boards.raspberry_pi.cli import main; sys.exit(main(sys.argv[1:]))"
GIT = shutil.which("git")
SUPER_SIM = "from ip_commands.host_sim.world.super_sim import SuperSim"

HIDE = """
import sys
from importlib.machinery import PathFinder
find_spec = PathFinder.find_spec
def find_what_is_not_hidden(cls, name, path=None, target=None):
    return None if name.partition(".")[0] in %r else find_spec(name, path, target)
PathFinder.find_spec = classmethod(find_what_is_not_hidden)
sys.path.insert(0, %r)
"""


def run_without(
    modules: list[str], code: str, *arguments: str, path: Path = ROOT / "src"
) -> subprocess.CompletedProcess[str]:
    """Run code in a Python in which these modules are not installed."""
    return subprocess.run(
        [sys.executable, "-c", HIDE % (modules, str(path)) + code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("word", "modules", "sentence"),
    [
        ("demo", ["rich"], "rich is not installed, the extra 'sim' brings it: pip install "),
        ("demo", ["aiohttp"], "aiohttp is not installed, the extra 'sim' brings it: pip install "),
        (
            "serve",
            ["aiohttp", "rich"],
            "aiohttp and rich are not installed, the extra 'sim' brings them: pip install ",
        ),
        (
            "timeline",
            ["matplotlib"],
            "matplotlib is not installed, the extra 'plot' brings it: pip install ",
        ),
        (
            "timeline",
            ["aiohttp", "matplotlib"],
            "aiohttp and matplotlib are not installed, the extra 'plot' brings them: pip install ",
        ),
    ],
)
def test_a_word_without_its_library_names_the_extra(
    word: str, modules: list[str], sentence: str
) -> None:
    done = run_without(modules, HOST_SIM, word)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"host-sim {word}: {sentence}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["advise"], ["--version"], ["--help"], ["demo", "--help"]])
def test_what_needs_no_library_works_without_any(arguments: list[str]) -> None:
    done = run_without([*extras.EXTRAS, "yarl", "serial", "pytest"], HOST_SIM, *arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_import_of_super_sim_names_the_extra() -> None:
    done = run_without(["aiohttp"], SUPER_SIM)
    assert done.returncode == 1
    last = done.stderr.strip().rpartition("\n")[2]
    assert (
        "MissingExtra: aiohttp is not installed, the extra 'sim' brings it: pip install " in last
    )


def test_pictures_name_the_extra() -> None:
    code = "from ip_commands.host_sim.pictures.timeline import draw_timeline as d; d(None, 0, 1)"
    done = run_without(["matplotlib"], code)
    assert "MissingExtra: matplotlib is not installed, the extra 'plot' brings it:" in done.stderr


def test_the_command_line_of_the_pi_names_the_extra() -> None:
    words = ["send", "--uart", "/dev/null", "--modem", "bg95", "--port", "4242", "x"]
    done = run_without(["serial"], IP_COMMANDS, *words)
    assert (done.returncode, done.stdout) == (1, "")
    (wanted,) = PROJECT["optional-dependencies"]["pi"]  # so that this command brings all of it
    assert done.stderr == (
        f"error: pyserial is not installed, the extra 'pi' brings it: pip install '{wanted}', "
        "all that supersim-ip-commands[pi] adds\n"
    )


@pytest.mark.parametrize("call", ["modem('/dev/null')", "modem('/dev/null', 'bg95')"])
def test_a_program_on_the_pi_names_the_extra(call: str) -> None:
    done = run_without(["serial"], f"from ip_commands.boards import raspberry_pi as b; b.{call}")
    assert done.returncode == 1
    assert "PortError: pyserial is not installed, the extra 'pi' brings it: " in done.stderr
    assert "supersim-ip-commands[pi]" in done.stderr


def test_the_fixture_names_the_extra(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text("def test_it(supersim):\n    pass\n")
    code = "import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    options = ["-q", "-p", "no:asyncio", "-p", "no:cacheprovider", "-c", "/dev/null"]
    done = run_without(["pytest_asyncio"], code, *options, str(test))
    assert done.returncode == 1
    assert "pytest-asyncio" in done.stdout
    assert extras.how_to_install("test") in done.stdout


@pytest.mark.parametrize("word", ["demo", "serve", "timeline"])
def test_what_an_installed_library_lacks_shows_itself(tmp_path: Path, word: str) -> None:
    for library in ("rich", "aiohttp", "matplotlib"):
        (tmp_path / f"{library}.py").write_text("import what_the_library_needs\n")
    done = run_without([], HOST_SIM, word, path=tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("ModuleNotFoundError: No module named 'what_the_library_needs'\n")


def test_each_module_is_brought_by_its_extra() -> None:
    for module, extra in extras.EXTRAS.items():
        wanted = PROJECT["optional-dependencies"][extra]
        assert module.replace("_", "-") in {re.match(r"[\w-]+", line)[0] for line in wanted}


class _Installed:
    def __init__(self, origin: dict[str, object] | None) -> None:
        self._origin = origin

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self._origin is None else json.dumps(self._origin)


@pytest.mark.parametrize(
    ("origin", "arguments"),
    [
        (None, ["supersim-ip-commands[sim]"]),
        (
            {"url": "file:///home/a%20b/x-1-py3-none-any.whl", "archive_info": {}},
            ["supersim-ip-commands[sim] @ file:///home/a%20b/x-1-py3-none-any.whl"],
        ),
        (
            {"url": "file:///home/a%20b/it", "dir_info": {}},
            ["supersim-ip-commands[sim] @ file:///home/a%20b/it"],
        ),
        (
            {"url": "file:///home/a%20b/it", "dir_info": {"editable": True}},
            ["--editable", "/home/a b/it[sim]"],
        ),
        (
            {
                "url": "https://git.example/it.git",
                "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "0ff1ce"},
            },
            ["supersim-ip-commands[sim] @ git+https://git.example/it.git@v1"],
        ),
        (
            {
                "url": "ssh://git@git.example/it.git",
                "vcs_info": {"vcs": "git", "commit_id": "0ff1ce"},
            },
            ["supersim-ip-commands[sim] @ git+ssh://git@git.example/it.git@0ff1ce"],
        ),
        (  # as pip notes it: the blank is not quoted
            {"url": "file:///home/a b/it", "vcs_info": {"vcs": "git", "commit_id": "0ff1ce"}},
            ["supersim-ip-commands[sim] @ git+file://localhost/home/a%20b/it@0ff1ce"],
        ),
    ],
)
def test_the_command_installs_from_where_the_installation_came(
    monkeypatch: pytest.MonkeyPatch, origin: dict[str, object] | None, arguments: list[str]
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: _Installed(origin))
    assert shlex.split(extras.how_to_install("sim")) == ["pip", "install", *arguments]


@pytest.fixture(scope="module")
def origins(
    wheel: Path, source: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, object]]:
    """Return what pip notes (PEP 610) for an installation from each place on this machine."""
    home = tmp_path_factory.mktemp("a b")
    file = shutil.copy(wheel, home)
    with tarfile.open(source) as archive:
        archive.extractall(home, filter="data")
    folder = home / STEM
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-C", str(folder)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"], ["tag", "v1"]):
        if GIT:
            subprocess.run([*git, *words], check=True, timeout=60)
    vcs_info = {"vcs": "git", "requested_revision": "v1", "commit_id": "0ff1ce"}
    return {
        "file": {"url": Path(file).as_uri(), "archive_info": {}},
        "folder": {"url": folder.as_uri(), "dir_info": {}},
        "editable": {"url": folder.as_uri(), "dir_info": {"editable": True}},
        "git+file": {"url": f"file://{folder}", "vcs_info": vcs_info},
    }


NEEDS_GIT = pytest.mark.skipif(not GIT, reason="git is not installed")


@pytest.mark.parametrize(
    "kind", ["file", "folder", "editable", pytest.param("git+file", marks=NEEDS_GIT)]
)
def test_pip_takes_the_command(
    kind: str, origins: dict[str, dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "distribution", lambda name: _Installed(origins[kind]))
    pip, install, *what = shlex.split(extras.how_to_install("sim"))
    assert (pip, install) == ("pip", "install")
    offline = ["--dry-run", "--no-deps", "--no-build-isolation", "--ignore-installed"]
    done = subprocess.run(
        [sys.executable, "-m", pip, "--disable-pip-version-check", install, *offline, *what],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Would install {PROJECT['name']}-{PROJECT['version']}" in done.stdout
    assert "does not provide the extra" not in done.stderr


def test_a_copy_of_the_files_has_no_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_installed(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", not_installed)
    expected = "install supersim-ip-commands with [plot] behind its name"
    assert extras.how_to_install("plot") == expected
