"""The pytest fixture ``supersim``: a cloud, an LTE network and devices, in virtual time.

Installed with the package. A test that uses ``supersim``, itself or through another fixture, runs
under pytest-asyncio on a ``VirtualTimeLoop``; nothing has to be configured. Where that cannot be,
it fails before it begins and says what to do. All other tests stay as they are: without a test
that uses the fixture this file changes nothing, and it imports nothing of ours before one does.

``@pytest.mark.supersim(seed=7)`` gives arguments to ``SuperSim``, for a test, class or module;
``limit_days=90`` lets a test take more simulated time than ``--supersim-limit-days`` allows all.
"""

from __future__ import annotations

import argparse
import dataclasses
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

# a plugin is loaded in every run of pytest: only what pytest has loaded anyway is imported here
if TYPE_CHECKING:
    import asyncio

    from ip_commands.host_sim.world.super_sim import SuperSim

NAME = "supersim"
DAY_S = 86400
DEFAULT_LIMIT_DAYS = 30.0
TAKING_DOWN_DAYS = 1.0
IN_REAL_TIME = "in real time a test makes its own: `async with SuperSim() as supersim`"
LIMIT_ADVICE = (
    "where a test means to go on for so long: @pytest.mark.supersim(limit_days=...), or "
    "--supersim-limit-days, or supersim_limit_days in pytest's configuration"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    text = f"simulated days that a test with {NAME} may take, 'inf' for any (default: 30)"
    group = parser.getgroup(NAME, "Super SIM simulator")
    group.addoption("--supersim-limit-days", metavar="DAYS", type=_days, help=text)
    parser.addini("supersim_limit_days", text, default=str(DEFAULT_LIMIT_DAYS))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{NAME}(limit_days=30, **arguments): simulated days that the test may take, and "
        f"arguments of SuperSim (seed, start, ...) for the fixture {NAME}",
    )
    try:
        _days(config.getini("supersim_limit_days"))
    except argparse.ArgumentTypeError as error:
        raise pytest.UsageError(f"supersim_limit_days: {error}") from None


def _days(text: object) -> float:
    try:
        days = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        days = -1.0
    if not days > 0:
        raise argparse.ArgumentTypeError(f"a number of days above 0, or inf, not {text!r}")
    return days


# -- virtual time for what uses the fixture -------------------------------------------------------
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
        and _is_coroutine(item)
        and _lacking_pytest_asyncio(item.config) is None
        and _foreign_runner(item) is None
    )


def _mark(item: pytest.Item) -> None:
    """Mark a test for pytest-asyncio, on a loop of its own unless it asks for another."""
    marker = item.get_closest_marker("asyncio")
    arguments = marker.kwargs if marker is not None else {}
    if not {"loop_scope", "scope"} & arguments.keys():
        mark = pytest.mark.asyncio(**arguments, loop_scope="function")
        item.add_marker(mark, append=False)  # the first one counts


def _is_coroutine(item: pytest.Item) -> bool:
    test: Any = getattr(item, "obj", None)
    test = getattr(getattr(test, "hypothesis", None), "inner_test", test)
    return inspect.iscoroutinefunction(getattr(test, "__func__", test))


# -- what cannot be, said before the test begins --------------------------------------------------
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    trouble = None
    if fixturedef.func is _running:
        trouble = _trouble(request.node)
    elif NAME in request.fixturenames and _lacking_pytest_asyncio(request.config) is None:
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
    lacking = _lacking_pytest_asyncio(item.config)
    if lacking is not None:
        from ip_commands.host_sim.extras import how_to_install

        return f"{lacking}: {how_to_install('test')}"
    runner = _foreign_runner(item)
    if runner is not None:
        return f"runs under pytest-asyncio, in virtual time: {runner} ({IN_REAL_TIME})"
    if not _is_coroutine(item):
        return "needs a test that can wait: write `async def`, and no yield"
    if NAME not in getattr(item, "fixturenames", ()):
        return (
            "was asked for by getfixturevalue(), too late to choose the test's loop: make it an "
            "argument of the test, or @pytest.mark.usefixtures"
        )
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
    if mode == "strict" and not vars(_running).keys() <= vars(function).keys():
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


def _lacking_pytest_asyncio(config: pytest.Config) -> str | None:
    if not config.pluginmanager.hasplugin("asyncio"):
        return "needs pytest-asyncio 1.4 or newer, which is not installed or switched off"
    hook = getattr(config.hook, "pytest_asyncio_loop_factories", None)
    if hook is None or not hook.has_spec():
        return "needs pytest-asyncio 1.4 or newer, the first that lets a test choose its loop"
    return None


def _foreign_runner(item: pytest.Item) -> str | None:
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


# -- the fixture ----------------------------------------------------------------------------------
async def _running(request: pytest.FixtureRequest) -> AsyncIterator[SuperSim]:
    """A running ``SuperSim`` in virtual time; devices and servers are taken down after the test.

    What died in the background meanwhile, and nobody looked, fails the test at its end.
    """
    import asyncio

    from ip_commands.host_sim.extras import require

    require("aiohttp")
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
    unread = UnreadErrors(loop)
    async with SuperSim(**{"routes": control_routes, **arguments}) as running:
        yield running
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
    unknown = given.keys() - {"limit_days", *known}
    if unknown:
        pytest.fail(
            f"@pytest.mark.{NAME} does not know {', '.join(sorted(unknown))}; it knows "
            f"limit_days, {', '.join(known)}",
            pytrace=False,
        )
    limit = given.pop("limit_days", _limit_days(item.config))
    try:
        return _days(limit), given
    except argparse.ArgumentTypeError as error:
        wanted = f"@pytest.mark.{NAME}(limit_days=...) takes {error}"
        raise pytest.fail.Exception(wanted, pytrace=False) from None


def _limit_days(config: pytest.Config) -> float:
    asked: float | None = config.getoption("supersim_limit_days")
    return _days(config.getini("supersim_limit_days")) if asked is None else asked


def _make_fixture() -> Any:
    try:
        import pytest_asyncio

        return pytest_asyncio.fixture(_running, name=NAME, loop_scope="function")
    except (ImportError, AttributeError, TypeError):  # none, its remains, or too old
        return pytest.fixture(_running, name=NAME)


supersim = _make_fixture()
