"""Settings as rows of a table: one row is the test, the read and the set form of an AT command.

A row says which values a command takes, what it starts with and what keeps it: nothing beyond a
boot, the profile that AT&W stores, or the module's memory. ``SettingStore`` holds the values of
one modem. Syntax: ITU-T V.250 5.3 and 5.4; left-out values stay as they are (27.007 4.2).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ip_commands.host_sim.fake_modems.engine.line import Arguments, BadArgument

VOLATILE, PROFILE, NVM = "volatile", "profile", "nvm"
"""What keeps a value: until the next boot; AT&W over a boot, AT&F resets it; the memory, at once
and also when the supply is cut."""

Value = int | str | None
"""None: an empty field."""


class Field(Protocol):
    """One value of a setting."""

    @property
    def default(self) -> Value: ...

    def take(self, arguments: Arguments, index: int) -> Value:
        """Return the value that a host gave. Raises BadArgument when it is none of these."""
        ...

    def shown(self, value: Value) -> str:
        """Return the value as the read form prints it."""
        ...

    def listed(self) -> str:
        """Return the values as the test form prints them."""
        ...


@dataclass(frozen=True)
class Number:
    """A decimal value; ``allowed`` as the test form lists it: ``0-2,4``."""

    default: int | None
    allowed: str
    digits: int = 1
    """Least number of digits that the read form prints."""
    ranges: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        pairs = (part.partition("-")[::2] for part in self.allowed.split(","))
        ranges = tuple((int(low), int(high or low)) for low, high in pairs)
        object.__setattr__(self, "ranges", ranges)

    def take(self, arguments: Arguments, index: int) -> Value:
        value = arguments.integer(index, 0, self.ranges[-1][1])
        if arguments.is_quoted(index) or not any(a <= value <= b for a, b in self.ranges):
            raise BadArgument
        return value

    def shown(self, value: Value) -> str:
        return "" if value is None else str(value).zfill(self.digits)

    def listed(self) -> str:
        return f"({self.allowed})"


@dataclass(frozen=True)
class Word:
    """One of some words, in any case; quoted when it is shown."""

    default: str
    allowed: tuple[str, ...]
    bare: bool = False
    """Shown without quotes."""

    def take(self, arguments: Arguments, index: int) -> Value:
        given = arguments.text(index)
        for word in self.allowed:
            if word.upper() == given.upper():
                return word
        raise BadArgument

    def shown(self, value: Value) -> str:
        return str(value) if self.bare else f'"{value}"'

    def listed(self) -> str:
        return f"({','.join(self.shown(word) for word in self.allowed)})"


@dataclass(frozen=True)
class Text:
    """Free text that matches a pattern as a whole; quoted when it is shown."""

    default: str | None
    pattern: str = r'[^"\r\n]{0,128}'
    bare: bool = False
    """Shown, and taken, without quotes."""
    test: str = ""

    def take(self, arguments: Arguments, index: int) -> Value:
        given = arguments.text(index) if self.bare else arguments.quoted(index)
        if re.fullmatch(self.pattern, given) is None:
            raise BadArgument
        return given

    def shown(self, value: Value) -> str:
        if value is None:
            return ""
        return str(value) if self.bare else f'"{value}"'

    def listed(self) -> str:
        return self.test


@dataclass(frozen=True)
class Setting:
    """One row: a command that keeps values."""

    name: str
    fields: tuple[Field, ...]
    kept: str = VOLATILE
    test: str | None = None
    """What the test form prints behind the name; None: the values of the fields; "": nothing."""
    needs: int = 1
    """Values that a set form must give; 0: the name alone sets what the command starts with."""
    readable: bool = True
    named: bool = True
    """The read form prints the name first (S-parameters do not: V.250 5.3.2)."""
    on_set: str = ""
    """Method of the fake, called with the Call when the values are kept; what it refuses with
    CommandFailed is not kept."""
    is_list: bool = False
    """Values that are left out are no more, instead of staying as they are."""

    def defaults(self) -> tuple[Value, ...]:
        """Return the values it starts with."""
        return tuple(each.default for each in self.fields)

    def read_text(self, values: tuple[Value, ...]) -> str:
        """Return the line of the read form; empty fields at its end are left out."""
        shown = [each.shown(value) for each, value in zip(self.fields, values, strict=True)]
        while shown and not shown[-1]:
            shown.pop()
        return f"{self.name}: {','.join(shown)}" if self.named else ",".join(shown)

    def test_text(self) -> str:
        """Return the line of the test form."""
        listed = self.test
        if listed is None:
            listed = ",".join(each.listed() for each in self.fields)
        return f"{self.name}: {listed}"

    def taken(self, text: str, now: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the values after a set form. Raises BadArgument."""
        arguments = Arguments(text)
        arguments.no_more_than(len(self.fields))
        values = list(now)
        for index, each in enumerate(self.fields):
            if arguments.given(index):
                values[index] = each.take(arguments, index)
            elif index < self.needs:
                raise BadArgument
            elif self.is_list:
                values[index] = None
        return tuple(values)


class SettingStore:
    """The values of one modem's settings, and what AT&W stored of them."""

    def __init__(self, table: Mapping[str, Setting]) -> None:
        self.rows = dict(table)
        self._factory: dict[str, tuple[Value, ...]] = {}
        self._now = {name: row.defaults() for name, row in self.rows.items()}
        self._profile = {n: v for n, v in self._now.items() if self.rows[n].kept == PROFILE}

    def __getitem__(self, name: str) -> tuple[Value, ...]:
        """Return the values of a setting."""
        return self._now[name]

    def __contains__(self, name: str) -> bool:
        return name in self.rows

    def number(self, name: str, index: int = 0) -> int:
        """Return a value that is a number; 0 when its field is empty, or without such a row."""
        values = self._now.get(name)
        return 0 if values is None else int(values[index] or 0)

    def text(self, name: str) -> str:
        """Return all values as the read form prints them, without the name."""
        return self.rows[name].read_text(self._now[name]).removeprefix(f"{name}: ")

    def put(self, name: str, *values: Value) -> None:
        """Change a setting now, whatever it is kept by."""
        self._now[name] = values

    def store(self, name: str, *values: Value) -> None:
        """Change a setting as if the host had also stored it with AT&W."""
        self._now[name] = values
        if name in self._profile:
            self._profile[name] = values

    def ship_with(self, name: str, *values: Value) -> None:
        """Let this model or firmware start with other values than its family."""
        self._factory[name] = values
        self.store(name, *values)

    def replace_row(self, row: Setting) -> None:
        """Let this model have another row than its family. Raises KeyError for a new name: what
        is no command of the family would be kept and never asked."""
        self.rows[row.name].defaults()
        self.rows[row.name] = row
        self._factory.pop(row.name, None)
        self._profile.pop(row.name, None)
        if row.kept == PROFILE:
            self._profile[row.name] = row.defaults()
        self._now[row.name] = row.defaults()

    def remove(self, names: Iterable[str]) -> None:
        """Forget rows that this model does not have."""
        for name in names:
            for part in (self.rows, self._factory, self._now, self._profile):
                part.pop(name, None)

    def factory_values(self, name: str) -> tuple[Value, ...]:
        """Return what a setting starts with."""
        found = self._factory.get(name)
        return self.rows[name].defaults() if found is None else found

    def boot(self) -> None:
        """Do what a boot does: the stored profile is loaded, volatile values start again."""
        for name, row in self.rows.items():
            if row.kept == VOLATILE:
                self._now[name] = self.factory_values(name)
        self.load_profile()

    def load_profile(self) -> None:
        """Load what AT&W stored (ATZ)."""
        self._now.update(self._profile)

    def store_profile(self) -> None:
        """Store the profile (AT&W)."""
        for name in self._profile:
            self._profile[name] = self._now[name]

    def factory(self) -> None:
        """Load the factory profile (AT&F); what is stored stays."""
        for name in self._profile:
            self._now[name] = self.factory_values(name)

    def set_from(self, name: str, text: str) -> tuple[Value, ...]:
        """Take the set form's text, return the values from before. Raises BadArgument."""
        before, row = self._now[name], self.rows[name]
        if not text and row.needs:
            raise BadArgument
        self._now[name] = row.taken(text, before) if text else self.factory_values(name)
        return before
