"""Waveshare Pico-SIM7080G-Cat-M/NB-IoT on a Raspberry Pi Pico: the kit of KORE's demos.

Pins and the 1.5 s pulse: korewireless/Super-Sim-Raspberry-Pi-Pico-Demos,
ip-commands/main_ip_commands.py (GP14 HIGH 1.5 s, UART 0 at 115200); Waveshare's own Pico examples
say the same with 2 s. PWRKEY low at least 1 s, UART ready 1.8 s later: SIMCom SIM7080 Series
Hardware Design, power on/off.
"""

from ip_commands.boards.power_key import PowerKey, output_pin
from ip_commands.boards.uart_stream import open_uart
from ip_commands.device.portable import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

    from ip_commands.modem_drivers.simcom_ca import SimcomCaModem

UART_ID = 0
TX_PIN = 0  # GP0, to the modem's RXD
RX_PIN = 1  # GP1
POWER_KEY_PIN = 14  # GP14, HIGH presses
POWER_ON_MS = 1500
BOOT_MS = 2000  # the driver asks on until the modem answers


def modem(**options: "Any") -> "SimcomCaModem":
    """Return the driver of this board's modem; ``options`` are the driver's. Pulses nothing."""
    from ip_commands.modem_drivers.simcom_ca import SimcomCaModem

    options.setdefault("model", "SIM7080G")
    if "power_key" not in options:
        key_pin = output_pin(POWER_KEY_PIN)
        options["power_key"] = PowerKey(key_pin, on_ms=POWER_ON_MS, boot_ms=BOOT_MS)
    return SimcomCaModem(open_uart(UART_ID, TX_PIN, RX_PIN), **options)
