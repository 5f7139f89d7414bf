"""The answers that 3GPP defines (TS 27.007, 27.005, V.250) and every family shares.

Imports ``engine``; vendors build on it.
"""
