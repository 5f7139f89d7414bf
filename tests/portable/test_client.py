"""IpCommandClient: handlers, errors, counters, limits; over a scripted modem, in virtual time."""

import asyncio

from ip_commands.device import (
    InvalidValue,
    IpCommandClient,
    NotAttached,
    PayloadTooLong,
    SendFailed,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable.raises import raises
from tests.portable.scripted_modem import ScriptedModem


class Running:
    """``async with``: a running client over a scripted modem; its handler notes the commands."""

    def __init__(self, modem=None, handler=None, **options):
        self.modem = modem or ScriptedModem()
        self.commands = []
        self.errors = []
        self.lines = []
        options["log"] = options.get("log", self.lines.append)
        self.client = IpCommandClient(self.modem, 4242, **options)
        self.client.on_command(handler or self.commands.append)

    async def __aenter__(self):
        self.task = asyncio.create_task(self.client.run())
        await self.client.wait_ready(60000)
        return self

    async def __aexit__(self, kind, error, traceback):
        await self.client.close()
        await self.task
        assert self.client.state == "CLOSED"
        assert all(socket.closed for socket in self.modem.sockets)


async def test_a_command_reaches_the_handler_and_the_answer_the_service():
    modem = ScriptedModem()
    client = IpCommandClient(modem, port=4242)
    seen = []

    @client.on_command
    async def handle(command):
        seen.append(command)
        await client.send("got %d bytes" % len(command.payload))
        await client.send(bytearray(b"\x00\xff"), port=7000)

    task = asyncio.create_task(client.run())
    assert client.state == "IDLE"
    await client.wait_ready(1000)
    assert client.state == "SERVING"
    assert modem.calls == [("start",), ("attach", "super"), ("open_udp", 4242)]
    before = ticks_ms()
    modem.socket.arrive(b"hello", "100.64.0.1", 6969)
    await sleep_ms(100)
    (command,) = seen
    assert command.payload == b"hello"
    assert command.source == ("100.64.0.1", 6969)
    assert ticks_diff(command.received_at, before) == 0
    assert modem.socket.sent == [
        (b"got 5 bytes", "100.64.0.1", 6969),
        (b"\x00\xff", "100.64.0.1", 7000),
    ]
    assert (client.received, client.handled, client.sent) == (1, 1, 2)
    await client.close()
    await task
    assert client.state == "CLOSED"


async def test_plain_handlers_and_the_order_of_commands():
    async with Running() as running:
        for number in range(20):
            running.modem.socket.arrive(b"%d" % number)
        await sleep_ms(10)
        assert [command.payload for command in running.commands] == [
            b"%d" % number for number in range(20)
        ]
        assert running.client.handled == 20


async def test_one_command_at_a_time_the_rest_stays_in_the_modem():
    order = []

    async def slow(command):
        order.append(command.payload)
        await sleep_ms(1000)
        order.append(command.payload)

    async with Running(handler=slow) as running:
        for payload in (b"a", b"b", b"c"):
            running.modem.socket.arrive(payload)
        await sleep_ms(500)
        assert running.modem.socket.waiting() == 2
        assert (running.client.received, running.client.handled) == (1, 0)
        await sleep_ms(3000)
        assert order == [b"a", b"a", b"b", b"b", b"c", b"c"]


async def test_who_may_send():
    async with Running() as running:
        for host in ("100.64.0.1", "100.127.255.255"):
            running.modem.socket.arrive(b"in", host)
        for host in ("100.63.255.255", "8.8.8.8", "fe80::1"):
            running.modem.socket.arrive(b"out", host)
        running.modem.socket.arrive(b"unknown", "", 0)
        await sleep_ms(10)
        client = running.client
        assert [command.payload for command in running.commands] == [b"in", b"in"]
        assert (client.received, client.dropped_foreign, client.unknown_sender) == (2, 4, 1)
    async with Running(accept_from=None) as running:
        running.modem.socket.arrive(b"anyone", "8.8.8.8")
        running.modem.socket.arrive(b"unknown", "", 0)
        await sleep_ms(10)
        assert running.client.received == 2
        assert running.commands[1].source == ("", 0)
    async with Running(accept_from="8.8.8.0/24") as running:
        running.modem.socket.arrive(b"out", "100.64.0.1")
        await sleep_ms(10)
        assert running.client.dropped_foreign == 1


async def test_sizes():
    told = []
    async with Running() as running:
        running.client.on_error(lambda command, error: told.append((command, str(error))))
        running.modem.socket.arrive(b"x" * 1301)
        running.modem.socket.arrive(b"y" * 1300)
        running.modem.socket.arrive(b"")
        await sleep_ms(10)
        client = running.client
        assert [len(command.payload) for command in running.commands] == [1300]
        assert client.health()["empty"] == 1
        assert client.dropped_too_long == 1
        assert told == [(None, "payload has 1301 bytes, at most 1300 fit: send it in parts")]
        await client.send(b"z" * 1300)
        await client.send(memoryview(b"memory"))
        await client.send("✓")
        sent = [payload for payload, _, _ in running.modem.socket.sent]
        assert sent == [b"z" * 1300, b"memory", b"\xe2\x9c\x93"]
        with raises(PayloadTooLong, "1301", "1300"):
            await client.send(b"z" * 1301)
        with raises(PayloadTooLong, "1302"):
            await client.send("ü" * 651)
        assert client.sent == 3
    async with Running(ScriptedModem(max_payload=512)) as running:
        with raises(PayloadTooLong, "513", "512"):
            await running.client.send(b"z" * 513)
        assert running.modem.socket.sent == []


async def test_wrong_arguments_are_refused_before_anything_is_sent():
    modem = ScriptedModem()
    for port in (0, 65536, "4242"):
        with raises(InvalidValue, "port"):
            IpCommandClient(modem, port)
    for network in ("carrier", "100.64.0.1/10", ""):
        with raises(InvalidValue, "100.64.0.0/10"):
            IpCommandClient(modem, 4242, accept_from=network)
    client = IpCommandClient(modem, 4242)
    with raises(InvalidValue, "@client.on_command"):
        await client.run()
    with raises(InvalidValue, "decorate a function"):
        client.on_command(None)
    client.on_command(print)
    with raises(InvalidValue, "one handler"):
        client.on_command(print)
    client.on_error(print)
    with raises(InvalidValue, "one error handler"):
        client.on_error(print)
    for payload in (b"", "", 7, None):
        with raises(InvalidValue, "payload"):
            await client.send(payload)
    with raises(InvalidValue, "port"):
        await client.send(b"x", port=0)
    assert modem.calls == []


async def test_a_failing_handler_is_reported_and_the_next_command_served():
    handled = []

    def handle(command):
        if command.payload == b"bad":
            raise ValueError("cannot do that")
        handled.append(command.payload)

    running = Running(handler=handle)
    seen = []

    @running.client.on_error
    async def report(command, error):
        await sleep_ms(50)
        seen.append((command.payload, str(error)))

    async with running:
        for payload in (b"bad", b"good"):
            running.modem.socket.arrive(payload)
        await sleep_ms(200)
        assert seen == [(b"bad", "cannot do that")]
        assert handled == [b"good"]
        assert (running.client.handled, running.client.failed) == (1, 1)


async def test_a_failing_error_handler_does_not_end_it_either():
    def handle(command):
        raise ValueError("first fault")

    running = Running(handler=handle)

    @running.client.on_error
    def report(command, error):
        raise KeyError("second fault")

    async with running:
        running.modem.socket.arrive(b"1")
        running.modem.socket.arrive(b"2")
        await sleep_ms(200)
        assert running.client.failed == 2
        text = "\n".join(running.lines)
        assert "on_error itself failed: KeyError" in text
        assert "handler failed on <IpCommand 1 bytes from 100.64.0.1:6969>" in text
        assert "first fault" in text


async def test_a_cancellation_inside_the_handler_is_a_failure_like_any_other():
    async def handle(command):
        if command.payload == b"cancel":
            helper = asyncio.create_task(sleep_ms(1000))
            await sleep_ms(1)
            helper.cancel()
            await helper

    async with Running(handler=handle) as running:
        running.modem.socket.arrive(b"cancel")
        running.modem.socket.arrive(b"next")
        await sleep_ms(100)
        assert (running.client.failed, running.client.handled) == (1, 1)


async def test_sending_without_a_connection_is_bounded():
    client = IpCommandClient(ScriptedModem(), 4242)
    start = ticks_ms()
    with raises(NotAttached, "IDLE", "is client.run() running?"):
        await client.send(b"x")
    assert ticks_diff(ticks_ms(), start) == 60000
    modem = ScriptedModem([("attach", NotAttached("+CEREG: 3"))] * 50)
    client = IpCommandClient(modem, 4242, log=print)
    client.on_command(print)
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    with raises(NotAttached, "NotAttached: +CEREG: 3"):
        await client.send(b"x", timeout_ms=30000)
    await client.close()
    await task
    with raises(SocketClosed, "closed"):
        await client.send(b"x")
    with raises(SocketClosed, "closed"):
        await client.wait_ready(1000)


async def test_a_message_that_meets_a_lost_socket_goes_out_on_the_next():
    async with Running() as running:
        first = running.modem.socket
        first.send_errors.append(SocketClosed("PDP context lost"))
        first.arrive(SocketClosed("PDP context lost"))
        await running.client.send(b"important")
        assert first.sent == []
        assert running.modem.socket.sent == [(b"important", "100.64.0.1", 6969)]
        assert (running.client.sent, running.client.reopened) == (1, 1)


async def test_sending_from_the_handler_while_the_socket_is_lost():
    async def handle(command):
        await running.client.send(b"answer")

    running = Running(handler=handle)
    async with running:
        first = running.modem.socket
        first.send_errors.append(SocketClosed("gone"))
        first.arrive(b"command")
        await sleep_ms(10000)
        assert running.modem.socket is not first
        assert running.modem.socket.sent == [(b"answer", "100.64.0.1", 6969)]
        assert (running.client.handled, running.client.failed) == (1, 0)


async def test_a_refused_message_is_the_callers_to_know():
    async with Running() as running:
        running.modem.socket.send_errors.append(SendFailed("no"))
        with raises(SendFailed):
            await running.client.send(b"x")
        assert (running.client.sent, running.client.reopened) == (0, 0)
        await running.client.send(b"x")
