"""The customer's end of webhooks: a small HTTP server that keeps what it was sent."""

import base64
from collections.abc import Callable, Mapping

from aiohttp import web

from ip_commands.host_sim.cloud.http_server import HttpServer

MAX_WEBHOOKS_KEPT = 100_000
"""A server that runs for months must not grow for months."""


class Webhook:
    """One received callback: its parameters, and the payload decoded.

    ``parameters`` are the documented ones (``CommandSid``, ``SimUniqueName``, ``Status``, ...).
    """

    def __init__(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        received_at_ms: int,
    ) -> None:
        self.method = method
        self.url = url
        self.parameters = dict(parameters)
        self.headers = dict(headers)
        self.received_at_ms = received_at_ms

    @property
    def payload(self) -> bytes:
        """The bytes that the device sent (or got)."""
        text = self.parameters["Payload"]
        if self.parameters["PayloadType"] == "binary":
            return base64.b64decode(text)
        return text.encode()

    @property
    def status(self) -> str:
        return self.parameters["Status"]

    @property
    def sim_unique_name(self) -> str:
        return self.parameters["SimUniqueName"]

    @property
    def command_sid(self) -> str:
        return self.parameters["CommandSid"]

    def __repr__(self) -> str:
        return f"<Webhook {self.status} {self.sim_unique_name} {self.payload!r}>"


class WebhookReceiver:
    """Accept every webhook with 204 and keep it in ``webhooks``, oldest first.

    It keeps the newest 100 000; the oldest go first.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.webhooks: list[Webhook] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._server = HttpServer(app)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    @property
    def url(self) -> str:
        """Where the Fleet's ``ip_commands_url`` points."""
        return f"{self._server.url}/ip-commands"

    async def _receive(self, request: web.Request) -> web.Response:
        form = await request.post() if request.method == "POST" else request.query
        parameters = {name: str(value) for name, value in form.items()}
        self.webhooks.append(
            Webhook(request.method, str(request.url), parameters, request.headers, self._clock())
        )
        if len(self.webhooks) > MAX_WEBHOOKS_KEPT:
            del self.webhooks[0]
        return web.Response(status=204)
