"""Cut the bytes of an AT modem into events: bytes in, events out, no I/O, no clock.

An event is a tuple ``(kind, line, payload)``:

- ``(LINE, line, None)``: one text line without its line end; blank lines are left out;
- ``(PROMPT, prompt, None)``: the modem waits for data (only while ``expect_prompt`` asks for it);
- ``(DATA, line, payload)``: a header line and the counted bytes that it announced, unparsed.

Framing: ITU-T V.250 section 5.7 (``CR LF text CR LF``), with what modems add to it: a lone CR
between an echo and its answer, several CRs before the LF, a prompt without any line end.
"""

from ip_commands.device.errors import InvalidValue
from ip_commands.device.portable import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
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

ANSWER = const(0)
EITHER = const(1)
SHORT = const(2)
PUSHED = const(3)

_NOTHING = const(-1)
_BLANK = const(0x20)
_QUOTE = const(0x22)
_CR = const(0x0D)
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
    - optionally a fifth one, what follows the payload: ``ANSWER`` (a line end of its own, then CR
      LF OK CR LF), ``EITHER`` (some firmwares leave the own line end away: believed until one is
      seen), ``SHORT`` (it is always missing), ``PUSHED`` (printed unasked: no OK).

    A length that is no number or more than ``buffer_bytes`` announces nothing: the line is handed
    over as a plain one and counted in ``bad_lengths``. A line that does not fit into the buffer is
    dropped up to its end and counted in ``dropped_lines``.

    A payload is believed when its closing quote, or a line end, follows it, and when it does not
    end in what should follow it: a byte that was lost on the wire makes it swallow that. One that
    fails is dropped and counted in ``damaged``. It is held back (``holds``) until enough has come
    to judge by, or until ``judge`` says that nothing more comes.
    """

    def __init__(self, raw_rules: "tuple[RawRule, ...]" = (), buffer_bytes: int = 2048) -> None:
        self.dropped_lines = 0
        self.bad_lengths = 0
        self.damaged = 0
        self._full = False  # this firmware was seen to end a payload's line before CR LF OK
        self._line_rules = tuple([rule for rule in raw_rules if rule[1] == b"\n"])
        self._inline_rules = tuple([rule for rule in raw_rules if rule[1] != b"\n"])
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
        self._raw_bytes = 0  # size of that payload
        self._frame = ANSWER
        self._waited = False  # nothing more comes that could tell whether it is whole
        self._after_raw = _NOTHING  # byte to swallow behind it
        self._swallow = _NOTHING  # byte to swallow if it comes next
        self._prompt = _NOTHING
        self._prompt_text = b""
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
        self._waited = True

    def unfinished(self) -> bool:
        """Whether a line or a payload has begun and not ended."""
        return self._end > self._start or bool(self._header)

    def abandon(self) -> None:
        """Give up what is unfinished: the bytes that come now belong to something else."""
        if self._header:
            self.damaged += 1
        self.reset()

    def raw_missing(self) -> int:
        """Return how many bytes of an announced payload have not come yet."""
        if not self._header:
            return 0
        return self._raw_bytes - (self._end - self._start)

    def expect_prompt(self, prompt: "bytes | None") -> None:
        """Take ``prompt`` (one byte, such as ``b">"``) at a line's start for a prompt, once.

        None: no more; a line that begins with ``>`` is then a line. A blank behind the prompt is
        swallowed.
        """
        self._prompt_text = prompt or b""
        self._prompt = prompt[0] if prompt else _NOTHING

    def feed(self, data: "bytes | bytearray | memoryview") -> None:
        """Take at most ``room()`` bytes, cut anywhere; fetch all events before the next call."""
        end = self._end + len(data)
        if end > self._size:
            self._compact()
            end = self._end + len(data)
            if end > self._size:
                raise InvalidValue("%d bytes fed, only %d fit now" % (len(data), self.room()))
        self._view[self._end : end] = data
        self._end = end

    def next_event(self) -> "Event | None":
        """Return the next event, or None when more bytes are needed. Never raises."""
        if self._header:
            return self._take_payload()
        while self._start < self._end:
            first = self._buffer[self._start]
            if self._swallow != _NOTHING:
                swallowed = first == self._swallow
                self._swallow = _NOTHING
                if swallowed:
                    self._advance(self._start + 1)
                    continue
            if first == self._prompt and not self._dropping:
                self._advance(self._start + 1)
                self._prompt = _NOTHING
                self._swallow = _BLANK
                return PROMPT, self._prompt_text, None
            newline = self._buffer.find(b"\n", self._scanned, self._end)
            if self._inline_rules and not self._dropping and not self._plain:
                event = self._inline_event(self._end if newline < 0 else newline)
                if event:
                    return event
                if self._header:
                    return self._take_payload()
            if newline < 0:
                self._wait_for_line_end()
                return None
            event = self._line_event(newline)
            if event:
                return event
            if self._header:
                return self._take_payload()
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
        for rule in self._line_rules:
            prefix = rule[0]
            if line.startswith(prefix):
                fields = line[len(prefix) :].split(b",")
                index = _field_index(rule, fields)
                if 0 <= index < len(fields):
                    self._announce(rule, line, fields[index], _NOTHING)
                    if self._header:
                        return None
                break
        return LINE, line, None

    def _inline_event(self, limit: int) -> "Event | None":
        """Judge whether the bytes up to ``limit`` begin with a header that ends within a line."""
        start = self._start
        for rule in self._inline_rules:
            prefix = rule[0]
            position = start + len(prefix)
            if position > limit or not self._buffer.startswith(prefix, start):
                continue
            stop = position + _HEADER_BYTES
            head = bytes(self._view[position : stop if stop < limit else limit])
            length, header_end = _split_header(rule, head)
            if header_end < 0:
                continue
            header = bytes(self._view[start : position + header_end])
            terminator = rule[1]
            quoted = terminator[-1] == _QUOTE
            self._announce(rule, header, length, _QUOTE if quoted else _NOTHING)
            if self._header:
                self._advance(position + header_end + len(terminator))
                return None
            if length.strip() == b"0":
                self._advance(position + header_end + len(terminator))
                self._swallow = _QUOTE if quoted else _NOTHING
                return LINE, header, None
            self._plain = True
            return None
        return None

    def _announce(self, rule: "RawRule", line: bytes, length: bytes, after_raw: int) -> None:
        """Await the payload that a header line announces; count a length that cannot be."""
        count = _number(length)
        if count > 0 and len(rule) > 3:
            count *= rule[3]
        if count < 0 or count > self._size:
            self.bad_lengths += 1
        elif count:
            self._header = line
            self._raw_bytes = count
            self._after_raw = after_raw
            self._frame = rule[4] if len(rule) > 4 else ANSWER
            self._waited = False

    def _take_payload(self) -> "Event | None":
        """Take a complete payload when what follows it has come, and says that it is whole."""
        start = self._start
        behind = start + self._raw_bytes
        if self._end < behind:
            return None
        quoted = self._after_raw != _NOTHING
        short = self._frame == SHORT or (self._frame == EITHER and not self._full)
        like_ok = not quoted and self._frame != PUSHED and self._ends(behind, b"\r\nOK")
        wanted = 1 if quoted else 8 if like_ok else 4
        waits = not self._waited and self.room() > 0
        if waits and self._end - behind < wanted:
            return None
        follows = bytes(self._view[behind : min(self._end, behind + 8)])
        whole = not follows or follows[0] == (self._after_raw if quoted else _CR)
        if quoted:
            pass  # what it swallowed begins with the quote: then no quote follows
        elif self._frame == PUSHED:
            # the next one, back to back: some print no line end between
            whole = whole or follows[:4] in (self._header[:4], b"RECV", b"+REC")
        elif like_ok:
            whole = follows.startswith(b"\r\n\r\nOK") or (short and follows[2:4] == b"OK")
        elif len(follows) < 4:  # silence: only the final result's own bytes would look so, too
            whole = whole and self._buffer[behind - 1] not in b"\r\nOK"
        elif follows.startswith(b"\r\nOK"):
            whole = short
        elif follows.startswith(b"\r\n\r\n"):
            self._full = True
        header = self._header
        payload = None
        if whole:
            payload = bytes(self._view[start:behind])  # a MemoryError leaves everything as it is
            self._swallow = self._after_raw
        else:
            self.damaged += 1
        self._header = b""
        self._advance(behind)
        return self.next_event() if payload is None else (DATA, header, payload)

    def _ends(self, behind: int, text: bytes) -> bool:
        """Whether the payload that ends at ``behind`` ends in a text."""
        size = len(text)
        return self._raw_bytes >= size and self._view[behind - size : behind] == text

    def _wait_for_line_end(self) -> None:
        if self._dropping:
            self._advance(self._end)
        elif self._end - self._start == self._size:
            self.dropped_lines += 1
            self._dropping = True
            self._advance(self._end)
        else:
            self._scanned = self._end

    def _advance(self, position: int) -> None:
        self._plain = False
        if position == self._end:
            position = self._end = 0
        self._start = self._scanned = position

    def _compact(self) -> None:
        """Move what is unfinished to the front; rare: only when the buffer's end is reached."""
        held = self._end - self._start
        self._view[:held] = self._view[self._start : self._end]
        self._scanned -= self._start
        self._start = 0
        self._end = held


def _number(text: bytes) -> int:
    """Return a length as int, -1 when it is none. Blanks, quotes, a colon around it may be."""
    text = text.strip(b' ":\r')
    if 0 < len(text) <= _LONGEST_NUMBER and text.isdigit():
        return int(text)
    return -1


def _field_index(rule: "RawRule", fields: "list[bytes]") -> int:
    index = rule[2]
    return index if isinstance(index, int) else index(fields)


def _split_header(rule: "RawRule", head: bytes) -> "tuple[bytes, int]":
    """Find the length in ``head`` (behind the prefix): (text, where its terminator is or -1)."""
    terminator = rule[1]
    if terminator[:1] != b",":
        end = head.find(terminator)
        fields = head[:end].split(b",") if end >= 0 else []
        index = _field_index(rule, fields) if fields else -1
        return (fields[index], end) if 0 <= index < len(fields) else (b"", -1)
    fields = head.split(b",", 8)
    rest = fields.pop()  # incomplete, or the data
    if not fields:
        return b"", -1
    index = _field_index(rule, fields)
    if not 0 <= index < len(fields):
        return b"", -1
    end = index
    for field in fields[: index + 1]:
        end += len(field)
    behind = fields[index + 1] if index + 1 < len(fields) else rest
    if not (b"," + behind).startswith(terminator):
        return b"", -1
    return fields[index], end
