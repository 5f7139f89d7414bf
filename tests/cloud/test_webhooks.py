"""Delivery: slow, dead and rude targets, retries, order, limits, the safety switch."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest

from ip_commands.host_sim.cloud import webhooks
from ip_commands.host_sim.cloud.connection_overrides import Overrides, may_connect, read_overrides
from ip_commands.host_sim.cloud.store import StoreSettings
from tests.cloud.cloud_under_test import CloudUnderTest, Received


def status_of(received: Received) -> str:
    text = received.body.decode() or received.raw_path.partition("?")[2]
    return dict(parse_qsl(text))["Status"]


def payload_of(received: Received) -> str:
    return dict(parse_qsl(received.body.decode()))["Payload"]


def point_fleet(cloud: CloudUnderTest, url: str) -> None:
    cloud.store.fleets.update(cloud.fleet, ip_commands_url=url)


def details(cloud: CloudUnderTest) -> list[str]:
    return [entry.detail for entry in cloud.store.debugger]


@asynccontextmanager
async def silent_server() -> AsyncIterator[tuple[str, list[int]]]:
    """A port that accepts connections and never answers; and how many came."""
    connections = [0]
    ended = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections[0] += 1
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/silent", connections
    finally:
        ended.set()
        server.close()
        await server.wait_closed()


async def test_a_silent_target_delays_nobody_else() -> None:
    async with CloudUnderTest() as cloud, silent_server() as (silent, connections):
        point_fleet(cloud, silent)
        for _ in range(200):
            cloud.uplink(b"into the void")
        started = time.monotonic()
        while connections[0] < webhooks.MAX_AT_ONCE_PER_TARGET:
            assert time.monotonic() - started < 10
            await asyncio.sleep(0.01)
        point_fleet(cloud, cloud.receiver.url())
        for _ in range(50):
            cloud.uplink(b"heard")
        while cloud.sender.counters.delivered < 50:
            assert time.monotonic() - started < 10
            await asyncio.sleep(0.01)
        assert len(cloud.receiver.received) == 50
        assert connections[0] == webhooks.MAX_AT_ONCE_PER_TARGET
        assert cloud.sender.waiting == 200


async def test_a_silent_target_is_given_up_in_time() -> None:
    async with CloudUnderTest() as cloud, silent_server() as (silent, connections):
        point_fleet(cloud, silent + "#tt=80")
        cloud.uplink(b"x")
        await cloud.settle()
        point_fleet(cloud, silent + "#rt=40&rc=2&rp=rt")
        cloud.uplink(b"x")
        await cloud.settle()
        assert details(cloud) == [
            "no answer in time (attempts: 1)",
            "no answer in time (attempts: 3)",
        ]
        assert connections[0] == 4


@pytest.mark.parametrize(
    ("answers", "fragment", "attempts", "trouble"),
    [
        ([500], "", 1, "answered 500"),
        ([404], "", 1, "answered 404"),
        ([302], "", 1, "answered 302"),
        ([200], "", 1, None),
        ([204], "#rp=all&rc=5", 1, None),
        ([500, 500, 200], "#rc=2&rp=all", 3, None),
        ([500, 500, 200], "#rc=2&rp=5xx", 3, None),
        ([500, 500, 200], "#rc=1&rp=5xx,ct", 2, "answered 500"),
        ([500, 200], "#rc=3&rp=4xx,rt", 1, "answered 500"),
        ([404, 200], "#rc=3&rp=4xx", 2, None),
        ([500, 200], "#rc=0&rp=all", 1, "answered 500"),
        ([500, 200], "#rc=9&rp=all", 2, None),  # out of range: the default of one retry
        ([500, 200], "#rp=sometimes", 1, "answered 500"),
    ],
)
async def test_only_2xx_is_success_and_retries_follow_the_fragment(
    cloud: CloudUnderTest, answers: list[int], fragment: str, attempts: int, trouble: str | None
) -> None:
    left = list(answers)
    cloud.receiver.answer = lambda _: left.pop(0)
    point_fleet(cloud, cloud.receiver.url("/hook?a=b") + fragment)
    record = cloud.uplink(b"x")
    await cloud.settle()
    received = cloud.receiver.received
    assert [item.raw_path for item in received] == ["/hook?a=b"] * attempts
    assert len({item.headers["I-Twilio-Idempotency-Token"] for item in received}) == 1
    if trouble is None:
        assert details(cloud) == []
    else:
        assert details(cloud) == [f"{trouble}, not 2xx (attempts: {attempts})"]
        (entry,) = cloud.store.debugger
        assert (entry.error_code, entry.resource_sid) == (83402, record.sid)
    assert cloud.store.owed_webhooks == {}


async def test_a_refused_connection_is_tried_twice(
    cloud: CloudUnderTest, unused_tcp_port: int
) -> None:
    point_fleet(cloud, f"http://127.0.0.1:{unused_tcp_port}/")
    cloud.uplink(b"x")
    await cloud.settle()
    (detail,) = details(cloud)
    assert detail.startswith("no connection")
    assert detail.endswith("(attempts: 2)")


async def test_an_answer_that_is_not_http(cloud: CloudUnderTest) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp.example.com ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    point_fleet(cloud, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    cloud.uplink(b"x")
    await cloud.settle()
    server.close()
    assert details(cloud)[0].startswith("no usable answer")


async def test_callbacks_of_one_command_keep_their_order() -> None:
    settings = StoreSettings(queue_delay_ms=(1, 1), callback_on_queued=True)
    async with CloudUnderTest(settings=settings) as cloud:
        answered: dict[str, list[str]] = {}
        overtook: list[str] = []

        async def slow_at_first(received: Received) -> int:
            payload, status = payload_of(received), status_of(received)
            if status == "queued":
                await asyncio.sleep(0.05)
            elif answered.get(payload) != ["queued"]:
                overtook.append(payload)
            answered.setdefault(payload, []).append(status)
            return 200

        cloud.receiver.answer = slow_at_first
        for number in range(20):
            cloud.store.ip_commands.create(
                cloud.account,
                sim="alice",
                payload=str(number),
                device_port=1,
                callback_url=cloud.receiver.url(),
            )
        await cloud.settle()
        assert overtook == []
        assert answered == {str(number): ["queued", "sent"] for number in range(20)}


async def test_too_many_waiting_are_dropped_with_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhooks, "MAX_WAITING_PER_TARGET", 30)
    monkeypatch.setattr(webhooks, "MAX_WAITING", 40)
    async with CloudUnderTest() as cloud, silent_server() as (silent, _):
        point_fleet(cloud, silent)
        for _ in range(35):
            cloud.uplink(b"x")
        assert cloud.sender.counters.dropped == 5
        for number in range(15):
            point_fleet(cloud, f"{silent}/{number}")
            cloud.uplink(b"x")
        assert cloud.sender.counters.dropped == 10
        assert cloud.sender.waiting == 40
        assert details(cloud)[-1] == "given up unsent: 40 webhooks are waiting already"


async def test_the_safety_switch(cloud: CloudUnderTest) -> None:
    for url in ("http://example.com/", "http://10.0.0.1:80/", "http://localhost.example.com/"):
        point_fleet(cloud, url)
        cloud.uplink(b"x")
    await cloud.settle()
    assert cloud.sender.counters.blocked == 3
    assert all("loopback only" in detail for detail in details(cloud))


def test_which_hosts_are_allowed() -> None:
    for url in ("http://127.0.0.1/", "http://127.9.9.9:1/", "http://[::1]:5/", "http://LOCALHOST"):
        assert may_connect(url, ())
    for url in (
        "http://169.254.169.254/",
        "http://[::]/",
        "http://2130706433/",
        "http://0.0.0.0/",
    ):
        assert not may_connect(url, ())
    assert may_connect("https://hooks.example.com/x", {"hooks.example.com"})
    assert not may_connect("https://other.example.com/x", {"hooks.example.com"})


def test_overrides_in_the_fragment() -> None:
    default = Overrides()
    assert read_overrides("http://h/", default) == default
    assert read_overrides("http://h/#ct=100&rt=200&tt=300&rc=5&rp=4xx,rt", default) == Overrides(
        100, 200, 300, 5, ("4xx", "rt")
    )
    assert read_overrides("http://h/#ct=10001&rt=0&tt=x&rc=6&rp=", default) == default
    assert read_overrides("http://h/#section", default) == default


async def test_closing_leaves_undelivered_webhooks_owed() -> None:
    async with silent_server() as (silent, _):
        async with CloudUnderTest() as cloud:
            point_fleet(cloud, silent)
            cloud.uplink(b"x")
            await asyncio.sleep(0.02)
        assert len(cloud.store.owed_webhooks) == 1
        assert details(cloud) == []


async def test_credentials_in_the_url_become_basic_authentication(cloud: CloudUnderTest) -> None:
    point_fleet(cloud, cloud.receiver.url().replace("http://", "http://user:pa%3Ass@"))
    cloud.uplink(b"x")
    await cloud.settle()
    assert details(cloud) == []
    assert cloud.receiver.received[0].headers["Authorization"] == "Basic dXNlcjpwYTpzcw=="
