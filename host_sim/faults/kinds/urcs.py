"""URCs at the wrong place, lost, doubled, late; and noise that nobody asked for."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.observer import RESULT, URC
from ip_commands.host_sim.faults.arguments import FaultError, argument
from ip_commands.host_sim.faults.blocks import LINE_ENDS, Block, Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import BlockFault, Site
from ip_commands.host_sim.faults.state import StateFault

URC_SENTENCE = (
    "the URC: a line as it is, or time, sms, ring, data, closed, context for this modem's own"
)


def urc_lines(urc: str, site: Site) -> tuple[str, ...]:
    """Return the lines that ``urc`` stands for. Raises FaultError for an unknown word."""
    lines = site.dialect.lines_of(urc)
    if lines is None:
        known = ", ".join(sorted(site.dialect.urcs))
        raise FaultError(f"urc={urc!r} is no URC of {site.dialect.name}: a line, or {known}")
    return lines


@dataclass(kw_only=True, eq=False)
class Inserting(BlockFault):
    """Says a URC that the modem did not say."""

    urc: str = argument("time", URC_SENTENCE)

    def place(self, site: Site) -> None:
        super().place(site)
        self._lines = urc_lines(self.urc, site)

    def lines(self, block: Block | None) -> list[Piece]:
        """Return the URC's lines as pieces, and count them."""
        self.note(f"said {' and '.join(self._lines)}", block)
        return [self.site.wire.urc_piece(line) for line in self._lines]

    def inserted(self, piece: Piece, at: int, block: Block) -> list[Piece]:
        """Return a piece with the lines behind its first ``at`` bytes."""
        head, tail = piece.split(at)
        return [part for part in (head, *self.lines(block), tail) if part.data]


@fault(
    "urc_before_echo",
    "A URC comes in the moment in which a command line arrives, before its echo and its answer.",
    "FreeRTOS/FreeRTOS-Cellular-Interface issue 89 (a URC of the same name in front of the "
    "answer)",
)
@dataclass(kw_only=True, eq=False)
class UrcBeforeEcho(Inserting):
    @property
    def decides_early(self) -> bool:
        return True

    def typed(self, pieces: list[Piece]) -> list[Piece]:
        for piece in pieces:
            block = piece.block
            if block is not None and piece.data[-1:] in LINE_ENDS and self.hits(block):
                self.site.wire.insert(b"".join(line.data for line in self.lines(block)))
        return pieces

    def output(self, pieces: list[Piece]) -> list[Piece]:
        return pieces

    @property
    def spent(self) -> bool:
        return self.exhausted


@fault(
    "urc_inside_answer",
    "A URC stands inside an answer: before its first line, before its final result, or at a byte.",
    "vshymanskyy/TinyGSM issues 471, 682, 739 (DST: 1 taken for the IMSI; three URCs inside one "
    "+CGACT)",
)
@dataclass(kw_only=True, eq=False)
class UrcInsideAnswer(Inserting):
    where: str = argument("result", "in front of what", choices=("front", "result"))
    position: int | None = argument(None, "behind so many bytes of the answer instead", low=0)

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        if self.position is not None:
            at = piece.place_behind(self.position)
            return [piece] if at is None else self.inserted(piece, at, block)
        is_place = piece.kind == RESULT if self.where == "result" else piece.offset == 0
        return [*self.lines(block), piece] if is_place else [piece]


@fault(
    "urc_glued_behind",
    "A URC stands directly behind payload, or behind a final result, in the same burst.",
    "u-blox/ubxlib issues 168 and 172 (a URC directly behind the last piece of data, no pause)",
)
@dataclass(kw_only=True, eq=False)
class UrcGluedBehind(Inserting):
    DEFAULT_TO: ClassVar[str | None] = "read"
    behind: str = argument("payload", "behind what", choices=("payload", "result"))

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        if self.behind == "result":
            return [piece, *self.lines(block)] if piece.kind == RESULT else [piece]
        place = self.site.dialect.payload_of(piece.data)
        if place is None or place[0] == place[1]:
            return [piece]
        return self.inserted(piece, place[1], block)


@dataclass(kw_only=True, eq=False)
class OfUrcs(BlockFault):
    """Changes URCs."""

    DEFAULT_TO: ClassVar[str | None] = URC


@fault(
    "urc_lost",
    "A URC is lost.",
    "particle-iot/device-os issue 1530 (data that arrives during a send raises no URC); Quectel "
    "BG96 manual (of 15 waiting URCs the oldest is dropped)",
)
@dataclass(kw_only=True, eq=False)
class UrcLost(OfUrcs):
    def change(self, piece: Piece, block: Block) -> list[Piece]:
        self.note(f"lost {piece.data!r}", block)
        return []


@fault(
    "urc_doubled",
    "A URC comes twice.",
    "SIMCom SIM7070 low power note (registration URCs printed twice)",
)
@dataclass(kw_only=True, eq=False)
class UrcDoubled(OfUrcs):
    def change(self, piece: Piece, block: Block) -> list[Piece]:
        self.note(f"twice {piece.data!r}", block)
        return [piece, Piece(URC, piece.data, None, delay_ms=piece.delay_ms)]


@fault(
    "urc_late",
    "A URC comes so much later; what is said meanwhile overtakes it.",
    "QuickSpot/walter-arduino (URCs are held while RTS is inactive); " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class UrcLate(OfUrcs):
    late_ms: int = argument(2000, "how much later", low=0)

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        self.note(f"{self.late_ms} ms late: {piece.data!r}", block)
        piece.delay_ms += self.late_ms
        return [piece]


@fault(
    "noise",
    "Every so often the modem says something that nobody asked for: network time, SMS, a call.",
    "arduino-libraries/MKRNB issue 28, vshymanskyy/TinyGSM issues 471 and 682 (network time), "
    "3GPP TS 27.005 (+CMTI), V.250 (RING)",
)
@dataclass(kw_only=True, eq=False)
class Noise(StateFault):
    LASTS: ClassVar[bool] = True
    urc: str = argument("all", "all: time, sms and ring in turn; else " + URC_SENTENCE)
    every_ms: int = argument(1000, "time between two of them", low=1)

    def place(self, site: Site) -> None:
        super().place(site)
        kinds = ("time", "sms", "ring") if self.urc == "all" else (self.urc,)
        self._lines = [line for kind in kinds for line in urc_lines(kind, site)]
        self._said = 0
        self._next: asyncio.TimerHandle | None = None

    def apply(self) -> str:
        self._wait()
        return f"noise every {self.every_ms} ms"

    def undo(self) -> None:
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._next = loop.call_later(self.every_ms / 1000, self._say)

    def _say(self) -> None:
        line = self._lines[self._said % len(self._lines)]
        self._said += 1
        if self.site.fake.powered:
            self.site.wire.insert(self.site.wire.urc_piece(line).data)
            self.note(f"said {line}")
        self._wait()
