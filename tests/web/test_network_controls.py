"""Networks over HTTP, under /_sim."""

import aiohttp
import pytest

from tests.web.test_controls import call


@pytest.fixture
async def http(supersim):
    async with aiohttp.ClientSession(supersim.url) as session:
        yield session


async def test_networks_are_listed_and_added(supersim, http):
    status, made = await call(
        http, "POST", "/_sim/networks", Name="mine", Like="hlcom", Outages="600-660+700-710"
    )
    assert (status, made["name"], made["plmn"]) == (201, "mine", "00150")
    assert made["outages_s"] == [[600, 660], [700, 710]]
    status, listed = await call(http, "GET", "/_sim/networks")
    assert status == 200
    assert [one["name"] for one in listed["networks"]][::13] == ["hlcom", "lte-only"]
    by_name = {one["name"]: one for one in listed["networks"]}
    assert by_name["mine"] == made
    assert by_name["refuses-roaming"]["cells"][0]["attach_reject"] == 13
    device = await supersim.add_device(networks=["mine"])
    device.ue.connect()
    await supersim.run_for(minutes=1)
    assert device.profile == "mine"


async def test_a_device_roams_and_loses_a_network(supersim, http):
    device = await supersim.add_device(name="alice", networks=["hlcom", "no-hlcom"])
    device.ue.connect()
    await supersim.run_for(minutes=1)
    status, found = await call(http, "POST", "/_sim/devices/alice/roam", Networks="no-hlcom")
    assert (status, found["registration"], found["networks"]) == (200, 2, ["hlcom", "no-hlcom"])
    await supersim.run_for(minutes=12)
    _, found = await call(http, "GET", "/_sim/devices/alice")
    assert (found["registration"], found["plmn"], found["profile"]) == (5, "00102", "no-hlcom")
    status, _ = await call(http, "POST", "/_sim/devices/alice/roam")
    assert (status, device.ue.registration) == (200, 2)
    await call(http, "POST", "/_sim/devices/alice/roam", Networks="hlcom+no-hlcom")
    await supersim.run_for(minutes=12)
    assert device.ue.registration == 5
    status, _ = await call(
        http,
        "POST",
        "/_sim/devices/alice/outages",
        Network=device.profile,
        Outages="0-86400",
    )
    assert (status, device.ue.registration) == (200, 2)


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/_sim/networks", {"Name": "hlcom"}, "already a network"),
        ("/_sim/networks", {"Name": "a b"}, "one word"),
        ("/_sim/networks", {}, "one word"),
        ("/_sim/networks", {"Name": "x", "Outages": "soon"}, "FROM-UNTIL"),
        ("/_sim/networks", {"Name": "x", "Outages": "0-nan"}, "two times from 0 on"),
        ("/_sim/networks", {"Name": "x", "Plmn": "1"}, "five or six digits"),
        ("/_sim/devices/alice/roam", {"Networks": "slow"}, "no network 'slow' for it"),
        ("/_sim/devices/bob/roam", {"Networks": "slow"}, "bob has one network"),
        ("/_sim/devices/alice/outages", {"Network": "hlcom", "Outages": "5-3"}, "in order"),
        ("/_sim/devices/alice/outages", {"Network": "x", "Outages": ""}, "no network 'x'"),
    ],
)
async def test_bad_requests_say_what_to_do(supersim, http, path, form, said):
    await supersim.add_device(name="alice", networks=["hlcom"])
    await supersim.add_device(name="bob")
    status, body = await call(http, "POST", path, **form)
    assert status == 400
    assert said in body["message"]
