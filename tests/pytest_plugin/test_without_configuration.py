"""What works in a fresh folder, without any configuration, and with the usual ones."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.pytest_plugin.conftest import FreshFolder

WAYS = """
    import asyncio
    import pytest
    import pytest_asyncio
    from hypothesis import HealthCheck, given, settings, strategies as st
    from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

    def virtual():
        return isinstance(asyncio.get_running_loop(), VirtualTimeLoop)

    @pytest_asyncio.fixture
    async def device(supersim):
        assert virtual()
        device = await supersim.add_device()
        await device.listen()
        yield device

    @pytest.fixture
    def device_name(device):
        return device.name

    @pytest.mark.parametrize("hours", [1, 2])
    async def test_with_parameters(device, hours):
        before = asyncio.get_running_loop().time()
        await asyncio.sleep(hours * 3600)
        assert asyncio.get_running_loop().time() == before + hours * 3600
        assert device.ue is not None

    async def test_through_fixtures(device_name):
        assert virtual()
        assert device_name == "device-1"

    class TestInAClass:
        @pytest_asyncio.fixture
        async def another(self, supersim, device):
            return await supersim.add_device(modem="gm02s")

        async def test_method(self, another):
            assert virtual()
            assert another.name == "device-2"

        @staticmethod
        async def test_static(device):
            assert virtual()

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        max_examples=5,
        deadline=None,
    )
    @given(st.integers(1, 3))
    async def test_hypothesis(supersim, hours):
        assert virtual()
        await supersim.run_for(hours=hours)

    @pytest.mark.usefixtures("supersim")
    async def test_usefixtures():
        assert virtual()

    @pytest.mark.asyncio
    async def test_marked_already(supersim):
        assert virtual()

    @pytest.mark.supersim(seed=3, start="2027-06-01T12:00:00")
    class TestMarks:
        @pytest.mark.supersim(seed=7)
        async def test_marks_add_up(self, supersim):
            assert supersim.seed == 7
            assert "2027-06-01" in str(__import__(
                "ip_commands.host_sim.lte.time_base", fromlist=["utc"]
            ).utc(supersim.now_ms))

    async def test_controls_are_served(supersim):
        from aiohttp import ClientSession
        async with ClientSession() as session, session.get(supersim.url + "/_sim/devices") as got:
            assert got.status == 200

    @pytest.mark.asyncio
    async def test_others_keep_their_loop():
        assert not virtual()

    def test_plain():
        pass
"""
NAMES = {
    "test_with_parameters[1]",
    "test_with_parameters[2]",
    "test_through_fixtures",
    "test_method",
    "test_static",
    "test_hypothesis",
    "test_usefixtures",
    "test_marked_already",
    "test_marks_add_up",
    "test_controls_are_served",
    "test_others_keep_their_loop",
    "test_plain",
}


def test_the_readmes_test_passes_as_it_stands(
    fresh: FreshFolder, readme_test: Callable[[], str]
) -> None:
    fresh.write(test_readme=readme_test())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=fresh.path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


STRICT = """
    [pytest]
    asyncio_mode = auto
    asyncio_default_test_loop_scope = session
    asyncio_default_fixture_loop_scope = function
    filterwarnings = error
    addopts = --strict-markers --strict-config
"""


@pytest.mark.parametrize("configuration", ["", STRICT], ids=["none", "strict, session loops"])
def test_every_way_to_use_it(fresh: FreshFolder, configuration: str) -> None:
    fresh.write(test_ways=WAYS, pytest_ini=configuration)
    report = fresh.pytest()
    assert report.code == 0, report.output
    assert report.passed == NAMES
