"""Get a modem to answer ``AT``, whatever an earlier program left it in.

Sources: ITU-T V.250 sections 5.2.2 (half a line), 6.2.5 (result codes) and S12 (the guard time
around +++: 1 s); 3GPP TS 27.010 sections 5.2.1 and 5.4.6.3.3 (the multiplexer's close-down
frame: flag, address, control UIH, length 2, CLD, its length 0, checksum, flag).
"""

from ..device.errors import ModemTimeout
from ..device.portable import const, sleep_ms

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from .at_channel import AtChannel

_GUARD_MS = const(1100)
_LONGEST_FILLER_BYTES = const(1500)  # more than any modem's data prompt asks for

WAYS = (
    # silence before and after, what is typed, then line ends for a data prompt
    (0, b"+++\x1b", 0),  # out of an nRF91's data mode; out of a prompt that Ctrl-Z or ESC ends
    (_GUARD_MS, b"+++", 0),  # out of data mode
    (0, b"\x1b\xf9\xf9\x03\xef\x05\xc3\x01\xf2\xf9\r", 0),  # of the multiplexer
    (0, b'"\r\n', 0),  # out of a string
    (0, b"", _LONGEST_FILLER_BYTES),  # out of a prompt that counts: what it has is sent then
)
"""What is tried, in this order; each ends with ``AT``. No AT before the first one: it would be
sent, or added to what is sent."""
_PLAIN = const(((0, b"", 0),))


async def answers(at: "AtChannel", ways: int = len(WAYS)) -> bool:
    """Return whether the modem answers, after trying the first ``ways`` of ``WAYS``; 0: AT alone.

    Takes up to 2.5 s for each way, 15 s for all. Raises ModemClosed.
    """
    for guard_ms, text, filler_bytes in WAYS[:ways] or _PLAIN:
        if text:
            await sleep_ms(guard_ms)
            await at.type(text)
            await sleep_ms(guard_ms)
            if guard_ms:
                await at.type(b"ATQ0V1\r\n")  # result codes: print them, as words
        try:
            await at.synchronise(filler_bytes)
            return True
        except ModemTimeout:
            if text[:1] == b'"':
                await at.type(text)  # it began a string where there was none
    return False
