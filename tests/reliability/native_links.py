"""Links whose sockets are the board's own: the air, and the firmware that brings them up.

``network.LTE`` and ``network.Cellular`` as ``boards`` names their methods; PPP: ``ppp_link``.
"""

import asyncio
import errno
from types import SimpleNamespace
from typing import Any, ClassVar

from ip_commands.boards import pycom_lte, xbee_cellular
from ip_commands.device.os_udp_socket import OsNetwork

ATTACH_S = 2.0
CONNECT_S = 1.0


class Link:
    """One link and its firmware; what happens to it, and whether it carries data now."""

    CRASHES_ALONE: ClassVar[bool] = False
    """The modem is another chip than the program's: it can restart without it."""

    def __init__(self) -> None:
        self.network_is_there = True
        self.forgotten = False
        """All looks well, and nothing passes."""
        self.silent = False
        """Every call into the firmware fails, and nothing helps."""
        self.crashed = False
        """The same, until the firmware is begun anew."""
        self.refusals = 0
        """So many wishes to attach fail from now on."""
        self.attached_at_s: float | None = None
        self.connected_at_s: float | None = None

    def make(self) -> OsNetwork:
        """Return the network that ``boards`` makes of it; needs a running loop."""
        raise NotImplementedError

    def firmware(self) -> dict[str, Any]:
        """Return the modules of the board's firmware, by name."""
        raise NotImplementedError

    def drop(self) -> None:
        """The network ends the link."""
        self.attached_at_s = self.connected_at_s = None

    def call(self) -> None:
        """Every call into the firmware begins here."""
        if self.silent or self.crashed:
            raise OSError(errno.ETIMEDOUT, "the modem does not answer")

    def attach(self) -> None:
        self.call()
        if self.refusals:
            self.refusals -= 1
            raise OSError(errno.EIO, "refused")
        self.attached_at_s = self.now_s() + ATTACH_S

    def is_attached(self) -> bool:
        self.call()
        return self.network_is_there and self.is_past(self.attached_at_s)

    def connect(self) -> None:
        self.call()
        self.connected_at_s = self.now_s() + CONNECT_S

    def is_connected(self) -> bool:
        self.call()
        return self.network_is_there and self.is_past(self.connected_at_s)

    def carries(self) -> bool:
        """Whether a datagram gets through now."""
        up = self.network_is_there and self.is_past(self.connected_at_s)
        return up and not (self.forgotten or self.silent or self.crashed)

    @staticmethod
    def now_s() -> float:
        return asyncio.get_running_loop().time()

    def is_past(self, at_s: float | None) -> bool:
        return at_s is not None and self.now_s() >= at_s


class PycomLink(Link):
    """``network.LTE``: its modem is another chip, which can crash alone."""

    CRASHES_ALONE = True

    def make(self) -> OsNetwork:
        return pycom_lte.modem()

    def firmware(self) -> dict[str, Any]:
        link = self

        class LTE:
            def __init__(self) -> None:
                link.crashed = False
                link.call()

            def attach(self, apn: str) -> None:
                link.attach()

            def isattached(self) -> bool:
                return link.is_attached()

            def connect(self, cid: int) -> None:
                link.connect()

            def isconnected(self) -> bool:
                return link.is_connected()

            def deinit(self) -> None:
                link.drop()

        return {"network": SimpleNamespace(LTE=LTE)}


class XBeeLink(Link):
    """``network.Cellular``: the program runs inside the module, which connects by itself."""

    def make(self) -> OsNetwork:
        return xbee_cellular.modem()

    def firmware(self) -> dict[str, Any]:
        link = self
        settings = {"AN": "-"}

        class Cellular:
            def active(self, on: bool) -> None:
                if on and link.connected_at_s is None:
                    link.attach()
                    link.connect()
                elif not on:
                    link.call()
                    link.drop()

            def isconnected(self) -> bool:
                return link.is_connected()

        def atcmd(name: str, value: str | None = None) -> str | None:
            link.call()
            if value is None:
                return settings[name]
            settings[name] = value
            return None

        return {
            "network": SimpleNamespace(Cellular=Cellular),
            "xbee": SimpleNamespace(atcmd=atcmd),
        }
