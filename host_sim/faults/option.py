"""Faults as texts: ``name=answer_lost,to=read,nth=2`` on a command line, fields of a form."""

import re
from collections.abc import Mapping
from typing import Any

from ip_commands.host_sim.faults.arguments import Argument, FaultError
from ip_commands.host_sim.faults.catalogue import understood

_COMMA = re.compile(r",(?=[a-z_0-9]+=)")
"""A comma that begins another argument; others belong to the value (``to=AT+QIRD=0,1500``)."""


def parse_fault(text: str) -> tuple[str, dict[str, Any]]:
    """Return name and arguments for ``Faults.inject``.

    The name stands first, with or without ``name=``. Raises FaultError saying what is wrong.
    """
    first, *rest = _COMMA.split(text.strip())
    name = first.removeprefix("name=")
    values: dict[str, str] = {}
    for part in rest:
        key, _, value = part.partition("=")
        if key in values:
            raise FaultError(f"{name}: {key} is given twice")
        values[key] = value
    return name, read_arguments(name, values)


def read_arguments(name: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Return arguments whose values came as texts. Raises FaultError naming the known ones."""
    return understood(name, values, Argument.read)
