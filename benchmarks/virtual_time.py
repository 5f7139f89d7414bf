"""How much simulated time a second buys: ``python benchmarks/virtual_time.py [--days N]``.

An idle device in eDRX wakes every 81.92 s (TS 24.008 10.5.5.32, value 0101) and does nothing. The
same wake-ups run on a bare heap in plain Python (the floor that any event loop stands on), on the
``EventQueue`` of network and cloud, on ``VirtualTimeLoop`` as timers and as a task that sleeps,
and as a program on the MicroPython interpreter in lock-step. All is measured in this run.
"""

import argparse
import asyncio
import heapq
import time
from collections.abc import Callable

from ip_commands.host_sim.micropython import MicroPythonBoard, MicroPythonMissing
from ip_commands.host_sim.time.event_queue import EventQueue
from ip_commands.host_sim.time.virtual_time import run

CYCLE_MS = 81920
DAY_MS = 86_400_000
REPEATS = 3

SLEEPER = """
import asyncio, sys
async def main():
    for _ in range(int(sys.argv[1])):
        await asyncio.sleep_ms(81920)
asyncio.run(main())
"""


def bare_heap(wake_ups: int) -> None:
    """Push and pop (time, order, callback) tuples: no clock, no cancelling, no tasks."""
    heap: list[tuple[int, int, Callable[[], None]]] = []
    left = wake_ups
    now_ms = 0

    def wake_up() -> None:
        nonlocal left
        left -= 1
        if left:
            heapq.heappush(heap, (now_ms + CYCLE_MS, left, wake_up))

    heapq.heappush(heap, (CYCLE_MS, left, wake_up))
    while heap:
        now_ms, _, callback = heapq.heappop(heap)
        callback()
    assert now_ms == wake_ups * CYCLE_MS


def event_queue(wake_ups: int) -> None:
    """Let the queue call itself."""
    queue = EventQueue()
    end_ms = wake_ups * CYCLE_MS
    count = 0

    def wake_up() -> None:
        nonlocal count
        count += 1
        queue.after(CYCLE_MS, wake_up)

    queue.after(CYCLE_MS, wake_up)
    queue.run_until(end_ms)
    assert count == wake_ups


def loop_timers(wake_ups: int) -> None:
    """Let a callback of the loop set the next timer."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def wake_up(left: int) -> None:
            if left:
                loop.call_later(CYCLE_MS / 1000, wake_up, left - 1)
            else:
                done.set_result(loop.time())

        loop.call_later(CYCLE_MS / 1000, wake_up, wake_ups - 1)
        return float(await done)

    assert run(main()) == wake_ups * CYCLE_MS / 1000


def loop_task(wake_ups: int) -> None:
    """Let a task sleep."""

    async def main() -> float:
        for _ in range(wake_ups):
            await asyncio.sleep(CYCLE_MS / 1000)
        return asyncio.get_running_loop().time()

    assert run(main()) == wake_ups * CYCLE_MS / 1000


def micropython(wake_ups: int) -> None:
    """Let a program on the real interpreter sleep."""

    async def main() -> float:
        async with MicroPythonBoard(SLEEPER, [str(wake_ups)]) as board:
            assert await board.wait() == 0, str(board.stderr)
            return asyncio.get_running_loop().time()

    assert run(main()) == wake_ups * CYCLE_MS / 1000


WAYS = (
    ("bare heap", bare_heap),
    ("EventQueue", event_queue),
    ("VirtualTimeLoop, timers", loop_timers),
    ("VirtualTimeLoop, a task", loop_task),
    ("MicroPython in lock-step", micropython),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=30, help="simulated days (default 30)")
    days = parser.parse_args().days
    if days < 1:
        parser.error("--days: at least 1")
    wake_ups = days * DAY_MS // CYCLE_MS
    print(f"{days} days asleep in eDRX 81.92 s: {wake_ups} wake-ups, best of {REPEATS} runs\n")
    print(f"{'':26}{'ms per day':>11}{'simulated h per s':>19}{'to the bare heap':>18}")
    floor_s = 0.0
    for name, way in WAYS:
        try:
            taken_s = min(timed(way, wake_ups) for _ in range(REPEATS))
        except MicroPythonMissing as missing:
            print(f"{name:26} not tried: {missing}")
            continue
        floor_s = floor_s or taken_s
        hours = wake_ups * CYCLE_MS / 3_600_000
        print(
            f"{name:26}{taken_s / days * 1000:11.3f}{hours / taken_s:19,.0f}"
            f"{taken_s / floor_s:17.1f}x"
        )


def timed(way: Callable[[int], None], wake_ups: int) -> float:
    """Return the wall seconds of one run."""
    started = time.perf_counter()
    way(wake_ups)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
