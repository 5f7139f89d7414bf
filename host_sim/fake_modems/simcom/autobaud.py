"""Baud rate detection of SIM7000, SIM70x0 and SIM800: what a host loses until it is trained.

Sources: SIM7000 Series UART Application Note, SIM7000 Hardware Design V1.07 (boot URCs only with
a fixed baud rate; send AT every 200 to 500 ms), vshymanskyy/TinyGSM issue 358 (garbage bytes and
boot URCs of a SIM800L after AT+CFUN=1,1).
"""

from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.fake_modem import ON
from ip_commands.host_sim.fake_modems.simcom.system import SimcomSystem

_GARBAGE = b"\xfe\xf8"


class SimcomAutobaud(SimcomSystem):
    """The first AT after a boot trains the receiver and is lost; nothing is said before it."""

    QUIRKS: ClassVar[dict[str, str]] = {
        "fixed-baud": "AT+IPR was stored: boot URCs from RDY on, no AT is lost",
        "first-ats-lost": "after a boot with autobaud three AT are lost instead of one",
        "garbage-at-boot": "two garbage bytes leave the UART when it comes alive (TinyGSM 358)",
    }

    def make_storage(self) -> None:
        super().make_storage()
        if "fixed-baud" in self.quirks:
            self.settings.ship_with("+IPR", 115200)

    @property
    def baud_fixed(self) -> bool:
        """AT+IPR names a speed."""
        return self.settings.number("+IPR") != 0

    def forget_session(self) -> None:
        super().forget_session()
        self.ats_to_lose = 0 if self.baud_fixed else 1
        if self.ats_to_lose and "first-ats-lost" in self.quirks:
            self.ats_to_lose = 3
        if not self.boots:  # it runs already: some host trained it before
            self.ats_to_lose = 0

    def uart_ready(self, from_psm: bool) -> None:
        super().uart_ready(from_psm)
        if "garbage-at-boot" in self.quirks:
            self._write(_GARBAGE)

    def urc(self, text: str | bytes) -> None:
        if not self.ats_to_lose:
            super().urc(text)

    def _received(self, data: bytes) -> None:
        while self.ats_to_lose and self.power == ON:
            _, end, data = data.partition(b"\r")
            if not end:
                return
            self.ats_to_lose -= 1
        super()._received(data)
