"""The command in flight: which lines answer it, which ends it, and how it ended.

Final results: ITU-T V.250 section 5.7.1, 3GPP TS 27.007 section 9 (``+CME ERROR:``) and
TS 27.005 section 3.2.5 (``+CMS ERROR:``); vendors add their own per command (``SEND OK``).
"""

import asyncio

from ..device.portable import const

OK = (b"OK",)
_ERRORS = const((b"+CME ERROR:", b"+CMS ERROR:"))


class Exchange:
    """One command and its answer; the arguments are those of ``AtChannel.command``.

    The channel writes ``echo`` and, once ``prompted`` is set, ``data``; it gives every line to
    ``take`` until ``done`` is set. Then ``lines`` is the answer and ``result`` the final result
    (None where the stream ended or the modem ``restarted``).
    """

    asked = False
    """Whether the command itself is written."""
    written = False
    """Whether the data is on its way to the modem."""
    datagram: "tuple[bytes, bytes] | None" = None
    """The last line that announced a payload, whole, and the payload."""
    result: "bytes | None" = None
    restarted = False
    error: "Exception | None" = None
    """What ended a command with data, for its caller."""

    def __init__(
        self,
        text: str,
        prefix: "bytes | None",
        timeout_ms: int,
        finals: "tuple[bytes, ...]" = OK,
        failures: "tuple[bytes, ...]" = (),
        then: "bytes | None" = None,
        data: "bytes | None" = None,
        prompt: "bytes | None" = None,
        failure_prefix: "bytes | None" = None,
    ) -> None:
        self.echo = b"AT" + text.encode()
        self.shown = text
        """The command as errors and logs may show it."""
        self.timeout_ms = timeout_ms
        self.data = data
        self.prompt = None if data is None else prompt
        """What asks for the data, until it came."""
        self.lines: "list[bytes]" = []
        self.prompted = asyncio.Event()
        self.done = asyncio.Event()
        self._prefix = prefix
        self._finals = finals
        self._failures = failures
        self._errors = _ERRORS if failure_prefix is None else _ERRORS + (failure_prefix,)
        self._then = then

    def end(self) -> None:
        """Nothing more is to come."""
        self.prompted.set()
        self.done.set()

    def succeeded(self) -> bool:
        """Tell whether the final result is one of those that end the command well."""
        return self.result in self._finals

    def take(self, line: bytes, payload: "bytes | None") -> bool:
        """Take a line that answers the command; False when it does not."""
        if payload is None:
            if line == self.prompt:
                self.prompt = None
                self.prompted.set()
                return True
            good = line in self._finals
            if good or line in self._failures or line.startswith(self._errors) or line == b"ERROR":
                self.result = line
                if not good or self._then is None:
                    self.end()
                return True
        prefix = self._then
        if prefix is not None and line.startswith(prefix):
            self._then = None
            if self.result is not None:
                self.end()
        else:
            prefix = self._prefix
            if not prefix or not line.startswith(prefix):
                return False
        self.lines.append(line[len(prefix) :])
        if payload is not None:
            self.datagram = (line, payload)
            self.lines.append(payload)
        return True

    def take_any(self, line: bytes) -> bool:
        """Take a line that is no URC either: an echo, or an answer, if that has no prefix."""
        if line == self.echo:
            return True
        if self._prefix is None:
            self.lines.append(line)
        return self._prefix is None


def printable(line: bytes) -> str:
    """Return bytes as text for logs and errors, whatever they are."""
    return repr(line)[2:-1]
