"""What a fault is aimed at: ``to`` as a test of blocks."""

from ip_commands.host_sim.faults.arguments import FaultError
from ip_commands.host_sim.faults.blocks import ANSWER_BLOCK, TYPED_BLOCK, URC_BLOCK, Block
from ip_commands.host_sim.faults.dialects import Dialect

ANY, DATA, URC, EVERYTHING = "any", "data", "urc", "everything"


class Target:
    """``to``, understood for one dialect. Raises FaultError for a word that means nothing."""

    def __init__(self, to: str, dialect: Dialect) -> None:
        self.to = to
        self._dialect = dialect
        self.data = to == DATA
        kinds = {ANY: ("AT",), **dialect.commands}
        self.every = to == EVERYTHING
        self.urcs = self.every or to == URC
        self._beginnings: tuple[str, ...] = ()
        self._urc = ""
        if self.data:
            return
        if to in kinds:
            self._beginnings = kinds[to]
        elif to[:2].upper() == "AT":
            self._beginnings = (to.upper(),)
        elif not self.urcs and to.replace("_", "").isalpha() and to.islower():
            known = ", ".join(sorted((*kinds, DATA, URC, EVERYTHING)))
            raise FaultError(
                f"to={to!r} means nothing to {dialect.name}: say one of {known}, the beginning of "
                f"a command ('AT+...') or of a URC"
            )
        elif not self.urcs:
            self._urc = to

    @property
    def is_urc(self) -> bool:
        """True if nothing but URCs is meant."""
        return (self.urcs and not self.every) or bool(self._urc)

    def means_line(self, line: str) -> bool:
        """Return True for a command line that is meant."""
        return self.every or (bool(self._beginnings) and _begins(line, self._beginnings))

    def means(self, block: Block) -> bool:
        """Return True for a block that is meant."""
        if self.every:
            return True
        if self.data:
            return block.kind in (ANSWER_BLOCK, URC_BLOCK) and self._carries(block.data)
        if block.kind in (ANSWER_BLOCK, TYPED_BLOCK):
            return self.means_line(block.text)
        if block.kind == URC_BLOCK:
            return self.urcs or (bool(self._urc) and block.text.startswith(self._urc))
        return False

    def _carries(self, data: bytes) -> bool:
        place = self._dialect.payload_of(data)
        return place is not None and place[0] < place[1]

    def knows_before(self, name: str) -> None:
        """Raise FaultError for a target that is only known when the answer comes."""
        if self.data:
            raise FaultError(f"{name}: to='data' is known when the answer comes: say to='read'")


def _begins(line: str, beginnings: tuple[str, ...]) -> bool:
    """Return True if a command of the line is one of those; ``AT+A;+B`` has two."""
    line = line.upper()
    parts = line.split(";")
    commands = [parts[0], *(f"AT{part}" for part in parts[1:])]
    return any(command.startswith(beginnings) for command in (line, *commands))
