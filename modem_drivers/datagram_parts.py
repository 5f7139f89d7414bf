"""Join datagrams that a modem hands over in parts, because one read holds less than a datagram.

u-blox: a read returns data of one datagram only; what did not fit stays for the next read, with
the sender repeated (UBX-20032566). The answer does not say whether a rest follows. What tells:

- a URC that comes while the modem holds nothing names the size of the one datagram that came;
- a part shorter than the read asked for is the last one;
- a URC behind a full part names its rest, or, when it was whole, all that waits: when the next
  part is shorter than the URC named, that part is a datagram of its own; a longer one is garbled;
- a rest comes from the same sender, and the whole fits into one IPv4 packet of 1500 bytes.

Left in doubt is a full part that waited behind others, followed by a short one from the same
sender. Every IP Command has the same sender: joining might make one command of two, and handing
them over apart two of one. Neither is done: both are dropped and counted, which can be seen.
"""

from collections import deque

from ..device.portable import const

_TYPE_CHECKING = const(0)
if _TYPE_CHECKING:
    from .modem_socket import Datagram

_LONGEST_BYTES = const(1472)  # 1500 - IPv4 header - UDP header
_READY = const(4)


class DatagramParts:
    """Parts in (``announce``, ``add``, ``end``), whole datagrams out (``take``).

    limit_bytes: the most that one read returns.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.dropped = 0
        """Datagrams whose end is lost, or whose bounds nobody can tell."""
        self.settled = 0
        """Those of them whose other part went with a read that failed."""
        self._limit_bytes = limit_bytes
        self._empty = True  # the modem holds nothing, as far as it said
        self._size = 0  # of the datagram that begins with the next part, where it is known
        self._asked = 0  # that size when the read under way began
        self._told = 0  # by a URC since the last part; 0: none
        self._before = 0  # what was told before that, or the size, with no part in between
        self._waited = 0  # what a URC told before the last part was read, that part with it
        self._head: "Datagram | None" = None  # its end may be yet to come
        self._broken = False  # a part was lost on its way here
        self._ready: "deque[Datagram]" = deque((), _READY)  # noqa: RUF037  MicroPython

    def announce(self, count_bytes: int, alone: bool = False) -> None:
        """A URC told how many bytes wait; alone: long after the last read, so none waited then."""
        if self._empty or (alone and not self._head):
            self._empty = False
            self._size = count_bytes
        else:
            self._before = self._told or self._size
            self._told = count_bytes

    def ask(self) -> None:
        """A read begins."""
        self._asked = self._size

    def add(self, payload: bytes, host: str, port: int) -> None:
        """One read returned this."""
        told, self._told = self._told, 0
        waited, self._waited = self._waited, told
        before, self._before = self._before, 0
        self._empty = False
        head, self._head = self._head, None
        broken, self._broken = self._broken, False
        if broken and head:
            head = None  # what it waited for is lost
            self.dropped += 1
            self.settled += 1
            self._size = 0
        if not head:
            size, first = self._size, min(self._size, self._limit_bytes)
            if len(payload) != first:
                self._size = 0  # the part that it was told of was lost
            if len(payload) < self._limit_bytes:
                is_end = size > self._limit_bytes  # of one whose beginning is lost
                looks_so = False
                if broken and not size:
                    if told in (0, len(payload)):
                        looks_so = not before or not told
                    else:  # told before the part was lost
                        before, told = told, len(payload)
                    # so much less waits: a full part is lost, and this its rest; or one short part
                    is_end = not looks_so and before - told >= self._limit_bytes
                if is_end or looks_so:
                    self.dropped += 1
                    self.settled += broken and is_end
                    return
        else:
            joined = head[0] + payload
            if self._size:  # known from its first URC
                known = len(joined) - self._size  # 0: it is its rest, though its sender is garbled
                if known == 0 or (known < 0 and head[1:] == (host, port)):
                    payload, host, port = joined, head[1], head[2]
                else:  # its end is lost
                    self.dropped += 1
                    self._size = 0
            elif (  # another sender may be the same one, garbled, where the URC told of its rest
                len(joined) > _LONGEST_BYTES
                or told > len(payload)
                or (head[1:] != (host, port) and told != len(payload))
            ):
                self._ready.append(head)
            elif told == len(payload) and len(head[0]) < waited != len(head[0]) + told:
                payload, host, port = joined, head[1], head[2]  # less than all that waits
            else:
                self.dropped += 2
                return
        is_full = not len(payload) % self._limit_bytes
        if is_full and (not self._size or self._size > len(payload)):
            self._head = (payload, host, port)
        else:
            self._size = 0
            self._ready.append((payload, host, port))

    def lose(self) -> None:
        """A read failed: the modem may hold its part no more, and go on with the next one."""
        if self._asked != self._size <= _LONGEST_BYTES - self._limit_bytes:
            # told while it was asked for: what the lost part left, or what came then
            self._told, self._size = self._size, 0
        elif self._broken and self._told:
            self._size = 0  # it was of the one that went with the read before
        self._broken = True

    def found(self) -> None:
        """The answer to the read that failed comes after all, or held nothing."""
        self._broken = False

    def in_doubt(self) -> bool:
        """Whether a read failed since the last part."""
        return self._broken

    def end(self) -> None:
        """The modem holds no more: what is known to lack its end is dropped."""
        head, self._head = self._head, None
        if head and (self._size or self._broken):
            self.dropped += 1
            self.settled += self._broken
        elif head:
            self._ready.append(head)
        self._size = self._told = self._waited = self._before = 0
        self._broken = False
        self._empty = True

    def take(self) -> "Datagram | None":
        """Return the next whole datagram, None when there is none."""
        return self._ready.popleft() if self._ready else None
