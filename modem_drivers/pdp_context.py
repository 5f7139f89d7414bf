"""Activate the data connection: as 3GPP TS 27.007 section 10.1.10 says (+CGACT) or a vendor."""

from ip_commands.device.errors import CommandError, ModemTimeout, NotAttached
from ip_commands.device.portable import const
from ip_commands.modem_drivers.at_answers import fields_of

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from ip_commands.modem_drivers.modem_core import ModemCore


async def activate(
    modem: "ModemCore", timeout_ms: int, text: str = "+CGACT=1,%d", query: str = "+CGACT"
) -> None:
    """Activate ``modem.CONTEXT`` unless it is active. Raises NotAttached, ModemError.

    text, query: what activates and what tells, without ``?``, where a vendor has its own.
    """
    if await is_active(modem, query, modem.CONTEXT):
        return
    try:
        await modem.at.command(text % modem.CONTEXT, timeout_ms=timeout_ms)
    except (CommandError, ModemTimeout) as error:
        if not await is_active(modem, query, modem.CONTEXT):
            raise NotAttached("no data connection: %s" % error)


async def is_active(modem: "ModemCore", query: str, number: int) -> bool:
    """Tell whether the answer to ``query?`` has a line ``query: <number>,1``."""
    try:
        for line in await modem.at.command(query + "?", query.encode() + b":"):
            if fields_of(line)[:2] == [str(number), "1"]:
                return True
    except CommandError:
        pass  # then activating it tells
    return False
