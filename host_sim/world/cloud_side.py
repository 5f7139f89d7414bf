"""The cloud side of a simulation: store, HTTP API, webhook sender, and somebody who receives."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from ip_commands.host_sim.cloud.flavours import KORE, TWILIO
from ip_commands.host_sim.cloud.http_api import make_app
from ip_commands.host_sim.cloud.http_server import HttpServer
from ip_commands.host_sim.cloud.records import Account, Fleet, Sim
from ip_commands.host_sim.cloud.sqlite_store import SqlitePersistence
from ip_commands.host_sim.cloud.store import CloudStore, Downlink
from ip_commands.host_sim.cloud.webhooks import WebhookSender
from ip_commands.host_sim.time.loop_queue import LoopQueue
from ip_commands.host_sim.world.webhook_receiver import WebhookReceiver

FLAVOURS = {"twilio": TWILIO, "kore": KORE}
FLEET_NAME = "fleet"


@dataclass(frozen=True)
class CloudOptions:
    """What the cloud side is like; the defaults suit a test.

    host, port: where the API listens (port 0: any free one).
    db: an SQLite file that survives the process; None: memory.
    webhook_url: the Fleet's ``ip_commands_url``; None: a receiver of our own.
    allowed_hosts: where webhooks may go besides loopback.
    patience_s: real seconds that virtual time waits for a webhook's receiver.
    account_sid, auth_token: None makes them.
    """

    host: str = "127.0.0.1"
    port: int = 0
    db: str | None = None
    flavour: str = "twilio"
    webhook_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    patience_s: float = 2.0
    account_sid: str | None = None
    auth_token: str | None = None


class CloudSide:
    """Make it, ``start`` it in the loop, ``stop`` it."""

    def __init__(
        self, queue: LoopQueue, downlink: Downlink, seed: int, options: CloudOptions
    ) -> None:
        self.flavour = FLAVOURS[options.flavour]
        self.persistence = SqlitePersistence(options.db) if options.db is not None else None
        self.store = CloudStore(
            queue,
            downlink,
            lambda request: self.sender.submit(request),
            seed=seed,
            persistence=self.persistence,
        )
        self.sender = WebhookSender(
            self.store,
            flavour=self.flavour,
            allowed_hosts=options.allowed_hosts,
            patience_s=options.patience_s,
        )
        self.receiver = WebhookReceiver(lambda: queue.now_ms)
        self._options = options

    async def start(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Open the API and the receiver. Raises OSError when the port is taken.

        Whatever it raises, nothing stays open then.
        """
        options = self._options
        app = make_app(self.store, flavour=self.flavour, routes=routes)
        self.server = HttpServer(app, options.host, options.port)
        try:
            await self.receiver.start()
            self._set_up_account()
            await self.server.start()
        except BaseException:
            await self.stop()
            raise
        self.store.resume()

    def _set_up_account(self) -> None:
        options = self._options
        self.account = self._find_account() or self.store.create_account(
            "simulated", sid=options.account_sid, auth_token=options.auth_token
        )
        url = options.webhook_url or self.receiver.url
        fleet = self.store.fleets.find(self.account.sid, FLEET_NAME)
        if fleet is None:
            fleet = self.store.create_fleet(
                self.account, unique_name=FLEET_NAME, ip_commands_url=url
            )
        elif options.webhook_url is not None or fleet.ip_commands_url is None:
            self.store.fleets.update(fleet, ip_commands_url=url)
        self.fleet: Fleet = fleet

    async def stop(self) -> None:
        """Close everything; what a stored cloud still owes it sends after its next start."""
        await self.server.stop()
        await self.sender.close()
        await self.receiver.stop()
        if self.persistence is not None:
            self.persistence.close()

    def sim(self, iccid: str, name: str) -> Sim:
        """Return the stored Sim with this ICCID, or add it, active, to the Fleet."""
        known = self.store.sims.by_iccid(iccid)
        if known is not None:
            return known
        return self.store.add_sim(self.account, iccid, unique_name=name, fleet=self.fleet)

    def _find_account(self) -> Account | None:
        wanted = self._options.account_sid
        if wanted is not None:
            return self.store.accounts.get(wanted)
        return next(iter(self.store.accounts), None)


def stored_until_ms(db: str | None) -> int:
    """Return up to when a database holds records: simulated time must not begin before that."""
    if db is None or not Path(db).exists():
        return 0
    persistence = SqlitePersistence(db)
    try:
        return persistence.latest_ms() or 0
    finally:
        persistence.close()
