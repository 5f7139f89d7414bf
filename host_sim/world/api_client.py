"""A customer of the simulated API: authenticates as the flavour wants, creates IP Commands."""

import base64
from collections.abc import Mapping
from typing import Any

import aiohttp

from ip_commands.host_sim.cloud.authentication import TOKEN_PATH
from ip_commands.host_sim.cloud.flavours import Flavour
from ip_commands.host_sim.cloud.records import Account

KEEPALIVE_S = 86400.0


class ApiRefusal(Exception):
    """The API answered with an error; ``body`` is its JSON."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__(f"{body.get('status')} {body.get('code')}: {body.get('message')}")
        self.body = body


class ApiClient:
    """One session with the API at ``url``; ``key`` (SID, secret) is needed for Bearer tokens."""

    def __init__(
        self, url: str, flavour: Flavour, account: Account, key: tuple[str, str] | None = None
    ) -> None:
        self._url = url
        self._flavour = flavour
        self._credentials = key or (account.sid, account.auth_token)
        self._authorization: str | None = None
        # the default looks for old connections every 15 s: in virtual time that is all it would do
        connector = aiohttp.TCPConnector(keepalive_timeout=KEEPALIVE_S)
        self._session = aiohttp.ClientSession(connector=connector)

    async def close(self) -> None:
        await self._session.close()

    async def create_ip_command(
        self, sim: str, payload: str | bytes, port: int, fields: Mapping[str, str]
    ) -> dict[str, Any]:
        """Create an IP Command; bytes go as ``binary``, a str as ``text``. Raises ApiRefusal."""
        form = {"Sim": sim, "DevicePort": str(port), **fields}
        if isinstance(payload, bytes):
            form["PayloadType"] = "binary"
            form["Payload"] = base64.b64encode(payload).decode()
        else:
            form["Payload"] = payload
        status, body = await self._post("/v1/IpCommands", form)
        if status in (401, 403) and self._flavour.bearer:  # the token grew old in simulated time
            self._authorization = None
            status, body = await self._post("/v1/IpCommands", form)
        if status != 201:
            raise ApiRefusal(body)
        return body

    async def _post(self, path: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": await self._authorize()}
        async with self._session.post(self._url + path, data=form, headers=headers) as answer:
            return answer.status, await answer.json()

    async def _authorize(self) -> str:
        user, secret = self._credentials
        if not self._flavour.bearer:
            return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()
        if self._authorization is None:
            form = {
                "grant_type": "client_credentials",
                "client_id": user,
                "client_secret": secret,
            }
            async with self._session.post(self._url + TOKEN_PATH, data=form) as answer:
                body = await answer.json()
                if answer.status != 200:
                    raise ApiRefusal(body)
            self._authorization = f"Bearer {body['access_token']}"
        return self._authorization
