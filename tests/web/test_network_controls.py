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
    status, _ = await call(http, "POST", "/_sim/devices/alice/roam", Networks="")
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


async def test_a_plus_means_the_same_where_a_form_makes_a_blank_of_it(supersim, http):
    device = await supersim.add_device(name="alice", networks=["hlcom", "no-hlcom"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    async def post(path, text):  # as ``curl -d`` does: not encoded
        async with http.post(path, data=text, headers=headers) as answer:
            return answer.status, await answer.json()

    status, _ = await post("/_sim/devices/alice/roam", "Networks=hlcom+no-hlcom")
    assert (status, device.ue.surroundings.here) == (200, ("hlcom", "no-hlcom"))
    outages = "Network=hlcom&Outages=600-660+700-710"
    assert (await post("/_sim/devices/alice/outages", outages))[0] == 200
    status, made = await post("/_sim/networks", "Name=mine&Outages=600-660+700-710")
    assert (status, made["outages_s"]) == (201, [[600, 660], [700, 710]])


async def test_a_device_roams_to_a_network_that_was_added_after_it(supersim, http):
    device = await supersim.add_device(name="alice", networks=["hlcom"])
    device.ue.connect()
    await supersim.run_for(minutes=1)
    await call(http, "POST", "/_sim/networks", Name="mine", Like="slow")
    status, _ = await call(http, "POST", "/_sim/devices/alice/roam", Networks="mine")
    assert status == 200
    await supersim.run_for(minutes=12)
    assert (device.profile, device.networks) == ("mine", ("hlcom", "mine"))
    status, _ = await call(
        http, "POST", "/_sim/devices/alice/outages", Network="congested", Outages="0-60"
    )
    assert (status, device.networks) == (200, ("hlcom", "mine", "congested"))


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/_sim/networks", {"Name": "hlcom"}, "Name: there is already a network"),
        ("/_sim/networks", {"Name": "a b"}, "Name: network name 'a b': one word"),
        ("/_sim/networks", {}, "Name: it is needed"),
        ("/_sim/networks", {"Name": "x", "Like": "y"}, "Like: no network 'y'; there are"),
        (
            "/_sim/networks",
            {"Name": "x", "Outages": "soon"},
            "Outages: outages 'soon': write FROM",
        ),
        ("/_sim/networks", {"Name": "x", "Outages": "0-nan"}, "two times from 0 on"),
        ("/_sim/networks", {"Name": "x", "Plmn": "1"}, "Plmn: PLMN '1': five or six digits"),
        (
            "/_sim/networks",
            {"Name": "x", "Plmn": "00101"},
            "Plmn: network x: hlcom has PLMN 00101",
        ),
        ("/_sim/networks", {"Name": "x", "Hlcom": "1"}, "Hlcom: the form has Name, Like, Plmn"),
        ("/_sim/devices/alice/roam", {"Networks": "here"}, "Networks: no network 'here'; there"),
        ("/_sim/devices/alice/roam", {}, "Networks: it is needed, empty for a dead spot"),
        ("/_sim/devices/alice/roam", {"Network": "slow"}, "Network: the form has Networks"),
        ("/_sim/devices/bob/roam", {"Networks": "slow"}, "Networks: bob has one network"),
        ("/_sim/devices/bob/roam", {"Networks": ""}, "Networks: bob has one network"),
        (
            "/_sim/devices/alice/outages",
            {"Network": "hlcom", "Outages": "5-3"},
            "Outages: outage ",
        ),
        ("/_sim/devices/alice/outages", {"Network": "hlcom"}, "Outages: it is needed"),
        (
            "/_sim/devices/alice/outages",
            {"Network": "x", "Outages": ""},
            "Network: no network 'x'",
        ),
        ("/_sim/devices/bob/outages", {"Network": "x", "Outages": ""}, "Network: bob has one"),
        ("/_sim/devices/alice/profile", {}, "Profile: it is needed"),
        ("/_sim/devices/alice/profile", {"Profile": "x"}, "Profile: one of lte, "),
        ("/_sim/devices/alice/profile", {"Profile": "lte", "x": ""}, "x: the form has Profile"),
        ("/_sim/devices/alice/detach", {"x": ""}, "x: no form is taken here"),
        ("/_sim/advance", {"Second": "5"}, "Second: the form has Seconds"),
        ("/_sim/advance", {}, "Seconds: it is needed"),
    ],
)
async def test_bad_requests_say_what_to_do(supersim, http, path, form, said):
    await supersim.add_device(name="alice", networks=["hlcom"])
    await supersim.add_device(name="bob")
    status, body = await call(http, "POST", path, **form)
    assert status == 400
    assert f"Invalid parameter {said}" in body["message"] or said in body["message"]
