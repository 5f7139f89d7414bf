"""Conversations with real modems, replayed against the parser, the channel and the drivers."""

import asyncio

import pytest

from ip_commands.device.errors import CommandError, ModemTimeout
from ip_commands.modem_drivers.at_channel import AtChannel
from ip_commands.modem_drivers.at_parser import LINE, PROMPT, AtParser
from ip_commands.modem_drivers.modem_socket import ModemSocket
from ip_commands.modem_drivers.quectel import QuectelModem
from ip_commands.modem_drivers.simcom_ca import SimcomCaModem
from tests.captures.capture import FOLDER, steps_of
from tests.drivers.recorded_modem import capture_name, captures_of
from tests.portable.at_script import HOST, MODEM, AtScript
from tests.portable.memory_stream import stream_pair
from tests.portable.test_at_parser import events_of

FILES = captures_of("bg", "ec", "eg", "sim7070", "sim7080", "sim7090")
RESTARTS = {"bg96/restart"}
"""A question without an answer, and then a boot: a driver's matter, not the channel's."""
RULES = QuectelModem.RAW_RULES + SimcomCaModem.RAW_RULES
FINALS = (b"OK", b"SEND OK")
PROMPTS = (b"\r\n> ", b"\r\n>")


@pytest.mark.parametrize("path", FILES, ids=capture_name)
def test_the_parser_reads_every_line_however_it_is_cut(path):
    steps = steps_of(path)

    def read_in_pieces(cut):
        parser = AtParser(RULES, 512)
        events = []
        for kind, what in steps:
            if what in PROMPTS:
                parser.expect_prompt(b">")
            if kind == MODEM:
                events += events_of(parser, what, cut)
        assert (parser.bad_lengths, parser.dropped_lines) == (0, 0)
        return events

    events = read_in_pieces(1)
    assert events == read_in_pieces(7) == read_in_pieces(512)
    framed = [what for kind, what in steps if kind == MODEM and what.startswith(b"\r\n")]
    plain = [what.strip() for what in framed if what.count(b"\r\n") == 2]
    seen = iter([line for kind, line, _ in events if kind == LINE])
    assert all(line in seen for line in plain if line), "a line is missing or out of order"
    prompts = [event for event in events if event[0] == PROMPT]
    assert len(prompts) == len([what for _, what in steps if what in PROMPTS])


def exchanges_of(steps):
    """Return (command, data, lines before the final result, final result or None)."""
    found = []
    for kind, what in steps:
        if kind == HOST:
            if what.startswith(b"AT"):
                found.append([what[2:-1].decode(), b"", [], None])
            else:
                found[-1][1] = what
        elif kind == MODEM and found:
            for line in what.replace(b"\r", b"\n").split(b"\n"):
                if line in FINALS or line.startswith((b"ERROR", b"+CME ERROR")):
                    found[-1][3] = line
                elif line and found[-1][3] is None and line != b"AT" + found[-1][0].encode():
                    found[-1][2].append(line)
    return found


@pytest.mark.parametrize(
    "path", [path for path in FILES if capture_name(path) not in RESTARTS], ids=capture_name
)
@pytest.mark.parametrize("cut", [0, 1, 7])
async def test_the_channel_holds_the_conversation(path, cut):
    steps = steps_of(path)
    host, far = stream_pair(cut_bytes=cut)
    modem = AtScript(far, steps)
    lines = []
    channel = AtChannel(host, (), ((b"", lambda line, payload: lines.append(line)),))
    channel.start()
    for text, data, expected, final in exchanges_of(steps):
        await modem.waits_for_host()
        lines.clear()
        if final is None:
            with pytest.raises(ModemTimeout):
                await channel.command(text, timeout_ms=100)
        elif final in FINALS:
            await channel.command(text, timeout_ms=20000, finals=(final,), data=data)
        else:
            with pytest.raises(CommandError) as caught:
                await channel.command(text)
            assert caught.value.result == final.decode()
        noise = (b"AT" + text.encode(), b">", data.strip())  # echo of command and data
        heard = [line for line in lines if line.strip() not in noise]
        wanted = [line for line in expected if line.strip() not in noise]
        assert heard[: len(wanted)] == wanted, text
    await channel.close()
    await modem.check()


class RecordedModem:
    """Answers each command with what the recorded modem did, in turn; others with ERROR."""

    def __init__(self, end, name):
        self._end = end
        self._answers = {}
        answer = None
        for kind, what in steps_of(FOLDER / f"{name}.txt"):
            if kind == HOST and what.startswith(b"AT"):
                answer = []
                self._answers.setdefault(what, []).append(answer)
            elif answer is not None and kind != "~":
                answer.append((kind, what))

    async def run(self):
        line = b""
        while more := await self._end.read(1):
            line += more
            if not line.endswith(b"\r"):
                continue
            recorded = self._answers.get(line)
            answer = [(MODEM, b"\r\nERROR\r\n")]
            if recorded:  # the last one is repeated
                answer = recorded.pop(0) if len(recorded) > 1 else recorded[0]
            line = b""
            for kind, what in answer:
                if kind == MODEM:
                    await self._end.write(what)
                else:
                    got = b""
                    while len(got) < len(what):
                        got += await self._end.read(len(what) - len(got))
                    assert got == what


async def ask(name, make, use):
    """Run ``use(driver)`` against a recorded modem."""
    host, far = stream_pair(cut_bytes=3)
    modem = asyncio.create_task(RecordedModem(far, name).run())
    driver = make(host)
    driver.at.start()
    driver._ready = True
    try:
        return await use(driver)
    finally:
        await driver.close()
        await modem
        assert driver.at.handler_errors == 0


def socket_of(driver, number, port=3030):
    socket = ModemSocket(driver, number, port, 1460, 60000)
    driver._sockets[number] = socket
    return socket


class Sim7080ReadingHundred(SimcomCaModem):
    """Asks for 100 bytes at a time, as the recorded hosts did."""

    MAX_PAYLOAD = 100


async def test_quectel_udp_service_of_a_real_bg96():
    async def use(modem):
        await modem._wait_sim(10**6)
        await modem._activate(150000)
        await modem._activate(150000)  # is active by now: nothing to do
        socket = socket_of(modem, 2)
        assert await modem._open(socket) == 0
        assert [fields[0] for fields in await modem._ask_fields("+QISTATE=0,1")] == ["2"]
        assert await modem._send_datagram(socket, b"123456789\r", "220.180.239.212", 8009)
        assert await modem._read_datagram(socket) is None

    await ask("bg96/udp_service", QuectelModem, use)


async def test_quectel_udp_service_of_the_manual():
    async def use(modem):
        socket = socket_of(modem, 2)
        assert await modem._open(socket) == 0
        assert await modem._send_datagram(socket, b"1234567890", "10.7.89.10", 6969)
        assert await socket.receive(1000) == (b"AAAA", "10.7.76.34", 7687)
        assert socket.found_without_urc == 0
        assert await modem._read_datagram(socket) is None

    class Recorded(QuectelModem):
        async def _close_connection(self, socket):
            pass

    await ask("bg96/udp_service_manual", Recorded, use)


async def test_quectel_boot_of_a_real_bg96():
    async def use(modem):
        for text in ("E0", "+CMEE=1", "+QISDE=0"):
            await modem._insist(text)
        await modem._wait_sim(10**6)
        await modem._activate(150000)
        assert await modem._is_connected()

    await ask("bg96/framing", QuectelModem, use)


async def test_quectel_signal_and_active_context_of_a_real_bg770a():
    async def use(modem):
        assert await modem._read_registration()
        assert await modem.read_signal() == (-57, -78, -9)
        await modem._activate(150000)
        identity = await modem.read_identity()
        assert (identity.model, identity.firmware) == ("BG770A-GL", "BG770AGLAAR01A03")

    await ask("bg770a/signal_and_context", lambda s: QuectelModem(s, "BG770A"), use)


async def test_quectel_sim_states_of_a_real_ec21():
    await ask("ec21/boot", lambda s: QuectelModem(s, "EC21"), lambda modem: modem._wait_sim(10**6))


async def test_simcom_udp_server_of_the_manual():
    async def use(modem):
        await modem._activate(60000)
        socket = socket_of(modem, 0, 6000)
        assert await modem._open(socket) == 0
        datagram = await socket.receive(5000)
        assert datagram == (b"GET / HTTP", "", 0)  # CASRIP is off

    await ask("sim7080g/udp_server_manual", Sim7080ReadingHundred, use)


async def test_simcom_sequence_of_the_kore_demo():
    async def use(modem):
        await modem._activate(60000)
        socket = socket_of(modem, 0, 6969)
        assert await modem._open(socket) == 0
        await modem.at.command('+CACFG="REMOTEADDR",0,100.64.0.1,6969')
        assert await socket.receive(5000) == (b"NUM=42&ID=07", "", 0)  # CASRIP is off

    class Recorded(Sim7080ReadingHundred):
        async def _is_connected(self):
            return False

    await ask("sim7080g/kore_ip_commands", Recorded, use)


async def test_simcom_after_psm_the_bearer_is_down():
    await ask("sim7080g/after_psm", SimcomCaModem, lambda modem: modem._activate(60000))


async def test_simcom_payload_with_commas_and_echo():
    async def use(modem):
        datagram = await modem._read_datagram(socket_of(modem, 0))
        assert datagram == (b"*SET,55", "", 0)

    await ask("sim7080g/carecv_echo", Sim7080ReadingHundred, use)


async def test_simcom_power_saving_of_the_manual():
    async def use(modem):
        assert await modem._read_registration()
        assert modem.access_technology == 9
        edrx = await modem._read_edrx()
        assert edrx is not None
        assert edrx[2] == 20.48
        await modem.at.command('+CPSMS=1,,,"01011111","00000001"')
        assert modem._granted_psm() == (2, 1116000)

    await ask("sim7080g/psm_and_edrx_manual", SimcomCaModem, use)
