"""Faults of a device under /_sim, over HTTP, and through the object that a test holds."""

import asyncio

import aiohttp
import pytest

from ip_commands.host_sim.faults import CATALOGUE
from ip_commands.host_sim.web.fault_controls import camel, snake

FAULTS = "/_sim/devices/alice/faults"


@pytest.fixture
async def http(supersim):
    async with aiohttp.ClientSession(supersim.url) as session:
        yield session


async def call(http, method, path, **form):
    async with http.request(method, path, data=form or None) as answer:
        return answer.status, await answer.json()


async def ask(device, command, wait_s=1.0):
    """Type a command line at the device's UART, return what was said."""
    await device.stream.write(command + b"\r")
    await asyncio.sleep(wait_s)
    return await device.stream.read(10_000) if device.uart.host.unread_bytes else b""


async def test_a_fault_is_injected_listed_and_healed(supersim, http):
    device = await supersim.add_device(name="alice")
    await ask(device, b"ATE0")
    status, fault = await call(http, "POST", FAULTS, Name="answer_lost", To="AT+CSQ", Nth="2")
    assert status == 201
    assert fault == {
        "number": 1,
        "name": "answer_lost",
        "arguments": {"To": "AT+CSQ", "Nth": 2},
        "active": True,
        "happened": 0,
        "newest": [],
    }
    whole = await ask(device, b"AT+CSQ")
    assert whole.endswith(b"OK\r\n")
    assert await ask(device, b"AT+CSQ") == b""
    _, listed = await call(http, "GET", FAULTS)
    found = listed["faults"][0]
    assert (found["active"], found["happened"]) == (False, 1)
    assert found["newest"][0]["to"] == "AT+CSQ"
    assert found["newest"][0]["what"].startswith("lost b'")

    status, second = await call(http, "POST", FAULTS, Name="silence", ForMs="none")
    assert (status, second["happened"]) == (201, 1)
    assert await ask(device, b"AT") == b""
    status, ended = await call(http, "DELETE", f"{FAULTS}/2")
    assert (status, ended["active"]) == (200, False)
    assert await ask(device, b"AT") == b"\r\nOK\r\n"

    await call(http, "POST", FAULTS, Name="answer_late", LateMs="75000", Count="none")
    assert await ask(device, b"AT") == b""
    status, listed = await call(http, "DELETE", FAULTS)
    assert status == 200
    assert not any(item["active"] for item in listed["faults"])
    assert await ask(device, b"AT") == b"\r\nOK\r\n\r\nOK\r\n"


async def test_the_catalogue_is_served(supersim, http):
    status, body = await call(http, "GET", "/_sim/faults")
    assert status == 200
    assert [item["name"] for item in body["faults"]] == list(CATALOGUE)
    late = next(item for item in body["faults"] if item["name"] == "answer_late")
    assert late["arguments"][0] == {
        "name": "LateMs",
        "sentence": "how much later",
        "default": 6000,
        "wanted": "a whole number from 0",
    }
    assert body["common_arguments"][0]["name"] == "To"


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "said"),
    [
        ("GET", "/_sim/devices/nobody/faults", {}, 404, ""),
        ("POST", "/_sim/devices/nobody/faults", {"Name": "silence"}, 404, ""),
        ("DELETE", f"{FAULTS}/7", {}, 404, ""),
        ("POST", FAULTS, {}, 400, "known: answer_cut"),
        ("POST", FAULTS, {"Name": "quiet"}, 400, "no fault is called 'quiet'; known: "),
        ("POST", FAULTS, {"Name": "silence", "Long": "1"}, 400, "silence takes no 'long'"),
        ("POST", FAULTS, {"Name": "silence", "ForMs": "-1"}, 400, "for_ms is a number from 0"),
        ("POST", FAULTS, {"Name": "answer_lost", "To": "reading"}, 400, "means nothing to"),
    ],
)
async def test_bad_requests_say_what_is_right(supersim, http, method, path, form, status, said):
    await supersim.add_device(name="alice")
    found, body = await call(http, method, path, **form)
    assert found == status
    assert said in body["message"]


async def test_a_device_that_asked_for_no_faults_has_none_between(supersim):
    device = await supersim.add_device(name="alice")
    assert device.fake.at.out.observer is None
    assert device.faults is device.faults
    assert device.fake.at.out.observer is not None


@pytest.mark.parametrize("profile", ["cat-m1", "cat-m1-edrx-hlcom"])
async def test_what_is_below_the_wire_works_with_the_simulated_network(supersim, profile):
    device = await supersim.add_device(name="alice", profile=profile)
    await ask(device, b"ATE0")
    await ask(device, b"AT+CEREG=1")
    await supersim.run_for(minutes=3)
    address = device.ue.ip_address
    assert address is not None
    await ask(device, b"AT")

    device.faults.inject("outage", for_ms=60_000)
    assert b"+CEREG: 2" in await ask(device, b"AT")
    await supersim.run_for(minutes=3)
    assert b"+CEREG: 5" in await ask(device, b"AT")

    device.faults.inject("new_address")
    await supersim.run_for(minutes=3)
    assert device.ue.ip_address not in (None, address)
    assert device.ue.ip_address.encode() in await ask(device, b"AT+CGPADDR")

    rejected = device.faults.inject("attach_rejected", cause=3)
    await supersim.run_for(minutes=1)
    assert (await ask(device, b"AT+CEREG?")).endswith(b"+CEREG: 1,3\r\n\r\nOK\r\n")
    rejected.cancel()
    await supersim.run_for(minutes=60)
    assert device.ue.registration == 0
    await ask(device, b"AT+CFUN=4", 2)
    await ask(device, b"AT+CFUN=1", 2)
    await supersim.run_for(minutes=3)
    assert device.ue.registration == 5

    device.faults.inject("context_lost", urc=False)
    assert device.ue.ip_address is None
    device.faults.inject("sim_out", for_ms=60_000)
    await ask(device, b"AT")
    assert b"ERROR" in await ask(device, b"AT+CPIN?")
    await supersim.run_for(minutes=5)
    assert b"+CPIN: READY" in await ask(device, b"AT+CPIN?")
    assert device.ue.registration == 5
    assert all(handle.happened.count == 1 for handle in device.faults.handles)


@pytest.mark.parametrize(("snaky", "camelled"), [("late_ms", "LateMs"), ("to", "To")])
def test_names_of_form_fields(snaky, camelled):
    assert camel(snaky) == camelled
    assert snake(camelled) == snaky
