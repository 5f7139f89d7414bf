"""What commands of the AT channel return and raise: results and answers, matched exactly."""

from ip_commands.device.errors import CommandError, ModemRestarted, ModemTimeout
from tests.portable.at_script import play
from tests.portable.channel_bench import make, seen
from tests.portable.raises import raises

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
            "failures": (b"#XDATAMODE: -",),
        },
        CommandError,
        "AT#XSENDTO=1 -> #XDATAMODE: -106",
    ),
    ("> AT+X\n< +X: 7", {"text": "+X", "failures": (b"+X: ",)}, CommandError, "+X: 7"),
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
