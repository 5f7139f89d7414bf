"""The IpCommand resource: from a request to a datagram, and from a datagram to a webhook.

Source: docs "IPCommand Resource" (statuses, callbacks, retention) and the public OpenAPI
description of Super SIM. ``sent`` says that the visited network got the datagram, no more.
"""

import base64
import logging
from collections.abc import Callable

from ip_commands.host_sim.cloud import fields
from ip_commands.host_sim.cloud.collection import Collection, Page, PageRequest
from ip_commands.host_sim.cloud.error_codes import ApiError, ErrorTable
from ip_commands.host_sim.cloud.fleets import Fleets
from ip_commands.host_sim.cloud.ip_command_callbacks import (
    owe_fleet_webhook,
    owe_status_callback,
)
from ip_commands.host_sim.cloud.ledger import Ledger
from ip_commands.host_sim.cloud.owed_webhooks import OwedWebhooks
from ip_commands.host_sim.cloud.records import (
    MAX_PAYLOAD_BYTES,
    USABLE_SIM_STATUSES,
    Account,
    IpCommand,
    Sim,
)
from ip_commands.host_sim.cloud.settings import StoreSettings
from ip_commands.host_sim.cloud.sims import Sims

STATUSES = ("queued", "sent", "received", "failed")
DIRECTIONS = ("to_sim", "from_sim")

log = logging.getLogger(__name__)


class DeviceNotAttached(Exception):
    """Raised by the ``downlink`` that a store was given: there is no data connection to use."""


Downlink = Callable[[str, bytes, int, str], str]
"""(sim_iccid, payload, device_port, command_sid) -> device_ip; raises DeviceNotAttached."""


class IpCommands:
    """The IP Commands of all accounts, for 30 days each.

    downlink: called when a queued command is due.
    errors: the codes of failed commands.
    """

    def __init__(
        self,
        ledger: Ledger,
        sims: Sims,
        fleets: Fleets,
        webhooks: OwedWebhooks,
        *,
        downlink: Downlink,
        errors: ErrorTable,
        settings: StoreSettings,
    ) -> None:
        self._ledger = ledger
        self._sims = sims
        self._fleets = fleets
        self._webhooks = webhooks
        self._downlink = downlink
        self._errors = errors
        self._settings = settings
        self._of_account: dict[str, Collection[IpCommand]] = {}
        self._due_ms: dict[str, int] = {}

    def load(self, command: IpCommand) -> None:
        """Take in a stored record."""
        self._of(command.account_sid).add(command)

    def _of(self, account_sid: str) -> Collection[IpCommand]:
        found = self._of_account.get(account_sid)
        if found is None:
            found = self._of_account[account_sid] = Collection(lambda command: command.sim_sid)
        return found

    def queued(self) -> list[IpCommand]:
        """Return all commands that wait to be sent, in the order of their creation."""
        waiting = [
            command
            for commands in self._of_account.values()
            for command in commands
            if command.status == "queued"
        ]
        return sorted(waiting, key=lambda command: command.sequence)

    def get(self, account: Account, sid: str) -> IpCommand | None:
        """Return the account's command with this SID, None when unknown or too old."""
        self.expire(account.sid)
        return self._of(account.sid).get(sid)

    def page(
        self,
        account: Account,
        request: PageRequest,
        *,
        sim: str | None = None,
        sim_iccid: str | None = None,
        status: str | None = None,
        direction: str | None = None,
    ) -> Page[IpCommand]:
        """Return one page of the account's commands, newest first; an unknown Sim has none."""
        if status:
            fields.one_of("Status", status, STATUSES)
        if direction:
            fields.one_of("Direction", direction, DIRECTIONS)
        self.expire(account.sid)
        sim_sid = None
        if sim:
            found = self._sims.find(account.sid, sim)
            sim_sid = found.sid if found is not None else sim

        def matches(command: IpCommand) -> bool:
            return (
                (not status or command.status == status)
                and (not direction or command.direction == direction)
                and (not sim_iccid or command.sim_iccid == sim_iccid)
            )

        return self._of(account.sid).page(request, matches, sim_sid)

    def expire(self, account_sid: str) -> None:
        """Forget what is older than the retention time."""
        if self._remove_expired(account_sid):
            self._ledger.commit()

    def _remove_expired(self, account_sid: str) -> bool:
        """Return whether there was anything to forget; the caller commits."""
        oldest_ms = self._ledger.queue.now_ms - self._settings.retention_ms
        over = self._of(account_sid).remove_while(lambda command: command.created_ms < oldest_ms)
        for command in over:
            self._ledger.remove(command)
        return bool(over)

    def create(
        self,
        account: Account,
        *,
        sim: str | None = None,
        payload: str | None = None,
        device_port: str | int | None = None,
        payload_type: str = "text",
        callback_url: str | None = None,
        callback_method: str = "POST",
    ) -> IpCommand:
        """Queue a command to a device. Raises ApiError and stores nothing when it is refused."""
        fields.require(Sim=sim, Payload=payload, DevicePort=device_port)
        assert sim is not None
        assert payload is not None
        assert device_port is not None
        port = fields.integer("DevicePort", device_port, 1, 65535)
        fields.one_of("PayloadType", payload_type, fields.PAYLOAD_TYPES)
        data = fields.payload_bytes(payload, payload_type)
        url = fields.callback_url("CallbackUrl", callback_url)
        fields.one_of("CallbackMethod", callback_method, fields.HTTP_METHODS)
        target = self._sims.find(account.sid, sim)
        if target is None:
            raise ApiError("unknown_sim", sim=sim[:80])
        if target.status not in USABLE_SIM_STATUSES:
            raise ApiError("sim_not_usable", sim=target.sid, status=target.status)
        if not self._has_data(target):
            raise ApiError("data_disabled", sim=target.sid)
        command = self._new(target, "queued", "to_sim", port, payload_type, payload, len(data))
        command.callback_url, command.callback_method = url, callback_method
        self._ledger.add(command, self.load)
        self._remove_expired(account.sid)
        if self._settings.callback_on_queued:
            owe_status_callback(self._webhooks, command, target)
        self._ledger.after_commit(self.schedule, command)
        self._ledger.commit()
        return command

    def schedule(self, command: IpCommand) -> None:
        """Have a queued command sent after a short while, never overtaking its Sim's last one."""
        least_ms, most_ms = self._settings.queue_delay_ms
        due_ms = self._ledger.queue.now_ms + self._ledger.sids.delay_ms(least_ms, most_ms)
        due_ms = max(due_ms, self._due_ms.get(command.sim_sid, 0))
        self._due_ms[command.sim_sid] = due_ms
        self._ledger.queue.at(due_ms, self._send, command)

    def receive_from_sim(
        self,
        iccid: str,
        payload: bytes,
        device_ip: str,
        source_port: int,
        service_port: int | None = None,
    ) -> IpCommand | None:
        """Record a datagram that a device sent to 100.64.0.1 and report it to the Fleet's URL.

        Returns None, with a line in the log, for a card that nobody registered or whose Sim or
        Fleet may not use data: the real network would not have carried it.
        """
        sim = self._sims.by_iccid(iccid)
        if sim is None or sim.status not in USABLE_SIM_STATUSES or not self._has_data(sim):
            state = "is not registered" if sim is None else f"is {sim.status} or has no data"
            log.warning("datagram from %s dropped: its Super SIM %s", iccid, state)
            return None
        kept = payload[:MAX_PAYLOAD_BYTES]
        text = base64.b64encode(kept).decode()
        command = self._new(sim, "received", "from_sim", source_port, "binary", text, len(payload))
        command.device_ip = device_ip
        command.service_port = service_port
        if len(payload) > MAX_PAYLOAD_BYTES:
            command.reason = (
                f"truncated from {len(payload)} to {MAX_PAYLOAD_BYTES} bytes:"
                " an IP Command from a SIM should not exceed that"
            )
        self._ledger.add(command, self.load)
        self._sims.mark_used(sim, device_ip)
        self._remove_expired(sim.account_sid)
        owe_fleet_webhook(self._webhooks, command, sim, self._fleets.fleet_of(sim))
        self._ledger.commit()
        return command

    def _has_data(self, sim: Sim) -> bool:
        fleet = self._fleets.fleet_of(sim)
        return fleet is not None and fleet.data_enabled

    def _new(
        self,
        sim: Sim,
        status: str,
        direction: str,
        device_port: int,
        payload_type: str,
        payload: str,
        original_bytes: int,
    ) -> IpCommand:
        now_ms = self._ledger.queue.now_ms
        return IpCommand(
            sid=self._ledger.sids.sid("HG"),
            account_sid=sim.account_sid,
            sim_sid=sim.sid,
            sim_iccid=sim.iccid,
            status=status,
            direction=direction,
            device_ip=None,
            device_port=device_port,
            payload_type=payload_type,
            payload=payload,
            callback_url=None,
            callback_method="POST",
            error_code=None,
            error_message=None,
            reason=None,
            original_bytes=original_bytes,
            service_port=None,
            created_ms=now_ms,
            updated_ms=now_ms,
            sequence=self._ledger.next_sequence(),
        )

    def _send(self, command: IpCommand) -> None:
        sim = self._sims.by_iccid(command.sim_iccid)
        if self._due_ms.get(command.sim_sid, 0) <= self._ledger.queue.now_ms:
            self._due_ms.pop(command.sim_sid, None)
        error = reason = device_ip = None
        try:
            if sim is None or sim.status not in USABLE_SIM_STATUSES:
                raise DeviceNotAttached("its Super SIM is not active: networks refuse it")
            data = fields.payload_bytes(command.payload, command.payload_type)
            device_ip = self._downlink(command.sim_iccid, data, command.device_port, command.sid)
        except DeviceNotAttached as not_attached:
            error, reason = "device_not_attached", str(not_attached) or None
        except Exception as trouble:
            log.exception("sending IP Command %s failed", command.sid)
            error, reason = "ip_commands_error", f"{type(trouble).__name__}: {trouble}"
        self._ledger.change(command)
        command.updated_ms = self._ledger.queue.now_ms
        command.device_ip = device_ip
        if error is not None:
            command.status, command.reason = "failed", reason
            command.error_code = self._errors[error].code
            command.error_message = self._errors[error].message
        else:
            command.status = "sent"
            if sim is not None and device_ip is not None:
                self._sims.mark_used(sim, device_ip)
        owe_status_callback(self._webhooks, command, sim)
        self._ledger.commit()
