"""A modem that dials PPP, and ``network.PPP`` on the board's side of its UART.

The modem is a fake BG95 that knows ``ATD*99#`` (3GPP TS 27.007 10.2.1.1), so that every fault of
the catalogue can strike while it is dialled. PPP itself is only as deep as a program sees it: up
when the call carries data; down when one side ends it by a word of LCP. A side that is gone
without that word is not noticed by lwIP or the boards' firmware, which do not ask
(``LCP_ECHOINTERVAL`` is 0 in lwIP's ppp_opts.h; micropython/micropython,
extmod/lwip-include/lwipopts_common.h and ports/esp32/boards/sdkconfig.base leave it so); the modem
replies to whoever asks by LCP.
"""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ip_commands.boards import ppp_modem
from ip_commands.device.os_udp_socket import OsNetwork
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.fake_modems.engine.call import Call
from ip_commands.host_sim.fake_modems.engine.fake_modem import at_command
from ip_commands.host_sim.fake_modems.quectel.bg import QuectelBg
from ip_commands.host_sim.faults import Faults
from ip_commands.host_sim.uart.link import ModemEnd
from tests.portable import fake_machine
from tests.portable.lcp_peer import LcpPeer
from tests.reliability.native_links import Link

ESCAPE = b"+++"
REGISTERED = (1, 5, 9, 10)
"""<stat> of +CEREG with which data flows (3GPP TS 27.007 10.1.22)."""
GUARD_S = 1.0
"""Silence around the escape (ITU-T V.250 S12)."""


class DialledModem(QuectelBg):
    """A BG95 that can be dialled."""

    def forget_session(self) -> None:
        super().forget_session()
        self.in_call: Call | None = None
        self._peer = LcpPeer()
        self._typed_s = 0.0
        self._escape: asyncio.TimerHandle | None = None

    on_call_end: Callable[[], None] = staticmethod(lambda: None)
    """Called with the LCP word that ends the call."""
    on_datagram: Callable[[bytes], None] = staticmethod(lambda payload: None)

    @at_command("D")
    def dial(self, call: Call) -> None:
        if self.radio.registration not in REGISTERED:
            call.final("NO CARRIER")
            return
        self.in_call = call
        self.radio.activate_pdp("super")
        call.stream(self._typed, text=b"\r\nCONNECT\r\n")

    def _typed(self, data: bytes) -> int:
        loop = asyncio.get_running_loop()
        quiet_s = loop.time() - self._typed_s
        self._typed_s = loop.time()
        if self._escape is not None:
            self._escape.cancel()
            self._escape = None
        if data == ESCAPE and quiet_s >= GUARD_S:
            self._escape = loop.call_later(GUARD_S, self.end_call, "OK")
        said = self._peer.take(data)
        if said:
            self._write(said)
        return len(data)

    def end_call(self, result: str = "NO CARRIER") -> None:
        """Take commands again."""
        call, self.in_call = self.in_call, None
        if call is not None:
            call.finish(result)

    def pdp_lost(self) -> None:
        if self.in_call is None:
            super().pdp_lost()
        elif self.powered:
            self.on_call_end()
            self.end_call()
        else:  # it lost its power: not a word
            self.in_call = None

    def datagram_arrived(self, payload: bytes, *where: Any) -> None:
        if self.in_call is not None:
            self.on_datagram(payload)


class UartEnd(ModemEnd):
    """The modem's end of whichever UART the board has open."""

    def __init__(self) -> None:
        super().__init__()
        self.uart: Any = None

    def write(self, data: bytes) -> None:
        if self.uart is not None and self.uart.open:
            self.uart.feed(data)


class PppLink(Link):
    """Dialled by ``boards.ppp_modem``.

    watched: the board sees the modem's carrier line (DCD), and the program says so.
    """

    CRASHES_ALONE = True

    def __init__(self, seed: int, watched: bool) -> None:
        super().__init__()
        self.radio = BenchRadio()
        self.modem = DialledModem("BG95", self.radio, (), seed, True)
        self.end = UartEnd()
        self.modem.connect(self.end)
        self.faults = Faults(self.modem)
        self.modem.on_call_end = self.hang_up
        self.dialling: Callable[[], None] = lambda: None
        """Called once when the modem is dialled anew."""
        self.up = False
        self._watched = watched
        self._machine: fake_machine.FakeMachine | None = None

    def make(self) -> OsNetwork:
        carrier = (lambda: self.modem.in_call is not None) if self._watched else None
        return ppp_modem.modem(self._make_uart, power_key=self._power_key, carrier=carrier)

    async def _power_key(self) -> None:
        self.modem.power_key()

    def _make_uart(self) -> Any:
        assert self._machine is not None, "the firmware is not in place"
        uart = self._machine.UART(0, 115200, rxbuf=4096)
        uart.sent = None
        uart.on_sent = self.end.received
        self.end.uart = uart
        dialling, self.dialling = self.dialling, lambda: None
        dialling()
        return uart

    def hang_up(self) -> None:
        """One side ends PPP, and the other one hears it."""
        self.up = False

    def drop(self) -> None:
        self.hang_up()
        self.modem.end_call()

    def carries(self) -> bool:
        return self.up and self.modem.in_call is not None and self.radio.ip_address is not None

    def firmware(self) -> dict[str, Any]:
        link = self

        class PPP:
            def __init__(self, uart: Any) -> None:
                self._uart = uart
                self._asked = False

            def connect(self) -> None:
                self._asked = True
                self._uart.irq(self.poll, self._uart.IRQ_RXIDLE)

            def poll(self, _: Any = None) -> int:
                data = self._uart.read(4096) if self._uart.open else None
                return len(data) if data else 0

            def isconnected(self) -> bool:
                if self._asked and link.modem.in_call is not None and link.radio.ip_address:
                    self._asked, link.up = False, True
                return link.up

            def disconnect(self) -> None:
                self._asked = False
                link.drop()
                self._uart.irq(None)
                self._uart.deinit()

        self._machine = fake_machine.install()
        return {"machine": self._machine, "network": SimpleNamespace(PPP=PPP)}
