"""Types a page's console blocks, in order, as a reader with several terminals would.

What runs until Ctrl-C goes on in the background, so that the page's later commands find it, until
the page has ended. Output that a block shows is compared in form: every number stands for any
number, ``...`` for anything.
"""

import asyncio
import contextlib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.docs.device_programs import PORT, SerialModem, serial_modem
from tests.docs.pages import ROOT, Block

LIMIT_S = 30.0
POLL_S = 0.02
READY = "Ctrl-C ends"
BACKGROUND = re.compile(r"^(host-sim serve|ip-commands listen)\b")
COPIED = ("device", "modem_drivers", "boards", "src")
LINKED = ("host_sim", "docs", "examples", "tests", "Makefile", "pyproject.toml", "README.md")

# What is changed in a command before it runs: (pattern, replacement, why)
CHANGES = (
    (r"^host-sim serve\b", "host-sim serve --port 0", "another run may have the usual port"),
    (
        r"^pip install\b",
        "pip install --dry-run --no-deps --no-build-isolation --disable-pip-version-check",
        "it must leave the environment as it is, and need no network",
    ),
)

# What is not run at all, only seen to be there: (pattern, why)
EXCEPTED = (
    (r"make \w+", "they run the whole suite, or set up an environment; `make -n` checks them"),
    (r"python -m pytest .+", "what they run is part of this suite: here it must be found"),
    (
        r"python -m docs\.\w+",
        "it takes minutes; tests/drivers/test_modem_tables.py compares what it writes",
    ),
)


@dataclass
class Command:
    """One line behind ``$``, and the output that the page shows for it."""

    text: str
    shown: list[str] = field(default_factory=list)


def commands_of(block: Block) -> list[Command]:
    commands: list[Command] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            commands.append(Command(line[2:].split("    # ")[0].strip()))
        else:
            assert commands, f"{block} shows output before its first `$ command`"
            commands[-1].shown.append(line.rstrip())
    return commands


def form_of(line: str) -> "re.Pattern[str]":
    """Return what a shown line stands for: any number for a number, anything for ``...``."""
    parts = (re.sub(r"\d+", r"\\d+", re.escape(part)) for part in line.split("..."))
    return re.compile(".*".join(parts))


def assert_form(shown: Sequence[str], printed: Sequence[str], command: str) -> None:
    """Fail unless the lines have the form shown; a line ``...`` stands for any lines."""
    rest = list(printed)
    skipping = False
    for line in shown:
        if line == "...":
            skipping = True
            continue
        while skipping and rest and not form_of(line).fullmatch(rest[0]):
            rest.pop(0)
        said = rest.pop(0) if rest else "nothing more"
        assert form_of(line).fullmatch(said), f"{command}\n  shown:   {line}\n  printed: {said}"
        skipping = False
    assert skipping or not rest, f"{command}\n  printed, but not shown: {rest}"


class Running:
    """A command in the background: its lines come in while it runs."""

    def __init__(self, command: Command, process: asyncio.subprocess.Process) -> None:
        self.command = command
        self.lines: list[str] = []
        self.process = process
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    async def until_ready(self) -> None:
        await self._until(lambda: any(READY in line for line in self.lines))

    async def until_all_shown(self) -> None:
        """Wait until everything that the page shows was printed, and compare."""
        shown = self.command.shown
        await self._until(lambda: len(self.lines) >= len(shown))
        assert_form(shown, self.lines[: len(shown)], self.command.text)

    async def interrupt(self) -> None:
        """Press Ctrl-C; it must end well."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(LIMIT_S):
            status = await self.process.wait()
            await self._reader
        assert status == 0, (self.command.text, status, self.lines)

    async def _until(self, condition: Callable[[], bool]) -> None:
        for _ in range(round(LIMIT_S / POLL_S)):
            if condition() or self.process.returncode is not None:
                break
            await asyncio.sleep(POLL_S)
        assert condition(), (self.command.text, self.process.returncode, self.lines)


class Session:
    """``async with Session(folder) as session: await session.type(block)``, block by block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.typed: list[str] = []
        self._env = {
            **{name: text for name, text in os.environ.items() if not name.startswith("PYTEST")},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "TZ": "UTC",
            "COLUMNS": "80",
        }
        self._stack = contextlib.AsyncExitStack()
        self._running: list[Running] = []
        self._modems: dict[str, SerialModem] = {}

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(_lay_out, self.folder)
        sending = asyncio.create_task(self._send_hello())
        self._stack.callback(sending.cancel)
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                for running in self._running:
                    await running.until_all_shown()
                for running in reversed(self._running):  # first what uses the others
                    await running.interrupt()
        finally:
            for running in self._running:
                if running.process.returncode is None:
                    running.process.kill()
                await running.process.wait()
            await self._stack.aclose()

    async def type(self, block: Block) -> None:
        """Run a block's commands, each to its end, or until it is ready in the background."""
        for command in commands_of(block):
            self.typed.append(command.text)
            if any(re.fullmatch(pattern, command.text) for pattern, _ in EXCEPTED):
                await asyncio.to_thread(check_excepted, command.text)
            elif command.text.startswith("export "):
                self._export(command.text)
            elif BACKGROUND.match(command.text):
                running = Running(command, await self._start(command))
                self._running.append(running)
                await running.until_ready()
            else:
                await self._run(command)

    async def _run(self, command: Command) -> None:
        process = await self._start(command)
        async with asyncio.timeout(LIMIT_S):
            out, _ = await process.communicate()
        lines = out.decode().splitlines()
        assert process.returncode == 0, (command.text, process.returncode, lines)
        if command.shown:
            assert_form(command.shown, [line.rstrip() for line in lines], command.text)

    async def _start(self, command: Command) -> asyncio.subprocess.Process:
        command.shown = [self._here(line) for line in command.shown]
        text = await self._as_run(command.text)
        if BACKGROUND.match(command.text):
            text = f"exec {text}"  # Ctrl-C is for the program, not for the shell around it
        return await asyncio.create_subprocess_exec(
            *("bash", "-c", text),
            cwd=self.folder,
            env=self._env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def _as_run(self, text: str) -> str:
        """Return the command with this run's ports and folders instead of the page's."""
        for pattern, replacement, _ in CHANGES:
            text = re.sub(pattern, replacement, text)
        for path in PORT.findall(text):
            if path not in self._modems:
                named = re.search(r"--modem (\S+)", text)
                modem = serial_modem(named[1] if named else "bg95")
                self._modems[path] = await self._stack.enter_async_context(modem)
            text = text.replace(path, self._modems[path].path)
        return self._here(text)

    def _here(self, text: str) -> str:
        url = self._said(r"API +(http://\S+?)/v1")
        if url:
            text = text.replace("http://127.0.0.1:8420", url)
        return text.replace("/tmp/", f"{self.folder}/")

    def _said(self, pattern: str) -> str:
        """Return what a command in the background has printed, "" if none has."""
        for running in self._running:
            for line in running.lines:
                found = re.search(pattern, line)
                if found:
                    return found[1]
        return ""

    def _export(self, text: str) -> None:
        """Set variables; ``...`` in a value stands for what `host-sim serve` has printed."""
        printed = {"ACCOUNT_SID": r"account SID +(\S+)", "AUTH_TOKEN": r"auth token +(\S+)"}
        for name, value in re.findall(r"(\w+)=(\S+)", text):
            for ending, pattern in printed.items():
                if name.endswith(ending) and "..." in value:
                    value = self._said(pattern)
            if not value or "..." in value:
                raise AssertionError(f"{text}: nothing has printed {name}")
            self._env[name] = value

    async def _send_hello(self) -> None:
        """Send ``hello`` to every modem now and then; lost until a program listens."""
        while True:
            for modem in self._modems.values():
                modem.radio.inject_datagram(b"hello")
            await asyncio.sleep(0.3)


def check_excepted(text: str) -> None:
    """See that there is what will not be run: the target, the module, the tests."""
    program, *words = shlex.split(text)
    if program == "make":
        done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, (text, done.stderr)
        return
    assert importlib.util.find_spec(words[1]) is not None, text
    if words[1] == "pytest":
        chosen = words[words.index("-k") + 1].split(" or ") if "-k" in words else []
        paths = [ROOT / word for word in words[2:] if "/" in word]
        assert paths, text
        for path in paths:
            assert path.exists(), (text, path)
        files = [file for path in paths for file in (path.rglob("*.py") if path.is_dir() else ())]
        source = "".join(f"{file.name}\n{file.read_text()}" for file in files)
        for word in chosen:
            assert word in source, f"{text}: no test there knows {word}"


def _lay_out(folder: Path) -> None:
    """Make the folder look like a checkout; the checkout's own name is in it, too."""
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    (folder / "supersim-ip-commands").symlink_to(ROOT)
