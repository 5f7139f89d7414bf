"""A slice of the matrix of faults; ``make reliability`` tries all of it."""

import random

import pytest

from ip_commands.host_sim.time.virtual_time import run
from tests.reliability import matrix
from tests.reliability.dialects import DIALECTS, PUSHED
from tests.reliability.footnotes import footnote_of
from tests.reliability.host_faults import HOST_FAULTS
from tests.reliability.life import live

TWO_MINUTES_S = 120.0
PULLED = [model for model in DIALECTS if model not in PUSHED and model != "nRF9160"]


def test_a_slice_of_the_matrix():
    source = random.Random("matrix")
    short = [row for row in matrix.rows() if row.lasts_s <= TWO_MINUTES_S]
    for row in source.sample(short, 12):
        cell = matrix.cell(row, source.choice(PULLED), seeds=(source.randrange(100),))
        assert cell.kept or footnote_of(cell), f"{cell.model} {row.name}: {cell.outcomes}"


@pytest.mark.parametrize("number", range(len(HOST_FAULTS)), ids=[f.name for f in HOST_FAULTS])
def test_what_the_host_does_wrong_ends_nothing(number):
    cell = matrix.host_cell(number, "BG95", seeds=(1,))
    assert cell.kept, cell.outcomes


@pytest.mark.parametrize("model", ["BG95", "ME310G1"])
def test_silence_for_ever_is_seen_within_two_minutes(model):
    out = run(live(model, "silence", lasts_s=1800.0, limit_s=600.0))
    assert out.seen
    assert out.seen_s <= TWO_MINUTES_S, out
    assert out.told, "on_error heard nothing"
    assert not out.ended
