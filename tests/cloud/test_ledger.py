"""What is shown is what is stored, one commit per operation; nothing leaves before it."""

import copy
from collections.abc import Callable, Iterator

import pytest

from ip_commands.host_sim.cloud.collection import PageRequest
from ip_commands.host_sim.cloud.ledger import Ledger
from ip_commands.host_sim.cloud.records import (
    Account,
    ApiKey,
    IpCommand,
    Record,
    Sim,
    WebhookRequest,
)
from ip_commands.host_sim.cloud.store import CloudStore, StoreSettings
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.cloud.cloud_under_test import DEVICE_IP, ICCID, START_MS, RecordingNetwork

HOOK = "http://127.0.0.1:1/hook"
NEW_ICCID = "8988307000000000002"
RETENTION_MS = 60_000


class MemoryStorage:
    """A ``Persistence`` whose commits can be looked at; it raises while ``full``."""

    starts = 0

    def __init__(self) -> None:
        self.committed: dict[str, Record] = {}
        self.commits: list[list[tuple[str, Record]]] = []
        self.full = False
        self._open: list[tuple[str, Record]] = []

    def load(self) -> list[Record]:
        return list(self.committed.values())

    def save(self, record: Record) -> None:
        self._open.append(("save", copy.copy(record)))

    def delete(self, record: Record) -> None:
        self._open.append(("delete", copy.copy(record)))

    def commit(self) -> None:
        entries, self._open = self._open, []
        if self.full:
            raise OSError("no space left on device")
        for verb, record in entries:
            if verb == "save":
                self.committed[record.sid] = record
            else:
                self.committed.pop(record.sid, None)
        self.commits.append(entries)


class LedgeredCloud:
    """A store on a MemoryStorage, with one account, Fleet and Sim."""

    def __init__(self) -> None:
        self.storage = MemoryStorage()
        self.queue = EventQueue(START_MS)
        self.network = RecordingNetwork()
        self.webhooks: list[WebhookRequest] = []
        self.store = CloudStore(
            self.queue,
            self.network.downlink,
            self.webhooks.append,
            settings=StoreSettings(retention_ms=RETENTION_MS, callback_on_queued=True),
            persistence=self.storage,
        )
        self.account: Account = self.store.create_account()
        self.fleet = self.store.create_fleet(self.account, ip_commands_url=HOOK)
        self.sim = self.store.add_sim(self.account, ICCID, unique_name="alice", fleet=self.fleet)

    def create(self) -> IpCommand:
        return self.store.ip_commands.create(
            self.account, sim="alice", payload="x", device_port=1, callback_url=HOOK
        )

    def wait(self, span_ms: int) -> None:
        self.queue.run_until(self.queue.now_ms + span_ms)

    def shown(self) -> dict[str, Record]:
        """Everything that the store shows, by SID; keys are shown to nobody."""
        store, everything = self.store, PageRequest(size=1000)
        records: list[Record] = [*store.accounts, *store.owed_webhooks.values()]
        for account in store.accounts:
            records += store.fleets.all(account)
            records += store.sims.page(account, everything).records
            records += store.ip_commands.page(account, everything).records
        return {record.sid: record for record in records}

    def history(self) -> Iterator[str]:
        """Do everything that changes a record, and say what was done."""
        store, account, sim = self.store, self.account, self.sim
        child = store.create_account("child", parent=account)
        yield "create an account"
        store.accounts.create_key(account)
        yield "create a key"
        store.fleets.update(self.fleet, unique_name="fleet", network_access_profile="other")
        yield "update a Fleet"
        new = store.sims.create(account, iccid=NEW_ICCID, registration_code="x")
        yield "register a Sim"
        store.sims.update(new, unique_name="bob", callback_url=HOOK)
        yield "name a Sim"
        store.sims.update(new, account_sid=child.sid)
        yield "move a Sim"
        store.sims.update(sim, status="inactive", callback_url=HOOK)
        yield "deactivate a Sim"
        self.wait(2000)
        yield "finish the update"
        store.sims.update(sim, status="ready", fleet="fleet")
        self.wait(2000)
        yield "make the Sim ready"
        assert store.receive_from_sim(ICCID, b"x", DEVICE_IP, 5000)
        assert sim.status == "active"
        yield "receive, which activates the Sim"
        self.create()
        yield "create a command"
        self.wait(50)
        yield "send it"
        self.network.detached.add(ICCID)
        self.create()
        self.wait(50)
        yield "fail to send one"
        self.network.trouble = RuntimeError("the network fell over")
        self.create()
        self.wait(50)
        yield "stumble over another"
        for number, request in enumerate(self.webhooks):
            store.webhook_finished(request, "answered 500" if number % 2 else None)
        yield "settle the webhooks"
        self.wait(RETENTION_MS + 1)
        store.ip_commands.expire(account.sid)
        yield "expire"


def test_what_is_shown_is_what_is_stored(caplog: pytest.LogCaptureFixture) -> None:
    cloud = LedgeredCloud()
    for done in cloud.history():
        stored = {
            sid: record
            for sid, record in cloud.storage.committed.items()
            if not isinstance(record, ApiKey)
        }
        assert cloud.shown() == stored, done
    keys = [r for r in cloud.storage.committed.values() if isinstance(r, ApiKey)]
    assert len(keys) == 1
    assert "fell over" in caplog.text


def test_a_record_is_entered_before_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = LedgeredCloud()
    change = Ledger.change
    entered = []

    def watched(ledger: Ledger, record: Record) -> None:
        known = cloud.storage.committed.get(record.sid)
        if known is not None and id(record) not in ledger._changed:
            assert record == known, "changed before it was entered: nobody could take that back"
            entered.append(type(record))
        change(ledger, record)

    monkeypatch.setattr(Ledger, "change", watched)
    for _ in cloud.history():
        pass
    assert len(entered) > 10


def kinds(commit: list[tuple[str, Record]]) -> set[tuple[str, type[Record]]]:
    return {(verb, type(record)) for verb, record in commit}


def test_a_datagram_and_its_webhook_share_a_commit_also_when_others_expire() -> None:
    cloud = LedgeredCloud()
    cloud.create()
    cloud.wait(RETENTION_MS + 1)
    before = len(cloud.storage.commits)
    assert cloud.store.receive_from_sim(ICCID, b"x", "100.64.0.9", 5000)
    (commit,) = cloud.storage.commits[before:]
    assert kinds(commit) == {
        ("save", IpCommand),
        ("save", Sim),
        ("save", WebhookRequest),
        ("delete", IpCommand),
    }


def test_webhooks_and_timers_wait_for_the_commit() -> None:
    cloud = LedgeredCloud()
    cloud.storage.full = True
    with pytest.raises(OSError, match="no space"):
        cloud.create()
    cloud.wait(10_000)
    assert (cloud.webhooks, cloud.network.sent) == ([], [])
    cloud.storage.full = False
    cloud.store.create_account()
    assert len(cloud.webhooks) == 1
    cloud.wait(50)
    assert len(cloud.network.sent) == 1


def ledger_and_storage() -> tuple[Ledger, MemoryStorage, Callable[[], WebhookRequest]]:
    storage = MemoryStorage()
    ledger = Ledger(EventQueue(START_MS), 0, storage)

    def record() -> WebhookRequest:
        token, number = ledger.sids.idempotency_token(), ledger.next_sequence()
        return WebhookRequest(token, "AC", "HG", HOOK, "POST", (), START_MS, number)

    return ledger, storage, record


def test_a_commit_that_failed_is_made_up_for_by_the_next() -> None:
    ledger, storage, new = ledger_and_storage()
    shown: list[WebhookRequest] = []
    old, added = new(), new()
    ledger.add(old, shown.append)
    ledger.commit()
    storage.full = True
    ledger.remove(old)
    ledger.add(added, shown.append)
    with pytest.raises(OSError, match="no space"):
        ledger.commit()
    assert storage.committed == {old.sid: old}
    storage.full = False
    ledger.commit()
    assert storage.committed == {added.sid: added}


def test_a_step_may_commit_and_is_taken_once() -> None:
    ledger, storage, new = ledger_and_storage()
    taken: list[str] = []

    def step(name: str) -> None:
        taken.append(name)
        if name == "first":
            ledger.after_commit(step, "nested")
            ledger.add(new(), lambda _: None)
            ledger.commit()
            assert len(storage.committed) == 1

    ledger.after_commit(step, "first")
    ledger.after_commit(step, "second")
    ledger.commit()
    ledger.commit()
    assert taken == ["first", "nested", "second"]


def test_numbers_go_on_after_what_is_stored() -> None:
    ledger, storage, new = ledger_and_storage()
    records = [new() for _ in range(3)]
    for record in reversed(records):
        ledger.add(record, lambda _: None)
    ledger.commit()
    after = Ledger(EventQueue(START_MS), 0, storage)
    assert list(after.stored()) == records
    assert after.next_sequence() == 4
