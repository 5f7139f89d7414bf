"""Tests of the fakes run in virtual time; those marked ``real_time`` use the operating system."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_time: runs on a loop with the wall's clock")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("real_time"):
        return {"real": asyncio.new_event_loop}
    return {"virtual": VirtualTimeLoop}
