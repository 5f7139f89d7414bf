"""The face of the library: waits for IP Commands, calls the handler, sends messages.

client = IpCommandClient(modem, port=4242)

@client.on_command
async def handle(command):
    await client.send("got %d bytes" % len(command.payload))

asyncio.run(client.run())
"""

import asyncio

from ip_commands.device.connection import STATES, Connection
from ip_commands.device.errors import InvalidValue, PayloadTooLong, SocketClosed
from ip_commands.device.ip_command import (
    MAX_PAYLOAD_BYTES,
    SERVICE_HOST,
    SERVICE_PORT,
    IpCommand,
    check_port,
    is_inside,
    parse_network,
    payload_bytes,
)
from ip_commands.device.portable import (
    const,
    is_coroutine,
    print_exception,
    ticks_diff,
    ticks_ms,
    wait_event_ms,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ip_commands.device.interfaces import Log, Modem

    Handler = TypeVar("Handler", bound=Callable[..., Any])

# How long a running handler may go on after close() or the modem's end before it is cancelled
_HANDLER_GRACE_MS = const(10000)
_CLOSE_TIMEOUT_MS = const(60000)
_SEND_TIMEOUT_MS = const(60000)


class IpCommandClient:
    """One device's client. The modem stays the caller's: ``close()`` leaves it open.

    Counters, all of this client's life: ``received`` commands (taken or to be taken by the
    handler), ``handled`` without an exception, ``failed`` with one, ``dropped_foreign`` from
    outside ``accept_from``, ``dropped_too_long`` beyond 1300 bytes, ``unknown_sender`` (received
    too, although the modem does not tell who sent them), ``sent``, ``reopened`` connections.
    """

    def __init__(
        self,
        modem: "Modem",
        port: int,
        apn: str = "super",
        accept_from: "str | None" = "100.64.0.0/10",
        log: "Log | None" = None,
        edrx_s: "float | None" = None,
    ) -> None:
        """Prepare; nothing is sent to the modem before ``run``.

        ``port``: UDP port to listen on, 1..65535 (``DevicePort`` of the API). ``apn``: "super" is
        Super SIM's. ``accept_from``: IPv4 network whose datagrams are handled, None for anyone;
        the default is the carrier's inside, where the service sends from. Where a modem tells no
        sender, nothing can be checked and everything is accepted. ``log`` takes lines of text;
        without it only failures are printed. ``edrx_s``: eDRX cycle to ask the network for after
        each start of the modem; a warning says when it grants something else. None leaves the
        modem as it is set. Raises InvalidValue.
        """
        check_port(port)
        self._network = None if accept_from is None else parse_network(accept_from)
        self._log = log
        self._connection = Connection(modem, port, apn, log, edrx_s)
        self._handler: "Callable[..., Any] | None" = None
        self._error_handler: "Callable[..., Any] | None" = None
        self._command: "IpCommand | None" = None
        self._failure: "Exception | None" = None
        self._work = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._ending = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self._worker: "Any" = None
        self.received = 0
        self.handled = 0
        self.failed = 0
        self.dropped_foreign = 0
        self.dropped_too_long = 0
        self.unknown_sender = 0
        self.sent = 0

    @property
    def reopened(self) -> int:
        """How often the connection came back after a failure."""
        return max(self._connection.reopened, 0)

    @property
    def granted_edrx_s(self) -> "float | None":
        """The eDRX cycle that the network granted when ``edrx_s`` was asked for, else None."""
        return self._connection.granted_edrx_s

    @property
    def state(self) -> str:
        """IDLE, STARTING, ATTACHING, OPENING, SERVING (listening), WAITING or CLOSED."""
        return STATES[self._connection.state][0]

    @property
    def reason(self) -> str:
        """The last failure of the connection, "" before the first."""
        return self._connection.reason

    def on_command(self, handler: "Handler") -> "Handler":
        """Decorate the one function, plain or async, that takes each IpCommand.

        Commands come one at a time; while the handler runs, the next one waits in the modem. What
        it raises goes to ``on_error``. Raises InvalidValue for a second handler.
        """
        if self._handler is not None:
            raise InvalidValue("on_command was used before: one client has one handler")
        if not callable(handler):
            raise InvalidValue("on_command: decorate a function that takes the command")
        self._handler = handler
        return handler

    def on_error(self, handler: "Handler") -> "Handler":
        """Decorate a function, plain or async, that takes (command, exception).

        ``command`` is None when the connection failed (it opens again by itself) rather than the
        handler. Failures that come faster than it returns are merged into the latest. Without it
        failures are printed. Raises InvalidValue for a second one.
        """
        if self._error_handler is not None:
            raise InvalidValue("on_error was used before: one client has one error handler")
        if not callable(handler):
            raise InvalidValue("on_error: decorate a function that takes (command, exception)")
        self._error_handler = handler
        return handler

    async def run(self) -> None:
        """Connect and serve until ``close()``, or return at once after it; may be called once.

        Failures of modem, network and socket are survived with growing pauses (1 s to 300 s).
        Raises InvalidValue (no handler, or called twice) and ModemClosed when the stream to the
        modem ended: then make a new modem object and a new client.
        """
        if self._handler is None:
            raise InvalidValue("no handler: decorate a function with @client.on_command")
        if self._running:
            raise InvalidValue("run() was called before: make a new client")
        if self._ending.is_set():
            return
        self._running = True
        connecting = asyncio.create_task(self._connect())
        self._worker = asyncio.create_task(self._serve_commands())
        try:
            await self._ending.wait()
            await wait_event_ms(self._idle, _HANDLER_GRACE_MS)
        finally:
            self._ending.set()
            for task in (connecting, self._worker):
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    pass
            self._connection.close()
            self._ended.set()
        if self._connection.error is not None:
            raise self._connection.error

    async def close(self) -> None:
        """Stop listening and let ``run()`` return. May be called twice, also by the handler.

        A handler that is running gets 10 s to finish, and can send until then; after that it is
        cancelled. The modem stays open.
        """
        self._ending.set()
        if not self._running:
            self._connection.close()
        elif asyncio.current_task() is not self._worker:
            await wait_event_ms(self._ended, _CLOSE_TIMEOUT_MS)

    async def wait_ready(self, timeout_ms: int) -> None:
        """Wait until the client listens. Raises NotAttached with the reason after ``timeout_ms``.

        Raises SocketClosed or ModemClosed when the client has ended.
        """
        await self._connection.wait_ready(timeout_ms)

    async def send(
        self,
        payload: "bytes | bytearray | memoryview | str",
        port: int = SERVICE_PORT,
        timeout_ms: int = _SEND_TIMEOUT_MS,
    ) -> None:
        """Send 1..1300 bytes (str as UTF-8) to the service, whatever its port.

        Waits up to ``timeout_ms`` for the connection; ``run()`` must be running. Returning means
        that the modem took it, not that it arrived: UDP promises no more. Raises PayloadTooLong
        and InvalidValue before anything is sent; NotAttached, SendFailed, SocketClosed (the client
        has ended), ModemError.
        """
        data = payload_bytes(payload)
        check_port(port)
        start = ticks_ms()
        left_ms = timeout_ms
        while True:
            socket = await self._connection.wait_ready(left_ms)
            if len(data) > socket.max_payload:
                raise PayloadTooLong(len(data), socket.max_payload)
            try:
                await socket.send_to(data, SERVICE_HOST, port)
                self.sent += 1
                return
            except SocketClosed as error:  # not sent: once more on the next socket
                self._connection.lost(socket, error)
            left_ms = timeout_ms - ticks_diff(ticks_ms(), start)

    async def _connect(self) -> None:
        try:
            await self._connection.run(self._take, self._note_failure)
        except Exception:
            pass  # connection.error holds it, run() raises it
        finally:
            self._ending.set()

    def _take(self, payload: bytes, host: str, port: int) -> None:
        if len(payload) > MAX_PAYLOAD_BYTES:
            self.dropped_too_long += 1
            return
        if host == "":
            self.unknown_sender += 1
        elif self._network is not None and not is_inside(host, self._network):
            self.dropped_foreign += 1
            return
        self.received += 1
        self._command = IpCommand(payload, (host, port), ticks_ms())
        self._connection.busy = True
        self._idle.clear()
        self._work.set()

    def _note_failure(self, error: Exception) -> None:
        self._failure = error
        self._work.set()

    async def _serve_commands(self) -> None:
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                failure = self._failure
                if failure is not None:
                    self._failure = None
                    await self._report(None, failure)
                command = self._command
                if command is not None:
                    self._command = None
                    await self._handle(command)
                    if self._ending.is_set():
                        return
                    self._idle.set()
                    self._connection.release()
        finally:
            self._idle.set()

    async def _handle(self, command: IpCommand) -> None:
        assert self._handler is not None
        try:
            result = self._handler(command)
            if is_coroutine(result):
                await result
            self.handled += 1
        except asyncio.CancelledError as error:
            if self._ending.is_set():
                raise
            # something that the handler awaited was cancelled, not the handler
            self.failed += 1
            await self._report(command, error)
        except Exception as error:
            self.failed += 1
            await self._report(command, error)

    async def _report(self, command: "IpCommand | None", error: BaseException) -> None:
        try:
            if self._error_handler is not None:
                result = self._error_handler(command, error)
                if is_coroutine(result):
                    await result
                return
        except Exception as second:
            self._print("on_error itself failed", second)
        what = "connection failed" if command is None else "handler failed on %r" % command
        self._print(what, error)
        if command is not None and self._log is None:
            print_exception(error)

    def _print(self, what: str, error: BaseException) -> None:
        (self._log or print)("%s: %s: %s" % (what, type(error).__name__, error))
