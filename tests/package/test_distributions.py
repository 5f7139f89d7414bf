"""The built wheel and source archive hold what they should, and the look at them is not blind."""

import re
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.import_graph import ROOF, ROOT
from tests.package import build_and_look
from tests.package.distributions import (
    PROJECT,
    STEM,
    read_metadata,
    wrong_in_source,
    wrong_in_wheel,
    wrong_on_the_page,
)

ON_BOARD = "ip_commands/host_sim/micropython/on_board/boot.py"


def test_nothing_is_wrong_in_what_is_built(wheel: Path, source: Path) -> None:
    assert build_and_look.look_into(wheel, source) == []
    build_and_look.run("twine", "check", "--strict", str(wheel), str(source))


def test_the_wheel_has_one_name_and_what_types_and_boards_need(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {ROOF, f"{STEM}.dist-info"}
    assert {"ip_commands/py.typed", "ip_commands/device/interfaces.py", ON_BOARD} <= set(names)


def changed_wheel(
    wheel: Path, to: Path, added: dict[str, bytes] | None = None, left_out: str | None = None
) -> Path:
    """Write a copy of a wheel with files added or one left out."""
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            if name != left_out:
                new.writestr(name, old.read(name))
        for name, data in (added or {}).items():
            new.writestr(name, data)
    return to


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("device/__init__.py", "the top-level name device would be laid beside"),
        ("supersim.pth", "the top-level name supersim.pth"),
        ("ip_commands/tests/test_client.py", "test_client.py does not belong into it"),
        ("ip_commands/benchmarks/ram.py", "ram.py does not belong into it"),
        ("ip_commands/host_sim/.DS_Store", "does not belong into it"),
    ],
)
def test_what_has_no_place_in_a_wheel_is_named(
    wheel: Path, tmp_path: Path, name: str, words: str
) -> None:
    changed = changed_wheel(wheel, tmp_path / "x.whl", added={name: b"planted"})
    (wrong,) = set(wrong_in_wheel(changed)) - set(wrong_in_wheel(wheel))
    assert words in wrong


@pytest.mark.parametrize(
    "name", ["ip_commands/py.typed", "ip_commands/device/interfaces.py", ON_BOARD]
)
def test_what_a_wheel_lacks_is_named(wheel: Path, tmp_path: Path, name: str) -> None:
    changed = changed_wheel(wheel, tmp_path / "x.whl", left_out=name)
    assert set(wrong_in_wheel(changed)) - set(wrong_in_wheel(wheel)) == {f"{name} is missing"}


def test_a_second_copy_of_a_module_is_named(wheel: Path, tmp_path: Path) -> None:
    copied = zipfile.ZipFile(wheel).read("ip_commands/device/errors.py")
    changed = changed_wheel(
        wheel, tmp_path / "x.whl", added={"ip_commands/modem_drivers/errors.py": copied}
    )
    expected = (
        "ip_commands/modem_drivers/errors.py is a second copy of ip_commands/device/errors.py"
    )
    assert expected in wrong_in_wheel(changed)


@pytest.mark.parametrize(
    "name", ["Makefile", "tests/test_floors.py", "docs/modems.md", ".gitignore"]
)
def test_what_a_source_archive_lacks_is_named(source: Path, tmp_path: Path, name: str) -> None:
    changed = tmp_path / "x.tar.gz"
    with tarfile.open(source) as old, tarfile.open(changed, "w:gz") as new:
        for member in old.getmembers():
            if member.name != f"{STEM}/{name}":
                new.addfile(member, old.extractfile(member))
    assert set(wrong_in_source(changed)) - set(wrong_in_source(source)) == {f"{name} is missing"}


def test_the_metadata_tells_licence_extras_and_real_addresses(wheel: Path) -> None:
    told = read_metadata(wheel)
    assert told["License-Expression"] == "MIT"
    assert not any(name.startswith("License ::") for name in told.get_all("Classifier"))
    versions = {name.rpartition(" ")[2] for name in told.get_all("Classifier")}
    assert {"3.11", "3.12", "3.13", "3.14"} <= versions
    assert set(told.get_all("Provides-Extra")) == set(PROJECT["optional-dependencies"])
    hosts = {re.search(r"https://([^/]+)/", url)[1] for url in told.get_all("Project-URL")}
    assert hosts == {"docs.korewireless.com", "www.twilio.com"}


def test_the_page_of_an_index_is_the_readme_without_what_does_not_work_there(wheel: Path) -> None:
    told = read_metadata(wheel)
    page = told.get_payload()
    readme = (ROOT / "README.md").read_text()
    assert told["Description-Content-Type"] == "text/markdown"
    assert "](docs/" in readme, "README has relative links: otherwise this proves nothing"
    assert wrong_on_the_page(readme)
    assert wrong_on_the_page(page) == []
    # the rest is there, and the picture that stands for Mermaid names the same parts
    assert re.findall("^#.*", page, re.M) == re.findall("^#.*", readme, re.M)
    mermaid = re.findall(r"^```mermaid\n(.*?)^```", readme, re.M | re.S)
    drawn = re.findall(r"^```text\n(.*?)^```", page, re.M | re.S)
    parts = re.findall(r'\["([^"<]+)', "".join(mermaid))
    assert parts
    assert [part for part in parts if part not in "".join(drawn)] == []


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("see [there](docs/modems.md)", "docs/modems.md leads nowhere"),
        ("see [there][1]\n\n[1]: docs/modems.md", "docs/modems.md leads nowhere"),
        ("see [below](#more)", "#more leads nowhere"),
        ("![a lane](docs/pictures/lte.svg)", "docs/pictures/lte.svg leads nowhere"),
        ("a <img src='docs/pictures/lte.svg'>", "HTML"),
        ("```mermaid\nflowchart LR\n```", "Mermaid"),
    ],
)
def test_what_does_not_work_on_an_index_is_named(markdown: str, words: str) -> None:
    (wrong,) = wrong_on_the_page(markdown)
    assert words in wrong


def test_what_works_on_an_index_is_left_alone() -> None:
    assert wrong_on_the_page("[a](https://example.com/a.md) and `handlers[0](docs/x.md)`") == []
