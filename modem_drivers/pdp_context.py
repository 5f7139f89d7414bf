"""Activate the data connection the standard way: 3GPP TS 27.007 section 10.1.10 (+CGACT).

For families whose sockets use the context that LTE has activated with its attach.
"""

from device.errors import CommandError, ModemTimeout, NotAttached
from modem_drivers.at_answers import fields_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from modem_drivers.modem_core import ModemCore


async def activate(modem: "ModemCore", timeout_ms: int) -> None:
    """Activate ``modem.CONTEXT`` unless it is active. Raises NotAttached, ModemError."""
    if await _is_active(modem):
        return
    try:
        await modem.at.command("+CGACT=1,%d" % modem.CONTEXT, timeout_ms=timeout_ms)
    except (CommandError, ModemTimeout) as error:
        if not await _is_active(modem):
            raise NotAttached("no data connection: %s" % error)


async def _is_active(modem: "ModemCore") -> bool:
    for line in await modem.at.command("+CGACT?", b"+CGACT:"):
        if fields_of(line)[:2] == [str(modem.CONTEXT), "1"]:
            return True
    return False
