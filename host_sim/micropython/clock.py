"""The simulator's end of a MicroPython board's clock: two programs, one time.

The interpreter and this loop take turns. While the interpreter runs, the loop's time stands still
(everything else at this instant goes on happening). When no task of it can run it says for how
long; then the loop goes on, and whichever comes first, that time or bytes on the UART, is its next
turn. The lines of the protocol are in ``on_board/lock_step.py``.
"""

import asyncio
import contextlib
from collections.abc import Callable

from ip_commands.host_sim.micropython.uart import BoardUart


class BoardClock:
    """Serves one board's clock connection. For the running loop of any kind.

    on_pin: called with a pin's name and level when the program sets it.
    level: asked for an input pin's level.
    """

    def __init__(
        self,
        uart: BoardUart,
        on_pin: Callable[[str, int], None],
        level: Callable[[str], int],
    ) -> None:
        self.turns = 0
        """How often the interpreter was given the turn."""
        self.address = ("127.0.0.1", 0)
        self._uart = uart
        self._on_pin = on_pin
        self._level = level
        self._loop = asyncio.get_running_loop()
        self._start_s = self._loop.time()
        self._board_ms = 0
        self._standing_still = contextlib.ExitStack()
        self._is_board_turn = False
        self._wakes_on_bytes = False
        self._bytes_unseen = False
        self._timer: asyncio.Handle | None = None
        self._server: asyncio.Server | None = None
        self._board: asyncio.Transport | None = None
        self._wish: tuple[int, bool, int] | None = None
        uart.on_carried = self._bytes_carried
        uart.on_from_board = self._end_board_turn

    async def open(self) -> None:
        """Listen for the board, and give it the turn: time stands still from now on."""
        self._server = await self._loop.create_server(lambda: _ClockLine(self), *self.address)
        self.address = self._server.sockets[0].getsockname()
        self._begin_board_turn()

    async def close(self) -> None:
        """Hang up; time is free."""
        self._uart.on_carried = self._uart.on_from_board = None
        self.end()
        if self._server is not None:
            self._server.close()
            if self._board is not None:
                self._board.close()
            await self._server.wait_closed()

    def end(self) -> None:
        """Let time go on without the board, which has ended."""
        self._cancel_timer()
        self._wakes_on_bytes = False
        self._is_board_turn = False
        self._standing_still.close()

    def connected(self, board: asyncio.Transport) -> None:
        """The board is there; it connects once."""
        if self._board is None:
            self._board = board
        else:
            board.close()

    def disconnected(self) -> None:
        """The interpreter ends; ``end`` is called when all of its output was read."""
        self._uart.hand_over()
        self._cancel_timer()
        self._wakes_on_bytes = False
        self._begin_board_turn()

    def obey(self, words: list[str]) -> None:
        """Do what a line from the board says. Raises RuntimeError if it says nothing known."""
        match words:
            case ["wait" | "sleep" as kind, ms, written_bytes]:
                self._wish = (int(ms), kind == "wait", int(written_bytes))
                self._end_board_turn()
            case ["pin", name, level]:
                self._uart.hand_over()
                self._on_pin(name, int(level))
            case ["level", name]:
                self._answer(self._level(name))
            case _:
                raise RuntimeError(f"a MicroPython board sent {words!r} on its clock connection")

    def _end_board_turn(self) -> None:
        if self._wish is None or self._uart.bytes_from_board < self._wish[2]:
            return  # the other connection is behind
        wait_ms, wakes_on_bytes, _ = self._wish
        self._wish = None
        self._uart.hand_over()
        self._is_board_turn = False
        self._wakes_on_bytes = wakes_on_bytes
        if wakes_on_bytes and (self._bytes_unseen or self._uart.unsent_bytes):
            # it may have asked before it could see them
            self._give_turn()
            return
        if wait_ms >= 0:
            due_s = self._start_s + (self._board_ms + wait_ms) / 1000
            self._timer = self._loop.call_at(due_s, self._give_turn)
        self._standing_still.close()

    def _bytes_carried(self) -> None:
        self._bytes_unseen = True
        if not self._is_board_turn and self._wakes_on_bytes:
            # once for everything that leaves in this turn of the loop, and after it
            self._wakes_on_bytes = False
            self._cancel_timer()
            self._timer = self._loop.call_soon(self._give_turn)

    def _give_turn(self) -> None:
        self._cancel_timer()
        self._bytes_unseen = False
        self._wakes_on_bytes = False
        self._begin_board_turn()
        passed_ms = (self._loop.time() - self._start_s) * 1000
        # whole microseconds as float seconds: the small addend undoes 0.9999999
        self._board_ms = max(self._board_ms, int(passed_ms + 1e-3))
        self.turns += 1
        self._answer(self._board_ms)

    def _begin_board_turn(self) -> None:
        if self._is_board_turn:
            return
        self._is_board_turn = True
        stand_still = getattr(self._loop, "time_stands_still", None)
        if stand_still is not None:
            self._standing_still.enter_context(stand_still("the program on MicroPython"))

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _answer(self, number: int) -> None:
        if self._board is not None:
            self._board.write(b"%d\n" % number)


class _ClockLine(asyncio.Protocol):
    """Cuts what the board sends into lines."""

    def __init__(self, clock: BoardClock) -> None:
        self._clock = clock
        self._partial = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._clock.connected(transport)

    def data_received(self, data: bytes) -> None:
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            self._clock.obey(line.decode().split())

    def connection_lost(self, exc: Exception | None) -> None:
        self._clock.disconnected()
