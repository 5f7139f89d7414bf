"""Pictures of a run: states, paging windows and commands over time (extra ``plot``).

Imports what it draws: ``lte`` and the records of ``world``.
"""
