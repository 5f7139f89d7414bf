"""Pictures of a run: states, paging windows and commands over time (extra ``plot``).

``timeline.draw_timeline`` draws a network's history, ``timeline.save_timeline`` writes it. May
import ``lte``, which it draws, and ``extras``.
"""
