"""AT drivers, one per modem family, on a parser and a channel that they share.

Public: ``models.create`` finds a driver by its model's name, ``detect.detect`` asks an unknown
modem, ``modem.AtModem`` is every driver's base; a board takes the files of its family alone. May
import ``device.errors``, ``device.ip_command``, ``device.portable``, ``device.power_saving`` and,
for types, ``device.interfaces``; no family imports another. Imports are relative here: each full
name takes 25 bytes more of flash.
"""

if __name__ != "ip_commands.modem_drivers":
    raise ImportError("`import ip_commands.modem_drivers`: else it would be a second copy")
