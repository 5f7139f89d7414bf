"""The simulator's own controls under /_sim, over HTTP."""

import aiohttp
import pytest


@pytest.fixture
async def http(supersim):
    async with aiohttp.ClientSession(supersim.url) as session:
        yield session


async def call(http, method, path, **form):
    async with http.request(method, path, data=form or None) as answer:
        return answer.status, await answer.json()


async def test_devices_tell_their_state_and_can_be_detached_and_attached(supersim, http):
    device = await supersim.add_device(name="alice", profile="cat-m1")
    await device.listen(port=4242)
    status, found = await call(http, "GET", "/_sim/devices/alice")
    assert status == 200
    assert found["ip_address"] == device.ue.ip_address
    assert found["power"] == "on"
    assert found["ledger"]["currents"] == "bg95: as nRF9160 Cat-M1"

    await call(http, "POST", "/_sim/devices/alice/detach")
    command = await supersim.send_command(device, "x", port=4242)
    await supersim.run_for(seconds=1)
    assert command.status == "failed"

    await call(http, "POST", "/_sim/devices/alice/attach")
    await supersim.run_for(minutes=10)
    command = await supersim.send_command(device, "y", port=4242)
    await supersim.run_for(seconds=30)
    assert command.delivered
    status, story = await call(http, "GET", f"/_sim/commands/{command.sid}")
    assert status == 200
    assert story["explanation"] == command.explain()
    assert [step["event"] for step in story["trail"]] == [step.event for step in command.trail]


async def test_a_device_moves_to_another_profile(supersim, http):
    device = await supersim.add_device(name="alice", profile="cat-m1")
    await device.listen(port=4242)
    status, found = await call(
        http, "POST", "/_sim/devices/alice/profile", Profile="cat-m1-edrx-hlcom"
    )
    assert (status, found["profile"]) == (200, "cat-m1-edrx-hlcom")
    await supersim.run_for(minutes=2)
    assert device.ue.granted_edrx is not None


async def test_virtual_time_is_advanced_from_outside(supersim, http):
    before_ms = supersim.now_ms
    status, _ = await call(http, "POST", "/_sim/advance", Seconds="120")
    assert status == 200
    assert supersim.now_ms - before_ms == 120_000


@pytest.mark.parametrize(
    ("method", "path", "form", "status"),
    [
        ("GET", "/_sim/devices/nobody", {}, 404),
        ("POST", "/_sim/devices/alice/profile", {"Profile": "6g"}, 400),
        ("GET", "/_sim/commands/HG00000000000000000000000000000000", {}, 404),
        ("GET", "/_sim/commands?Limit=0", {}, 400),
        ("POST", "/_sim/advance", {"Seconds": "-1"}, 400),
        ("POST", "/_sim/advance", {"Seconds": "soon"}, 400),
        ("GET", "/_sim/nothing", {}, 404),
    ],
)
async def test_bad_requests_get_the_apis_error_body(supersim, http, method, path, form, status):
    await supersim.add_device(name="alice")
    found, body = await call(http, method, path, **form)
    assert found == status
    assert set(body) >= {"code", "message", "more_info", "status"}


async def test_the_debugger_log_and_the_list_of_commands(supersim, http):
    device = await supersim.add_device()
    command = await supersim.send_command(
        device, "x", port=1, CallbackUrl="http://example.com/hook"
    )
    await supersim.run_for(seconds=2)
    _, log = await call(http, "GET", "/_sim/debugger")
    assert [entry["error_code"] for entry in log["debugger"]] == [83402]
    _, listed = await call(http, "GET", "/_sim/commands")
    assert [item["sid"] for item in listed["commands"]] == [command.sid]
