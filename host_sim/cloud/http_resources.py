"""The handlers of the REST API: read the request, ask the store, render its records."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from ip_commands.host_sim.cloud import fields, rendering
from ip_commands.host_sim.cloud.authentication import BearerTokens, basic_account
from ip_commands.host_sim.cloud.collection import DEFAULT_PAGE_SIZE, Page, PageRequest
from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.flavours import Flavour
from ip_commands.host_sim.cloud.forms import check_content_type, parse_form
from ip_commands.host_sim.cloud.rate_limit import RateLimit
from ip_commands.host_sim.cloud.records import Account, Sim
from ip_commands.host_sim.cloud.store import CloudStore

MAX_PAGE_SIZE = 1000
FLEET_FIELDS = {
    "NetworkAccessProfile": "network_access_profile",
    "UniqueName": "unique_name",
    "DataEnabled": "data_enabled",
    "DataLimit": "data_limit",
    "IpCommandsUrl": "ip_commands_url",
    "IpCommandsMethod": "ip_commands_method",
    "SmsCommandsEnabled": "sms_commands_enabled",
    "SmsCommandsUrl": "sms_commands_url",
    "SmsCommandsMethod": "sms_commands_method",
}
CREATE_ONLY_FLEET_FIELDS = ("DataEnabled", "SmsCommandsEnabled")
EMPTY_MEANS_NONE = ("UniqueName", "IpCommandsUrl", "SmsCommandsUrl")
_HOST = re.compile(r"[A-Za-z0-9._~\-]+(:\d{1,5})?|\[[0-9a-fA-F:.]+\](:\d{1,5})?")


def answer(status: int, body: Mapping[str, Any]) -> web.Response:
    """Return a JSON answer."""
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/json"
    )


class ResourceHandlers:
    """One method per operation; raises ApiError or NotAuthorized for what cannot be done."""

    def __init__(
        self,
        store: CloudStore,
        flavour: Flavour,
        public_url: str | None,
        rate_limit: RateLimit | None,
        refuse_large_pages: bool,
    ) -> None:
        self._store = store
        self._flavour = flavour
        self._public_url = public_url.rstrip("/") if public_url is not None else None
        self._rate_limit = rate_limit
        self._refuse_large_pages = refuse_large_pages
        self.tokens = BearerTokens(store)

    def _account(self, request: web.Request) -> Account:
        authorization = request.headers.get("Authorization", "")
        if self._flavour.bearer:
            account = self.tokens.account(authorization)
        else:
            account = basic_account(self._store, authorization)
        if self._rate_limit is not None:
            self._rate_limit.take(account.sid, asyncio.get_running_loop().time())
        return account

    def base_url(self, request: web.Request) -> str:
        """Return what resource URLs begin with: scheme and host, no slash at the end."""
        if self._public_url is not None:
            return self._public_url
        host = request.headers.get("Host", "")
        if not _HOST.fullmatch(host):
            host = "localhost"
        return f"{request.scheme}://{host}"

    @staticmethod
    async def _form(request: web.Request, *names: str) -> dict[str, str]:
        check_content_type(request.headers.get("Content-Type", ""))
        form = parse_form(await request.read())
        return {name: form[name] for name in names if name in form}

    @staticmethod
    def _query(request: web.Request) -> dict[str, str]:
        raw = request.raw_path.partition("?")[2]
        return parse_form(raw.encode("utf-8", "surrogateescape"))

    def _page_request(self, query: Mapping[str, str], max_size: int) -> PageRequest:
        size = fields.integer("PageSize", query.get("PageSize") or DEFAULT_PAGE_SIZE, 1, 10**18)
        if size > max_size and self._refuse_large_pages:
            raise fields.refuse("PageSize", f"give a value from 1 to {max_size}, not {size}")
        number = fields.integer("Page", query.get("Page") or 0, 0, 10**18)
        token = query.get("PageToken") or None
        if number > 0 and token is None:
            raise ApiError("page_without_token")
        return PageRequest(min(size, max_size), number, token)

    def _list(
        self,
        request: web.Request,
        key: str,
        page: Page[Any],
        shown: list[dict[str, Any]],
        query: Mapping[str, str],
        *filter_names: str,
    ) -> web.Response:
        filters = tuple((name, query[name]) for name in filter_names if query.get(name))
        list_url = self.base_url(request) + request.raw_path.partition("?")[0]
        return answer(200, {"meta": rendering.page_meta(page, key, list_url, filters), key: shown})

    # -- IP Commands ----------------------------------------------------------------------------
    async def create_ip_command(self, request: web.Request) -> web.Response:
        account = self._account(request)
        form = await self._form(
            request,
            "Sim",
            "Payload",
            "DevicePort",
            "PayloadType",
            "CallbackUrl",
            "CallbackMethod",
        )
        command = self._store.ip_commands.create(
            account,
            sim=form.get("Sim"),
            payload=form.get("Payload"),
            device_port=form.get("DevicePort"),
            payload_type=form.get("PayloadType") or "text",
            callback_url=form.get("CallbackUrl"),
            callback_method=form.get("CallbackMethod") or "POST",
        )
        return answer(201, rendering.ip_command(command, self.base_url(request)))

    async def fetch_ip_command(self, request: web.Request) -> web.Response:
        account = self._account(request)
        command = self._store.ip_commands.get(account, request.match_info["sid"])
        if command is None:
            raise ApiError("not_found", path=request.path)
        return answer(200, rendering.ip_command(command, self.base_url(request)))

    async def list_ip_commands(self, request: web.Request) -> web.Response:
        account = self._account(request)
        query = self._query(request)
        page = self._store.ip_commands.page(
            account,
            self._page_request(query, self._flavour.max_page_size),
            sim=query.get("Sim"),
            sim_iccid=query.get("SimIccid"),
            status=query.get("Status"),
            direction=query.get("Direction"),
        )
        base_url = self.base_url(request)
        shown = [rendering.ip_command(command, base_url) for command in page.records]
        names = ("Status", "Sim", "SimIccid", "Direction")
        return self._list(request, "ip_commands", page, shown, query, *names)

    # -- Sims -----------------------------------------------------------------------------------
    def _sim(self, request: web.Request, account: Account) -> Sim:
        sim = self._store.sims.find(account.sid, request.match_info["sid"])
        if sim is None:
            raise ApiError("not_found", path=request.path)
        return sim

    async def create_sim(self, request: web.Request) -> web.Response:
        account = self._account(request)
        form = await self._form(request, "Iccid", "RegistrationCode")
        sim = self._store.sims.create(
            account, iccid=form.get("Iccid"), registration_code=form.get("RegistrationCode")
        )
        return answer(201, rendering.sim(sim, self.base_url(request)))

    async def fetch_sim(self, request: web.Request) -> web.Response:
        sim = self._sim(request, self._account(request))
        return answer(200, rendering.sim(sim, self.base_url(request)))

    async def update_sim(self, request: web.Request) -> web.Response:
        account = self._account(request)
        form = await self._form(
            request,
            "UniqueName",
            "Status",
            "Fleet",
            "CallbackUrl",
            "CallbackMethod",
            "AccountSid",
        )
        sim = self._sim(request, account)
        pending = self._store.sims.update(
            sim,
            unique_name=form.get("UniqueName"),
            status=form.get("Status"),
            fleet=form.get("Fleet"),
            callback_url=form.get("CallbackUrl"),
            callback_method=form.get("CallbackMethod") or "POST",
            account_sid=form.get("AccountSid"),
        )
        return answer(202 if pending else 200, rendering.sim(sim, self.base_url(request)))

    async def list_sims(self, request: web.Request) -> web.Response:
        account = self._account(request)
        query = self._query(request)
        page = self._store.sims.page(
            account,
            self._page_request(query, MAX_PAGE_SIZE),
            status=query.get("Status"),
            fleet=query.get("Fleet"),
            iccid=query.get("Iccid"),
        )
        base_url = self.base_url(request)
        shown = [rendering.sim(sim, base_url) for sim in page.records]
        return self._list(request, "sims", page, shown, query, "Status", "Fleet", "Iccid")

    async def list_sim_ip_addresses(self, request: web.Request) -> web.Response:
        sim = self._sim(request, self._account(request))
        query = self._query(request)
        asked = self._page_request(query, MAX_PAGE_SIZE)
        addresses = self._store.device_addresses(sim) if asked.number == 0 else []
        page: Page[Any] = Page([], asked, None, None)
        shown = [rendering.sim_ip_address(address) for address in addresses]
        return self._list(request, "ip_addresses", page, shown, query)

    # -- Fleets ---------------------------------------------------------------------------------
    async def create_fleet(self, request: web.Request) -> web.Response:
        account = self._account(request)
        given = await self._fleet_form(request, *CREATE_ONLY_FLEET_FIELDS)
        fleet = self._store.fleets.create(account, **cast(Any, given))
        return answer(201, rendering.fleet(fleet, self.base_url(request)))

    async def fetch_fleet(self, request: web.Request) -> web.Response:
        account = self._account(request)
        fleet = self._store.fleets.find(account.sid, request.match_info["sid"])
        if fleet is None:
            raise ApiError("not_found", path=request.path)
        return answer(200, rendering.fleet(fleet, self.base_url(request)))

    async def update_fleet(self, request: web.Request) -> web.Response:
        account = self._account(request)
        given = await self._fleet_form(request)
        fleet = self._store.fleets.find(account.sid, request.match_info["sid"])
        if fleet is None:
            raise ApiError("not_found", path=request.path)
        self._store.fleets.update(fleet, **cast(Any, given))
        return answer(200, rendering.fleet(fleet, self.base_url(request)))

    async def list_fleets(self, request: web.Request) -> web.Response:
        account = self._account(request)
        query = self._query(request)
        page = self._store.fleets.page(
            account,
            self._page_request(query, MAX_PAGE_SIZE),
            network_access_profile=query.get("NetworkAccessProfile"),
        )
        base_url = self.base_url(request)
        shown = [rendering.fleet(fleet, base_url) for fleet in page.records]
        return self._list(request, "fleets", page, shown, query, "NetworkAccessProfile")

    async def _fleet_form(self, request: web.Request, *more_names: str) -> dict[str, str]:
        names = [name for name in FLEET_FIELDS if name not in CREATE_ONLY_FLEET_FIELDS]
        form = await self._form(request, *names, *more_names)
        return {
            FLEET_FIELDS[name]: value
            for name, value in form.items()
            if value or name in EMPTY_MEANS_NONE
        }
