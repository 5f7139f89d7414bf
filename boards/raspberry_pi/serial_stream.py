"""ByteStream over a serial port of Linux: a Pi's header UART, a USB modem's ttyUSB/ttyACM, a pty.

pyserial opens and locks the port and sets it up; reading and writing are the event loop's
(``add_reader``, ``add_writer``), without threads and without polling.
"""

import asyncio
import errno
import importlib.util
import os
import termios
from typing import TYPE_CHECKING

from ip_commands.boards.raspberry_pi.port_errors import explain
from ip_commands.device.errors import InvalidValue, IpCommandsError, ModemClosed, ModemError

if TYPE_CHECKING:
    import serial

WRITE_STALL_S = 10.0
"""A port that takes nothing for this long is stuck (flow control, or a dead modem)."""

CLOSE_DRAIN_S = 1.0
"""What was written last may still leave; then the rest is thrown away, so that close never hangs.

Linux itself would wait up to 30 s for a modem that keeps CTS off (closing_wait, setserial(8)).
"""

_CLOSE_POLL_S = 0.01


class PortError(IpCommandsError):
    """The serial port cannot be opened; the message says what to do."""


class SerialStream:
    """Read and write an open serial port; ``read`` is for ONE task, writes wait in turn."""

    def __init__(self, port: "serial.Serial") -> None:
        self._port = port
        self._fd: int = port.fileno()
        self._closed = False
        self._gone = False
        self._readable: asyncio.Future[None] | None = None
        self._writing = asyncio.Lock()
        self._writable: asyncio.Future[None] | None = None
        # VMIN 1: a non-blocking read of an empty port fails with EAGAIN, so that b"" means hung
        # up; with pyserial's VMIN 0 both would be b"" (termios(3), non-canonical mode).
        attributes = termios.tcgetattr(self._fd)
        attributes[6][termios.VMIN] = 1
        attributes[6][termios.VTIME] = 0
        termios.tcsetattr(self._fd, termios.TCSANOW, attributes)

    async def read(self, max_bytes: int) -> bytes:
        """Return 1..max_bytes bytes; ``b""`` after ``close`` or when the modem was unplugged."""
        if max_bytes < 1:
            raise InvalidValue(f"read at least 1 byte, not {max_bytes}")
        if self._readable is not None:
            raise InvalidValue("only one task may read a serial stream")
        loop = asyncio.get_running_loop()
        while not (self._closed or self._gone):
            try:
                data = os.read(self._fd, max_bytes)
            except (BlockingIOError, InterruptedError):
                self._readable = loop.create_future()
                loop.add_reader(self._fd, _wake, self._readable)
                try:
                    await self._readable
                finally:
                    self._readable = None
                    if not self._closed:
                        loop.remove_reader(self._fd)
                continue
            except OSError:  # EIO, ENXIO, ENODEV: the USB device is gone
                data = b""
            if data:
                return data
            self._gone = True
        return b""

    async def write(self, data: bytes) -> None:
        """Return when the kernel has taken all of ``data``.

        Raises ModemClosed after ``close`` or when the modem was unplugged, ModemError when the
        port takes nothing for 10 s.
        """
        async with self._writing:
            rest = memoryview(data)
            while rest:
                if self._closed or self._gone:
                    raise ModemClosed(f"{self._port.port} is closed or unplugged: open it again")
                try:
                    rest = rest[os.write(self._fd, rest) :]
                except (BlockingIOError, InterruptedError):
                    await self._wait_writable()
                except OSError as error:
                    self._gone = True
                    raise ModemClosed(
                        f"{self._port.port} is gone ({error.strerror}): plug the modem in and "
                        "open it again"
                    ) from error

    async def _wait_writable(self) -> None:
        loop = asyncio.get_running_loop()
        self._writable = loop.create_future()
        loop.add_writer(self._fd, _wake, self._writable)
        try:
            async with asyncio.timeout(WRITE_STALL_S):
                await self._writable
        except TimeoutError:
            raise ModemError(
                f"{self._port.port} took nothing for {WRITE_STALL_S:.0f} s: the modem holds flow "
                "control, is off or hangs; restart it"
            ) from None
        finally:
            self._writable = None
            if not self._closed:
                loop.remove_writer(self._fd)

    async def close(self) -> None:
        """Release the port; a read in progress returns ``b""``. May be called twice."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._fd)
        loop.remove_writer(self._fd)
        for waiting in (self._readable, self._writable):
            if waiting is not None:
                _wake(waiting)
        try:
            if not self._gone:
                await self._drain()
        finally:
            self._port.close()

    def abandon(self) -> None:
        """Release the port at once, without a loop: for a stream that was never used."""
        self._closed = True
        self._port.close()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + CLOSE_DRAIN_S
        try:
            while self._port.out_waiting:
                if loop.time() > deadline_s:
                    self._port.reset_output_buffer()
                    return
                await asyncio.sleep(_CLOSE_POLL_S)
        except (OSError, termios.error):  # unplugged meanwhile: nobody left to send to
            pass


def open_serial(path: str, baud_rate: int = 115200, rtscts: bool = False) -> SerialStream:
    """Open a serial port, 8N1, for this program alone.

    ``path`` is best a stable name from /dev/serial/by-id. Raises PortError with what to do,
    InvalidValue for a baud rate that the port cannot do.
    """
    if importlib.util.find_spec("serial") is None:
        raise PortError(
            "pyserial is not installed, the extra 'pi' brings it: pip install 'pyserial>=3.5', "
            "all that supersim-ip-commands[pi] adds"
        )
    import serial

    try:
        port = serial.Serial(path, baud_rate, timeout=0, rtscts=rtscts, exclusive=True)
    except serial.SerialException as error:
        raise PortError(explain(path, error.errno, str(error))) from error
    except (ValueError, OverflowError) as error:
        raise InvalidValue(f"{path} cannot do {baud_rate} baud: {error}") from error
    except OSError as error:  # pyserial lets a few through
        raise PortError(explain(path, error.errno or errno.EIO, str(error))) from error
    try:
        return SerialStream(port)
    except BaseException:
        port.close()
        raise


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


def is_usb(path: str) -> bool:
    """Tell whether a port is a USB interface of the modem (ttyUSB, ttyACM), also behind a link.

    There some modems print URCs on their UART instead, until told otherwise.
    """
    return os.path.basename(os.path.realpath(path)).startswith(("ttyUSB", "ttyACM"))
