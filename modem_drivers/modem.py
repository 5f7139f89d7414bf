"""What 3GPP lets a host ask of every modem: attach, power saving, identity, signal, time.

Sources: 3GPP TS 27.007 sections 5.1 to 5.4 (identity), 7.38 (PSM), 7.40 and 7.41 (eDRX), 8.2
(+CFUN), 8.3 (+CPIN), 8.5 (+CSQ), 8.15 (+CCLK), 8.69 (+CESQ), 10.1.1 (+CGDCONT), 10.1.10 (+CGACT),
10.1.22 (+CEREG).
"""

import asyncio

from ..device import power_saving
from ..device.errors import (
    CommandError,
    InvalidValue,
    ModemTimeout,
    NotAttached,
    NotSupported,
)
from ..device.portable import (
    const,
    since_ms,
    sleep_ms,
    ticks_add,
    ticks_diff,
    ticks_ms,
    wait_event_ms,
)
from . import at_answers
from .at_answers import level_of, number_of, text_of
from .modem_core import ModemCore

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .at_channel import UrcHandler

# <stat> of +CEREG
_NOT_REGISTERED = const(0)
_DENIED = const(3)
_MOVING = const((2, 3))  # searching, denied: in all others the modem waits for something
_ACT_NB_IOT = const(9)

_SEARCH_MS = const(180000)  # +COPS=0 and +CGATT=1 take no longer (most vendors: 180 s and 140 s)
_SIM_WAIT_MS = const(20000)
_REGISTRATION_POLL_MS = const(3000)
_ASK_WHY_MS = const(6000)  # not searching for so long: somebody told it not to
_DENIED_MS = const(15000)  # a roaming SIM may be denied by one network and served by the next
_RADIO_STARTS_MS = const(20000)  # a Sequans modem's answers were seen to come 8 s late meanwhile
_GRANT_POLLS = const(11)  # for 10 s
_GRANT_POLL_MS = const(1000)
_SHORTEST_ACTIVATE_MS = const(6000)
_LONGEST_TIMEOUT_MS = const(86400000)


class AtModem(ModemCore):
    """Base of all families' drivers; a ``Modem``. Arguments: see ModemCore."""

    REGISTRATION: "tuple[str, ...]" = ("+CEREG",)
    """Registration commands to ask: +CEREG first, and +CGREG where the modem has 2G or 3G too."""
    REGISTRATION_MODES: "tuple[int, ...]" = (5, 4, 2, 1)
    """<n> of +CEREG to try: 4 and 5 show the granted PSM timers, 5 also the reject cause."""
    PSM_OFF_FIRST = False
    """True: the network is asked only when +CPSMS changes from 0 to 1."""
    RADIO_MS = 20000
    """Longest time that +CFUN takes: TS 27.007 gives no limit, most vendors 15 s."""
    ICCID: "tuple[str, bytes | None]" = ("+CCID", b"+CCID:")
    """Command for the SIM's number and prefix of its answer (None: bare digits)."""
    CLOCK = ("+CCLK?", b"+CCLK:")
    """Command for the time, and prefix of its answer."""
    clock_is_utc = False
    """Set it where a firmware's clock shows UTC beside the zone, instead of local time: nothing in
    the answer tells (a SARA-R410M at Telstra: arduino-libraries/MKRNB issue 28)."""

    ACTIVE = "+CGACT"
    """Command that tells (``+CGACT?``) which data connections are active."""
    ACTIVATE = "+CGACT=1,%d"
    """Activates the data connection of ``CONTEXT``."""
    ACTIVATE_MS = 150000
    """Longest time that this takes (TS 27.007 gives no limit; Quectel and Telit)."""

    registration = 0
    """<stat> of the last +CEREG."""
    access_technology: "int | None" = None
    """<AcT> of the last +CEREG that told it."""
    _sim_lost = False
    _changed: "asyncio.Event | None" = None  # there while somebody waits for a +CEREG
    _reject_cause: "int | None" = None
    _timers = ("", "")  # T3324 and T3412 bits of the last +CEREG that told them
    _edrx: "power_saving.Edrx | None" = None

    async def _set_up(self) -> None:
        await super()._set_up()
        for mode in self.REGISTRATION_MODES:
            if await self._try("+CEREG=%d" % mode):
                break

    def _urc_handlers(self) -> "tuple[tuple[bytes, UrcHandler], ...]":
        return (
            (b"+CEREG:", self._on_registration),
            (b"+CPIN: ", self._on_sim),
            (b"+CEDRXP:", self._on_edrx),
        ) + super()._urc_handlers()

    # --- attach ----------------------------------------------------------------------------------
    async def attach(self, apn: str, timeout_ms: int) -> None:
        """Register with a network and bring the data connection up.

        Raises NotAttached (with the last reason and its number), InvalidValue, ModemError.
        """
        if not 0 < len(apn) <= 100 or '"' in apn or apn != text_of(apn.encode()):
            raise InvalidValue("APN %r: give 1 to 100 printable letters, no quotes" % apn)
        await self._check_set_up()
        deadline = ticks_add(ticks_ms(), min(timeout_ms, _LONGEST_TIMEOUT_MS))
        await self._wait_sim(deadline)
        await self._define_context(apn)
        await self._wait_registered(deadline)
        await self._connect(apn, deadline)

    async def _wait_sim(self, deadline: int) -> None:
        began_at = ticks_ms()
        limit_ms = min(_SIM_WAIT_MS, ticks_diff(deadline, began_at))
        woken = False
        while True:
            reason = "no answer"
            try:
                for line in await self.at.command("+CPIN?", b"+CPIN:"):
                    reason = text_of(line).strip()
                if reason in ("READY", "SIM PIN2", "SIM PUK2"):  # PIN2: for other things, 8.3
                    return
                if reason.startswith(("SIM P", "PH-")):
                    raise NotAttached("the SIM is locked (+CPIN: %s): switch that off" % reason)
            except CommandError as error:  # 10, 13, 14 while the SIM starts
                reason = error.result
            if not woken:
                woken = True
                # minimum functionality, in which many modems keep the SIM off
                if await self._read_number("+CFUN?", _RADIO_STARTS_MS) == 0:
                    await self._set_radio(4)
            if since_ms(began_at) >= limit_ms:
                raise NotAttached("the SIM is not ready: AT+CPIN? -> %s" % reason)
            await sleep_ms(1000)

    async def _set_radio(self, fun: int) -> None:
        """Set <fun>: 1 full functionality, 4 radio off."""
        await self.at.command("+CFUN=%d" % fun, timeout_ms=self.RADIO_MS)
        if fun != 1:
            self.registration = _NOT_REGISTERED

    async def _define_context(self, apn: str) -> None:
        """Set the APN where it differs, with the radio off: LTE uses it when it attaches."""
        same = False
        for fields in await self._ask_fields("+CGDCONT?"):
            if number_of(fields[0]) == self.CONTEXT and len(fields) > 2:
                name = fields[2].lower()
                # networks append .mnc004.mcc204.gprs (TS 23.003 section 9)
                same = fields[1] == "IP" and (name + ".").startswith(apn.lower() + ".")
        on = await self._read_number("+CFUN?", _RADIO_STARTS_MS) == 1
        if not same:
            if on:
                await self._set_radio(4)
            await self.at.command('+CGDCONT=%d,"IP","%s"' % (self.CONTEXT, apn))
        if not (same and on):
            await self._set_radio(1)

    async def restart_radio(self) -> None:
        """Switch the radio off and on: the modem searches and registers anew.

        After a denial with cause 3, 6, 7 or 8 the SIM counts as invalid until then (TS 24.301
        section 5.5.1.2.5). Raises CommandError, ModemError.
        """
        await self._set_radio(4)
        await self._set_radio(1)

    async def _ask_why(self, left_ms: int) -> None:
        """Undo what an earlier program may have left: +COPS=2, +CGATT=0. Only where it did.

        Choosing a network anew where that is not needed costs minutes of search.
        """
        limit_ms = min(left_ms, _SEARCH_MS)
        if await self._read_number("+COPS?", _RADIO_STARTS_MS) == 2:
            await self._try("+COPS=0", limit_ms)
        elif await self._read_number("+CGATT?", _RADIO_STARTS_MS) == 0:
            await self._try("+CGATT=1", limit_ms)

    async def check_link(self) -> None:
        """Ask whether network, data connection and sockets are still there.

        Raises NotAttached with the reason, SocketClosed without the others, ModemError.
        """
        await self._check_set_up()
        if not await self._twice(self._read_registration):
            raise NotAttached(at_answers.registration_text(self.registration, self._reject_cause))
        if self._sim_lost:
            await self._wait_sim(ticks_ms())
            self._sim_lost = False
        if not await self._twice(self._is_connected):
            raise self._lose_connection(self.ACTIVE)
        for socket in self._sockets:  # a read of one that is gone may say "nothing"
            if socket and socket.opened and not socket.lost:
                await self._check_alive(socket)

    async def _is_connected(self) -> bool:
        """Tell whether the data connection is up: ``<CONTEXT>,1`` in the answer to ``ACTIVE?``."""
        for fields in await self._ask_fields(self.ACTIVE + "?"):
            if fields[:2] == [str(self.CONTEXT), "1"]:
                return True
        return False

    def sleep_ms(self) -> int:
        """Return how long a modem in PSM sleeps on: its periodic update wakes it.

        Whatever it says from now on, until it is started, is a hint: it does not sleep.
        """
        self.at.on_heard = self.on_hint
        granted = self._granted_psm()
        if granted is None:
            return 0
        period_ms = 1000 * granted[1]
        left_ms: int = period_ms - since_ms(self.used_at) % period_ms
        return left_ms

    def sleep_is_due(self) -> bool:
        """Whether a modem that is silent sleeps in PSM, by the timers that were granted."""
        granted = self._granted_psm()
        return granted is not None and since_ms(self.used_at) >= 1000 * granted[0]

    async def read_power_saving(self) -> "tuple[float | None, tuple[int, int] | None]":
        """Return the eDRX cycle and the PSM timers (T3324, T3412) that are in use, in seconds."""
        if not self.has_power_saving:
            return None, None
        edrx = await self._read_edrx()
        return (edrx[2] if edrx else None), self._granted_psm()

    async def _wait_registered(self, deadline: int) -> None:
        began_at = not_denied_at = ticks_ms()
        asked = False
        while not await self._read_registration():
            left_ms = ticks_diff(deadline, ticks_ms())
            if self.registration != _DENIED:
                not_denied_at = ticks_ms()
            if not asked and self.registration not in _MOVING:
                if since_ms(began_at) >= _ASK_WHY_MS:
                    asked = True
                    await self._ask_why(max(1000, left_ms))
                    not_denied_at = ticks_ms()
                    continue
            if left_ms <= 0 or since_ms(not_denied_at) >= _DENIED_MS:
                raise NotAttached(
                    at_answers.registration_text(self.registration, self._reject_cause)
                )
            changed = self._changed = asyncio.Event()
            await wait_event_ms(changed, min(left_ms, _REGISTRATION_POLL_MS))

    async def _read_registration(self) -> bool:
        """Ask for the registration, in each domain that the modem has; True when there is one."""
        for command in self.REGISTRATION:
            for line in await self._ask(command + "?"):
                if command == self.REGISTRATION[0]:
                    self._on_registration(line, None)
                state = at_answers.registration_of(line)
                if state is None:
                    continue
                registered = state[0] in at_answers.REGISTERED
                if registered or self.registration not in _MOVING:  # 2G or 3G says more
                    self.registration = state[0]
                if registered:
                    return True
        return False

    async def _connect(self, apn: str, deadline: int) -> None:
        """Bring the data connection up. LTE's first context comes with attach."""
        left_ms = ticks_diff(deadline, ticks_ms())
        await self._activate(max(_SHORTEST_ACTIVATE_MS, min(self.ACTIVATE_MS, left_ms)))

    async def _activate(self, timeout_ms: int) -> None:
        """Activate the data connection unless it is active. Raises NotAttached, ModemError."""
        is_up = self._is_connected
        if not await is_up():
            await self._bring_up(is_up, self.ACTIVATE % self.CONTEXT, timeout_ms)

    async def _bring_up(
        self,
        is_up: "Callable[[], Awaitable[bool]]",
        text: str,
        timeout_ms: int,
        then: "bytes | None" = None,
        good: str = "",
    ) -> None:
        """Send the command that activates. Raises NotAttached, ModemError.

        is_up: tells whether it is, where the command fails. then: how the line begins that tells
        what became of it, with a field ``good`` if it worked.
        """
        try:
            lines = await self.at.command(text, timeout_ms=timeout_ms, then=then)
            if then is None or good in at_answers.fields_of(lines[-1]):
                return
            reason = "AT%s -> %s%s" % (text, text_of(then), text_of(lines[-1]))
        except (CommandError, ModemTimeout) as error:
            if await is_up():
                return
            reason = str(error)
        raise NotAttached("no data connection: %s" % reason)

    def _on_registration(self, rest: bytes, payload: "bytes | None") -> None:
        state = at_answers.registration_of(rest)
        if state is None:
            return
        before = self.registration in at_answers.REGISTERED
        self.registration, act, self._reject_cause, active_bits, period_bits = state
        if before != (self.registration in at_answers.REGISTERED):
            self.used_at = ticks_ms()
            self._hint()
        if act is not None:
            self.access_technology = act
        if act is not None or active_bits:  # location without timers: no PSM; LARA-R6 prints
            self._timers = (active_bits, period_bits)  # timers without location, too
        if self._changed:
            self._changed.set()

    def _on_sim(self, rest: bytes, payload: "bytes | None") -> None:
        self._sim_lost = rest != b"READY"
        self._hint()

    def _on_edrx(self, rest: bytes, payload: "bytes | None") -> None:
        try:
            self._edrx = power_saving.parse_edrx(text_of(rest))
        except InvalidValue:
            pass  # garbled: the next poll tells

    # --- power saving ----------------------------------------------------------------------------
    async def set_edrx(self, cycle_s: "float | None") -> "float | None":
        """Ask for an eDRX cycle (None: off); return the granted cycle in seconds, None if none.

        The code above ``cycle_s`` is asked for when none fits exactly. Waits up to 10 s for the
        network's answer. Raises NotSupported, InvalidValue, ModemError.
        """
        self._check_power_saving()
        if cycle_s is None:
            await self.at.command("+CEDRXS=0")
            return None
        nb_iot = self.access_technology == _ACT_NB_IOT
        act = power_saving.EDRX_NB if nb_iot else power_saving.EDRX_WB
        bits = power_saving.edrx_bits(cycle_s, act)
        self._edrx = None
        text = '+CEDRXS=%d,%d,"%s"'
        if not await self._try(text % (2, act, bits)):
            await self.at.command(text % (1, act, bits))
        asked_s = power_saving.edrx_seconds(bits, act)
        for poll in range(_GRANT_POLLS):
            if poll:
                await sleep_ms(_GRANT_POLL_MS)
            edrx = await self._read_edrx()
            # an answer that names another request is still the one of before
            if edrx and edrx[2] is not None and edrx[1] in (asked_s, None):
                break
        return edrx[2] if edrx else None

    async def _read_edrx(self) -> "power_saving.Edrx | None":
        for line in await self._ask("+CEDRXRDP"):  # refused: the +CEDRXP URC tells, or nothing
            self._on_edrx(line, None)
        return self._edrx

    async def set_psm(
        self, active_s: "int | None", period_s: "int | None"
    ) -> "tuple[int, int] | None":
        """Ask for PSM (None, None: off); return the granted (T3324, T3412) in s, None if none.

        Waits up to 10 s for the network's answer. Once active_s have passed without traffic the
        modem sleeps: its sockets are gone and only ``start`` (with a power key) wakes it.
        Raises NotSupported, InvalidValue, ModemError.
        """
        self._check_power_saving()
        if active_s is None or period_s is None:
            await self.at.command("+CPSMS=0")
            return None
        active_bits = power_saving.t3324_bits(active_s)
        period_bits = power_saving.t3412_bits(period_s)
        await self._read_registration()
        before = self._timers
        if self.PSM_OFF_FIRST:
            await self.at.command("+CPSMS=0")
        self._timers = ("", "")
        await self.at.command('+CPSMS=1,,,"%s","%s"' % (period_bits, active_bits))
        for poll in range(_GRANT_POLLS):
            if poll:
                await sleep_ms(_GRANT_POLL_MS)
            if self._timers[0] and self._timers != before:
                break
            await self._read_registration()
            if self._timers == (active_bits, period_bits):
                break
        return self._granted_psm()

    def _granted_psm(self) -> "tuple[int, int] | None":
        try:
            active, period = power_saving.parse_psm(*self._timers)
        except InvalidValue:  # garbled, or missing: one timer alone is no PSM
            return None
        if active is None or not period:  # a period of 0 is printed where PSM is not in use
            return None
        return active, period

    def _check_power_saving(self) -> None:
        self._check_ready()
        if not self.has_power_saving:
            raise NotSupported("%s has neither PSM nor eDRX" % self.model)

    # --- information -----------------------------------------------------------------------------
    async def read_identity(self) -> "at_answers.Identity":
        """Ask the modem who it is."""
        return at_answers.Identity(
            await self._read_text("+CGSN", None, 14, 16),
            (await self._read_text(*self.ICCID, 18, 22)).rstrip("Ff"),
            await self._read_text("+CGMM", None),
            await self._read_text("+CGMR", None),
        )

    async def _read_text(self, command: str, prefix: "bytes | None", *digits: int) -> str:
        """Return what an answer says, without its prefix; "" if refused.

        digits: the least and the most of a number. Without a prefix only a line that looks like
        the answer is one: see ``at_answers.looks_like``.
        """
        for line in await self._ask(command, prefix):
            text = text_of(line).strip()
            for start in (command + ":", "Revision:"):
                if text.startswith(start):
                    text = text[len(start) :]
            text = text.strip().strip('"').split('"')[0]  # a second, empty, text may follow
            if (prefix and not digits) or at_answers.looks_like(text, *digits):
                return text
        return ""

    async def read_signal(self) -> "at_answers.Signal":
        """Ask for signal strength and quality; None for what the modem does not know."""
        rssi = await self._read_number("+CSQ")
        rsrq, rsrp = (await self._read_numbers("+CESQ") + [None] * 6)[4:6]
        return at_answers.Signal(
            level_of(rssi, 31, 2, -113), level_of(rsrp, 97, 1, -141), level_of(rsrq, 34, 0.5, -20)
        )

    async def _read_numbers(self, command: str, timeout_ms: int = 5000) -> "list[int | None]":
        """Return the fields of an answer's last line as numbers; none where it is refused."""
        numbers: "list[int | None]" = []
        for fields in await self._ask_fields(command, timeout_ms):
            numbers = list(map(number_of, fields))
        return numbers

    async def _read_number(self, command: str, timeout_ms: int = 5000) -> "int | None":
        """Return the first of these numbers."""
        numbers = await self._read_numbers(command, timeout_ms)
        return numbers[0] if numbers else None

    async def read_time(self) -> "int | None":
        """Return the network's time in seconds since 1970-01-01 UTC, None before it is known."""
        text = await self._read_text(*self.CLOCK)
        return at_answers.unix_time_of(text, self.clock_is_utc)
