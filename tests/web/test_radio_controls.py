"""A device's signal under /_sim, over HTTP."""

import aiohttp
import pytest

RADIO = "/_sim/devices/alice/radio"


@pytest.fixture
async def http(supersim):
    async with aiohttp.ClientSession(supersim.url) as session:
        yield session


async def call(http, method, path, **form):
    async with http.request(method, path, data=form or None) as answer:
        return answer.status, await answer.json()


async def test_a_signal_is_set_followed_and_read(supersim, http):
    await supersim.add_device(name="alice", profile="cat-m1")
    status, found = await call(http, "POST", RADIO, RsrpDbm="-110")
    assert (status, found) == (
        200,
        {
            "rsrp_dbm": -110,
            "ce_level": 1,
            "in_coverage": True,
            "thresholds_dbm": [-107, -117],
            "floor_dbm": -132,
        },
    )
    await call(http, "POST", RADIO, Trace="0:-95,60:-120", RepeatAfterS="100")
    read = []
    for _ in range(4):
        status, found = await call(http, "GET", RADIO)
        read.append((found["rsrp_dbm"], found["ce_level"]))
        await supersim.run_for(seconds=61)
    assert read == [(-95, 0), (-120, 2), (-95, 0), (-120, 2)]


async def test_a_signal_varies_as_told(supersim, http):
    device = await supersim.add_device(name="alice", profile="cat-m1")
    await call(http, "POST", RADIO, MeanDbm="-100", SigmaDb="3", CorrelationS="10")
    read = set()
    for _ in range(60):
        await supersim.run_for(seconds=1)
        read.add(device.radio.rsrp_dbm)
    assert len(read) > 5
    assert all(-115 < rsrp_dbm < -85 for rsrp_dbm in read)
    await call(http, "POST", RADIO, MeanDbm="-80", SigmaDb="0")
    assert device.radio.rsrp_dbm == -80


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "one of them is needed"),
        ({"RsrpDbm": "-95", "MeanDbm": "-95"}, "one of them is needed"),
        ({"RsrpDbm": "loud"}, "'loud' is not a number"),
        ({"RsrpDbm": "10"}, "-156 to -31"),
        ({"RsrpDbm": "-95", "SigmaDb": "3"}, "with RsrpDbm there are: RsrpDbm"),
        ({"MeanDbm": "-95", "Trace": ""}, "one of them is needed"),
        ({"MeanDbm": "-95", "SigmaDb": "x"}, "'x' is not a number"),
        ({"MeanDbm": "-95", "CorrelationS": "0"}, "correlation_s 0.0: 1 to"),
        ({"Trace": "0:-95;60:-120"}, "write it as 0:-95,60:-120"),
        ({"Trace": ""}, "write it as 0:-95,60:-120"),
        ({"Trace": "60:-95,0:-120"}, "its time is not later"),
        ({"Trace": "0:-95", "RepeatAfterS": "0"}, "later than the last point"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_can(supersim, http, form, reason):
    await supersim.add_device(name="alice", profile="cat-m1")
    status, body = await call(http, "POST", RADIO, **form)
    assert status == 400
    assert reason in body["message"]


async def test_an_unknown_device(http):
    status, _ = await call(http, "GET", "/_sim/devices/nobody/radio")
    assert status == 404
