"""The base of all faults, and what they work on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.faults.blocks import Block, Piece
from ip_commands.host_sim.faults.dialects import Dialect
from ip_commands.host_sim.faults.happened import Happened, Happening
from ip_commands.host_sim.faults.occasions import Occasions
from ip_commands.host_sim.faults.radio_tap import RadioTap
from ip_commands.host_sim.faults.target import Target


class WireControl(Protocol):
    """What faults may do to the wire beside changing what passes."""

    @property
    def block(self) -> Block | None:
        """The answer of the command line that runs."""
        ...

    def insert(self, data: bytes) -> None:
        """Send bytes to the host that the modem never said."""
        ...

    def urc_piece(self, text: str) -> Piece:
        """Return a line as the modem frames its URCs."""
        ...

    def stop_flow(self, to_host: bool, to_modem: bool) -> None:
        """Hold back what comes from now on."""
        ...

    def resume_flow(self, to_host: bool, to_modem: bool) -> None:
        """Let what was held back go, once nobody else holds it."""
        ...

    def keep_when_power_fails(self, keep: bool) -> None:
        """Let what the modem wrote leave its UART even when its power fails."""
        ...


@dataclass(frozen=True)
class Site:
    """Where a fault works."""

    fake: FakeModem
    wire: WireControl
    radio: Callable[[], RadioTap]
    dialect: Dialect


@dataclass(kw_only=True, eq=False)
class Fault(Occasions):
    """One injected fault. ``start`` and ``end`` frame its life; hooks see what passes."""

    name: ClassVar[str] = ""
    DEFAULT_TO: ClassVar[str | None] = "any"
    DEFAULT_COUNT: ClassVar[int | None] = 1

    @property
    def lasts(self) -> bool:
        """True if ``for_ms`` is the length of what happens, not of the time in which it may."""
        return False

    @property
    def decides_early(self) -> bool:
        """True if it must know what it is aimed at before the answer comes."""
        return False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.happened = Happened()
        self.ended = False
        """True once it was cancelled, healed, or did all it could."""
        self.on_end: Callable[[], None] = lambda: None
        self.site: Site
        self.target: Target

    def place(self, site: Site) -> None:
        """Take the place where it works. Raises FaultError when it cannot work there."""
        self.site = site
        self.target = Target(self.to or self.DEFAULT_TO or "everything", site.dialect)
        if self.decides_early:
            self.target.knows_before(self.name)

    def start(self) -> None:
        """Begin: from now on hooks are called."""

    def end(self) -> None:
        """Undo what lasts; hooks are not called any more."""

    @property
    def spent(self) -> bool:
        """True once it can do nothing more."""
        running = self.site.wire.block
        return self.exhausted and not (running is not None and running.verdicts.get(self, False))

    @property
    def mutes(self) -> bool:
        """True while nothing at all gets out, not even what faults made late or say themselves."""
        return False

    def note(self, what: str, block: Block | None = None) -> None:
        """Remember that it struck."""
        now_ms = asyncio.get_running_loop().time() * 1000
        self.happened.note(Happening(now_ms, "" if block is None else block.text, what))

    def hits(self, block: Block) -> bool:
        """Return True if it strikes this block; each block is one occasion, asked once."""
        verdict = block.verdicts.get(self)
        if verdict is None:
            verdict = block.verdicts[self] = self.target.means(block) and self.strikes()
        return verdict

    # --- hooks ---------------------------------------------------------------------------------

    def typed(self, pieces: list[Piece]) -> list[Piece]:
        """Return what of the host's bytes goes on.

        Their blocks are command lines with the payload that is typed for them; of a line that came
        in parts only what has come is known.
        """
        return pieces

    def output(self, pieces: list[Piece]) -> list[Piece]:
        """Return what of the modem's bytes goes on."""
        return pieces

    def line_begins(self, block: Block) -> None:
        """Hear that a command line came."""

    def command(self, block: Block) -> None:
        """Hear that a command of the line runs now; may raise CommandFailed in its stead."""

    def line_ended(self, block: Block) -> None:
        """Hear that a command line's answer is complete."""


@dataclass(kw_only=True, eq=False)
class BlockFault(Fault):
    """Changes the pieces of the blocks that it strikes."""

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        """Return what becomes of one piece of a block."""
        raise NotImplementedError

    def output(self, pieces: list[Piece]) -> list[Piece]:
        kept: list[Piece] = []
        for piece in pieces:
            if piece.block is not None and self.hits(piece.block):
                kept += self.change(piece, piece.block)
            else:
                kept.append(piece)
        return kept
