"""The faults themselves, by what they touch (``KINDS``); importing this fills the catalogue.

May import ``faults``, the room above, with the base classes, and ``fake_modems``.
"""

from ip_commands.host_sim.faults.kinds import (
    answers,
    headers,
    left_behind,
    network,
    power,
    sim,
    single_bytes,
    sockets,
    uart,
    urcs,
)

KINDS = (answers, urcs, single_bytes, headers, uart, left_behind, power, network, sim, sockets)
"""The modules that enter faults, in the order of the catalogue."""
