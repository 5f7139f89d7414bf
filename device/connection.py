"""Keeps one modem attached and one UDP socket open; knows no modem family.

What is tried against a failure is in ``LADDER``; what changes the state is in this file alone.
"""

from .connection_state import ConnectionState, text_of
from .errors import (
    DatagramLost,
    InvalidValue,
    IpCommandsError,
    ModemAsleep,
    ModemClosed,
    ModemError,
    ModemRestarted,
    ModemTimeout,
    NotAttached,
    ReceiveTimeout,
)
from .portable import const, since_ms, sleep_ms, ticks_ms, wait_event_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from .interfaces import Log, Modem, UdpSocket
    from .ip_command import IpCommand, Network

LADDER = {
    # failures in a row, and what is tried from then on before the next climb
    1: "attach",  # the modem is in order: attach and open again
    2: "start",  # find it, set it up
    3: "restart_radio",  # the radio off and on: registers anew
    6: "power_cycle",  # off and on, also a modem that answers
    9: "reset",  # the whole board, if the program gave ``reset``
}

# Registration may take minutes after power-on: an attach refused in haste starts a new search.
_ATTACH_TIMEOUT_MS = const(180000)
# Nothing depends on its length: the driver looks for lost hints by itself.
_RECEIVE_TIMEOUT_MS = const(60000)
_FIRST_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(300000)
_HELD_MS = const(60000)  # serving for so long ends a row of failures
_CHECK_AGAIN_MS = const(30000)  # while the network is lost
_SETTLE_MS = const(2000)  # a hint comes in the middle of what it hints at
_PATIENCE_MS = const(600000)  # without a network, before the ladder is climbed
_WAKE_SPARE_MS = const(90000)  # when it fell asleep is known no better than this
_WAKE_POLL_MS = const(3000)  # its active time may be as short as 2 s, but networks grant more
_WAKE_POLLS = const(90)  # and longer than twice the spare time
_MISSED_WAKES = const(2)  # then it is woken: it may be off
_LEFT_OVER = const(16)
_LAST_WORDS = const(3)  # of a modem that sleeps; one that says more is awake, and deaf
_DAY_MS = const(86400000)
_MOST_FAILURES = const(10)
_LAST_WITHOUT_RESET = const(8)
_DATA_LOST = const("data may be lost")
_FINDS = const(3)  # a modem that falls silent again and again is set up anew


class Connection(ConnectionState):
    """One modem's way up to a listening socket, climbed again whenever it falls down.

    Who serves derives from it: ``_take`` gets each datagram, and ``_command`` set means that the
    next one stays in the modem; ``_note_failure`` hears each failure.
    """

    if _TYPE_CHECKING:

        def _take(self, payload: bytes, host: str, port: int) -> None: ...

        def _note_failure(self, error: Exception) -> None: ...

    reopened = 0
    """How often the connection came back after a failure."""
    granted_edrx_s: "float | None" = None
    """The eDRX cycle that the network granted when ``edrx_s`` was asked for, else None."""
    _command: "IpCommand | None" = None  # is being served
    _network: "Network | None" = None  # whose datagrams are served; None: anyone's
    _failures = 0  # in a row
    _finds = 0  # of a modem that fell silent, in a row
    _overslept = False  # it missed its times to wake: it does not sleep
    _rung = ""  # of the ladder, on the way up
    _hurried = False  # the last pause was cut short
    _doubted = False  # the modem said something that may concern the link
    _damaged = 0  # datagrams, as the modem counts them
    _checked_at = 0  # when the modem was asked whether the network is there

    def __init__(
        self,
        modem: "Modem",
        port: int,
        apn: str,
        log: "Log | None",
        edrx_s: "float | None",
        reset: "Callable[[], None] | None",
    ) -> None:
        ConnectionState.__init__(self, log)
        self._modem = modem
        self._port = port
        self._apn = apn
        self._edrx_s = edrx_s
        self._reset = reset
        self._recovered_by: "dict[str, int]" = {}  # how often each rung led back to SERVING
        # what the sockets of this connection counted
        self._counts = {"dropped": 0, "reread": 0, "found_without_urc": 0, "empty": 0}
        self._left_over: "list[tuple[bytes, str, int]]" = []  # of a socket that is closed

    async def _keep_open(self) -> None:
        """Climb, serve, and after each failure pause and climb again, until cancelled.

        Ends, with ``_error`` set, by ModemClosed, and by InvalidValue where it attaches or opens:
        a demand that this modem can never meet.
        """
        self._modem.on_hint = self._on_hint
        failure: "Exception | None" = None
        climbing = False
        try:
            while True:
                try:
                    if failure:
                        await self._answer(failure)
                        failure = None
                    if self.state != "SERVING":
                        climbing = True
                        await self._climb()
                        climbing = False
                    await self._serve()
                except Exception as error:  # also what should never be raised: a stray one
                    if isinstance(error, ModemClosed) or (
                        climbing
                        and isinstance(error, InvalidValue)
                        and self.state in ("ATTACHING", "OPENING")
                    ):
                        raise
                    climbing = False
                    if failure:  # one that comes at once, again and again, must let others run
                        await sleep_ms(_FIRST_PAUSE_MS)
                    failure = error
        except Exception as error:
            self._error = error
            self.reason = text_of(error)
        finally:
            self._modem.on_hint = None
            answers = self.state == "SERVING"
            self._enter("CLOSED")
            await self._drop_socket(answers)  # what it still holds is lost with it: count that
            if self._left_over:
                self._add("dropped", len(self._left_over))
            self._ending.set()

    # --- up --------------------------------------------------------------------------------------
    async def _climb(self) -> None:
        modem = self._modem
        rung = self._rung
        if self._socket:  # of a modem that fell silent: it still has it, and what it holds
            try:
                await modem.find()
            except ModemRestarted:
                self._note_failure(DatagramLost(_DATA_LOST))
            if not self._socket.lost:
                self._finds += 1
                self._rung = "find"
                self._served()
                return
            await self._drop_socket(True)
        started = self.state in ("IDLE", "SLEEPING") or rung not in ("", "attach")
        if started:
            if rung == "reset" and self._reset:
                self._reset()
            self._enter("STARTING")
            if rung == "power_cycle":
                await modem.power_cycle()
            await modem.start()
            if rung == "restart_radio":
                await modem.restart_radio()
        self._enter("ATTACHING")
        await modem.attach(self._apn, _ATTACH_TIMEOUT_MS)
        if started:
            await self._settle_power_saving()
        self._enter("OPENING")
        self._loss = None
        self._damaged = modem.damaged
        self._socket = socket = await modem.open_udp(self._port)
        if self._network and not socket.tells_sender:
            raise InvalidValue("this modem tells no senders: accept_from=None serves anyone")
        socket.on_loss = self._wake.set
        if "SERVING" in self._seconds:
            self.reopened += 1
        self._served()

    def _served(self) -> None:
        self._overslept = False
        if self._rung:
            self._recovered_by[self._rung] = self._recovered_by.get(self._rung, 0) + 1
            self._rung = ""
        self._checked_at = ticks_ms()
        self._enter("SERVING")

    async def _settle_power_saving(self) -> None:
        """Ask for eDRX, or look at what an earlier program left on; say what it means."""
        from .reachability import grant_warning, left_on_warning

        try:
            if self._edrx_s is None:
                warning = left_on_warning(*await self._modem.read_power_saving())
            else:
                asked_s = self._edrx_s or None
                self.granted_edrx_s = await self._modem.set_edrx(asked_s)
                warning = grant_warning(asked_s, self.granted_edrx_s)
        except IpCommandsError as error:  # refused: serve all the same, as far as it answers
            warning = text_of(error)
        if warning:
            self._say(warning)

    # --- serving ---------------------------------------------------------------------------------
    async def _serve(self) -> None:
        socket: "UdpSocket" = self._socket  # type: ignore[assignment]  # it is open
        while True:
            if self._left_over and not self._command:
                self._take(*self._left_over.pop(0))
                continue
            if self._loss:
                raise self._loss
            interval_ms = _CHECK_AGAIN_MS if self.state == "ATTACHING" else self._modem.check_ms
            left_ms = interval_ms - since_ms(self._checked_at)
            if self._doubted or left_ms <= 0:
                await self._check(socket)
            elif self._command:
                self._wake.clear()
                if socket.lost:
                    await self._drain(socket)
                else:
                    await wait_event_ms(self._wake, left_ms)
            else:
                try:
                    datagram = await socket.receive(min(left_ms, _RECEIVE_TIMEOUT_MS))
                except ReceiveTimeout:
                    datagram = None
                if self._age_ms() >= _HELD_MS and self.state == "SERVING":
                    # it held for a while: a failure now is a new one
                    self._failures = self._finds = 0
                    self.held += 1
                self._count(socket)
                if datagram:
                    self._take(*datagram)

    async def _check(self, socket: "UdpSocket") -> None:
        """Ask the modem whether network and data connection are still there.

        Without a network the socket stays: what the network kept comes with the network. So it
        does in PSM, where it outlasts that. Raises SocketClosed (no data connection), NotAttached
        (for long), ModemError.
        """
        if self._doubted:
            await sleep_ms(_SETTLE_MS)
            self._doubted = False
        self._checked_at = ticks_ms()
        try:
            await self._modem.check_link()
            if self.state != "SERVING":
                self._served()
        except ModemAsleep as error:
            if socket.lost:
                raise
            if self.state != "SLEEPING":
                self._enter("SLEEPING", error, "ask", self._modem.check_ms)
                self._settled.set()
        except NotAttached as error:
            if self.state != "ATTACHING":
                self._enter("ATTACHING", error, "ask", _CHECK_AGAIN_MS)
                self._note_failure(error)
            elif self._age_ms() >= _PATIENCE_MS:
                raise

    # --- down ------------------------------------------------------------------------------------
    async def _answer(self, error: Exception) -> None:
        """Do what a failure asks for, and return when it is time to climb again."""
        modem = self._modem
        silent = isinstance(error, ModemTimeout)
        if silent and not self._overslept and modem.sleep_is_due():
            error = ModemAsleep("silent: in PSM by now")
        if isinstance(error, ModemAsleep):
            # silent for another reason, it still holds what came for the old socket
            self._loss = error
            try:
                answers = await self._sleep(error)
            except ModemRestarted:  # to wake is to boot, with some
                answers = False
            await self._drop_socket(answers)
            return
        if not isinstance(error, IpCommandsError):
            error = IpCommandsError(text_of(error))
        failures = self._failures = min(self._failures + 1, _MOST_FAILURES)
        if isinstance(error, ModemError) and failures < 2:
            failures = 2  # the modem itself is in doubt
        elif isinstance(error, NotAttached) and failures > 1:
            failures += 1  # nothing is wrong with the modem but that it does not register
        if not self._reset:
            failures = min(failures, _LAST_WITHOUT_RESET)
        while failures not in LADDER:
            failures -= 1
        step = self._rung = LADDER[failures]
        socket = self._socket
        keeps = silent and socket and self._finds < _FINDS and step != "reset"
        if keeps:
            step = "find"
        pause_ms = min(_FIRST_PAUSE_MS << (self._failures - 1), _LONGEST_PAUSE_MS)
        pause_ms += pause_ms * (ticks_ms() & 63) >> 8  # not all devices of a fleet at once
        self._enter("WAITING", error, step, pause_ms)
        self._note_failure(error)
        if not keeps:
            if silent and socket:
                socket.dropped += 1  # or none, or more: nobody can ask it
            await self._drop_socket(not isinstance(error, ModemError))
        self._wake.clear()
        self._hurried = await wait_event_ms(self._wake, pause_ms)
        if self._hurried:
            await sleep_ms(_FIRST_PAUSE_MS)

    async def _sleep(self, error: ModemAsleep) -> bool:
        """Stay down with the modem until its periodic update, or a wish to send, wakes it.

        Returns whether it woke by itself: then it answers.
        """
        modem = self._modem
        self._enter("SLEEPING", error, "wake", modem.sleep_ms())
        self._rung = ""
        self._doubted = False
        self._wake.clear()
        words = 0
        for _ in range(_MISSED_WAKES):
            while True:
                self._age_ms()
                left_ms = modem.sleep_ms() - _WAKE_SPARE_MS
                if not self._wanted and not await wait_event_ms(self._wake, min(left_ms, _DAY_MS)):
                    if left_ms > _DAY_MS:
                        continue
                    break
                words += 1
                if not self._doubted or words > _LAST_WORDS:
                    return False
                self._wake.clear()
                await sleep_ms(_SETTLE_MS)  # it may have been its last word
                self._doubted = False
                if await modem.is_awake():
                    return True
            for _ in range(_WAKE_POLLS):  # about now it wakes, maybe without a word
                if await modem.is_awake():
                    return True
                if await wait_event_ms(self._wake, _WAKE_POLL_MS):
                    return False
        self._overslept = True
        return False

    async def _drain(self, socket: "UdpSocket") -> None:
        """Keep what came through a socket that is lost; then the loss is heard."""
        try:
            while True:
                datagram = await socket.receive(0)
                if len(self._left_over) < _LEFT_OVER:
                    self._left_over.append(datagram)
                else:
                    socket.dropped += 1
        except ReceiveTimeout:
            pass
        except Exception as error:
            self._loss = error

    async def _drop_socket(self, answers: bool) -> None:
        socket = self._socket
        self._socket = None
        if socket:
            if answers or socket.lost:
                await self._drain(socket)
            try:
                await socket.close()
            except Exception as error:  # it is gone either way
                self._say("close: " + text_of(error))
            await self._drain(socket)  # what had come unasked
            self._count(socket)

    def _count(self, socket: "UdpSocket") -> None:
        """Take over the socket's counters; report what it, or the line to the modem, lost."""
        damaged = self._modem.damaged
        if damaged != self._damaged:
            self._damaged = damaged
            self._note_failure(DatagramLost("a datagram came damaged"))
        for name in self._counts:
            count = getattr(socket, name, 0)
            if count:
                setattr(socket, name, 0)
                self._add(name, count)

    def _add(self, name: str, count: int) -> None:
        self._counts[name] += count
        if name == "dropped":
            self._note_failure(DatagramLost("%d datagrams are lost, or may be" % count))

    # --- what others tell ------------------------------------------------------------------------
    def _on_hint(self) -> None:
        """The modem said something that may concern the link: look, now.

        Of two pauses after failures one is cut short, no more: a modem may say so each second.
        """
        self._doubted = True
        if self.state != "WAITING" or not self._hurried:
            self._wake.set()
        if self._socket:
            self._socket.interrupt()
