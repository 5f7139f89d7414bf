"""Who may import whom: the device half never sees the simulator, a fake never sees a driver.

Every import statement of the shipped folders is read (also those inside functions and behind
``TYPE_CHECKING``, except annotations' own ``ip_commands.device.interfaces``) and compared with the floors.
A module may import from its own floor's list only; anything else is named with file and line.
"""

import ast
import sys
from pathlib import Path

import pytest

from ip_commands.modem_drivers import models

ROOT = Path(__file__).resolve().parent.parent
OURS = ("device", "modem_drivers", "boards", "host_sim")

# What exists in MicroPython's firmware; `machine` and `network` are the boards' own business.
MICROPYTHON = {
    *("asyncio", "time", "sys", "collections", "struct", "binascii", "errno", "json", "hashlib"),
    *("socket", "select", "os", "random", "gc", "io", "micropython", "math", "hmac"),
}

# (module prefix, ours that it may import, foreign top-level modules that it may import).
# The first matching prefix decides; foreign None = all of CPython's standard library.
DEVICE_FLOOR_0 = (
    "ip_commands.device.portable",
    "ip_commands.device.errors",
    "ip_commands.device.power_saving",
    "ip_commands.device.ip_command",
)
FLOORS = (
    ("ip_commands.device.interfaces", (), None),
    ("ip_commands.device.os_udp_socket", DEVICE_FLOOR_0, MICROPYTHON),
    # the one file that asks which Python is running
    ("ip_commands.device.portable", (), MICROPYTHON | {"traceback"}),
    ("ip_commands.device.errors", (), MICROPYTHON),
    ("ip_commands.device.power_saving", DEVICE_FLOOR_0, MICROPYTHON),
    ("ip_commands.device.ip_command", DEVICE_FLOOR_0, MICROPYTHON),
    ("device", ("device",), MICROPYTHON),
    ("ip_commands.modem_drivers.at_parser", DEVICE_FLOOR_0, MICROPYTHON),
    ("ip_commands.modem_drivers.at_exchange", DEVICE_FLOOR_0, MICROPYTHON),
    (
        "ip_commands.modem_drivers.at_reader",
        (
            *DEVICE_FLOOR_0,
            "ip_commands.modem_drivers.at_parser",
            "ip_commands.modem_drivers.at_exchange",
        ),
        MICROPYTHON,
    ),
    (
        "ip_commands.modem_drivers.at_channel",
        (
            *DEVICE_FLOOR_0,
            "ip_commands.modem_drivers.at_exchange",
            "ip_commands.modem_drivers.at_reader",
        ),
        MICROPYTHON,
    ),
    (
        "modem_drivers",
        (
            *DEVICE_FLOOR_0,
            "ip_commands.device.reachability",
            "modem_drivers",
        ),
        MICROPYTHON,
    ),
    (
        "ip_commands.boards.raspberry_pi",
        (
            "device",
            "modem_drivers",
            "ip_commands.boards.raspberry_pi",
            "ip_commands.boards.power_key",
        ),
        None,
    ),
    (
        "boards",
        ("device", "modem_drivers", "boards"),
        MICROPYTHON | {"machine", "network", "xbee"},
    ),
    ("ip_commands.host_sim.time.event_queue", (), None),
    (
        "ip_commands.host_sim.lte",
        ("ip_commands.host_sim.lte", "ip_commands.host_sim.time.event_queue"),
        None,
    ),
    (
        "ip_commands.host_sim.cloud.store",
        ("ip_commands.host_sim.time.event_queue", "ip_commands.host_sim.cloud"),
        None,
    ),
    (
        "ip_commands.host_sim.cloud",
        (
            "ip_commands.host_sim.time.event_queue",
            "ip_commands.host_sim.cloud",
            "ip_commands.host_sim.time.virtual_time",
        ),
        None,
    ),
    ("ip_commands.host_sim.time.virtual_time", (), None),
    ("ip_commands.host_sim.uart.link", (), None),
    (
        "ip_commands.host_sim.fake_modems",
        ("ip_commands.host_sim.fake_modems", "ip_commands.host_sim.uart.link"),
        None,
    ),
    # these put the halves together
    ("ip_commands.host_sim.world.super_sim", OURS, None),
    ("ip_commands.host_sim.world.simulated_device", OURS, None),
    # runs inside the interpreter, beside its neighbours
    (
        "ip_commands.host_sim.micropython.on_board",
        ("device",),
        MICROPYTHON | {"lock_step", "simulated_machine"},
    ),
    ("ip_commands.host_sim.micropython", OURS, None),
    ("ip_commands.host_sim.pytest_plugin", OURS, None),
    ("ip_commands.host_sim.commands.demo", OURS, None),
    ("host_sim", ("host_sim",), None),
)
NO_ASYNCIO = (
    "ip_commands.host_sim.lte",
    "ip_commands.host_sim.time.event_queue",
    "ip_commands.host_sim.cloud.store",
)
# Libraries that the simulator and the Pi were given; everything else is a decision to make first.
LIBRARIES = {"aiohttp", "rich", "matplotlib", "pytest", "pytest_asyncio", "yarl", "multidict"}
PI_LIBRARIES = {"serial"}


def shipped_files() -> list[Path]:
    return sorted(path for top in OURS for path in (ROOT / top).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


def type_checking_lines(tree: ast.AST) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id == "TYPE_CHECKING"
        ):
            for inner in node.body:
                lines.update(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return lines


def imports_of(source: str, module: str) -> list[tuple[int, str, bool]]:
    """Every imported name as (line, dotted name, only for the type checker)."""
    tree = ast.parse(source)
    typing_only = type_checking_lines(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join([*module.split(".")[: -node.level], base]).rstrip(".")
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found += [(node.lineno, name, node.lineno in typing_only) for name in names]
    return found


def violations(module: str, source: str) -> list[str]:
    """Sentences about imports that the floors do not allow."""
    prefix, ours, foreign = next(floor for floor in FLOORS if within(module, floor[0]))
    allowed_libraries = LIBRARIES if within(module, "host_sim") else set()
    if within(module, "ip_commands.boards.raspberry_pi"):
        allowed_libraries = PI_LIBRARIES
    problems = []
    for line, name, typing_only in imports_of(source, module):
        top = name.split(".")[0]
        where = f"{module}:{line} imports {name}"
        if top in OURS:
            if typing_only and within(name, "ip_commands.device.interfaces"):
                continue
            if not any(within(name, allowed) for allowed in (*ours, module)) and not any(
                # `from ip_commands.device import errors` names a permitted module through its package
                within(allowed, name)
                for allowed in ours
                if name != top
            ):
                problems.append(
                    f"{where}, but {prefix} may import only {ours or 'nothing of ours'}"
                )
        elif typing_only:
            continue
        elif foreign is not None and top not in foreign:
            problems.append(f"{where}, which is not in MicroPython's firmware")
        elif foreign is None and top not in sys.stdlib_module_names | allowed_libraries:
            problems.append(f"{where}, a library that this floor was not given")
        elif any(within(module, pure) for pure in NO_ASYNCIO) and top in {"asyncio", "aiohttp"}:
            problems.append(f"{where}, but the truth is plain Python: no event loop, no HTTP")
    return problems


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_obey_the_floors(path: Path) -> None:
    assert violations(module_name(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "ip_commands.host_sim.fake_modems.quectel.bg",
            "from ip_commands.modem_drivers import at_parser",
        ),
        ("ip_commands.host_sim.fake_modems.quectel.bg", "import ip_commands.device.power_saving"),
        ("ip_commands.device.connection", "def f():\n    import ip_commands.host_sim.lte"),
        (
            "ip_commands.device.connection",
            "from ip_commands.modem_drivers.quectel import QuectelModem",
        ),
        ("ip_commands.modem_drivers.quectel", "import typing"),
        (
            "ip_commands.modem_drivers.at_parser",
            "from ip_commands.modem_drivers.at_channel import AtChannel",
        ),
        ("ip_commands.device.connection", "import machine"),
        ("ip_commands.host_sim.lte.network", "import asyncio"),
        ("ip_commands.host_sim.lte.psm", "from ip_commands.device.power_saving import parse"),
        ("ip_commands.host_sim.cloud.store", "import aiohttp"),
        ("ip_commands.host_sim.cloud.http_api", "import flask"),
        ("ip_commands.boards.raspberry_pi.port", "import requests"),
    ],
)
def test_a_forbidden_import_is_named(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "ip_commands.modem_drivers.quectel",
            "from ip_commands.modem_drivers.modem import AtModem",
        ),
        (
            "ip_commands.modem_drivers.quectel",
            "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from ip_commands.device.interfaces import Log",
        ),
        ("boards.pico", "import machine"),
        ("ip_commands.host_sim.world.super_sim", "from ip_commands.modem_drivers import models"),
        (
            "ip_commands.host_sim.lte.network",
            "from ip_commands.host_sim.time.event_queue import EventQueue",
        ),
    ],
)
def test_a_permitted_import_is_silent(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_one_family_never_imports_another() -> None:
    families = {family for family, _, _ in models._FAMILIES}
    assert {"quectel", "simcom_ca"} <= families
    for family in families:
        source = (ROOT / "modem_drivers" / f"{family}.py").read_text()
        for line, name, _ in imports_of(source, f"modem_drivers.{family}"):
            parts = name.split(".")
            if parts[0] == "modem_drivers":
                assert parts[1] not in families - {family}, f"{family}.py:{line} imports {name}"
