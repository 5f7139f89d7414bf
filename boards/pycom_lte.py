"""Pycom GPy and FiPy: the modem runs PPP under ``network.LTE``, sockets are the board's own.

Method names: pycom/pycom-documentation, firmwareapi/pycom/network/lte (attach, isattached,
connect, isconnected, deinit). Firmware for Verizon's legacy network wants ``cid=3``.
"""

from ip_commands.device.os_udp_socket import OsNetwork
from ip_commands.device.portable import const, sleep_ms

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from typing import Any

POLL_MS = 500


def modem(cid: int = 1) -> OsNetwork:
    """Return the board's network for ``IpCommandClient``; nothing is switched on yet.

    cid: the context that carries data. eDRX and PSM are set with ``network.LTE`` itself.
    """
    held: "dict[str, Any]" = {}

    async def bring_up(apn: str, timeout_ms: int) -> None:
        from network import LTE

        if "lte" not in held:
            held["lte"] = LTE()
        lte = held["lte"]
        if not lte.isattached():
            lte.attach(apn=apn)
        while not lte.isattached():
            await sleep_ms(POLL_MS)
        if not lte.isconnected():
            lte.connect(cid=cid)
        while await is_up():
            await sleep_ms(POLL_MS)

    async def take_down() -> None:
        lte = held.pop("lte", None)
        if lte is not None:
            lte.deinit()

    async def is_up() -> str:
        lte = held.get("lte")
        return "" if lte is not None and lte.isconnected() else "LTE is not connected"

    return OsNetwork(bring_up, take_down, is_up=is_up)
