"""Digi XBee 3 Cellular: MicroPython inside the module, sockets are the module's own.

Sources: Digi's MicroPython type hints (``network.Cellular``: isconnected, active; ``xbee.atcmd``),
XBee 3 Cellular user guides: ``AN`` is the access point name; LTE-M/NB-IoT modules send at most 512
bytes of UDP at once, the 3G module 1024, and have 10 sockets of which one belongs to Remote
Manager.
"""

from ip_commands.device.os_udp_socket import OsNetwork
from ip_commands.device.portable import sleep_ms

POLL_MS = 500
MAX_PAYLOAD_BYTES = 512


def modem(max_payload: int = MAX_PAYLOAD_BYTES) -> OsNetwork:
    """Return the module's network for ``IpCommandClient``; nothing is switched on yet.

    max_payload: what this model sends at once, in bytes.
    """

    async def bring_up(apn: str, timeout_ms: int) -> None:
        import xbee
        from network import Cellular

        if xbee.atcmd("AN") != apn:
            xbee.atcmd("AN", apn)
        Cellular().active(True)
        while await is_up():
            await sleep_ms(POLL_MS)

    async def take_down() -> None:
        from network import Cellular

        Cellular().active(False)  # airplane mode

    async def is_up() -> str:
        from network import Cellular

        return "" if Cellular().isconnected() else "the module is not connected"

    return OsNetwork(bring_up, take_down, max_payload=max_payload, is_up=is_up)
