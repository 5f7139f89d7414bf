"""What programs outside reach: controls under ``/_sim``, and the journal of events.

``controls.control_routes`` is handed to ``SuperSim`` by whoever starts it, it does not know this
room; ``journal.Journal`` reports each ``journal.SimEvent``. May import ``world`` and what is below
it: ``cloud``, ``faults``, ``lte`` and ``time``.
"""
