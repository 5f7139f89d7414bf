"""KeyboardInterrupt and SystemExit end the program, wherever they are raised."""

import asyncio

import pytest

from ip_commands.device import IpCommandClient
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.portable.scripted_modem import ScriptedModem


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("where", ["handler", "async handler", "on_error", "on_state", "log"])
def test_it_ends_run_and_leaves_nothing_open(where, error):
    raised = []

    def fail(*arguments):
        if modem.sockets and not raised:
            raised.append(where)
            raise error

    async def fail_later(command):
        await asyncio.sleep(0.1)
        fail()

    def fail_first(command):
        raise ValueError("told to on_error")

    async def main():
        client.on_command(
            {"handler": fail, "async handler": fail_later, "on_error": fail_first}.get(
                where, print
            )
        )
        client.on_error(fail if where == "on_error" else print)
        if where == "on_state":
            client.on_state(fail)
        asyncio.get_running_loop().call_later(2, lambda: modem.socket.arrive(b"x"))
        await asyncio.wait_for(client.run(), 3600)

    modem = ScriptedModem()
    client = IpCommandClient(modem, 4242, log=fail if where == "log" else lambda line: None)
    with (
        pytest.raises(error),
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        runner.run(main())
    assert raised
    assert client.state == "CLOSED"
    assert all(socket.closed for socket in modem.sockets)
