"""A modem that somebody left in a strange state: data mode, CMUX, an open prompt.

While it lasts, the modem's commands do not run and nothing that it says gets out; what leaves the
state is V.250's and 27.010's. A restart of the modem ends it too.
"""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.faults.arguments import argument
from ip_commands.host_sim.faults.blocks import Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import Site
from ip_commands.host_sim.faults.state import StateFault

ESCAPE = b"+++"
FLAG, CLOSE_DOWN = 0xF9, 0xC3
"""3GPP TS 27.010 5.2.6.1 (basic option) and 5.4.6.3.3 (CLD), bit 2 (C/R) set: a command."""
TYPED_KEPT_BYTES = 4096


@dataclass(kw_only=True, eq=False)
class LeftBehind(StateFault):
    """Keeps the modem from the host until the host says the right thing."""

    LASTS: ClassVar[bool] = True
    AT_ONCE: ClassVar[bool] = False
    STATE: ClassVar[str]

    def place(self, site: Site) -> None:
        super().place(site)
        self._boots = -1
        self._collected = bytearray()

    def apply(self) -> str:
        self._boots = self.site.fake.boots
        self._collected.clear()
        return self.STATE

    def heard(self, data: bytes) -> None:
        """Take what the host typed."""
        raise NotImplementedError

    def leave(self, answer: bytes) -> None:
        """Take commands again, after these bytes."""
        self.lasting = False
        if answer:
            self.site.wire.insert(answer)
        self.note(f"left {self.STATE}")
        if self.spent:
            self.on_end()

    def _restarted(self) -> bool:
        if self.lasting and self.site.fake.boots != self._boots:
            self.lasting = False
        return not self.lasting

    @property
    def mutes(self) -> bool:
        return not self._restarted()

    def typed(self, pieces: list[Piece]) -> list[Piece]:
        if self._restarted():
            return pieces
        self.heard(b"".join(piece.data for piece in pieces))
        return []


@fault(
    "left_in_data_mode",
    "The modem takes what is typed for a data call's payload until it hears +++ between silences.",
    "mongoose-os-libs/pppos issue 1, olliiiver/esp_lte_modem issue 4, espressif/esp-idf issue "
    "6005; ITU-T V.250 S12",
)
@dataclass(kw_only=True, eq=False)
class LeftInDataMode(LeftBehind):
    STATE = "data mode"
    guard_ms: int | None = argument(None, "silence around +++; none: this family's", low=0)

    def place(self, site: Site) -> None:
        super().place(site)
        guard_ms = site.dialect.escape_guard_ms if self.guard_ms is None else self.guard_ms
        self._guard_s = guard_ms / 1000
        self._check: asyncio.TimerHandle | None = None
        self._typed_s = 0.0

    def apply(self) -> str:
        self._typed_s = asyncio.get_running_loop().time() - self._guard_s
        return super().apply()

    def heard(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self._typed_s >= self._guard_s:
            self._collected.clear()
        self._typed_s = loop.time()
        self._collected += data
        del self._collected[:-TYPED_KEPT_BYTES]
        if self._check is not None:
            self._check.cancel()
            self._check = None
        if self._guard_s == 0:
            if self._collected.endswith(ESCAPE):
                self.leave(self.site.dialect.escape_answer)
        elif self._collected == ESCAPE:
            self._check = loop.call_later(self._guard_s, self._quiet)

    def _quiet(self) -> None:
        self._check = None
        if not self._restarted():
            self.leave(self.site.dialect.escape_answer)

    def undo(self) -> None:
        if self._check is not None:
            self._check.cancel()
            self._check = None


@fault(
    "left_in_cmux",
    "The modem hears frames of the multiplexer only, until one of them closes it down.",
    "espressif/arduino-esp32 issue 10237 and pull 10264; 3GPP TS 27.010 5.4.6.3.3",
)
@dataclass(kw_only=True, eq=False)
class LeftInCmux(LeftBehind):
    STATE = "CMUX"

    def heard(self, data: bytes) -> None:
        self._collected += data
        del self._collected[:-TYPED_KEPT_BYTES]
        for content in bytes(self._collected).split(bytes([FLAG])):
            if _closes_down(content):
                self.leave(frame(b"\x01\xef\x05\xc1\x01"))
                return


def check_sequence(data: bytes) -> int:
    """Return the frame check sequence of 27.010 5.2.1.6 (CRC-8, reversed)."""
    value = 0xFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xE0 if value & 1 else value >> 1
    return 0xFF - value


def frame(content: bytes) -> bytes:
    """Return a UIH frame: address, control, length and information between flags."""
    return bytes([FLAG]) + content + bytes([check_sequence(content[:3]), FLAG])


def _closes_down(content: bytes) -> bool:
    """Return True for address (DLCI 0), control, length 2, CLD, 0 bytes of values, right FCS."""
    if len(content) != 6 or content[0] >> 2 != 0 or content[2] != 0x05:
        return False
    return content[3] == CLOSE_DOWN and content[5] == check_sequence(content[:3])


@fault(
    "left_at_prompt",
    "The modem takes what is typed for the payload of a send that another program began.",
    "Quectel BG96 manual (an open prompt has no time limit); " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class LeftAtPrompt(LeftBehind):
    STATE = "a prompt"
    length: int | None = argument(
        16, "bytes that the prompt still wants; none: until Ctrl-Z, or ESC which gives up", low=1
    )

    def heard(self, data: bytes) -> None:
        self._collected += data
        if self.length is not None:
            if len(self._collected) >= self.length:
                self.leave(self.site.dialect.sent)
        elif b"\x1a" in data:
            self.leave(self.site.dialect.sent)
        elif b"\x1b" in data:
            self.leave(b"\r\nOK\r\n")
        else:
            del self._collected[:-TYPED_KEPT_BYTES]
