"""Data mode of the nRF91 applications: what the host types is payload.

Sources: nrfconnect/sdk-nrf slm_at_host.c and nrfconnect/ncs-serial-modem sm_at_host.c: the
terminator ends it wherever it stands, what was collected leaves at every pause, a counted mode
looks for no terminator, and after an overflow everything is dropped until the terminator comes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import Form
from ip_commands.host_sim.fake_modems.nordic.module import NordicHost

DATA_MODE_BYTES = 4096
TERMINATOR = b"+++"
SHORTEST_PAUSE_MS = 32
"""One UART buffer of 256 bytes at 115200 baud and 10 ms."""
OVERFLOW = -139


@dataclass
class DataModeState:
    """What data mode has collected."""

    send: Callable[[bytes], bool]
    left: int
    """Bytes to come; 0: until the terminator."""
    collected: bytearray = field(default_factory=bytearray)
    half_terminator: bytes = b""
    broken: int = 0
    failed: bool = False
    pauses: int = 0


class NordicDataMode(NordicHost):
    """Entering, filling and leaving data mode."""

    def make_storage(self) -> None:
        super().make_storage()
        self.pause_ms = SHORTEST_PAUSE_MS

    @at_command("#XDATACTRL")
    def data_mode_control(self, call: Call) -> None:
        if call.form is Form.READ:
            call.line(f"#XDATACTRL: {self.pause_ms},{SHORTEST_PAUSE_MS}")
        elif call.form is Form.TEST:
            call.line("#XDATACTRL: <time_limit>")
        else:
            only(call, Form.SET)
            self.pause_ms = call.arguments.integer(0, SHORTEST_PAUSE_MS, 65535)

    def enter_data_mode(self, call: Call, send: Callable[[bytes], bool], length: int = 0) -> None:
        """OK, then all bytes are payload: ``length`` of them, or until the terminator."""
        state = DataModeState(send, length)

        def on_bytes(typed: bytes) -> int:
            if state.broken:
                return self._drop(call, state, typed)
            if state.left:
                return self._take_counted(call, state, typed)
            return self._take_open(call, state, typed)

        call.stream(on_bytes, text=b"\r\nOK\r\n")

    def _take_counted(self, call: Call, state: DataModeState, typed: bytes) -> int:
        piece = typed[: state.left]
        state.collected += piece
        state.left -= len(piece)
        if state.left == 0:
            self._flush(state)
            self._leave_data_mode(call, state)
        elif len(state.collected) > DATA_MODE_BYTES:
            self._break(state)
        return len(piece)

    def _take_open(self, call: Call, state: DataModeState, typed: bytes) -> int:
        text = state.half_terminator + typed
        end = text.find(TERMINATOR)
        if end >= 0:
            state.collected += text[:end]
            used = end + len(TERMINATOR) - len(state.half_terminator)
            self._flush(state)
            self._leave_data_mode(call, state)
            return used
        kept = text.rstrip(b"+")
        state.half_terminator = text[len(kept) :]
        state.collected += kept
        if len(state.collected) > DATA_MODE_BYTES:
            self._break(state)
        state.pauses += 1
        self.later(self.pause_ms, self._paused, state, state.pauses)
        return len(typed)

    def _paused(self, state: DataModeState, pause: int) -> None:
        if pause == state.pauses and state.collected and self.at.prompting:
            state.collected += state.half_terminator
            state.half_terminator = b""
            self._flush(state)

    def _flush(self, state: DataModeState) -> None:
        if state.collected:
            state.failed = not state.send(bytes(state.collected))
            if "datagrams-confirmed" in self.quirks:  # CONFIG_SLM_DATAMODE_URC
                self.at.out.raw(b"\r\n#XDATAMODE: %d\r\n" % len(state.collected))
            state.collected.clear()

    def _break(self, state: DataModeState) -> None:
        state.broken = OVERFLOW
        state.collected.clear()
        state.half_terminator = b""
        self.at.out.raw(TERMINATOR)

    def _drop(self, call: Call, state: DataModeState, typed: bytes) -> int:
        text = state.half_terminator + typed
        end = text.find(TERMINATOR)
        if end < 0:
            state.half_terminator = text[len(text.rstrip(b"+")) :]
            return len(typed)
        used = end + len(TERMINATOR) - len(state.half_terminator)
        self._leave_data_mode(call, state)
        return used

    def _leave_data_mode(self, call: Call, state: DataModeState) -> None:
        result = state.broken
        if self.variant.is_sm and (result or state.failed):
            result = -1
        state.pauses += 1
        call.data(b"\r\n#XDATAMODE: %d\r\n" % result)
        call.finish(None)
        self.data_mode_left()

    def data_mode_left(self) -> None:
        """Called when bytes are command lines again."""
