"""Keeps one modem attached and one UDP socket open; knows no modem family.

What is tried against a failure is in ``LADDER``; what changes the state is in this file alone.
"""

from .connection_state import (
    ATTACHING,
    IDLE,
    OPENING,
    SERVING,
    SLEEPING,
    STARTING,
    WAITING,
    ConnectionState,
    text_of,
)
from .errors import (
    DatagramLost,
    InvalidValue,
    IpCommandsError,
    ModemAsleep,
    ModemClosed,
    ModemError,
    ModemTimeout,
    NotAttached,
    ReceiveTimeout,
)
from .portable import (
    const,
    sleep_ms,
    ticks_add,
    ticks_diff,
    ticks_ms,
    wait_event_ms,
)

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    from .interfaces import Log, Modem, UdpSocket

LADDER = (
    # (failures in a row, what is tried before the next climb); a modem that lacks it is passed by
    (1, "attach"),  # the modem is in order: attach and open again
    (2, "start"),  # find it, set it up
    (3, "restart_radio"),  # the radio off and on: registers anew
    (6, "power_cycle"),  # off and on, also a modem that answers
    (9, "reset"),  # the whole board, if the program gave ``reset``
)

# Registration may take minutes after power-on: an attach refused in haste starts a new search.
_ATTACH_TIMEOUT_MS = const(180000)
# Nothing depends on its length: the driver looks for lost hints by itself.
_RECEIVE_TIMEOUT_MS = const(60000)
_FIRST_PAUSE_MS = const(1000)
_LONGEST_PAUSE_MS = const(300000)
_HELD_MS = const(60000)  # serving for so long ends a row of failures
_CHECK_MS = const(300000)
_CHECK_AGAIN_MS = const(30000)  # while the network is lost
_SETTLE_MS = const(2000)  # a hint comes in the middle of what it hints at
_PATIENCE_MS = const(600000)  # without a network, before the ladder is climbed
_WAKE_SPARE_MS = const(90000)  # when it fell asleep is known no better than this
_WAKE_POLL_MS = const(3000)  # its active time may be as short as 2 s, but networks grant more
_MISSED_WAKES = const(2)  # then it is woken: it may be off
_LEFT_OVER = const(16)
_STRAY_MS = const(10)  # a failure that comes at once, again and again, must let others run
_FINDS = const(3)  # a modem that falls silent again and again is set up anew
_COUNTED = ("dropped", "reread", "found_without_urc", "empty")


class Connection(ConnectionState):
    """One modem's way up to a listening socket, climbed again whenever it falls down.

    ``reopened``: how often it came back to SERVING; ``granted_edrx_s``: the eDRX cycle that the
    network granted after ``edrx_s`` was asked for, else None. The rest: see ConnectionState.
    """

    def __init__(
        self,
        modem: "Modem",
        port: int,
        apn: str,
        log: "Log | None" = None,
        edrx_s: "float | None" = None,
        need_sender: bool = False,
        reset: "Callable[[], None] | None" = None,
    ) -> None:
        ConnectionState.__init__(self, log)
        self.reopened = -1  # the first opening brings it to 0
        self.busy = False
        self.granted_edrx_s: "float | None" = None
        self.recovered_by: "dict[str, int]" = {}
        """How often each rung of the ladder led back to SERVING."""
        self.counts = dict.fromkeys(_COUNTED, 0)
        """What the sockets of this connection counted."""
        self._edrx_s = edrx_s
        self._need_sender = need_sender
        self._modem = modem
        self._port = port
        self._apn = apn
        self._reset = reset
        self._failures = 0
        self._rung = ""
        self._keep = False  # the modem was silent, its socket may still be there
        self._left_over: "list[tuple[bytes, str, int]]" = []  # of a socket that is closed
        self._doubted = False
        self._checked_at = self._lost_at = ticks_ms()
        self._damaged = 0
        self._take: "Callable[[bytes, str, int], None]" = _nobody
        self._on_failure: "Callable[[Exception], None]" = _nobody

    async def run(
        self,
        take: "Callable[[bytes, str, int], None]",
        on_failure: "Callable[[Exception], None]",
    ) -> None:
        """Climb, serve, and after each failure pause and climb again, until cancelled.

        Each datagram goes to ``take(payload, host, port)``; when that sets ``busy``, the next one
        stays in the modem until ``release``. ``on_failure`` hears every failure.
        Raises ModemClosed, and InvalidValue for a demand that this modem can never meet.
        """
        self._take, self._on_failure = take, on_failure
        self._modem.on_hint = self.hint
        failure: "Exception | None" = None
        try:
            while True:
                try:
                    if failure is not None:
                        await self._answer(failure)
                        failure = None
                    else:
                        if not self._keep:
                            await self._climb()
                        await self._serve()
                except (ModemClosed, InvalidValue):
                    raise
                except Exception as caught:  # also what should never be raised: a stray one
                    if failure is not None:
                        await sleep_ms(_STRAY_MS)
                    failure = caught
        except Exception as error:
            self.error = error
            self.reason = text_of(error)
            raise
        finally:
            self._modem.on_hint = None
            self.close()
            await self._drop_socket(False)

    # --- up --------------------------------------------------------------------------------------
    async def _climb(self) -> None:
        started = self.state in (IDLE, SLEEPING) or self._rung not in ("", "attach")
        if self._rung == "reset" and self._reset:
            self._reset()
        if started:
            self._enter(STARTING)
            if self._rung == "power_cycle":
                await self._modem.power_cycle()
            await self._modem.start()
            if self._rung == "restart_radio":
                await self._modem.restart_radio()
        self._enter(ATTACHING)
        await self._modem.attach(self._apn, _ATTACH_TIMEOUT_MS)
        if started:
            await self._settle_power_saving()
        self._enter(OPENING)
        self._loss = None
        socket = await self._modem.open_udp(self._port)
        self.socket = socket
        if self._need_sender and not socket.tells_sender:
            raise InvalidValue(
                "this modem does not tell who sent a datagram, so nothing can be checked: "
                "give accept_from=None to serve anyone"
            )
        socket.on_loss = self._woken
        self.reopened += 1
        self._served()

    def _served(self) -> None:
        if self._rung:
            self.recovered_by[self._rung] = self.recovered_by.get(self._rung, 0) + 1
            self._rung = ""
        self._checked_at = ticks_ms()
        self._enter(SERVING)

    async def _settle_power_saving(self) -> None:
        """Ask for eDRX, or look at what an earlier program left on; say what it means."""
        from .reachability import grant_warning, left_on_warning

        warning = None
        try:
            if self._edrx_s is None:
                edrx_s, psm = await self._modem.read_power_saving()
                warning = left_on_warning(edrx_s, psm)
            else:
                self.granted_edrx_s = await self._modem.set_edrx(self._edrx_s or None)
                warning = grant_warning(self._edrx_s or None, self.granted_edrx_s)
        except (ModemTimeout, ModemClosed):
            raise
        except IpCommandsError as error:  # refused: serve all the same
            warning = text_of(error)
        if warning:
            self._say(warning)

    # --- serving ---------------------------------------------------------------------------------
    async def _serve(self) -> None:
        socket = self.socket
        assert socket is not None
        self._keep = False
        while True:
            if self._left_over and not self.busy:
                self._take(*self._left_over.pop(0))
                continue
            if self._loss is not None:
                raise self._loss
            now = ticks_ms()
            interval_ms = _CHECK_MS if self.state == SERVING else _CHECK_AGAIN_MS
            left_ms = interval_ms - ticks_diff(now, self._checked_at)
            if self._doubted or not 0 < left_ms <= interval_ms:
                await self._check()
                continue
            if self.busy:
                self._wake.clear()
                if getattr(socket, "lost", False):
                    await self._drain(socket)
                else:
                    await wait_event_ms(self._wake, left_ms)
                continue
            try:
                datagram = await socket.receive(min(left_ms, _RECEIVE_TIMEOUT_MS))
            except ReceiveTimeout:
                datagram = None
            if ticks_diff(ticks_ms(), self._entered_at) >= _HELD_MS and self.state == SERVING:
                self._failures = 0  # it held for a while: a failure now is a new one
            self._count(socket)
            if datagram:
                self._take(*datagram)

    async def _check(self) -> None:
        """Ask the modem whether network and data connection are still there.

        Without a network the socket stays: what the network kept comes with the network. Raises
        SocketClosed (no data connection), NotAttached (for long), ModemError.
        """
        if self._doubted:
            await sleep_ms(_SETTLE_MS)
            self._doubted = False
        self._checked_at = ticks_ms()
        try:
            await self._modem.check_link()
        except NotAttached as error:
            if self.state == SERVING:
                self._lost_at = ticks_ms()
                self.reason = text_of(error)
                self._enter(ATTACHING, self.reason)
                self._on_failure(error)
            elif ticks_diff(ticks_ms(), self._lost_at) >= _PATIENCE_MS:
                raise
        else:
            if self.state == ATTACHING:
                self._served()

    # --- down ------------------------------------------------------------------------------------
    async def _answer(self, error: Exception) -> None:
        """Do what a failure asks for, and return when it is time to climb again."""
        if isinstance(error, ModemAsleep):
            await self._sleep(error)
        else:
            await self._fall(error)
            if self.state == WAITING:
                await self._pause()

    async def _fall(self, error: Exception) -> None:
        if self._failures < 10:
            self._failures += 1
        failures = self._failures
        if isinstance(error, ModemError) and failures < 2:
            failures = 2  # the modem itself is in doubt
        elif isinstance(error, NotAttached) and failures > 1:
            failures += 1  # nothing is wrong with the modem but that it does not register
        for least, rung in LADDER:
            if failures >= least and (rung != "reset" or self._reset):
                self._rung = rung
        self.reason = text_of(error)
        if isinstance(error, ModemTimeout) and self._modem.sleep_is_due():
            await self._sleep(ModemAsleep("the modem is silent, as it should be in PSM by now"))
            return
        self._enter(WAITING, self.reason)
        self._on_failure(error)
        socket = self.socket
        if socket and isinstance(error, ModemTimeout) and await self._finds_again(socket):
            # a modem that was silent for a while still has its socket, and what that holds
            self._keep = True
            self._rung = "find"
            self._served()
        else:
            await self._drop_socket(not isinstance(error, ModemError))

    async def _finds_again(self, socket: "UdpSocket") -> bool:
        if self._failures > _FINDS:
            return False
        try:
            await self._modem.find()
        except ModemError:
            return False
        return not getattr(socket, "lost", False)

    async def _sleep(self, error: Exception) -> None:
        """Stay down with the modem until its periodic update, or a wish to send, wakes it."""
        self.reason = text_of(error)
        self._enter(SLEEPING, self.reason)
        await self._drop_socket()
        self._rung = ""
        self._wake.clear()
        if self._wanted:
            return
        for _ in range(_MISSED_WAKES):
            if await wait_event_ms(self._wake, self._modem.sleep_ms() - _WAKE_SPARE_MS):
                return
            until = ticks_add(ticks_ms(), 3 * _WAKE_SPARE_MS)
            while ticks_diff(until, ticks_ms()) > 0:  # about now it wakes, maybe without a word
                if await self._modem.is_awake() or await wait_event_ms(self._wake, _WAKE_POLL_MS):
                    return

    async def _pause(self) -> None:
        pause_ms = min(_FIRST_PAUSE_MS << (self._failures - 1), _LONGEST_PAUSE_MS)
        pause_ms += pause_ms * (ticks_ms() & 63) >> 8  # not all devices of a fleet at once
        self._wake.clear()
        await wait_event_ms(self._wake, pause_ms)
        if self._wake.is_set():
            await sleep_ms(_FIRST_PAUSE_MS)

    async def _drain(self, socket: "UdpSocket") -> None:
        """Keep what came through a socket that is lost; then the loss is heard."""
        try:
            while True:
                datagram = await socket.receive(0)
                if len(self._left_over) < _LEFT_OVER:
                    self._left_over.append(datagram)
                else:
                    self.counts["dropped"] += 1
        except ReceiveTimeout:
            pass
        except Exception as error:
            self._loss = error

    async def _drop_socket(self, answers: bool = True) -> None:
        socket = self.socket
        self.socket = None
        if socket is None:
            return
        if answers or getattr(socket, "lost", False):
            await self._drain(socket)
        self._count(socket)
        try:
            await socket.close()
        except Exception as error:  # it is gone either way
            self._say("closing the socket: %s" % text_of(error))

    def _count(self, socket: "UdpSocket") -> None:
        """Take over the socket's counters; report what it, or the line to the modem, lost."""
        damaged = getattr(self._modem, "damaged", 0)
        if damaged != self._damaged:
            self._damaged = damaged
            self._on_failure(DatagramLost("a datagram came damaged from the modem: see health()"))
        for name in _COUNTED:
            count = getattr(socket, name, 0)
            if count:
                setattr(socket, name, 0)
                self.counts[name] += count
                if name == "dropped":
                    self._on_failure(
                        DatagramLost("%d datagrams are lost: too many came at once" % count)
                    )

    # --- what others tell -----------------------------------------------------------------------
    def release(self) -> None:
        """Ask for the next datagram after ``take`` had set ``busy``."""
        self.busy = False
        self._woken()

    def hint(self) -> None:
        """The modem said something that may concern the link: look, now."""
        self._doubted = True
        self._woken()
        interrupt = getattr(self.socket, "interrupt", None)
        if interrupt:
            interrupt()

    def _woken(self) -> None:
        self._wake.set()

    def lost(self, socket: "UdpSocket", error: Exception) -> None:
        """Tell that sending found the socket gone, so that it is opened again at once."""
        if socket is self.socket:
            self._loss = error
            self._settled.clear()
            self._wake.set()


def _nobody(*_: object) -> None:
    """Take nothing: ``run`` puts the client's own functions in place."""
