"""The way up, the way down and the end: Connection under IpCommandClient, in virtual time."""

import asyncio

from ip_commands.device import (
    CommandError,
    InvalidValue,
    IpCommandClient,
    ModemAsleep,
    ModemClosed,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from tests.portable.connection_states import STATES
from tests.portable.raises import raises
from tests.portable.scripted_modem import ScriptedModem


def _client(modem, lines):
    client = IpCommandClient(modem, 4242, log=lines.append)
    client.on_command(lambda command: lines.append(command.payload))
    return client


async def _finish(client, task):
    await client.close()
    await task


def test_the_table_of_states():
    table = STATES
    assert sorted(table) == [
        "ATTACHING",
        "CLOSED",
        "IDLE",
        "OPENING",
        "SERVING",
        "SLEEPING",
        "STARTING",
        "WAITING",
    ]
    reached = set()
    for next_states in table.values():
        for state in next_states.split():
            assert state in table
            reached.add(state)
    assert reached == set(table) - {"IDLE", "CLOSED"}


async def test_every_failure_opens_it_again():
    for call, error, calls_again in (
        ("start", ModemTimeout("", 1000), ["start", "attach", "open_udp"]),
        ("attach", NotAttached("denied"), ["attach", "open_udp"]),
        ("attach", CommandError("+CGATT=1", "ERROR"), ["start", "attach", "open_udp"]),
        ("open_udp", CommandError("+QIOPEN", "+CME ERROR: 3"), ["start", "attach", "open_udp"]),
        ("open_udp", SocketClosed("port in use"), ["attach", "open_udp"]),
    ):
        modem = ScriptedModem([(call, error)])
        client = _client(modem, [])
        failures = []
        client.on_error(lambda command, error, to=failures: to.append((command, error)))
        task = asyncio.create_task(client.run())
        await client.wait_ready(60000)
        until_failure = ["start", "attach", "open_udp"]
        until_failure = until_failure[: until_failure.index(call) + 1]
        assert modem.names() == until_failure + calls_again, call
        assert failures == [(None, error)]
        assert client.reason.startswith(type(error).__name__)
        assert client.reopened == 0
        await _finish(client, task)


async def test_a_socket_lost_while_serving():
    for error, calls_again in (
        (SocketClosed("PDP context deactivated"), ["attach", "open_udp"]),
        (ModemRestarted("RDY"), ["start", "attach", "open_udp"]),
    ):
        modem = ScriptedModem()
        lines = []
        client = _client(modem, lines)
        task = asyncio.create_task(client.run())
        await client.wait_ready(60000)
        first = modem.socket
        first.arrive(error)
        await sleep_ms(1)
        assert client.state == "WAITING"
        assert first.closed == 1
        await client.wait_ready(60000)
        assert modem.names() == ["start", "attach", "open_udp"] + calls_again
        assert client.reopened == 1
        modem.socket.arrive(b"served again")
        await sleep_ms(1)
        assert b"served again" in lines
        await _finish(client, task)


async def test_pauses_grow_and_are_bounded():
    modem = ScriptedModem([("start", ModemTimeout("", 1000))] * 14)
    client = _client(modem, [])
    client.on_error(lambda command, error: starts.append(ticks_ms()))
    starts = []
    task = asyncio.create_task(client.run())
    await client.wait_ready(3 * 3600 * 1000)
    pauses_s = [
        (ticks_diff(starts[i + 1], starts[i]) - 100) // 1000 for i in range(len(starts) - 1)
    ]
    for i, least_s in enumerate((1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300)):
        assert least_s <= pauses_s[i] <= least_s * 5 // 4 + 1, pauses_s  # not all devices at once
    assert max(pauses_s) <= 375, pauses_s
    await _finish(client, task)


async def test_a_socket_that_flaps_waits_longer_each_time_one_that_held_does_not():
    modem = ScriptedModem()
    client = _client(modem, [])
    task = asyncio.create_task(client.run())

    async def fall_after(ms):
        await client.wait_ready(600000)
        await sleep_ms(ms)
        modem.socket.arrive(SocketClosed("lost"))
        await sleep_ms(1)
        start = ticks_ms()
        await client.wait_ready(600000)
        return ticks_diff(ticks_ms(), start) // 1000

    for least_s in (1, 2, 4):
        assert least_s <= await fall_after(10) <= least_s * 2
    assert await fall_after(61000) == 1
    await _finish(client, task)


async def test_waiting_for_a_socket_that_never_holds_is_bounded():
    modem = ScriptedModem()
    open_udp = modem.open_udp

    async def open_and_lose(local_port):
        socket = await open_udp(local_port)
        socket.arrive(SocketClosed("lost at once"))
        return socket

    modem.open_udp = open_and_lose
    client = _client(modem, [])
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    start = ticks_ms()
    with raises(NotAttached, "lost at once"):
        await client.wait_ready(20000)
    assert ticks_diff(ticks_ms(), start) == 20000
    assert client.reopened >= 3
    await _finish(client, task)


async def test_the_end_of_the_stream_ends_run_with_that_error():
    for call in ("start", "attach", "open_udp"):
        client = _client(ScriptedModem([(call, ModemClosed("unplugged"))]), [])
        with raises(ModemClosed, "unplugged"):
            await client.run()
        assert client.state == "CLOSED"
        with raises(ModemClosed, "unplugged"):
            await client.send(b"x")
        await client.close()
    modem = ScriptedModem()
    client = _client(modem, [])
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(ModemClosed("unplugged"))
    with raises(ModemClosed, "unplugged"):
        await task
    assert modem.socket.closed == 1
    with raises(InvalidValue, "make a new client"):
        await client.run()


async def test_a_fault_in_the_driver_is_survived_and_told():
    modem = ScriptedModem([("attach", TypeError("a bug")), ("open_udp", IndexError("another"))])
    client = _client(modem, [])
    told = []
    client.on_error(lambda command, error: told.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    assert told == [
        "TypeError: a bug; next: attach in 1 s",
        "IndexError: another; next: start in 2 s",
    ]
    await _finish(client, task)


async def test_what_can_never_work_ends_it():
    client = _client(ScriptedModem([("attach", InvalidValue("no such APN form"))]), [])
    with raises(InvalidValue, "APN"):
        await client.run()


async def test_a_modem_that_hides_senders_is_refused():
    modem = ScriptedModem()
    modem.tells_sender = False
    with raises(InvalidValue, "accept_from=None serves anyone"):
        await _client(modem, []).run()
    assert modem.sockets[0].closed
    lines = []
    client = IpCommandClient(modem, 4242, accept_from=None, log=lines.append)
    client.on_command(lambda command: lines.append(command.payload))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.sockets[-1].arrive(b"from anyone", "", 0)
    await sleep_ms(100)
    assert b"from anyone" in lines
    await _finish(client, task)


async def test_close_at_every_moment():
    for after_ms in (0, 50, 150, 250, 299, 300, 301, 1000):
        modem = ScriptedModem()
        client = _client(modem, [])
        task = asyncio.create_task(client.run())
        await sleep_ms(after_ms)
        await client.close()
        await client.close()
        await task
        assert client.state == "CLOSED"
        assert all(socket.closed for socket in modem.sockets)
        if after_ms:
            with raises(InvalidValue, "make a new client"):
                await client.run()


async def test_close_during_the_pause():
    client = _client(ScriptedModem([("start", ModemTimeout("", 1000))] * 9), [])
    task = asyncio.create_task(client.run())
    await sleep_ms(60000)
    assert client.state == "WAITING"
    start = ticks_ms()
    await client.close()
    await task
    assert ticks_diff(ticks_ms(), start) == 0


async def test_cancelling_run_cleans_up_and_cancels():
    started = []

    async def handle(command):
        started.append(command)
        await sleep_ms(100000)

    for while_handling in (False, True):
        modem = ScriptedModem()
        client = IpCommandClient(modem, 4242)
        client.on_command(handle)
        task = asyncio.create_task(client.run())
        await client.wait_ready(60000)
        if while_handling:
            modem.socket.arrive(b"x")
        await sleep_ms(10)
        assert len(started) == while_handling
        task.cancel()
        with raises(asyncio.CancelledError):
            await task
        assert client.state == "CLOSED"
        assert modem.socket.closed == 1
        assert (client.failed, client.handled) == (0, 0)


async def test_close_lets_a_handler_finish_but_not_for_ever():
    for handler_ms, handled in ((3000, 1), (100000, 0)):
        modem = ScriptedModem()
        client = IpCommandClient(modem, 4242)

        @client.on_command
        async def handle(command, client=client, handler_ms=handler_ms):
            await sleep_ms(handler_ms)
            await client.send(b"finished")

        task = asyncio.create_task(client.run())
        await client.wait_ready(60000)
        modem.socket.arrive(b"one")
        modem.socket.arrive(b"two")
        await sleep_ms(10)
        start = ticks_ms()
        await client.close()
        assert ticks_diff(ticks_ms(), start) <= 10000
        await task
        assert client.handled == handled
        assert len(modem.socket.sent) == handled
        # the other goes with the socket: that is counted
        assert modem.socket.waiting() == 0
        assert client.health()["dropped"] == 1


async def test_the_handler_may_close_the_client():
    modem = ScriptedModem()
    client = IpCommandClient(modem, 4242)
    finished = []

    @client.on_command
    async def handle(command):
        await client.close()
        await sleep_ms(1000)
        finished.append(command.payload)

    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(b"stop")
    await task
    assert finished == [b"stop"]
    assert client.handled == 1


async def test_run_twice():
    client = _client(ScriptedModem(), [])
    task = asyncio.create_task(client.run())
    await sleep_ms(1)
    with raises(InvalidValue, "called before"):
        await client.run()
    await client.wait_ready(60000)
    await _finish(client, task)
    closed_early = _client(ScriptedModem(), [])
    await closed_early.close()
    assert closed_early.state == "CLOSED"
    with raises(SocketClosed, "closed"):
        await closed_early.send(b"x")
    await closed_early.run()


async def test_a_modem_that_fell_silent_keeps_its_socket_until_it_answers():
    modem = ScriptedModem([("find", ModemTimeout("", 1000))] * 4)
    lines = []
    client = _client(modem, lines)
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(ModemTimeout("+READ", 5000))
    modem.socket.arrive(b"held")
    await sleep_ms(100000)
    assert (client.state, b"held" in lines) == ("SERVING", True)
    assert modem.names().count("find") == 5
    assert (len(modem.sockets), modem.socket.closed, client.health()["dropped"]) == (1, 0, 0)
    await _finish(client, task)


async def test_a_socket_that_outlasts_psm_is_kept_and_can_send():
    asleep = ("check_link", ModemAsleep("the radio sleeps"))
    modem = ScriptedModem([asleep, asleep, ("check_link", NotAttached("out of coverage"))])
    client = _client(modem, [])
    states = []
    client.on_state(lambda state, why: states.append(state))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    await sleep_ms(302000)
    assert client.state == "SLEEPING"
    assert client.reason == "ModemAsleep: the radio sleeps; next: ask in 300 s"
    await client.wait_ready(0)
    await client.send(b"wakes it")
    assert len(modem.socket.sent) == 1
    modem.socket.arrive(b"as it slept")
    await sleep_ms(300000)
    assert (client.state, client.handled) == ("SLEEPING", 1)
    del states[:]
    await sleep_ms(400000)
    assert states == ["ATTACHING", "SERVING"]
    assert (len(modem.sockets), client.reopened) == (1, 0)
    await _finish(client, task)


async def test_a_socket_that_is_lost_in_psm_is_no_such_one():
    modem = ScriptedModem([("check_link", ModemAsleep("switched off"))])
    modem.asleep_ms = 3600000
    client = _client(modem, [])
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.lost = True
    await sleep_ms(302000)
    assert (client.state, modem.sockets[0].closed) == ("SLEEPING", 0)
    with raises(NotAttached, "not listening after 50 ms"):
        await client.wait_ready(50)  # it wakes the modem first
    await client.wait_ready(60000)
    assert (len(modem.sockets), modem.sockets[0].closed) == (2, 1)
    await _finish(client, task)


async def test_a_modem_that_falls_silent_again_and_again_is_set_up_anew_and_that_is_told():
    modem = ScriptedModem()
    client = _client(modem, [])
    told = []
    client.on_error(lambda command, error: told.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    for _ in range(4):
        modem.socket.arrive(ModemTimeout("+READ", 5000))
    await sleep_ms(100000)
    assert (client.state, len(modem.sockets)) == ("SERVING", 2)
    assert modem.names().count("find") == 3
    assert "1 datagrams are lost, or may be" in told
    await _finish(client, task)


async def test_what_the_client_does_next_is_told_with_the_failure():
    modem = ScriptedModem()
    client = _client(modem, [])
    told = []
    states = []
    client.on_error(lambda command, error: told.append(str(error)))
    client.on_state(lambda state, reason: states.append((state, reason)))
    assert (client.health()["next"], client.health()["in_s"]) == ("", 0)
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    for error, step in (
        (SocketClosed("it is gone: open a new one"), "attach"),
        (ModemRestarted("it booted: start it again"), "start"),
        (ModemTimeout("+READ", 5000), "find"),
        (NotAttached("denied"), "restart_radio"),
        (SocketClosed("it is gone: open a new one"), "restart_radio"),
        (SocketClosed("it is gone: open a new one"), "power_cycle"),
    ):
        said = str(error)
        modem.socket.arrive(error)
        await sleep_ms(100)
        health = client.health()
        assert (client.state, health["next"]) == ("WAITING", step), said
        text = "%s; next: %s in " % (said, step)
        assert told[-1].startswith(text), told
        in_s = int(told[-1][len(text) :].split(" ")[0])
        assert in_s - 1 <= health["in_s"] <= in_s
        assert health["reason"].endswith(told[-1])
        assert states[-1] == ("WAITING", health["reason"])
        await client.wait_ready(600000)
        assert (client.health()["next"], client.health()["in_s"]) == ("", 0)
    modem.script.append(("check_link", NotAttached("searching")))
    modem.on_hint()
    modem.socket.arrive(b"x")
    await sleep_ms(3000)
    health = client.health()
    assert (client.state, health["next"], health["in_s"]) == ("ATTACHING", "ask", 29)
    assert told[-1] == "searching; next: ask in 30 s"
    await _finish(client, task)


async def test_times_are_right_although_ticks_wrap():
    modem = ScriptedModem()
    modem.asleep_ms = 20 * 86400000

    async def well():
        return None

    modem.check_link = well  # it is asked too often to keep each call
    client = _client(modem, [])
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    for days in (5, 7, 13, 20):  # boards wrap after 12.4 days, differences after 6.2
        before_s = client.health()["seconds"].get("SERVING", 0)
        await sleep_ms(days * 86400000)
        modem.socket.arrive(SocketClosed("gone"))
        await sleep_ms(100)
        await client.wait_ready(600000)
        served_s = client.health()["seconds"]["SERVING"] - before_s
        assert -2 <= served_s - days * 86400 <= 2, (days, served_s)
    modem.socket.arrive(ModemAsleep("PSM"))
    await sleep_ms(13 * 86400000)
    assert client.state == "SLEEPING"
    in_s = client.health()["in_s"]
    assert 7 * 86400 - 60 <= in_s <= 7 * 86400 + 60, in_s
    await client.wait_ready(60000)  # wakes it
    slept_s = client.health()["seconds"]["SLEEPING"]
    assert 13 * 86400 - 60 <= slept_s <= 13 * 86400 + 60, slept_s
    await _finish(client, task)


async def test_what_the_modem_still_holds_at_the_end_is_counted_and_told():
    modem = ScriptedModem()

    async def slow(command):
        await sleep_ms(5000)

    told = []
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(slow)
    client.on_error(lambda command, error: told.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    for _ in range(20):
        modem.socket.arrive(b"x")
    await sleep_ms(1000)
    await client.close()
    await task
    assert (client.handled, client.health()["dropped"]) == (1, 19)
    assert [text for text in told if "are lost, or may be" in text]
