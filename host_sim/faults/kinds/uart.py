"""What becomes of the UART itself: first bytes lost after quiet, silence, stopped flow."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.faults.arguments import argument
from ip_commands.host_sim.faults.blocks import Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import Fault, Site
from ip_commands.host_sim.faults.state import StateFault
from ip_commands.host_sim.faults.target import EVERYTHING


@fault(
    "first_bytes_lost",
    "After a quiet time the first bytes that the host types wake the modem's UART and are lost.",
    "u-blox UBX-17003787 (UPSV: characters are lost until the UART is awake), SIMCom A76XX sleep "
    "note (CSCLK=2), Quectel QSCLK, stackoverflow 64470980 (a SIM7070 eats up to nine AT)",
)
@dataclass(kw_only=True, eq=False)
class FirstBytesLost(Fault):
    DEFAULT_TO: ClassVar[str | None] = EVERYTHING
    DEFAULT_COUNT: ClassVar[int | None] = None
    size: int = argument(3, "how many bytes are lost each time", low=1)
    quiet_ms: int = argument(5000, "how long nothing passed, in either direction", low=0)
    wake_ms: int = argument(0, "and whatever is typed for so long afterwards", low=0)

    def start(self) -> None:
        self._busy_s = asyncio.get_running_loop().time()
        self._left = 0
        self._asleep_until_s = 0.0

    def _was_quiet_s(self) -> float:
        """Return how long it was quiet, and count from now on."""
        before_s, self._busy_s = self._busy_s, asyncio.get_running_loop().time()
        return self._busy_s - before_s

    def output(self, pieces: list[Piece]) -> list[Piece]:
        self._was_quiet_s()
        return pieces

    def typed(self, pieces: list[Piece]) -> list[Piece]:
        if self._was_quiet_s() * 1000 >= self.quiet_ms and not self.exhausted and self.strikes():
            self._left = self.size
            self._asleep_until_s = self._busy_s + self.wake_ms / 1000
        kept = []
        for piece in pieces:
            lost = len(piece.data) if self._busy_s < self._asleep_until_s else self._left
            lost = min(lost, len(piece.data))
            if lost:
                self.note(f"lost {piece.data[:lost]!r}, typed", piece.block)
            self._left = max(0, self._left - lost)
            rest = piece.split(lost)[1]
            if rest.data:
                kept.append(rest)
        return kept

    @property
    def spent(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        return self.exhausted and not self._left and now_s >= self._asleep_until_s


@fault(
    "silence",
    "The modem says nothing and hears nothing, for a while or for ever; it does run on.",
    "zephyrproject-rtos/zephyr issue 98478 (a BG770A silent for 12 s), ARMmbed/mbed-os issue 9749 "
    "(a BG96 that hangs on +CGACT until its power is cut)",
)
@dataclass(kw_only=True, eq=False)
class Silence(StateFault):
    LASTS: ClassVar[bool] = True
    AT_ONCE: ClassVar[bool] = False
    hears: bool = argument(False, "true: commands still run, only nothing is said")

    def apply(self) -> str:
        return "silent for ever" if self.for_ms is None else f"silent for {self.for_ms:g} ms"

    @property
    def mutes(self) -> bool:
        return self.lasting

    def typed(self, pieces: list[Piece]) -> list[Piece]:
        return [] if self.lasting and not self.hears else pieces


@fault(
    "flow_stopped",
    "The UART's flow is stopped: bytes wait, 64 KiB of them each way, and come out in one burst "
    "when it goes on.",
    "u-blox AT&K3 is the default (hardware flow control with a line that nobody drives); "
    + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class FlowStopped(StateFault):
    LASTS: ClassVar[bool] = True
    direction: str = argument(
        "both", "which way the bytes go", choices=("both", "to_host", "to_modem")
    )

    def place(self, site: Site) -> None:
        super().place(site)
        self._ways = (self.direction != "to_modem", self.direction != "to_host")

    def apply(self) -> str:
        self.site.wire.stop_flow(*self._ways)
        return f"flow stopped, {self.direction}"

    def undo(self) -> None:
        self.site.wire.resume_flow(*self._ways)
