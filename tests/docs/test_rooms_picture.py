"""CONTRIBUTING's picture of the rooms shows which room imports which, no more and no less."""

import re
from collections.abc import Mapping
from functools import cache

from tests import import_graph
from tests.docs import pages
from tests.import_graph import HALVES, ROOF, ROOT

SIMULATOR = "host_sim"


def room_of(module: str) -> str:
    """Return the room as the picture names it; "" for what only opens the door.

    A folder of the device half, and a folder or a file directly below ``host_sim``.
    """
    parts = module.split(".")[1:]
    if parts[:1] == [SIMULATOR]:
        parts = parts[1:]
    return parts[0] if parts else ""


@cache
def rooms_imported() -> dict[str, set[str]]:
    """Return which room imports which, of all rooms."""
    graph: dict[str, set[str]] = {}
    for module, imported in import_graph.module_imports().items():
        room = room_of(module)
        if room:
            graph.setdefault(room, set()).update(room_of(other) for other in imported)
    return {room: others - {room, ""} for room, others in graph.items()}


def reached(graph: Mapping[str, set[str]], rooms: set[str]) -> set[str]:
    """Return the rooms themselves and everything below them."""
    below = {other for room in rooms for other in graph[room]}
    return rooms | (reached(graph, below) if below else set())


def without_detours(graph: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Return the edges that no longer way through other rooms makes needless."""
    return {
        (room, other)
        for room, others in graph.items()
        for other in others
        if not any(other in reached(graph, {middle}) for middle in others - {other})
    }


def picture(graph: Mapping[str, set[str]]) -> str:
    """Return the Mermaid text of a graph of rooms without circles."""
    device = [room for room in HALVES if room in graph]
    simulator = sorted(graph.keys() - set(device))
    lines = ["flowchart TB"]
    for title, rooms in (("device half", device), (SIMULATOR, simulator)):
        lines += [
            f'  subgraph {title.split()[0]}_["{title}"]',
            *(f"    {r}" for r in rooms),
            "  end",
        ]
    lines += [f"  {room} --> {other}" for room, other in sorted(without_detours(graph))]
    return "\n".join(lines) + "\n"


def test_the_picture_is_what_the_files_import() -> None:
    graph = rooms_imported()
    assert set(HALVES) - {SIMULATOR} < set(graph)
    block = next(b for b in pages.blocks("CONTRIBUTING.md", "mermaid"))
    shown = set(re.findall(r"^  (\w+) --> (\w+)$", block.text, re.MULTILINE))
    true = picture(graph)
    assert block.text == true, (
        f"rooms import otherwise: new {without_detours(graph) - shown}, gone "
        f"{shown - without_detours(graph)}; paste this into CONTRIBUTING.md:\n{true}"
    )


def test_the_table_of_folders_names_every_room() -> None:
    text = " ".join(row[0] for row in pages.table("CONTRIBUTING.md", "folder"))
    for room in rooms_imported():
        assert re.search(rf"\b{room}\b", text), f"CONTRIBUTING.md has no row for {room}"


def test_the_table_of_tests_names_every_folder_that_mirrors_no_room() -> None:
    rows = next(t for t in pages.tables("CONTRIBUTING.md") if "`tests/portable/`" in t[1][0])
    named = {span.split("/")[1] for row in rows[1:] for span in pages.code_spans(row[0])}
    code = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    folders = {folder.relative_to(ROOT / "tests").parts[0] for folder in code - {ROOT / "tests"}}
    assert named == folders - set(rooms_imported())


def test_rooms_are_named_as_they_are_imported() -> None:
    assert room_of(f"{ROOF}.device.errors") == "device"
    assert room_of(f"{ROOF}.host_sim.fake_modems.quectel.bg") == "fake_modems"
    assert room_of(f"{ROOF}.host_sim.pytest_plugin") == "pytest_plugin"
    assert (room_of(ROOF), room_of(f"{ROOF}.host_sim")) == ("", "")


def test_a_detour_makes_an_edge_needless() -> None:
    graph = {"a": {"b", "c", "d"}, "b": {"c"}, "c": {"d"}, "d": set(), "e": {"d"}}
    assert without_detours(graph) == {("a", "b"), ("b", "c"), ("c", "d"), ("e", "d")}
    assert "  a --> b\n" in picture(graph)
    assert "a --> d" not in picture(graph)
