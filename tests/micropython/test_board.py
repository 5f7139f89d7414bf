"""The real MicroPython interpreter in lock-step with the simulator's clock."""

import asyncio
import random
import time
from contextlib import asynccontextmanager

import pytest

from ip_commands.host_sim.micropython import MicroPythonBoard
from ip_commands.host_sim.micropython.clock import BoardClock
from ip_commands.host_sim.micropython.uart import BoardUart
from ip_commands.host_sim.time.virtual_time import run
from tests.micropython.micropython_boards import NEEDS_MICROPYTHON, PERIOD_MS, now, running

pytestmark = NEEDS_MICROPYTHON

ASK_EVERY_HOUR = """
import asyncio
from ip_commands.boards.uart_stream import open_uart
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms

async def main():
    stream = open_uart(0, tx=0, rx=1)
    start = ticks_ms()
    for _ in range(24):
        await stream.write(b"AT\\r")
        answer = await stream.read(100)
        print(ticks_diff(ticks_ms(), start), answer)
        await sleep_ms(3600000 - 5)

asyncio.run(main())
"""


def test_a_day_passes_in_step():
    async def main():
        lines = []
        async with running(ASK_EVERY_HOUR) as (board, peer):
            for _ in range(24):
                line = await board.read_line()
                lines.append((line, now()))
            assert await board.wait() == 0
        return lines, peer.heard, now()

    lines, heard, end = run(main())
    hours = range(24)
    assert heard == [(3600.0 * hour, b"AT\r") for hour in hours]
    assert lines == [
        (f"{3600000 * hour + 5} b'\\r\\nOK\\r\\n'", 3600.0 * hour + 0.005) for hour in hours
    ]
    assert end == 86400


def test_a_day_costs_little_and_two_runs_are_equal():
    async def main():
        async with running(ASK_EVERY_HOUR) as (board, peer):
            assert await board.wait() == 0
        return list(board.stdout.lines), peer.heard, board.clock and board.clock.turns

    started = time.monotonic()
    assert run(main()) == run(main())
    assert time.monotonic() - started < 20  # a hang is noticed; the figure is in benchmarks/


READ_ALL = """
import asyncio, sys
from ip_commands.boards.uart_stream import open_uart
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms, wait_event_ms

async def main():
    stream = open_uart(0, tx=0, rx=1)
    start = ticks_ms()
    event = asyncio.Event()
    beats = []

    async def beat():
        while True:
            await sleep_ms(7919)
            beats.append(ticks_diff(ticks_ms(), start))

    beating = asyncio.create_task(beat())
    for _ in range(int(sys.argv[1])):
        data = await stream.read(500)
        print("%d %s" % (ticks_diff(ticks_ms(), start), str(data, "ascii")))
    beating.cancel()
    late = [at for at in beats if at % 7919]
    print(len(beats), late)

asyncio.run(main())
"""


def test_bytes_at_any_time_wake_the_reader_at_that_time():
    source = random.Random(3)
    times_us = sorted(source.sample(range(1, 10**9), 300))

    async def main():
        async with running(READ_ALL, answer_after_s=None, arguments=["300"]) as (board, peer):
            for number, at_us in enumerate(times_us):
                peer.say_later(at_us / 1e6, b"<%d>" % number)
            return [await board.read_line() for _ in range(301)]

    *lines, beats = run(main())
    assert lines == [f"{at_us // 1000} <{number}>" for number, at_us in enumerate(times_us)]
    assert beats == f"{times_us[-1] // 1000 // 7919} []"


@asynccontextmanager
async def bare_board():
    """UART and clock, and the two connections of a board that the test plays itself."""
    uart = BoardUart(gather=True, baud=None, loss=0.0, seed=0, spy=None)
    clock = BoardClock(uart, lambda name, level: None, lambda name: 0)
    await uart.open()
    await clock.open()
    line = await asyncio.open_connection(*uart.address)
    ticks = await asyncio.open_connection(*clock.address)

    async def ask(text: bytes) -> tuple[bytes, float]:
        ticks[1].write(text + b"\n")
        return await ticks[0].readline(), now()

    yield uart, line[1], ask
    for each in (line[1], ticks[1]):
        each.close()
        await each.wait_closed()
    await clock.close()
    await uart.close()


def test_bytes_that_crossed_the_boards_last_look_are_told_at_once():
    """The board looked at its UART, then bytes were sent, then its ``wait`` arrives."""

    async def main():
        async with bare_board() as (uart, _, ask):
            await ask(b"wait 0 0")
            uart.modem.write(b"early")
            await asyncio.sleep(0)
            answers = [await ask(b"wait 5000 0"), await ask(b"wait 5000 0")]
            answers.append(await ask(b"sleep 1000 0"))
            uart.modem.write(b"early")
            await asyncio.sleep(0)
            return [*answers, await ask(b"wait -1 0")]

    assert run(main()) == [(b"0\n", 0), (b"5000\n", 5), (b"6000\n", 6), (b"6000\n", 6)]


def test_a_turn_ends_only_when_all_of_its_bytes_are_there():
    async def main():
        heard: list[tuple[float, bytes]] = []
        async with bare_board() as (uart, line, ask):
            uart.modem.on_received = lambda data: heard.append((now(), data))
            asking = asyncio.create_task(ask(b"wait 5000 6"))
            for piece in (b"AT", b"E0", b"V1"):
                await asyncio.to_thread(time.sleep, 0.01)
                assert not asking.done()
                line.write(piece)
            return await asking, heard

    assert run(main()) == ((b"5000\n", 5), [(0, b"ATE0V1")])


TIME_RULES = """
import asyncio, time
from time import sleep_ms as block_ms, ticks_add, ticks_diff, ticks_ms
from machine import UART

async def main():
    uart = UART(0, 115200)
    start = ticks_ms()
    print(start)
    await asyncio.sleep(2)
    print(ticks_ms(), ticks_diff(ticks_ms(), start))
    print(ticks_add(start, 2000) == ticks_ms())
    for refused in (lambda: ticks_add(start, 1 << 29), lambda: asyncio.sleep_ms(1 << 29)):
        try:
            refused()
            print("taken")
        except OverflowError:
            print("OverflowError")
    block_ms(1500)
    time.sleep(0.5)
    time.sleep_us(1000000)
    print(ticks_diff(ticks_ms(), start), uart.any(), time.time(), time.localtime()[:6])
    try:
        await asyncio.wait_for_ms(asyncio.Event().wait(), 86400000)
    except asyncio.TimeoutError:
        print(ticks_diff(ticks_ms(), start))
    asyncio.new_event_loop()

asyncio.run(main())

async def again():
    await asyncio.wait_for(asyncio.create_task(main_again()), 5)
    print(ticks_diff(ticks_ms(), 0))

async def main_again():
    await asyncio.sleep(1)

asyncio.run(again())
"""


def test_the_program_sees_a_32_bit_boards_time():
    async def main():
        board = MicroPythonBoard(TIME_RULES, ms_before_wrap=1000)
        # these must not shorten a blocking sleep
        for at_s in (2.2, 2.4, 3.7):
            asyncio.get_running_loop().call_later(at_s, board.modem_end.write, b"..")
        async with board:
            assert await board.wait() == 0, str(board.stderr)
        return list(board.stdout.lines), now()

    lines, end = run(main())
    assert lines == [
        str(PERIOD_MS - 1000),
        "1000 2000",
        "True",
        "OverflowError",
        "OverflowError",
        "5000 6 1609459205 (2021, 1, 1, 0, 0, 5)",
        "86405000",
        str(86405000 - 1000 + 1000),
    ]
    assert end == 86406


ECHO = """
import asyncio
from ip_commands.boards.uart_stream import open_uart

async def main():
    stream = open_uart(0, tx=0, rx=1)
    print("ready")
    while True:
        await stream.write(await stream.read(1024))

asyncio.run(main())
"""


@pytest.mark.parametrize("baud", [None, 115200])
def test_every_byte_value_passes_both_ways(baud: int | None):
    data = bytes(range(256)) * 300

    async def main():
        async with running(ECHO, answer_after_s=None, baud=baud) as (board, peer):
            back = bytearray()
            complete = asyncio.Event()

            def received(piece: bytes) -> None:
                back.extend(piece)
                if len(back) >= len(data):
                    complete.set()

            board.modem_end.on_received = received
            assert await board.read_line() == "ready"
            for start in range(0, len(data), 1500):
                board.modem_end.write(data[start : start + 1500])
                if start % 9000 == 0:
                    await asyncio.sleep(0.2)
            await complete.wait()
            assert peer.heard == []
            return bytes(back)

    assert run(main()) == data


PINS = """
import asyncio
from ip_commands.boards.power_key import PowerKey, input_pin, output_pin

async def main():
    key = PowerKey(output_pin(14), on_ms=1500, boot_ms=30000, status_pin=input_pin("STATUS"))
    await key()
    print(key.is_on())

asyncio.run(main())
"""


def test_pins_reach_the_simulator_in_time():
    async def main():
        board = MicroPythonBoard(PINS)
        board.input_levels["STATUS"] = 1
        seen: list[tuple[float, str, int]] = []

        def pin_set(name: str, level: int) -> None:
            seen.append((now(), name, level))
            if len(seen) == 3:
                loop = asyncio.get_running_loop()
                loop.call_later(2, board.input_levels.__setitem__, "STATUS", 0)

        board.on_pin = pin_set
        async with board:
            line = await board.read_line()
        return seen, line, now()

    assert run(main()) == ([(0, "14", 0), (0, "14", 1), (1.5, "14", 0)], "True", 3.5)
