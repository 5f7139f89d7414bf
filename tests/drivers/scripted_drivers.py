"""Drivers for scripts: a BG95, a SIM7080G, and either as if it was started."""

from ip_commands.modem_drivers.quectel import QuectelModem
from ip_commands.modem_drivers.simcom_ca import SimcomCaModem


def bg95(stream, **options):
    return QuectelModem(stream, "BG95", **options)


def sim7080(stream, **options):
    return SimcomCaModem(stream, "SIM7080G", **options)


def started(make):
    """Return a maker of drivers that skip start: the script begins behind it."""

    def make_started(stream):
        modem = make(stream)
        modem.at.start()
        modem._ready = True
        return modem

    return make_started
