"""What callers may give to a fault: values that are checked, and read from texts.

A fault's arguments are fields of a dataclass made with ``argument``.
"""

import dataclasses
import types
import typing
from dataclasses import dataclass
from typing import Any


class FaultError(ValueError):
    """A fault's name or an argument is wrong; the text says what would be right."""


@dataclass(frozen=True)
class Argument:
    """One argument of a fault, or one that all faults have."""

    name: str
    kinds: tuple[type, ...]
    default: Any
    sentence: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """Return the value as the fault wants it. Raises FaultError."""
        right = type(value) in self.kinds
        if type(value) is int and float in self.kinds:
            value, right = float(value), True
        if right and isinstance(value, str) and self.choices:
            right = value in self.choices
        if right and isinstance(value, (int, float)) and not isinstance(value, bool):
            right = self.low is None or value >= self.low
            right = right and (self.high is None or value <= self.high)
        if not right:
            raise FaultError(f"{self.name} is {self.wanted()}, not {value!r}")
        return value

    def read(self, text: str) -> Any:
        """Return the value that a text stands for: ``75000``, ``true``, ``none``, words."""
        low = text.strip().lower()
        if low == "none" and types.NoneType in self.kinds:
            return self.check(None)
        if low in ("true", "yes", "false", "no") and bool in self.kinds:
            return self.check(low in ("true", "yes"))
        for kind in (int, float):
            if kind in self.kinds:
                try:
                    return self.check(kind(text))
                except FaultError:
                    raise
                except ValueError:
                    continue
        return self.check(text)

    def wanted(self) -> str:
        """Say which values are right."""
        names = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
        if self.choices:
            names[str] = "one of " + ", ".join(self.choices)
        words = [names[kind] for kind in self.kinds if kind in names]
        if {int, float} & set(self.kinds) and self.low is not None:
            most = "" if self.high is None else f" to {self.high:g}"
            words[0 if int in self.kinds else -1] += f" from {self.low:g}{most}"
        if types.NoneType in self.kinds:
            words.append("none")
        return " or ".join(words)


_METADATA = "argument"


def argument(
    default: Any,
    sentence: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Make a field of a fault that callers may give."""
    told = (sentence, low, high, choices)
    return dataclasses.field(default=default, metadata={_METADATA: told})


def arguments_of_class(kind: type) -> tuple[Argument, ...]:
    """Return the arguments that the fields of a dataclass are."""
    hints = typing.get_type_hints(kind)
    found = []
    for item in dataclasses.fields(kind):
        if _METADATA in item.metadata:
            hint = hints[item.name]
            kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
            sentence, low, high, choices = item.metadata[_METADATA]
            found.append(Argument(item.name, kinds, item.default, sentence, low, high, choices))
    return tuple(found)
