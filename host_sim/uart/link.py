"""A UART between a host and a fake modem: in memory, with a wire's speed, cuts, losses and a spy.

Two ends: the host's is a byte stream (``async read``, ``async write``, ``async close``), the
modem's takes bytes in a callback and has a plain ``write``. ``uart_ports`` gives
the same modem end to hosts in other processes. All times are the running loop's, so virtual time
needs no injection.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterator

Cut = int | Callable[[], int] | None
"""Where bytes are torn apart: never, every n bytes, or after as many as a callable says."""

SLICE_S = 0.010
"""A paced burst is handed over in slices of this length: about 115 bytes at 115200 baud."""

BITS_PER_BYTE = 10
"""8N1: one start bit, eight data bits, one stop bit."""

TX_BUFFER_BYTES = 256
"""What a host's UART takes at once (MicroPython: txbuf); a longer write waits for the rest."""


def random_cut(seed: int, longest: int = 16) -> Callable[[], int]:
    """Return a callable for ``cut``: pieces of 1..longest bytes, the same for the same seed."""
    source = random.Random(seed)
    return lambda: source.randint(1, longest)


class SpyLog:
    """What passed the wire, bounded: the oldest entries go when ``limit_bytes`` are exceeded."""

    def __init__(self, limit_bytes: int = 65536) -> None:
        self.limit_bytes = limit_bytes
        self.entries: deque[tuple[float, str, bytes]] = deque()
        """(time in ms, ">" host to modem or "<" modem to host, bytes), oldest first."""
        self.forgotten = 0
        """Entries that no longer fitted."""
        self._held_bytes = 0

    def note(self, time_ms: float, direction: str, data: bytes) -> None:
        """Remember one burst."""
        self.entries.append((time_ms, direction, data))
        self._held_bytes += len(data)
        while self._held_bytes > self.limit_bytes or len(self.entries) > self.limit_bytes // 16:
            self._held_bytes -= len(self.entries.popleft()[2])
            self.forgotten += 1

    def lines(self) -> Iterator[str]:
        """Yield one printable line per burst: time in ms, direction, bytes with escapes."""
        for time_ms, direction, data in self.entries:
            text = data.decode("latin-1").encode("unicode_escape").decode("ascii")
            yield f"{time_ms:12.3f} {direction} {text}"

    def __str__(self) -> str:
        return "\n".join(self.lines())


class Wire:
    """One direction: bytes handed in come out at the far end at the line's speed, in order."""

    def __init__(
        self,
        deliver: Callable[[bytes], None],
        direction: str,
        *,
        baud: int | None = None,
        loss: float = 0.0,
        seed: int = 0,
        spy: SpyLog | None = None,
        slice_bytes: int | None = None,
    ) -> None:
        if baud is not None and baud <= 0:
            raise ValueError(f"baud must be positive or None (instant), not {baud}")
        if not 0.0 <= loss < 1.0:
            raise ValueError(f"loss is a fraction of the bytes, 0 <= loss < 1, not {loss}")
        self.bytes_lost = 0
        self._deliver = deliver
        self._direction = direction
        self._baud = baud
        self._loss = loss
        self._random = random.Random(seed)
        self._spy = spy
        self._slice_bytes = slice_bytes
        self._pending = bytearray()
        self._timer: asyncio.Handle | None = None
        self._free_at_s = 0.0

    def send(self, data: bytes) -> None:
        """Put bytes on the wire, after those already on it."""
        if not data:
            return
        loop = asyncio.get_running_loop()
        if self._spy is not None:
            self._spy.note(loop.time() * 1000, self._direction, bytes(data))
        if self._loss:
            data = self._lose(data)
        self._pending += data
        if self._timer is None and self._pending:
            self._schedule(loop, max(loop.time(), self._free_at_s))

    def backlog_s(self, allowed_bytes: int) -> float:
        """Return how long until no more than ``allowed_bytes`` wait to leave."""
        excess = len(self._pending) - allowed_bytes
        if self._baud is None or excess <= 0:
            return 0.0
        return excess * BITS_PER_BYTE / self._baud

    def discard(self) -> None:
        """Forget what has not come out yet: the sender lost its power."""
        self._pending.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _schedule(self, loop: asyncio.AbstractEventLoop, start_s: float) -> None:
        if self._baud is None:
            self._timer = loop.call_soon(self._arrived, len(self._pending))
            return
        count = max(1, int(SLICE_S * self._baud / BITS_PER_BYTE))
        count = min(count, self._slice_bytes or count, len(self._pending))
        self._free_at_s = start_s + count * BITS_PER_BYTE / self._baud
        self._timer = loop.call_at(self._free_at_s, self._arrived, count)

    def _arrived(self, count: int) -> None:
        self._timer = None
        if self._baud is None:
            count = len(self._pending)  # what was written in the same turn of the loop
        data = bytes(self._pending[:count])
        del self._pending[:count]
        if self._pending:
            self._schedule(asyncio.get_running_loop(), self._free_at_s)
        self._deliver(data)

    def _lose(self, data: bytes) -> bytes:
        kept = bytes(byte for byte in data if self._random.random() >= self._loss)
        self.bytes_lost += len(data) - len(kept)
        return kept


class ModemEnd:
    """The modem's end of a UART, whatever carries the bytes."""

    def __init__(self) -> None:
        self.on_received: Callable[[bytes], None] | None = None
        """Called with the bytes that came from the host; set by whoever plays the modem."""
        self._send: Callable[[bytes], None] = lambda data: None
        self._discard: Callable[[], None] = lambda: None

    def write(self, data: bytes) -> None:
        """Send bytes to the host; returns at once."""
        self._send(data)

    def discard(self) -> None:
        """Forget what was written and has not left yet (the modem lost its power)."""
        self._discard()

    def wire_to(self, wire: Wire) -> None:
        """Send through this wire from now on."""
        self._send = wire.send
        self._discard = wire.discard

    def received(self, data: bytes) -> None:
        """Hand bytes to the modem (called by the carrier)."""
        if self.on_received is not None:
            self.on_received(data)


def pieces(data: bytes, cut: Cut) -> Iterator[bytes]:
    """Yield ``data`` torn apart as ``cut`` says."""
    position = 0
    while position < len(data):
        size = len(data) if cut is None else max(1, cut if isinstance(cut, int) else cut())
        yield data[position : position + size]
        position += size


class HostEnd:
    """The host's end: the byte stream that drivers take."""

    def __init__(self, cut: Cut, fifo_bytes: int | None) -> None:
        self.bytes_overrun = 0
        """Bytes lost because nobody had read the full receive FIFO."""
        self._cut = cut
        self._fifo_bytes = fifo_bytes
        self._buffer = bytearray()
        self._readable: asyncio.Event = asyncio.Event()
        self._closed = False
        self._wire: Wire | None = None

    def wire_to(self, wire: Wire) -> None:
        """Send through this wire."""
        self._wire = wire

    @property
    def unread_bytes(self) -> int:
        """How much waits in the receive FIFO."""
        return len(self._buffer)

    async def read(self, max_bytes: int) -> bytes:
        """Return 1..max_bytes bytes, ``b""`` once the stream is closed. ONE task may read."""
        if max_bytes < 1:
            raise ValueError(f"read at least 1 byte, not {max_bytes}")
        while not self._buffer and not self._closed:
            self._readable.clear()
            await self._readable.wait()
        if self._closed:
            return b""
        if self._cut is not None:
            cut = self._cut if isinstance(self._cut, int) else self._cut()
            max_bytes = min(max_bytes, max(1, cut))
        data = bytes(self._buffer[:max_bytes])
        del self._buffer[:max_bytes]
        return data

    async def write(self, data: bytes) -> None:
        """Send; returns when all bytes but a transmit buffer's worth have left."""
        if self._closed or self._wire is None:
            raise ConnectionError("this UART is closed: open a new link")
        self._wire.send(bytes(data))
        wait_s = self._wire.backlog_s(TX_BUFFER_BYTES)
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def close(self) -> None:
        """End the stream: a read in progress returns ``b""``. May be called twice."""
        self.end()

    def end(self) -> None:
        """End the stream from either side."""
        self._closed = True
        self._buffer.clear()
        self._readable.set()

    def received(self, data: bytes) -> None:
        """Take bytes off the wire into the receive FIFO; what does not fit is lost and counted."""
        if self._closed:
            return
        if self._fifo_bytes is not None:
            room = self._fifo_bytes - len(self._buffer)
            if len(data) > room:
                self.bytes_overrun += len(data) - room
                data = data[:room]
        self._buffer += data
        self._readable.set()


class UartLink:
    """An in-memory UART: ``host`` for the driver, ``modem`` for the fake.

    baud: None hands everything over at once, else both directions are paced as 8N1.
    cut: how reads of the host and callbacks of the modem are torn apart.
    loss: fraction of the bytes that vanish, in both directions, the same for the same ``seed``.
    fifo_bytes: size of the host's receive FIFO; None is unlimited. Overrun bytes are lost.
    """

    def __init__(
        self,
        *,
        baud: int | None = None,
        cut: Cut = None,
        loss: float = 0.0,
        fifo_bytes: int | None = None,
        seed: int = 0,
        spy: SpyLog | None = None,
    ) -> None:
        if isinstance(cut, int) and cut < 1:
            raise ValueError(f"cut is a number of bytes from 1, a callable or None, not {cut}")
        if fifo_bytes is not None and fifo_bytes < 1:
            raise ValueError(f"fifo_bytes is a size from 1 or None (unlimited), not {fifo_bytes}")
        self.spy = SpyLog() if spy is None else spy
        self.host = HostEnd(cut, fifo_bytes)
        self.modem = ModemEnd()
        # A slice longer than half the FIFO would overrun it before any reader could run.
        slice_bytes = None if fifo_bytes is None else max(1, fifo_bytes // 2)
        self.to_modem = Wire(self._to_modem, ">", baud=baud, loss=loss, seed=seed, spy=self.spy)
        self.to_host = Wire(
            self.host.received,
            "<",
            baud=baud,
            loss=loss,
            seed=seed + 1,
            spy=self.spy,
            slice_bytes=slice_bytes,
        )
        self._cut = cut
        self.host.wire_to(self.to_modem)
        self.modem.wire_to(self.to_host)

    def _to_modem(self, data: bytes) -> None:
        for piece in pieces(data, self._cut):
            self.modem.received(piece)
