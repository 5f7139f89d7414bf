"""Write docs/modems.md: what each modem's driver can do, from the code and tried on the fakes.

``python -m docs.make_modem_tables`` writes the file; it ends with status 1 when a driver failed a
behaviour that it can have (``tests/drivers/limits.py``). The first table and the remarks are
compared with the code by the tests.
"""

import asyncio
import inspect
import sys
from pathlib import Path
from typing import Any

from ip_commands.device.errors import ReceiveTimeout
from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.modem_drivers import models
from ip_commands.modem_drivers.modem import AtModem
from tests.contracts.check_modem import CHECKS
from tests.drivers.limits import LIMITS, impossible
from tests.drivers.modem_bench import ModemBench
from tests.drivers.test_contract import REPRESENTATIVES
from tests.drivers.test_nordic_contract import BOTH_LINES

TARGET = Path(__file__).resolve().parent / "modems.md"
# of one family, one pushes and one keeps what it receives
CIPOPEN_WAYS = ("SIM7600", "A7670")
STRANGER = ("203.0.113.5", 40123)
LONGEST_CHECK_S = 3600

HEAD = """# Modems

Written by `python -m docs.make_modem_tables`: run it after any change to a driver.
How to add a family: [new-modem.md](new-modem.md). How far the fake modems agree with logs of real
ones: [agreement.md](agreement.md).
"""

ABILITIES_HEAD = """## Abilities

Read from the drivers' code; *heard from* and *sender told* were tried with the fake modem, with a
datagram from a host that the device never contacted. *Longest payload*: what one `send_to` takes;
the client refuses longer ones before anything is sent. IP Commands have at most 1300 bytes.

"""
COLUMNS = (
    *("model", "driver", "longest payload", "sockets", "heard from", "sender told"),
    *("PSM and eDRX", "direct push", "options of its own", "boots within", "switched off by"),
)

BEHAVIOUR_HEAD = """## Behaviour

Each line is a function of `tests/contracts/check_modem*.py`, run over the fake modem when this
file was written; the tests run them with the bytes cut in four ways and with every quirk of the
fakes. *n/a*: the model has neither PSM nor eDRX, and the driver says so. *cannot*: tried, and the
modem or its default settings do not allow it; the reasons are below the table.

"""


def table_head(columns: "tuple[str, ...] | list[str]") -> str:
    """Return the first two lines of a table."""
    return f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"


class Bench(ModemBench):
    """Remembers whether a check asked for power saving that the model does not have."""

    lacks_power_saving = False

    @property
    def power_saving(self) -> bool:
        has = bool(super().power_saving)
        self.lacks_power_saving = self.lacks_power_saving or not has
        return has


class NoStream:
    """Stands for a UART where only a driver's tables are looked at."""


def known_models() -> list[tuple[str, str]]:
    """Return (module, model) of every driver."""
    return [(module, name) for module, _, names in models._FAMILIES for name in names]


def own_options(driver: AtModem) -> list[str]:
    """Return the arguments that only this family takes: those that its constructor accepts.

    A base class's argument that the family's own constructor fills in is refused as given twice.
    """
    names: dict[str, Any] = {}
    for kind in type(driver).__mro__:
        if kind is AtModem:
            break
        if "__init__" in vars(kind):
            for name, parameter in inspect.signature(kind.__init__).parameters.items():
                if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                    names.setdefault(name, parameter.default)
    common = ("self", "stream", "model", "power_key")
    return [name for name in names if name not in common and _takes(driver, name, names[name])]


def _takes(driver: AtModem, name: str, value: Any) -> bool:
    kind: Any = type(driver)
    try:
        kind(NoStream(), driver.model, **{name: value})
    except TypeError:
        return False
    return True


def anyone_is_heard(name: str) -> tuple[str, str]:
    """Try with the fake: is a stranger's datagram received, and is the stranger told?"""
    if name.lower() not in fake_modems.MODELS:
        return "not tried", "not tried"

    async def try_it() -> tuple[str, str]:
        bench = ModemBench(name)
        _, socket = await bench.online(4242)
        bench.inject(b"hello", *STRANGER)
        try:
            payload, host, port = await socket.receive(20_000)
        except ReceiveTimeout:
            return "peers only", "no"
        finally:
            await bench.finish()
        assert payload == b"hello"
        return "anyone", "yes" if (host, port) == STRANGER else "no"

    return run(try_it())


def ability_row(module: str, name: str) -> str:
    """Return one model's line of the first table."""
    driver: Any = models.create(name, NoStream())  # type: ignore[arg-type]
    options = own_options(driver)
    heard, told = anyone_is_heard(name)
    cells = (
        name,
        f"`{module}.py`",
        f"{driver.MAX_PAYLOAD} bytes",
        str(driver.CONNECTIONS),
        heard,
        told,
        "yes" if driver.has_power_saving else "no",
        "yes" if "push" in options else "no",
        ", ".join(f"`{name}`" for name in options) or "none",
        f"{driver.boot_ms / 1000:g} s",
        f"`AT{driver.POWER_OFF}`",
    )
    return f"| {' | '.join(cells)} |\n"


def remarks() -> str:
    """Return what each driver's own documentation says about its family."""
    text = "\n### Remarks of the drivers\n"
    for module, class_name, _ in models._FAMILIES:
        driver = getattr(
            __import__(f"ip_commands.modem_drivers.{module}", fromlist=[class_name]), class_name
        )
        words = " ".join((inspect.getdoc(driver) or "").replace("``", "`").split())
        text += f"\n- `{module}.{class_name}`: {words}\n"
    return text


def abilities() -> str:
    """Return the first table and the remarks."""
    rows = [ability_row(module, name) for module, name in known_models()]
    return ABILITIES_HEAD + table_head(COLUMNS) + "".join(rows) + remarks()


def tried_models() -> list[str]:
    """Return one model per driver, kind of fake and power saving, and the tests' favourites."""
    chosen: dict[tuple[str, type, bool], str] = {}
    favourites = (*REPRESENTATIVES, *BOTH_LINES, *CIPOPEN_WAYS)
    closest = [name for name in favourites if name.lower() in fake_modems.MODELS]
    for module, name in sorted(known_models(), key=lambda pair: pair[1] not in closest):
        kind = fake_modems.MODELS.get(name.lower())
        if kind is not None:
            saves = models.create(name, NoStream()).has_power_saving  # type: ignore[arg-type]
            chosen.setdefault((module, kind, saves), name)
    wanted = {*chosen.values(), *closest}
    return [name for _, name in known_models() if name in wanted]


def outcome(check: Any, model: str) -> str:
    """Run one check over one model's fake; return pass, n/a, cannot, or FAIL.

    A check that passes although the limits of the model name it is a FAIL, too.
    """

    async def on_a_fresh_bench() -> bool:
        bench = Bench(model)
        async with asyncio.timeout(LONGEST_CHECK_S):
            await check(bench)
        await bench.finish()
        return bench.lacks_power_saving

    cannot = check.__name__ in impossible(model)
    try:
        lacks_power_saving = run(on_a_fresh_bench())
    except Exception as error:
        if cannot:
            return "cannot"
        print(f"{model}: {check.__name__}: {error!r}", file=sys.stderr)
        return "**FAIL**"
    if cannot:
        print(f"{model}: {check.__name__}: it can: correct its limits", file=sys.stderr)
        return "**FAIL**"
    return "n/a" if lacks_power_saving else "pass"


def reasons(chosen: list[str]) -> str:
    """Return why these models cannot do what they cannot, one item for each reason."""
    text = "\nWhat *cannot* means here:\n\n"
    limits = dict.fromkeys(limit.reason for name in chosen for limit in LIMITS.get(name, ()))
    for reason in limits:
        who = [name for name in chosen for limit in LIMITS.get(name, ()) if limit.reason == reason]
        text += f"- {', '.join(who)}: {reason}.\n"
    return text


def behaviour() -> str:
    """Return the second table: every check over every chosen model."""
    chosen = tried_models()
    text = BEHAVIOUR_HEAD + table_head(["behaviour", *chosen])
    for check in CHECKS:
        cells = [outcome(check, model) for model in chosen]
        text += f"| {check.__name__.replace('_', ' ')} | {' | '.join(cells)} |\n"
    return text + reasons(chosen)


def main() -> int:
    second = behaviour()
    TARGET.write_text(f"{HEAD}\n{abilities()}\n{second}")
    print(f"{TARGET.name}: {second.count('| pass')} passed, ", end="")
    print(f"{second.count('| n/a')} not applicable, ", end="")
    print(f"{second.count('| cannot')} impossible, {second.count('FAIL')} failed")
    return int("FAIL" in second)


if __name__ == "__main__":
    sys.exit(main())
