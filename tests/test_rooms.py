"""Each folder's ``__init__.py`` says what lives there, what it may import, and what is public."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests import import_graph
from tests.import_graph import HALVES, ROOF, ROOT, module_name, within

PACKAGES = {
    module_name(path): path
    for path in import_graph.shipped_files()
    if path.name == "__init__.py" and module_name(path) != ROOF
}
SIMULATOR = f"{ROOF}.host_sim"
# what a sentence may say instead of names
PHRASES = {
    "all of the simulator": (SIMULATOR,),
    "the device half": tuple(f"{ROOF}.{half}" for half in HALVES if half != "host_sim"),
}
SENTENCES = (r"\bMay import (.+?)(?=\.\s|\.$|;)", r"\b[Ii]mports (nothing of ours)\b")


@cache
def graph() -> dict[str, set[str]]:
    return import_graph.module_imports()


def paragraphs(module: str) -> str:
    text = ast.get_docstring(ast.parse(PACKAGES[module].read_text()))
    assert text, f"{module} says nothing"
    return " ".join(text.split())


def may_import(module: str) -> str:
    """Return the part of the docstring that says what the folder may import."""
    found = [said for form in SENTENCES for said in re.findall(form, paragraphs(module))]
    assert found, f"{module} does not say what it may import: 'May import ``this``.'"
    return found[0]


def imported(module: str) -> set[str]:
    """Return what the files of this folder itself import of other rooms."""
    own = [name for name in graph() if name == module or room_file(name) == module]
    return {other for name in own for other in graph()[name] if not within(other, module)}


def room_file(name: str) -> str:
    """Return the package that a file lies in; "" for a package."""
    return "" if name in PACKAGES else name.rpartition(".")[0]


def meant(module: str, name: str) -> str:
    """Return the full name of a room that a docstring names as its neighbours call it."""
    places = (ROOF, SIMULATOR, module.rpartition(".")[0])
    found = [f"{place}.{name}" for place in places if f"{place}.{name}" in graph()]
    assert found, f"{module} may import {name}, which does not exist"
    return found[0]


def allowed(module: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the rooms that the docstring names, and those that its phrases stand for."""
    said = may_import(module)
    named = tuple(meant(module, name) for name in re.findall(r"``([\w.]+)``", said))
    phrases = tuple(room for phrase, rooms in PHRASES.items() if phrase in said for room in rooms)
    assert named or phrases or said == "nothing of ours"
    return named, phrases


@pytest.mark.parametrize("module", PACKAGES)
def test_a_folder_says_truly_what_it_may_import(module: str) -> None:
    named, phrases = allowed(module)
    true = imported(module)
    for other in sorted(true):
        assert any(within(other, room) for room in (*named, *phrases)), f"it imports {other}, too"
    for room in named:
        assert any(within(other, room) for other in true), f"it does not import {room}"


@cache
def names_of(module: str) -> frozenset[str]:
    """Return what a shipped file defines at its top, with what it imports."""
    found = set()
    for path in import_graph.shipped_files():
        if module_name(path) == module:
            for node in ast.parse(path.read_text()).body:
                match node:
                    case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                        found.add(node.name)
                    case ast.Assign(targets=[ast.Name(id=name)]):
                        found.add(name)
                    case ast.AnnAssign(target=ast.Name(id=name)):
                        found.add(name)
                    case ast.ImportFrom():
                        found |= {alias.asname or alias.name for alias in node.names}
    return frozenset(found)


def inside(module: str, name: str) -> bool:
    """Whether a folder has a file, a folder, a class, a function or a constant of that name."""
    known = [other for other in graph() if within(other, module)]
    if any(f"{module}.{name}" == other for other in known):
        return True
    file, _, attribute = name.rpartition(".")
    files = [f"{module}.{file}"] if file else known
    return any(attribute in names_of(other) for other in files)


@pytest.mark.parametrize("module", PACKAGES)
def test_a_folder_names_what_is_public_in_it(module: str) -> None:
    text = paragraphs(module)
    others = may_import(module)
    names = set(re.findall(r"``([A-Za-z][\w.]*)``", text.replace(others, "")))
    assert [name for name in names if inside(module, name)], "it names nothing that it has"
    for name in names:
        if "." in name and not name.startswith(ROOF):
            assert inside(module, name), f"{module} has no {name}"


def test_every_folder_with_files_is_a_room() -> None:
    """But for what runs inside the interpreter of a board, where no package is."""
    folders = {path.parent for path in import_graph.shipped_files()}
    rooms = {path.parent for path in PACKAGES.values()} | {ROOT / "src" / ROOF}
    assert folders - rooms == {ROOT / "host_sim" / "micropython" / "on_board"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("A room.", "does not say what it may import"),
        ("May import ``nowhere``.", "nowhere, which does not exist"),
        ("May import ``lte``.", "it imports ip_commands.host_sim.time.event_queue, too"),
        ("May import ``time`` and ``lte``.", "it does not import ip_commands.host_sim.lte"),
        ("Imports nothing of ours.", "it imports ip_commands.host_sim.time.event_queue, too"),
    ],
)
def test_a_sentence_that_is_not_true_is_refused(
    text: str, complaint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (said := tmp_path / "__init__.py").write_text(f'"""{text}"""')
    monkeypatch.setitem(PACKAGES, f"{SIMULATOR}.cloud", said)
    with pytest.raises(AssertionError, match=complaint):
        test_a_folder_says_truly_what_it_may_import(f"{SIMULATOR}.cloud")
