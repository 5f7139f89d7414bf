"""Faults of the modem's or the network's state: they happen at a time, or at a command."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.faults.arguments import FaultError, argument
from ip_commands.host_sim.faults.blocks import URC_BLOCK, Block, Piece
from ip_commands.host_sim.faults.fault import Fault, Site

BEFORE, AFTER = "before", "after"


@dataclass(kw_only=True, eq=False)
class StateFault(Fault):
    """Does something once (or per occasion), and undoes it if it is a state that lasts."""

    DEFAULT_TO: ClassVar[str | None] = None
    LASTS: ClassVar[bool] = False
    """True: ``for_ms`` is how long each happening lasts, and the end undoes it."""
    AT_ONCE: ClassVar[bool] = True
    """True: at a command's end it happens inside that instant; else right behind it."""

    when: str = argument(
        AFTER, "with to: before the command runs, or after its answer", choices=(BEFORE, AFTER)
    )
    delay_ms: int = argument(0, "with to: and so long after that", low=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.lasting = False
        self._coming = 0
        """Times that it struck and is about to happen."""
        self._timer: asyncio.TimerHandle | None = None

    def apply(self) -> str:
        """Do it; return what was done, in words."""
        raise NotImplementedError

    def undo(self) -> None:
        """Switch back what ``apply`` switched."""

    def place(self, site: Site) -> None:
        super().place(site)
        if self.to is None and (self.nth, self.count, self.probability) != (1, 1, 1.0):
            raise FaultError(
                f"{self.name}: nth, count and probability count occasions: say to=... as well, "
                "or leave them out and it happens once, at its time"
            )

    def start(self) -> None:
        if self.to is None and self.strikes():
            self.happen(None)

    def end(self) -> None:
        self._finish()

    @property
    def decides_early(self) -> bool:
        return self.to is not None and self.when == BEFORE

    @property
    def lasts(self) -> bool:
        return self.LASTS

    @property
    def spent(self) -> bool:
        return self.exhausted and not self.lasting and not self._coming

    # --- happening -------------------------------------------------------------------------------

    def happen(self, block: Block | None) -> None:
        """Strike now."""
        if self.lasting:
            return
        self.lasting = self.LASTS
        self.note(self.apply(), block)
        if self.LASTS and self.for_ms is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self.for_ms / 1000, self._over)

    def _over(self) -> None:
        self._finish()
        if self.spent:
            self.on_end()

    def _finish(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.lasting:
            self.lasting = False
            self.undo()

    def _soon(self, block: Block) -> None:
        self._coming += 1
        loop = asyncio.get_running_loop()
        if self.delay_ms:
            loop.call_later(self.delay_ms / 1000, self._came, block)
        else:
            loop.call_soon(self._came, block)

    def _came(self, block: Block) -> None:
        self._coming -= 1
        if self.ended:
            return
        self.happen(block)
        if self.spent:
            self.on_end()

    # --- at a command, at a URC ------------------------------------------------------------------

    def line_begins(self, block: Block) -> None:
        if self.to is not None and self.when == BEFORE and self.hits(block):
            self._soon(block)  # not inside the engine's call; still before the command runs

    def line_ended(self, block: Block) -> None:
        if self.to is None or self.when != AFTER or not self.hits(block):
            return
        if self.AT_ONCE and not self.delay_ms:
            self.happen(block)
        else:
            self._soon(block)

    def output(self, pieces: list[Piece]) -> list[Piece]:
        if self.to is not None:
            for piece in pieces:
                block = piece.block
                if block is not None and block.kind == URC_BLOCK and self.hits(block):
                    self._soon(block)
        return pieces
