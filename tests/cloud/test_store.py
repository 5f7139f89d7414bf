"""The store alone: no loop, no HTTP, simulated time only."""

import base64
import subprocess
import sys

import pytest

from ip_commands.host_sim.cloud.collection import PageRequest
from ip_commands.host_sim.cloud.error_codes import TWILIO, ApiError
from ip_commands.host_sim.cloud.records import Account, IpCommand, WebhookRequest
from ip_commands.host_sim.cloud.store import CloudStore, StoreSettings
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.cloud.cloud_under_test import DEVICE_IP, ICCID, START_MS, RecordingNetwork

DAY_MS = 24 * 3600 * 1000
HOOK = "http://127.0.0.1:1/hook"


class PlainCloud:
    """A store, its queue, its network and the webhooks that it handed out."""

    def __init__(self, seed: int = 0, **settings: object) -> None:
        self.queue = EventQueue(START_MS)
        self.network = RecordingNetwork()
        self.webhooks: list[WebhookRequest] = []
        self.store = CloudStore(
            self.queue,
            self.network.downlink,
            self.webhooks.append,
            seed=seed,
            settings=StoreSettings(**settings),  # type: ignore[arg-type]
        )
        self.account: Account = self.store.create_account()
        self.fleet = self.store.create_fleet(self.account, ip_commands_url=HOOK)
        self.sim = self.store.add_sim(self.account, ICCID, unique_name="alice", fleet=self.fleet)

    def create(self, payload: str = "x", **fields: str) -> IpCommand:
        return self.store.ip_commands.create(
            self.account, sim="alice", payload=payload, device_port=1, **fields
        )

    def listed(self) -> list[IpCommand]:
        return self.store.ip_commands.page(self.account, PageRequest(size=1000)).records


def statuses(webhooks: list[WebhookRequest]) -> list[str]:
    return [dict(webhook.parameters)["Status"] for webhook in webhooks]


def test_a_command_is_sent_after_its_delay() -> None:
    cloud = PlainCloud()
    command = cloud.create(callback_url=HOOK)
    cloud.queue.run_until(START_MS + 49)
    assert (command.status, command.device_ip, cloud.webhooks) == ("queued", None, [])
    cloud.queue.run_until(START_MS + 50)
    assert (command.status, command.device_ip) == ("sent", DEVICE_IP)
    assert (command.created_ms, command.updated_ms) == (START_MS, START_MS + 50)
    assert statuses(cloud.webhooks) == ["sent"]


def test_the_queued_callback_is_a_switch() -> None:
    cloud = PlainCloud(callback_on_queued=True)
    cloud.create(callback_url=HOOK)
    cloud.queue.run_until(START_MS + 50)
    assert statuses(cloud.webhooks) == ["queued", "sent"]


def test_commands_to_a_sim_never_overtake_each_other() -> None:
    cloud = PlainCloud(queue_delay_ms=(0, 5000))
    for number in range(40):
        cloud.create(str(number))
        cloud.queue.run_until(cloud.queue.now_ms + 10)
    cloud.queue.run_until(cloud.queue.now_ms + 5000)
    assert [payload for _, payload, _, _ in cloud.network.sent] == [
        str(number).encode() for number in range(40)
    ]


def test_not_attached_and_unexpected_trouble(caplog: pytest.LogCaptureFixture) -> None:
    cloud = PlainCloud()
    cloud.network.detached.add(ICCID)
    not_attached = cloud.create(callback_url=HOOK)
    cloud.queue.run_until(START_MS + 100)
    cloud.network.trouble = RuntimeError("the network fell over")
    broken = cloud.create(callback_url=HOOK)
    cloud.queue.run_until(START_MS + 200)
    assert [(c.status, c.error_code) for c in (not_attached, broken)] == [
        ("failed", 83401),
        ("failed", 83400),
    ]
    assert not_attached.reason == "switched off"
    assert "fell over" in caplog.text
    assert [dict(w.parameters)["ErrorCode"] for w in cloud.webhooks] == ["83401", "83400"]


def test_datagrams_of_every_size_from_a_device() -> None:
    cloud = PlainCloud()
    for size in (0, 1, 1300, 1301, 5000):
        data = bytes(n % 256 for n in range(size))
        record = cloud.store.receive_from_sim(ICCID, data, DEVICE_IP, 4242, 6969)
        assert record is not None
        assert base64.b64decode(record.payload) == data[:1300]
        assert (record.status, record.direction) == ("received", "from_sim")
        assert (record.device_ip, record.device_port) == (DEVICE_IP, 4242)
        assert record.original_bytes == size
        if size > 1300:
            assert f"truncated from {size} to 1300 bytes" in (record.reason or "")
        else:
            assert record.reason is None
    assert len(cloud.webhooks) == 5


def test_a_fleet_without_url_gets_no_webhook() -> None:
    cloud = PlainCloud()
    cloud.store.fleets.update(cloud.fleet, ip_commands_url="")
    assert cloud.store.receive_from_sim(ICCID, b"x", DEVICE_IP, 1)
    assert cloud.webhooks == []
    assert len(cloud.listed()) == 1


def test_an_unknown_card_is_dropped_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cloud = PlainCloud()
    assert cloud.store.receive_from_sim("8988307999999999999", b"x", DEVICE_IP, 1) is None
    assert "not registered" in caplog.text
    assert cloud.listed() == []


def test_a_command_is_readable_for_thirty_days() -> None:
    cloud = PlainCloud()
    old = cloud.create("old")
    cloud.queue.run_until(START_MS + DAY_MS)
    young = cloud.create("young")
    cloud.queue.run_until(START_MS + 30 * DAY_MS)
    assert cloud.store.ip_commands.get(cloud.account, old.sid) is old
    cloud.queue.run_until(START_MS + 30 * DAY_MS + 1)
    assert cloud.store.ip_commands.get(cloud.account, old.sid) is None
    assert cloud.listed() == [young]
    page = cloud.store.ip_commands.page(cloud.account, PageRequest(), sim="alice")
    assert page.records == [young]


def test_a_page_token_survives_new_and_expired_commands() -> None:
    cloud = PlainCloud()
    first = [cloud.create(str(number)) for number in range(6)]
    page = cloud.store.ip_commands.page(cloud.account, PageRequest(size=2))
    assert page.records == [first[5], first[4]]
    cloud.queue.run_until(START_MS + DAY_MS)
    cloud.create("new")
    request = PageRequest(size=2, number=1, token=page.next_token)
    second = cloud.store.ip_commands.page(cloud.account, request)
    assert second.records == [first[3], first[2]]
    cloud.queue.run_until(START_MS + 30 * DAY_MS + 1)
    request = PageRequest(size=2, number=2, token=second.next_token)
    third = cloud.store.ip_commands.page(cloud.account, request)
    assert (third.records, third.next_token) == ([], None)


def test_the_same_seed_gives_the_same_identifiers() -> None:
    one, two, other = PlainCloud(seed=7), PlainCloud(seed=7), PlainCloud(seed=8)
    assert one.create().sid == two.create().sid != other.create().sid
    assert one.account == two.account
    assert one.account.auth_token != other.account.auth_token


def test_settled_webhooks_and_the_debugger_log() -> None:
    cloud = PlainCloud(max_debugger_entries=3)
    for number in range(5):
        cloud.store.receive_from_sim(ICCID, b"x", DEVICE_IP, number)
    assert len(cloud.store.owed_webhooks) == 5
    for webhook in cloud.webhooks:
        cloud.store.webhook_finished(webhook, "answered 500")
        cloud.store.webhook_finished(webhook, "told twice")
    assert cloud.store.owed_webhooks == {}
    log = list(cloud.store.debugger)
    assert [entry.error_code for entry in log] == [83402, 83402, 83402], "bounded: the newest"
    assert log[-1].resource_sid == cloud.webhooks[-1].resource_sid
    assert (log[-1].detail, log[-1].url) == ("answered 500", HOOK)


def test_plain_python_may_give_numbers_and_odd_text() -> None:
    cloud = PlainCloud()
    command = cloud.store.ip_commands.create(
        cloud.account, sim=cloud.sim.sid, payload="\0\r\nOK\r\n€", device_port=65535
    )
    cloud.queue.run_until(START_MS + 50)
    assert cloud.network.sent == [(ICCID, b"\0\r\nOK\r\n\xe2\x82\xac", 65535, command.sid)]
    with pytest.raises(ApiError, match="lone surrogate"):
        cloud.create("\ud800")


def test_the_codes_of_failures_can_be_replaced() -> None:
    queue = EventQueue(START_MS)
    network = RecordingNetwork()
    network.detached.add(ICCID)
    table = TWILIO.replaced("device_not_attached", code=99401, message="gone")
    store = CloudStore(queue, network.downlink, lambda _: None, errors=table)
    account = store.create_account()
    store.add_sim(account, ICCID, unique_name="alice", fleet=store.create_fleet(account))
    command = store.ip_commands.create(account, sim="alice", payload="x", device_port=1)
    queue.run_until(START_MS + 50)
    assert (command.error_code, command.error_message) == (99401, "gone")


def test_the_truth_needs_neither_asyncio_nor_http() -> None:
    code = (
        "import sys, ip_commands.host_sim.cloud.store, ip_commands.host_sim.cloud.sqlite_store;"
        "sys.exit(', '.join({'asyncio', 'aiohttp', 'socket'} & set(sys.modules)) or None)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (loaded.returncode, loaded.stderr) == (0, b"")


def test_seeding_refuses_what_exists() -> None:
    cloud = PlainCloud()
    with pytest.raises(ValueError, match="exists"):
        cloud.store.create_account(sid=cloud.account.sid)
    with pytest.raises(ApiError, match="already belongs"):
        cloud.store.add_sim(cloud.account, ICCID)
    with pytest.raises(ValueError, match="status"):
        cloud.store.add_sim(cloud.account, "8988307000000000009", status="asleep")
