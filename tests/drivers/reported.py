"""Drivers for reported situations: as if started, or as if a socket was open, against a script."""

from ip_commands.modem_drivers import models
from tests.portable.at_script import play


def started(model, **options):
    """Return a maker of drivers that skip ``start``: the script begins behind it."""

    def make(stream):
        modem = models.create(model, stream, **options)
        modem.at.start()
        modem._ready = True
        return modem

    return make


async def tell(model, script, use, **options):
    """Return ``use(driver)`` of such a driver; the script must be played to its end."""

    async def used(modem):
        result = await use(modem)
        assert modem.at.handler_errors == 0
        return result

    return await play(script, started(model, **options), used)


def asked(text, *lines):
    """Return the script of a command whose answer has these lines, and OK."""
    return f"> AT{text}\n" + "".join(f"< {line}\n" for line in lines) + "< OK\n"
