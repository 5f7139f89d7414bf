"""A payload that lost or gained bytes on the wire is never handed on; every position is tried."""

import pytest

from ip_commands.modem_drivers.at_parser import DATA, EITHER, PUSHED, SHORT, AtParser
from tests.portable.test_at_parser import RULES, events_of

PAYLOADS = (
    b"VALVE=OPEN;SECONDS=10",
    b"x",
    b"line\r\n",
    b"\r\n",
    b"ends OK",
    b"\r\nOK",
    b"\x00" * 40,
)
ANSWERS = {
    "line": b'\r\n+QIRD: %d,"100.64.0.1",6969\r\n%s\r\n\r\nOK\r\n',
    "comma": b"\r\n+CARECV: %d,%s\r\n\r\nOK\r\n",
    "quote": b'\r\n+USORF: 0,"100.64.0.1",6969,%d,"%s"\r\n\r\nOK\r\n',
}
PROBES = b"\r\nOK\r\n" * 3
"""What a host that lost the final result asks for next."""


def payloads_of(stream: bytes) -> list[bytes]:
    """Return what is handed on of an answer, and of the answers to AT after it."""
    parser = AtParser(RULES, 512)
    events_of(parser, b"+CARECV: 1,x\r\n\r\nOK\r\n", 512)  # the firmware's habit is known
    got = []
    for piece in (stream, PROBES):
        got += [event[2] for event in events_of(parser, piece, 512) if event[0] == DATA]
        if parser.unfinished():
            parser.abandon()  # the reader does, after a time without a byte
    return got


def damaged(stream: bytes, at: int, count: int) -> dict[str, bytes]:
    broken = {"lost": stream[:at] + stream[at + count :]}
    if count == 1:
        broken["doubled"] = stream[:at] + stream[at : at + 1] + stream[at:]
    return broken


@pytest.mark.parametrize("form", ANSWERS)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 8, 16, 64])
def test_no_position_gives_a_wrong_payload(form: str, count: int) -> None:
    for payload in PAYLOADS:
        stream = ANSWERS[form] % (len(payload), payload)
        assert payloads_of(stream) == [payload]
        for at in range(len(stream)):
            for what, bytes_ in damaged(stream, at, count).items():
                got = payloads_of(bytes_)
                # losing one of several equal bytes leaves nothing to see: same bytes, same payload
                assert got in ([], [payload]), (what, at, stream, got)


def test_what_was_dropped_is_counted_and_the_answer_goes_on() -> None:
    parser = AtParser(RULES, 512)
    stream = (
        b'+QIRD: 21,"100.64.0.1",6969\r\nVALVE=;SECONDS=10\r\n\r\nOK\r\n\r\n+CSQ: 9,99\r\nOK\r\n'
    )
    assert [event[1] for event in events_of(parser, stream, 512)] == [b"OK", b"+CSQ: 9,99", b"OK"]
    assert parser.damaged == 1


def test_where_firmwares_differ_the_line_end_that_was_seen_is_asked_for() -> None:
    parser = AtParser(RULES, 512)
    short = b"+CARECV: 5,%s\r\nOK\r\n"
    assert [event[2] for event in events_of(parser, short % b"hel\r\n", 512)] == [b"hel\r\n", None]
    assert [event[2] for event in events_of(parser, short % b"hello", 512)] == [b"hello", None]
    full = b"+CARECV: 5,hello\r\n\r\nOK\r\n"
    assert [event[2] for event in events_of(parser, full, 512)] == [b"hello", None]
    assert [event[2] for event in events_of(parser, short % b"hel\r\n", 512)] == [None]
    assert parser.damaged == 1


FRAMES = {
    # rule, answer with its frame, the URC of that dialect
    "full": (
        (b"+QIRD: ", b"\n", 0),
        b"+QIRD: %d\r\n%s\r\n\r\nOK\r\n",
        b'\r\n+QIURC: "recv",0\r\n',
    ),
    "either": (
        (b"+CARECV: ", b",", 0, 1, EITHER),
        b"+CARECV: %d,%s\r\nOK\r\n",
        b"\r\n+CADATAIND: 0\r\n",
    ),
    "short": (
        (b"#XRECVFROM: ", b"\n", 0, 1, SHORT),
        b"#XRECVFROM: %d\r\n%s\r\nOK\r\n",
        b"\r\n#XAPOLL: 0,1\r\n",
    ),
    "pushed": (
        (b"+IPD", b"\n", 0, 1, PUSHED),
        b"+IPD%d\r\n%s\r\n",
        b"\r\n+CIPRXGET: 1,0\r\n",
    ),
}
COMMAND = b"#00001;VALVE=OPEN;SECONDS=10;AFTER=3600"


def handed_on(form: str, stream: bytes) -> list[bytes]:
    return [
        event[2]
        for event in events_of(AtParser((FRAMES[form][0],), 512), stream, 512)
        if event[0] == DATA
    ]


@pytest.mark.parametrize("form", FRAMES)
def test_a_urc_that_ends_with_the_last_counted_byte_is_no_payload(form: str) -> None:
    _, answer, urc = FRAMES[form]
    stream = answer % (len(COMMAND), COMMAND)
    assert handed_on(form, stream) == [COMMAND]
    begin = stream.index(COMMAND)
    for at in range(begin, begin + len(COMMAND)):
        assert handed_on(form, stream[:at] + urc + stream[at:]) == [], at


@pytest.mark.parametrize("form", ["full", "short"])
def test_the_end_of_an_answer_that_a_payload_swallowed_is_no_payload_before_a_urc(
    form: str,
) -> None:
    _, answer, urc = FRAMES[form]
    stream = answer % (len(COMMAND), COMMAND)
    begin = stream.index(COMMAND)
    frame = stream[begin + len(COMMAND) :]
    for swallowed in range(1, len(frame) + 1):
        for at in range(begin, begin + len(COMMAND) - swallowed + 1):
            rest = stream[:at] + stream[at + swallowed :]
            for follows in (b"", urc, urc + urc):
                assert handed_on(form, rest + follows) == [], (swallowed, at, follows)


@pytest.mark.parametrize("form", FRAMES)
def test_a_payload_in_lines_is_whole_with_its_frame_and_a_plain_one_before_a_urc(
    form: str,
) -> None:
    _, answer, urc = FRAMES[form]
    lines = b"VALVE=OPEN\r\nSECONDS=10\r\n"
    assert handed_on(form, answer % (len(lines), lines)) == [lines]
    stream = answer % (len(COMMAND), COMMAND)
    behind = stream.index(COMMAND) + len(COMMAND) + 2  # the final result is late, or lost
    assert handed_on(form, stream[:behind] + urc) == [COMMAND]
    assert handed_on(form, stream[:behind]) == [COMMAND]
