"""One whole receive and one whole send conversation, with something wrong at one byte of it.

Two phases: while it lasts no payload may be wrong, doubled or silently lost; afterwards the next
command must arrive within ``BOUND_S``. Each life is one conversation with one fault.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from ip_commands.device.errors import SendUncertain
from ip_commands.host_sim.faults import Exchange, Position, positions
from ip_commands.host_sim.time.virtual_time import run
from tests.reliability.client_life import Outcome
from tests.reliability.dialects import PUSHED
from tests.reliability.life import Life

BOUND_S = 300.0
LASTS_S = 120.0
UPLINK = b"#up\r\nVALVE IS OPEN\x1a\x00."

KINDS = {
    # what happens: fault of the catalogue, whether behind the byte, further arguments
    "lost": ("byte_lost", False, {}),
    "doubled": ("byte_doubled", False, {}),
    "flipped": ("byte_flipped", False, {}),
    "cut": ("answer_cut", True, {}),
    "followed by a URC": ("urc_inside_answer", True, {"urc": "data"}),
    "followed by a reset": ("reboot", True, {}),
}


FLIPPED = "a flipped bit inside a payload is delivered: nothing on the line carries a checksum"
PUSHED_ONCE = "printed once, unasked, and cut before it said what it was: nothing to count by"


@dataclass(frozen=True)
class Strike:
    """One fault at one byte of one model's conversation."""

    model: str
    kind: str
    place: Position
    in_payload: bool
    """The byte is one of a datagram's own."""

    def __str__(self) -> str:
        at = self.place
        return f"{self.model} {self.kind}: {at.to!r} nth={at.nth} byte {at.position} of {at.of}"


@dataclass
class Verdict:
    """What came of a strike; ``faults`` is empty when all promises were kept."""

    faults: list[str] = field(default_factory=list)
    footnote: str = ""
    """A loss that is inherent, and why."""
    outcome: Outcome | None = None


async def converse(life: Life) -> str:
    """Receive two datagrams that come at once, send one; return what sending came to."""
    life.arrive()
    life.arrive()
    await asyncio.sleep(3)
    said = "sent"
    try:
        await life.client.send(UPLINK, timeout_ms=90_000)
    except Exception as error:
        said = type(error).__name__
    await asyncio.sleep(3)
    return said


def record(model: str) -> list[Exchange]:
    """Return what the modem says in a conversation in which nothing is wrong."""

    async def listen() -> list[Exchange]:
        async with Life(model) as life:
            heard = life.faults.record()
            assert await converse(life) == "sent"
            heard.stop()
            out = life.judge()
            assert (out.sent, out.handled, out.doubled, out.wrong) == (2, 2, [], [])
            return list(heard)

    return run(listen())


def strikes(model: str, kinds: tuple[str, ...] = tuple(KINDS)) -> list[Strike]:
    """Return every fault at every byte of a model's conversation."""
    exchanges = record(model)
    places = list(positions(exchanges))
    inside = []
    for exchange in exchanges:
        if exchange.aim:
            inside += _in_payload(exchange.said)
    assert len(inside) == len(places)
    return [
        Strike(model, kind, place, data)
        for place, data in zip(places, inside, strict=True)
        for kind in kinds
    ]


def _in_payload(said: bytes) -> list[bool]:
    """Tell for each byte whether it is one of a datagram's own."""
    marks = [False] * len(said)
    begin = said.find(b"#0000")
    while begin >= 0:
        marks[begin : begin + 24] = [True] * 24
        begin = said.find(b"#0000", begin + 24)
    return marks


def live_through(strike: Strike) -> Verdict:
    """Live one conversation with its fault."""
    return run(_live(strike))


async def _live(strike: Strike) -> Verdict:
    verdict = Verdict()
    name, behind, more = KINDS[strike.kind]
    async with Life(strike.model) as life:
        loop = asyncio.get_running_loop()
        ends = loop.time() + LASTS_S
        handle = life.faults.inject(name, **strike.place.arguments(behind=behind), **more)
        sending = asyncio.create_task(converse(life))
        await asyncio.sleep(ends - loop.time())
        struck = handle.happened.count
        life.faults.heal()
        life.outcome.recovered_s = await life.until_handled(BOUND_S)
        said = await sending
        await asyncio.sleep(90)  # the next poll counts what was announced and never came
        out = life.judge()
        _judge(verdict, strike, life, said, struck)
        verdict.outcome = out
    if out.ended:
        verdict.faults.append(f"run() ended: {out.ended}")
    return verdict


def _judge(verdict: Verdict, strike: Strike, life: Life, said: str, struck: int) -> None:
    out, faults = life.outcome, verdict.faults
    last = strike.place.position + 1 == strike.place.of
    if not struck and not (strike.kind == "cut" and last):
        faults.append("the fault did not happen")
    if out.recovered_s is None:
        faults.append(f"nothing arrives {BOUND_S:.0f} s after healing, state {out.state}")
    if out.doubled:
        faults.append(f"handled twice: {out.doubled}")
    if out.wrong:
        if strike.kind == "flipped" and strike.in_payload:
            verdict.footnote = FLIPPED
        else:
            faults.append(f"wrong: {out.wrong}")
    lost = out.lost - (1 if verdict.footnote else 0)
    if lost > 0 and strike.model in PUSHED and _is_pushed(strike.place.to):
        verdict.footnote = verdict.footnote or PUSHED_ONCE
    elif lost > 0:
        faults.append(f"{lost} lost in silence, {out.strays} strays")
    _judge_uplink(faults, life, said)


def _is_pushed(aim: str) -> bool:
    return aim.startswith(("RECV FROM", "+IPD", "+RECEIVE"))


def _judge_uplink(faults: list[str], life: Life, said: str) -> None:
    uplink = Counter(payload for payload, *_ in life.radio.uplink)
    times = uplink.pop(UPLINK, 0)
    if uplink:
        faults.append(f"the cloud got what nobody sent: {dict(uplink)}")
    if times > 1:
        faults.append(f"sent {times} times")
    if said == "sent" and not times:
        faults.append("send() returned, and nothing was sent")
    if said not in ("sent", SendUncertain.__name__) and times:
        faults.append(f"send() raised {said}, and it was sent")
