"""A digit of a send's length is lost on its way to the modem: the rest of the payload is typed.

What is typed behind the last byte that the modem takes for payload are command lines to it (ITU-T
V.250 section 5.2), and the cut message is sent. No command of a payload may run, and a cut message
is never "sent".
"""

import re

import pytest

from ip_commands.device import IpCommandClient
from ip_commands.device.errors import ModemTimeout, SendUncertain
from ip_commands.device.portable import ticks_diff, ticks_ms
from tests.contracts.modem_checks import SERVICE
from tests.drivers.modem_bench import ModemBench

MODELS = (
    "bg95",
    "ec21",
    "sim7080g",
    "sim7000g",
    "sim7600",
    "a7670",
    "sara-r410m",
    "sara-r510s",
    "gm02sp",
    "nrf9151",
    "me310g1",
)
SEND = re.compile(
    rb'AT(?:\+QISEND=\d|\+CASEND=\d|\+CIPSEND=(?:\d(?=,))?|\+USOST=\d,"[^"]*",\d+'
    rb'|\+SQNSSENDEXT=\d|#XSENDTO=\d,2,0,"[^"]*",\d+|#SSENDU?D?P?EXT=\d),?(\d+)'
)
"""Each dialect's send, up to the length in its only group."""
HIDDEN = b"x" * 40 + b"\r\nAT+CFUN=0\r\n"


def payload_of(length):
    """Return so many bytes that hold commands all over, within lines and as lines."""
    return (b"AT+CFUN=0\r\nxat+cfun=0;\r" + HIDDEN * 20)[:length]


class DigitLost:
    """The driver's end of the UART; loses one digit of the next send's length."""

    def __init__(self, stream, place):
        self._stream = stream
        self._place = place
        self.lost = 0

    async def read(self, max_bytes):
        return await self._stream.read(max_bytes)

    async def write(self, data):
        found = SEND.search(data)
        if found and not self.lost:
            at = found.start(1) + self._place
            if at < found.end(1):
                self.lost += 1
                data = data[:at] + data[at + 1 :]
        await self._stream.write(data)

    async def close(self):
        await self._stream.close()


async def online(model, place):
    """Return a bench with an open socket, and its commands as they run."""
    bench = ModemBench(model, "115200 baud")
    _, socket = await bench.online(4242)
    if model == "me310g1":  # a listener cannot send before somebody's datagram was accepted
        bench.inject(b"first")
        await socket.receive(5000)
    stream = socket._modem.at.stream
    while hasattr(stream, "_stream"):  # Nordic's knows how its data mode ends
        outer, stream = stream, stream._stream
        outer._stream = loses = DigitLost(stream, place)
    if socket._modem.at.stream is stream:
        socket._modem.at.stream = loses = DigitLost(stream, place)
    ran = []
    bench.fake.before_command = lambda call: ran.append(call.name)
    return bench, socket, loses, ran


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("length", [7, 24, 100, 477, 987, 1024, 1300])
@pytest.mark.parametrize("model", MODELS)
async def test_no_command_of_a_payload_runs_and_a_cut_message_is_never_sent(model, length, place):
    bench, socket, loses, ran = await online(model, place)
    payload = payload_of(length)
    if length > socket.max_payload or place >= len(str(length)):
        await bench.finish()
        return
    try:
        await socket.send_to(payload, *SERVICE)
        said = "sent"
    except SendUncertain:
        said = "uncertain"
    assert loses.lost == 1
    assert "+CFUN" not in ran
    sent = [entry[0] for entry in bench.sent]
    if said == "sent":  # nothing was cut: the modem refused the first one
        assert sent == [payload]
    else:
        assert all(part in payload for part in sent)
    try:
        await socket.send_to(b"the next one", *SERVICE)
    except ModemTimeout:  # no length at all: some modems take what comes until they are told
        await socket._modem.find()
        await socket.send_to(b"the next one", *SERVICE)
    assert bench.sent[-1][0] == b"the next one"
    assert len(bench.sent) <= 2 + model.startswith("nrf")  # without a length it ends at a pause
    assert "+CFUN" not in ran
    await bench.finish()


@pytest.mark.parametrize("model", ["sara-r410m", "sara-r510s", "sim7600", "a7670"])
async def test_a_result_that_tells_another_count_is_uncertain(model):
    """+USOST: <socket>,<length>; +CIPSEND: <n>,<asked>,<sent>. No command is in the payload."""
    bench, socket, loses, _ = await online(model, 2)
    with pytest.raises(SendUncertain):
        await socket.send_to(b"y" * 477, *SERVICE)
    assert loses.lost == 1
    await socket.send_to(b"the next one", *SERVICE)
    assert [len(entry[0]) for entry in bench.sent] == [47, 12]
    await bench.finish()


@pytest.mark.parametrize("model", MODELS)
async def test_only_a_payload_that_may_be_a_command_takes_longer(model):
    bench, socket, loses, _ = await online(model, 9)
    await socket.send_to(b"y", *SERVICE)  # the first one asks whether the modem is awake
    took_ms = []
    lines = b"at+v?\r"
    texts = (b"y" * 1000, b"y" * (1000 - len(lines)) + lines, b"{rate: 17,\rstate: at rest}\r\n")
    for payload in (*texts, b"rate 17, at rest"):
        began = ticks_ms()
        await socket.send_to(payload, *SERVICE)
        took_ms.append(ticks_diff(ticks_ms(), began))
        assert bench.sent[-1][0] == payload
    assert took_ms[0] < 500
    assert 250 <= took_ms[1] - took_ms[0] < 700  # 1000, or 100 if one digit is lost
    assert took_ms[2] < 1400  # 28, 8 or 2
    assert took_ms[3] < 500  # without a CR nothing runs
    assert loses.lost == 0
    await bench.finish()


async def test_the_client_counts_what_became_uncertain():
    bench, socket, _, _ = await online("sara-r410m", 0)
    client = IpCommandClient(socket._modem, 4242)
    client._socket = socket
    client.state = "SERVING"
    with pytest.raises(SendUncertain):
        await client.send(b"y" * 477)
    assert client.health()["uncertain"] == 1
    assert client.sent == 0
    await bench.finish()
