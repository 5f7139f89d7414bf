"""Sockets of nRF91 modems: one handle of the firmware per socket.

The commands differ by firmware, see ``nordic_commands``. Sources: see there.
"""

from ..device.errors import CommandError, ModemError, NotAttached, SocketClosed
from ..device.portable import const, since_ms, ticks_add, ticks_ms
from . import nordic_commands
from .at_answers import fields_of, number_of, text_of
from .at_parser import PUSHED, SHORT
from .modem_psm import AnswersInPsm

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

    Commands = nordic_commands.SerialModemSockets | nordic_commands.SerialLteModemSockets

_ACTIVATE_MS = const(10000)
_PROVEN_MS = const(30000)


class NordicSockets(AnswersInPsm):
    """The socket half of ``NordicModem``."""

    RAW_RULES = (
        (b"#XRECVFROM: ", b"\n", nordic_commands.raw_length, 1, SHORT),
        (b"#XUDPDATA: ", b"\n", 0, 1, PUSHED),
    )
    CONNECTIONS = 8
    MAX_PAYLOAD = 1400

    def __init__(self, stream: "ByteStream", model: str, **options: "Any") -> None:
        self._data_mode = nordic_commands.DataModeStream(stream)
        self._handles: "list[int | None]" = [None] * self.CONNECTIONS
        self._proven_at = [0] * self.CONNECTIONS  # when a socket was last known to be there
        super().__init__(self._data_mode, model, **options)
        self.at.escape = nordic_commands.ESCAPE
        self._commands: "Commands" = nordic_commands.SerialModemSockets(self.at, self._data_mode)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"#XAPOLL: ", self._on_poll),
            (b"#XRECVFROM: ", self._on_late_read),
        ) + super()._urc_handlers()

    async def _reconnect(self, deadline: int) -> bool:
        """Ask for the data connection; return whether it came up."""
        return False

    def _forget_handles(self) -> None:
        for number in range(self.CONNECTIONS):
            self._handles[number] = None

    def _socket_of(self, field: "str | bytes") -> "ModemSocket | None":
        handle = number_of(field)
        if handle is None or handle not in self._handles:
            return None
        return self._sockets[self._handles.index(handle)]

    async def _open_connection(self, socket: "ModemSocket") -> None:
        lost = self._handles[socket.connection]  # lost, and never closed
        if lost is not None:
            await self._discard(lost)
        try:
            await self._open(socket)
        except CommandError as error:
            if not await self._is_connected():
                if not await self._reconnect(ticks_add(ticks_ms(), _ACTIVATE_MS)):
                    raise NotAttached("no data connection: attach first (%s)" % error)
            await self._close_stale()
            await self._open(socket)

    async def _open(self, socket: "ModemSocket") -> None:
        handle = await self._commands.create()
        self._handles[socket.connection] = handle  # from here on URCs find it
        try:
            await self._commands.bind(socket, handle)
        except BaseException:
            self._handles[socket.connection] = None
            await self._discard(handle)
            raise
        self._proven_at[socket.connection] = ticks_ms()

    async def _discard(self, handle: int) -> None:
        try:
            await self._commands.close(handle)
        except ModemError:
            pass  # not there any more, or found as a stale one later

    async def _close_connection(self, socket: "ModemSocket") -> None:
        handle = self._handles[socket.connection]
        self._handles[socket.connection] = None
        if handle is not None:
            await self._commands.close(handle)

    async def _close_stale(self) -> None:
        for handle in await self._listed():
            if handle not in self._handles:
                await self._discard(handle)

    async def _listed(self) -> "list[int]":
        try:
            return await self._commands.handles()
        except CommandError:
            return []

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        handle = self._handles[socket.connection]
        if handle is None:
            raise socket.gone()
        self._reader = socket
        try:
            datagram = await self._commands.read(socket, handle)
        except CommandError:  # nothing there, or nobody: the firmware prints ERROR for both
            if since_ms(self._proven_at[socket.connection]) >= _PROVEN_MS:
                await self._check_alive(socket)
            return None
        if datagram:
            self._proven_at[socket.connection] = ticks_ms()
        return datagram

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        handle = self._handles[socket.connection]
        if handle is None:
            raise socket.gone()
        try:
            await self._commands.send(handle, payload, host, port, socket.last)
        except CommandError:
            await self._check_alive(socket)
            return False
        self._proven_at[socket.connection] = ticks_ms()
        return True

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        """Ask for the socket, and for the data connection under it."""
        handle = self._handles[socket.connection]
        if handle not in await self._listed() or not await self._is_connected():
            return False
        self._proven_at[socket.connection] = ticks_ms()
        if handle is not None:
            await self._commands.watch(handle)  # it may be listed, and hung up
        return True

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_poll(self, rest: bytes, payload: "bytes | None") -> None:
        """#XAPOLL: <handle>,<events>: reported once, until the next read."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[0])
        events = number_of(fields[-1])
        if socket is None or events is None:
            return
        if events & nordic_commands.POLL_LOST:
            reason = "the modem lost the socket (#XAPOLL: %s)" % text_of(rest)
            socket.lose(SocketClosed, reason, events & nordic_commands.POLL_IN != 0)
        elif events & nordic_commands.POLL_IN:
            socket.hint()

    def _on_late_read(self, rest: bytes, payload: "bytes | None") -> None:
        """The answer to a read that was given up: the datagram is out of the modem, keep it."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[0]) if len(fields) == 5 else self._reader
        datagram = nordic_commands.datagram_of("", self.at, [rest, payload]) if payload else None
        if socket and datagram:
            socket.park(*datagram)
            socket.suspect()
