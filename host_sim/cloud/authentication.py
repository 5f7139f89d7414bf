"""Who is asking: Basic for the Twilio flavour, OAuth2 client credentials and Bearer for KORE's.

Source: twilio.com/docs/iot/supersim/api (Basic); RFC 6749 section 4.4 and KORE's public OpenAPI
description (client credentials at ``/api-services/v1/auth/token``, tokens for an hour).
"""

import base64
import binascii
from typing import Any

from aiohttp import web

from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.forms import check_content_type, parse_form
from ip_commands.host_sim.cloud.records import Account
from ip_commands.host_sim.cloud.store import CloudStore

TOKEN_PATH = "/api-services/v1/auth/token"
TOKEN_LIFETIME_S = 3600
MAX_TOKENS = 10_000


class NotAuthorized(Exception):
    """The Bearer token is missing, wrong or too old."""


def basic_account(store: CloudStore, authorization: str) -> Account:
    """Return the account of a Basic header. Raises ApiError (401)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            user, colon, password = (
                base64.b64decode(encoded, validate=True).decode().partition(":")
            )
        except (binascii.Error, ValueError):
            raise ApiError("authentication") from None
        account = store.accounts.authenticate(user, password) if colon else None
        if account is not None:
            return account
    raise ApiError("authentication")


class BearerTokens:
    """The tokens given out; they end with the process, as clients must expect anyway."""

    def __init__(self, store: CloudStore) -> None:
        self._store = store
        self._tokens: dict[str, tuple[Account, int]] = {}

    def account(self, authorization: str) -> Account:
        """Return the account of a Bearer header. Raises NotAuthorized."""
        scheme, _, token = authorization.partition(" ")
        found = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if found is None or found[1] <= self._store.queue.now_ms:
            raise NotAuthorized
        return found[0]

    async def issue(self, request: web.Request) -> web.Response:
        """Answer ``POST /api-services/v1/auth/token``."""
        check_content_type(request.headers.get("Content-Type", ""))
        form = parse_form(await request.read())
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", "grant_type must be client_credentials")
        account = self._store.accounts.authenticate(
            form.get("client_id", ""), form.get("client_secret", "")
        )
        if account is None:
            return _refused(401, "invalid_client", "Invalid client or Invalid client credentials")
        token = self._store.sids.secret("bearer token") + self._store.sids.secret("bearer token")
        self._forget_old()
        expires_ms = self._store.queue.now_ms + TOKEN_LIFETIME_S * 1000
        self._tokens[token] = (account, expires_ms)
        return _json(
            200,
            {
                "access_token": token,
                "expires_in": TOKEN_LIFETIME_S,
                "token_type": "Bearer",
                "scope": "profile email",
            },
        )

    def _forget_old(self) -> None:
        now_ms = self._store.queue.now_ms
        while self._tokens:
            oldest = next(iter(self._tokens))
            if self._tokens[oldest][1] > now_ms and len(self._tokens) < MAX_TOKENS:
                break
            del self._tokens[oldest]


def not_authorized() -> web.Response:
    """Return KORE's answer to a request without a good token."""
    return _json(
        403,
        {
            "message": "User is not authorized to access this resource with an explicit deny",
            "error": "Invalid or expired token",
        },
    )


def _refused(status: int, error: str, description: str) -> web.Response:
    return _json(status, {"error": error, "error_description": description})


def _json(status: int, body: dict[str, Any]) -> web.Response:
    return web.json_response(body, status=status)
