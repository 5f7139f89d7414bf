"""Accounts and their credentials; one account never sees what another one owns."""

import hmac
from collections.abc import Iterator

from ip_commands.host_sim.cloud.ledger import Ledger
from ip_commands.host_sim.cloud.records import Account, ApiKey


class Accounts:
    """The accounts of a store."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._accounts: dict[str, Account] = {}
        self._keys: dict[str, ApiKey] = {}

    def load(self, record: Account | ApiKey) -> None:
        """Take in a stored record."""
        if isinstance(record, Account):
            self._accounts[record.sid] = record
        else:
            self._keys[record.sid] = record

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def get(self, sid: str) -> Account | None:
        return self._accounts.get(sid)

    def create(
        self,
        friendly_name: str = "",
        *,
        sid: str | None = None,
        auth_token: str | None = None,
        parent: Account | None = None,
    ) -> Account:
        """Make an account; what is not given is drawn from the store's seed.

        Raises ValueError when an account with that SID exists.
        """
        if sid is not None and sid in self._accounts:
            raise ValueError(f"account {sid} exists; get it with accounts.get(sid)")
        draw = self._ledger.sids
        account = Account(
            sid=sid or draw.sid("AC"),
            auth_token=auth_token or draw.secret("auth token"),
            friendly_name=friendly_name,
            parent_sid=parent.sid if parent is not None else None,
            webhook_secret="whs_" + draw.secret("webhook"),
            sequence=self._ledger.next_sequence(),
        )
        self._ledger.add(account, self.load)
        self._ledger.commit()
        return account

    def create_key(self, account: Account) -> ApiKey:
        """Make an API key (SK and secret), a second way into the account."""
        draw = self._ledger.sids
        key = ApiKey(
            draw.sid("SK"), account.sid, draw.secret("api key"), self._ledger.next_sequence()
        )
        self._ledger.add(key, self.load)
        self._ledger.commit()
        return key

    def authenticate(self, user: str, password: str) -> Account | None:
        """Return the account of AccountSid and AuthToken, or of API key SID and secret."""
        account = self._accounts.get(user)
        if account is not None:
            expected = account.auth_token
        else:
            key = self._keys.get(user)
            if key is None:
                return None
            account, expected = self._accounts[key.account_sid], key.secret
        if hmac.compare_digest(expected.encode(), password.encode("utf-8", "surrogateescape")):
            return account
        return None
