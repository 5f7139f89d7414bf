"""A modem that answers each command as a capture did; see ``tests/captures``."""

import asyncio

from ip_commands.modem_drivers.at_parser import DATA, LINE, AtParser
from tests.captures.capture import FOLDER, KINDS, read, steps_of
from tests.portable.at_script import HOST, MODEM, PAUSE
from tests.portable.memory_stream import stream_pair


def captures_of(*models):
    """Return the captures of models; each name is the beginning of some."""
    return sorted(path for model in models for path in FOLDER.glob(f"{model}*/*.txt"))


def capture_name(path):
    """Return ``<model>/<name>``."""
    return f"{path.parent.name}/{path.stem}"


def parsed(path, rules, cut_bytes):
    """Return the events of what the modem said, cut anyhow; nothing may be dropped or misread."""
    parser = AtParser(rules)
    events = []
    for kind, what in steps_of(path):
        if kind == MODEM:
            if what.endswith(b">"):
                parser.expect_prompt(b">")
            for start in range(0, len(what), cut_bytes):
                parser.feed(what[start : start + cut_bytes])
                while event := parser.next_event():
                    events.append(event)
    assert (parser.bad_lengths, parser.dropped_lines, parser.raw_missing()) == (0, 0, 0)
    return events


def lines_of(events):
    return [line for kind, line, _ in events if kind == LINE]


def check_capture(path, rules, cut_bytes, payloads):
    """Check that the parser reads a capture alike however it is cut, and these payloads."""
    assert read(path).head["kind"] in KINDS
    events = parsed(path, rules, cut_bytes)
    assert events == parsed(path, rules, 2048)
    assert [event[2] for event in events if event[0] == DATA] == payloads
    assert lines_of(events)


class RecordedModem:
    """Answers a command with what followed it in the capture, in turn; the last one for ever.

    What the modem says before the first command is said at once. Unknown commands get ERROR.
    """

    def __init__(self, path, cut_bytes=0):
        self.host, self._end = stream_pair(cut_bytes=cut_bytes)
        self._answers = {}
        self._unasked = answer = []
        for kind, what in steps_of(path):
            if kind == HOST and what.startswith(b"AT"):
                answer = []
                self._answers.setdefault(what.rstrip(b"\r"), []).append(answer)
            elif kind == HOST:
                answer.append((HOST, what))
            else:
                answer.append((kind, what))

    async def run(self):
        await self._say(self._unasked)
        line = b""
        while more := await self._end.read(1):
            line += more
            if line.endswith(b"\r"):
                command = line.strip()
                line = b""
                recorded = self._answers.get(command)
                if command == b"AT+CMEE?":
                    await self._end.write(b"\r\n+CMEE: 1\r\n\r\nOK\r\n")
                elif recorded is None:
                    await self._end.write(b"\r\nERROR\r\n")
                else:
                    await self._say(recorded.pop(0) if len(recorded) > 1 else recorded[0])

    async def _say(self, answer):
        for kind, what in answer:
            if kind == PAUSE:
                await asyncio.sleep(what / 1000)
            elif kind == MODEM:
                await self._end.write(what)
            else:
                got = b""
                while len(got) < len(what):
                    got += await self._end.read(len(what) - len(got))
                assert got == what


async def ask(path, make, use, cut_bytes=0):
    """Run ``use(driver)`` with ``driver = make(stream)`` against a recorded modem."""
    recorded = RecordedModem(path, cut_bytes)
    driver = make(recorded.host)
    driver.at.start()
    driver._ready = True
    modem = asyncio.create_task(recorded.run())
    try:
        return await use(driver)
    finally:
        await driver.close()
        await modem
        assert driver.at.handler_errors == 0
