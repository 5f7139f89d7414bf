"""Where virtual time cannot be, a test fails before it begins, with a sentence on what to do."""

import pytest

from tests.pytest_plugin.conftest import FreshFolder

REFUSED = """
    import asyncio
    import unittest
    import pytest
    import pytest_asyncio

    def begun():
        raise AssertionError("the test began")

    @pytest.mark.anyio
    async def test_anyio(supersim):
        begun()

    @pytest.mark.trio
    async def test_trio(supersim):
        begun()

    def test_sync(supersim):
        begun()

    async def test_generator(supersim):
        begun()
        yield

    @pytest.mark.usefixtures("supersim")
    class TestCase(unittest.TestCase):
        def test_case(self):
            begun()

    @pytest.mark.usefixtures("supersim")
    class TestIsolated(unittest.IsolatedAsyncioTestCase):
        async def test_isolated(self):
            begun()

    @pytest.fixture
    def hidden(request):
        return request.getfixturevalue("supersim")

    @pytest.mark.asyncio
    async def test_too_late(hidden):
        begun()

    @pytest.mark.asyncio
    async def test_later_still(request):
        request.getfixturevalue("supersim")
        begun()

    @pytest.mark.asyncio(loop_scope="module")
    async def test_loop_of_the_module(supersim):
        begun()

    @pytest.fixture
    async def plain(supersim):
        return await supersim.add_device()

    async def test_plain_fixture(plain):
        begun()

    @pytest.fixture
    async def plain_generator(supersim):
        yield await supersim.add_device()

    async def test_plain_generator_fixture(plain_generator):
        begun()

    @pytest_asyncio.fixture(loop_scope="session")
    async def elsewhere(supersim):
        return await supersim.add_device()

    async def test_fixture_of_another_loop(elsewhere):
        begun()

    @pytest.mark.supersim(sed=7, start="2027-06-01T12:00:00")
    async def test_unknown_argument(supersim):
        begun()

    @pytest.mark.supersim(7)
    async def test_argument_without_a_name(supersim):
        begun()

    @pytest.mark.supersim(handler_may_raise="ValueError")
    async def test_no_exception_class(supersim):
        begun()

    @pytest.mark.supersim(limit_days=0)
    async def test_no_time_at_all(supersim):
        begun()
"""
SENTENCES = {
    "test_anyio[asyncio]": "take @pytest.mark.anyio away from the test",
    "test_trio": "take @pytest.mark.trio away from the test",
    "test_sync": "supersim needs a test that can wait: write `async def`",
    "test_generator": "supersim needs a test that can wait: write `async def`, and no yield",
    "test_case": "write a function, or a class that is no unittest.TestCase",
    "test_isolated": "write a function, or a class that is no unittest.TestCase",
    "test_too_late": "make it an argument of the test, or @pytest.mark.usefixtures",
    "test_later_still": "make it an argument of the test, or @pytest.mark.usefixtures",
    "test_loop_of_the_module": "marked asyncio(loop_scope='module'): write "
    '@pytest.mark.asyncio(loop_scope="function")',
    "test_plain_fixture": "'plain': write @pytest_asyncio.fixture, or set asyncio_mode = auto",
    "test_plain_generator_fixture": "'plain_generator': write @pytest_asyncio.fixture",
    "test_fixture_of_another_loop": "'elsewhere' in the loop of the session, it lives in that of "
    'the test: write @pytest_asyncio.fixture(loop_scope="function")',
    "test_unknown_argument": "does not know sed; it knows limit_days, handler_may_raise, seed, ",
    "test_argument_without_a_name": "takes arguments by name only",
    "test_no_exception_class": "takes an exception class or a tuple of them, not 'ValueError'",
    "test_no_time_at_all": "limit_days=...) takes a number of days above 0, or inf, not 0",
}
ONE_TEST = """
    async def test_it(supersim):
        raise AssertionError("the test began")
"""


def test_each_wrong_use_is_told_what_to_do(fresh: FreshFolder) -> None:
    fresh.write(test_refused=REFUSED, pytest_ini="[pytest]\nmarkers = trio\n")
    report = fresh.pytest()
    said = {name: text for name, text in report.tests.items() if name != "test_anyio[trio]"}
    assert said.keys() == SENTENCES.keys()
    for name, sentence in SENTENCES.items():
        assert sentence in said[name], (name, said[name])
    assert "the test began" not in report.output
    assert "Traceback" not in report.output


def test_with_a_pytest_asyncio_whose_tests_cannot_choose_their_loop(fresh: FreshFolder) -> None:
    fresh.write(
        test_it=ONE_TEST,
        conftest="""
            def pytest_configure(config):  # as those before 1.4: a plugin without that hook
                config.pluginmanager.register(object(), "asyncio")
        """,
    )
    report = fresh.pytest(
        *("-p", "ip_commands.host_sim.pytest_plugin"), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"
    )
    assert report.code == 1
    assert "1.4 or newer, the first that lets a test choose its loop: pip" in report.output


OLDER_PYTESTS = """
    import pytest

    hookimpl = pytest.hookimpl

    def without_wrapper(*functions, **options):  # as pluggy before 1.2
        if "wrapper" in options:
            raise TypeError("unexpected keyword argument 'wrapper'")
        return hookimpl(*functions, **options)

    pytest.hookimpl = without_wrapper
    pytest.version_tuple, pytest.__version__ = (7, 2, 1), "7.2.1"
"""


def test_with_an_old_pytest(fresh: FreshFolder) -> None:
    fresh.write(
        older=OLDER_PYTESTS,
        test_it=ONE_TEST
        + """
    def test_sync(supersim):
        raise AssertionError("the test began")

    def test_without():
        pass
""",
    )
    report = fresh.pytest(
        *("-p", "older", "-p", "ip_commands.host_sim.pytest_plugin"),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        PYTHONPATH=str(fresh.path),
    )
    assert report.passed == {"test_without"}, report.output
    for name in ("test_it", "test_sync"):
        assert "supersim needs pytest 8.4 or newer, this is 7.2.1: pip" in report.tests[name]


def test_with_the_remains_of_an_uninstalled_pytest_asyncio(fresh: FreshFolder) -> None:
    (fresh.path / "pytest_asyncio").mkdir()  # __pycache__ was left in it: a namespace package
    fresh.write(test_it=ONE_TEST + "\n    def test_without():\n        pass\n")
    report = fresh.pytest(
        *("-p", "ip_commands.host_sim.pytest_plugin"),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        PYTHONPATH=str(fresh.path),
    )
    assert report.passed == {"test_without"}, report.output
    assert "supersim needs pytest-asyncio 1.4 or newer" in report.tests["test_it"]


def test_under_anyios_auto_mode(fresh: FreshFolder) -> None:
    fresh.write(test_it=ONE_TEST, pytest_ini="[pytest]\nanyio_mode = auto\n")
    report = fresh.pytest()
    assert report.code == 1
    assert "set anyio_mode = strict" in report.tests["test_it[asyncio]"]


def test_on_a_loop_that_a_conftest_gives(fresh: FreshFolder) -> None:
    fresh.write(
        test_it="""
            import asyncio
            from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop

            async def test_on_another_loop(supersim):
                raise AssertionError("the test began")

            async def test_as_it_says(supersim):
                await supersim.run_for(hours=1)

            async def test_without():
                assert not isinstance(asyncio.get_running_loop(), VirtualTimeLoop)
        """,
        conftest="""
            import asyncio

            def pytest_asyncio_loop_factories(config, item):
                if "supersim" in item.fixturenames and item.name != "test_on_another_loop":
                    return None
                return {"mine": asyncio.new_event_loop}
        """,
    )
    report = fresh.pytest("--asyncio-mode=auto")
    assert report.passed == {"test_as_it_says", "test_without"}, report.output
    said = report.tests["test_on_another_loop"]
    assert "return None for tests with 'supersim' in item.fixturenames" in said
    assert "the test began" not in said


@pytest.mark.parametrize(
    ("arguments", "ini"),
    [(["--supersim-limit-days=-1"], ""), ([], "supersim_limit_days = a month")],
    ids=["option", "ini"],
)
def test_a_limit_that_is_none(fresh: FreshFolder, arguments: list[str], ini: str) -> None:
    fresh.write(test_it="def test_it(): pass", pytest_ini=f"[pytest]\n{ini}\n")
    report = fresh.pytest(*arguments)
    assert report.code == 4
    assert "a number of days above 0, or inf, not" in report.output
