"""Cloud and webhooks on a clock that jumps: the clock waits for receivers, but not for ever."""

import asyncio
import time

from ip_commands.host_sim.time import virtual_time
from tests.cloud.cloud_under_test import START_MS, CloudUnderTest
from tests.cloud.test_webhooks import details, point_fleet, silent_server

HOUR_MS = 3_600_000


def test_webhooks_take_no_simulated_time() -> None:
    async def main() -> None:
        async with CloudUnderTest() as cloud:
            for hour in range(1, 25):
                await asyncio.sleep(3600)
                cloud.uplink(str(hour).encode())
                await cloud.sender.drain()
                assert cloud.queue.now_ms == START_MS + hour * HOUR_MS
            assert cloud.sender.counters.delivered == 24
            assert details(cloud) == []

    virtual_time.run(main())


def test_the_clock_waits_for_a_receiver_in_real_time() -> None:
    async def main() -> None:
        async with CloudUnderTest() as cloud:

            async def answer_late(_: object) -> int:
                # work that the loop's clock does not see, as another process would do
                await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.15)
                return 200

            cloud.receiver.answer = answer_late
            cloud.uplink(b"x")
            await cloud.sender.drain()
            assert details(cloud) == []
            assert cloud.queue.now_ms == START_MS

    virtual_time.run(main())


def test_a_silent_receiver_times_out_on_the_virtual_clock() -> None:
    async def main() -> None:
        options = {"patience_s": 0.1}
        async with CloudUnderTest(sender=options) as cloud, silent_server() as (silent, _):
            point_fleet(cloud, silent)
            started = time.monotonic()
            cloud.uplink(b"x")
            await cloud.sender.drain()
            assert details(cloud) == ["no answer in time (attempts: 1)"]
            assert 0.09 < time.monotonic() - started < 5
            assert 14_900 <= cloud.queue.now_ms - START_MS <= 16_000

    virtual_time.run(main())


def test_a_receiver_that_sleeps_on_the_virtual_clock_is_heard() -> None:
    async def main() -> None:
        async with CloudUnderTest(sender={"patience_s": 0.1}) as cloud:

            async def sleep_first(_: object) -> int:
                await asyncio.sleep(10)
                return 200

            cloud.receiver.answer = sleep_first
            cloud.uplink(b"x")
            await cloud.sender.drain()
            assert details(cloud) == []
            assert cloud.queue.now_ms >= START_MS + 10_000

    virtual_time.run(main())


def test_the_official_client_in_a_thread() -> None:
    async def main() -> None:
        async with CloudUnderTest() as cloud:
            ip_commands = cloud.client().supersim.v1.ip_commands
            for number in range(3):
                created = await asyncio.to_thread(
                    ip_commands.create, sim="alice", payload=str(number), device_port=1
                )
                assert created.status == "queued"
                await asyncio.sleep(600)
            listed = await asyncio.to_thread(ip_commands.list)
            assert [command.status for command in listed] == ["sent"] * 3
            assert cloud.queue.now_ms == START_MS + 3 * 600_000

    virtual_time.run(main())
