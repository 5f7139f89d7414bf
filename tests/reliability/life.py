"""One life of a client with a modem that misbehaves: what arrived, what was lost, and who said so.

A life has two phases, as safety and liveness: while the fault lasts no payload may be wrong,
doubled or silently lost; once it is over the next datagram must arrive within a bound. Time is
virtual. The modem is a fake with ``host_sim.faults`` in between; the network a ``BenchRadio``.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ip_commands import IpCommandClient
from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.faults import Faults
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.modem_drivers import models
from tests.drivers.modem_bench import HIDE_SENDER

PORT = 4242
SERVICE = ("100.64.0.1", 6969)
READY_MS = 600_000
PROBE_EVERY_S = 20.0
PROBE_LIMIT_S = 3600.0
COUNTED = ("damaged", "reread", "dropped", "empty", "dropped_foreign", "dropped_too_long")
"""Counters of ``IpCommandClient.health`` that own up to a loss."""


@dataclass
class Outcome:
    """What a life came to."""

    sent: int = 0
    """Datagrams that the modem took into the socket's buffer, before the last probe."""
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
    recovered_by: dict[str, int] = field(default_factory=dict)

    @property
    def lost(self) -> int:
        """Datagrams that the modem held and that nobody owns up to."""
        return max(0, self.sent - self.handled - self.counted)


class Life:
    """A client with its modem on a bench; ``async with``."""

    def __init__(self, model: str, seed: int = 0, **driver: Any) -> None:
        self.radio = BenchRadio()
        self.link = UartLink(baud=115200, fifo_bytes=4096, seed=seed)
        self.fake = fake_modems.create(model, self.radio, seed=seed)
        self.fake.connect(self.link.modem)
        self._datagram_arrived = self.fake.datagram_arrived
        self.fake.datagram_arrived = self._arrives  # type: ignore[method-assign]
        self.faults = Faults(self.fake)
        name = "nRF" + model[3:7] if model.lower().startswith("nrf") else model
        self.driver = models.create(name, self.link.host, power_key=self._power_key, **driver)
        accept = None if model in HIDE_SENDER else "100.64.0.0/10"
        self.client = IpCommandClient(self.driver, PORT, accept_from=accept, log=lambda line: None)
        self.outcome = Outcome()
        self.got: list[bytes] = []
        self.held: list[bytes] = []
        self._number = 0
        self.client.on_command(self._take)
        self.client.on_error(self._told)
        self.running: asyncio.Task[None] | None = None

    async def _power_key(self) -> None:
        self.fake.power_key()

    def _take(self, command: Any) -> None:
        self.got.append(command.payload)

    def _told(self, command: Any, error: BaseException) -> None:
        words = f"{type(error).__name__}: {error}"[:60]
        if words not in self.outcome.told and len(self.outcome.told) < 4:
            self.outcome.told.append(words)

    async def __aenter__(self) -> "Life":
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
        await self.driver.close()

    def arrive(self, size: int = 24) -> bytes:
        """Let a datagram come to the modem; return its payload."""
        self._number += 1
        payload = b"#%05d;" % self._number
        payload += (b"VALVE=OPEN\r\n\x00\x1a" * 100)[: max(0, size - len(payload))]
        self.radio.inject_datagram(payload, *SERVICE, PORT)
        return payload

    def _arrives(self, payload: bytes, *where: Any) -> None:
        """Note what the modem takes into its buffer; what it has no socket for is not held."""
        before = self.fake.datagrams_undeliverable
        self._datagram_arrived(payload, *where)
        if self.fake.datagrams_undeliverable == before and self.fake.powered:
            self.held.append(payload)

    async def until_handled(self, limit_s: float = PROBE_LIMIT_S) -> float | None:
        """Send probes until one is handled; return the seconds that took, None: never."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        probes: set[bytes] = set()
        while loop.time() - started < limit_s:
            probes.add(self.arrive())
            for _ in range(int(PROBE_EVERY_S * 4)):
                await asyncio.sleep(0.25)
                if probes & set(self.got[-20:]):
                    return loop.time() - started
        return None

    def judge(self) -> Outcome:
        """Compare what the modem held with what was handled."""
        out = self.outcome
        known = set(self.held)
        counts = Counter(self.got)
        out.sent = len(self.held)
        out.handled = len(known & counts.keys())
        out.doubled = [payload for payload, times in counts.items() if times > 1]
        out.wrong = [p for p in counts if p not in known and not self._was_sent(p)]
        health = self.client.health()
        out.counted = sum(health.get(name, 0) for name in COUNTED)
        out.state = self.client.state
        out.recovered_by = health["recovered_by"]
        return out

    def _was_sent(self, payload: bytes) -> bool:
        number = payload[1:6]
        if not number.isdigit() or not 1 <= int(number) <= self._number:
            return False
        full = b"#%05d;" % int(number) + b"VALVE=OPEN\r\n\x00\x1a" * 100
        return full.startswith(payload) and len(payload) in (24, 400, 1300)


async def live(
    model: str, fault: str, arguments: dict[str, Any] | None = None, lasts_s: float = 120.0
) -> Outcome:
    """Live through one fault, from before it to after it."""
    async with Life(model) as life:
        for size in (24, 400):
            life.arrive(size)
            await asyncio.sleep(2)
        handle = life.faults.inject(fault, **(arguments or {}))
        loop = asyncio.get_running_loop()
        ends = loop.time() + lasts_s
        sizes = [24, 24, 1300, 24, 400, 24, 24]
        for number, size in enumerate(sizes):
            life.arrive(size)
            await asyncio.sleep(0.2 if number < 3 else lasts_s / 8)
            if number == 4:
                sending = asyncio.create_task(life.client.send(b"up", timeout_ms=60_000))
        await asyncio.sleep(max(0.0, ends - loop.time()))
        life.outcome.happened = handle.happened.count
        life.faults.heal()
        life.outcome.recovered_s = await life.until_handled()
        await asyncio.gather(sending, return_exceptions=True)
        await asyncio.sleep(120)  # what the modem still holds comes, too
        return life.judge()
