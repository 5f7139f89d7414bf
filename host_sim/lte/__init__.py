"""An LTE network in plain Python: paging, eDRX, PSM, HLCOM; exact where the standards are exact.

Only the standard library, no asyncio, no HTTP; time is an ``EventQueue`` whose millisecond is the
1 ms sub-frame. ``Network`` joins the parts; ``Ue`` is what a modem uses; ``VisitedNetwork`` is one
of several that a device can be among. May import
``time.event_queue``.
"""

from ip_commands.host_sim.lte.datagram import Datagram, TrailEntry
from ip_commands.host_sim.lte.network import Network, NotAttached
from ip_commands.host_sim.lte.profiles import PROFILES, Profile
from ip_commands.host_sim.lte.ue import Ue
from ip_commands.host_sim.lte.visited_network import VISITED_NETWORKS, VisitedNetwork

__all__ = [
    "PROFILES",
    "VISITED_NETWORKS",
    "Datagram",
    "Network",
    "NotAttached",
    "Profile",
    "TrailEntry",
    "Ue",
    "VisitedNetwork",
]
