"""The loops with a clock of their own: jumping, standing still, deadlock, real sockets."""

import asyncio
import contextlib
import gc
import math
import os
import pty
import random
import signal
import sys
import threading
import time
import tty
import warnings
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import ClientSession, web

from ip_commands.host_sim.time.virtual_time import (
    NothingCanHappen,
    ScaledTimeLoop,
    VirtualTimeLoop,
    run,
)

DAY_S = 86400


def run_on(loop_factory: Callable[[], asyncio.AbstractEventLoop], main: Awaitable[object]):
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_month_of_wake_ups_keeps_the_microsecond():
    async def wake_up_at_every_cycle():
        for _ in range(31641):  # 30 days of 81.92 s
            await asyncio.sleep(81.92)
        return now()

    assert run(wake_up_at_every_cycle()) == 31641 * 8192 / 100


def test_a_wait_longer_than_a_day_and_a_year_ends_exactly():
    async def wait():
        await asyncio.sleep(413 * DAY_S + 0.000001)
        first = now()
        await asyncio.sleep(40 * 365 * DAY_S)  # beyond 194 days a nanosecond is rounded away
        return first, now()

    assert run(wait()) == (413 * DAY_S + 0.000001, 413 * DAY_S + 0.000001 + 40 * 365 * DAY_S)


def test_timers_due_together_fire_in_the_order_asked():
    async def ask():
        loop = asyncio.get_running_loop()
        fired: list[int] = []
        for number in range(500):
            # the same microsecond in two float forms
            loop.call_at(0.1 + 0.2 if number % 2 else 0.3, fired.append, number)
        await asyncio.sleep(1)
        return fired

    assert run(ask()) == list(range(500))


def test_every_timer_fires_at_its_own_time_in_order():
    async def ask():
        loop = asyncio.get_running_loop()
        source = random.Random(1)
        fired: list[tuple[float, float]] = []
        for _ in range(2000):
            due = source.randrange(10**9) / 1e6
            loop.call_at(due, lambda due=due: fired.append((due, loop.time())))
        await asyncio.sleep(1001)
        return fired

    fired = run(ask())
    assert len(fired) == 2000
    assert fired == sorted(fired)
    assert all(due == at for due, at in fired)


def test_a_cancelled_earliest_timer_moves_nothing():
    async def cancel():
        loop = asyncio.get_running_loop()
        for _ in range(300):  # enough for asyncio's sweep of cancelled timers, too
            loop.call_later(1, print).cancel()
        seen: list[float] = []
        doomed = loop.call_later(2, print)
        loop.call_later(3, lambda: seen.append(loop.time()))
        await asyncio.sleep(0)
        doomed.cancel()
        loop.call_later(2.5, lambda: seen.append(loop.time()))
        await asyncio.sleep(5)
        return seen

    assert run(cancel()) == [2.5, 3]


def test_sleep_zero_takes_no_time_and_yields():
    async def yield_often():
        order: list[str] = []

        async def other():
            order.append("other")

        task = asyncio.create_task(other())
        for _ in range(100):
            await asyncio.sleep(0)
        await task
        return order, now()

    assert run(yield_often()) == (["other"], 0)


def test_sleeping_until_a_time_between_two_microseconds_arrives():
    async def until(target_s: float):
        await asyncio.sleep(1000)
        steps = 0
        while now() < target_s:
            await asyncio.sleep(target_s - now())
            steps += 1
            assert steps < 5
        return now()

    assert run(until(1000.0000003)) == 1000.000001


def test_timeouts_and_endless_timers():
    async def limits():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(7200):
                await asyncio.sleep(math.inf)
        assert now() == 7200
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 10)
        async with asyncio.timeout(5):
            await asyncio.sleep(1)
        return now()

    assert run(limits()) == 7211


def test_a_deadlock_names_every_waiting_task_and_its_line():
    async def wait_for_nobody():
        await asyncio.Event().wait()

    async def main():
        asyncio.create_task(wait_for_nobody(), name="the other one")  # noqa: RUF006
        await wait_for_nobody()

    with pytest.raises(NothingCanHappen) as caught:
        run_on(lambda: VirtualTimeLoop(deadlock_after_s=0.02), main())
    text = str(caught.value)
    assert "no timer is set" in text
    assert "'the other one' waits at" in text
    assert text.count("Event.wait, called from") == 2
    assert text.count(f"{__file__}:{wait_for_nobody.__code__.co_firstlineno + 1} in") == 2


def test_a_thread_stops_time_until_it_is_done():
    async def main():
        ticks: list[float] = []

        async def tick():
            while True:
                await asyncio.sleep(1)
                ticks.append(now())

        ticker = asyncio.create_task(tick())
        await asyncio.sleep(2.5)
        started = time.monotonic()
        assert await asyncio.to_thread(lambda: time.sleep(0.05) or "done") == "done"
        assert time.monotonic() - started >= 0.05
        assert now() == 2.5
        ticker.cancel()
        return ticks

    assert run(main()) == [1, 2]


def test_time_stands_still_is_counted_and_an_exception_frees_it():
    async def main():
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        moved = asyncio.Event()
        loop.call_later(1, moved.set)
        answered = asyncio.Event()
        answer = threading.Timer(0.03, loop.call_soon_threadsafe, (answered.set,))

        async def outside():
            with loop.time_stands_still("outer"):
                with loop.time_stands_still("inner"):
                    await asyncio.sleep(0)
                answer.start()
                await answered.wait()
                assert not moved.is_set()
                raise KeyError

        with pytest.raises(KeyError):
            await outside()
        answer.join()
        await moved.wait()
        return now()

    assert run(main()) == 1


def test_a_thread_that_asks_for_simulated_time_gets_it():
    async def main():
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)

        async def simulate_an_hour():
            with loop.time_may_pass():
                await asyncio.sleep(3600)
            return now()

        def customer():
            return asyncio.run_coroutine_threadsafe(simulate_an_hour(), loop).result(5)

        return await asyncio.to_thread(customer), now()

    assert run(main()) == (3600, 3600)


def test_an_outside_that_never_answers_is_named():
    async def main():
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.call_later(1, print)
        with loop.time_stands_still("the answer of a silent process"):
            await asyncio.Event().wait()

    with pytest.raises(NothingCanHappen, match=r"stood still for the answer of a silent process"):
        run_on(lambda: VirtualTimeLoop(outside_limit_s=0.02), main())


def test_a_callback_from_another_thread_wakes_a_loop_without_timers():
    async def main():
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        thread = threading.Timer(0.05, loop.call_soon_threadsafe, (woken.set,))
        thread.start()
        await woken.wait()
        thread.join()
        return now()

    assert run(main()) == 0


async def exchange_http(requests: int) -> int:
    """Count the answers of a server in this loop, one request a simulated minute."""

    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(0.25)  # the server's own simulated time
        return web.Response(text=(await request.text()).upper())

    application = web.Application()
    application.router.add_post("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    right = 0
    try:
        async with ClientSession() as session:
            for number in range(requests):
                asked_at = now()
                async with session.post(site.name, data=f"n{number}") as got:
                    body = await got.text()
                right += body == f"N{number}" and round(now() - asked_at, 6) == 0.25
                await asyncio.sleep(60)
    finally:
        await runner.cleanup()
    return right


def test_http_in_one_loop_takes_only_the_servers_own_time():
    async def main():
        loop = asyncio.get_running_loop()

        def beat():  # timers of others everywhere: a jump over bytes in flight would show
            loop.call_later(0.01, beat)

        beat()
        return await exchange_http(20)

    assert run(main()) == 20


def test_a_pty_needs_and_gets_its_grace():
    async def main():
        loop = asyncio.get_running_loop()
        near, far = pty.openpty()
        tty.setraw(far)
        echoed: asyncio.Queue[bytes] = asyncio.Queue()
        loop.add_reader(far, lambda: os.write(far, os.read(far, 100)))
        loop.add_reader(near, lambda: echoed.put_nowait(os.read(near, 100)))
        loop.call_later(1000, print)
        for number in range(200):
            os.write(near, b"%d" % number)
            assert await echoed.get() == b"%d" % number
        loop.remove_reader(far)
        loop.remove_reader(near)
        os.close(near)
        os.close(far)
        return now()

    assert run_on(lambda: VirtualTimeLoop(io_grace_s=0.005), main()) == 0


def test_signals_reach_their_handler_without_moving_time():
    async def main():
        loop = asyncio.get_running_loop()
        got = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, got.set)
        threading.Timer(0.03, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        await got.wait()
        loop.remove_signal_handler(signal.SIGUSR1)
        return now()

    assert run(main()) == 0


def test_a_child_process_is_awaited_and_reaped():
    async def main():
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        with loop.time_stands_still("a child process"):
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "print('hello')", stdout=asyncio.subprocess.PIPE
            )
            output, _ = await child.communicate()
        return output, child.returncode, now()

    assert run(main()) == (b"hello\n", 0, 0)


def test_closing_leaves_nothing_behind():
    def open_descriptors() -> int:
        return len(os.listdir("/dev/fd"))

    async def use_everything():
        await asyncio.to_thread(time.sleep, 0)
        asyncio.get_running_loop().call_later(10, print)
        left = asyncio.create_task(asyncio.sleep(math.inf))
        await asyncio.sleep(1)
        return left

    run(asyncio.sleep(0))  # the first loop of a process may open what stays open
    gc.collect()  # what an earlier test left must not be closed while we count
    before = open_descriptors()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        left = run(use_everything())
        gc.collect()
    assert left.cancelled()
    assert open_descriptors() == before


def test_debug_mode_changes_nothing(caplog: pytest.LogCaptureFixture):
    async def main():
        asyncio.get_running_loop().set_debug(True)
        await asyncio.gather(*(asyncio.sleep(3600 * number) for number in range(5)))
        return now()

    assert run(main()) == 4 * 3600
    assert not caplog.records  # no "executing took 3600 seconds"


def test_scaled_time_runs_at_its_speed():
    async def main():
        started = time.monotonic()
        await asyncio.sleep(30)
        return time.monotonic() - started, now()

    real_s, scaled_s = run(main(), speed=1000)
    assert scaled_s >= 30
    assert 0.0299 <= real_s < 5
    assert run(main(), speed=10**5)[0] < 5


def test_debug_mode_does_not_call_scaled_callbacks_slow(caplog: pytest.LogCaptureFixture):
    async def main():
        asyncio.get_running_loop().set_debug(True)
        await asyncio.sleep(0)
        time.sleep(0.002)  # 2 s of the loop's time  # noqa: ASYNC251
        await asyncio.sleep(0)

    run(main(), speed=1000)
    assert not caplog.records


def test_scaled_time_keeps_the_order_of_equal_timers():
    async def ask():
        loop = asyncio.get_running_loop()
        fired: list[int] = []
        for number in range(50):
            loop.call_at(20, fired.append, number)
        await asyncio.sleep(25)
        return fired

    assert run(ask(), speed=1000) == list(range(50))


@pytest.mark.parametrize("speed", [0, -1, math.inf, math.nan])
def test_an_impossible_speed_is_refused(speed: float):
    with pytest.raises(ValueError, match="positive number"):
        ScaledTimeLoop(speed)


def test_a_cancelled_executor_job_frees_time():
    async def main():
        job = asyncio.create_task(asyncio.to_thread(time.sleep, 0.05))
        await asyncio.sleep(0)
        job.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await job
        await asyncio.sleep(5)
        return now()

    assert run(main()) == 5
