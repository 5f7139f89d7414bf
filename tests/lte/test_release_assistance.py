"""A device says with a datagram what follows it, and a willing network lets it go early."""

import pytest

from tests.lte.network_bench import Bench

AS_RAI_MS, INACTIVITY_MS = 300, 10_000
MORE, LAST, ONE_RESPONSE = 0, 1, 2


class Talker(Bench):
    """A bench whose network is willing, unless told otherwise."""

    def __init__(self, as_rai: bool = True) -> None:
        super().__init__(as_rai=as_rai)
        self.idle()

    def say(self, assistance: int | None = None) -> None:
        assert self.ue.send_udp(b"up", 1, "100.64.0.1", 6969, assistance)

    def connected_for_ms(self) -> int:
        """Return how long the connection outlives the last datagram."""
        self.run(seconds=30)
        released = self.listener.times("rrc", False)[-1]
        return released - self.ue.rrc.bearer.last_activity_ms


@pytest.mark.parametrize(
    ("as_rai", "said", "released_after_ms"),
    [
        (True, [None], AS_RAI_MS),  # a host that never says anything: the profile alone
        (True, [LAST], AS_RAI_MS),
        (True, [MORE], INACTIVITY_MS),
        (True, [ONE_RESPONSE], INACTIVITY_MS),  # the response never comes
        (True, [LAST, None], INACTIVITY_MS),  # who says it once is heard each time
        (True, [None, LAST], AS_RAI_MS),
        (True, [MORE, LAST], AS_RAI_MS),
        (True, [LAST, MORE], INACTIVITY_MS),
        (False, [None], INACTIVITY_MS),
        (False, [LAST], INACTIVITY_MS),  # the network does not listen
        (False, [ONE_RESPONSE], INACTIVITY_MS),
    ],
)
def test_the_connection_ends_as_the_device_says(as_rai, said, released_after_ms) -> None:
    bench = Talker(as_rai)
    for word in said:
        bench.say(word)
    assert bench.connected_for_ms() == released_after_ms


def test_it_is_heard_anew_in_each_connection() -> None:
    bench = Talker()
    for word, released_after_ms in ((LAST, AS_RAI_MS), (None, INACTIVITY_MS), (LAST, AS_RAI_MS)):
        bench.say(word)
        assert bench.connected_for_ms() == released_after_ms


def test_a_release_that_was_far_away_comes_near() -> None:
    bench = Talker()
    bench.say(MORE)
    bench.run(seconds=5)
    assert bench.ue.rrc_connected
    bench.say(LAST)
    bench.run(seconds=1)
    assert not bench.ue.rrc_connected


def test_one_response_ends_it() -> None:
    bench = Talker()
    bench.say(ONE_RESPONSE)
    bench.run(seconds=5)
    assert bench.ue.rrc_connected
    response = bench.send()
    bench.run(seconds=1)
    assert response.outcome == "delivered"
    assert not bench.ue.rrc_connected


def test_a_response_that_comes_too_late_is_paged_for() -> None:
    bench = Talker()
    bench.say(LAST)
    bench.run(seconds=2)
    response = bench.send()
    bench.run(seconds=10)
    assert response.outcome == "delivered"
    assert "paged" in [entry.event for entry in response.trail]


def test_it_can_be_said_after_the_last_datagram() -> None:
    bench = Talker()
    bench.say(MORE)
    bench.run(seconds=3)
    bench.ue.assist_release()
    bench.run(ms=1)
    assert not bench.ue.rrc_connected
    connections = len(bench.listener.times("rrc", True))
    bench.ue.assist_release()  # idle: there is nothing to release
    bench.run(minutes=1)
    assert len(bench.listener.times("rrc", True)) == connections


def test_nobody_hears_it_while_the_link_is_lost() -> None:
    bench = Talker()
    bench.say(MORE)
    bench.run(seconds=3)
    bench.ue.lose_coverage()
    bench.ue.assist_release()
    bench.run(ms=500)
    bench.ue.find_coverage()
    bench.run(seconds=5)
    assert bench.ue.rrc_connected


def test_it_goes_with_the_datagram_that_waits_for_the_connection() -> None:
    bench = Talker()
    bench.say(MORE)
    bench.say(LAST)
    assert not bench.ue.rrc_connected
    assert bench.connected_for_ms() == AS_RAI_MS


@pytest.mark.parametrize("wrong", [3, -1, "last"])
def test_anything_else_is_refused(wrong) -> None:
    bench = Talker()
    with pytest.raises(ValueError, match="one of"):
        bench.say(wrong)


@pytest.mark.parametrize("after_ms", [0, 150])
@pytest.mark.parametrize("said", [None, MORE])
def test_it_is_remembered_while_the_datagram_waits_for_its_connection(after_ms, said) -> None:
    bench = Talker()
    bench.say(MORE)  # from then on what is not said does not count
    bench.run(minutes=1)
    bench.say(said)
    bench.run(ms=after_ms)
    assert bench.ue.state == "connecting"
    bench.ue.assist_release()
    assert bench.connected_for_ms() == AS_RAI_MS


def test_and_while_it_waits_for_a_link_that_was_lost() -> None:
    bench = Talker()
    bench.say(MORE)
    bench.run(seconds=3)
    assert bench.ue.rrc_connected
    bench.ue.lose_coverage()
    bench.say(MORE)
    bench.ue.assist_release()
    bench.run(ms=500)
    bench.ue.find_coverage()
    assert bench.connected_for_ms() == AS_RAI_MS
