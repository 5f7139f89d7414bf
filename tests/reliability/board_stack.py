"""The IP stack of a board, in the place of ``socket`` for ``device.os_udp_socket``.

Its sockets are real ones on this machine's loopback interface, so that the loop can watch them;
what they are told to send goes no farther than into ``uplink``.
"""

import errno
import socket
from collections import deque

from tests.reliability.client_life import SERVICE

UPLINK_KEPT = 1000


class BoardStack:
    """Stands where the module ``socket`` stands.

    ``send_error``: errno with which every send ends, None: none does.
    """

    AF_INET = socket.AF_INET
    SOCK_DGRAM = socket.SOCK_DGRAM
    getaddrinfo = staticmethod(socket.getaddrinfo)

    def __init__(self) -> None:
        self.bound: dict[int, BoardSocket] = {}
        """Open sockets by the port that the program asked for."""
        self.uplink: deque[bytes] = deque(maxlen=UPLINK_KEPT)
        self.send_error: int | None = None
        self._wire: socket.socket | None = None

    def open(self) -> None:
        """Begin; ``close`` has to follow."""
        self._wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def socket(self, family: int, kind: int) -> "BoardSocket":
        return BoardSocket(self, family, kind)

    def deliver(self, payload: bytes, port: int) -> bool:
        """Put a datagram into the buffer of the socket on that port; False: there is none."""
        sock = self.bound.get(port)
        if sock is None or self._wire is None:
            return False
        self._wire.sendto(payload, sock.getsockname())
        return True

    def give_up_sockets(self) -> int:
        """Let every open socket fail from now on, as when its interface is torn down.

        Returns how many there were. What they hold comes first.
        """
        for port, sock in self.bound.items():
            sock.given_up = True
            self.deliver(b"", port)  # wakes whoever waits for it
        return len(self.bound)

    def close(self) -> None:
        """End; may be called twice."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


class BoardSocket(socket.socket):
    """A UDP socket of the board."""

    def __init__(self, stack: BoardStack, family: int, kind: int) -> None:
        super().__init__(family, kind)
        self.given_up = False
        self._stack = stack
        self._port = 0

    def bind(self, address: tuple[str, int]) -> None:  # type: ignore[override]
        self._port = address[1]
        if self._port in self._stack.bound:
            raise OSError(errno.EADDRINUSE, "address in use")
        super().bind(("127.0.0.1", 0))
        self._stack.bound[self._port] = self

    def sendto(self, payload: bytes, address: tuple[str, int]) -> int:  # type: ignore[override]
        if self._stack.send_error is not None:
            raise OSError(self._stack.send_error, "the stack cannot send")
        self._stack.uplink.append(bytes(payload))
        return len(payload)

    def recvfrom(self, size: int) -> tuple[bytes, tuple[str, int]]:  # type: ignore[override]
        payload, _ = super().recvfrom(size)
        if self.given_up and not payload:
            raise OSError(errno.ENOTCONN, "the interface is gone")
        return payload, SERVICE

    def close(self) -> None:
        if self._stack.bound.get(self._port) is self:
            del self._stack.bound[self._port]
        super().close()
