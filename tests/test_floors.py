"""Who may import whom: the device half never sees the simulator, a fake never sees a driver.

Nothing imports what its floor's list (``floors.py``) does not have, and nothing in a circle,
neither files nor rooms.
"""

from pathlib import Path

import pytest

from ip_commands.modem_drivers import models
from tests.floors import below_the_roof, violations
from tests.import_graph import (
    ROOF,
    ROOT,
    circles,
    computed_imports,
    imports_of,
    module_imports,
    module_name,
    room_imports,
    shipped_files,
    within,
)


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: str(path.relative_to(ROOT)))
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
        # by a call
        ("device.connection", '__import__("ip_commands.host_sim.lte")'),
        ("host_sim.world.super_sim", 'importlib.import_module("device.errors")'),
        ("host_sim.lte.network", 'import_module(name="aiohttp")'),
        ("host_sim.lte.network", 'import_module("..cloud.store", __package__)'),
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
    assert circles(module_imports()) == []


def test_no_room_imports_in_a_circle() -> None:
    assert circles(room_imports()) == []


def test_a_circle_is_found_around_corners() -> None:
    graph = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set(), "e": {"d", "e"}}
    assert circles(graph) == [["a", "b", "c"]]


def test_one_family_never_imports_another() -> None:
    families = {family for family, _, _ in models._FAMILIES}
    assert {"quectel", "simcom_ca"} <= families
    for family in families:
        source = (ROOT / "modem_drivers" / f"{family}.py").read_text()
        for line, name, _ in imports_of(source, f"{ROOF}.modem_drivers.{family}"):
            for other in families - {family}:
                theirs = f"modem_drivers.{other}"
                assert not within(below_the_roof(name), theirs), f"{family}.py:{line}: {name}"


def test_a_name_that_nobody_can_read_is_imported_in_known_places_only() -> None:
    """By the two doors that load what is asked for below them, and by the table of models."""
    computed = {module_name(path): computed_imports(path.read_text()) for path in shipped_files()}
    assert {module: calls for module, calls in computed.items() if calls} == {
        ROOF: ["__import__(full_name)"],
        f"{ROOF}.device": ["__import__(full_name)"],
        f"{ROOF}.modem_drivers.models": [
            f"__import__('{ROOF}.modem_drivers.' + module_name, None, None, (class_name,))"
        ],
    }
