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

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ip_commands.host_sim.cloud.accounts import Accounts
from ip_commands.host_sim.cloud.error_codes import TWILIO, ErrorTable
from ip_commands.host_sim.cloud.fleets import Fleets
from ip_commands.host_sim.cloud.ip_commands import DeviceNotAttached, IpCommands
from ip_commands.host_sim.cloud.records import (
    Account,
    ApiKey,
    DebuggerEntry,
    Fleet,
    IpCommand,
    Record,
    Sim,
    WebhookRequest,
)
from ip_commands.host_sim.cloud.sids import SidMaker
from ip_commands.host_sim.cloud.sims import Sims
from ip_commands.host_sim.time.event_queue import EventQueue

__all__ = ["CloudStore", "DeviceNotAttached", "Persistence", "StoreSettings"]

RETENTION_MS = 30 * 24 * 3600 * 1000
"""An IP Command is readable for 30 days; docs "IPCommand Resource"."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """How the cloud behaves where the documents leave it open."""

    queue_delay_ms: tuple[int, int] = (50, 50)
    """Least and most time that a command stays ``queued``; drawn from the seed."""
    sim_update_delay_ms: int = 2000
    """How long a Sim stays ``scheduled``."""
    retention_ms: int = RETENTION_MS
    callback_on_queued: bool = False
    """Whether ``queued`` is called back too: the documents leave it open."""
    max_debugger_entries: int = 1000
    """The debugger log keeps the newest."""


class Persistence(Protocol):
    """Where records survive; ``commit`` makes everything since the last one permanent at once."""

    def load(self) -> Iterable[Record]: ...
    def save(self, record: Record) -> None: ...
    def delete(self, record: Record) -> None: ...
    def commit(self) -> None: ...
    @property
    def starts(self) -> int:
        """How often this storage had been opened before."""
        ...


Downlink = Callable[[str, bytes, int, str], str]
"""(sim_iccid, payload, device_port, command_sid) -> device_ip; raises DeviceNotAttached."""
Notify = Callable[[WebhookRequest], None]


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
        self.sids = SidMaker(seed, persistence.starts if persistence is not None else 0)
        self.accounts = Accounts(self)
        self.fleets = Fleets(self)
        self.sims = Sims(self)
        self.ip_commands = IpCommands(self)
        self.debugger: deque[DebuggerEntry] = deque(maxlen=self.settings.max_debugger_entries)
        self.owed_webhooks: dict[str, WebhookRequest] = {}
        self.device_addresses = device_addresses or _last_address
        self.errors = errors
        self._persistence = persistence
        self._sequence = 0
        self._to_notify: list[WebhookRequest] = []
        if persistence is not None:
            for record in sorted(persistence.load(), key=lambda record: record.sequence):
                self._load(record)

    def _load(self, record: Record) -> None:
        self._sequence = record.sequence
        if isinstance(record, (Account, ApiKey)):
            self.accounts.load(record)
        elif isinstance(record, Fleet):
            self.fleets.load(record)
        elif isinstance(record, Sim):
            self.sims.load(record)
        elif isinstance(record, IpCommand):
            self.ip_commands.load(record)
        else:
            self.owed_webhooks[record.sid] = record

    def resume(self) -> None:
        """Go on after a restart: pending commands, pending Sim updates and owed webhooks.

        Call once, when ``downlink`` and ``notify`` can be used.
        """
        for request in list(self.owed_webhooks.values()):
            self.notify(request)
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

    # -- webhooks -------------------------------------------------------------------------------
    def owe_webhook(
        self,
        account_sid: str,
        resource_sid: str,
        url: str,
        method: str,
        parameters: tuple[tuple[str, str], ...],
    ) -> None:
        """Note a webhook; ``commit`` hands it out."""
        request = WebhookRequest(
            sid=self.sids.idempotency_token(),
            account_sid=account_sid,
            resource_sid=resource_sid,
            url=url,
            method=method,
            parameters=parameters,
            created_ms=self.queue.now_ms,
            sequence=self.next_sequence(),
        )
        self.owed_webhooks[request.sid] = request
        self.save(request)
        self._to_notify.append(request)

    def webhook_finished(self, request: WebhookRequest, trouble: str | None = None) -> None:
        """Settle a webhook: delivered (no trouble), or given up, which the debugger log shows."""
        if self.owed_webhooks.pop(request.sid, None) is None:
            return
        self.delete(request)
        if trouble is not None:
            entry = self.errors["callback_failed"]
            self.debugger.append(
                DebuggerEntry(
                    at_ms=self.queue.now_ms,
                    account_sid=request.account_sid,
                    resource_sid=request.resource_sid,
                    error_code=entry.code,
                    message=entry.message,
                    detail=trouble,
                    url=request.url,
                )
            )
        self.commit()

    # -- for the parts of the store -------------------------------------------------------------
    def next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence

    def fleet_of(self, sim: Sim) -> Fleet | None:
        return self.fleets.find(sim.account_sid, sim.fleet_sid) if sim.fleet_sid else None

    def has_data(self, sim: Sim) -> bool:
        fleet = self.fleet_of(sim)
        return fleet is not None and fleet.data_enabled

    def save(self, record: Record) -> None:
        if self._persistence is not None:
            self._persistence.save(record)

    def delete(self, record: Record) -> None:
        if self._persistence is not None:
            self._persistence.delete(record)

    def commit(self) -> None:
        """Make all changes permanent, then hand out the webhooks they brought."""
        if self._persistence is not None:
            self._persistence.commit()
        if self._to_notify:
            requests, self._to_notify = self._to_notify, []
            for request in requests:
                self.notify(request)
