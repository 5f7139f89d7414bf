"""A Raspberry Pi, or any Linux host, with a modem on a serial port: ``modem()`` as on every board.

``cli.main`` is the command line ``ip-commands``, ``serial_stream.open_serial`` opens a port with
pyserial. CPython only. May import ``device`` and ``modem_drivers``, as its neighbours; never the
simulator.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ip_commands.boards.raspberry_pi.detected_modem import DetectedModem
    from ip_commands.modem_drivers.modem import AtModem


def modem(
    uart: str | None = None,
    model: str | None = None,
    baud_rate: int = 115200,
    rtscts: bool = False,
    **options: Any,
) -> "AtModem | DetectedModem":
    """Open a serial port and return the driver of the modem behind it; nothing is sent yet.

    uart: the port, best by its name in /dev/serial/by-id; None: what the environment variable
    IP_COMMANDS_UART says, or the AT port of the one USB modem that is plugged in.
    model: such as ``"bg95"``, for a modem that may be off when the program starts; None: the modem
    is asked at the first start, and its driver is then in the attribute ``driver``.
    baud_rate, rtscts: of the port. options: the driver's.
    Raises PortError with what to do (no port, in use, no permission, several modems), InvalidValue
    for an unknown model.
    """
    from ip_commands.boards.raspberry_pi.serial_stream import SerialStream, is_usb, open_serial
    from ip_commands.boards.raspberry_pi.usb_ports import find_at_port
    from ip_commands.modem_drivers import models

    path = uart or find_at_port()
    options.setdefault("usb", is_usb(path))

    def open_port() -> SerialStream:
        return open_serial(path, baud_rate, rtscts)

    if model is None:
        from ip_commands.boards.raspberry_pi.detected_modem import DetectedModem

        return DetectedModem(open_port, **options)
    stream = open_port()
    try:
        return models.create(model, stream, **options)
    except BaseException:
        stream.abandon()
        raise
