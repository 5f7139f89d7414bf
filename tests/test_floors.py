"""Who may import whom: the device half never sees the simulator, a fake never sees a driver.

Every import statement of the shipped folders is read (also those inside functions and behind
``TYPE_CHECKING``, except annotations' own ``ip_commands.device.interfaces``) and compared with the
floors. A module may import from its own floor's list only; anything else is named with file and
line. Nothing may import in a circle, neither files nor rooms.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ip_commands.modem_drivers import models
from tests import import_graph
from tests.import_graph import HALVES, ROOF, ROOT, imports_of, module_name, within

# What exists in MicroPython's firmware; `machine` and `network` are the boards' own business.
MICROPYTHON = {
    *("asyncio", "time", "sys", "collections", "struct", "binascii", "errno", "json", "hashlib"),
    *("socket", "select", "os", "random", "gc", "io", "micropython", "math", "hmac"),
}

# (module prefix, ours that it may import, foreign top-level modules that it may import), all of
# ours without the name above them. The first matching prefix decides; foreign None = all of
# CPython's standard library.
DEVICE_FLOOR_0 = ("device.portable", "device.errors", "device.power_saving", "device.ip_command")
RASPBERRY_PI = ("device", "modem_drivers", "boards.raspberry_pi", "boards.power_key")
TRUTH = ("host_sim.time.event_queue", "host_sim.cloud")
ENGINE = "host_sim.fake_modems.engine"
GENERIC = "host_sim.fake_modems.generic"
FLOORS = (
    ("device.interfaces", (), None),
    ("device.os_udp_socket", DEVICE_FLOOR_0, MICROPYTHON),
    # the one file that asks which Python is running, and its other half
    ("device.portable", ("device.portable_cpython",), MICROPYTHON),
    ("device.portable_cpython", (), None),
    ("device.errors", (), MICROPYTHON),
    ("device.power_saving", DEVICE_FLOOR_0, MICROPYTHON),
    ("device.ip_command", DEVICE_FLOOR_0, MICROPYTHON),
    ("device", ("device",), MICROPYTHON),
    ("modem_drivers.at_parser", DEVICE_FLOOR_0, MICROPYTHON),
    ("modem_drivers.at_reader", (*DEVICE_FLOOR_0, "modem_drivers.at_parser"), MICROPYTHON),
    ("modem_drivers.at_channel", (*DEVICE_FLOOR_0, "modem_drivers.at_reader"), MICROPYTHON),
    (
        "modem_drivers",
        (*DEVICE_FLOOR_0, "device.reachability", "modem_drivers"),
        MICROPYTHON,
    ),
    ("boards.raspberry_pi", RASPBERRY_PI, None),
    (
        "boards",
        ("device", "modem_drivers", "boards"),
        MICROPYTHON | {"machine", "network", "xbee"},
    ),
    ("host_sim.time.event_queue", (), None),
    ("host_sim.time", ("host_sim.time",), None),
    ("host_sim.lte", ("host_sim.lte", "host_sim.time.event_queue"), None),
    ("host_sim.cloud.store", TRUTH, None),
    ("host_sim.cloud", (*TRUTH, "host_sim.time.virtual_time"), None),
    ("host_sim.extras", (), None),
    ("host_sim.uart", ("host_sim.uart",), None),
    (ENGINE, (ENGINE, "host_sim.uart"), None),
    (GENERIC, (GENERIC, ENGINE, "host_sim.uart"), None),
    *(
        (vendor, (vendor, GENERIC, ENGINE, "host_sim.uart"), None)
        for vendor in (
            f"host_sim.fake_modems.{name}"
            for name in ("quectel", "simcom", "ublox", "sequans", "nordic", "telit")
        )
    ),
    ("host_sim.fake_modems", ("host_sim.fake_modems",), None),
    # between any fake and any host: never a driver, never the world
    ("host_sim.faults", ("host_sim.faults", "host_sim.fake_modems", "host_sim.uart"), None),
    # runs inside the interpreter, beside its neighbours
    (
        "host_sim.micropython.on_board",
        ("device",),
        MICROPYTHON | {"lock_step", "simulated_machine"},
    ),
    ("host_sim.micropython", ("host_sim.micropython", "host_sim.uart", ENGINE), None),
    (
        "host_sim.pictures",
        ("host_sim.pictures", "host_sim.extras", "host_sim.lte", "host_sim.world"),
        None,
    ),
    # puts the halves together
    (
        "host_sim.world",
        (
            "device",
            "modem_drivers",
            *(f"host_sim.{room}" for room in ("time", "lte", "cloud", "uart", "fake_modems")),
            *("host_sim.faults", "host_sim.extras", "host_sim.world"),
        ),
        None,
    ),
    ("host_sim.pytest_plugin", HALVES, None),
    ("host_sim", ("host_sim",), None),
    # the one name above all: `from ip_commands import IpCommandClient`
    ("", ("device",), MICROPYTHON),
)
NO_ASYNCIO = (
    "host_sim.lte",
    "host_sim.time.event_queue",
    *(
        f"host_sim.cloud.{name}"
        for name in (
            *("store", "ledger", "records", "settings", "owed_webhooks", "ip_command_callbacks"),
            *("accounts", "fleets", "sims", "ip_commands"),
        )
    ),
)
# Libraries that the simulator and the Pi were given; everything else is a decision to make first.
LIBRARIES = {"aiohttp", "rich", "matplotlib", "pytest", "pytest_asyncio", "yarl", "multidict"}
PI_LIBRARIES = {"serial"}


def below_the_roof(name: str) -> str:
    """Return a dotted name without ``ip_commands.``."""
    return name.removeprefix(ROOF).removeprefix(".")


def floor_of(module: str) -> tuple[str, tuple[str, ...], set[str] | None]:
    """Return the first floor of a name below the roof."""
    return next(floor for floor in FLOORS if not floor[0] or within(module, floor[0]))


def violations(module: str, source: str) -> list[str]:
    """Return sentences about imports that the floors do not allow; ``module`` is the full name."""
    own = below_the_roof(module)
    prefix, ours, foreign = floor_of(own)
    allowed_libraries = LIBRARIES if within(own, "host_sim") else set()
    if within(own, "boards.raspberry_pi"):
        allowed_libraries = PI_LIBRARIES
    problems = []
    for line, name, typing_only in imports_of(source, module):
        top = name.split(".")[0]
        where = f"{module}:{line} imports {name}"
        if top in HALVES:
            problems.append(f"{where}: write {ROOF}.{name}, it would be a second copy")
        elif top == ROOF:
            wanted = below_the_roof(name)
            if typing_only and within(wanted, "device.interfaces"):
                continue
            if not any(within(wanted, allowed) for allowed in (*ours, own)) and not any(
                # `from ip_commands.device import errors` names a permitted module by its package
                within(allowed, wanted)
                for allowed in ours
                if wanted not in ("", *HALVES)
            ):
                problems.append(
                    f"{where}, but {prefix or ROOF} may import only {ours or 'nothing of ours'}"
                )
        elif typing_only:
            continue
        elif foreign is not None and top not in foreign:
            problems.append(f"{where}, which is not in MicroPython's firmware")
        elif foreign is None and top not in sys.stdlib_module_names | allowed_libraries:
            problems.append(f"{where}, a library that this floor was not given")
        elif any(within(own, pure) for pure in NO_ASYNCIO) and top in {"asyncio", "aiohttp"}:
            problems.append(f"{where}, but the truth is plain Python: no event loop, no HTTP")
    return problems


@pytest.mark.parametrize(
    "path", import_graph.shipped_files(), ids=lambda path: str(path.relative_to(ROOT))
)
def test_imports_obey_the_floors(path: Path) -> None:
    assert violations(module_name(path), path.read_text()) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "host_sim.fake_modems.quectel.bg",
            "from ip_commands.modem_drivers import at_parser",
        ),
        ("host_sim.fake_modems.quectel.bg", "import ip_commands.device.power_saving"),
        (
            "host_sim.fake_modems.quectel.bg",
            "from ip_commands.host_sim.fake_modems.telit import module",
        ),
        (
            "host_sim.fake_modems.engine.line",
            "from ip_commands.host_sim.fake_modems.generic import general",
        ),
        ("device.connection", "def f():\n    import ip_commands.host_sim.lte"),
        (
            "device.connection",
            "from ip_commands.modem_drivers.quectel import QuectelModem",
        ),
        ("device.connection", "from device import errors"),
        ("host_sim.world.super_sim", "import host_sim.lte"),
        ("host_sim.world.super_sim", "from ip_commands.host_sim.web import controls"),
        ("host_sim.world.super_sim", "from ip_commands import IpCommandClient"),
        ("modem_drivers.quectel", "import typing"),
        (
            "modem_drivers.at_parser",
            "from ip_commands.modem_drivers.at_channel import AtChannel",
        ),
        ("device.connection", "import machine"),
        ("host_sim.lte.network", "import asyncio"),
        ("host_sim.lte.psm", "from ip_commands.device.power_saving import parse"),
        ("host_sim.cloud.store", "import aiohttp"),
        ("host_sim.cloud.http_api", "import flask"),
        ("host_sim.faults.face", "from ip_commands.modem_drivers import models"),
        ("host_sim.faults.face", "from ip_commands.host_sim.world import super_sim"),
        ("boards.raspberry_pi.port", "import requests"),
    ],
)
def test_a_forbidden_import_is_named(module: str, source: str) -> None:
    assert len(violations(f"{ROOF}.{module}", source)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "modem_drivers.quectel",
            "from ip_commands.modem_drivers.modem import AtModem",
        ),
        (
            "modem_drivers.quectel",
            "TYPE_CHECKING = False\nif TYPE_CHECKING:\n"
            "    from ip_commands.device.interfaces import Log",
        ),
        ("boards.pico", "import machine"),
        ("host_sim.world.super_sim", "from ip_commands.modem_drivers import models"),
        (
            "host_sim.lte.network",
            "from ip_commands.host_sim.time.event_queue import EventQueue",
        ),
    ],
)
def test_a_permitted_import_is_silent(module: str, source: str) -> None:
    assert violations(f"{ROOF}.{module}", source) == []


def test_no_file_imports_in_a_circle() -> None:
    assert import_graph.circles(import_graph.module_imports()) == []


def test_no_room_imports_in_a_circle() -> None:
    assert import_graph.circles(import_graph.room_imports()) == []


def test_a_circle_is_found_around_corners() -> None:
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"d", "e"}}
    assert import_graph.circles(graph) == [["a", "b", "c"]]


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


def test_one_family_never_imports_another() -> None:
    families = {family for family, _, _ in models._FAMILIES}
    assert {"quectel", "simcom_ca"} <= families
    for family in families:
        source = (ROOT / "modem_drivers" / f"{family}.py").read_text()
        for line, name, _ in imports_of(source, f"{ROOF}.modem_drivers.{family}"):
            parts = below_the_roof(name).split(".")
            if parts[0] == "modem_drivers":
                assert parts[1] not in families - {family}, f"{family}.py:{line} imports {name}"
