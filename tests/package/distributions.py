"""What belongs into the wheel, the source archive and the page of a package index.

Each function returns sentences about what is wrong; none means that all is well.
"""

import email.message
import email.parser
import hashlib
import subprocess
import tarfile
import tomllib
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

from markdown_it import MarkdownIt

from tests.import_graph import HALVES, ROOF, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STEM = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}"
TYPED = f"{ROOF}/py.typed"
NOT_OF_THE_SOURCE = (".ci/", *(f"src/{ROOF}/{half}" for half in HALVES))
"""Tracked, but not in the source archive: what runs elsewhere, and the links (see Makefile)."""

NOT_FILES = {"__pycache__", "node_modules", ".hypothesis", ".pytest_cache"}


def _files_below(folder: str) -> set[str]:
    """Return the files of a folder of the checkout, as paths from its root."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and not NOT_FILES & set(path.parts)
        and path.suffix not in {".pyc", ".mpy"}
    }


def wrong_in_wheel(wheel: Path) -> list[str]:
    """Compare a wheel with the folders of the checkout that it is made of."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        contents = {name: archive.read(name) for name in names}
    wrong = [
        f"the top-level name {top} would be laid beside the user's own modules"
        for top in sorted({PurePosixPath(name).parts[0] for name in names})
        if top not in (ROOF, f"{STEM}.dist-info")
    ]
    wrong += [f"{name} is in it {n} times" for name, n in Counter(names).items() if n > 1]
    ours = {name for name in names if name.startswith(f"{ROOF}/")}
    expected = {f"{ROOF}/{path}" for half in HALVES for path in _files_below(half)}
    expected |= {f"{ROOF}/__init__.py", TYPED}
    wrong += [f"{name} is missing" for name in sorted(expected - ours)]
    wrong += [f"{name} does not belong into it" for name in sorted(ours - expected)]
    seen: dict[str, str] = {}
    for name in sorted(name for name in contents if name.endswith(".py") and contents[name]):
        first = seen.setdefault(hashlib.sha256(contents[name]).hexdigest(), name)
        if first != name:
            wrong.append(f"{name} is a second copy of {first}")
    return wrong


def wrong_in_source(archive_path: Path) -> list[str]:
    """Compare a source archive with the checkout: tests, docs and all must be in it."""
    with tarfile.open(archive_path) as archive:
        members = archive.getmembers()
    names = {member.name.removeprefix(f"{STEM}/") for member in members}
    wrong = [f"{m.name} is neither file nor folder" for m in members if not m.isfile()]
    folders = (*HALVES, "tests", "docs", "examples", "benchmarks")
    expected = {path for folder in folders for path in _files_below(folder)}
    expected |= {f"src/{ROOF}/__init__.py", f"src/{ROOF}/py.typed", ".gitignore", "pyproject.toml"}
    expected |= {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"}
    expected |= {"Makefile", "SECURITY.md", "hatch_build.py"}
    if (ROOT / ".git").exists():  # so that no new folder is forgotten
        tracked = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
        paths = (path for path in tracked.split("\0") if path and (ROOT / path).exists())
        expected |= {path for path in paths if not path.startswith(NOT_OF_THE_SOURCE)}
    wrong += [f"{name} is missing" for name in sorted(expected - names)]
    wrong += [
        f"{name} does not belong into it" for name in sorted(names - expected - {"PKG-INFO"})
    ]
    return wrong


def read_metadata(wheel: Path) -> email.message.Message:
    """Return a wheel's METADATA; its payload is what a package index shows."""
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(f"{STEM}.dist-info/METADATA")
    return email.parser.Parser().parsestr(data.decode())


def wrong_on_the_page(markdown: str) -> list[str]:
    """Look for what a package index cannot show or follow: relative targets, HTML, Mermaid."""
    wrong = []
    blocks = MarkdownIt("commonmark").enable("table").parse(markdown)
    for token in (inner for block in blocks for inner in (block, *(block.children or ()))):
        target = token.attrGet("href") or token.attrGet("src")
        if target is not None and not str(target).startswith(("https://", "mailto:")):
            wrong.append(f"{target} leads nowhere")
        if token.type in ("html_block", "html_inline"):
            wrong.append(f"HTML, whose links are not looked at: {token.content.strip()}")
        if token.type == "fence" and token.info.split()[:1] == ["mermaid"]:
            wrong.append("a Mermaid block is shown as its source")
    return wrong
