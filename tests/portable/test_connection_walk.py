"""Every state meets every failure: the client goes on, says so, and stays within its table."""

import asyncio

from ip_commands.device import (
    CommandError,
    InvalidValue,
    IpCommandClient,
    ModemAsleep,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    SocketClosed,
)
from ip_commands.device.portable import sleep_ms
from tests.portable.connection_states import STATES, StatesSeen
from tests.portable.scripted_modem import ScriptedModem

FAILURES = (
    lambda: ModemTimeout("+X", 5000),
    lambda: ModemAsleep("the modem sleeps in PSM"),
    lambda: ModemRestarted("RDY"),
    lambda: NotAttached("denied"),
    lambda: SocketClosed("gone"),
    lambda: CommandError("+X", "ERROR"),
    lambda: MemoryError("heap"),
    lambda: AssertionError("a bug"),
    lambda: OSError(5),
    lambda: InvalidValue("garbled"),
)
# where it strikes -> the state it strikes in
PLACES = {
    "start": "STARTING",
    "attach": "ATTACHING",
    "open_udp": "OPENING",
    "receive": "SERVING",
    "check_link": "SERVING",
    "find": "WAITING",
    "is_awake": "SLEEPING",
    "sleep_ms": "SERVING",
    "sleep_is_due": "SERVING",
}


class SleepyModem(ScriptedModem):
    """Sleeps for an hour when it says so; ``due`` is what a silence means then."""

    asleep_ms = 3600000
    due = False
    strike = None  # (name of the question, what it raises)

    def _struck(self, name):
        if self.strike and self.strike[0] == name:
            error = self.strike[1]
            self.strike = None
            raise error

    async def is_awake(self):
        self._struck("is_awake")
        return False

    def sleep_ms(self):
        self._struck("sleep_ms")
        return self.asleep_ms

    def sleep_is_due(self):
        self._struck("sleep_is_due")
        return self.due


async def _walk(place, error, due):
    modem = SleepyModem()
    modem.asleep_ms = 3600000
    modem.due = due
    told = []
    seen = StatesSeen()
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, failure: told.append(str(failure)))
    client.on_state(seen.note)
    if place in ("start", "attach", "open_udp"):
        modem.script.append((place, error))
    task = asyncio.create_task(client.run())
    if place not in ("start", "attach", "open_udp"):
        await client.wait_ready(60000)
    if place == "receive":
        modem.socket.arrive(error)
    elif place == "check_link":
        modem.script.append((place, error))
        modem.on_hint()
        modem.socket.arrive(b"x")
    elif place == "find":
        modem.due = False
        modem.script.append((place, error))
        modem.socket.arrive(ModemTimeout("+READ", 5000))
        await sleep_ms(500)
        modem.due = due
    elif place in ("is_awake", "sleep_ms"):
        modem.strike = (place, error)
        modem.socket.arrive(ModemAsleep("the modem sleeps in PSM"))
    elif place == "sleep_is_due":
        modem.strike = (place, error)
        modem.socket.arrive(ModemTimeout("+READ", 5000))
    await sleep_ms(4 * 3600000)  # two periodic updates that were missed
    what = (place, error, due, seen.states)
    assert not seen.forbidden, (seen.forbidden, what)
    assert client.state == "SERVING", what
    assert PLACES[place] in seen.states
    assert len(seen.states) < 60, what  # no loop
    assert told or "SLEEPING" in seen.states or place == "check_link", what
    await client.close()
    await task
    return seen.states


async def test_every_state_survives_every_failure():
    used = set()
    for place in sorted(PLACES):
        for make in FAILURES:
            error = make()
            if isinstance(error, InvalidValue) and place in ("attach", "open_udp"):
                continue  # a demand that can never be met
            for due in (False, True):
                states = await _walk(place, make(), due)
                for number in range(1, len(states)):
                    used.add((states[number - 1], states[number]))
    # and each edge of the table is one that happens
    rare = (("WAITING", "WAITING"), ("SLEEPING", "SLEEPING"), ("SLEEPING", "ATTACHING"))
    for before in STATES:
        for after in STATES[before].split():
            assert (before, after) in used or (before, after) in rare, (before, after)


async def test_a_failure_that_comes_again_and_again_while_it_sleeps_is_no_loop():
    modem = SleepyModem()
    modem.asleep_ms = 0  # asks at once whether it is awake

    async def is_awake():
        raise MemoryError("heap")

    modem.is_awake = is_awake
    told = []
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: told.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(ModemAsleep("the modem sleeps in PSM"))
    await sleep_ms(2000)
    assert 0 < len(told) < 5
    assert told[0].startswith("MemoryError: heap; next: ")
    await client.wait_ready(60000)
    await client.close()
    await task


async def test_a_handler_that_returns_wakes_no_modem_and_ends_no_pause():
    for failure, state in (
        (ModemAsleep("the modem sleeps in PSM"), "SLEEPING"),
        (None, "WAITING"),
    ):
        modem = SleepyModem()
        modem.asleep_ms = 3600000

        async def slow(command):
            await sleep_ms(20000)

        client = IpCommandClient(modem, 4242, log=lambda line: None)
        client.on_command(slow)
        client.on_error(lambda command, error: None)
        task = asyncio.create_task(client.run())
        await client.wait_ready(60000)
        if failure is None:
            modem.script = [("start", ModemRestarted("RDY"))] * 8
            failure = ModemRestarted("RDY")
        modem.socket.arrive(b"x")
        await sleep_ms(1000)
        modem.socket.lost = True
        modem.socket.arrive(failure)
        modem.socket.on_loss()
        await sleep_ms(17900)
        assert client.state == state
        starts = modem.names().count("start")
        await sleep_ms(5000)  # the handler has returned
        assert client.handled == 1
        assert client.state == state
        assert modem.names().count("start") == starts
        await client.close()
        await task


async def test_a_modem_that_talks_in_its_sleep_but_never_answers_is_started():
    modem = SleepyModem()
    modem.asleep_ms = 86400000
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(ModemAsleep("silent"))
    await sleep_ms(1000)
    for _ in range(3):  # its last words
        modem.on_hint()
        await sleep_ms(100000)
        assert client.state == "SLEEPING"
    modem.on_hint()
    await sleep_ms(100000)
    assert client.state == "SERVING"
    await client.close()
    await task


async def test_hints_cut_one_of_two_pauses_short_and_no_more():
    modem = ScriptedModem([("attach", NotAttached("no data connection"))] * 200)
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    for _ in range(720):
        await sleep_ms(5000)
        modem.on_hint()
    # 300 s and more each when nothing is said; half of them may be cut
    assert 12 <= modem.names().count("attach") <= 40, modem.names().count("attach")
    await client.close()
    await task


async def test_a_hint_ends_a_pause_of_minutes_at_once():
    modem = ScriptedModem([("attach", NotAttached("no coverage"))] * 200)
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: None)
    task = asyncio.create_task(client.run())
    await sleep_ms(3600000)
    assert client.state == "WAITING"
    modem.script.clear()
    modem.on_hint()
    await sleep_ms(10000)
    assert client.state == "SERVING"
    await client.close()
    await task
