"""A driver that is started against a script, whose end leaves nothing misread."""

import asyncio

from ip_commands.modem_drivers import models
from tests.portable.at_script import play


async def converse(script, use, model, cut_bytes=0, values=(), **options):
    """Return ``use(driver)`` of a started driver; the script must be played to its end."""

    async def started(modem):
        await modem.start()
        result = await use(modem)
        assert modem.at.handler_errors == 0
        assert modem.at.parser.bad_lengths == modem.at.parser.dropped_lines == 0
        return result

    def make(stream):
        return models.create(model, stream, **options)

    async with asyncio.timeout(600):
        return await play(script, make, started, cut_bytes, values)


async def nothing(modem):
    """Do nothing with a started driver."""
