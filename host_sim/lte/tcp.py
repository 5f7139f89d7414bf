"""TCP as both ends speak it: a byte stream over datagrams that get lost and come late.

RFC 9293 as far as a client behind a modem and its server need it: opening, sequence numbers, the
receiver's window, closing, reset; RFC 6298 for the retransmission timer. Assumed, to stay small:
no congestion window beyond ``FLIGHT_SEGMENTS``, no selective acknowledgement, a gap is filled by
sending again from its beginning. Sequence numbers count from 0; SYN and FIN count as one octet.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from ip_commands.host_sim.time.event_queue import Event, EventQueue

HEADER_BYTES = 40
"""Of IP and TCP, without options."""
FLIGHT_SEGMENTS = 10
"""Segments on their way at most: the initial window of RFC 6928."""
FIRST_RTO_MS, LEAST_RTO_MS, MOST_RTO_MS = 1000, 1000, 60_000
"""RFC 6298 2.1, 2.4, 2.5."""
OPEN_TRIES = 6
"""SYNs sent again, over 123 s together; Linux's number (tcp(7), tcp_syn_retries)."""
DATA_TRIES = 12
"""Retransmissions of the same octet: more than the 100 s of RFC 9293 3.8.3; 12 is the default of
Quectel's QICFG "tcp/retranscfg"."""
LINGER_MS = 60_000
"""How long an end that closed waits for the other's FIN; Linux, tcp_fin_timeout."""

PEER_CLOSED = "peer closed"
REFUSED = "refused"
RESET = "reset"
UNANSWERED = "unanswered"

_OPENING, _ACCEPTING, _OPEN, _DEAD = "opening", "accepting", "open", "dead"


class Segment(NamedTuple):
    """What one end tells the other."""

    sequence: int
    data: bytes
    acknowledges: int
    window_bytes: int
    syn: bool = False
    fin: bool = False
    rst: bool = False


class TcpListener(Protocol):
    """Who uses an end of a connection."""

    def tcp_connected(self) -> None:
        """It is open."""
        ...

    def tcp_received(self, data: bytes) -> None:
        """These bytes came; they take room in the window until ``TcpEnd.consumed``."""
        ...

    def tcp_acknowledged(self) -> None:
        """Everything that was sent has arrived."""
        ...

    def tcp_closed(self, why: str) -> None:
        """``PEER_CLOSED``: nothing more comes; REFUSED, RESET, UNANSWERED: it is gone. Once."""
        ...


class TcpEnd:
    """One end of a connection. ``transmit`` puts a segment on its way; ``arrived`` takes one."""

    __slots__ = (
        "_acked",
        "_closing",
        "_emitted",
        "_end",
        "_expected",
        "_measured",
        "_next",
        "_out",
        "_peer_closed",
        "_peer_window",
        "_queue",
        "_rto_ms",
        "_srtt_ms",
        "_state",
        "_timer",
        "_transmit",
        "_tries",
        "_unread",
        "_var_ms",
        "listener",
        "mss_bytes",
        "on_dead",
        "send_limit_bytes",
        "window_bytes",
    )

    def __init__(
        self,
        queue: EventQueue,
        transmit: Callable[[Segment], None],
        mss_bytes: int,
        window_bytes: int,
        send_limit_bytes: int,
    ) -> None:
        self._queue = queue
        self._transmit = transmit
        self.mss_bytes = mss_bytes
        self.window_bytes = window_bytes
        """What it holds unread at most."""
        self.send_limit_bytes = send_limit_bytes
        """What it holds unacknowledged at most."""
        self.listener: TcpListener | None = None
        self.on_dead: Callable[[], None] | None = None
        """Called once nothing more can happen here."""
        self._state = _OPENING
        self._out = bytearray()
        """Unacknowledged and unsent, from octet ``max(_acked, 1)`` to ``_end``."""
        self._acked = 0
        self._next = 0
        self._end = 1
        self._closing = False
        self._peer_closed = False
        self._peer_window = 0
        self._expected = 0
        self._unread = 0
        self._emitted = 0
        self._tries = 0
        self._rto_ms: float = FIRST_RTO_MS
        self._srtt_ms = self._var_ms = 0.0
        self._measured: tuple[int, int] | None = None
        """(octet, when it was first sent): Karn's rule, never of one sent twice."""
        self._timer: Event | None = None

    # -- what its user does -----------------------------------------------------------------------
    def connect(self) -> None:
        """Begin to open."""
        self._measured = (1, self._queue.now_ms)
        self._send_syn()

    def accept(self, syn: Segment) -> None:
        """Answer the other end's SYN."""
        self._state = _ACCEPTING
        self._expected = syn.sequence + 1
        self._peer_window = syn.window_bytes
        self._send_syn()

    @property
    def is_open(self) -> bool:
        """Whether it is connected and neither end has begun to close."""
        return self._state == _OPEN and not self._closing and not self._peer_closed

    @property
    def unacknowledged_bytes(self) -> int:
        """Bytes of ``send`` that the other end has not acknowledged."""
        return len(self._out)

    @property
    def room_bytes(self) -> int:
        """How much ``send`` takes now."""
        return self.send_limit_bytes - len(self._out)

    def send(self, data: bytes) -> None:
        """Send bytes, as soon as it is open. Raises ValueError for more than ``room_bytes``."""
        if len(data) > self.room_bytes:
            waits = len(self._out)
            raise ValueError(f"{waits} bytes wait already: send more when they are acknowledged")
        if self._state != _DEAD and not self._closing:
            self._out += data
            self._end += len(data)
            self._pump()

    def consumed(self, count: int) -> None:
        """Take note that the user read so many bytes of what came."""
        was_shut = self.window_bytes - self._unread < self.mss_bytes
        self._unread -= count
        if was_shut and self._state == _OPEN:
            self._emit(self._next)  # the window opened

    def close(self) -> None:
        """Send what is left, then FIN; its user hears nothing more."""
        self.listener = None
        if self._state in (_OPENING, _DEAD):
            self._die()
            return
        self._closing = True
        self._unread = 0
        self._pump()

    def abort(self) -> None:
        """Send RST; its user hears nothing more."""
        if self._state != _DEAD:
            self._transmit(Segment(self._next, b"", self._expected, 0, rst=True))
        self.vanish()

    def vanish(self) -> None:
        """Be gone without a word to anybody."""
        self.listener = None
        self._die()

    # -- what the other end does ------------------------------------------------------------------
    def arrived(self, segment: Segment) -> None:
        """Take a segment of the other end."""
        if self._state == _DEAD:
            return
        if segment.rst:
            self._end_with(REFUSED if self._state == _OPENING else RESET)
            return
        emitted = self._emitted
        if self._state == _OPENING:
            if not segment.syn:
                return
            self._expected = segment.sequence + 1
            self._take_acknowledgement(segment)
            self._open()
        else:
            self._take_acknowledgement(segment)
            if self._state == _ACCEPTING and self._acked:
                self._open()
        if segment.data or segment.fin:
            self._take_data(segment)
        wants_answer = segment.data or segment.fin or segment.syn
        if wants_answer and self._emitted == emitted and self._state == _OPEN:
            self._emit(self._next)
        if self._acked > self._end and self._peer_closed:
            self._die()

    def _open(self) -> None:
        self._state = _OPEN
        if self.listener is not None:
            self.listener.tcp_connected()
        self._pump()

    def _take_acknowledgement(self, segment: Segment) -> None:
        was_shut, self._peer_window = self._peer_window == 0, segment.window_bytes
        known = segment.acknowledges
        if known == self._acked and was_shut:  # the answer to a probe
            self._tries = min(self._tries, 6)
            if segment.window_bytes:
                self._next = known
        elif known > self._acked:
            del self._out[: min(known, self._end) - max(self._acked, 1)]
            self._acked = known
            self._next = max(self._next, known)
            self._tries = 0
            self._measure(known)
            self._set_timer()
            if self._acked == self._end > 1 and self.listener is not None:
                self.listener.tcp_acknowledged()
        if self._state == _OPEN:
            self._pump()

    def _measure(self, known: int) -> None:
        if self._measured is None or known < self._measured[0]:
            return
        took_ms = self._queue.now_ms - self._measured[1]
        self._measured = None
        if self._srtt_ms == 0:
            self._srtt_ms, self._var_ms = took_ms, took_ms / 2
        else:
            self._var_ms += (abs(self._srtt_ms - took_ms) - self._var_ms) / 4
            self._srtt_ms += (took_ms - self._srtt_ms) / 8
        self._rto_ms = min(MOST_RTO_MS, max(LEAST_RTO_MS, self._srtt_ms + 4 * self._var_ms))

    def _take_data(self, segment: Segment) -> None:
        known = self._expected - segment.sequence
        if known < 0 or known > len(segment.data) or self._peer_closed:
            return  # a gap, or all of it is known: only the acknowledgement says so
        room = self.window_bytes - self._unread
        fresh = segment.data[known : known + room]
        self._expected += len(fresh)
        ends = segment.fin and known + len(fresh) == len(segment.data)
        if ends:
            self._expected += 1
            self._peer_closed = True
        if fresh and self.listener is not None:
            self._unread += len(fresh)
            self.listener.tcp_received(fresh)
        if ends and self.listener is not None:
            self.listener.tcp_closed(PEER_CLOSED)

    # -- sending ----------------------------------------------------------------------------------
    def _send_syn(self) -> None:
        self._emit(0, syn=True)
        self._next = 1
        self._set_timer()

    def _pump(self) -> None:
        if self._state != _OPEN:
            return
        flight = min(self._peer_window, FLIGHT_SEGMENTS * self.mss_bytes)
        limit = min(self._end, self._acked + flight)
        while self._next < limit:
            self._send_data(min(self.mss_bytes, limit - self._next))
        if self._closing and self._next == self._end:
            self._next += 1
            self._emit(self._end, fin=True)
        if self._timer is None:
            self._set_timer()

    def _send_data(self, count: int) -> None:
        first = self._next
        start = first - self._acked
        self._next += count
        if self._measured is None and self._tries == 0:
            self._measured = (self._next, self._queue.now_ms)
        self._emit(first, bytes(self._out[start : start + count]))

    def _emit(
        self, sequence: int, data: bytes = b"", syn: bool = False, fin: bool = False
    ) -> None:
        self._emitted += 1
        window_bytes = self.window_bytes - self._unread
        self._transmit(Segment(sequence, data, self._expected, window_bytes, syn, fin))

    # -- the timer --------------------------------------------------------------------------------
    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._acked > self._end:  # its FIN is acknowledged
            self._timer = self._queue.after(LINGER_MS, self._die)
        elif self._next > self._acked or self._next < self._end:
            wait_ms = min(self._rto_ms * (1 << self._tries), MOST_RTO_MS)
            self._timer = self._queue.after(int(wait_ms), self._timed_out)

    def _timed_out(self) -> None:
        self._timer = None
        self._measured = None
        self._tries += 1
        if self._tries > (OPEN_TRIES if self._acked == 0 else DATA_TRIES):
            self._end_with(UNANSWERED)
            return
        if self._acked == 0:
            self._send_syn()
            return
        self._next = self._acked
        if self._peer_window == 0 and self._next < self._end:
            self._send_data(1)  # ask whether the window is still shut (RFC 9293 3.8.6.1)
        self._pump()
        self._set_timer()

    # -- the end ----------------------------------------------------------------------------------
    def _end_with(self, why: str) -> None:
        listener, self.listener = self.listener, None
        told = self._peer_closed
        self._die()
        if listener is not None and not told:
            listener.tcp_closed(why)

    def _die(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._state != _DEAD:
            self._state = _DEAD
            self._out.clear()
            if self.on_dead is not None:
                self.on_dead()
