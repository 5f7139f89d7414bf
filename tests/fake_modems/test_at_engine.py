"""Line discipline, results, prompts and URCs of the engine that all fakes share."""

import asyncio

import pytest

from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"


async def test_echo_ends_with_the_command_that_switches_it_off():
    async with Bench("bg96", echo=True) as bench:
        assert await bench.ask("AT") == b"AT\r" + OK
        assert await bench.ask("ATE0") == b"ATE0\r" + OK
        assert await bench.ask("AT") == OK


async def test_a_line_feed_after_the_return_is_swallowed():
    async with Bench("bg95", echo=True) as bench:
        assert await bench.type(b"AT\r\n") == b"AT\r" + OK
        assert await bench.type(b"AT\r\n") == b"AT\r" + OK


async def test_lower_case_and_spaces_and_noise_before_at():
    async with Bench("bg95") as bench:
        assert await bench.ask("at+cmee?") == b"\r\n+CMEE: 0\r\n" + OK
        assert await bench.ask("AT +CMEE?") == b"\r\n+CMEE: 0\r\n" + OK
        assert await bench.ask("\x1a\x00\xffAT+CMEE?") == b"\r\n+CMEE: 0\r\n" + OK


async def test_what_is_no_command_gets_no_answer():
    async with Bench("bg95") as bench:
        assert await bench.type(b"\r\r\nHELLO\r", 1) == b""


async def test_backspace_takes_a_character_back():
    async with Bench("bg95") as bench:
        assert await bench.ask("AT+CMEF\bE?") == b"\r\n+CMEE: 0\r\n" + OK


async def test_a_slash_repeats_without_a_return():
    async with Bench("bg95") as bench:
        await bench.ask("AT+CMEE?")
        assert await bench.type(b"A/") == b"\r\n+CMEE: 0\r\n" + OK
        assert await bench.type(b"A") == b""
        assert await bench.type(b"/") == b"\r\n+CMEE: 0\r\n" + OK


async def test_commands_of_one_line_run_until_one_fails():
    async with Bench("bg95") as bench:
        said = await bench.ask("AT+CMEE=1;+CMEE?;+NOSUCH;+CMEE=2")
        assert said == b"\r\n+CMEE: 1\r\n" + ERROR
        assert await bench.ask("AT+CMEE?") == b"\r\n+CMEE: 1\r\n" + OK


async def test_numeric_results_and_silence():
    async with Bench("bg95") as bench:
        assert await bench.ask("ATV0") == b"0\r"
        assert await bench.ask("AT+CMEE?") == b"+CMEE: 0\r\n0\r"
        assert await bench.ask("AT+NOSUCH") == b"4\r"
        assert await bench.ask("ATV1") == OK
        assert await bench.ask("ATQ1") == b""
        assert await bench.ask("AT+CMEE?") == b"\r\n+CMEE: 0\r\n"
        assert await bench.ask("ATQ0") == OK


@pytest.mark.parametrize(
    ("level", "report"),
    [
        (0, "ERROR"),
        (1, "+CME ERROR: 10"),
        (2, "+CME ERROR: SIM not inserted"),
    ],
)
async def test_errors_are_reported_as_cmee_wants(level, report):
    async with Bench("sim7080g") as bench:
        bench.radio.iccid = ""
        bench.fake.restart()
        await bench.hear(10)
        await bench.type(b"AT\r", 1)
        await bench.ask_all("AT", "ATE0", f"AT+CMEE={level}")
        assert await bench.ask("AT+CPIN?") == f"\r\n{report}\r\n".encode()
        assert await bench.ask("AT+NOSUCH") == ERROR


async def test_several_lines_share_their_crlf_or_not():
    async with Bench("bg95") as bench:
        lines = (await bench.ask("ATI")).split(b"\r\n")
        assert lines[:2] == [b"", b"Quectel"]
        assert b"" not in lines[2:4]
    async with Bench("bg95", quirks=["own-crlf-per-line"]) as bench:
        assert (await bench.ask("ATI")).startswith(b"\r\nQuectel\r\n\r\nBG95-M3\r\n\r\n")


async def test_a_line_that_is_too_long_is_an_error_and_forgotten():
    async with Bench("bg95") as bench:
        assert await bench.ask("AT" + " " * 1000) == OK
        assert await bench.ask("AT" + " " * 5000) == ERROR
        assert await bench.ask("AT") == OK


async def test_commands_typed_while_one_runs_wait_for_their_turn():
    async with Bench("bg95", echo=True) as bench:
        await bench.attach()
        said = await bench.type(b"AT+QIACT=1\rAT+CMEE?\r", 3)
        assert said == b"AT+QIACT=1\r" + OK + b"AT+CMEE?\r\r\n+CMEE: 0\r\n" + OK


async def test_what_waits_is_bounded():
    async with Bench("bg95") as bench:
        await bench.attach()
        await bench.type(b"AT+QIACT=1\r" + b"AT\r" * 4000, 0.01)
        assert bench.fake.at.input_lost == 12000 - 4096
        await bench.hear(60)
        assert await bench.type(b"\rAT\r", 1) == OK


async def test_a_scan_ends_at_the_next_key():
    async with Bench("bg95") as bench:
        await bench.attach()
        assert await bench.type(b"AT+COPS=?\r", 5) == b""
        assert await bench.type(b"x", 0.1) == OK
        found = await bench.ask("AT+COPS=?")
        assert found.startswith(b'\r\n+COPS: (2,"AT&T","AT&T","310410",8),,(0-4),(0-2)\r\n')


async def test_the_prompt_takes_exactly_what_was_announced():
    payload = b'\r\nOK\r\n> \x1a\x1b\x00+QIURC: "recv",0\r'
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        said = await bench.ask(f'AT+QISEND=0,{len(payload)},"100.64.0.1",6969')
        assert said == b"\r\n> "
        assert await bench.type(payload + b"AT+CMEE?\r", 1) == (
            b"\r\nSEND OK\r\n\r\n+CMEE: 0\r\n" + OK
        )
        assert bench.radio.uplink[-1] == (payload, 4242, "100.64.0.1", 6969)


async def test_bytes_before_the_prompt_are_lost():
    async with Bench("bg95") as bench:
        await bench.quectel_socket()
        said = await bench.type(b'AT+QISEND=0,5,"100.64.0.1",6969\rhello', 5)
        assert said == b"\r\n> "
        assert bench.fake.at.input_lost == 5
        assert await bench.type(b"world", 1) == b"\r\nSEND OK\r\n"
        assert [sent[0] for sent in bench.radio.uplink] == [b"world"]


@pytest.mark.parametrize(
    ("quirks", "said"),
    [
        ([], b"\r\n> \r\nSEND OK\r\n\r\n+QIURC: \"recv\",0\r\n"),
        (["urcs-lost-at-prompt"], b"\r\n> \r\nSEND OK\r\n"),
    ],
)  # fmt: skip
async def test_a_urc_never_stands_between_prompt_and_result(quirks, said):
    async with Bench("bg95", quirks=quirks) as bench:
        await bench.quectel_socket()
        bench.take()
        await bench.link.host.write(b'AT+QISEND=0,5,"100.64.0.1",6969\r')
        await asyncio.sleep(0.1)
        bench.radio.inject_datagram(b"x")
        await asyncio.sleep(1)
        await bench.link.host.write(b"hello")
        assert await bench.hear(1) == said


async def _urcs_during(bench: Bench, command: bytes, count: int) -> bytes:
    await bench.link.host.write(command)
    await asyncio.sleep(0.001)
    for number in range(count):
        bench.fake.urc(f"+URC: {number}")
    return await bench.hear(5)


async def test_a_urc_may_stand_between_echo_and_answer():
    async with Bench("bg95", echo=True) as bench:
        said = await _urcs_during(bench, b"AT+CMEE?\r", 1)
        assert said == b"AT+CMEE?\r\r\n+URC: 0\r\n\r\n+CMEE: 0\r\n" + OK


async def test_urcs_wait_for_the_result():
    async with Bench("bg95", quirks=["urcs-after-result"]) as bench:
        said = await _urcs_during(bench, b"AT+CMEE?\r", 2)
        assert said == b"\r\n+CMEE: 0\r\n" + OK + b"\r\n+URC: 0\r\n\r\n+URC: 1\r\n"


async def test_urcs_that_wait_are_bounded_and_the_oldest_go():
    async with Bench("bg95", quirks=["urcs-after-result"]) as bench:
        said = await _urcs_during(bench, b"AT+CMEE?\r", 20)
        assert [int(line[6:]) for line in said.split(b"\r\n") if line.startswith(b"+URC")] == [
            *range(5, 20)
        ]
        assert bench.fake.at.out.urcs_lost == 5


async def test_urcs_between_answer_lines_keep_their_order_and_cut_no_line():
    places = set()
    for seed in range(12):
        async with Bench("bg95", quirks=["urcs-between-lines"], seed=seed) as bench:
            lines = (await _urcs_during(bench, b"ATI\r", 2)).split(b"\r\n")
            lines = [line for line in lines if line]
            assert lines.index(b"+URC: 0") < lines.index(b"+URC: 1")
            places.add(lines.index(b"+URC: 0"))
            rest = [line for line in lines if not line.startswith(b"+URC")]
            assert rest == [b"Quectel", b"BG95-M3", b"Revision: BG95M3LAR02A04", b"OK"]
    assert len(places) > 2


async def test_the_same_seed_gives_the_same_times():
    times = []
    for seed in (3, 3, 4):
        start_ms = asyncio.get_running_loop().time() * 1000
        async with Bench("bg95", seed=seed) as bench:
            await bench.ask_all("ATI", "AT+CSQ", "AT+CFUN?")
            times.append([round(at_ms - start_ms, 1) for at_ms, _, _ in bench.link.spy.entries])
    assert times[0] == times[1] != times[2]
