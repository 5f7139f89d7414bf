"""The life of a client over a native link: PPP, Pycom's LTE, Digi's XBee.

Of the catalogue's faults each link has those that it can have: PPP all, while it is dialled; the
others, which have no AT line, those of network and power. What only an IP stack can do stands in
``native_faults``.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, Self

from ip_commands.boards import uart_stream
from ip_commands.device import os_udp_socket
from ip_commands.host_sim.faults import FaultError, Happened, Happening
from tests.reliability.board_stack import BoardStack
from tests.reliability.client_life import PORT, ClientLife, Struck
from tests.reliability.native_links import Link, PycomLink, XBeeLink
from tests.reliability.ppp_link import PppLink

NOTICED_S = 120.0
"""Until a link that is gone is noticed and dialled again: ``check_link`` is asked every 60 s."""
WITHOUT_AT_LINE = "no AT line runs between program and modem: nothing on it can be struck"
WITHOUT_SOCKETS = "the sockets are the board's: see stack_gives_up"
STACKS: Any = os_udp_socket
READERS: Any = uart_stream
"""The files of the device half in which the firmware's modules stand."""
FIRMWARE = ("machine", "network", "xbee")
"""Modules of a board that links bring along."""
LINKS: dict[str, Callable[[int], Link]] = {
    "PPP": lambda seed: PppLink(seed, watched=False),
    "PPP with carrier": lambda seed: PppLink(seed, watched=True),
    "Pycom": lambda seed: PycomLink(),
    "XBee": lambda seed: XBeeLink(),
}
OF_THE_CALL = (
    *("context_lost", "context_forgotten", "attach_rejected", "outage", "new_address"),
    *("sim_out", "reboot", "power_lost"),
)
"""Faults that strike a call in progress; others strike while the modem is dialled anew."""


class NativeLife(ClientLife):
    """A client on a board whose sockets are its own."""

    def __init__(self, name: str, seed: int = 0, client: dict[str, Any] | None = None) -> None:
        self.stack = BoardStack()
        self.link = LINKS[name](seed)
        self._before: tuple[Any, Any, dict[str, Any]] | None = None
        self._ends: list[Callable[[], None]] = []
        if isinstance(self.link, PppLink):
            self.link.modem.on_datagram = self._carried
        super().__init__(self.link.make(), PORT, **(client or {}))

    async def __aenter__(self) -> Self:
        """Put the board's firmware and its IP stack in place, until the end."""
        self._before = (STACKS.socket, READERS.StreamReader, dict(sys.modules))
        self.stack.open()
        STACKS.socket = self.stack
        sys.modules.update(self.link.firmware())
        try:
            return await super().__aenter__()
        except BaseException:
            self._put_back()
            raise

    async def __aexit__(self, *details: object) -> None:
        try:
            await super().__aexit__(*details)
        finally:
            self._put_back()

    def _put_back(self) -> None:
        assert self._before is not None
        self.stack.close()
        STACKS.socket, READERS.StreamReader, modules = self._before
        for name in FIRMWARE:
            sys.modules.pop(name, None)
            if name in modules:
                sys.modules[name] = modules[name]

    def deliver(self, payload: bytes) -> None:
        if isinstance(self.link, PppLink):
            self.link.radio.inject_datagram(payload)
        elif self.link.carries():
            self._carried(payload)

    def _carried(self, payload: bytes) -> None:
        if self.link.carries() and self.stack.deliver(payload, PORT):
            self.was_held(payload)

    # --- faults --------------------------------------------------------------------------------

    def inject(self, fault: str, **arguments: Any) -> Struck:
        if isinstance(self.link, PppLink):
            return self._inject_while_dialled(self.link, fault, arguments)
        struck = LinkFault(self.link, fault, arguments)
        self._ends.append(struck.end)
        return struck

    def _inject_while_dialled(
        self, link: PppLink, fault: str, arguments: dict[str, Any]
    ) -> Struck:
        if fault == "socket_closed":
            raise FaultError(WITHOUT_SOCKETS)
        if fault.startswith("edrx_"):
            raise FaultError("nobody asks for eDRX where PPP runs")
        if fault in OF_THE_CALL:
            return link.faults.inject(fault, **arguments)
        coming = Coming()
        link.faults.inject(fault, **arguments).cancel()  # what cannot be had is said at once
        link.dialling = lambda: coming.strike(link.faults.inject(fault, **arguments))
        link.drop()
        return coming

    def heal(self) -> None:
        if isinstance(self.link, PppLink):
            self.link.dialling = lambda: None
            self.link.faults.heal()
        while self._ends:
            self._ends.pop()()


class Coming:
    """A fault that is injected when the modem is dialled again."""

    def __init__(self) -> None:
        self._handle: Struck | None = None

    def strike(self, handle: Struck) -> None:
        self._handle = handle

    @property
    def happened(self) -> Happened:
        return Happened() if self._handle is None else self._handle.happened


class LinkFault:
    """A fault of the catalogue, as a link without AT has it. Raises FaultError for others."""

    def __init__(self, link: Link, name: str, arguments: dict[str, Any]) -> None:
        self.happened = Happened()
        self._link = link
        if name == "socket_closed":
            raise FaultError(WITHOUT_SOCKETS)
        begin = getattr(self, f"_{name}", None)
        if begin is None:
            raise FaultError(f"{name}: {WITHOUT_AT_LINE}")
        if name in ("reboot", "power_lost") and not link.CRASHES_ALONE:
            raise FaultError(f"{name}: the program restarts with the module that it runs in")
        if arguments.get("to") or not arguments.get("urc", True) or "boot_line" in arguments:
            raise FaultError(f"{name}: {WITHOUT_AT_LINE}")
        loop = asyncio.get_running_loop()
        begin()
        self.happened.note(Happening(loop.time() * 1000, "", name))
        if "for_ms" in arguments:
            loop.call_later(arguments["for_ms"] / 1000, self.end)

    def end(self) -> None:
        """Give back what was taken; a link that needs to be asked for stays down."""
        self._link.network_is_there = True
        self._link.forgotten = self._link.silent = False
        self._link.refusals = 0

    def _outage(self) -> None:
        self._link.network_is_there = False
        self._link.drop()

    _sim_out = _attach_rejected = _outage

    def _context_lost(self) -> None:
        self._link.drop()

    def _new_address(self) -> None:
        self._link.drop()
        self._link.attach()
        self._link.connect()

    def _context_forgotten(self) -> None:
        self._link.forgotten = True

    def _silence(self) -> None:
        self._link.silent = True

    def _command_refused(self) -> None:
        self._link.drop()
        self._link.refusals = 1

    def _reboot(self) -> None:
        self._link.drop()
        self._link.crashed = True

    def _power_lost(self) -> None:
        self._reboot()
        self._link.silent = True
