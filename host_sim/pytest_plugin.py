"""The pytest fixture ``supersim``: a cloud, an LTE network and devices, in virtual time.

Installed with the package; a test that names ``supersim`` runs on a ``VirtualTimeLoop``, every
other asynchronous test keeps the loop it had. Mark a test with ``@pytest.mark.supersim(seed=7)``
to give arguments to ``SuperSim``.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

import pytest

try:
    import pytest_asyncio
except ImportError:  # pytest without pytest-asyncio must go on working where this is installed
    pytest_asyncio = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from ip_commands.host_sim.world.super_sim import SuperSim

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "supersim(**arguments): arguments of SuperSim for the fixture supersim"
    )


def _virtual_loop() -> asyncio.AbstractEventLoop:
    # not imported before a test asks for it: a plugin is loaded in every pytest run
    from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

    return VirtualTimeLoop()


@pytest.hookimpl(trylast=True, optionalhook=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, LoopFactory]:
    """Give tests that use ``supersim`` virtual time; a hook in a conftest.py goes first."""
    if "supersim" in getattr(item, "fixturenames", ()):
        return {"virtual": _virtual_loop}
    return {"default": asyncio.new_event_loop}


async def _running(request: pytest.FixtureRequest) -> "AsyncIterator[SuperSim]":
    """Hold a running ``SuperSim``; devices, server and clients are taken down after the test."""
    from ip_commands.host_sim.world.super_sim import SuperSim

    marker = request.node.get_closest_marker("supersim")
    async with SuperSim(**(marker.kwargs if marker is not None else {})) as running:
        yield running


if pytest_asyncio is not None:
    supersim = pytest_asyncio.fixture(_running, name="supersim")
else:

    @pytest.fixture
    def supersim() -> None:
        """Say what is missing."""
        pytest.fail("supersim needs pytest-asyncio: pip install supersim-ip-commands[test]")
