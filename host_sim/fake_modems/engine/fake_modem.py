"""What every fake modem has: power, boot, a UART that can be dead, and a table of commands.

Families are classes below ``FakeModem``: their methods marked ``@at_command`` make the table. A
fake modem belongs to one running loop; everything it does happens in that loop's callbacks.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.command_table import CommandTable, at_command
from ip_commands.host_sim.fake_modems.engine.line import CommandFailed
from ip_commands.host_sim.fake_modems.engine.output import Framing
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.engine.responder import AtResponder
from ip_commands.host_sim.fake_modems.engine.settings import SettingStore
from ip_commands.host_sim.fake_modems.engine.tcp_link import TcpLink
from ip_commands.host_sim.uart.link import ModemEnd

__all__ = ["BOOTING", "OFF", "ON", "PSM", "STOPPING", "FakeModem", "at_command"]

OFF, BOOTING, ON, STOPPING, PSM = "off", "booting", "on", "stopping", "psm"
"""Power states: the UART answers in ON only (and takes bytes for nobody in the others)."""


class FakeModem(CommandTable):
    """A modem without commands; ``quirks`` are names out of the family's ``QUIRKS``.

    Implements RadioListener. Raises ValueError for an unknown quirk. ``powered=True`` means that
    it was switched on before the host came and finished booting: the UART answers at once.
    """

    QUIRKS: ClassVar[dict[str, str]] = {
        "urcs-between-lines": "URCs that come while a command runs may stand between answer lines",
        "urcs-after-result": "URCs wait until the final result of the running command",
        "urcs-lost-at-prompt": "URCs that come while data is typed at a prompt are lost",
        "own-crlf-per-line": "every answer line opens with its own CRLF",
    }

    def __init__(
        self,
        model: str,
        radio: Radio,
        quirks: Sequence[str] = (),
        seed: int = 0,
        powered: bool = True,
    ) -> None:
        for quirk in quirks:
            if quirk not in self.QUIRKS:
                known = ", ".join(sorted(self.QUIRKS))
                raise ValueError(f"{model} has no quirk {quirk!r}; it has: {known}")
        self.model = model
        self.radio = radio
        self.quirks = frozenset(quirks)
        self.random = random.Random(seed)
        self.power = OFF
        self.boots = 0
        self.datagrams_undeliverable = 0
        """Downlink datagrams for a port that no socket has, as an IP stack drops them."""
        self.muted = False
        """True: what it would say unasked is lost; for whoever makes a modem misbehave."""
        self.before_command: Callable[[Call], None] | None = None
        """Called with each command before it runs; may raise CommandFailed in its stead."""
        self.tcp_links: set[TcpLink] = set()
        """TCP connections that are not closed."""
        self._end: ModemEnd | None = None
        self._link_end: ModemEnd | None = None
        self._between: Callable[[ModemEnd], ModemEnd] | None = None
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._timers_asked = 0
        self._radio_sleeps = False
        framing = Framing(
            own_crlf_per_line="own-crlf-per-line" in quirks,
            urcs_lost_at_prompt="urcs-lost-at-prompt" in quirks,
        )
        if "urcs-between-lines" in quirks:
            framing.urcs = "between"
        elif "urcs-after-result" in quirks:
            framing.urcs = "after"
        self.at = AtResponder(self._execute, self._write, self.random, framing)
        self.make_storage()
        self.restore_profile()
        self.forget_session()
        radio.listener = self
        if powered:
            self.power = ON
            self.boots = 1
            self.boot_finished()

    # --- for the bench: UART and power -------------------------------------------------------

    def connect(self, uart_modem_end: ModemEnd) -> None:
        """Wire the modem's UART; a second call moves it to the other link."""
        if self._end is not None:
            self._end.on_received = None
        self._link_end = self._end = uart_modem_end
        if self._between is not None:
            self._end = self._between(uart_modem_end)
        self._end.on_received = self._received

    def put_between(self, between: Callable[[ModemEnd], ModemEnd]) -> None:
        """Wire the modem, now and at every ``connect``, to what ``between`` makes of the end."""
        self._between = between
        if self._link_end is not None:
            self.connect(self._link_end)

    @property
    def powered(self) -> bool:
        """True while the UART answers."""
        return self.power == ON

    def power_key(self) -> None:
        """Pulse PWRKEY: switches on when off, wakes from PSM, switches OFF when running."""
        if self.power == OFF:
            self._boot(from_psm=False)
        elif self.power == PSM:
            self.radio.wake()
            if self.power == PSM:  # a radio that wakes later; the pulse itself boots the modem
                self._boot(from_psm=True)
        elif self.power == ON:
            self.shut_down(self.key_off_text, self.key_off_ms)

    def power_on(self) -> None:
        """Switch on; without effect when already on."""
        if self.power in (OFF, PSM):
            self.power_key()

    def restart(self) -> None:
        """Restart without warning: a crash or a watchdog. Everything set up is lost."""
        self.brown_out()
        self._boot(from_psm=False)

    def brown_out(self) -> None:
        """Lose the supply: silence in the middle of an answer, no word to the network."""
        self._dead(OFF)
        self.radio.lose_power()

    # --- for whoever makes it misbehave ----------------------------------------------------------

    CLOSED_SOCKETS_KEEP_DATA: ClassVar[bool] = False
    """What a socket holds can still be read after the network closed it."""

    def open_sockets(self) -> list[int]:
        """Return the numbers of the sockets that are open."""
        return sorted(getattr(self, "sockets", ()))

    def lose_socket(self, number: int, keeps_data: bool) -> None:
        """Close a socket although the host did not ask; the family says so in its own way."""
        raise NotImplementedError(f"{type(self).__name__} has no sockets that can be lost")

    # --- for families ------------------------------------------------------------------------

    uart_ready_ms: int = 5000
    """From the power key to the UART's first answer."""
    radio_on_ms: int = 1000
    """After the UART is ready: when the radio begins to search."""
    key_off_ms: int = 1800
    """From the power key to silence, when it switches off."""
    key_off_text: str | None = "NORMAL POWER DOWN"

    def boot_urcs(self) -> list[tuple[int, str]]:
        """Return (ms after the UART is ready, line) of what the modem says while it boots."""
        return []

    def make_storage(self) -> None:
        """Create what survives boots: called once, before anything else of a family."""
        self.settings = SettingStore(self.ROWS)

    def forget_session(self) -> None:
        """Drop what a boot drops: sockets, contexts, modes that are not stored."""
        self.abandon_tcp()

    def abandon_tcp(self) -> None:
        """Drop all TCP connections without a word to anybody: power or address are gone."""
        for link in list(self.tcp_links):
            link.abandon()

    def in_this_boot(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Return the callback as one without effect when the modem was off meanwhile."""
        boots = self.boots

        def call_back(*arguments: Any) -> None:
            if self.boots == boots and self.power == ON:
                callback(*arguments)

        return call_back

    def restore_profile(self) -> None:
        """Load the stored profile, as a boot does; what nothing keeps starts again."""
        self.settings.boot()
        self.profile_loaded()

    def profile_loaded(self) -> None:
        """Put settings to use that were loaded and not set."""

    def boot_finished(self) -> None:
        """Start the radio. Called once the modem runs."""
        self.radio.switch_on()

    def uart_ready(self, from_psm: bool) -> None:
        """Called when the UART comes alive; from_psm: the radio stayed registered."""

    def psm_text(self) -> str | None:
        """Return what the modem says when it switches itself off for PSM."""
        return None

    def urc(self, text: str | bytes) -> None:
        """Say something unasked; silence unless the UART is alive."""
        if self.power == ON and not self.muted:
            self.at.urc(text)

    def later(self, delay_ms: float, callback: Callable[..., None], *arguments: Any) -> None:
        """Call back after a time, unless the modem loses power or restarts before."""
        self._timers_asked += 1
        number = self._timers_asked

        def due() -> None:
            del self._timers[number]
            callback(*arguments)

        loop = asyncio.get_running_loop()
        self._timers[number] = loop.call_later(delay_ms / 1000, due)

    def some_ms(self, low: int, high: int) -> float:
        """Return a firmware's delay between two bounds, the same for the same seed."""
        return self.random.uniform(low, high)

    def shut_down(self, text: str | None, after_ms: float) -> None:
        """Switch off the clean way: detach, say ``text`` when done, silence."""
        self.power = STOPPING
        self.radio.switch_off()
        self.later(after_ms, self._shut_down_done, text)

    def _shut_down_done(self, text: str | None) -> None:
        if text is not None:
            self._write(self.at.out.frame_urc(text))
        self._dead(OFF, flush=True)

    def reboot(self, after_ms: float) -> None:
        """Restart in an orderly way after an answer had time to leave (AT+CFUN=1,1)."""
        self.power = STOPPING
        self.later(after_ms, self._reboot)

    def _reboot(self) -> None:
        self._dead(OFF)
        self.radio.switch_off()
        self._boot(from_psm=False)

    # --- RadioListener -----------------------------------------------------------------------

    def bearer_apn(self) -> str | None:
        """Return the APN of the default bearer; None: the attach asks for none."""
        return None

    def registration_changed(self) -> None:
        """The radio's registration has a new value, or there is a new refusal while it stays."""

    def pdp_changed(self, active: bool) -> None:
        """The data connection came up or was lost."""

    def rrc_changed(self, connected: bool) -> None:
        """The radio connection was set up or released."""

    def power_saving_granted(self) -> None:
        """The network granted (or took back) eDRX or PSM."""

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        """A datagram came; without a socket for its port it is gone."""
        self.datagrams_undeliverable += 1

    def psm_changed(self, asleep: bool) -> None:
        """PSM switches the UART off; leaving it is a boot."""
        self._radio_sleeps = asleep
        if asleep:
            self._enter_psm()
        elif self.power == PSM:
            self._boot(from_psm=True)

    # --- inside ------------------------------------------------------------------------------

    def _enter_psm(self) -> None:
        if not self._radio_sleeps or self.power != ON:
            return  # a modem that boots goes to sleep when it has booted
        text = self.psm_text()
        if text is not None:
            self._write(self.at.out.frame_urc(text))
        self._dead(PSM, flush=True)

    def _boot(self, *, from_psm: bool) -> None:
        self.power = BOOTING
        self.boots += 1
        self.restore_profile()
        self.forget_session()
        self.later(self.uart_ready_ms, self._uart_ready, from_psm)

    def _uart_ready(self, from_psm: bool) -> None:
        self.power = ON
        self.uart_ready(from_psm)
        for at_ms, text in self.boot_urcs():
            self.later(at_ms, self.urc, text)
        if from_psm:  # the radio stayed registered, and may be asleep again
            self.later(self.SETTLED_MS, self._enter_psm)
        else:
            self.later(self.radio_on_ms, self.boot_finished)

    SETTLED_MS: ClassVar[int] = 3000
    """After the UART is ready: a modem whose T3324 ran out while it booted sleeps again."""

    def _dead(self, power: str, flush: bool = False) -> None:
        self.power = power
        if power == OFF:
            self._radio_sleeps = False
        for handle in self._timers.values():
            handle.cancel()
        self._timers.clear()
        self.at.reset()
        if self._end is not None and not flush:
            self._end.discard()

    def _received(self, data: bytes) -> None:
        if self.power == ON:
            self.at.receive(data)

    def _write(self, data: bytes) -> None:
        if self._end is not None:
            self._end.write(data)

    def _execute(self, call: Call) -> None:
        if call.name not in self.COMMANDS or call.name in self.missing_commands:
            raise CommandFailed(self.UNKNOWN_COMMAND)
        try:
            if self.before_command is not None:
                self.before_command(call)
            self.run_command(call)
        except CommandFailed as failure:
            raise self.failure_of(call, failure) from None

    UNKNOWN_COMMAND: int | None = None
    """Error number for a command that does not exist; None: a bare ERROR even with CMEE=2."""

    def failure_of(self, call: Call, failure: CommandFailed) -> CommandFailed:
        """Return how this family reports that failure."""
        return failure
