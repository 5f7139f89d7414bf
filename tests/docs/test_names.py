"""What a page names exists: files, links, modules, extras, and what a driver's author writes."""

import importlib
import re
import tomllib
from functools import cache
from pathlib import PurePath

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT, code_spans

FILE_ENDINGS = r"\.(?:py|md|txt|toml|svg|png|json)"
README_LINES = 170  # one page
OF_THE_READER = {"main.py", "my_board.py", "device.py"}


def headings(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    found, heading = set(), False
    for token in pages.tokens(page):
        if heading:
            plain = re.sub(r"[^\w\- ]", "", token.content.lower())
            found.add(plain.replace(" ", "-"))
        heading = token.type == "heading_open"
    return found


@pytest.mark.parametrize("page", [*pages.PAGES, "CHANGELOG.md"])
def test_links_lead_somewhere(page: str) -> None:
    for token in pages.inline(page, "link_open", "image"):
        target = str(token.attrs.get("href", token.attrs.get("src")))
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in headings(str(file.resolve().relative_to(ROOT))), f"{page}: {target}"


@cache
def all_files() -> frozenset[str]:
    tops = ("device", "modem_drivers", "boards", "host_sim", "tests", "docs", "examples")
    found = [path for top in (*tops, "benchmarks", "src") for path in (ROOT / top).rglob("*.*")]
    return frozenset(str(path.relative_to(ROOT)) for path in (*found, *ROOT.glob("*.*")))


@pytest.mark.parametrize("page", pages.PAGES)
def test_files_exist(page: str) -> None:
    names = {path.rpartition("/")[2] for path in all_files()}
    ours = re.compile(rf"[\w.*/-]+{FILE_ENDINGS}|(?:[a-z]\w+/)+")
    for token in pages.inline(page, "code_inline"):
        name = token.content
        if not ours.fullmatch(name) or name.startswith(("/", "FILE")):
            continue
        if "*" in name:
            ours_like_it = [file for file in all_files() if PurePath(file).match(name)]
            assert ours_like_it, f"{page}: nothing is called {name}"
        elif "/" in name:
            places = (ROOT / name, (ROOT / page).parent / name)
            vendor = ROOT / "host_sim/fake_modems" / name  # `engine/`, said of that folder
            assert any(place.exists() for place in (*places, vendor)), f"{page}: no {name}"
        else:
            assert name in names | OF_THE_READER, f"{page}: no {name}"


@pytest.mark.parametrize("page", pages.PAGES)
def test_modules_can_be_imported_by_the_names_given(page: str) -> None:
    for token in pages.inline(page, "code_inline"):
        for name in re.findall(r"\bip_commands(?:\.\w+)+", token.content):
            try:
                importlib.import_module(name)
            except ModuleNotFoundError:  # a class or function then
                module, _, attribute = name.rpartition(".")
                assert hasattr(importlib.import_module(module), attribute), f"{page}: {name}"


@pytest.mark.parametrize("page", [*pages.PAGES, "CHANGELOG.md"])
def test_nothing_is_installed_from_an_index(page: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    known = set(extras["optional-dependencies"])
    text = (ROOT / page).read_text()
    told = re.findall(r"pip install (?:'([^']+)'|\"([^\"]+)\"|(\S+))", text)
    for words in told:
        requirement = "".join(words)
        here = re.fullmatch(r"\./supersim-ip-commands\[(\w+)\]", requirement)
        assert here, f"{page}: {requirement} comes from a package index, where it is not"
        assert here[1] in known, f"{page}: there is no extra {here[1]!r}"
    named = re.findall(r"extra `(\w+)`|^The extra `(\w+)`", text, re.MULTILINE)
    assert {word for words in named for word in words if word} <= known


def test_the_readme_is_one_page_and_begins_programs_as_it_should() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= README_LINES
    start = (
        "import asyncio\n"
        "from ip_commands.boards import pico_sim7080g as board\n"
        "from ip_commands import IpCommandClient\n"
    )
    assert f"```python\n{start}" in text
    for page in pages.PAGES:
        for block in pages.blocks(page, "python"):
            if "IpCommandClient(" in block.text:
                assert "from ip_commands import IpCommandClient\n" in block.text, block


def test_the_guide_for_a_new_family_names_what_exists() -> None:
    """Every attribute, method and helper that docs/new-modem.md tells to write or to use."""
    folders = ("modem_drivers", "host_sim/fake_modems", "tests/drivers", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    code = "".join(path.read_text() for path in files)
    guide = (ROOT / "docs/new-modem.md").read_text()
    names = re.findall(r"`(?:self\.|call\.|socket\.)?([A-Za-z_]\w+)(?:\([^`]*\))?`", guide)
    assert {"_open_connection", "ModelFacts", "REPRESENTATIVES"} <= set(names)
    for name in names:
        assert re.search(rf"\b{name}\b", code), name
    rows = pages.table("docs/new-modem.md", "attribute") + pages.table(
        "docs/new-modem.md", "method"
    )
    driver = importlib.import_module("ip_commands.modem_drivers.quectel").QuectelModem
    for row in rows:
        for span in code_spans(row[0]):
            assert hasattr(driver, span.split("(")[0]), f"a driver has no {span}"
