"""Which clock a test has: rooms whose tests only talk to memory run in virtual time."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

TESTS = Path(__file__).parent
IN_VIRTUAL_TIME = (TESTS / "fake_modems", TESTS / "uart")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_time: runs on a loop with the wall's clock")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]] | None:
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.new_event_loop}
    if any(item.path.is_relative_to(folder) for folder in IN_VIRTUAL_TIME):
        return {"virtual": VirtualTimeLoop}
    return None  # the room's own conftest.py, the fixture `supersim`, or the wall's clock
