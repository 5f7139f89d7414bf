"""A check that fails inside a client's handler fails the test, although the client survives it."""

import pytest

from tests.pytest_plugin.conftest import FreshFolder

HANDLERS = """
    import asyncio
    import pytest

    async def deliver(supersim, device, client):
        await device.start(client)
        await supersim.send_command(device, "hello")
        await supersim.run_for(minutes=1)

    async def test_on_command(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        async def handle(command):
            await asyncio.sleep(1)
            assert command.text() == "goodbye"

        await deliver(supersim, device, client)
        assert client.failed == 1

    async def test_plain_function(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        def handle(command):
            raise ValueError("plain")

        await deliver(supersim, device, client)

    async def test_pytest_fail(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        async def handle(command):
            pytest.fail("by hand")

        await deliver(supersim, device, client)
        raise AssertionError("the test went on")

    async def test_on_error(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        async def handle(command):
            raise ValueError("the cause")

        @client.on_error
        async def report(command, error):
            assert isinstance(error, TypeError), "not that one"

        await deliver(supersim, device, client)

    async def test_on_state(supersim):
        device = await supersim.add_device()
        client = device.client()
        client.on_command(print)

        @client.on_state
        def note(state, reason):
            assert state != "SERVING"

        await deliver(supersim, device, client)

    async def test_reply(supersim):
        device = await supersim.add_device()
        await device.listen(reply=lambda payload: payload[99])
        await supersim.send_command(device, "hello")
        await supersim.run_for(minutes=1)

    async def test_cancelled_inside(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        async def handle(command):
            task = asyncio.create_task(asyncio.sleep(60))
            task.cancel()
            await task

        await deliver(supersim, device, client)
        assert client.failed == 1

    async def test_exit(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        async def handle(command):
            raise SystemExit(3)

        await deliver(supersim, device, client)
        raise AssertionError("the test went on")

    async def test_after_the_exit(supersim):
        await asyncio.sleep(1)

    async def test_closed_while_a_handler_runs(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        async def handle(command):
            await asyncio.Event().wait()

        await deliver(supersim, device, client)

    @pytest.mark.supersim(handler_may_raise=(ValueError, IndexError))
    async def test_meant(supersim):
        device = await supersim.add_device()
        client = device.client()

        @client.on_command
        def handle(command):
            raise ValueError("meant")

        await deliver(supersim, device, client)
        assert client.failed == 1

    async def test_nothing_wrong(supersim):
        device = await supersim.add_device()
        client = device.client()
        got = []

        @client.on_command
        def handle(command):
            got.append(command.text())

        assert handle.__name__ == "handle"
        await deliver(supersim, device, client)
        assert got == ["hello"]

    async def test_no_function(supersim):
        device = await supersim.add_device()
        with pytest.raises(Exception, match="decorate a function"):
            device.client().on_command(7)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each of the tests above said, of one run."""
    fresh = FreshFolder(tmp_path_factory.mktemp("handlers"))
    fresh.write(test_it=HANDLERS)
    return fresh.pytest().tests


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("test_on_command", "on_command: test_on_command.<locals>.handle"),
        ("test_plain_function", "ValueError: plain"),
        ("test_pytest_fail", "Failed: by hand"),
        ("test_on_error", "AssertionError: not that one"),
        ("test_on_state", "on_state: test_on_state.<locals>.note"),
        ("test_reply", "IndexError"),
        ("test_cancelled_inside", "CancelledInside"),
        ("test_exit", "SystemExit: 3"),
    ],
)
def test_what_a_handler_raises_fails_the_test(said: dict[str, str], name: str, cause: str) -> None:
    assert cause in said[name]
    assert "the test went on" not in said[name]
    if "Failed" not in cause and "Exit" not in cause:
        assert "@pytest.mark.supersim(handler_may_raise=...)" in said[name]


@pytest.mark.parametrize(
    "name",
    [
        "test_meant",
        "test_nothing_wrong",
        "test_no_function",
        "test_after_the_exit",
        "test_closed_while_a_handler_runs",
    ],
)
def test_what_is_meant_passes(said: dict[str, str], name: str) -> None:
    assert said[name] == "passed"
