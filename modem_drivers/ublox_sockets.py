"""Sockets of u-blox modules: +USOCR, +USOLI, +USOST, +USORF.

Sources: see ``ublox``.
"""

import asyncio
from binascii import hexlify, unhexlify

from ..device.errors import (
    CommandError,
    ModemError,
    ModemTimeout,
    SendUncertain,
    UnexpectedAnswer,
)
from ..device.portable import const, since_ms
from .at_answers import fields_of, number_of, text_of
from .datagram_parts import DatagramParts
from .modem import AtModem

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from .at_channel import UrcHandler
    from .modem_socket import Datagram, ModemSocket

_ANNOUNCED_MS = const(500)
_SEND_MS = const(12000)  # the manual's limit is 10 s
_CLOSE_MS = const(125000)  # of a TCP socket of an earlier program; UDP closes at once


class UbloxSockets(AtModem):
    """The socket half of ``UbloxModem``; hex_mode: payloads as hex text."""

    CONNECTIONS = 7

    def __init__(
        self, stream: "ByteStream", model: str, hex_mode: bool = False, **options: "Any"
    ) -> None:
        self.truncated = 0
        """Received datagrams that were dropped: their ends are lost, or cannot be told."""
        self._hex = hex_mode
        self._read_bytes = self.MAX_PAYLOAD = 512 if hex_mode else 1024
        self.RAW_RULES = ((b"+USORF: ", b',"', 3, 2 if hex_mode else 1),)
        self._part_came = False  # in the answer to the read under way
        self._header = b""  # the same answer's line when it brought nothing
        self._opening = asyncio.Lock()
        # the module chooses a socket's number: this one per ModemSocket.connection
        self._numbers: "list[int | None]" = [None] * self.CONNECTIONS
        self._parts = [DatagramParts(self._read_bytes) for _ in self._numbers]
        self._came = [0] * self.CONNECTIONS  # bytes of all parts of the socket
        super().__init__(stream, model, **options)

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"+UUSORF: ", self._on_receive),
            (b"+UUSORD: ", self._on_receive),  # SARA-R5 prints this one for UDP too
            (b"+UUSOCL: ", self._on_closed),
            (b"+USORF: ", self._on_read),
        ) + super()._urc_handlers()

    async def _set_up(self) -> None:
        await super()._set_up()
        self._said_last = False
        if not await self._try("+UDCONF=1,%d" % self._hex) and self._hex:
            await self.at.command("+UDCONF=1,1")  # raises what the modem says

    async def _open_connection(self, socket: "ModemSocket") -> None:
        async with self._opening:
            await self._activate(self.ACTIVATE_MS)
            try:
                await self._open(socket)
            except CommandError:  # all numbers, or the port, may be an earlier program's
                await self._close_stale()
                try:
                    await self._open(socket)
                except CommandError as error:
                    code = await self._read_number("+USOER")
                    text = "%s, socket error %s" % (error.result, code)
                    raise CommandError(error.command, text)

    async def _open(self, socket: "ModemSocket") -> None:
        """Bind with USOCR; with USOLI too: documented for SARA-R4, refused where bound before."""
        text = "+USOCR=17,%d" % socket.local_port
        bound = True
        try:
            lines = await self.at.command(text, b"+USOCR: ")
        except CommandError:
            bound = False
            lines = await self.at.command("+USOCR=17", b"+USOCR: ")
        # some firmwares repeat the port behind the number
        number = number_of(fields_of(lines[-1])[0]) if lines else None
        if number is None:
            raise UnexpectedAnswer(text, lines[-1] if lines else b"")
        for connection in range(self.CONNECTIONS):
            if self._numbers[connection] == number:
                self._numbers[connection] = None  # a lost socket's
        self._parts[socket.connection] = DatagramParts(self._read_bytes)
        self._came[socket.connection] = 0
        self._numbers[socket.connection] = number
        try:
            await self.at.command("+USOLI=%d,%d" % (number, socket.local_port), timeout_ms=10000)
        except CommandError:
            if not bound:
                await self._close_connection(socket)
                raise

    async def _close_connection(self, socket: "ModemSocket") -> None:
        number, self._numbers[socket.connection] = self._numbers[socket.connection], None
        if number is not None:
            await self._try("+USOCL=%d" % number)  # refused: was closed before

    async def _close_stale(self) -> None:
        for number in range(self.CONNECTIONS):
            socket = self._socket_of(str(number))
            if socket is None or not socket.opened or socket.lost:
                if await self._exists(number):
                    await self._try("+USOCL=%d" % number, _CLOSE_MS)

    async def _exists(self, number: int) -> bool:
        """Ask for a socket's type: 6 TCP, 17 UDP; 0 or refused when there is none."""
        fields = await self._ask_fields("+USOCTL=%d,0" % number)
        return bool(fields) and fields[-1][-1] in ("6", "17")

    def _socket_of(self, field: "str | bytes") -> "ModemSocket | None":
        number = number_of(field)
        for connection in range(self.CONNECTIONS):
            if number is not None and self._numbers[connection] == number:
                return self._sockets[connection]
        return None

    def _number_of(self, socket: "ModemSocket") -> int:
        number = self._numbers[socket.connection]
        if number is None:
            raise socket.gone()
        return number

    async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
        parts = self._parts[socket.connection]
        text = "+USORF=%d,%d" % (self._number_of(socket), self._read_bytes)
        if parts.in_doubt() and not await self._lacks_bytes(socket):
            parts.found()
        while True:
            datagram = parts.take()
            if datagram:
                return datagram
            self._count_dropped(socket, parts)
            self._part_came, self._header, self._reader = False, b"", socket
            parts.ask()
            try:
                # its answer goes to _on_read: only there it is in order with the URCs around it
                await self.at.command(text)
            except CommandError:  # so some firmwares say "nothing"
                await self._check_alive(socket)
                self._header = b"0"
            except ModemError:
                if self._part_came:
                    socket.owed -= 1
                else:
                    parts.lose()
                raise
            if self._header and fields_of(self._header)[-1] not in ("", "0"):
                parts.lose()
                raise UnexpectedAnswer(text, text_of(self._header))
            if not self._part_came and not self._header:  # OK alone: its part is lost
                parts.lose()
                return parts.take()
            if not self._part_came:
                parts.end()
                self._count_dropped(socket, parts)
                return parts.take()

    def _count_dropped(self, socket: "ModemSocket", parts: DatagramParts) -> None:
        self.truncated += parts.dropped
        socket.dropped += parts.dropped
        socket.owed -= parts.settled  # counted
        parts.dropped = parts.settled = 0

    async def _lacks_bytes(self, socket: "ModemSocket") -> bool:
        """Whether bytes went with a read that failed, as far as the modem counts."""
        number, connection = self._number_of(socket), socket.connection
        # +USOCTL: <socket>,3,<bytes received>; +USORF: <socket>,<bytes that wait>
        received = (await self._read_numbers("+USOCTL=%d,3" % number) + [None] * 3)[2]
        waiting = (await self._read_numbers("+USORF=%d,0" % number) + [None] * 2)[1]
        if received is None or waiting is None:
            return True
        came, self._came[connection] = self._came[connection], received - waiting
        return came != received - waiting

    def _add_part(self, socket: "ModemSocket", fields: "list[str]", payload: bytes) -> None:
        parts = self._parts[socket.connection]
        if len(fields) < 3:  # garbled, and no more in the modem
            parts.dropped += 1
            return
        if self._hex:
            try:
                payload = unhexlify(payload)
            except ValueError:
                parts.dropped += 1
                return
        self._came[socket.connection] += len(payload)
        parts.add(payload, fields[1], number_of(fields[2]) or 0)

    async def _taken_bytes(self, socket: "ModemSocket") -> "int | None":
        """+USOCTL: <socket>,3,<bytes received>; asked when nothing waits."""
        return (await self._read_numbers("+USOCTL=%d,3" % self._number_of(socket)) + [None] * 3)[2]

    async def _send_datagram(
        self, socket: "ModemSocket", payload: bytes, host: str, port: int
    ) -> bool:
        text = '+USOST=%d,"%s",%d,%d' % (self._number_of(socket), host, port, len(payload))
        try:
            if socket.last != self._said_last and self.model.startswith("SARA-R5"):
                try:
                    await self._try("+UDCONF=89,%d" % socket.last)  # for all that is sent after it
                except ModemTimeout:
                    pass  # it was a wish
                self._said_last = socket.last
            if self._hex:  # the prompt form ignores hex mode, or does not: sources disagree
                text = '%s,"%s"' % (text, hexlify(payload).decode())
                await self.at.command(text, timeout_ms=_SEND_MS, shown=text[:60])
            else:
                prefix = b"+USOST: "  # <socket>,<bytes sent>
                for line in await self.at.command(
                    text, prefix, timeout_ms=_SEND_MS, data=payload, prompt=b"@"
                ):
                    if fields_of(line)[-1] != str(len(payload)):
                        raise SendUncertain("AT%s -> %s, it may be cut" % (text, text_of(line)))
            return True
        except CommandError:
            await self._check_alive(socket)
            return False

    async def _has_socket(self, socket: "ModemSocket") -> bool:
        return await self._exists(self._number_of(socket))

    # --- what the modem says by itself -----------------------------------------------------------
    def _on_receive(self, rest: bytes, payload: "bytes | None") -> None:
        """+UUSORF: <socket>,<bytes that wait>."""
        fields = fields_of(rest)
        socket = self._socket_of(fields[0])
        if socket:
            # what a read leaves behind is announced within some 10 ms (AN004)
            alone = since_ms(socket.read_at) >= _ANNOUNCED_MS
            self._parts[socket.connection].announce(number_of(fields[-1]) or 0, alone)
            socket.hint()

    def _on_read(self, rest: bytes, payload: "bytes | None") -> None:
        """The answer to a read, or to one that was given up: it is out of the modem, keep it."""
        if payload is None:
            self._header = rest
            return
        self._part_came = True
        fields = fields_of(rest)
        exchange = self.at._exchange
        late = exchange is None or not exchange.echo.startswith(b"AT+USORF")
        socket = self._socket_of(fields[0]) if late else self._reader
        if socket:
            parts = self._parts[socket.connection]
            if late:
                socket.owed -= 1
                parts.found()
            self._add_part(socket, fields, payload)
            socket.suspect()
