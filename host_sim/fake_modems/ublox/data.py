"""Sending and receiving on u-blox sockets: USOST, USOWR, USORF, USORD and their URCs.

Sources: u-blox UBX-17003787 R16 chapters 19.10 to 19.13 (syntax, limits, one packet per read, when
the URC comes, the short form when nothing waits, 50 ms after the prompt), UBX-20032566 R05 (rest
of a datagram stays), u-blox/ubxlib u_cell_sock.c (the other reading: the rest is dropped), AN004
of particle-iot/docs (line ends and times of a real SARA-R410M-02B); release assistance of SARA-R5:
UBX-20009652 R02 (AT+UDCONF=89 before AT+USOST), u-blox/ubxlib issue 67 (AT+USOSTF).
"""

import asyncio
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.ublox.sockets import (
    NETWORK_DOWN,
    UDP,
    UbloxSocket,
    UbloxSockets,
    dotted,
)

MAX_BYTES = 1024
MAX_HEX_BYTES = 512
DEAF_AFTER_PROMPT_S = 0.050


def unhex(digits: bytes) -> bytes | None:
    """Return what hex digits stand for, None when they are none."""
    try:
        return bytes.fromhex(digits.decode("ascii")) if b" " not in digits else None
    except ValueError:
        return None


class UbloxData(UbloxSockets):
    """USOST, USOWR, USORF, USORD and the URCs for what arrives."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "uusorf": "datagrams are announced with +UUSORF",
        "uusord": "datagrams are announced with +UUSORD",
        "every-datagram-announced": "data is announced also while older data is unread",
        "rest-dropped": "a read shorter than its datagram drops the rest instead of keeping it",
        "empty-zero": "nothing to read is +USORF: <socket>,0",
        "empty-string": 'nothing to read is +USORF: <socket>,""',
        "empty-error": "nothing to read is an error",
        "hex-at-prompt": "in hex mode the prompt wants hex digits too (Zephyr's SARA-R4 driver)",
        "rai-once": "AT+UDCONF=89 counts for one datagram, instead of until it is changed",
        "deaf-after-prompt": "bytes typed within 50 ms of the @ prompt are lost",
    }

    # --- send ------------------------------------------------------------------------------------

    @at_command("+USOST")
    def send_to(self, call: Call) -> None:
        if call.form is Form.TEST:
            call.line('+USOST: (0-6),"remote_host",(1-65535),(1-1024),"data"')
            call.line('+USOST: (0-6),"remote_host",(1-65535),(1-1024)')
            return
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(5)
        socket = self.socket_of(call)
        if socket.protocol != UDP or socket.remote is not None:
            raise CommandFailed(3)
        host, port = dotted(arguments.quoted(1)), arguments.integer(2, 1, 65535)
        self._take_payload(call, socket, (host, port), 3, self._configured_assistance())

    @at_command("+USOSTF")
    def send_to_with_flag(self, call: Call) -> None:
        """USOST with <rai_flag> before the length; its numbers are assumed, as of UDCONF=89."""
        if not self.variant.hears_assistance:
            raise CommandFailed(self.UNKNOWN_COMMAND)
        only(call, Form.SET)
        arguments = call.arguments
        arguments.no_more_than(6)
        socket = self.socket_of(call)
        if socket.protocol != UDP or socket.remote is not None:
            raise CommandFailed(3)
        to = dotted(arguments.quoted(1)), arguments.integer(2, 1, 65535)
        self._take_payload(call, socket, to, 4, arguments.integer(3, 0, 2) or None)

    def _configured_assistance(self) -> int | None:
        said = self.assistance or None
        if "rai-once" in self.quirks:
            self.assistance = 0
        return said

    @at_command("+USOWR")
    def write(self, call: Call) -> None:
        """Like USOST, to the peer of USOCO."""
        only(call, Form.SET)
        call.arguments.no_more_than(3)
        socket = self.socket_of(call)
        connected = socket.link is None or socket.link.is_open
        if socket.remote is None or not connected:
            raise CommandFailed(3)
        self._take_payload(call, socket, socket.remote, 1, self._configured_assistance())

    def _take_payload(
        self, call: Call, socket: UbloxSocket, to: tuple[str, int], at: int, said: int | None
    ) -> None:
        arguments = call.arguments
        as_text = len(arguments) > at + 1
        highest = MAX_HEX_BYTES if self.hex_mode and as_text else MAX_BYTES
        length = arguments.integer(at, 1, MAX_BYTES)
        if length > highest:
            raise CommandFailed(3)
        if not self.data_ready():
            self.refuse(NETWORK_DOWN, socket)
        if not as_text:
            self._prompt(call, socket, to, length, said)
            return
        payload: bytes | None = arguments.quoted(at + 1).encode("latin-1")
        if self.hex_mode:
            payload = unhex(payload or b"")
        if payload is None or len(payload) != length:
            raise BadArgument
        call.wait()
        self._transmit(call, socket, to, payload, said)

    def _prompt(
        self, call: Call, socket: UbloxSocket, to: tuple[str, int], length: int, said: int | None
    ) -> None:
        if "deaf-after-prompt" in self.quirks:
            now_s = asyncio.get_running_loop().time()
            self.deaf_until_s = now_s + DEAF_AFTER_PROMPT_S
        as_hex = self.hex_mode and "hex-at-prompt" in self.quirks

        def taken(data: bytes) -> None:
            payload = unhex(data) if as_hex else data
            if payload is None:
                call.fail(self.failure_code())
            else:
                self._transmit(call, socket, to, payload, said)

        count = 2 * length if as_hex else length
        # no time-out: only the last byte ends it (UBX-17003787 R16)
        call.prompt(taken, length=count, text=b"\r\n@", limit=2 * MAX_BYTES)

    def _transmit(
        self,
        call: Call,
        socket: UbloxSocket,
        to: tuple[str, int],
        payload: bytes,
        said: int | None,
    ) -> None:
        call.wait(eats_input=True)  # what is typed meanwhile is dropped
        self.later(self.some_ms(20, 235), self._transmitted, call, socket, to, payload, said)

    def _transmitted(
        self,
        call: Call,
        socket: UbloxSocket,
        to: tuple[str, int],
        payload: bytes,
        said: int | None,
    ) -> None:
        if self.sockets.get(socket.number) is not socket:
            call.fail(self.failure_code())
            return
        self.choose_port(socket)
        if self._radio_sleeps:
            self.radio.wake()
        if socket.link is not None:
            sent = socket.link.send(payload)
        else:
            sent = self.radio.send_udp(payload, socket.local_port, *to, said)
        if not sent:
            self.socket_error = socket.last_error = NETWORK_DOWN
            call.fail(self.failure_code())
            return
        socket.sent_bytes += len(payload)
        call.line(f"{call.name}: {socket.number},{len(payload)}")
        call.finish()

    # --- receive ---------------------------------------------------------------------------------

    def _hears(self, socket: UbloxSocket, host: str, port: int, to_port: int) -> bool:
        if socket.local_port != to_port or socket.protocol != UDP:
            return False
        if socket.remote is not None:
            return socket.remote == (host, port)
        needs_listen = self.variant.needs_listen and "usoli-refused" not in self.quirks
        return socket.listening or socket.sent_bytes > 0 or not needs_listen

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        for socket in self.sockets.values():
            if self._hears(socket, source_host, source_port, destination_port):
                break
        else:
            super().datagram_arrived(payload, source_host, source_port, destination_port)
            return
        buffer = socket.buffer
        was_empty = not buffer.datagrams
        if not isinstance(buffer, ReceiveBuffer) or not buffer.put(
            payload, source_host, source_port
        ):
            return
        socket.received_bytes += len(payload)
        if was_empty or "every-datagram-announced" in self.quirks:
            self._announce(socket, socket.buffer.held_bytes)

    def announce_stream(self, socket: UbloxSocket) -> None:
        self.urc(f"+UUSORD: {socket.number},{socket.buffer.held_bytes}")

    def _announce(self, socket: UbloxSocket, count: int) -> None:
        name = self.variant.data_urc
        if "uusorf" in self.quirks:
            name = "+UUSORF"
        elif "uusord" in self.quirks:
            name = "+UUSORD"
        self.urc(f"{name}: {socket.number},{count}")

    def _announce_rest(self, socket: UbloxSocket, of_datagram: int) -> None:
        """After a read: the bytes left of this datagram, else all that waits (AN004)."""
        if self.sockets.get(socket.number) is not socket or not socket.buffer.datagrams:
            return
        if socket.link is not None:
            self.announce_stream(socket)
        else:
            self._announce(socket, of_datagram or socket.buffer.held_bytes)

    @at_command("+USORF", "+USORD")
    def receive(self, call: Call) -> None:
        """``+USORF: <socket>,"<ip>",<port>,<length>,"<bytes>"``; length 0 asks how much waits."""
        if call.form is Form.TEST:
            call.line(f"{call.name}: (0-6),(0-1024)")
            return
        only(call, Form.SET)
        call.arguments.no_more_than(2)
        socket = self.socket_of(call)
        limit = call.arguments.integer(1, 0, MAX_HEX_BYTES if self.hex_mode else MAX_BYTES)
        if call.name == "+USORF" and socket.protocol != UDP:
            raise CommandFailed(3)
        if limit == 0:
            self._waiting(call, socket)
            return
        keep_rest = "rest-dropped" not in self.quirks
        buffer = socket.buffer
        before = len(buffer.datagrams)
        datagram = buffer.take(limit, keep_rest=keep_rest)
        if datagram is None:
            self._nothing(call, socket)
            return
        rest = 0
        if isinstance(buffer, ReceiveBuffer) and len(buffer.datagrams) == before:
            rest = len(buffer.datagrams[0].payload)
        self._show(call, socket, datagram)
        if socket.link is not None and not socket.link.is_open and not buffer.datagrams:
            self.later(self.some_ms(2, 12), self._all_was_read, socket)
        if buffer.datagrams:
            self.later(self.some_ms(2, 12), self._announce_rest, socket, rest)

    def _all_was_read(self, socket: UbloxSocket) -> None:
        if self.sockets.get(socket.number) is socket:
            self.lose_socket(socket.number, keeps_data=False)

    def _show(self, call: Call, socket: UbloxSocket, datagram: Datagram) -> None:
        shown = datagram.payload
        if self.hex_mode:
            shown = shown.hex().upper().encode()
        sender = f'"{datagram.host}",{datagram.port},' if call.name == "+USORF" else ""
        header = f'{call.name}: {socket.number},{sender}{len(datagram.payload)},"'
        lead = b"\r\n\r\n" if self.variant.odd_line_ends else b"\r\n"
        call.data(lead + header.encode() + shown + b'"\r\n')

    def _waiting(self, call: Call, socket: UbloxSocket) -> None:
        line = f"{call.name}: {socket.number},{socket.buffer.held_bytes}"
        if not self.variant.odd_line_ends:
            call.line(line)
            return
        call.data(b"\r\r\n\r\r\n" + line.encode() + b"\r\nOK\r\n")
        call.final(None)

    def _nothing(self, call: Call, socket: UbloxSocket) -> None:
        if "empty-error" in self.quirks:
            raise CommandFailed(3)
        as_string = self.variant.is_r4 and "empty-zero" not in self.quirks
        as_string = as_string or "empty-string" in self.quirks
        call.line(f"{call.name}: {socket.number},{chr(34) * 2 if as_string else 0}")
