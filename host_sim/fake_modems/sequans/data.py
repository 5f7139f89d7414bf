"""Sending and receiving on Sequans sockets: SQNSSENDEXT, SQNSSEND, SQNSRECV, SQNSRING.

Sources: as ``sequans_sockets``; the race of +SQNSH with the answer of SQNSRECV is that of a GM02SP
in QuickSpot/walter-arduino issue 109 (answer after +SQNSH) and of the comments in
Azure/embedded-wireless-framework (ERROR). <rai> of SQNSSENDEXT (walter-arduino): 0 none, 1
nothing follows in either direction, 2 one answer.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram
from ip_commands.host_sim.fake_modems.sequans.sockets import SequansSocket, SequansSockets, dotted

MAX_BYTES = 1500
"""Of one SQNSSENDEXT and one SQNSRECV."""


def unhex(digits: bytes) -> bytes | None:
    """Return what hex digits stand for, None when they are none."""
    try:
        return bytes.fromhex(digits.decode("ascii")) if b" " not in digits else None
    except ValueError:
        return None


class SequansData(SequansSockets):
    """SQNSSENDEXT, SQNSSEND, SQNSRECV and the rings."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "recv-shows-sender": "the header of SQNSRECV has address and port on any-remote sockets",
        "recv-hides-sender": "the header of SQNSRECV never has address and port",
        "recv-sender-quoted": "the address in the header of SQNSRECV is quoted",
        "recv-no-line-end": "no CRLF of its own between the data of SQNSRECV and CRLF OK CRLF",
        "rest-dropped": "a read shorter than its datagram drops the rest instead of keeping it",
        "read-after-close": "a SQNSRECV that runs when the socket closes still gets its data",
        "send-address-quoted": "SQNSSENDEXT takes a quoted address only",
        "send-address-plain": "SQNSSENDEXT takes an address without quotes only",
    }
    shows_sender: bool

    # --- send ------------------------------------------------------------------------------------

    def _destination(self, call: Call, socket: SequansSocket, at: int) -> tuple[str, int]:
        """Return where to: the address in the command, else the peer (a listener: the last)."""
        arguments = call.arguments
        if arguments.given(at):
            quoted = arguments.is_quoted(at)
            wrong = "send-address-plain" if quoted else "send-address-quoted"
            if socket.any_remote != 2 or wrong in self.quirks:
                raise CommandFailed(3)
            return dotted(arguments.text(at)), arguments.integer(at + 1, 1, 65535)
        if socket.peer is None:
            raise CommandFailed(3)
        return socket.peer

    @at_command("+SQNSSENDEXT")
    def send(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+SQNSSENDEXT: (1-6),(1-1500),(0-2)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(5)
        socket = self.socket_of(call)
        length = call.arguments.integer(1, 1, MAX_BYTES)
        said = call.arguments.integer(2, 0, 2, 0) or None
        to = self._destination(call, socket, 3)
        as_hex = self.socket_ext[socket.number][4] == 1

        def taken(data: bytes) -> None:
            payload = unhex(data) if as_hex else data
            if payload is None:
                call.fail(3)
            else:
                self._transmit(call, socket, to, payload, said)

        self.take_payload(call, taken, 2 * length if as_hex else length)

    @at_command("+SQNSSEND")
    def send_text(self, call: Call) -> None:
        """Text up to Ctrl-Z; Esc cancels."""
        only(call, Form.SET)
        call.arguments.no_more_than(3)
        socket = self.socket_of(call)
        to = self._destination(call, socket, 1)
        call.prompt(
            lambda payload: self._transmit(call, socket, to, payload),
            length=None,
            limit=MAX_BYTES,
        )

    def _transmit(
        self,
        call: Call,
        socket: SequansSocket,
        to: tuple[str, int],
        payload: bytes,
        said: int | None = None,
    ) -> None:
        call.wait()
        self.later(self.some_ms(10, 40), self._transmitted, call, socket, to, payload, said)

    def _transmitted(
        self,
        call: Call,
        socket: SequansSocket,
        to: tuple[str, int],
        payload: bytes,
        said: int | None,
    ) -> None:
        alive = self.sockets.get(socket.number) is socket
        if alive and self._radio_sleeps:
            self.radio.wake()
        if not alive or not self.radio.send_udp(payload, socket.local_port, *to, said):
            call.fail(3)
            return
        self.touch(socket)
        socket.sent_bytes += len(payload)
        call.finish()

    # --- receive ---------------------------------------------------------------------------------

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        sender = (source_host, source_port)
        for socket in self.sockets.values():
            open_to_sender = socket.listens or socket.any_remote or socket.peer == sender
            if socket.local_port == destination_port and open_to_sender:
                self._take(socket, Datagram(payload, *sender))
                return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _take(self, socket: SequansSocket, datagram: Datagram) -> None:
        """One ring per arrival; none for what stays behind after a read."""
        self.touch(socket)
        socket.received_bytes += len(datagram.payload)
        if socket.listens:
            socket.peer = (datagram.host, datagram.port)
        length = len(datagram.payload)
        ring = f"+SQNSRING: {socket.number}"
        mode = self.socket_ext[socket.number][0]
        if mode == 2:  # the ring carries the data, there is nothing left to read (assumed)
            line = f"\r\n{ring},{length},".encode()
            self.urc(line + self._shown(socket, datagram.payload) + b"\r\n")
        elif socket.buffer.put(datagram.payload, datagram.host, datagram.port):
            self.urc(f"{ring},{length}" if mode == 1 else ring)

    def _shown(self, socket: SequansSocket, payload: bytes) -> bytes:
        as_hex = self.socket_ext[socket.number][1] == 1
        return payload.hex().upper().encode() if as_hex else payload

    @at_command("+SQNSRECV")
    def receive(self, call: Call) -> None:
        """``+SQNSRECV: <id>,<n>[,<addr>,<port>]``, the bytes, an empty line; 4: nothing waits."""
        if call.form is Form.TEST:
            call.line("+SQNSRECV: (1-6),(1-1500)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket = self.socket_of(call)
        limit = call.arguments.integer(1, 1, MAX_BYTES)
        datagram = socket.buffer.take(limit, keep_rest="rest-dropped" not in self.quirks)
        if datagram is None:
            raise CommandFailed(4)
        call.wait()
        self.later(self.some_ms(5, 36), self._answer, call, socket, datagram)

    def _answer(self, call: Call, socket: SequansSocket, datagram: Datagram) -> None:
        alive = self.sockets.get(socket.number) is socket
        if not alive and "read-after-close" not in self.quirks:
            call.fail(4)
            return
        shows = self.shows_sender or "recv-shows-sender" in self.quirks
        shows = shows and socket.any_remote > 0 and "recv-hides-sender" not in self.quirks
        sender = ""
        if shows:
            quote = '"' if "recv-sender-quoted" in self.quirks else ""
            sender = f",{quote}{datagram.host}{quote},{datagram.port}"
        header = f"\r\n+SQNSRECV: {socket.number},{len(datagram.payload)}{sender}\r\n".encode()
        end = b"" if "recv-no-line-end" in self.quirks else b"\r\n"
        call.data(header + self._shown(socket, datagram.payload) + end)
        call.finish()
