"""Headers and notices that tell a wrong socket id, address, port or length."""

import re
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.faults.arguments import argument
from ip_commands.host_sim.faults.blocks import Block, Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import BlockFault
from ip_commands.host_sim.faults.target import EVERYTHING


@dataclass(kw_only=True, eq=False)
class WrongField(BlockFault):
    """Replaces one field of a header or a notice."""

    DEFAULT_TO: ClassVar[str | None] = EVERYTHING
    FIELD: ClassVar[str]

    def instead(self, value: str) -> str:
        """Return what stands in the field instead."""
        raise NotImplementedError

    def output(self, pieces: list[Piece]) -> list[Piece]:
        """Only what has the field is an occasion."""
        return [self._looked_at(piece) for piece in pieces]

    def _looked_at(self, piece: Piece) -> Piece:
        if piece.block is None:
            return piece
        match = self._found(piece.data)
        if match is not None and self.hits(piece.block):
            return self._replaced(piece, piece.block, match)
        return piece

    def _found(self, data: bytes) -> re.Match[bytes] | None:
        dialect = self.site.dialect
        for pattern in (*dialect.headers, *dialect.notices):
            if self.FIELD in pattern.groupindex:
                match = pattern.search(data)
                if match is not None and match[self.FIELD] is not None:
                    return match
        return None

    def _replaced(self, piece: Piece, block: Block, match: re.Match[bytes]) -> Piece:
        begin, end = match.span(self.FIELD)
        before = match[self.FIELD].decode("latin-1")
        after = self.instead(before)
        self.note(f"{self.FIELD} {before!r} became {after!r}", block)
        data = piece.data[:begin] + after.encode("latin-1") + piece.data[end:]
        return Piece(piece.kind, data, block, piece.offset, piece.delay_ms)


@fault(
    "wrong_id",
    "A header or a URC names another socket.",
    "URCs of sockets that were closed before; " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class WrongId(WrongField):
    FIELD = "id"
    value: str = argument("5", "the id that is told")

    def instead(self, value: str) -> str:
        return self.value


@fault(
    "wrong_address",
    "A header tells another sender's address.",
    'headers with an empty address, "" and 0 come from garbled bytes; ' + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class WrongAddress(WrongField):
    FIELD = "address"
    value: str = argument("203.0.113.9", 'the address that is told; "" for none')

    def instead(self, value: str) -> str:
        return self.value


@fault("wrong_port", "A header tells another sender's port.", JUDGEMENT)
@dataclass(kw_only=True, eq=False)
class WrongPort(WrongField):
    FIELD = "port"
    value: str = argument("9", "the port that is told")

    def instead(self, value: str) -> str:
        return self.value


@fault(
    "wrong_length",
    "A header tells another length than the payload has.",
    "particle-iot/docs AN004 (the number in +UUSORF is not the datagram's length); " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class WrongLength(WrongField):
    FIELD = "length"
    by: int = argument(1, "how much more (or, negative, less) than the truth")

    def instead(self, value: str) -> str:
        return str(max(0, int(value) + self.by))
