"""The pytest fixture ``supersim``: a cloud, an LTE network and devices, in virtual time.

Installed with the package. A test that uses ``supersim``, itself or through another fixture, runs
under pytest-asyncio on a ``VirtualTimeLoop``; nothing has to be configured. Where that cannot be,
it fails before it begins and says what to do. All other tests keep their loop; but to
pytest-asyncio a change of loop ends asynchronous fixtures of the session or a module, which then
begin anew. Without a test that uses the fixture this room changes nothing, and it imports nothing
of ours before one does.

``@pytest.mark.supersim(seed=7)`` gives arguments to ``SuperSim``, for a test, class or module;
``limit_days=90`` lets a test take more simulated time than ``--supersim-limit-days`` allows all;
``handler_may_raise=ValueError`` lets the test's own handlers raise, which otherwise fails it.

``fixture`` is the fixture, ``loops`` gives its tests virtual time, ``refusals`` says what cannot
be, ``handler_errors`` remembers what a client swallowed. May import all of the simulator, and the
device half.
"""

from __future__ import annotations

import argparse

import pytest

# a plugin is loaded in every run of pytest: only what pytest has loaded anyway is imported here
from ip_commands.host_sim.pytest_plugin.fixture import (
    DEFAULT_LIMIT_DAYS,
    NAME,
    PYTEST_IS_TOO_OLD,
    days,
    supersim,
)

__all__ = ["supersim"]


def pytest_addoption(parser: pytest.Parser) -> None:
    text = f"simulated days that a test with {NAME} may take, 'inf' for any (default: 30)"
    group = parser.getgroup(NAME, "Super SIM simulator")
    group.addoption("--supersim-limit-days", metavar="DAYS", type=days, help=text)
    parser.addini("supersim_limit_days", text, default=str(DEFAULT_LIMIT_DAYS))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{NAME}(limit_days=30, handler_may_raise=(), **arguments): simulated days that the test "
        "may take, exceptions that its handlers mean to raise, and arguments of SuperSim (seed, "
        f"start, ...) for the fixture {NAME}",
    )
    try:
        days(config.getini("supersim_limit_days"))
    except argparse.ArgumentTypeError as error:
        raise pytest.UsageError(f"supersim_limit_days: {error}") from None
    if not PYTEST_IS_TOO_OLD:
        from ip_commands.host_sim.pytest_plugin import loops, refusals

        config.pluginmanager.register(refusals, "supersim-refusals")
        config.pluginmanager.register(loops, "supersim-test-loops")
