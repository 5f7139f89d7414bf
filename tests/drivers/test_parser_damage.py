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
    "quote": (
        (b"+USORF: ", b',"', 0),
        b'+USORF: %d,"%s"\r\n\r\nOK\r\n',
        b"\r\n+UUSORF: 0,3\r\n",
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


TAILS = (
    b"",
    b"\r\n+CEREG: 1\r\n",
    b'\r\nRING\r\n\r\n+CMTI: "SM",1\r\n',
    b"\r\n+CPIN: READY\r\n\r\nSMS DONE\r\n",
    b'\r\n+CIEV: 10,"x"\r\n\r\n+CEREG: 1,"1","0001",7\r\n',
)
"""What a modem may say right behind an answer."""


@pytest.mark.parametrize("form", ["full", "short", "quote"])
@pytest.mark.parametrize("tail", TAILS)
def test_a_payload_that_swallowed_the_end_of_its_answer_and_more_is_none(
    form: str, tail: bytes
) -> None:
    _, answer, _ = FRAMES[form]
    payload = COMMAND[:-1] + b"\n" if form == "quote" else COMMAND
    stream = answer % (len(payload), payload)
    begin = stream.index(payload)
    for swallowed in range(1, len(payload) - 5):
        rest = stream[: begin + 5] + stream[begin + 5 + swallowed :] + tail
        assert handed_on(form, rest) == [], (swallowed, tail)


@pytest.mark.parametrize("form", ["full", "short", "quote"])
def test_a_payload_that_holds_the_end_of_an_answer_is_whole_with_its_own(form: str) -> None:
    _, answer, urc = FRAMES[form]
    payload = b"log:\r\n\r\nOK\r\n\r\n+CEREG: 1"
    for follows in (b"", urc):
        stream = answer % (len(payload), payload) + follows
        assert handed_on(form, stream) == [payload]


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


PUSHES = {
    # rule, one pushed datagram: its sender's line, header, payload, with or without a line end
    "framed": (
        (b"+RECEIVE,", b"\n", 1, 1, PUSHED),
        b"\r\nRECV FROM:1.2.3.4:5\r\n+RECEIVE,0,%d\r\n%s",
    ),
    "framed, line end": (
        (b"+RECEIVE,", b"\n", 1, 1, PUSHED),
        b"\r\nRECV FROM:1.2.3.4:5\r\n+RECEIVE,0,%d\r\n%s\r\n",
    ),
    "line end": (
        (b"+IPD,", b":", 0, 1, PUSHED),
        b"RECV FROM: 1.2.3.4:5\r\n+IPD,%d:%s\r\n",
    ),
    "header alone": (
        (b'+CAURC: "recv",', b"\n", 1, 1, PUSHED),
        b'\r\n+CAURC: "recv",0,%d,1.2.3.4,5\r\n%s\r\n',
    ),
}
PUSHED_COMMAND = b"VALVE=OPEN;SECONDS=10"


def pushed_on(form: str, *streams: bytes) -> list[bytes]:
    """Return what is handed on of streams between which the line is silent."""
    parser = AtParser((PUSHES[form][0],), 512)
    got = []
    for stream in streams:
        got += [event[2] for event in events_of(parser, stream, 512) if event[0] == DATA]
        parser.abandon()
    return got


@pytest.mark.parametrize("form", PUSHES)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_a_pushed_payload_that_swallowed_a_line_end_is_not_handed_on(
    form: str, count: int
) -> None:
    _, push = PUSHES[form]
    stream = push % (len(PUSHED_COMMAND), PUSHED_COMMAND)
    hello = push % (5, b"hello")
    begin = stream.index(PUSHED_COMMAND)
    # the firmware's habit is known from datagrams before silence and before another one
    for at in range(begin, begin + len(PUSHED_COMMAND) - count + 1):
        hurt = stream[:at] + stream[at + count :]
        assert pushed_on(form, hello, hello + hello, hurt)[3:] == [], at
        assert PUSHED_COMMAND[:4] not in b"".join(pushed_on(form, hello + hello, hurt + hello)), at


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_a_line_end_in_front_of_the_first_sender_is_asked_for_behind_its_datagram(
    count: int,
) -> None:
    _, push = PUSHES["framed"]
    stream = push % (len(PUSHED_COMMAND), PUSHED_COMMAND)
    begin = stream.index(PUSHED_COMMAND)
    for at in range(begin, begin + len(PUSHED_COMMAND) - count + 1):
        hurt = stream[:at] + stream[at + count :]
        got = pushed_on("framed", hurt + push % (5, b"hello"))
        assert [payload for payload in got if payload != b"hello"] == [], at


PAYLOADS_IN_LINES = [b"hello", b"\r\n", b"two\r\nlines\r\n", b"\r\n\r\n", b"hello"]


@pytest.mark.parametrize("form", [form for form in PUSHES if form != "line end"])
def test_pushed_payloads_that_end_with_a_line_end_are_whole(form: str) -> None:
    _, push = PUSHES[form]
    payloads = PAYLOADS_IN_LINES
    pushes = [push % (len(payload), payload) for payload in payloads]
    assert pushed_on(form, b"".join(pushes)) == payloads
    assert pushed_on(form, *pushes) == payloads
    assert pushed_on(form, *pushes, b"".join(pushes), *pushes) == payloads * 3
    urc = b"\r\n+CEREG: 5\r\n"
    assert pushed_on(form, urc.join(pushes), *pushes, b"".join(pushes)) == payloads * 3


@pytest.mark.parametrize(
    ("rule", "push"),
    [
        PUSHES["line end"],
        ((b"+IPD", b"\n", 0, 1, PUSHED), b"RECV FROM:1.2.3.4:5\r\n+IPD%d\r\n%s"),
    ],
    ids=["line end", "nothing"],
)
def test_without_a_line_end_before_the_next_one_what_ends_with_one_is_dropped_and_counted(
    rule: tuple[bytes, bytes, int, int, int], push: bytes
) -> None:
    parser = AtParser((rule,), 512)
    pushes = [push % (len(payload), payload) for payload in PAYLOADS_IN_LINES]
    got = [
        event[2]
        for stream in [*pushes, b"".join(pushes)]
        for event in events_of(parser, stream, 512)
        if event[0] == DATA
    ]
    assert got == [*PAYLOADS_IN_LINES, b"hello", b"hello"]
    assert parser.damaged == 3


def test_a_urc_inside_a_pushed_payload_in_lines_is_no_payload() -> None:
    _, push = PUSHES["framed"]
    urc = b"\r\n+CEREG: 5\r\n"
    lines = b"VALVE=OPEN\r\nSECONDS=100"
    assert lines[-len(urc) :] == b"\r\nSECONDS=100"  # behind it a line end, as it should be
    stream = push % (len(lines), lines)
    begin = stream.index(lines)
    for at in range(begin, begin + len(lines)):
        assert pushed_on("framed", stream[:at] + urc + stream[at:]) == [], at
