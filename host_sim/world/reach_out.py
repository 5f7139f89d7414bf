"""Let devices' UDP reach real programs: datagrams to this machine go through sockets of the OS.

Each mapping of the core's NAT (``lte.nat``) gets a socket of its own: what is sent back to it
becomes a downlink datagram to the device's port. Whether the NAT still knows it is decided there;
a socket is kept for ``IDLE_S``, longer than most NATs remember, so that an answer that comes too
late is told of, not swallowed. UDP only: the fake modems carry no TCP.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable

from ip_commands.host_sim.lte import Datagram, NotAttached

LOOPBACK = "127.0.0.0/8"

IDLE_S = 300.0
"""How long a socket is kept after its last uplink datagram, whatever the NAT remembers."""

MAX_SOCKETS = 64
"""With one more, the one that was idle longest is given up."""

_DATAGRAMS_PER_TURN = 32
_LONGEST_DATAGRAM = 65535

Downlink = Callable[[str, bytes, int, str, int, int | None], Datagram]
"""ICCID, payload, the device's port, source host and port, NAT mapping. Raises NotAttached."""

_Key = tuple[str, int, int | None, bool]
"""Device, port, the NAT's mapping, and whether it is for loopback."""


class Mapping:
    """One mapping of the NAT, of a device's port, and the OS socket that stands for it."""

    def __init__(
        self, iccid: str, device_port: int, nat_mapping: int | None, bind_to: str, now_s: float
    ) -> None:
        self.iccid = iccid
        self.device_port = device_port
        self.nat_mapping = nat_mapping
        self.until_s = now_s
        """When its socket is closed, unless it is used before."""
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
    loopback; everything else is refused. idle_s: how long a socket is kept, on the loop's clock;
    at least twice as long as the NAT remembers.
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
        """Answers handed to the network; their own trails tell whether its NAT let them in."""
        self.refused = 0
        """Datagrams to addresses outside ``networks``."""
        self.lost = 0
        """Datagrams that the OS did not take, and answers that no device could be sent."""
        self._loop = asyncio.get_running_loop()
        self._downlink = downlink
        self._idle_s = idle_s
        self._max_sockets = max_sockets
        self._mappings: dict[_Key, Mapping] = {}
        """The one used last comes last."""
        self._sweep: asyncio.TimerHandle | None = None

    @property
    def open_sockets(self) -> int:
        """How many mappings there are."""
        return len(self._mappings)

    def send(
        self,
        iccid: str,
        datagram: Datagram,
        host: str,
        port: int,
        now_ms: int,
        nat_mapping: int | None = None,
        nat_idle_s: float = 0,
    ) -> None:
        """Hand an uplink datagram to the OS; its trail tells what became of it.

        nat_mapping: the number of the NAT's mapping that it left through; nat_idle_s: for how long
        that is remembered, which its socket outlives.
        """
        if not self._allows(host):
            self.refused += 1
            datagram.note(now_ms, "refused", "{0} is outside what devices may reach here", host)
            return
        try:
            key = (
                iccid,
                datagram.source_port,
                nat_mapping,
                ipaddress.ip_address(host).is_loopback,
            )
            mapping = self._mapping(key, nat_idle_s)
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

    def _mapping(self, key: _Key, nat_idle_s: float) -> Mapping:
        iccid, port, nat_mapping, loopback = key
        mapping = self._mappings.pop(key, None)
        now_s = self._loop.time()
        if mapping is None:
            if len(self._mappings) >= self._max_sockets:
                self._close(next(iter(self._mappings)))
            # for loopback, nobody but this machine can send to it
            bind_to = "127.0.0.1" if loopback else "0.0.0.0"
            mapping = Mapping(iccid, port, nat_mapping, bind_to, now_s)
            self._loop.add_reader(mapping.socket, self._readable, mapping)
        mapping.until_s = now_s + max(self._idle_s, 2 * nat_idle_s)
        self._mappings[key] = mapping
        if self._sweep is None:
            self._sweep = self._loop.call_at(mapping.until_s, self._close_idle)
        return mapping

    def _close_idle(self) -> None:
        self._sweep = None
        now_s = self._loop.time()
        for key in [key for key, mapping in self._mappings.items() if mapping.until_s <= now_s]:
            self._close(key)
        if self._mappings:
            next_s = min(mapping.until_s for mapping in self._mappings.values())
            self._sweep = self._loop.call_at(next_s, self._close_idle)

    def _close(self, key: _Key) -> None:
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
                self._downlink(
                    mapping.iccid, payload, mapping.device_port, host, port, mapping.nat_mapping
                )
                self.came_back += 1
            except NotAttached:
                self.lost += 1
