"""What faults must know of a dialect: which commands do what, and where headers hold what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

GENERIC_COMMANDS: dict[str, tuple[str, ...]] = {
    "registration": ("AT+CREG", "AT+CGREG", "AT+CEREG", "AT+COPS", "AT+CGATT"),
    "context": ("AT+CGDCONT", "AT+CGACT", "AT+CGPADDR", "AT+CGCONTRDP"),
    "edrx": ("AT+CEDRXS", "AT+CEDRXRDP"),
    "psm": ("AT+CPSMS",),
    "sim": ("AT+CPIN", "AT+CIMI"),
    "clock": ("AT+CCLK",),
    "identity": ("AT+CGSN", "AT+GSN", "AT+CGMM", "AT+GMM", "AT+CGMR", "AT+GMR", "AT+CGMI", "ATI"),
}
"""Commands of 3GPP TS 27.007 and V.250, the same on all families."""

FIELDS = ("id", "address", "port", "length")
"""Groups that header patterns may name."""


@dataclass(frozen=True)
class Dialect:
    """One family's ways, from its manuals and logs as named in ``host_sim/fake_modems``."""

    name: str
    own_commands: Mapping[str, tuple[str, ...]]
    """Kind of command -> how its command lines begin."""
    header_texts: tuple[str, ...]
    """Regular expressions of what stands before payload; groups: ``FIELDS``."""
    notice_texts: tuple[str, ...]
    """The same of URCs and answers without payload."""
    urcs: Mapping[str, tuple[str, ...]]
    """Name -> lines: ``time``, ``sms``, ``ring``, ``data``, ``closed``, ``context``, ``boot``."""
    sim_out: tuple[str, ...] = ()
    """What is said when the SIM is gone."""
    sim_back: tuple[str, ...] = ()
    no_sim_registration: int = 0
    """<stat> without a SIM."""
    escape_guard_ms: int = 1000
    """Silence around ``+++`` (V.250 S12)."""
    escape_answer: bytes = b"\r\nOK\r\n"
    sent: bytes = b"\r\nOK\r\n"
    """What follows payload that was taken at a prompt."""
    commands: Mapping[str, tuple[str, ...]] = field(init=False)
    headers: tuple[re.Pattern[bytes], ...] = field(init=False)
    notices: tuple[re.Pattern[bytes], ...] = field(init=False)

    def __post_init__(self) -> None:
        commands = dict(GENERIC_COMMANDS)
        for kind, beginnings in self.own_commands.items():
            commands[kind] = (*commands.get(kind, ()), *beginnings)
        object.__setattr__(self, "commands", commands)
        for name, texts in (("headers", self.header_texts), ("notices", self.notice_texts)):
            compiled = tuple(re.compile(text.encode("latin-1")) for text in texts)
            object.__setattr__(self, name, compiled)

    def payload_of(self, block: bytes) -> tuple[int, int] | None:
        """Return where the payload of a data answer or push begins and ends; None: it has none.

        Payload shown as hex digits takes two bytes each; nothing but line ends and a quote may
        follow, which tells which of the two it is.
        """
        for header in self.headers:
            match = header.search(block)
            if match is None:
                continue
            begin, count = match.end(), int(match["length"])
            for size in (count, 2 * count):
                if not block[begin + size :].strip(b'\r\n"') and begin + size <= len(block):
                    return begin, begin + size
            return (begin, begin + count) if begin + count <= len(block) else None
        return None

    def lines_of(self, urc: str) -> tuple[str, ...] | None:
        """Return the lines that a name stands for, a literal as it is; None: an unknown name."""
        if urc in self.urcs:
            return self.urcs[urc]
        return None if urc.isalpha() and urc.islower() else (urc,)
