"""A modem that follows a script, for driver tests; and the script's own notation.

One step per line:

    # remark
    > AT+CSQ             the host must send exactly this line (and CR)
    >| \\x00\\r\\n          the host must send exactly these bytes
    < +CSQ: 20,99        the modem sends CR LF, this line, CR LF
    <| \\r\\n>             the modem sends exactly these bytes
    ~ 500                so many milliseconds pass

In lines with ``|`` the escapes \\r \\n \\\\ \\xNN stand for bytes. ``{name}`` is replaced from
``values``.
"""

import asyncio

from ip_commands.device.portable import sleep_ms
from tests.portable.memory_stream import stream_pair

HOST = ">"
MODEM = "<"
PAUSE = "~"


def unescape(text):
    """Return the bytes that a text with escapes stands for."""
    out = bytearray()
    position = 0
    while position < len(text):
        letter = text[position]
        position += 1
        if letter != "\\":
            out += letter.encode()
            continue
        letter = text[position]
        position += 1
        if letter == "x":
            out.append(int(text[position : position + 2], 16))
            position += 2
        else:
            out += {"r": b"\r", "n": b"\n", "\\": b"\\"}[letter]
    return bytes(out)


def parse_script(text, values=()):
    """Return the steps of a script: (">", bytes), ("<", bytes), ("~", milliseconds)."""
    steps = []
    for line in text.split("\n"):
        line = line.strip()
        for name, value in values:
            line = line.replace("{%s}" % name, value)
        kind = line[:1]
        if kind in ("", "#"):
            continue
        if kind == PAUSE:
            steps.append((PAUSE, int(line[1:])))
        elif kind not in (HOST, MODEM):
            raise ValueError("a step begins with # > >| < <| or ~, not: " + line)
        elif line[1:2] == "|":
            steps.append((kind, unescape(line[2:].lstrip())))
        elif kind == HOST:
            steps.append((HOST, line[1:].strip().encode() + b"\r"))
        else:
            steps.append((MODEM, b"\r\n" + line[1:].strip().encode() + b"\r\n"))
    return steps


IN_STEP = b"AT+CMEE?"
"""What a host asks that was out of step: answered everywhere, unless the script has it."""


class AtScript:
    """Plays steps at the far end of a stream; the first departure from them ends the stream."""

    def __init__(self, end, steps):
        self.problem = ""
        self._ahead = b""  # read, and not of the step before
        self._waiting = False  # it is the host's turn
        self._end = end
        self._steps = steps
        self._task = asyncio.create_task(self._play())

    async def _play(self):
        for kind, what in self._steps:
            if kind == PAUSE:
                await sleep_ms(what)
            elif kind == MODEM:
                await self._end.write(what)
            elif not await self._hear(what):
                return
        while self._may_be_in_step():
            if not await self._read(64):
                return
            await self._answer_in_step()
        self.problem = "the script was over, the host sent %r" % self._ahead
        await self._end.close()

    async def _hear(self, what):
        """Take one step of the host; False when it did another."""
        while not self._ahead.startswith(what):
            if self._ahead[:1] == b"\n":  # behind the CR of a question that was answered already
                self._ahead = self._ahead[1:]
                continue
            if what.startswith(self._ahead) or self._may_be_in_step():
                await self._answer_in_step()
                if await self._read(max(len(what), len(IN_STEP) + 2)):
                    continue
            self.problem = "the script says %r, the host sent %r" % (what, self._ahead)
            await self._end.close()
            return False
        self._ahead = self._ahead[len(what) :]
        return True

    def _may_be_in_step(self):
        return (IN_STEP + b"\r\n").startswith(self._ahead)

    async def _answer_in_step(self):
        if self._ahead.startswith(IN_STEP + b"\r"):
            self._ahead = b""
            await self._end.write(b"\r\n+CMEE: 1\r\n\r\nOK\r\n")

    async def _read(self, max_bytes):
        self._waiting = True
        more = await self._end.read(max_bytes)
        self._waiting = False
        self._ahead += more
        return more

    async def waits_for_host(self):
        """Wait until it is the host's turn and what the modem said has arrived."""
        while not self._waiting:
            await sleep_ms(50)
        await sleep_ms(50)

    async def check(self):
        """Raise AssertionError unless the whole script was played. The host has closed before."""
        await self._task
        assert not self.problem, self.problem


async def play(script, make, use, cut_bytes=0, values=()):
    """Run ``use(driver)`` with ``driver = make(stream)`` against a script; return its result.

    The driver is closed at the end; ``script`` must have been played to its last step.
    """
    host, far = stream_pair(cut_bytes=cut_bytes)
    modem = AtScript(far, parse_script(script, values))
    driver = make(host)
    try:
        result = await use(driver)
    except Exception as error:
        await driver.close()
        await modem._task
        assert not modem.problem, "%s (and the driver: %r)" % (modem.problem, error)
        raise
    await driver.close()
    await modem.check()
    return result
