"""The AT channel and its stream: boots, ends, waiting in turn, pauses, the log."""

import asyncio

from ip_commands.device.errors import CommandError, ModemClosed, ModemTimeout
from ip_commands.device.portable import sleep_ms, ticks_diff, ticks_ms
from ip_commands.modem_drivers.at_channel import AtChannel
from tests.portable.at_script import play
from tests.portable.channel_bench import RULES, make
from tests.portable.memory_stream import stream_pair
from tests.portable.raises import raises


async def test_a_restart_while_idle_is_reported_and_needs_no_resync():
    boots = []

    def make_booting(stream):
        def on_boot(line):
            boots.append(line)
            return True

        channel = AtChannel(stream, boot_lines=(b"RDY",), on_boot=on_boot)
        channel.start()
        return channel

    async def use(at):
        await sleep_ms(100)
        return await at.command("")

    assert await play("< RDY\n> AT\n< OK", make_booting, use) == []
    assert boots == [b"RDY"]


async def test_an_expected_boot_line_does_not_fail_the_command():
    def make_expecting(stream):
        channel = AtChannel(stream, boot_lines=(b"RDY",), on_boot=lambda line: False)
        channel.start()
        return channel

    assert await play("> AT\n< RDY\n< OK", make_expecting, lambda at: at.command("")) == []


async def test_the_end_of_the_stream_ends_everything():
    host, far = stream_pair()
    ended = []
    at = AtChannel(host, on_end=lambda: ended.append(True))
    at.start()
    tasks = [
        asyncio.create_task(at.command("+A")),
        asyncio.create_task(at.command("+B")),
        asyncio.create_task(at.command("+C", data=b"x")),
    ]
    await sleep_ms(10)
    await far.close()
    for task in tasks:
        with raises(ModemClosed, "AT+"):
            await task
    with raises(ModemClosed, "AT+D"):
        await at.command("+D")
    assert at.state == "CLOSED"
    await at.close()
    await at.close()
    assert ended == [True]


async def test_close_fails_what_is_in_flight():
    host, _far = stream_pair()
    at = AtChannel(host)
    at.start()
    task = asyncio.create_task(at.command("+A"))
    await sleep_ms(10)
    await at.close()
    with raises(ModemClosed, "AT+A"):
        await task


async def test_a_stray_exception_of_the_stream_is_told_and_not_its_end():
    host, far = stream_pair()
    read = host.read
    strays = [ValueError("stray"), TypeError("another"), MemoryError()]

    async def read_badly(max_bytes):
        data = await read(max_bytes)
        if strays:
            raise strays.pop(0)
        return data

    host.read = read_badly
    said = []
    at = AtChannel(host, log=said.append)
    at.start()
    for errors, memory_errors in ((1, 0), (2, 0), (2, 1)):
        await far.write(b"\r\n+NOISE: 1\r\n")
        await sleep_ms(1000)
        assert (at.handler_errors, at.memory_errors) == (errors, memory_errors)
    assert "ValueError" in said[0] and "TypeError" in said[1]
    task = asyncio.create_task(at.command("+A"))
    await sleep_ms(10)
    await far.write(b"\r\nOK\r\n")
    await task
    await far.close()
    with raises(ModemClosed, "AT+B"):
        await at.command("+B")


class BlockedStream:
    """A stream whose other side never takes a byte (flow control)."""

    def __init__(self):
        self._end = asyncio.Event()

    async def read(self, max_bytes):
        await self._end.wait()
        return b""

    async def write(self, data):
        await self._end.wait()

    async def close(self):
        self._end.set()


class BrokenStream(BlockedStream):
    """A stream whose cable is pulled."""

    async def write(self, data):
        raise OSError(5)


async def test_a_blocked_line_is_a_time_out_and_a_broken_one_the_end():
    at = AtChannel(BlockedStream())
    at.start()
    for _ in range(2):
        with raises(ModemTimeout, "AT+X"):
            await at.command("+X", data=b"1", timeout_ms=700)
    await at.close()
    at = AtChannel(BrokenStream())
    at.start()
    with raises(ModemClosed, "AT+X", "5"):
        await at.command("+X")
    await at.close()


async def test_commands_of_many_tasks_wait_for_each_other():
    script = ""
    for number in range(8):
        script += "> AT+V=%d\n~ 10\n< +V: %d\n< OK\n" % (number, number)

    async def use(at):
        tasks = [asyncio.create_task(at.command("+V=%d" % number, b"+V: ")) for number in range(8)]
        answers = []
        for task in tasks:
            answers.append(await task)
        return answers

    assert await play(script, make, use) == [[b"%d" % number] for number in range(8)]


async def test_gaps_and_waking_as_the_vendor_asks():
    waits = []

    def make_slow(stream):
        channel = make(stream)
        channel.gap_ms = 100
        channel.prompt_pause_ms = 50

        async def wake_up():
            waits.append(ticks_ms())

        channel.wake_up = wake_up
        return channel

    async def use(at):
        start = ticks_ms()
        await at.command("")
        with raises(CommandError):
            await at.command("+X")
        await at.command("+SEND=1", data=b"x")
        return ticks_diff(ticks_ms(), start)

    script = "> AT\n< OK\n> AT+X\n< ERROR\n> AT+SEND=1\n< >\n>| x\n< OK"
    assert await play(script, make_slow, use) // 10 == 35
    assert len(waits) == 3


async def test_the_log_shows_lines_sizes_and_no_secret():
    lines = []

    def make_logging(stream):
        channel = AtChannel(stream, RULES, log=lines.append)
        channel.start()
        return channel

    async def use(at):
        await at.command("+CPIN=1234", shown="+CPIN=...")
        await at.command("+SEND=2", data=b"\x00\x01")
        await at.command("+READ", b"+READ: ")

    script = "> AT+CPIN=1234\n< OK\n> AT+SEND=2\n< >\n>| \\x00\\x01\n< OK\n> AT+READ\n"
    await play(script + "<| +READ: 2\\r\\n\\xff\\xfe\\r\\n\\r\\nOK\\r\\n", make_logging, use)
    assert lines == [
        "> AT+CPIN=...",
        "< OK",
        "> AT+SEND=2 [2 bytes]",
        "< >",
        "< OK",
        "> AT+READ",
        "< +READ: 2 [2 bytes]",
        "< OK",
    ]
