"""Who may import whom, as a table, and what it says about a module's source.

Every import is read (``import_graph``), also those inside functions and behind ``TYPE_CHECKING``,
except annotations' own ``ip_commands.device.interfaces``. A module may import from its own floor's
list only, and from itself.
"""

import sys

from tests.import_graph import HALVES, ROOF, imports_of, within

# What exists in MicroPython's firmware; `machine` and `network` are the boards' own business.
MICROPYTHON = {
    *("asyncio", "time", "sys", "collections", "struct", "binascii", "errno", "json", "hashlib"),
    *("socket", "select", "os", "random", "gc", "io", "micropython", "math", "hmac"),
}

DEVICE_FLOOR_0 = ("device.portable", "device.errors", "device.power_saving", "device.ip_command")
RASPBERRY_PI = ("device", "modem_drivers", "boards.raspberry_pi", "boards.power_key")
TRUTH = ("host_sim.time.event_queue", "host_sim.cloud")
ENGINE = "host_sim.fake_modems.engine"
GENERIC = "host_sim.fake_modems.generic"
VENDORS = ("quectel", "simcom", "ublox", "sequans", "nordic", "telit")
WORLDS = ("time", "lte", "cloud", "uart", "fake_modems", "faults", "extras", "world")

# (module prefix, ours that it may import, foreign top-level modules that it may import), all of
# ours without the name above them. The first matching prefix decides; foreign None = all of
# CPython's standard library.
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
    (
        "modem_drivers.at_reader",
        (*DEVICE_FLOOR_0, "modem_drivers.at_parser", "modem_drivers.at_answers"),
        MICROPYTHON,
    ),
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
        for vendor in (f"host_sim.fake_modems.{name}" for name in VENDORS)
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
        ("device", "modem_drivers", *(f"host_sim.{room}" for room in WORLDS)),
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
    return [
        f"{module}:{line} imports {name}{why}"
        for line, name, typing_only in imports_of(source, module)
        if (why := _refusal(below_the_roof(module), name, typing_only))
    ]


def _refusal(own: str, name: str, typing_only: bool) -> str:
    """Return why a module (without the roof) may not import a name; "" if it may."""
    prefix, ours, foreign = floor_of(own)
    top = name.split(".")[0]
    if top in HALVES:
        return f": write {ROOF}.{name}, it would be a second copy"
    if top == ROOF:
        wanted = below_the_roof(name)
        types = ("device.interfaces",) if typing_only else ()
        if within(wanted, own) or any(_reaches(wanted, allowed) for allowed in (*ours, *types)):
            return ""
        return f", but {prefix or ROOF} may import only {ours or 'nothing of ours'}"
    if typing_only:
        return ""
    if foreign is not None and top not in foreign:
        return ", which is not in MicroPython's firmware"
    if foreign is None and top not in sys.stdlib_module_names | libraries_of(own):
        return ", a library that this floor was not given"
    if any(within(own, pure) for pure in NO_ASYNCIO) and top in {"asyncio", "aiohttp"}:
        return ", but the truth is plain Python: no event loop, no HTTP"
    return ""


def _reaches(wanted: str, allowed: str) -> bool:
    """Whether an import is of what is allowed: of it, in it, or of a package above it.

    ``from ip_commands.device import errors`` is one of ``device.errors``; a whole half, or all
    that we have, is never a way to a part of it.
    """
    return within(wanted, allowed) or (within(allowed, wanted) and wanted not in ("", *HALVES))


def libraries_of(own: str) -> set[str]:
    """Return the libraries that a name below the roof may import."""
    if within(own, "host_sim"):
        return LIBRARIES
    return PI_LIBRARIES if within(own, "boards.raspberry_pi") else set()
