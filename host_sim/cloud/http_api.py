"""The REST API over a ``CloudStore``: a thin coat of aiohttp.

Requests are read strictly, handed to the store, and its records rendered; nothing is decided here
but who asks and what an error looks like.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from ip_commands.host_sim.cloud.authentication import TOKEN_PATH, NotAuthorized, not_authorized
from ip_commands.host_sim.cloud.error_codes import ApiError, ErrorTable, message_of
from ip_commands.host_sim.cloud.flavours import TWILIO, Flavour
from ip_commands.host_sim.cloud.http_resources import ResourceHandlers, answer
from ip_commands.host_sim.cloud.openapi import describe
from ip_commands.host_sim.cloud.rate_limit import RateLimit
from ip_commands.host_sim.cloud.store import CloudStore

MAX_BODY_BYTES = 64 * 1024
STORE = web.AppKey("store", CloudStore)

CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, User-Agent",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "Twilio-Request-Id",
}

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(
    store: CloudStore,
    *,
    flavour: Flavour = TWILIO,
    errors: ErrorTable | None = None,
    public_url: str | None = None,
    rate_limit: RateLimit | None = None,
    refuse_large_pages: bool = False,
    routes: Iterable[web.AbstractRouteDef] = (),
    health: Callable[[], Mapping[str, Any]] | None = None,
) -> web.Application:
    """Return the aiohttp application that serves a store.

    errors: replaces the flavour's error table.
    public_url: what resource URLs begin with; by default the request's own Host.
    refuse_large_pages: answer 400 to a PageSize above the maximum instead of using the maximum
        (what the real service does is not public; the official clients expect it to clamp).
    routes: more routes to serve, e.g. simulator controls; errors raised there become JSON too.
    health: more to say at ``/healthz``.
    """
    api = ResourceHandlers(store, flavour, public_url, rate_limit, refuse_large_pages)
    refusals = Refusals(store, flavour, errors or flavour.errors)
    app = web.Application(middlewares=[refusals.middleware], client_max_size=MAX_BODY_BYTES)
    app[STORE] = store

    async def healthz(_: web.Request) -> web.Response:
        return answer(200, {"status": "ok", **(health() if health is not None else {})})

    async def openapi(request: web.Request) -> web.Response:
        return answer(200, describe(flavour, api.base_url(request)))

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/openapi.json", openapi)
    for path, get, post in (
        ("/v1/IpCommands", api.list_ip_commands, api.create_ip_command),
        ("/v1/IpCommands/{sid}", api.fetch_ip_command, None),
        ("/v1/Sims", api.list_sims, api.create_sim),
        ("/v1/Sims/{sid}", api.fetch_sim, api.update_sim),
        ("/v1/Sims/{sid}/IpAddresses", api.list_sim_ip_addresses, None),
        ("/v1/Fleets", api.list_fleets, api.create_fleet),
        ("/v1/Fleets/{sid}", api.fetch_fleet, api.update_fleet),
    ):
        app.router.add_get(path, get, allow_head=False)
        if post is not None:
            app.router.add_post(path, post)
    if flavour.bearer:
        app.router.add_post(TOKEN_PATH, api.tokens.issue)
    app.router.add_routes(routes)
    return app


class Refusals:
    """Turn everything that goes wrong into the API's JSON error body; no trace leaves."""

    def __init__(self, store: CloudStore, flavour: Flavour, errors: ErrorTable) -> None:
        self._store = store
        self._flavour = flavour
        self._errors = errors

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn everything that goes wrong into the API's JSON error body."""
        response = await self._answer(request, handler)
        if not response.prepared:
            response.headers.update(CORS_HEADERS)
            response.headers["Twilio-Request-Id"] = self._store.sids.sid("RQ")
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except ApiError as error:
            return self._error(error.name, error.fields)
        except NotAuthorized:
            return not_authorized()
        except web.HTTPMethodNotAllowed as refused:
            if request.method == "OPTIONS":
                return web.Response(status=204)
            path, method = request.path, request.method
            response = self._error("method_not_allowed", {"path": path, "method": method})
            response.headers["Allow"] = ", ".join(sorted(refused.allowed_methods))
            return response
        except web.HTTPNotFound:
            return self._error("not_found", {"path": request.path})
        except web.HTTPRequestEntityTooLarge:
            return self._error("body_too_large", {"limit": MAX_BODY_BYTES})
        except web.HTTPException as refused:
            if refused.status < 400:
                raise
            return self._error("malformed_request", {"reason": refused.reason}, refused.status)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return self._error("internal", {})

    def _error(
        self, name: str, error_fields: Mapping[str, object], status: int | None = None
    ) -> web.Response:
        entry = self._errors[name]
        status = status or entry.http_status
        response = answer(
            status,
            {
                "code": entry.code,
                "message": message_of(entry, error_fields),
                "more_info": self._flavour.more_info.format(code=entry.code),
                "status": status,
            },
        )
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Super SIM"'
        return response
