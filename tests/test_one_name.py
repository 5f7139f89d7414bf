"""One name to import: ours is refused under any other, and nothing of ours asks for another.

A second copy of a module has errors that no ``except`` catches (CONTRIBUTING.md).
"""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import pages
from tests.import_graph import (
    HALVES,
    ROOF,
    ROOT,
    imports_in_strings,
    imports_in_text,
    imports_of,
    module_name,
    within,
)

FOLDERS = (*HALVES, "src", "tests", "docs", "examples", "benchmarks")
# our own names without the roof that are meant so, and why
MEANT = {
    # the user's files of that name
    "tests/package/users_folder.py": {"boards", "device"},
    # planted, to be found or refused
    "tests/test_floors.py": {"device.errors", "host_sim.lte"},
    "tests/test_one_name.py": {"device", "device.errors", "boards", "host_sim.lte.ue"},
}


def python_files() -> Iterator[Path]:
    """Yield every Python file of the checkout; those behind the links of ``src`` once."""
    yield from ROOT.glob("*.py")
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in path.parts:
                yield path


def every_page() -> list[str]:
    return sorted({*pages.PAGES, *(path.name for path in ROOT.glob("*.md"))})


def unqualified(names: list[str]) -> set[str]:
    """Return those of our names that lack the roof, or go around it."""
    return {name for name in names if name.split(".")[0] in (*HALVES, "src")}


def unqualified_in_file(source: str, module: str = "", is_package: bool = False) -> set[str]:
    """Return what a file imports without the roof, itself or in a program that it writes.

    module: its full name, from which relative imports count; "" where it has none.
    """
    found = imports_of(source, module, is_package) + imports_in_strings(source)
    return unqualified([one.name for one in found])


def of_path(path: Path) -> set[str]:
    shipped = path.relative_to(ROOT).parts[0] in HALVES
    module = module_name(path) if shipped else ""
    return unqualified_in_file(path.read_text(), module, path.name == "__init__.py")


def unqualified_in_block(text: str) -> set[str]:
    """Return what a page's code block imports without the roof, in whatever language it is."""
    return unqualified([one.name for one in imports_in_text(text)])


def test_no_file_imports_ours_without_the_roof() -> None:
    paths = {str(path.relative_to(ROOT)): path for path in python_files()}
    assert {"examples/echo_device.py", "benchmarks/ram.py", "docs/make_pictures.py"} < set(paths)
    found = {name: of_path(path) for name, path in paths.items()}
    assert {name: ours for name, ours in found.items() if ours} == MEANT


def test_no_page_imports_ours_without_the_roof() -> None:
    assert {"README.md", "SECURITY.md", "docs/boards.md"} < set(every_page())
    for page in every_page():
        for block in pages.blocks_of(page, pages.tokens(page)):
            assert not unqualified_in_block(block.text), block


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import device", {"device"}),
        ("def f():\n    from host_sim.lte import ue", {"host_sim.lte.ue"}),
        ('import importlib\nimportlib.import_module("boards")', {"boards"}),
        ('__import__("device.errors")', {"device.errors"}),
        ('pytest.importorskip(modname="device")', {"device"}),
        # programs that are written into files or run
        ("write('import os\\nimport device')", {"device"}),
        ("PROGRAM = 'print(%r) if\\n    from device import errors\\n'", {"device.errors"}),
        ("run(f'import boards; print({1})')", {"boards"}),
        # with the roof, a user's own, or no import at all
        ("from ip_commands import device", set()),
        ("from . import device", set()),
        ("import devices", set()),
        ("'from device to modem'", set()),
        ("'import device says that it would be a second copy'", set()),
    ],
)
def test_an_import_without_the_roof_is_found(source: str, found: set[str]) -> None:
    assert unqualified_in_file(source) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from device import errors\n", {"device.errors"}),
        ("$ python -c 'x'\nimport boards\n", {"boards"}),
        ("from ip_commands.device import errors\n", set()),
        ("flowchart LR\n  boards --> device\n", set()),
    ],
)
def test_an_import_in_a_block_of_a_page_is_found(text: str, found: set[str]) -> None:
    assert unqualified_in_block(text) == found


def import_from(folder: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a Python that looks for modules in a folder of the checkout first."""
    where = {**os.environ, "PYTHONPATH": str(ROOT / folder)}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=where, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        *((folder, half) for folder in (".", f"src/{ROOF}") for half in HALVES),
        (".", f"src.{ROOF}"),
        (".", f"src.{ROOF}.device.errors"),
        (".", "device.errors"),
        (".", "host_sim.lte.ue"),
        (".", "boards.raspberry_pi.cli"),
    ],
)
def test_a_package_and_all_below_it_is_refused_under_another_name(folder: str, name: str) -> None:
    done = import_from(folder, f"import {name}")
    assert done.returncode == 1
    assert "would be a second copy" in done.stderr


@pytest.mark.parametrize(
    ("folder", "module", "what"),
    [
        ("device", "errors", "ModemTimeout"),
        ("host_sim", "lte.ue", "Ue"),
        ("boards", "raspberry_pi.usb_ports", "UsbPort"),
    ],
)
def test_a_folder_inside_a_package_makes_second_copies(
    folder: str, module: str, what: str
) -> None:
    """What CONTRIBUTING warns of: no package is there that could refuse."""
    ours = f"{ROOF}.{folder}.{module}"
    code = f"import {module} as copy, {ours} as true; print(copy.{what} is true.{what})"
    assert import_from(folder, code).stdout == "False\n"


def test_nothing_of_ours_looks_for_modules_inside_a_package() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert tool["pytest"]["ini_options"]["pythonpath"] == ["src", "."]
    assert tool["hatch"]["build"]["dev-mode-dirs"] == [tool["mypy"]["mypy_path"]] == ["src"]
    inside = [ROOT / half for half in HALVES] + [ROOT / "src" / ROOF]
    for folder in filter(None, sys.path):
        assert not any(Path(folder).resolve().is_relative_to(half) for half in inside), folder
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and any(Path(file).resolve().is_relative_to(half) for half in inside):
            assert within(name, ROOF), f"{file} is loaded as {name}"
