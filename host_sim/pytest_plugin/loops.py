"""Virtual time for the tests that use ``supersim``: their mark, and their kind of loop."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ip_commands.host_sim.pytest_plugin.fixture import NAME
from ip_commands.host_sim.pytest_plugin.refusals import (
    foreign_runner,
    is_coroutine,
    lacking_pytest_asyncio,
)

if TYPE_CHECKING:
    import asyncio


class LoopOfATest:
    """The hook that gives a test its kind of loop; one in a conftest.py goes first.

    Not always registered: the mere presence of this hook makes pytest-asyncio parametrize every
    asynchronous test, and pytest then reorders them.
    """

    @pytest.hookimpl(trylast=True, optionalhook=True)
    def pytest_asyncio_loop_factories(
        self, item: pytest.Item
    ) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
        if _wants_virtual_time(item):
            return {"virtual": _virtual_loop}
        import asyncio

        return {"default": asyncio.new_event_loop}  # a conftest.py left it open


def _virtual_loop() -> asyncio.AbstractEventLoop:
    from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

    return VirtualTimeLoop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None, Any, Any]:
    item = metafunc.definition
    if _wants_virtual_time(item):
        _mark(item)
    elif not _conftest_chooses_loops(item):
        return (yield)
    with _loop_of_a_test(metafunc.config):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)  # inside pytest-asyncio's, which looks at the marks
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    made = yield
    for item in made if isinstance(made, list) else [made]:
        if isinstance(item, pytest.Function) and _wants_virtual_time(item):
            _mark(item)
    return made


def pytest_collection_finish(session: pytest.Session) -> None:
    if any(_wants_virtual_time(item) for item in session.items):
        # to pytest-asyncio its presence means that loops may change from test to test
        session.config.pluginmanager.register(LoopOfATest(), "supersim-loops")


def _conftest_chooses_loops(item: pytest.Item) -> bool:
    hook = getattr(item.ihook, "pytest_asyncio_loop_factories", None)
    return hook is not None and bool(hook.get_hookimpls())


@contextmanager
def _loop_of_a_test(config: pytest.Config) -> Generator[None]:
    plugin = LoopOfATest()
    config.pluginmanager.register(plugin)
    try:
        yield
    finally:
        config.pluginmanager.unregister(plugin)


def _wants_virtual_time(item: pytest.Item) -> bool:
    return (
        NAME in getattr(item, "fixturenames", ())
        and is_coroutine(item)
        and lacking_pytest_asyncio(item.config) is None
        and foreign_runner(item) is None
    )


def _mark(item: pytest.Item) -> None:
    """Mark a test for pytest-asyncio, on a loop of its own unless it asks for another."""
    marker = item.get_closest_marker("asyncio")
    arguments = marker.kwargs if marker is not None else {}
    if not {"loop_scope", "scope"} & arguments.keys():
        mark = pytest.mark.asyncio(**arguments, loop_scope="function")
        item.add_marker(mark, append=False)  # the first one counts
