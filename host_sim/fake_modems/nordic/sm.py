"""Fake nRF91 with Serial Modem firmware (0.2 and later): a handle in every command.

Source: nrfconnect/ncs-serial-modem, app/src/sm_at_socket.c and doc/app/at_socket.rst at v0.2.0 to
v1.0.1: what a read re-arms (only one that delivered something), #XSENDTO and ERROR after a failed
send, limits of the modes, automatic reception, #XAPOLL silent in data mode and fresh after it.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.nordic.sockets import (
    DGRAM,
    MAX_DELIVERED_BYTES,
    POLL_ERR,
    POLL_HUP,
    POLL_IN,
    POLL_INVALID,
    POLL_OUT,
    PROTOCOLS,
    STREAM,
    NordicSocket,
    NordicSockets,
    dotted,
)

TEXT, HEX, DATA = 0, 1, 2
MAX_HEX_BYTES = 1400
SEND_ACK = 8192
"""Flag: #XSENDNTF follows when the network has it."""
ALWAYS_POLLED = POLL_ERR | POLL_HUP | POLL_INVALID
CONNECT_FAILS_MS = 30_000


class NordicSm(NordicSockets):
    """A modem with Serial Modem firmware."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "echo-on": "the host before left ATE1",
    }

    def restore_profile(self) -> None:
        super().restore_profile()
        self.at.out.settings.echo = "echo-on" in self.quirks and self.boots == 0

    def forget_session(self) -> None:
        super().forget_session()
        self.poll_all = 0
        self.receives_all = (0, False)
        self.socket_options: dict[tuple[int, int], int] = {}

    def _socket(self, call: Call) -> NordicSocket:
        socket = self.sockets.get(call.arguments.integer(0, 0, 99))
        if socket is None:
            raise CommandFailed
        return socket

    # --- open, close, bind -------------------------------------------------------------------

    @at_command("#XSOCKET")
    def open_socket(self, call: Call) -> None:
        if call.form is Form.READ:
            for s in self.sockets.values():
                call.line(f"#XSOCKET: {s.handle},{s.family},{s.role},{s.kind},{s.context}")
            return
        if call.form is Form.TEST:
            call.line("#XSOCKET: <handle>,(1,2,3),(1,2,3),(0,1),<cid>")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(4)
        family, kind = a.integer(0, 1, 2), a.integer(1, 1, 3)
        socket = self.new_socket(family, kind, a.integer(2, 0, 1), a.integer(3, 0, 10, 0))
        socket.poll_wanted = socket.poll_armed = self.poll_all
        socket.receives, socket.receives_hex = self.receives_all
        call.line(f"#XSOCKET: {socket.handle},{kind},{PROTOCOLS[kind]}")
        self.later(self.some_ms(1, 6), self.announce, socket)

    @at_command("#XCLOSE")
    def close_sockets(self, call: Call) -> None:
        only(call, Form.SET, Form.ACTION)
        closing = list(self.sockets.values())
        if call.form is Form.SET:
            call.arguments.no_more_than(1)
            closing = [self._socket(call)]
        for socket in closing:
            del self.sockets[socket.handle]
            call.line(f"#XCLOSE: {socket.handle},0")

    @at_command("#XBIND")
    def bind_socket(self, call: Call) -> None:
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        self.bind(self._socket(call), call.arguments.integer(1, 1, 65535))

    @at_command("#XCONNECT")
    def connect_socket(self, call: Call) -> None:
        """UDP: fixes the peer. TCP: nothing but UDP leaves this modem, the connection fails."""
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        socket = self._socket(call)
        remote = dotted(a.quoted(1)), a.integer(2, 1, 65535)
        if socket.dead or socket.role != 0 or self.radio.ip_address is None:
            raise CommandFailed
        if socket.kind == STREAM:
            call.wait()
            self.later(CONNECT_FAILS_MS, call.fail)
            return
        socket.remote = remote
        call.line(f"#XCONNECT: {socket.handle},1")

    @at_command("#XSOCKETOPT")
    def socket_option(self, call: Call) -> None:
        """Keep an option; none but that of release assistance has an effect here."""
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(4)
        socket, operation = self._socket(call), a.integer(1, 0, 1)
        key = (socket.handle, a.integer(2, 0, 255))
        if operation == 1:
            value = a.integer(3, 0, 0x7FFFFFFF, 0)
            self.set_assistance(socket, key[1], value)
            self.socket_options[key] = value
        else:
            call.line(f"#XSOCKETOPT: {socket.handle},{self.socket_options.get(key, 0)}")

    # --- send --------------------------------------------------------------------------------

    @at_command("#XSEND")
    def send_connected(self, call: Call) -> None:
        only(call, Form.SET)
        call.arguments.no_more_than(4)
        socket = self._socket(call)
        if socket.remote is None:
            raise CommandFailed
        self._send(call, socket, socket.remote, 3)

    @at_command("#XSENDTO")
    def send_to(self, call: Call) -> None:
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(6)
        socket = self._socket(call)
        if socket.kind != DGRAM:
            raise CommandFailed
        self._send(call, socket, (dotted(a.quoted(3)), a.integer(4, 1, 65535)), 5)

    def _send(self, call: Call, socket: NordicSocket, remote: tuple[str, int], last: int) -> None:
        a = call.arguments
        mode, flags = a.integer(1, TEXT, DATA), a.integer(2, 0, 0xFFFF)
        if mode == DATA:
            length = a.integer(last, 0, 0x7FFFFFFF, 0)
            self.enter_data_mode(call, lambda data: self.send(socket, data, remote), length)
            return
        payload = a.quoted(last).encode("latin-1")
        if mode == HEX:
            payload = self._unhex(payload)
        if not payload:
            raise CommandFailed
        sent = self.send(socket, payload, remote)
        kind = int(bool(flags & SEND_ACK))
        call.line(f"{call.name}: {socket.handle},{kind},{len(payload) if sent else 0}")
        if not sent:
            call.wait()
            call.fail()
            return
        self._rearm(socket, POLL_OUT)
        if kind:
            text = f"#XSENDNTF: {socket.handle},0,{len(payload)}"
            self.later(self.some_ms(80, 400), self.urc, text)

    def _unhex(self, digits: bytes) -> bytes:
        try:
            payload = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            raise BadArgument from None
        if len(payload) > MAX_HEX_BYTES:
            raise BadArgument
        return payload

    # --- receive -----------------------------------------------------------------------------

    @at_command("#XRECVFROM", "#XRECV")
    def receive(self, call: Call) -> None:
        """Nothing there after the time: ERROR. An empty datagram: OK alone, and no new event."""
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(5)
        socket, mode = self._socket(call), a.integer(1, TEXT, HEX)
        flags, timeout_s = a.integer(2, 0, 0xFFFF), a.integer(3, 0, 0x7FFFFFFF)
        limit = a.integer(4, 1, MAX_DELIVERED_BYTES, MAX_DELIVERED_BYTES)

        def answer() -> None:
            block = self._delivered(call.name, socket, mode, flags, limit)
            if block:
                call.data(block)
                self._rearm(socket, POLL_IN)

        self.read(call, socket, timeout_s, flags, answer)

    def _delivered(
        self, name: str, socket: NordicSocket, mode: int, flags: int, limit: int
    ) -> bytes:
        datagram = self.taken(socket, flags, limit)
        payload = datagram.payload
        if not payload:
            return b""
        header = f"\r\n{name}: {socket.handle},{mode},{len(payload)}"
        if name == "#XRECVFROM":
            header += f',"{datagram.host}",{datagram.port}'
        shown = payload.hex().upper().encode() if mode == HEX else payload
        return header.encode() + b"\r\n" + shown

    # --- events ------------------------------------------------------------------------------

    def _chosen(self, call: Call) -> list[NordicSocket]:
        """Return the named socket, or all of them when none is named."""
        if call.arguments.given(0):
            return [self._socket(call)]
        return list(self.sockets.values())

    @at_command("#XAPOLL")
    def asynchronous_poll(self, call: Call) -> None:
        if call.form is Form.READ:
            for s in self.sockets.values():
                if s.poll_wanted:
                    call.line(f"#XAPOLL: {s.handle},{s.poll_wanted & ~ALWAYS_POLLED}")
            return
        if call.form is Form.TEST:
            call.line("#XAPOLL: <handle>,(0,1),(0,1,4,5)")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        sockets, starts = self._chosen(call), a.integer(1, 0, 1)
        events = 0
        if starts:
            events = a.integer(2, 0, 5)
            if events & ~(POLL_IN | POLL_OUT):
                raise BadArgument
            events |= ALWAYS_POLLED
        if not a.given(0):
            self.poll_all = events
        for socket in sockets:
            socket.poll_wanted = socket.poll_armed = events
            self.later(self.some_ms(1, 6), self.announce, socket)

    @at_command("#XRECVCFG")
    def automatic_reception(self, call: Call) -> None:
        if call.form is Form.READ:
            for s in self.sockets.values():
                if s.receives:
                    call.line(f"#XRECVCFG: {s.handle},{s.receives},{int(s.receives_hex)}")
            return
        if call.form is Form.TEST:
            call.line("#XRECVCFG: <handle>,(0,1,2,3),(0,1)")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        sockets, flags = self._chosen(call), a.integer(1, 0, 3)
        in_hex = a.integer(2, TEXT, HEX, TEXT) == HEX
        if flags & 2 and in_hex:
            raise BadArgument
        if not a.given(0):
            self.receives_all = (flags, in_hex)
        for socket in sockets:
            socket.receives, socket.receives_hex = flags, in_hex
            self.later(self.some_ms(1, 6), self.announce, socket)

    def _rearm(self, socket: NordicSocket, event: int) -> None:
        socket.poll_armed |= socket.poll_wanted & event
        self.later(self.some_ms(1, 6), self.announce, socket)

    def announce(self, socket: NordicSocket) -> None:
        """Say #XAPOLL once per event, or deliver by itself; in data mode only the latter."""
        super().announce(socket)
        if self.sockets.get(socket.handle) is not socket:
            return
        if self.at.prompting:
            if socket.receives & 2 and socket.buffer.datagrams:
                self.at.out.raw(self.taken(socket, 0, MAX_DELIVERED_BYTES).payload)
            return
        events = self.dead_events() if socket.dead else POLL_OUT
        if socket.hung_up:
            events = POLL_HUP
        if socket.buffer.datagrams:
            events |= POLL_IN
        events &= socket.poll_armed
        if events:
            socket.poll_armed &= ~events
            self.urc(f"#XAPOLL: {socket.handle},{events}")
        while socket.receives & 1 and socket.buffer.datagrams:
            name = "#XRECVFROM" if socket.remote is None else "#XRECV"
            mode = HEX if socket.receives_hex else TEXT
            block = self._delivered(name, socket, mode, 0, MAX_DELIVERED_BYTES)
            if block:
                self.urc(block + b"\r\n")

    def socket_died(self, socket: NordicSocket) -> None:
        super().socket_died(socket)
        self.announce(socket)
