"""The life of a client with a driver and a fake modem that misbehaves.

Between them stands ``host_sim.faults``; the network is a ``BenchRadio``.
"""

import asyncio
from typing import Any

from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.faults import Faults
from ip_commands.host_sim.uart.link import UartLink
from ip_commands.modem_drivers import models
from tests.drivers.modem_bench import HIDE_SENDER
from tests.reliability.client_life import PORT, SERVICE, ClientLife, Struck

FRAME = b'"\r\n\r\nOK\r\n'
"""The longest end of an answer behind its payload."""
THROWN_AWAY_S = 0.1
"""So soon after its data connection a modem has thrown away what its sockets held."""
SAYING_S = 60.0
"""What came to the modem so long before a restart may be on its way to the host."""


class Life(ClientLife):
    """A client with its driver and a fake modem on a bench."""

    def __init__(
        self, model: str, seed: int = 0, client: dict[str, Any] | None = None, **driver: Any
    ) -> None:
        self.radio = BenchRadio()
        self.link = UartLink(baud=115200, fifo_bytes=4096, seed=seed)
        self.fake = fake_modems.create(model, self.radio, seed=seed)
        self.fake.connect(self.link.modem)
        self._datagram_arrived = self.fake.datagram_arrived
        self.fake.datagram_arrived = self._arrives  # type: ignore[method-assign]
        self._brown_out = self.fake.brown_out
        self.fake.brown_out = self._loses_power  # type: ignore[method-assign]
        self._pdp_changed = self.fake.pdp_changed
        self.fake.pdp_changed = self._changes_context  # type: ignore[method-assign]
        self.faults = Faults(self.fake)
        name = "nRF" + model[3:7] if model.lower().startswith("nrf") else model
        self.driver = models.create(name, self.link.host, power_key=self._power_key, **driver)
        accept = None if model in HIDE_SENDER else "100.64.0.0/10"
        super().__init__(self.driver, PORT, **{"accept_from": accept, **(client or {})})

    async def _power_key(self) -> None:
        if self.fake.powered:  # of a modem that is on, but silent: a pulse switches it off
            self.taken_along |= self.waiting.keys() & _held_in(self.fake)
        self.fake.power_key()

    def inject(self, fault: str, **arguments: Any) -> Struck:
        return self.faults.inject(fault, **arguments)

    def heal(self) -> None:
        self.faults.heal()

    def deliver(self, payload: bytes) -> None:
        self.radio.inject_datagram(payload, *SERVICE, PORT)

    def _arrives(self, payload: bytes, *where: Any) -> None:
        """Note what the modem takes into its buffer; what it has no socket for is not held."""
        before = self.fake.datagrams_undeliverable
        self._datagram_arrived(payload, *where)
        if self.fake.datagrams_undeliverable == before and self.fake.powered:
            self.was_held(payload)

    def _changes_context(self, active: bool) -> None:
        """Excuse what the modem throws away with its data connection."""
        held = self.waiting.keys() & _held_in(self.fake)
        self._pdp_changed(active)
        if held and not active:
            asyncio.get_running_loop().call_later(THROWN_AWAY_S, self._throws_away, held)

    def _throws_away(self, held: set[bytes]) -> None:
        said = b"".join(data for _, way, data in self.link.spy.entries if way == "<")
        gone = held - _held_in(self.fake)
        self.taken_along |= {payload for payload in gone if payload not in said}

    def _loses_power(self) -> None:
        """Excuse what the modem takes along: what it holds, and what it is just saying."""
        self.taken_along |= self.waiting.keys() & _held_in(self.fake)
        said = b"".join(data for _, way, data in self.link.spy.entries if way == "<")
        since = asyncio.get_running_loop().time() - SAYING_S
        for payload in reversed([p for p, at in self.waiting.items() if at >= since]):
            end = said.rfind(payload) + len(payload)
            whole = payload in said and b"OK\r\n" in said[end : end + len(FRAME)]
            if payload not in self.taken_along and not whole:
                self.taken_along.add(payload)
                break
        self._brown_out()


def _held_in(fake: Any) -> set[bytes]:
    """Return what waits in the buffers of a fake modem's sockets."""
    held = set()
    for value in vars(fake).values():
        owners = value.values() if isinstance(value, dict) else value
        for owner in owners if isinstance(value, dict | list) else ():
            buffer = getattr(owner, "buffer", None)
            held |= {datagram.payload for datagram in getattr(buffer, "datagrams", ())}
    return held
