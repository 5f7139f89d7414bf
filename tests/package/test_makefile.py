"""The Makefile's own work: its list of targets, and the checkout that it puts in order."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.import_graph import HALVES, ROOF, ROOT

MAKEFILE = (ROOT / "Makefile").read_text()

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(target: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", target],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_target_that_a_person_names() -> None:
    named = set(re.search(r"^\.PHONY:(.*)", MAKEFILE, re.M)[1].split())
    rules = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    listed = make("help").stdout.splitlines()
    assert {line.split()[1] for line in listed} == named == rules
    assert all(len(line.split()) > 3 for line in listed), "each says what it does"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and the four folders, without links."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for half in HALVES:
        (tmp_path / half).mkdir()
        (tmp_path / half / "__init__.py").touch()
    (tmp_path / "src" / ROOF).mkdir(parents=True)
    return tmp_path


def links(checkout: Path) -> dict[str, str]:
    paths = (checkout / "src" / ROOF / half for half in HALVES)
    return {path.name: str(path.readlink()) for path in paths}


ALL_LINKS = {half: f"../../{half}" for half in HALVES}


def test_missing_links_are_made_and_good_ones_left(checkout: Path) -> None:
    assert make("checkout", checkout).returncode == 0
    assert links(checkout) == ALL_LINKS
    assert (checkout / "src" / ROOF / "host_sim" / "__init__.py").exists()
    before = (checkout / "src" / ROOF / "device").lstat()
    assert make("checkout", checkout).stdout == ""
    assert (checkout / "src" / ROOF / "device").lstat() == before
    assert sorted(path.name for path in (checkout / "device").iterdir()) == ["__init__.py"]


def test_text_files_and_dead_links_in_their_place_are_replaced(checkout: Path) -> None:
    (checkout / "src" / ROOF / "device").write_text("../../device")
    (checkout / "src" / ROOF / "boards").symlink_to("../boards")
    assert make("checkout", checkout).returncode == 0
    assert links(checkout) == ALL_LINKS


def test_a_copy_in_the_place_of_a_link_is_refused_and_kept(checkout: Path) -> None:
    copied = checkout / "src" / ROOF / "device"
    copied.mkdir()
    (copied / "errors.py").write_text("changed")
    done = make("checkout", checkout)
    assert done.returncode != 0
    assert "src/ip_commands/device has to be a link to device/" in done.stderr
    assert (copied / "errors.py").read_text() == "changed"


def test_an_egg_info_of_earlier_versions_goes(checkout: Path) -> None:
    stale = checkout / "supersim_ip_commands.egg-info"
    stale.mkdir()
    (stale / "entry_points.txt").write_text("[pytest11]\nsupersim = host_sim.pytest_plugin\n")
    assert make("checkout", checkout).returncode == 0
    assert not stale.exists()


def test_the_links_come_before_anything_is_installed(checkout: Path) -> None:
    (checkout / "pyproject.toml").touch()
    planned = subprocess.run(
        ["make", "--dry-run", "demo"], cwd=checkout, capture_output=True, text=True, check=True
    ).stdout
    assert 0 < planned.index("ln -sfn") < planned.index("pip --disable-pip-version-check")
