"""Simulated time: the event queue, the asyncio loop whose clock jumps, and what joins the two.

The ground floor: imports nothing of ours. ``EventQueue`` knows no asyncio; ``VirtualTimeLoop`` and
``ScaledTimeLoop`` are event loops; ``LoopQueue`` is an EventQueue that follows a loop's clock.
"""
