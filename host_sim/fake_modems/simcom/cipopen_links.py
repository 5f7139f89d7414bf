"""Links of SIMCom's CIPOPEN commands: CIPOPEN, CIPCLOSE, CIPSEND.

Sources: as ``simcom_cipopen_net``; Xinyuan-LilyGO/LilyGo-Modem-Series issue 364 (a remote address
without a local port is error 3), T-SIM7600X issue 127 (OK, an empty line, then +CIPSEND);
Freematics' TeleClient (a remote address and a local port are accepted, datagrams go where CIPSEND
says). Assumed: opening an open link is error 4, as closing a closed one is; what CIPOPEN? prints;
that a refused TCP connection is error 1, and that what came before a peer closed can be read.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.ip import UNANSWERED
from ip_commands.host_sim.fake_modems.engine.line import BadArgument, CommandFailed, Form
from ip_commands.host_sim.fake_modems.engine.receive_buffer import ReceiveBuffer
from ip_commands.host_sim.fake_modems.engine.tcp_link import (
    NO_NAME,
    NO_NAME_SERVER,
    StreamBuffer,
    TcpLink,
)
from ip_commands.host_sim.fake_modems.engine.tcp_link import (
    TIMED_OUT as LINK_TIMED_OUT,
)
from ip_commands.host_sim.fake_modems.simcom.cipopen_net import LOST, OPEN, CipopenNet

MAX_BYTES = 1500
"""Of one CIPSEND and of one block received."""
BUFFER_BYTES = 10240
"""Of one link in buffer mode; size and that the newest datagram is dropped are assumed."""

NETWORK_FAILED, NET_NOT_OPEN, WRONG_PARAMETER, NOT_POSSIBLE = 1, 2, 3, 4
BIND_FAILED, TIMED_OUT, DNS_FAILED = 6, 10, 11
"""<err> of CIPOPEN, CIPCLOSE, CIPERROR."""

LINK_ERRORS = {
    NO_NAME: DNS_FAILED,
    NO_NAME_SERVER: DNS_FAILED,
    LINK_TIMED_OUT: TIMED_OUT,
    UNANSWERED: TIMED_OUT,
}


@dataclass
class CipopenLink:
    """One link: UDP bound to a local port and connected to nobody, or a TCP client."""

    number: int
    local_port: int
    buffer: ReceiveBuffer | StreamBuffer = field(
        default_factory=lambda: ReceiveBuffer(BUFFER_BYTES)
    )
    link: TcpLink | None = None
    """Its connection, when it is TCP."""

    def close(self) -> None:
        """Close what is connected."""
        if self.link is not None:
            self.link.close()


def dotted(text: str) -> str | None:
    """Return an IPv4 address, None for anything else (names do not resolve here)."""
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        return None


class CipopenLinks(CipopenNet):
    """Opening, closing, sending."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "prompt-blank": "the CIPSEND prompt is '> ' instead of '>'",
        "prompt-bare": "the CIPSEND prompt has no line end before it",
    }

    def forget_session(self) -> None:
        super().forget_session()
        self.sockets: dict[int, CipopenLink] = {}
        self.closed_sockets: dict[int, CipopenLink] = {}
        """TCP that the other side closed, readable until the number is used again."""

    def close_links(self, call: Call) -> None:
        """An A76XX tells of each link (its AT manual); the others close them silently."""
        if self.variant.series == "A76XX":
            for number in sorted(self.sockets):
                call.line(f"+CIPCLOSE: {number},0")
        self.links_lost()

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """``+IPCLOSE: <n>,1``: closed by the other side; what UDP held is gone (assumed)."""
        link = self.sockets.pop(number)
        if link.link is not None and keeps_data:
            self.closed_sockets[number] = link
        else:
            link.close()
        self.urc(f"+IPCLOSE: {number},1")

    def links_lost(self) -> None:
        links = [*self.sockets.values(), *self.closed_sockets.values()]
        self.sockets.clear()
        self.closed_sockets.clear()
        for link in links:
            link.close()

    def link_number(self, call: Call, index: int = 0) -> int:
        """Return the link's number. Raises BadArgument."""
        return call.arguments.integer(index, 0, self.variant.link_count - 1)

    # --- open and close --------------------------------------------------------------------------

    @at_command("+CIPOPEN")
    def open_link(self, call: Call) -> None:
        """UDP: the result, then OK. TCP: OK, then the result."""
        count = self.variant.link_count
        if call.form is Form.READ:
            for number in range(count):
                call.line(f"+CIPOPEN: {number}{self._peer_text(number)}")
            return
        if call.form is Form.TEST:
            kinds = '"TCP","UDP","UDP SERVER"' if self.variant.series == "A76XX" else '"TCP","UDP"'
            call.line(f"+CIPOPEN: (0-{count - 1}),({kinds})")
            return
        only(call, Form.SET)
        number, kind = self.link_number(call), call.arguments.text(1).upper()
        call.arguments.no_more_than(5)
        if kind == "TCP":
            self._open_tcp(call, number)
            return
        if kind != "UDP" and not (kind == "UDP SERVER" and self.variant.series == "A76XX"):
            raise BadArgument
        local_port = call.arguments.integer(4, 0, 65535, default=0)
        if local_port == 0 and call.arguments.given(4) and self.variant.series == "A76XX":
            local_port = self.random.randint(49152, 65535)  # log of an A7670SA: 0 is no error
        remote = call.arguments.text(2, "")
        result = self._open_result(number, local_port)
        if result == 0 and remote and dotted(remote) is None:
            result = DNS_FAILED
        if result == 0:
            self.sockets[number] = CipopenLink(number, local_port)
        call.wait()
        self.later(self.some_ms(5, 80), self._opened, call, number, result)

    def _peer_text(self, number: int) -> str:
        known = self.sockets.get(number)
        if known is None:
            return ""
        if known.link is None:
            return ',"UDP","0.0.0.0",0,-1'
        return f',"TCP","{known.link.address}",{known.link.port},-1'

    def _open_result(self, number: int, local_port: int) -> int:
        if self.net == LOST:
            return NETWORK_FAILED
        if self.net != OPEN:
            return NET_NOT_OPEN
        if number in self.sockets:
            return NOT_POSSIBLE
        if local_port == 0:
            return WRONG_PARAMETER
        udp = [link for link in self.sockets.values() if link.link is None]
        if any(link.local_port == local_port for link in udp):
            return BIND_FAILED
        return 0

    def _opened(self, call: Call, number: int, result: int) -> None:
        call.line(f"+CIPOPEN: {number},{result}")
        if result:
            call.fail()
        else:
            call.finish()

    def _open_tcp(self, call: Call, number: int) -> None:
        """CIPTIMEOUT says how long it may take."""
        host, port = call.arguments.text(2), call.arguments.integer(3, 1, 65535)
        result = self._open_result(number, -1)
        if result:
            call.line(f"+CIPOPEN: {number},{result}")
            raise CommandFailed
        link = CipopenLink(number, self.random.randint(49152, 65535))
        self._forget_closed(number)
        self.sockets[number] = link

        def opened(why: str) -> None:
            if self.sockets.get(number) is link:
                if why:
                    del self.sockets[number]
                self.urc(
                    f"+CIPOPEN: {number},{LINK_ERRORS.get(why, NETWORK_FAILED) if why else 0}"
                )

        def closed(why: str) -> None:
            if self.sockets.get(number) is link:
                self.lose_socket(number, keeps_data=True)

        link.link = TcpLink(
            *(self, host, port, link.local_port),
            on_opened=opened,
            on_received=lambda was_empty: self.stream_arrived(link, was_empty),
            on_closed=closed,
        )
        link.buffer = link.link.buffer
        link.link.open(self.timeouts_ms[1])

    def stream_arrived(self, link: CipopenLink, was_empty: bool) -> None:
        """Something came on a TCP link, which held nothing before or did."""

    def _forget_closed(self, number: int) -> None:
        closed = self.closed_sockets.pop(number, None)
        if closed is not None:
            closed.close()

    @at_command("+CIPCLOSE")
    def close_link(self, call: Call) -> None:
        """The result, then OK; of TCP the other way round."""
        if call.form is Form.READ:
            flags = (str(int(n in self.sockets)) for n in range(self.variant.link_count))
            call.line(f"+CIPCLOSE: {','.join(flags)}")
            return
        if call.form is Form.TEST:
            call.line(f"+CIPCLOSE: (0-{self.variant.link_count - 1})")
            return
        only(call, Form.SET)
        number = self.link_number(call)
        self._forget_closed(number)
        link = self.sockets.pop(number, None)
        if link is None:
            call.line(f"+CIPCLOSE: {number},{NOT_POSSIBLE}")
            raise CommandFailed
        if link.link is None:
            call.line(f"+CIPCLOSE: {number},0")
        else:
            link.close()
            # the command's second result, although it looks like a URC
            self.later(self.some_ms(20, 200), self.at.urc, f"+CIPCLOSE: {number},0")

    # --- send ------------------------------------------------------------------------------------

    @at_command("+CIPSEND")
    def send(self, call: Call) -> None:
        """OK tells that the data was taken, +CIPSEND that it was sent."""
        if call.form is Form.TEST:
            call.line(f"+CIPSEND: (0-{self.variant.link_count - 1}),(1-{MAX_BYTES})")
            return
        only(call, Form.SET)
        arguments = call.arguments
        number = self.link_number(call)
        arguments.no_more_than(4)
        link = self.sockets.get(number)
        if link is None:
            call.line(f"+CIPERROR: {NOT_POSSIBLE if self.net == OPEN else NET_NOT_OPEN}")
            raise CommandFailed
        host, port = "", 0
        if link.link is None:
            host, port = dotted(arguments.text(2)) or "", arguments.integer(3, 1, 65535)
            if not host:
                raise BadArgument
        elif not link.link.is_open:
            call.line(f"+CIPERROR: {NOT_POSSIBLE}")
            raise CommandFailed
        text = b">" if "prompt-bare" in self.quirks else b"\r\n>"
        text += b" " if "prompt-blank" in self.quirks else b""

        def taken(payload: bytes) -> None:
            self._taken(call, link, payload, host, port)

        if arguments.given(1):
            length = arguments.integer(1, 1, MAX_BYTES)
            call.prompt(taken, length=length, text=text, echo=True, limit=MAX_BYTES)
        else:
            self._send_until_ctrl_z(call, taken, text)

    def _send_until_ctrl_z(self, call: Call, taken: Callable[[bytes], None], text: bytes) -> None:
        """Ctrl-Z sends, ESC cancels; 0x03 lets the byte behind it be data (AT manual)."""
        data, escaped = bytearray(), False

        def on_bytes(typed: bytes) -> int:
            nonlocal escaped
            for position, byte in enumerate(typed):
                if escaped or byte not in (0x03, 0x1A, 0x1B):
                    escaped = False
                    data.append(byte)
                    del data[MAX_BYTES:]
                elif byte == 0x03:
                    escaped = True
                else:
                    if byte == 0x1A and data:
                        taken(bytes(data))
                    else:
                        call.finish()
                    return position + 1
            return len(typed)

        call.stream(on_bytes, text=text)

    def _taken(self, call: Call, link: CipopenLink, payload: bytes, host: str, port: int) -> None:
        call.finish()
        confirmed = -1  # the link is gone
        if self.sockets.get(link.number) is link and self.net == OPEN:
            if link.link is not None:
                sent = link.link.send(payload)
            else:
                sent = self.radio.send_udp(payload, link.local_port, host, port)
            confirmed = len(payload) if sent else 0
        result = f"+CIPSEND: {link.number},{len(payload)},{confirmed}"
        # the command's second result, although it looks like a URC
        self.later(self.some_ms(2, 40), self.at.urc, result)
