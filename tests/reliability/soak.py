"""Simulated days of one client with random faults every few minutes, and a strict account.

Every datagram that the modem took is one of: handled, counted as lost, taken along by a restart of
the modem, or lost in silence. Nothing else exists. Each hour ends with a pause without faults, and
has an account of its own: a loss that is counted twice in one hour hides none of another.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ip_commands.host_sim.faults import FaultError
from ip_commands.host_sim.time.virtual_time import run
from tests.reliability.client_life import COUNTED
from tests.reliability.dialects import PUSHED
from tests.reliability.life import Life

DAY_S = 86_400.0
HOUR_S = 3600.0
SETTLED_S = 180.0
"""In a pause so much passes from the first command that is handled to the account."""
EVERY_S = (120.0, 480.0)
"""From one fault to the next."""
LONGEST_S = 300.0
"""A fault that lasts ends after this."""
COMMAND_EVERY_S = (20.0, 180.0)
SIZES = (24, 24, 24, 400, 1300)

FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("answer_lost", {"to": "any"}),
    ("answer_lost", {"to": "read"}),
    ("final_lost", {"to": "read"}),
    ("final_lost", {"to": "send"}),
    ("answer_late", {"to": "read", "late_ms": 6_000}),
    ("answer_late", {"to": "any", "late_ms": 75_000}),
    ("answer_cut", {"to": "read", "position": 30}),
    ("prompt_missing", {}),
    ("line_end_missing", {}),
    ("command_refused", {}),
    ("echo_on", {}),
    ("left_at_prompt", {}),
    ("context_lost", {}),
    ("context_lost", {"urc": False}),
    ("attach_rejected", {"cause": 15}),
    ("outage", {"for_ms": 60_000}),
    ("outage", {"for_ms": 240_000}),
    ("new_address", {}),
    ("reboot", {}),
    ("reboot", {"boot_line": False}),
    ("reboot", {"to": "read", "position": 20}),
    ("power_lost", {"for_ms": 20_000}),
    ("sim_out", {"for_ms": 60_000}),
    ("byte_lost", {"probability": 0.002, "for_ms": 120_000}),
    ("byte_doubled", {"probability": 0.002, "for_ms": 120_000}),
    ("overrun", {"size": 64, "to": "data"}),
    ("garbage", {}),
    ("socket_closed", {}),
    ("socket_closed", {"urc": False}),
    ("first_bytes_lost", {"for_ms": 240_000}),
    ("silence", {"for_ms": 6_000}),
    ("silence", {"for_ms": 75_000}),
    ("flow_stopped", {"for_ms": 10_000}),
    ("urc_before_echo", {}),
    ("urc_inside_answer", {}),
    ("urc_lost", {"count": 5}),
    ("urc_doubled", {"count": 5}),
    ("urc_late", {"late_ms": 3_000}),
    ("noise", {"every_ms": 700}),
)
"""What may happen; a flipped bit is left out: inside a payload nobody can see it."""


OF_THE_DATAGRAM = ("urc_lost", "urc_doubled")


@dataclass
class Account:
    """What came of a soak."""

    model: str
    days: float
    faults: int = 0
    arrived: int = 0
    """At the modem, with a socket open: it held them."""
    handled: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    taken_along: int = 0
    """By a restart of the modem, or thrown away by it with its data connection."""
    silent: int = 0
    """Lost in an hour beyond what was counted in it."""
    false_alarms: int = 0
    """Counted in an hour beyond what was lost in it."""
    doubled: int = 0
    wrong: list[bytes] = field(default_factory=list)
    reopened: int = 0
    recovered_by: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, int] = field(default_factory=dict)
    ended: str = ""
    """What ended ``run()``, or that nothing arrived any more; which nothing may."""
    state: str = ""
    sends: Counter[str] = field(default_factory=Counter)
    """Results of ``send``: "sent", or what it raised."""


def soak(model: str, days: float, seed: int = 0) -> Account:
    """Live through so many days."""
    return run(_soak(model, days, seed))


async def _soak(model: str, days: float, seed: int) -> Account:
    account = Account(model, days)
    commands, faults, sends = (
        random.Random(f"{seed}/{what}") for what in ("commands", f"faults/{model}", "sends")
    )
    loop = asyncio.get_running_loop()
    recovered_s: float | None = 0.0
    async with Life(model, seed) as life:
        hours_s = days * DAY_S
        while hours_s > 0 and recovered_s is not None:
            ends = loop.time() + min(hours_s, HOUR_S)
            hours_s -= HOUR_S
            await asyncio.gather(
                _commands(life, commands, ends),
                _faults(life, faults, ends, account),
                _sends(life, sends, ends, account),
            )
            life.faults.heal()
            recovered_s = await life.until_handled()
            await asyncio.sleep(SETTLED_S)
            _enter_hour(life, account)
        _close(life, account)
    account.ended = life.outcome.ended
    if recovered_s is None:
        account.ended += f" deaf at the end, {account.state}"
    return account


async def _commands(life: Life, source: random.Random, ends: float) -> None:
    loop = asyncio.get_running_loop()
    while loop.time() < ends:
        for _ in range(source.choice((1, 1, 1, 2, 4))):
            life.arrive(source.choice(SIZES))
        await asyncio.sleep(source.uniform(*COMMAND_EVERY_S))


async def _sends(life: Life, source: random.Random, ends: float, account: Account) -> None:
    loop = asyncio.get_running_loop()
    while loop.time() < ends:
        await asyncio.sleep(source.uniform(60, 600))
        try:
            await life.client.send(b"up", timeout_ms=120_000)
            account.sends["sent"] += 1
        except Exception as error:
            account.sends[type(error).__name__] += 1


async def _faults(life: Life, source: random.Random, ends: float, account: Account) -> None:
    model = account.model
    loop = asyncio.get_running_loop()
    while loop.time() < ends:
        await asyncio.sleep(source.uniform(*EVERY_S))
        name, arguments = source.choice(FAULTS)
        if model in PUSHED and name in OF_THE_DATAGRAM:
            continue  # there the URC is the datagram
        try:
            life.faults.inject(name, **{"seed": source.randrange(1 << 30), **arguments})
        except FaultError:
            continue  # this modem cannot have it
        account.faults += 1
        await asyncio.sleep(source.uniform(30.0, LONGEST_S))
        life.faults.heal()


def _enter_hour(life: Life, account: Account) -> None:
    """Compare what went missing since the last account with what was counted since then."""
    missing, counted = life.outcome.missing, life.outcome.counted
    out = life.judge()
    more = (out.missing - missing) - (out.counted - counted)
    account.silent += max(0, more)
    account.false_alarms += max(0, -more)


def _close(life: Life, account: Account) -> None:
    """Write the account."""
    out = life.outcome
    account.arrived, account.handled, account.taken_along = out.sent, out.handled, out.by_reset
    account.doubled, account.wrong, account.state = len(out.doubled), out.wrong, out.state
    health = life.client.health()
    account.counted = {name: health[name] for name in COUNTED if health.get(name)}
    account.reopened = health["reopened"]
    account.recovered_by = health["recovered_by"]
    account.seconds = health["seconds"]
