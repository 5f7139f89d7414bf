"""A slice of the matrix of faults; ``make reliability`` tries all of it."""

import random

import pytest

from ip_commands.host_sim.time.virtual_time import run
from tests.reliability import matrix
from tests.reliability.client_life import live
from tests.reliability.dialects import DIALECTS, PUSHED
from tests.reliability.footnotes import footnote_of
from tests.reliability.host_faults import HOST_FAULTS
from tests.reliability.life import Life

TWO_MINUTES_S = 120.0
PULLED = [model for model in DIALECTS if model not in PUSHED]


def test_a_slice_of_the_matrix():
    source = random.Random("matrix")
    short = [row for row in matrix.rows() if row.lasts_s <= TWO_MINUTES_S]
    for row in source.sample(short, 12):
        cell = matrix.cell(row, source.choice(PULLED), seeds=(source.randrange(100),))
        assert cell.outcomes, f"{cell.model} {row.name}: {cell.why_not}"
        assert cell.kept or footnote_of(cell), f"{cell.model} {row.name}: {cell.outcomes}"


def test_a_cell_whose_fault_never_struck_says_so():
    """SIM7000G's datagrams are pushed: it is never asked to read."""
    row = next(row for row in matrix.rows() if row.name == "answer_lost, of a read")
    cell = matrix.cell(row, "SIM7000G", seeds=(1,))
    assert [out.happened for out in cell.outcomes] == [0]
    assert cell.why_not == matrix.NOT_MET


@pytest.mark.parametrize("name", ["edrx_refused", "edrx_granted"])
def test_what_is_wrong_with_edrx_strikes_whoever_asks_for_it(name):
    row = next(row for row in matrix.rows() if row.name == name)
    cell = matrix.cell(row, "BG95", seeds=(1,))
    assert cell.outcomes[0].happened
    assert cell.kept


@pytest.mark.parametrize("number", range(len(HOST_FAULTS)), ids=[f.name for f in HOST_FAULTS])
def test_what_the_host_does_wrong_ends_nothing(number):
    cell = matrix.host_cell(number, "BG95", seeds=(1,))
    assert cell.kept, cell.outcomes


@pytest.mark.parametrize("model", ["BG95", "ME310G1"])
def test_silence_for_ever_is_seen_within_two_minutes(model):
    async def lived():
        return await live(Life(model), "silence", lasts_s=1800.0, limit_s=600.0)

    out = run(lived())
    assert out.seen
    assert out.seen_s <= TWO_MINUTES_S, out
    assert out.told, "on_error heard nothing"
    assert not out.ended
