"""The UART of ``uart_link`` for hosts in other processes: over a pseudo-terminal and over TCP.

For real-time runs: a program under the MicroPython interpreter, a serial terminal, someone else's
AT library. The modem's end, the pacing, the losses and the spy are the same as in memory.
"""

import asyncio
import os
import tty
from types import TracebackType
from typing import Self

from ip_commands.host_sim.uart.link import ModemEnd, SpyLog, Wire

BACKLOG_BYTES = 65536
"""What waits for a host that does not read; more is lost, as on a UART, and counted."""

READ_BYTES = 4096


class _Port:
    """What both carriers share: the modem's end and the two wires."""

    def __init__(self, *, baud: int | None, loss: float, seed: int, spy: SpyLog | None) -> None:
        self.spy = SpyLog() if spy is None else spy
        self.modem = ModemEnd()
        self.bytes_lost = 0
        """Bytes for a host that did not listen."""
        self.to_modem = Wire(
            self.modem.received, ">", baud=baud, loss=loss, seed=seed, spy=self.spy
        )
        self.to_host = Wire(self.carry, "<", baud=baud, loss=loss, seed=seed + 1, spy=self.spy)
        self.modem.wire_to(self.to_host)

    def carry(self, data: bytes) -> None:
        """Hand bytes that have left the modem's wire to the host."""
        self.bytes_lost += len(data)

    async def open(self) -> None:
        """Make the port; from now on a host can use it."""

    async def close(self) -> None:
        """Take the port away. May be called twice."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class PtyUart(_Port):
    """A pseudo-terminal; ``device`` names it, ``path`` is a symbolic link to it, if wanted.

    ``await open()`` raises FileExistsError when ``path`` exists and is no symbolic
    link.
    """

    def __init__(
        self,
        path: str | None = None,
        *,
        baud: int | None = None,
        loss: float = 0.0,
        seed: int = 0,
        spy: SpyLog | None = None,
    ) -> None:
        super().__init__(baud=baud, loss=loss, seed=seed, spy=spy)
        self.path = path
        self.device = ""
        """Such as ``/dev/pts/3``, once open."""
        self._master = -1
        # The host may open and close the device: without a holder of our own the first close would
        # end the pair.
        self._slave = -1
        self._backlog = bytearray()
        self._writing = False

    async def open(self) -> None:
        """Make the pseudo-terminal, in raw mode, and the link to it."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)
        try:
            self._link()
        except OSError:
            os.close(self._master)
            os.close(self._slave)
            self._master = self._slave = -1
            raise
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    async def close(self) -> None:
        """Remove the pseudo-terminal and the link to it."""
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        self.to_host.discard()
        self.to_modem.discard()
        self._backlog.clear()
        self._writing = False
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        self._unlink()

    def _link(self) -> None:
        if self.path is not None:
            self._unlink()
            os.symlink(self.device, self.path)

    def _unlink(self) -> None:
        if self.path is not None and os.path.islink(self.path):
            os.unlink(self.path)

    def _readable(self) -> None:
        try:
            data = os.read(self._master, READ_BYTES)
        except BlockingIOError:
            return
        self.to_modem.send(data)

    def carry(self, data: bytes) -> None:
        if self._master < 0:
            return
        room = BACKLOG_BYTES - len(self._backlog)
        self.bytes_lost += max(0, len(data) - room)
        self._backlog += data[:room]
        self._flush()

    def _flush(self) -> None:
        try:
            written = os.write(self._master, self._backlog) if self._backlog else 0
        except BlockingIOError:
            written = 0
        del self._backlog[:written]
        loop = asyncio.get_running_loop()
        if self._backlog and not self._writing:
            loop.add_writer(self._master, self._flush)
        elif not self._backlog and self._writing:
            loop.remove_writer(self._master)
        self._writing = bool(self._backlog)


class TcpUart(_Port):
    """A TCP port that carries the UART's bytes, for one host at a time.

    port: 0 lets the system choose; ``port`` tells which, once open. A new connection replaces the
    one before, which may be a dead host's.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        interface: str = "127.0.0.1",
        baud: int | None = None,
        loss: float = 0.0,
        seed: int = 0,
        spy: SpyLog | None = None,
    ) -> None:
        super().__init__(baud=baud, loss=loss, seed=seed, spy=spy)
        self.port = port
        self.interface = interface
        self._server: asyncio.Server | None = None
        self._host: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._serve, self.interface, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and hang up."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        self._hang_up()
        await server.wait_closed()
        self.to_host.discard()
        self.to_modem.discard()

    def _hang_up(self) -> None:
        writer, self._host = self._host, None
        if writer is not None:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._hang_up()
        self._host = writer
        try:
            while data := await reader.read(READ_BYTES):
                if self._host is writer:
                    self.to_modem.send(data)
        except (OSError, asyncio.CancelledError):
            # the host broke off; or the loop ends: asyncio on 3.11 prints a cancelled connection
            pass
        finally:
            if self._host is writer:
                self._hang_up()

    def carry(self, data: bytes) -> None:
        writer = self._host
        if writer is None or writer.transport.get_write_buffer_size() > BACKLOG_BYTES:
            self.bytes_lost += len(data)
        else:
            writer.write(data)
