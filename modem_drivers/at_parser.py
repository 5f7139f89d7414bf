"""Cut the bytes of an AT modem into events: bytes in, events out, no I/O, no clock.

An event is a tuple ``(kind, line, payload)``:

- ``(LINE, line, None)``: one text line without its line end; blank lines are left out;
- ``(PROMPT, prompt, None)``: the modem waits for data (only while ``expect_prompt`` asks for it);
- ``(DATA, line, payload)``: a header line and the counted bytes that it announced, unparsed.

Framing: ITU-T V.250 section 5.7 (``CR LF text CR LF``), with what modems add to it: a lone CR
between an echo and its answer, several CRs before the LF, a prompt without any line end.
"""

from ..device.errors import InvalidValue
from ..device.portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from collections.abc import Callable

    # (prefix, terminator, length field[, raw bytes per counted unit[, what follows]])
    RawRule = (
        tuple[bytes, bytes, int | Callable[[list[bytes]], int]]
        | tuple[bytes, bytes, int | Callable[[list[bytes]], int], int]
        | tuple[bytes, bytes, int | Callable[[list[bytes]], int], int, int]
    )
    Event = tuple[int, bytes, bytes | None]

LINE = const(0)
PROMPT = const(1)
DATA = const(2)

_ANSWER = const(0)
EITHER = const(1)
SHORT = const(2)
PUSHED = const(3)

_NOTHING = const(-1)
_BLANK = const(0x20)
_QUOTE = const(0x22)
_NEWLINE = const(0x0A)
_FRAME_BYTES = const(6)
_FRAME = const(b"\r\n\r\nOK")  # behind a payload: its own line end, then the final result
_HEADER_BYTES = const(160)  # longest header in front of inline data; two IPv6 addresses fit
_LONGEST_NUMBER = const(5)  # digits; no modem hands over more than 65535 bytes at once


class AtParser:
    """Turn a byte stream into events, in one buffer of ``buffer_bytes`` that never grows.

    ``raw_rules`` says which lines announce counted bytes: ``(prefix, terminator, length field)``.

    - prefix: how the line begins, such as ``b"+QIRD: "``;
    - terminator: what stands between header and data: ``b"\\n"`` (the header is a whole line),
      ``b","``, ``b":"`` or ``b',"'`` (data in quotes; the closing quote is swallowed);
    - length field: number of the comma field behind the prefix, or a callable that is given the
      complete fields and returns that number, or -1 when this line announces nothing. For inline
      data it is asked as soon as one field is complete and must not change its mind later;
    - optionally a fourth item: raw bytes per counted unit (2 for hex text);
    - optionally a fifth one, what follows the payload, if not a line end of its own and then CR LF
      OK CR LF: ``EITHER`` (some firmwares leave the own line end away: believed until one is
      seen), ``SHORT`` (it is always missing), ``PUSHED`` (printed unasked: no OK).

    A length that is no number or more than ``buffer_bytes`` announces nothing: the line is handed
    over as a plain one and counted in ``bad_lengths``. A line that does not fit into the buffer is
    dropped up to its end and counted in ``dropped_lines``.

    A payload is believed when its closing quote, or a line end, follows it. One that holds a CR
    may have swallowed a URC, or what should follow (bytes were lost on the wire): it is believed
    when the whole frame follows. A pushed one that ends with a line end needs another behind it,
    as this firmware was seen to print it; where none is ever printed between two, back to back,
    such a one is lost. One that fails is dropped and counted in ``damaged``. It is held back
    (``holds``) until enough has come to judge by, or until ``judge`` says that nothing more comes.
    """

    dropped_lines = bad_lengths = damaged = 0
    _full = False  # this firmware was seen to end a payload's line
    _raw_bytes: int  # size of the payload that is awaited
    _after_raw: int  # byte to swallow behind it
    _frame: int
    _waited: bool  # nothing more comes that could tell whether it is whole

    def __init__(self, raw_rules: "tuple[RawRule, ...]" = (), buffer_bytes: int = 2048) -> None:
        self._rules = raw_rules
        self._size = buffer_bytes
        self._buffer = bytearray(buffer_bytes)
        self._view = memoryview(self._buffer)
        self.reset()

    def reset(self) -> None:
        """Forget everything unfinished: half a line, an announced payload, an expected prompt."""
        self._start = 0  # first byte that is not handed over yet
        self._end = 0  # behind the last byte received
        self._scanned = 0  # no line end between _start and here
        self._header = b""  # the line whose payload is awaited, or empty
        self._swallow = _NOTHING  # byte to swallow if it comes next
        self._prompt = _NOTHING
        self._dropping = False  # inside a line too long for the buffer
        self._plain = False  # this line's inline header was judged: it is none

    def room(self) -> int:
        """Return how many bytes ``feed`` takes now; at least 1 once all events are fetched."""
        return self._size - (self._end - self._start)

    def holds(self) -> bool:
        """Whether a complete payload waits for what follows it."""
        return bool(self._header) and self.raw_missing() <= 0

    def judge(self) -> None:
        """Nothing follows for now: let the next event be the payload that is held, if any."""
        self._waited = self.holds()

    def abandon(self) -> None:
        """Give up what is unfinished: the bytes that come now belong to something else."""
        if self._header:
            self.damaged += 1
        if self._header or self._start < self._end:
            self.reset()

    def raw_missing(self) -> int:
        """Return how many bytes of an announced payload have not come yet."""
        return self._raw_bytes - (self._end - self._start) if self._header else 0

    def expect_prompt(self, prompt: "bytes | None") -> None:
        """Take ``prompt`` (one byte, such as ``b">"``) at a line's start for a prompt, once.

        Longer ones are lines. None: no more; a line that begins with ``>`` is then a line. A blank
        behind the prompt is swallowed.
        """
        self._prompt = prompt[0] if prompt and len(prompt) == 1 else _NOTHING

    def feed(self, data: "bytes | bytearray | memoryview") -> None:
        """Take at most ``room()`` bytes, cut anywhere; fetch all events before the next call."""
        if self._end + len(data) > self._size:
            if len(data) > self.room():
                raise InvalidValue("%d bytes fed, only %d fit" % (len(data), self.room()))
            # what is unfinished moves to the front
            held = self._end - self._start
            self._view[:held] = self._view[self._start : self._end]
            self._scanned -= self._start
            self._start = 0
            self._end = held
        end = self._end + len(data)
        self._view[self._end : end] = data
        self._end = end

    def next_event(self) -> "Event | None":
        """Return the next event, or None when more bytes are needed. Never raises."""
        while self._start < self._end:
            if self._header:
                return self._take_payload()
            first = self._buffer[self._start]
            swallow, self._swallow = self._swallow, _NOTHING
            if first == swallow:
                self._advance(self._start + 1)
                continue
            if first == self._prompt and not self._dropping:
                self._advance(self._start + 1)
                self._prompt = _NOTHING
                self._swallow = _BLANK
                return PROMPT, bytes((first,)), None
            newline = self._buffer.find(b"\n", self._scanned, self._end)
            if not self._dropping and not self._plain:
                event = self._inline_event(self._end if newline < 0 else newline)
                if event:
                    return event
                if self._header:
                    continue
            if newline < 0:
                if self._end - self._start == self._size and not self._dropping:
                    self.dropped_lines += 1
                    self._dropping = True
                if self._dropping:
                    self._advance(self._end)
                else:
                    self._scanned = self._end
                break
            event = self._line_event(newline)
            if event:
                return event
        return None

    def _line_event(self, newline: int) -> "Event | None":
        """Take the line that ends at ``newline``; None: blank, dropped, or its payload follows."""
        line = bytes(self._view[self._start : newline]).strip(b"\r")
        self._advance(newline + 1)
        if self._dropping:
            self._dropping = False
            return None
        # Lone CRs can glue an echo to its answer (u-blox SARA-U2): the answer is behind them.
        glue = line.rfind(b"\r")
        if glue >= 0:
            line = line[glue + 1 :]
        if not line:
            return None
        for rule in self._rules:
            if rule[1] == b"\n" and line.startswith(rule[0]):
                length, header_end = _split_header(rule, line[len(rule[0]) :] + b"\n")
                if header_end >= 0:
                    self._announce(rule, line, length)
                break
        return None if self._header else (LINE, line, None)

    def _inline_event(self, limit: int) -> "Event | None":
        """Judge whether the bytes up to ``limit`` begin with a header that ends within a line."""
        start = self._start
        for rule in self._rules:
            terminator = rule[1]
            position = start + len(rule[0])
            if (
                terminator == b"\n"
                or position > limit
                or not self._buffer.startswith(rule[0], start)
            ):
                continue
            head = bytes(self._view[position : min(limit, position + _HEADER_BYTES)])
            length, header_end = _split_header(rule, head)
            if header_end < 0:
                continue
            position += header_end
            header = bytes(self._view[start:position])
            self._announce(rule, header, length)
            empty = length.strip() == b"0"
            if self._header or empty:
                self._advance(position + len(terminator))
            else:
                self._plain = True
            if empty:
                self._swallow = self._after_raw
                return LINE, header, None
            break
        return None

    def _announce(self, rule: "RawRule", line: bytes, length: bytes) -> None:
        """Await the payload that a header line announces; count a length that cannot be."""
        digits = length.strip(b' ":\r')  # these may be around it
        count = -1
        if len(digits) <= _LONGEST_NUMBER and digits.isdigit():
            count = int(digits)
        if len(rule) > 3:
            count *= rule[3]
        self._after_raw = _QUOTE if rule[1][-1] == _QUOTE else _NOTHING
        if count < 0 or count > self._size:
            self.bad_lengths += 1
        elif count:
            self._header = line
            self._raw_bytes = count
            self._frame = rule[4] if len(rule) > 4 else _ANSWER
            self._waited = False

    def _take_payload(self) -> "Event | None":
        """Take a complete payload when what follows it has come, and says that it is whole."""
        behind = self._start + self._raw_bytes
        quoted = self._after_raw == _QUOTE
        came = self._end - behind
        waits = not self._waited and self.room() > 0
        if came < 0 or (waits and came < _FRAME_BYTES):
            return None
        # before anything changes: a MemoryError leaves everything as it is
        payload = bytes(self._view[self._start : behind])
        follows = bytes(self._view[behind : min(self._end, behind + _FRAME_BYTES)])
        header = self._header
        # it may have swallowed the whole end of its answer, and what came then
        glued = b"\r\nOK\r\n" in payload
        if quoted:  # what it swallowed begins with the quote: then no quote follows
            whole = follows[:1] == b'"' or not (follows or b"\r" in payload)
            if glued:
                whole = follows in (b'"\r\n\r\nO', b'"\r\nOK\r')
        else:
            whole = self._is_framed(payload, follows)
            if glued and self._frame < PUSHED:
                whole &= follows in (_FRAME, b"\r\nOK\r\n")
        self._header = b""
        self._advance(behind)
        if whole:
            self._swallow = self._after_raw
            return DATA, header, payload
        self.damaged += 1
        return self.next_event()

    def _is_framed(self, payload: bytes, follows: bytes) -> bool:
        """Whether what follows a payload without quotes says that it is whole."""
        clean = b"\r" not in payload  # what it could have swallowed begins with a CR
        with_ok = payload.rstrip(b"\r\n").endswith(b"\r\nOK")  # the final result, it seems
        urc_follows = follows[:3] in (b"\r\n+", b"\r\n#")
        if self._frame == PUSHED:
            ended = follows[:4] in (b"\r\n", b"\r\n\r\n")  # by its own line end, surely
            if clean:
                self._full |= ended
            elif (
                payload[-1] == _NEWLINE  # that may be what should follow
                and not ended
                and (self._full or follows[:1] not in b"\r")
            ):
                return False
            elif not urc_follows and follows[:2] == b"\r\n":
                follows = follows[2:]  # then a line begins
            # the next one, back to back: some print no line end between
            return follows[:1] in b"\r" or follows[:4] in (self._header[:4], b"RECV", b"+REC")
        if follows[:4] == b"\r\n\r\n":
            whole = follows == _FRAME or not with_ok
            self._full |= whole
            return whole
        # SHORT, or EITHER as long as none was seen
        short: bool = self._frame - self._full > _ANSWER
        if follows[:4] == b"\r\nOK":
            return short
        if clean:  # if the final result is lost, the last bytes may be its own
            return follows[:1] in (b"", b"\r") and (len(follows) > 3 or payload[-1] not in b"\nOK")
        return short and urc_follows and not (with_ok and self._frame == SHORT)

    def _advance(self, position: int) -> None:
        self._plain = False
        if position == self._end:
            position = self._end = 0
        self._start = self._scanned = position


def _split_header(rule: "RawRule", head: bytes) -> "tuple[bytes, int]":
    """Find the length in ``head`` (behind the prefix): (text, where its terminator is or -1)."""
    terminator = rule[1]
    index = rule[2]
    end = -1
    if terminator[:1] == b",":
        fields = head.split(b",", 8)[:-1]  # the last one is incomplete, or the data
    else:
        end = head.find(terminator)
        fields = head[:end].split(b",") if end >= 0 else []
    if not isinstance(index, int):
        index = index(fields) if fields else -1
    if not 0 <= index < len(fields):
        return b"", -1
    if end < 0:
        end = len(b",".join(fields[: index + 1]))
        if not head.startswith(terminator, end):
            return b"", -1
    return fields[index], end
