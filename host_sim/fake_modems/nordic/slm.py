"""Fake nRF91 with Serial LTE Modem firmware: #X commands about one selected socket.

Sources: nrfconnect/sdk-nrf applications/serial_lte_modem (documentation and sources of SDK 1.3 to
3.1: wire forms of #XRECVFROM, socket ranking, #XPOLL), log in vshymanskyy/TinyGSM issue 486 (SDK
1.4). The UDP proxy is in ``nordic_slm_proxy``.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.nordic.sockets import (
    DGRAM,
    MAX_DELIVERED_BYTES,
    POLL_HUP,
    POLL_IN,
    PROTOCOLS,
    STREAM,
    NordicSocket,
    NordicSockets,
    dotted,
)

MAX_TEXT_BYTES = 1024
"""Of data inside a command line."""
CONNECT_FAILS_MS = 30_000


class NordicSlmSockets(NordicSockets):
    """#XSOCKET and its family, for firmware with a selected socket."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "datagrams-confirmed": "built to say #XDATAMODE: <n> for each datagram of the data mode",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.selected: NordicSocket | None = None
        self._poll: tuple[Call, list[NordicSocket]] | None = None
        self.socket_options: dict[int, int] = {}

    def current(self) -> NordicSocket:
        """Return the selected socket. Raises CommandFailed when there is none."""
        if self.selected is None:
            raise CommandFailed
        return self.selected

    def listed(self, *values: object) -> str:
        """Return values as this firmware separates them."""
        return (", " if self.variant.blanks else ",").join(str(value) for value in values)

    # --- open, select, bind ------------------------------------------------------------------

    @at_command("#XSOCKET")
    def open_or_close_socket(self, call: Call) -> None:
        if call.form is Form.READ:
            s = self.selected
            if s is not None:
                call.line(
                    "#XSOCKET: " + self.listed(s.handle, s.family, s.role, s.kind, s.context)
                )
            return
        if call.form is Form.TEST:
            call.line("#XSOCKET: (0,1,2),(1,2,3),(0,1),<cid>")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(4)
        operation = a.integer(0, 0, 2)
        if operation == 0:
            self._close_selected(call)
            return
        kind, role = a.integer(1, 1, 3), a.integer(2, 0, 1)
        socket = self.new_socket(operation, kind, role, a.integer(3, 0, 10, 0))
        self.selected = socket
        protocol = PROTOCOLS[kind]
        if self.variant.blanks:
            call.line(f"#XSOCKET: {self.listed(socket.handle, kind, role, protocol)}")
        else:
            call.line(f"#XSOCKET: {socket.handle},{kind},{protocol}")

    def _close_selected(self, call: Call) -> None:
        if self.selected is None:
            if self.variant.blanks:  # SDK 1.4: an error; later: nothing to do
                raise CommandFailed
            return
        del self.sockets[self.selected.handle]
        self.selected = self._newest()
        call.line("#XSOCKET: " + self.listed(0, '"closed"'))

    def _newest(self) -> NordicSocket | None:
        return max(self.sockets.values(), key=lambda s: s.ranking, default=None)

    @at_command("#XSOCKETSELECT")
    def select_socket(self, call: Call) -> None:
        if not self.variant.selects:
            raise CommandFailed
        if call.form is Form.READ:
            for s in self.sockets.values():
                call.line(
                    f"#XSOCKETSELECT: {s.handle},{s.family},{s.role},{s.kind},-1,{s.ranking},"
                    f"{s.context}"
                )
            if self.selected is not None:
                call.line(f"#XSOCKETSELECT: {self.selected.handle}")
            return
        only(call, Form.SET)
        socket = self.sockets.get(call.arguments.integer(0, 0, 9))
        if socket is None:
            raise CommandFailed
        self.selected = socket
        call.line(f"#XSOCKETSELECT: {socket.handle}")

    @at_command("#XSOCKETOPT")
    def socket_option(self, call: Call) -> None:
        """Keep an option; none but those of release assistance has an effect here."""
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        socket = self.current()
        operation, name = a.integer(0, 0, 1), a.integer(1, 0, 255)
        if operation == 1:
            value = a.integer(2, 0, 0x7FFFFFFF, 0)
            self.set_assistance(socket, name, value)
            self.socket_options[name] = value
        else:
            call.line(f"#XSOCKETOPT: {self.socket_options.get(name, 0)}")

    @at_command("#XBIND")
    def bind_socket(self, call: Call) -> None:
        only(call, Form.SET)
        call.arguments.no_more_than(1)
        self.bind(self.current(), call.arguments.integer(0, 1, 65535))

    @at_command("#XCONNECT")
    def connect_socket(self, call: Call) -> None:
        """UDP: fixes the peer. TCP: nothing but UDP leaves this modem, the connection fails."""
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket = self.current()
        remote = dotted(call.arguments.quoted(0)), call.arguments.integer(1, 1, 65535)
        if socket.dead or socket.role != 0 or self.radio.ip_address is None:
            raise CommandFailed
        if socket.kind == STREAM:
            call.wait()
            self.later(CONNECT_FAILS_MS, self._not_connected, call)
            return
        socket.remote = remote
        call.line("#XCONNECT: 1")

    def _not_connected(self, call: Call) -> None:
        call.line("#XCONNECT: 0")
        call.fail()

    # --- send --------------------------------------------------------------------------------

    def send_text(
        self, call: Call, socket: NordicSocket, text: str, remote: tuple[str, int]
    ) -> None:
        """Send data that stood in the command line; answer with its length."""
        data = text.encode("latin-1")
        if not data or len(data) > MAX_TEXT_BYTES:
            raise CommandFailed
        sent = self.send(socket, data, remote)
        call.line(f"{call.name}: {len(data) if sent else 0}")
        if not sent:
            call.wait()
            call.fail()

    @at_command("#XSEND")
    def send_connected(self, call: Call) -> None:
        only(call, Form.SET, Form.ACTION)
        socket = self.current()
        remote = socket.remote
        if remote is None:
            raise CommandFailed
        if call.form is Form.SET and call.arguments.given(0):
            call.arguments.no_more_than(2)
            self.send_text(call, socket, call.arguments.quoted(0), remote)
        else:
            self.enter_data_mode(call, lambda data: self.send(socket, data, remote))

    @at_command("#XSENDTO")
    def send_to(self, call: Call) -> None:
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(4)
        socket = self.current()
        remote = dotted(a.quoted(0)), a.integer(1, 1, 65535)
        if socket.kind != DGRAM:
            raise CommandFailed
        if a.given(2):
            self.send_text(call, socket, a.quoted(2), remote)
        else:
            self.enter_data_mode(call, lambda data: self.send(socket, data, remote))

    # --- receive -----------------------------------------------------------------------------

    @at_command("#XRECVFROM", "#XRECV")
    def receive(self, call: Call) -> None:
        """Timeout 0 waits for ever. Nothing there: ERROR. An empty datagram: OK alone."""
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket = self.current()
        timeout_s = call.arguments.integer(0, 0, 65535)
        flags = call.arguments.integer(1, 0, 0xFFFF, 0)
        self.read(call, socket, timeout_s, flags, lambda: self._answer(call, socket, flags))

    def _answer(self, call: Call, socket: NordicSocket, flags: int) -> None:
        datagram = self.taken(socket, flags, MAX_DELIVERED_BYTES)
        count, payload = len(datagram.payload), datagram.payload
        if count == 0:
            return
        form = self.variant.receives
        if call.name == "#XRECV":
            header = f"#XRECV: {count}"
        elif form == "bare":
            header = f"#XRECVFROM: {count}"
        elif form == "combined":
            header = f'#XRECVFROM: {count},"{datagram.host}:{datagram.port}"'
        else:
            header = f'#XRECVFROM: {count},"{datagram.host}",{datagram.port}'
        framed = f"\r\n{header}\r\n".encode()
        call.data(framed + payload if form == "header" else payload + framed)

    # --- poll --------------------------------------------------------------------------------

    def _poll_events(self, socket: NordicSocket) -> int:
        if socket.dead:
            return self.dead_events()
        events = POLL_HUP if socket.hung_up else 0
        return events | (POLL_IN if socket.buffer.datagrams else 0)

    @at_command("#XPOLL")
    def poll(self, call: Call) -> None:
        """Blocks the command channel until something is to tell; after its time OK alone."""
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(1 + len(self.sockets))
        timeout_ms = -1 if a.text(0) == "-1" else a.integer(0, 0, 0x7FFFFFFF)
        watched = list(self.sockets.values())
        if len(a) > 1:
            wanted = [self.sockets.get(a.integer(n, 0, 9)) for n in range(1, len(a))]
            if None in wanted:
                raise CommandFailed
            watched = [socket for socket in wanted if socket is not None]
        call.wait()
        self._poll = (call, watched)
        self._look()
        if self._poll is not None and timeout_ms >= 0:
            self.later(timeout_ms, self._poll_over, call)

    def _poll_over(self, call: Call) -> None:
        if self._poll is not None and self._poll[0] is call:
            self._poll = None
            call.finish()

    def _look(self) -> None:
        if self._poll is None:
            return
        call, watched = self._poll
        found = [(s, self._poll_events(s)) for s in watched if self._poll_events(s)]
        if found:
            self._poll = None
            for socket, events in found:
                call.line(f'#XPOLL: {socket.handle},"0x{events:04x}"')
            call.finish()

    def announce(self, socket: NordicSocket) -> None:
        super().announce(socket)
        self._look()

    def socket_died(self, socket: NordicSocket) -> None:
        super().socket_died(socket)
        self._look()
