"""Nordic nRF91 with Serial LTE Modem (``slm_proxy.NordicSlm``) or Serial Modem (``sm.NordicSm``).

May import ``engine`` and ``generic``.
"""
