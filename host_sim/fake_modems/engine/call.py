"""One AT command while it runs: what its handler may do with it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ip_commands.host_sim.fake_modems.engine.line import Arguments, Command, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.output import AtOutput


@dataclass
class DataMode:
    """A prompt is open: so many bytes, or up to Ctrl-Z, belong to the payload."""

    on_data: Callable[[bytes], None]
    on_cancel: Callable[[], None]
    length: int | None
    echo: bool
    limit: int
    collected: bytearray = field(default_factory=bytearray)
    on_bytes: Callable[[bytes], int] | None = None
    """Takes the bytes as they come and tells how many; nothing is collected."""


class Engine(Protocol):
    """What a Call needs of the engine that runs it."""

    out: AtOutput

    def resolved(self, call: "Call", result: str | None, code: int | None) -> None:
        """End a waiting call and go on with its line."""

    def open_prompt(
        self, call: "Call", text: bytes, mode: DataMode, timeout_ms: int | None
    ) -> None:
        """Show a prompt and take data from now on."""

    def flush(self, call: "Call") -> None:
        """Send the lines of a call that goes on."""


class Call:
    """One command while it runs; handlers get it, write lines and decide how it ends.

    A handler that returns without ``wait``, ``prompt`` or ``final`` ends its command with OK.
    """

    def __init__(self, engine: "Engine", command: Command) -> None:
        self.name = command.name
        self.form = command.form
        self.text = command.text
        self._engine = engine
        self._arguments: Arguments | None = None
        self.chunks: list[bytes] = []
        self.result: str | None = "OK"
        self.pending = False
        self.ended = False
        self.eats_input = False
        self.on_abort: Callable[[], None] | None = None

    @property
    def arguments(self) -> Arguments:
        """The values after ``=``. Raises BadArgument when they are no list of values."""
        if self._arguments is None:
            self._arguments = Arguments(self.text)
        return self._arguments

    def line(self, text: str) -> None:
        """Answer with an information line."""
        self.chunks.append(self._engine.out.line(text, first=not self.chunks))

    def data(self, block: bytes) -> None:
        """Answer with bytes that nothing may interrupt; the caller frames them."""
        self.chunks.append(block)

    def final(self, result: str | None) -> None:
        """End with this result instead of OK; None: with nothing at all."""
        self.result = result

    def wait(
        self, *, eats_input: bool = False, on_abort: Callable[[], None] | None = None
    ) -> None:
        """Answer later, with ``finish`` or ``fail``; until then no other command runs.

        eats_input: bytes typed meanwhile are lost; else they wait for their turn.
        on_abort: called when the host types anything (V.250 5.6.1: abortable commands).
        """
        self.pending = True
        self.eats_input = eats_input
        self.on_abort = on_abort

    def prompt(
        self,
        on_data: Callable[[bytes], None],
        *,
        length: int | None,
        text: bytes = b"\r\n> ",
        echo: bool = False,
        limit: int = 1460,
        timeout_ms: int | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        """Show a prompt, take ``length`` bytes or (None) up to Ctrl-Z; ``limit`` bytes are kept.

        ``on_cancel`` (default: end with OK) is called when the host escapes or ``timeout_ms``
        passes. Bytes typed before the prompt are lost: the vendors' manuals tell hosts to wait.
        """
        self.pending = True
        mode = DataMode(on_data, on_cancel or self.finish, length, echo, limit)
        self._engine.open_prompt(self, text, mode, timeout_ms)

    def stream(self, on_bytes: Callable[[bytes], int], *, text: bytes) -> None:
        """Say ``text``, then hand over all bytes as they come, until the call finishes.

        on_bytes: returns how many it took, at least one; the rest is the next command line. What
        was typed before ``text`` is not lost: it is the first that comes.
        """
        self.pending = True
        mode = DataMode(lambda data: None, self.finish, None, False, 0, on_bytes=on_bytes)
        self._engine.open_prompt(self, text, mode, None)

    def finish(self, result: str | None = "OK") -> None:
        """End a command that waited. Without effect when the modem restarted meanwhile."""
        self._engine.resolved(self, result, None)

    def fail(self, code: int | None = None) -> None:
        """End a command that waited with +CME ERROR: code, or (None) a bare ERROR."""
        self._engine.resolved(self, "ERROR", code)

    def flush(self) -> None:
        """Send the lines so far although the command still runs."""
        self._engine.flush(self)


def only(call: Call, *forms: Form) -> None:
    """Refuse the other forms of a command, as firmware does: with ERROR."""
    if call.form not in forms:
        raise CommandFailed
