"""Simulated time: the event queue, the loops with a clock of their own, and what joins them.

The ground floor: imports nothing of ours. ``EventQueue`` knows no asyncio; ``VirtualTimeLoop``
(its clock jumps) and ``ScaledTimeLoop`` (it runs at a speed) stand on ``OrderedTimersLoop``;
``LoopQueue`` is an EventQueue that follows a loop's clock. ``EndlessWaitGuard`` ends a run that
waits for ever and tells who waits where; ``UnreadErrors`` tells what died in the background.
"""
