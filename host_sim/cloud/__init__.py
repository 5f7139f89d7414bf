"""The stand-in for the cloud API: the truth (``store`` and its tables) in plain Python, then HTTP.

``store.CloudStore`` and what it is made of know time only as an ``EventQueue``: no asyncio, no
HTTP. ``http_api``, ``http_resources`` and ``webhooks`` are the coat around them (aiohttp). May
import ``time``.
"""
