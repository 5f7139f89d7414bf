"""The life of a modem: tables of a family, start from any state, boot, power-off, end.

Sources: ITU-T V.250, 3GPP TS 27.007; whatever a vendor does differently is written, with its
document, in the family's file.
"""

import asyncio

from ..device.errors import (
    CommandError,
    InvalidValue,
    ModemAsleep,
    ModemClosed,
    ModemError,
    ModemRestarted,
    ModemTimeout,
    SocketClosed,
)
from ..device.portable import (
    const,
    since_ms,
    sleep_ms,
    ticks_ms,
    wait_event_ms,
)
from . import finder
from .at_answers import fields_of, number_of, text_of
from .at_channel import AtChannel
from .modem_socket import SocketOwner

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from ..device.interfaces import ByteStream, Log, PowerKey
    from .at_channel import UrcHandler
    from .at_parser import RawRule
    from .modem_socket import ModemSocket

# how long a modem that is well may be silent (Quectel's +QIACT, Telit's #SGACT)
_LONGEST_COMMAND_MS = const(150000)
_START_TRIES = const(3)
_POWER_KEY_TRIES = const(2)
_OFF_TO_ON_MS = const(2500)
_LATE_BOOT_LINE_MS = const(60000)
_COMMAND_TRIES = const(6)  # of a command that is refused while the modem still boots
_POWER_OFF_PROBE_MS = const(5000)
_BOOTED = const("the modem has booted: start it again")
_DOWN = const("the modem was restarted, or switched off: open a new socket")
_ENDED = const("the stream to the modem has ended")


class ModemCore(SocketOwner):
    """Start, sockets and end of a modem; AtModem adds what TS 27.007 lets a host ask for.

    stream: a ByteStream to the modem's AT port. model: one of the family's names. power_key: async
    callable that pulses PWRKEY; used only after the modem stayed silent, because the same pulse
    switches a running modem off. log: takes one line of text per line on the wire. setup: commands
    of your own (without ``AT``) that ``start`` sends, such as ``"+CNMP=38"``. poll_ms: how often
    an open socket asks for data that the modem did not report. usb: True when the AT port is one
    of the modem's USB interfaces instead of its UART.
    """

    # --- what a family's file fills in -----------------------------------------------------------
    MODELS: "tuple[tuple[str, bool, int], ...]"
    """(name, has PSM and eDRX, longest time to boot in ms) per model."""
    RAW_RULES: "tuple[RawRule, ...]" = ()
    BOOT_LINES: "tuple[bytes, ...]" = (b"RDY",)
    """Lines that begin a boot."""
    LATE_BOOT_LINES: "tuple[bytes, ...]" = ()
    """Lines that a booting modem prints some seconds after it began to answer."""
    POWER_DOWN_LINES: "tuple[bytes, ...]" = (
        b"POWERED DOWN",
        b"NORMAL POWER DOWN",
        b"POWER DOWN",
    )
    INIT: "tuple[str, ...]" = ("E0", "+CMEE=1")
    """Commands that must succeed at each start."""
    INIT_OPTIONAL: "tuple[str, ...]" = ()
    """Commands that some firmwares refuse, without harm."""
    CONTEXT = 1
    """<cid> of the data connection."""
    POWER_OFF = "+CPOWD=1"
    POWER_OFF_FINALS: "tuple[bytes, ...]" = (b"OK",)
    POWER_OFF_MS = 65000
    SILENT_OFF_MS = 0
    """How long a silent modem may still be shutting down, unless it says that it is done."""
    PSM_LINES: "tuple[bytes, ...]" = ()
    """Lines with which a modem that takes its sockets along goes to sleep in PSM. When that is due
    by the granted timers, ``POWER_DOWN_LINES`` mean it as well."""
    RESET = "+CFUN=1,1"
    """Restarts the modem where no power key is wired."""

    on_hint: "Callable[[], None] | None" = None
    """Called when the modem says something that concerns the link; set by a connection."""
    check_ms = 300000
    """How often ``check_link`` is asked while all is well."""
    _expects_boot = False

    def __init__(
        self,
        stream: "ByteStream",
        model: str,
        power_key: "PowerKey | None" = None,
        log: "Log | None" = None,
        setup: "tuple[str, ...]" = (),
        poll_ms: int = 60000,
        usb: bool = False,
    ) -> None:
        names = []
        for row in self.MODELS:
            names.append(row[0])
            if row[0].lower() == model.lower():
                break
        else:
            raise InvalidValue("unknown model %r: give one of %s" % (model, ", ".join(names)))
        self.model, self.has_power_saving, self.boot_ms = row
        self.poll_ms = poll_ms
        self._sockets = [None] * self.CONNECTIONS
        self.usb = usb
        self.at = AtChannel(
            stream,
            self.RAW_RULES,
            self._urc_handlers(),
            self.BOOT_LINES + self.LATE_BOOT_LINES + self.POWER_DOWN_LINES + self.PSM_LINES,
            self._on_life,
            self._on_end,
            log,
        )
        self._power_key = power_key
        if "+CMEE" in " ".join(setup).upper():
            raise InvalidValue("setup: leave +CMEE to the driver")
        self._setup = setup
        self._booted_at = ticks_ms()
        self._boot_seen = asyncio.Event()
        self._powered_down = asyncio.Event()

    if _TYPE_CHECKING:

        async def restart_radio(self) -> None: ...

    # --- start and end ---------------------------------------------------------------------------
    async def start(self) -> None:
        """Bring the modem from any state to answering: power key if silent, echo off, URCs on.

        Works on a modem that is off, booting, asleep in PSM, running with echo on and sockets
        open, at a data prompt, or with half a command typed. Sockets of before are gone then. A
        prompt that waits for a count of bytes cannot be left: the modem is switched off and on,
        or, without a power key, the message of before is filled up with CRs and sent.
        Raises ModemTimeout, CommandError, ModemRestarted (it keeps booting), ModemClosed.
        """
        self._lose_sockets(SocketClosed, _DOWN)
        self.at.on_heard = None
        self.at.start()
        for attempt in range(_START_TRIES):
            await self._find()
            try:
                await self._set_up()
                self._ready = True
                return
            except (ModemRestarted, ModemTimeout):  # it booted, with or without saying so
                if attempt == _START_TRIES - 1:
                    raise

    async def find(self) -> None:
        """Get a silent modem to answer; what is set up in it, and its sockets, stay.

        The power key is pressed only after ``_LONGEST_COMMAND_MS`` of silence or nonsense: a modem
        that is busy would be switched off, with all that it holds. Raises ModemTimeout;
        ModemRestarted when that took a boot; ModemClosed.
        """
        self.at.busy = True
        if await self._find():
            self._on_boot(b"")
            raise ModemRestarted(_BOOTED)

    async def power_cycle(self) -> None:
        """Switch the modem off and on, also one that answers; ``start`` comes next.

        One that refuses gets the pulse that switches it off. Without a power key the modem is told
        to restart; where it refuses that, too, the radio goes off and on. Raises ModemError.
        """
        try:
            if self._power_key:
                await self.power_off()
            else:
                await self.at.command(self.RESET, timeout_ms=15000)
        except CommandError:  # the start that follows would leave it on: it answers
            if self._power_key:
                await self._power_key()
                await wait_event_ms(self._powered_down, self.POWER_OFF_MS)
            else:
                await self.restart_radio()
        except ModemError:
            pass  # it is silent: the start that follows presses the key, or finds the end
        await sleep_ms(_OFF_TO_ON_MS)

    async def _find(self) -> bool:
        """Get AT answered: by asking, by the ways out of strange states, then by PWRKEY.

        Returns whether it booted meanwhile.
        """
        self._expects_boot = True
        self._boot_seen.clear()
        began = ticks_ms()
        try:
            # with a key, rather off and on than send what nobody wrote
            ways = len(finder.WAYS) - (self._power_key is not None)
            while not await self.is_awake(ways):
                ways = 0
                # a pulse would switch a busy one off, which may have been quiet before, until a
                # poll; one that talks for its longest command, and answers nothing, is not busy
                silent_ms = max(self.at.silent_ms() - self.poll_ms, since_ms(began))
                if silent_ms >= _LONGEST_COMMAND_MS or not (self._power_key and self.at.busy):
                    break
            else:
                return self._boot_seen.is_set()
            if self._power_key or self._boot_seen.is_set():
                for _ in range(_POWER_KEY_TRIES):
                    if not self._boot_seen.is_set():
                        self._powered_down.clear()
                        await self._power_key()  # type: ignore[misc]  # there is one
                    if await self._boots():
                        return True
                if await self.is_awake(len(finder.WAYS)):
                    return True
            raise ModemTimeout("", self.boot_ms)
        finally:
            self._expects_boot = False

    async def _boots(self) -> bool:
        """Wait for the first answer after PWRKEY; False when the pulse switched the modem off."""
        began_at = ticks_ms()
        while since_ms(began_at) < self.boot_ms:
            await wait_event_ms(self._boot_seen, 1000)
            if self._powered_down.is_set():
                await sleep_ms(_OFF_TO_ON_MS)
                return False
            if await self.is_awake():
                return True
        return False

    def is_awake(self, ways: int = 0) -> "Coroutine[Any, Any, bool]":
        """Ask a modem whether it answers, without waking it. Raises ModemClosed.

        ways: how many of ``finder.WAYS`` are tried, 0: AT alone.
        """
        return finder.answers(self.at, ways)

    async def _set_up(self) -> None:
        self._booted_at = self.used_at = ticks_ms()
        for text in self.INIT:
            await self._insist(text)
        for text in self.INIT_OPTIONAL:
            await self._try(text)
        for text in self._setup:
            await self._insist(text)
        await self._close_stale()

    async def _insist(self, text: str) -> None:
        """Send a command that a modem may refuse while it is still booting."""
        for _ in range(_COMMAND_TRIES - 1):
            if await self._try(text):
                return
            await sleep_ms(1000)
        await self.at.command(text)

    async def _twice(self, ask: "Any", *what: "Any") -> bool:
        """Ask again before a no is believed: a line may be lost, or the modem busy."""
        if await ask(*what):
            return True
        await sleep_ms(1000)
        return bool(await ask(*what))

    async def _try(self, text: str, timeout_ms: int = 5000) -> bool:
        """Send a command that may be refused; return whether it was not."""
        try:
            await self.at.command(text, timeout_ms=timeout_ms)
            return True
        except CommandError:
            return False

    async def _ask(
        self, text: str, prefix: "bytes | None" = b"", timeout_ms: int = 5000
    ) -> "list[bytes]":
        """Send a command; return the lines of its answer, none where the modem refuses it.

        prefix: how these lines begin; not given: with the command's name and a colon.
        """
        if prefix == b"":
            prefix = text.split("?")[0].split("=")[0].encode() + b":"
        try:
            return await self.at.command(text, prefix, timeout_ms)
        except CommandError:
            return []

    async def _ask_fields(self, text: str, timeout_ms: int = 5000) -> "list[list[str]]":
        """Ask; return the fields of each line."""
        return list(map(fields_of, await self._ask(text, b"", timeout_ms)))

    async def power_off(self) -> None:
        """Switch off the clean way: the modem detaches, so the network stops paging it.

        Returns when it is off: its supply may be cut then. Raises ModemTimeout, CommandError,
        ModemClosed.
        """
        self._lose_sockets(SocketClosed, _DOWN)
        self._powered_down.clear()
        await self.at.command(self.POWER_OFF, timeout_ms=15000, finals=self.POWER_OFF_FINALS)
        if b"OK" not in self.POWER_OFF_FINALS:
            return
        # Some firmwares print no line at the end: then silence tells.
        for _ in range(self.POWER_OFF_MS // _POWER_OFF_PROBE_MS):
            if await wait_event_ms(self._powered_down, _POWER_OFF_PROBE_MS):
                return
            try:
                await self.at.command("", timeout_ms=1000)
            except ModemTimeout:
                await wait_event_ms(self._powered_down, self.SILENT_OFF_MS)
                return
            except ModemError:
                pass
        raise ModemTimeout(self.POWER_OFF, self.POWER_OFF_MS)

    async def close(self) -> None:
        """Stop the reader and close the stream; the modem itself stays as it is."""
        await self.at.close()

    async def _check_alive(self, socket: "ModemSocket") -> None:
        """Raise SocketClosed, or ModemRestarted, when the modem says twice that a socket is gone.

        Twice: the line that tells of it may have been lost.
        """
        if await self._twice(self._has_socket, socket):
            return
        await self._check_set_up()
        raise socket.gone()

    async def _check_set_up(self) -> None:
        """Raise ModemRestarted when it has booted and nobody heard: start() had set +CMEE=1."""
        self._check_ready()
        if await self._ask_fields("+CMEE?") in ([["0"]], [["2"]]):
            self._on_boot(b"")
            raise ModemRestarted(_BOOTED)

    # --- what the modem says by itself -----------------------------------------------------------
    @property
    def garbage(self) -> int:
        """Count of what the modem said that nobody could read."""
        return self.at.strays + self.at.parser.damaged + self.at.parser.dropped_lines

    @property
    def damaged(self) -> int:
        """Datagrams that lost or gained bytes on their way from the modem."""
        return self.at.parser.damaged

    def line_health(self) -> "dict[str, int]":
        """Return the counters of the line to the modem: see ``IpCommandClient.health``."""
        at = self.at
        return {
            "damaged": at.parser.damaged,
            "strays": at.strays,
            "handler_errors": at.handler_errors,
            "log_errors": at.log_errors,
            "memory_errors": at.memory_errors,
            "uart_overruns": getattr(at.stream, "overruns", 0),
        }

    def _hint(self) -> None:
        if self.on_hint and self._ready:
            self.on_hint()

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        """Return ((prefix, handler), ...); a family puts its own in front."""
        return ((b"+CGEV: ", self._on_packet_event),)

    def _on_packet_event(self, rest: bytes, payload: "bytes | None") -> None:
        # TS 27.007 section 10.1.19; only seen where +CGEREP is on
        words = text_of(rest).split()  # NW or ME, what, how, <cid>
        if words[1] == "PDN" and number_of(words[3].split(",")[0]) != self.CONTEXT:
            return  # another one's
        if words[-1] == "DETACH" or words[2:3] == ["DEACT"]:
            self._lose_connection(text_of(rest))
        self._hint()

    def _on_life(self, line: bytes) -> bool:
        """The modem boots, goes down or sleeps; True: it booted, and nobody expected it."""
        down = line in self.POWER_DOWN_LINES
        if down:
            self._powered_down.set()
        # a BG96 says of PSM, too, that it goes down (PSM Application Note)
        if line in self.PSM_LINES or (down and self.sleep_is_due()):
            self._on_psm()
        elif down:
            self._lose_sockets(ModemRestarted, "the modem went down: start it again")
        elif line not in self.LATE_BOOT_LINES or since_ms(self._booted_at) >= _LATE_BOOT_LINE_MS:
            return self._on_boot(line)
        return False

    def _on_psm(self) -> None:
        """The modem sleeps in PSM, and has taken its sockets along."""
        self._lose_sockets(ModemAsleep, "in PSM: nothing is sent")

    def _on_boot(self, line: bytes) -> bool:
        """Note a boot; True when nobody expected it, which fails the command in flight."""
        if line in (b"0", b"2") and not self._ready:
            return False  # +CMEE before it is set up
        self._booted_at = ticks_ms()
        self._boot_seen.set()
        if self._expects_boot:
            return False
        if self.on_hint:  # also one that slept
            self.on_hint()
        self._lose_sockets(ModemRestarted, _BOOTED)
        return True

    def _on_end(self) -> None:
        self._lose_sockets(ModemClosed, _ENDED)
