"""The heap's level on the real MicroPython interpreter, over a simulated day with faults."""

import asyncio

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.portable import micropython_tools as tools
from tests.reliability import on_micropython

HEAP_KIB = 192
"""What a Raspberry Pi Pico leaves to programs."""


def over_a_day(model: str = "BG95", hours: float = 24.0) -> "on_micropython.Day | None":
    """Return the day, None where the interpreter or the compiler is missing."""
    if tools.missing():
        return None
    with (
        on_micropython.compiled() as build,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        return runner.run(on_micropython.live(model, build, HEAP_KIB, hours * 3600))
