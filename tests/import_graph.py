"""What the shipped files import, read from their source: for floors, circles and pictures.

A module is named as Python imports it (``ip_commands.device.errors``). Imports inside functions
and behind ``TYPE_CHECKING`` count: they tie files together for whoever reads them.
"""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOF = "ip_commands"
HALVES = ("device", "modem_drivers", "boards", "host_sim")


def shipped_files() -> list[Path]:
    """Return every Python file that an installation brings, as a path below the root."""
    halves = [path for top in HALVES for path in (ROOT / top).rglob("*.py")]
    return sorted([ROOT / "src" / ROOF / "__init__.py", *halves])


def module_name(path: Path) -> str:
    """Return the name under which a shipped file is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else (ROOF, *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(module: str, prefix: str) -> bool:
    """Whether a dotted name is the prefix or below it."""
    return module == prefix or module.startswith(prefix + ".")


def _type_checking_lines(tree: ast.AST) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id.lstrip("_") == "TYPE_CHECKING"
        ):
            for inner in node.body:
                lines.update(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return lines


def imports_of(source: str, module: str, is_package: bool = False) -> list[tuple[int, str, bool]]:
    """Return every imported name as (line, dotted name, only for the type checker)."""
    tree = ast.parse(source)
    typing_only = _type_checking_lines(tree)
    package = module if is_package else module.rpartition(".")[0]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")
                base = ".".join([*above[: len(above) - node.level + 1], base]).rstrip(".")
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found += [(node.lineno, name, node.lineno in typing_only) for name in names]
    return found


def module_imports() -> dict[str, set[str]]:
    """Return which shipped module imports which, by name; a package stands for its __init__."""
    sources = {module_name(path): path for path in shipped_files()}
    graph: dict[str, set[str]] = {}
    for module, path in sources.items():
        named = imports_of(path.read_text(), module, path.name == "__init__.py")
        graph[module] = {
            # `from package import name`: the module of that name if there is one
            name if name in sources else name.rpartition(".")[0]
            for _, name, _ in named
            if within(name, ROOF)
        } & sources.keys() - {module}
    return graph


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or around corners.

    Tarjan's strongly connected components of more than one module, each sorted.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in graph.get(module, ()):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            group = [stack.pop()]
            while group[-1] != module:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for module in graph:
        if module not in index:
            visit(module)
    return found


def room_of(module: str) -> str:
    """Return the room that a module lives in, without ``ip_commands.``.

    A half is one room, but for the simulator, whose folders are rooms, and its fake modems, whose
    folders are rooms of their own; a file beside rooms is one.
    """
    parts = module.split(".")[1:]
    if parts[:1] != ["host_sim"]:
        return parts[0] if parts else ROOF
    depth = 3 if parts[1:2] == ["fake_modems"] else 2
    return ".".join(parts[:depth])


def room_imports() -> dict[str, set[str]]:
    """Return which room imports which."""
    graph: dict[str, set[str]] = {}
    for module, others in module_imports().items():
        room = room_of(module)
        graph.setdefault(room, set()).update({room_of(other) for other in others} - {room})
    return graph
