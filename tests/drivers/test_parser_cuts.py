"""Any cutting of any bytes gives the same events, and no bytes make the parser raise or hang."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.modem_drivers.at_parser import AtParser
from tests.portable.test_at_parser import RULES, TABLE, events_of

BUFFER_BYTES = 128

fragments = st.one_of(
    st.sampled_from([stream for stream, _ in TABLE]),
    st.sampled_from(
        [
            *(b"\r", b"\n", b"\r\n", b">", b"> ", b'"', b",", b":", b"OK\r\n", b"\x00", b"\x1a"),
            *(b"+QIRD: ", b"+CARECV: ", b"+USORF: ", b"+IPD", b"+IPD,", b"#SRECV:", b"+HEX: "),
            *(b"5", b"12", b"127", b"128", b"129", b"99999", b"-1", b"1.2.3.4,", b'"1.2.3.4",'),
        ]
    ),
    st.binary(max_size=20),
)
streams = st.lists(fragments, max_size=12).map(b"".join)


def all_at_once(stream: bytes, prompt: bool) -> tuple[list, int, int]:
    return cut_by(stream, [], prompt)


def cut_by(stream: bytes, sizes: list[int], prompt: bool) -> tuple[list, int, int]:
    parser = AtParser(RULES, BUFFER_BYTES)
    if prompt:
        parser.expect_prompt(b">")
    events = []
    for size in sizes:
        events += events_of(parser, stream[:size], size, silence=False)
        stream = stream[size:]
    events += events_of(parser, stream, BUFFER_BYTES)
    assert parser.room() >= 1
    return events, parser.dropped_lines, parser.bad_lengths


@settings(max_examples=150, deadline=None)
@given(streams, st.lists(st.integers(1, 9), max_size=60), st.booleans())
def test_any_cutting_gives_the_same_events(stream, sizes, prompt):
    assert cut_by(stream, sizes, prompt) == all_at_once(stream, prompt)


@settings(max_examples=60, deadline=None)
@given(streams, st.booleans())
def test_cutting_into_single_bytes_gives_the_same_events(stream, prompt):
    assert cut_by(stream, [1] * len(stream), prompt) == all_at_once(stream, prompt)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=BUFFER_BYTES), st.sampled_from(["line", "comma", "quote", "colon"]))
def test_any_payload_arrives_unchanged(payload, form):
    size = b"%d" % len(payload)
    stream = {
        "line": b'+QIRD: %s,"100.64.0.1",6969\r\n%s\r\n\r\nOK\r\n',
        "comma": b"+CARECV: %s,%s\r\n\r\nOK\r\n",
        "quote": b'+USORF: 0,"100.64.0.1",6969,%s,"%s"\r\n\r\nOK\r\n',
        "colon": b"+IPD,%s:%s\r\n\r\nOK\r\n",
    }[form] % (size, payload)
    events = events_of(AtParser(RULES, BUFFER_BYTES), stream, 1)
    assert [event[2] for event in events] == ([payload, None] if payload else [None, None])
    assert events[-1][1] == b"OK"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600), st.integers(1, 50))
def test_noise_never_raises_and_is_forgotten_within_one_buffer(noise, cut):
    parser = AtParser(RULES, BUFFER_BYTES)
    events_of(parser, noise, cut)
    # at worst the noise announced a payload: one buffer of line ends later it is over
    events = events_of(parser, b"\n" * BUFFER_BYTES + b'"\n' + b"\r\nOK\r\n", cut)
    assert events[-1][1:] == (b"OK", None)
