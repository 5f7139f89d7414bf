"""TCP between two ends: loss is a delay, a full window a pause, and every end is told."""

from random import Random

import pytest

from ip_commands.host_sim.lte.tcp import (
    DATA_TRIES,
    PEER_CLOSED,
    REFUSED,
    RESET,
    UNANSWERED,
    Segment,
    TcpEnd,
)
from ip_commands.host_sim.time.event_queue import EventQueue

MSS = 100
DELAY_MS = 50


class User:
    """Reads at once, unless it is told to leave what comes."""

    def __init__(self, end: TcpEnd) -> None:
        self.end = end
        end.listener = self
        self.connected = False
        self.read = bytearray()
        self.unread = 0
        self.leaves = False
        self.acknowledged = 0
        self.closed: list[str] = []

    def tcp_connected(self) -> None:
        self.connected = True

    def tcp_received(self, data: bytes) -> None:
        self.read += data
        if self.leaves:
            self.unread += len(data)
        else:
            self.end.consumed(len(data))

    def tcp_acknowledged(self) -> None:
        self.acknowledged += 1

    def tcp_closed(self, why: str) -> None:
        self.closed.append(why)

    def take(self, count: int) -> None:
        self.unread -= count
        self.end.consumed(count)


class Pair:
    """A client and a server with a pipe between them that loses some of what it carries."""

    def __init__(self, loss: float = 0.0, seed: int = 0, window: int = 1000) -> None:
        self.queue = EventQueue(0)
        self.random = Random(seed)
        self.loss = loss
        self.carried = 0
        self.largest_flight = 0
        self.dead: list[str] = []
        a = TcpEnd(self.queue, lambda s: self._carry(s, "server"), MSS, window, 100_000)
        b = TcpEnd(self.queue, lambda s: self._carry(s, "client"), MSS, window, 100_000)
        a.on_dead = lambda: self.dead.append("client")
        b.on_dead = lambda: self.dead.append("server")
        self.client, self.server = User(a), User(b)
        self.listens = True

    def _carry(self, segment: Segment, to: str) -> None:
        self.carried += 1
        if self.random.random() >= self.loss:
            self.queue.after(DELAY_MS, self._arrive, segment, to)

    def _arrive(self, segment: Segment, to: str) -> None:
        if to == "client":
            self.client.end.arrived(segment)
        elif not self.listens:
            if not segment.rst:
                self._carry(Segment(0, b"", segment.sequence + 1, 0, rst=True), "client")
        elif segment.syn and not self.opened:
            self.opened = True
            self.server.end.accept(segment)
        elif self.opened:
            self.server.end.arrived(segment)

    opened = False

    def run(self, seconds: float) -> None:
        self.queue.run_until(self.queue.now_ms + int(seconds * 1000))

    def connect(self) -> "Pair":
        self.client.end.connect()
        self.run(1)
        assert self.client.connected
        assert self.server.connected
        return self


def test_bytes_go_both_ways_in_one_round_trip() -> None:
    pair = Pair().connect()
    before = pair.carried
    pair.client.end.send(b"question")
    pair.run(DELAY_MS / 1000)
    assert pair.server.read == b"question"
    assert pair.client.end.unacknowledged_bytes == 8
    assert pair.client.acknowledged == 0
    pair.server.end.send(b"answer")
    pair.run(2 * DELAY_MS / 1000)
    assert pair.client.read == b"answer"
    assert pair.client.end.unacknowledged_bytes == 0
    assert pair.client.acknowledged == 1
    assert pair.carried - before <= 4


def test_an_answer_within_the_callback_carries_the_acknowledgement() -> None:
    pair = Pair().connect()
    before = pair.carried
    pair.server.tcp_received = lambda data: pair.server.end.send(data)  # type: ignore[method-assign]
    pair.client.end.send(b"ping")
    pair.run(1)
    assert pair.client.read == b"ping"
    assert pair.carried - before == 3, "data, data with its acknowledgement, acknowledgement"


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("loss", [0.0, 0.1, 0.3])
def test_what_is_lost_comes_later_and_in_order(loss: float, seed: int) -> None:
    pair = Pair(loss, seed)
    pair.client.end.connect()
    up, down = pair.random.randbytes(3000), pair.random.randbytes(2500)
    pair.client.end.send(up)
    pair.run(120)
    pair.server.end.send(down)
    pair.run(900)
    assert bytes(pair.server.read) == up
    assert bytes(pair.client.read) == down
    pair.client.end.close()
    pair.run(600)
    assert pair.server.closed == [PEER_CLOSED]
    pair.server.end.close()
    pair.run(600)
    assert sorted(pair.dead) == ["client", "server"]
    assert pair.queue.next_at_ms() is None, "no timer of a dead connection stays"


def test_a_full_window_stops_the_sender_until_the_host_reads() -> None:
    pair = Pair(window=250).connect()
    pair.client.leaves = True
    pair.server.end.send(bytes(range(200)) * 5)
    pair.run(60)
    assert pair.client.unread == 250
    probes = pair.carried
    pair.run(2000)
    assert pair.carried > probes, "it asks whether the window is open again"
    assert pair.server.closed == [], "however long that takes"
    while pair.client.unread:
        pair.client.take(pair.client.unread)
        pair.run(1)
    assert bytes(pair.client.read) == bytes(range(200)) * 5


def test_a_lost_window_update_is_asked_for() -> None:
    pair = Pair(window=250).connect()
    pair.client.leaves = True
    pair.server.end.send(bytes(600))
    pair.run(10)
    pair.loss = 1.0
    pair.client.take(250)
    pair.run(1)
    pair.loss = 0.0
    pair.client.leaves = False
    pair.run(120)
    assert len(pair.client.read) == 600


def test_nobody_listens() -> None:
    pair = Pair()
    pair.listens = False
    pair.client.end.connect()
    pair.run(1)
    assert pair.client.closed == [REFUSED]
    assert pair.dead == ["client"]


def test_nobody_answers() -> None:
    pair = Pair(loss=1.0)
    pair.client.end.connect()
    pair.run(122)
    assert pair.client.closed == []
    pair.run(2)
    assert pair.client.closed == [UNANSWERED]
    assert pair.carried == 7, "at 0, 1, 3, 7, 15, 31, 63 s; given up at 123 s"


def test_a_peer_that_is_gone_is_noticed_by_the_sender() -> None:
    pair = Pair().connect()
    pair.loss = 1.0
    before = pair.carried
    pair.server.end.send(b"is there anybody")
    pair.run(900)
    assert pair.server.closed == [UNANSWERED]
    assert pair.carried - before == 1 + DATA_TRIES
    assert pair.client.closed == [], "who does not send notices nothing"


def test_a_reset_is_told_once() -> None:
    pair = Pair().connect()
    pair.server.end.abort()
    pair.run(1)
    assert pair.client.closed == [RESET]
    assert pair.server.closed == []
    assert sorted(pair.dead) == ["client", "server"]
    pair.client.end.send(b"into nothing")
    pair.run(10)


def test_what_waits_is_sent_before_the_end() -> None:
    pair = Pair(window=300).connect()
    pair.client.end.send(bytes(2000))
    pair.client.end.close()
    pair.run(60)
    assert len(pair.server.read) == 2000
    assert pair.server.closed == [PEER_CLOSED]


def test_an_end_that_closed_does_not_wait_for_ever() -> None:
    pair = Pair().connect()
    pair.client.end.close()
    pair.run(50)
    assert pair.dead == []
    pair.run(11)
    assert pair.dead == ["client"]


def test_no_more_than_its_room() -> None:
    pair = Pair().connect()
    pair.client.end.send_limit_bytes = 10
    with pytest.raises(ValueError, match="send more when"):
        pair.client.end.send(bytes(11))
