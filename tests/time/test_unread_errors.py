"""What died in the background and nobody looked is told at the end; what somebody read is not."""

import asyncio
import gc

import pytest

from ip_commands.host_sim.time.loop_queue import LoopQueue
from ip_commands.host_sim.time.unread_errors import LOOK_AFTER, MOST_KEPT, UnreadErrors
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop, run


def watch() -> UnreadErrors:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    return UnreadErrors(loop)


async def die(what: object = "sensor") -> None:
    await asyncio.sleep(1)
    raise KeyError(what)


def test_a_task_that_nobody_awaited_is_told_with_its_name():
    async def main():
        unread = watch()
        asyncio.create_task(die(), name="the sensor")  # noqa: RUF006
        await asyncio.sleep(2)
        gc.collect()
        with pytest.raises(ExceptionGroup, match="task 'the sensor'") as caught:
            unread.raise_them()
        return caught.value

    (error,) = run(main()).exceptions
    assert repr(error) == "KeyError('sensor')"


def test_what_somebody_read_is_not_told():
    async def main():
        unread = watch()
        awaited, asked, gathered = (asyncio.create_task(die(number)) for number in range(3))
        with pytest.raises(KeyError):
            await awaited
        await asyncio.gather(gathered, return_exceptions=True)
        assert isinstance(asked.exception(), KeyError)
        cancelled = asyncio.create_task(die())
        await asyncio.sleep(0)
        cancelled.cancel()
        await asyncio.sleep(1)
        unread.raise_them()
        return True

    assert run(main())


def test_a_callback_that_raised_is_told_and_logged(caplog: pytest.LogCaptureFixture):
    async def main():
        unread = watch()
        LoopQueue(0, asyncio.get_running_loop()).after(5, int, "no number")
        await asyncio.sleep(1)
        with pytest.raises(ExceptionGroup, match=r"Exception in callback LoopQueue\._drain"):
            unread.raise_them()

    run(main())
    assert "no number" in caplog.text


def test_collected_before_others_read_it():
    async def main():
        unread = watch()
        task = asyncio.create_task(die())
        await asyncio.sleep(2)
        unread.collect()
        assert isinstance(task.exception(), KeyError)
        with pytest.raises(ExceptionGroup):
            unread.raise_them()

    run(main())


def test_a_late_reader_is_waited_for_among_many_that_were_read():
    async def main():
        unread = watch()
        late = asyncio.create_task(die())
        for number in range(2 * LOOK_AFTER):
            with pytest.raises(KeyError):
                await asyncio.create_task(die(number))
        assert isinstance(late.exception(), KeyError)
        unread.raise_them()
        return True

    assert run(main())


def test_of_very_many_the_first_are_kept_and_the_rest_counted():
    async def main():
        unread = watch()
        for number in range(3 * LOOK_AFTER):
            task = asyncio.create_task(die(number))
            if number % 2:
                with pytest.raises(KeyError):
                    await task
        await asyncio.sleep(2)
        with pytest.raises(ExceptionGroup) as caught:
            unread.raise_them()
        return caught.value

    error = run(main())
    assert [one.args[0] for one in error.exceptions] == list(range(0, 2 * MOST_KEPT, 2))
    assert f"and {3 * LOOK_AFTER // 2 - MOST_KEPT} more" in error.message


def test_afterwards_the_loop_is_as_before():
    async def main():
        unread = watch()
        unread.raise_them()
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        assert loop.on_failed_task is None
        assert loop.get_exception_handler() is None
        return True

    assert run(main())
