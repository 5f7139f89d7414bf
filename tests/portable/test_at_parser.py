"""The AT parser: every framing that the supported dialects use, cut at every place."""

from ip_commands.device.errors import InvalidValue
from ip_commands.modem_drivers.at_parser import DATA, EITHER, LINE, PROMPT, PUSHED, SHORT, AtParser
from tests.portable.raises import raises

NASTY = b'\r\nOK\r\n+QIURC: "recv",0\r\n> \x00\x1a\r,",\n>\r\n+QIRD: 9\r\nERROR\r\n'
SIZE = b"%d" % len(NASTY)


def whole_or_address(fields):
    return 0 if len(fields) == 1 or b"." in fields[1] else -1


def after_address(fields):
    return 2 if b"." in fields[0] else 0


RULES = (
    (b"+QIRD: ", b"\n", whole_or_address),
    (b"+CARECV: ", b",", after_address, 1, EITHER),
    (b"+USORF: ", b',"', 3),
    (b"+IPD,", b":", 0, 1, PUSHED),
    (b"+IPD", b"\n", 0, 1, PUSHED),
    (b"#SRECV:", b"\n", 3),
    (b"+RECEIVE,", b"\n", 1, 1, PUSHED),
    (b"+HEX: ", b"\n", 0, 2, SHORT),
)

# what the modem sends -> the events it means
TABLE = (
    # V.250 frames, echo, several CRs, blank lines (u-blox SARA-R4 firmware L0.0.00.00.05.06)
    (b"\r\nOK\r\n", [(LINE, b"OK", None)]),
    (b"AT\r\r\nOK\r\n", [(LINE, b"AT", None), (LINE, b"OK", None)]),
    (b"\r\r\n\r\r\n+USORF: 0,0\r\nOK\r\n", [(LINE, b"+USORF: 0,0", None), (LINE, b"OK", None)]),
    (b"AT+USOCR=17\r\r+USOCR: 0\r\n", [(LINE, b"+USOCR: 0", None)]),
    (b"\r\n>no prompt was expected\r\n", [(LINE, b">no prompt was expected", None)]),
    # header with a line end of its own (Quectel, Nordic, Telit, SIM7600)
    (
        b'\r\n+QIRD: %s,"100.64.0.1",6969\r\n%s\r\n\r\nOK\r\n' % (SIZE, NASTY),
        [(DATA, b'+QIRD: %s,"100.64.0.1",6969' % SIZE, NASTY), (LINE, b"OK", None)],
    ),
    (b"\r\n+QIRD: 0\r\n\r\nOK\r\n", [(LINE, b"+QIRD: 0", None), (LINE, b"OK", None)]),
    (b"\r\n+QIRD: 3524,3005,519\r\n", [(LINE, b"+QIRD: 3524,3005,519", None)]),
    (b"+IPD5\r\na\r\nbc\r\n", [(DATA, b"+IPD5", b"a\r\nbc")]),
    (
        b"#SRECV: 1.2.3.4,99,1,2,0\r\n\r\n\r\n\r\nOK\r\n",
        [(DATA, b"#SRECV: 1.2.3.4,99,1,2,0", b"\r\n"), (LINE, b"OK", None)],
    ),
    (b"+RECEIVE,0,2:\r\nhi\r\n", [(DATA, b"+RECEIVE,0,2:", b"hi")]),
    (b"+HEX: 2\r\n4F4B\r\nOK\r\n", [(DATA, b"+HEX: 2", b"4F4B"), (LINE, b"OK", None)]),
    # header that ends with a comma, a colon or a quote inside the line (SIMCom, u-blox)
    (
        b"\r\n+CARECV: %s,%s\r\n\r\nOK\r\n" % (SIZE, NASTY),
        [(DATA, b"+CARECV: %s" % SIZE, NASTY), (LINE, b"OK", None)],
    ),
    (
        b"\r\n+CARECV: 100.64.0.1,6969,%s,%s\r\n\r\nOK\r\n" % (SIZE, NASTY),
        [(DATA, b"+CARECV: 100.64.0.1,6969,%s" % SIZE, NASTY), (LINE, b"OK", None)],
    ),
    (b"+CARECV: 0\r\nOK\r\n", [(LINE, b"+CARECV: 0", None), (LINE, b"OK", None)]),
    (b"+CARECV: 0,\r\nOK\r\n", [(LINE, b"+CARECV: 0", None), (LINE, b"OK", None)]),
    (
        b"+CARECV: 4,5,6,\r\n\r\nOK\r\n",
        [(DATA, b"+CARECV: 4", b"5,6,"), (LINE, b"OK", None)],
    ),
    (b"+IPD,5:test1\r\n", [(DATA, b"+IPD,5", b"test1")]),
    (
        b'\r\n+USORF: 0,"1.2.3.4",99,%s,"%s"\r\nOK\r\n' % (SIZE, NASTY),
        [(DATA, b'+USORF: 0,"1.2.3.4",99,%s' % SIZE, NASTY), (LINE, b"OK", None)],
    ),
    (b'+USORF: 0,""\r\nOK\r\n', [(LINE, b'+USORF: 0,""', None), (LINE, b"OK", None)]),
    (b'+USORF: 0,"1.2.3.4",9,0,""\r\n', [(LINE, b'+USORF: 0,"1.2.3.4",9,0', None)]),
    (b'+USORF: 0,"1.2.3.4",9,2,zz\r\n', [(LINE, b'+USORF: 0,"1.2.3.4",9,2,zz', None)]),
    # back to back: the payload's neighbours are not eaten
    (
        b"+IPD3\r\n\r\nx+IPD1\r\n>\r\n",
        [(DATA, b"+IPD3", b"\r\nx"), (DATA, b"+IPD1", b">")],
    ),
    # lengths that cannot be
    (b"+CARECV: x,y\r\nOK\r\n", [(LINE, b"+CARECV: x,y", None), (LINE, b"OK", None)]),
    (b"+QIRD: -5\r\nOK\r\n", [(LINE, b"+QIRD: -5", None), (LINE, b"OK", None)]),
    (b"+IPD99999\r\nOK\r\n", [(LINE, b"+IPD99999", None), (LINE, b"OK", None)]),
    (b"+IPD" + b"9" * 200 + b"\r\n", [(LINE, b"+IPD" + b"9" * 200, None)]),
)


def events_of(parser, stream, cut, silence=True):
    """Feed a stream in pieces of ``cut`` bytes and return all events; then nothing comes."""
    events = []
    position = 0
    while position < len(stream):
        piece = stream[position : position + min(cut, parser.room())]
        position += len(piece)
        parser.feed(piece)
        event = parser.next_event()
        while event:
            events.append(event)
            event = parser.next_event()
    if silence:
        parser.judge()
    event = parser.next_event()
    while event:
        events.append(event)
        event = parser.next_event()
    return events


def test_every_framing_in_pieces_of_every_size():
    for stream, expected in TABLE:
        for cut in (1, 2, 3, 5, 7, len(stream)):
            parser = AtParser(RULES, 512)
            got = events_of(parser, stream, cut)
            assert got == expected, (cut, stream, got)


def test_the_whole_table_as_one_stream():
    stream = b"".join([pair[0] + b"\r\n" for pair in TABLE])
    expected = []
    for pair in TABLE:
        expected += pair[1]
    for cut in (1, 11, 64, 500):
        parser = AtParser(RULES, 512)
        assert events_of(parser, stream, cut) == expected, cut
        assert parser.bad_lengths == 4
        assert parser.dropped_lines == 0


def test_a_prompt_only_when_expected_and_only_once():
    for text in (b"\r\n> ", b"\r\n>", b">", b"\r\n>\r\n", b"\r\n> \r\n"):
        for cut in (1, len(text)):
            parser = AtParser()
            parser.expect_prompt(b">")
            stream = text + b"\r\n>second\r\n\r\nSEND OK\r\n"
            expected = [(PROMPT, b">", None), (LINE, b">second", None), (LINE, b"SEND OK", None)]
            assert events_of(parser, stream, cut) == expected, (text, cut)


def test_a_prompt_of_another_letter():
    parser = AtParser()
    parser.expect_prompt(b"@")
    assert events_of(parser, b"\r\n+UUSORF: 0,3\r\n\r\n@", 1)[-1] == (PROMPT, b"@", None)
    parser.expect_prompt(b"@")
    parser.expect_prompt(None)
    assert events_of(parser, b"\r\n@home\r\n", 1) == [(LINE, b"@home", None)]


def test_a_payload_that_begins_with_a_prompt_is_a_payload():
    parser = AtParser(RULES)
    parser.expect_prompt(b">")
    events = events_of(parser, b"+IPD3\r\n> x\r\n\r\n> ", 1)
    assert events == [(DATA, b"+IPD3", b"> x"), (PROMPT, b">", None)]


def test_too_long_a_line_is_dropped_and_counted_and_the_next_one_is_read():
    for cut in (1, 3, 64):
        parser = AtParser(RULES, 64)
        stream = (
            b"x" * 64
            + b"> x\r\n"
            + b"x" * 64
            + b"+IPD,2:x\r\n"
            + b"y" * 500
            + b"\r\nOK\r\n"
            + b"z" * 62
            + b"\r\n"
        )
        parser.expect_prompt(b">")
        assert events_of(parser, stream, cut) == [(LINE, b"OK", None), (LINE, b"z" * 62, None)]
        assert parser.dropped_lines == 3


def test_the_longest_payload_fills_the_buffer_exactly():
    for cut in (1, 7, 64):
        parser = AtParser(RULES, 64)
        events = events_of(parser, b"+IPD64\r\n" + b"\n" * 64 + b"\r\nOK\r\n+IPD65\r\n", cut)
        assert events[0] == (DATA, b"+IPD64", b"\n" * 64)
        assert events[1:] == [(LINE, b"OK", None), (LINE, b"+IPD65", None)]
        assert parser.bad_lengths == 1


def test_reset_gives_up_a_payload_that_never_comes():
    parser = AtParser(RULES, 512)
    assert parser.raw_missing() == 0
    assert events_of(parser, b"+IPD300\r\nonly these", 4) == []
    assert parser.raw_missing() == 290
    parser.reset()
    assert parser.raw_missing() == 0
    assert events_of(parser, b"\r\nOK\r\n", 4) == [(LINE, b"OK", None)]


def test_more_than_the_room_is_refused_before_anything_is_lost():
    parser = AtParser((), 64)
    parser.feed(b"O" * 40)
    assert parser.next_event() is None
    assert parser.room() == 24
    with raises(InvalidValue, "25 bytes", "24"):
        parser.feed(b"K" * 25)
    assert events_of(parser, b"K\r\n", 3) == [(LINE, b"O" * 40 + b"K", None)]
