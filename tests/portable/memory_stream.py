"""An in-memory UART for the portable tests: two ends, ``ByteStream``s, mischief on demand."""

import asyncio

from ip_commands.device.portable import sleep_ms


class StreamEnd:
    """One end: ``await read(max_bytes)``, ``await write(data)``, ``await close()``.

    ``sent`` holds every byte written here since the last ``take_sent()``. Closing one end ends
    both directions, as pulling the cable does: what had arrived can be read, then ``b""`` comes.
    """

    def __init__(self, cut_bytes, delay_ms, limit_bytes):
        self.cut_bytes = cut_bytes
        self.delay_ms = delay_ms
        self.limit_bytes = limit_bytes
        self.peer = None
        self.sent = bytearray()
        self.closed = False
        self._arrived = bytearray()
        self._readable = asyncio.Event()
        self._reading = False

    async def read(self, max_bytes):
        """Return 1..max_bytes bytes, at most ``cut_bytes`` at a time; ``b""`` after the end."""
        assert max_bytes > 0
        assert not self._reading, "ONE task may read a stream"
        self._reading = True
        try:
            while not self._arrived and not self.closed:
                self._readable.clear()
                await self._readable.wait()
        finally:
            self._reading = False
        if self.cut_bytes and self.cut_bytes < max_bytes:
            max_bytes = self.cut_bytes
        data = bytes(self._arrived[:max_bytes])
        self._arrived[:max_bytes] = b""
        return data

    async def write(self, data):
        """Give all bytes to the other end, ``delay_ms`` later if asked; lost after the end."""
        data = bytes(data)
        self.sent += data
        if self.delay_ms:
            await sleep_ms(self.delay_ms)
        self.put(data)

    def put(self, data):
        """Give bytes to the other end at once, without awaiting (for a fake's callback)."""
        peer = self.peer
        if self.closed or peer.closed:
            return
        room = peer.limit_bytes - len(
            peer._arrived
        )  # as a UART's receive buffer: the rest is lost
        peer._arrived += data[:room]
        peer._readable.set()

    def take_sent(self):
        """Return and forget what was written here."""
        sent = bytes(self.sent)
        self.sent[:] = b""
        return sent

    async def close(self):
        """End both directions. May be called twice."""
        for end in (self, self.peer):
            end.closed = True
            end._readable.set()


def stream_pair(cut_bytes=0, delay_ms=0, limit_bytes=8192):
    """Return the two ends of an in-memory UART, each a ``ByteStream``.

    ``cut_bytes``: no read returns more (1: byte by byte); ``delay_ms``: each write takes that
    long; ``limit_bytes``: unread bytes an end holds, further ones are lost as in a UART's buffer.
    """
    left = StreamEnd(cut_bytes, delay_ms, limit_bytes)
    right = StreamEnd(cut_bytes, delay_ms, limit_bytes)
    left.peer = right
    right.peer = left
    return left, right
