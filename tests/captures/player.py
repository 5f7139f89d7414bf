"""Plays a capture to the fake of its model, in the state that its actions bring about."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.captures.capture import Capture, Move, compare
from tests.fake_modems.bench import LONGEST_COMMAND_S, Bench
from tests.portable.at_script import HOST, unescape

LISTENS_S = 5.0
"""After each move, where no ``pace`` says otherwise; longer while the command runs."""


@dataclass
class Played:
    """A move, what the fake said to it, and how that compares."""

    move: Move
    said: bytes
    outcome: str


async def _datagram(bench: Bench, words: list[str]) -> None:
    port, host, source_port, payload = words[0], words[1], int(words[2]), " ".join(words[3:])
    if port.startswith("client"):  # client1: of socket 1, which chose its port itself
        to_port = bench.fake.sockets[int(port[6:] or 0)].local_port
    else:
        to_port = int(port)
    bench.radio.inject_datagram(unescape(payload), host, source_port, to_port)


async def _radio(bench: Bench, words: list[str]) -> None:
    """Give the radio values: names and types are those of BenchRadio's attributes."""
    for word in words:
        name, _, value = word.partition("=")
        before = getattr(bench.radio, name)  # a name that does not exist shows here
        if isinstance(before, int):
            setattr(bench.radio, name, type(before)(int(value)))
        else:
            setattr(bench.radio, name, None if value == "none" else value)


async def _deny(bench: Bench, words: list[str]) -> None:
    bench.radio.denied_cause, bench.radio.attach_ms = int(words[0]), 300


async def _refuse_pdp(bench: Bench, words: list[str]) -> None:
    bench.radio.refuses_pdp = True
    bench.radio.lose_pdp()
    await bench.hear(1)


async def _grant_psm(bench: Bench, words: list[str]) -> None:
    bench.radio.psm = (words[0], words[1])
    bench.radio.request_psm("00000000", "00000000")
    await bench.hear(1)


async def _release(bench: Bench, words: list[str]) -> None:
    bench.radio.rrc_connected = True
    bench.radio.set_rrc(False)


async def _switch_on(bench: Bench, words: list[str]) -> None:
    bench.fake.brown_out()
    bench.fake.power_key()


async def _ask(bench: Bench, words: list[str]) -> None:
    await bench.ask(" ".join(words))
    await bench.hear(2)


async def _echo(bench: Bench, words: list[str]) -> None:
    await bench.ask({"on": "ATE1", "off": "ATE0"}[words[0]])


async def _attach(bench: Bench, words: list[str]) -> None:
    await bench.attach()


async def _type(bench: Bench, words: list[str]) -> None:
    await bench.link.host.write(unescape(" ".join(words)))


async def _wait(bench: Bench, words: list[str]) -> None:
    await asyncio.sleep(float(words[0]))


def _at_once(act: Callable[[Bench], None]) -> Callable[[Bench, list[str]], Any]:
    async def action(bench: Bench, words: list[str]) -> None:
        act(bench)

    return action


ACTIONS: dict[str, Callable[[Bench, list[str]], Coroutine[Any, Any, None]]] = {
    "ask": _ask,
    "attach": _attach,
    "datagram": _datagram,
    "deny": _deny,
    "echo": _echo,
    "enter_psm": _at_once(lambda bench: bench.radio.enter_psm()),
    "grant_psm": _grant_psm,
    "hear": _at_once(lambda bench: None),
    "lose_coverage": _at_once(lambda bench: bench.radio.lose_coverage()),
    "lose_pdp": _at_once(lambda bench: bench.radio.lose_pdp()),
    "power_key": _at_once(lambda bench: bench.fake.power_key()),
    "radio": _radio,
    "refuse_pdp": _refuse_pdp,
    "regain_coverage": _at_once(lambda bench: bench.radio.regain_coverage()),
    "release": _release,
    "switch_on": _switch_on,
    "type": _type,
    "wait": _wait,
}
"""What ``!`` lines may say, beside ``pace``."""


async def _listen(bench: Bench, pace_s: float | None) -> bytes:
    if pace_s is not None:
        return await bench.hear(pace_s)
    said = await bench.hear(LISTENS_S)
    waited_s = 0
    while bench.fake.at.busy and not bench.fake.at.prompting and waited_s < LONGEST_COMMAND_S:
        said += await bench.hear(1)
        waited_s += 1
    return said


async def play(capture: Capture) -> list[Played]:
    """Return what the fake made of each exchange, in turn."""
    played = []
    quirks = capture.head.get("quirks", "").split()
    pace_s: float | None = None
    async with Bench(capture.model, quirks=quirks, echo=True) as bench:
        for move in capture.moves:
            if move.kind == HOST:
                assert isinstance(move.text, bytes)
                end = getattr(bench.fake, "line_end", b"\r") if move.ends else b""
                await bench.link.host.write(move.text + end)
            else:
                word, *words = str(move.text).split(" ")
                if word == "pace":
                    pace_s = float(words[0]) if words != ["free"] else None
                    continue
                if word not in ACTIONS:
                    raise ValueError(
                        f"{capture.path.name}:{move.line}: no action is called {word}; "
                        f"there are pace, {', '.join(ACTIONS)}"
                    )
                await ACTIONS[word](bench, words)
            if move.is_exchange or move.text == "hear":
                said = await _listen(bench, pace_s)
            if move.is_exchange:
                outcome = compare(move.said, said, capture.shows_bytes)
                played.append(Played(move, said, outcome))
    return played
