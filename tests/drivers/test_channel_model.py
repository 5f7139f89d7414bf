"""The channel against a simple model: whatever is late, cancelled or silent, each command gets its
own answer or an error, and every URC arrives once, in order."""

import asyncio
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from ip_commands.device.errors import CommandError, ModemTimeout, SendUncertain
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from ip_commands.modem_drivers.at_channel import AtChannel
from tests.portable.memory_stream import stream_pair

TIMEOUT_MS = 1000


@dataclass
class Plan:
    """One command: what the modem does and what its caller does."""

    answer_after_ms: int
    refused: bool
    urc_between: bool
    cancel_after_ms: int | None
    data: bytes
    echo: bool


plans = st.builds(
    Plan,
    answer_after_ms=st.one_of(st.just(0), st.integers(0, 900), st.integers(990, 2800)),
    refused=st.booleans(),
    urc_between=st.booleans(),
    cancel_after_ms=st.one_of(st.none(), st.none(), st.integers(0, 1500)),
    data=st.one_of(st.just(b""), st.just(b""), st.binary(min_size=1, max_size=60)),
    echo=st.booleans(),
)


class SerialModem:
    """Obeys one line at a time, as a modem does; what is typed meanwhile waits in its UART."""

    def __init__(self, end, plans):
        self.urcs_sent = []
        self.payloads = []
        self._end = end
        self._plans = plans

    async def _byte(self):
        byte = await self._end.read(1)
        if not byte:
            raise EOFError
        return byte

    async def run(self):
        try:
            while True:
                line = b""
                while not line.endswith(b"\r"):
                    line += await self._byte()
                await self._obey(line)
        except EOFError:
            pass

    async def _obey(self, line):
        if line in (b"AT\r", b"AT+CMEE?\r"):
            await asyncio.sleep(0.1)
            mode = b"\r\n+CMEE: 1\r\n" if line == b"AT+CMEE?\r" else b""
            await self._end.write(mode + b"\r\nOK\r\n")
            return
        if not line.startswith(b"AT+V="):
            return  # an empty line
        number = int(line[5:-1])
        plan = self._plans[number]
        if plan.echo:
            await self._end.write(line)
        if plan.urc_between:
            self.urcs_sent.append(b"%d" % number)
            await self._end.write(b"\r\n+U: %d\r\n" % number)
        await asyncio.sleep(plan.answer_after_ms / 1000)
        if plan.refused:
            await self._end.write(b"\r\n+CME ERROR: %d\r\n" % number)
            return
        if plan.data:
            await self._end.write(b"\r\n> ")
            payload = b""
            while len(payload) < len(plan.data):
                payload += await self._byte()
            self.payloads.append((number, payload))
        await self._end.write(b"\r\n+V: %d\r\n\r\nOK\r\n" % number)


async def hold_conversation(plans, cut):
    host, far = stream_pair(cut_bytes=cut)
    modem = SerialModem(far, plans)
    running = asyncio.create_task(modem.run())
    urcs = []
    channel = AtChannel(host, (), ((b"+U: ", lambda rest, payload: urcs.append(rest)),))
    channel.start()
    answered = set()
    for number, plan in enumerate(plans):
        command = asyncio.create_task(
            channel.command(f"+V={number}", b"+V: ", timeout_ms=TIMEOUT_MS, data=plan.data)
        )
        if plan.cancel_after_ms is not None:
            await asyncio.sleep(plan.cancel_after_ms / 1000)
            command.cancel()
        refusal = None
        try:
            lines = await command
            assert lines == [b"%d" % number]
            assert not plan.refused
            answered.add(number)
        except CommandError as error:
            refusal = error.code
        except (ModemTimeout, SendUncertain):
            # its own answer was late, or a late one before it kept the modem busy
            assert max(earlier.answer_after_ms for earlier in plans[: number + 1]) >= 900
        except asyncio.CancelledError:
            assert plan.cancel_after_ms is not None
        assert refusal in (None, number)
        assert refusal is None or plan.refused
    for _ in range(3):  # a modem that is idle answers, whatever was before
        try:
            await channel.command("", timeout_ms=5000)
            break
        except ModemTimeout:
            pass
    assert channel.state == "IDLE"
    await asyncio.sleep(10)
    await channel.close()
    await running
    assert urcs == modem.urcs_sent
    for number, payload in modem.payloads:
        # whole, or (when the prompt came after the caller's time) nothing but fillers
        assert payload == plans[number].data or not payload.strip(b"\rAT"), (number, payload)
        assert number not in answered or payload == plans[number].data


@settings(max_examples=120, deadline=None)
@given(st.lists(plans, min_size=1, max_size=8), st.sampled_from([0, 1, 5]))
def test_every_command_gets_its_own_answer_or_an_error(plans, cut):
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(hold_conversation(plans, cut))
