"""One datagram costs at most 1.05 times what its dialect needs: one URC, one command, one answer.

``benchmarks/wire_efficiency.py`` prints the figures of every model; here, one of each family.
"""

import pytest

from benchmarks.wire_efficiency import LIMIT, dialect_of, measure, modems
from ip_commands.host_sim.time.virtual_time import run

ONE_OF_EACH = sorted(dict(reversed(modems())).items())


@pytest.mark.parametrize(("family", "model"), ONE_OF_EACH)
def test_ratio(family, model):
    for cost in run(measure(family, model)):
        assert cost.ratio <= LIMIT, f"{cost.direction}: {cost.on_wire} for {cost.minimum}"
        assert cost.ratio >= 1, "the minimum is none"


@pytest.mark.parametrize(("family", "model"), modems())
def test_every_model_has_a_minimum(family, model):
    assert dialect_of(family, model).source
