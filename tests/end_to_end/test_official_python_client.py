"""The unmodified official client, blocking, in a thread, against the running simulator."""

import asyncio

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client


def official_client(supersim):
    client = Client(supersim.account.sid, supersim.account.auth_token)
    client.supersim.base_url = supersim.url
    return client


async def test_create_fetch_and_list_over_the_whole_path(supersim):
    device = await supersim.add_device(modem="sim7080g", profile="cat-m1", name="alice")
    await device.listen(port=4242, reply=b"heard")
    client = official_client(supersim)

    created = await asyncio.to_thread(
        client.supersim.v1.ip_commands.create, sim="alice", payload="über alles", device_port=4242
    )
    assert created.status == "queued"
    assert created.device_ip is None
    await supersim.run_for(seconds=20)

    fetched = await asyncio.to_thread(client.supersim.v1.ip_commands(created.sid).fetch)
    assert fetched.status == "sent"
    assert fetched.device_ip == device.ue.ip_address
    assert [handled.text() for handled in device.commands_handled] == ["über alles"]

    listed = await asyncio.to_thread(client.supersim.v1.ip_commands.list, limit=20)
    assert [(item.direction, item.status) for item in listed] == [
        ("from_sim", "received"),
        ("to_sim", "sent"),
    ]
    assert supersim.webhooks[0].payload == b"heard"


async def test_a_refusal_reaches_the_client_as_its_own_exception(supersim):
    client = official_client(supersim)
    with pytest.raises(TwilioRestException) as refusal:
        await asyncio.to_thread(
            client.supersim.v1.ip_commands.create, sim="nobody", payload="x", device_port=1
        )
    assert 400 <= refusal.value.status < 500
    assert supersim.commands == {}
