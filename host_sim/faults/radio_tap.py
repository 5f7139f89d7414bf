"""Between a fake modem and its radio: what the network does to a device, and what the modem sees.

It is put there by the first fault that needs it, and passes everything on unless told otherwise.
"""

from collections.abc import Callable
from typing import Any

from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.fake_modems.engine.radio import (
    NetworkRefusal,
    Refused,
    TellsRejectCause,
)
from ip_commands.host_sim.faults.radio_window import RadioWindow

USIM_INVALID = (3, 6, 7, 8)
"""EMM causes after which only a switch-off makes the UE try again (TS 24.301 5.5.1.2.5)."""

ATTACH_ANSWER_MS = 1500
"""From the start of an attach to its reject; a typical figure of the radio and the core."""


class RadioTap(RadioWindow):
    """A fake's view of its radio, as the network and faults would have it."""

    def __init__(self, fake: FakeModem) -> None:
        super().__init__(fake.radio)
        self.fake = fake
        self.shown_registration: int | None = None
        """What +CEREG shows instead of the truth."""
        self.rejecting: int | None = None
        """EMM cause with which every attach is refused."""
        self.denied: int | None = None
        """The cause that the last attach was refused with, while the UE stays so."""
        self._refusal: Refused | None = None
        """The same for +CEER, until the radio was off."""
        self.sim_present = True
        self.no_sim_registration = 0
        self.clock_offset_ms = 0
        self.edrx_cycle: str | None = None
        """Cycle that the network grants instead of the one asked for; "": none."""
        self.address_shown: tuple[str, str] | None = None
        """(what the radio says, what is shown instead)."""
        self._edrx_asked: str | None = None
        self._wants_on = self.real.registration != 0
        self._searching = False
        self._attempt = 0
        fake.radio = self

    # --- what the fake sees ------------------------------------------------------------------

    @property
    def forgotten(self) -> bool:
        """The network has no data connection any more, and the modem does not know."""
        return self.real.ip.cut_off

    @forgotten.setter
    def forgotten(self, value: bool) -> None:
        self.real.ip.cut_off = value

    @property
    def iccid(self) -> str:
        return self.real.iccid if self.sim_present else ""

    @iccid.setter
    def iccid(self, value: str) -> None:
        self.real.iccid = value

    @property
    def registration(self) -> int:
        if not self.sim_present:
            return self.no_sim_registration
        if self.shown_registration is not None:
            return self.shown_registration
        if self._wants_on and self.denied is not None:
            return 3
        return 2 if self._wants_on and self._searching else self.real.registration

    @property
    def reject_cause(self) -> int | None:
        """EMM cause of a refused attach."""
        if self.registration != 3:
            return None
        if self.denied is not None:
            return self.denied
        return self.real.reject_cause if isinstance(self.real, TellsRejectCause) else None

    @property
    def last_refusal(self) -> NetworkRefusal | None:
        return super().last_refusal if self._refusal is None else self._refusal

    @property
    def ip_address(self) -> str | None:
        address = self.real.ip_address
        if self.address_shown is not None and address == self.address_shown[0]:
            return self.address_shown[1]
        return address

    @property
    def granted_edrx(self) -> tuple[str, str, str] | None:
        granted = self.real.granted_edrx
        if granted is None or self._edrx_asked is None:
            return granted
        return self._edrx_asked, granted[1], granted[2]

    @property
    def network_time_ms(self) -> int | None:
        time_ms = self.real.network_time_ms
        return None if time_ms is None else time_ms + self.clock_offset_ms

    # --- what the fake asks ------------------------------------------------------------------

    def switch_on(self) -> None:
        """Attach, unless the network refuses or there is no SIM."""
        self._wants_on = True
        if not self.sim_present:
            return
        if self.rejecting is not None:
            self._try_in_vain()
        elif self.denied is None:
            self.real.switch_on()

    def switch_off(self) -> None:
        self._off()
        super().switch_off()

    def lose_power(self) -> None:
        self._off()
        super().lose_power()

    def _off(self) -> None:
        was_refused = self.denied is not None or self._searching
        self._wants_on = self._searching = False
        self.denied = self._refusal = None
        self._attempt += 1
        if was_refused:
            self.registration_changed()

    def send_udp(
        self,
        payload: bytes,
        source_port: int,
        host: str,
        port: int,
        release_assistance: int | None = None,
    ) -> bool:
        """Send; into nothing while the network has forgotten the data connection."""
        if self.forgotten:
            return self.real.ip_address is not None
        return super().send_udp(payload, source_port, host, port, release_assistance)

    def datagram_arrived(
        self, payload: bytes, source_host: str, source_port: int, destination_port: int
    ) -> None:
        if not self.forgotten:
            super().datagram_arrived(payload, source_host, source_port, destination_port)

    def request_edrx(self, cycle_bits: str | None) -> None:
        """Ask for eDRX; the network may have another cycle in mind."""
        self._edrx_asked = None
        if cycle_bits is not None and self.edrx_cycle is not None:
            self._edrx_asked = cycle_bits
            super().request_edrx(self.edrx_cycle or None)
        else:
            super().request_edrx(cycle_bits)

    # --- what faults do ----------------------------------------------------------------------

    def quietly(self, action: Callable[[], Any], quiet: bool) -> None:
        """Do something; ``quiet``: the fake says nothing about it."""
        before = self.fake.muted
        self.fake.muted = before or quiet
        try:
            action()
        finally:
            self.fake.muted = before

    def reject(self, cause: int) -> None:
        """Detach the device, and refuse every attach from now on."""
        self.rejecting = cause
        if self._wants_on:
            self.real.switch_off()
            self._try_in_vain()

    def accept(self) -> None:
        """Refuse no more; a UE whose USIM became invalid does not try by itself."""
        self.rejecting = None
        self._attempt += 1
        if self.denied in USIM_INVALID:
            return
        self.denied = None
        self._searching = False
        if self._wants_on and self.sim_present:
            self.real.switch_on()

    def _try_in_vain(self) -> None:
        if self.denied in USIM_INVALID:
            return  # does not even try
        self.denied = None
        self._searching = True
        self._attempt += 1
        self.registration_changed()
        self.fake.later(ATTACH_ANSWER_MS, self._refused, self._attempt)

    def _refused(self, attempt: int) -> None:
        if attempt == self._attempt and self.rejecting is not None:
            self._searching = False
            self.denied = self.rejecting
            self._refusal = Refused("EMM", self.rejecting)
            self.registration_changed()

    def take_sim(self, registration: int) -> None:
        """Pull the SIM: the device detaches and shows that <stat>."""
        self.sim_present = False
        self.no_sim_registration = registration
        self.real.switch_off()
        self.registration_changed()

    def give_sim(self) -> None:
        """Put it back; it is not read yet."""
        self.sim_present = True
        self.registration_changed()

    def sim_was_read(self) -> None:
        """A radio that is on attaches."""
        if self._wants_on:
            self.switch_on()

    def grant_edrx(self, cycle_bits: str | None) -> None:
        """Have the network grant this cycle whatever is asked for ("": none; None: as before)."""
        asked = self._edrx_asked
        granted = self.real.granted_edrx
        if asked is None and granted is not None:
            asked = granted[0]
        self.edrx_cycle = cycle_bits
        if asked is not None:
            self.request_edrx(asked)

    def attach_anew(self, address: str) -> None:
        """Detach by the network's wish and attach at once: another address is given.

        A radio without a network has one address only: then ``address`` is shown instead.
        """
        before = self.real.ip_address
        self.real.switch_off()
        if before is not None:
            self.address_shown = (before, address)
        if self._wants_on:
            self.switch_on()

    @property
    def can_lose_coverage(self) -> bool:
        """False for a radio that has no ``lose_coverage``."""
        return hasattr(self.real, "lose_coverage")

    def lose_coverage(self) -> None:
        """Take the network away, where that can be done."""
        real: Any = self.real
        real.lose_coverage()

    def regain_coverage(self) -> None:
        """Give it back: a bench's radio calls it so, a device's finds it."""
        real: Any = self.real
        (real.regain_coverage if hasattr(real, "regain_coverage") else real.find_coverage)()
