"""Nordic nRF91 with Serial LTE Modem (``slm``) or Serial Modem (``sm``).

Imports ``engine`` and ``generic``.
"""
