"""What passes the wire, cut into blocks: the answer of a command, a URC, what the host typed."""

from dataclasses import dataclass, field

LINE_ENDS = (b"\r", b"\n")
ANSWER_BLOCK, URC_BLOCK, ECHO_BLOCK, RAW_BLOCK, TYPED_BLOCK = (
    "answer",
    "urc",
    "echo",
    "raw",
    "typed",
)


@dataclass(eq=False, slots=True)
class Block:
    """Bytes that belong together; ``verdicts`` keeps which faults strike it."""

    kind: str
    text: str
    """The command line, with its AT; of a URC its first line."""
    data: bytes = b""
    """The URC, or the answer's first lines, once they came."""
    length: int = 0
    """Bytes of it that passed so far."""
    verdicts: dict[object, bool] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Piece:
    """Bytes on their way to the host; faults change, split, drop and insert pieces."""

    kind: str
    """One of ``observer.ECHO`` ... ``observer.RAW``; ``TYPED_BLOCK`` of what the host typed."""
    data: bytes
    block: Block | None
    """None: put there by a fault; no other fault counts or changes it."""
    offset: int = 0
    """Of its first byte in its block, as the modem said it."""
    delay_ms: float = 0.0

    @property
    def end(self) -> int:
        """Offset behind its last byte."""
        return self.offset + len(self.data)

    def place_behind(self, position: int) -> int | None:
        """Return where in it the place behind so many bytes of its block is; None: not in it.

        The place between two pieces is the first one's; before all bytes, the first piece's.
        """
        at = position - self.offset
        if at == 0 and self.offset == 0:
            return 0
        return at if 0 < at <= len(self.data) else None

    def split(self, at: int) -> "tuple[Piece, Piece]":
        """Return it in two, the second beginning ``at`` bytes behind its start."""
        second = Piece(self.kind, self.data[at:], self.block, self.offset + at, self.delay_ms)
        return Piece(self.kind, self.data[:at], self.block, self.offset, self.delay_ms), second


def first_line(data: bytes) -> str:
    """Return the first line of a URC that is not empty, as text."""
    return data.lstrip(b"\r\n").partition(b"\r\n")[0].decode("latin-1")
