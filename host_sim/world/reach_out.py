"""Let devices' UDP reach real programs: datagrams to this machine go through sockets of the OS.

Each device's source port gets a socket of its own, as behind a carrier's NAT: what is sent back to
it becomes a downlink datagram to that port, until nothing has been sent for ``IDLE_S``. UDP only:
the fake modems carry no TCP.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable

from ip_commands.host_sim.lte import Datagram, NotAttached

LOOPBACK = "127.0.0.0/8"

IDLE_S = 300.0
"""How long a mapping lasts after its last uplink datagram: RFC 4787 REQ-5 recommends 5 minutes."""

MAX_SOCKETS = 64
"""With one more, the mapping that was idle longest is given up."""

_DATAGRAMS_PER_TURN = 32
_LONGEST_DATAGRAM = 65535

Downlink = Callable[[str, bytes, int, str, int], object]
"""ICCID, payload, the device's port, source host and port. Raises NotAttached."""


class Mapping:
    """One (device, source port) and the OS socket that stands for it."""

    def __init__(self, iccid: str, device_port: int, bind_to: str, now_s: float) -> None:
        self.iccid = iccid
        self.device_port = device_port
        self.used_s = now_s
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self.socket.setblocking(False)
            self.socket.bind((bind_to, 0))
        except OSError:
            self.socket.close()
            raise


class ReachOut:
    """Real UDP for the devices of a running loop; ``close()`` it at last.

    downlink: called with what comes back. networks: IPv4 networks that may be reached besides
    loopback; everything else is refused. idle_s: on the loop's clock.
    Raises ValueError for what is no network.
    """

    def __init__(
        self,
        downlink: Downlink,
        networks: Iterable[str] = (),
        *,
        idle_s: float = IDLE_S,
        max_sockets: int = MAX_SOCKETS,
    ) -> None:
        self.networks = [ipaddress.IPv4Network(text) for text in (LOOPBACK, *networks)]
        self.sent = 0
        self.came_back = 0
        self.refused = 0
        """Datagrams to addresses outside ``networks``."""
        self.lost = 0
        """Datagrams that the OS did not take, and answers that no device could be sent."""
        self._loop = asyncio.get_running_loop()
        self._downlink = downlink
        self._idle_s = idle_s
        self._max_sockets = max_sockets
        self._mappings: dict[tuple[str, int, bool], Mapping] = {}
        """By device, port and whether it is for loopback; the one used last comes last."""
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def open_sockets(self) -> int:
        """How many mappings there are."""
        return len(self._mappings)

    def send(self, iccid: str, datagram: Datagram, host: str, port: int, now_ms: int) -> None:
        """Hand an uplink datagram to the OS; its trail tells what became of it."""
        if not self._allows(host):
            self.refused += 1
            datagram.note(now_ms, "refused", "{0} is outside what devices may reach here", host)
            return
        try:
            mapping = self._mapping(iccid, datagram.source_port, ipaddress.IPv4Address(host))
            mapping.socket.sendto(datagram.payload, (host, port))
        except OSError as error:
            self.lost += 1
            datagram.note(now_ms, "lost", "this machine did not send it: {0}", error)
            return
        self.sent += 1
        datagram.note(
            now_ms,
            "handed out",
            "to {0}:{1} from this machine's UDP port {2}",
            *(host, port, mapping.socket.getsockname()[1]),
        )

    def close(self) -> None:
        """Close all sockets."""
        while self._mappings:
            self._close(next(iter(self._mappings)))
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def _allows(self, host: str) -> bool:
        try:
            address = ipaddress.IPv4Address(host)
        except ValueError:  # a name: modems resolve those in the network, which has no DNS
            return False
        return any(address in network for network in self.networks)

    def _mapping(self, iccid: str, port: int, to: ipaddress.IPv4Address) -> Mapping:
        key = (iccid, port, to.is_loopback)
        mapping = self._mappings.pop(key, None)
        now_s = self._loop.time()
        if mapping is None:
            if len(self._mappings) >= self._max_sockets:
                self._close(next(iter(self._mappings)))
            # for loopback, nobody but this machine can send to it
            mapping = Mapping(iccid, port, "127.0.0.1" if to.is_loopback else "0.0.0.0", now_s)
            self._loop.add_reader(mapping.socket, self._readable, mapping)
        mapping.used_s = now_s
        self._mappings[key] = mapping
        if self._sweep is None:
            self._sweep = self._loop.call_later(self._idle_s, self._close_idle)
        return mapping

    def _close_idle(self) -> None:
        self._sweep = None
        now_s = self._loop.time()
        while self._mappings:
            key, mapping = next(iter(self._mappings.items()))
            left_s = mapping.used_s + self._idle_s - now_s
            if left_s > 0:
                self._sweep = self._loop.call_later(left_s, self._close_idle)
                return
            self._close(key)

    def _close(self, key: tuple[str, int, bool]) -> None:
        mapping = self._mappings.pop(key)
        self._loop.remove_reader(mapping.socket)
        mapping.socket.close()

    def _readable(self, mapping: Mapping) -> None:
        for _ in range(_DATAGRAMS_PER_TURN):
            try:
                payload, (host, port) = mapping.socket.recvfrom(_LONGEST_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:  # an ICMP error for an earlier datagram
                self.lost += 1
                continue
            if not self._allows(host):
                self.refused += 1
                continue
            try:
                self._downlink(mapping.iccid, payload, mapping.device_port, host, port)
                self.came_back += 1
            except NotAttached:
                self.lost += 1
