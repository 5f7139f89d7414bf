"""The IpCommand resource: from a request to a datagram, and from a datagram to a webhook.

Source: docs "IPCommand Resource" (statuses, callbacks, retention) and the public OpenAPI
description of Super SIM. ``sent`` says that the visited network got the datagram, no more.
"""

import base64
import logging
from typing import TYPE_CHECKING

from ip_commands.host_sim.cloud import fields
from ip_commands.host_sim.cloud.collection import Collection, Page, PageRequest
from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.records import (
    MAX_PAYLOAD_BYTES,
    USABLE_SIM_STATUSES,
    Account,
    IpCommand,
    Sim,
)

if TYPE_CHECKING:
    from ip_commands.host_sim.cloud.store import CloudStore

STATUSES = ("queued", "sent", "received", "failed")
DIRECTIONS = ("to_sim", "from_sim")

log = logging.getLogger(__name__)


class DeviceNotAttached(Exception):
    """Raised by the ``downlink`` that a store was given: there is no data connection to use."""


class IpCommands:
    """The IP Commands of all accounts, for 30 days each."""

    def __init__(self, store: "CloudStore") -> None:
        self._store = store
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
            found = self._store.sims.find(account.sid, sim)
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
        oldest_ms = self._store.queue.now_ms - self._store.settings.retention_ms
        over = self._of(account_sid).remove_while(lambda command: command.created_ms < oldest_ms)
        if over:
            for command in over:
                self._store.delete(command)
            self._store.commit()

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
        target = self._store.sims.find(account.sid, sim)
        if target is None:
            raise ApiError("unknown_sim", sim=sim[:80])
        if target.status not in USABLE_SIM_STATUSES:
            raise ApiError("sim_not_usable", sim=target.sid, status=target.status)
        if not self._store.has_data(target):
            raise ApiError("data_disabled", sim=target.sid)
        command = self._new(target, "queued", "to_sim", port, payload_type, payload, len(data))
        command.callback_url, command.callback_method = url, callback_method
        self.load(command)
        self._store.save(command)
        self.expire(account.sid)
        if self._store.settings.callback_on_queued:
            self._owe_callback(command, target)
        self._store.commit()
        self.schedule(command)
        return command

    def schedule(self, command: IpCommand) -> None:
        """Have a queued command sent after a short while, never overtaking its Sim's last one."""
        least_ms, most_ms = self._store.settings.queue_delay_ms
        due_ms = self._store.queue.now_ms + self._store.sids.delay_ms(least_ms, most_ms)
        due_ms = max(due_ms, self._due_ms.get(command.sim_sid, 0))
        self._due_ms[command.sim_sid] = due_ms
        self._store.queue.at(due_ms, self._send, command)

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
        sim = self._store.sims.by_iccid(iccid)
        if sim is None or sim.status not in USABLE_SIM_STATUSES or not self._store.has_data(sim):
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
        self.load(command)
        self._store.save(command)
        self._store.sims.mark_used(sim, device_ip)
        self.expire(sim.account_sid)
        fleet = self._store.fleet_of(sim)
        if fleet is not None and fleet.ip_commands_url:
            self._store.owe_webhook(
                sim.account_sid,
                command.sid,
                fleet.ip_commands_url,
                fleet.ip_commands_method,
                callback_parameters(command, sim),
            )
        self._store.commit()
        return command

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
        now_ms = self._store.queue.now_ms
        return IpCommand(
            sid=self._store.sids.sid("HG"),
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
            sequence=self._store.next_sequence(),
        )

    def _send(self, command: IpCommand) -> None:
        sim = self._store.sims.by_iccid(command.sim_iccid)
        if self._due_ms.get(command.sim_sid, 0) <= self._store.queue.now_ms:
            self._due_ms.pop(command.sim_sid, None)
        error = None
        try:
            if sim is None or sim.status not in USABLE_SIM_STATUSES:
                raise DeviceNotAttached("its Super SIM is not active: networks refuse it")
            data = fields.payload_bytes(command.payload, command.payload_type)
            command.device_ip = self._store.downlink(
                command.sim_iccid, data, command.device_port, command.sid
            )
        except DeviceNotAttached as not_attached:
            error, command.reason = "device_not_attached", str(not_attached) or None
        except Exception as trouble:
            log.exception("sending IP Command %s failed", command.sid)
            error, command.reason = "ip_commands_error", f"{type(trouble).__name__}: {trouble}"
        command.updated_ms = self._store.queue.now_ms
        if error is not None:
            command.status = "failed"
            command.error_code = self._store.errors[error].code
            command.error_message = self._store.errors[error].message
        else:
            command.status = "sent"
            if sim is not None and command.device_ip is not None:
                self._store.sims.mark_used(sim, command.device_ip)
        self._store.save(command)
        self._owe_callback(command, sim)
        self._store.commit()

    def _owe_callback(self, command: IpCommand, sim: Sim | None) -> None:
        if command.callback_url is not None:
            self._store.owe_webhook(
                command.account_sid,
                command.sid,
                command.callback_url,
                command.callback_method,
                callback_parameters(command, sim),
            )


def callback_parameters(command: IpCommand, sim: Sim | None) -> tuple[tuple[str, str], ...]:
    """Return the parameters of a status callback or Fleet webhook, the documented ones only.

    Source: docs "IPCommand Resource", section "IpCommand resource status callbacks". A Sim without
    a unique name shows an empty one.
    """
    parameters = [
        ("AccountSid", command.account_sid),
        ("CommandSid", command.sid),
        ("SimSid", command.sim_sid),
        ("SimUniqueName", (sim.unique_name if sim is not None else None) or ""),
        ("PayloadType", command.payload_type),
        ("Payload", command.payload),
        ("Direction", command.direction),
        ("Status", command.status),
    ]
    if command.status == "failed":
        parameters.append(("ErrorCode", str(command.error_code)))
        parameters.append(("ErrorMessage", command.error_message or ""))
    return tuple(parameters)
