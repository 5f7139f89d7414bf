"""The fixture itself, and the arguments that its marks give."""

from __future__ import annotations

import argparse
import dataclasses
import inspect
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ip_commands.host_sim.world.super_sim import SuperSim

NAME = "supersim"
PYTEST_IS_TOO_OLD = getattr(pytest, "version_tuple", (0,)) < (8, 4)
"""Older than pyproject.toml's extra ``test`` brings, and perhaps with a pluggy before 1.2."""

DAY_S = 86400
DEFAULT_LIMIT_DAYS = 30.0
TAKING_DOWN_DAYS = 1.0
IN_REAL_TIME = "in real time a test makes its own: `async with SuperSim() as supersim`"
LIMIT_ADVICE = (
    "where a test means to go on for so long: @pytest.mark.supersim(limit_days=...), or "
    "--supersim-limit-days, or supersim_limit_days in pytest's configuration"
)
UNREAD_ADVICE = (
    "where that is meant, await the task or ask for its exception(), and allow handlers what they "
    "raise: @pytest.mark.supersim(handler_may_raise=...)"
)


async def running(request: pytest.FixtureRequest) -> AsyncIterator[SuperSim]:
    """A running ``SuperSim`` in virtual time; devices and servers are taken down after the test.

    What died in the background meanwhile, and nobody looked, fails the test at its end; so does
    what a client's handler raised, which the client survives.
    """
    import asyncio

    from ip_commands.host_sim.extras import require

    require("aiohttp")
    from ip_commands.host_sim.pytest_plugin.handler_errors import watched_handlers
    from ip_commands.host_sim.time.unread_errors import UnreadErrors
    from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
    from ip_commands.host_sim.web.controls import control_routes
    from ip_commands.host_sim.world.super_sim import SuperSim

    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualTimeLoop):
        pytest.fail(
            f"{NAME} needs virtual time, and this is a {type(loop).__qualname__}: let the hook "
            "pytest_asyncio_loop_factories of your conftest.py return None for tests with "
            f"{NAME!r} in item.fixturenames ({IN_REAL_TIME})",
            pytrace=False,
        )
    limit_days, arguments = _arguments(request.node)
    loop.limit_time(limit_days * DAY_S, LIMIT_ADVICE)
    handler_may_raise = _exceptions(arguments.pop("handler_may_raise", ()))
    unread = UnreadErrors(loop, UNREAD_ADVICE)
    with watched_handlers(unread, handler_may_raise):
        async with SuperSim(**{"routes": control_routes, **arguments}) as world:
            yield world
            unread.collect()
            loop.limit_time(TAKING_DOWN_DAYS * DAY_S)
    unread.raise_them()


def _arguments(item: pytest.Item) -> tuple[float, dict[str, Any]]:
    """Return the limit in simulated days and the arguments of SuperSim that a test's marks give.

    The marks of module, class and function add up; the closest counts.
    """
    from ip_commands.host_sim.world.cloud_side import CloudOptions
    from ip_commands.host_sim.world.super_sim import SuperSim

    given: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(NAME))):
        if marker.args:
            pytest.fail(f"@pytest.mark.{NAME} takes arguments by name only", pytrace=False)
        given |= marker.kwargs
    parameters = inspect.signature(SuperSim).parameters.values()
    known = [one.name for one in parameters if one.kind is not one.VAR_KEYWORD]
    known += [field.name for field in dataclasses.fields(CloudOptions)]
    unknown = given.keys() - {"limit_days", "handler_may_raise", *known}
    if unknown:
        pytest.fail(
            f"@pytest.mark.{NAME} does not know {', '.join(sorted(unknown))}; it knows "
            f"limit_days, handler_may_raise, {', '.join(known)}",
            pytrace=False,
        )
    limit = given.pop("limit_days", _limit_days(item.config))
    try:
        return days(limit), given
    except argparse.ArgumentTypeError as error:
        wanted = f"@pytest.mark.{NAME}(limit_days=...) takes {error}"
        raise pytest.fail.Exception(wanted, pytrace=False) from None


def _exceptions(given: Any) -> tuple[type[Exception], ...]:
    kinds = given if isinstance(given, tuple) else (given,)
    if not all(isinstance(kind, type) and issubclass(kind, Exception) for kind in kinds):
        pytest.fail(
            f"@pytest.mark.{NAME}(handler_may_raise=...) takes an exception class or a tuple of "
            f"them, not {given!r}",
            pytrace=False,
        )
    return kinds


def _limit_days(config: pytest.Config) -> float:
    asked: float | None = config.getoption("supersim_limit_days")
    return days(config.getini("supersim_limit_days")) if asked is None else asked


def days(text: object) -> float:
    """Return a number of days, or infinity. Raises argparse.ArgumentTypeError."""
    try:
        number = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = -1.0
    if not number > 0:
        raise argparse.ArgumentTypeError(f"a number of days above 0, or inf, not {text!r}")
    return number


def _make_fixture() -> Any:
    if PYTEST_IS_TOO_OLD:
        return pytest.fixture(_refusing, name=NAME)
    try:
        import pytest_asyncio

        return pytest_asyncio.fixture(running, name=NAME, loop_scope="function")
    except (ImportError, AttributeError, TypeError):  # none, its remains, or too old
        return pytest.fixture(running, name=NAME)


def _refusing() -> None:
    from ip_commands.host_sim.extras import how_to_install

    cure = how_to_install("test")
    pytest.fail(
        f"{NAME} needs pytest 8.4 or newer, this is {pytest.__version__}: {cure}",
        pytrace=False,
    )


supersim = _make_fixture()
