"""Every state that a UE, its MME and its S-GW can be in together, and everything that can happen.

The table that ``test_states_and_events`` walks. A state is a name and how to get a ``Bench``
there; an event is a name and what happens to the device. In states named "... data waits" a
datagram is in the S-GW already.
"""

from collections.abc import Callable

from ip_commands.host_sim.lte import PROFILES, edrx
from tests.lte.network_bench import Bench

State = Callable[[Bench], object]
Event = Callable[[Bench], object]

NETWORKS: dict[str, tuple[str, dict[str, object]]] = {
    "LTE": ("lte", {}),
    "Cat-M1": ("cat-m1", {}),
    "Cat-M1 in deep coverage": ("cat-m1", {"ce_level": 2}),
    "eDRX with HLCOM": ("cat-m1-edrx-hlcom", {}),
    "eDRX without HLCOM": ("cat-m1-edrx", {}),
    "eDRX, paged at the next window": ("cat-m1-edrx", {"page_at_next_ptw_without_hlcom": True}),
    "eDRX of 5.12 s": ("cat-m1-edrx", {"requested_edrx": "0000"}),
    "PSM with HLCOM": ("psm", {"hlcom": True}),
    "PSM without HLCOM": ("psm", {}),
    "NB-IoT": ("nb-iot", {}),
    "release assistance is heard": ("cat-m1", {"as_rai": True}),
    "a slow core": ("cat-m1", {"core_delay_ms": 700}),
    "nobody hears a page": ("cat-m1", {"page_miss": 1.0}),
    "nobody hears a page in eDRX": ("cat-m1-edrx-hlcom", {"page_miss": 1.0}),
}
"""Name -> profile and what differs from it."""


def longest_wait_s(bench: Bench) -> float:
    """Return by when a datagram has its fate, by the rules of its network and with spare time.

    In DRX all pages and a contact; in eDRX with HLCOM the next window, its margin, and that once
    more where a signalling connection came between; in PSM with HLCOM until T3412.
    """
    profile = bench.ue.profile
    contact_s = (profile.connect_ms[2] + profile.tau_ms) * profile.ce_factor / 1000
    quiet_s = 60 + 3 * contact_s + profile.rrc_inactivity_ms / 1000
    cycle_s = 0.0
    if profile.requested_edrx not in (None, "0000"):
        cycle_s = 82 if profile.access == "cat-m1" else 328
    wait_s = quiet_s + 2 * (cycle_s + 30)
    return wait_s + 3600 if profile.hlcom and profile.requested_psm else wait_s


def until(bench: Bench, what: Callable[[], bool], step_ms: int = 10, most_s: float = 4000) -> None:
    """Let time pass until something is so. Raises AssertionError when it never is."""
    for _ in range(int(most_s * 1000 / step_ms)):
        if what():
            return
        bench.run(ms=step_ms)
    raise AssertionError(f"it never came: {bench.ue.explain_state()}")


# -- states ---------------------------------------------------------------------------------------
def off(bench: Bench) -> None:
    pass


def attaching(bench: Bench) -> None:
    bench.ue.connect()
    bench.run(seconds=1)


def attached_without_session(bench: Bench) -> None:
    bench.ue.switch_on()
    until(bench, lambda: bench.ue.registration == 5)
    until(bench, lambda: not bench.ue.rrc_connected)


def just_attached(bench: Bench) -> None:
    bench.ue.connect()
    until(bench, lambda: bench.ue.ip_address is not None)


def idle(bench: Bench) -> None:
    just_attached(bench)
    until(bench, lambda: not bench.ue.rrc_connected)


def connecting_to_send(bench: Bench) -> None:
    idle(bench)
    bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(ms=50)
    assert bench.ue.rrc.is_connecting


def connected(bench: Bench) -> None:
    connecting_to_send(bench)
    until(bench, lambda: bench.ue.rrc_connected)


def connected_for_long(bench: Bench) -> None:
    connected(bench)
    bench.run(ms=bench.ue.profile.rrc_inactivity_ms - 100)


def connecting_for_a_tau(bench: Bench) -> None:
    idle(bench)
    bench.ue.emm.update()
    bench.run(ms=50)
    assert bench.ue.rrc.is_connecting
    assert bench.ue.rrc.signalling_only


def in_a_tau(bench: Bench) -> None:
    connecting_for_a_tau(bench)
    until(bench, lambda: bench.ue.rrc_connected)
    assert bench.ue.rrc.signalling_only


def in_a_tau_data_waits(bench: Bench) -> None:
    in_a_tau(bench)
    bench.send(b"waits")


def in_a_tau_with_user_plane(bench: Bench) -> None:
    connected(bench)
    bench.ue.emm.update()
    bench.run(ms=50)


def idle_data_waits(bench: Bench) -> None:
    idle(bench)
    bench.send(b"waits")


def paged(bench: Bench) -> None:
    """Inside a window, where there are any: the first page is on its way."""
    idle(bench)
    windows = bench.ue.windows
    if windows is not None:
        bench.run(ms=edrx.next_window(windows, bench.now_ms).start_asf + 10 - bench.now_ms)
    bench.send(b"waits")


def answering_a_page(bench: Bench) -> None:
    paged(bench)
    bench.run(ms=1400)


def tau_due_while_paged(bench: Bench) -> None:
    paged(bench)
    bench.ue.emm.update()


def asleep(bench: Bench) -> None:
    """In PSM, where there is one, else long idle."""
    idle(bench)
    bench.run(seconds=100)


def asleep_data_waits(bench: Bench) -> None:
    asleep(bench)
    bench.send(b"waits")


def out_of_coverage(bench: Bench) -> None:
    idle(bench)
    bench.ue.lose_coverage()
    bench.run(seconds=5)


def out_of_coverage_data_waits(bench: Bench) -> None:
    out_of_coverage(bench)
    bench.send(b"waits")


def coverage_just_lost_in_a_connection(bench: Bench) -> None:
    connected(bench)
    bench.send(b"on the air")
    bench.ue.lose_coverage()
    bench.run(ms=300)


def coverage_lost_in_a_connection(bench: Bench) -> None:
    connected(bench)
    bench.ue.lose_coverage()
    bench.run(seconds=5)


def coverage_lost_long_ago_in_a_connection(bench: Bench) -> None:
    connected(bench)
    bench.ue.lose_coverage()
    bench.run(seconds=40)


def coverage_lost_in_a_tau(bench: Bench) -> None:
    in_a_tau_data_waits(bench)
    bench.ue.lose_coverage()
    bench.run(ms=500)


def power_lost(bench: Bench) -> None:
    idle(bench)
    bench.ue.lose_power()
    bench.run(seconds=1)


def power_lost_in_a_connection(bench: Bench) -> None:
    connected(bench)
    bench.ue.lose_power()
    bench.run(seconds=1)


def silent_for_long(bench: Bench) -> None:
    """After the mobile reachable timer, before the implicit detach."""
    idle(bench)
    bench.ue.lose_power()
    bench.run(ms=bench.ue.context.unreachable_from_ms() + 1000 - bench.now_ms)


def forgotten(bench: Bench) -> None:
    """Detached by the network, and the device does not know."""
    idle(bench)
    bench.ue.lose_coverage()
    until(bench, lambda: not bench.ue.context.registered, step_ms=10_000, most_s=20_000)


def refused(bench: Bench) -> None:
    """Limited service: the network said no, and the device waits to try again."""
    refuse(bench)
    bench.ue.connect()
    until(bench, lambda: bench.ue.state == "limited service")


def detached_while_asleep(bench: Bench) -> None:
    """By the network, and the device learns it at its next contact."""
    asleep(bench)
    bench.network.home.detach(bench.ue, "a test")


def detach_on_its_way(bench: Bench) -> None:
    """A Detach Request, for which an idle device in DRX is being paged."""
    idle(bench)
    bench.network.home.detach(bench.ue, "a test", 17)


def session_ended_unheard(bench: Bench) -> None:
    idle_data_waits(bench)
    bench.network.home.end_session(bench.ue, "a test")


STATES: dict[str, State] = {
    state.__name__.replace("_", " "): state
    for state in (
        off,
        attaching,
        attached_without_session,
        just_attached,
        idle,
        connecting_to_send,
        connected,
        connected_for_long,
        connecting_for_a_tau,
        in_a_tau,
        in_a_tau_data_waits,
        in_a_tau_with_user_plane,
        idle_data_waits,
        paged,
        answering_a_page,
        tau_due_while_paged,
        asleep,
        asleep_data_waits,
        out_of_coverage,
        out_of_coverage_data_waits,
        coverage_just_lost_in_a_connection,
        coverage_lost_in_a_connection,
        coverage_lost_long_ago_in_a_connection,
        coverage_lost_in_a_tau,
        power_lost,
        power_lost_in_a_connection,
        silent_for_long,
        forgotten,
        refused,
        detached_while_asleep,
        detach_on_its_way,
        session_ended_unheard,
    )
}


# -- events ---------------------------------------------------------------------------------------
def fade(bench: Bench) -> None:
    bench.ue.lose_coverage()
    bench.run(ms=300)
    bench.ue.find_coverage()


def lose_coverage_for_seconds(bench: Bench) -> None:
    bench.ue.lose_coverage()
    bench.run(seconds=4)
    bench.ue.find_coverage()


def lose_power_for_seconds(bench: Bench) -> None:
    bench.ue.lose_power()
    bench.run(seconds=2)
    bench.ue.switch_on()


def refuse(bench: Bench) -> None:
    """From now on the network refuses attaches for a passing reason."""
    bench.ue.camping.profile = bench.ue.profile.with_changes(attach_reject=17)


def detach_and_refuse(bench: Bench) -> None:
    bench.network.home.detach(bench.ue, "a test", 8)
    bench.ue.camping.profile = bench.ue.profile.with_changes(attach_reject=8)


EVENTS: dict[str, Event] = {
    "nothing": lambda bench: None,
    "time passes": lambda bench: bench.run(ms=700),
    "uplink": lambda bench: bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969),
    "last uplink": lambda bench: bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969, 1),
    "uplink for one answer": lambda bench: bench.ue.send_udp(b"up", 4242, "100.64.0.1", 6969, 2),
    "nothing more to say": lambda bench: bench.ue.assist_release(),
    "coverage is lost": lambda bench: bench.ue.lose_coverage(),
    "coverage is found": lambda bench: bench.ue.find_coverage(),
    "a fade": fade,
    "coverage is lost for seconds": lose_coverage_for_seconds,
    "power is lost": lambda bench: bench.ue.lose_power(),
    "power is lost for seconds": lose_power_for_seconds,
    "radio off": lambda bench: bench.ue.switch_off(),
    "radio on": lambda bench: bench.ue.switch_on(),
    "session closed": lambda bench: bench.ue.deactivate_pdp(),
    "session opened": lambda bench: bench.ue.activate_pdp("super"),
    "eDRX asked for": lambda bench: bench.ue.request_edrx("0010"),
    "eDRX given up": lambda bench: bench.ue.request_edrx(None),
    "PSM asked for": lambda bench: bench.ue.request_psm("00100001", "00000101"),
    "new tracking area": lambda bench: bench.ue.enter_cell("00000B2", "0002"),
    "a cell without eDRX": lambda bench: bench.ue.enter_cell("00000B2", edrx_allowed=False),
    "new GUTI": lambda bench: bench.ue.reallocate_guti(),
    "woken": lambda bench: bench.ue.wake(),
    "detached by the network": lambda bench: bench.network.home.detach(bench.ue, "a test"),
    "thrown out by the network": detach_and_refuse,
    "session ended by the network": lambda bench: bench.network.home.end_session(
        bench.ue, "a test", 39
    ),
    "attaches are refused": refuse,
    "another network": lambda bench: bench.ue.move_to(PROFILES["lte"]),
}
