"""The unmodified official Python client against the cloud, blocking in a thread and async."""

import asyncio
import base64
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.cloud.cloud_under_test import DEVICE_IP, ICCID, CloudUnderTest

RESOURCE_KEYS = [
    "sid", "account_sid", "sim_sid", "sim_iccid", "status", "direction", "device_ip",
    "device_port", "payload_type", "payload", "date_created", "date_updated", "url",
]  # fmt: skip


async def test_create_fetch_and_list(cloud: CloudUnderTest) -> None:
    client = cloud.client()

    def create():
        return client.supersim.v1.ip_commands.create(
            sim="alice", payload="checkin: now", device_port=4242
        )

    created = await asyncio.to_thread(create)
    assert created.status == "queued"
    assert created.direction == "to_sim"
    assert created.device_ip is None
    assert created.device_port == 4242
    assert created.payload_type == "text"
    assert created.payload == "checkin: now"
    assert created.sim_iccid == ICCID
    assert created.sim_sid == cloud.sim.sid
    assert created.account_sid == cloud.account.sid
    assert created.date_created == datetime(2026, 1, 5, tzinfo=UTC)
    assert created.url == f"{cloud.url}/v1/IpCommands/{created.sid}"

    await cloud.settle()
    fetched = await asyncio.to_thread(client.supersim.v1.ip_commands(created.sid).fetch)
    assert (fetched.status, fetched.device_ip) == ("sent", DEVICE_IP)
    assert cloud.network.sent == [(ICCID, b"checkin: now", 4242, created.sid)]

    cloud.uplink(b"\x00\xffdone")
    listed = await asyncio.to_thread(client.supersim.v1.ip_commands.list)
    assert [command.direction for command in listed] == ["from_sim", "to_sim"]
    assert base64.b64decode(listed[0].payload) == b"\x00\xffdone"
    assert (listed[0].status, listed[0].payload_type) == ("received", "binary")


async def test_the_resource_has_exactly_the_documented_keys(cloud: CloudUnderTest) -> None:
    client = cloud.client()

    def create():
        client.supersim.v1.ip_commands.create(sim=cloud.sim.sid, payload="x", device_port=1)
        return client.http_client.session.get(
            f"{cloud.url}/v1/IpCommands", auth=(cloud.account.sid, cloud.account.auth_token)
        )

    answer = await asyncio.to_thread(create)
    assert list(answer.json()["ip_commands"][0]) == RESOURCE_KEYS


async def test_device_not_attached_fails_with_a_callback(cloud: CloudUnderTest) -> None:
    client = cloud.client()
    cloud.network.detached.add(ICCID)

    def create():
        return client.supersim.v1.ip_commands.create(
            sim="alice",
            payload=base64.b64encode(b"\x00\x1a").decode(),
            payload_type="binary",
            device_port=7,
            callback_url=cloud.receiver.url("/status?job=7"),
        )

    created = await asyncio.to_thread(create)
    await cloud.settle()
    fetched = await asyncio.to_thread(client.supersim.v1.ip_commands(created.sid).fetch)
    assert (fetched.status, fetched.device_ip) == ("failed", None)
    (callback,) = cloud.receiver.received
    assert callback.method == "POST"
    assert callback.raw_path == "/status?job=7"
    parameters = parse_qsl(callback.body.decode(), keep_blank_values=True)
    assert parameters == [
        ("AccountSid", cloud.account.sid),
        ("CommandSid", created.sid),
        ("SimSid", cloud.sim.sid),
        ("SimUniqueName", "alice"),
        ("PayloadType", "binary"),
        ("Payload", "ABo="),
        ("Direction", "to_sim"),
        ("Status", "failed"),
        ("ErrorCode", "83401"),
        ("ErrorMessage", "The device was not attached to a cellular network"),
    ]
    validator = RequestValidator(cloud.account.auth_token)
    signature = callback.headers["X-Twilio-Signature"]
    assert validator.validate(callback.url, dict(parameters), signature)
    assert not validator.validate(callback.url + "x", dict(parameters), signature)


async def test_a_datagram_from_a_device_becomes_a_webhook(cloud: CloudUnderTest) -> None:
    record = cloud.uplink(b"actually", port=5000)
    await cloud.settle()
    (webhook,) = cloud.receiver.received
    parameters = dict(parse_qsl(webhook.body.decode()))
    assert parameters == {
        "AccountSid": cloud.account.sid,
        "CommandSid": record.sid,
        "SimSid": cloud.sim.sid,
        "SimUniqueName": "alice",
        "PayloadType": "binary",
        "Payload": "YWN0dWFsbHk=",
        "Direction": "from_sim",
        "Status": "received",
    }
    assert webhook.headers["User-Agent"] == "TwilioProxy/1.1"
    content_type = webhook.headers["Content-Type"]
    assert content_type == "application/x-www-form-urlencoded; charset=UTF-8"


async def test_filters_and_paging_over_120_commands(cloud: CloudUnderTest) -> None:
    client = cloud.client()
    sids = []
    for number in range(120):
        command = cloud.store.ip_commands.create(
            cloud.account, sim="alice", payload=str(number), device_port=1
        )
        sids.append(command.sid)
    await cloud.settle()
    cloud.uplink(b"from the device")
    ip_commands = client.supersim.v1.ip_commands

    def read():
        by_fifty = ip_commands.list(direction="to_sim")
        by_seven = list(ip_commands.stream(page_size=7, status="sent", sim="alice"))
        limited = ip_commands.list(limit=30)
        received = ip_commands.list(status="received", sim_iccid=ICCID, sim=cloud.sim.sid)
        nobody = ip_commands.list(sim="bob")
        first = ip_commands.page(page_size=50)
        second = first.next_page()
        back = second.previous_page()
        over = ip_commands.list(limit=1500)
        return by_fifty, by_seven, limited, received, nobody, first, second, back, over

    read_back = await asyncio.to_thread(read)
    by_fifty, by_seven, limited, received, nobody, first, second, back, over = read_back
    assert [command.sid for command in by_fifty] == sids[::-1]
    assert [command.sid for command in by_seven] == sids[::-1]
    assert [command.sid for command in limited[1:]] == sids[:-30:-1]
    assert [command.direction for command in received] == ["from_sim"]
    assert nobody == []
    assert [command.sid for command in back] == [command.sid for command in first]
    assert len(list(second)) == 50
    assert len(over) == 121


async def test_errors_reach_the_client(cloud: CloudUnderTest) -> None:
    client = cloud.client()
    stranger = Client("AC" + "0" * 32, "wrong")
    stranger.supersim.base_url = cloud.url

    def refused(call, **fields):
        with pytest.raises(TwilioRestException) as raised:
            call(**fields)
        return raised.value.status, raised.value.code

    def try_all():
        create = client.supersim.v1.ip_commands.create
        ok = {"sim": "alice", "payload": "x", "device_port": 1}
        with pytest.raises(TwilioException, match="Authenticate"):
            stranger.supersim.v1.ip_commands.list()
        stranger.http_client.session.close()
        return [
            refused(create, **{**ok, "sim": "nobody"}),
            refused(create, **{**ok, "device_port": 0}),
            refused(create, **{**ok, "payload": "é" * 651}),
            refused(create, **{**ok, "payload": "==", "payload_type": "binary"}),
            refused(create, **{**ok, "payload_type": "morse"}),
            refused(create, **{**ok, "callback_url": "not a url"}),
            refused(client.supersim.v1.ip_commands("HG" + "0" * 32).fetch),
        ]

    assert await asyncio.to_thread(try_all) == [
        (404, 83005),
        (400, 20001),
        (400, 20001),
        (400, 20001),
        (400, 20001),
        (400, 20001),
        (404, 20404),
    ]
    assert cloud.store.ip_commands.queued() == []
    assert cloud.network.sent == []


async def test_the_async_client(cloud: CloudUnderTest) -> None:
    async with AsyncTwilioHttpClient() as http_client:
        client = Client(cloud.account.sid, cloud.account.auth_token, http_client=http_client)
        client.supersim.base_url = cloud.url
        ip_commands = client.supersim.v1.ip_commands
        created = await ip_commands.create_async(sim="alice", payload="hi", device_port=9)
        await cloud.settle()
        fetched = await ip_commands(created.sid).fetch_async()
        listed = await ip_commands.list_async(page_size=1)
        fleet = await client.supersim.v1.fleets(cloud.fleet.sid).fetch_async()
    assert fetched.status == "sent"
    assert [command.sid for command in listed] == [created.sid]
    assert fleet.ip_commands_url == cloud.receiver.url()
