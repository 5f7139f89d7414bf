"""A slice of the soak with a fixed seed; ``make reliability`` lives through days."""

import pytest

from tests.reliability.dialects import PUSHED
from tests.reliability.soak import soak


@pytest.mark.parametrize("model", ["BG95", "ME310G1", "SIM7600"])
def test_hours_with_random_faults_lose_nothing_in_silence(model):
    account = soak(model, 0.15, seed=7)
    assert account.faults >= 20
    assert account.handled >= 100
    assert account.sends["sent"] >= 10
    assert not account.wrong
    assert not account.doubled
    assert not account.ended
    if model not in PUSHED:
        assert not account.silent, account
