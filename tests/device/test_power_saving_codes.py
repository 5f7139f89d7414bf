"""Any time asked for gets the best code there is: compared with an exhaustive search."""

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ip_commands.device import power_saving as ps
from ip_commands.device.errors import InvalidValue
from ip_commands.device.ip_command import is_inside, parse_ipv4, parse_network

OCTETS = [format(octet, "08b") for octet in range(256)]
CODES = [format(code, "04b") for code in range(16)]
TIMERS = [(ps.t3324_bits, ps.t3324_seconds), (ps.t3412_bits, ps.t3412_seconds)]


def all_times(decode) -> dict[int, list[str]]:
    """Return every time a timer can name in seconds, with all octets that name it."""
    times: dict[int, list[str]] = {}
    for bits in OCTETS:
        seconds = decode(bits)
        if seconds is not None:
            times.setdefault(seconds, []).append(bits)
    return times


@pytest.mark.parametrize(("encode", "decode"), TIMERS, ids=["T3324", "T3412"])
def test_each_time_that_has_a_code_gets_one_of_its_codes(encode, decode):
    times = all_times(decode)
    assert len(times) > 80
    for seconds, codes in times.items():
        if encode is ps.t3412_bits and seconds == 0:
            continue
        assert encode(seconds) in codes


@pytest.mark.parametrize(("encode", "decode"), TIMERS, ids=["T3324", "T3412"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_time_is_rounded_to_the_shortest_that_is_not_below(encode, decode, data):
    times = sorted(all_times(decode))
    asked_s = data.draw(st.one_of(st.integers(1, times[-1] + 10), st.floats(0.01, 5000)))
    enough = [seconds for seconds in times if seconds >= asked_s]
    if enough:
        assert decode(encode(asked_s)) == enough[0]
    else:
        with pytest.raises(InvalidValue):
            encode(asked_s)


@settings(max_examples=150, deadline=None)
@given(
    act=st.sampled_from([ps.EDRX_WB, ps.EDRX_NB]),
    asked_s=st.floats(0.01, 12000).map(lambda seconds: round(seconds, 2)),
)
def test_edrx_likewise(act, asked_s):
    encode, decode = ps.edrx_bits, ps.edrx_seconds
    times = sorted({decode(bits, act) for bits in CODES})
    enough = [seconds for seconds in times if seconds >= asked_s - 0.001]
    if enough:
        assert decode(encode(asked_s, act), act) == enough[0]
    else:
        with pytest.raises(InvalidValue):
            encode(asked_s, act)


@settings(max_examples=200, deadline=None)
@given(line=st.text('0145",: +CEDRXP\r\x00x²', max_size=40))
def test_a_garbled_line_is_refused_or_read_never_worse(line):
    try:
        granted = ps.parse_edrx(line)
    except InvalidValue:
        return
    assert granted is None or granted[0] in (4, 5)


@settings(max_examples=200, deadline=None)
@given(host=st.ip_addresses(v=4), network=st.ip_addresses(v=4), prefix=st.integers(0, 32))
def test_networks_agree_with_the_standard_library(host, network, prefix):
    inside = ipaddress.ip_network(f"{network}/{prefix}", strict=False)
    assert is_inside(str(host), parse_network(str(inside))) == (host in inside)
    assert parse_ipv4(str(host)) == int(host)
    if str(inside) != f"{network}/{prefix}":
        with pytest.raises(InvalidValue, match="is no IPv4 network"):
            parse_network(f"{network}/{prefix}")


@settings(max_examples=200, deadline=None)
@given(text=st.text("0123456789./²٣- x", max_size=20))
@example(text="1.2.3.²/10")
@example(text="1.2.3.٣")
@example(text="1.2.3.0/²")
def test_no_text_breaks_the_address_parser(text):
    assert parse_ipv4(text) is None or set(text) <= set("0123456789.")
    try:
        address, mask = parse_network(text)
    except InvalidValue:
        return
    assert address & mask == address
