"""The AT channel: one command in flight, exact results, no answer taken for another's."""

import asyncio

from device.errors import CommandError, ModemClosed, ModemRestarted, ModemTimeout
from device.portable import sleep_ms, ticks_diff, ticks_ms, wait_event_ms
from modem_drivers.at_channel import CLOSED, DIRTY, IDLE, AtChannel
from tests.portable.at_script import play
from tests.portable.memory_stream import stream_pair
from tests.portable.raises import raises

RULES = ((b"+READ: ", b"\n", 0), (b"+PUSH: ", b"\n", 0))
seen = []


def make(stream):
    """A channel with a data rule and two URCs that are noted in ``seen``."""
    seen.clear()
    channel = AtChannel(
        stream,
        RULES,
        (
            (b"+URC: ", lambda rest, payload: seen.append(rest)),
            (b"+PUSH: ", lambda rest, payload: seen.append((rest, payload))),
            (b"+BAD", lambda rest, payload: int(rest)),
        ),
        (b"RDY",),
    )
    channel.start()
    return channel


# script, command arguments, what it returns
ANSWERS = (
    ("> AT\n< OK", {"text": ""}, []),
    ("> AT+CSQ\n< +CSQ: 20,99\n< OK", {"text": "+CSQ", "prefix": b"+CSQ: "}, [b"20,99"]),
    # a URC, an unknown line and the command's own echo between command and answer
    (
        r"""
        > AT+CSQ
        <| AT+CSQ\r
        < +URC: 1
        < DST: 0
        < +CSQ: 20,99
        < +URC: 2
        < OK
        """,
        {"text": "+CSQ", "prefix": b"+CSQ: "},
        [b"20,99"],
    ),
    # a final result is matched exactly: operators are called anything
    (
        "> AT+COPS?\n< +COPS: OK\n< OKAY\n< BOOKED OK\n< NOT AN ERROR\n< OK",
        {"text": "+COPS?", "prefix": b"+COPS: "},
        [b"OK"],
    ),
    # answers without a prefix: whatever is no URC
    (
        "> AT+CGSN\n<| AT+CGSN\\r\n< +URC: 7\n< 866425030000000\n< OK",
        {"text": "+CGSN", "prefix": None},
        [b"866425030000000"],
    ),
    # counted data: header, payload; a pushed payload in between is a URC
    (
        r"""
        > AT+READ
        <| \r\n+PUSH: 4\r\nOK\r\n\r\n+READ: 6,9\r\n\r\nOK\r\n\r\n\r\nOK\r\n
        """,
        {"text": "+READ", "prefix": b"+READ: "},
        [b"6,9", b"\r\nOK\r\n"],
    ),
    # results of the command's own
    ("> AT+OFF\n< BYE", {"text": "+OFF", "finals": (b"BYE",)}, []),
    # a second line that must come too, in either order
    (
        "> AT+OPEN\n< OK\n~ 900\n< +OPEN: 0,0",
        {"text": "+OPEN", "then": b"+OPEN: 0,"},
        [b"0"],
    ),
    (
        "> AT+OPEN\n< +OPEN: 1,7\n< +OPEN: 0,5\n< OK",
        {"text": "+OPEN", "then": b"+OPEN: 0,"},
        [b"5"],
    ),
    # data: the prompt with and without blank or line end, a URC before it, results of the command
    (
        "> AT+SEND=3\n< +URC: 3\n<| \\r\\n> \n>| \\x1a\\r>\n< SEND OK",
        {"text": "+SEND=3", "data": b"\x1a\r>", "finals": (b"SEND OK",)},
        [],
    ),
    ("> AT+SEND=1\n<| \\r\\n>\n>| x\n< OK", {"text": "+SEND=1", "data": b"x"}, []),
    ("> AT+SEND=1\n<| >\\r\\n\n>| x\n< OK", {"text": "+SEND=1", "data": b"x"}, []),
    (
        "> AT+SEND=1\n<| \\r\\n@\n>| x\n< +SEND: 1\n< OK",
        {"text": "+SEND=1", "data": b"x", "prompt": b"@", "prefix": b"+SEND: "},
        [b"1"],
    ),
    # a whole line as prompt (data mode of Nordic's Serial Modem)
    (
        "> AT#XSENDTO=1\n< OK\n>| x\n< #XDATAMODE: 0",
        {"text": "#XSENDTO=1", "data": b"x", "prompt": b"OK", "finals": (b"#XDATAMODE: 0",)},
        [],
    ),
)

ANSWERS += (
    # behind the final result nothing is an answer, even in the same read
    (
        "> AT+URC?\n<| \\r\\n+URC: 5\\r\\n\\r\\nOK\\r\\n\\r\\n+URC: 6\\r\\n",
        {"text": "+URC?", "prefix": b"+URC: "},
        [b"5"],
    ),
    (
        "> AT+D\n< OK\n>| x\n< OK",
        {"text": "+D", "data": b"x", "prompt": b"OK"},
        [],
    ),
)

# script, command arguments, error class, words of its message
REFUSALS = (
    ("> AT+X\n< ERROR", {"text": "+X"}, CommandError, "AT+X -> ERROR"),
    ("> AT+X\n< +CME ERROR: 10", {"text": "+X"}, CommandError, "AT+X -> +CME ERROR: 10"),
    ("> AT+X\n< +CMS ERROR: 500", {"text": "+X"}, CommandError, "+CMS ERROR: 500"),
    (
        "> AT+SEND=1\n<| \\r\\n> \n>| x\n< SEND FAIL",
        {"text": "+SEND=1", "data": b"x", "finals": (b"SEND OK",), "failures": (b"SEND FAIL",)},
        CommandError,
        "SEND FAIL",
    ),
    # a failure whose number is not known before; it comes instead of the prompt or behind the data
    (
        "> AT#XSENDTO=1\n< OK\n>| x\n< #XDATAMODE: -106",
        {
            "text": "#XSENDTO=1",
            "data": b"x",
            "prompt": b"OK",
            "finals": (b"#XDATAMODE: 0",),
            "failure_prefix": b"#XDATAMODE: -",
        },
        CommandError,
        "AT#XSENDTO=1 -> #XDATAMODE: -106",
    ),
    ("> AT+X\n< +X: 7", {"text": "+X", "failure_prefix": b"+X: "}, CommandError, "+X: 7"),
    # refused before the prompt: the data is not written
    ("> AT+SEND=1\n< ERROR", {"text": "+SEND=1", "data": b"x"}, CommandError, "ERROR"),
    ("> AT+X\n< RDY", {"text": "+X"}, ModemRestarted, "AT+X"),
    ("> AT+SEND=1\n< RDY", {"text": "+SEND=1", "data": b"x"}, ModemRestarted, "AT+SEND=1"),
    (
        "> AT+X\n< O",
        {"text": "+X", "timeout_ms": 300},
        ModemTimeout,
        "AT+X -> no answer in 300 ms",
    ),
    # the second line never comes
    ("> AT+X\n< OK", {"text": "+X", "then": b"+X", "timeout_ms": 300}, ModemTimeout, "AT+X"),
    # a secret stays out of the message
    (
        "> AT+CPIN=1234\n< ERROR",
        {"text": "+CPIN=1234", "shown": "+CPIN=..."},
        CommandError,
        "N=...",
    ),
)


async def test_answers():
    for script, arguments, expected in ANSWERS:
        for cut in (0, 1, 7):
            got = await play(script, make, lambda at: at.command(**arguments), cut)  # noqa: B023
            assert got == expected, (script, cut, got)


async def test_refusals():
    for script, arguments, error, words in REFUSALS:
        for cut in (0, 1):
            with raises(error, words) as caught:
                await play(script, make, lambda at: at.command(**arguments), cut)  # noqa: B023
            assert "1234" not in str(caught.error)


async def test_the_number_of_an_error():
    with raises(CommandError) as caught:
        await play("> AT\n< +CME ERROR: 30", make, lambda at: at.command(""))
    assert caught.error.code == 30


async def test_urcs_reach_their_handlers_in_order_with_their_payload():
    async def use(at):
        await at.command("")
        return list(seen), at.handler_errors

    got = await play(
        "> AT\n< +URC: 1\n<| +PUSH: 3\\r\\nOK\\n\n< +BADx\n< +URC: 2\n< OK", make, use, 1
    )
    assert got == ([b"1", (b"3", b"OK\n"), b"2"], 1)


async def test_a_late_answer_is_not_taken_for_the_next_commands():
    script = """
        > AT+V=1
        ~ 1200
        < +V: 1
        < OK
        > AT
        < OK
        > AT+V=2
        < +V: 2
        < OK
    """

    async def use(at):
        with raises(ModemTimeout, "AT+V=1"):
            await at.command("+V=1", b"+V: ", timeout_ms=1000)
        assert at.state == DIRTY
        second = await at.command("+V=2", b"+V: ")
        assert at.state == IDLE
        return second

    assert await play(script, make, use) == [b"2"]


async def test_a_busy_modem_is_asked_again_and_again():
    # the late OK answers the second AT; the two ATs' own come right behind it and pass by
    script = """
        > AT+V=1
        ~ 1600
        > AT
        < +V: 1
        < OK
        > AT
        < OK
        ~ 100
        < OK
        > AT+V=2
        < +V: 2
        < OK
    """

    async def use(at):
        with raises(ModemTimeout):
            await at.command("+V=1", b"+V: ", timeout_ms=1000)
        return await at.command("+V=2", b"+V: ")

    assert await play(script, make, use) == [b"2"]


async def test_a_cancelled_command_leaves_no_answer_behind():
    script = """
        > AT+V=1
        ~ 50
        < +V: 1
        < OK
        > AT
        < OK
        > AT+V=2
        < +V: 2
        < OK
    """

    async def use(at):
        task = asyncio.create_task(at.command("+V=1", b"+V: "))
        await sleep_ms(10)
        task.cancel()
        with raises(asyncio.CancelledError):
            await task
        return await at.command("+V=2", b"+V: ")

    assert await play(script, make, use) == [b"2"]


async def test_a_silent_modem_fails_in_bounded_time_and_every_time():
    async def use(at):
        start = ticks_ms()
        for _ in range(2):
            with raises(ModemTimeout, "AT+X"):
                await at.command("+X", timeout_ms=1000)
        return ticks_diff(ticks_ms(), start)

    assert await play("> AT+X\n" + "> AT\n" * 5, make, use) == 1000 + 5 * 500


async def test_data_once_begun_is_carried_through_without_its_caller():
    script = """
        > AT+SEND=5
        ~ 100
        <| \\r\\n>
        >| hello
        ~ 100
        < SEND OK
        > AT+V=2
        < +V: 2
        < OK
    """

    async def use(at):
        task = asyncio.create_task(at.command("+SEND=5", data=b"hello", finals=(b"SEND OK",)))
        await sleep_ms(20)
        task.cancel()
        with raises(asyncio.CancelledError):
            await task
        return await at.command("+V=2", b"+V: ")

    assert await play(script, make, use) == [b"2"]


async def test_data_not_begun_is_not_sent_when_its_caller_is_cancelled():
    async def use(at):
        first = asyncio.create_task(at.command("+V=1", b"+V: "))
        await sleep_ms(10)
        second = asyncio.create_task(at.command("+SEND=5", data=b"hello"))
        await sleep_ms(10)
        second.cancel()
        with raises(asyncio.CancelledError):
            await second
        await sleep_ms(10)
        return await first

    assert await play("> AT+V=1\n~ 100\n< +V: 1\n< OK", make, use) == [b"1"]


async def test_a_prompt_that_came_too_late_is_fed_and_the_modem_usable_again():
    script = """
        > AT+SEND=5
        ~ 1100
        <| \\r\\n>
        >| \\r\\r\\r\\r\\r
        < SEND OK
        > AT
        < OK
        > AT+V=1
        > AT
        < OK
        > AT+V=2
        < +V: 2
        < OK
    """

    async def use(at):
        with raises(ModemTimeout, "AT+SEND=5"):
            await at.command("+SEND=5", data=b"hello", finals=(b"SEND OK",), timeout_ms=1000)
        await sleep_ms(500)
        with raises(ModemTimeout, "AT+V=1"):
            await at.command("+V=1", b"+V: ", timeout_ms=1000)
        return await at.command("+V=2", b"+V: ")

    assert await play(script, make, use) == [b"2"]


async def test_a_prompt_left_by_an_earlier_program_is_fed():
    script = r"""
        >| \r\r\r
        >| \r\r\r
        < SEND OK
        > AT
        < OK
    """
    await play(script, make, lambda at: at.synchronise(filler_bytes=6))


async def test_fillers_are_repeated_but_not_each_time():
    script = r"""
        >| \r\r\r
        > AT
        > AT
        >| \r\r\r
        > AT
        < OK
    """
    await play(script, make, lambda at: at.synchronise(filler_bytes=3))


async def test_a_restarted_modem_has_no_prompt_to_feed():
    async def use(at):
        with raises(ModemRestarted):
            await at.command("+SEND=5", data=b"hello")
        return await at.command("+V=2", b"+V: ")

    script = "> AT+SEND=5\n< RDY\n> AT\n< OK\n> AT+V=2\n< +V: 2\n< OK"
    assert await play(script, make, use) == [b"2"]


async def test_a_refused_send_leaves_no_prompt_expected():
    async def use(at):
        with raises(CommandError):
            await at.command("+SEND=5", data=b"hello")
        return await at.command("I", None)

    script = "> AT+SEND=5\n< ERROR\n> ATI\n< >modem<\n< OK"
    assert await play(script, make, use, 1) == [b">modem<"]


async def test_half_a_command_left_behind_is_ended():
    await play("> AT\n< ERROR\n> AT\n< OK", make, lambda at: at.synchronise())


async def test_an_announced_payload_that_never_comes_does_not_deafen_the_channel():
    script = r"""
        > AT+READ
        <| \r\n+READ: 400\r\nonly this
        > AT
        < OK
        > AT
        < OK
        > AT+V=2
        < +V: 2
        < OK
    """

    async def use(at):
        with raises(ModemTimeout):
            await at.command("+READ", b"+READ: ", timeout_ms=1000)
        return await at.command("+V=2", b"+V: ")

    assert await play(script, make, use) == [b"2"]


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
    assert at.state == CLOSED
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
    await play(script + "<| +READ: 2\\r\\n\\xff\\xfe\\r\\nOK\\r\\n", make_logging, use)
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


async def test_waiting_for_an_event_and_cancelling_leaves_the_lock_free():
    async def use(at):
        first = asyncio.create_task(at.command("+V=1", b"+V: "))
        second = asyncio.create_task(at.command("+V=2", b"+V: "))
        await sleep_ms(10)
        second.cancel()
        with raises(asyncio.CancelledError):
            await second
        assert await first == [b"1"]
        done = asyncio.Event()
        done.set()
        assert await wait_event_ms(done, 10)
        return await at.command("+V=3", b"+V: ")

    script = "> AT+V=1\n~ 50\n< +V: 1\n< OK\n> AT+V=3\n< +V: 3\n< OK"
    assert await play(script, make, use) == [b"3"]
