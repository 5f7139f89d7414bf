"""Who may see what: Basic, API keys, several accounts, and the KORE flavour's Bearer tokens."""

import asyncio
import base64
from typing import Any

import aiohttp
import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ip_commands.host_sim.cloud.flavours import KORE
from tests.cloud.cloud_under_test import CloudUnderTest, basic


async def test_an_api_key_is_as_good_as_the_auth_token(cloud: CloudUnderTest) -> None:
    key = cloud.store.accounts.create_key(cloud.account)
    http_client = TwilioHttpClient()
    client = Client(key.sid, key.secret, cloud.account.sid, http_client=http_client)
    client.supersim.base_url = cloud.url
    sim = await asyncio.to_thread(client.supersim.v1.sims("alice").fetch)
    http_client.session.close()
    assert sim.sid == cloud.sim.sid


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic",
        "Basic ???",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"AC123:wrong").decode(),
        "Bearer abc",
        "Digest x",
    ],
)
async def test_bad_credentials_are_401(cloud: CloudUnderTest, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with aiohttp.ClientSession(cloud.url, headers=headers) as session:
        for path in ("/v1/IpCommands", "/v1/Sims/alice", "/v1/Fleets"):
            async with session.get(path) as answer:
                body = await answer.json()
            assert (answer.status, body["code"], body["message"]) == (401, 20003, "Authenticate")
            assert answer.headers["WWW-Authenticate"].startswith("Basic")


async def test_the_password_must_be_the_whole_token(cloud: CloudUnderTest) -> None:
    sid, token = cloud.account.sid, cloud.account.auth_token
    other = cloud.store.create_account()
    async with aiohttp.ClientSession(cloud.url) as session:
        for user, password in ((sid, token[:-1]), (sid, ""), (sid, other.auth_token)):
            async with session.get("/v1/Sims", headers=basic(user, password)) as answer:
                assert answer.status == 401


async def test_one_account_never_sees_anothers_resources(cloud: CloudUnderTest) -> None:
    command = cloud.store.ip_commands.create(
        cloud.account, sim="alice", payload="secret", device_port=1
    )
    other = cloud.store.create_account("other")
    client = cloud.client(other)

    def try_all() -> list[Any]:
        api = client.supersim.v1
        outcomes: list[Any] = [api.ip_commands.list(), api.sims.list(), api.fleets.list()]
        outcomes.append(api.ip_commands.list(sim=cloud.sim.sid))
        for call, fields in (
            (api.ip_commands(command.sid).fetch, {}),
            (api.sims(cloud.sim.sid).fetch, {}),
            (api.sims("alice").update, {"unique_name": "mine"}),
            (api.fleets(cloud.fleet.sid).update, {"unique_name": "mine"}),
            (
                api.ip_commands.create,
                {"sim": cloud.sim.sid, "payload": "x", "device_port": 1},
            ),
        ):
            with pytest.raises(TwilioRestException) as raised:
                call(**fields)
            outcomes.append(raised.value.status)
        with pytest.raises(TwilioException, match="404"):
            api.sims(cloud.sim.sid).sim_ip_addresses.list()
        return outcomes

    assert await asyncio.to_thread(try_all) == [[], [], [], [], 404, 404, 404, 404, 404]
    assert cloud.sim.unique_name == "alice"


async def test_two_accounts_may_use_the_same_names(cloud: CloudUnderTest) -> None:
    other = cloud.store.create_account("other")
    fleet = cloud.store.create_fleet(other)
    twin = cloud.store.add_sim(other, "8988307000000000002", unique_name="alice", fleet=fleet)
    cloud.store.ip_commands.create(other, sim="alice", payload="x", device_port=1)
    await cloud.settle()
    assert [iccid for iccid, *_ in cloud.network.sent] == [twin.iccid]


async def test_the_kore_flavour() -> None:
    async with CloudUnderTest(flavour=KORE) as cloud:
        key = cloud.store.accounts.create_key(cloud.account)
        async with aiohttp.ClientSession(cloud.url) as session:
            token = await _token(session, key.sid, key.secret)
            bearer = {"Authorization": f"Bearer {token}"}
            fields = {"Sim": "alice", "Payload": "x", "DevicePort": "1"}
            async with session.post("/v1/IpCommands", data=fields, headers=bearer) as answer:
                assert answer.status == 201
            async with session.post("/v1/IpCommands", data={}, headers=bearer) as answer:
                body = await answer.json()
            assert (body["status"], body["code"]) == (400, 20002)
            assert body["more_info"] == "https://docs.korewireless.com/errors/20002"

            async with session.get("/v1/IpCommands?PageSize=1000", headers=bearer) as answer:
                assert (await answer.json())["meta"]["page_size"] == 100
            for headers in (
                {},
                {"Authorization": "Bearer wrong"},
                basic(cloud.account.sid, cloud.account.auth_token),
            ):
                async with session.get("/v1/IpCommands", headers=headers) as answer:
                    assert answer.status == 403
                    assert (await answer.json())["error"] == "Invalid or expired token"

            cloud.uplink(b"up")
            await cloud.settle()
            (webhook,) = cloud.receiver.received
            assert webhook.headers["User-Agent"] == "KoreProxy/1.1"
            assert webhook.headers["kore-idempotency-token"]
            assert webhook.headers["kore-signature"]
            assert webhook.headers["date"] == "2026-01-05T00:00:00Z"
            assert "X-Twilio-Signature" not in webhook.headers


async def test_kore_tokens_are_refused_and_end() -> None:
    async with CloudUnderTest(flavour=KORE) as cloud, aiohttp.ClientSession(cloud.url) as session:
        path = "/api-services/v1/auth/token"
        wrong = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
        async with session.post(path, data=wrong) as answer:
            assert answer.status == 401
            assert (await answer.json())["error"] == "invalid_client"
        async with session.post(path, data={"grant_type": "password"}) as answer:
            assert answer.status == 400
            assert (await answer.json())["error"] == "unsupported_grant_type"
        token = await _token(session, cloud.account.sid, cloud.account.auth_token)
        bearer = {"Authorization": f"Bearer {token}"}
        async with session.get("/v1/Sims", headers=bearer) as answer:
            assert answer.status == 200
        cloud.queue.now_ms += 3600 * 1000
        async with session.get("/v1/Sims", headers=bearer) as answer:
            assert answer.status == 403


async def _token(session: aiohttp.ClientSession, client_id: str, client_secret: str) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }
    async with session.post("/api-services/v1/auth/token", data=form) as answer:
        assert answer.status == 200
        body = await answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    token: str = body["access_token"]
    return token
