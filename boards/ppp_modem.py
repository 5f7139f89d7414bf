"""Any modem that dials PPP, under ``network.PPP`` of MicroPython 1.24+: sockets are the board's
own.

For modems without a driver here. While PPP runs there is no AT: no URC, no eDRX, no signal.
Dial-up: 3GPP TS 27.007 section 10.2.1.1 (``ATD*99***<cid>#``), CONNECT: ITU-T V.250 section 6.7.1.
Pimoroni's ``lte`` module goes the same way (pimoroni/pimoroni-pico, modules_py/lte.py).
"""

from ip_commands.device.errors import CommandError, NotAttached
from ip_commands.device.os_udp_socket import OsNetwork
from ip_commands.device.portable import const, sleep_ms

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ip_commands.device.interfaces import Log

POLL_MS = 500
REGISTERED = (b"1", b"5")
_DIAL_MS = 60000


def modem(make_uart: "Callable[[], Any]", log: "Log | None" = None) -> OsNetwork:
    """Return a network that dials, and then runs PPP.

    make_uart: returns the ``machine.UART`` to the modem, switched on, with an rxbuf of 4096 or
    more; called for dialling and again for PPP, since whoever dialled switches it off behind
    itself.
    """
    held: "dict[str, Any]" = {}

    async def bring_up(apn: str, timeout_ms: int) -> None:
        from network import PPP

        ppp = held.get("ppp")
        if ppp is not None and ppp.isconnected():
            return
        await _dial(make_uart(), apn, log)
        ppp = held["ppp"] = PPP(make_uart())
        ppp.connect()
        while not ppp.isconnected():
            await sleep_ms(POLL_MS)

    async def take_down() -> None:
        ppp = held.pop("ppp", None)
        if ppp is not None:
            ppp.disconnect()

    return OsNetwork(bring_up, take_down)


async def _dial(uart: "Any", apn: str, log: "Log | None") -> None:
    """Get the modem from AT to data mode; PPP begins anew for whoever opens the UART next."""
    from ip_commands.boards.uart_stream import UartStream
    from ip_commands.modem_drivers.at_channel import AtChannel

    if '"' in apn or "\r" in apn:
        raise NotAttached("the APN %r holds a quote or a line end: correct it" % apn)
    at = AtChannel(UartStream(uart), log=log)
    at.start()
    try:
        await at.synchronise()
        await at.command("E0")
        await at.command('+CGDCONT=1,"IP","%s"' % apn)
        while True:
            lines = await at.command("+CEREG?", b"+CEREG:")
            if lines and lines[0].split(b",")[1].strip() in REGISTERED:
                break
            await sleep_ms(POLL_MS)
        try:
            await at.command(
                "D*99***1#",
                timeout_ms=_DIAL_MS,
                finals=(b"CONNECT",),
                failures=(b"NO CARRIER", b"BUSY", b"NO DIALTONE"),
                failure_prefix=b"CONNECT ",
            )
        except CommandError as error:
            if not error.result.startswith("CONNECT "):  # with a speed it is none
                raise NotAttached("the modem does not dial: %s" % error)
    finally:
        await at.close()
