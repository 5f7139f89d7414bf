"""Sending and receiving with SIMCom's CIP commands: CIPSEND, CIPRXGET and what is pushed.

Sources: as ``simcom_cip_sockets``; Freematics' TeleClientSIM800 (push without a length),
vshymanskyy/TinyGSM (prompt, CIPRXGET reads, DATA ACCEPT); drivers for the SIM800 describe
``+RECEIVE,<n>,<length>`` with and without a colon at its end. Undocumented: whether one CIPRXGET
read crosses the border of two datagrams; default no, the quirk ``reads-merge`` does.
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import Datagram, ReceiveBuffer
from ip_commands.host_sim.fake_modems.engine.tcp_link import TcpLink
from ip_commands.host_sim.fake_modems.simcom.cip_sockets import CipConnection, CipSockets

MAX_BYTES = 1460
"""Of one CIPSEND and one CIPRXGET=2; half of it for CIPRXGET=3."""


class CipData(CipSockets):
    """CIPSEND, CIPRXGET, push."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "ipd-blank-line": "an empty line between RECV FROM and +IPD (TCPIP note V1.01)",
        "recv-from-blank": "a blank behind 'RECV FROM:' (TCPIP note)",
        "port-blank": "a blank before the port in RECV FROM (TCPIP note, third example)",
        "receive-no-colon": "the +RECEIVE header has no colon at its end",
        "crlf-after-push": "a CRLF follows pushed data",
        "crlf-after-read": "data of CIPRXGET=2 has a CRLF of its own before that of OK",
        "every-datagram-announced": "+CIPRXGET: 1 comes also while older data is unread",
        "reads-merge": "one CIPRXGET read takes bytes of several datagrams",
        "data-accept-blank": "'DATA ACCEPT: ' with a blank (AT manual)",
        "send-limit-1024": "AT+CIPSEND? says 1024, and longer data is refused",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.manual = False

    # --- send ------------------------------------------------------------------------------------

    def _send_limit(self) -> int:
        return 1024 if "send-limit-1024" in self.quirks else MAX_BYTES

    def _connected_one(self, number: int) -> CipConnection:
        connection = self.sockets.get(number)
        if connection is None or not connection.connected:
            raise CommandFailed(3)
        return connection

    @at_command("+CIPSEND")
    def send(self, call: Call) -> None:
        if call.form is Form.READ:
            for number in range(self.connection_count if self.multiple else 1):
                prefix = f"{number}," if self.multiple else ""
                connection = self.sockets.get(number)
                ready = connection is not None and connection.connected
                call.line(f"+CIPSEND: {prefix}{self._send_limit() if ready else 0}")
            return
        if call.form is Form.TEST:
            call.line(f"+CIPSEND: {'(0-7),' if self.multiple else ''}<length>")
            return
        number, first, length = 0, 0, None
        if call.form is Form.SET:
            number, first = self.numbered(call)
            call.arguments.no_more_than(first + 1)
            if call.arguments.given(first) or not self.multiple:
                length = call.arguments.integer(first, 1, self._send_limit())
        elif self.multiple:
            raise CommandFailed
        connection = self._connected_one(number)
        call.prompt(
            lambda payload: self._taken(call, connection, payload),
            length=length,
            text=b"\r\n> " if self.switches["+CIPSPRT"] == 1 else b"",
            echo=True,
            limit=self._send_limit(),
        )

    def _taken(self, call: Call, connection: CipConnection, payload: bytes) -> None:
        host, port = self.destinations.get(connection.number, ("", 0))
        alive = self.sockets.get(connection.number) is connection
        sent = alive and bool(payload)
        if sent and connection.link is not None:
            sent = connection.link.send(payload)
        elif sent:
            sent = self.radio.send_udp(payload, connection.local_port, host, port)
        number = connection.number
        if not sent:
            result: str | None = self.with_number(number, "SEND FAIL")
        elif self.switches["+CIPQSEND"]:
            blank = " " if "data-accept-blank" in self.quirks else ""
            prefix = f"{number}," if self.multiple else ""
            result = f"DATA ACCEPT:{blank}{prefix}{len(payload)}"
        elif self.switches["+CIPSPRT"] == 2:
            result = None
        else:
            result = self.with_number(number, "SEND OK")
        if sent and connection.link is not None and not self.switches["+CIPQSEND"]:
            self._when_acknowledged(call, connection.link, number, result)
        else:
            self.later(self.some_ms(5, 40), call.finish, result)

    def _when_acknowledged(
        self, call: Call, link: TcpLink, number: int, result: str | None
    ) -> None:
        """Without CIPQSEND the result comes when the other side has the data (AT manual)."""

        def settled(arrived: bool) -> None:
            call.finish(result if arrived else self.with_number(number, "SEND FAIL"))

        link.on_settled = settled
        call.wait()

    # --- receive ---------------------------------------------------------------------------------

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        for connection in self.sockets.values():
            if connection.local_port != destination_port or not connection.connected:
                continue
            if connection.link is not None:
                continue
            peer = (connection.host, connection.remote_port)
            if connection.number not in self.extended and peer != (source_host, source_port):
                continue
            datagram = Datagram(payload, source_host, source_port)
            if self.manual:
                self._buffer(connection, datagram)
            else:
                self._push(connection, datagram)
            return
        super().datagram_arrived(payload, source_host, source_port, destination_port)

    def _push(self, connection: CipConnection, datagram: Datagram) -> None:
        length, header = len(datagram.payload), b""
        if self.multiple:
            sender = f",{datagram.host}:{datagram.port}" if self.switches["+CIPSRIP"] else ""
            colon = "" if "receive-no-colon" in self.quirks else ":"
            text = f"+RECEIVE,{connection.number},{length}{sender}{colon}"
            header = self.at.out.frame_urc(text)
        else:
            if self.switches["+CIPSRIP"]:
                header += self.at.out.frame_urc(self._sender_line(datagram))
            if self.switches["+CIPHEAD"]:
                kind = f",{connection.kind}" if self.switches["+CIPSHOWTP"] else ""
                if not header or "ipd-blank-line" in self.quirks:
                    header += b"\r\n"
                header += f"+IPD,{length}{kind}:".encode()
        end = b"\r\n" if "crlf-after-push" in self.quirks else b""
        self.urc(header + datagram.payload + end)

    def _sender_line(self, datagram: Datagram) -> str:
        blank = " " if "recv-from-blank" in self.quirks else ""
        before_port = " " if "port-blank" in self.quirks else ""
        return f"RECV FROM:{blank}{datagram.host}:{before_port}{datagram.port}"

    def stream_arrived(self, connection: CipConnection, was_empty: bool) -> None:
        link = connection.link
        if link is None:
            return
        if self.manual:
            self._announce(connection, Datagram(b"", link.address, link.port), was_empty)
            return
        while (datagram := connection.buffer.take(MAX_BYTES)) is not None:
            self._push(connection, datagram)

    def _buffer(self, connection: CipConnection, datagram: Datagram) -> None:
        buffer = connection.buffer
        was_empty = not buffer.datagrams
        if isinstance(buffer, ReceiveBuffer) and buffer.put(
            datagram.payload, datagram.host, datagram.port
        ):
            self._announce(connection, datagram, was_empty)

    def _announce(self, connection: CipConnection, datagram: Datagram, was_empty: bool) -> None:
        if was_empty or "every-datagram-announced" in self.quirks:
            number = f",{connection.number}" if self.multiple else ""
            sender = f",{datagram.host}:{datagram.port}" if self.switches["+CIPSRIP"] else ""
            self.urc(f"+CIPRXGET: 1{number}{sender}")

    @at_command("+CIPRXGET")
    def receive(self, call: Call) -> None:
        """0 push, 1 keep (both before a connection); 2 read, 3 read as hex, 4 how much is left."""
        if call.form is Form.READ:
            call.line(f"+CIPRXGET: {int(self.manual)}")
            return
        if call.form is Form.TEST:
            numbers = f"(0-{self.connection_count - 1})," if self.multiple else ""
            call.line(f"+CIPRXGET: (0-4),{numbers}(1-{MAX_BYTES})")
            return
        only(call, Form.SET)
        mode = call.arguments.integer(0, 0, 4)
        if mode < 2:
            if self.sockets:
                raise CommandFailed(3)
            self.manual = mode == 1
            return
        if not self.manual:
            raise CommandFailed(3)
        number, first = self.numbered(call, 1)
        connection = self.closed_sockets.get(number) or self._connected_one(number)
        prefix = f"+CIPRXGET: {mode},{number}," if self.multiple else f"+CIPRXGET: {mode},"
        if mode == 4:
            call.line(f"{prefix}{connection.buffer.held_bytes}")
            return
        limit = call.arguments.integer(first, 1, MAX_BYTES if mode == 2 else MAX_BYTES // 2)
        self._read(call, connection, prefix, limit, as_hex=mode == 3)

    def _read(
        self, call: Call, connection: CipConnection, prefix: str, limit: int, as_hex: bool
    ) -> None:
        buffer = connection.buffer
        taken = buffer.take(limit)
        if taken is None:
            call.line(f"{prefix}0,0")
            return
        data = taken.payload
        while "reads-merge" in self.quirks and len(data) < limit and buffer.datagrams:
            more = buffer.take(limit - len(data))
            data += more.payload if more is not None else b""
        sender = f",{taken.host}:{taken.port}" if self.switches["+CIPSRIP"] else ""
        header = f"\r\n{prefix}{len(data)},{buffer.held_bytes}{sender}\r\n".encode()
        end = b"\r\n" if "crlf-after-read" in self.quirks else b""
        call.data(header + (data.hex().upper().encode() if as_hex else data) + end)
