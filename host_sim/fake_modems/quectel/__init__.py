"""Quectel: BG95, BG96, BG77, BG770A (``bg.QuectelBg``), EC2x, EG9x (``ec.QuectelEc``).

May import ``engine`` and ``generic``.
"""
