"""Socket commands of the two firmware lines for nRF91 modems; used by ``nordic_sockets`` alone.

Sources: nrfconnect/ncs-serial-modem, doc/app/at_socket.rst and app/src/sm_at_socket.c, v0.2.0 to
v1.0.1 (Serial Modem: a handle in every command); nrfconnect/sdk-nrf,
applications/serial_lte_modem/src/slm_at_socket.c and slm_at_host.c, nRF Connect SDK 1.9 to 3.1
(Serial LTE Modem: commands act on a selected socket).
"""

import asyncio

from ..device.errors import (
    CommandError,
    InvalidValue,
    ModemTimeout,
    SocketClosed,
    UnexpectedAnswer,
)
from ..device.portable import const, sleep_ms
from .at_answers import fields_of, number_of, text_of

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from ..device.interfaces import ByteStream
    from .at_channel import AtChannel
    from .modem_socket import Datagram, ModemSocket

POLL_IN = const(1)
POLL_LOST = const(8 | 16 | 32)  # POLLERR, POLLHUP, POLLNVAL
ESCAPE = b"+++"
_DONT_WAIT = const(64)
_SEND_MS = const(35000)  # the firmware's own limit for a send is 30 s
_POLL_MS = const(400)
_TIME_LIMIT_MS = const(300)  # silence that ends a datagram in data mode
_LONGEST_TIME_LIMIT_MS = const(1000)  # the firmware's own where it knows no baud rate
_NOT_IN_A_STRING = b'",\x00\x08\x7f'
_SENT = (b"#XDATAMODE: 0",)
_NOT_SENT = (b"#XDATAMODE: -",)  # and the error's number


class DataModeStream:
    """The stream to an nRF91 modem, which knows how a data mode without length ends.

    ``+++`` follows when ``payload`` (this very object) is written.
    """

    def __init__(self, stream: "ByteStream") -> None:
        self.payload: "bytes | None" = None
        self.time_limit_ms = _LONGEST_TIME_LIMIT_MS
        self._stream = stream

    async def read(self, max_bytes: int) -> bytes:
        """Return 1..max_bytes bytes; b"" at the end."""
        return await self._stream.read(max_bytes)

    async def write(self, data: bytes) -> None:
        """Write; see the class."""
        await self._stream.write(data)
        if data is self.payload:
            if data.endswith(b"+"):
                # it would count as a part of "+++": only silence makes it data
                await sleep_ms(self.time_limit_ms + 50)
            await self._stream.write(ESCAPE)

    async def close(self) -> None:
        """Close the stream."""
        await self._stream.close()


class SerialModemSockets:
    """Socket commands of Serial Modem v0.2.0 and later."""

    line_end = b"\r"  # a LF behind it would be the first byte of the payload

    def __init__(self, at: "AtChannel", stream: DataModeStream) -> None:
        self._at = at
        stream.payload = None
        at.open_ended = False

    async def prepare(self) -> None:
        """Set up what concerns no single socket."""

    async def create(self) -> int:
        """Make a UDP socket; return its handle."""
        lines = await self._at.command("#XSOCKET=1,2,0", b"#XSOCKET:")
        return _handle(lines, "#XSOCKET=1,2,0")

    async def bind(self, socket: "ModemSocket", handle: int) -> None:
        """Bind it to the socket's port and have its datagrams reported."""
        await self._at.command("#XBIND=%d,%d" % (handle, socket.local_port))
        await self.watch(handle)

    async def watch(self, handle: int) -> None:
        """Have its datagrams and its end reported; asked anew, what was missed is, too."""
        await self._at.command("#XAPOLL=%d,1,%d" % (handle, POLL_IN))

    async def handles(self) -> "list[int]":
        """Return the handles of all sockets in the modem."""
        return await _listed(self._at, "#XSOCKET?", b"#XSOCKET:")

    async def close(self, handle: int) -> None:
        """Close a socket."""
        await self._at.command("#XCLOSE=%d" % handle)

    async def read(self, socket: "ModemSocket", handle: int) -> "Datagram | None":
        """Return a datagram, or None; CommandError when there is none (or no socket)."""
        text = "#XRECVFROM=%d,0,%d,1" % (handle, _DONT_WAIT)
        return datagram_of(text, self._at, await self._at.command(text, b"#XRECVFROM: "))

    async def send(self, handle: int, payload: bytes, host: str, port: int, last: bool) -> None:
        """Send in data mode of known length: any byte may be in it."""
        if last:
            await _tell_last(self._at, "%d,1" % handle)
        text = '#XSENDTO=%d,2,0,"%s",%d,%d' % (handle, host, port, len(payload))
        await _send_in_data_mode(self._at, text, payload)


class SerialLteModemSockets:
    """Socket commands of Serial LTE Modem 1.9 to 3.1, and of Serial Modem v0.1.0."""

    line_end = b"\r\n"

    def __init__(self, at: "AtChannel", stream: DataModeStream) -> None:
        self._at = at
        self._stream = stream
        self._selecting = asyncio.Lock()
        self._selected: "int | None" = None
        self._reports = False  # has #XAPOLL (nRF Connect SDK 2.9 and later)
        self._readable: "int | None" = None
        at.open_ended = True
        stream.time_limit_ms = _LONGEST_TIME_LIMIT_MS

    async def prepare(self) -> None:
        """Set up what concerns no single socket."""
        try:
            # a host that pauses while it writes would send two datagrams otherwise
            await self._at.command("#XDATACTRL=%d" % _TIME_LIMIT_MS)
            self._stream.time_limit_ms = _TIME_LIMIT_MS
        except CommandError:
            pass
        for text in ("#XUDPSVR=0", "#XAPOLL=0"):  # of an earlier program
            try:
                await self._at.command(text)
            except CommandError:
                pass

    async def create(self) -> int:
        """Make a UDP socket, which is then the selected one; return its handle."""
        async with self._selecting:
            self._selected = None
            lines = await self._at.command("#XSOCKET=1,2,0", b"#XSOCKET:")
            handle = self._selected = _handle(lines, "#XSOCKET=1,2,0")
            return handle

    async def bind(self, socket: "ModemSocket", handle: int) -> None:
        """Bind it to the socket's port; have its datagrams reported, or ask for them often."""
        async with self._selecting:
            await self._select(handle)
            await self._at.command("#XBIND=%d" % socket.local_port)
        try:
            await self._at.command("#XAPOLL=1,%d" % POLL_IN)
            self._reports = True
        except CommandError:
            self._reports = False
            socket.poll_ms = min(socket.poll_ms, _POLL_MS)

    async def watch(self, handle: int) -> None:
        """Have missed events reported; without reports each read asks by itself."""
        if self._reports:
            await self._at.command("#XAPOLL=1,%d" % POLL_IN)

    async def handles(self) -> "list[int]":
        """Return the handles of all sockets in the modem."""
        return await _listed(self._at, "#XSOCKETSELECT?", b"#XSOCKETSELECT:")

    async def close(self, handle: int) -> None:
        """Close a socket; the firmware then selects another one by itself."""
        async with self._selecting:
            await self._select(handle)
            self._selected = None
            await self._at.command("#XSOCKET=0")

    async def read(self, socket: "ModemSocket", handle: int) -> "Datagram | None":
        """Return a datagram, or None; CommandError when there is none (or no socket)."""
        if not self._reports and self._readable != handle and not socket.lost:
            bits = await self._poll(handle)
            if bits & POLL_LOST:  # what it holds can be read still
                socket.lose(SocketClosed, "the modem lost the socket (#XPOLL: %d)" % bits, True)
            else:
                if bits & POLL_IN:
                    self._readable = handle
                    socket.hint()  # reported: the next read fetches it
                return None
        self._readable = None
        async with self._selecting:
            await self._select(handle)
            text = "#XRECVFROM=1,%d" % _DONT_WAIT
            lines = await self._at.command(text, b"#XRECVFROM: ")
        return datagram_of(text, self._at, lines)

    async def _poll(self, handle: int) -> int:
        """Return the socket's events, without waiting for any. Raises CommandError: no socket."""
        bits = None
        for line in await self._at.command("#XPOLL=0,%d" % handle, b"#XPOLL:"):
            fields = fields_of(line)  # <handle>,"0x0001"
            if number_of(fields[0]) == handle and fields[-1].startswith("0x"):
                bits = int(fields[-1], 16)
        if bits is None:
            raise CommandError("#XPOLL=0,%d" % handle, "no such socket")
        return bits

    async def send(self, handle: int, payload: bytes, host: str, port: int, last: bool) -> None:
        """Send in data mode, which ``+++`` ends; as a string what holds ``+++`` itself.

        Raises InvalidValue for what neither can carry.
        """
        text = '#XSENDTO="%s",%d' % (host, port)
        async with self._selecting:
            await self._select(handle)
            if last:
                await _tell_last(self._at, "1")
            if ESCAPE in payload:
                await self._send_string(text, payload)
                return
            self._stream.payload = payload
            await _send_in_data_mode(self._at, text, payload)

    async def _send_string(self, text: str, payload: bytes) -> None:
        for letter in payload:
            if letter in _NOT_IN_A_STRING or letter > 126:
                raise InvalidValue(
                    "Serial LTE Modem firmware cannot send +++ together with the byte 0x%02x: "
                    "encode the payload, or install the Serial Modem firmware" % letter
                )
        text = '%s,"%s"' % (text, payload.decode())
        await self._at.command(text, timeout_ms=_SEND_MS, shown="#XSENDTO=..." + repr(payload))

    async def _select(self, handle: int) -> None:
        if self._selected != handle:
            self._selected = None
            await self._at.command("#XSOCKETSELECT=%d" % handle)
            self._selected = handle


async def _send_in_data_mode(at: "AtChannel", text: str, payload: bytes) -> None:
    await at.command(
        text,
        timeout_ms=_SEND_MS,
        finals=_SENT,
        failures=_NOT_SENT,
        data=payload,
        prompt=b"OK",
    )


def raw_length(fields: "list[bytes]") -> int:
    """Say which field behind ``#XRECVFROM:`` counts the bytes that follow, -1 for none.

    Serial Modem: <handle>,<mode 0 raw|1 hex>,<size>,"<ip>",<port>; Serial LTE Modem 1.9 and later:
    <size>,"<ip>",<port>. Before 1.9 the data came in front of <size> or <size>,"<ip>:<port>".
    """
    if len(fields) == 5:
        return 2 if fields[1].strip() == b"0" else -1
    return 0 if len(fields) == 3 else -1


async def _tell_last(at: "AtChannel", socket: str) -> None:
    """Set SO_RAI to RAI_LAST: nothing follows the next send. Older firmware has no such option."""
    for text in ("%RAI=1", "#XSOCKETOPT=%s,61,2" % socket):
        try:
            await at.command(text)
        except (CommandError, ModemTimeout):
            pass  # it was a wish


def datagram_of(text: str, at: "AtChannel", lines: "list[bytes]") -> "Datagram | None":
    """Return what the answer to an #XRECVFROM holds; None when it is empty.

    Older firmware answers so for a datagram without a byte; or header and payload were lost.
    """
    if not lines:
        at.strays += 1
        return None
    fields = fields_of(lines[0])
    if len(fields) < 3:
        raise UnexpectedAnswer(text, text_of(lines[0]))
    payload = lines[1] if len(lines) > 1 else b""
    return payload, fields[-2], number_of(fields[-1]) or 0


def _handle(lines: "list[bytes]", text: str) -> int:
    handle = number_of(fields_of(lines[0])[0]) if lines else None
    if handle is None:
        raise UnexpectedAnswer(text, text_of(b" ".join(lines)))
    return handle


async def _listed(at: "AtChannel", text: str, prefix: bytes) -> "list[int]":
    """Return the first field of each line that describes a socket."""
    handles = []
    for line in await at.command(text, prefix):
        fields = fields_of(line)
        handle = number_of(fields[0])
        if len(fields) > 3 and handle is not None:
            handles.append(handle)
    return handles
