"""One life of a client whose link misbehaves: what arrived, what was lost, and who said so.

A life has two phases, as safety and liveness: while the fault lasts no payload may be wrong,
doubled or silently lost; once it is over the next datagram must arrive within a bound. Time is
virtual. What the link is, a subclass says: ``life.Life``, ``native_life.NativeLife``.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from ip_commands import IpCommandClient
from ip_commands.host_sim.faults import Happened

PORT = 4242
SERVICE = ("100.64.0.1", 6969)
READY_MS = 600_000
PROBE_EVERY_S = 20.0
PROBE_LIMIT_S = 3600.0
COUNTED = ("damaged", "dropped", "empty", "dropped_foreign", "dropped_too_long")
"""Counters of ``IpCommandClient.health`` that own up to a loss."""


@dataclass
class Outcome:
    """What a life came to."""

    sent: int = 0
    """Datagrams that the modem, or the board's IP stack, took into a socket's buffer."""
    handled: int = 0
    counted: int = 0
    """Losses that the client's counters own up to."""
    doubled: list[bytes] = field(default_factory=list)
    wrong: list[bytes] = field(default_factory=list)
    recovered_s: float | None = None
    """From the end of the fault to the first datagram that was handled; None: never."""
    told: list[str] = field(default_factory=list)
    """The first words of each different failure that ``on_error`` heard."""
    state: str = ""
    ended: str = ""
    """What ended ``run()``, which nothing may."""
    happened: int = 0
    seen: str = ""
    """The first state, or the first error of ``on_error``, behind the fault's beginning."""
    seen_s: float = 0.0
    """How long behind it."""
    strays: int = 0
    """Lines of the modem that nobody could read."""
    by_reset: int = 0
    """Datagrams that the modem took along when it restarted, or lost its data connection."""

    @property
    def lost(self) -> int:
        """Datagrams that the modem held and that nobody owns up to."""
        return max(0, self.missing - self.counted)

    @property
    def missing(self) -> int:
        """Datagrams that were neither handled nor taken along by a restart."""
        return self.sent - self.handled - self.by_reset


class Struck(Protocol):
    """One injected fault."""

    @property
    def happened(self) -> Happened:
        """How often it struck."""
        ...


class ClientLife:
    """A client, what its program does, and the account of what came; ``async with``.

    A subclass makes the modem, lets datagrams come to it, and says which of them it held.
    """

    def __init__(self, modem: Any, port: int, **client: Any) -> None:
        self.client = IpCommandClient(modem, port, **{"log": lambda line: None, **client})
        self.modem = modem
        self.outcome = Outcome()
        self.sent: set[bytes] = set()
        self.times: Counter[bytes] = Counter()
        """How often each payload was handled."""
        self.held = 0
        self.waiting: dict[bytes, float] = {}
        """Held, and not handled so far, with the time of its arrival."""
        self.taken_along: set[bytes] = set()
        self._number = 0
        self.handle: Callable[[Any], Any] = lambda command: None
        """What the program does with a command, once it is noted; may raise, may be async."""
        self.hear: Callable[[BaseException], Any] = lambda error: None
        """The same of ``on_error``."""
        self.began_s = 0.0
        """When the fault began; what is told from then on may be of it."""
        self.client.on_command(self._take)
        self.client.on_error(self._told)
        self.client.on_state(self._entered)
        self.running: asyncio.Task[None] | None = None

    def inject(self, fault: str, **arguments: Any) -> Struck:
        """Begin a fault of the catalogue. Raises FaultError where it cannot be had."""
        raise NotImplementedError

    def heal(self) -> None:
        """End what ``inject`` began."""
        raise NotImplementedError

    def deliver(self, payload: bytes) -> None:
        """Let the network have a datagram for the device."""
        raise NotImplementedError

    def _take(self, command: Any) -> Any:
        payload = command.payload
        self.times[payload] += 1
        self.waiting.pop(payload, None)
        if self.times[payload] > 1:
            self.outcome.doubled.append(payload)
        elif payload not in self.sent:
            self.outcome.wrong.append(payload)
        return self.handle(command)

    def _told(self, command: Any, error: BaseException) -> Any:
        words = f"{type(error).__name__}: {error}"[:60]
        if words not in self.outcome.told and len(self.outcome.told) < 4:
            self.outcome.told.append(words)
        self._seen(type(error).__name__)
        return self.hear(error)

    def _entered(self, state: str, reason: str) -> None:
        self._seen(state)

    def _seen(self, what: str) -> None:
        if self.began_s and not self.outcome.seen and what != "CLOSED":
            self.outcome.seen = what
            self.outcome.seen_s = asyncio.get_running_loop().time() - self.began_s

    async def __aenter__(self) -> Self:
        self.running = asyncio.create_task(self.client.run())
        await self.client.wait_ready(READY_MS)
        return self

    async def __aexit__(self, *_: object) -> None:
        out = self.outcome
        if self.running is not None and self.running.done():
            error = self.running.exception()
            out.ended = f"{type(error).__name__}: {error}" if error else "returned"
        await self.client.close()
        if self.running is not None:
            await asyncio.gather(self.running, return_exceptions=True)
        await self.modem.close()

    def arrive(self, size: int = 24) -> bytes:
        """Let a datagram come to the modem; return its payload."""
        self._number += 1
        payload = b"#%05d;" % self._number
        payload += (b"VALVE=OPEN\r\n\x00\x1a" * 100)[: max(0, size - len(payload))]
        self.sent.add(payload)
        self.deliver(payload)
        return payload

    def was_held(self, payload: bytes) -> None:
        """Note what somebody took who can lose it: the modem, or the board's IP stack."""
        self.held += 1
        if payload not in self.times:  # a push comes out at once, but never within the call
            self.waiting[payload] = asyncio.get_running_loop().time()

    async def until_handled(self, limit_s: float = PROBE_LIMIT_S) -> float | None:
        """Send probes until one is handled; return the seconds that took, None: never."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        probes: set[bytes] = set()
        while loop.time() - started < limit_s:
            probes.add(self.arrive())
            for _ in range(int(PROBE_EVERY_S * 4)):
                await asyncio.sleep(0.25)
                if probes & self.times.keys():
                    return loop.time() - started
        return None

    def judge(self) -> Outcome:
        """Compare what was held with what was handled."""
        out = self.outcome
        out.sent = self.held
        out.handled = self.held - len(self.waiting)
        health = self.client.health()
        out.counted = sum(health.get(name, 0) for name in COUNTED)
        out.by_reset = len(self.taken_along & self.waiting.keys())
        out.strays = health.get("strays", 0)
        out.state = self.client.state
        return out


SIZES = (24, 24, 1300, 24, 400, 24, 24)
"""Bytes of the datagrams that come while a fault lasts."""


async def live(
    life: ClientLife,
    fault: str,
    arguments: dict[str, Any] | None = None,
    lasts_s: float = 120.0,
    limit_s: float = PROBE_LIMIT_S,
    early: bool = False,
) -> Outcome:
    """Live through one fault of the modem, from before it to after it.

    early: it is there before the client begins.
    """

    def begin(life: ClientLife) -> Callable[[], None]:
        handle = life.inject(fault, **(arguments or {}))

        def end() -> None:
            life.outcome.happened = handle.happened.count
            life.heal()

        return end

    if early:
        end = begin(life)
        return await live_with(life, lambda life: end, lasts_s, limit_s)
    return await live_with(life, begin, lasts_s, limit_s)


async def live_with(
    life: ClientLife,
    begin: Callable[[Any], Callable[[], None]],
    lasts_s: float = 120.0,
    limit_s: float = PROBE_LIMIT_S,
) -> Outcome:
    """Live through what ``begin`` begins, and the function that it returns ends."""
    loop = asyncio.get_running_loop()
    async with life:
        for size in (24, 400):
            life.arrive(size)
            await asyncio.sleep(2)
        life.began_s = loop.time()
        end = begin(life)
        ends = loop.time() + lasts_s
        for number, size in enumerate(SIZES):
            life.arrive(size)
            await asyncio.sleep(0.2 if number < 3 else lasts_s / 8)
            if number == 4:
                sending = asyncio.create_task(life.client.send(b"up", timeout_ms=60_000))
        await asyncio.sleep(max(0.0, ends - loop.time()))
        end()
        life.outcome.recovered_s = await life.until_handled(limit_s)
        await asyncio.gather(sending, return_exceptions=True)
        await asyncio.sleep(120)  # what the modem still holds comes, too
        return life.judge()
