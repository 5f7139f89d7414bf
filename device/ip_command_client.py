"""The face of the library: waits for IP Commands, calls the handler, sends messages.

client = IpCommandClient(modem, port=4242)

@client.on_command
async def handle(command):
    await client.send("got %d bytes" % len(command.payload))

asyncio.run(client.run())
"""

import asyncio

from .connection import Connection
from .connection_state import STATES
from .errors import (
    HandlerTimeout,
    InvalidValue,
    ModemAsleep,
    PayloadTooLong,
    SocketClosed,
)
from .ip_command import (
    MAX_PAYLOAD_BYTES,
    SERVICE_HOST,
    SERVICE_PORT,
    IpCommand,
    check_port,
    is_inside,
    parse_network,
    payload_bytes,
)
from .portable import (
    const,
    is_coroutine,
    print_exception,
    ticks_diff,
    ticks_ms,
    wait_event_ms,
)

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from .interfaces import Log, Modem

    Handler = TypeVar("Handler", bound=Callable[..., Any])

# How long a running handler may go on after close() or the modem's end before it is cancelled
_HANDLER_GRACE_MS = const(10000)
_CLOSE_TIMEOUT_MS = const(60000)
_SEND_TIMEOUT_MS = const(60000)
_REPORT_MS = const(30000)  # what on_error may take
_SLOW_HANDLER_MS = const(60000)
_UNWIND_MS = const(1000)  # for what was cancelled to come to its end
_COUNTERS = (
    "received",
    "handled",
    "failed",
    "sent",
    "dropped_foreign",
    "dropped_too_long",
    "unknown_sender",
    "log_errors",
)


class IpCommandClient:
    """One device's client. The modem stays the caller's: ``close()`` leaves it open.

    Counters, all of this client's life: ``received`` commands (taken or to be taken by the
    handler), ``handled`` without an exception, ``failed`` with one, ``dropped_foreign`` from
    outside ``accept_from`` or from nobody knows whom, ``dropped_too_long`` beyond 1300 bytes,
    ``unknown_sender`` (the modem did not tell who sent them), ``sent``, ``reopened`` connections.
    ``health()`` has them all, and more.
    """

    def __init__(
        self,
        modem: "Modem",
        port: int,
        apn: str = "super",
        accept_from: "str | None" = "100.64.0.0/10",
        log: "Log | None" = None,
        edrx_s: "float | None" = None,
        handler_timeout_ms: "int | None" = None,
        reset: "Callable[[], None] | None" = None,
    ) -> None:
        """Prepare; nothing is sent to the modem before ``run``.

        ``port``: UDP port to listen on, 1..65535 (``DevicePort`` of the API). ``apn``: "super" is
        Super SIM's. ``accept_from``: IPv4 network whose datagrams are handled, None for anyone;
        the default is the carrier's inside, where the service sends from. Where a modem cannot
        tell the sender, ``run`` refuses to listen unless it is None. ``log`` takes lines of text;
        without it only failures are printed. ``edrx_s``: eDRX cycle to ask the network for after
        each start of the modem, 0: off; a warning says when it grants something else. None leaves
        the modem as it is set, and says what is on. ``handler_timeout_ms``: a handler that runs
        longer is cancelled, None: never, with a warning after a minute. ``reset``: called when
        even a power cycle of the modem did not help, such as ``machine.reset``. Raises
        InvalidValue.
        """
        check_port(port)
        self._network = None if accept_from is None else parse_network(accept_from)
        self._log = log
        self._connection = Connection(
            modem, port, apn, log, edrx_s, self._network is not None, reset
        )
        self._modem = modem
        self._handler_timeout_ms = handler_timeout_ms
        self._own_tasks: "list[Any]" = []  # that run the program's handlers
        self._handler: "Callable[..., Any] | None" = None
        self._error_handler: "Callable[..., Any] | None" = None
        self._command: "IpCommand | None" = None
        self._failure: "Exception | None" = None
        self._work = asyncio.Event()
        self._trouble = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._ending = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = False
        self.received = 0
        self.handled = 0
        self.failed = 0
        self.dropped_foreign = 0
        self.dropped_too_long = 0
        self.unknown_sender = 0
        self.sent = 0
        self.log_errors = 0

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

    def health(self) -> "dict[str, Any]":
        """Return counters, times and reasons as one dictionary, new at each call.

        ``state``, ``reason``, ``seconds`` (in each state), ``recovered_by`` (each rung of
        ``connection.LADDER``), the counters of this class and of the sockets (``reread``,
        ``found_without_urc``, ``dropped``, ``empty``), and of the line to the modem (``damaged``
        datagrams, ``strays``, ``uart_overruns``, ``handler_errors``, ``log_errors``,
        ``memory_errors``).
        """
        link = self._connection
        now = {"state": self.state, "reason": self.reason, "reopened": self.reopened}
        now["seconds"] = {STATES[i][0]: s for i, s in enumerate(link.seconds) if s}
        now["recovered_by"] = dict(link.recovered_by)
        now.update(link.counts)
        for name in _COUNTERS:
            now[name] = getattr(self, name)
        line = getattr(self._modem, "line_health", None)
        if line:
            now.update(line())
        return now

    def wake(self) -> None:
        """Wake a modem that sleeps in PSM, or end a pause after a failure. Returns at once."""
        self._connection.wake()

    def on_state(self, handler: "Handler") -> "Handler":
        """Decorate a plain function that takes (state, reason) of each change and returns."""
        self._connection.on_state = handler
        return handler

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
        Raises InvalidValue (no handler, called twice, or a modem that cannot tell senders beside
        ``accept_from``) and ModemClosed when the stream to the modem ended: then make a new modem
        object and a new client.
        """
        if self._handler is None:
            raise InvalidValue("no handler: decorate a function with @client.on_command")
        if self._running:
            raise InvalidValue("run() was called before: make a new client")
        if self._ending.is_set():
            return
        self._running = True
        connecting = asyncio.create_task(self._connect())
        worker = asyncio.create_task(self._serve_commands())
        reporting = asyncio.create_task(self._report_failures())
        try:
            await self._ending.wait()
            await wait_event_ms(self._idle, _HANDLER_GRACE_MS)
        finally:
            self._ending.set()
            for task in (connecting, worker, reporting):
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
        elif asyncio.current_task() not in self._own_tasks:
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
            except (SocketClosed, ModemAsleep) as error:  # not sent: once more on the next socket
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
        if not payload:
            self._connection.counts["empty"] += 1  # no IP Command is one
            return
        if host == "":
            self.unknown_sender += 1
        if self._network is not None and not is_inside(host, self._network):
            self.dropped_foreign += 1
            return
        self.received += 1
        self._command = IpCommand(payload, (host, port), ticks_ms())
        self._connection.busy = True
        self._idle.clear()
        self._work.set()

    def _note_failure(self, error: Exception) -> None:
        self._failure = error  # merged into the latest one while the one before is reported
        self._trouble.set()

    async def _report_failures(self) -> None:
        while True:
            await self._trouble.wait()
            self._trouble.clear()
            failure, self._failure = self._failure, None
            if failure is not None:
                await self._report(None, failure)

    async def _serve_commands(self) -> None:
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                command, self._command = self._command, None
                if command is not None:
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
                await self._bounded(result, self._handler_timeout_ms, "the handler")
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

    async def _bounded(self, coroutine: "Any", limit_ms: "int | None", what: str) -> None:
        """Run the program's coroutine in a task of its own: it may hang, or refuse to end.

        Raises what it raises, HandlerTimeout once it is given up.
        """
        outcome: "list[BaseException]" = []
        done = asyncio.Event()
        task = asyncio.create_task(_outcome_of(coroutine, outcome, done))
        self._own_tasks.append(task)
        started = ticks_ms()
        try:
            left_ms = _SLOW_HANDLER_MS
            while limit_ms is None or ticks_diff(ticks_ms(), started) < limit_ms:
                if limit_ms is not None:
                    left_ms = min(left_ms, limit_ms - ticks_diff(ticks_ms(), started))
                if await wait_event_ms(done, left_ms):
                    break
                if left_ms == _SLOW_HANDLER_MS:
                    self._say(
                        "%s runs for %d s and keeps the next command waiting"
                        % (what, left_ms // 1000)
                    )
                    left_ms = 86400000
            else:
                task.cancel()
                await wait_event_ms(done, _UNWIND_MS)
                raise HandlerTimeout(
                    "%s took more than %d ms and was cancelled" % (what, limit_ms)
                )
        finally:
            if not done.is_set():
                task.cancel()
                await wait_event_ms(done, _UNWIND_MS)
            self._own_tasks.remove(task)
        if outcome:
            raise outcome[0]

    async def _report(self, command: "IpCommand | None", error: BaseException) -> None:
        try:
            if self._error_handler is not None:
                result = self._error_handler(command, error)
                if is_coroutine(result):
                    await self._bounded(result, _REPORT_MS, "on_error")
                return
        except Exception as second:
            self._say("on_error itself failed: %s: %s" % (type(second).__name__, second))
        what = "connection failed" if command is None else "handler failed on %r" % command
        self._say("%s: %s: %s" % (what, type(error).__name__, error))
        if command is not None and self._log is None:
            try:
                print_exception(error)
            except Exception:
                pass

    def _say(self, text: str) -> None:
        try:
            (self._log or print)(text)
        except Exception:  # flash full, stdout gone: nobody is left to be told
            self.log_errors += 1


async def _outcome_of(
    coroutine: "Any", outcome: "list[BaseException]", done: "asyncio.Event"
) -> None:
    try:
        await coroutine
    except BaseException as error:  # for whoever waits, or nobody
        outcome.append(error)
    finally:
        done.set()
