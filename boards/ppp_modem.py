"""Any modem that dials PPP, under ``network.PPP`` of MicroPython 1.24+: sockets are the board's
own.

For modems without a driver here. Until it has dialled, the modem is led by the drivers' own code:
ways out of data mode and the multiplexer, SIM, APN, registration and what helps it. While PPP runs
there is no AT: no URC, no eDRX, no signal. PPP tells when the modem ends the call in order; one
that restarts, or falls silent, says nothing, and the firmware does not ask (LCP echo is off in
micropython/micropython, extmod/lwip-include/lwipopts_common.h). So it is asked from here, by an
LCP echo request on the same UART; ``PPP.poll`` returns how many bytes come back.
Dial-up: 3GPP TS 27.007 section 10.2.1.1 (``ATD*99***<cid>#``), CONNECT: ITU-T V.250 section 6.7.1.
Pimoroni's ``lte`` module goes the same way (pimoroni/pimoroni-pico, modules_py/lte.py).
"""

from ip_commands.boards.uart_stream import UartStream
from ip_commands.device.errors import CommandError, ModemClosed, NotAttached
from ip_commands.device.os_udp_socket import OsNetwork
from ip_commands.device.portable import const, sleep_ms
from ip_commands.modem_drivers.modem import AtModem

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

POLL_MS = 500
_DIAL_MS = const(60000)
_END_POLLS = const(10)  # PPP ends in two steps: it asks the modem, which agrees
_ECHO_TRIES = const(5)
_ECHO_POLLS = const(10)
_ECHO_POLL_MS = const(200)
# Echo-Request (RFC 1661 section 5.8; identifier 1, magic number 0) in a frame of RFC 1662
# (sections 3.1, 4.2 and C.2). The flags in front are empty frames: they make the request longer
# than its reply, so that a modem in command mode that echoes it is not taken for one that replies.
_ECHO = b"~" * 64 + b"\xff}#\xc0!})}!} }(} } } } n\xf1~"


class _DialledModem(AtModem):
    """Any modem, as far as its data mode."""

    MODELS = (("PPP", False, 20000),)
    REGISTRATION = ("+CEREG", "+CGREG")

    async def _connect(self, apn: str, deadline: int) -> None:
        try:
            await self.at.command(
                "D*99***%d#" % self.CONTEXT,
                timeout_ms=_DIAL_MS,
                finals=(b"CONNECT",),
                failures=(b"NO CARRIER", b"BUSY", b"NO DIALTONE", b"CONNECT "),
            )
        except CommandError as error:
            if not error.result.startswith("CONNECT "):  # with a speed it is none
                raise NotAttached("the modem does not dial: %s" % error)


def modem(
    make_uart: "Callable[[], Any]", carrier: "Callable[[], Any] | None" = None, **options: "Any"
) -> OsNetwork:
    """Return a network that dials, and then runs PPP.

    make_uart: returns the ``machine.UART`` to the modem, switched on, with an rxbuf of 4096 or
    more; called for dialling and again for PPP, since whoever dialled switches it off behind
    itself. carrier: tells whether the modem has a call, e.g. by its DCD line (V.250, ``&C1``);
    without it the modem is asked by LCP, and one that never replied to that is not missed when it
    goes without a word. options (log, power_key, setup): see ``ModemCore``.
    """
    held: "dict[str, Any]" = {"heard": 0}

    async def bring_up(apn: str, timeout_ms: int) -> None:
        from network import PPP

        if not await is_up():
            return
        await end()
        dialled = _DialledModem(UartStream(make_uart()), "PPP", **options)
        try:
            await dialled.start()
            if held.pop("anew", False):
                await dialled.restart_radio()
            # the rest is for dialling, and for PPP to come up
            await dialled.attach(apn, timeout_ms * 3 // 4)
        except ModemClosed as error:  # a UART does not end for good: the next attempt opens it
            raise NotAttached("dialling failed: %s" % error)
        finally:
            await dialled.close()
        uart = held["uart"] = make_uart()
        ppp = held["ppp"] = PPP(uart)
        ppp.connect()

        def on_received(_: object) -> None:  # in the place of PPP.poll, which connect() put there
            held["heard"] += max(0, ppp.poll() or 0)

        uart.irq(on_received, uart.IRQ_RXIDLE)
        while not ppp.isconnected():
            await sleep_ms(POLL_MS)
        held["replies"] = carrier is None and await replies()

    async def end() -> None:
        ppp = held.pop("ppp", None)
        if ppp is not None:
            ppp.disconnect()
            for _ in range(_END_POLLS):
                if not ppp.isconnected():
                    break
                await sleep_ms(POLL_MS)

    async def take_down() -> None:
        await end()
        held["anew"] = True

    async def is_up() -> str:
        ppp = held.get("ppp")
        if ppp is None or not ppp.isconnected():
            return "PPP has ended"
        if carrier is not None:
            return "" if carrier() else "the modem has no carrier"
        if held.get("replies") and not await replies():
            return "the modem does not reply"
        return ""

    async def replies() -> bool:
        """Ask whether PPP is there at the far end of the UART."""
        for _ in range(_ECHO_TRIES):
            before = held["heard"]
            held["uart"].write(_ECHO)
            came = 0
            for _ in range(_ECHO_POLLS):
                await sleep_ms(_ECHO_POLL_MS)
                if came == held["heard"] - before != 0:  # all of it
                    break
                came = held["heard"] - before
            if came not in (0, len(_ECHO)):
                return True
        return False

    return OsNetwork(bring_up, take_down, is_up=is_up)
