"""ByteStream over ``machine.UART``, for every MicroPython board.

Facts about the ports (micropython/micropython, docs/library/machine.UART.rst,
ports/rp2/machine_uart.c, ports/esp32/machine_uart.c): the receive buffer is 256 bytes unless told
otherwise, 22 ms at 115200 baud; on rp2 a ``read(n)`` waits about a millisecond for each next byte
until all ``n`` are there, even with ``timeout=0``; on esp32 ``write`` blocks until its transmit
buffer has taken everything.
"""

import asyncio
from asyncio import StreamReader

from ip_commands.device.errors import ModemClosed, ModemError
from ip_commands.device.portable import const, sleep_ms

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

# One datagram of 1300 bytes as hex, its answer lines and a few URCs.
_RECEIVE_BUFFER_BYTES = const(4096)
_TRANSMIT_BUFFER_BYTES = const(512)

# A read that finds nothing buffered asks for no more than this, so that a port which waits for the
# rest holds the loop up for 3 ms at 115200 baud at most; the next read takes all that came
# meanwhile at once.
_FIRST_READ_BYTES = const(32)
# One write holds the loop up for 11 ms at 115200 baud at most, on a port whose write blocks.
_WRITE_PIECE_BYTES = const(128)
_WRITE_RETRY_MS = const(2)
_WRITE_STALL_MS = const(10000)


class UartStream:
    """Read and write one UART; ``read`` is for ONE task, ``write`` for one at a time."""

    def __init__(self, uart: "Any") -> None:
        self._uart = uart
        self._reader = StreamReader(uart)
        self._reading_task: "asyncio.Task[Any] | None" = None
        self._closed = False

    async def read(self, max_bytes: int) -> bytes:
        """Return 1..max_bytes bytes as soon as there are any; ``b""`` after ``close``."""
        if self._closed:
            return b""
        buffered = self._uart.any()  # some ports only say "at least one"
        wanted = buffered if buffered > _FIRST_READ_BYTES else _FIRST_READ_BYTES
        if wanted > max_bytes:
            wanted = max_bytes
        self._reading_task = asyncio.current_task()
        try:
            # A UART never ends: an empty answer is noise that vanished before it was fetched.
            data = b""
            while not data:
                data = await self._reader.read(wanted)
            return data
        except asyncio.CancelledError:
            if self._closed:
                return b""
            raise
        finally:
            self._reading_task = None

    async def write(self, data: bytes) -> None:
        """Return when the UART has taken all of ``data``.

        Raises ModemClosed after ``close``, ModemError when the UART takes nothing for 10 s.
        """
        view = memoryview(data)
        sent = 0
        waited_ms = 0
        while sent < len(view):
            if self._closed:
                raise ModemClosed("the UART was closed: make a new modem object")
            taken = self._uart.write(view[sent : sent + _WRITE_PIECE_BYTES])
            if taken:
                sent += taken
                waited_ms = 0
                await sleep_ms(0)
            elif waited_ms < _WRITE_STALL_MS:
                await sleep_ms(_WRITE_RETRY_MS)
                waited_ms += _WRITE_RETRY_MS
            else:
                raise ModemError(
                    "the UART took nothing for %d ms: check CTS, or leave flow control off"
                    % _WRITE_STALL_MS
                )

    async def close(self) -> None:
        """End the stream and switch the UART off; a read in progress returns ``b""``."""
        if self._closed:
            return
        self._closed = True
        if self._reading_task is not None:
            self._reading_task.cancel()
        if hasattr(self._uart, "deinit"):  # rp2 got it in 1.20
            self._uart.deinit()


def open_uart(
    uart_id: int, tx: int, rx: int, baud_rate: int = 115200, **settings: "Any"
) -> UartStream:
    """Open ``machine.UART(uart_id)`` on these pins (as the board counts them) as a stream.

    ``tx`` and ``rx`` are the microcontroller's: ``tx`` goes to the modem's RXD. ``settings`` go to
    ``machine.UART`` as they are (``rts``, ``cts``, ``flow``). Buffers are enlarged where the port
    can.
    """
    from machine import UART

    settings["tx"] = tx
    settings["rx"] = rx
    settings["timeout"] = 0
    try:
        uart = UART(
            uart_id,
            baud_rate,
            rxbuf=_RECEIVE_BUFFER_BYTES,
            txbuf=_TRANSMIT_BUFFER_BYTES,
            **settings,
        )
    except TypeError:  # a port whose buffers have a fixed size
        uart = UART(uart_id, baud_rate, **settings)
    return UartStream(uart)
