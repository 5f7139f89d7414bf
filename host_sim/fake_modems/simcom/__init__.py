"""SIMCom's dialects: CA (SIM7070/7080/7090), CIP (SIM7000, SIM800), CIPOPEN (SIM7600, A76xx).

Imports ``engine`` and ``generic``.
"""
