"""Single bytes and bursts: lost, doubled, flipped, put in between; in both directions.

With ``position`` a byte of the answer (or of what the host types for a command, its payload
included) is meant; without, every byte that ``to`` means is an occasion: ``nth`` counts bytes, and
``probability`` is each byte's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.faults.arguments import FaultError, argument
from ip_commands.host_sim.faults.blocks import Block, Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import BlockFault, Fault, Site
from ip_commands.host_sim.faults.target import EVERYTHING

TO_HOST, TO_MODEM = "to_host", "to_modem"
FULL_FIFO = (
    "logs of SIM7100 and SIM7600 with half lines; a UART of MicroPython loses what no longer "
    "fits its receive buffer"
)


@dataclass(kw_only=True, eq=False)
class ByteFault(Fault):
    """Changes single bytes."""

    DEFAULT_TO: ClassVar[str | None] = None
    position: int | None = argument(None, "which byte of the answer; none: any byte", low=0)
    direction: str = argument(TO_HOST, "which way the bytes go", choices=(TO_HOST, TO_MODEM))

    def place(self, site: Site) -> None:
        if self.to is None:
            self.to = EVERYTHING if self.position is None else "any"
        super().place(site)
        if self.direction == TO_MODEM and (self.target.is_urc or self.target.data):
            raise FaultError(f"{self.name}: to={self.to!r} is said by the modem, not typed to it")

    def instead(self, byte: bytes) -> bytes:
        """Return what stands in a byte's place."""
        raise NotImplementedError

    def aimed_at(self, piece: Piece, block: Block) -> Iterable[int]:
        """Return which bytes of the piece are struck, in order."""
        if self.position is not None:
            at = self.position - piece.offset
            inside = 0 <= at < len(piece.data)
            return (at,) if inside and self.hits(block) else ()
        if self.exhausted or not self.target.means(block):
            return ()
        return [index for index in range(len(piece.data)) if self.strikes()]

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        """Split at each struck byte, so that offsets stay those of what was sent."""
        kept: list[Piece] = []
        rest = piece
        for index in self.aimed_at(piece, block):
            head, tail = rest.split(piece.offset + index - rest.offset)
            byte, rest = tail.split(1)
            self.note(f"{self.name} {byte.data!r} at {byte.offset}", block)
            byte.data = self.instead(byte.data)
            kept += [part for part in (head, byte) if part.data]
        return [*kept, rest] if rest.data or not kept else kept

    def _through(self, pieces: list[Piece]) -> list[Piece]:
        kept: list[Piece] = []
        for piece in pieces:
            kept += [piece] if piece.block is None else self.change(piece, piece.block)
        return kept

    def output(self, pieces: list[Piece]) -> list[Piece]:
        return self._through(pieces) if self.direction == TO_HOST else pieces

    def typed(self, pieces: list[Piece]) -> list[Piece]:
        return self._through(pieces) if self.direction == TO_MODEM else pieces


@fault("byte_lost", "A byte is lost.", FULL_FIFO)
@dataclass(kw_only=True, eq=False)
class ByteLost(ByteFault):
    def instead(self, byte: bytes) -> bytes:
        return b""


@fault("byte_doubled", "A byte comes twice.", JUDGEMENT)
@dataclass(kw_only=True, eq=False)
class ByteDoubled(ByteFault):
    def instead(self, byte: bytes) -> bytes:
        return byte + byte


@fault(
    "byte_flipped",
    "One bit of a byte is wrong.",
    "SIM800L logs with characters garbled by 2G transmit bursts (vshymanskyy/TinyGSM issue 358)",
)
@dataclass(kw_only=True, eq=False)
class ByteFlipped(ByteFault):
    bit: int | None = argument(None, "which bit, 0 the lowest; none: a random one", low=0, high=7)

    def instead(self, byte: bytes) -> bytes:
        bit = self.random.randrange(8) if self.bit is None else self.bit
        return bytes([byte[0] ^ (1 << bit)])


@fault("overrun", "A burst of bytes is lost: nobody read the full receive FIFO.", FULL_FIFO)
@dataclass(kw_only=True, eq=False)
class Overrun(ByteFault):
    size: int = argument(64, "how many bytes in a row; 16, 64 and 256 are usual FIFOs", low=1)

    def place(self, site: Site) -> None:
        super().place(site)
        self._left = 0

    @property
    def spent(self) -> bool:
        return super().spent and not self._left

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        if not self._left:
            first = next(iter(self.aimed_at(piece, block)), None)
            if first is None:
                return [piece]
            self._left = self.size
            self.note(f"lost {self.size} bytes from {piece.offset + first} on", block)
            head, piece = piece.split(first)
            return [*([head] if head.data else []), *self.change(piece, block)]
        lost = min(self._left, len(piece.data))
        self._left -= lost
        rest = piece.split(lost)[1]
        return self.change(rest, block) if rest.data else []

    def aimed_at(self, piece: Piece, block: Block) -> Iterable[int]:
        if self.position is not None:
            return super().aimed_at(piece, block)
        if self.exhausted or not self.target.means(block):
            return ()
        return (index for index in range(len(piece.data)) if self.strikes())  # one at a time


@fault(
    "garbage",
    "Random bytes stand in an answer or a URC.",
    "vshymanskyy/TinyGSM issue 358 (two garbage bytes of a SIM800L at boot), "
    "FreeRTOS-Cellular-Interface issue 75 (NUL bytes of a SARA-R4 after a reboot)",
)
@dataclass(kw_only=True, eq=False)
class Garbage(BlockFault):
    size: int = argument(2, "how many bytes", low=1)
    position: int = argument(0, "behind so many bytes of the answer", low=0)

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        at = piece.place_behind(self.position)
        if at is None:
            return [piece]
        data = self.random.randbytes(self.size)
        self.note(f"garbage {data!r} at {self.position}", block)
        head, tail = piece.split(at)
        return [part for part in (head, Piece(piece.kind, data, None), tail) if part.data]
