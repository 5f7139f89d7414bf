"""A program's own functions for its link hang, or refuse to end: that is told, and survived."""

import asyncio

from ip_commands.device import IpCommandClient, NotAttached, SocketClosed
from ip_commands.device.os_udp_socket import OsNetwork
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable.raises import raises

_PORT = 0x1F51


class Stubborn:
    """Never returns; ``release`` lets it, whatever cancelled it before."""

    def __init__(self, swallows):
        self.swallows = swallows
        self.calls = 0
        self._free = asyncio.Event()

    async def __call__(self, *arguments):
        self.calls += 1
        while not self._free.is_set():
            try:
                await self._free.wait()
            except asyncio.CancelledError:
                if not self.swallows:
                    raise
        return ""

    def release(self):
        self._free.set()


def _client(network, told):
    client = IpCommandClient(network, _PORT, accept_from=None, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: told.append(str(error)))
    return client


async def test_a_question_for_the_link_that_hangs_is_a_link_that_is_down():
    for swallows in (False, True):
        is_up = Stubborn(swallows)
        network = OsNetwork(local_host="127.0.0.1", is_up=is_up)
        began = ticks_ms()
        with raises(SocketClosed, "is_up did not return in 30000 ms"):
            await network.check_link()
        assert 30000 <= ticks_diff(ticks_ms(), began) <= 31000
        if swallows:  # no second one beside the first
            with raises(SocketClosed, "has not ended"):
                await network.check_link()
        assert is_up.calls == 1
        is_up.release()
        await sleep_ms(1)
        await network.check_link()


async def test_a_client_is_not_deaf_in_silence_behind_a_question_that_hangs():
    is_up = Stubborn(False)
    told = []
    client = _client(OsNetwork(local_host="127.0.0.1", is_up=is_up), told)
    task = asyncio.create_task(client.run())
    await sleep_ms(400000)
    assert [text for text in told if "is_up did not return" in text], told
    assert client.reopened
    is_up.release()
    await client.close()
    await task


async def test_a_dial_that_refuses_to_end_is_told_and_does_not_keep_the_client():
    bring_up = Stubborn(True)
    told = []
    client = _client(OsNetwork(bring_up, local_host="127.0.0.1"), told)
    task = asyncio.create_task(client.run())
    await sleep_ms(600000)
    assert [text for text in told if "bring_up did not return in 180000 ms" in text], told
    assert [text for text in told if "an earlier call has not ended" in text], told
    assert bring_up.calls == 1
    began = ticks_ms()
    await client.close()
    await task
    assert ticks_diff(ticks_ms(), began) <= 2000
    bring_up.release()
    await sleep_ms(1)


async def test_close_ends_while_a_dial_refuses_to():
    bring_up = Stubborn(True)
    client = _client(OsNetwork(bring_up, local_host="127.0.0.1"), [])
    task = asyncio.create_task(client.run())
    await sleep_ms(1000)
    assert client.state == "ATTACHING"
    began = ticks_ms()
    await client.close()
    await task
    assert ticks_diff(ticks_ms(), began) <= 2000
    bring_up.release()
    await sleep_ms(1)


async def test_what_it_raises_and_returns_is_handed_over():
    async def fail(apn, timeout_ms):
        raise OSError(19)

    async def refuse(apn, timeout_ms):
        raise NotAttached("denied")

    async def down():
        return "no carrier"

    with raises(NotAttached, "did not come up"):
        await OsNetwork(fail).attach("super", 1000)
    with raises(NotAttached, "denied"):
        await OsNetwork(refuse).attach("super", 1000)
    with raises(SocketClosed, "no carrier"):
        await OsNetwork(is_up=down).check_link()
    take_down = Stubborn(False)
    with raises(NotAttached, "take_down did not return"):
        await OsNetwork(take_down=take_down).power_off()
