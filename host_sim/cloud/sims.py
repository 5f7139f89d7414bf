"""The Sim resource, as far as IP Commands need it: register, find, update, status changes.

Source: docs "Sim Resource" and "How to Determine a Super SIM's Status"; error codes 83001-83011 of
the public error dictionary. Which transitions the real service refuses is not public; refused
here: back to ``new``, ``active`` back to ``ready`` (billing has begun), all while ``scheduled``.
"""

from collections.abc import Iterator

from ip_commands.host_sim.cloud import fields
from ip_commands.host_sim.cloud.accounts import Accounts
from ip_commands.host_sim.cloud.collection import Collection, Page, PageRequest
from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.fleets import Fleets
from ip_commands.host_sim.cloud.ledger import Ledger
from ip_commands.host_sim.cloud.owed_webhooks import OwedWebhooks
from ip_commands.host_sim.cloud.records import (
    SIM_STATUSES,
    USABLE_SIM_STATUSES,
    Account,
    Fleet,
    Sim,
)

UPDATE_STATUSES = ("ready", "active", "inactive")
_REACHABLE = {
    "new": ("ready", "active", "inactive"),
    "ready": ("active", "inactive"),
    "active": ("inactive",),
    "inactive": ("ready", "active"),
    "scheduled": (),
}


class Sims:
    """The Sims of all accounts; on the network side an ICCID is known once only.

    update_delay_ms: how long a Sim stays ``scheduled``.
    """

    def __init__(
        self,
        ledger: Ledger,
        accounts: Accounts,
        fleets: Fleets,
        webhooks: OwedWebhooks,
        update_delay_ms: int,
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._fleets = fleets
        self._webhooks = webhooks
        self._update_delay_ms = update_delay_ms
        self._of_account: dict[str, Collection[Sim]] = {}
        self._by_name: dict[tuple[str, str], Sim] = {}
        self._by_iccid: dict[str, Sim] = {}

    def load(self, sim: Sim) -> None:
        """Take in a stored record."""
        self._of(sim.account_sid).add(sim)
        self._by_iccid[sim.iccid] = sim
        if sim.unique_name is not None:
            self._by_name[sim.account_sid, sim.unique_name] = sim

    def _of(self, account_sid: str) -> Collection[Sim]:
        return self._of_account.setdefault(account_sid, Collection())

    def find(self, account_sid: str, sid_or_name: str) -> Sim | None:
        """Return the account's Sim with this SID or unique name."""
        return self._of(account_sid).get(sid_or_name) or self._by_name.get(
            (account_sid, sid_or_name)
        )

    def by_iccid(self, iccid: str) -> Sim | None:
        """Return the Sim on the card with this ICCID, whoever owns it."""
        return self._by_iccid.get(iccid)

    def by_name(self, account: Account, unique_name: str) -> Sim | None:
        """Return an account's Sim of that unique name."""
        return self._by_name.get((account.sid, unique_name))

    def scheduled(self) -> Iterator[Sim]:
        """Iterate over the Sims whose update is pending."""
        return (sim for sim in self._by_iccid.values() if sim.scheduled_status is not None)

    def page(
        self,
        account: Account,
        request: PageRequest,
        *,
        status: str | None = None,
        fleet: str | None = None,
        iccid: str | None = None,
    ) -> Page[Sim]:
        """Return one page of the account's Sims, newest first."""
        if status:
            fields.one_of("Status", status, SIM_STATUSES)
        wanted = self._fleets.find(account.sid, fleet) if fleet else None
        fleet_sid = wanted.sid if wanted is not None else ""

        def matches(sim: Sim) -> bool:
            return (
                (not status or sim.status == status)
                and (not fleet or sim.fleet_sid == fleet_sid)
                and (not iccid or sim.iccid == iccid)
            )

        return self._of(account.sid).page(request, matches)

    def add(
        self,
        account: Account,
        iccid: str,
        *,
        unique_name: str | None = None,
        fleet: Fleet | None = None,
        status: str = "new",
    ) -> Sim:
        """Add a Sim as it stands; registration through the API is ``create``.

        Raises ApiError when the ICCID or the name is taken, ValueError for a wrong status.
        """
        if status not in SIM_STATUSES or status == "scheduled":
            raise ValueError(f"status {status!r}: give new, ready, active or inactive")
        existing = self._by_iccid.get(iccid)
        if existing is not None:
            own = existing.account_sid == account.sid
            raise ApiError("sim_already_registered" if own else "sim_registered_elsewhere")
        name = self._free_name(account.sid, unique_name)
        now_ms = self._ledger.queue.now_ms
        sim = Sim(
            sid=self._ledger.sids.sid("HS"),
            account_sid=account.sid,
            iccid=iccid,
            unique_name=name,
            status=status,
            fleet_sid=fleet.sid if fleet is not None else None,
            scheduled_status=None,
            callback_url=None,
            callback_method="POST",
            last_ip=None,
            created_ms=now_ms,
            updated_ms=now_ms,
            sequence=self._ledger.next_sequence(),
        )
        self._ledger.add(sim, self.load)
        self._ledger.commit()
        return sim

    def create(
        self, account: Account, *, iccid: str | None = None, registration_code: str | None = None
    ) -> Sim:
        """Register a Super SIM: it starts ``new``, without a Fleet.

        Any registration code is accepted: there is no list of printed cards to compare with.
        """
        fields.require(Iccid=iccid, RegistrationCode=registration_code)
        assert iccid is not None
        if not (iccid.isascii() and iccid.isdigit() and 18 <= len(iccid) <= 22):
            # ITU-T E.118: 19 or 20 digits; samples and vendors show 18 to 22
            raise fields.refuse("Iccid", "give the 18 to 22 digits printed on the card")
        return self.add(account, iccid)

    def update(
        self,
        sim: Sim,
        *,
        unique_name: str | None = None,
        status: str | None = None,
        fleet: str | None = None,
        callback_url: str | None = None,
        callback_method: str = "POST",
        account_sid: str | None = None,
    ) -> bool:
        """Change what is given (None: leave it); return whether the status is now pending.

        A status change makes the Sim ``scheduled``; after ``update_delay_ms`` it has the new
        status and the callback is owed. Everything is checked before anything is changed.
        """
        url = fields.callback_url("CallbackUrl", callback_url)
        fields.one_of("CallbackMethod", callback_method, fields.HTTP_METHODS)
        owner = self._new_owner(sim, account_sid)
        name = sim.unique_name
        if unique_name is not None or owner != sim.account_sid:
            asked = sim.unique_name if unique_name is None else unique_name
            name = self._free_name(owner, asked, sim)
        fleet_sid = self._new_fleet(sim, owner, fleet)
        self._check_status(sim, status, fleet_sid)

        self._ledger.change(sim)
        self._move(sim, owner, name)
        sim.fleet_sid = fleet_sid
        sim.updated_ms = self._ledger.queue.now_ms
        pending = bool(status) and status != sim.status
        if pending:
            sim.scheduled_status = status
            sim.status = "scheduled"
            sim.callback_url, sim.callback_method = url, callback_method
            self._ledger.after_commit(self.schedule, sim)
        elif url is not None:
            sim.callback_url, sim.callback_method = url, callback_method
            self._owe_callback(sim)
        self._ledger.commit()
        return pending

    def mark_used(self, sim: Sim, device_ip: str) -> None:
        """Note that the Sim carried data: ``ready`` becomes ``active`` by itself.

        The caller commits.
        """
        if sim.last_ip == device_ip and sim.status != "ready":
            return
        self._ledger.change(sim)
        if sim.status == "ready":
            sim.status = "active"
            sim.updated_ms = self._ledger.queue.now_ms
        sim.last_ip = device_ip

    def schedule(self, sim: Sim) -> None:
        """Have the pending status take effect after ``update_delay_ms``."""
        self._ledger.queue.after(self._update_delay_ms, self._finish_update, sim)

    def _finish_update(self, sim: Sim) -> None:
        if sim.scheduled_status is None:
            return
        self._ledger.change(sim)
        sim.status, sim.scheduled_status = sim.scheduled_status, None
        sim.updated_ms = self._ledger.queue.now_ms
        self._owe_callback(sim)
        self._ledger.commit()

    def _owe_callback(self, sim: Sim) -> None:
        if sim.callback_url is not None:
            # The parameters of this callback are not public: ours, after those of an IP Command.
            parameters = (
                ("AccountSid", sim.account_sid),
                ("SimSid", sim.sid),
                ("SimUniqueName", sim.unique_name or ""),
                ("SimStatus", sim.status),
            )
            self._webhooks.owe(
                sim.account_sid, sim.sid, sim.callback_url, sim.callback_method, parameters
            )
            sim.callback_url = None

    def _new_owner(self, sim: Sim, account_sid: str | None) -> str:
        if not account_sid or account_sid == sim.account_sid:
            return sim.account_sid
        target = self._accounts.get(account_sid)
        if target is None or target.parent_sid != sim.account_sid:
            raise fields.refuse("AccountSid", "give this account or one of its subaccounts")
        if sim.status != "new":
            raise fields.refuse("AccountSid", f"only a new Sim moves, this one is {sim.status}")
        return account_sid

    def _new_fleet(self, sim: Sim, owner: str, fleet: str | None) -> str | None:
        if fleet is None:
            return sim.fleet_sid if owner == sim.account_sid else None
        if sim.status == "scheduled":
            raise ApiError("sim_is_scheduled")
        if fleet == "":
            if sim.status in USABLE_SIM_STATUSES:
                raise ApiError("sim_must_keep_fleet")
            return None
        found = self._fleets.find(owner, fleet)
        if found is None:
            raise ApiError("fleet_not_found", fleet=fleet[:80])
        return found.sid

    def _check_status(self, sim: Sim, status: str | None, fleet_sid: str | None) -> None:
        if not status:
            return
        fields.one_of("Status", status, UPDATE_STATUSES)
        if status == sim.status:
            return
        if status not in _REACHABLE[sim.status]:
            raise ApiError("status_not_reachable", status=sim.status, desired=status)
        if status in USABLE_SIM_STATUSES and fleet_sid is None:
            raise ApiError("sim_without_fleet")

    def _move(self, sim: Sim, owner: str, name: str | None) -> None:
        if sim.unique_name is not None:
            del self._by_name[sim.account_sid, sim.unique_name]
        if owner != sim.account_sid:
            self._of(sim.account_sid).remove(sim)
            sim.account_sid = owner
            sim.sequence = self._ledger.next_sequence()
            self._of(owner).add(sim)
        sim.unique_name = name
        if name is not None:
            self._by_name[owner, name] = sim

    def _free_name(
        self, account_sid: str, unique_name: str | None, own: Sim | None = None
    ) -> str | None:
        name = fields.unique_name(unique_name or "")
        if name is not None and self._by_name.get((account_sid, name), own) is not own:
            raise ApiError("unique_name_taken", name=name)
        return name
