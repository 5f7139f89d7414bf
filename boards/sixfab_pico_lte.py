"""Sixfab Pico LTE: Raspberry Pi Pico W (RP2040) and Quectel BG95-M3 on one board.

Pins, pulses and the 30 s limit: sixfab/pico_lte_micropython-sdk, pico_lte/modules/base.py (PWRKEY
GP17, HIGH 0.5 s on, HIGH 1 s off; STATUS GP20, 0 = modem runs), pico_lte/utils/atcom.py (UART 0,
GP0/GP1). Early revisions of that file have other pins: they belong to prototypes. A BG95 needs
0.5-1 s to switch on, 0.65-1.5 s to switch off (Quectel BG95 Series Hardware Design, turn on/off).
"""

from ip_commands.boards.power_key import PowerKey, input_pin, output_pin
from ip_commands.boards.uart_stream import open_uart
from ip_commands.device.portable import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from ip_commands.modem_drivers.quectel import QuectelModem

UART_ID = 0
TX_PIN = 0  # GP0, to the modem's RXD
RX_PIN = 1  # GP1
POWER_KEY_PIN = 17  # GP17, HIGH presses
STATUS_PIN = 20  # GP20, LOW while the modem runs
POWER_ON_MS = 500
POWER_OFF_MS = 1000
BOOT_LIMIT_MS = 30000
# Switching off detaches first; Quectel allows 65 s for it (AT+QPOWD), a healthy BG95 takes 2 s.
OFF_LIMIT_MS = 65000


def modem(**options: "Any") -> "QuectelModem":
    """Return the driver of this board's modem; ``options`` are the driver's. Pulses nothing."""
    from ip_commands.modem_drivers.quectel import QuectelModem

    options.setdefault("model", "BG95")
    if "power_key" not in options:
        options["power_key"] = PowerKey(
            output_pin(POWER_KEY_PIN),
            on_ms=POWER_ON_MS,
            boot_ms=BOOT_LIMIT_MS,
            status_pin=input_pin(STATUS_PIN),
            status_on=0,
            off_ms=POWER_OFF_MS,
            off_wait_ms=OFF_LIMIT_MS,
        )
    return QuectelModem(open_uart(UART_ID, TX_PIN, RX_PIN), **options)
