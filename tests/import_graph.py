"""What files import, read from their source: for floors, circles, pictures and the one name.

A module is named as Python imports it (``ip_commands.device.errors``). Imports inside functions,
behind ``TYPE_CHECKING`` and by a call (``importlib.import_module``) count: they tie files together
for whoever reads them.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
ROOF = "ip_commands"
HALVES = ("device", "modem_drivers", "boards", "host_sim")
IMPORTING_CALLS = ("__import__", "import_module", "importorskip")
"""Functions whose first argument is a module's name; as a name or as an attribute."""


class Import(NamedTuple):
    """One imported name."""

    line: int
    name: str
    """Dotted and absolute; of ``from a import b`` it is ``a.b``."""
    typing_only: bool
    """Behind ``if TYPE_CHECKING:``."""


def shipped_files() -> list[Path]:
    """Return every Python file that an installation brings, with its whole path."""
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


def imports_of(source: str, module: str, is_package: bool = False) -> list[Import]:
    """Return everything that a module's source imports by a name that can be read.

    Raises SyntaxError.
    """
    tree = ast.parse(source)
    typing_only = _type_checking_lines(tree)
    package = module if is_package else module.rpartition(".")[0]
    return [
        Import(node.lineno, _absolute(name, package), node.lineno in typing_only)
        for node in ast.walk(tree)
        for name in _names_imported(node)
    ]


def computed_imports(source: str) -> list[str]:
    """Return the importing calls whose module's name cannot be read, as they are written."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        ast.unparse(node)
        for node in calls
        if _is_importing(node) and not list(_names_imported(node))
    ]


def imports_in_text(text: str) -> list[Import]:
    """Return what a piece of text imports if it is Python, or else what its lines do."""
    if "import" not in text:
        return []
    if (whole := _imports_if_python(text)) is not None:
        return whole
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [one._replace(line=number) for one in _imports_if_python(line.strip()) or ()]
    return found


def _imports_if_python(text: str) -> list[Import] | None:
    try:
        return imports_of(text, "")
    except (SyntaxError, ValueError):  # ValueError: a surrogate, a zero
        return None


def imports_in_strings(source: str) -> list[Import]:
    """Return what the strings of a module import: programs that it writes into files or runs.

    Lines are those where the string begins. What an f-string puts in counts as a word.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)):
                pass
            case ast.JoinedStr(values=parts):
                text = "".join(
                    str(part.value) if isinstance(part, ast.Constant) else "_" for part in parts
                )
            case _:
                continue
        found |= {one._replace(line=node.lineno) for one in imports_in_text(text)}
    return sorted(found)


def _names_imported(node: ast.AST) -> Iterator[str]:
    """Yield the names that one statement or call imports, with the dots of relative ones."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=base, level=level, names=names):
            below = f"{base}." if base else ""
            yield from ("." * level + below + alias.name for alias in names)
        case ast.Call(args=args, keywords=keywords) if _is_importing(node):
            named = [word.value for word in keywords if word.arg in ("name", "modname")]
            match [*args, *named]:
                case [ast.Constant(value=str(name)), *_]:
                    yield name


def _is_importing(node: ast.Call) -> bool:
    match node.func:
        case ast.Name(id=called) | ast.Attribute(attr=called):
            return called in IMPORTING_CALLS
    return False


def _absolute(name: str, package: str) -> str:
    """Return ``..lte.ue`` as seen from a package as a whole name; others as they are."""
    below = name.lstrip(".")
    level = len(name) - len(below)
    if not level:
        return name
    above = package.split(".")
    return ".".join([*above[: len(above) - level + 1], below])


def _type_checking_lines(tree: ast.AST) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING" | "_TYPE_CHECKING"), body=body):
                for inner in body:
                    lines.update(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return lines


def module_imports() -> dict[str, set[str]]:
    """Return which shipped module imports which, by name; a package stands for its __init__."""
    sources = {module_name(path): path for path in shipped_files()}
    graph: dict[str, set[str]] = {}
    for module, path in sources.items():
        imported = imports_of(path.read_text(), module, path.name == "__init__.py")
        graph[module] = {
            # `from package import name`: the module of that name if there is one
            one.name if one.name in sources else one.name.rpartition(".")[0]
            for one in imported
            if within(one.name, ROOF)
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
