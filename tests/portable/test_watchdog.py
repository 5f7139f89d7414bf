"""A watchdog is fed while the client gets on, and no longer."""

import asyncio

from ip_commands.device import IpCommandClient
from ip_commands.device.watchdog import feed_while_well


class StillClient:
    """What of a client the feeding looks at."""

    def __init__(self, state="SERVING"):
        self.state = state
        self.received = self.handled = self.failed = self.sent = self.held = 0


class Watchdog:
    def __init__(self, then=None):
        self.fed = 0
        self.then = then

    def feed(self):
        self.fed += 1
        if self.then:
            self.then(self.fed)


def run(client, then=None, patience_ms=100):
    """Feed every 10 ms, at most a second; return how often, and whether it ended by itself."""
    dog = Watchdog(then)

    async def main():
        feeding = asyncio.create_task(feed_while_well(client, dog.feed, 10, patience_ms))
        for _ in range(50):
            await asyncio.sleep(0.02)
            if feeding.done():
                return True
        feeding.cancel()
        return False

    ended = asyncio.run(main())
    return dog.fed, ended


def test_fed_while_it_is_seen_to_listen_or_sleeps():
    client = StillClient("SERVING")

    def hold(fed):
        client.held += fed % 4 == 0

    for fed, ended in (run(client, hold), run(StillClient("SLEEPING"))):
        assert fed > 20, fed
        assert not ended


def test_sends_and_datagrams_are_progress():
    for name in ("sent", "received"):
        client = StillClient("SERVING")

        def get_on(fed, client=client, name=name):
            if fed % 4 == 0:
                setattr(client, name, getattr(client, name) + 1)
                client.handled = client.received

        fed, ended = run(client, get_on)
        assert fed > 20, fed
        assert not ended


def test_states_that_come_and_go_are_no_progress():
    for states in (("SERVING", "WAITING"), ("SLEEPING", "STARTING", "SERVING", "WAITING")):
        client = StillClient(states[0])

        def flap(fed, client=client, states=states):
            client.state = states[fed // 2 % len(states)]

        fed, ended = run(client, flap)
        assert ended, states
        assert fed <= 16, fed


def test_not_fed_for_ever_while_it_does_not_listen():
    for state in ("IDLE", "STARTING", "ATTACHING", "OPENING", "WAITING", "SERVING"):
        fed, ended = run(StillClient(state))
        assert ended, state
        assert 2 <= fed <= 11, (state, fed)


def test_fed_when_it_comes_back_in_time():
    client = StillClient("WAITING")

    def come_back_now_and_then(fed):
        client.state = "SERVING" if fed % 4 == 0 else "WAITING"
        client.held += fed % 4 == 0

    fed, ended = run(client, come_back_now_and_then)
    assert not ended
    assert fed > 20, fed


def test_a_handler_that_hangs_ends_it():
    client = StillClient()
    client.received = 7
    client.handled, client.failed = 4, 2
    fed, ended = run(client)
    assert ended
    assert 2 <= fed <= 12, fed


def test_handlers_that_return_do_not():
    client = StillClient()
    client.received = 1

    def next_command(fed):
        if fed % 4 == 0:
            client.received += 1
            client.handled += 1
            client.held += 1

    _, ended = run(client, next_command)
    assert not ended


def test_a_closed_client_ends_it_at_once():
    fed, ended = run(StillClient("CLOSED"))
    assert (fed, ended) == (0, True)


def test_a_client_has_what_it_looks_at():
    class Modem:
        pass

    client = IpCommandClient(Modem(), 4242, log=print)
    fed, ended = run(client)
    assert client.state == "IDLE"
    assert ended
    assert fed
