"""What programs outside reach: controls under ``/_sim``, and the journal of events.

Imports ``world`` and below; ``SuperSim`` is handed ``controls.control_routes`` by whoever starts
it, it does not know this room.
"""
