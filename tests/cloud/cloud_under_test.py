"""A cloud with HTTP and webhooks on the running loop, and a network that does what it is told."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

from aiohttp import web
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from ip_commands.host_sim.cloud.flavours import TWILIO, Flavour
from ip_commands.host_sim.cloud.http_api import make_app
from ip_commands.host_sim.cloud.http_server import HttpServer
from ip_commands.host_sim.cloud.records import Account, IpCommand
from ip_commands.host_sim.cloud.store import CloudStore, DeviceNotAttached, StoreSettings
from ip_commands.host_sim.cloud.webhooks import WebhookSender
from ip_commands.host_sim.time.loop_queue import LoopQueue

START_MS = 1_451_606_400_000  # 2026-01-05T00:00:00Z
ICCID = "8988307000000000001"
DEVICE_IP = "100.64.0.123"


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of Basic authentication."""
    encoded = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


class RecordingNetwork:
    """The ``downlink`` of a store: keeps datagrams; a card in ``detached`` is not reachable."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, int, str]] = []
        self.detached: set[str] = set()
        self.trouble: Exception | None = None

    def downlink(self, iccid: str, payload: bytes, device_port: int, command_sid: str) -> str:
        if self.trouble is not None:
            raise self.trouble
        if iccid in self.detached:
            raise DeviceNotAttached("switched off")
        self.sent.append((iccid, payload, device_port, command_sid))
        return DEVICE_IP


class Received:
    """One request as the customer's server saw it, byte for byte."""

    def __init__(self, request: web.Request, body: bytes) -> None:
        self.method = request.method
        self.raw_path = request.raw_path
        self.url = f"http://{request.headers['Host']}{request.raw_path}"
        self.headers = request.headers.copy()
        self.body = body


class Receiver:
    """A customer's server: keeps every request, answers as ``answer`` says."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Received], Any] = lambda _: 204
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self.server = HttpServer(app)

    async def _receive(self, request: web.Request) -> web.Response:
        received = Received(request, await request.read())
        self.received.append(received)
        status = self.answer(received)
        if asyncio.iscoroutine(status):
            status = await status
        headers = {"Location": "/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=headers)

    def url(self, path: str = "/hook") -> str:
        return self.server.url + path


class CloudUnderTest:
    """Use as ``async with``: one account ``alice`` with a Fleet, a Sim and a receiver."""

    def __init__(
        self,
        *,
        settings: StoreSettings | None = None,
        flavour: Flavour = TWILIO,
        sender: dict[str, Any] | None = None,
        app: dict[str, Any] | None = None,
        persistence: Any = None,
    ) -> None:
        self._settings = settings or StoreSettings(queue_delay_ms=(5, 5), sim_update_delay_ms=5)
        self._flavour = flavour
        self._sender_options = sender or {}
        self._app_options = app or {}
        self._persistence = persistence
        self.network = RecordingNetwork()

    async def __aenter__(self) -> "CloudUnderTest":
        self.queue = LoopQueue(START_MS, asyncio.get_running_loop())
        self.store = CloudStore(
            self.queue,
            self.network.downlink,
            lambda request: self.sender.submit(request),
            settings=self._settings,
            persistence=self._persistence,
        )
        self.sender = WebhookSender(self.store, flavour=self._flavour, **self._sender_options)
        self.receiver = Receiver()
        await self.receiver.server.start()
        self.server = HttpServer(make_app(self.store, flavour=self._flavour, **self._app_options))
        await self.server.start()
        self.account = self.store.create_account("alice's company")
        self.fleet = self.store.create_fleet(self.account, ip_commands_url=self.receiver.url())
        self.sim = self.store.add_sim(self.account, ICCID, unique_name="alice", fleet=self.fleet)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sender.close()
        await self.server.stop()
        await self.receiver.server.stop()
        self.queue.close()

    @property
    def url(self) -> str:
        return self.server.url

    def client(self, account: Account | None = None) -> Client:
        """Return an unmodified official client; use it in a thread."""
        account = account or self.account
        http_client = TwilioHttpClient(timeout=20)
        client = Client(account.sid, account.auth_token, http_client=http_client)
        client.supersim.base_url = self.url
        return client

    def uplink(self, payload: bytes, port: int = 4242) -> IpCommand:
        record = self.store.receive_from_sim(ICCID, payload, DEVICE_IP, port, 6969)
        assert record is not None
        return record

    async def settle(self) -> None:
        """Return when no command is queued and no webhook is on its way."""
        while self.store.ip_commands.queued():  # noqa: ASYNC110 - the store knows no asyncio
            await asyncio.sleep(0.002)
        await self.sender.drain()
