"""200 clients at once: nothing lost, nothing twice, no 5xx."""

import asyncio
from collections import Counter
from urllib.parse import parse_qsl

import aiohttp

from tests.cloud.cloud_under_test import CloudUnderTest, basic

CLIENTS = 200
COMMANDS_EACH = 5


async def test_two_hundred_clients(cloud: CloudUnderTest) -> None:
    headers = basic(cloud.account.sid, cloud.account.auth_token)
    created: list[str] = []

    async def use(number: int) -> None:
        async with aiohttp.ClientSession(cloud.url, headers=headers) as session:
            for repeat in range(COMMANDS_EACH):
                form = {
                    "Sim": "alice",
                    "Payload": f"{number}/{repeat}",
                    "DevicePort": "4242",
                    "CallbackUrl": cloud.receiver.url(),
                }
                async with session.post("/v1/IpCommands", data=form) as answer:
                    assert answer.status == 201
                    created.append((await answer.json())["sid"])
                async with session.get("/v1/IpCommands?PageSize=5") as answer:
                    assert answer.status == 200

    await asyncio.gather(*(use(number) for number in range(CLIENTS)))
    await cloud.settle()
    expected = CLIENTS * COMMANDS_EACH
    assert len(set(created)) == len(created) == expected
    payloads = Counter(payload for _, payload, _, _ in cloud.network.sent)
    assert len(payloads) == expected
    assert set(payloads.values()) == {1}
    told = Counter(
        dict(parse_qsl(received.body.decode()))["CommandSid"]
        for received in cloud.receiver.received
    )
    assert told == Counter(created)
    assert cloud.sender.counters.delivered == expected
