"""The far end of PPP, as far as LCP's echo goes, for tests of both Pythons.

Frames: RFC 1662 (flags 3.1, escapes 4.2, frame check sequence C.2); Echo-Request and Echo-Reply:
RFC 1661 section 5.8.
"""

FLAG = 0x7E
ESCAPE = 0x7D
LCP = b"\xff\x03\xc0\x21"
ECHO_REQUEST = 9
ECHO_REPLY = 10
GOOD_FCS = 0xF0B8
LONGEST_FRAME_BYTES = 1600


def fcs(data):
    """Return the frame check sequence before it is complemented."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def framed(content):
    """Return a frame between flags; control characters are escaped, as LCP wants it."""
    check = fcs(content) ^ 0xFFFF
    out = bytearray((FLAG,))
    for byte in content + bytes((check & 0xFF, check >> 8)):
        if byte < 0x20 or byte in (FLAG, ESCAPE):
            out.append(ESCAPE)
            byte ^= 0x20
        out.append(byte)
    out.append(FLAG)
    return bytes(out)


class LcpPeer:
    """Replies to echo requests; ``asked`` counts them, ``bad`` frames whose check fails."""

    def __init__(self, magic=b"\x12\x03\x7e\xa5"):
        self.asked = 0
        self.bad = 0
        self._magic = magic
        self._frame = bytearray()
        self._escaped = False

    def take(self, data):
        """Take bytes of the line; return what it says to them."""
        said = b""
        for byte in data:
            if byte == FLAG:
                frame, self._frame = bytes(self._frame), bytearray()
                if frame:
                    said += self._answer(frame)
            elif byte == ESCAPE:
                self._escaped = True
            elif len(self._frame) < LONGEST_FRAME_BYTES:
                self._frame.append(byte ^ 0x20 if self._escaped else byte)
                self._escaped = False
        return said

    def _answer(self, frame):
        if fcs(frame) != GOOD_FCS:
            self.bad += 1
            return b""
        packet = frame[len(LCP) : -2]
        if not frame.startswith(LCP) or packet[0] != ECHO_REQUEST:
            return b""
        assert len(packet) == packet[2] << 8 | packet[3]
        self.asked += 1
        return framed(LCP + bytes((ECHO_REPLY, packet[1])) + packet[2:4] + self._magic)
