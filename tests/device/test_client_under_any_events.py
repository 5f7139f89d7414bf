"""The client against a model of itself: any mixture of commands, losses, faults and sends."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ip_commands.device import (
    IpCommandClient,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    SocketClosed,
)
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.portable.scripted_modem import ScriptedModem

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("command"), st.integers(0, 3000)),
        st.tuples(st.sampled_from(["foreign", "bad", "too long", "send"]), st.just(0)),
        st.tuples(st.just("lost"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(0, 5000)),
    ),
    max_size=25,
)
LOSSES = (SocketClosed, ModemRestarted, NotAttached)


async def _play(events, script):
    modem = ScriptedModem(script)
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    expected: list[bytes] = []
    handled: list[bytes] = []
    counts = dict.fromkeys(("foreign", "bad", "too long", "send"), 0)
    running_handlers = 0

    @client.on_command
    async def handle(command):
        nonlocal running_handlers
        running_handlers += 1
        assert running_handlers == 1, "two commands at a time"
        handled.append(command.payload)
        try:
            kind, _, handler_ms = command.text().split(":")
            await asyncio.sleep(int(handler_ms) / 1000)
            if kind == "bad":
                raise ValueError("bad command")
        finally:
            running_handlers -= 1

    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    for number, (event, value) in enumerate(events):
        await client.wait_ready(3_600_000)
        if event in ("command", "bad"):
            payload = b"%s:%d:%d" % (event.encode(), number, value)
            expected.append(payload)
            modem.socket.arrive(payload)
        elif event == "foreign":
            modem.socket.arrive(b"x", "203.0.113.5")
        elif event == "too long":
            modem.socket.arrive(b"x" * 1301)
        elif event == "send":
            await client.send(b"message")
        elif event == "wait":
            await asyncio.sleep(value / 1000)
        else:
            # as a modem does: what it holds is read before the loss is noticed
            while modem.socket.waiting() or running_handlers:  # noqa: ASYNC110  virtual time
                await asyncio.sleep(0.1)
            modem.socket.arrive(LOSSES[value]("lost"))
            await asyncio.sleep(0.01)
        if event in counts:
            counts[event] += 1
    await client.wait_ready(3_600_000)
    while modem.socket.waiting() or running_handlers:  # noqa: ASYNC110  virtual time
        await asyncio.sleep(0.1)
    await client.close()
    await task
    assert handled == expected
    assert client.received == len(expected)
    assert client.failed == counts["bad"]
    assert client.handled == len(expected) - counts["bad"]
    assert client.dropped_foreign == counts["foreign"]
    assert client.dropped_too_long == counts["too long"]
    assert client.sent == counts["send"] == sum(len(socket.sent) for socket in modem.sockets)
    assert client.reopened == len(modem.sockets) - 1
    assert all(socket.closed for socket in modem.sockets)
    assert len(asyncio.all_tasks()) == 1


@settings(max_examples=60, deadline=None)
@given(
    events=EVENTS, failures=st.lists(st.sampled_from(["start", "attach", "open_udp"]), max_size=4)
)
@example(events=[("command", 3000), ("send", 0), ("lost", 0), ("bad", 0)], failures=["open_udp"])
def test_every_command_is_handled_once_and_in_order(events, failures):
    script = [(name, ModemTimeout("+X", 300)) for name in failures]
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_play(events, script))
