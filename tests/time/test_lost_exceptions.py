"""Nothing that should end the program gets lost in a loop: time-outs of a test runner, Ctrl-C."""

import asyncio
import contextlib
import gc
import signal
import threading
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any

import pytest
from aiohttp import ClientSession, web

from ip_commands.host_sim.time.endless_wait import WaitsForEver
from ip_commands.host_sim.time.loop_queue import LoopQueue
from ip_commands.host_sim.time.ordered_loop import OrderedTimersLoop
from ip_commands.host_sim.time.virtual_time import ScaledTimeLoop, VirtualTimeLoop

LOOPS = [VirtualTimeLoop, lambda: ScaledTimeLoop(1000)]

Close = Callable[[], Coroutine[Any, Any, None]]


class TestIsOver(BaseException):
    """What a test runner raises in whatever code runs when its time is up."""

    __test__ = False


def strike() -> None:
    raise TestIsOver


async def strike_soon() -> None:
    await asyncio.sleep(1)
    strike()


async def in_a_callback() -> None:
    asyncio.get_running_loop().call_later(1, strike)


async def in_an_event() -> None:
    LoopQueue(0, asyncio.get_running_loop()).after(1000, strike)


async def in_a_task() -> None:
    keep = asyncio.create_task(strike_soon())
    keep.add_done_callback(lambda _: None)


async def in_a_task_of_a_task() -> None:
    async def wait_for_it() -> None:
        await asyncio.create_task(strike_soon())

    keep = asyncio.create_task(wait_for_it())
    keep.add_done_callback(lambda _: None)


async def in_a_task_that_the_loop_did_not_make() -> None:
    asyncio.Task(strike_soon(), loop=asyncio.get_running_loop())  # as aiohttp does


async def in_a_protocol() -> Close:
    class Striking(asyncio.Protocol):
        def data_received(self, data: bytes) -> None:
            strike()

    loop = asyncio.get_running_loop()
    server = await loop.create_server(Striking, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    writer.write(b"x")

    async def close() -> None:
        server.close()
        writer.close()

    return close


async def in_a_http_handler() -> Close:
    struck: list[bool] = []

    async def handle(_: web.Request) -> web.Response:
        if not struck:  # aiohttp's client asks once more when the connection breaks
            struck.append(True)
            strike()
        return web.Response()

    application = web.Application()
    application.router.add_get("/", handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()

    async def ask() -> None:
        async with ClientSession() as session, session.get(site.name):
            pass

    keep = asyncio.create_task(ask())

    async def close() -> None:
        await keep
        await runner.cleanup()

    return close


@pytest.mark.parametrize("loop_factory", LOOPS, ids=["virtual", "scaled"])
@pytest.mark.parametrize(
    "where",
    [
        in_a_callback,
        in_an_event,
        in_a_task,
        in_a_task_of_a_task,
        in_a_task_that_the_loop_did_not_make,
        in_a_protocol,
        in_a_http_handler,
    ],
)
def test_an_exception_that_is_no_exception_ends_the_run(
    where: Callable[[], Coroutine[Any, Any, Close | None]],
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
):
    cleaned_up: list[str] = []
    close: list[Close | None] = []

    async def main() -> None:
        close.append(await where())
        try:
            await asyncio.sleep(10_000)
        finally:
            cleaned_up.append("main")

    async def afterwards() -> str:
        assert cleaned_up == ["main"]
        await asyncio.sleep(1)
        if close[0] is not None:
            await close[0]()
        return "the loop still runs"

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        with pytest.raises(TestIsOver):
            runner.run(main())
        assert runner.run(afterwards()) == "the loop still runs"


def test_who_awaits_a_task_gets_its_end():
    async def main() -> str:
        task = asyncio.create_task(strike_soon())
        with pytest.raises(TestIsOver):
            await task
        await asyncio.sleep(10)
        return "went on"

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(main()) == "went on"


@pytest.mark.parametrize("in_the_queue", [True, False])
def test_control_c_in_a_callback_ends_the_run_once(in_the_queue: bool):
    async def main() -> None:
        loop = asyncio.get_running_loop()
        queue = LoopQueue(0, loop)

        def interrupt() -> None:
            raise KeyboardInterrupt

        if in_the_queue:
            queue.after(10, interrupt)
        else:
            loop.call_later(0.01, interrupt)
        await asyncio.sleep(10)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        with pytest.raises(KeyboardInterrupt):
            runner.run(main())
        runner.run(asyncio.sleep(20))


def test_control_c_reaches_a_busy_simulation():
    async def main() -> None:
        queue = LoopQueue(0, asyncio.get_running_loop())

        def beat() -> None:
            queue.after(1, beat)

        beat()
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        threading.Timer(0.05, signal.pthread_kill, (main_thread, signal.SIGINT)).start()
        await asyncio.sleep(10**9)

    with (
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
        pytest.raises(KeyboardInterrupt),
    ):
        runner.run(main())


def test_an_alarm_that_raises_anywhere_ends_a_busy_simulation():
    """The signal strikes wherever Python happens to be: every run somewhere else."""

    def alarm(_: int, frame: FrameType | None) -> None:
        while frame is not None:
            code = frame.f_code
            if code.co_name == "__del__" or "weakref" in code.co_filename:
                signal.setitimer(signal.ITIMER_REAL, 0.001)  # Python drops what is raised there
                return
            frame = frame.f_back
        raise TestIsOver

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        loop.limit_time(1200)  # an end all the same, should the alarm get lost
        queue = LoopQueue(0, loop)

        def beat() -> None:
            queue.after(3, beat)

        async def tick() -> None:
            for _ in range(10**9):
                await asyncio.sleep(0.002)

        beat()
        keep = asyncio.create_task(tick())
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        await asyncio.sleep(10**9)
        keep.cancel()

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        for _ in range(15):
            loop = VirtualTimeLoop()
            with asyncio.Runner(loop_factory=lambda loop=loop: loop) as runner:
                with pytest.raises(TestIsOver):
                    runner.run(main())
                # it may have struck between a task and its next step, which never comes then
                loop.limit_time(60)
                with contextlib.suppress(WaitsForEver):
                    runner.close()
            loop.close()
            gc.collect()  # in the burial of its tasks the next alarm could not raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_what_strikes_while_a_loop_is_closed_leaves_it_closed(caplog: pytest.LogCaptureFixture):
    async def main() -> None:
        async def stay() -> None:
            try:
                await asyncio.sleep(100)
            finally:
                strike()

        keep = asyncio.create_task(stay(), name="who stays")
        await asyncio.sleep(1)
        assert not keep.done()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        loop = runner.get_loop()
        runner.run(main())
    assert loop.is_closed()
    assert "TestIsOver" in caplog.text


def test_an_ordinary_error_in_a_callback_is_logged_as_ever(caplog: pytest.LogCaptureFixture):
    async def main() -> str:
        asyncio.get_running_loop().call_later(1, int, "no number")
        await asyncio.sleep(10)
        return "went on"

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert isinstance(runner.get_loop(), OrderedTimersLoop)
        assert runner.run(main()) == "went on"
    assert "invalid literal" in caplog.text
