"""Pulse a modem's PWRKEY; the same for a board's ``machine.Pin`` and a Raspberry Pi's GPIO.

A pulse TOGGLES most modems: it switches a running one off. So a driver asks AT first and only
calls the power key when the modem stays silent; nothing here pulses by itself.
"""

from ip_commands.device.portable import const, sleep_ms

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

_STATUS_POLL_MS = const(100)


class PowerKey:
    """``await power_key()`` brings a silent modem up. Times in milliseconds.

    ``pin`` and ``status_pin`` are objects with ``value()`` and ``value(level)``. ``active`` is the
    level that presses the key, at the host's pin (most boards invert it with a transistor). After
    the pulse it waits ``boot_ms``, the time in which the modem cannot answer yet.

    With a ``status_pin`` (``status_on`` = its level while the modem runs) it knows more: a modem
    that runs but stays silent is switched off (``off_ms``) and on again, and the wait for a
    booting modem ends as soon as the pin says so, with ``boot_ms`` as the limit.
    """

    def __init__(
        self,
        pin: "Any",
        on_ms: int,
        boot_ms: int,
        active: int = 1,
        status_pin: "Any" = None,
        status_on: int = 0,
        off_ms: int = 0,
        off_wait_ms: int = 0,
    ) -> None:
        self._pin = pin
        self._on_ms = on_ms
        self._boot_ms = boot_ms
        self._active = active
        self._status_pin = status_pin
        self._status_on = status_on
        self._off_ms = off_ms
        self._off_wait_ms = off_wait_ms

    async def __call__(self) -> None:
        """Pulse the key; return when the modem may answer."""
        if self.is_on():
            await self._press(self._off_ms)
            await self._wait_status(False, self._off_wait_ms)
        await self._press(self._on_ms)
        if self._status_pin is None:
            await sleep_ms(self._boot_ms)
        else:
            await self._wait_status(True, self._boot_ms)

    def is_on(self) -> "bool | None":
        """Tell whether the modem runs; None where the board has no STATUS pin."""
        if self._status_pin is None:
            return None
        return bool(self._status_pin.value() == self._status_on)

    async def _press(self, press_ms: int) -> None:
        self._pin.value(self._active)
        try:
            await sleep_ms(press_ms)
        finally:  # a cancelled start must not leave the key pressed: 12 s of it reset a SIM7080G
            self._pin.value(1 - self._active)

    async def _wait_status(self, on: bool, limit_ms: int) -> None:
        while limit_ms > 0 and self.is_on() != on:
            await sleep_ms(_STATUS_POLL_MS)
            limit_ms -= _STATUS_POLL_MS


def output_pin(number: "int | str", active: int = 1) -> "Any":
    """Open a ``machine.Pin`` as an output with the key released."""
    from machine import Pin

    return Pin(number, Pin.OUT, value=1 - active)


def input_pin(number: "int | str") -> "Any":
    """Open a ``machine.Pin`` as an input."""
    from machine import Pin

    return Pin(number, Pin.IN)
