"""The heap is lowered in steps until the client fails: cleanly, or it recovers; never wrongly."""

import asyncio

import pytest

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.portable import micropython_tools as tools
from tests.reliability import on_micropython

pytestmark = pytest.mark.skipif(
    bool(tools.missing()),
    reason=f"NOT TRIED ON MICROPYTHON: no {' and no '.join(tools.missing())}",
)

HEAPS_KIB = (160, 104, 100, 96, 72)
LASTS_S = 400.0


def lived(heaps_kib, lasts_s=LASTS_S, model="BG95"):
    days = []
    with on_micropython.compiled() as build:
        for heap_kib in heaps_kib:
            with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
                days.append(
                    runner.run(on_micropython.live(model, build, heap_kib, lasts_s, False))
                )
    return days


def test_a_heap_that_is_too_small_fails_cleanly_and_never_hands_over_anything_wrong():
    days = lived(HEAPS_KIB)
    for heap_kib, day in zip(HEAPS_KIB, days, strict=True):
        assert not day.wrong, f"{heap_kib} KiB: {day.wrong}"
        # silence is no answer: it works, says what fails, or ends with the interpreter's word
        assert day.got or day.errors or "MemoryError" in day.ended, f"{heap_kib} KiB: {day}"
    assert len(days[0].got) >= LASTS_S / 45 - 2
    assert not days[0].ended
    assert "MemoryError" in days[-1].ended, "the last step has to fail"
    assert not days[-1].got
