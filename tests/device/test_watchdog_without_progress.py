"""Serving again and again for some seconds is no progress: the feeding of the watchdog ends."""

import asyncio

import pytest

from ip_commands.device import CommandError, IpCommandClient, ModemTimeout, UnexpectedAnswer
from ip_commands.device.watchdog import feed_while_well
from ip_commands.host_sim.time.virtual_time import run
from tests.portable.scripted_modem import ScriptedModem

HOUR_S = 3600
READ_FAILURES = {
    "mute": lambda: ModemTimeout("+READ", 5000),
    "refused": lambda: CommandError("+READ", "+CME ERROR: 3"),
    "nonsense": lambda: UnexpectedAnswer("+READ", "x"),
}


async def fed_for(make_failure, hours):
    modem = ScriptedModem()
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: None)
    loop = asyncio.get_running_loop()
    fed_at = [0.0]
    task = asyncio.create_task(client.run())
    feeding = asyncio.create_task(
        feed_while_well(client, lambda: fed_at.append(loop.time()), every_ms=2000)
    )
    for _ in range(hours * 180):
        await asyncio.sleep(20)
        if make_failure and modem.sockets and client.state == "SERVING":
            modem.socket.arrive(make_failure())
    if make_failure:
        assert client.reopened > 10  # it was serving all the time, for some seconds
    ended = feeding.done()
    feeding.cancel()
    await client.close()
    await task
    return fed_at[-1], ended


@pytest.mark.parametrize("how", READ_FAILURES)
def test_reads_that_never_work_are_no_progress(how):
    fed_s, ended = run(fed_for(READ_FAILURES[how], 6))
    assert ended
    assert 2 * HOUR_S - 60 <= fed_s <= 2 * HOUR_S + 60


def test_listening_in_vain_is():
    fed_s, ended = run(fed_for(None, 6))
    assert not ended
    assert fed_s > 6 * HOUR_S - 10
