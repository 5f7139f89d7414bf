"""SIMCom's three dialects.

CA (SIM7070/7080/7090, ``ca.SimcomCa``), CIP (SIM7000, SIM800, ``cip.SimcomCip``), CIPOPEN
(SIM7600, A76xx, ``cipopen.SimcomCipopen``). May import ``engine`` and ``generic``.
"""
