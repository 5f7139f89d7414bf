"""The default bearer comes in the Attach Accept (TS 23.401 5.3.2.1)."""

from ip_commands.host_sim.lte.refusals import Refusal
from tests.lte.network_bench import Bench


def attaching(**overrides) -> Bench:
    """Switch a device on whose modem asks for a default bearer."""
    bench = Bench(**overrides)
    bench.listener.default_apn = "super"
    bench.ue.switch_on()
    return bench


def _heard(bench: Bench) -> list[tuple[str, object]]:
    return [(what, value) for _, what, value in bench.listener.heard if what != "power_saving"]


def test_the_address_is_there_when_the_device_is_registered() -> None:
    bench = attaching()
    bench.run(seconds=30)
    assert _heard(bench)[:4] == [
        ("registration", None),
        ("rrc", True),
        ("pdp", True),
        ("registration", None),
    ]
    (pdp_ms,) = bench.listener.times("pdp", True)
    assert bench.listener.times("registration")[-1] == pdp_ms
    assert bench.ue.ip_address is not None
    assert bench.send().outcome == "waiting"
    bench.run(seconds=5)
    assert bench.listener.payloads


def test_a_modem_that_asks_for_none_attaches_without() -> None:
    bench = Bench()
    bench.ue.switch_on()
    bench.run(seconds=30)
    assert bench.ue.registration == 5
    assert bench.ue.ip_address is None


def test_it_comes_again_with_every_attach() -> None:
    bench = attaching()
    bench.run(seconds=30)
    before = bench.ue.ip_address
    bench.network.home.detach(bench.ue, "the test wants it")
    bench.run(minutes=2)
    assert bench.ue.registration == 5
    assert bench.ue.ip_address not in (None, before)


def _count_requests(bench: Bench) -> list[str]:
    asked: list[str] = []
    decide = bench.network.home.decide_session

    def count(ue, apn) -> Refusal | None:
        asked.append(apn)
        return decide(ue, apn)

    bench.network.home.decide_session = count
    return asked


def test_an_apn_that_is_kept_up_is_that_of_the_default_bearer() -> None:
    bench = Bench(session_reject=34)  # a cause without a back-off: nothing but sense holds it back
    asked = _count_requests(bench)
    bench.listener.default_apn = "elsewhere"
    bench.ue.connect("super")
    bench.run(minutes=2)
    assert (bench.ue.registration, bench.ue.ip_address, asked) == (5, None, ["super"])


def test_refused_it_leaves_the_device_attached_and_is_asked_for_once() -> None:
    bench = Bench(session_reject=33)
    asked = _count_requests(bench)
    bench.listener.default_apn = "super"
    bench.ue.switch_on()
    bench.run(seconds=30)
    assert (bench.ue.registration, bench.ue.ip_address, asked) == (5, None, ["super"])
    assert bench.listener.times("pdp", False)
    assert bench.ue.last_refusal is not None
    assert (bench.ue.last_refusal.layer, bench.ue.last_refusal.cause) == ("ESM", 33)
    bench.ue.lose_coverage()
    bench.run(seconds=30)
    bench.network.home.detach(bench.ue, "the test wants it")
    bench.ue.find_coverage()
    bench.run(minutes=5)  # within the 12 minutes of T3396
    assert bench.ue.registration == 5
    assert asked == ["super"]


def test_a_refusal_that_changes_no_registration_is_told() -> None:
    bench = Bench(attach_reject=17)
    bench.ue.switch_on()
    bench.run(seconds=7)
    assert bench.ue.registration == 2
    assert len(bench.listener.times("registration")) == 2  # searching, and refused
