"""The sockets of a modem: open, find, lose, close; its half of what ``ModemSocket`` does."""

from ..device.errors import (
    CommandError,
    InvalidValue,
    ModemError,
    ModemRestarted,
    NotSupported,
    SocketClosed,
)
from ..device.portable import const
from .at_answers import fields_of, number_of, text_of
from .modem_socket import ModemSocket, check_port

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from .at_channel import AtChannel
    from .modem_socket import Datagram


class SocketOwner:
    """Keep one ModemSocket per connection of the modem; a family says what opens and reads one."""

    CONNECTIONS = 1
    """How many sockets the modem has."""
    MAX_PAYLOAD = 1460
    """Longest payload that it sends, in bytes."""
    SENDER = 1
    """Which field of a read's header is the sender's address; the port is behind it."""
    model = ""
    poll_ms = 60000
    """See ModemCore."""
    _ready = False
    _why_down: "tuple[type[Exception], str]" = (
        ModemRestarted,
        "the modem is not set up: call start() first",
    )
    _sockets: "list[ModemSocket | None]"
    _reader: "ModemSocket | None" = None  # whose read is, or was, under way

    async def open_udp(self, local_port: int) -> "ModemSocket":
        """Listen on a UDP port for datagrams from anyone.

        Raises NotAttached, CommandError, InvalidValue, ModemError.
        """
        check_port(local_port)
        self._check_ready()
        for connection in range(self.CONNECTIONS):
            before = self._sockets[connection]
            if before is None or before.lost:
                break
        else:
            raise InvalidValue("all %d sockets are open: close one" % self.CONNECTIONS)
        socket = ModemSocket(self, connection, local_port, self.MAX_PAYLOAD, self.poll_ms)
        self._sockets[connection] = socket  # from here on URCs find it
        try:
            await self._open_connection(socket)
        except BaseException:
            self._sockets[connection] = None
            raise
        socket.opened = True
        return socket

    async def _open_connection(self, socket: "ModemSocket") -> None:
        raise NotSupported("%s has no UDP sockets" % self.model)

    if TYPE_CHECKING:  # what the modem, or a family, says
        at: AtChannel

        @property
        def garbage(self) -> int: ...

        @property
        def damaged(self) -> int: ...

        async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
            """Ask the modem once for a datagram, of any size; None when it holds none."""

        async def _send_datagram(
            self, socket: "ModemSocket", payload: bytes, host: str, port: int
        ) -> bool:
            """Send; False when the modem refuses for the moment."""
            return False

        async def _check_alive(self, socket: "ModemSocket") -> Any:
            """Raise SocketClosed when the modem no longer has the socket."""

    async def _fetch(self, socket: "ModemSocket", text: str, prefix: bytes) -> "list[bytes]":
        """Send the command that reads; where it is refused the socket may be gone."""
        self._reader = socket
        try:
            return await self.at.command(text, prefix)
        except CommandError as error:
            await self._check_alive(socket)
            raise error

    def _datagram(self, header: bytes, payload: bytes) -> "Datagram":
        """Return the datagram that a header line announced."""
        sender = fields_of(header)[self.SENDER :]
        if len(sender) < 2:
            return payload, "", 0
        return payload, sender[0], number_of(sender[1]) or 0

    async def _close_connection(self, socket: "ModemSocket") -> None:
        """Tell the modem to close."""

    async def _close_stale(self) -> None:
        """Close what an earlier program left open."""

    async def _forget(self, socket: "ModemSocket") -> None:
        """Close a socket in the modem, as far as the modem still answers."""
        if self._sockets[socket.connection] is not socket:
            return  # its number is another one's by now
        try:
            if self._ready:
                await self._close_connection(socket)
        except ModemError:
            pass  # gone with the modem, or closed already
        finally:
            self._sockets[socket.connection] = None

    def _socket_of(self, field: "str | bytes") -> "ModemSocket | None":
        """Return the open socket that a URC's field names."""
        number = number_of(field if isinstance(field, str) else text_of(field))
        if number is None or not 0 <= number < self.CONNECTIONS:
            return None
        return self._sockets[number]

    def _lose_sockets(self, error: "type[Exception]", reason: str) -> None:
        """Lose all sockets: the modem goes down, sleeps, or is started anew."""
        self._ready = False
        for number in range(self.CONNECTIONS):
            socket = self._sockets[number]
            if socket:
                socket.lose(error, reason)
                if error is not SocketClosed:
                    self._sockets[number] = None  # nothing is left to be closed
        if error is not SocketClosed:
            self._why_down = (error, reason)

    def _lose_connection(self, event: str) -> SocketClosed:
        """Lose the open sockets: the data connection under them is gone, as ``event`` tells.

        One that is just being opened finds out itself: it may be on the next connection already.
        Returns what to raise.
        """
        reason = "the data connection was lost (%s): attach again" % event
        for socket in self._sockets:
            if socket and socket.opened:
                socket.lose(SocketClosed, reason, True)
        return SocketClosed(reason)

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_data(self, rest: bytes, payload: "bytes | None") -> None:
        """Something waits in a socket."""
        socket = self._socket_of(fields_of(rest)[0])
        if socket:
            socket.hint()

    def _on_late_read(self, rest: bytes, payload: "bytes | None") -> None:
        """The answer to a read that was given up: the datagram is out of the modem, keep it."""
        socket = self._reader
        if socket and payload is not None:
            socket.park(*self._datagram(rest, payload))
            socket.suspect()

    def _on_closed(self, rest: bytes, payload: "bytes | None") -> None:
        """A socket is gone; what came through it can be read still."""
        socket = self._socket_of(fields_of(rest.strip(b": "))[0])
        if socket:
            socket.lose(SocketClosed, "the modem closed the socket: open a new one", True)

    def _check_ready(self) -> None:
        if not self._ready:
            raise self._why_down[0](self._why_down[1])
