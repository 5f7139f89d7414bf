"""The UART of a MicroPython board: a TCP connection from the interpreter to a modem's end."""

import asyncio
from collections.abc import Callable

from ip_commands.host_sim.uart.link import ModemEnd, SpyLog, Wire

BACKLOG_BYTES = 65536
"""What waits for a program that does not read; more is lost, as on a UART, and counted."""


class BoardUart:
    """Carries one interpreter's UART. ``modem`` is the end for the fake modem.

    gather: keep what the board writes until ``hand_over``. TCP tears a write apart as it likes, by
    real time; handed over once a turn, every run puts the same bursts on the wire.
    """

    def __init__(
        self, *, gather: bool, baud: int | None, loss: float, seed: int, spy: SpyLog | None
    ) -> None:
        self.spy = SpyLog() if spy is None else spy
        self.modem = ModemEnd()
        self.to_modem = Wire(
            self.modem.received, ">", baud=baud, loss=loss, seed=seed, spy=self.spy
        )
        self.to_host = Wire(self._carry, "<", baud=baud, loss=loss, seed=seed + 1, spy=self.spy)
        self.modem.wire_to(self.to_host)
        self.address = ("127.0.0.1", 0)
        self.bytes_lost = 0
        """Bytes for a board that did not listen."""
        self.bytes_from_board = 0
        self.on_from_board: Callable[[], None] | None = None
        """Called when bytes came from the board."""
        self.on_carried: Callable[[], None] | None = None
        """Called when bytes have left for the board."""
        self._gather = gather
        self._gathered = bytearray()
        self._server: asyncio.Server | None = None
        self._board: asyncio.Transport | None = None

    @property
    def unsent_bytes(self) -> int:
        """What the board's socket has not taken yet."""
        return 0 if self._board is None else self._board.get_write_buffer_size()

    async def open(self) -> None:
        """Listen for the board."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _UartLine(self), *self.address)
        self.address = self._server.sockets[0].getsockname()

    async def close(self) -> None:
        """Hang up. May be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            if self._board is not None:
                self._board.abort()
            await server.wait_closed()
            self.to_host.discard()
            self.to_modem.discard()

    def hand_over(self) -> None:
        """Put what was gathered on the wire to the modem."""
        if self._gathered:
            data = bytes(self._gathered)
            self._gathered.clear()
            self.to_modem.send(data)

    def connected(self, board: asyncio.Transport) -> None:
        """The board is there; it connects once."""
        if self._board is None:
            self._board = board
        else:
            board.close()

    def received(self, data: bytes) -> None:
        """Take bytes from the board."""
        self.bytes_from_board += len(data)
        self._gathered += data
        if not self._gather or len(self._gathered) > BACKLOG_BYTES:
            self.hand_over()
        if self.on_from_board is not None:
            self.on_from_board()

    def _carry(self, data: bytes) -> None:
        if self._board is None or self._board.is_closing() or self.unsent_bytes > BACKLOG_BYTES:
            self.bytes_lost += len(data)
            return
        self._board.write(data)
        if self.on_carried is not None:
            self.on_carried()


class _UartLine(asyncio.Protocol):
    """Hands bytes on; a protocol and no task, so that nothing dies with the program's tasks."""

    def __init__(self, uart: BoardUart) -> None:
        self._uart = uart

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._uart.connected(transport)

    def data_received(self, data: bytes) -> None:
        self._uart.received(data)
