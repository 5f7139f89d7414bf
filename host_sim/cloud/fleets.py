"""The Fleet resource: data on or off, and where datagrams from its Sims are reported.

Source: docs "Fleet Resource" and the public OpenAPI description of Super SIM.
"""

import hashlib
from collections.abc import Iterator

from ip_commands.host_sim.cloud import fields
from ip_commands.host_sim.cloud.collection import Collection, Page, PageRequest
from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.ledger import Ledger
from ip_commands.host_sim.cloud.records import Account, Fleet, Sim
from ip_commands.host_sim.cloud.sids import is_sid

DEFAULT_DATA_LIMIT_MB = 1000
"""The parameter's documented default; the resource's schema says 250."""
MAX_DATA_LIMIT_MB = 2_000_000


def network_access_profile_sid(account_sid: str, profile: str) -> str:
    """Return the HA SID of a profile given by SID or unique name.

    Network Access Profiles are not part of this simulator: a name always gets the same SID.
    """
    if is_sid(profile, "HA"):
        return profile
    return "HA" + hashlib.sha256(f"{account_sid}/{profile}".encode()).hexdigest()[:32]


class Fleets:
    """The Fleets of all accounts."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._of_account: dict[str, Collection[Fleet]] = {}

    def load(self, fleet: Fleet) -> None:
        """Take in a stored record."""
        self._of(fleet.account_sid).add(fleet)

    def _of(self, account_sid: str) -> Collection[Fleet]:
        return self._of_account.setdefault(account_sid, Collection())

    def all(self, account: Account) -> Iterator[Fleet]:
        """Iterate over the account's Fleets, oldest first."""
        return iter(self._of(account.sid))

    def find(self, account_sid: str, sid_or_name: str) -> Fleet | None:
        """Return the account's Fleet with this SID or unique name."""
        fleets = self._of(account_sid)
        found = fleets.get(sid_or_name)
        if found is None and sid_or_name:
            found = next((fleet for fleet in fleets if fleet.unique_name == sid_or_name), None)
        return found

    def fleet_of(self, sim: Sim) -> Fleet | None:
        """Return the Fleet that the Sim is in."""
        return self.find(sim.account_sid, sim.fleet_sid) if sim.fleet_sid else None

    def page(
        self, account: Account, request: PageRequest, *, network_access_profile: str | None = None
    ) -> Page[Fleet]:
        """Return one page of the account's Fleets, newest first."""
        if not network_access_profile:
            return self._of(account.sid).page(request)
        profile_sid = network_access_profile_sid(account.sid, network_access_profile)
        return self._of(account.sid).page(
            request, lambda fleet: fleet.network_access_profile_sid == profile_sid
        )

    def create(
        self,
        account: Account,
        *,
        network_access_profile: str | None = None,
        unique_name: str | None = None,
        data_enabled: str | bool = True,
        data_limit: str | int = DEFAULT_DATA_LIMIT_MB,
        ip_commands_url: str | None = None,
        ip_commands_method: str = "POST",
        sms_commands_enabled: str | bool = True,
        sms_commands_url: str | None = None,
        sms_commands_method: str = "POST",
    ) -> Fleet:
        """Make a Fleet. Raises ApiError naming the parameter that cannot be used."""
        fields.require(NetworkAccessProfile=network_access_profile)
        assert network_access_profile is not None
        now_ms = self._ledger.queue.now_ms
        methods = fields.HTTP_METHODS
        profile_sid = network_access_profile_sid(account.sid, network_access_profile)
        fleet = Fleet(
            sid="",
            account_sid=account.sid,
            unique_name=self._free_name(account.sid, unique_name),
            data_enabled=fields.boolean("DataEnabled", data_enabled),
            data_limit=fields.integer("DataLimit", data_limit, 1, MAX_DATA_LIMIT_MB),
            network_access_profile_sid=profile_sid,
            ip_commands_url=fields.callback_url("IpCommandsUrl", ip_commands_url),
            ip_commands_method=fields.one_of("IpCommandsMethod", ip_commands_method, methods),
            sms_commands_enabled=fields.boolean("SmsCommandsEnabled", sms_commands_enabled),
            sms_commands_url=fields.callback_url("SmsCommandsUrl", sms_commands_url),
            sms_commands_method=fields.one_of("SmsCommandsMethod", sms_commands_method, methods),
            created_ms=now_ms,
            updated_ms=now_ms,
            sequence=self._ledger.next_sequence(),
        )
        fleet.sid = self._ledger.sids.sid("HF")
        self._ledger.add(fleet, self.load)
        self._ledger.commit()
        return fleet

    def update(
        self,
        fleet: Fleet,
        *,
        unique_name: str | None = None,
        network_access_profile: str | None = None,
        data_limit: str | int | None = None,
        ip_commands_url: str | None = None,
        ip_commands_method: str | None = None,
        sms_commands_url: str | None = None,
        sms_commands_method: str | None = None,
    ) -> Fleet:
        """Change what is given (None: leave it; an empty URL or name takes it away)."""
        methods = fields.HTTP_METHODS
        changes: dict[str, object] = {}
        if unique_name is not None:
            changes["unique_name"] = self._free_name(fleet.account_sid, unique_name, fleet)
        if network_access_profile:
            profile_sid = network_access_profile_sid(fleet.account_sid, network_access_profile)
            changes["network_access_profile_sid"] = profile_sid
        if data_limit is not None:
            limit = fields.integer("DataLimit", data_limit, 1, MAX_DATA_LIMIT_MB)
            changes["data_limit"] = limit
        for name, parameter, url in (
            ("ip_commands_url", "IpCommandsUrl", ip_commands_url),
            ("sms_commands_url", "SmsCommandsUrl", sms_commands_url),
        ):
            if url is not None:
                changes[name] = fields.callback_url(parameter, url)
        for name, parameter, method in (
            ("ip_commands_method", "IpCommandsMethod", ip_commands_method),
            ("sms_commands_method", "SmsCommandsMethod", sms_commands_method),
        ):
            if method is not None:
                changes[name] = fields.one_of(parameter, method, methods)
        if changes:
            self._ledger.change(fleet)
            for name, value in changes.items():
                setattr(fleet, name, value)
            fleet.updated_ms = self._ledger.queue.now_ms
            self._ledger.commit()
        return fleet

    def _free_name(
        self, account_sid: str, unique_name: str | None, own: Fleet | None = None
    ) -> str | None:
        name = fields.unique_name(unique_name or "")
        if name is not None and self.find(account_sid, name) not in (None, own):
            raise ApiError("unique_name_taken", name=name)
        return name
