"""The cloud's truth in plain Python: accounts, Fleets, Sims, IP Commands, owed webhooks.

No asyncio, no HTTP: time is the ``EventQueue``, the network is the ``downlink`` callable, webhooks
leave through ``notify``. Everything the HTTP API does can be done here directly::

    store = CloudStore(queue, downlink, notify)
    account = store.create_account()
    fleet = store.create_fleet(account, ip_commands_url="http://127.0.0.1:9000/")
    sim = store.add_sim(account, "89883070000000000001", unique_name="alice", fleet=fleet)
    command = store.ip_commands.create(account, sim="alice", payload="hi", device_port=4242)

All methods must be called in the thread that drains the queue.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ip_commands.host_sim.cloud.accounts import Accounts
from ip_commands.host_sim.cloud.error_codes import TWILIO, ErrorTable
from ip_commands.host_sim.cloud.fleets import Fleets
from ip_commands.host_sim.cloud.ip_commands import DeviceNotAttached, Downlink, IpCommands
from ip_commands.host_sim.cloud.ledger import Ledger, Persistence
from ip_commands.host_sim.cloud.owed_webhooks import Notify, OwedWebhooks
from ip_commands.host_sim.cloud.records import (
    Account,
    ApiKey,
    Fleet,
    IpCommand,
    Record,
    Sim,
    WebhookRequest,
)
from ip_commands.host_sim.cloud.settings import RETENTION_MS, StoreSettings
from ip_commands.host_sim.cloud.sims import Sims
from ip_commands.host_sim.time.event_queue import EventQueue

__all__ = [
    "RETENTION_MS",
    "CloudStore",
    "DeviceNotAttached",
    "Downlink",
    "Notify",
    "Persistence",
    "StoreSettings",
]


def _last_address(sim: Sim) -> Sequence[str]:
    return (sim.last_ip,) if sim.last_ip is not None else ()


class CloudStore:
    """Own every resource; see the module's docstring.

    queue: simulated time; dates come from it.
    downlink: called when a queued command is due; returns the device's address, or raises
        DeviceNotAttached, which makes the command ``failed`` with 83401.
    notify: called with each webhook that is owed, after the change behind it was made permanent;
        must not block. Answer with ``webhook_finished``.
    seed: decides SIDs, tokens and delays.
    device_addresses: what ``/Sims/{Sid}/IpAddresses`` shows; by default the address last seen.
    errors: the codes of failed commands and of the debugger log.
    """

    def __init__(
        self,
        queue: EventQueue,
        downlink: Downlink,
        notify: Notify,
        seed: int | str = 0,
        *,
        settings: StoreSettings | None = None,
        persistence: Persistence | None = None,
        device_addresses: Callable[[Sim], Sequence[str]] | None = None,
        errors: ErrorTable = TWILIO,
    ) -> None:
        self.queue = queue
        self.downlink = downlink
        self.notify = notify
        self.settings = settings or StoreSettings()
        self.errors = errors
        self.device_addresses = device_addresses or _last_address
        ledger = Ledger(queue, seed, persistence)
        self.sids = ledger.sids
        # by lambda: ``downlink`` and ``notify`` may be replaced at any time
        self._webhooks = OwedWebhooks(
            ledger,
            lambda request: self.notify(request),
            errors,
            self.settings.max_debugger_entries,
        )
        self.owed_webhooks = self._webhooks.by_sid
        self.debugger = self._webhooks.debugger
        self.accounts = Accounts(ledger)
        self.fleets = Fleets(ledger)
        self.sims = Sims(
            ledger,
            self.accounts,
            self.fleets,
            self._webhooks,
            self.settings.sim_update_delay_ms,
        )
        self.ip_commands = IpCommands(
            ledger,
            self.sims,
            self.fleets,
            self._webhooks,
            downlink=lambda iccid, payload, port, sid: self.downlink(iccid, payload, port, sid),
            errors=errors,
            settings=self.settings,
        )
        for record in ledger.stored():
            self._load(record)

    def _load(self, record: Record) -> None:
        if isinstance(record, (Account, ApiKey)):
            self.accounts.load(record)
        elif isinstance(record, Fleet):
            self.fleets.load(record)
        elif isinstance(record, Sim):
            self.sims.load(record)
        elif isinstance(record, IpCommand):
            self.ip_commands.load(record)
        else:
            self._webhooks.load(record)

    def resume(self) -> None:
        """Go on after a restart: pending commands, pending Sim updates and owed webhooks.

        Call once, when ``downlink`` and ``notify`` can be used.
        """
        self._webhooks.resume()
        for sim in list(self.sims.scheduled()):
            self.sims.schedule(sim)
        for command in self.ip_commands.queued():
            self.ip_commands.schedule(command)

    # -- seeding --------------------------------------------------------------------------------
    def create_account(self, friendly_name: str = "", **given: Any) -> Account:
        """Make an account; see ``Accounts.create`` for ``sid``, ``auth_token``, ``parent``."""
        return self.accounts.create(friendly_name, **given)

    def create_fleet(
        self, account: Account, *, network_access_profile: str = "default", **given: Any
    ) -> Fleet:
        """Make a Fleet; see ``Fleets.create``."""
        return self.fleets.create(account, network_access_profile=network_access_profile, **given)

    add_fleet = create_fleet

    def add_sim(
        self,
        account: Account,
        iccid: str,
        *,
        unique_name: str | None = None,
        fleet: Fleet | None = None,
        status: str = "active",
    ) -> Sim:
        """Add a Sim that is ready for use; see ``Sims.add``."""
        return self.sims.add(account, iccid, unique_name=unique_name, fleet=fleet, status=status)

    # -- the network's side ---------------------------------------------------------------------
    def receive_from_sim(
        self,
        iccid: str,
        payload: bytes,
        device_ip: str,
        source_port: int,
        service_port: int | None = None,
    ) -> IpCommand | None:
        """Take a datagram sent to 100.64.0.1; see ``IpCommands.receive_from_sim``."""
        return self.ip_commands.receive_from_sim(
            iccid, payload, device_ip, source_port, service_port
        )

    def webhook_finished(self, request: WebhookRequest, trouble: str | None = None) -> None:
        """Settle a webhook: delivered (no trouble), or given up, which the debugger log shows."""
        self._webhooks.settle(request, trouble)
