"""``ip-commands`` as a process of its own, over a pty, against a fake modem."""

import asyncio
import contextlib
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ip_commands.boards.raspberry_pi import cli
from ip_commands.host_sim.fake_modems import FakeModem, create
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.uart.ports import PtyUart

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 30.0
MODELS = ("bg95", "sim7080g")


@dataclass
class Bench:
    """A fake modem on a pty."""

    fake: FakeModem
    radio: BenchRadio
    uart: PtyUart

    def sent_to_modem(self) -> bytes:
        return b"".join(data for _, way, data in self.uart.spy.entries if way == ">")


@contextlib.asynccontextmanager
async def bench(model: str, powered: bool = True) -> AsyncIterator[Bench]:
    radio = BenchRadio(attach_ms=50, pdp_ms=20)
    fake = create(model, radio, powered=powered)
    async with PtyUart() as uart:
        fake.connect(uart.modem)
        yield Bench(fake, radio, uart)


async def start(*arguments: str, stdin: int | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ip_commands.boards.raspberry_pi",
        *arguments,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL if stdin is None else stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@contextlib.asynccontextmanager
async def listening(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """``listen`` that has told that it listens; killed afterwards if a test left it running."""
    process = await start("listen", *arguments)
    try:
        said = []
        async with asyncio.timeout(LIMIT_S):
            while line := await process.stderr.readline():
                said.append(line)
                if line.startswith(b"listening on UDP port"):
                    break
        assert said, "it ended without a word"
        assert said[-1].startswith(b"listening"), said
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def finish(process: asyncio.subprocess.Process, stdin: bytes | None = None):
    """Wait for the end; return exit code, standard output, standard error."""
    async with asyncio.timeout(LIMIT_S):
        out, err = await process.communicate(stdin)
    return process.returncode, out.decode(), err.decode()


async def run(*arguments: str, stdin: bytes | None = None):
    piped = None if stdin is None else asyncio.subprocess.PIPE
    return await finish(await start(*arguments, stdin=piped), stdin)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  the bench has no event for it
            await asyncio.sleep(0.01)


def is_one_clear_line(err: str) -> bool:
    return err.startswith("error: ") and err.count("\n") == 1 and "Traceback" not in err


@pytest.mark.parametrize("model", MODELS)
async def test_listen_prints_each_command_replies_and_ends_with_sigterm(model: str) -> None:
    payloads = (b"hello", "Grüße, 5 °C".encode(), bytes([0, 255, 13, 10]), b"two\nlines")
    async with bench(model) as on:
        common = ("--uart", on.uart.device, "--modem", model, "--port", "4242")
        async with listening(*common, "--reply", "got it") as process:
            lines = []
            for payload in payloads:
                on.radio.inject_datagram(payload)
                async with asyncio.timeout(LIMIT_S):
                    lines.append((await process.stdout.readline()).decode().rstrip("\n"))
            await until(lambda: len(on.radio.uplink) == len(payloads))
            process.send_signal(signal.SIGTERM)
            code, out, err = await finish(process)
    when = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}"
    shown = ["text hello", "text Grüße, 5 °C", "hex 00ff0d0a", "hex 74776f0a6c696e6573"]
    for line, expected in zip(lines, shown, strict=True):
        assert re.fullmatch(f"{when} 100\\.64\\.0\\.1:6969 {re.escape(expected)}", line), line
    assert [sent[0] for sent in on.radio.uplink] == [b"got it"] * 4
    assert {sent[2:] for sent in on.radio.uplink} == {("100.64.0.1", 6969)}
    assert (code, out, err) == (0, "", "")
    assert (b"QICLOSE" if model == "bg95" else b"CACLOSE") in on.sent_to_modem()


async def test_ctrl_c_ends_a_listen_that_never_reached_its_modem() -> None:
    async with bench("bg95", powered=False) as on:
        process = await start(
            *("listen", "--uart", on.uart.device, "--modem", "bg95", "--port", "4242")
        )
        await until(on.sent_to_modem)
        process.send_signal(signal.SIGINT)
        code, out, err = await finish(process)
    assert (code, out) == (0, "")
    assert "Traceback" not in err


async def test_foreign_senders_are_not_printed_unless_anyone_may() -> None:
    async with bench("bg95") as on:
        common = ("--uart", on.uart.device, "--modem", "bg95", "--port", "4242")
        async with listening(*common) as process:
            on.radio.inject_datagram(b"foreign", host="203.0.113.5")
            on.radio.inject_datagram(b"ours")
            line = await process.stdout.readline()
            assert line.endswith(b" 100.64.0.1:6969 text ours\n")
            process.send_signal(signal.SIGTERM)
            assert (await finish(process))[:2] == (0, "")
        async with listening(*common, "--accept-from", "anyone") as process:
            on.radio.inject_datagram(b"foreign", host="203.0.113.5", port=1)
            line = await process.stdout.readline()
            assert line.endswith(b" 203.0.113.5:1 text foreign\n")


async def test_an_unplugged_modem_ends_listen_with_a_reason() -> None:
    async with bench("bg95") as on:
        common = ("--uart", on.uart.device, "--modem", "bg95", "--port", "4242")
        async with listening(*common) as process:
            await on.uart.close()
            code, out, err = await finish(process)
    assert (code, out) == (1, "")
    assert is_one_clear_line(err), err


@pytest.mark.parametrize("model", MODELS)
async def test_send_sends_and_ends(model: str) -> None:
    async with bench(model) as on:
        common = ("send", "--uart", on.uart.device, "--modem", model, "--port", "4242")
        assert await run(*common, "23.5 C") == (0, "", "")
        assert await run(*common, "--hex", "00 1a ff") == (0, "", "")
        assert await run(*common, stdin=b"from\na pipe\n") == (0, "", "")
        assert [sent[0] for sent in on.radio.uplink] == [
            b"23.5 C",
            b"\x00\x1a\xff",
            b"from\na pipe\n",
        ]


async def test_a_silent_modem_is_an_error_in_time() -> None:
    async with bench("bg95", powered=False) as on:
        common = ("send", "--uart", on.uart.device, "--modem", "bg95", "--port", "4242")
        loop = asyncio.get_running_loop()
        started = loop.time()
        code, out, err = await run(*common, "--timeout", "1.5", "x")
        assert loop.time() - started < LIMIT_S / 2
    assert (code, out) == (1, "")
    assert "error: not listening after 1500 ms" in err
    assert "Traceback" not in err


async def test_a_busy_port_is_an_error() -> None:
    async with bench("bg95") as on:
        common = ("--uart", on.uart.device, "--modem", "bg95", "--port", "4242")
        async with listening(*common):
            code, _, err = await run("send", *common, "x")
    assert code == 1
    assert is_one_clear_line(err), err
    assert "in use by another program" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--port", "4242", "x"), 1, "there is no serial port /dev/ttyNONE"),
        (("--port", "0", "x"), 2, "UDP port 0"),
        (("--port", "4242", "--hex", "0g"), 2, "--hex needs pairs of hex digits"),
        (("--port", "4242", "x" * 1301), 2, "1301 bytes, at most 1300"),
        (("--port", "4242", ""), 2, "the payload is empty"),
        (("--port", "4242", "--timeout", "0", "x"), 2, "--timeout"),
    ],
)
def test_wrong_options_are_one_line(arguments, code: int, words: str, capsys) -> None:
    assert cli.main(["send", "--uart", "/dev/ttyNONE", "--modem", "bg95", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert is_one_clear_line(err), err
    assert words in err


async def test_an_unknown_modem_is_one_line_with_the_known_ones() -> None:
    async with bench("bg95") as on:
        common = ("--uart", on.uart.device, "--port", "4242", "--modem", "bg999")
        code, _, err = await run("send", *common, "x")
        assert await run("send", *common, "x") == (code, "", err)  # the port was released
    assert code == 2
    assert is_one_clear_line(err), err
    assert "SIM7080G" in err


def test_missing_options_show_the_usage(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["listen", "--uart", "/dev/ttyNONE"])
    assert ended.value.code == 2
    assert "required: --port" in capsys.readouterr().err


@pytest.mark.parametrize("model", MODELS)
async def test_a_modem_that_is_not_named_is_asked(model: str) -> None:
    async with bench(model) as on:
        common = ("--uart", on.uart.device, "--port", "4242")
        assert await run("send", *common, "x") == (0, "", f"the modem is a {model.upper()}\n")
        async with listening(*common) as process:
            on.radio.inject_datagram(b"hello")
            assert (await process.stdout.readline()).endswith(b" text hello\n")
            process.send_signal(signal.SIGTERM)
            assert (await finish(process))[:2] == (0, "")
    assert on.radio.uplink[0][0] == b"x"


async def test_nobody_to_ask_is_an_error_in_time_and_ctrl_c_ends_the_asking() -> None:
    async with bench("bg95", powered=False) as on:
        common = ("--uart", on.uart.device, "--port", "4242")
        code, out, err = await run("send", *common, "--timeout", "1.5", "x")
        assert (code, out) == (1, "")
        assert is_one_clear_line(err), err
        assert "no modem answers" in err
        for action, code in (("listen", 0), ("send", 1)):
            heard = len(on.sent_to_modem())
            process = await start(action, *common, *(["x"] if action == "send" else []))
            await until(lambda heard=heard: len(on.sent_to_modem()) > heard)
            process.send_signal(signal.SIGINT)
            ended, out, err = await finish(process)
            assert (ended, out) == (code, "")
            assert "Traceback" not in err


async def test_a_reader_that_goes_away_ends_listen_with_no_word_but_of_losses() -> None:
    async with bench("bg95") as on:
        common = ("--uart", on.uart.device, "--modem", "bg95", "--port", "4242")
        async with listening(*common) as process:
            process.stdout._transport.close()  # `| head` has seen enough
            for _ in range(2):
                on.radio.inject_datagram(b"x")
            async with asyncio.timeout(LIMIT_S):
                code = await process.wait()
            err = await process.stderr.read()
    assert code == 0
    # the second may be read from the modem already when nobody is left to print it for
    assert err in (b"", b"warning: 1 datagrams are lost, or may be\n")
