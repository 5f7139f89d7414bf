"""Join datagrams that a modem hands over in parts, because one read holds less than a datagram.

u-blox: a read returns data of one datagram only; what did not fit stays for the next read, with
the sender repeated (UBX-20032566). The answer does not say whether a rest follows. What does:

- a part shorter than the read asked for is the last one;
- a URC that announced exactly the length of a full part means that nothing follows it;
- a rest comes from the same sender, and the whole fits into one IPv4 packet of 1500 bytes.

Left in doubt are two datagrams of one sender of which the first has exactly the size of a full
part, waits behind others, and is followed by a short one: they are joined.
"""

from collections import deque

from ip_commands.device.portable import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ip_commands.modem_drivers.modem_socket import Datagram

_LONGEST_BYTES = const(1472)  # 1500 - IPv4 header - UDP header
_READY = const(4)


class DatagramParts:
    """Parts in (``announce``, ``add``, ``end``), whole datagrams out (``take``).

    limit_bytes: the most that one read returns.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._announced = 0  # by the last URC since the last part; 0: none
        self._missing = False  # a URC promised more than the parts so far
        self._head: "Datagram | None" = None  # its end may be yet to come
        self._ready: "deque[Datagram]" = deque((), _READY)  # noqa: RUF037  MicroPython

    def announce(self, count_bytes: int) -> None:
        """A URC told how many bytes wait."""
        self._announced = count_bytes

    def add(self, payload: bytes, host: str, port: int) -> None:
        """One read returned this."""
        size_bytes = len(payload)
        head = self._head
        if head:
            if head[1:] == (host, port) and len(head[0]) + size_bytes <= _LONGEST_BYTES:
                payload = head[0] + payload
            else:
                self._ready.append(head)
        announced, self._announced = self._announced, 0
        if size_bytes < self._limit_bytes or announced == size_bytes:
            self._head = None
            self._ready.append((payload, host, port))
        else:
            self._head = (payload, host, port)
            self._missing = announced > size_bytes

    def end(self) -> bool:
        """The modem holds no more; False when a datagram's announced end never came.

        Its beginning is forgotten: half a datagram is none.
        """
        head, self._head = self._head, None
        if head and self._missing:
            return False
        if head:
            self._ready.append(head)
        return True

    def take(self) -> "Datagram | None":
        """Return the next whole datagram, None when there is none."""
        return self._ready.popleft() if self._ready else None
