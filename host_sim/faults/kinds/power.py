"""The modem restarts or loses its power, also in the middle of an answer."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.fake_modem import OFF
from ip_commands.host_sim.faults.arguments import FaultError, argument
from ip_commands.host_sim.faults.blocks import Block, Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import Site
from ip_commands.host_sim.faults.state import StateFault

BOOT_SAID_MS = 30_000
"""The slowest boot's last word comes before this (a real EC21: 7.6 s after its RDY)."""


@dataclass(kw_only=True, eq=False)
class PowerFault(StateFault):
    """Breaks off; with ``position`` behind so many bytes of the answer that ``to`` means."""

    AT_ONCE: ClassVar[bool] = False
    position: int | None = argument(None, "behind so many bytes of the answer", low=0)

    def place(self, site: Site) -> None:
        super().place(site)
        if self.position is not None and self.to is None:
            raise FaultError(f"{self.name}: position is one of an answer: say to=... as well")
        self._broken_off = False

    def happen(self, block: Block | None) -> None:
        """Strike; at a command, what was said before leaves the UART whole."""
        self._broken_off = False
        self.site.wire.keep_when_power_fails(block is not None)
        super().happen(block)
        self.site.wire.keep_when_power_fails(False)

    def output(self, pieces: list[Piece]) -> list[Piece]:
        if self._broken_off:
            return []
        if self.position is None:
            return super().output(pieces)
        for number, piece in enumerate(pieces):
            block, at = piece.block, piece.place_behind(self.position)
            if block is None or at is None:
                continue
            if self.hits(block):
                self._broken_off = True
                self._soon(block)
                return [*pieces[:number], piece.split(at)[0]]
        return pieces

    def line_begins(self, block: Block) -> None:
        if self.position is None:
            super().line_begins(block)

    def line_ended(self, block: Block) -> None:
        if self.position is None:
            super().line_ended(block)


@fault(
    "reboot",
    "The modem restarts without warning: settings, contexts and sockets are gone, echo is on.",
    "Xinyuan-LilyGO/LilyGo-T-SIM7080G issue 17 (SMS Ready in the middle of a command), "
    "QuickSpot/walter-arduino issue 20 (^EXIT, +SYSSTART 7 s later)",
)
@dataclass(kw_only=True, eq=False)
class Reboot(PowerFault):
    boot_line: bool = argument(True, "false: it says nothing about it (RDY and what follows)")

    def place(self, site: Site) -> None:
        super().place(site)
        self._silent_until_s = 0.0
        fake = site.fake
        self._boot_lines = {*site.dialect.urcs["boot"], *(text for _, text in fake.boot_urcs())}

    @property
    def spent(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        return super().spent and now_s >= self._silent_until_s

    def apply(self) -> str:
        if self.site.fake.power == OFF:
            return "nothing: it was off"
        self.site.fake.restart()
        if not self.boot_line:
            loop = asyncio.get_running_loop()
            silent_s = (self.site.fake.uart_ready_ms + BOOT_SAID_MS) / 1000
            self._silent_until_s = loop.time() + silent_s
            loop.call_at(self._silent_until_s, self._boot_over)
        return "restarted" if self.boot_line else "restarted without a word"

    def _boot_over(self) -> None:
        if self.spent:
            self.on_end()

    def output(self, pieces: list[Piece]) -> list[Piece]:
        if asyncio.get_running_loop().time() < self._silent_until_s:
            pieces = [piece for piece in pieces if not self._is_boot_line(piece)]
        return super().output(pieces)

    def _is_boot_line(self, piece: Piece) -> bool:
        return piece.block is not None and piece.block.text in self._boot_lines


@fault(
    "power_lost",
    "The modem's supply fails: silence in the middle of a byte, no word to anybody.",
    "Quectel, SIMCom and u-blox hardware design guides (supply drops at transmit bursts); "
    + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class PowerLost(PowerFault):
    LASTS: ClassVar[bool] = True
    key: bool = argument(True, "when the power is back: true: it boots; false: it stays off")

    def apply(self) -> str:
        self.site.fake.brown_out()
        return "power lost"

    def undo(self) -> None:
        if self.key:
            self.site.fake.power_on()
