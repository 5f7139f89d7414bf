"""A modem that prints and answers nothing: a URC now and then, or bytes at another rate."""

import asyncio

import pytest

from ip_commands.device import IpCommandClient
from tests.drivers.modem_bench import ModemBench

MODELS = ("bg95", "sim7080g", "sara-r510s", "me310g1")


class Deaf:
    """A stream whose far end hears nothing, and says ``chatter`` each so many seconds."""

    def __init__(self, stream):
        self._stream = stream
        self.deaf = False
        self.close = stream.close
        self.read = stream.read

    async def write(self, data):
        if not self.deaf:
            await self._stream.write(data)


@pytest.mark.parametrize("every_s", [3, 100], ids=["garbled answers", "a URC now and then"])
@pytest.mark.parametrize("model", MODELS)
async def test_it_is_switched_off_and_on_within_minutes(model, every_s):
    bench = ModemBench(model)
    bench.stream = Deaf(bench.stream)
    pressed = []

    async def power_key():
        pressed.append(asyncio.get_running_loop().time())
        bench.stream.deaf = False  # what a boot heals
        bench.fake.power_key()

    client = IpCommandClient(
        bench.driver(power_key=power_key), 4242, accept_from=None, log=lambda line: None
    )
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    await client.wait_ready(120000)
    del pressed[:]

    async def chat():
        while True:
            await asyncio.sleep(every_s)
            if bench.stream.deaf:
                bench.fake.urc("+XYZ: 1" if every_s > 50 else "\xf8\x80\xf8")

    chatting = asyncio.create_task(chat())
    bench.stream.deaf = True
    deaf_at = asyncio.get_running_loop().time()
    await asyncio.sleep(900)
    # not before its longest command could have ended, and then soon
    assert pressed
    assert 150 <= pressed[0] - deaf_at <= 420
    assert client.state == "SERVING"
    chatting.cancel()
    await client.close()
    await task
    await asyncio.sleep(0)
    await bench.finish()
