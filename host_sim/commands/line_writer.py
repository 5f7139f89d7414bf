"""Lines to a terminal, pipe or file from a thread of its own: a reader that is slow stops nobody.

What is written waits in a bounded queue; when that is full the oldest lines go, and are counted.
"""

import io
import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import IO

MOST_LINES = 10_000
"""Waiting to be read; about a megabyte."""
_PIECE_BYTES = 512
"""So much a pipe takes without blocking when it is writable (POSIX: PIPE_BUF is 512 or more)."""
_LOOK_AGAIN_S = 0.2


class LineWriter:
    """Write lines to ``output`` in order; ``close`` at the end.

    tell_dropped: makes a line of how many were dropped. on_gone: called, in the writer's thread,
    when whoever read a pipe has gone. What is no file (in tests) is written at once.
    """

    def __init__(
        self,
        output: IO[str],
        tell_dropped: Callable[[int], str],
        on_gone: Callable[[], object],
        most_lines: int = MOST_LINES,
    ) -> None:
        self.dropped = 0
        """Lines that nobody read in time."""
        self._output = output
        self._tell_dropped = tell_dropped
        self._on_gone = on_gone
        self._most_lines = most_lines
        self._lines: deque[str] = deque()
        self._untold = 0
        self._gone = self._closing = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        try:
            self._file = output.fileno()
        except (AttributeError, io.UnsupportedOperation):
            return
        output.flush()
        self._thread = threading.Thread(target=self._write_all, daemon=True)
        self._thread.start()

    def line(self, text: str) -> None:
        """Write a line, later or, where nobody reads, never. Returns at once."""
        if self._thread is None:
            self._output.write(text + "\n")
            return
        with self._changed:
            if self._gone:
                return
            self._lines.append(text)
            if len(self._lines) > self._most_lines:
                self._lines.popleft()
                self.dropped += 1
                self._untold += 1
            self._changed.notify()

    def close(self, timeout_s: float = 1.0) -> None:
        """Write what waits, as far as somebody reads it within ``timeout_s``."""
        if self._thread is None:
            return
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        with self._changed:
            self.dropped += len(self._lines)
            self._lines.clear()
            self._gone = True
            self._changed.notify()
        self._thread.join()  # it looks every _LOOK_AGAIN_S

    def _write_all(self) -> None:
        while (text := self._next()) is not None:
            data = (text + "\n").encode(errors="backslashreplace")
            while data and not self._gone:
                if select.select((), (self._file,), (), _LOOK_AGAIN_S)[1]:
                    try:
                        data = data[os.write(self._file, data[:_PIECE_BYTES]) :]
                    except BrokenPipeError:
                        with self._changed:
                            self._gone = True
                        self._on_gone()
                    except OSError:  # a full disk is no reason to end
                        self.dropped += 1
                        break

    def _next(self) -> str | None:
        """Wait for the next line; None at the end."""
        with self._changed:
            while not self._lines and not self._closing and not self._gone:
                self._changed.wait()
            if self._gone or not self._lines:
                return None
            if self._untold:
                count, self._untold = self._untold, 0
                return self._tell_dropped(count)
            return self._lines.popleft()
