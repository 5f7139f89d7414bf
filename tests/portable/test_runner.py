"""The conventions that the other portable tests lean on hold on both Pythons."""

import asyncio

from ip_commands.device import portable
from ip_commands.device.errors import InvalidValue
from tests.portable.memory_stream import stream_pair
from tests.portable.raises import raises

DAY_MS = 86400000


async def test_time_jumps():
    start = portable.ticks_ms()
    await portable.sleep_ms(3 * DAY_MS)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 3 * DAY_MS


async def test_a_sleep_longer_than_a_board_can_count():
    await portable.sleep_ms(413 * DAY_MS)


async def test_ticks_that_wrap_still_compare():
    start = portable.ticks_ms()
    await portable.sleep_ms(10000)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 10000
    assert portable.ticks_diff(portable.ticks_add(start, 10000), portable.ticks_ms()) == 0


async def test_an_event_in_time_and_one_too_late():
    event = asyncio.Event()
    start = portable.ticks_ms()
    assert not await portable.wait_event_ms(event, 8000)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 8000

    async def set_later():
        await portable.sleep_ms(2 * DAY_MS)
        event.set()

    setter = asyncio.create_task(set_later())
    assert await portable.wait_event_ms(event, 30 * DAY_MS)
    assert portable.ticks_diff(portable.ticks_ms(), start) == 8000 + 2 * DAY_MS
    await setter


async def test_the_memory_stream_cuts_delays_and_overflows():
    left, right = stream_pair(cut_bytes=2, delay_ms=50, limit_bytes=5)
    start = portable.ticks_ms()
    await left.write(b"abcdefg")
    assert portable.ticks_diff(portable.ticks_ms(), start) == 50
    assert await right.read(64) == b"ab"
    assert await right.read(64) == b"cd"
    await right.close()
    assert await right.read(64) == b"e"
    assert await right.read(64) == b""
    assert await left.read(64) == b""
    assert left.take_sent() == b"abcdefg"


def test_raises_checks_class_and_message():
    with raises(InvalidValue, "port", "65535") as caught:
        raise InvalidValue("port 0 is outside 1..65535")
    assert str(caught.error) == "port 0 is outside 1..65535"
    with raises(AssertionError, "was not raised"):
        with raises(InvalidValue):
            pass
    with raises(AssertionError, "is not in the message"):
        with raises(InvalidValue, "host"):
            raise InvalidValue("port")
    with raises(IndexError):
        with raises(InvalidValue):
            [].pop()
