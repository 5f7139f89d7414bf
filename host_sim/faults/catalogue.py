"""The catalogue: every fault by name, with its sentence, its arguments and its source.

A fault is a dataclass below ``fault.Fault``; the decorator ``fault`` enters it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ip_commands.host_sim.faults.arguments import Argument, FaultError, arguments_of_class
from ip_commands.host_sim.faults.fault import Fault
from ip_commands.host_sim.faults.occasions import Occasions

JUDGEMENT = "engineering judgement"
"""The source of a fault that no public report shows."""

FaultClass = TypeVar("FaultClass", bound=type[Fault])


@dataclass(frozen=True)
class CatalogueEntry:
    """One fault."""

    name: str
    sentence: str
    """What happens."""
    source: str
    """The public report or document that shows it, or ``engineering judgement``."""
    arguments: tuple[Argument, ...]
    """Its own; those of every fault are ``COMMON_ARGUMENTS``."""
    default_to: str | None
    default_count: int | None
    make: type[Fault]


CATALOGUE: dict[str, CatalogueEntry] = {}
"""Every fault by its name."""

COMMON_ARGUMENTS = arguments_of_class(Occasions)
"""What every fault takes: on which occasions it strikes."""


def fault(name: str, sentence: str, source: str) -> Callable[[FaultClass], FaultClass]:
    """Enter a fault into the catalogue."""

    def enter(kind: FaultClass) -> FaultClass:
        common = {item.name for item in COMMON_ARGUMENTS}
        own = tuple(item for item in arguments_of_class(kind) if item.name not in common)
        kind.name = name
        CATALOGUE[name] = CatalogueEntry(
            name, sentence, source, own, kind.DEFAULT_TO, kind.DEFAULT_COUNT, kind
        )
        return kind

    return enter


def entry_of(name: str) -> CatalogueEntry:
    """Return a fault's entry. Raises FaultError naming the known ones."""
    if name not in CATALOGUE:
        raise FaultError(f"no fault is called {name!r}; known: {', '.join(sorted(CATALOGUE))}")
    return CATALOGUE[name]


def arguments_of(entry: CatalogueEntry) -> dict[str, Argument]:
    """Return all arguments that a fault takes, its own first."""
    return {item.name: item for item in (*entry.arguments, *COMMON_ARGUMENTS)}


def understood(
    name: str, given: Mapping[str, Any], take: Callable[[Argument, Any], Any]
) -> dict[str, Any]:
    """Return arguments as ``take`` takes each: ``Argument.check``, or ``Argument.read`` of texts.

    Raises FaultError for an unknown name, argument or value, with what would be right.
    """
    known = arguments_of(entry_of(name))
    for key in given:
        if key not in known:
            raise FaultError(f"{name} takes no {key!r}; it takes: {', '.join(known)}")
    try:
        return {key: take(known[key], value) for key, value in given.items()}
    except FaultError as error:
        raise FaultError(f"{name}: {error}") from None


def make(name: str, given: Mapping[str, Any]) -> Fault:
    """Make a fault. Raises FaultError for an unknown name, argument or value."""
    values = understood(name, given, Argument.check)
    entry = entry_of(name)
    by_chance = values.get("probability", 1.0) < 1
    values.setdefault("count", None if by_chance else entry.default_count)
    return entry.make(**values)
