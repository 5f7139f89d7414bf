"""The filter between a fake modem and its UART: all bytes of both directions pass through here.

Without active faults it hands bytes on in the same call and in the same pieces. It knows what the
modem's bytes are because the fakes' engine tells it (``fake_modems.engine.observer``): no guessing
from bytes that may look alike.
"""

import asyncio
from collections.abc import Callable, Sequence

from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.fake_modems.engine.observer import (
    ANSWER,
    ECHO,
    PROMPT,
    RAW,
    RESULT,
    URC,
    Part,
)
from ip_commands.host_sim.faults.blocks import (
    ANSWER_BLOCK,
    ECHO_BLOCK,
    LINE_ENDS,
    RAW_BLOCK,
    TYPED_BLOCK,
    URC_BLOCK,
    Block,
    Piece,
    first_line,
)
from ip_commands.host_sim.faults.fault import Fault
from ip_commands.host_sim.uart.link import ModemEnd

LINE_KEPT_BYTES = 4096
"""Of what the host types, to know its command line."""
HELD_BYTES = 65_536
"""Of stopped flow, each way; what comes beyond it is lost, as from a full buffer."""
LATE_KEPT = 10_000
"""Pieces that wait for their time; what comes beyond them is lost."""
OF_ANSWER = (ANSWER, RESULT, PROMPT)

Heard = Callable[[str, bytes, bool], None]
"""Command line or "" (a URC), bytes, whether a new block begins with them."""


class WireFilter:
    """Passes, holds, delays and changes bytes as the active faults say. Implements Observer."""

    def __init__(self, fake: FakeModem) -> None:
        self._fake = fake
        self.faults: list[Fault] = []
        """Those that are active, in the order of their injection."""
        self.on_spent: Callable[[Fault], None] = lambda fault: None
        self.recorder: Heard | None = None
        self.block: Block | None = None
        """The answer of the command line that runs."""
        self._parts: Sequence[Part] = ()
        self._typed = Block(TYPED_BLOCK, "")
        self._line_open = False
        self._outer: ModemEnd | None = None
        self._inner = ModemEnd()
        self._late: dict[int, tuple[asyncio.TimerHandle, bytes]] = {}
        self._late_numbers = 0
        self._answers_free_s = 0.0
        self._stopped = {"to_host": 0, "to_modem": 0}
        self._held_for_host = bytearray()
        self._held_for_modem = bytearray()
        self._keeps = False
        fake.put_between(self._between)
        fake.at.out.observer = self
        fake.before_command = self._command_runs

    def _between(self, end: ModemEnd) -> ModemEnd:
        if self._outer is not None:
            self._outer.on_received = None
        self._outer = end
        end.on_received = self._from_host
        self._inner = _FakesEnd(self._from_modem, self._discard)
        return self._inner

    # --- host to modem -------------------------------------------------------------------------

    def _from_host(self, data: bytes) -> None:
        pieces = self._typed_pieces(data)
        if not self.faults and not self._stopped["to_modem"]:
            self._inner.received(data)
            return
        for fault in tuple(self.faults):
            pieces = fault.typed(pieces)
        data = b"".join(piece.data for piece in pieces)
        if self._stopped["to_modem"]:
            _hold(self._held_for_modem, data)
        elif data:
            self._inner.received(data)
        self._drop_spent()

    def _typed_pieces(self, data: bytes) -> list[Piece]:
        """Return what the host typed as pieces of command lines, each with its payload."""
        if self._fake.at.prompting:
            return [self._typed_piece(data)]
        pieces = []
        for part in data.splitlines(keepends=True):
            if not self._line_open and part.strip():
                self._typed = Block(TYPED_BLOCK, "")
                self._line_open = True
            if self._line_open:
                text = self._typed.text + part[:LINE_KEPT_BYTES].decode("latin-1")
                self._typed.text = text.strip("\r\n")[:LINE_KEPT_BYTES]
                self._line_open = part[-1:] not in LINE_ENDS
            pieces.append(self._typed_piece(part))
        return pieces

    def _typed_piece(self, data: bytes) -> Piece:
        offset = self._typed.length
        self._typed.length += len(data)
        return Piece(TYPED_BLOCK, data, self._typed, offset)

    # --- modem to host: what the engine tells --------------------------------------------------

    def line_begins(self, line: str) -> None:
        self.block = Block(ANSWER_BLOCK, line)
        for fault in tuple(self.faults):
            fault.line_begins(self.block)

    def _command_runs(self, call: Call) -> None:
        if self.block is not None:
            for fault in tuple(self.faults):
                fault.command(self.block)

    def line_ended(self, whole: bool) -> None:
        block = self.block
        if block is not None and whole:
            for fault in tuple(self.faults):
                fault.line_ended(block)
        self.block = None
        self._drop_spent()

    def about_to_write(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def _from_modem(self, data: bytes) -> None:
        parts, self._parts = self._parts, ()
        if not (self.faults or self.recorder or self._late or self._stopped["to_host"]):
            if self.block is not None:
                self.block.length += sum(len(part) for kind, part in parts if kind in OF_ANSWER)
            self._to_host(data)
            return
        if sum(len(part) for _, part in parts) != len(data):
            parts = ((URC, data),)  # written past the engine: boot garbage, last words
        pieces = [self._piece(kind, part) for kind, part in _joined(parts)]
        for fault in tuple(self.faults):
            pieces = fault.output(pieces)
        self._deliver(pieces)
        self._drop_spent()

    def _piece(self, kind: str, data: bytes) -> Piece:
        block = self.block
        if kind == URC:
            block = Block(URC_BLOCK, first_line(data), data)
        elif kind == ECHO:
            block = Block(ECHO_BLOCK, "")
        elif kind == RAW or block is None:
            block = Block(RAW_BLOCK, "")
        elif kind == ANSWER and not block.data:
            block.data = data
        if self.recorder is not None and kind not in (ECHO, RAW):
            text = block.text if block.kind == ANSWER_BLOCK else ""
            self.recorder(text, data, block.length == 0)
        offset = block.length
        block.length += len(data)
        return Piece(kind, data, block, offset)

    # --- modem to host: the way out ------------------------------------------------------------

    def _deliver(self, pieces: list[Piece]) -> None:
        """Write pieces that are due as one burst; answers keep their order, URCs may overtake."""
        now_s = asyncio.get_running_loop().time()
        burst = bytearray()
        for piece in pieces:
            due_s = now_s + piece.delay_ms / 1000
            if piece.kind != URC:
                due_s = max(due_s, self._answers_free_s)
                self._answers_free_s = due_s
            if due_s <= now_s:
                burst += piece.data
            elif piece.data:
                self._later(due_s, piece.data)
        if burst:
            self._to_host(bytes(burst))

    def _later(self, due_s: float, data: bytes) -> None:
        if len(self._late) >= LATE_KEPT:
            return
        self._late_numbers += 1
        number = self._late_numbers

        def due() -> None:
            del self._late[number]
            self._to_host(data)

        handle = asyncio.get_running_loop().call_at(due_s, due)
        self._late[number] = (handle, data)

    def _to_host(self, data: bytes) -> None:
        if self.faults and any(fault.mutes for fault in self.faults):
            return
        if self._stopped["to_host"]:
            _hold(self._held_for_host, data)
        elif self._outer is not None:
            self._outer.write(data)

    def _discard(self) -> None:
        """The modem lost its power: what it had not said is never said."""
        for handle, _ in self._late.values():
            handle.cancel()
        self._late.clear()
        self._held_for_host.clear()
        self._answers_free_s = 0.0
        if self._outer is not None and not self._keeps:
            self._outer.discard()

    # --- what faults do --------------------------------------------------------------------------

    def insert(self, data: bytes) -> None:
        """Send bytes to the host that the modem never said."""
        self._to_host(data)

    def urc_piece(self, text: str) -> Piece:
        """Return a line as the modem frames its URCs."""
        return Piece(URC, bytes(self._fake.at.out.frame_urc(text)), None)

    def stop_flow(self, to_host: bool, to_modem: bool) -> None:
        """Hold back what comes from now on."""
        self._stopped["to_host"] += to_host
        self._stopped["to_modem"] += to_modem

    def resume_flow(self, to_host: bool, to_modem: bool) -> None:
        """Let what was held back go, once nobody else holds it."""
        self._stopped["to_host"] -= to_host
        self._stopped["to_modem"] -= to_modem
        if not self._stopped["to_host"] and self._held_for_host:
            data, self._held_for_host = bytes(self._held_for_host), bytearray()
            self._to_host(data)
        if not self._stopped["to_modem"] and self._held_for_modem:
            data, self._held_for_modem = bytes(self._held_for_modem), bytearray()
            self._inner.received(data)

    def keep_when_power_fails(self, keep: bool) -> None:
        """Let what the modem wrote leave its UART although its power fails."""
        self._keeps = keep

    def say_what_is_late(self) -> None:
        """Say at once what faults delayed."""
        late, self._late = self._late, {}
        self._answers_free_s = 0.0
        for handle, _ in late.values():
            handle.cancel()
        said = b"".join(data for _, data in sorted(late.values(), key=lambda item: item[0].when()))
        if said:
            self._to_host(said)

    def _drop_spent(self) -> None:
        for fault in [fault for fault in self.faults if fault.spent]:
            self.on_spent(fault)


def _hold(held: bytearray, data: bytes) -> None:
    held += data[: HELD_BYTES - len(held)]


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Return parts with the lines and data of an answer as one."""
    joined: list[Part] = []
    for kind, data in parts:
        if kind == ANSWER and joined and joined[-1][0] == ANSWER:
            data = joined.pop()[1] + data
        joined.append((kind, data))
    return joined


class _FakesEnd(ModemEnd):
    """The end that the fake holds instead of the UART's."""

    def __init__(self, send: Callable[[bytes], None], discard: Callable[[], None]) -> None:
        super().__init__()
        self._send = send
        self._discard = discard
