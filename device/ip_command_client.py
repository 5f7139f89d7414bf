"""The face of the library: waits for IP Commands, calls the handler, sends messages.

client = IpCommandClient(modem, port=4242)

@client.on_command
async def handle(command):
    await client.send("got %d bytes" % len(command.payload))

asyncio.run(client.run())
"""

import asyncio

from .connection import Connection
from .connection_state import PASSED_ON, text_of
from .errors import (
    HandlerTimeout,
    InvalidValue,
    ModemAsleep,
    ModemRestarted,
    PayloadTooLong,
    SendUncertain,
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
    outcome_of,
    print_exception,
    since_ms,
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
_NEVER_MS = const(1 << 40)


class IpCommandClient(Connection):
    """One device's client. The modem stays the caller's: ``close()`` leaves it open.

    Counters, all of this client's life: ``received`` commands (taken or to be taken by the
    handler), ``handled`` without an exception, ``failed`` with one, ``dropped_foreign`` from
    outside ``accept_from`` or from nobody knows whom, ``dropped_too_long`` beyond 1300 bytes,
    ``unknown_sender`` (the modem did not tell who sent them), ``sent``, ``uncertain`` (sends that
    ended with SendUncertain), ``reopened`` connections.
    ``health()`` has them all, and more. ``state``: IDLE, STARTING, ATTACHING, OPENING, SERVING
    (listening), WAITING, SLEEPING (in PSM) or CLOSED; ``reason``: the last failure of the
    connection, "" before the first; ``granted_edrx_s``: the eDRX cycle that the network granted
    when ``edrx_s`` was asked for, else None.
    """

    received = handled = failed = sent = uncertain = 0
    dropped_foreign = dropped_too_long = unknown_sender = 0
    _handler: "Any" = None
    _error_handler: "Any" = None
    _failure: "Any" = None  # that is reported next
    _running = False

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
        if accept_from is not None:
            self._network = parse_network(accept_from)
        Connection.__init__(self, modem, port, apn, log, edrx_s, reset)
        self._handler_timeout_ms = handler_timeout_ms
        self._own_tasks: "list[Any]" = []  # that run the program's handlers
        self._work = asyncio.Event()
        self._trouble = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._ended = asyncio.Event()

    def health(self) -> "dict[str, Any]":
        """Return counters, times and reasons as one dictionary, new at each call.

        ``state``, ``reason``, ``next`` (what is done about it: a rung of ``connection.LADDER``,
        ``find`` a silent modem, ``ask`` one without a network, ``wake`` one in PSM; "": nothing,
        or it is being done), ``in_s`` (when), ``seconds`` (in each state that it has left),
        ``recovered_by`` (each rung), the counters of this class and of the sockets (``reread``,
        ``found_without_urc``, ``dropped``, ``empty``), and of the line to the modem (``damaged``
        datagrams, ``strays``, ``uart_overruns``, ``handler_errors``, ``memory_errors``);
        ``log_errors``: lines that ``log`` failed to take, from both.
        """
        now: "dict[str, Any]" = self._modem.line_health()
        now.update(self._counts)
        now.update(
            {
                "state": self.state,
                "reason": self.reason,
                "next": self._next,
                "in_s": max(0, self._pause_ms - self._age_ms()) // 1000,
                "reopened": self.reopened,
                "seconds": dict(self._seconds),
                "recovered_by": dict(self._recovered_by),
                "received": self.received,
                "handled": self.handled,
                "failed": self.failed,
                "sent": self.sent,
                "uncertain": self.uncertain,
                "dropped_foreign": self.dropped_foreign,
                "dropped_too_long": self.dropped_too_long,
                "unknown_sender": self.unknown_sender,
                "log_errors": self.log_errors + now.get("log_errors", 0),
            }
        )
        return now

    def on_state(self, handler: "Handler") -> "Handler":
        """Decorate a plain function that takes (state, reason) of each change and returns."""
        self._state_handler = handler
        return handler

    def on_command(self, handler: "Handler") -> "Handler":
        """Decorate the one function, plain or async, that takes each IpCommand.

        Commands come one at a time; while the handler runs, the next one waits in the modem. What
        it raises goes to ``on_error``. Raises InvalidValue for a second handler.
        """
        _check_handler("handler", self._handler, handler)
        self._handler = handler
        return handler

    def on_error(self, handler: "Handler") -> "Handler":
        """Decorate a function, plain or async, that takes (command, exception).

        ``command`` is None when the connection failed (it opens again by itself), or a datagram
        was lost or too long, rather than the handler. Failures that come faster than it returns
        are merged into the latest. Without it failures are printed. Raises InvalidValue for a
        second one.
        """
        _check_handler("error handler", self._error_handler, handler)
        self._error_handler = handler
        return handler

    async def run(self) -> None:
        """Connect and serve until ``close()``, or return at once after it; may be called once.

        Failures of modem, network and socket are survived with growing pauses (1 s to 300 s).
        Raises InvalidValue (no handler, called twice, or a modem that cannot tell senders beside
        ``accept_from``) and ModemClosed when the stream to the modem ended: then make a new modem
        object and a new client.
        """
        _check_handler("handler", None, self._handler)
        if self._running:
            raise InvalidValue("run() was called before: make a new client")
        if self._ending.is_set():
            return
        self._running = True
        tasks = [
            asyncio.create_task(self._keep_open()),
            asyncio.create_task(self._serve_commands()),
            asyncio.create_task(self._report_failures()),
        ]
        try:
            await self._ending.wait()
            await wait_event_ms(self._idle, _HANDLER_GRACE_MS)
        finally:
            self._ending.set()
            for task in tasks:
                task.cancel()
                try:
                    await task
                except asyncio.CancelledError:
                    pass
                except BaseException as error:  # KeyboardInterrupt, from a handler
                    self._error = error
            self._enter("CLOSED")
            self._ended.set()
        if self._error:
            raise self._error

    async def close(self) -> None:
        """Stop listening and let ``run()`` return. May be called twice, also by the handler.

        A handler that is running gets 10 s to finish, and can send until then; after that it is
        cancelled. The modem stays open.
        """
        self._ending.set()
        if not self._running:
            self._enter("CLOSED")
        elif asyncio.current_task() not in self._own_tasks:
            await wait_event_ms(self._ended, _CLOSE_TIMEOUT_MS)

    async def send(
        self,
        payload: "bytes | bytearray | memoryview | str",
        port: int = SERVICE_PORT,
        timeout_ms: int = _SEND_TIMEOUT_MS,
        last: bool = False,
    ) -> None:
        """Send 1..1300 bytes (str as UTF-8) to the service, whatever its port.

        last: nothing follows, in either direction; the network may end the radio connection at
        once, where modem and network know such a wish (release assistance).
        Waits up to ``timeout_ms`` for the connection; ``run()`` must be running. Returning means
        that the modem took it, not that it arrived: UDP promises no more. Raises PayloadTooLong
        and InvalidValue before anything is sent; NotAttached, SendFailed, SendUncertain,
        SocketClosed (the client has ended), ModemError.
        """
        data = payload_bytes(payload)
        check_port(port)
        start = ticks_ms()
        while True:
            await self.wait_ready(timeout_ms - since_ms(start))
            socket: "Any" = self._socket
            if len(data) > socket.max_payload:
                raise PayloadTooLong(len(data), socket.max_payload)
            try:
                await socket.send_to(data, SERVICE_HOST, port, last)
                self.sent += 1
                return
            except SendUncertain:
                self.uncertain += 1
                raise
            # not sent: once more on the next socket
            except (SocketClosed, ModemAsleep, ModemRestarted) as error:
                if socket is self._socket:
                    self._loss = error
                    self._settled.clear()
                    self._wake.set()

    def _take(self, payload: bytes, host: str, port: int) -> None:
        if len(payload) > MAX_PAYLOAD_BYTES:
            self.dropped_too_long += 1
            self._note_failure(PayloadTooLong(len(payload), MAX_PAYLOAD_BYTES))
            return
        if not payload:
            self._counts["empty"] += 1  # no IP Command is one
            return
        if not host:
            self.unknown_sender += 1
        if self._network and not is_inside(host, self._network):
            self.dropped_foreign += 1
            return
        self.received += 1
        self._command = IpCommand(payload, (host, port), ticks_ms())
        self._idle.clear()
        self._work.set()

    def _note_failure(self, error: Exception) -> None:
        self._failure = error  # merged into the latest one while the one before is reported
        self._trouble.set()

    async def _report_failures(self) -> None:
        while True:
            await self._trouble.wait()
            self._trouble.clear()
            await self._report(None, self._failure)

    async def _serve_commands(self) -> None:
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                command = self._command
                error = await self._call(
                    "the handler", self._handler_timeout_ms, self._handler, command
                )
                if error is None:
                    self.handled += 1
                else:
                    self.failed += 1
                    await self._report(command, error)
                if self._ending.is_set():
                    return
                self._command = None
                self._idle.set()
                if self.state not in ("WAITING", "SLEEPING"):  # that would end a pause
                    self._wake.set()
        finally:
            self._idle.set()
            self._ending.set()

    async def _call(
        self, what: str, limit_ms: "int | None", function: "Any", *arguments: "Any"
    ) -> "BaseException | None":
        """Call the program's function; return what it raises, whatever that is, or None.

        Its coroutine runs in a task of its own: it may hang, or refuse to end. HandlerTimeout once
        it is given up.
        """
        outcome: "list[BaseException]" = []
        try:
            result = function(*arguments)
            if is_coroutine(result):
                done = asyncio.Event()
                task = asyncio.create_task(outcome_of(result, outcome, done))
                self._own_tasks.append(task)
                try:
                    left_ms = limit_ms or _NEVER_MS
                    if left_ms > _SLOW_HANDLER_MS:
                        if not await wait_event_ms(done, _SLOW_HANDLER_MS):
                            self._say("%s runs for 60 s: the next command waits" % what)
                        left_ms -= _SLOW_HANDLER_MS
                    if not await wait_event_ms(done, left_ms):
                        raise HandlerTimeout("%s was cancelled after %s ms" % (what, limit_ms))
                finally:
                    if not done.is_set():
                        task.cancel()
                        await wait_event_ms(done, _UNWIND_MS)
                    self._own_tasks.remove(task)
                if outcome:
                    raise outcome[0]
            return None
        except PASSED_ON:
            raise
        except BaseException as error:
            # a cancellation of something that the function awaited is its failure
            if isinstance(error, asyncio.CancelledError) and self._ending.is_set():
                raise
            return error

    async def _report(self, command: "IpCommand | None", error: BaseException) -> None:
        if self._error_handler:
            second = await self._call("on_error", _REPORT_MS, self._error_handler, command, error)
            if second is None:
                return
            self._say("on_error itself failed: " + text_of(second))
        what = "handler failed on %r" % command if command else "connection failed"
        self._say("%s: %s" % (what, text_of(error)))
        if command and not self._log:
            try:
                print_exception(error)
            except Exception:
                pass


def _check_handler(what: str, before: "Any", handler: "Any") -> None:
    if before:
        raise InvalidValue("one client has one %s" % what)
    if not callable(handler):
        raise InvalidValue("no %s: decorate a function, as @client.on_command does" % what)
