"""AT command lines are split as V.250 says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.host_sim.fake_modems.engine.line import (
    Arguments,
    BadArgument,
    Command,
    Form,
    split_line,
)

ACTION, SET, READ, TEST = Form.ACTION, Form.SET, Form.READ, Form.TEST


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("", []),
        ("E0", [("E", ACTION, "0")]),
        ("E0V1", [("E", ACTION, "0"), ("V", ACTION, "1")]),
        ("&FE0V1&C1&D2S0=0", [
            ("&F", ACTION, ""), ("E", ACTION, "0"), ("V", ACTION, "1"), ("&C", ACTION, "1"),
            ("&D", ACTION, "2"), ("S0", SET, "0"),
        ]),
        ("S0?", [("S0", READ, "")]),
        ("+CEREG?", [("+CEREG", READ, "")]),
        ("+cereg=?", [("+CEREG", TEST, "")]),
        ("+CEREG=2;+CSQ", [("+CEREG", SET, "2"), ("+CSQ", ACTION, "")]),
        ("E0+CMEE=1", [("E", ACTION, "0"), ("+CMEE", SET, "1")]),
        ('+X="a;b",1;I', [("+X", SET, '"a;b",1'), ("I", ACTION, "")]),
        ("#XSOCKET=1,2,0", [("#XSOCKET", SET, "1,2,0")]),
        ("%XSYSTEMMODE?", [("%XSYSTEMMODE", READ, "")]),
        ("D*99#", [("D", ACTION, "*99#")]),
        (" +CSQ ; I", [("+CSQ", ACTION, ""), ("I", ACTION, "")]),
        ("+CSQ?x", [("?", ACTION, "")]),
        ("+CSQ;(", [("+CSQ", ACTION, ""), ("?", ACTION, "")]),
        ('+X="open', [("+X", SET, '"open')]),
    ],
)  # fmt: skip
def test_a_line_is_split(body, commands):
    assert list(split_line(body)) == [Command(*command) for command in commands]


def test_arguments_are_read_by_position():
    arguments = Arguments('1,"UDP SERVICE",,"",0x1F')
    assert len(arguments) == 5
    assert arguments.integer(0, 0, 11) == 1
    assert arguments.quoted(1) == "UDP SERVICE"
    assert arguments.integer(2, 0, 9, 7) == 7
    assert arguments.quoted(3) == ""
    assert arguments.text(4) == "0x1F"
    assert arguments.text(9, "left out") == "left out"


@pytest.mark.parametrize(
    "read",
    [
        lambda a: a.integer(0, 2, 9),
        lambda a: a.integer(1, 0, 9),
        lambda a: a.integer(2, 0, 9),
        lambda a: a.integer(5, 0, 9),
        lambda a: a.quoted(0),
        lambda a: a.text(2),
        lambda a: a.no_more_than(2),
    ],
)
def test_a_wrong_argument_is_refused(read):
    with pytest.raises(BadArgument):
        read(Arguments('1,"5x",'))


@pytest.mark.parametrize("text", ['"open', '"a"b', '1,"a" "b"', 'a"b'])
def test_bad_quoting_is_refused(text):
    with pytest.raises(BadArgument):
        Arguments(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='+#E0S=?;",&\\AD 1xZ\x00\xff', max_size=40))
def test_any_line_is_split_without_an_error(body):
    for command in split_line(body):
        assert command.name == command.name.upper()
        try:
            Arguments(command.text)
        except BadArgument:
            pass
