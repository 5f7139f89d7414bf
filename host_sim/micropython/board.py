"""A board in a process: device code on the real MicroPython interpreter, wired to a fake modem."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.micropython.clock import BoardClock
from ip_commands.host_sim.micropython.interpreter import command_line
from ip_commands.host_sim.micropython.lib_folder import fill_lib
from ip_commands.host_sim.micropython.output import Output
from ip_commands.host_sim.micropython.uart import BoardUart
from ip_commands.host_sim.uart.link import ModemEnd, SpyLog

TICKS_PERIOD_MS = 1 << 30
"""Ticks of 32-bit MicroPython ports wrap after this (12.4 days; extmod/modtime.c)."""


class ProgramEnded(RuntimeError):
    """The program on the board ended; the message holds its exit status and its last words."""


class MicroPythonBoard:
    """``async with MicroPythonBoard(program) as board:`` runs it until the block is left.

    program: MicroPython source text, or the path of a ``.py`` file. It runs as ``__main__`` with
        ``sys.argv == [path, *arguments]``; its ``machine.UART`` (any id) leads to ``modem_end``.
    lock_step: the board's clock is this loop's, also when that jumps; False: real time, for loops
        in real time only.
    heap: size of the interpreter's heap; with ``w`` its 64-bit objects count as on 32-bit boards:
        ``"192wK"`` is what a Raspberry Pi Pico leaves to programs.
    module_path: folders in the place of the board's /lib, e.g. with precompiled files; None: one
        that holds ``ip_commands`` as a board does, see ``lib_folder``. ``sys.path`` is the
        program's folder, ".frozen", then these.
    ms_before_wrap: the board's ticks start so long before they wrap.
    baud, loss, seed, spy: of the UART, see ``UartLink``.

    Before the block is entered call ``wire(fake)`` or set your own ``modem_end.on_received``.
    """

    def __init__(
        self,
        program: str | Path,
        arguments: Sequence[str] = (),
        *,
        lock_step: bool = True,
        heap: str = "192wK",
        module_path: Sequence[Path | str] | None = None,
        ms_before_wrap: int = 60_000,
        baud: int | None = None,
        loss: float = 0.0,
        seed: int = 0,
        spy: SpyLog | None = None,
    ) -> None:
        if isinstance(program, Path) and not program.is_file():
            raise FileNotFoundError(
                f"no program at {program}: give a .py file, or its text as str"
            )
        if not 0 < ms_before_wrap <= TICKS_PERIOD_MS:
            raise ValueError(f"ms_before_wrap is 1..2**30, not {ms_before_wrap}")
        self.uart = BoardUart(gather=lock_step, baud=baud, loss=loss, seed=seed, spy=spy)
        self.stdout = Output()
        self.stderr = Output()
        self.on_pin: Callable[[str, int], None] | None = None
        """Called with a pin's name and level when the program sets an output (lock-step only)."""
        self.input_levels: dict[str, int | Callable[[], int]] = {}
        """Levels of input pins by name (lock-step only), or who knows; 0 where nothing is set."""
        self.clock: BoardClock | None = None
        self._program = program
        self._arguments = tuple(arguments)
        self._lock_step = lock_step
        self._heap = heap
        self._module_path = (
            None if module_path is None else [Path(folder).resolve() for folder in module_path]
        )
        self._ticks_start = TICKS_PERIOD_MS - ms_before_wrap
        self._interpreter: _Interpreter | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def modem_end(self) -> ModemEnd:
        """The modem's end of the board's UART."""
        return self.uart.modem

    def wire(
        self,
        fake: FakeModem,
        power_key_pin: int | str | None = None,
        status_pin: int | str | None = None,
        *,
        pressed: int = 1,
        status_on: int = 0,
    ) -> None:
        """Wire a fake modem to this board: its UART and, if named, PWRKEY and STATUS.

        pressed: the level that presses the key, at the board's pin. status_on: the level of the
        STATUS pin while the modem runs. Both pins need lock-step. Takes the place of ``on_pin``.
        """
        fake.connect(self.modem_end)
        if power_key_pin is not None:
            self.on_pin = _PowerKeyPin(str(power_key_pin), pressed, fake.power_key)
        if status_pin is not None:
            self.input_levels[str(status_pin)] = lambda: (
                status_on if fake.powered else 1 - status_on
            )

    async def start(self) -> None:
        """Start the interpreter. Raises MicroPythonMissing, RuntimeError on a wrong loop."""
        loop = asyncio.get_running_loop()
        if not self._lock_step and hasattr(loop, "time_stands_still"):
            raise RuntimeError("in virtual time a board must run with lock_step=True")
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="micropython-board-")
            await self.uart.open()
            if self._lock_step:
                self.clock = BoardClock(self.uart, self._pin_set, self._input_level)
                await self.clock.open()
            command = command_line(
                self._program_path(Path(self._folder.name)),
                self._arguments,
                heap=self._heap,
                module_path=self._lib_folders(Path(self._folder.name)),
                uart=self.uart.address,
                clock=None if self.clock is None else self.clock.address,
                ticks_start=self._ticks_start,
            )
            _, self._interpreter = await loop.subprocess_exec(
                lambda: _Interpreter(self.stdout, self.stderr, self._ended),
                *command,
                stdin=None,
            )
        except BaseException:
            await self._release()
            raise

    async def read_line(self) -> str:
        """Return the next line that the program printed. Raises ProgramEnded when there is none.

        Lines that nobody reads are kept in ``stdout.lines``, the last 1000 of them.
        """
        line = await self.stdout.next_line()
        if line is None:
            raise ProgramEnded(f"the program ended with status {await self.wait()}{self._words()}")
        return line

    async def wait(self) -> int:
        """Wait for the program's end; return its exit status (negative: killed by that signal)."""
        if self._interpreter is None:
            raise RuntimeError("the board was not started: use `async with`, or await start()")
        return await asyncio.shield(self._interpreter.ended)

    async def stop(self) -> None:
        """Kill the interpreter if it still runs, and free everything. May be called twice."""
        stand_still = getattr(asyncio.get_running_loop(), "time_stands_still", None)
        with contextlib.nullcontext() if stand_still is None else stand_still("a killed program"):
            if self._interpreter is not None:
                self._interpreter.kill()
                await self.wait()
            await self._release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()
        if error is not None:
            error.add_note(f"on the MicroPython board:{self._words()}")

    def _ended(self) -> None:
        if self.clock is not None:
            self.clock.end()

    async def _release(self) -> None:
        if self.clock is not None:
            await self.clock.close()
        await self.uart.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _program_path(self, folder: Path) -> Path:
        if isinstance(self._program, Path):
            return self._program.resolve()
        path = folder / "main.py"
        path.write_text(self._program)
        return path

    def _lib_folders(self, folder: Path) -> Sequence[Path]:
        if self._module_path is not None:
            return self._module_path
        lib = folder / "lib"
        fill_lib(lib)
        return [lib]

    def _pin_set(self, name: str, level: int) -> None:
        if self.on_pin is not None:
            self.on_pin(name, level)

    def _input_level(self, name: str) -> int:
        level = self.input_levels.get(name, 0)
        return level() if callable(level) else level

    def _words(self) -> str:
        said = [*list(self.stdout.lines)[-10:], *list(self.stderr.lines)[-20:]]
        return "".join(f"\n  {line}" for line in said) or " it said nothing"


class _PowerKeyPin:
    """Turns a pin that was pressed and released into one pulse."""

    def __init__(self, name: str, pressed: int, pulse: Callable[[], None]) -> None:
        self._name = name
        self._pressed = pressed
        self._pulse = pulse
        self._down = False

    def __call__(self, name: str, level: int) -> None:
        if name == self._name:
            was_down, self._down = self._down, level == self._pressed
            if was_down and not self._down:
                self._pulse()


class _Interpreter(asyncio.SubprocessProtocol):
    """The process. No task reads its pipes: whoever cancels all tasks would lose the process."""

    def __init__(self, stdout: Output, stderr: Output, on_ended: Callable[[], None]) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The exit status, once the process is gone and all that it wrote was read."""
        self._outputs = {1: stdout, 2: stderr}
        self._on_ended = on_ended
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._outputs[fd].feed(data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._outputs[fd].end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called once when the process has ended and its pipes are closed."""
        assert self._transport is not None
        status = self._transport.get_returncode()
        self.ended.set_result(-1 if status is None else status)
        self._transport.close()
        self._on_ended()

    def kill(self) -> None:
        """Kill the process unless it has ended."""
        if self._transport is not None:
            with contextlib.suppress(ProcessLookupError):
                self._transport.kill()
