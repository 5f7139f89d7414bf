"""Bad input: the API's JSON error body with the right status and code, and nothing stored."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from ip_commands.host_sim.cloud.error_codes import OURS, TWILIO
from ip_commands.host_sim.cloud.flavours import TWILIO as TWILIO_FLAVOUR
from ip_commands.host_sim.cloud.rate_limit import RateLimit
from tests.cloud.cloud_under_test import CloudUnderTest, basic

FORM = "application/x-www-form-urlencoded"
GOOD = "Sim=alice&Payload=hi&DevicePort=4242"

BAD_BODIES = [
    ("", 400, 20001, "Sim"),
    ("Payload=x&DevicePort=1", 400, 20001, "Sim"),
    ("Sim=alice&DevicePort=1", 400, 20001, "Payload"),
    ("Sim=alice&Payload=&DevicePort=1", 400, 20001, "Payload"),
    ("Sim=alice&Payload=x", 400, 20001, "DevicePort"),
    ("Sim=alice&Payload=x&DevicePort=0", 400, 20001, "DevicePort"),
    ("Sim=alice&Payload=x&DevicePort=65536", 400, 20001, "DevicePort"),
    ("Sim=alice&Payload=x&DevicePort=-1", 400, 20001, "DevicePort"),
    ("Sim=alice&Payload=x&DevicePort=80.5", 400, 20001, "DevicePort"),
    ("Sim=alice&Payload=x&DevicePort=%D9%A1", 400, 20001, "DevicePort"),
    ("Sim=alice&Payload=x&DevicePort=" + "9" * 5000, 400, 20001, "DevicePort"),
    (GOOD + "&PayloadType=TEXT", 400, 20001, "PayloadType"),
    (GOOD + "&PayloadType=binary", 400, 20001, "base64"),
    ("Sim=alice&DevicePort=1&PayloadType=binary&Payload=+/+/", 400, 20001, "%2B"),
    ("Sim=alice&DevicePort=1&PayloadType=binary&Payload=YQ", 400, 20001, "base64"),
    ("Sim=alice&DevicePort=1&PayloadType=binary&Payload=_-8%3D", 400, 20001, "base64"),
    ("Sim=alice&DevicePort=1&Payload=" + "a" * 1301, 400, 20001, "1301 bytes"),
    ("Sim=alice&DevicePort=1&Payload=" + "%E2%82%AC" * 434, 400, 20001, "1302 bytes"),
    (GOOD + "&CallbackUrl=ftp://example.com/", 400, 20001, "CallbackUrl"),
    (GOOD + "&CallbackUrl=/relative", 400, 20001, "CallbackUrl"),
    (GOOD + "&CallbackUrl=http://a%20b/", 400, 20001, "CallbackUrl"),
    (GOOD + "&CallbackUrl=http://host:99999/", 400, 20001, "CallbackUrl"),
    (GOOD + "&CallbackUrl=http://" + "h" * 64 + "/", 400, 20001, "CallbackUrl"),
    (GOOD + "&CallbackMethod=PUT", 400, 20001, "CallbackMethod"),
    (GOOD + "&Payload=again", 400, 20001, "more than once"),
    ("Sim=alice&Payload=%ff&DevicePort=1", 400, 20001, "UTF-8"),
    ("Sim=alice&Payload=%zz&DevicePort=1", 400, 20001, "%"),
    ("Sim=alice&Payload=100%&DevicePort=1", 400, 20001, "%"),
    ("Sim=nobody&Payload=x&DevicePort=1", 404, 83005, "nobody"),
    (b"Sim=alice&Payload=\xff\xfe&DevicePort=1", 400, 20001, "UTF-8"),
    (GOOD + "&Filler=" + "f" * 70_000, 413, 20001, "65536"),
]


@pytest_asyncio.fixture
async def session(cloud: CloudUnderTest) -> AsyncIterator[aiohttp.ClientSession]:
    headers = basic(cloud.account.sid, cloud.account.auth_token)
    async with aiohttp.ClientSession(cloud.url, headers=headers) as session:
        yield session


async def refusal(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Check what every error body has in common; return it."""
    assert answer.content_type == "application/json"
    body = await answer.json()
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["status"] == answer.status
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{body['code']}"
    assert "Traceback" not in body["message"]
    return body


@pytest.mark.parametrize(("form", "status", "code", "names"), BAD_BODIES)
async def test_a_bad_form_is_refused(
    cloud: CloudUnderTest,
    session: aiohttp.ClientSession,
    form: str | bytes,
    status: int,
    code: int,
    names: str,
) -> None:
    async with session.post("/v1/IpCommands", data=form, headers={"Content-Type": FORM}) as answer:
        body = await refusal(answer)
    assert (answer.status, body["code"]) == (status, code)
    assert names in body["message"]
    async with session.get("/v1/IpCommands") as answer:
        assert (await answer.json())["ip_commands"] == []
    assert cloud.queue.next_at_ms() is None


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("application/json", '{"Sim": "alice", "Payload": "x", "DevicePort": 1}'),
        ("application/json", '{"Sim": '),
        ("multipart/form-data; boundary=b", "--b--"),
        (FORM + "; charset=iso-8859-1", GOOD),
    ],
)
async def test_other_bodies_are_refused(
    cloud: CloudUnderTest, session: aiohttp.ClientSession, content_type: str, data: str
) -> None:
    headers = {"Content-Type": content_type}
    async with session.post("/v1/IpCommands", data=data, headers=headers) as answer:
        assert (await refusal(answer))["code"] == 20001
    assert answer.status == 400
    assert cloud.queue.next_at_ms() is None


async def test_the_largest_payloads_are_taken(
    cloud: CloudUnderTest, session: aiohttp.ClientSession
) -> None:
    euros = "€" * 433 + "a"  # 1300 bytes in UTF-8
    for form in ({"Payload": "a" * 1300}, {"Payload": euros}):
        fields = {"Sim": "alice", "DevicePort": "65535", **form}
        async with session.post("/v1/IpCommands", data=fields) as answer:
            assert answer.status == 201
            assert (await answer.json())["payload"] == form["Payload"]
    raw = ("Sim=alice&DevicePort=1&Payload=" + euros).encode()  # UTF-8 without percent signs
    async with session.post("/v1/IpCommands", data=raw, headers={"Content-Type": FORM}) as answer:
        assert answer.status == 201
    await cloud.settle()
    assert [len(payload) for _, payload, _, _ in cloud.network.sent] == [1300, 1300, 1300]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/Nothing", 404, 20404),
        ("GET", "/v1/IpCommands/HG123", 404, 20404),
        ("GET", "/v1/IpCommands/%ff%00", 404, 20404),
        ("GET", "/v1/Sims/nobody", 404, 20404),
        ("POST", "/v1/Sims/nobody", 404, 20404),
        ("GET", "/v1/Sims/nobody/IpAddresses", 404, 20404),
        ("GET", "/v1/Fleets/none", 404, 20404),
        ("POST", "/v1/Fleets/none", 404, 20404),
        ("DELETE", "/v1/IpCommands", 405, 20004),
        ("POST", "/v1/IpCommands/HG" + "0" * 32, 405, 20004),
        ("HEAD", "/v1/IpCommands", 405, 20004),
        ("GET", "/v1/IpCommands?Status=asleep", 400, 20001),
        ("GET", "/v1/IpCommands?Direction=up", 400, 20001),
        ("GET", "/v1/IpCommands?PageSize=0", 400, 20001),
        ("GET", "/v1/IpCommands?PageSize=many", 400, 20001),
        ("GET", "/v1/IpCommands?Page=-1", 400, 20001),
        ("GET", "/v1/IpCommands?Page=1", 400, 70002),
        ("GET", "/v1/IpCommands?Page=1&PageToken=nonsense", 400, 20001),
        ("GET", "/v1/IpCommands?Page=0&Page=0", 400, 20001),
        ("GET", "/v1/IpCommands?Sim=%ff", 400, 20001),
        ("GET", "/v1/Sims?Status=asleep", 400, 20001),
    ],
)
async def test_bad_paths_and_queries(
    session: aiohttp.ClientSession, method: str, path: str, status: int, code: int
) -> None:
    async with session.request(method, path) as answer:
        if method != "HEAD":
            assert (await refusal(answer))["code"] == code
        assert answer.status == status
        if status == 405:
            assert answer.headers["Allow"]


async def test_a_browser_may_ask_first(cloud: CloudUnderTest) -> None:
    async with aiohttp.ClientSession(cloud.url) as session:
        async with session.options("/v1/IpCommands") as answer:
            assert (answer.status, await answer.read()) == (204, b"")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        async with session.options("/v1/Nothing") as answer:
            assert answer.status == 404


async def test_a_bug_in_the_server_shows_no_trace(
    cloud: CloudUnderTest, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    cloud.store.ip_commands.page = broken  # type: ignore[assignment,method-assign]
    async with session.get("/v1/IpCommands") as answer:
        body = await refusal(answer)
    assert (answer.status, body["code"]) == (500, 20500)
    assert "secret" not in json.dumps(body)
    assert "secret detail" in caplog.text


async def test_malformed_http_shows_no_trace(cloud: CloudUnderTest) -> None:
    host, port = cloud.url.removeprefix("http://").split(":")
    for request in (b"GET\r\n\r\n", b"POST /v1/IpCommands HTTP/1.1\r\nContent-Length: x\r\n\r\n"):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
        assert b"Traceback" not in answer


async def test_a_replaced_error_and_more_routes() -> None:
    async def secret(_: web.Request) -> web.Response:
        raise web.HTTPForbidden

    table = TWILIO_FLAVOUR.errors.replaced("unknown_sim", http_status=400, code=99001)
    app = {"errors": table, "routes": [web.get("/_sim/secret", secret)]}
    async with CloudUnderTest(app=app) as cloud:
        headers = basic(cloud.account.sid, cloud.account.auth_token)
        async with aiohttp.ClientSession(cloud.url, headers=headers) as session:
            fields = {"Sim": "nobody", "Payload": "x", "DevicePort": "1"}
            async with session.post("/v1/IpCommands", data=fields) as answer:
                body = await refusal(answer)
            assert (answer.status, body["code"]) == (400, 99001)
            async with session.get("/_sim/secret") as answer:
                assert answer.status == 403
                assert (await refusal(answer))["status"] == 403


async def test_the_rate_limit() -> None:
    limit = RateLimit(per_second=1, burst=3)
    async with CloudUnderTest(app={"rate_limit": limit}) as cloud:
        headers = basic(cloud.account.sid, cloud.account.auth_token)
        async with aiohttp.ClientSession(cloud.url, headers=headers) as session:
            statuses = []
            for _ in range(5):
                async with session.get("/v1/Sims") as answer:
                    statuses.append(answer.status)
                    if answer.status == 429:
                        assert (await refusal(answer))["code"] == 20429
            assert statuses == [200, 200, 200, 429, 429]
            other = cloud.store.create_account()
            headers = basic(other.sid, other.auth_token)
            async with session.get("/v1/Sims", headers=headers) as answer:
                assert answer.status == 200, "the limit is one account's, not everybody's"


def test_the_table_names_its_sources() -> None:
    assert all(entry.source for entry in TWILIO.values())
    assert OURS in TWILIO["sim_not_usable"].source
    assert TWILIO["device_not_attached"].code == 83401
    with pytest.raises(KeyError):
        TWILIO.replaced("no such error", code=1)
