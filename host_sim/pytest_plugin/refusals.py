"""What cannot be with ``supersim``, said before the test begins."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Generator
from typing import Any

import pytest

from ip_commands.host_sim.pytest_plugin.fixture import IN_REAL_TIME, NAME, running


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    trouble = None
    if inspect.unwrap(fixturedef.func) is running:  # older pytest-asyncios wrap it
        trouble = _trouble(request.node)
    elif NAME in request.fixturenames and lacking_pytest_asyncio(request.config) is None:
        trouble = _fixture_trouble(fixturedef, request.config)
    if trouble is None:
        return (yield)

    def refuse(**_: object) -> None:
        pytest.fail(f"{NAME} {trouble}", pytrace=False)

    with pytest.MonkeyPatch.context() as patch:  # pytest must see a fixture that failed
        patch.setattr(fixturedef, "func", refuse)
        return (yield)


def _trouble(item: pytest.Item) -> str | None:
    """Return why a test cannot have the fixture, and what to do; None: it can."""
    lacking = lacking_pytest_asyncio(item.config)
    if lacking is not None:
        from ip_commands.host_sim.extras import how_to_install

        return f"{lacking}: {how_to_install('test')}"
    runner = foreign_runner(item)
    if runner is not None:
        return f"runs under pytest-asyncio, in virtual time: {runner} ({IN_REAL_TIME})"
    if NAME not in getattr(item, "fixturenames", ()):
        return (
            "was asked for by getfixturevalue(), too late to choose the test's loop: make it an "
            "argument of the test, or @pytest.mark.usefixtures"
        )
    if not is_coroutine(item):
        return "needs a test that can wait: write `async def`, and no yield"
    marker = item.get_closest_marker("asyncio")
    scopes = marker.kwargs if marker is not None else {}
    if "function" not in (scopes.get("loop_scope"), scopes.get("scope")):
        other = ", ".join(f"{name}={value!r}" for name, value in scopes.items())
        return (
            f"lives in the loop of one test, and this one is marked asyncio({other}): write "
            '@pytest.mark.asyncio(loop_scope="function") at the test'
        )
    return None


def _fixture_trouble(fixturedef: pytest.FixtureDef[Any], config: pytest.Config) -> str | None:
    """Return why a test that uses ``supersim`` cannot have another fixture."""
    function: Any = getattr(fixturedef.func, "__func__", fixturedef.func)
    if not (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
        return None
    where = f"cannot wait for the fixture {fixturedef.argname!r}"
    mode = config.getoption("asyncio_mode") or config.getini("asyncio_mode")
    # pytest-asyncio knows its own by attributes: by those, whatever their names, that ours has
    if mode == "strict" and not vars(running).keys() <= vars(function).keys():
        return f"{where}: write @pytest_asyncio.fixture, or set asyncio_mode = auto"
    scope = getattr(function, "_loop_scope", None) or config.getini(
        "asyncio_default_fixture_loop_scope"
    )
    if scope in (None, "", "fixture-scope"):
        scope = fixturedef.scope
    if NAME in fixturedef.argnames and scope != "function":
        return (
            f"{where} in the loop of the {scope}, it lives in that of the test: write "
            '@pytest_asyncio.fixture(loop_scope="function")'
        )
    return None


def lacking_pytest_asyncio(config: pytest.Config) -> str | None:
    if not config.pluginmanager.hasplugin("asyncio"):
        return "needs pytest-asyncio 1.4 or newer, which is not installed or switched off"
    hook = getattr(config.hook, "pytest_asyncio_loop_factories", None)
    if hook is None or not hook.has_spec():
        return "needs pytest-asyncio 1.4 or newer, the first that lets a test choose its loop"
    return None


def foreign_runner(item: pytest.Item) -> str | None:
    """Return how to take a test away from others that would run it, None if none would."""
    unittest = sys.modules.get("unittest")
    if unittest and issubclass(getattr(item, "cls", None) or object, unittest.TestCase):
        return "write a function, or a class that is no unittest.TestCase"
    for runner in ("anyio", "trio"):
        if item.get_closest_marker(runner) is not None:
            return f"take @pytest.mark.{runner} away from the test"
    if "anyio_backend" in getattr(item, "fixturenames", ()):
        return "set anyio_mode = strict, and use no fixture anyio_backend"
    return None


def is_coroutine(item: pytest.Item) -> bool:
    """Tell whether a test is an ``async def`` function."""
    test: Any = getattr(item, "obj", None)
    test = getattr(getattr(test, "hypothesis", None), "inner_test", test)
    return inspect.iscoroutinefunction(getattr(test, "__func__", test))
