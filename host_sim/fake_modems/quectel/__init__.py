"""Quectel: BG95, BG96, BG77, BG770A (``bg``), EC2x, EG9x (``ec``).

Imports ``engine`` and ``generic``.
"""
