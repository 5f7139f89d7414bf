"""The faults themselves, by what they touch; importing this fills the catalogue.

Imports the base classes of the room above, ``fake_modems`` and nothing else.
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
