"""The store against a model of a few lines, through long random histories."""

import base64
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ip_commands.host_sim.cloud.collection import PageRequest
from ip_commands.host_sim.cloud.error_codes import ApiError
from ip_commands.host_sim.cloud.records import IpCommand, WebhookRequest
from ip_commands.host_sim.cloud.store import CloudStore, StoreSettings
from ip_commands.host_sim.time.event_queue import EventQueue
from tests.cloud.cloud_under_test import DEVICE_IP, START_MS, RecordingNetwork

DELAY_MS = 50
RETENTION_MS = 10_000
HOOK = "http://127.0.0.1:1/"
NAMES = ("alice", "bob")
ICCIDS = {"alice": "8988307000000000001", "bob": "8988307000000000002"}


@dataclass
class Expected:
    """What the model says about one command."""

    sid: str
    sim: str
    payload: str
    direction: str
    status: str
    created_ms: int
    callback: bool


class CloudMachine(RuleBasedStateMachine):
    """Create, receive, attach, detach, let time pass; then compare everything readable."""

    @initialize()
    def begin(self) -> None:
        self.queue = EventQueue(START_MS)
        self.network = RecordingNetwork()
        self.webhooks: list[WebhookRequest] = []
        self.store = CloudStore(
            self.queue,
            self.network.downlink,
            self.webhooks.append,
            settings=StoreSettings(queue_delay_ms=(DELAY_MS, DELAY_MS), retention_ms=RETENTION_MS),
        )
        self.account = self.store.create_account()
        fleet = self.store.create_fleet(self.account, ip_commands_url=HOOK)
        for name, iccid in ICCIDS.items():
            self.store.add_sim(self.account, iccid, unique_name=name, fleet=fleet)
        self.expected: list[Expected] = []
        self.expected_webhooks: list[tuple[str, str]] = []
        self.usable = dict.fromkeys(NAMES, True)

    @rule(sim=st.sampled_from(NAMES), payload=st.text(max_size=5), callback=st.booleans())
    def create(self, sim: str, payload: str, callback: bool) -> None:
        fields = {"callback_url": HOOK} if callback else {}

        def create() -> IpCommand:
            return self.store.ip_commands.create(
                self.account, sim=sim, payload=payload, device_port=1, **fields
            )

        if payload == "" or not self.usable[sim]:
            with pytest.raises(ApiError):
                create()
            return
        sid = create().sid
        now_ms = self.queue.now_ms
        self.expected.append(Expected(sid, sim, payload, "to_sim", "queued", now_ms, callback))

    @rule(sim=st.sampled_from(NAMES), payload=st.binary(max_size=5))
    def receive(self, sim: str, payload: bytes) -> None:
        record = self.store.receive_from_sim(ICCIDS[sim], payload, DEVICE_IP, 7)
        assert (record is not None) == self.usable[sim]
        if record is not None:
            text = base64.b64encode(payload).decode()
            now_ms = self.queue.now_ms
            self.expected.append(
                Expected(record.sid, sim, text, "from_sim", "received", now_ms, True)
            )
            self.expected_webhooks.append((record.sid, "received"))

    @rule(sim=st.sampled_from(NAMES), attached=st.booleans())
    def attach(self, sim: str, attached: bool) -> None:
        (self.network.detached.discard if attached else self.network.detached.add)(ICCIDS[sim])

    @rule(sim=st.sampled_from(NAMES))
    def deactivate(self, sim: str) -> None:
        found = self.store.sims.find(self.account.sid, sim)
        assert found is not None
        if self.usable[sim]:
            self.store.sims.update(found, status="inactive")
            self.usable[sim] = False

    @rule(span_ms=st.sampled_from([1, 49, 50, 3000, 9999]))
    def wait(self, span_ms: int) -> None:
        until_ms = self.queue.now_ms + span_ms
        self.queue.run_until(until_ms)
        for command in self.expected:
            if command.status == "queued" and command.created_ms + DELAY_MS <= until_ms:
                reachable = (
                    self.usable[command.sim] and ICCIDS[command.sim] not in self.network.detached
                )
                command.status = "sent" if reachable else "failed"
                if command.callback:
                    self.expected_webhooks.append((command.sid, command.status))
        oldest_ms = until_ms - RETENTION_MS
        self.expected = [c for c in self.expected if c.created_ms >= oldest_ms]

    @invariant()
    def the_lists_agree(self) -> None:
        if not hasattr(self, "store"):
            return
        newest_first = self.expected[::-1]
        assert self._all_pages(size=3) == [command.sid for command in newest_first]
        for name in NAMES:
            own = [command.sid for command in newest_first if command.sim == name]
            assert self._all_pages(size=2, sim=name) == own
        for status in ("queued", "sent", "failed", "received"):
            own = [command.sid for command in newest_first if command.status == status]
            assert self._all_pages(size=100, status=status) == own
        for command in self.expected:
            record = self.store.ip_commands.get(self.account, command.sid)
            assert record is not None
            assert (record.payload, record.direction) == (command.payload, command.direction)
            assert record.status == command.status

    @invariant()
    def the_webhooks_agree(self) -> None:
        if hasattr(self, "store"):
            told = []
            for request in self.webhooks:
                parameters = dict(request.parameters)
                told.append((parameters["CommandSid"], parameters["Status"]))
            assert told == self.expected_webhooks

    @precondition(lambda self: len(self.expected) > 3)
    @rule(size=st.integers(min_value=1, max_value=4))
    def paging_back_leads_home(self, size: int) -> None:
        first = self.store.ip_commands.page(self.account, PageRequest(size))
        if first.next_token is not None:
            ahead = PageRequest(size, 1, first.next_token)
            second = self.store.ip_commands.page(self.account, ahead)
            back = PageRequest(size, 0, second.previous_token)
            assert self.store.ip_commands.page(self.account, back).records == first.records

    def _all_pages(self, size: int, **filters: str) -> list[str]:
        request, sids = PageRequest(size), []
        while True:
            page = self.store.ip_commands.page(self.account, request, **filters)
            sids += [record.sid for record in page.records]
            if page.next_token is None:
                return sids
            request = PageRequest(size, request.number + 1, page.next_token)


TestCloud = CloudMachine.TestCase
TestCloud.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
