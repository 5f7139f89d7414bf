"""Faults as texts: ``name=answer_lost,to=read,nth=2`` on a command line, fields of a form."""

import re
from collections.abc import Mapping
from typing import Any

from ip_commands.host_sim.faults.arguments import FaultError
from ip_commands.host_sim.faults.catalogue import arguments_of, entry_of

_COMMA = re.compile(r",(?=[a-z_0-9]+=)")
"""A comma that begins another argument; others belong to the value (``to=AT+QIRD=0,1500``)."""


def parse_fault(text: str) -> tuple[str, dict[str, Any]]:
    """Return name and arguments for ``Faults.inject``.

    The name stands first, with or without ``name=``. Raises FaultError saying what is wrong.
    """
    first, *rest = _COMMA.split(text.strip())
    name = first.removeprefix("name=")
    values = {}
    for part in rest:
        key, _, value = part.partition("=")
        values[key] = value
    return name, read_arguments(name, values)


def read_arguments(name: str, values: Mapping[str, str]) -> dict[str, Any]:
    """Return arguments whose values came as texts. Raises FaultError naming the known ones."""
    known = arguments_of(entry_of(name))
    found = {}
    for key, value in values.items():
        if key not in known:
            raise FaultError(f"{name} takes no {key!r}; it takes: {', '.join(known)}")
        try:
            found[key] = known[key].read(value)
        except FaultError as error:
            raise FaultError(f"{name}: {error}") from None
    return found
