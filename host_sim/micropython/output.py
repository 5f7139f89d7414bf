"""Collects what a program prints, line by line, without growing for ever."""

import asyncio
import codecs
from collections import deque

LONGEST_LINE = 8192
"""Characters; a longer line is cut."""


class Output:
    """The lines of one pipe; the oldest go when there are more than ``limit_lines``."""

    def __init__(self, limit_lines: int = 1000) -> None:
        self.lines: deque[str] = deque(maxlen=limit_lines)
        """The last lines, oldest first."""
        self.forgotten = 0
        """Lines that no longer fitted."""
        self.unread_lost = 0
        """Those of them that ``next_line`` had not returned yet."""
        self._unread = 0
        self._partial = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._ended = False
        self._changed = asyncio.Event()

    def feed(self, data: bytes) -> None:
        """Take bytes as they come out of the pipe."""
        text = self._decoder.decode(data)
        *whole, self._partial = (self._partial + text).split("\n")
        for line in whole:
            self._add(line)
        if len(self._partial) > LONGEST_LINE:
            self._add(self._partial)
            self._partial = ""

    def end(self) -> None:
        """Nothing more comes: what is left is a line, too."""
        if self._partial:
            self._add(self._partial)
            self._partial = ""
        self._ended = True
        self._changed.set()

    def _add(self, line: str) -> None:
        if len(self.lines) == self.lines.maxlen:
            self.forgotten += 1
            if self._unread == len(self.lines):
                self._unread -= 1
                self.unread_lost += 1
        self.lines.append(line.rstrip("\r"))
        self._unread += 1
        self._changed.set()

    async def next_line(self) -> str | None:
        """Return the next line not returned before; None at the end."""
        while not self._unread:
            if self._ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        line = self.lines[-self._unread]
        self._unread -= 1
        return line

    def __str__(self) -> str:
        return "\n".join(self.lines)
