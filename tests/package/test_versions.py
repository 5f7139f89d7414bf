"""Both command lines name themselves and the version of what is installed."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from ip_commands.boards.raspberry_pi import cli
from ip_commands.host_sim.commands import main as host_sim
from tests.package.distributions import PROJECT

MAINS = [("host-sim", host_sim.main), ("ip-commands", cli.main)]


def test_the_installed_version_is_that_of_the_project() -> None:
    assert metadata.version(PROJECT["name"]) == PROJECT["version"]


@pytest.mark.parametrize(("name", "main"), MAINS)
def test_version_is_read_from_what_is_installed(name, main, capsys, monkeypatch) -> None:
    monkeypatch.setattr(metadata, "version", {"supersim-ip-commands": "7.8.9"}.__getitem__)
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{name} 7.8.9\n"


@pytest.mark.parametrize(("name", "main"), MAINS)
def test_a_copy_of_the_files_says_that_it_has_no_version(name, main, capsys, monkeypatch) -> None:
    def not_installed(distribution: str) -> str:
        raise metadata.PackageNotFoundError(distribution)

    monkeypatch.setattr(metadata, "version", not_installed)
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 2
    assert "supersim-ip-commands" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "main"), MAINS)
def test_help_shows_the_name_of_the_console_script(name, main, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert capsys.readouterr().out.startswith(f"usage: {name} [-h] [--version]")


@pytest.mark.parametrize(("name", "main"), MAINS)
def test_the_console_script_runs_that_main(name, main) -> None:
    (script,) = metadata.entry_points(group="console_scripts", name=name)
    assert script.load() is main


def test_the_module_form_still_works() -> None:
    command = [sys.executable, "-m", "ip_commands.boards.raspberry_pi", "--version"]
    said = subprocess.check_output(command, cwd=Path(sys.prefix), text=True)
    assert said == f"ip-commands {PROJECT['version']}\n"
