"""The contract of ``ip_commands.device.interfaces.ByteStream``, for every implementation to run.

A test gives each check a ``Joined``: the stream under test and a peer that plays the far end of
the cable with blocking-free callables, made anew for every check::

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_contract(check):
        async with joined() as pair:
            await check(pair)
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

EVERY_BYTE = bytes(range(256))
LIMIT_S = 10.0


class Stream(Protocol):
    async def read(self, max_bytes: int) -> bytes: ...
    async def write(self, data: bytes) -> None: ...
    async def close(self) -> None: ...


@dataclass
class Joined:
    """A stream and the other end of its cable."""

    stream: Stream
    feed: Callable[[bytes], Awaitable[None]]
    """Sends bytes to the stream from the far end."""
    received: Callable[[], bytes]
    """Everything that has reached the far end so far; grows while the loop runs."""
    unplug: Callable[[], Awaitable[None]] | None = None
    """Ends the cable at the far end; None where an implementation has no such thing."""


async def read_exactly(stream: Stream, size: int, max_bytes: int = 4096) -> bytes:
    data = b""
    while len(data) < size:
        piece = await stream.read(max_bytes)
        assert piece != b"", f"the stream ended after {len(data)} of {size} bytes"
        assert len(piece) <= max_bytes
        assert isinstance(piece, bytes)
        data += piece
    return data


async def until_received(pair: Joined, expected: bytes) -> None:
    async with asyncio.timeout(LIMIT_S):
        while len(pair.received()) < len(expected):
            await asyncio.sleep(0.005)
    assert pair.received() == expected


async def check_every_byte_value_arrives_unchanged(pair: Joined) -> None:
    await pair.feed(EVERY_BYTE * 4)
    assert await read_exactly(pair.stream, 1024) == EVERY_BYTE * 4
    await pair.stream.write(EVERY_BYTE * 4)
    await until_received(pair, EVERY_BYTE * 4)


async def check_a_read_returns_what_is_there_without_waiting_for_more(pair: Joined) -> None:
    await pair.feed(b"abc")
    async with asyncio.timeout(LIMIT_S):
        assert await read_exactly(pair.stream, 3) == b"abc"


async def check_a_read_never_returns_more_than_asked(pair: Joined) -> None:
    await pair.feed(b"0123456789")
    assert await read_exactly(pair.stream, 10, max_bytes=3) == b"0123456789"
    await pair.feed(b"xy")
    assert await pair.stream.read(1) == b"x"
    assert await pair.stream.read(1) == b"y"


async def check_a_read_waits_for_bytes(pair: Joined) -> None:
    reading = asyncio.create_task(pair.stream.read(64))
    await asyncio.sleep(0.02)
    assert not reading.done()
    await pair.feed(b"x")
    async with asyncio.timeout(LIMIT_S):
        assert await reading == b"x"


async def check_a_cancelled_read_loses_no_byte(pair: Joined) -> None:
    for number in range(5):
        reading = asyncio.create_task(pair.stream.read(64))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert reading.cancelled()
        await pair.feed(b"%d" % number)
        assert await read_exactly(pair.stream, 1) == b"%d" % number


async def check_writes_keep_their_order_and_take_any_buffer(pair: Joined) -> None:
    await pair.stream.write(b"one ")
    await pair.stream.write(bytearray(b"two "))
    await pair.stream.write(memoryview(b"three"))
    await pair.stream.write(b"")
    await until_received(pair, b"one two three")


async def check_a_long_write_arrives_while_the_far_end_talks(pair: Joined) -> None:
    data = EVERY_BYTE * 40
    reading = asyncio.create_task(read_exactly(pair.stream, 2560))
    writing = asyncio.create_task(pair.stream.write(data))
    for _ in range(10):
        await pair.feed(EVERY_BYTE)
        await asyncio.sleep(0)
    async with asyncio.timeout(LIMIT_S):
        await writing
        assert await reading == EVERY_BYTE * 10
    await until_received(pair, data)


async def check_close_ends_a_waiting_read(pair: Joined) -> None:
    reading = asyncio.create_task(pair.stream.read(64))
    await asyncio.sleep(0.01)
    await pair.stream.close()
    async with asyncio.timeout(LIMIT_S):
        assert await reading == b""
    assert await pair.stream.read(64) == b""


async def check_close_may_be_called_twice(pair: Joined) -> None:
    await pair.stream.close()
    await pair.stream.close()
    assert await pair.stream.read(1) == b""


async def check_what_was_written_before_close_arrives(pair: Joined) -> None:
    await pair.stream.write(b"the last words")
    await until_received(pair, b"the last words")
    await pair.stream.close()


async def check_a_write_after_close_ends_at_once(pair: Joined) -> None:
    """It raises or is lost, but never hangs and never reaches the far end."""
    await pair.stream.close()
    async with asyncio.timeout(LIMIT_S):
        await asyncio.gather(pair.stream.write(b"late"), return_exceptions=True)
    await asyncio.sleep(0.01)
    assert pair.received() == b""


async def check_an_unplugged_cable_ends_the_stream(pair: Joined) -> None:
    if pair.unplug is None:
        return
    reading = asyncio.create_task(pair.stream.read(64))
    await asyncio.sleep(0.01)
    await pair.unplug()
    async with asyncio.timeout(LIMIT_S):
        assert await reading == b""
    assert await pair.stream.read(64) == b""
    await pair.stream.close()


CHECKS = tuple(value for name, value in sorted(globals().items()) if name.startswith("check_"))
