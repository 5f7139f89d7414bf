"""The stream over ``machine.UART``: buffers asked for, bulk reads, writes that give way,
closing."""

import asyncio

from ip_commands.boards.uart_stream import open_uart
from ip_commands.device.errors import ModemClosed, ModemError
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable import fake_machine
from tests.portable.raises import raises


def test_the_uart_is_opened_with_big_buffers_and_no_timeout():
    machine = fake_machine.install()
    open_uart(1, tx=4, rx=5, baud_rate=9600, cts=6)
    uart = machine.uarts[1]
    assert uart.baud_rate == 9600
    assert uart.settings == {
        "tx": 4,
        "rx": 5,
        "cts": 6,
        "timeout": 0,
        "rxbuf": 4096,
        "txbuf": 512,
    }


def test_a_port_with_fixed_buffers_is_opened_without_them():
    machine = fake_machine.install(fixed_buffers=True)
    open_uart(0, tx=0, rx=1)
    assert machine.uarts[0].settings == {"tx": 0, "rx": 1, "timeout": 0}


async def test_a_read_waits_then_takes_all_that_came():
    machine = fake_machine.install()
    stream = open_uart(0, tx=0, rx=1)
    uart = machine.uarts[0]
    data = bytes(i & 0xFF for i in range(1300))

    async def feed_later():
        await sleep_ms(700)
        uart.feed(data)

    feeder = asyncio.create_task(feed_later())
    start = ticks_ms()
    got = await stream.read(512)
    assert ticks_diff(ticks_ms(), start) == 700
    assert 0 < len(got) <= 32  # not more than a slow port may wait for
    while len(got) < len(data):
        piece = await stream.read(512)
        assert 0 < len(piece) <= 512
        got += piece
    await feeder
    assert got == data
    assert len(uart.reads) <= 4, uart.reads  # bulk, not byte by byte
    await stream.close()


async def test_a_read_never_returns_more_than_asked():
    machine = fake_machine.install()
    stream = open_uart(0, tx=0, rx=1)
    machine.uarts[0].feed(b"abcdefgh")
    assert await stream.read(3) == b"abc"
    assert await stream.read(3) == b"def"
    assert await stream.read(3) == b"gh"
    await stream.close()


async def test_a_long_write_arrives_whole_at_the_baud_rate_and_lets_others_run():
    machine = fake_machine.install()
    stream = open_uart(0, tx=0, rx=1, baud_rate=9600)
    data = bytes(i & 0xFF for i in range(1300))
    turns = 0
    done = False

    async def others():
        nonlocal turns
        while not done:
            turns += 1
            await sleep_ms(10)

    other = asyncio.create_task(others())
    start = ticks_ms()
    await stream.write(data)
    took_ms = ticks_diff(ticks_ms(), start)
    done = True
    await other
    assert machine.uarts[0].sent == data
    # 1300 - 512 buffered bytes of 10 bits at 9600 baud are 820 ms
    assert 780 <= took_ms <= 950, took_ms
    assert turns >= 70
    await stream.close()


async def test_a_write_that_nobody_takes_ends_with_an_error():
    machine = fake_machine.install()
    stream = open_uart(0, tx=0, rx=1)
    machine.uarts[0].stuck = True
    start = ticks_ms()
    with raises(ModemError, "took nothing", "CTS"):
        await stream.write(b"AT\r")
    assert ticks_diff(ticks_ms(), start) == 10000
    await stream.close()


async def test_close_ends_a_waiting_read_and_every_later_one():
    machine = fake_machine.install()
    stream = open_uart(0, tx=0, rx=1)
    got = []

    async def reader():
        got.append(await stream.read(64))

    task = asyncio.create_task(reader())
    await sleep_ms(50)
    assert got == []
    await stream.close()
    await task
    assert got == [b""]
    assert await stream.read(64) == b""
    assert not machine.uarts[0].open
    await stream.close()
    with raises(ModemClosed):
        await stream.write(b"AT\r")


async def test_a_cancelled_read_stays_cancelled_and_loses_nothing():
    machine = fake_machine.install()
    stream = open_uart(0, tx=0, rx=1)
    task = asyncio.create_task(stream.read(64))
    await sleep_ms(50)
    task.cancel()
    cancelled = False
    try:
        await task
    except asyncio.CancelledError:
        cancelled = True
    assert cancelled
    machine.uarts[0].feed(b"late")
    assert await stream.read(64) == b"late"
    await stream.close()
