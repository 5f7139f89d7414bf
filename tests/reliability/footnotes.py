"""What a dialect or a link cannot do by its nature, or nobody can: named, with its reason."""

from string import ascii_uppercase

from tests.reliability.dialects import PUSHED
from tests.reliability.matrix import Cell

FOOTNOTES = {
    "push": (
        "This dialect's pull mode does not tell the sender, so its driver has datagrams printed "
        "as they come, once. What is printed while the line or the modem does not carry it "
        "(silence, data mode, a data prompt, an overrun, a lost line) is gone, and where no byte "
        "of it came there is nothing to count. `push=False` buys a buffer in the modem for the "
        "price of `accept_from=None`."
    ),
    "push twice": (
        "The line that is doubled is the datagram itself; two equal commands would look the same."
    ),
    "many bytes": (
        "So many bytes of one answer are lost that its payload swallowed its whole end, and what "
        "follows looks like an end again. Lines carry no checksum; number or sign payloads on "
        "lines without flow control."
    ),
}
"""Key to text."""
MARKS = dict(zip(FOOTNOTES, ascii_uppercase, strict=False))
"""Key to the letter that stands in a table."""


def footnote_of(cell: Cell) -> str:
    """Return the key of the reason why a cell is not kept, "" when there is none."""
    many = cell.row.startswith(("byte_lost, 1 in", "overrun"))
    if cell.recovered_s is None or any(out.ended for out in cell.outcomes):
        return ""
    if cell.model in PUSHED and cell.total("doubled"):
        return "push twice" if cell.row == "urc_doubled" else ""
    if cell.total("doubled"):
        return ""
    if cell.total("wrong"):
        return "many bytes" if many else ""
    return "push" if cell.model in PUSHED and cell.row.startswith(_NOT_CARRIED) else ""


_NOT_CARRIED = (
    *("silence", "left_", "overrun", "byte_", "urc_lost", "flow_stopped", "garbage"),
    *("memory_exhausted", "handler", "answer_cut", "line_end"),
)
