"""Sequans Monarch and Monarch 2: GM01Q (RYZ014A), GM02S, GM02SP.

Sources: QuickSpot/walter-arduino, walter-esp-idf and walter-micropython (GM02SP); Azure/
embedded-wireless-framework, ryz014 adapter (any-remote sockets, a read of nothing is an ERROR);
vshymanskyy/TinyGSM SequansMonarch; toitware/cellular sequans.toit (settings survive in NVM);
microchip-pic-avr-solutions/avr-iot-cellular-arduino-library; real log in walter-arduino issue 109.
"""

from ..device.portable import const
from .sequans_sockets import SequansSockets

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream
    from ..device.power_saving import Edrx

_GAP_MS = const(20)


class SequansModem(SequansSockets):
    """Driver for Sequans modems with SQNS sockets in command mode.

    kind: the best kind of socket to try, ANYONE, PEER or LISTENER of ``sequans_sockets``; what the
    firmware refuses is replaced by the next. peer: whom PEER sockets are opened for; sending to
    another host opens them anew. Other arguments: see ModemCore; ``power_key`` pulses RESETN, the
    only thing that wakes the modem after ``power_off``.

    The sender of a datagram is told by newer firmware only, otherwise it is ("", 0).
    """

    MODELS = (
        ("GM01Q", True, 15000),
        ("GM02S", True, 15000),
        ("GM02SP", True, 15000),
    )
    BOOT_LINES = (b"+SYSSTART",)
    POWER_DOWN_LINES = (b"+SHUTDOWN",)
    ICCID = ("+SQNCCID?", b"+SQNCCID:")
    ACTIVATE_MS = 60000
    POWER_OFF = "+SQNSSHDN"

    def __init__(self, stream: "ByteStream", model: str = "GM02SP", **options: "Any") -> None:
        super().__init__(stream, model, **options)
        self.at.gap_ms = _GAP_MS

    # --- data connection -------------------------------------------------------------------------
    async def _define_context(self, apn: str) -> None:
        await super()._define_context(apn)
        await self._ask("+CEREG?", None, self.RADIO_MS)  # later ones have the usual time limit

    # --- power saving and information ------------------------------------------------------------
    async def _read_edrx(self) -> "Edrx | None":
        edrx = await super()._read_edrx()
        if edrx is None:
            # +SQNEDRX: <mode>,<AcT-type>,"<asked>","<granted>","<PTW>"
            for line in await self._ask("+SQNEDRX?"):
                self._on_edrx(line.partition(b",")[2], None)
        return self._edrx

    async def _read_text(self, command: str, prefix: "bytes | None", *digits: int) -> str:
        text = await super()._read_text(command, prefix, *digits)
        if not text and command == self.ICCID[0]:  # other firmware has an execute command instead
            text = await super()._read_text("+SQNCCID", prefix, *digits)
        return text
