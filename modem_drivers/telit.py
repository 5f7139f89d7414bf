"""Telit's socket dialect (# commands): ME910C1, ME310G1, ME910G1, ML865G1, LE910.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A; ME310G1/ME910G1/ML865G1 AT
Commands Reference Guide 80617ST10991A (#SCFG, #SCFGEXT, #SLUDP, #SA, #SRECV, #SSENDUDPEXT); LE910
AT Commands Reference Guide; telit/arduino-me310-library; Libelium/waspmoteapi (LE910); Aeris'
scripts for the ME910C1 (aeris-connect).
"""

from ..device.portable import const
from .telit_sockets import TelitSockets

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from typing import Any

    from ..device.interfaces import ByteStream


class TelitModem(TelitSockets):
    """Driver for Telit modems with #SLUDP listeners.

    A listener cannot send before somebody's first datagram was accepted (#SA); until then a send
    dials out (#SD) from the same local port on a connection of its own. Where the modem refuses
    the port a second time, such a datagram comes from another port. Every socket therefore takes
    two of the modem's six connections. Arguments: see ModemCore.
    """

    MODELS = (
        ("ME910C1", True, 30000),
        ("ME310G1", True, 30000),
        ("ME910G1", True, 30000),
        ("ML865G1", True, 30000),
        # Cat-1 and Cat-4: neither PSM nor eDRX
        ("LE910", False, 40000),
    )
    BOOT_LINES = ()  # a Telit modem boots in silence
    POWER_DOWN_LINES = ()
    # sockets need it even where LTE has the context up already
    ACTIVE = "#SGACT"
    ACTIVATE = "#SGACT=%d,1"
    # the firewall lets nobody in unless told so on some generations; +CGEREP: see ModemCore
    INIT_OPTIONAL = ('#FRWL=1,"0.0.0.0","0.0.0.0"', "+CGEREP=1")
    REGISTRATION = ("+CEREG", "+CGREG")
    ICCID = ("#CCID", b"#CCID:")
    POWER_OFF = "#SHDN"

    def __init__(self, stream: "ByteStream", model: str = "ME310G1", **options: "Any") -> None:
        super().__init__(stream, model, **options)
        self.at.gap_ms = 20  # the manuals ask for it
