"""Every test with the fixture ends: at a limit, by a guard, by a time-out, by Ctrl-C."""

import os
import signal

import pytest

from tests.pytest_plugin.conftest import FreshFolder

WAITING = """
    import asyncio
    import pytest

    async def test_for_nobody(supersim):
        device = await supersim.add_device(profile="cat-m1-edrx")
        await device.listen()
        never = asyncio.Event()
        await never.wait()

    @pytest.mark.supersim(limit_days=3)
    async def test_beyond_its_limit(supersim):
        await supersim.run_for(hours=24 * 4)

    async def test_beyond_the_option(supersim):
        await supersim.run_for(hours=24 * 3)

    @pytest.mark.supersim(limit_days="inf")
    async def test_for_nobody_without_a_limit(supersim):
        device = await supersim.add_device()
        await device.listen()
        await asyncio.Event().wait()

    @pytest.mark.supersim(limit_days="inf")
    async def test_for_a_year(supersim):
        await supersim.run_for(hours=24 * 365)

    async def test_afterwards(supersim):
        device = await supersim.add_device()
        await device.listen()
        await supersim.run_for(hours=1)
"""


def test_a_wait_for_ever_ends_with_its_own_line(fresh: FreshFolder) -> None:
    fresh.write(test_it=WAITING, pytest_ini="[pytest]\nsupersim_limit_days = 7\n")
    report = fresh.pytest("--supersim-limit-days=2.5")
    assert report.passed == {"test_for_a_year", "test_afterwards"}, report.output
    said = report.tests["test_for_nobody"]
    assert "nothing new happens: for 0.1" in said
    assert ">       await never.wait()" in said
    assert "@pytest.mark.supersim(limit_days=...)" in said
    first_task = said[said.index("  task ") :].split("\n")[0]
    assert "test_it.py:9 in test_for_nobody" in first_task
    assert "'client of device-1' waits at" in said
    said = report.tests["test_for_nobody_without_a_limit"]
    assert "nothing new happens: for 2" in said
    assert "TimeIsUp: 3 simulated days are over" in report.tests["test_beyond_its_limit"]
    said = report.tests["test_beyond_the_option"]
    assert "TimeIsUp: 2.5 simulated days are over" in said
    assert ">       await supersim.run_for(hours=24 * 3)" in said


STRUCK = """
    import asyncio
    import signal
    import pytest

    def time_is_up(*_):
        pytest.fail("time is up")

    @pytest.fixture
    def alarm():
        # as pytest-timeout does it: an exception in whatever code runs at that moment
        signal.signal(signal.SIGALRM, time_is_up)
        yield lambda: signal.setitimer(signal.ITIMER_REAL, 0.3)
        signal.setitimer(signal.ITIMER_REAL, 0)

    @pytest.mark.supersim(limit_days="inf")
    @pytest.mark.parametrize("times", range(3))
    async def test_devices(supersim, alarm, times):
        for _ in range(2):
            device = await supersim.add_device()
            await device.listen()
        alarm()
        await asyncio.sleep(10**9)

    @pytest.mark.supersim(limit_days="inf")
    async def test_event(supersim, alarm):
        def beat():
            sum(range(1000))
            supersim.queue.after(10, beat)
        beat()
        alarm()
        try:
            await asyncio.Event().wait()
        finally:
            print("cleaned up")

    async def test_afterwards(supersim):
        await supersim.run_for(hours=1)

    async def test_beyond_the_configuration(supersim):
        await supersim.run_for(hours=24 * 8)
"""


def test_a_time_out_strikes_wherever_it_is(fresh: FreshFolder) -> None:
    fresh.write(test_it=STRUCK, pytest_ini="[pytest]\nsupersim_limit_days = 7\n")
    report = fresh.pytest("-s")
    assert "7 simulated days are over" in report.tests.pop("test_beyond_the_configuration")
    assert report.tests.pop("test_afterwards") == "passed"
    assert len(report.tests) == 4
    for said in report.tests.values():
        # perhaps with an error at teardown beside it: an exception that strikes asyncio between
        # taking a task's turn from its list and giving it loses that turn, and the task with it
        assert "Failed: time is up" in said
    assert "cleaned up" in report.output


def test_pytest_timeout(fresh: FreshFolder) -> None:
    pytest.importorskip("pytest_timeout")
    fresh.write(
        test_it="""
            import asyncio
            import pytest

            @pytest.mark.timeout(1, func_only=True)
            @pytest.mark.supersim(limit_days="inf")
            async def test_it(supersim):
                device = await supersim.add_device()
                await device.listen()
                await asyncio.sleep(10**9)
        """
    )
    said = fresh.pytest("--timeout-method=signal").tests["test_it"]
    assert "Timeout (>1.0s) from pytest-timeout" in said


def test_control_c(fresh: FreshFolder) -> None:
    fresh.write(
        test_it="""
            import asyncio
            import pathlib
            import pytest

            @pytest.mark.supersim(limit_days="inf")
            async def test_it(supersim):
                device = await supersim.add_device()
                await device.listen()
                print("busy", flush=True)
                await asyncio.sleep(10**9)

            async def test_next(supersim):
                pass
        """
    )
    process = fresh.start("-s")
    assert process.stdout is not None
    while "busy" not in process.stdout.readline():
        assert process.poll() is None
    os.kill(process.pid, signal.SIGINT)
    report = fresh.finish(process)
    assert report.code == 2, report.output
    assert "KeyboardInterrupt" in report.output
    assert "test_next" not in report.tests


BACKGROUND = """
    import asyncio
    import pytest

    async def die():
        raise ValueError("sensor gone")

    async def test_task(supersim):
        keep = asyncio.create_task(die(), name="the sensor")
        await supersim.run_for(seconds=1)

    async def test_task_that_is_read(supersim):
        keep = asyncio.create_task(die())
        await supersim.run_for(seconds=1)
        with pytest.raises(ValueError):
            await keep

    async def test_event(supersim):
        supersim.queue.after(5, int, "no number")
        await supersim.run_for(seconds=1)

    async def test_device_program(supersim):
        class Program:
            async def run(self):
                await asyncio.sleep(60)
                raise TypeError("a bug in the device program")

            async def wait_ready(self, timeout_ms):
                pass

            async def close(self):
                pass

        device = await supersim.add_device()
        await device.start(Program())
        await supersim.run_for(minutes=10)

    async def test_tasks_left_over(supersim):
        async def poll():
            while True:
                await supersim.run_for(seconds=1)
        keep = asyncio.create_task(poll())
        await supersim.run_for(seconds=5)
"""


def test_what_dies_in_the_background_fails_the_test(fresh: FreshFolder) -> None:
    fresh.write(
        test_it=BACKGROUND,
        pytest_ini="[pytest]\nfilterwarnings = error\n"
        "asyncio_default_fixture_loop_scope = function\n",
    )
    report = fresh.pytest()
    assert report.passed == {"test_task_that_is_read", "test_tasks_left_over"}, report.output
    assert "nobody looked: task 'the sensor'" in report.tests["test_task"]
    assert "ValueError: sensor gone" in report.tests["test_task"]
    assert "invalid literal for int()" in report.tests["test_event"]
    assert "task 'client of device-1'" in report.tests["test_device_program"]
