"""A modem that brings its data connection up for longer than a command waits keeps its power."""

import asyncio

import pytest

from ip_commands.device import IpCommandClient
from tests.drivers.modem_bench import ModemBench

# model -> the command that activates
FAMILIES = {
    "bg95": b"AT+QIACT=",
    "sim7080g": b"AT+CNACT=0,1",
    "sara-r510s": b"AT+UPSDA=0,3",
    "me310g1": b"AT#SGACT=1,1",
}


class SlowStream:
    """The UART of a modem that does nothing else while it activates."""

    def __init__(self, stream, command, silent_s):
        self._stream = stream
        self._command = command
        self._silent_s = silent_s
        self._busy_until = 0
        self.read = stream.read
        self.close = stream.close

    async def write(self, data):
        now = asyncio.get_running_loop().time()
        if data.startswith(self._command) and not self._busy_until:
            self._busy_until = now + self._silent_s
        if now >= self._busy_until:
            await self._stream.write(data)


@pytest.mark.parametrize("model", FAMILIES)
async def test_no_key_is_pressed_on_a_modem_that_activates_for_long(model):
    bench = ModemBench(model)
    earlier = bench.driver()
    await earlier.start()
    bench.abandon(earlier)
    presses = bench.power_keys
    bench.stream = SlowStream(bench.stream, FAMILIES[model], 140)
    client = IpCommandClient(bench.driver(), 4242, accept_from=None, log=lambda line: None)
    client.on_command(lambda command: None)
    task = asyncio.create_task(client.run())
    await client.wait_ready(400000)
    assert bench.power_keys == presses
    await client.close()
    await task
    await bench.finish()


@pytest.mark.parametrize("model", [*FAMILIES, "gm02sp", "nrf9151"])
async def test_a_quiet_minute_before_it_fell_silent_is_no_reason_to_press_the_key(model):
    """Silence counts from the first question without an answer, not from the last thing heard."""
    bench = ModemBench(model)
    got = []
    client = IpCommandClient(bench.driver(), 4242, accept_from=None, log=lambda line: None)
    client.on_command(lambda command: got.append(command.payload))
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    await client.wait_ready(400000)
    bench.inject(b"before")
    await asyncio.sleep(58)
    bench.mute(True)
    bench.inject(b"held")
    await asyncio.sleep(145)
    assert (client.state, bench.power_keys) == ("WAITING", 0)
    bench.mute(False)
    await asyncio.sleep(60)
    assert (client.state, bench.power_keys, client.reopened) == ("SERVING", 0, 0)
    # u-blox: one that follows a read without an answer may be the end of a longer one
    dropped = client.health()["dropped"]
    assert dropped <= model.startswith("sara")
    assert got == [b"before", b"held"][: 2 - dropped]
    await client.close()
    await task
    await bench.finish()
