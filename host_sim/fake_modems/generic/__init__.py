"""The answers that 3GPP defines (TS 27.007, 27.005, V.250) and every family shares.

``commands.Generic3gpp``; vendors build on it. May import ``engine``.
"""
