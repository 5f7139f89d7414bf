"""Whatever happens to a device: created = delivered + dropped + waiting, in order, never early."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ip_commands.host_sim.lte import PROFILES, Datagram, NotAttached, edrx
from tests.lte.network_bench import Bench, at, events


class AnyLife(RuleBasedStateMachine):
    """A device that is switched, moved, starved of coverage and written to in any order."""

    @initialize(
        profile=st.sampled_from(sorted(PROFILES)),
        seed=st.integers(0, 1000),
        miss=st.sampled_from([0.0, 0.3, 1.0]),
        loss=st.sampled_from([0.0, 0.2]),
        hlcom=st.booleans(),
        stale=st.booleans(),
        delay_ms=st.sampled_from([0, 0, 25, 4000]),
        clock_error_ms=st.sampled_from([0, 0, 900, -900]),
        attached_s=st.sampled_from([60, 5, 0]),
    )
    def make(
        self,
        profile: str,
        seed: int,
        miss: float,
        loss: float,
        hlcom: bool,
        stale: bool,
        delay_ms: int,
        clock_error_ms: int,
        attached_s: int,
    ) -> None:
        self.bench = Bench(
            profile,
            seed,
            page_miss=miss,
            datagram_loss=loss,
            hlcom=hlcom,
            keep_after_failed_page=stale,
            core_delay_ms=delay_ms,
            mme_clock_error_ms=clock_error_ms,
        )
        self.sent: list[Datagram] = []
        self.outcomes: list[tuple[str, str]] = []
        self.strays: list[Datagram] = []
        self.bench.network.on_outcome = self.settled
        self.bench.ue.connect()
        self.bench.run(seconds=attached_s)

    def settled(self, datagram: Datagram) -> None:
        """Note an outcome, and a delivery to a device without a session at that address."""
        self.outcomes.append((datagram.id, datagram.outcome))
        if (datagram.direction, datagram.outcome) == ("downlink", "delivered"):
            ue = self.bench.ue
            if {ue.ip_address, ue.context.ip_address} != {datagram.destination_host}:
                self.strays.append(datagram)

    @rule(
        wait_ms=st.one_of(
            st.integers(0, 3000), st.integers(5_000, 100_000), st.integers(600_000, 12_000_000)
        )
    )
    def wait(self, wait_ms: int) -> None:
        self.bench.run(ms=wait_ms)

    @rule(count=st.integers(1, 12), wait_ms=st.integers(0, 20_000))
    def send(self, count: int, wait_ms: int) -> None:
        for _ in range(count):
            payload = b"%d" % len(self.sent)
            if self.bench.ue.context.ip_address is not None:
                self.sent.append(self.bench.send(payload))
            else:
                with pytest.raises(NotAttached, match=self.bench.ue.name):
                    self.bench.send(payload)
        self.bench.run(ms=wait_ms)

    @rule(count=st.integers(1, 3), gap_ms=st.integers(0, 100_000))
    def send_slowly(self, count: int, gap_ms: int) -> None:
        for _ in range(count):
            self.send(1, gap_ms)

    @rule(size=st.sampled_from([0, 5, 1300, 3000]))
    def answer(self, size: int) -> None:
        had_address = self.bench.ue.ip_address is not None
        assert self.bench.ue.send_udp(b"x" * size, 4242, "100.64.0.1", 6969) == had_address

    @rule(
        what=st.sampled_from(["lose_coverage", "switch_off", "lose_power", "deactivate_pdp"]),
        wait_ms=st.one_of(st.integers(0, 2000), st.integers(60_000, 9_000_000)),
        data=st.data(),
    )
    def trouble(self, what: str, wait_ms: int, data: st.DataObject) -> None:
        """Something goes wrong for a while; what is sent meanwhile is part of the story."""
        ue = self.bench.ue
        getattr(ue, what)()
        if data.draw(st.booleans(), label="send meanwhile"):
            self.send(2, wait_ms)
        else:
            self.bench.run(ms=wait_ms)
        ue.find_coverage()
        ue.switch_on()
        ue.activate_pdp("super")

    @rule(
        edrx=st.sampled_from([None, "0000", "0001", "0010", "0101"]),
        psm=st.sampled_from([(None, None), ("00100001", "00000101"), (None, "00000000")]),
    )
    def ask_for_power_saving(self, edrx: str | None, psm: tuple[str | None, str | None]) -> None:
        self.bench.ue.request_edrx(edrx)
        self.bench.ue.request_psm(*psm)

    @rule(edrx_allowed=st.booleans(), tac=st.sampled_from([None, "0001", "0002"]))
    def move(self, edrx_allowed: bool, tac: str | None) -> None:
        self.bench.ue.enter_cell("00000A1", tac, edrx_allowed)

    @rule(
        cause=st.sampled_from([None, 8, 11, 12, 13, 15, 17, 22]),
        wait_ms=st.sampled_from([0, 2000, 90_000]),
    )
    def thrown_out(self, cause: int | None, wait_ms: int) -> None:
        """By the network; a device that may not come back by itself is switched off and on."""
        ue = self.bench.ue
        self.bench.network.home.detach(ue, "a test", cause)
        self.send(1, wait_ms)
        if ue.registration == 3:
            ue.emm.attempts.clear_forbidden()
            ue.switch_off()
            ue.switch_on()

    @rule(cause=st.sampled_from([36, 39]), wait_ms=st.sampled_from([0, 300, 90_000]))
    def session_ended(self, cause: int, wait_ms: int) -> None:
        self.send(1, 0)
        self.bench.network.home.end_session(self.bench.ue, "a test", cause)
        self.send(1, wait_ms)

    @rule(attach=st.sampled_from([None, None, 8, 15, 17, 22]), session=st.sampled_from([None, 33]))
    def refusing(self, attach: int | None, session: int | None) -> None:
        """From now on; the next rule may lift it."""
        camping = self.bench.ue.camping
        camping.profile = camping.profile.with_changes(
            attach_reject=attach, session_reject=session
        )

    @rule(fade_ms=st.sampled_from([1, 200, 1289, 1290, 5000, 11_289, 11_290]))
    def fade(self, fade_ms: int) -> None:
        """The cell is gone for as long as radio link failure takes, and a little less."""
        self.bench.ue.lose_coverage()
        self.send(2, fade_ms)
        self.bench.ue.find_coverage()

    @rule(
        plmn=st.sampled_from(["99999", None, ""]),
        wait_ms=st.sampled_from([0, 2000, 90_000, 1_200_000]),
    )
    def host_chooses(self, plmn: str | None, wait_ms: int) -> None:
        """No network (""), one that is not there, the present one (None); then automatically."""
        ue = self.bench.ue
        self.send(1, 0)
        if plmn == "":
            ue.deregister()
        else:
            ue.select_network(plmn or ue.plmn)
        self.send(1, wait_ms)
        ue.select_automatically()
        ue.search_now()

    @rule()
    def other_windows(self) -> None:
        self.bench.ue.reallocate_guti()
        self.bench.ue.wake()

    @invariant()
    def nothing_is_lost_without_a_trace(self) -> None:
        if not hasattr(self, "bench"):
            return
        network = self.bench.network
        assert network.created == network.delivered + network.dropped + network.waiting()
        assert len(self.outcomes) == network.delivered + network.dropped
        assert len({name for name, _ in self.outcomes}) == len(self.outcomes)

    @invariant()
    def arrived_in_order_and_only_what_was_delivered(self) -> None:
        if not hasattr(self, "bench"):
            return
        delivered = [d.payload for d in self.sent if d.outcome == "delivered"]
        assert self.bench.listener.payloads == delivered

    @invariant()
    def nothing_reaches_a_device_without_a_session_at_that_address(self) -> None:
        if hasattr(self, "bench"):
            assert self.strays == []

    @invariant()
    def the_state_explains_itself(self) -> None:
        if hasattr(self, "bench"):
            assert self.bench.ue.name in self.bench.ue.explain_state()

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        # whatever waits comes to an end: the longest wait here is T3412 and two more timers
        self.bench.ue.lose_power()
        self.bench.run(hours=48)
        assert self.bench.network.waiting() == 0
        for datagram in self.sent:
            check_never_early(datagram, self.bench)


def check_never_early(datagram: Datagram, bench: Bench) -> None:
    """Every page was sent at an occasion, and nothing was delivered before its first page."""
    trail = datagram.trail
    assert [entry.at_ms for entry in trail] == sorted(entry.at_ms for entry in trail)
    assert sum(entry.event in ("delivered", "dropped", "expired") for entry in trail) == 1
    for entry in trail:
        if entry.event == "paged":
            # also with T = 512 (eDRX of 5.12 s): one of the cell's PO sub-frames at least
            assert entry.at_ms % 10 == bench.ue.where.subframe


AnyLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyLife = AnyLife.TestCase


def test_delivery_never_precedes_the_first_occasion() -> None:
    bench = Bench("cat-m1-edrx-hlcom", page_miss=0.3).idle()
    delivered = 0
    for _ in range(100):
        bench.run(seconds=137)
        ue, sent_at = bench.ue, bench.now_ms
        assert ue.windows is not None
        connected = ue.rrc_connected
        first = edrx.next_occasion(ue.windows, ue.where, sent_at)
        assert first is not None
        datagram = bench.send()
        bench.run(seconds=100)
        assert datagram.closed_at_ms is not None
        if not connected and "paged" in events(datagram):
            assert at(datagram, "paged") == first
            assert datagram.closed_at_ms > first
        delivered += datagram.outcome == "delivered"
    assert delivered > 90  # four occasions in a window: 0.3**4 of them go unheard
