"""The socket that all families share: drains after hints, loses nothing to cancellation."""

import asyncio

from ip_commands.device.errors import (
    CommandError,
    InvalidValue,
    ModemAsleep,
    ModemRestarted,
    ModemTimeout,
    PayloadTooLong,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from ip_commands.modem_drivers.modem_socket import ModemSocket
from tests.portable.raises import raises


class Line:
    """As much of an AtChannel as a socket asks: how long the modem has been silent."""

    heard_at = None

    def silent_ms(self):
        return 0 if self.heard_at is None else ticks_diff(ticks_ms(), self.heard_at)


class BufferingModem:
    """The modem's side of one socket: a list of datagrams, an answer takes 10 ms."""

    def __init__(self):
        self.at = Line()
        self.garbage = self.damaged = 0
        self.garbage_with = ()  # the reads that bring some
        self.waiting = []
        self.reads = 0
        self.sent = []
        self.refusals = 0
        self.failures = []
        self.forgotten = 0
        self.asleep = self._pushes = False
        self.taken_bytes = []  # answers to that question; empty: it cannot tell

    def sleep_is_due(self):
        return self.asleep

    async def _check_awake(self):
        if self.asleep:
            raise ModemAsleep("nothing is sent")

    async def _read_datagram(self, socket):
        self.reads += 1
        datagram = self.waiting.pop(0) if self.waiting else None
        await sleep_ms(10)
        if self.reads in self.garbage_with:
            self.garbage += 1
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, ModemRestarted):  # its sockets are gone
                socket.lose(ModemRestarted, str(failure))
            raise failure
        return datagram

    async def _send_datagram(self, socket, payload, host, port):
        await sleep_ms(10)
        if self.refusals:
            self.refusals -= 1
            return False
        self.sent.append((payload, host, port))
        return True

    async def _taken_bytes(self, socket):
        await sleep_ms(10)
        taken_bytes = self.taken_bytes.pop(0) if self.taken_bytes else None
        if isinstance(taken_bytes, Exception):
            raise taken_bytes
        return taken_bytes

    async def _forget(self, socket):
        self.forgotten += 1


def make():
    modem = BufferingModem()
    return modem, ModemSocket(modem, 0, 4242, 100, 60000)


async def test_one_hint_drains_everything():
    modem, socket = make()
    modem.waiting += [(b"%d" % i, "1.2.3.4", i) for i in range(3)]
    socket.hint()
    for i in range(3):
        assert await socket.receive(1000) == (b"%d" % i, "1.2.3.4", i)
    with raises(ReceiveTimeout):
        await socket.receive(1000)
    assert modem.reads == 4
    assert socket.found_without_urc == 0


async def test_no_hint_no_read_until_the_timer():
    modem, socket = make()
    with raises(ReceiveTimeout):
        await socket.receive(59000)
    assert modem.reads == 1
    modem.waiting.append((b"late", "", 0))
    assert await socket.receive(2000) == (b"late", "", 0)
    assert (modem.reads, socket.found_without_urc) == (2, 1)


async def test_a_hint_that_comes_during_an_empty_read_is_not_forgotten():
    modem, socket = make()
    receiving = asyncio.create_task(socket.receive(1000))
    await sleep_ms(5)
    modem.waiting.append((b"x", "", 0))
    socket.hint()
    assert (await receiving)[0] == b"x"
    assert socket.found_without_urc == 0


async def test_a_cancelled_receive_keeps_the_datagram_for_the_next():
    modem, socket = make()
    modem.waiting.append((b"x", "", 0))
    receiving = asyncio.create_task(socket.receive(1000))
    await sleep_ms(5)
    receiving.cancel()
    with raises(asyncio.CancelledError):
        await receiving
    assert not modem.waiting
    assert (await socket.receive(1000))[0] == b"x"


async def test_a_failed_read_is_done_again_before_it_is_told():
    modem, socket = make()
    modem.failures += [
        ModemTimeout("+READ", 5000),
        IndexError("garbled"),
        CommandError("+READ", "ERROR"),
    ]
    modem.waiting += [None, None, None, (b"x", "", 0)]
    assert (await socket.receive(60000))[0] == b"x"
    assert (socket.reread, modem.reads) == (3, 4)
    modem.failures += [ModemTimeout("+READ", 5000)] * 5
    with raises(ModemTimeout, "READ"):
        await socket.receive(60000)
    modem.waiting.append((b"y", "", 0))
    assert (await socket.receive(60000))[0] == b"y"


async def test_a_reported_datagram_that_went_with_a_failed_read_is_counted():
    modem, socket = make()
    for failure in (ModemTimeout("+READ", 5000), IndexError("garbled")):
        modem.failures.append(failure)
        modem.waiting.append((b"taken out by the read that failed", "", 0))
        socket.hint()
        socket.dropped = 0
        with raises(ReceiveTimeout):
            await socket.receive(30000)
        assert socket.dropped == 1
    # not where another read brings it, where it comes late, where nothing was reported
    modem.failures.append(CommandError("+READ", "ERROR"))
    modem.waiting += [None, (b"x", "", 0)]
    socket.hint()
    assert (await socket.receive(30000))[0] == b"x"
    modem.failures.append(ModemTimeout("+READ", 5000))
    socket.hint()
    receiving = asyncio.create_task(socket.receive(30000))
    await sleep_ms(100)  # the read has failed, the next one comes later
    socket.park(b"late", "", 0)
    assert (await receiving)[0] == b"late"
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (socket.dropped, socket.reread) == (1, 4)


async def test_a_read_that_nobody_asked_for_may_lose_one_too():
    """Its report was lost, then its answer: a false alarm is better than silence."""
    modem, socket = make()
    for failures in (1, 3):  # several in a row are one episode
        modem.failures += [ModemTimeout("+READ", 5000)] * failures
        modem.waiting += [(b"taken out by the read that failed", "", 0)] + [None] * failures
        socket.suspect()
        socket.dropped = 0
        with raises(ReceiveTimeout):
            await socket.receive(30000)
        assert socket.dropped == 1
        del modem.waiting[:]


async def test_a_read_that_meets_sleep_loses_nothing():
    modem, socket = make()
    modem.asleep = True
    modem.failures += [ModemTimeout("+READ", 5000)] * 5
    with raises(ModemTimeout):
        await socket.receive(60000)
    assert (socket.dropped, socket.owed) == (0, 0)


async def test_a_modem_that_never_answers_reads_counts_one_for_each_socket():
    modem, socket = make()
    modem.failures += [ModemTimeout("+READ", 5000)] * 1000
    for _ in range(100):
        with raises(ModemTimeout):
            await socket.receive(60000)
    assert (socket.dropped, socket.owed) == (0, 1)
    await socket.close()
    assert socket.dropped == 1


async def test_a_send_into_sleep_is_not_written_and_says_so():
    modem, socket = make()
    modem.asleep = True
    with raises(ModemAsleep, "nothing is sent"):
        await socket.send_to(b"x", "1.2.3.4", 5)
    assert not modem.sent
    modem.asleep = False
    await socket.send_to(b"x", "1.2.3.4", 5)
    assert modem.sent == [(b"x", "1.2.3.4", 5)]


async def test_each_lost_answer_is_counted_although_others_wait_behind_it():
    modem, socket = make()
    for lost in (1, 2, 3):
        modem.failures += [ModemTimeout("+READ", 5000)] * lost
        modem.waiting += [(b"%d" % i, "", 0) for i in range(lost + 1)]
        socket.hint()
        socket.dropped = 0
        assert (await socket.receive(30000))[0] == b"%d" % lost
        with raises(ReceiveTimeout):
            await socket.receive(30000)
        assert (lost, socket.dropped) == (lost, lost)


async def test_a_modem_that_counts_tells_whether_a_lost_answer_held_something():
    modem, socket = make()
    # the answer that says "nothing" is lost
    modem.waiting += [(b"12345", "", 0), None]
    socket.hint()
    assert (await socket.receive(30000))[0] == b"12345"
    modem.failures.append(ModemTimeout("+READ", 5000))
    modem.taken_bytes.append(5)
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (socket.reread, socket.dropped) == (1, 0)
    # one that held something; the count goes on from what the modem says
    modem.failures.append(ModemTimeout("+READ", 5000))
    modem.waiting.append((b"12345678", "", 0))
    modem.taken_bytes.append(13)
    socket.hint()
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (socket.reread, socket.dropped) == (2, 1)
    modem.waiting.append((b"123", "", 0))
    socket.hint()
    assert (await socket.receive(30000))[0] == b"123"
    modem.failures.append(ModemTimeout("+READ", 5000))
    modem.taken_bytes += [ModemTimeout("+COUNT", 5000), 16]  # asked again when it cannot be heard
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (modem.taken_bytes, socket.dropped) == ([], 1)


async def test_a_question_that_always_fails_does_not_go_on_for_ever():
    modem, socket = make()
    modem.failures.append(ModemTimeout("+READ", 5000))
    modem.taken_bytes += [IndexError("garbled")] * 9
    socket.hint()
    with raises(IndexError):
        await socket.receive(60000)


async def test_a_late_answer_settles_one_read_and_not_what_is_read_next():
    modem, socket = make()
    modem.failures += [ModemTimeout("+READ", 5000)] * 2
    modem.waiting += [None, None, (b"behind them", "", 0)]
    socket.hint()
    receiving = asyncio.create_task(socket.receive(30000))
    await sleep_ms(100)
    socket.park(b"late", "", 0)
    assert (await receiving)[0] == b"late"
    assert (await socket.receive(30000))[0] == b"behind them"
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert socket.dropped == 1


async def test_a_datagram_handed_over_by_the_read_that_fails_is_not_lost():
    modem, socket = make()

    async def bring_without_final_result(asking):
        del modem._read_datagram
        asking.park(b"x", "", 0)
        raise ModemTimeout("+READ", 5000)

    modem._read_datagram = bring_without_final_result
    socket.hint()
    assert (await socket.receive(30000))[0] == b"x"
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (socket.reread, socket.dropped) == (1, 0)


async def test_reads_that_a_deaf_modem_never_heard_lose_nothing_more():
    modem, socket = make()
    modem.at.heard_at = ticks_ms()
    await sleep_ms(1000)
    modem.failures += [ModemTimeout("+READ", 5000)] * 3
    socket.hint()
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (socket.reread, socket.dropped) == (3, 1)


async def test_a_datagram_that_came_damaged_is_not_counted_twice():
    modem, socket = make()

    async def bring_damaged(socket):
        del modem._read_datagram  # the next read finds nothing
        modem.damaged += 1
        modem.garbage += 1

    modem._read_datagram = bring_damaged
    socket.hint()
    with raises(ReceiveTimeout):
        await socket.receive(30000)
    assert (socket.reread, socket.dropped) == (1, 0)


async def test_reading_again_is_no_cure_for_a_modem_that_booted():
    modem, socket = make()
    modem.failures.append(ModemRestarted("it booted"))
    with raises(ModemRestarted):
        await socket.receive(60000)
    assert modem.reads == 1


async def test_nothing_beside_garbage_is_not_believed_at_once():
    modem, socket = make()
    modem.waiting += [None, (b"x", "", 0)]
    modem.garbage_with = (1,)
    assert (await socket.receive(60000))[0] == b"x"
    assert socket.reread == 1


async def test_an_empty_datagram_hides_nothing_behind_it():
    modem, socket = make()
    modem.waiting += [(b"", "1.2.3.4", 5), (b"x", "1.2.3.4", 5)]
    assert (await socket.receive(60000))[0] == b"x"
    assert (socket.empty, modem.reads) == (1, 2)


async def test_pushed_datagrams_are_bounded_and_what_is_too_much_is_counted():
    _, socket = make()
    for i in range(20):
        socket.park(b"%d" % i, "", 0)
    assert socket.dropped == 4
    for i in range(16):
        assert (await socket.receive(0))[0] == b"%d" % i
    with raises(ReceiveTimeout):
        await socket.receive(0)


async def test_a_send_is_repeated_while_the_modem_refuses_and_no_longer():
    modem, socket = make()
    modem.refusals = 3
    start = ticks_ms()
    await socket.send_to(b"x", "1.2.3.4", 5)
    assert modem.sent == [(b"x", "1.2.3.4", 5)]
    assert 1750 <= ticks_diff(ticks_ms(), start) < 2500
    modem.refusals = 4
    with raises(SendFailed, "refused it"):
        await socket.send_to(b"x", "1.2.3.4", 5)
    assert len(modem.sent) == 1


async def test_sends_wait_for_each_other():
    modem, socket = make()
    modem.refusals = 1
    tasks = [asyncio.create_task(socket.send_to(b"%d" % i, "1.2.3.4", 5)) for i in range(3)]
    for task in tasks:
        await task
    assert [entry[0] for entry in modem.sent] == [b"0", b"1", b"2"]


async def test_a_buffer_given_to_send_may_be_changed_afterwards():
    modem, socket = make()
    buffer = bytearray(b"hello")
    sending = asyncio.create_task(socket.send_to(memoryview(buffer), "1.2.3.4", 5))
    await sleep_ms(5)
    buffer[0] = 0
    await sending
    assert modem.sent[0][0] == b"hello"


async def test_what_cannot_be_sent():
    modem, socket = make()
    with raises(PayloadTooLong, "101", "100"):
        await socket.send_to(b"x" * 101, "1.2.3.4", 5)
    with raises(InvalidValue, "empty"):
        await socket.send_to(b"", "1.2.3.4", 5)
    assert not modem.sent


async def test_a_lost_socket_hands_over_what_came_and_says_why():
    _, socket = make()
    told = []
    socket.on_loss = lambda: told.append(socket.lost)
    socket.park(b"came before", "", 0)
    socket.lose(SocketClosed, "first reason")
    socket.lose(SocketClosed, "second reason")
    assert told == [True]
    assert (await socket.receive(0))[0] == b"came before"
    socket.park(b"was being read", "", 0)
    assert (await socket.receive(0))[0] == b"was being read"
    with raises(SocketClosed, "first reason"):
        await socket.receive(0)
    with raises(SocketClosed, "first reason"):
        await socket.send_to(b"x", "1.2.3.4", 5)


async def test_what_the_modem_holds_for_a_closed_socket_is_read_first():
    modem, socket = make()
    socket.opened = True
    modem.waiting += [(b"1", "", 0), (b"2", "", 0)]
    socket.lose(SocketClosed, "closed by the modem", True)
    for payload in (b"1", b"2"):
        assert (await socket.receive(0))[0] == payload
    with raises(SocketClosed, "closed by the modem"):
        await socket.receive(0)
    assert modem.reads == 3


async def test_what_the_modem_refuses_for_a_closed_socket_is_over():
    modem, socket = make()
    socket.opened = True
    modem.failures.append(CommandError("+READ", "ERROR"))
    socket.lose(SocketClosed, "closed by the modem", True)
    with raises(SocketClosed, "closed by the modem"):
        await socket.receive(0)
    assert modem.reads == 1


async def test_an_interrupted_receive_returns_and_loses_nothing():
    modem, socket = make()
    receiving = asyncio.create_task(socket.receive(100000))
    await sleep_ms(100)
    modem.waiting.append((b"x", "", 0))
    socket.hint()
    socket.interrupt()
    assert (await receiving)[0] == b"x"
    with raises(ReceiveTimeout):
        await socket.receive(100000)


async def test_close_wakes_the_receiver_and_closes_once():
    modem, socket = make()
    receiving = asyncio.create_task(socket.receive(100000))
    await sleep_ms(100)
    await socket.close()
    await socket.close()
    with raises(SocketClosed, "closed"):
        await receiving
    assert modem.forgotten == 1
    assert socket.lost
