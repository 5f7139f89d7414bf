"""The command in flight: which lines answer it, which ends it, and how it ended.

Final results: ITU-T V.250 section 5.7.1, 3GPP TS 27.007 section 9 (``+CME ERROR:``) and
TS 27.005 section 3.2.5 (``+CMS ERROR:``); vendors add their own per command (``SEND OK``).
"""

import asyncio

OK = (b"OK",)
_ERRORS = (b"+CME ERROR:", b"+CMS ERROR:")


class Exchange:
    """One command and its answer; the arguments are those of ``AtChannel.command``.

    The channel writes ``echo`` and, once ``prompted`` is set, ``data``; it gives every line to
    ``take`` until ``done`` is set. Then ``lines`` is the answer and ``result`` the final result
    (None where the stream ended or the modem ``restarted``).
    """

    def __init__(
        self,
        text: str,
        prefix: "bytes | None" = b"",
        finals: "tuple[bytes, ...]" = OK,
        failures: "tuple[bytes, ...]" = (),
        failure_prefix: "bytes | None" = None,
        then: "bytes | None" = None,
    ) -> None:
        self.echo = b"AT" + text.encode()
        self.shown = text
        """The command as errors and logs may show it."""
        self.timeout_ms = 0
        self.data: "bytes | None" = None
        self.asked = False
        """Whether the command itself is written."""
        self.written = False
        """Whether the data is on its way to the modem."""
        self.prompt: "bytes | None" = None
        """The one byte that asks for data; None: no data, or a whole line asks for it."""
        self.lines: "list[bytes]" = []
        self.datagram: "tuple[bytes, bytes] | None" = None
        """The last line that announced a payload, whole, and the payload."""
        self.result: "bytes | None" = None
        self.restarted = False
        self.prompted = asyncio.Event()
        self.done = asyncio.Event()
        self._prefix = prefix
        self._finals = finals
        self._failures = failures
        self._failure_prefix = failure_prefix
        self._then = then
        self._prompt_line: "bytes | None" = None

    def bring(self, data: bytes, prompt: bytes) -> None:
        """Have data written at a prompt: one byte, or a whole line."""
        self.data = data
        if len(prompt) == 1:
            self.prompt = prompt
        else:
            self._prompt_line = prompt

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
            if line == self._prompt_line:
                self._prompt_line = None
                self.prompted.set()
                return True
            if line in self._finals:
                self.result = line
                if self._then is None:
                    self.end()
                return True
            if self._is_failure(line):
                self.result = line
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
        if payload is not None:
            self.datagram = (line, payload)
        self._keep(line[len(prefix) :], payload)
        return True

    def take_any(self, line: bytes, payload: "bytes | None") -> bool:
        """Take a line that is no URC either: an echo, or an answer, if that has no prefix."""
        if line == self.echo:
            return True
        if self._prefix is None:
            self._keep(line, payload)
        return self._prefix is None

    def _is_failure(self, line: bytes) -> bool:
        return (
            line == b"ERROR"
            or line in self._failures
            or line.startswith(_ERRORS)
            or (self._failure_prefix is not None and line.startswith(self._failure_prefix))
        )

    def _keep(self, line: bytes, payload: "bytes | None") -> None:
        self.lines.append(line)
        if payload is not None:
            self.lines.append(payload)


def printable(line: bytes) -> str:
    """Return bytes as text for logs and errors, whatever they are."""
    return repr(line)[2:-1]
