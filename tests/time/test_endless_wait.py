"""What ends a run that waits for ever, and what must not be taken for one."""

import asyncio
import dataclasses
import functools
import math
import operator
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import ip_commands
from ip_commands.host_sim.time import endless_wait
from ip_commands.host_sim.time.endless_wait import (
    QUIET_SHARE,
    ROUNDS,
    NothingCanHappen,
    NothingNewHappens,
    TimeCannotPass,
    TimeIsUp,
    WaitsForEver,
)
from ip_commands.host_sim.time.loop_queue import LoopQueue
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

DAY_S = 86400
LIMIT_S = 30 * DAY_S

# code of the package's own that does something every hour, as drivers and the network do
_recurring: dict[str, Any] = {}
exec(
    compile(
        "import asyncio\n"
        "async def every_hour():\n"
        "    while True:\n"
        "        await asyncio.sleep(3600)\n"
        "def event_every_hour(queue):\n"
        "    queue.after(3_600_000, event_every_hour, queue)\n",
        str(Path(ip_commands.__file__).parent / "host_sim" / "every_hour.py"),
        "exec",
    ),
    _recurring,
)
every_hour: Callable[[], Coroutine[Any, Any, None]] = _recurring["every_hour"]
event_every_hour: Callable[[LoopQueue], None] = _recurring["event_every_hour"]


def run_limited(main: Callable[[], Awaitable[Any]], limit_s: float = LIMIT_S) -> Any:
    """Run ``main()`` beside a recurring task, within a limit; return its result and the time."""

    async def limited() -> Any:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.limit_time(limit_s, advice="do something else")
        beside = asyncio.create_task(every_hour(), name="the hourly one")
        try:
            return await main(), loop.time()
        finally:
            beside.cancel()

    with asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(deadlock_after_s=0.02)) as runner:
        try:
            return runner.run(limited())
        except WaitsForEver as error:
            error.at_s = runner.get_loop().time()  # type: ignore[attr-defined]
            raise


def test_a_wait_beside_recurring_timers_ends_and_is_named():
    async def wait_for_nobody():
        await asyncio.Event().wait()

    with pytest.raises(NothingNewHappens) as caught:
        run_limited(wait_for_nobody)
    quiet_s = LIMIT_S / QUIET_SHARE
    assert quiet_s <= caught.value.at_s <= quiet_s * 1.1
    first, advice, mine, other = str(caught.value).split("\n  ")
    assert first.startswith("nothing new happens: for 2 simulated days")
    assert first.endswith("no task of yours took a step")
    assert advice == "do something else"
    line = wait_for_nobody.__code__.co_firstlineno + 1
    assert f"{__file__}:{line} in" in mine
    assert "'the hourly one' waits at" in other


def test_the_traceback_ends_at_the_line_that_waited():
    async def wait_for_nobody():
        await asyncio.Event().wait()

    with pytest.raises(NothingNewHappens) as caught:
        run_limited(wait_for_nobody)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert last.filename == __file__
    assert last.line == "await asyncio.Event().wait()"


def test_events_of_a_queue_that_recur_are_nothing_new_either():
    async def wait_for_nobody():
        event_every_hour(LoopQueue(0, asyncio.get_running_loop()))
        await asyncio.Event().wait()

    with pytest.raises(NothingNewHappens):
        run_limited(wait_for_nobody)


def test_three_rounds_of_the_longest_timer_are_waited_for():
    async def wait_for_nobody():
        loop = asyncio.get_running_loop()
        queue = LoopQueue(0, loop)
        ten_days_ms = 10 * DAY_S * 1000
        queue.after(ten_days_ms, queue.after, ten_days_ms, queue.after, ten_days_ms, int)
        await asyncio.Event().wait()

    with pytest.raises(TimeIsUp):  # 3 rounds end after 30 days
        run_limited(wait_for_nobody)
    with pytest.raises(NothingNewHappens) as caught:
        run_limited(wait_for_nobody, 60 * DAY_S)
    assert ROUNDS * 10 * DAY_S <= caught.value.at_s < 31 * DAY_S


@pytest.mark.parametrize("timer", ["of the loop", "of a queue", "of another task", "a time-out"])
def test_a_far_timer_is_waited_for(timer: str):
    async def wait():
        loop = asyncio.get_running_loop()
        done = asyncio.Event()
        queue = LoopQueue(0, loop)
        event_every_hour(queue)  # the loop itself knows the queue's next event only
        if timer == "of the loop":
            loop.call_later(20 * DAY_S, done.set)
        elif timer == "of a queue":
            queue.after(20 * DAY_S * 1000, done.set)
        elif timer == "of another task":
            other = asyncio.create_task(asyncio.sleep(20 * DAY_S))
            other.add_done_callback(lambda _: done.set())
        else:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(done.wait(), 20 * DAY_S)
            return "timed out"
        await done.wait()
        return "came"

    result, at_s = run_limited(wait)
    assert result == ("timed out" if timer == "a time-out" else "came")
    assert at_s == 20 * DAY_S


def test_a_far_timer_that_was_cancelled_holds_nothing_up():
    async def wait_for_nobody():
        loop = asyncio.get_running_loop()
        queue = LoopQueue(0, loop)
        event_every_hour(queue)
        event = queue.after(20 * DAY_S * 1000, print)
        handle = loop.call_later(20 * DAY_S, print)
        loop.call_later(10, event.cancel)
        loop.call_later(10, handle.cancel)
        await asyncio.Event().wait()

    with pytest.raises(NothingNewHappens) as caught:
        run_limited(wait_for_nobody)
    assert caught.value.at_s < 3 * DAY_S


async def count_in_a_task(done: asyncio.Event) -> None:
    for _ in range(240):
        await asyncio.sleep(3600)
    done.set()


async def count_in_a_generator(done: asyncio.Event) -> None:
    async def hours():
        for hour in range(240):
            await asyncio.sleep(3600)
            yield hour

    await asyncio.sleep(0)
    done.set() if [hour async for hour in hours()] else None


async def count_in_a_group(done: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(count_in_a_task(done))


async def count_in_many_tasks(done: asyncio.Event) -> None:
    others = [asyncio.create_task(asyncio.Event().wait()) for _ in range(20)]
    await count_in_a_task(done)
    for other in others:
        other.cancel()


async def count_in_callbacks(done: asyncio.Event) -> None:
    left = 240

    def beat() -> None:
        nonlocal left
        left -= 1
        asyncio.get_running_loop().call_later(3600, beat) if left else done.set()

    beat()
    await done.wait()


async def count_in_events(done: asyncio.Event) -> None:
    left = 240
    queue = LoopQueue(0, asyncio.get_running_loop())

    def beat() -> None:
        nonlocal left
        left -= 1
        queue.after(3_600_000, beat) if left else done.set()

    beat()
    await done.wait()


class Beats:
    def __init__(self, done: asyncio.Event) -> None:
        self.left = 240
        self.done = done

    def beat(self, *_: object) -> bool:
        self.left -= 1
        if not self.left:
            self.done.set()
        return bool(self.left)


async def count_in_a_partial(done: asyncio.Event) -> None:
    beats = Beats(done)
    loop = asyncio.get_running_loop()

    def beat(_: int) -> None:
        if beats.beat():
            loop.call_later(3600, functools.partial(beat, 1))

    beat(1)
    await done.wait()


async def count_in_an_object(done: asyncio.Event) -> None:
    class Beat(Beats):
        def __call__(self) -> None:
            if self.beat():
                asyncio.get_running_loop().call_later(3600, self)

    Beat(done)()
    await done.wait()


async def count_in_an_argument(done: asyncio.Event) -> None:
    beats = Beats(done)
    queue = LoopQueue(0, asyncio.get_running_loop())

    def beat() -> None:
        if beats.beat():
            queue.after(3_600_000, operator.call, beat)

    beat()
    await done.wait()


@pytest.mark.parametrize(
    "count",
    [
        count_in_a_partial,
        count_in_an_object,
        count_in_an_argument,
        count_in_a_task,
        count_in_a_generator,
        count_in_a_group,
        count_in_many_tasks,
        count_in_callbacks,
        count_in_events,
    ],
)
def test_who_counts_hours_in_code_of_their_own_is_left_alone(
    count: Callable[[asyncio.Event], Coroutine[Any, Any, None]],
):
    async def wait():
        done = asyncio.Event()
        counting = asyncio.create_task(count(done))
        await done.wait()
        await counting

    _, at_s = run_limited(wait)
    assert at_s > 9 * DAY_S


class Device:
    answered: int = False


async def poll(device: Device, every_s: float) -> None:
    while not device.answered:  # noqa: ASYNC110
        await asyncio.sleep(every_s)


@pytest.fixture
def few_steps(monkeypatch: pytest.MonkeyPatch) -> int:
    """Make so few steps at one place count as many."""
    monkeypatch.setattr(endless_wait, "ENDLESS_STEPS", 1000)
    return 1000


def test_who_polls_for_nothing_ends(few_steps: int):
    with pytest.raises(NothingNewHappens, match="1000 steps, no variable changed") as caught:
        run_limited(lambda: poll(Device(), 60))
    # so many polls count as steps, the rest as standing still; it is looked at every two hours
    assert abs(caught.value.at_s - few_steps * 60 - 2 * DAY_S) <= 7200
    assert "await asyncio.sleep(every_s)" in traceback.format_exception(caught.value)[-2]


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("limit_s", [400 * DAY_S, math.inf])
def test_who_polls_the_clock_may_do_so_with_a_longer_limit(limit_s: float):
    async def wait():
        loop = asyncio.get_running_loop()
        while loop.time() < 5 * DAY_S:  # noqa: ASYNC110
            await asyncio.sleep(60)

    assert run_limited(wait, limit_s)[1] == 5 * DAY_S
    with pytest.raises(NothingNewHappens):
        run_limited(wait)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("every_s", [60, 3600])
def test_who_polls_in_time_gets_it(every_s: float):
    async def wait():
        device = Device()
        asyncio.get_running_loop().call_later(2 * DAY_S, setattr, device, "answered", True)
        await poll(device, every_s)

    assert run_limited(wait)[1] == 2 * DAY_S


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize("counted", [8, 0])
def test_who_polls_seldom_may_do_so_up_to_the_limit(counted: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endless_wait, "WALKERS_COUNTED", counted)
    with pytest.raises(TimeIsUp):
        run_limited(lambda: poll(Device(), 3600))


async def count_in_a_list() -> None:
    samples: list[bool] = []
    while len(samples) < 10_000:
        await asyncio.sleep(60)
        samples.append(True)


async def count_in_a_number() -> None:
    number = 0
    while number < 10_000:
        await asyncio.sleep(60)
        number += 1


class Counter:
    number = 0

    async def count(self) -> None:
        while self.number < 10_000:
            await asyncio.sleep(60)
            self.number += 1


@dataclasses.dataclass(slots=True)
class SlottedCounter:
    number: int = 0

    count = Counter.count


async def count_in_an_attribute() -> None:
    await Counter().count()


async def count_in_a_slot() -> None:
    await SlottedCounter().count()  # type: ignore[misc]


async def count_in_a_class() -> None:
    Device.answered = 0
    while Device.answered < 10_000:
        await asyncio.sleep(60)
        Device.answered += 1
    Device.answered = False


async def count_in_a_dictionary() -> None:
    seen = {"number": 0}
    while seen["number"] < 10_000:
        await asyncio.sleep(60)
        seen["number"] += 1


_number = 0


async def count_in_a_global() -> None:
    global _number
    _number = 0
    while _number < 10_000:
        await asyncio.sleep(60)
        _number += 1


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(
    "count",
    [
        count_in_a_list,
        count_in_a_number,
        count_in_an_attribute,
        count_in_a_slot,
        count_in_a_class,
        count_in_a_dictionary,
        count_in_a_global,
    ],
)
def test_who_polls_and_counts_is_left_alone(count: Callable[[], Coroutine[Any, Any, None]]):
    assert run_limited(count)[1] == 600_000


def test_who_got_some_and_waits_at_the_same_line_for_more_ends():
    async def wait():
        queue: asyncio.Queue[int] = asyncio.Queue()
        for hour in range(5):
            asyncio.get_running_loop().call_later(3600 * hour, queue.put_nowait, hour)
        while True:
            await queue.get()

    with pytest.raises(NothingNewHappens) as caught:
        run_limited(wait)
    assert caught.value.at_s < 3 * DAY_S


def test_the_limit_is_exact_and_named():
    async def poll():
        for _ in range(2 * DAY_S // 7):
            await asyncio.sleep(7)

    with pytest.raises(TimeIsUp, match=r"^1.5 simulated days are over\n  do something") as caught:
        run_limited(poll, 1.5 * DAY_S)
    assert caught.value.at_s == 1.5 * DAY_S


def test_a_sleep_far_beyond_the_limit_ends_at_it():
    async def sleep():
        await asyncio.sleep(10**9)

    with pytest.raises(TimeIsUp) as caught:
        run_limited(sleep)
    assert caught.value.at_s == LIMIT_S


@pytest.mark.parametrize("limit_s", [90 * DAY_S, math.inf])
def test_a_wait_for_ever_ends_as_soon_beside_a_longer_limit(limit_s: float):
    async def wait_for_nobody():
        await asyncio.Event().wait()

    with pytest.raises(NothingNewHappens) as caught:
        run_limited(wait_for_nobody, limit_s)
    assert caught.value.at_s < 3 * DAY_S


def test_an_infinite_limit_is_none():
    async def sleep():
        await asyncio.sleep(413 * DAY_S)

    assert run_limited(sleep, math.inf)[1] == 413 * DAY_S


def test_a_turn_without_time_is_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(endless_wait, "TURNS_AT_ONE_MOMENT", 1000)

    async def spin():
        for _ in range(3):  # time passes now and then: that is no endless moment
            for _ in range(900):
                await asyncio.sleep(0)
            await asyncio.sleep(0.001)
        for _ in range(2000):
            await asyncio.sleep(0)

    with pytest.raises(TimeCannotPass, match=r"1000 turns .* at the same moment") as caught:
        run_limited(spin)
    assert caught.value.at_s == 0.003


def test_finally_blocks_get_simulated_time():
    seen: list[float] = []

    async def sleep():
        try:
            await asyncio.sleep(10 * DAY_S)
        finally:
            await asyncio.sleep(3600)
            seen.append(asyncio.get_running_loop().time())

    with pytest.raises(TimeIsUp):
        run_limited(sleep, DAY_S / 2)
    assert seen == [DAY_S / 2 + 3600]


def test_who_swallows_the_end_fails_all_the_same():
    async def swallow():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "nothing happened"

    with pytest.raises(NothingNewHappens):
        run_limited(swallow)


def test_who_swallows_every_end_is_left_at_the_second():
    ends: list[float] = []

    async def swallow():
        while len(ends) < 3:
            try:
                await asyncio.sleep(40 * DAY_S)
            except asyncio.CancelledError:
                ends.append(asyncio.get_running_loop().time())

    with pytest.raises(TimeIsUp):
        run_limited(swallow)
    # at the limit, a day later, and cancelled when the loop was left
    assert ends == [LIMIT_S, LIMIT_S + DAY_S]


def test_an_error_on_the_way_out_tells_what_came_before():
    async def fail():
        try:
            await asyncio.Event().wait()
        finally:
            raise KeyError("device")

    with pytest.raises(KeyError) as caught:
        run_limited(fail)
    assert caught.value.__notes__[0].startswith("after: nothing new happens")


def test_a_deadlock_shows_the_line_that_waits():
    async def wait_for_nobody():
        await asyncio.Event().wait()

    with (
        asyncio.Runner(loop_factory=lambda: VirtualTimeLoop(deadlock_after_s=0.02)) as runner,
        pytest.raises(NothingCanHappen) as caught,
    ):
        runner.run(wait_for_nobody())
    assert "time_stands_still('its name')" in str(caught.value)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.line) == (__file__, "await asyncio.Event().wait()")


def test_what_runs_as_no_task_leaves_the_loop_as_an_error():
    loop = VirtualTimeLoop()
    loop.limit_time(DAY_S)
    loop.call_later(2 * DAY_S, print)
    with pytest.raises(TimeIsUp):
        loop.run_forever()
    loop.close()


def test_a_simulation_refuses_another_loop():
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        queue = LoopQueue(0, runner.get_loop())
        queue.after(10, print)  # no loop runs: whoever makes it may do so

        async def use_it():
            with pytest.raises(RuntimeError, match="runs on another event loop"):
                queue.after(1, print)

        asyncio.run(use_it())
