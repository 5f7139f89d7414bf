"""Every fate of many lives has one sentence, which says no rule twice and counts nothing as 0."""

import re
from random import Random

import pytest

from ip_commands.host_sim.lte import PROFILES, Datagram
from ip_commands.host_sim.lte.datagram import DELIVERED, DROPPED, WAITING
from ip_commands.host_sim.lte.time_base import clock, utc
from ip_commands.host_sim.world.explain import explain
from tests.lte.network_bench import START_MS, Bench

HEADS = {WAITING: "waiting since ", DELIVERED: "delivered to ", DROPPED: "lost at "}
LONGEST = 1200
"""Characters; many pages and windows are counted, not listed."""


def check_sentence(text: str) -> None:
    """Fail unless it is one sentence that can be printed."""
    assert "\n" not in text
    assert not re.search(r"[.!?]\s|\.$", text), text
    assert not re.search(r"\b0 (page|time|datagram|ms after)|\b1 (pages|times|datagrams)\b", text)
    assert not re.search(r"\bNone\b|[{}]|  ", text), text
    clauses = text.partition(": ")[2].split("; ")
    assert all(clauses), text
    assert len(text) < LONGEST, text


def check(datagram: Datagram) -> set[str]:
    """Fail unless the sentence fits its datagram; return what kinds of things it tells."""
    text = explain(datagram)
    check_sentence(text)
    assert text.startswith(HEADS[datagram.outcome]), text
    if datagram.closed_at_ms is not None:
        assert clock(datagram.closed_at_ms) in text.partition(": ")[0]
    for entry in datagram.trail:
        assert text.count(entry.rule) <= 1 or len(entry.rule) < 12, (entry.rule, text)
    pages = [entry for entry in datagram.trail if entry.event == "paged"]
    if pages:
        assert f"{clock(pages[0].at_ms)} (H-SFN " in text
    for event in ("missed", "buffered", "held", "unanswered"):
        for entry in datagram.trail:
            if entry.event == event:
                assert entry.rule in text
    last = datagram.trail[-1]
    if datagram.outcome == DROPPED:
        assert text.endswith(last.rule)
    return {entry.event for entry in datagram.trail} | {datagram.outcome}


def live(seed: int) -> list[Datagram]:
    """Return the datagrams of a random life; each was asked for its sentence on the way, too."""
    random = Random(f"explained {seed}")
    bench = Bench(
        random.choice(sorted(PROFILES)),
        seed,
        page_miss=random.choice([0.0, 0.3, 1.0]),
        datagram_loss=random.choice([0.0, 0.2]),
        hlcom=random.random() < 0.5,
        hlcom_packets=random.choice([1, 10]),
        hlcom_windows=random.choice([1, 3]),
        sgw_packets=random.choice([1, 64]),
        sgw_drop_s=random.choice([0, 300]),
        enb_packets=random.choice([1, 128]),
        keep_after_failed_page=random.random() < 0.2,
        page_at_next_ptw_without_hlcom=random.random() < 0.2,
        core_delay_ms=random.choice([0, 0, 900]),
        ptw=random.choice(["0000", "0011", "1111"]),
        session_max_s=random.choice([None, None, 3600]),
        pages=random.choice([1, 3, 10]),
    )
    datagrams = bench.network.keep_history().datagrams
    bench.ue.connect()
    bench.run(minutes=1)
    for _ in range(120):
        act = random.random()
        if act < 0.5:
            for _ in range(random.choice([1, 1, 1, 3])):
                if bench.ue.context.ip_address is not None:
                    size = random.choice([5, 5, 1400])
                    host = random.choice(["100.64.0.1", "192.0.2.1"])
                    bench.network.send_downlink(bench.ue.iccid, b"x" * size, 4242, host)
        elif act < 0.62:
            bench.ue.send_udp(b"x", 1, random.choice(["100.64.0.1", "192.0.2.1"]), 6969)
        elif act < 0.68:
            bench.ue.lose_coverage()
        elif act < 0.80:
            bench.ue.find_coverage()
        elif act < 0.83:
            bench.ue.radio.stay(random.choice([-95, -110, -120]))
        elif act < 0.86:
            bench.ue.switch_off()
        elif act < 0.88:
            bench.ue.lose_power()
        elif act < 0.93:
            bench.ue.connect()
        elif act < 0.96:
            bench.ue.enter_cell("1", random.choice(["A", "B"]), random.random() < 0.7)
        else:
            bench.ue.deactivate_pdp()
        bench.ue.connect()
        check_sentence(bench.ue.explain_state())
        for datagram in datagrams[-5:]:
            check(datagram)
        bench.run(ms=random.choice([0, 200, 3000, 30_000, 300_000, 4_000_000]))
        for datagram in datagrams[-5:]:
            check(datagram)
    return datagrams


def test_every_fate_of_many_lives_has_a_sentence() -> None:
    told: set[str] = set()
    outcomes: dict[str, int] = {}
    for seed in range(60):
        for datagram in live(seed):
            told |= check(datagram)
            outcomes[datagram.outcome] = outcomes.get(datagram.outcome, 0) + 1
    assert told >= {
        *("fragmented", "ddn", "buffered", "paged", "missed", "unanswered", "connecting", "held"),
        *("transmitted", "expired", "dropped"),
    }
    assert outcomes[DELIVERED] > 500
    assert outcomes[DROPPED] > 500


@pytest.mark.parametrize(
    "text",
    [
        "lost at 1: no answer. Then dropped",
        "lost at 1: no answer to 0 pages",
        "lost at 1: a; ; b",
        "lost at 1: cause None",
        "waiting since 1: {0}",
    ],
)
def test_the_check_sees_what_is_no_sentence(text: str) -> None:
    with pytest.raises(AssertionError):
        check_sentence(text)


def test_a_time_of_day_is_no_end_of_a_sentence() -> None:
    check_sentence(f"lost at {clock(START_MS)}: {utc(START_MS):%H} is the hour; T is 1.28 s")
