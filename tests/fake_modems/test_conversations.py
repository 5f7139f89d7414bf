"""Exchanges with real modules, and the manuals' own examples, come out of the fakes byte for byte.

The files are in ``conversations``; their README tells the form.
"""

import asyncio
import re
from pathlib import Path

import pytest

from tests.fake_modems.bench import Bench

FILES = sorted((Path(__file__).parent / "conversations").glob("*.txt"))


def _bytes(text: str) -> bytes:
    return text.encode("latin-1").decode("unicode_escape").encode("latin-1")


def _pattern(text: str) -> str:
    parts = (re.escape(_bytes(part).decode("latin-1")) for part in text.split("{}"))
    return r'[^\r\n,"]*'.join(parts)


async def _act(bench: Bench, action: str) -> None:
    word, *rest = action.split(" ", 4)
    radio = bench.radio
    if word == "echo":
        await bench.ask("ATE0")
    elif word == "attach":
        await bench.attach()
    elif word == "home":
        radio.stat = 1
    elif word == "nb_iot":
        radio.access_technology, radio.is_cat_m1 = 9, False
    elif word == "datagram":
        port, host, source_port, payload = rest
        sockets = bench.fake.sockets
        to_port = sockets[0].local_port if port == "client" else int(port)
        radio.inject_datagram(_bytes(payload), host, int(source_port), to_port)
    elif word == "switch_on":
        bench.fake.brown_out()
        bench.fake.power_key()
    elif word == "deny":
        radio.denied_cause, radio.attach_ms = int(rest[0]), 300
    elif word == "refuse_pdp":
        radio.refuses_pdp = True
        radio.lose_pdp()
        await bench.hear(1)
    elif word == "wait":
        await asyncio.sleep(float(rest[0]))
    elif word == "lose_pdp":
        radio.lose_pdp()
    elif word == "grant_psm":
        radio.psm = (rest[0], rest[1])
        radio.request_psm("00000000", "00000000")
        await bench.hear(1)
    elif word == "release":
        radio.rrc_connected = True
        radio.set_rrc(False)
    elif word == "enter_psm":
        radio.enter_psm()
    else:
        raise AssertionError(f"no action is called {word}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_the_fake_says_what_the_module_said(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    head = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    quirks = head["quirks"].split() if "quirks" in head else []
    compared = 0
    async with Bench(head["model"], quirks=quirks, echo=True) as bench:
        position, pace_s = 0, 5.0
        while position < len(lines):
            mark, text = lines[position][:1], lines[position][2:]
            position += 1
            if mark == "#":
                continue
            assert mark in ">!", f"{file.name}:{position}: {lines[position - 1]}"
            if mark == "!" and text.startswith("pace "):
                pace_s = float(text[5:])
                continue
            if mark == "!":
                await _act(bench, text)
            else:
                await bench.link.host.write(_bytes(text))
            expected = ""
            while position < len(lines) and lines[position].startswith("<"):
                expected += _pattern(lines[position][2:])
                compared += 1
                position += 1
            said = (await bench.hear(pace_s)).decode("latin-1")
            if mark == ">" or expected:
                assert re.fullmatch(expected, said), f"line {position}: {said!r}"
    assert compared > 3


def test_there_are_conversations():
    assert len(FILES) >= 8
