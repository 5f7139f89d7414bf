"""What a fake modem can be asked: methods marked ``@at_command``, rows of settings, test forms.

A class adds its own to those of its bases, and what it has itself comes before theirs. A row of
``SETTINGS`` answers by itself, so that nothing can be kept that is not also a command.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.settings import Setting, SettingStore

Handler = TypeVar("Handler", bound=Callable[..., None])


def at_command(*names: str) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of these AT commands (``"+CEREG"``, ``"E"``, ``"&F"``)."""

    def mark(handler: Handler) -> Handler:
        handler.at_names = names  # type: ignore[attr-defined]
        return handler

    return mark


class CommandTable:
    """The commands of a class of modems."""

    QUIRKS: ClassVar[dict[str, str]] = {}
    COMMANDS: ClassVar[dict[str, str]] = {}
    """Command names, and the methods that handle them."""
    SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    """Rows that this class adds, or has in another form than its bases."""
    ROWS: ClassVar[dict[str, Setting]] = {}
    """All rows, those of the bases too."""
    TEST_FORMS: ClassVar[dict[str, str]] = {}
    """What test forms print behind the name (empty: nothing but OK), for commands whose handler
    does not care."""
    _OWN_FORMS: ClassVar[dict[str, str]] = {}
    missing_commands: frozenset[str] = frozenset()
    """Commands that this model does not have although its relatives do."""

    settings: SettingStore

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        own_quirks = vars(cls).get("QUIRKS", {})
        cls._OWN_FORMS = dict(vars(cls).get("TEST_FORMS", {}))
        cls.COMMANDS, cls.QUIRKS, cls.ROWS, cls.TEST_FORMS = {}, {}, {}, {}
        for base in reversed(cls.__mro__):
            cls.QUIRKS.update(vars(base).get("QUIRKS", {}))
            cls.TEST_FORMS.update(vars(base).get("_OWN_FORMS", {}))
            for row in vars(base).get("SETTINGS", ()):
                cls.ROWS[row.name] = row
                cls.COMMANDS[row.name] = "setting"
            for attribute, value in vars(base).items():
                for name in getattr(value, "at_names", ()):
                    cls.COMMANDS[name] = attribute
        cls.QUIRKS.update(own_quirks)

    @classmethod
    def without(cls, *names: str) -> None:
        """Take commands away from this class; for families that lack what others have."""
        for name in names:
            cls.COMMANDS.pop(name, None)
            cls.ROWS.pop(name, None)

    def run_command(self, call: Call) -> None:
        """Run a command. Raises CommandFailed."""
        if call.form is Form.TEST:
            listed = self.TEST_FORMS.get(call.name)
            if listed is not None:
                if listed:
                    call.line(f"{call.name}: {listed}")
                return
        getattr(self, self.COMMANDS[call.name])(call)

    def setting(self, call: Call) -> None:
        """Answer test, read and set form of a row, keep what is set."""
        row = self.settings.rows.get(call.name)
        if row is None:
            raise CommandFailed
        if call.form is Form.READ and row.readable:
            call.line(row.read_text(self.settings[row.name]))
        elif call.form is Form.TEST:
            if row.test != "":
                call.line(row.test_text())
        elif call.form is Form.SET or (call.form is Form.ACTION and not row.needs):
            before = self.settings.set_from(row.name, call.text)
            if row.on_set:
                try:
                    getattr(self, row.on_set)(call)
                except CommandFailed:
                    self.settings.put(row.name, *before)
                    raise
        else:
            raise CommandFailed
