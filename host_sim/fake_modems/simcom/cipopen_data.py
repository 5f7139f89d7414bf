"""Receiving with SIMCom's CIPOPEN commands: push with RECV FROM and +IPD, or CIPRXGET.

Sources: as ``simcom_cipopen_net``; A76XX Series TCPIP Application Note V1.02 chapter 3.3 (forms of
push and of buffer mode; a read takes five of sixteen bytes: the buffer is a stream of bytes unless
udpRecvmode of an A76XX keeps packets). Undocumented and assumed: the place of +CIPRXGETIP.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.simcom.cipopen_links import (
    MAX_BYTES,
    CipopenLink,
    CipopenLinks,
)
from ip_commands.host_sim.fake_modems.simcom.cipopen_net import NO_DATA, NOT_SUPPORTED, OPEN

PUSH, BUFFER, BUFFER_WITH_ADDRESS = 0, 1, 5


class CipopenData(CipopenLinks):
    """What arrives."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "plus-recv-from": "'+RECV FROM:' (one place of the A76XX manual)",
        "receive-colon": "the +RECEIVE header of header type 1 ends with a colon",
        "crlf-after-push": "a CRLF follows pushed data",
        "crlf-after-read": "data of CIPRXGET=2 has a CRLF of its own before that of OK",
        "every-datagram-announced": "+CIPRXGET: 1 comes also while older data is unread",
        "getip-after-data": "+CIPRXGETIP comes behind the data instead of before its header",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.receive_mode = PUSH

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        datagram = Datagram(payload, source_host, source_port)
        for link in self.sockets.values():
            if link.link is None and link.local_port == destination_port and self.net == OPEN:
                if self.receive_mode == PUSH:
                    self._push(link, datagram)
                else:
                    self._buffer(link, datagram)
                return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _push(self, link: CipopenLink, datagram: Datagram) -> None:
        end = b"\r\n" if "crlf-after-push" in self.quirks else b""
        blocks = []
        for start in range(0, max(1, len(datagram.payload)), MAX_BYTES):
            data = datagram.payload[start : start + MAX_BYTES]
            lines = []
            if self.switches["+CIPSRIP"]:
                plus = "+" if "plus-recv-from" in self.quirks else ""
                lines.append(f"{plus}RECV FROM:{datagram.host}:{datagram.port}\r\n")
            if self.config[4]:
                colon = ":" if "receive-colon" in self.quirks else ""
                lines.append(f"+RECEIVE,{link.number},{len(data)}{colon}\r\n")
            elif self.switches["+CIPHEAD"]:
                lines.append(f"+IPD{len(data)}\r\n")
            header = "\r\n" + "".join(lines) if lines else ""
            blocks.append(header.encode() + data + end)
        self.urc(b"".join(blocks))

    def stream_arrived(self, link: CipopenLink, was_empty: bool) -> None:
        if self.receive_mode != PUSH:
            self._announce(link, was_empty)
            return
        while (datagram := link.buffer.take(MAX_BYTES)) is not None:
            self._push(link, datagram)

    def _buffer(self, link: CipopenLink, datagram: Datagram) -> None:
        buffer = link.buffer
        was_empty = not buffer.datagrams
        if isinstance(buffer, ReceiveBuffer) and buffer.put(
            datagram.payload, datagram.host, datagram.port
        ):
            self._announce(link, was_empty)

    def _announce(self, link: CipopenLink, was_empty: bool) -> None:
        if was_empty or "every-datagram-announced" in self.quirks:
            self.urc(f"+CIPRXGET: 1,{link.number}")

    @at_command("+CIPRXGET")
    def receive(self, call: Call) -> None:
        """0 push, 1 keep, 5 keep with addresses (A76XX); 2 read, 3 read hex, 4 what is left."""
        is_a76xx = self.variant.series == "A76XX"
        if call.form is Form.READ:
            call.line(f"+CIPRXGET: {self.receive_mode}")
            return
        if call.form is Form.TEST:
            count = self.variant.link_count
            call.line(f"+CIPRXGET: (0-{5 if is_a76xx else 4}),(0-{count - 1}),(1-{MAX_BYTES})")
            return
        only(call, Form.SET)
        mode = call.arguments.integer(0, 0, 5 if is_a76xx else 4)
        if mode in (PUSH, BUFFER, BUFFER_WITH_ADDRESS):
            self.receive_mode = mode
            if mode == PUSH:
                self.later(1, self._push_what_was_kept)
            return
        if self.receive_mode == PUSH and mode != 4:
            self.ip_error(call, NOT_SUPPORTED)
        number = self.link_number(call, 1)
        link = self.sockets.get(number) or self.closed_sockets.get(number)
        if mode == 4:
            call.line(f"+CIPRXGET: 4,{number},{link.buffer.held_bytes if link else 0}")
            return
        most = MAX_BYTES if mode == 2 else MAX_BYTES // 2
        limit = call.arguments.integer(2, 1, most, default=most)
        if link is None or not link.buffer.datagrams:
            self.ip_error(call, NO_DATA)
        self._read(call, link, mode, limit)

    def _push_what_was_kept(self) -> None:
        for link in self.sockets.values():
            while (datagram := link.buffer.take()) is not None:
                self._push(link, datagram)

    def _read(self, call: Call, link: CipopenLink, mode: int, limit: int) -> None:
        first = link.buffer.take(limit)
        if first is None:
            raise CommandFailed
        data = first.payload
        while not self.by_package and len(data) < limit and link.buffer.datagrams:
            more = link.buffer.take(limit - len(data))
            data += more.payload if more is not None else b""
        shown = data if mode == 2 else data.hex().upper().encode()
        header = f"+CIPRXGET: {mode},{link.number},{len(data)},{link.buffer.held_bytes}\r\n"
        address = f"+CIPRXGETIP:{first.host}:{first.port}\r\n"
        after = "getip-after-data" in self.quirks
        if self.receive_mode != BUFFER_WITH_ADDRESS:
            address = ""
        own_end = b"\r\n" if mode == 3 or "crlf-after-read" in self.quirks else b""
        if after and address:
            own_end = b"\r\n" + address.encode()
        before = "" if after else address
        call.data(f"\r\n{before}{header}".encode() + shown + own_end)
