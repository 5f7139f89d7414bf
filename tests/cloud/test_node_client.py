"""The unmodified official Node client against the cloud, in a process of its own."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from tests.cloud.cloud_under_test import DEVICE_IP, CloudUnderTest

NODE_FOLDER = Path(__file__).parent / "node"
NODE = shutil.which("node")


def test_the_cloud_as_the_node_client_sees_it() -> None:
    if NODE is None:
        pytest.skip("NOT TRIED: the official Node client, because there is no node here")
    if not (NODE_FOLDER / "node_modules" / "twilio").is_dir():
        pytest.skip(
            f"NOT TRIED: the official Node client; run: npm install --prefix {NODE_FOLDER}"
        )
    asyncio.run(use_node_client(NODE))


async def use_node_client(node: str) -> None:
    async with CloudUnderTest() as cloud:
        proxies = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
        environment = {name: v for name, v in os.environ.items() if name not in proxies}
        process = await asyncio.create_subprocess_exec(
            *(node, str(NODE_FOLDER / "use_client.js"), cloud.url),
            *(cloud.account.sid, cloud.account.auth_token, cloud.receiver.url("/cb?x=1")),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, errors.decode()
        seen = json.loads(output)
        await cloud.settle()

        created, fetched = seen["created"], seen["fetched"]
        assert (created["status"], created["deviceIp"]) == ("queued", None)
        assert (fetched["status"], fetched["deviceIp"]) == ("sent", DEVICE_IP)
        assert (fetched["payload"], fetched["payloadType"]) == ("AP8a", "binary")
        assert seen["dateCreated"].startswith("2026-01-05T00:0")
        assert seen["newestFirst"]
        assert (seen["inSevens"], seen["failedOnes"]) == (30, 0)
        assert seen["fleet"]["ipCommandsMethod"] == "POST"
        assert seen["moved"]["fleetSid"] == seen["fleet"]["sid"]
        assert seen["moved"]["status"] == "new"
        assert seen["scheduled"] == "scheduled"
        assert seen["sims"] == ["node", "alice"]
        more_info = "https://www.twilio.com/docs/errors/"
        for name, status, code in (
            ("unknownSim", 404, 83005),
            ("unknownSid", 404, 20404),
            ("badToken", 401, 20003),
            ("badFilter", 400, 20001),
        ):
            expected = {"status": status, "code": code, "moreInfo": f"{more_info}{code}"}
            assert seen[name] == expected

        assert len(cloud.network.sent) == 121
        (callback,) = cloud.receiver.received
        signature = callback.headers["X-Twilio-Signature"]
        assert RequestValidator(cloud.account.auth_token).validate(callback.url, {}, signature)
