"""A caller that gives up in the very moment in which a probe is answered."""

import asyncio

import pytest

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.drivers.test_channel_model import Plan, hold_conversation


@pytest.mark.parametrize("late_ms", [990, 995, 1000])
@pytest.mark.parametrize("apart_ms", [-1, 0, 1])
@pytest.mark.parametrize("begun_ms", [0, 1])
def test_the_answers_to_earlier_probes_are_waited_for(late_ms, apart_ms, begun_ms):
    plans = [
        Plan(late_ms, False, False, begun_ms, b"", False),
        Plan(700, False, False, late_ms - begun_ms + apart_ms, b"", False),
        Plan(0, False, False, None, b"", False),
    ]
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(hold_conversation(plans, 0))
