"""Telit sockets, their data: #SRECV, #SSENDUDP, #SSENDUDPEXT, #SSEND, #SSENDEXT.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A (#SRECV with <UDPInfo>, prompts,
limits; its example of #SSENDUDP), ME310G1 guide 80617ST10991A (<rai>: in
NB-IoT only, else ignored; the older series take and ignore it: assumed); log of a real module in a
public repository (``#SRECV: 1,3``, SRING again after a partial read). What no source says is
marked "assumed".
"""

from collections.abc import Callable
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.telit.arrivals import TelitSocket
from ip_commands.host_sim.fake_modems.telit.setup import TX_ERROR, WRONG_STATE, dotted
from ip_commands.host_sim.fake_modems.telit.sockets import TelitSockets

MAX_BYTES = 1500
"""Of one read and of one datagram sent."""
NOTHING_THERE = 559
"""Number of an #SRECV that finds nothing; assumed."""


class TelitData(TelitSockets):
    """Reading and sending."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "srecv-no-blank": "#SRECV:<id>,<n> without blank, as the manual's example prints it",
    }

    hears_assistance: bool = False
    """<rai> has an effect."""

    # --- receive -----------------------------------------------------------------------------

    @at_command("#SRECV")
    def read(self, call: Call) -> None:
        """With <UDPInfo> 1 one datagram at most; without it datagrams are joined up to <max>."""
        if call.form is Form.TEST:
            call.line("#SRECV: (1-6),(1-1500),(0,1)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(3)
        socket = self.socket_of(call)
        limit = call.arguments.integer(1, 1, MAX_BYTES)
        with_source = call.arguments.integer(2, 0, 1, 0) == 1
        if not socket.buffer.datagrams:
            raise CommandFailed(NOTHING_THERE)
        if with_source:
            piece, left = socket.take(limit)
            payload = piece.payload
            details = f"{self.source_text(piece.host)},{piece.port},{socket.number}"
            details += f",{len(payload)},{left}"
        else:
            payload = b""
            while len(payload) < limit and socket.buffer.datagrams:
                payload += socket.take(limit - len(payload))[0].payload
            details = f"{socket.number},{len(payload)}"
        blank = "" if "srecv-no-blank" in self.quirks else " "
        call.line(f"#SRECV:{blank}{details}")
        call.data(self.shown(socket, payload) + b"\r\n")
        self.stay_active(socket)
        if socket.buffer.datagrams and "sring-once" not in self.quirks:
            self.later(self.some_ms(2, 15), self.ring, socket)

    # --- send --------------------------------------------------------------------------------

    def _listener_of(self, call: Call) -> TelitSocket:
        socket = self.socket_of(call)
        if not socket.listener:  # "any remote" needs #SLUDP and #SA
            raise CommandFailed(WRONG_STATE)
        return socket

    def _connection_of(self, call: Call) -> tuple[TelitSocket, tuple[str, int]]:
        socket = self.socket_of(call)
        if socket.listener or socket.remote is None:  # assumed for accepted listeners
            raise CommandFailed(WRONG_STATE)
        return socket, socket.remote

    @at_command("#SSENDUDP")
    def send_text_to(self, call: Call) -> None:
        """Up to Ctrl-Z; Esc gives up, with OK."""
        only(call, Form.SET)
        call.arguments.no_more_than(4)
        socket = self._listener_of(call)
        remote = dotted(call.arguments.quoted(1)), call.arguments.integer(2, 1, 65535)
        send = self._sender(call, socket, remote, 3)
        call.prompt(send, length=None, echo=True, limit=MAX_BYTES)

    @at_command("#SSENDUDPEXT")
    def send_bytes_to(self, call: Call) -> None:
        """So many bytes, no Ctrl-Z; with <sendDataMode> 1 twice as many hex digits."""
        only(call, Form.SET)
        call.arguments.no_more_than(5)
        socket, count = self._listener_of(call), call.arguments.integer(1, 1, MAX_BYTES)
        remote = dotted(call.arguments.quoted(2)), call.arguments.integer(3, 1, 65535)
        self._prompt_for(call, socket, count, remote, 4)

    @at_command("#SSEND")
    def send_text(self, call: Call) -> None:
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket, remote = self._connection_of(call)
        send = self._sender(call, socket, remote, 1)
        call.prompt(send, length=None, echo=True, limit=MAX_BYTES)

    @at_command("#SSENDEXT")
    def send_bytes(self, call: Call) -> None:
        only(call, Form.SET)
        call.arguments.no_more_than(3)
        socket, remote = self._connection_of(call)
        self._prompt_for(call, socket, call.arguments.integer(1, 1, MAX_BYTES), remote, 2)

    def _prompt_for(
        self, call: Call, socket: TelitSocket, count: int, remote: tuple[str, int], rai_at: int
    ) -> None:
        length = 2 * count if self.settings_for(socket).sends_hex else count
        on_data = self._sender(call, socket, remote, rai_at)
        call.prompt(on_data, length=length, echo=True, limit=2 * MAX_BYTES)

    def _sender(
        self, call: Call, socket: TelitSocket, remote: tuple[str, int], rai_at: int
    ) -> Callable[[bytes], None]:
        said: int | None = call.arguments.integer(rai_at, 0, 2, 0) or None
        if not self.hears_assistance or self.radio.access_technology != 9:
            said = None

        def send(data: bytes) -> None:
            payload: bytes | None = data
            if self.settings_for(socket).sends_hex:
                payload = _unhex(data)
            if payload is None or self.sockets.get(socket.number) is not socket:
                call.fail(WRONG_STATE)
            elif payload and not self.radio.send_udp(payload, socket.local_port, *remote, said):
                call.fail(TX_ERROR)
            else:
                socket.sent_bytes += len(payload)
                self.stay_active(socket)
                call.finish()

        return send


def _unhex(data: bytes) -> bytes | None:
    try:
        return bytes.fromhex(data.decode("ascii"))
    except ValueError:
        return None
