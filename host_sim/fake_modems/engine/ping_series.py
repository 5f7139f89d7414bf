"""A ping command of a fake modem: look the name up, then so many requests, one after the other."""

from collections.abc import Callable
from typing import Any, Protocol

from ip_commands.host_sim.fake_modems.engine.tcp_link import NO_NAME, NO_NAME_SERVER, HasIp


class PingOwner(Protocol):
    """The modem."""

    @property
    def radio(self) -> HasIp: ...

    def later(self, delay_ms: float, callback: Callable[..., None], *arguments: Any) -> None: ...

    def in_this_boot(self, callback: Callable[..., None]) -> Callable[..., None]: ...


class PingSeries:
    """``start`` it once.

    pause_ms: between an answer, or the end of its time, and the next request. on_reply: called
    with the round-trip time in ms, None for no answer. on_end: called with "" or why it never
    began (``NO_NAME``, ``NO_NAME_SERVER``).
    """

    def __init__(
        self,
        owner: PingOwner,
        host: str,
        *,
        count: int,
        size_bytes: int,
        timeout_ms: int,
        pause_ms: int = 0,
        on_reply: Callable[[int | None], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._owner = owner
        self.host = host
        self.address = ""
        """Of the host, once it is known."""
        self.count = count
        self.size_bytes = size_bytes
        self.timeout_ms = timeout_ms
        self._pause_ms = pause_ms
        self._on_reply = on_reply
        self._on_end = on_end
        self.sent = 0
        self.times_ms: list[int] = []

    @property
    def received(self) -> int:
        return len(self.times_ms)

    def start(self, after_ms: float) -> None:
        """Begin, after the time that the firmware needs."""
        found = self._owner.in_this_boot(self._found)
        self._owner.later(after_ms, self._owner.radio.ip.resolve, self.host, found)

    def _found(self, addresses: tuple[str, ...] | None) -> None:
        if not addresses:
            self._on_end(NO_NAME_SERVER if addresses is None else NO_NAME)
            return
        self.address = addresses[0]
        self._send()

    def _send(self) -> None:
        self.sent += 1
        answered = self._owner.in_this_boot(self._answered)
        self._owner.radio.ip.ping(self.address, self.size_bytes, self.timeout_ms, answered)

    def _answered(self, time_ms: int | None) -> None:
        if time_ms is not None:
            self.times_ms.append(time_ms)
        self._on_reply(time_ms)
        if self.sent >= self.count:
            self._on_end("")
        elif self._pause_ms:
            self._owner.later(self._pause_ms, self._send)
        else:
            self._send()
