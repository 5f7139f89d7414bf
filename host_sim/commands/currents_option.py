"""``--currents``: a modem's table by name, or a file of somebody's own measurements."""

import json
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.lte.energy import Currents
from ip_commands.host_sim.lte.module_currents import TABLES, currents_of
from ip_commands.host_sim.lte.reference_currents import (
    FIGURES,
    REFERENCE,
    REFERENCES,
    ModuleCurrents,
    completed,
)


def read_currents(given: str | None) -> Currents:
    """Return what ``--currents`` names. Raises ValueError, OSError with what can be named."""
    if given is None:
        return REFERENCE
    if Path(given).suffix in (".json", ".toml") or os.sep in given:
        return read_file(given)
    if given.lower() in TABLES or given.lower() in fake_modems.MODELS:
        return currents_of(given)
    raise ValueError(
        f"--currents {given!r} is no modem that is known, nor a .json or .toml file;"
        " --currents help lists what there is"
    )


def read_file(path: str) -> ModuleCurrents:
    """Return the tables of a file: one for each access. Raises ValueError, OSError."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode()
        if path.endswith(".json"):
            values = json.loads(text)
        elif path.endswith(".toml"):
            values = tomllib.loads(text)
        else:
            raise ValueError("its name has to end with .json or .toml")
        return _tables(values, Path(path).stem)
    except ValueError as error:  # JSONDecodeError, TOMLDecodeError and UnicodeDecodeError, too
        raise ValueError(f"{path}: {error}") from None


def _tables(values: Any, stem: str) -> ModuleCurrents:
    if not isinstance(values, dict):
        raise ValueError("an object is needed, with a table for each access")
    name = _text(values, "name", stem)
    source = _text(values, "source", "measured by the user")
    accesses = {key: value for key, value in values.items() if key in REFERENCES}
    other = set(values) - set(accesses) - {"name", "source"}
    if other or not accesses:
        what = f"{sorted(other)[0]!r} is not known" if other else "no access is in it"
        raise ValueError(
            f"{what}: tables are called {', '.join(REFERENCES)}; beside them name, source"
        )
    tables = {}
    for access, table in accesses.items():
        if not isinstance(table, dict):
            raise ValueError(f"{access} has to be a table of figures")
        numbers = {key: _number(access, key, value) for key, value in table.items()}
        volts = numbers.pop("volts", None)
        if not numbers:
            raise ValueError(f"{access} has no figure: {', '.join(FIGURES)}")
        try:
            tables[access] = completed(name, access, source, numbers, volts)
        except ValueError as error:
            raise ValueError(f"{access}: {error}") from None
    return ModuleCurrents(name, tables)


def _text(values: dict[str, Any], key: str, default: str) -> str:
    value = values.get(key, default)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is {value!r}, it has to be a text")
    return value


def _number(access: str, key: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{access}: {key} is {value!r}, it has to be a number")
    return float(value)


def describe_currents() -> Iterator[str]:
    """Yield what there is, with sources, and what a file holds."""
    yield "Tables of modules (every other modem has the first of its access):"
    for module in TABLES.values():
        for access in module.tables:
            table = module.tables[access]
            yield (
                f"  {table.name}: PSM {table.psm_ua:g} uA; DRX 1.28 s {table.drx_ua(1280):.0f} uA;"
                f" connected {table.connected_ma:g} mA; sending {table.tx_ma:g} mA;"
                f" {table.volts:g} V. {table.source}."
            )
    yield "A file of your own, FILE.toml (or the same as JSON); what is left out is the"
    yield "reference's, and the output says so:"
    yield '  name = "my board"'
    yield '  source = "power profiler, 2027-01-31"'
    yield "  [cat-m1]    # or nb-iot, lte"
    yield "  volts = 3.7"
    for name, what in (
        ("psm_ua", "asleep in PSM"),
        ("sleep_ua", "between paging occasions"),
        ("occasion_mc", "to wake up and listen to one paging occasion, millicoulombs"),
        ("extra_occasion_mc", "each further one in the same paging time window"),
        ("connected_ma", "connected without traffic"),
        ("tau_ma", "during a TAU"),
        ("search_ma", "searching and attaching"),
        ("tx_ma", "sending"),
    ):
        value = getattr(REFERENCES["cat-m1"], name)
        yield f"  {name} = {value:g}    # {what}"
