"""An editable installation works from a tree without links, or says what to do."""

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

from tests.import_graph import HALVES, ROOF, ROOT
from tests.package import users_folder
from tests.package.distributions import STEM


@pytest.fixture
def tree(source: Path, tmp_path: Path) -> Path:
    """Return an unpacked source archive: it has no links."""
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / STEM


def roof_of(tree: Path) -> Path:
    return tree / "src" / ROOF


def install_editable(tree: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run pip as somebody would who has never heard of make; return the new Python, too."""
    home = tree.parent / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    said = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site_packages = Path(subprocess.check_output(said, text=True).strip())
    # the build backend is the one that is installed here: nothing is downloaded
    (site_packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
    wanted = ["install", "--no-build-isolation", "--no-deps", "--editable", str(tree)]
    done = subprocess.run(
        [*pip, *wanted],
        env=users_folder.environment(),
        cwd=tree.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return python, done


def test_an_unpacked_source_archive_or_a_clone_without_links_works(tree: Path) -> None:
    (roof_of(tree) / "device").write_text("../../device")  # git with core.symlinks=false
    (roof_of(tree) / "boards").symlink_to("../boards")  # moved meanwhile
    assert not (roof_of(tree) / "host_sim").exists()  # a source archive
    python, done = install_editable(tree)
    assert done.returncode == 0, done.stdout
    code = "import ip_commands.%s as it; print(it.__file__)"
    for half in HALVES:
        assert str((roof_of(tree) / half).readlink()) == f"../../{half}"
        command = [python, "-c", code % half]
        said = subprocess.check_output(command, cwd=tree.parent, text=True, timeout=60)
        assert Path(said.strip()).resolve() == tree / half / "__init__.py"
    (tree / "device" / "errors.py").write_text("EDITED = True")
    command = [python, "-c", "from ip_commands.device.errors import EDITED"]
    subprocess.run(command, cwd=tree.parent, check=True, timeout=60)


def test_a_copy_in_the_place_of_a_link_ends_the_installation(tree: Path) -> None:
    shutil.copytree(tree / "device", roof_of(tree) / "device")
    _, done = install_editable(tree)
    assert done.returncode != 0
    sentence = "src/ip_commands/device is a copy and has to be a link to device/: remove it"
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout


def hook():
    found = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    for half in HALVES:
        (tmp_path / half).mkdir()
    roof_of(tmp_path).mkdir(parents=True)
    return tmp_path


def test_good_links_are_left_alone(bare: Path) -> None:
    build = hook()
    assert build.HALVES == HALVES
    build.put_links(bare)
    before = [(roof_of(bare) / half).lstat() for half in HALVES]
    build.put_links(bare)
    assert [(roof_of(bare) / half).lstat() for half in HALVES] == before


def test_where_no_link_can_be_made_the_error_says_what_to_do(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = hook()

    def refuse(*_: object, **__: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(build.os, "symlink", refuse)
    with pytest.raises(build.LinkRefused, match=r"not permitted.*run `make checkout`, or install"):
        build.put_links(bare)
