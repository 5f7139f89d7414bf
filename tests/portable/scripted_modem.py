"""A Modem and its UdpSocket whose failures a test scripts; for the client and its connection."""

import asyncio

from ip_commands.device.errors import ReceiveTimeout, SocketClosed
from ip_commands.device.portable import sleep_ms, wait_event_ms


class ScriptedSocket:
    """A UdpSocket: ``arrive`` datagrams or exceptions, read ``sent``."""

    def __init__(self, max_payload):
        self.max_payload = max_payload
        self.tells_sender = True
        self.on_loss = None
        self.lost = False
        self.dropped = 0
        self.sent = []
        self.send_errors = []
        self.closed = 0
        self._arrived = []
        self._parked = []
        self._wake = asyncio.Event()
        self.receiving = False

    def arrive(self, payload_or_error, host="100.64.0.1", port=6969):
        self._arrived.append((payload_or_error, host, port))
        self._wake.set()

    def park(self, payload, host="100.64.0.1", port=6969):
        """A datagram is in the host already: it outlasts the socket."""
        self._parked.append((payload, host, port))
        self._wake.set()

    def waiting(self):
        """Return how many datagrams the "modem" still holds."""
        return len(self._arrived)

    async def receive(self, timeout_ms):
        assert not self.receiving, "ONE task may receive"
        if self._parked:
            return self._parked.pop(0)
        self.receiving = True
        try:
            while not self._arrived and not self.closed:
                self._wake.clear()
                if not await wait_event_ms(self._wake, timeout_ms):
                    raise ReceiveTimeout("nothing")
        finally:
            self.receiving = False
        if self.closed:
            raise SocketClosed("closed")
        payload, host, port = self._arrived.pop(0)
        if isinstance(payload, Exception):
            raise payload
        return payload, host, port

    def interrupt(self):
        """Let ``receive`` go on: it looks again at its next datagram."""

    async def send_to(self, payload, host, port, last=False):
        await sleep_ms(20)
        if self.closed:
            raise SocketClosed("closed")
        if self.send_errors:
            raise self.send_errors.pop(0)
        self.sent.append((payload, host, port))

    async def close(self):
        self.closed += 1
        self._wake.set()


class ScriptedModem:
    """A Modem: ``start``, ``attach`` and ``open_udp`` take 100 ms each, then fail as scripted.

    ``script`` is a list of (name of the call, exception), used up in order as the calls come;
    ``calls`` notes every call as (name, arguments...).
    """

    def __init__(self, script=(), max_payload=1300):
        self.script = list(script)
        self.calls = []
        self.sockets = []
        self.on_hint = None
        self.check_ms = 300000
        self.damaged = 0
        self.power_saving = (None, None)
        self.asleep_ms = 0
        self.tells_sender = True
        self._max_payload = max_payload

    async def _step(self, name, *arguments):
        self.calls.append((name,) + arguments)
        await sleep_ms(100)
        if self.script and self.script[0][0] == name:
            raise self.script.pop(0)[1]

    async def start(self):
        await self._step("start")

    async def find(self):
        await self._step("find")

    async def check_link(self):
        await self._step("check_link")

    async def restart_radio(self):
        await self._step("restart_radio")

    async def power_cycle(self):
        await self._step("power_cycle")

    def line_health(self):
        return {"damaged": self.damaged}

    async def read_power_saving(self):
        return self.power_saving

    def sleep_is_due(self):
        return False

    async def is_awake(self):
        return False

    def sleep_ms(self):
        return self.asleep_ms

    async def attach(self, apn, timeout_ms):
        await self._step("attach", apn)

    async def open_udp(self, local_port):
        await self._step("open_udp", local_port)
        self.sockets.append(ScriptedSocket(self._max_payload))
        self.sockets[-1].tells_sender = self.tells_sender
        return self.sockets[-1]

    def names(self):
        return [call[0] for call in self.calls]

    @property
    def socket(self):
        return self.sockets[-1]
