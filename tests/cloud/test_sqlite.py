"""The file behind the store: everything comes back, whatever the moment of the restart."""

import dataclasses
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.cloud.collection import PageRequest
from ip_commands.host_sim.cloud.records import (
    RECORD_KINDS,
    Account,
    ApiKey,
    Fleet,
    IpCommand,
    Record,
    Sim,
    WebhookRequest,
)
from ip_commands.host_sim.cloud.sqlite_store import SqlitePersistence, UnusableDatabase
from ip_commands.host_sim.cloud.store import CloudStore
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.cloud.cloud_under_test import DEVICE_IP, ICCID, START_MS, RecordingNetwork

HOOK = "http://127.0.0.1:1/hook"


class StoredCloud:
    """A cloud on a file; ``restarted`` gives the next process's view of it."""

    def __init__(self, path: Path, now_ms: int = START_MS) -> None:
        self.path = path
        self.file = SqlitePersistence(path)
        self.queue = EventQueue(now_ms)
        self.network = RecordingNetwork()
        self.webhooks: list[WebhookRequest] = []
        self.store = CloudStore(
            self.queue, self.network.downlink, self.webhooks.append, persistence=self.file
        )

    def seed(self) -> Account:
        account = self.store.create_account("stored")
        fleet = self.store.create_fleet(account, ip_commands_url=HOOK, data_enabled=True)
        self.store.add_sim(account, ICCID, unique_name="alice", fleet=fleet)
        return account

    def restarted(self) -> "StoredCloud":
        self.file.close()
        return StoredCloud(self.path, self.queue.now_ms)


def test_everything_comes_back(tmp_path: Path) -> None:
    cloud = StoredCloud(tmp_path / "cloud.db")
    account = cloud.seed()
    key = cloud.store.accounts.create_key(account)
    ok = {"sim": "alice", "device_port": 4242, "callback_url": HOOK}
    sent = cloud.store.ip_commands.create(account, payload="one\0two", **ok)
    cloud.queue.run_until(START_MS + 100)
    received = cloud.store.receive_from_sim(ICCID, b"\xff\0", DEVICE_IP, 5000)
    queued = cloud.store.ip_commands.create(account, payload="still here", **ok)

    after = cloud.restarted()
    assert after.store.accounts.get(account.sid) == account
    assert after.store.accounts.authenticate(key.sid, key.secret) == account
    page = after.store.ip_commands.page(account, PageRequest())
    assert page.records == [queued, received, sent]
    assert after.store.sims.find(account.sid, "alice") == cloud.store.sims.by_iccid(ICCID)
    assert list(after.store.fleets.all(account)) == list(cloud.store.fleets.all(account))
    assert after.file.latest_ms() == START_MS + 100

    assert after.webhooks == []
    after.store.resume()
    assert after.webhooks == cloud.webhooks, "owed webhooks, with their idempotency tokens"
    assert after.network.sent == []
    after.queue.run_until(after.queue.now_ms + 100)
    assert [payload for _, payload, _, _ in after.network.sent] == [b"still here"]
    new = after.store.ip_commands.create(account, payload="new", **ok)
    assert new.sid not in {queued.sid, sent.sid}


def test_settled_webhooks_and_expired_commands_do_not_come_back(tmp_path: Path) -> None:
    cloud = StoredCloud(tmp_path / "cloud.db")
    account = cloud.seed()
    cloud.store.receive_from_sim(ICCID, b"x", DEVICE_IP, 1)
    cloud.store.webhook_finished(cloud.webhooks[0])
    cloud.queue.run_until(START_MS + 31 * 24 * 3_600_000)
    assert cloud.store.ip_commands.page(account, PageRequest()).records == []
    after = cloud.restarted()
    after.store.resume()
    assert after.webhooks == []
    assert after.store.ip_commands.page(account, PageRequest()).records == []


def test_a_pending_sim_update_is_finished_after_the_restart(tmp_path: Path) -> None:
    cloud = StoredCloud(tmp_path / "cloud.db")
    account = cloud.seed()
    sim = cloud.store.sims.by_iccid(ICCID)
    assert sim is not None
    cloud.store.sims.update(sim, status="inactive", callback_url=HOOK, callback_method="GET")
    after = cloud.restarted()
    after.store.resume()
    again = after.store.sims.find(account.sid, "alice")
    assert again is not None
    assert again.status == "scheduled"
    after.queue.run_until(after.queue.now_ms + 2000)
    assert again.status == "inactive"
    assert dict(after.webhooks[0].parameters)["SimStatus"] == "inactive"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(min_value=0, max_value=2**53)
VALUES = {
    str: TEXTS,
    str | None: st.none() | TEXTS,
    int: NUMBERS,
    int | None: st.none() | NUMBERS,
    bool: st.booleans(),
    tuple[tuple[str, str], ...]: st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
}


def records(kind: type[Record]) -> st.SearchStrategy[Record]:
    columns = {field.name: VALUES[field.type] for field in dataclasses.fields(kind)}
    return st.builds(kind, **columns)


@given(record=st.one_of([records(kind) for kind in RECORD_KINDS]))
@settings(max_examples=60, deadline=None)
def test_every_record_survives_the_file(record: Record) -> None:
    file = SqlitePersistence(":memory:")
    file.save(record)
    file.commit()
    assert list(file.load()) == [record]
    file.delete(record)
    assert list(file.load()) == []
    file.close()


def test_the_kinds_are_complete() -> None:
    assert set(RECORD_KINDS) == {Account, ApiKey, Fleet, Sim, IpCommand, WebhookRequest}


def test_a_file_is_opened_once_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ip_commands.host_sim.cloud.sqlite_store.LOCK_WAIT_S", 0.05)
    cloud = StoredCloud(tmp_path / "cloud.db")
    with pytest.raises(UnusableDatabase, match="another process"):
        SqlitePersistence(cloud.path)
    cloud.file.close()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, " * 100)
    with pytest.raises(UnusableDatabase, match=r"notes\.txt"):
        SqlitePersistence(text)
    assert text.read_text().startswith("not a database")

    other = tmp_path / "other.db"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = other.read_bytes()
    with pytest.raises(UnusableDatabase, match="another program"):
        SqlitePersistence(other)
    assert other.read_bytes() == before

    newer = tmp_path / "newer.db"
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(UnusableDatabase, match="schema 99"):
        SqlitePersistence(newer)
