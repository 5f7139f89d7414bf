"""Sending and receiving on the CA sockets of SIM7070G, SIM7080G and SIM7090G.

Sources: as ``simcom_ca_sockets``. Datagram boundaries are undocumented: default is one datagram
per CARECV with the rest kept; the quirk ``rest-dropped`` is the other reading.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.simcom.ca_sockets import MAX_BYTES, CaSocket, CaSockets


class CaData(CaSockets):
    """CASEND, CARECV, CAACK and the URCs for what arrives."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "canew-first": "+CANEW comes before +CADATAIND",
        "only-canew": "a UDP server announces data with +CANEW alone (KORE's demo firmware)",
        "only-cadataind": "a UDP server announces data with +CADATAIND alone",
        "every-datagram-announced": "data is announced also while older data is unread",
        "prompt-blank": "the CASEND prompt is '> ' instead of '>'",
        "prompt-bare": "the CASEND prompt has no line end before it",
        "casend-result": "CASEND ends with OK and +CASEND: <cid>,<err>,<len> (SIM7000 firmware)",
        "rest-dropped": "a CARECV shorter than the datagram drops its rest instead of keeping it",
    }

    # --- send ------------------------------------------------------------------------------------

    @at_command("+CASEND")
    def send(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("+CASEND: (0-12),(1-1460),(100-10000)")
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(3)
        socket = self._socket(arguments.integer(0, 0, 12))
        if len(arguments) == 1:
            link = socket.link
            call.line(f"+CASEND: {MAX_BYTES if link is None else min(MAX_BYTES, link.room_bytes)}")
            return
        length = arguments.integer(1, 1, MAX_BYTES)
        input_ms = arguments.integer(2, 100, 10_000, 5000)
        remote = self.remotes.get(socket.cid)
        if not socket.server:
            remote = (socket.host, socket.remote_port)
        if remote is None:  # a server that was told no REMOTEADDR: assumed refused
            raise CommandFailed(3)
        host, port = remote
        text = b">" if "prompt-bare" in self.quirks else b"\r\n>"
        call.prompt(
            lambda payload: self._send_taken(call, socket, payload, host, port),
            length=length,
            text=text + (b" " if "prompt-blank" in self.quirks else b""),
            limit=MAX_BYTES,
            timeout_ms=input_ms,
            on_cancel=lambda: call.fail(3),
        )

    def _send_taken(self, call: Call, socket: CaSocket, data: bytes, host: str, port: int) -> None:
        alive = self.sockets.get(socket.cid) is socket
        if not alive or not self._send(socket, data, host, port):
            call.fail(3)
            return
        socket.sent_bytes += len(data)
        call.finish()
        if "casend-result" in self.quirks:
            self.later(5, self.urc, f"+CASEND: {socket.cid},0,{len(data)}")

    def _send(self, socket: CaSocket, data: bytes, host: str, port: int) -> bool:
        if socket.link is not None:
            return socket.link.send(data)
        return self.radio.send_udp(data, socket.local_port, host, port)

    @at_command("+CAACK")
    def acknowledged(self, call: Call) -> None:
        """``+CAACK: <total>,<unacknowledged>``; UDP waits for no acknowledgement: assumed 0."""
        only(call, Form.SET)
        socket = self._socket(call.arguments.integer(0, 0, 12))
        unacknowledged = 0 if socket.link is None else socket.link.unacknowledged_bytes
        call.line(f"+CAACK: {socket.sent_bytes},{unacknowledged}")

    # --- receive ---------------------------------------------------------------------------------

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        for socket in self.sockets.values():
            if socket.local_port != destination_port or socket.kind != "UDP":
                continue
            remote = (socket.host, socket.remote_port)
            if not socket.server and remote != (source_host, source_port):
                continue  # a client is tied to one remote
            datagram = Datagram(payload, source_host, source_port)
            if socket.push:
                self._push(socket, datagram)
            else:
                self._buffer(socket, datagram)
            return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _push(self, socket: CaSocket, datagram: Datagram) -> None:
        sender = ""
        if socket.server or self.shows_sender:  # AT manual: always for CASERVER
            sender = f",{datagram.host},{datagram.port}"
        header = f'+CAURC: "recv",{socket.cid},{len(datagram.payload)}{sender}'
        self.urc(self.at.out.frame_urc(header) + datagram.payload + b"\r\n")

    def push_all(self, socket: CaSocket) -> None:
        while (datagram := socket.buffer.take(MAX_BYTES)) is not None:
            self._push(socket, datagram)

    def announce(self, socket: CaSocket) -> None:
        self.urc(f"+CADATAIND: {socket.cid}")

    def _buffer(self, socket: CaSocket, datagram: Datagram) -> None:
        was_empty = not socket.buffer.datagrams
        buffer = socket.buffer
        if not isinstance(buffer, ReceiveBuffer):
            return
        if not buffer.put(datagram.payload, datagram.host, datagram.port):
            self.urc('+CAURC: "buffer full"')
            return
        if was_empty or "every-datagram-announced" in self.quirks:
            for text in self._announcements(socket, datagram):
                self.urc(text)

    def _announcements(self, socket: CaSocket, datagram: Datagram) -> list[str]:
        data = f"+CADATAIND: {socket.cid}"
        if not socket.server:
            return [data]
        new = f"+CANEW: {socket.cid},{socket.cid},{datagram.host},{datagram.port}"
        if "only-canew" in self.quirks:
            return [new]
        if "only-cadataind" in self.quirks:
            return [data]
        return [new, data] if "canew-first" in self.quirks else [data, new]

    @at_command("+CARECV")
    def receive(self, call: Call) -> None:
        """``+CARECV: <len>,<data>``, with CASRIP ``<ip>,<port>,<len>,<data>``; 0 when empty."""
        if call.form is Form.TEST:
            call.line("+CARECV: (0-12),(1-1460)")
            return
        if call.form is Form.READ:
            for socket in self.sockets.values():
                call.line(f"+CARECV: {socket.cid},{socket.buffer.held_bytes}")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        cid = call.arguments.integer(0, 0, 12)
        socket = self.closed_sockets.get(cid) or self._socket(cid)
        limit = call.arguments.integer(1, 1, MAX_BYTES)
        datagram = socket.buffer.take(limit, keep_rest="rest-dropped" not in self.quirks)
        if datagram is None:
            call.line("+CARECV: 0")
            return
        sender = f"{datagram.host},{datagram.port}," if self.shows_sender else ""
        header = f"\r\n+CARECV: {sender}{len(datagram.payload)},".encode()
        call.data(header + datagram.payload + b"\r\n")
