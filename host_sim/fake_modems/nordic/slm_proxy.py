"""The UDP server and client of Serial LTE Modem firmware: datagrams come by themselves.

Source: nrfconnect/sdk-nrf applications/serial_lte_modem, slm_at_udp_proxy.c and its documentation
at several versions: #XUDPRECV (SDK 1.3, 1.4), #XUDPDATA without and with the source; in data mode
the payload alone; answers go to the last peer.
"""

from ip_commands.host_sim.fake_modems.engine.call import Call, only
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed, Form
from ip_commands.host_sim.fake_modems.nordic.slm import NordicSlmSockets
from ip_commands.host_sim.fake_modems.nordic.sockets import (
    DGRAM,
    MAX_DELIVERED_BYTES,
    NordicSocket,
    dotted,
)

NETWORK_DOWN = -115


class NordicSlm(NordicSlmSockets):
    """A modem with Serial LTE Modem firmware; its sockets and the one proxy."""

    def forget_session(self) -> None:
        super().forget_session()
        self.proxy: NordicSocket | None = None
        self.proxy_serves = False
        self.proxy_peer: tuple[str, int] | None = None

    def _state(self, name: str, value: int, state: str) -> str:
        if self.variant.blanks:
            comma = "," if name == "#XUDPSVR" else ""
            return f"{name}: {value}{comma} {state}"
        return f'{name}: {value},"{state}"'

    def _need_proxy_firmware(self) -> None:
        if not self.variant.proxy:
            raise CommandFailed

    def _open_proxy(self, context: int) -> NordicSocket:
        if self.proxy is not None or self.radio.ip_address is None:
            raise CommandFailed
        return self.new_socket(1, DGRAM, 0, context)

    def _close_proxy(self) -> None:
        if self.proxy is None:
            raise CommandFailed
        self.sockets.pop(self.proxy.handle, None)
        self.proxy = self.proxy_peer = None

    def _read_proxy(self, call: Call, serves: bool) -> None:
        if self.proxy is not None and self.proxy_serves == serves:
            call.line(f"{call.name}: {self.proxy.handle},0")

    @at_command("#XUDPSVR")
    def udp_server(self, call: Call) -> None:
        """1 starts on a port; 2 (IPv6) has no address here."""
        self._need_proxy_firmware()
        if call.form is Form.READ:
            self._read_proxy(call, serves=True)
            return
        if call.form is Form.TEST:
            call.line("#XUDPSVR: (0,1,2),<port>,<cid>")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(3)
        operation = a.integer(0, 0, 2)
        if operation == 0:
            if not self.proxy_serves:
                raise CommandFailed
            self._close_proxy()
            call.line(self._state("#XUDPSVR", 0, "stopped"))
            return
        port = a.integer(1, 1, 65535)
        socket = self._open_proxy(a.integer(2, 0, 10, 0))
        socket.family = operation
        try:
            self.bind(socket, port)
        except CommandFailed:
            del self.sockets[socket.handle]
            raise
        self.proxy, self.proxy_serves = socket, True
        call.line(self._state("#XUDPSVR", socket.handle, "started"))

    @at_command("#XUDPCLI")
    def udp_client(self, call: Call) -> None:
        self._need_proxy_firmware()
        if call.form is Form.READ:
            self._read_proxy(call, serves=False)
            return
        if call.form is Form.TEST:
            call.line("#XUDPCLI: (0,1,2),<url>,<port>")
            return
        only(call, Form.SET)
        a = call.arguments
        a.no_more_than(6)
        operation = a.integer(0, 0, 1)
        if operation == 0:
            if self.proxy_serves:
                raise CommandFailed
            self._close_proxy()
            call.line(self._state("#XUDPCLI", 0, "disconnected"))
            return
        remote = dotted(a.quoted(1)), a.integer(2, 1, 65535)
        socket = self._open_proxy(0)
        self.choose_port(socket)
        socket.remote = self.proxy_peer = remote
        self.proxy, self.proxy_serves = socket, False
        call.line(self._state("#XUDPCLI", socket.handle, "connected"))

    @at_command("#XUDPSEND")
    def udp_send(self, call: Call) -> None:
        self._need_proxy_firmware()
        only(call, Form.SET, Form.ACTION)
        proxy = self.proxy
        if proxy is None or self.proxy_peer is None:
            raise CommandFailed
        if call.form is Form.SET and call.arguments.given(0):
            self.send_text(call, proxy, call.arguments.quoted(0), self.proxy_peer)
        else:
            self.enter_data_mode(call, self._send_to_peer)

    def _send_to_peer(self, data: bytes) -> bool:
        if self.proxy is None or self.proxy_peer is None:
            return False
        return self.send(self.proxy, data, self.proxy_peer)

    def socket_died(self, socket: NordicSocket) -> None:
        super().socket_died(socket)
        if socket is self.proxy:
            name, word = (
                ("#XUDPSVR", "stopped") if self.proxy_serves else ("#XUDPCLI", "disconnected")
            )
            self._close_proxy()
            self.urc(self._state(name, NETWORK_DOWN, word))

    def announce(self, socket: NordicSocket) -> None:
        super().announce(socket)
        while socket is self.proxy and socket.buffer.datagrams:
            datagram = self.taken(socket, 0, MAX_DELIVERED_BYTES)
            if self.proxy_serves:
                self.proxy_peer = (datagram.host, datagram.port)
            if not datagram.payload:
                continue
            if self.at.prompting:
                self.at.out.raw(datagram.payload)
                continue
            count, form = len(datagram.payload), self.variant.proxy
            block = {
                "recv": f"#XUDPRECV: 1, {count}\r\n",
                "typed": f"\r\n#XUDPDATA: 1,{count}\r\n",
                "plain": f"\r\n#XUDPDATA: {count}\r\n",
                "source": f'\r\n#XUDPDATA: {count},"{datagram.host}",{datagram.port}\r\n',
            }[form].encode() + datagram.payload
            self.urc(block + b"\r\n" if form == "recv" else block)
