"""The world: ``SuperSim`` joins cloud, LTE network, fake modems and device code.

``super_sim.SuperSim``, its ``simulated_device.SimulatedDevice``, its ``command.Command`` with
their explanations, the cloud's side with HTTP, and what reaches out of the simulation. May import
``time``, ``lte``, ``cloud``, ``uart``, ``fake_modems``, ``faults`` and ``extras``, and of the
other half ``device`` and ``modem_drivers``.
"""

from ip_commands.host_sim.extras import require

require("aiohttp")  # before a file of this room stops with "No module named 'aiohttp'"
