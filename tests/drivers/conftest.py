"""Driver tests run in virtual time: a minute of waiting costs nothing."""

import pytest

from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(config, item):
    return {"virtual": VirtualTimeLoop}


@pytest.fixture
def run_virtually():
    """Run a coroutine in a virtual-time loop of its own, from a test that is no coroutine."""
    import asyncio

    def run(coroutine):
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            return runner.run(coroutine)

    return run
