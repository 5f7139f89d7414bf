"""The pytest plugin as its users meet it: in a project of their own."""

pytest_plugins = ("pytester",)

USER_TEST = """
import asyncio
import pytest
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

@pytest.mark.asyncio
async def test_a_sleeping_device_answers(supersim):
    device = await supersim.add_device(modem="bg95", profile="cat-m1-edrx-hlcom")
    client = await device.listen(port=4242, reply=b"done")
    await device.fall_asleep()
    command = await supersim.send_command(device, "hello", port=4242)
    await supersim.run_for(minutes=3)
    assert client.handled == 1
    assert supersim.webhooks[-1].payload == b"done"
    assert command.sid[:10] in command.explain()

@pytest.mark.asyncio
@pytest.mark.supersim(seed=7, start="2027-06-01T12:00:00")
async def test_arguments(supersim):
    assert supersim.seed == 7
    assert supersim.now_ms == supersim.queue.now_ms > 0

@pytest.mark.asyncio
async def test_other_tests_keep_their_loop():
    assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)

def test_plain():
    pass
"""


def test_the_fixture_in_a_users_project(pytester):
    pytester.makepyfile(USER_TEST)
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4)
