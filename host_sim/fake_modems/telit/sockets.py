"""Telit sockets, their life: #SD, #SLUDP, #SA, #SH, #SS, #SI, #SLASTCLOSURE and losses.

Source: Telit ME910C1 AT Commands Reference Guide 80529ST10815A (states of #SS, listener that must
be accepted, #SI counters in the example of #SSENDUDP). What no source says is marked "assumed".
"""

import asyncio
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.telit.arrivals import (
    CLOSED,
    INCOMING,
    TelitArrivals,
    TelitSocket,
)
from ip_commands.host_sim.fake_modems.telit.setup import (
    ALREADY_LISTENING,
    CANNOT_OPEN,
    CONNECTION_FAILED,
    NOT_OPENED,
    SOCKET_COUNT,
    WRONG_STATE,
    dotted,
)

BY_HOST, BY_NETWORK, BY_IDLENESS = 3, 5, 6
"""Causes of #SLASTCLOSURE; the numbers are assumed."""


class TelitSockets(TelitArrivals):
    """Opening, accepting, closing and asking sockets."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "listener-survives-close": "#SH of an accepted listener leaves it listening",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.last_closure: dict[int, int] = {}

    def _new_socket(self, number: int, port: int) -> TelitSocket:
        if number in self.sockets:
            raise CommandFailed(WRONG_STATE)
        if not self.context_ready(self.socket_settings[number].context):
            raise CommandFailed(NOT_OPENED)
        while port == 0:
            chosen = self.random.randint(49152, 65535)
            if all(socket.local_port != chosen for socket in self.sockets.values()):
                port = chosen
        return TelitSocket(number, port)

    # --- loss --------------------------------------------------------------------------------

    def drop_sockets(self, context: int | None) -> None:
        lost = context is None
        for number, socket in sorted(self.sockets.items()):
            if lost or self.settings_for(socket).context == context:
                del self.sockets[number]
                self.last_closure[number] = BY_NETWORK if lost else BY_HOST
                if lost:
                    self._say_no_carrier(socket, BY_NETWORK)

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """``NO CARRIER``; a listener is no listener any more, what it held is gone (assumed)."""
        socket = self.sockets.pop(number)
        self.last_closure[number] = BY_NETWORK
        self._say_no_carrier(socket, BY_NETWORK)

    def _say_no_carrier(self, socket: TelitSocket, cause: int) -> None:
        mode = self.settings_for(socket).no_carrier_mode
        details = ("", f": {socket.number}", f": {socket.number},{cause}")[mode]
        self.urc(f"NO CARRIER{details}")

    def watch_idleness(self, socket: TelitSocket) -> None:
        """Close a connection that <maxTo> finds idle; a listener nobody called stays."""
        idle_s = self.settings_for(socket).idle_s
        if idle_s == 0 or self.sockets.get(socket.number) is not socket:
            return
        left_s = socket.active_at_s + idle_s - asyncio.get_running_loop().time()
        if left_s > 0:
            self.later(left_s * 1000, self.watch_idleness, socket)
            return
        del self.sockets[socket.number]
        self.last_closure[socket.number] = BY_IDLENESS
        self._say_no_carrier(socket, BY_IDLENESS)

    # --- open, listen, accept, close ---------------------------------------------------------

    @at_command("#SD")
    def dial_socket(self, call: Call) -> None:
        """Only UDP in command mode (<connMode> 1): nothing else leaves this modem."""
        if call.form is Form.TEST:
            call.line("#SD: (1-6),(0,1),(1-65535),,(0,255),(0-65535),(1)")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(9)
        number, protocol = a.integer(0, 1, SOCKET_COUNT), a.integer(1, 0, 1)
        port, host = a.integer(2, 1, 65535), dotted(a.quoted(3))
        if a.integer(4, 0, 255, 0) not in (0, 255):
            raise CommandFailed(50)
        local_port, mode = a.integer(5, 0, 65535, 0), a.integer(6, 0, 1, 0)
        socket = self._new_socket(number, local_port)
        if any(s.local_port == socket.local_port and not s.listener for s in self.all_sockets()):
            raise CommandFailed(CANNOT_OPEN)  # a listener on that port is no hindrance: assumed
        call.wait()
        if protocol == 0 or mode == 0:
            limit_ms = self.socket_settings[number].connect_100ms * 100
            self.later(limit_ms, call.fail, CONNECTION_FAILED)
            return
        self.later(self.some_ms(10, 60), self._dialled, call, socket, (host, port))

    def _dialled(self, call: Call, socket: TelitSocket, remote: tuple[str, int]) -> None:
        if not self.context_ready(self.settings_for(socket).context):
            call.fail(CONNECTION_FAILED)
            return
        socket.remote, socket.accepted = remote, True
        self.sockets[socket.number] = socket
        self.stay_active(socket)
        self.watch_idleness(socket)
        call.finish()

    @at_command("#SLUDP")
    def listen(self, call: Call) -> None:
        if call.form is Form.READ:
            for socket in self.all_sockets():
                if socket.listener:
                    call.line(f"#SLUDP: {socket.number},{socket.local_port}")
            return
        if call.form is Form.TEST:
            call.line("#SLUDP: (1-6),(0,1),(1-65535)")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        number, wanted = a.integer(0, 1, SOCKET_COUNT), a.integer(1, 0, 1)
        known = self.sockets.get(number)
        if not wanted:
            if known is None or not known.listener:
                raise CommandFailed(WRONG_STATE)
            del self.sockets[number]
            return
        port = a.integer(2, 1, 65535)
        if known is not None and known.listener:
            raise CommandFailed(ALREADY_LISTENING)
        socket = self._new_socket(number, port)
        if any(other.listener and other.local_port == port for other in self.all_sockets()):
            raise CommandFailed(CANNOT_OPEN)
        socket.listener = True
        self.sockets[number] = socket

    @at_command("#SA")
    def accept(self, call: Call) -> None:
        """<connMode> 1; online mode is not simulated: refused."""
        if call.form is Form.TEST:
            call.line("#SA: (1-6),(1)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        number = call.arguments.integer(0, 1, SOCKET_COUNT)
        call.arguments.integer(1, 1, 1, 0)
        socket = self.sockets.get(number)
        if socket is None or socket.state != INCOMING:
            raise CommandFailed(WRONG_STATE)
        socket.accepted = True
        self.stay_active(socket)
        self.watch_idleness(socket)
        self.later(self.some_ms(1, 15), self.ring, socket)

    @at_command("#SH")
    def close_socket(self, call: Call) -> None:
        """Ends a connection or turns an incoming one away; a mere listener stays."""
        if call.form is Form.TEST:
            call.line("#SH: (1-6)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(1)
        number = call.arguments.integer(0, 1, SOCKET_COUNT)
        socket = self.sockets.get(number)
        if socket is None:
            return
        keeps = socket.listener and (
            not socket.accepted or "listener-survives-close" in self.quirks
        )
        socket.buffer.clear()
        socket.accepted = False
        if not keeps:
            del self.sockets[number]
            self.last_closure[number] = BY_HOST

    # --- questions ---------------------------------------------------------------------------

    def _wanted(self, call: Call) -> list[int]:
        only(call, Form.SET, Form.ACTION)
        if call.form is Form.SET:
            return [call.arguments.integer(0, 1, SOCKET_COUNT)]
        return list(self.socket_settings)

    @at_command("#SS")
    def socket_status(self, call: Call) -> None:
        if call.form is Form.TEST:
            return
        for number in self._wanted(call):
            socket = self.sockets.get(number)
            if socket is None:
                call.line(f"#SS: {number},{CLOSED}")
                continue
            line = f"#SS: {number},{socket.state},{self.radio.ip_address},{socket.local_port}"
            if socket.remote is not None:
                line += f",{socket.remote[0]},{socket.remote[1]}"
            call.line(line)

    @at_command("#SI")
    def socket_information(self, call: Call) -> None:
        """<received> counts what was read: 22,23,24,0 in the manual's example."""
        if call.form is Form.TEST:
            call.line("#SI: (1-6)")
            return
        for number in self._wanted(call):
            s = self.sockets.get(number)
            waits = 0 if s is None else s.buffer.held_bytes
            sent, read = (0, 0) if s is None else (s.sent_bytes, s.read_bytes)
            call.line(f"#SI: {number},{sent},{read},{waits},0")

    @at_command("#SLASTCLOSURE")
    def last_closure_cause(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line("#SLASTCLOSURE: (1-6)")
            return
        for number in self._wanted(call):
            call.line(f"#SLASTCLOSURE: {number},{self.last_closure.get(number, 0)}")
