"""Whatever the program's own functions raise stays at the client's border, and is told."""

import asyncio

from ip_commands.device import IpCommandClient, ModemClosed
from ip_commands.device.portable import sleep_ms
from tests.portable.raises import raises
from tests.portable.scripted_modem import ScriptedModem


class Outcome(BaseException):
    """No Exception, as what ``pytest.fail()`` raises."""


async def _serve(client, modem, payloads):
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    for payload in payloads:
        await client.wait_ready(60000)
        modem.socket.arrive(payload)
        await sleep_ms(1000)
    await client.wait_ready(60000)
    await client.close()
    await task


async def test_a_handler_that_raises_no_exception_is_a_failed_one():
    async def handle(command):
        await sleep_ms(1)
        plain(command)

    def plain(command):
        handled.append(command.payload)
        if command.payload == b"bad":
            raise Outcome("no")

    for handler in (plain, handle):
        handled = []
        told = []
        modem = ScriptedModem()
        client = IpCommandClient(modem, 4242, log=lambda line: None)
        client.on_command(handler)
        client.on_error(lambda command, error, to=told: to.append((command.payload, error)))
        await _serve(client, modem, [b"bad", b"good"])
        assert handled == [b"bad", b"good"]
        ((payload, error),) = told
        assert payload == b"bad" and isinstance(error, Outcome)
        assert (client.failed, client.handled) == (1, 1)


async def test_on_error_that_raises_no_exception_is_told_of_the_next_failure_too():
    async def report(command, error):
        plain(command, error)

    def plain(command, error):
        told.append(str(error))
        raise Outcome("no")

    def handle(command):
        raise ValueError(command.text())

    for on_error in (plain, report):
        told = []
        lines = []
        modem = ScriptedModem()
        client = IpCommandClient(modem, 4242, log=lines.append)
        client.on_command(handle)
        client.on_error(on_error)
        await _serve(client, modem, [b"one", ValueError("link"), b"two"])
        assert told == ["one", "ValueError: link; next: attach in 1 s", "two"]
        assert len([line for line in lines if "on_error itself failed: Outcome" in line]) == 3


async def test_log_and_on_state_that_raise_no_exception_are_survived():
    def fail(*arguments):
        raise Outcome("no")

    handled = []
    modem = ScriptedModem()
    client = IpCommandClient(modem, 4242, log=fail)
    client.on_command(handled.append)
    client.on_state(fail)
    await _serve(client, modem, [b"one", ValueError("link"), b"two"])
    assert len(handled) == 2
    # each state, that on_state failed, and the failed connection; to the modem's own are added
    assert client.health()["log_errors"] == client.log_errors == 19


async def test_the_line_s_log_errors_are_added_to_the_client_s():
    def fail(line):
        raise ValueError("flash full")

    modem = ScriptedModem()
    modem.line_health = lambda: {"log_errors": 5}
    client = IpCommandClient(modem, 4242, log=fail)
    client.on_command(lambda command: None)
    await _serve(client, modem, [])
    assert client.health()["log_errors"] == 5 + client.log_errors > 5


async def test_a_loss_is_told_by_its_cause():
    modem = ScriptedModem()
    modem.damaged = 3  # by an earlier client: not this one's loss
    told = []
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: told.append((type(error).__name__, str(error))))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(b"whole")
    await sleep_ms(1000)
    assert told == []
    modem.damaged += 1
    modem.socket.arrive(b"whole")
    await sleep_ms(1000)
    assert told == [("DatagramLost", "a datagram came damaged")]
    modem.socket.dropped = 2
    modem.socket.arrive(b"whole")
    await sleep_ms(1000)
    assert told[1:] == [("DatagramLost", "2 datagrams are lost, or may be")]
    assert client.health()["dropped"] == 2
    await client.close()
    await task


async def test_what_does_not_fit_behind_a_slow_handler_is_told_too():
    async def slow(command):
        await sleep_ms(3600000)

    modem = ScriptedModem()
    told = []
    client = IpCommandClient(modem, 4242, log=lambda line: None)
    client.on_command(slow)
    client.on_error(lambda command, error: told.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    for _ in range(20):
        modem.socket.arrive(b"x")
    modem.socket.arrive(ValueError("gone"))
    await sleep_ms(1)
    modem.socket.lost = True
    modem.socket.on_loss()
    await sleep_ms(60000)
    assert client.health()["dropped"] == 3  # one is handled, 16 are kept
    assert [text for text in told if text.startswith("3 datagrams are lost")]
    await client.close()
    await task


async def test_what_waits_behind_a_handler_when_all_ends_is_told():
    async def slow(command):
        await sleep_ms(3600000)

    for at_the_end in ("close", "stream"):
        modem = ScriptedModem()
        told = []
        client = IpCommandClient(modem, 4242, log=lambda line: None)
        client.on_command(slow)
        client.on_error(lambda command, error, told=told: told.append(str(error)))
        task = asyncio.create_task(client.run())
        await client.wait_ready(60000)
        socket = modem.socket
        socket.arrive(b"x")
        await sleep_ms(1000)
        for _ in range(3):
            socket.park(b"x")
        if at_the_end == "close":
            await client.close()
            await task
        else:
            socket.arrive(ModemClosed("the stream has ended"))
            socket.lost = True
            socket.on_loss()
            with raises(ModemClosed):
                await task
        assert client.health()["dropped"] == 3, at_the_end
        assert [text for text in told if text.startswith("3 datagrams are lost")], at_the_end
