"""The UDP sockets inside a modem: what all families share.

The modem buffers what it has received; this socket holds nothing back and asks on demand. A
receive URC is only a hint: modems raise no second one while data is unread, and lose URCs during
sends and sleep. The socket therefore reads until the modem says empty after every URC, read, send
and ``suspect()``, and whenever ``poll_ms`` have passed.
"""

import asyncio
from collections import deque

from ..device.errors import (
    CommandError,
    InvalidValue,
    ModemError,
    ModemRestarted,
    PayloadTooLong,
    ReceiveTimeout,
    SendFailed,
    SocketClosed,
)
from ..device.ip_command import check_ipv4, check_port
from ..device.portable import const, since_ms, sleep_ms, ticks_ms, wait_event_ms
from .at_answers import fields_of, number_of

_TYPE_CHECKING = const(0)  # folded: a board's compiler leaves out what is for type checkers
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .at_channel import AtChannel

    Datagram = tuple[bytes, str, int]

_GONE = const("the socket is closed: open a new one")
_PARKED = const(16)  # datagrams that came without being asked for
_SEND_TRIES = const(4)
_SEND_PAUSE_MS = const(125)  # doubled before each try but the first
_READ_TRIES = const(4)
_READ_PAUSE_MS = const(250)
_READ_LIMIT_MS = const(300000)  # far above the limits of its commands


class ModemSocket:
    """One bound UDP port of an AtModem, made by its ``open_udp``; a ``UdpSocket``.

    connection: the modem's number for it. The modem object does the talking with
    ``_read_datagram(socket)``, ``_send_datagram(socket, payload, host, port)`` and
    ``_forget(socket)``.
    """

    tells_sender = True
    """False where the modem cannot say who sent a datagram."""
    on_loss: "Callable[[], None] | None" = None
    """Called once when the socket is lost, also while nobody receives."""
    found_without_urc = 0
    """Datagrams that the modem held without having reported them."""
    reread = 0
    """Reads that failed, or brought garbage, and were done again."""
    empty = 0
    """Datagrams without a byte: no IP Command can be one."""
    dropped = 0
    """Datagrams that are lost: one came unasked while too many others were waiting to be received,
    the modem had only a part of it left, or a read took it out of the modem and failed."""
    owed = 0
    """Reads that failed and whose answers have not come since: each after a report, else one."""
    taken_bytes = 0
    """Bytes that came out of the modem."""
    opened = False
    """True once the modem has opened it."""
    last = False
    """Whether nothing follows what is being sent."""
    _interrupted = False
    _suspected = True  # the modem may hold data; False once it said empty
    _hinted = False  # ... and has reported it
    _failures = 0  # reads in a row
    _reading: "asyncio.Task[None] | None" = None
    _read_error: "Exception | None" = None
    lost = False
    """Whether the socket is gone, closed here or lost in the modem."""
    _loss: "tuple[type[Exception], str]"
    _readable = False  # lost, but the modem may still hand over what it holds
    _closed = False

    def __init__(
        self,
        modem: "SocketOwner",
        connection: int,
        local_port: int,
        max_payload: int,
        poll_ms: int,
    ) -> None:
        self.connection = connection
        self.local_port = local_port
        self.max_payload = max_payload
        """Longest payload that ``send_to`` takes, in bytes."""
        self.poll_ms = poll_ms
        """Ask the modem for data at least this often, even when it reported none."""
        self.read_at = ticks_ms()
        """When the modem was asked last, or has answered last."""
        self._modem = modem
        self._parked: "deque[Datagram]" = deque((), _PARKED)  # noqa: RUF037  MicroPython
        self._wake = asyncio.Event()
        self._read_ended = asyncio.Event()
        self._sending = asyncio.Lock()

    def hint(self) -> None:
        """The modem reports data (a URC)."""
        self._hinted = True
        self.suspect()

    def suspect(self) -> None:
        """The modem may hold data that it did not report: after a send, a sleep, a wake-up."""
        self._suspected = True
        self._wake.set()

    def interrupt(self) -> None:
        """Let ``receive`` return to its caller (with ReceiveTimeout) once nothing is left."""
        self._interrupted = True
        self._wake.set()

    def park(self, payload: bytes, host: str, port: int) -> None:
        """Keep a datagram that came unasked (pushed, or the late answer to a read given up)."""
        self.owed -= 1
        self._modem.used_at = ticks_ms()
        self.taken_bytes += len(payload)
        if not payload:
            self.empty += 1
        elif len(self._parked) >= _PARKED:
            self.dropped += 1
        else:
            self._parked.append((payload, host, port))
            self._wake.set()

    def lose(self, error: "type[Exception]", reason: str, readable: bool = False) -> None:
        """The socket is gone: receivers and senders raise ``error(reason)`` from now on.

        What came before is received first. readable: also what the modem may still hold: it is
        read until the modem says that there is nothing, or refuses.
        """
        if not self.lost:
            self.lost = True
            self._loss = (error, reason)
            self._readable = readable and self.opened
            self._wake.set()
            if self.on_loss:
                self.on_loss()

    def gone(self) -> SocketClosed:
        """The modem has lost the socket: receivers and senders raise what this returns."""
        self.lose(SocketClosed, _GONE)
        return SocketClosed(_GONE)

    async def send_to(self, payload: bytes, host: str, port: int, last: bool = False) -> None:
        """Hand one datagram of 1..max_payload bytes to the modem; any task may call.

        host: IPv4 address. last: nothing follows, which is told to the network where the modem
        can. Once the modem was asked, the datagram is sent even if the caller is cancelled. Only a
        refusal that says "not sent" is tried again. Raises InvalidValue, PayloadTooLong,
        SendFailed, SendUncertain, SocketClosed, ModemAsleep (it was not sent), ModemError.
        """
        if len(payload) > self.max_payload:
            raise PayloadTooLong(len(payload), self.max_payload)
        if not payload:
            raise InvalidValue("an empty datagram: give 1 byte or more")
        check_ipv4(host)
        check_port(port)
        payload = bytes(payload)
        modem = self._modem
        await self._sending.acquire()
        self.last = last
        try:
            for attempt in range(_SEND_TRIES):
                self._check_open()
                if attempt:
                    await sleep_ms(_SEND_PAUSE_MS << attempt)
                await modem._check_awake()
                try:
                    modem.used_at = ticks_ms()
                    taken = await modem._send_datagram(self, payload, host, port)
                finally:
                    self.suspect()
                if taken:
                    return
        finally:
            self._sending.release()
        # its send buffer is full, or the network takes nothing
        raise SendFailed("the modem refused it: try again later")

    async def receive(self, timeout_ms: int) -> "Datagram":
        """Return the next datagram: payload, source host, source port. ONE task may receive.

        The host is "" and the port 0 where the modem does not tell the sender. A datagram that is
        being read while the caller is cancelled is kept for the next call. A read that fails is
        done again: what it did bring, and what the modem still holds, comes before any error.
        Raises ReceiveTimeout, SocketClosed, ModemError.
        """
        started = ticks_ms()
        while True:
            if self._parked:
                return self._parked.popleft()
            error, self._read_error = self._read_error, None
            if error:
                raise error
            if self._readable:
                await self._read()
                continue
            self._check_open()
            age_ms = since_ms(self.read_at)
            if self._suspected or age_ms >= self.poll_ms:
                await self._read()
                continue
            left_ms = timeout_ms - since_ms(started)
            if left_ms <= 0 or self._interrupted:
                self._interrupted = False
                raise ReceiveTimeout("no datagram in %d ms" % timeout_ms)
            self._wake.clear()
            await wait_event_ms(self._wake, min(left_ms, self.poll_ms - age_ms))

    async def close(self) -> None:
        """Close; a receive in progress raises SocketClosed. May be called twice."""
        self.on_loss = None
        self.gone()
        self._readable = False
        if not self._closed:
            self._closed = True
            # what the modem owes, or reported: nobody can ask any more
            self.dropped += max(self.owed, self._hinted)
            await self._modem._forget(self)

    def _check_open(self) -> None:
        if self.lost:
            raise self._loss[0](self._loss[1])

    async def _read(self) -> None:
        """Ask the modem once, in a task of its own: an answer is not lost with its caller."""
        if self._reading is None:
            self._read_ended.clear()
            self._reading = asyncio.create_task(self._read_once())
        if not await wait_event_ms(self._read_ended, _READ_LIMIT_MS):
            self._reading = None  # it was cancelled before it began

    async def _read_once(self) -> None:
        hinted, self._hinted, self._suspected = self._hinted, False, False
        self.read_at = ticks_ms()
        if self.owed < 0:
            self.owed = 0
        modem = self._modem
        garbage, damaged = modem.garbage, modem.damaged
        again = False
        try:
            try:
                datagram = await modem._read_datagram(self)
                if datagram:
                    self._failures = 0
                    if not (hinted or self._hinted):
                        self.found_without_urc += 1
                    self.owed += 1  # this one is no late answer
                    self.park(*datagram)
                elif modem.garbage == garbage or self._failures >= _READ_TRIES:
                    # the modem said empty
                    if self.owed > 0 and not self._suspected:
                        damaged = -1  # nothing leaves the modem from here on
                        taken_bytes = await modem._taken_bytes(self)
                        if taken_bytes != self.taken_bytes:
                            self.taken_bytes = taken_bytes or 0
                            self.dropped += max(0, self.owed)
                        self.owed = 0
                    self._failures = 0
                    self._readable = False
                    return
                else:  # "nothing", beside bytes that may have been a datagram
                    again = True
            except Exception as error:
                if isinstance(error, CommandError):
                    damaged = -1  # nothing left the modem
                if self._readable:  # it is lost
                    self._readable = False
                elif not self.lost and self._failures < _READ_TRIES:
                    again = True
                else:  # handed to whoever receives
                    self._failures = 0
                    self._read_error = error
            # one hint, also one that came during the read, stands for all that waits: it is used
            # up when the modem says empty
            self._hinted = self._hinted or hinted
            self._suspected = True
            if again:  # the channel gets into step with the modem first
                # a damaged one is counted as such; a modem that did not even answer AT since the
                # last failure was not asked; what nobody reported may be one datagram, not many,
                # and none when its radio sleeps in PSM
                if modem.damaged == damaged and (
                    hinted or not (self.owed or modem._pushes or modem.sleep_is_due())
                ):
                    silent_ms = modem.at.silent_ms()
                    if not self._failures or silent_ms <= since_ms(self.read_at):
                        self.owed += 1
                self.reread += 1
                self._failures += 1
                await sleep_ms(_READ_PAUSE_MS << self._failures)
        finally:
            self.read_at = ticks_ms()
            self._reading = None
            self._read_ended.set()


class SocketOwner:
    """Keep one ModemSocket per connection of the modem; a family says what opens and reads one."""

    CONNECTIONS = 1
    """How many sockets the modem has."""
    MAX_PAYLOAD = 1460
    """Longest payload that it sends, in bytes."""
    SENDER = 1
    """Which field of a read's header is the sender's address; the port is behind it."""
    poll_ms: int
    """See ModemCore."""
    used_at = 0
    """When the network was last used, as far as the host knows: PSM's active time counts from
    the release of the connection (TS 24.301 section 5.3.11), whatever the UART does meanwhile."""
    _ready = False
    _pushes = False  # the modem prints datagrams as they come: reading only asks for the socket
    _why_down: "tuple[type[Exception], str] | None" = None
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

    if _TYPE_CHECKING:  # what the modem, or a family, says
        at: AtChannel

        async def _open_connection(self, socket: "ModemSocket") -> None:
            """Have the modem listen on ``socket.local_port``."""

        async def _close_connection(self, socket: "ModemSocket") -> None:
            """Tell the modem to close."""

        @property
        def garbage(self) -> int:
            return 0

        @property
        def damaged(self) -> int:
            return 0

        async def _read_datagram(self, socket: "ModemSocket") -> "Datagram | None":
            """Ask the modem once for a datagram, of any size; None when it holds none."""

        async def _send_datagram(
            self, socket: "ModemSocket", payload: bytes, host: str, port: int
        ) -> bool:
            """Send; False when the modem refuses for the moment."""
            return False

        async def _has_socket(self, socket: "ModemSocket") -> bool:
            """Ask the modem once whether it has the socket."""
            return True

        async def _check_alive(self, socket: "ModemSocket") -> Any: ...

        async def is_awake(self) -> bool:
            return True

        def sleep_is_due(self) -> bool:
            return False

        def _on_psm(self) -> None: ...

    async def _fetch(self, socket: "ModemSocket", text: str, prefix: bytes) -> "list[bytes]":
        """Send the command that reads; where it is refused the socket may be gone."""
        self._reader = socket
        try:
            return self._heard(await self.at.command(text, prefix))
        except CommandError as error:
            await self._check_alive(socket)
            raise error

    def _heard(self, lines: "list[bytes]") -> "list[bytes]":
        """Return the answer to a read; OK alone is garbage: a line that was lost, or a header."""
        if not lines:
            self.at.strays += 1
        return lines

    def _datagram(self, header: bytes, payload: bytes) -> "Datagram":
        """Return the datagram that a header line announced."""
        sender = fields_of(header)[self.SENDER :]
        if len(sender) < 2:
            return payload, "", 0
        return payload, sender[0], number_of(sender[1]) or 0

    async def _taken_bytes(self, socket: "ModemSocket") -> "int | None":
        """Ask how many bytes the modem has handed over; None where it does not count."""

    async def _close_stale(self) -> None:
        """Close what an earlier program left open."""

    async def _forget(self, socket: "ModemSocket") -> None:
        """Close a socket in the modem, as far as the modem still answers."""
        if self._sockets[socket.connection] is not socket:
            return  # its number is another one's by now
        try:
            if self._ready:
                await self._check_awake()
                await self._close_connection(socket)
        except ModemError:
            pass  # gone with the modem, or closed already
        finally:
            self._sockets[socket.connection] = None

    def _socket_of(self, field: "str | bytes") -> "ModemSocket | None":
        """Return the open socket that a URC's field names."""
        number = number_of(field)
        if number is None or not 0 <= number < self.CONNECTIONS:
            return None
        return self._sockets[number]

    def _lose_sockets(self, error: "type[Exception]", reason: str) -> None:
        """Lose all sockets: the modem goes down, sleeps, or is started anew."""
        self._ready = False
        for socket in self._sockets:
            if socket:
                socket.lose(error, reason)
        self._why_down = None
        if error is not SocketClosed:
            self._why_down = (error, reason)
            self._sockets = [None] * self.CONNECTIONS  # nothing is left to be closed

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
            socket.lose(SocketClosed, _GONE, True)

    async def _check_awake(self) -> None:
        """Raise ModemAsleep, and lose the sockets, when it sleeps although it did not say so.

        Before what would go on for long, or leave it uncertain what was heard.
        """
        if self.sleep_is_due() and not await self.is_awake():
            self._on_psm()
            self._check_ready()

    def _check_ready(self) -> None:
        if not self._ready:
            error, reason = self._why_down or (
                ModemRestarted,
                "the modem is not set up: call start()",
            )
            raise error(reason)
