"""Which serial port speaks AT: told by USB ids and interface number, not by ttyUSB's number.

A USB modem shows several ports (diagnosis, positions, AT), numbered as they come; the interface
behind each never changes. Sources of the interfaces: ModemManager's udev rules
(plugins/quectel, simtech, telit, ublox: 77-mm-*-port-types.rules); BG95: the patch that added it
to Linux's drivers/usb/serial/option.c (Quectel, May 2022).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from ip_commands.boards.raspberry_pi.serial_stream import PortError

UART_VARIABLE = "IP_COMMANDS_UART"
"""Environment variable that names the port where the program does not."""

AT_INTERFACES = (
    # modems, USB vendor and product ids, AT interfaces (best first)
    ("Quectel BG95", "2c7c", ("0700",), (2,)),
    ("Quectel BG96, EC21, EC25, EG25-G", "2c7c", ("0296", "0121", "0125"), (2, 3)),
    ("Quectel EG91, EG95", "2c7c", ("0191", "0195"), (2, 3)),
    ("SIMCom SIM7600, SIM7000", "1e0e", ("9001",), (2, 3)),
    ("SIMCom SIM7070, SIM7080, SIM7090", "1e0e", ("9205", "9206"), (2,)),
    ("SIMCom A7600E, A7602E", "1e0e", ("9011",), (4,)),
    ("Telit ME910C1", "1bc7", ("1101",), (1, 2)),
    ("u-blox LARA-R6", "05c6", ("908b",), (1, 2)),
)

_NUMBER = "bInterfaceNumber"
_HEADER_UARTS = ("serial0", "ttyAMA0")


@dataclass(frozen=True)
class UsbPort:
    """A serial port of a USB device; ``device`` is the device's folder in sysfs."""

    path: str
    device: str
    vendor: str
    product: str
    interface: int
    name: str

    def __str__(self) -> str:
        return f"{self.path} ({self.vendor}:{self.product} if{self.interface:02x} {self.name})"


def find_at_port(sys_tty: Path = Path("/sys/class/tty"), dev: Path = Path("/dev")) -> str:
    """Return the path of the one USB modem's AT port.

    The environment variable ``IP_COMMANDS_UART`` goes first. Raises PortError when there is no
    known modem, or more than one: the message lists the ports that are there.
    """
    named = os.environ.get(UART_VARIABLE)
    if named:
        return named
    ports = usb_ports(sys_tty, dev)
    best = [_best(ports, device) for device in sorted({port.device for port in ports})]
    found = [port for port in best if port is not None]
    if len(found) == 1:
        return found[0].path
    there = [str(port) for port in found or ports]
    if not found:
        there += [str(dev / name) for name in _HEADER_UARTS if (dev / name).exists()]
    raise PortError(
        f"{'several USB modems are' if found else 'no known USB modem is'} plugged in: name the "
        f"port, modem(uart=...) or {UART_VARIABLE}; there "
        f"{'are ' + ', '.join(there) if there else 'is no serial port'}"
    )


def usb_ports(sys_tty: Path, dev: Path) -> list[UsbPort]:
    """Return every serial port of a USB device, with its stable name where it has one."""
    stable = {os.path.realpath(link): str(link) for link in sorted(dev.glob("serial/by-id/*"))}
    ports = []
    for entry in sorted(sys_tty.glob("ttyUSB*")) + sorted(sys_tty.glob("ttyACM*")):
        folder = _interface_of(entry / "device")
        if folder is None:
            continue
        device = folder.parent
        path = str(dev / entry.name)
        ports.append(
            UsbPort(
                stable.get(os.path.realpath(path), path),
                str(device),
                _read(device / "idVendor"),
                _read(device / "idProduct"),
                int(_read(folder / _NUMBER) or "0", 16),
                _read(device / "product"),
            )
        )
    return ports


def _best(ports: list[UsbPort], device: str) -> UsbPort | None:
    """Return a device's best AT port, None when the device is no known modem."""
    for _, vendor, products, interfaces in AT_INTERFACES:
        for interface in interfaces:
            for port in ports:
                if (port.device, port.interface) == (device, interface) and (
                    port.vendor == vendor and port.product in products
                ):
                    return port
    return None


def _interface_of(tty: Path) -> Path | None:
    """Return the sysfs folder of a port's USB interface; None: it has none, or was unplugged."""
    place = Path(os.path.realpath(tty))
    folders = (folder for folder in (place, *place.parents) if (folder / _NUMBER).exists())
    return next(folders, None)


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:  # the device left out this text, or was unplugged
        return ""
