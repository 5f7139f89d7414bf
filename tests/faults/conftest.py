"""Tests of the rude modem run in virtual time: a modem silent for hours costs nothing."""

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(config, item):
    return {"virtual": VirtualTimeLoop}
