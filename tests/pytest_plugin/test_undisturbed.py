"""A run that does not use the fixture is what it was without the plugin."""

import subprocess
import sys

from tests.pytest_plugin.conftest import FreshFolder

SESSION_LOOPS = """
    import sys
    import pytest
    import pytest_asyncio

    made = []

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def database():
        made.append("database")
        return len(made)

    @pytest.mark.asyncio(loop_scope="session")
    async def test_1(database):
        assert database == 1

    def test_2():
        pass

    @pytest.mark.asyncio(loop_scope="session")
    async def test_3(database):
        assert database == 1

    @pytest.mark.asyncio
    async def test_4():
        pass

    @pytest.mark.asyncio(loop_scope="session")
    async def test_5(database):
        assert database == 1

    def test_6():
        ours = [name for name in sys.modules if name.startswith("ip_commands.")]
        assert all(name.startswith("ip_commands.host_sim") for name in ours)
        rooms = {name.split(".")[2] for name in ours if name.count(".") > 1}
        assert rooms == {"pytest_plugin"}
        assert "aiohttp" not in sys.modules
"""
IN_ORDER = [f"test_{number}" for number in range(1, 7)]


def test_order_fixtures_and_imports_stay(fresh: FreshFolder) -> None:
    fresh.write(test_it=SESSION_LOOPS)
    report = fresh.pytest("--strict-markers")
    assert report.code == 0, report.output
    assert list(report.tests) == IN_ORDER


def test_without_pytest_asyncio_only_the_fixture_is_refused(fresh: FreshFolder) -> None:
    fresh.write(
        test_it="""
            import pytest

            @pytest.fixture
            def anyio_backend():
                return "asyncio"

            @pytest.mark.anyio
            async def test_anyio():
                pass

            def test_plain():
                pass

            async def test_supersim(supersim):
                raise AssertionError("the test began")
        """
    )
    report = fresh.pytest("-p", "no:asyncio")
    assert report.passed == {"test_anyio", "test_plain"}, report.output
    said = report.tests["test_supersim"]
    assert "supersim needs pytest-asyncio 1.4 or newer, which is not installed" in said
    assert "pip install" in said
    assert "the test began" not in said


def test_switched_off(fresh: FreshFolder) -> None:
    fresh.write(
        test_it="""
            def test_it(pytestconfig):
                assert not pytestconfig.pluginmanager.hasplugin("supersim")
        """
    )
    assert fresh.pytest("-p", "no:supersim").passed == {"test_it"}


def test_help_tells_marker_and_options(fresh: FreshFolder) -> None:
    said = fresh.pytest("--markers").output
    assert (
        "@pytest.mark.supersim(limit_days=30, handler_may_raise=(), **arguments): simulated days"
        in said
    )
    said = fresh.pytest("--help").output
    assert "--supersim-limit-days=DAYS" in said
    assert "supersim_limit_days (string)" in said


def test_loading_the_plugin_loads_nothing_else() -> None:
    code = (
        "import sys, pytest, pytest_asyncio; before = set(sys.modules)\n"
        "import ip_commands.host_sim.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    room = "ip_commands.host_sim.pytest_plugin"
    names = ["ip_commands", "ip_commands.host_sim", room, f"{room}.fixture"]
    assert done.stdout.split() == names
