"""SIGKILL at random moments: every acknowledged command is there afterwards, once."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl

import aiohttp
import pytest_asyncio

from tests.cloud.cloud_under_test import Receiver, basic
from tests.cloud.killable_cloud import ACCOUNT_SID, AUTH_TOKEN

KILLS = 50
CLIENTS = 4
ROOT = Path(__file__).resolve().parents[2]


class KillableCloud:
    """The program ``killable_cloud`` and the server that it runs at the moment."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.url = f"http://127.0.0.1:{port}"

    async def _line(self) -> str:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), 20)
        assert line, "the program under test ended"
        return line.decode()

    async def start_server(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"start\n")
        self._server_pid = int(await self._line())

    def kill_server(self) -> None:
        os.kill(self._server_pid, signal.SIGKILL)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    await receiver.server.start()
    yield receiver
    await receiver.server.stop()


@pytest_asyncio.fixture
async def killable(tmp_path: Path, receiver: Receiver) -> AsyncIterator[KillableCloud]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.cloud.killable_cloud",
        str(tmp_path / "cloud.db"),
        receiver.url(),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    port = int(await asyncio.wait_for(process.stdout.readline(), 30))
    cloud = KillableCloud(process, port)
    await cloud.start_server()
    yield cloud
    assert process.stdin is not None
    process.stdin.close()
    cloud.kill_server()
    await process.wait()


async def use(
    session: aiohttp.ClientSession, cloud: KillableCloud, callback_url: str, known: set[str]
) -> None:
    """Create commands and send datagrams for ever; note the SID of each that was acknowledged."""
    number = 0
    while True:
        number += 1
        try:
            if number % 4:
                form = {
                    "Sim": "alice",
                    "Payload": str(number),
                    "DevicePort": "1",
                    "CallbackUrl": callback_url,
                }
                url = f"{cloud.url}/v1/IpCommands"
                async with session.post(url, data=form) as answer:
                    body = await answer.json()
            else:
                async with session.post(f"{cloud.url}/uplink", data=b"up") as answer:
                    body = await answer.json()
        except aiohttp.ClientError:
            continue  # killed before it answered: not acknowledged
        assert answer.status == 201, body
        known.add(body["sid"])


async def list_all(session: aiohttp.ClientSession, cloud: KillableCloud) -> list[dict]:
    listed: list[dict] = []
    url = f"{cloud.url}/v1/IpCommands?PageSize=1000"
    while url:
        async with session.get(url) as answer:
            body = await answer.json()
        listed += body["ip_commands"]
        url = body["meta"]["next_page_url"]
    return listed


async def test_nothing_acknowledged_is_lost(killable: KillableCloud, receiver: Receiver) -> None:
    chance = random.Random(50)
    known: set[str] = set()
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(
        headers=basic(ACCOUNT_SID, AUTH_TOKEN), connector=connector
    ) as session:
        users = [
            asyncio.create_task(use(session, killable, receiver.url("/status"), known))
            for _ in range(CLIENTS)
        ]
        for _ in range(KILLS):
            acknowledged = len(known)
            await asyncio.sleep(chance.uniform(0.02, 0.12))
            async with asyncio.timeout(10):
                while len(known) == acknowledged:  # noqa: ASYNC110  a busy machine: wait for one
                    await asyncio.sleep(0.005)
            killable.kill_server()
            await killable.start_server()
        await asyncio.sleep(0.2)
        for user in users:
            user.cancel()
        ended = await asyncio.gather(*users, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
        assert len(known) > KILLS, "too little happened between the kills"

        for _ in range(100):
            listed = await list_all(session, killable)
            tokens = tokens_by_status(receiver)
            pending = [command for command in listed if command["status"] == "queued"]
            missing = {command["sid"] for command in listed} - {sid for sid, _ in tokens}
            if not pending and not missing:
                break
            await asyncio.sleep(0.1)

    sids = [command["sid"] for command in listed]
    assert known <= set(sids), "an acknowledged command is gone"
    assert max(Counter(sids).values()) == 1
    assert pending == []
    assert missing == set(), "a webhook was never sent"
    statuses: dict[str, set[str]] = defaultdict(set)
    for (sid, status), seen in tokens.items():
        assert len(seen) == 1, f"{sid} {status}: one event, several idempotency tokens {seen}"
        statuses[sid].add(status)
    assert all(len(seen) == 1 for seen in statuses.values()), "sent twice to the API's knowledge"


def tokens_by_status(receiver: Receiver) -> dict[tuple[str, str], set[str]]:
    """(CommandSid, Status) -> the idempotency tokens it came with."""
    tokens: dict[tuple[str, str], set[str]] = defaultdict(set)
    for received in receiver.received:
        form = dict(parse_qsl(received.body.decode()))
        token = received.headers["I-Twilio-Idempotency-Token"]
        tokens[form["CommandSid"], form["Status"]].add(token)
    return tokens
